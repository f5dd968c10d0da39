// Package push sends assets to a web service as JSON: PUT <url>/<asset> with what is published, DELETE <url>/<asset>
// when it is recalled. The files are not sent: the JSON has their public, immutable URLs.
package push

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"vitrine/dam"
	"vitrine/dam/reasons"
	"vitrine/publishers"
)

// Name is the name of the kind.
const Name = "json"

const schema = `{
 "$schema": "https://json-schema.org/draft/2020-12/schema",
 "type": "object", "additionalProperties": false, "required": ["url"],
 "properties": {
  "url": {"type": "string", "x-destination": true, "title": "URL", "description": "The asset's id is added to it: https://shop.example.com/media", "minLength": 1,
   "x-fr": {"title": "URL", "description": "L’identifiant du média y est ajouté : https://shop.example.com/media"}},
  "header": {"type": "string", "title": "Header", "description": "Name of the header that carries the secret; Authorization when left out",
   "x-fr": {"title": "En-tête", "description": "Nom de l’en-tête qui porte le secret ; Authorization si le champ est vide"}},
  "secret": {"type": "string", "title": "Secret", "description": "Value of that header, for example Bearer …", "writeOnly": true,
   "x-fr": {"title": "Secret", "description": "Valeur de cet en-tête, par exemple Bearer …"}}
 }
}`

// Kind returns the kind of channel. client makes the requests and decides which addresses are allowed.
func Kind(client *http.Client) publishers.Kind {
	return publishers.Kind{Name: Name, Title: "JSON to a web service", Schema: json.RawMessage(schema),
		Publisher: &publisher{client}, Overwrites: true, Destination: func(raw json.RawMessage) string {
			var c config
			if json.Unmarshal(raw, &c) != nil {
				return ""
			}
			return c.URL
		}}
}

type publisher struct{ client *http.Client }

type config struct {
	URL    string `json:"url"`
	Header string `json:"header"`
}

// document is the body of a PUT.
type document struct {
	Schema      string             `json:"schema"`
	Publication string             `json:"publication"`
	Revision    int64              `json:"revision"`
	Digest      string             `json:"digest"`
	Content     publishers.Content `json:"content"`
	Files       []file             `json:"files"`
}

type file struct {
	URL       string `json:"url"`
	Preset    string `json:"preset"`
	MediaType string `json:"media_type"`
	SHA256    string `json:"sha256"`
	Size      int64  `json:"size"`
	Width     int    `json:"width"`
	Height    int    `json:"height"`
}

// reply is an answer whose body has been read and closed.
type reply struct{ *http.Response }

