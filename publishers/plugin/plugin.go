// Package plugin is the channel that is somebody else's program: any HTTP service
// that answers the steps of the contract, each a signed POST of JSON.
//
//	POST describe {}                                  → capabilities
//	POST verify   {}                                  → {id, name, url}
//	POST refresh  {}                                  → {credentials}
//	POST prepare  {intent, state, receipt}            → {state, need: [sha256…]}
//	PUT  media/{sha256} the bytes of a file it needs  → 2xx; then prepare is asked again
//	POST commit   {intent, state, receipt}            → {remote, url, data}
//	POST lookup   {intent, state}                     → {verdict: delivered|absent|undecided, remote, url, note}
//	POST status   {intent, receipt}                   → the same
//	POST comment  {intent, receipt}                   → {remote}
//	POST recall   {intent, receipt}                   → {answer}
//
// Every step also gets the channel's settings and credentials. schema.go makes a JSON Schema of all this, which is
// docs/plugin.schema.json.
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

// Name is the kind's name.
const Name = "plugin"

const schema = `{
 "$schema": "https://json-schema.org/draft/2020-12/schema",
 "type": "object", "additionalProperties": false, "required": ["url", "secret"],
 "properties": {
  "url": {"type": "string", "x-destination": true, "title": "URL", "description": "Where the service answers", "minLength": 1,
   "x-fr": {"title": "URL", "description": "L’adresse à laquelle répond le service"}},
  "secret": {"type": "string", "title": "Secret", "description": "whsec_ and base64, shared with the service", "writeOnly": true,
   "x-fr": {"title": "Secret", "description": "whsec_ suivi de base64, partagé avec le service"}},
  "credentials": {"type": "string", "title": "Credentials", "description": "What the service needs at its own remote, such as a token: sent along in every step, and replaced by what the step refresh answers", "writeOnly": true, "format": "textarea",
   "x-fr": {"title": "Identifiants", "description": "Ce dont le service a besoin auprès de son propre service distant, comme un jeton : joint à chaque étape, et remplacé par ce que répond l’étape refresh"}},
  "settings": {"type": "object", "title": "Settings", "description": "Passed on to the service as they are",
   "x-fr": {"title": "Réglages", "description": "Transmis tels quels au service"}}
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
		Tested:    "the sample plug-in in Python",
		Publisher: &publisher{Options: o}, Destination: func(raw json.RawMessage) string {
			var c config
			if json.Unmarshal(raw, &c) != nil {
				return ""
			}
			return c.URL
		}}
}

type publisher struct {
	Options
	// seen is told of every step: what was asked, and what was answered if it was a success; nil for nobody.
	seen func(step string, request, answer []byte, err error)
}

type config struct {
	URL      string          `json:"url"`
	Settings json.RawMessage `json:"settings,omitempty"`
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
	case publishers.ClassAuthExpired: // the step refresh follows
		e = publishers.AuthExpired(cause)
	case publishers.ClassDisconnected:
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
	set, err := settings(a)
	if err != nil {
		return err
	}
	c.Settings, c.Credentials = set.Settings, a.Secrets["credentials"]
	body, err := json.Marshal(c)
	if err != nil {
		return err
	}
	var raw []byte
	err = p.send(ctx, a, body, publishers.Call{Method: http.MethodPost, URL: step,
		Header: http.Header{"Content-Type": {"application/json"}}, Out: &raw})
	if p.seen != nil {
		p.seen(step, body, raw, err)
	}
	if err != nil {
		return err
	}
	if err := json.Unmarshal(raw, out); err != nil {
		return fmt.Errorf("the answer to %s is not what it should be: %w", step, err)
	}
	return nil
}

// Describe implements publishers.Publisher.
func (p *publisher) Describe(ctx context.Context, a publishers.Account) (publishers.Capabilities, error) {
	var said described
	if err := p.post(ctx, a, "describe", call{}, &said); err != nil {
		return said.Capabilities, err
	}
	c := said.Capabilities
	c.LimitReasons = nil // its words are its own
	c.VisibleAfter = time.Duration(said.VisibleAfterSeconds) * time.Second
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
	err = p.post(ctx, a, "verify", call{}, &id)
	return id, err
}

// Refresh implements publishers.Publisher. A service without the step, or whose account is lost, needs a person.
func (p *publisher) Refresh(ctx context.Context, a publishers.Account) (map[string]string, error) {
	var fresh refreshed
	err := p.post(ctx, a, "refresh", call{}, &fresh)
	switch publishers.ClassOf(err, publishers.ClassRetry) {
	case "":
		return map[string]string{"credentials": fresh.Credentials}, nil
	case publishers.ClassRetry, publishers.ClassThrottled, publishers.ClassUnknown:
		return nil, err
	}
	why := reasons.PluginRefusesAccount()
	if publishers.ClassOf(err, "") == publishers.ClassAuthExpired { // also what a service says to a wrong signature
		why = reasons.PluginRefusesSecret()
	}
	return nil, publishers.Disconnected(why, err)
}

// CommentsDiffer says that not every service has the step comment: see publishers.CanComment.
func (p *publisher) CommentsDiffer() {}

// Comment implements publishers.Commenter.
func (p *publisher) Comment(ctx context.Context, in publishers.Intent, r dam.Receipt) (string, error) {
	var x commented
	err := p.post(ctx, in.Account, "comment", call{Intent: pack(in), Receipt: &r}, &x)
	if err == nil && x.Remote == "" {
		err = publishers.Unknown(errors.New("the answer to comment names no remote id"))
	}
	return x.Remote, err
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
		var answer prepared
		if err := p.post(ctx, in.Account, "prepare", call{Intent: pack(in), State: state, Receipt: in.Receipt},
			&answer); err != nil {
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

// Commit implements publishers.Publisher.
func (p *publisher) Commit(ctx context.Context, in publishers.Intent, state publishers.State) (publishers.Receipt,
	error) {
	var x answer
	if err := p.post(ctx, in.Account, "commit", call{Intent: pack(in), State: state, Receipt: in.Receipt},
		&x); err != nil {
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
	var x recalled
	if err := p.post(ctx, in.Account, "recall", call{Intent: pack(in), Receipt: r}, &x); err != nil {
		return reasons.Reason{}, err
	}
	if x.Answer == "" {
		return reasons.TakenBack(), nil
	}
	return reasons.Said(x.Answer, ""), nil
}
