// Package anthias publishes to screens that run Anthias, with version 2 of the API of one device.
//
// Anthias has no idempotency key, and a repeated POST makes a second asset. So Prepare uploads the file and makes a
// disabled asset, unless one with the same name exists; the name ends with publication, revision and digest. Commit
// enables that asset, and enabling it twice changes nothing. Anthias answers 500 for a missing asset, so what exists is
// always read from the list.
package anthias

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
	"strings"
	"time"

	"vitrine/dam"
	"vitrine/dam/reasons"
	"vitrine/publishers"
)

// Name is the name of the kind.
const Name = "anthias"

const schema = `{
 "$schema": "https://json-schema.org/draft/2020-12/schema",
 "type": "object", "additionalProperties": false, "required": ["url", "zone"],
 "properties": {
  "url": {"type": "string", "x-destination": true, "title": "URL", "description": "Of the device: http://192.168.1.20", "minLength": 1,
   "x-fr": {"title": "URL", "description": "De l’appareil : http://192.168.1.20"}},
  "token": {"type": "string", "title": "Access token", "description": "Made in the device's settings, where its version has them; empty if it asks for no authentication", "writeOnly": true,
   "x-fr": {"title": "Jeton d’accès", "description": "Créé dans les réglages de l’appareil, si sa version en a ; vide s’il ne demande pas d’authentification"}},
  "username": {"type": "string", "title": "User name", "description": "Deprecated by Anthias: for devices that have no access tokens", "deprecated": true,
   "x-fr": {"title": "Nom d’utilisateur", "description": "Abandonné par Anthias : pour les appareils sans jetons d’accès"}},
  "password": {"type": "string", "title": "Password", "description": "Of that user", "deprecated": true, "writeOnly": true,
   "x-fr": {"title": "Mot de passe", "description": "De cet utilisateur"}},
  "zone": {"type": "string", "title": "Time zone", "description": "Where the screen hangs, for dates: Europe/Paris", "minLength": 1,
   "x-fr": {"title": "Fuseau horaire", "description": "Là où se trouve l’écran, pour les dates : Europe/Paris"}},
  "seconds": {"type": "integer", "title": "Seconds", "description": "How long a picture is shown; 10 when left out", "minimum": 1, "maximum": 86400,
   "x-fr": {"title": "Secondes", "description": "Durée d’affichage d’une image ; 10 si le champ est vide"}}
 }
}`

const options = `{
 "$schema": "https://json-schema.org/draft/2020-12/schema",
 "type": "object", "additionalProperties": false,
 "properties": {
  "from": {"type": "string", "format": "date", "title": "First day", "description": "By the date at the screen",
   "x-fr": {"title": "Premier jour", "description": "Selon la date là où est l’écran"}},
  "until": {"type": "string", "format": "date", "title": "Last day", "description": "That day included",
   "x-fr": {"title": "Dernier jour", "description": "Ce jour compris"}},
  "order": {"type": "integer", "title": "Place", "description": "0 is the first of the device's playlist", "minimum": 0, "maximum": 10000,
   "x-fr": {"title": "Place", "description": "0 est la première de la liste de lecture de l’appareil"}},
  "seconds": {"type": "integer", "title": "Seconds", "description": "How long it is shown; the channel's when left out", "minimum": 1, "maximum": 86400,
   "x-fr": {"title": "Secondes", "description": "Durée d’affichage ; celle du canal si le champ est vide"}}
 }
}`

const (
	mediaLimit = 256 << 20 // files are sent from memory, so that a refused request can be repeated
	// forever is the end of an asset without one: Anthias requires an end.
	forever = "2099-12-31T00:00:00Z"
)

// Kind returns the kind of channel. client makes the requests and decides which addresses are allowed.
func Kind(client *http.Client) publishers.Kind {
	return publishers.Kind{Name: Name, Title: "Anthias screen", Schema: json.RawMessage(schema),
		API: publishers.API{Version: "v2", Source: "https://github.com/Screenly/Anthias/tree/v2026.08.2",
			Checked: publishers.Day(2026, time.November, 30)},
		Publisher: newPublisher(client), Destination: func(raw json.RawMessage) string {
			var c config
			if json.Unmarshal(raw, &c) != nil {
				return ""
			}
			return c.URL
		}}
}

type publisher struct {
	client *http.Client
	publishers.ByRemoteRef[ours]
}

