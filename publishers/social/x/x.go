// Package x publishes to X (Twitter): posts with go-twitter, over API v2 through a translating transport, and pictures
// with an uploader of its own.
package x

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/dghubble/go-twitter/twitter" //nolint:staticcheck // no longer developed, and asked for: the translator keeps it working
	"github.com/dghubble/oauth1"
	"vitrine/dam"
	"vitrine/dam/reasons"
	"vitrine/publishers"
)

// Name is the name of the kind.
const Name = "x"

const schema = `{
 "$schema": "https://json-schema.org/draft/2020-12/schema",
 "type": "object", "additionalProperties": false,
 "dependentRequired": {
  "client_id": ["client_secret"],
  "consumer_key": ["consumer_secret", "access_token", "access_secret"],
  "access_token": ["consumer_key", "consumer_secret", "access_secret"],
  "access_secret": ["consumer_key", "consumer_secret", "access_token"]
 },
 "properties": {
  "client_id": {"type": "string", "title": "Client id", "description": "OAuth 2.0, of your own app in the developer console, of the type “Web App, Automated App or Bot”; connect the account in the browser then",
   "x-fr": {"title": "Identifiant client", "description": "OAuth 2.0, de votre propre application dans la console des développeurs, du type « Web App, Automated App or Bot » ; connectez ensuite le compte dans le navigateur"}},
  "client_secret": {"type": "string", "title": "Client secret", "writeOnly": true,
   "x-fr": {"title": "Secret client"}},
  "consumer_key": {"type": "string", "title": "API key", "description": "OAuth 1.0a, instead of connecting: these four",
   "x-fr": {"title": "Clé d’API", "description": "OAuth 1.0a, au lieu de connecter le compte : ces quatre champs"}},
  "consumer_secret": {"type": "string", "title": "API key secret", "writeOnly": true,
   "x-fr": {"title": "Secret de la clé d’API"}},
  "access_token": {"type": "string", "title": "Access token", "description": "Of the account that posts, with write permission",
   "x-fr": {"title": "Jeton d’accès", "description": "Du compte qui publie, avec le droit d’écriture"}},
  "access_secret": {"type": "string", "title": "Access token secret", "writeOnly": true,
   "x-fr": {"title": "Secret du jeton d’accès"}}
 }
}`

const (
	mediaMax = 5 << 20
	segment  = 1 << 20
	// mediaLife is how long X keeps an upload that was not posted, minus a margin.
	mediaLife = 20 * time.Hour
	// classify is how long a post may take to appear in the account's list.
	classify = time.Minute
)

// Host is the base URL of X.
const Host = "https://api.x.com"

// Kind returns the kind of channel. host and login are usually Host and Login.
func Kind(host, login string, transport http.RoundTripper) publishers.Kind {
	return publishers.Kind{Name: Name, Title: "X", Schema: json.RawMessage(schema),
		API: publishers.API{Version: "2", Domain: "api.x.com", Source: "https://docs.x.com/x-api/introduction",
			Checked: publishers.Day(2026, time.November, 30)},
		Publisher: &publisher{host, transport}, OAuth: oauth(host, login, transport)}
}

type publisher struct {
	host      string
	transport http.RoundTripper
}

type config struct {
	ConsumerKey string `json:"consumer_key"`
	AccessToken string `json:"access_token"`
}

// progress is the state after Prepare.
type progress struct {
	Media   string    `json:"media"`
	SHA256  string    `json:"sha256"`
	Alt     string    `json:"alt"`
	Expires time.Time `json:"expires"`
}

// signer returns the transport that signs for an account.
func (p *publisher) signer(a publishers.Account) (http.RoundTripper, error) {
	var c config
	if err := json.Unmarshal(a.Config, &c); err != nil {
		return nil, publishers.Permanent("config", reasons.SettingsUnreadable())
	}
	if token := a.Secrets[publishers.AccessToken]; token != "" { // connected in the browser
		return bearer{token, p.transport}, nil
	}
	base := &http.Client{Transport: p.transport}
	signing := oauth1.NewConfig(c.ConsumerKey, a.Secrets["consumer_secret"])
	return signing.Client(context.WithValue(oauth1.NoContext, oauth1.HTTPClient, base),
		oauth1.NewToken(c.AccessToken, a.Secrets["access_secret"])).Transport, nil
}

