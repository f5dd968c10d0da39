// Package mastodon publishes to Mastodon and to servers with the same API.
//
// A picture can be attached to one post only. So the uploaded picture, the first of several, identifies the post: a
// repeated call is refused, and the post is found by the picture. The Idempotency-Key is sent as well, but some servers
// ignore it.
//
// Since 4.3 Mastodon refuses a picture that it has forgotten and one that is attached already in the same words
// (github.com/mastodon/mastodon app/services/post_status_service.rb, 2026-11-30), and older ones posted without what
// they had forgotten. So a picture that is kept from an earlier attempt is asked for, and uploaded again unless a post
// of the account has it.
package mastodon

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"net/url"
	"slices"
	"strings"
	"time"

	"vitrine/dam"
	"vitrine/dam/reasons"
	"vitrine/publishers"
)

// Name is the name of the kind.
const Name = "mastodon"

const schema = `{
 "$schema": "https://json-schema.org/draft/2020-12/schema",
 "type": "object", "additionalProperties": false, "required": ["server"],
 "properties": {
  "server": {"type": "string", "x-destination": true, "title": "Server", "description": "https://mastodon.social", "minLength": 1,
   "x-fr": {"title": "Serveur", "description": "https://mastodon.social"}},
  "token": {"type": "string", "title": "Access token", "description": "Leave it empty and connect the account in the browser, or enter one from Preferences → Development with the scopes profile, read:statuses, write:media and write:statuses", "writeOnly": true,
   "x-fr": {"title": "Jeton d’accès", "description": "Laissez-le vide et connectez le compte dans le navigateur, ou saisissez-en un, créé dans Préférences → Développement avec les droits profile, read:statuses, write:media et write:statuses"}},
  "visibility": {"type": "string", "title": "Visibility", "enum": ["public", "unlisted", "private"],
   "x-values": {"public": "Public", "unlisted": "Unlisted", "private": "Followers only"},
   "x-fr": {"title": "Visibilité", "values": {"public": "Publique", "unlisted": "Non listée", "private": "Abonnés uniquement"}}}
 }
}`

const (
	// The limits of servers that don't state any.
	defaultCaption = 500
	defaultAlt     = 1500
	defaultMedia   = 8 << 20
	// defaultLink is what every link counts where the server doesn't say it.
	defaultLink = 23
	classify    = 10 * time.Second
	// mostPictures is how many pictures a post has (docs.joinmastodon.org/user/posting, read on 2026-11-30).
	mostPictures = 4
	// page is how many posts a server lists at once, and pages how many of them are read to find one.
	page, pages = 40, 10
)

// Kind returns the kind of channel. client makes the requests and decides which addresses are allowed.
func Kind(client *http.Client) publishers.Kind {
	p := &publisher{client}
	return publishers.Kind{Name: Name, Title: "Mastodon", Schema: json.RawMessage(schema), OAuth: p.oauth(),
		API: publishers.API{Version: "v1, media v2", Source: "https://docs.joinmastodon.org/methods/statuses/",
			Checked: publishers.Day(2026, time.November, 30)},
		Files:     dam.FileCount{Pictures: mostPictures},
		Publisher: p, Tested: "GoToSocial 0.17.3", Destination: func(raw json.RawMessage) string {
			var c config
			if json.Unmarshal(raw, &c) != nil {
				return ""
			}
			return c.Server
		}}
}

type publisher struct{ client *http.Client }

type config struct {
	Server     string `json:"server"`
	Visibility string `json:"visibility"`
}

// progress is the state after Prepare: the first picture, and the further ones.
type progress struct {
	picture
	More []picture `json:"more,omitempty"`
}

// picture is one that was uploaded.
type picture struct {
	Media  string `json:"media"`
	SHA256 string `json:"sha256"`
	Alt    string `json:"alt"`
}

// ids are those of all pictures.
func (s progress) ids() []string {
	list := []string{s.Media}
	for _, x := range s.More {
		list = append(list, x.Media)
	}
	return list
}

type status struct {
	ID          string    `json:"id"`
	URL         string    `json:"url"`
	CreatedAt   time.Time `json:"created_at"`
	ReplyTo     string    `json:"in_reply_to_id"`
	Attachments []struct {
		ID string `json:"id"`
	} `json:"media_attachments"`
}

