// Package youtube publishes videos to a channel on YouTube, with resumable uploads.
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
	"time"
	"unicode/utf8"

	"vitrine/dam"
	"vitrine/dam/reasons"
	"vitrine/publishers"
)

// Name is the name of the kind.
const Name = "youtube"

const schema = `{
 "$schema": "https://json-schema.org/draft/2020-12/schema",
 "type": "object", "additionalProperties": false, "required": ["client_id", "client_secret"],
 "properties": {
  "client_id": {"type": "string", "title": "Client id", "description": "Of an OAuth client of your own at console.cloud.google.com, with the YouTube Data API v3 enabled", "minLength": 1},
  "client_secret": {"type": "string", "title": "Client secret", "writeOnly": true},
  "privacy": {"type": "string", "title": "Who sees the videos", "description": "Google keeps videos of projects that it has not audited private, whatever is said here", "enum": ["public", "unlisted", "private"]},
  "category": {"type": "string", "title": "Category", "description": "A number; 22, People & Blogs, when empty"},
  "access_token": {"type": "string", "title": "Access token", "description": "Leave it empty and connect the account in the browser, or enter a token of the client", "writeOnly": true},
  "refresh_token": {"type": "string", "title": "Refresh token", "writeOnly": true}
 }
}`

// options is the schema of the options of a single publication.
const options = `{
 "type": "object", "additionalProperties": false,
 "properties": {
  "title": {"type": "string", "title": "Title, the asset's when empty"},
  "privacy": {"type": "string", "title": "Who sees the video", "enum": ["public", "unlisted", "private"]},
  "made_for_kids": {"type": "boolean", "title": "Made for kids"}
 }
}`

const (
	titleMax       = 100  // runes
	descriptionMax = 5000 // bytes
	tagsMax        = 500  // runes, all tags with their separators
	mediaMax       = 64 << 30
	secondsMax     = 12 * 60 * 60
	classify       = time.Minute
	// block divides the size of every part of an upload except the last.
	block = 256 << 10
	part  = 32 * block
)

// Hosts are Google's base URLs: API for requests, Token for the tokens, Login for the browser.
type Hosts struct{ API, Token, Login string }

// Live returns the base URLs of Google itself.
func Live() Hosts {
	return Hosts{API: "https://www.googleapis.com", Token: "https://oauth2.googleapis.com",
		Login: "https://accounts.google.com"}
}

// Kind returns the kind of channel. client makes the requests.
//
// The last bytes of an upload make the video: until then there is only an upload session, which nobody sees. Prepare
// opens the session and sends all parts but the last, which Commit sends. A session makes one video, so a repeated call
// can't make a second one. The session also says whether it has made the video, which is how a lost answer is looked
// up.
func Kind(h Hosts, client *http.Client) publishers.Kind {
	return publishers.Kind{Name: Name, Title: "YouTube", Schema: json.RawMessage(schema),
		Publisher: &publisher{h, client},
		OAuth: &publishers.OAuth{Scopes: []string{"https://www.googleapis.com/auth/youtube.upload",
			"https://www.googleapis.com/auth/youtube"}, Client: client,
			// Without these parameters Google returns a refresh token the first time only.
			Params: map[string]string{"access_type": "offline", "prompt": "consent"},
			Endpoint: func(json.RawMessage) (string, string, error) {
				return h.Login + "/o/oauth2/v2/auth", h.Token + "/token", nil
			}}}
}

type publisher struct {
	hosts  Hosts
	client *http.Client
}

type config struct {
	Privacy  string `json:"privacy"`
	Category string `json:"category"`
}

func settings(a publishers.Account) (c config, err error) {
	if json.Unmarshal(a.Config, &c) != nil {
		return c, publishers.Permanent("config", reasons.SettingsUnreadable())
	}
	c.Privacy, c.Category = cmp.Or(c.Privacy, "public"), cmp.Or(c.Category, "22")
	return c, nil
}

// answer is a complete answer: the body of head has been read and closed.
type answer struct {
	head *http.Response
	body []byte
}

// send makes one request.
func (p *publisher) send(ctx context.Context, a publishers.Account, c publishers.Call) (answer, error) {
	var got answer
	c.Token, c.Out = a.Secrets[publishers.AccessToken], &got.body
	c.Refused = func(_ *http.Response, body []byte, _ bool) error {
		got.body = body // what a status means depends on the call
		return nil
	}
	res, err := c.Do(ctx, p.client)
	got.head = res.Response
	return got, err
}

// call is send for a request without a body. The answer is decoded into out, unless out is nil.
func (p *publisher) call(ctx context.Context, a publishers.Account, method, path string, query url.Values,
	out any) error {
	res, err := p.send(ctx, a, publishers.Call{Method: method, URL: p.hosts.API + path + "?" + query.Encode()})
	if err != nil {
		return err
	}
	if res.head.StatusCode >= 300 {
		return refused(res, false)
	}
	if out == nil {
		return nil
	}
	return json.Unmarshal(res.body, out)
}