// client returns a go-twitter client for one call, and its translator, which has the call's error.
func (p *publisher) client(ctx context.Context, a publishers.Account, commit bool) (*twitter.Client, *translator,
	error) {
	base, err := p.signer(a)
	if err != nil {
		return nil, nil, err
	}
	t := &translator{ctx: ctx, base: base, host: p.host, commit: commit}
	return twitter.NewClient(&http.Client{Transport: t}), t, nil
}

// outcome returns the error of a call: the translator's, which is classified, or else go-twitter's.
func (t *translator) outcome(err error) error {
	if t.failure != nil {
		return t.failure
	}
	return err
}

// Describe implements publishers.Publisher.
func (p *publisher) Describe(context.Context, publishers.Account) (publishers.Capabilities, error) {
	return publishers.Capabilities{Media: publishers.MediaRules{Single: true, Formats: []dam.Format{dam.JPEG, dam.PNG,
		dam.WebP}, MaxBytes: mediaMax},
		CaptionUnit: "weighted", CaptionMax: captionMax, AltMax: altMax, Idempotency: publishers.NoIdempotency,
		VisibleAfter: classify, Recall: true, Parallel: 1,
		LimitReasons: map[string]reasons.Reason{"caption": reasons.LimitCharactersWeighted(280, 23),
			"media": reasons.LimitPicture("JPEG, PNG, WebP", 5), "alt": reasons.LimitCharacters(1000),
			"cost": reasons.LimitXCost(plainPrice, linkPrice, priced)}}, nil
}

// What a post costs with pay-per-use, from https://docs.x.com/x-api/getting-started/pricing as of the date. Projects on
// a plan of before 2026 pay otherwise.
const (
	plainPrice, linkPrice = "0.015", "0.20"
	priced                = "2026-08-22"
)

// Advise implements publishers.Adviser.
func (p *publisher) Advise(c publishers.Content) (out []dam.Problem) {
	for field, text := range map[string]string{"caption": c.Text, "first_comment": c.FirstComment} {
		if len(linksOf(text)) > 0 {
			out = append(out, *dam.NewProblem(string(publishers.ClassUnpaid), field,
				reasons.XLinkCosts(linkPrice, plainPrice, priced)))
		}
	}
	slices.SortFunc(out, func(a, b dam.Problem) int { return strings.Compare(a.Field, b.Field) })
	return out
}

// Verify implements publishers.Publisher.
func (p *publisher) Verify(ctx context.Context, a publishers.Account) (dam.ChannelIdentity, error) {
	c, t, err := p.client(ctx, a, false)
	if err != nil {
		return dam.ChannelIdentity{}, err
	}
	u, _, err := c.Accounts.VerifyCredentials(nil) //nolint:bodyclose // go-twitter closes it
	if err := t.outcome(err); err != nil {
		return dam.ChannelIdentity{}, err
	}
	return dam.ChannelIdentity{ID: u.IDStr, Name: "@" + u.ScreenName, URL: "https://x.com/" + u.ScreenName}, nil
}

// Refresh implements publishers.Publisher. OAuth 1.0a tokens don't expire.
func (p *publisher) Refresh(context.Context, publishers.Account) (map[string]string, error) {
	return nil, publishers.Disconnected(reasons.XRefusesCredentials(), nil)
}

// Validate implements publishers.Publisher.
func (p *publisher) Validate(_ context.Context, in publishers.Intent) (out []dam.Problem) {
	no := func(field string, why reasons.Reason) {
		out = append(out, *dam.NewProblem(string(publishers.ClassPermanent), field, why))
	}
	if n := weight(in.Content.Text); n > captionMax {
		no("caption", reasons.CaptionTooLongWeighted(n, captionMax))
	}
	if n := len([]rune(alt(in))); n > altMax {
		no("alt", reasons.AlternativeTextTooLong(n, altMax))
	}
	return out
}

func alt(in publishers.Intent) string { return in.Content.Alt.Get(in.Language, in.Locale) }

// Prepare implements publishers.Publisher. It uploads the picture and its alternative text.
func (p *publisher) Prepare(ctx context.Context, in publishers.Intent, state publishers.State) (publishers.State,
	error) {
	var s progress
	if state != nil {
		if err := json.Unmarshal(state, &s); err != nil {
			s = progress{}
		}
	}
	if len(in.Content.Media) == 0 {
		return publishers.State(`{}`), nil
	}
	m := in.Content.Media[0]
	if s.Media == "" || s.SHA256 != m.SHA256 || time.Now().After(s.Expires) {
		id, err := p.upload(ctx, in, m)
		if err != nil {
			return state, err
		}
		s = progress{Media: id, SHA256: m.SHA256, Expires: time.Now().Add(mediaLife)}
	}
	if text := alt(in); text != s.Alt {
		if err := p.json(ctx, in.Account, "/2/media/metadata",
			map[string]any{"id": s.Media, "metadata": map[string]any{"alt_text": map[string]string{"text": text}}},
			nil); err != nil {
			kept, _ := json.Marshal(s) // marshalling plain data never fails
			return kept, err
		}
		s.Alt = text
	}
	return json.Marshal(s)
}