func settings(a publishers.Account) (c config, err error) {
	if err := json.Unmarshal(a.Config, &c); err != nil {
		return c, publishers.Permanent("config", reasons.SettingsUnreadable())
	}
	u, err := url.Parse(c.Server)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil {
		return c, dam.InvalidInput("config.server", reasons.MastodonUrlForm())
	}
	return c, nil
}

// call makes one request, whose URL is a path, and returns the answer's status.
func (p *publisher) call(ctx context.Context, a publishers.Account, c publishers.Call) (int, error) {
	set, err := settings(a)
	if err != nil {
		return 0, err
	}
	c.Token, c.URL, c.Refused = credential(a), strings.TrimRight(set.Server, "/")+c.URL, refused
	res, err := c.Do(ctx, p.client)
	if res.Response == nil {
		return 0, err
	}
	return res.StatusCode, err
}

// errNotFound means that there is no such object.
var errNotFound = errors.New("not found")

func refused(res *http.Response, _ []byte, commit bool) error {
	cause := &publishers.Answer{Status: res.StatusCode} // its errors are sentences
	permanent := func(field string) error {
		e := publishers.Permanent(field, reasons.MastodonRefuses(cause.Error()))
		e.Err = cause
		return e
	}
	switch res.StatusCode {
	case http.StatusUnauthorized, http.StatusForbidden:
		return publishers.Disconnected(reasons.MastodonRefusesAccount(cause.Error()), cause)
	case http.StatusNotFound, http.StatusGone:
		return errNotFound
	case http.StatusUnprocessableEntity, http.StatusBadRequest:
		return permanent("")
	case http.StatusRequestEntityTooLarge:
		return permanent("media")
	}
	e := publishers.Answered(res, commit)
	e.Err = cause
	return e
}

// Describe implements publishers.Publisher. The server states its limits.
func (p *publisher) Describe(ctx context.Context, a publishers.Account) (publishers.Capabilities, error) {
	var v struct {
		Configuration struct {
			Statuses struct {
				Max  int `json:"max_characters"`
				Link int `json:"characters_reserved_per_url"`
			} `json:"statuses"`
			Media struct {
				Types []string `json:"supported_mime_types"`
				Size  int64    `json:"image_size_limit"`
				Alt   int      `json:"description_limit"`
			} `json:"media_attachments"`
		} `json:"configuration"`
	}
	if _, err := p.call(ctx, a, publishers.Call{Method: http.MethodGet, URL: "/api/v1/instance", Out: &v}); err != nil {
		return publishers.Capabilities{}, err
	}
	or := func(n, fallback int) int {
		if n > 0 {
			return n
		}
		return fallback
	}
	c := publishers.Capabilities{Media: publishers.MediaRules{Single: true,
		MaxBytes: int64(or(int(v.Configuration.Media.Size), defaultMedia))},
		CaptionUnit: "graphemes", CaptionMax: or(v.Configuration.Statuses.Max, defaultCaption),
		LinkLength:  or(v.Configuration.Statuses.Link, defaultLink),
		AltMax:      or(v.Configuration.Media.Alt, defaultAlt),
		Idempotency: publishers.ByHandle, VisibleAfter: classify, Recall: true, Parallel: 1}
	for _, f := range []dam.Format{dam.JPEG, dam.PNG, dam.WebP} {
		if t := v.Configuration.Media.Types; len(t) == 0 && f != dam.WebP || slices.Contains(t, f.MediaType()) {
			c.Media.Formats = append(c.Media.Formats, f)
		}
	}
	c.LimitReasons = map[string]reasons.Reason{"caption": reasons.LimitCharactersLinks(c.CaptionMax, c.LinkLength),
		"media": reasons.LimitPictureBytes(c.Media.MaxBytes), "alt": reasons.LimitCharacters(c.AltMax)}
	return c, nil
}

// Verify implements publishers.Publisher.
func (p *publisher) Verify(ctx context.Context, a publishers.Account) (dam.ChannelIdentity, error) {
	var me struct{ ID, Acct, URL string }
	_, err := p.call(ctx, a, publishers.Call{Method: http.MethodGet, URL: "/api/v1/accounts/verify_credentials",
		Out: &me})
	return dam.ChannelIdentity{ID: me.ID, Name: "@" + me.Acct, URL: me.URL}, err
}

// Refresh implements publishers.Publisher. Tokens don't expire, they are revoked.
func (p *publisher) Refresh(context.Context, publishers.Account) (map[string]string, error) {
	return nil, publishers.Disconnected(reasons.MastodonRefusesToken(), nil)
}

