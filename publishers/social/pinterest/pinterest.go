// Package pinterest publishes to a board on Pinterest.
package pinterest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"vitrine/dam"
	"vitrine/dam/reasons"
	"vitrine/publishers"
)

// Name is the name of the kind.
const Name = "pinterest"

const schema = `{
 "$schema": "https://json-schema.org/draft/2020-12/schema",
 "type": "object", "additionalProperties": false, "required": ["client_id", "client_secret"],
 "properties": {
  "client_id": {"type": "string", "title": "App id", "description": "Of your own app at developers.pinterest.com", "minLength": 1,
   "x-fr": {"title": "Identifiant de l’application", "description": "De votre propre application sur developers.pinterest.com"}},
  "client_secret": {"type": "string", "title": "App secret", "writeOnly": true,
   "x-fr": {"title": "Clé secrète de l’application"}},
  "access": {"type": "string", "title": "Access of the app", "description": "standard; trial until Pinterest has granted it: pins then go to Pinterest's sandbox, where nobody but their creator sees them", "enum": ["standard", "trial"],
   "x-values": {"standard": "Standard", "trial": "Trial"},
   "x-fr": {"title": "Accès de l’application", "description": "Standard, ou essai tant que Pinterest n’a pas accordé l’accès : les épingles vont alors dans son bac à sable, où seul leur auteur les voit", "values": {"standard": "Standard", "trial": "Essai"}}},
  "board": {"type": "string", "title": "Board", "description": "The board's id, a number; it can be chosen once the account is connected", "minLength": 1,
   "x-fr": {"title": "Tableau", "description": "L’identifiant du tableau, un numéro ; il peut être choisi une fois le compte connecté"}},
  "section": {"type": "string", "title": "Section", "description": "The id of one of the board's sections, a number; none when left out",
   "x-fr": {"title": "Section", "description": "L’identifiant d’une section du tableau, un numéro ; aucune si le champ est vide"}},
  "access_token": {"type": "string", "title": "Access token", "description": "Leave it empty and connect the account in the browser, or enter a token of the app", "writeOnly": true,
   "x-fr": {"title": "Jeton d’accès", "description": "Laissez-le vide et connectez le compte dans le navigateur, ou saisissez un jeton de l’application"}},
  "refresh_token": {"type": "string", "title": "Refresh token", "writeOnly": true,
   "x-fr": {"title": "Jeton d’actualisation"}}
 }
}`

const (
	// descriptionMax is what Pinterest's documentation of pins says. Its OpenAPI description says 800
	// (github.com/pinterest/api-description, 5.23.0 of December 2025); the lesser of the two is accepted by both.
	descriptionMax = 500
	titleMax       = 100
	linkMax        = 2048
	altMax         = 500
	mediaMax       = 10 << 20
	// classify is how long a pin may take to appear on its board.
	classify = time.Minute
)

// Hosts are Pinterest's base URLs: API for requests and tokens, Sandbox for those of apps with trial access, Login for
// the browser.
type Hosts struct{ API, Sandbox, Login string }

// Live returns the base URLs of Pinterest itself: https://developers.pinterest.com/docs/developer-tools/sandbox/ (read
// in November 2026).
func Live() Hosts {
	return Hosts{API: "https://api.pinterest.com", Sandbox: "https://api-sandbox.pinterest.com",
		Login: "https://www.pinterest.com"}
}

// api returns the host for a channel's settings.
func (h Hosts) api(c config) string {
	if c.Access == trial {
		return h.Sandbox
	}
	return h.API
}

// trial is the access of an app before Pinterest has granted it the standard one.
const trial = "trial"