func newPublisher(client *http.Client) *publisher {
	p := &publisher{client: client}
	p.ByRemoteRef = publishers.ByRemoteRef[ours]{Recalled: func(n int) reasons.Reason {
		return reasons.AnthiasDeleted(n)
	},
		Open: func(a publishers.Account) (publishers.Copies[ours], error) { return p.open(a) }}
	return p
}

type config struct {
	URL      string `json:"url"`
	Username string `json:"username"`
	Zone     string `json:"zone"`
	Seconds  int    `json:"seconds"`
}

// showing holds the options.
type showing struct {
	From    dam.Date `json:"from"`
	Until   dam.Date `json:"until"`
	Order   int      `json:"order"`
	Seconds int      `json:"seconds"`
}

// device is one screen as seen by one account.
type device struct {
	config
	token    string
	password string
	zone     *time.Location
	client   *http.Client
}

// asset is an asset of Anthias, with its names.
type asset struct {
	ID         string `json:"asset_id,omitempty"`
	Name       string `json:"name"`
	URI        string `json:"uri"`
	Ext        string `json:"ext,omitempty"`
	Start      string `json:"start_date"`
	End        string `json:"end_date"`
	Duration   int    `json:"duration"`
	MediaType  string `json:"mimetype"`
	Enabled    bool   `json:"is_enabled"`
	NoCache    bool   `json:"nocache"`
	Order      int    `json:"play_order"`
	SkipsCheck bool   `json:"skip_asset_check"`
}

func (p *publisher) open(a publishers.Account) (device, error) {
	d := device{client: p.client, token: a.Secrets["token"], password: a.Secrets["password"]}
	if err := json.Unmarshal(a.Config, &d.config); err != nil {
		return d, publishers.Permanent("config", reasons.SettingsUnreadable())
	}
	u, err := url.Parse(d.URL)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil {
		return d, dam.InvalidInput("config.url", reasons.AnthiasUrlForm())
	}
	if d.zone, err = dam.Zone(d.Zone); err != nil {
		return d, dam.InvalidInput("config.zone", reasons.NoTimeZone(d.Zone))
	}
	return d, nil
}

// call makes one request; its URL is relative to /api/v2/. A PATCH may publish.
func (d device) call(ctx context.Context, c publishers.Call) error {
	c.URL, c.Commit = strings.TrimRight(d.URL, "/")+"/api/v2/"+c.URL, c.Method == http.MethodPatch
	c.Refused = func(res *http.Response, _ []byte, commit bool) error {
		if unknown(res) {
			return publishers.Disconnected(reasons.AnthiasRefusesLogin(), publishers.Answered(res, false))
		}
		return publishers.Answered(res, commit)
	}
	_, err := c.Through(ctx, d.send)
	return err
}

// unknown reports whether a device answers that it does not know who asks. It sends a request without credentials that
// it understands to its login page; wrong basic credentials are a 401.
func unknown(res *http.Response) bool {
	return res.StatusCode == http.StatusUnauthorized ||
		res.StatusCode == http.StatusFound && strings.HasPrefix(res.Header.Get("Location"), "/login")
}

// send makes a request with the token, or with the user's password. Anthias has deprecated basic authentication and
// announced access tokens, which are sent as bearer tokens (https://github.com/Screenly/Anthias/issues/2830, open); no
// release up to v2026.08.2 has them (src/anthias_server/lib/auth.py there; both read in November 2026). If there are
// both, a device that does not know the token is asked with the password: what it refused, it did not do.
func (d device) send(req *http.Request) (*http.Response, error) {
	if d.token != "" {
		req.Header.Set("Authorization", "Bearer "+d.token)
		res, err := d.client.Do(req)
		if err != nil || d.Username == "" || !unknown(res) || req.Body != nil && req.GetBody == nil {
			return res, err
		}
		if err := res.Body.Close(); err != nil {
			return nil, err
		}
		if req = req.Clone(req.Context()); req.GetBody != nil {
			if req.Body, err = req.GetBody(); err != nil {
				return nil, err
			}
		}
	}
	if d.Username != "" {
		req.SetBasicAuth(d.Username, d.password)
	}
	return d.client.Do(req)
}

func (d device) object(ctx context.Context, method, path string, in, out any) error {
	return d.call(ctx, publishers.Call{Method: method, URL: path, JSON: in, Out: out})
}