// Validate implements publishers.Publisher.
func (p *publisher) Validate(_ context.Context, in publishers.Intent) (out []dam.Problem) {
	no := func(field string, why reasons.Reason) {
		out = append(out, *dam.NewProblem(string(publishers.ClassPermanent), field, why))
	}
	if n := p.Count(in.Content.Text, in.Limits); in.Limits.CaptionMax > 0 && n > in.Limits.CaptionMax {
		no("caption", reasons.CaptionTooLong(n, in.Limits.CaptionMax))
	}
	for _, m := range in.Content.Media {
		if n := len([]rune(in.AltOf(m))); in.Limits.AltMax > 0 && n > in.Limits.AltMax {
			no("alt", reasons.AlternativeTextTooLong(n, in.Limits.AltMax))
		}
	}
	if n := p.Count(in.Content.FirstComment, in.Limits); in.Limits.CaptionMax > 0 && n > in.Limits.CaptionMax {
		no("first_comment", reasons.CaptionTooLong(n, in.Limits.CaptionMax))
	}
	return out
}

// Prepare implements publishers.Publisher. It uploads the pictures with their alternative texts, keeps each that is
// there, and returns Retry while the server processes one.
func (p *publisher) Prepare(ctx context.Context, in publishers.Intent, state publishers.State) (publishers.State,
	error) {
	var s progress
	if state != nil {
		if err := json.Unmarshal(state, &s); err != nil {
			s = progress{}
		}
	}
	if len(in.Content.Media) == 0 {
		return state, publishers.Permanent("presets", reasons.NoPictureToPost())
	}
	further := len(in.Content.Media) - 1
	s.More = append(s.More, make([]picture, further)...)[:further]
	for i, m := range in.Content.Media {
		one := &s.picture
		if i > 0 {
			one = &s.More[i-1]
		}
		before := *one
		attached, err := p.ready(ctx, in, m, one)
		kept, jsonErr := json.Marshal(s)
		if err = errors.Join(err, jsonErr); err != nil || attached { // attached: Commit's refusal leads to the post
			return kept, err
		}
		state = kept
		if i < further && *one != before && in.Keep != nil {
			if err := in.Keep(ctx, state); err != nil {
				return state, err
			}
		}
	}
	return state, nil
}

// ready uploads a picture unless it is there, and asks whether the server has read it. attached says that a post of the
// account has it.
func (p *publisher) ready(ctx context.Context, in publishers.Intent, m publishers.Media, s *picture) (attached bool,
	err error) {
	for fresh := false; ; {
		if alt := in.AltOf(m); s.Media == "" || s.SHA256 != m.SHA256 || s.Alt != alt {
			id, err := p.upload(ctx, in, m)
			if err != nil {
				return false, err
			}
			*s, fresh = picture{Media: id, SHA256: m.SHA256, Alt: alt}, true
		}
		code, err := p.media(ctx, in.Account, s.Media)
		switch {
		case errors.Is(err, errNotFound) && fresh:
			*s = picture{}
			return false, publishers.Retry(0, errors.New("a picture is forgotten as soon as it is there"))
		case errors.Is(err, errNotFound): // it is attached, or forgotten
			if !in.CommittedAt.IsZero() {
				if found, err := p.attachedTo(ctx, in, s.Media); err != nil || found.ID != "" {
					return err == nil, err
				}
			}
			*s = picture{}
			continue
		case err != nil:
			return false, err
		case code == http.StatusPartialContent:
			return false, stillReading()
		}
		return false, nil
	}
}

func stillReading() error {
	return publishers.Retry(2*time.Second, errors.New("the picture is still being read"))
}

// media asks for an uploaded picture: 206 means that it is still being read. errNotFound means that the server has
// forgotten it or that it is attached to a post; some servers (GoToSocial) have attached ones all the same.
func (p *publisher) media(ctx context.Context, a publishers.Account, id string) (int, error) {
	return p.call(ctx, a, publishers.Call{Method: http.MethodGet, URL: "/api/v1/media/" + url.PathEscape(id)})
}

