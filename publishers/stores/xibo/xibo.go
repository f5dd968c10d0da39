// Package xibo publishes to a playlist of a Xibo CMS, over its API with client credentials.
//
// A repeated assignment makes a second widget, so the playlist is read before it. Prepare uploads the file to the
// library, unless it is there; its name ends with publication, revision and digest. Commit assigns that file, unless a
// widget has it already. A lost answer is looked up by the name of the file.
package xibo

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
	"strconv"
	"strings"
	"time"

	"vitrine/dam"
	"vitrine/dam/reasons"
	"vitrine/publishers"
)

// Name is the name of the kind.
const Name = "xibo"

const schema = `{
 "$schema": "https://json-schema.org/draft/2020-12/schema",
 "type": "object", "additionalProperties": false, "required": ["url", "client_id", "client_secret"],
 "properties": {
  "url": {"type": "string", "x-destination": true, "title": "URL", "description": "Of the CMS: https://cms.example.com", "minLength": 1,
   "x-fr": {"title": "URL", "description": "Du CMS : https://cms.example.com"}},
  "client_id": {"type": "string", "title": "Client id", "description": "Of an application with the grant “Client Credentials”", "minLength": 1,
   "x-fr": {"title": "Identifiant client", "description": "D’une application autorisée pour « Client Credentials »"}},
  "client_secret": {"type": "string", "title": "Client secret", "writeOnly": true,
   "x-fr": {"title": "Secret client"}},
  "playlist": {"type": "integer", "title": "Playlist", "description": "Its number, which can be chosen once the channel is added; a playlist of its own, not a dynamic one, and not a region of a layout", "minimum": 1,
   "x-fr": {"title": "Liste de lecture", "description": "Son numéro, à choisir une fois le canal ajouté ; une liste à part entière, qui n’est ni dynamique ni une zone d’une mise en page"}},
  "seconds": {"type": "integer", "title": "Seconds", "description": "How long a picture is shown; 10 when left out", "minimum": 1, "maximum": 86400,
   "x-fr": {"title": "Secondes", "description": "Durée d’affichage d’une image ; 10 si le champ est vide"}}
 }
}`

const options = `{
 "$schema": "https://json-schema.org/draft/2020-12/schema",
 "type": "object", "additionalProperties": false,
 "properties": {
  "order": {"type": "integer", "title": "Place", "description": "1 is the first of the playlist; last when left out", "minimum": 1, "maximum": 10000,
   "x-fr": {"title": "Place", "description": "1 est la première de la liste de lecture ; en dernier si le champ est vide"}},
  "seconds": {"type": "integer", "title": "Seconds", "description": "How long it is shown; the channel's when left out", "minimum": 1, "maximum": 86400,
   "x-fr": {"title": "Secondes", "description": "Durée d’affichage ; celle du canal si le champ est vide"}}
 }
}`

const (
	mediaLimit = 256 << 20 // files are sent from memory, so that a refused request can be repeated
	// classify is how long an assignment without an answer may still take effect.
	classify = 30 * time.Second
)

// Kind returns the kind of channel. client makes the requests and decides which addresses are allowed.
func Kind(client *http.Client) publishers.Kind {
	return publishers.Kind{Name: Name, Title: "Xibo playlist", Schema: json.RawMessage(schema), Place: "playlist",
		Publisher: newPublisher(client), Destination: func(raw json.RawMessage) string {
			var c config
			if json.Unmarshal(raw, &c) != nil {
				return ""
			}
			return fmt.Sprint(c.URL, " ", c.Playlist)
		}}
}

type publisher struct {
	client *http.Client
	tokens publishers.ClientTokens // valid for an hour
	publishers.ByRemoteRef[ours]
}

func newPublisher(client *http.Client) *publisher {
	p := &publisher{client: client}
	p.ByRemoteRef = publishers.ByRemoteRef[ours]{Recalled: func(n int) reasons.Reason { return reasons.XiboDeleted(n) },
		Open: func(a publishers.Account) (publishers.Copies[ours], error) { return p.open(a) }}
	return p
}

type config struct {
	URL      string `json:"url"`
	ClientID string `json:"client_id"`
	Playlist int64  `json:"playlist"`
	Seconds  int    `json:"seconds"`
}

type showing struct {
	Order   int `json:"order"`
	Seconds int `json:"seconds"`
}

// cms is one playlist of a CMS as seen by one application.
type cms struct {
	config
	secret string
	p      *publisher
}