// Kind returns the kind of channel. client makes the requests.
func Kind(h Hosts, client *http.Client) publishers.Kind {
	return publishers.Kind{Name: Name, Title: "Pinterest", Schema: json.RawMessage(schema), Place: "board",
		API: publishers.API{Version: "v5", Domain: "api.pinterest.com",
			Source:  "https://developers.pinterest.com/docs/api/v5/introduction",
			Checked: publishers.Day(2026, time.November, 30)},
		Publisher: &publisher{h, client}, Destination: func(raw json.RawMessage) string {
			c := settings(raw)
			return strings.Join(slices.DeleteFunc([]string{c.Board, c.Section, c.environment()}, func(s string) bool {
				return s == ""
			}), " ")
		},
		OAuth: &publishers.OAuth{Scopes: []string{"boards:read", "boards:write", "pins:read", "pins:write",
			"user_accounts:read"}, ScopeSeparator: ",", NoPKCE: true, BasicAuth: true, Client: client,
			// Without it, apps made before 25 September 2025 get refresh tokens that Pinterest no longer supports:
			// https://developers.pinterest.com/docs/api/v5/oauth-token/ (read in November 2026).
			TokenParams: map[string]string{"continuous_refresh": "true"},
			Endpoint: func(raw json.RawMessage) (string, string, error) {
				return h.Login + "/oauth/", h.api(settings(raw)) + "/v5/oauth/token", nil
			}}}
}

type publisher struct {
	hosts  Hosts
	client *http.Client
}

type config struct {
	Access  string `json:"access"`
	Board   string `json:"board"`
	Section string `json:"section"`
}

func settings(raw json.RawMessage) (c config) {
	_ = json.Unmarshal(raw, &c) // the settings were validated when they were entered
	return c
}

// environment names the place of an app with trial access; "" is Pinterest itself.
func (c config) environment() string {
	if c.Access == trial {
		return "sandbox"
	}
	return ""
}

// pins returns the path of the list of the pins in the channel's place.
func (c config) pins() string {
	if c.Section != "" {
		return "/boards/" + url.PathEscape(c.Board) + "/sections/" + url.PathEscape(c.Section) + "/pins"
	}
	return "/boards/" + url.PathEscape(c.Board) + "/pins"
}

// pin is a pin in Pinterest's format.
type pin struct {
	ID          string `json:"id,omitempty"`
	CreatedAt   string `json:"created_at,omitempty"`
	Board       string `json:"board_id"`
	Section     string `json:"board_section_id,omitempty"`
	Title       string `json:"title,omitempty"`
	Description string `json:"description,omitempty"`
	Link        string `json:"link,omitempty"`
	Alt         string `json:"alt_text,omitempty"`
	Source      *image `json:"media_source,omitempty"`
}

type image struct {
	Type      string `json:"source_type"`
	MediaType string `json:"content_type"`
	Data      []byte `json:"data"` // marshals as base64
}

// call makes one request to the API; its URL is a path.
func (p *publisher) call(ctx context.Context, a publishers.Account, c publishers.Call) error {
	c.Token, c.Refused = a.Secrets[publishers.AccessToken], refused
	c.URL = p.hosts.api(settings(a.Config)) + "/v5" + c.URL
	_, err := c.Do(ctx, p.client)
	return err
}

// errNotFound means that there is no such pin or board, or that the account may not see it.
var errNotFound = errors.New("not found")

// trialOnly is the code with which Pinterest refuses a pin of an app that has trial access:
// https://github.com/gitroomhq/postiz-app/issues/1084 quotes the answer (read in November 2026).
const trialOnly = 29

