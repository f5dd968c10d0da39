// Package plugin is the channel that is somebody else's program: any HTTP service
// that answers the steps of the contract, each a signed POST of JSON.
//
//	POST describe {}                                  → capabilities
//	POST verify   {}                                  → {id, name, url}
//	POST prepare  {intent, state}                     → {state, need: [sha256…]}
//	PUT  media/{sha256} the bytes of a file it needs  → 2xx; then prepare is asked again
//	POST commit   {intent, state}                     → {remote, url, data}
//	POST lookup   {intent, state}                     → {verdict: delivered|absent|undecided, remote, url, note}
//	POST status   {intent, receipt}                   → the same
//	POST recall   {intent, receipt}                   → {answer}
//
// Requests carry Standard Webhooks headers (webhook-id, webhook-timestamp,
// webhook-signature), made with the channel's secret over the exact body. An error
// is any status from 400 on with {error, message, field, remedy, retry_after}, where
// error is retry, throttled, auth_expired, disconnected, permanent or unknown; without
// it the status decides.
package plugin

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
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

// Name is the kind's name.
const Name = "plugin"

const schema = `{
 "$schema": "https://json-schema.org/draft/2020-12/schema",
 "type": "object", "additionalProperties": false, "required": ["url", "secret"],
 "properties": {
  "url": {"type": "string", "x-destination": true, "title": "URL", "description": "Where the service answers", "minLength": 1},
  "secret": {"type": "string", "title": "Secret", "description": "whsec_ and base64, shared with the service", "writeOnly": true},
  "settings": {"type": "object", "title": "Settings", "description": "Passed on to the service as they are"}
 }
}`

const (
	mediaLimit = 64 << 20
	// rounds bounds how often a service may ask for more files.
	rounds = 4
)

// Options are what the channel is made of.
type Options struct {
	// Client carries the calls; it decides which addresses are allowed.
	Client *http.Client
	// Sign sets the Standard Webhooks headers.
	Sign func(h http.Header, id string, at time.Time, body []byte, secrets ...string) error
}

// Kind returns the kind of channel.
func Kind(o Options) publishers.Kind {
	return publishers.Kind{Name: Name, Title: "Plug-in over HTTP", Schema: json.RawMessage(schema),
		Publisher: &publisher{o}, Destination: func(raw json.RawMessage) string {
			var c config
			if json.Unmarshal(raw, &c) != nil {
				return ""
			}
			return c.URL
		}}
}

type publisher struct{ Options }

type config struct {
	URL      string          `json:"url"`
	Settings json.RawMessage `json:"settings,omitempty"`
}

// intent is the publication as it is sent.
type intent struct {
	ID          string             `json:"id"`
	Revision    int64              `json:"revision"`
	Digest      string             `json:"digest"`
	CreatedAt   time.Time          `json:"created_at"`
	CommittedAt *time.Time         `json:"committed_at,omitempty"`
	Locale      string             `json:"locale"`
	Settings    json.RawMessage    `json:"settings,omitempty"`
	Content     publishers.Content `json:"content"`
	// Links are public URLs of the files, by SHA-256, when the server has any.
	Links map[string]string `json:"links,omitempty"`
}

type call struct {
	Intent   *intent         `json:"intent,omitempty"`
	Settings json.RawMessage `json:"settings,omitempty"`
	State    json.RawMessage `json:"state,omitempty"`
	Receipt  *dam.Receipt    `json:"receipt,omitempty"`
}

type fault struct {
	Error      publishers.Class `json:"error"`
	Message    string           `json:"message"`
	Field      string           `json:"field"`
	Remedy     string           `json:"remedy"`
	RetryAfter int              `json:"retry_after"` // seconds
}

func settings(a publishers.Account) (config, error) {
	var c config
	if err := json.Unmarshal(a.Config, &c); err != nil {
		return c, publishers.Permanent("config", reasons.SettingsUnreadable())
	}
	u, err := url.Parse(c.URL)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil {
		return c, dam.InvalidInput("config.url", reasons.PluginUrlForm())
	}
	return c, nil
}

func pack(in publishers.Intent) *intent {
	var c config
	_ = json.Unmarshal(in.Account.Config, &c) // settings reported it before
	out := &intent{ID: in.ID, Revision: in.Revision, Digest: in.Digest, CreatedAt: in.CreatedAt, Locale: in.Locale,
		Settings: c.Settings, Content: in.Content, Links: map[string]string{}}
	if !in.CommittedAt.IsZero() {
		out.CommittedAt = &in.CommittedAt
	}
	for _, m := range in.Content.Media {
		if l := in.Link(m); l != "" {
			out.Links[m.SHA256] = l
		}
	}
	return out
}