// medium is a file in the CMS's library.
type medium struct {
	ID   int64  `json:"mediaId"`
	Name string `json:"name"`
}

// widget is an entry of a playlist.
type widget struct {
	ID    int64   `json:"widgetId"`
	Media []int64 `json:"mediaIds"`
}

func (p *publisher) open(a publishers.Account) (cms, error) {
	c := cms{secret: a.Secrets["client_secret"], p: p}
	if err := json.Unmarshal(a.Config, &c.config); err != nil {
		return c, publishers.Permanent("config", reasons.SettingsUnreadable())
	}
	u, err := url.Parse(c.URL)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil {
		return c, dam.InvalidInput("config.url", reasons.XiboUrlForm())
	}
	return c, nil
}

// send makes one request, and repeats it with a new token if the token is refused, since a request with a refused token
// was not accepted. The call's URL is relative to /api/.
func (c cms) send(ctx context.Context, body []byte, call publishers.Call) error {
	base := strings.TrimRight(c.URL, "/") + "/api/"
	application := publishers.Application{TokenURL: base + "authorize/access_token", ID: c.ClientID, Secret: c.secret,
		Refused: reasons.ApplicationRefusedXibo()}
	call.URL = base + call.URL
	refused := ""
	for {
		bearer, err := c.p.tokens.Get(ctx, c.p.client, application, refused)
		if err != nil {
			return err
		}
		call.Token, call.Body = bearer, bytes.NewReader(body)
		res, err := call.Do(ctx, c.p.client)
		if res.Response != nil && res.StatusCode == http.StatusUnauthorized && refused == "" {
			refused = bearer
			continue
		}
		return err
	}
}

// ours is a library file that a publication made, with the widgets that show it.
type ours struct {
	medium
	mark    publishers.RemoteRef
	widgets []int64
}

// Of lists what a publication made.
func (c cms) Of(ctx context.Context, publication string) ([]ours, error) {
	var list []medium
	if err := c.send(ctx, nil, publishers.Call{Method: http.MethodGet, URL: "library?length=100&media=" +
		url.QueryEscape(publication), Out: &list}); err != nil {
		return nil, err
	}
	var out []ours
	for _, m := range list {
		if mark, ok := publishers.FindRemoteRef(m.Name); ok && mark.Publication == publication {
			out = append(out, ours{medium: m, mark: mark})
		}
	}
	if len(out) == 0 {
		return nil, nil
	}
	widgets, err := c.widgets(ctx)
	for i := range out {
		for _, w := range widgets {
			if slices.Contains(w.Media, out[i].ID) {
				out[i].widgets = append(out[i].widgets, w.ID)
			}
		}
	}
	return out, err
}

type playlist struct {
	ID      int64    `json:"playlistId"`
	Name    string   `json:"name"`
	Dynamic int      `json:"isDynamic"`
	Region  *int64   `json:"regionId"`
	Widgets []widget `json:"widgets"`
}

func (c cms) playlist(ctx context.Context) (playlist, error) {
	var list []playlist
	if err := c.send(ctx, nil, publishers.Call{Method: http.MethodGet,
		URL: fmt.Sprintf("playlist?embed=widgets&playlistId=%d", c.Playlist), Out: &list}); err != nil {
		return playlist{}, err
	}
	for _, p := range list {
		if p.ID == c.Playlist {
			return p, nil
		}
	}
	return playlist{}, publishers.Permanent("playlist", reasons.XiboNoPlaylist(c.Playlist))
}

func (c cms) widgets(ctx context.Context) ([]widget, error) {
	p, err := c.playlist(ctx)
	return p.Widgets, err
}

// Targets implements publishers.TargetLister: the playlists that a file can be assigned to, which are neither dynamic
// nor a region's. The CMS lists 10 at a time unless it is asked for more.
func (p *publisher) Targets(ctx context.Context, a publishers.Account) ([]publishers.Target, error) {
	c, err := p.open(a)
	if err != nil {
		return nil, err
	}
	var out []publishers.Target
	const page = 100
	for start := 0; start < 50*page; start += page {
		var list []playlist
		if err := c.send(ctx, nil, publishers.Call{Method: http.MethodGet, Out: &list,
			URL: fmt.Sprintf("playlist?start=%d&length=%d", start, page)}); err != nil {
			return nil, err
		}
		for _, x := range list {
			if x.Dynamic == 0 && (x.Region == nil || *x.Region == 0) {
				out = append(out, publishers.Target{Setting: "playlist", Value: strconv.FormatInt(x.ID, 10),
					Title: x.Name})
			}
		}
		if len(list) < page {
			break
		}
	}
	return out, nil
}