// refused classifies an answer. Except for trialOnly, Pinterest's codes say little more than the status.
func refused(res *http.Response, raw []byte, commit bool) error {
	var named struct {
		Code    int    `json:"code"`
		Message string `json:"message"`
	}
	_ = json.Unmarshal(raw, &named) // an answer that is not JSON is classified by its status
	cause := fmt.Errorf("%s: %d: %s", res.Status, named.Code, named.Message)
	var e *publishers.Error
	switch s := res.StatusCode; {
	case s == http.StatusNotFound && commit:
		e = publishers.Permanent("config.board", reasons.PinterestBoardGone())
	case s == http.StatusNotFound:
		return errNotFound
	case s == http.StatusForbidden && named.Code == trialOnly: // of the app, not of the account
		e = publishers.Permanent("config.access", reasons.PinterestTrialAccess())
	case s == http.StatusForbidden:
		e = publishers.Disconnected(reasons.PinterestRefusesAccount(named.Message), nil)
	case s == http.StatusBadRequest || s == http.StatusUnprocessableEntity:
		e = publishers.Permanent("", reasons.PinterestRefuses(named.Message))
	case s == http.StatusRequestEntityTooLarge:
		e = publishers.Permanent("media", reasons.PinterestPictureTooLarge())
	default:
		e = publishers.Answered(res, commit)
	}
	e.Err = cause
	return e
}

// Describe implements publishers.Publisher.
func (p *publisher) Describe(_ context.Context, a publishers.Account) (publishers.Capabilities, error) {
	limits := map[string]reasons.Reason{"caption": reasons.LimitCharacters(descriptionMax),
		"media": reasons.LimitPicture("JPEG, PNG", 10), "alt": reasons.LimitCharacters(altMax),
		"link": reasons.LimitCharacters(2048), "title": reasons.LimitTitle(100)}
	if settings(a.Config).Access == trial {
		limits["audience"] = reasons.LimitPinterestTrial()
	}
	return publishers.Capabilities{Media: publishers.MediaRules{Single: true, Formats: []dam.Format{dam.JPEG, dam.PNG},
		MaxBytes: mediaMax},
		CaptionUnit: "runes", CaptionMax: descriptionMax, AltMax: altMax, Idempotency: publishers.NoIdempotency,
		VisibleAfter: classify, Recall: true, Parallel: 1, Link: true, LimitReasons: limits}, nil
}

// Verify implements publishers.Publisher. It checks that the account exists and has the board, with the section.
func (p *publisher) Verify(ctx context.Context, a publishers.Account) (dam.ChannelIdentity, error) {
	var me struct{ ID, Username string }
	if err := p.call(ctx, a, publishers.Call{Method: http.MethodGet, URL: "/user_account", Out: &me}); err != nil {
		return dam.ChannelIdentity{}, err
	}
	c := settings(a.Config)
	var at struct{ Name string }
	err := p.call(ctx, a, publishers.Call{Method: http.MethodGet, URL: "/boards/" + url.PathEscape(c.Board), Out: &at})
	if errors.Is(err, errNotFound) {
		err = publishers.Permanent("board", reasons.PinterestNoBoard(me.Username))
	}
	id := dam.ChannelIdentity{ID: c.Board, Name: me.Username + " / " + at.Name,
		URL: "https://www.pinterest.com/" + url.PathEscape(me.Username)}
	if err != nil || c.Section == "" {
		id.Name += c.suffix()
		return id, err
	}
	sections, err := p.sections(ctx, a, c.Board)
	i := slices.IndexFunc(sections, func(s place) bool { return s.ID == c.Section })
	if err == nil && i < 0 {
		err = publishers.Permanent("section", reasons.PinterestNoSection())
	}
	if err != nil {
		return id, err
	}
	id.ID, id.Name = c.Board+"/"+c.Section, id.Name+" / "+sections[i].Name+c.suffix()
	return id, nil
}

// suffix follows the name of the place if it is not where people look.
func (c config) suffix() string {
	if where := c.environment(); where != "" {
		return " (" + where + ")"
	}
	return ""
}

// place is a board, or a section of one.
type place struct {
	ID      string `json:"id"`
	Name    string `json:"name"`
	Privacy string `json:"privacy"`
}

