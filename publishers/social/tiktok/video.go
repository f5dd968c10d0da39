package tiktok

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"vitrine/dam/reasons"
	"vitrine/publishers"
)

// A video is uploaded in parts to a URL that one call opens for one post, and TikTok makes the post when it has the
// last part. So Prepare opens the upload and sends all parts but the last, and Commit sends the last part, which is
// short, since the parts are as small as TikTok allows. It can't post twice:
//
//   - One publish_id is one post. Its upload accepts each byte once, so a repeated last part, however late, is
//     refused (416, or 404 once TikTok has finished).
//   - Whatever the answer to the last part, Commit and then Lookup ask TikTok about the publish_id: it says how many
//     bytes it has, and what became of them.
//   - Once a last part may have been sent, no other upload is opened: the same upload is continued or, if it has
//     expired, a person is asked.

const (
	// part is the smallest part that TikTok accepts. The last part has the rest as well.
	part = 5 << 20
	// openFor is how long an upload is continued; TikTok closes it after an hour.
	openFor = 55 * time.Minute
)

// parts returns how a file is divided: all parts have the same size, except the last, which is larger.
func parts(size int64) (each, count int64) {
	if count = size / part; count < 2 {
		return size, 1
	}
	return part, count
}

// lastPart returns where the last part begins.
func lastPart(size int64) int64 {
	each, count := parts(size)
	return each * (count - 1)
}

// upload is the state after Prepare: a post that waits for its last part.
type upload struct {
	ID   string    `json:"publish_id"`
	URL  string    `json:"upload_url"`
	Of   string    `json:"of"` // digest of the file and of the post's text and settings
	User string    `json:"user"`
	Made time.Time `json:"made"`
}

// receipt returns the receipt of a post that was made. Its URL is known once everyone may see it.
func (u upload) receipt(in publishers.Intent, s progress) publishers.Receipt {
	r := publishers.Receipt{Remote: u.ID, PostStatus: postStatus(in)}
	if len(s.Posts) > 0 {
		r.URL = page(u.User) + "/video/" + s.Posts[0].String()
	}
	return r
}

func (p *publisher) prepareFilm(ctx context.Context, in publishers.Intent, state publishers.State) (publishers.State,
	error) {
	info, err := about(in)
	if err != nil {
		return state, err
	}
	words, err := json.Marshal(info)
	if err != nil {
		return state, err
	}
	m := in.Content.Media[0]
	sum := sha256.Sum256(append(words, m.SHA256...))
	of := hex.EncodeToString(sum[:])
	var u upload
	if state != nil && json.Unmarshal(state, &u) != nil {
		u = upload{}
	}
	sent := !in.CommittedAt.IsZero() // the last part may have been sent
	if u.ID != "" && (sent || u.Of == of) {
		s, err := p.progress(ctx, in.Account, u.ID)
		old := time.Since(u.Made) > openFor
		switch {
		case err != nil && (sent || publishers.ClassOf(err, publishers.ClassRetry) != publishers.ClassPermanent):
			return state, err
		case err != nil: // TikTok no longer knows it
		case s.Status == failed && sent:
			return publishers.State(`{}`), s.refused()
		case s.Status == failed:
		case s.Status != uploading || s.Uploaded >= m.Size:
			return state, nil // Commit finds out
		case sent && (old || u.Of != of):
			return state, publishers.Permanent("", reasons.TiktokUploadClosed())
		case sent || !old:
			return p.upload(ctx, in, u, state, s.Uploaded)
		}
	}
	me, err := p.creatorFor(ctx, in)
	if err != nil {
		return state, err
	}
	me.apply(info)
	if m.Duration > me.Seconds+0.05 {
		return state, publishers.Permanent("presets",
			reasons.VideoLongerThanAccount(m.Preset, fmt.Sprintf("%.1f", m.Duration),
				me.Seconds).With(reasons.RemedyChooseShorterPreset()))
	}
	each, count := parts(m.Size)
	var made struct {
		ID  string `json:"publish_id"`
		URL string `json:"upload_url"`
	}
	if err := p.call(ctx, in.Account, "/v2/post/publish/video/init/", map[string]any{"post_info": info,
		"source_info": map[string]any{"source": "FILE_UPLOAD", "video_size": m.Size, "chunk_size": each,
			"total_chunk_count": count},
	}, false, &made); err != nil {
		return state, err
	}
	if made.ID == "" || made.URL == "" {
		return state, errors.New("the upload was given no id or no address")
	}
	u = upload{ID: made.ID, URL: made.URL, Of: of, User: me.User, Made: time.Now()}
	if state, err = json.Marshal(u); err != nil {
		return state, err
	}
	if count > 1 {
		if err := in.Keep(ctx, state); err != nil {
			return state, err
		}
	}
	return p.upload(ctx, in, u, state, 0)
}