// Remove implements publishers.Copies: the file leaves the playlist and the library, wherever else it is used.
func (c cms) Remove(ctx context.Context, o ours) error {
	for _, w := range o.widgets {
		if err := c.send(ctx, nil, publishers.Call{Method: http.MethodDelete, URL: fmt.Sprintf("playlist/widget/%d",
			w)}); err != nil {
			return err
		}
	}
	return c.send(ctx, nil, publishers.Call{Method: http.MethodDelete, URL: fmt.Sprintf("library/%d?forceDelete=1",
		o.ID)})
}

// Describe implements publishers.Publisher.
func (p *publisher) Describe(context.Context, publishers.Account) (publishers.Capabilities, error) {
	return publishers.Capabilities{Media: publishers.MediaRules{Single: true, Formats: []dam.Format{dam.JPEG, dam.PNG,
		dam.MP4}, MaxBytes: mediaLimit},
		Idempotency: publishers.ByHandle, VisibleAfter: classify, Update: true, Recall: true, PublicStaging: true,
		Options: json.RawMessage(options),

		LimitReasons: map[string]reasons.Reason{"media": reasons.LimitFile("JPEG, PNG, MP4", mediaLimit>>20)}}, nil
}

// Verify implements publishers.Publisher.
func (p *publisher) Verify(ctx context.Context, a publishers.Account) (dam.ChannelIdentity, error) {
	c, err := p.open(a)
	if err != nil {
		return dam.ChannelIdentity{}, err
	}
	list, err := c.playlist(ctx)
	switch {
	case err != nil:
		return dam.ChannelIdentity{}, err
	case list.Dynamic != 0:
		return dam.ChannelIdentity{}, dam.InvalidInput("config.playlist", reasons.XiboPlaylistDynamic(list.Name))
	case list.Region != nil && *list.Region != 0:
		return dam.ChannelIdentity{}, dam.InvalidInput("config.playlist", reasons.XiboPlaylistInLayout())
	}
	return dam.ChannelIdentity{ID: strconv.FormatInt(list.ID, 10), Name: list.Name, URL: c.URL}, nil
}

// Refresh implements publishers.Publisher. Tokens are fetched when needed.
func (p *publisher) Refresh(context.Context, publishers.Account) (map[string]string, error) {
	return nil, publishers.Disconnected(reasons.XiboRefusesApplication(), nil)
}

// Validate implements publishers.Publisher.
func (p *publisher) Validate(context.Context, publishers.Intent) []dam.Problem { return nil }

// handle is what Commit needs.
type handle struct {
	Media  int64  `json:"media"`
	Digest string `json:"digest"`
}