func (p *publisher) upload(ctx context.Context, in publishers.Intent, m publishers.Media) (string, error) {
	r, err := in.Open(ctx, m)
	if err != nil {
		return "", err
	}
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	part, err := w.CreatePart(
		textproto.MIMEHeader{"Content-Disposition": {`form-data; name="file"; filename="picture.` + m.Format.Ext() +
			`"`}, "Content-Type": {m.MediaType}})
	if err == nil {
		_, err = io.Copy(part, r)
	}
	if err = errors.Join(err, r.Close(), w.WriteField("description", in.AltOf(m)), w.Close()); err != nil {
		return "", err
	}
	var answer struct{ ID string }
	_, err = p.call(ctx, in.Account, publishers.Call{Method: http.MethodPost, URL: "/api/v2/media",
		Header: http.Header{"Content-Type": {w.FormDataContentType()}}, Body: bytes.NewReader(body.Bytes()),
		Out: &answer})
	if err == nil && answer.ID == "" {
		err = errors.New("the upload was given no id")
	}
	return answer.ID, err
}

// Commit implements publishers.Publisher.
func (p *publisher) Commit(ctx context.Context, in publishers.Intent, state publishers.State) (publishers.Receipt,
	error) {
	var s progress
	if err := json.Unmarshal(state, &s); err != nil {
		return publishers.Receipt{}, publishers.Retry(0, err)
	}
	c, err := settings(in.Account)
	if err != nil {
		return publishers.Receipt{}, publishers.Retry(0, err)
	}
	made, err := p.post(ctx, in.Account, c, in.ID+"/"+s.Media, map[string]any{"status": in.Content.Text,
		"media_ids": s.ids(), "language": in.Language})
	for _, id := range s.ids() {
		if publishers.ClassOf(err, publishers.ClassUnknown) == publishers.ClassPermanent {
			err = p.whyRefused(ctx, in, id, err)
		}
	}
	if err != nil {
		return publishers.Receipt{}, err
	}
	if made.ID == "" {
		return publishers.Receipt{}, publishers.Unknown(errors.New("the post was given no id"))
	}
	return publishers.Receipt{Remote: made.ID, URL: made.URL}, nil
}

// whyRefused finds out what the refusal of a post means: the server says it in a sentence, in its own language. A
// picture that is attached is the proof that an earlier call was accepted.
func (p *publisher) whyRefused(ctx context.Context, in publishers.Intent, media string, refusal error) error {
	code, err := p.media(ctx, in.Account, media)
	switch {
	case errors.Is(err, errNotFound): // forgotten, or attached: Lookup tells
		return publishers.Unknown(refusal)
	case err == nil && code == http.StatusPartialContent:
		return stillReading()
	}
	// If the server can't tell, an earlier call may have been accepted.
	if found, err := p.attachedTo(ctx, in, media); err != nil || found.ID != "" {
		return publishers.Unknown(refusal)
	}
	return refusal
}

// post makes a post, once as long as the server keeps the key.
func (p *publisher) post(ctx context.Context, a publishers.Account, c config, key string,
	post map[string]any) (made status, err error) {
	if c.Visibility != "" {
		post["visibility"] = c.Visibility
	}
	body, err := json.Marshal(post)
	if err != nil {
		return made, publishers.Retry(0, err)
	}
	_, err = p.call(ctx, a, publishers.Call{Method: http.MethodPost, URL: "/api/v1/statuses",
		Header: http.Header{"Content-Type": {"application/json"}, "Idempotency-Key": {key}},
		Body:   bytes.NewReader(body), Commit: true, Out: &made})
	return made, err
}

// Comment implements publishers.Commenter: a comment is a post that replies.
func (p *publisher) Comment(ctx context.Context, in publishers.Intent, r dam.Receipt) (string, error) {
	c, err := settings(in.Account)
	if err != nil {
		return "", err
	}
	made, err := p.post(ctx, in.Account, c, in.ID+"/comment", map[string]any{"status": in.Content.FirstComment,
		"in_reply_to_id": r.Remote, "language": in.Language})
	if err == nil && made.ID == "" {
		err = publishers.Unknown(errors.New("the comment was given no id"))
	}
	return made.ID, err
}