// ours is an asset that a publication made.
type ours struct {
	asset
	mark publishers.RemoteRef
}

// Of lists the assets of a publication.
func (d device) Of(ctx context.Context, publication string) ([]ours, error) {
	var all []asset
	if err := d.call(ctx, publishers.Call{Method: http.MethodGet, URL: "assets", Out: &all}); err != nil {
		return nil, err
	}
	var out []ours
	for _, a := range all {
		if m, ok := publishers.FindRemoteRef(a.Name); ok && m.Publication == publication {
			out = append(out, ours{a, m})
		}
	}
	return out, nil
}

// Describe implements publishers.Publisher.
func (p *publisher) Describe(context.Context, publishers.Account) (publishers.Capabilities, error) {
	return publishers.Capabilities{Media: publishers.MediaRules{Single: true, Formats: []dam.Format{dam.JPEG, dam.PNG,
		dam.MP4}, MaxBytes: mediaLimit},
		Idempotency: publishers.Durable, Update: true, Recall: true, PublicStaging: true,
		Options: json.RawMessage(options),

		LimitReasons: map[string]reasons.Reason{"media": reasons.LimitFile("JPEG, PNG, MP4", mediaLimit>>20)}}, nil
}

// Verify implements publishers.Publisher.
func (p *publisher) Verify(ctx context.Context, a publishers.Account) (dam.ChannelIdentity, error) {
	d, err := p.open(a)
	if err != nil {
		return dam.ChannelIdentity{}, err
	}
	var info struct {
		Version string `json:"anthias_version"`
		Model   string `json:"device_model"`
	}
	if err := d.call(ctx, publishers.Call{Method: http.MethodGet, URL: "info", Out: &info}); err != nil {
		return dam.ChannelIdentity{}, err
	}
	return dam.ChannelIdentity{ID: d.URL, Name: strings.TrimSpace(info.Model + " " + info.Version), URL: d.URL}, nil
}

// Refresh implements publishers.Publisher. Passwords do not expire.
func (p *publisher) Refresh(context.Context, publishers.Account) (map[string]string, error) {
	return nil, publishers.Disconnected(reasons.AnthiasRefusesLogin(), nil)
}

// Validate implements publishers.Publisher.
func (p *publisher) Validate(_ context.Context, in publishers.Intent) []dam.Problem {
	s, err := read(in)
	if err == nil {
		err = dam.CheckDays("options", s.From, s.Until)
	}
	var e *dam.Error
	if errors.As(err, &e) {
		return []dam.Problem{*dam.NewProblem(string(publishers.ClassPermanent), e.Field, e.Reason)}
	}
	return nil
}

func read(in publishers.Intent) (s showing, err error) {
	if in.Content.Options != nil && json.Unmarshal(in.Content.Options, &s) != nil {
		err = dam.InvalidInput("options", reasons.OptionsUnreadable())
	}
	return s, err
}

// wanted returns the asset as it should be, without its file.
func (d device) wanted(in publishers.Intent) (asset, error) {
	s, err := read(in)
	if err != nil {
		return asset{}, err
	}
	// Anthias enforces the end of the rights itself, in case it can't be reached then.
	rights := in.Content.Rights
	start, end := dam.Rights{From: max(dam.Moment(s.From), rights.From), Until: dam.Moment(s.Until)}.Window(d.zone)
	if _, last := (dam.Rights{Until: rights.Until}).Window(d.zone); !last.IsZero() &&
		(end.IsZero() || last.Before(end)) {
		end = last
	}
	a := asset{Name: strings.TrimSpace(in.Content.Title.Get(in.Language, in.Locale) + " " + in.RemoteRef().String()),
		Start: in.CreatedAt.UTC().Format(time.RFC3339), End: forever,
		Duration: 10, MediaType: "image", Order: s.Order}
	if !start.IsZero() {
		a.Start = start.UTC().Format(time.RFC3339)
	}
	if !end.IsZero() {
		a.End = end.UTC().Format(time.RFC3339)
	}
	if d.Seconds > 0 {
		a.Duration = d.Seconds
	}
	if s.Seconds > 0 {
		a.Duration = s.Seconds
	}
	if in.Content.Media[0].Format.IsVideo() {
		a.MediaType, a.Duration = "video", 0 // videos have their own length
	}
	return a, nil
}

