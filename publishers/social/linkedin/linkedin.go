// Package linkedin publishes to LinkedIn: to the profile of the person who connects it, or to the page of an
// organization.
package linkedin

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"vitrine/dam"
	"vitrine/dam/reasons"
	"vitrine/publishers"
)

// Name is the name of the kind.
const Name = "linkedin"

const schema = `{
 "$schema": "https://json-schema.org/draft/2020-12/schema",
 "type": "object", "additionalProperties": false, "required": ["client_id", "client_secret"],
 "properties": {
  "client_id": {"type": "string", "title": "Client id", "description": "Of your own app at developer.linkedin.com", "minLength": 1,
   "x-fr": {"title": "Identifiant client", "description": "De votre propre application sur developer.linkedin.com"}},
  "client_secret": {"type": "string", "title": "Client secret", "writeOnly": true,
   "x-fr": {"title": "Secret client"}},
  "app": {"type": "string", "title": "Product of the app", "description": "share: “Share on LinkedIn” and “Sign In with LinkedIn”, for the profile of the person who connects, without first comments; community: “Community Management API”, for profiles and pages, with first comments. When left out, community for an organization and share without one", "enum": ["share", "community"],
   "x-values": {"share": "Share on LinkedIn (share)", "community": "Community Management API (community)"},
   "x-fr": {"title": "Produit de l’application", "description": "Share on LinkedIn, avec « Sign In with LinkedIn », publie sur le profil de la personne qui se connecte, sans premier commentaire ; Community Management API, sur des profils et des Pages, avec premier commentaire. Si rien n’est choisi : la seconde pour une organisation, sinon la première", "values": {"share": "Share on LinkedIn", "community": "Community Management API"}}},
  "organization": {"type": "string", "title": "Organization id", "description": "The number in the address of the page's administration; empty for the profile of the person who connects",
   "x-fr": {"title": "Identifiant de l’organisation", "description": "Le numéro dans l’adresse de l’administration de la Page ; vide pour le profil de la personne qui se connecte"}},
  "api_version": {"type": "string", "title": "API version", "description": "YYYYMM; LinkedIn ends each after a year",
   "x-fr": {"title": "Version de l’API", "description": "AAAAMM ; LinkedIn met fin à chacune au bout d’un an"}},
  "access_token": {"type": "string", "title": "Access token", "description": "Leave it empty and connect the account in the browser, or enter a token of the app", "writeOnly": true,
   "x-fr": {"title": "Jeton d’accès", "description": "Laissez-le vide et connectez le compte dans le navigateur, ou saisissez un jeton de l’application"}},
  "refresh_token": {"type": "string", "title": "Refresh token", "writeOnly": true,
   "x-fr": {"title": "Jeton d’actualisation"}}
 }
}`

const (
	captionMax = 3000
	altMax     = 4086
	mediaMax   = 8 << 20
	sideMax    = 6012 // LinkedIn accepts less than 36,152,320 pixels
	// dailyMax is how many posts LinkedIn accepts from an account in a day.
	dailyMax = 150
	// classify is how long a post may take to appear in the author's list.
	classify = time.Minute
)

// api is the version that is sent as LinkedIn-Version unless the channel has another one.
var api = publishers.API{Version: "202607", Domain: "api.linkedin.com", Ends: publishers.Day(2027, time.July, 15),
	Source:  "https://learn.microsoft.com/linkedin/marketing/integrations/migrations",
	Checked: publishers.Day(2026, time.August, 13)}

// Speaks implements publishers.Dated. LinkedIn supports each version for a year, and ends it in the middle of the
// month.
func (p *publisher) Speaks(raw json.RawMessage) publishers.API {
	c, err := settings(raw)
	if err != nil || c.Version == api.Version {
		return api
	}
	other := publishers.API{Version: c.Version, Domain: api.Domain, Source: api.Source, Checked: api.Checked}
	if month, err := time.Parse("200601", c.Version); err == nil {
		other.Ends = month.AddDate(1, 0, 14)
	}
	return other
}