// errGone means that YouTube does not have it.
var errGone = errors.New("it is not there")

// refused classifies an answer first by Google's error name.
func refused(got answer, commit bool) error {
	res := got.head
	var v struct {
		Error struct {
			Message string
			Errors  []struct{ Reason string }
		}
	}
	reason := ""
	if json.Unmarshal(got.body, &v) == nil && len(v.Error.Errors) > 0 {
		reason = v.Error.Errors[0].Reason
	}
	cause := fmt.Errorf("%s: %s: %s", res.Status, reason, v.Error.Message)
	permanent := func(field string, why reasons.Reason) error {
		e := publishers.Permanent(field, why)
		e.Err = cause
		return e
	}
	switch reason {
	case "authError", "required":
		return publishers.AuthExpired(cause)
	case "youtubeSignupRequired":
		return publishers.Disconnected(reasons.NoYoutubeChannel(), cause)
	case "authenticatedUserAccountSuspended", "authenticatedUserAccountClosed", "accountDelegationForbidden",
		"channelSuspended", "channelClosed", "insufficientPermissions", "accessNotConfigured":
		return publishers.Disconnected(reasons.YoutubeRefusesAccount(v.Error.Message), cause)
	case "quotaExceeded", "dailyLimitExceeded": // of the project, until midnight Pacific time
		return publishers.Throttled(midnight(time.Now()), cause)
	case "uploadLimitExceeded", "uploadRateLimitExceeded": // of the channel, in 24 hours
		return publishers.Throttled(time.Now().Add(24*time.Hour), cause)
	case "rateLimitExceeded", "userRateLimitExceeded":
		return publishers.Throttled(publishers.RetryAfter(res.Header, time.Now()), cause)
	case "invalidTitle":
		return permanent("title", reasons.YoutubeRefusesTitle())
	case "invalidDescription":
		return permanent("caption", reasons.YoutubeRefusesDescription())
	case "invalidTags":
		return permanent("tags", reasons.YoutubeRefusesTags())
	case "invalidCategoryId":
		return permanent("config.category", reasons.YoutubeCategoryUnknown())
	case "videoNotFound":
		return errGone
	}
	if reason != "" && res.StatusCode < 500 && res.StatusCode != http.StatusUnauthorized &&
		res.StatusCode != http.StatusTooManyRequests {
		return permanent("", reasons.YoutubeRefuses(v.Error.Message))
	}
	e := publishers.Answered(res, commit)
	e.Err = cause
	return e
}

// midnight returns the next midnight in Pacific time, when Google's quotas are reset. Without zone data it returns the
// latest possible instant.
func midnight(now time.Time) time.Time {
	zone, err := time.LoadLocation("America/Los_Angeles")
	if err != nil {
		zone = time.FixedZone("PST", -8*60*60)
	}
	y, m, d := now.In(zone).Date()
	return time.Date(y, m, d+1, 0, 0, 0, 0, zone)
}

// Describe implements publishers.Publisher.
func (p *publisher) Describe(context.Context, publishers.Account) (publishers.Capabilities, error) {
	return publishers.Capabilities{Media: publishers.MediaRules{Single: true, Formats: []dam.Format{dam.MP4},
		MaxBytes: mediaMax, MaxSeconds: secondsMax},
		CaptionUnit: "bytes", CaptionMax: descriptionMax, Idempotency: publishers.ByHandle, VisibleAfter: classify,
		Recall: true, Parallel: 2, Options: json.RawMessage(options),
		Limits: map[string]string{"caption": "5000 bytes, without < and >", "media": "one video (MP4)",
			"title": "the asset's, or the publication's own, cut at 100 characters"}}, nil
}

// Verify implements publishers.Publisher.
func (p *publisher) Verify(ctx context.Context, a publishers.Account) (dam.ChannelIdentity, error) {
	var out struct {
		Items []struct {
			ID      string
			Snippet struct{ Title string }
		}
	}
	if err := p.call(ctx, a, http.MethodGet, "/youtube/v3/channels", url.Values{"part": {"snippet"}, "mine": {"true"}},
		&out); err != nil {
		return dam.ChannelIdentity{}, err
	}
	if len(out.Items) == 0 {
		return dam.ChannelIdentity{}, publishers.Disconnected(reasons.NoYoutubeChannel(), nil)
	}
	return dam.ChannelIdentity{ID: out.Items[0].ID, Name: out.Items[0].Snippet.Title,
		URL: "https://www.youtube.com/channel/" + out.Items[0].ID}, nil
}

// Refresh implements publishers.Publisher. The refresh token grant renews the tokens.
func (p *publisher) Refresh(context.Context, publishers.Account) (map[string]string, error) {
	return nil, publishers.Disconnected(reasons.YoutubeAccessExpired(), nil)
}

