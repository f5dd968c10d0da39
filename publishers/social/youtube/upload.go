package youtube

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"

	"vitrine/dam"
	"vitrine/dam/reasons"
	"vitrine/publishers"
)

// upload is the state after Prepare: the session, and what it is for.
type upload struct {
	Session string `json:"session"`
	Digest  string `json:"digest"`
	Size    int64  `json:"size"`
}

// last returns where the last part begins, which makes the video: at the start of the last, possibly partial, block.
func (u upload) last() int64 { return (u.Size - 1) / block * block }

// privacy returns who sees a video, in YouTube's word: what was said for it, or for all videos of the channel.
func privacy(in publishers.Intent, c config) string { return cmp.Or(said(in).Privacy, c.Privacy) }

// resource returns the video's metadata for YouTube.
func resource(in publishers.Intent, c config) map[string]any {
	chosen := said(in)
	clean := strings.NewReplacer("<", "‹", ">", "›")
	title := cmp.Or(chosen.Title, clean.Replace(in.Content.Title.Get(in.Language, in.Locale)), "Video")
	var tags []string
	length := 0
	for _, t := range in.Content.Tags {
		t = strings.NewReplacer("<", "", ">", "", ",", " ").Replace(t)
		n := utf8.RuneCountInString(t) + 3 // a comma, and quotation marks if there is a space
		if length+n > tagsMax {
			break
		}
		length, tags = length+n, append(tags, t)
	}
	snippet := map[string]any{"title": dam.Cut(title, titleMax), "description": in.Content.Text,
		"categoryId": c.Category}
	if len(tags) > 0 {
		snippet["tags"] = tags
	}
	if l := languageCode(in.Language); l != "" {
		snippet["defaultLanguage"] = l
	}
	return map[string]any{"snippet": snippet,
		"status": map[string]any{"privacyStatus": privacy(in, c),
			"selfDeclaredMadeForKids": chosen.MadeForKids}}
}

// open opens an upload session.
func (p *publisher) open(ctx context.Context, in publishers.Intent) (u upload, err error) {
	c, err := settings(in.Account)
	if err != nil {
		return u, err
	}
	raw, err := json.Marshal(resource(in, c))
	if err != nil {
		return u, err
	}
	m := in.Content.Media[0]
	header := http.Header{"Content-Type": {"application/json; charset=UTF-8"},
		"X-Upload-Content-Length": {fmt.Sprint(m.Size)}, "X-Upload-Content-Type": {m.MediaType}}
	query := url.Values{"uploadType": {"resumable"}, "part": {"snippet,status"}}
	res, err := p.send(ctx, in.Account, publishers.Call{Method: http.MethodPost,
		URL: p.hosts.API + "/upload/youtube/v3/videos?" + query.Encode(), Header: header, Size: int64(len(raw)),
		Body: bytes.NewReader(raw)})
	if err != nil {
		return u, err
	}
	if res.head.StatusCode != http.StatusOK {
		return u, refused(res, false)
	}
	u = upload{Session: res.head.Header.Get("Location"), Digest: in.Digest, Size: m.Size}
	if u.Session == "" {
		return u, errors.New("YouTube's answer names no upload session")
	}
	return u, nil
}

// video is a video as YouTube returns it.
type video struct {
	ID     string
	Status struct {
		Upload    string `json:"uploadStatus"`
		Failure   string `json:"failureReason"`
		Rejection string `json:"rejectionReason"`
	}
}

// reached is the progress of an upload.
type reached struct {
	bytes int64  // that YouTube has
	video string // the id, once the video is made
	lost  bool   // YouTube no longer knows the session
}

// chunk is a part of the file; the last one commits. The zero chunk only queries the progress.
type chunk struct {
	from, to int64
	body     io.Reader
	commit   bool
}

// put sends a part of the file, or queries the progress if the chunk is zero.
func (p *publisher) put(ctx context.Context, a publishers.Account, u upload, x chunk) (r reached, err error) {
	header := http.Header{"Content-Range": {fmt.Sprintf("bytes */%d", u.Size)}}
	if x.to > x.from {
		header.Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", x.from, x.to-1, u.Size))
	}
	res, err := p.send(ctx, a, publishers.Call{Method: http.MethodPut, URL: u.Session, Header: header,
		Size: x.to - x.from, Body: x.body})
	if err != nil {
		return r, err
	}
	switch res.head.StatusCode {
	case http.StatusOK, http.StatusCreated:
		var v video
		if err := json.Unmarshal(res.body, &v); err != nil || v.ID == "" {
			return r, errors.Join(errors.New("YouTube's answer names no video"), err)
		}
		return reached{bytes: u.Size, video: v.ID}, nil
	case http.StatusPermanentRedirect: // YouTube calls this status Resume Incomplete
		var end int64
		if have := res.head.Header.Get("Range"); have != "" {
			if _, err := fmt.Sscanf(have, "bytes=0-%d", &end); err != nil {
				return r, fmt.Errorf("YouTube says it has %q: %w", have, err)
			}
			end++
		}
		return reached{bytes: end}, nil
	case http.StatusNotFound, http.StatusGone:
		return reached{lost: true}, nil
	}
	return r, refused(res, x.commit)
}