// all reads every page of a list, of at most 250 entries each.
func (p *publisher) all(ctx context.Context, a publishers.Account, path string) (out []place, err error) {
	query := url.Values{"page_size": {"250"}}
	for {
		var page struct {
			Items    []place `json:"items"`
			Bookmark string  `json:"bookmark"`
		}
		err := p.call(ctx, a, publishers.Call{Method: http.MethodGet, Out: &page, URL: path + "?" + query.Encode()})
		out = append(out, page.Items...)
		if err != nil || page.Bookmark == "" || len(page.Items) == 0 || len(out) >= listMax {
			return out, err
		}
		query.Set("bookmark", page.Bookmark)
	}
}

// listMax bounds how many boards, and sections of a board, are listed.
const listMax = 5000

func (p *publisher) sections(ctx context.Context, a publishers.Account, board string) ([]place, error) {
	return p.all(ctx, a, "/boards/"+url.PathEscape(board)+"/sections")
}

// visibility says who sees a board.
func visibility(privacy string) reasons.Reason {
	switch privacy {
	case "PUBLIC":
		return reasons.BoardPublic()
	case "PROTECTED":
		return reasons.BoardProtected()
	case "SECRET":
		return reasons.BoardSecret()
	case "":
		return reasons.Reason{}
	}
	return reasons.Said(strings.ToLower(privacy), "")
}

// Targets implements publishers.TargetLister: the account's boards, and the sections of the channel's board.
func (p *publisher) Targets(ctx context.Context, a publishers.Account) ([]publishers.Target, error) {
	boards, err := p.all(ctx, a, "/boards")
	if err != nil {
		return nil, err
	}
	var out []publishers.Target
	for _, b := range boards {
		out = append(out, publishers.Target{Setting: "board", Value: b.ID, Title: b.Name,
			Detail: visibility(b.Privacy)})
	}
	here := settings(a.Config).Board
	if !slices.ContainsFunc(boards, func(b place) bool { return b.ID == here }) {
		return out, nil // none is chosen yet, or it is gone
	}
	sections, err := p.sections(ctx, a, here)
	for _, s := range sections {
		out = append(out, publishers.Target{Setting: "section", Value: s.ID, Title: s.Name})
	}
	return out, err
}

// Refresh implements publishers.Publisher. The ledger uses the refresh token itself.
func (p *publisher) Refresh(context.Context, publishers.Account) (map[string]string, error) {
	return nil, publishers.Disconnected(reasons.PinterestAccessExpired(), nil)
}

// Validate implements publishers.Publisher.
func (p *publisher) Validate(_ context.Context, in publishers.Intent) (out []dam.Problem) {
	no := func(field, text string, most int, why func(n, most any) reasons.Reason) {
		if n := len([]rune(text)); n > most {
			out = append(out, *dam.NewProblem(string(publishers.ClassPermanent), field, why(n, most)))
		}
	}
	no("caption", in.Content.Text, descriptionMax, reasons.CaptionTooLong)
	no("link", in.Content.Link, linkMax, reasons.LinkTooLong)
	no("alt", in.Content.Alt.Get(in.Language, in.Locale), altMax, reasons.AlternativeTextTooLong)
	return out
}

// wanted returns the pin without its picture.
func wanted(in publishers.Intent) pin {
	c := settings(in.Account.Config)
	return pin{Board: c.Board, Section: c.Section,
		Title:       dam.Cut(in.Content.Title.Get(in.Language, in.Locale), titleMax),
		Description: in.Content.Text, Link: in.Content.Link, Alt: in.Content.Alt.Get(in.Language, in.Locale)}
}

// Prepare implements publishers.Publisher. A picture is sent with its pin, so there is nothing to upload first.
func (p *publisher) Prepare(_ context.Context, in publishers.Intent, state publishers.State) (publishers.State, error) {
	if len(in.Content.Media) == 0 {
		return state, publishers.Permanent("presets", reasons.NoPictureToPin())
	}
	return publishers.State(`{}`), nil
}