// Hosts are LinkedIn's base URLs: API for requests, Login for the browser and the tokens.
type Hosts struct{ API, Login string }

// Live returns the base URLs of LinkedIn itself.
func Live() Hosts { return Hosts{API: "https://api.linkedin.com", Login: "https://www.linkedin.com"} }

// Kind returns the kind of channel. client makes the requests.
func Kind(h Hosts, client *http.Client) publishers.Kind {
	return publishers.Kind{Name: Name, Title: "LinkedIn", Schema: json.RawMessage(schema), API: api,
		Publisher: &publisher{h, client},
		Destination: func(raw json.RawMessage) string {
			c, err := settings(raw)
			if err != nil {
				return ""
			}
			return c.Organization
		},
		// LinkedIn refuses a code challenge from apps that have a secret.
		OAuth: &publishers.OAuth{NoPKCE: true, Client: client, Endpoint: func(raw json.RawMessage) (string,
			string, error) {
			c, err := settings(raw)
			if err != nil {
				return "", "", err
			}
			return h.Login + "/oauth/v2/authorization?" + url.Values{"scope": {strings.Join(c.scopes(), " ")}}.Encode(),
				h.Login + "/oauth/v2/accessToken", nil
		}}}
}

type publisher struct {
	hosts  Hosts
	client *http.Client
}

type config struct {
	ClientID     string `json:"client_id"`
	App          string `json:"app"`
	Organization string `json:"organization"`
	Version      string `json:"api_version"`
}

func settings(raw json.RawMessage) (c config, err error) {
	if json.Unmarshal(raw, &c) != nil {
		return c, publishers.Permanent("config", reasons.SettingsUnreadable())
	}
	if c.Version == "" {
		c.Version = api.Version
	}
	return c, nil
}

// call makes one request and returns the answer's headers; its URL is a path. The method is Rest.li's where that
// differs from HTTP's.
func (p *publisher) call(ctx context.Context, a publishers.Account, c publishers.Call) (http.Header, error) {
	set, err := settings(a.Config)
	if err != nil {
		return nil, err
	}
	c.URL = p.hosts.API + c.URL
	c.Header = http.Header{"Linkedin-Version": {set.Version}, "X-Restli-Protocol-Version": {"2.0.0"}}
	if c.Method == finder || c.Method == batchGet || c.Method == http.MethodDelete {
		c.Header.Set("X-RestLi-Method", c.Method)
	}
	if c.Method == finder || c.Method == batchGet {
		c.Method = http.MethodGet
	}
	return p.do(ctx, a, c)
}

// The methods of Rest.li for a search and for several objects at once.
const (
	finder   = "FINDER"
	batchGet = "BATCH_GET"
)

// do makes a request with the account's token.
func (p *publisher) do(ctx context.Context, a publishers.Account, c publishers.Call) (http.Header, error) {
	c.Token, c.Refused = a.Secrets[publishers.AccessToken], refused
	res, err := c.Do(ctx, p.client)
	if res.Response == nil {
		return nil, err
	}
	return res.Header, err
}

var (
	// errNotFound means that there is no such object.
	errNotFound = errors.New("not found")
	// errNoReading means that the token may write but not read.
	errNoReading = errors.New("the access does not allow reading")
	// errForbidden means that the access does not allow a call that writes.
	errForbidden = errors.New("the access does not allow this")
)