// Prepare implements publishers.Publisher. It uploads the file and makes the disabled asset.
func (p *publisher) Prepare(ctx context.Context, in publishers.Intent, _ publishers.State) (publishers.State, error) {
	touched := publishers.State(`{"touched":true}`)
	d, err := p.open(in.Account)
	if err != nil {
		return nil, err
	}
	if len(in.Content.Media) != 1 {
		return nil, publishers.Permanent("media", reasons.AnthiasOneFile())
	}
	have, err := d.Of(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	for _, a := range have {
		if a.mark.Shows(in) {
			return touched, nil // of the same content, made by an earlier attempt
		}
	}
	want, err := d.wanted(in)
	if err != nil {
		return nil, err
	}
	if want.URI, want.Ext, err = d.upload(ctx, in); err != nil {
		return touched, err
	}
	return touched, d.object(ctx, http.MethodPost, "assets", want, nil)
}

// upload uploads the file to the device and returns where it is until an asset uses it.
func (d device) upload(ctx context.Context, in publishers.Intent) (uri, ext string, err error) {
	m := in.Content.Media[0]
	r, err := in.Open(ctx, m)
	if err != nil {
		return "", "", err
	}
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	part, err := w.CreatePart(textproto.MIMEHeader{
		"Content-Disposition": {fmt.Sprintf(`form-data; name="file_upload"; filename="%s.%s"`, m.SHA256,
			m.Format.Ext())}, "Content-Type": {m.MediaType}})
	if err == nil {
		_, err = io.Copy(part, r)
	}
	if err = errors.Join(err, r.Close(), w.Close()); err != nil {
		return "", "", err
	}
	var out struct {
		URI string `json:"uri"`
		Ext string `json:"ext"`
	}
	err = d.call(ctx, publishers.Call{Method: http.MethodPost, URL: "file_asset",
		Header: http.Header{"Content-Type": {w.FormDataContentType()}}, Body: bytes.NewReader(b.Bytes()), Out: &out})
	return out.URI, out.Ext, err
}

// Commit implements publishers.Publisher. It removes the asset of an older revision and enables the new one.
func (p *publisher) Commit(ctx context.Context, in publishers.Intent, _ publishers.State) (publishers.Receipt, error) {
	d, err := p.open(in.Account)
	if err != nil {
		return publishers.Receipt{}, err
	}
	have, err := d.Of(ctx, in.ID)
	if err != nil {
		return publishers.Receipt{}, unaccepted(err)
	}
	var mine *ours
	for i, a := range have {
		switch {
		case a.Enabled && a.mark.Revision > in.Revision:
			return receipt(a), nil // this node was delayed: the newer revision stays
		case mine == nil && a.mark.Shows(in):
			mine = &have[i]
		}
	}
	if mine == nil {
		return publishers.Receipt{}, publishers.Retry(0, errors.New("the asset that was made for this is gone"))
	}
	for _, a := range have {
		if a.ID == mine.ID {
			continue
		}
		if err := d.call(ctx, publishers.Call{Method: http.MethodDelete,
			URL: "assets/" + url.PathEscape(a.ID)}); err != nil {
			return publishers.Receipt{}, unaccepted(err)
		}
	}
	if err := d.object(ctx, http.MethodPatch, "assets/"+url.PathEscape(mine.ID), map[string]any{"is_enabled": true},
		nil); err != nil {
		return publishers.Receipt{}, err
	}
	return receipt(*mine), nil
}

// unaccepted returns an error before the irreversible call as one with which nothing was accepted.
func unaccepted(err error) error {
	var e *publishers.Error
	if errors.As(err, &e) && e.Class != publishers.ClassUnknown {
		return err
	}
	return publishers.Retry(0, err)
}

// Copy implements publishers.Copies: one that is switched off is not shown.
func (d device) Copy(a ours) (publishers.RemoteRef, bool, publishers.Receipt) {
	return a.mark, a.Enabled, receipt(a)
}

// Remove implements publishers.Copies; the file goes with its asset.
func (d device) Remove(ctx context.Context, a ours) error {
	return d.call(ctx, publishers.Call{Method: http.MethodDelete, URL: "assets/" + url.PathEscape(a.ID)})
}

func receipt(a ours) publishers.Receipt { return publishers.Receipt{Remote: a.ID} }