// Prepare implements publishers.Publisher. It uploads the file to the library.
func (p *publisher) Prepare(ctx context.Context, in publishers.Intent, _ publishers.State) (publishers.State, error) {
	touched := publishers.State(`{}`)
	c, err := p.open(in.Account)
	if err != nil {
		return nil, err
	}
	if len(in.Content.Media) != 1 {
		return nil, publishers.Permanent("media", reasons.EntryOneFile())
	}
	have, err := c.Of(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	for _, o := range have {
		if o.mark.Shows(in) {
			return json.Marshal(handle{o.ID, in.Digest}) // uploaded by an earlier attempt
		}
	}
	id, err := c.upload(ctx, in)
	if err != nil {
		return touched, err
	}
	return json.Marshal(handle{id, in.Digest})
}

func (c cms) upload(ctx context.Context, in publishers.Intent) (int64, error) {
	m := in.Content.Media[0]
	r, err := in.Open(ctx, m)
	if err != nil {
		return 0, err
	}
	mark := in.RemoteRef().String()
	title := in.Content.Title.Get(in.Language, in.Locale)
	name := strings.TrimSpace(fitting(title, nameMax-len(mark)-1) + " " + mark)
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	err = w.WriteField("name", name)
	if err == nil {
		var part io.Writer
		part, err = w.CreatePart(textproto.MIMEHeader{
			"Content-Disposition": {fmt.Sprintf(`form-data; name="files"; filename="%s.%s"`, m.SHA256, m.Format.Ext())},
			"Content-Type":        {m.MediaType}})
		if err == nil {
			_, err = io.Copy(part, r)
		}
	}
	if err = errors.Join(err, r.Close(), w.Close()); err != nil {
		return 0, err
	}
	var said struct {
		Files []struct {
			Media int64  `json:"mediaId"`
			Error string `json:"error"`
		} `json:"files"`
	}
	if err := c.send(ctx, b.Bytes(), publishers.Call{Method: http.MethodPost, URL: "library",
		Header: http.Header{"Content-Type": {w.FormDataContentType()}}, Out: &said}); err != nil {
		return 0, err
	}
	switch {
	case len(said.Files) != 1:
		return 0, fmt.Errorf("the CMS tells of %d files", len(said.Files))
	case said.Files[0].Error != "": // the status is 200 nevertheless
		return 0, publishers.Permanent("media", reasons.XiboRefusesFile(said.Files[0].Error))
	}
	return said.Files[0].Media, nil
}

// nameMax is how many characters a name in the library may have. The CMS counts them after it has escaped the name with
// PHP's htmlspecialchars: lib/Helper/XiboUploadHandler.php and lib/Entity/Media.php in github.com/xibosignage/xibo-cms,
// of 20 August 2026 (read in November 2026).
const nameMax = 100

// special are the characters that are escaped, at their escaped lengths: &amp; &lt; &gt; &quot; &#039;
var special = map[rune]int{'&': 5, '<': 4, '>': 4, '"': 6, '\'': 6}

// fitting returns the longest beginning of a title that has at most so many characters once it is escaped. The
// reference after it must not be cut: a file is found by it.
func fitting(title string, most int) string {
	length, n := 0, 0
	for _, r := range title {
		if length += max(special[r], 1); length > most {
			return dam.Cut(title, n)
		}
		n++
	}
	return title
}

// Commit implements publishers.Publisher. It removes what an older revision shows and assigns the new file.
func (p *publisher) Commit(ctx context.Context, in publishers.Intent, state publishers.State) (publishers.Receipt,
	error) {
	var h handle
	if err := json.Unmarshal(state, &h); err != nil || h.Media == 0 {
		return publishers.Receipt{}, publishers.Retry(0, errors.New("the file has not been put into the library"))
	}
	c, err := p.open(in.Account)
	if err != nil {
		return publishers.Receipt{}, err
	}
	have, err := c.Of(ctx, in.ID)
	if err != nil {
		return publishers.Receipt{}, publishers.Unaccepted(err)
	}
	for _, o := range have {
		if len(o.widgets) > 0 && (o.ID == h.Media || o.mark.Revision > in.Revision) {
			return receipt(o), nil
		}
	}
	for _, o := range have {
		if o.ID == h.Media {
			continue
		}
		if err := c.Remove(ctx, o); err != nil {
			return publishers.Receipt{}, publishers.Unaccepted(err)
		}
	}
	var s showing
	if in.Content.Options != nil && json.Unmarshal(in.Content.Options, &s) != nil {
		return publishers.Receipt{}, publishers.Permanent("options", reasons.OptionsUnreadable())
	}
	form := url.Values{"media[]": {strconv.FormatInt(h.Media, 10)}}
	if !in.Content.Media[0].Format.IsVideo() { // videos have their own length
		seconds := 10
		for _, n := range []int{c.Seconds, s.Seconds} {
			if n > 0 {
				seconds = n
			}
		}
		form.Set("duration", strconv.Itoa(seconds))
		form.Set("useDuration", "1")
	}
	if s.Order > 0 {
		form.Set("displayOrder", strconv.Itoa(s.Order))
	}
	var now playlist
	if err := c.send(ctx, []byte(form.Encode()), publishers.Call{Method: http.MethodPost,
		URL:    fmt.Sprintf("playlist/library/assign/%d", c.Playlist),
		Header: http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}, Commit: true,
		Out: &now}); err != nil {
		return publishers.Receipt{}, err
	}
	return publishers.Receipt{Remote: strconv.FormatInt(h.Media, 10)}, nil
}

// Copy implements publishers.Copies: a medium without a widget is not shown.
func (c cms) Copy(o ours) (publishers.RemoteRef, bool, publishers.Receipt) {
	return o.mark, len(o.widgets) > 0, receipt(o)
}

func receipt(o ours) publishers.Receipt {
	return publishers.Receipt{Remote: strconv.FormatInt(o.ID, 10)}
}