// Validate implements publishers.Publisher.
func (p *publisher) Validate(_ context.Context, in publishers.Intent) (out []dam.Problem) {
	no := func(field string, why reasons.Reason) {
		out = append(out, *dam.NewProblem(string(publishers.ClassPermanent), field, why))
	}
	if n := len(in.Content.Text); n > descriptionMax {
		no("caption", reasons.CaptionTooManyBytes(n, descriptionMax))
	}
	if strings.ContainsAny(in.Content.Text, "<>") {
		no("caption", reasons.YoutubeAngleInDescription())
	}
	if title := said(in).Title; utf8.RuneCountInString(title) > titleMax {
		no("options.title", reasons.TitleTooLong(utf8.RuneCountInString(title), titleMax))
	} else if strings.ContainsAny(title, "<>") {
		no("options.title", reasons.YoutubeAngleInTitle())
	}
	return out
}

type choices struct {
	Title       string `json:"title"`
	Privacy     string `json:"privacy"`
	MadeForKids bool   `json:"made_for_kids"`
}

func said(in publishers.Intent) (c choices) {
	_ = json.Unmarshal(in.Content.Options, &c) // validated when they were entered; there may be none
	return c
}

// upload is the state after Prepare: the session, and what it is for.
type upload struct {
	Session string `json:"session"`
	Digest  string `json:"digest"`
	Size    int64  `json:"size"`
}

// last returns where the last part begins, which makes the video: at the start of the last, possibly partial, block.
func (u upload) last() int64 { return (u.Size - 1) / block * block }

// resource returns the video's metadata for YouTube.
func resource(in publishers.Intent, c config) map[string]any {
	chosen := said(in)
	clean := strings.NewReplacer("<", "‹", ">", "›")
	title := []rune(cmp.Or(chosen.Title, clean.Replace(in.Content.Title.Get(in.Locale, in.Locale)), "Video"))
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
	snippet := map[string]any{"title": string(title[:min(len(title), titleMax)]), "description": in.Content.Text,
		"categoryId": c.Category}
	if len(tags) > 0 {
		snippet["tags"] = tags
	}
	return map[string]any{"snippet": snippet,
		"status": map[string]any{"privacyStatus": cmp.Or(chosen.Privacy, c.Privacy),
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
		return receipt(at.video), nil
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
	return receipt(at.video), nil
}

func receipt(id string) publishers.Receipt {
	return publishers.Receipt{Remote: id, URL: "https://www.youtube.com/watch?v=" + url.QueryEscape(id)}
}

// Lookup queries the session without sending anything.
func (p *publisher) Lookup(ctx context.Context, in publishers.Intent, state publishers.State) (publishers.Outcome,
	error) {
	var u upload
	if err := json.Unmarshal(state, &u); err != nil || u.Session == "" {
		return publishers.Outcome{Verdict: publishers.Absent}, nil // nothing was ever prepared
	}
	at, err := p.put(ctx, in.Account, u, chunk{})
	switch {
	case err != nil:
		return publishers.Outcome{}, err
	case at.video != "":
		return publishers.Outcome{Verdict: publishers.Delivered, Receipt: receipt(at.video)}, nil
	case at.bytes == u.Size:
		return publishers.Outcome{Verdict: publishers.Undecided,
			Note: reasons.YoutubeVideoInMaking()}, nil
	case at.lost: // and with it, the id of what it made
		return publishers.Outcome{Verdict: publishers.Undecided,
			Note: reasons.YoutubeUploadUnknown()}, nil
	}
	return publishers.Outcome{Verdict: publishers.Absent}, nil
}

// Status implements publishers.Publisher.
func (p *publisher) Status(ctx context.Context, in publishers.Intent, r dam.Receipt) (publishers.Outcome, error) {
	var out struct{ Items []video }
	if err := p.call(ctx, in.Account, http.MethodGet, "/youtube/v3/videos",
		url.Values{"part": {"status"}, "id": {r.Remote}}, &out); err != nil {
		return publishers.Outcome{}, err
	}
	if len(out.Items) == 0 {
		return publishers.Outcome{Verdict: publishers.Absent}, nil
	}
	if s := out.Items[0].Status; s.Upload == "failed" || s.Upload == "rejected" || s.Upload == "deleted" {
		return publishers.Outcome{Verdict: publishers.Absent,
			Note: reasons.Said("YouTube: "+s.Upload+" "+cmp.Or(s.Failure, s.Rejection), "")}, nil
	}
	return publishers.Outcome{Verdict: publishers.Delivered, Receipt: receipt(r.Remote)}, nil
}

// Recall implements publishers.Publisher.
func (p *publisher) Recall(ctx context.Context, in publishers.Intent, r *dam.Receipt) (reasons.Reason, error) {
	if r == nil {
		return reasons.NothingWasPosted(), nil
	}
	err := p.call(ctx, in.Account, http.MethodDelete, "/youtube/v3/videos", url.Values{"id": {r.Remote}}, nil)
	switch {
	case errors.Is(err, errGone):
		return reasons.Said("videos.delete "+r.Remote+": videoNotFound", ""), nil
	case err != nil:
		return reasons.Reason{}, err
	}
	return reasons.Said("videos.delete "+r.Remote+": 204 No Content", ""), nil
}