// send makes one signed call of a step, which is the call's URL.
func (p *publisher) send(ctx context.Context, a publishers.Account, body []byte, c publishers.Call) error {
	set, err := settings(a)
	if err != nil {
		return err
	}
	c.Commit, c.URL, c.Body = c.URL == "commit", strings.TrimRight(set.URL, "/")+"/"+c.URL, bytes.NewReader(body)
	c.Header.Set("Accept", "application/json")
	if err := p.Sign(c.Header, dam.NewID("m"), time.Now(), body, a.Secrets["secret"]); err != nil {
		return dam.InvalidInput("config.secret", reasons.PluginSecretInvalid(err.Error()))
	}
	c.Refused = named
	_, err = c.Do(ctx, p.Client)
	return err
}

// named classifies an error by its name, and by its status when it has none.
func named(res *http.Response, body []byte, commit bool) error {
	var f fault
	known := json.Unmarshal(body, &f) == nil
	e := publishers.Answered(res, commit)
	if !known || f.Error == "" {
		return e
	}
	cause := &publishers.Answer{Status: res.StatusCode, Name: string(f.Error)}
	after := time.Duration(f.RetryAfter) * time.Second
	switch f.Error {
	case publishers.ClassRetry:
		e = publishers.Retry(after, cause)
	case publishers.ClassThrottled:
		until := publishers.RetryAfter(res.Header, time.Now())
		if f.RetryAfter > 0 {
			until = time.Now().Add(after)
		}
		e = publishers.Throttled(until, cause)
	case publishers.ClassAuthExpired, publishers.ClassDisconnected: // the secret is shared: nobody refreshes it
		e = publishers.Disconnected(reasons.PluginRefusesAccount(), cause)
	case publishers.ClassPermanent:
		e = publishers.Permanent(f.Field, reasons.Said(f.Message, f.Remedy))
	case publishers.ClassUnknown:
		e = publishers.Unknown(cause)
	default:
		return e
	}
	if f.Message != "" || f.Remedy != "" {
		e.Reason = reasons.Said(cmp.Or(f.Message, e.Text()), cmp.Or(f.Remedy, e.Reason.Advice()))
	}
	return e
}

func (p *publisher) post(ctx context.Context, a publishers.Account, step string, c call, out any) error {
	body, err := json.Marshal(c)
	if err != nil {
		return err
	}
	return p.send(ctx, a, body, publishers.Call{Method: http.MethodPost, URL: step,
		Header: http.Header{"Content-Type": {"application/json"}}, Out: out})
}

func (p *publisher) ask(ctx context.Context, a publishers.Account, step string, out any) error {
	c, err := settings(a)
	if err != nil {
		return err
	}
	return p.post(ctx, a, step, call{Settings: c.Settings}, out)
}

// Describe implements publishers.Publisher.
func (p *publisher) Describe(ctx context.Context, a publishers.Account) (publishers.Capabilities, error) {
	var said struct {
		publishers.Capabilities
		SettleSeconds int `json:"settle_seconds"`
	}
	if err := p.ask(ctx, a, "describe", &said); err != nil {
		return said.Capabilities, err
	}
	c := said.Capabilities
	c.VisibleAfter = time.Duration(said.SettleSeconds) * time.Second
	switch c.Idempotency {
	case publishers.Durable, publishers.Windowed, publishers.ByHandle, publishers.NoIdempotency:
	case "":
		c.Idempotency = publishers.NoIdempotency
	default:
		return c, publishers.Permanent("url", reasons.PluginIdempotencyUnknown())
	}
	return c, nil
}

// Verify implements publishers.Publisher.
func (p *publisher) Verify(ctx context.Context, a publishers.Account) (id dam.ChannelIdentity, err error) {
	err = p.ask(ctx, a, "verify", &id)
	return id, err
}

// Refresh implements publishers.Publisher.
func (p *publisher) Refresh(context.Context, publishers.Account) (map[string]string, error) {
	return nil, publishers.Disconnected(reasons.PluginRefusesSecret(), nil)
}

// Validate implements publishers.Publisher by the limits the service declared; the
// rest is the service's own to refuse in prepare.
func (p *publisher) Validate(_ context.Context, in publishers.Intent) []dam.Problem {
	if !utf8.ValidString(in.Content.Text) {
		return []dam.Problem{*dam.NewProblem(string(publishers.ClassPermanent), "caption", reasons.CaptionNotText())}
	}
	used, room := publishers.Count(in.Content.Text, in.Limits.CaptionUnit), in.Limits.CaptionMax
	if room > 0 && used > room {
		return []dam.Problem{*dam.NewProblem(string(publishers.ClassPermanent), "caption",
			reasons.CaptionTooLongIn(used, room, in.Limits.CaptionUnit))}
	}
	return nil
}

