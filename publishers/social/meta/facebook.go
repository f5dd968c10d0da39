package meta

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"net/url"
	"strconv"
	"strings"
	"time"

	"vitrine/dam"
	"vitrine/dam/reasons"
	"vitrine/publishers"
)

const (
	facebookCaption = 63206
	facebookAlt     = 1000
	facebookMedia   = 4 << 20
	// classify is how long a post may take to appear in the page's list.
	classify = time.Minute
)

// Facebook returns the kind of channel that posts to a page. client makes the requests.
func Facebook(h Hosts, client *http.Client) publishers.Kind {
	g := &graph{h, client}
	return publishers.Kind{Name: "facebook", Title: "Facebook Page", Schema: schema(""), API: api(), Destination: place,
		Place: pageSetting, Publisher: &facebook{g}, OAuth: g.oauth("pages_manage_posts", "pages_manage_engagement")}
}

type facebook struct{ *graph }

// uploaded is the state after Prepare: a photo that only the page can see.
type uploaded struct {
	Photo  string `json:"photo"`
	SHA256 string `json:"sha256"`
	Alt    string `json:"alt"`
}

// Describe implements publishers.Publisher.
func (f *facebook) Describe(context.Context, publishers.Account) (publishers.Capabilities, error) {
	return publishers.Capabilities{Media: publishers.MediaRules{Single: true, Formats: []dam.Format{dam.JPEG, dam.PNG},
		MaxBytes: facebookMedia},
		CaptionUnit: "runes", CaptionMax: facebookCaption, AltMax: facebookAlt, Idempotency: publishers.NoIdempotency,
		VisibleAfter: classify, Recall: true, Parallel: 1,
		LimitReasons: map[string]reasons.Reason{"caption": reasons.LimitCharacters(63206),
			"media": reasons.LimitPicture("JPEG, PNG", 4), "alt": reasons.LimitCharacters(1000)}}, nil
}

// Verify implements publishers.Publisher.
func (f *facebook) Verify(ctx context.Context, a publishers.Account) (dam.ChannelIdentity, error) {
	p, err := f.page(ctx, a)
	return dam.ChannelIdentity{ID: p.ID, Name: p.Name, URL: p.Link}, err
}

// Refresh implements publishers.Publisher. A page's token doesn't expire; one that was revoked is obtained anew through
// the person's.
func (f *facebook) Refresh(ctx context.Context, a publishers.Account) (map[string]string, error) {
	return f.renew(ctx, a, reasons.FacebookRefusesToken())
}

// Validate implements publishers.Publisher.
func (f *facebook) Validate(_ context.Context, in publishers.Intent) (out []dam.Problem) {
	if n := len([]rune(in.Content.Text)); n > facebookCaption {
		note(&out, "caption", reasons.CaptionTooLong(n, facebookCaption))
	}
	if n := len([]rune(alt(in))); n > facebookAlt {
		note(&out, "alt", reasons.AlternativeTextTooLong(n, facebookAlt))
	}
	return out
}

// Prepare implements publishers.Publisher. It uploads the photo without publishing it.
func (f *facebook) Prepare(ctx context.Context, in publishers.Intent, state publishers.State) (publishers.State,
	error) {
	var s uploaded
	if state != nil && json.Unmarshal(state, &s) != nil {
		s = uploaded{}
	}
	if len(in.Content.Media) == 0 {
		return state, publishers.Permanent("presets", reasons.NoPictureToPost())
	}
	m := in.Content.Media[0]
	if s.Photo == "" || s.SHA256 != m.SHA256 || s.Alt != alt(in) {
		id, err := f.upload(ctx, in, m)
		if err != nil {
			return state, err
		}
		s = uploaded{Photo: id, SHA256: m.SHA256, Alt: alt(in)}
	}
	return json.Marshal(s)
}

func (f *facebook) upload(ctx context.Context, in publishers.Intent, m publishers.Media) (string, error) {
	r, err := in.Open(ctx, m)
	if err != nil {
		return "", err
	}
	fields := url.Values{"published": {"false"}, "alt_text_custom": {alt(in)}}
	f.prove(in.Account, fields)
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for name := range fields {
		err = errors.Join(err, w.WriteField(name, fields.Get(name)))
	}
	part, partErr := w.CreatePart(
		textproto.MIMEHeader{"Content-Disposition": {`form-data; name="source"; filename="picture.` + m.Format.Ext() +
			`"`}, "Content-Type": {m.MediaType}})
	if err = errors.Join(err, partErr); err == nil {
		_, err = io.Copy(part, r)
	}
	if err = errors.Join(err, r.Close(), w.Close()); err != nil {
		return "", err
	}
	var made struct{ ID string }
	err = f.send(ctx, in.Account, publishers.Call{Method: http.MethodPost, URL: "/me/photos",
		Header: http.Header{"Content-Type": {w.FormDataContentType()}}, Body: bytes.NewReader(body.Bytes()),
		Out: &made})
	if err == nil && made.ID == "" {
		err = errors.New("the photo was given no id")
	}
	return made.ID, err
}