func (p *publisher) call(ctx context.Context, a publishers.Account, method, asset string, revision int64,
	body []byte) (reply, error) {
	var c config
	if err := json.Unmarshal(a.Config, &c); err != nil {
		return reply{}, publishers.Permanent("config", reasons.SettingsUnreadable())
	}
	u, err := url.Parse(c.URL)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil {
		return reply{}, dam.InvalidInput("config.url", reasons.PushUrlForm())
	}
	req, err := http.NewRequestWithContext(ctx, method, u.JoinPath(asset).String(), bytes.NewReader(body))
	if err != nil {
		return reply{}, err
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if revision > 0 {
		req.Header.Set("Vitrine-Revision", strconv.FormatInt(revision, 10))
	}
	if v := a.Secrets["secret"]; v != "" {
		if strings.ContainsAny(v+c.Header, "\r\n") {
			return reply{}, dam.InvalidInput("config.secret", reasons.HeaderOneLine())
		}
		name := c.Header
		if name == "" {
			name = "Authorization"
		}
		req.Header.Set(name, v)
	}
	res, err := p.client.Do(req)
	if err != nil {
		return reply{}, err
	}
	_, _ = io.Copy(io.Discard, io.LimitReader(res.Body, 64<<10)) // so that the connection can be reused
	return reply{res}, res.Body.Close()
}

// Describe implements publishers.Publisher. PUT is idempotent by definition.
func (p *publisher) Describe(context.Context, publishers.Account) (publishers.Capabilities, error) {
	return publishers.Capabilities{Pull: true, Idempotency: publishers.Durable, Update: true, Recall: true, Parallel: 4,
		LimitReasons: map[string]reasons.Reason{"media": reasons.LimitLinksToRenditions()}}, nil
}

// Verify implements publishers.Publisher. OPTIONS changes nothing, and any answer is accepted except a refusal of the
// credentials or a server error.
func (p *publisher) Verify(ctx context.Context, a publishers.Account) (dam.ChannelIdentity, error) {
	res, err := p.call(ctx, a, http.MethodOptions, "", 0, nil)
	if err != nil {
		return dam.ChannelIdentity{}, err
	}
	if s := res.StatusCode; s == http.StatusUnauthorized || s == http.StatusForbidden || s >= 300 && s < 400 ||
		s >= 500 && s != http.StatusNotImplemented {
		return dam.ChannelIdentity{}, publishers.Answered(res.Response, false)
	}
	return dam.ChannelIdentity{ID: res.Request.URL.String(), Name: res.Request.URL.Host}, nil
}

// Refresh implements publishers.Publisher.
func (p *publisher) Refresh(context.Context, publishers.Account) (map[string]string, error) {
	return nil, publishers.Disconnected(reasons.ServiceRefusesSecret(), nil)
}

// Validate implements publishers.Publisher.
func (p *publisher) Validate(_ context.Context, in publishers.Intent) []dam.Problem {
	for _, m := range in.Content.Media {
		if in.Link(m) == "" {
			return []dam.Problem{*dam.NewProblem(string(publishers.ClassPermanent), "channel",
				reasons.PushWithoutPublicUrl())}
		}
	}
	return nil
}

// Prepare implements publishers.Publisher. There is nothing to upload.
func (p *publisher) Prepare(context.Context, publishers.Intent, publishers.State) (publishers.State, error) {
	return publishers.State(`{}`), nil
}

// Commit implements publishers.Publisher.
func (p *publisher) Commit(ctx context.Context, in publishers.Intent, _ publishers.State) (publishers.Receipt, error) {
	d := document{Schema: "vitrine.document/1", Publication: in.ID, Revision: in.Revision, Digest: in.Digest,
		Content: in.Content, Files: []file{}}
	for _, m := range in.Content.Media {
		d.Files = append(d.Files, file{URL: in.Link(m), Preset: m.Preset, MediaType: m.MediaType, SHA256: m.SHA256,
			Size: m.Size, Width: m.Width, Height: m.Height})
	}
	body, err := json.Marshal(d)
	if err != nil {
		return publishers.Receipt{}, publishers.Permanent("", reasons.DocumentNotWritable())
	}
	res, err := p.call(ctx, in.Account, http.MethodPut, in.Content.Asset, in.Revision, body)
	if err != nil {
		return publishers.Receipt{}, err
	}
	if res.StatusCode >= 300 {
		return publishers.Receipt{}, publishers.Answered(res.Response, true)
	}
	return publishers.Receipt{Remote: in.Content.Asset, URL: res.Header.Get("Location")}, nil
}

// Status implements publishers.Publisher, for services that answer HEAD by what they have. Many frameworks answer 2xx
// to HEAD whatever is asked for, and would show for ever what was deleted: what such a service says decides nothing.
func (p *publisher) Status(ctx context.Context, in publishers.Intent, _ dam.Receipt) (publishers.Outcome, error) {
	status, err := p.head(ctx, in.Account, in.Content.Asset)
	if err != nil {
		return publishers.Outcome{}, err
	}
	undecided := func(why reasons.Reason) (publishers.Outcome, error) {
		return publishers.Outcome{Verdict: publishers.Undecided, Note: why}, nil
	}
	switch {
	case gone(status):
		return publishers.Outcome{Verdict: publishers.Absent}, nil
	case status >= 300:
		return undecided(reasons.Said(publishers.Status(status), ""))
	}
	// A name that nobody has ever sent.
	if status, err = p.head(ctx, in.Account, dam.NewID(dam.AssetPrefix)); err != nil {
		return publishers.Outcome{}, err
	}
	if !gone(status) {
		return undecided(reasons.ServiceAnswersEverything(publishers.Status(status)))
	}
	return publishers.Outcome{Verdict: publishers.Delivered, Receipt: publishers.Receipt{Remote: in.Content.Asset}}, nil
}

func (p *publisher) head(ctx context.Context, a publishers.Account, asset string) (status int, err error) {
	res, err := p.call(ctx, a, http.MethodHead, asset, 0, nil)
	if err != nil {
		return 0, err
	}
	return res.StatusCode, nil
}

func gone(status int) bool { return status == http.StatusNotFound || status == http.StatusGone }

// Lookup implements publishers.Publisher. A service need not store the revision, so nothing proves that the PUT
// arrived. Another PUT is harmless, so Lookup returns Absent.
func (p *publisher) Lookup(context.Context, publishers.Intent, publishers.State) (publishers.Outcome, error) {
	return publishers.Outcome{Verdict: publishers.Absent, Note: reasons.SentAgainRather()}, nil
}

// Recall implements publishers.Publisher.
func (p *publisher) Recall(ctx context.Context, in publishers.Intent, _ *dam.Receipt) (reasons.Reason, error) {
	res, err := p.call(ctx, in.Account, http.MethodDelete, in.Content.Asset, 0, nil)
	if err != nil {
		return reasons.Reason{}, err
	}
	if res.StatusCode >= 300 && !gone(res.StatusCode) {
		return reasons.Reason{}, publishers.Answered(res.Response, false)
	}
	return reasons.Said(fmt.Sprintf("DELETE %s: %s", res.Request.URL.Path, publishers.Status(res.StatusCode)), ""), nil
}