// Prepare implements publishers.Publisher: the service says which files it needs.
func (p *publisher) Prepare(ctx context.Context, in publishers.Intent, state publishers.State) (publishers.State,
	error) {
	for range rounds {
		var answer struct {
			State json.RawMessage `json:"state"`
			Need  []string        `json:"need"`
		}
		if err := p.post(ctx, in.Account, "prepare", call{Intent: pack(in), State: state}, &answer); err != nil {
			return state, err
		}
		if answer.State != nil {
			state = answer.State
		}
		if len(answer.Need) == 0 {
			if state == nil {
				state = publishers.State(`{}`)
			}
			return state, nil
		}
		for _, sha := range answer.Need {
			if err := p.upload(ctx, in, sha); err != nil {
				return state, err
			}
		}
	}
	return state, publishers.Permanent("media", reasons.PluginKeepsAsking())
}

func (p *publisher) upload(ctx context.Context, in publishers.Intent, sha string) error {
	for _, m := range in.Content.Media {
		if m.SHA256 != sha {
			continue
		}
		if m.Size > mediaLimit {
			return publishers.Permanent("media", reasons.FileOverChannelLimit(m.Size, mediaLimit))
		}
		r, err := in.Open(ctx, m)
		if err != nil {
			return err
		}
		b, err := io.ReadAll(io.LimitReader(r, mediaLimit))
		if err = errors.Join(err, r.Close()); err != nil {
			return err
		}
		return p.send(ctx, in.Account, b, publishers.Call{Method: http.MethodPut, URL: "media/" + sha,
			Header: http.Header{"Content-Type": {m.MediaType}}})
	}
	return publishers.Permanent("media", reasons.PluginAsksForeignFile())
}

type answer struct {
	Verdict publishers.Verdict `json:"verdict"`
	Remote  string             `json:"remote"`
	URL     string             `json:"url"`
	Data    json.RawMessage    `json:"data"`
	Note    string             `json:"note"`
}

func (x answer) receipt() publishers.Receipt {
	return publishers.Receipt{Remote: x.Remote, URL: x.URL, Data: x.Data}
}

// Commit implements publishers.Publisher.
func (p *publisher) Commit(ctx context.Context, in publishers.Intent, state publishers.State) (publishers.Receipt,
	error) {
	var x answer
	if err := p.post(ctx, in.Account, "commit", call{Intent: pack(in), State: state}, &x); err != nil {
		return publishers.Receipt{}, err
	}
	if x.Remote == "" {
		return publishers.Receipt{}, publishers.Unknown(errors.New("the answer to commit names no remote id"))
	}
	return x.receipt(), nil
}

func (p *publisher) find(ctx context.Context, in publishers.Intent, step string, c call) (publishers.Outcome, error) {
	var x answer
	c.Intent = pack(in)
	if err := p.post(ctx, in.Account, step, c, &x); err != nil {
		return publishers.Outcome{}, err
	}
	var note reasons.Reason
	if x.Note != "" {
		note = reasons.Said(x.Note, "")
	}
	switch x.Verdict {
	case publishers.Absent:
	case publishers.Delivered:
		if step == "lookup" && x.Remote == "" {
			x.Verdict, note = publishers.Undecided, reasons.PluginWithoutRemoteId()
		}
	default: // a word we don't know decides nothing
		x.Verdict = publishers.Undecided
	}
	return publishers.Outcome{Verdict: x.Verdict, Receipt: x.receipt(), Note: note}, nil
}

// Status implements publishers.Publisher.
func (p *publisher) Status(ctx context.Context, in publishers.Intent, r dam.Receipt) (publishers.Outcome, error) {
	return p.find(ctx, in, "status", call{Receipt: &r})
}

// Lookup implements publishers.Publisher.
func (p *publisher) Lookup(ctx context.Context, in publishers.Intent, state publishers.State) (publishers.Outcome,
	error) {
	return p.find(ctx, in, "lookup", call{State: state})
}

// Recall implements publishers.Publisher.
func (p *publisher) Recall(ctx context.Context, in publishers.Intent, r *dam.Receipt) (reasons.Reason, error) {
	var x struct {
		Answer string `json:"answer"`
	}
	if err := p.post(ctx, in.Account, "recall", call{Intent: pack(in), Receipt: r}, &x); err != nil {
		return reasons.Reason{}, err
	}
	if x.Answer == "" {
		return reasons.TakenBack(), nil
	}
	return reasons.Said(x.Answer, ""), nil
}