// RecallComment implements publishers.CommentRecaller: a reply stays when what it replies to is deleted.
func (p *publisher) RecallComment(ctx context.Context, in publishers.Intent, r dam.Receipt) error {
	remove := func(id string) error {
		if _, err := p.call(ctx, in.Account, publishers.Call{Method: http.MethodDelete,
			URL: "/api/v1/statuses/" + url.PathEscape(id)}); !errors.Is(err, errNotFound) {
			return err
		}
		return nil
	}
	if r.Comment.Remote != "" {
		return remove(r.Comment.Remote)
	}
	// It was made right after the post; once the post is gone, the server no longer says what it replied to.
	list, err := p.own(ctx, in.Account, "exclude_reblogs=true&min_id="+url.QueryEscape(r.Remote))
	if err != nil {
		return err
	}
	post, err := p.Status(ctx, in, r)
	if err != nil {
		return err
	}
	for _, x := range list {
		orphan := x.ReplyTo == "" && post.Verdict == publishers.Absent
		if x.ReplyTo != r.Remote && !orphan || x.ID == r.Remote {
			continue
		}
		var source struct{ Text string }
		_, err := p.call(ctx, in.Account, publishers.Call{Method: http.MethodGet,
			URL: "/api/v1/statuses/" + url.PathEscape(x.ID) + "/source", Out: &source})
		// Some servers put a remark of their own in front of a reply (GoToSocial 0.17).
		text, want := strings.TrimSpace(source.Text), strings.TrimSpace(r.Comment.Text)
		if err == nil && (text == want || !orphan && strings.HasSuffix(text, "\n"+want)) {
			err = remove(x.ID)
		}
		if err != nil && !errors.Is(err, errNotFound) {
			return err
		}
	}
	return nil
}

// Status implements publishers.Publisher.
func (p *publisher) Status(ctx context.Context, in publishers.Intent, r dam.Receipt) (publishers.Outcome, error) {
	var found status
	_, err := p.call(ctx, in.Account, publishers.Call{Method: http.MethodGet,
		URL: "/api/v1/statuses/" + url.PathEscape(r.Remote), Out: &found})
	if errors.Is(err, errNotFound) {
		return publishers.Outcome{Verdict: publishers.Absent}, nil
	}
	return publishers.Outcome{Verdict: publishers.Delivered, Receipt: publishers.Receipt{Remote: found.ID,
		URL: found.URL}}, err
}

// Lookup implements publishers.Publisher: the post is the one that has our picture.
func (p *publisher) Lookup(ctx context.Context, in publishers.Intent, state publishers.State) (publishers.Outcome,
	error) {
	var s progress
	if err := json.Unmarshal(state, &s); err != nil || s.Media == "" {
		return publishers.Outcome{Verdict: publishers.Undecided, Note: reasons.UploadIdUnknown()}, nil
	}
	found, err := p.attachedTo(ctx, in, s.Media)
	if err != nil || found.ID == "" {
		return publishers.Outcome{Verdict: publishers.Absent}, err
	}
	return publishers.Outcome{Verdict: publishers.Delivered, Receipt: publishers.Receipt{Remote: found.ID,
		URL: found.URL}}, nil
}

// attachedTo returns the account's post that has a picture, among those since the first commit; its id is "" if there
// is none.
func (p *publisher) attachedTo(ctx context.Context, in publishers.Intent, media string) (status, error) {
	query := "only_media=true"
	for range pages {
		list, err := p.own(ctx, in.Account, query)
		if err != nil || len(list) == 0 {
			return status{}, err
		}
		for _, x := range list {
			for _, m := range x.Attachments {
				if m.ID == media {
					return x, nil
				}
			}
		}
		last := list[len(list)-1]
		if last.CreatedAt.Before(in.CreatedAt.Add(-time.Hour)) { // the publication is younger, whatever the clocks say
			break
		}
		query = "only_media=true&max_id=" + url.QueryEscape(last.ID)
	}
	return status{}, nil
}

// own lists posts of the account.
func (p *publisher) own(ctx context.Context, a publishers.Account, query string) (list []status, err error) {
	me, err := p.Verify(ctx, a)
	if err != nil {
		return nil, err
	}
	_, err = p.call(ctx, a, publishers.Call{Method: http.MethodGet,
		URL: fmt.Sprintf("/api/v1/accounts/%s/statuses?%s&limit=%d",
			url.PathEscape(me.ID), query, page), Out: &list})
	return list, err
}

// Recall implements publishers.Publisher.
func (p *publisher) Recall(ctx context.Context, in publishers.Intent, r *dam.Receipt) (reasons.Reason, error) {
	if r == nil {
		return reasons.NothingWasPosted(), nil
	}
	_, err := p.call(ctx, in.Account, publishers.Call{Method: http.MethodDelete,
		URL: "/api/v1/statuses/" + url.PathEscape(r.Remote)})
	if errors.Is(err, errNotFound) {
		return reasons.GoneAlready(), nil
	}
	return reasons.DeletedRemote(r.Remote), err
}