type uploaded struct {
	Data struct {
		ID         string `json:"id"`
		Processing *struct {
			State string `json:"state"`
			After int    `json:"check_after_secs"`
		} `json:"processing_info"`
	} `json:"data"`
}

func (p *publisher) upload(ctx context.Context, in publishers.Intent, m publishers.Media) (string, error) {
	var u uploaded
	if err := p.json(ctx, in.Account, "/2/media/upload/initialize", map[string]any{"media_type": m.MediaType,
		"total_bytes": m.Size, "media_category": "tweet_image"}, &u); err != nil {
		return "", err
	}
	if u.Data.ID == "" {
		return "", errors.New("the upload was given no id")
	}
	at := "/2/media/upload/" + url.PathEscape(u.Data.ID)
	r, err := in.Open(ctx, m)
	if err != nil {
		return "", err
	}
	defer func() { _ = r.Close() }() // read only
	buffer := make([]byte, segment)
	for i := 0; ; i++ {
		n, err := io.ReadFull(r, buffer)
		if n > 0 {
			if err := p.part(ctx, in.Account, at+"/append", i, buffer[:n]); err != nil {
				return "", err
			}
		}
		if err == io.EOF || err == io.ErrUnexpectedEOF {
			break
		}
		if err != nil {
			return "", err
		}
	}
	if err := p.json(ctx, in.Account, at+"/finalize", nil, &u); err != nil {
		return "", err
	}
	if s := u.Data.Processing; s != nil && s.State != "succeeded" {
		if s.State == "failed" {
			return "", publishers.Permanent("media", reasons.XPictureUnreadable())
		}
		return "", publishers.Retry(time.Duration(s.After)*time.Second, errors.New("the picture is still being read"))
	}
	return u.Data.ID, nil
}

func (p *publisher) part(ctx context.Context, a publishers.Account, path string, index int, b []byte) error {
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	field, err := w.CreateFormFile("media", "media")
	if err == nil {
		_, err = field.Write(b)
	}
	if err = errors.Join(err, w.WriteField("segment_index", strconv.Itoa(index)), w.Close()); err != nil {
		return err
	}
	return p.call(ctx, a, publishers.Call{Method: http.MethodPost, URL: path,
		Header: http.Header{"Content-Type": {w.FormDataContentType()}}, Body: bytes.NewReader(body.Bytes())})
}

func (p *publisher) json(ctx context.Context, a publishers.Account, path string, in, out any) error {
	return p.call(ctx, a, publishers.Call{Method: http.MethodPost, URL: path, JSON: in, Out: out})
}

// call makes a signed v2 request, whose URL is a path, that can safely be repeated.
func (p *publisher) call(ctx context.Context, a publishers.Account, c publishers.Call) error {
	base, err := p.signer(a)
	if err != nil {
		return err
	}
	var raw []byte
	out := c.Out
	c.URL, c.Out, c.Refused = p.host+c.URL, &raw, refused
	res, err := c.Through(ctx, base.RoundTrip)
	if err == nil {
		err = refused(res.Response, raw, false) // v2 returns some errors with status 200
	}
	if err != nil || out == nil {
		return err
	}
	return json.Unmarshal(raw, out)
}

// Commit implements publishers.Publisher.
func (p *publisher) Commit(ctx context.Context, in publishers.Intent, state publishers.State) (publishers.Receipt,
	error) {
	var s progress
	if err := json.Unmarshal(state, &s); err != nil {
		return publishers.Receipt{}, publishers.Retry(0, err)
	}
	params := &twitter.StatusUpdateParams{}
	if s.Media != "" {
		id, err := strconv.ParseInt(s.Media, 10, 64)
		if err != nil {
			return publishers.Receipt{}, publishers.Permanent("media", reasons.XUploadNamedStrangely())
		}
		params.MediaIds = []int64{id}
	}
	c, t, err := p.client(ctx, in.Account, true)
	if err != nil {
		return publishers.Receipt{}, publishers.Retry(0, err)
	}
	post, _, err := c.Statuses.Update(in.Content.Text, params) //nolint:bodyclose // go-twitter closes it
	if err := t.outcome(err); err != nil {
		return publishers.Receipt{}, err
	}
	if post.IDStr == "" {
		return publishers.Receipt{}, publishers.Unknown(errors.New("the post was given no id"))
	}
	return receipt(post.IDStr), nil
}