// Commit implements publishers.Publisher.
func (p *publisher) Commit(ctx context.Context, in publishers.Intent, _ publishers.State) (publishers.Receipt, error) {
	m := in.Content.Media[0]
	r, err := in.Open(ctx, m)
	if err != nil {
		return publishers.Receipt{}, publishers.Retry(0, err)
	}
	b, err := io.ReadAll(io.LimitReader(r, mediaMax+1))
	if err = errors.Join(err, r.Close()); err != nil {
		return publishers.Receipt{}, publishers.Retry(0, err)
	}
	want := wanted(in)
	want.Source = &image{Type: "image_base64", MediaType: m.MediaType, Data: b}
	var made pin
	if err := p.call(ctx, in.Account, publishers.Call{Method: http.MethodPost, URL: "/pins", JSON: want, Commit: true,
		Out: &made}); err != nil {
		return publishers.Receipt{}, err
	}
	if made.ID == "" {
		return publishers.Receipt{}, publishers.Unknown(errors.New("the pin was given no id"))
	}
	return receipt(made.ID), nil
}

func receipt(id string) publishers.Receipt {
	return publishers.Receipt{Remote: id, URL: "https://www.pinterest.com/pin/" + id + "/"}
}

// Status implements publishers.Publisher.
func (p *publisher) Status(ctx context.Context, in publishers.Intent, r dam.Receipt) (publishers.Outcome, error) {
	err := p.call(ctx, in.Account, publishers.Call{Method: http.MethodGet, URL: "/pins/" + url.PathEscape(r.Remote)})
	if errors.Is(err, errNotFound) {
		return publishers.Outcome{Verdict: publishers.Absent}, nil
	}
	return publishers.Outcome{Verdict: publishers.Delivered, Receipt: receipt(r.Remote)}, err
}

// Lookup implements publishers.Publisher. Pinterest has no idempotency key, so it searches the board's pins since the
// call for one with everything that was sent.
func (p *publisher) Lookup(ctx context.Context, in publishers.Intent, _ publishers.State) (publishers.Outcome, error) {
	want := wanted(in)
	if want.Description == "" && want.Link == "" {
		return publishers.Outcome{Verdict: publishers.Undecided,
			Note: reasons.PinWithoutText()}, nil
	}
	var list struct{ Items []pin }
	if err := p.call(ctx, in.Account, publishers.Call{Method: http.MethodGet,
		URL: settings(in.Account.Config).pins() + "?page_size=50", Out: &list}); err != nil {
		if errors.Is(err, errNotFound) {
			return publishers.Outcome{Verdict: publishers.Undecided, Note: reasons.BoardGone()}, nil
		}
		return publishers.Outcome{}, err
	}
	plain := func(s string) string { return strings.Join(strings.Fields(s), " ") }
	for _, x := range list.Items {
		// A time without a zone is in UTC.
		at, err := time.Parse("2006-01-02T15:04:05", strings.TrimSuffix(x.CreatedAt, "Z"))
		if err == nil && at.Before(in.CommittedAt.Add(-classify)) {
			continue
		}
		if plain(x.Description) == plain(want.Description) && plain(x.Title) == plain(want.Title) &&
			x.Link == want.Link {
			return publishers.Outcome{Verdict: publishers.Delivered, Receipt: receipt(x.ID)}, nil
		}
	}
	return publishers.Outcome{Verdict: publishers.Absent}, nil
}

// Recall implements publishers.Publisher.
func (p *publisher) Recall(ctx context.Context, in publishers.Intent, r *dam.Receipt) (reasons.Reason, error) {
	if r == nil {
		return reasons.NothingWasPosted(), nil
	}
	err := p.call(ctx, in.Account, publishers.Call{Method: http.MethodDelete, URL: "/pins/" + url.PathEscape(r.Remote)})
	if errors.Is(err, errNotFound) {
		return reasons.GoneAlready(), nil
	}
	return reasons.DeletedRemote(r.Remote), err
}