// Commit implements publishers.Publisher.
func (f *facebook) Commit(ctx context.Context, in publishers.Intent, state publishers.State) (publishers.Receipt,
	error) {
	var s uploaded
	if err := json.Unmarshal(state, &s); err != nil {
		return publishers.Receipt{}, publishers.Retry(0, err)
	}
	var made struct{ ID string }
	err := f.call(ctx, in.Account, url.Values{"message": {in.Content.Text},
		"attached_media[0]": {`{"media_fbid":"` + s.Photo + `"}`}}, publishers.Call{Method: http.MethodPost,
		URL: "/me/feed", Commit: true, Out: &made})
	switch {
	case errors.Is(err, errNotFound):
		return publishers.Receipt{}, publishers.Permanent("media", reasons.FacebookPhotoGone())
	case err != nil:
		return publishers.Receipt{}, err
	case made.ID == "":
		return publishers.Receipt{}, publishers.Unknown(errors.New("the post was given no id"))
	}
	return post(made.ID, ""), nil
}

func post(id, link string) publishers.Receipt {
	if link == "" {
		link = "https://www.facebook.com/" + id
	}
	return publishers.Receipt{Remote: id, URL: link}
}

// Status implements publishers.Publisher.
func (f *facebook) Status(ctx context.Context, in publishers.Intent, r dam.Receipt) (publishers.Outcome, error) {
	var found struct {
		ID   string `json:"id"`
		Link string `json:"permalink_url"`
	}
	err := f.call(ctx, in.Account, url.Values{"fields": {"id,permalink_url"}}, publishers.Call{Method: http.MethodGet,
		URL: "/" + url.PathEscape(r.Remote), Out: &found})
	if errors.Is(err, errNotFound) {
		return publishers.Outcome{Verdict: publishers.Absent}, nil
	}
	return publishers.Outcome{Verdict: publishers.Delivered, Receipt: post(found.ID, found.Link)}, err
}

// Lookup implements publishers.Publisher: the post is the one that shows our photo.
func (f *facebook) Lookup(ctx context.Context, in publishers.Intent, state publishers.State) (publishers.Outcome,
	error) {
	var s uploaded
	if err := json.Unmarshal(state, &s); err != nil || s.Photo == "" {
		return publishers.Outcome{Verdict: publishers.Undecided, Note: reasons.PhotoIdUnknown()}, nil
	}
	var found struct {
		Data []struct {
			ID          string `json:"id"`
			Link        string `json:"permalink_url"`
			Attachments struct {
				Data []struct {
					Target struct {
						ID string `json:"id"`
					} `json:"target"`
				} `json:"data"`
			} `json:"attachments"`
		} `json:"data"`
	}
	query := url.Values{"fields": {"id,permalink_url,attachments{target{id}}"},
		"since": {strconv.FormatInt(in.CommittedAt.Add(-classify).Unix(), 10)}, "limit": {"100"}}
	if err := f.call(ctx, in.Account, query, publishers.Call{Method: http.MethodGet, URL: "/me/published_posts",
		Out: &found}); err != nil {
		return publishers.Outcome{}, err
	}
	for _, p := range found.Data {
		for _, a := range p.Attachments.Data {
			if a.Target.ID == s.Photo {
				return publishers.Outcome{Verdict: publishers.Delivered, Receipt: post(p.ID, p.Link)}, nil
			}
		}
	}
	return publishers.Outcome{Verdict: publishers.Absent}, nil
}

// Recall implements publishers.Publisher.
func (f *facebook) Recall(ctx context.Context, in publishers.Intent, r *dam.Receipt) (reasons.Reason, error) {
	if r == nil {
		return reasons.NothingWasPosted(), nil
	}
	// To another page's token a post that is there looks like one that is gone.
	p, err := f.page(ctx, in.Account)
	if err != nil {
		return reasons.Reason{}, err
	}
	if owner, _, ok := strings.Cut(r.Remote, "_"); ok && owner != p.ID {
		return reasons.Reason{}, publishers.Permanent("", reasons.PostOnOtherPage())
	}
	err = f.call(ctx, in.Account, nil, publishers.Call{Method: http.MethodDelete, URL: "/" + url.PathEscape(r.Remote)})
	if errors.Is(err, errNotFound) {
		return reasons.GoneAlready(), nil
	}
	return reasons.DeletedRemote(r.Remote), err
}

// Comment implements publishers.Commenter.
func (f *facebook) Comment(ctx context.Context, in publishers.Intent, r dam.Receipt) (string, error) {
	return f.comment(ctx, in, r)
}

// Targets implements publishers.TargetLister.
func (f *facebook) Targets(ctx context.Context, a publishers.Account) ([]publishers.Target, error) {
	return f.targets(ctx, a, func(account) (reasons.Reason, bool) { return reasons.Reason{}, true })
}