// upload sends the missing parts except the last one. An upload that TikTok has closed is dropped, unless its last part
// may have been sent.
func (p *publisher) upload(ctx context.Context, in publishers.Intent, u upload, state publishers.State,
	from int64) (publishers.State, error) {
	end := lastPart(in.Content.Media[0].Size)
	for at := from - from%part; at < end; at += part {
		res, err := p.put(ctx, in, u, at, part)
		if err == nil && res.code != http.StatusPartialContent {
			err = fmt.Errorf("the part from byte %d on was answered %s", at, res.status)
			switch res.code {
			case http.StatusForbidden, http.StatusNotFound, http.StatusRequestedRangeNotSatisfiable:
				if in.CommittedAt.IsZero() {
					state = publishers.State(`{}`)
				}
			}
		}
		if err != nil {
			return state, publishers.Retry(0, err)
		}
	}
	return state, nil
}

// errUnread means that a part was not sent because its bytes could not be read.
var errUnread = errors.New("the file can't be read")

// answer is an answer without a body.
type answer struct {
	code   int
	status string
}

// put sends n bytes of the file, starting at at.
func (p *publisher) put(ctx context.Context, in publishers.Intent, u upload, at, n int64) (got answer, err error) {
	m := in.Content.Media[0]
	r, err := in.Open(ctx, m)
	if err != nil {
		return got, errors.Join(errUnread, err)
	}
	if s, ok := r.(io.Seeker); ok {
		_, err = s.Seek(at, io.SeekStart)
	} else {
		_, err = io.CopyN(io.Discard, r, at)
	}
	if err != nil {
		return got, errors.Join(errUnread, err, r.Close())
	}
	// The transport closes the file, and may still be reading it after the answer has arrived.
	req, err := http.NewRequestWithContext(ctx, http.MethodPut, u.URL, struct {
		io.Reader
		io.Closer
	}{io.LimitReader(r, n), r})
	if err != nil {
		return got, errors.Join(errUnread, r.Close())
	}
	req.ContentLength = n
	req.Header.Set("Content-Type", m.MediaType)
	req.Header.Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", at, at+n-1, m.Size))
	res, err := p.client.Do(req)
	var named *url.Error
	if errors.As(err, &named) {
		err = named.Err // without the URL, which is a credential
	}
	if err != nil {
		return got, err
	}
	_, err = io.Copy(io.Discard, io.LimitReader(res.Body, answerLimit))
	return answer{res.StatusCode, res.Status}, errors.Join(err, res.Body.Close())
}

// putLast sends the last part, and again if TikTok has a server error, as it requires.
func (p *publisher) putLast(ctx context.Context, in publishers.Intent, u upload) (res answer, err error) {
	size := in.Content.Media[0].Size
	at := lastPart(size)
	for try, pause := range [...]time.Duration{0, time.Second, 5 * time.Second} {
		select {
		case <-ctx.Done():
			return answer{}, ctx.Err()
		case <-time.After(pause):
		}
		res, err = p.put(ctx, in, u, at, size-at)
		if unread := errors.Is(err, errUnread); unread && try > 0 {
			return answer{}, errors.New("the file can't be read again")
		} else if unread || err == nil && res.code < 500 {
			break
		}
	}
	return res, err
}

func (p *publisher) commitFilm(ctx context.Context, in publishers.Intent, state publishers.State) (publishers.Receipt,
	error) {
	var u upload
	if err := json.Unmarshal(state, &u); err != nil || u.ID == "" {
		return publishers.Receipt{}, publishers.Retry(0, err)
	}
	res, sendErr := p.putLast(ctx, in, u)
	if errors.Is(sendErr, errUnread) {
		return publishers.Receipt{}, publishers.Retry(0, sendErr)
	}
	s, err := p.ended(ctx, in.Account, u.ID)
	switch {
	case err == nil && s.Status == failed:
		return publishers.Receipt{}, s.refused()
	case err == nil && s.Status == complete:
		return u.receipt(in, s), nil
	case sendErr == nil && res.code == http.StatusCreated:
		e := publishers.Unknown(err)
		e.Reason = reasons.TiktokMakingPost()
		return publishers.Receipt{}, e
	case sendErr == nil:
		sendErr = errors.New("the last part was answered " + res.status)
	}
	return publishers.Receipt{}, publishers.Unknown(sendErr)
}

func (p *publisher) lookUpFilm(ctx context.Context, in publishers.Intent, state publishers.State) (publishers.Outcome,
	error) {
	var u upload
	if err := json.Unmarshal(state, &u); err != nil || u.ID == "" {
		return publishers.Outcome{Verdict: publishers.Undecided, Note: reasons.UploadIdUnknown()}, nil
	}
	s, err := p.progress(ctx, in.Account, u.ID)
	switch {
	case err != nil:
		return publishers.Outcome{}, err
	case s.Status == complete:
		return publishers.Outcome{Verdict: publishers.Delivered, Receipt: u.receipt(in, s)}, nil
	case s.Status == failed: // Prepare returns why
		return publishers.Outcome{Verdict: publishers.Absent, Note: reasons.Said(s.Reason, "")}, nil
	case s.Status == uploading && s.Uploaded < in.Content.Media[0].Size:
		return publishers.Outcome{Verdict: publishers.Absent, Note: reasons.LastPartMissing()}, nil
	}
	return publishers.Outcome{Verdict: publishers.Undecided, Note: reasons.TiktokSays(s.Status)}, nil
}