// refused classifies an answer first by LinkedIn's error name.
func refused(res *http.Response, raw []byte, commit bool) error {
	var named struct {
		Code    string `json:"code"`
		Service int    `json:"serviceErrorCode"`
		Message string `json:"message"`
	}
	_ = json.Unmarshal(raw, &named) // an answer that is not JSON is classified by its status
	cause := fmt.Errorf("%s: %s: %s", res.Status, named.Code, named.Message)
	permanent := func(field string, why reasons.Reason) error {
		e := publishers.Permanent(field, why)
		e.Err = cause
		return e
	}
	switch s := res.StatusCode; {
	case named.Code == "REVOKED_ACCESS_TOKEN" || named.Service == 65601:
		return publishers.Disconnected(reasons.LinkedinAccessRevoked(), cause)
	case s == http.StatusUnauthorized:
		return publishers.AuthExpired(cause)
	case s == http.StatusNotFound:
		return errNotFound
	case s == http.StatusForbidden && res.Request.Method == http.MethodGet:
		return fmt.Errorf("%w: %w", errNoReading, cause)
	case s == http.StatusForbidden:
		return publishers.Disconnected(reasons.LinkedinRefusesAccount(named.Message), fmt.Errorf("%w: %w", errForbidden,
			cause))
	case s == http.StatusUpgradeRequired || named.Code == "NONEXISTENT_VERSION":
		return permanent("api_version", reasons.LinkedinVersionEnded())
	case s < http.StatusInternalServerError && unready(named.Code, named.Message):
		return publishers.Retry(unreadyPause, cause)
	case strings.Contains(named.Code, "DUPLICATE"):
		return permanent("caption", reasons.LinkedinRefusesRepeat())
	case s == http.StatusConflict && !commit:
		return publishers.Retry(0, cause)
	case s == http.StatusBadRequest || s == http.StatusUnprocessableEntity:
		return permanent("", reasons.LinkedinRefuses(named.Message))
	case s == http.StatusRequestEntityTooLarge:
		return permanent("media", reasons.LinkedinPictureTooLarge())
	}
	e := publishers.Answered(res, commit)
	e.Err = cause
	return e
}

// unreadyPause is the least pause before a picture that LinkedIn is processing is asked about again.
const unreadyPause = 5 * time.Second

// unready reports whether an answer says that LinkedIn is still processing a picture. Apps of members may not ask about
// pictures, so for them the refusal of the post is the only sign.
func unready(code, message string) bool {
	return code == "MEDIA_ASSET_WAITING_UPLOAD" || code == "MEDIA_ASSET_PROCESSING" || code == "NOT_READY" ||
		strings.Contains(message, "NotReady")
}

// Describe implements publishers.Publisher.
func (p *publisher) Describe(ctx context.Context, a publishers.Account) (publishers.Capabilities, error) {
	missing, err := p.commentScopeMissing(ctx, a)
	return publishers.Capabilities{Media: publishers.MediaRules{Single: true, Formats: []dam.Format{dam.JPEG, dam.PNG},
		MaxBytes: mediaMax, MaxWidth: sideMax, MaxHeight: sideMax},
		CaptionUnit: "runes", CaptionMax: captionMax, AltMax: altMax, Idempotency: publishers.NoIdempotency,
		VisibleAfter: classify, Recall: true, Parallel: 1,
		Rates: []dam.Rate{{Max: dailyMax, Minutes: 24 * 60}}, CommentsNeed: missing,
		LimitReasons: map[string]reasons.Reason{"caption": reasons.LimitCharacters(3000),
			"media": reasons.LimitPicturePixels("JPEG, PNG", 8, 6012, 6012), "alt": reasons.LimitCharacters(4086),
			"posts": reasons.LimitPosts(150, 24)}}, err
}

// Refresh implements publishers.Publisher. The ledger uses the refresh token itself.
func (p *publisher) Refresh(context.Context, publishers.Account) (map[string]string, error) {
	return nil, publishers.Disconnected(reasons.LinkedinAccessExpired(), nil)
}

// Validate implements publishers.Publisher.
func (p *publisher) Validate(_ context.Context, in publishers.Intent) (out []dam.Problem) {
	no := func(field string, why reasons.Reason) {
		out = append(out, *dam.NewProblem(string(publishers.ClassPermanent), field, why))
	}
	if n := len([]rune(in.Content.Text)); n > captionMax {
		no("caption", reasons.CaptionTooLong(n, captionMax))
	}
	if n := len([]rune(alt(in))); n > altMax {
		no("alt", reasons.AlternativeTextTooLong(n, altMax))
	}
	return out
}

func alt(in publishers.Intent) string { return in.Content.Alt.Get(in.Language, in.Locale) }