// Prepare sends all but the last part of the file, starting where an earlier attempt ended.
func (p *publisher) Prepare(ctx context.Context, in publishers.Intent, state publishers.State) (publishers.State,
	error) {
	if len(in.Content.Media) == 0 {
		return state, publishers.Permanent("presets", reasons.NoVideoToPublish())
	}
	var u upload
	at := reached{lost: true}
	if state != nil && json.Unmarshal(state, &u) == nil && u.Session != "" && u.Digest == in.Digest {
		var err error
		if at, err = p.put(ctx, in.Account, u, chunk{}); err != nil {
			return state, err
		}
	}
	if at.lost {
		var err error
		if u, err = p.open(ctx, in); err != nil {
			return nil, err
		}
		at = reached{}
	}
	kept, err := json.Marshal(u)
	if err != nil {
		return nil, err
	}
	if err := in.Keep(ctx, kept); err != nil {
		return kept, err
	}
	if at.bytes >= u.last() {
		return kept, nil
	}
	file, err := in.Open(ctx, in.Content.Media[0])
	if err != nil {
		return kept, err
	}
	defer func() { _ = file.Close() }() // it was read only
	if _, err := io.CopyN(io.Discard, file, at.bytes); err != nil {
		return kept, err
	}
	for at.bytes < u.last() {
		to := min(at.bytes+part, u.last())
		next, err := p.put(ctx, in.Account, u, chunk{from: at.bytes, to: to, body: io.LimitReader(file, to-at.bytes)})
		if err != nil {
			return kept, err
		}
		if next.bytes != to {
			// The next attempt queries the progress and continues from there.
			return kept, publishers.Retry(0, fmt.Errorf("YouTube has %d bytes, not %d", next.bytes, to))
		}
		at = next
	}
	return kept, nil
}

// Commit implements publishers.Publisher.
func (p *publisher) Commit(ctx context.Context, in publishers.Intent, state publishers.State) (publishers.Receipt,
	error) {
	var u upload
	if err := json.Unmarshal(state, &u); err != nil || u.Session == "" {
		return publishers.Receipt{}, publishers.Retry(0, errors.New("the upload is not known"))
	}
	// Querying the progress and reading the file change nothing, so an error here means that nothing was accepted.
	at, err := p.put(ctx, in.Account, u, chunk{})
	if err != nil {
		return publishers.Receipt{}, publishers.Unaccepted(err)
	}
	if at.video != "" {
		return receipt(in, at.video), nil
	}
	if at.bytes == u.Size {
		return publishers.Receipt{},
			publishers.Unknown(errors.New("YouTube has the whole file, and has not made the video yet"))
	}
	if at.lost || at.bytes < u.last() {
		return publishers.Receipt{}, publishers.Retry(0, fmt.Errorf("YouTube has %d bytes of the upload, not %d",
			at.bytes, u.last()))
	}
	file, err := in.Open(ctx, in.Content.Media[0])
	if err != nil {
		return publishers.Receipt{}, publishers.Retry(0, err)
	}
	defer func() { _ = file.Close() }()
	if _, err := io.CopyN(io.Discard, file, at.bytes); err != nil {
		return publishers.Receipt{}, publishers.Retry(0, err)
	}
	rest, err := io.ReadAll(io.LimitReader(file, block+1))
	if err != nil || int64(len(rest)) != u.Size-at.bytes { // YouTube may have a part of it
		return publishers.Receipt{},
			publishers.Retry(0, errors.Join(fmt.Errorf("the file ends %d bytes after %d", len(rest), at.bytes), err))
	}
	at, err = p.put(ctx, in.Account, u, chunk{from: at.bytes, to: u.Size, body: bytes.NewReader(rest), commit: true})
	switch {
	case err != nil:
		return publishers.Receipt{}, err
	case at.video == "":
		return publishers.Receipt{}, publishers.Unknown(errors.New("YouTube does not say whether the video is made"))
	}
	return receipt(in, at.video), nil
}

func receipt(in publishers.Intent, id string) publishers.Receipt {
	r := publishers.Receipt{Remote: id, URL: "https://www.youtube.com/watch?v=" + url.QueryEscape(id)}
	c, _ := settings(in.Account) // they were read for the upload
	switch privacy(in, c) {
	case "private":
		r.PostStatus = dam.PostPrivate
	case "unlisted":
		r.PostStatus = dam.PostLimited
	}
	return r
}