func receipt(id string) publishers.Receipt {
	return publishers.Receipt{Remote: id, URL: "https://x.com/i/status/" + id}
}

// Status implements publishers.Publisher.
func (p *publisher) Status(ctx context.Context, in publishers.Intent, r dam.Receipt) (publishers.Outcome, error) {
	var found struct {
		Data   *struct{ ID string }
		Errors []struct{ Type string }
	}
	err := p.call(ctx, in.Account, publishers.Call{Method: http.MethodGet, URL: "/2/tweets/" + url.PathEscape(r.Remote),
		Out: &found})
	switch {
	case err != nil:
		// not every plan includes reading
		return publishers.Outcome{Verdict: publishers.Undecided, Note: reasons.Said(err, "")}, nil
	case found.Data != nil:
		return publishers.Outcome{Verdict: publishers.Delivered, Receipt: receipt(r.Remote)}, nil
	case len(found.Errors) > 0 && strings.Contains(found.Errors[0].Type, "resource-not-found"):
		return publishers.Outcome{Verdict: publishers.Absent}, nil
	}
	return publishers.Outcome{Verdict: publishers.Undecided}, nil
}

// Lookup implements publishers.Publisher. X has no idempotency key, so it searches the account's posts since the call
// for the text.
func (p *publisher) Lookup(ctx context.Context, in publishers.Intent, _ publishers.State) (publishers.Outcome, error) {
	if strings.TrimSpace(in.Content.Text) == "" {
		return publishers.Outcome{Verdict: publishers.Undecided, Note: reasons.PostWithoutText()},
			nil
	}
	me, err := p.Verify(ctx, in.Account)
	if err != nil {
		return publishers.Outcome{}, err
	}
	query := url.Values{"max_results": {"20"}, "start_time": {in.CommittedAt.Add(-classify).UTC().Format(time.RFC3339)},
		"tweet.fields": {"entities"}}
	var found struct{ Data []shown }
	err = p.call(ctx, in.Account, publishers.Call{Method: http.MethodGet, URL: "/2/users/" + url.PathEscape(me.ID) +
		"/tweets?" + query.Encode(), Out: &found})
	// the account may write but not read
	if publishers.ClassOf(err, publishers.ClassRetry) == publishers.ClassDisconnected {
		return publishers.Outcome{Verdict: publishers.Undecided,
			Note: reasons.XPlanWithoutReading()}, nil
	}
	if err != nil {
		return publishers.Outcome{}, err
	}
	for _, post := range found.Data {
		if post.same(in.Content.Text) {
			return publishers.Outcome{Verdict: publishers.Delivered, Receipt: receipt(post.ID)}, nil
		}
	}
	return publishers.Outcome{Verdict: publishers.Absent}, nil
}

// Recall implements publishers.Publisher.
func (p *publisher) Recall(ctx context.Context, in publishers.Intent, r *dam.Receipt) (reasons.Reason, error) {
	if r == nil {
		return reasons.NothingWasPosted(), nil
	}
	id, err := strconv.ParseInt(r.Remote, 10, 64)
	if err != nil {
		return reasons.Reason{}, publishers.Permanent("", reasons.XPostIdUnknown())
	}
	c, t, err := p.client(ctx, in.Account, false)
	if err != nil {
		return reasons.Reason{}, err
	}
	_, res, err := c.Statuses.Destroy(id, nil) //nolint:bodyclose // go-twitter closes it
	if res != nil && res.StatusCode == http.StatusNotFound {
		return reasons.GoneAlready(), nil
	}
	if err := t.outcome(err); err != nil {
		return reasons.Reason{}, err
	}
	return reasons.DeletedRemote(r.Remote), nil
}

// Count implements publishers.Counter.
func (p *publisher) Count(text string, _ publishers.Capabilities) int { return weight(text) }

// Comment implements publishers.Commenter. A comment is a post that replies.
func (p *publisher) Comment(ctx context.Context, in publishers.Intent, r dam.Receipt) (string, error) {
	var made struct{ Data struct{ ID string } }
	err := p.json(ctx, in.Account, "/2/tweets", map[string]any{"text": in.Content.FirstComment,
		"reply": map[string]string{"in_reply_to_tweet_id": r.Remote}}, &made)
	return made.Data.ID, err
}
