// Package meta publishes to a Facebook Page and to an Instagram account that is linked to one. Both use the Graph API
// as the page, with a page access token that is obtained in the browser or entered.
package meta

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"vitrine/dam"
	"vitrine/dam/reasons"
	"vitrine/publishers"
)

// Hosts are Meta's base URLs: Graph for requests, Login for the browser.
type Hosts struct{ Graph, Login string }

// Live returns the base URLs of Meta itself.
func Live() Hosts {
	return Hosts{Graph: "https://graph.facebook.com", Login: "https://www.facebook.com"}
}

const version = "v24.0" // of the Graph API; each is supported for two years

func api() publishers.API {
	return publishers.API{Version: version, Domain: "graph.facebook.com", Ends: publishers.Day(2028, time.February, 18),
		Source:  "https://developers.facebook.com/docs/graph-api/changelog/versions/",
		Checked: publishers.Day(2026, time.November, 30)}
}

// schema returns the schema of the settings, with the properties that only one of the kinds has.
func schema(more string) json.RawMessage {
	return json.RawMessage(strings.Replace(settingsSchema, "MORE", more, 1))
}

const settingsSchema = `{
 "$schema": "https://json-schema.org/draft/2020-12/schema",
 "type": "object", "additionalProperties": false, "required": ["client_id", "client_secret"],
 "properties": {
  "client_id": {"type": "string", "title": "App id", "description": "Of your own app at developers.facebook.com", "minLength": 1,
   "x-fr": {"title": "Identifiant de l’application", "description": "De votre propre application sur developers.facebook.com"}},
  "client_secret": {"type": "string", "title": "App secret", "writeOnly": true,
   "x-fr": {"title": "Clé secrète de l’application"}},
  "page": {"type": "string", "title": "Page id", "description": "Chosen once the account is connected, if the person manages several pages",
   "x-fr": {"title": "Identifiant de la Page", "description": "Choisi une fois le compte connecté, si la personne gère plusieurs Pages"}},MORE
  "access_token": {"type": "string", "title": "Page access token", "description": "Leave it empty and connect the account in the browser, or enter a token of the app for the page", "writeOnly": true,
   "x-fr": {"title": "Jeton d’accès de la Page", "description": "Laissez-le vide et connectez le compte dans le navigateur, ou saisissez un jeton de l’application pour la Page"}}
 }
}`

type config struct {
	ClientID string `json:"client_id"`
	Page     string `json:"page"`
	Hashtags *int   `json:"hashtags"`
	Mentions *int   `json:"mentions"`
}

func settings(raw json.RawMessage) (c config, err error) {
	if json.Unmarshal(raw, &c) != nil {
		return c, publishers.Permanent("config", reasons.SettingsUnreadable())
	}
	return c, nil
}

// place returns the page: posts on one page can't be recalled through another.
func place(raw json.RawMessage) string {
	c, err := settings(raw)
	if err != nil {
		return ""
	}
	return c.Page
}

// graph makes requests to the Graph API.
type graph struct {
	hosts  Hosts
	client *http.Client
}

// account is a page as the Graph API returns it.
type account struct {
	ID        string `json:"id"`
	Name      string `json:"name"`
	Link      string `json:"link"`
	Token     string `json:"access_token"`
	Instagram *struct {
		ID       string `json:"id"`
		Username string `json:"username"`
	} `json:"instagram_business_account"`
}

// call makes one request with parameters as the account; its URL is a path.
func (g *graph) call(ctx context.Context, a publishers.Account, params url.Values, c publishers.Call) error {
	if params == nil {
		params = url.Values{}
	}
	g.prove(a, params)
	if c.Method == http.MethodPost {
		c.Header, c.Body = http.Header{"Content-Type": {form}}, strings.NewReader(params.Encode())
	} else {
		c.URL += "?" + params.Encode()
	}
	return g.send(ctx, a, c)
}

const form = "application/x-www-form-urlencoded"

// prove adds the proof that the caller knows the app's secret, which apps may require.
func (g *graph) prove(a publishers.Account, params url.Values) {
	mac := hmac.New(sha256.New, []byte(a.Secrets["client_secret"]))
	_, _ = io.WriteString(mac, a.Secrets[publishers.AccessToken]) // writing to a hash never fails
	params.Set("appsecret_proof", hex.EncodeToString(mac.Sum(nil)))
}

// send makes one request. The token is sent in a header, so that no error contains it.
func (g *graph) send(ctx context.Context, a publishers.Account, c publishers.Call) error {
	if token := a.Secrets[personToken]; token != "" && token == a.Secrets[publishers.AccessToken] {
		return publishers.AuthExpired(errPerson)
	}
	c.Token, c.URL, c.Refused = a.Secrets[publishers.AccessToken], g.hosts.Graph+"/"+version+c.URL, refused
	_, err := c.Do(ctx, g.client)
	return err
}

// errNotFound means that there is no such object, or that the page may not see it.
var errNotFound = errors.New("not found")

// refused classifies an answer by the code and subcode of Meta's error, because almost all have status 400.
func refused(res *http.Response, raw []byte, commit bool) error {
	var named struct {
		Error struct {
			Message   string `json:"message"`
			Code      int    `json:"code"`
			Subcode   int    `json:"error_subcode"`
			Transient bool   `json:"is_transient"`
			ForPeople string `json:"error_user_msg"`
		} `json:"error"`
	}
	_ = json.Unmarshal(raw, &named) // an answer that is not JSON is classified by its status
	e := named.Error
	cause := fmt.Errorf("%s: %d/%d: %s", res.Status, e.Code, e.Subcode, e.Message)
	said := e.ForPeople
	if said == "" {
		said = e.Message
	}
	permanent := func(field string, next reasons.Remedy) error {
		out := publishers.Permanent(field, reasons.MetaRefuses(said).With(next))
		out.Err = cause
		return out
	}
	passing := func() error {
		if commit {
			return publishers.Unknown(cause)
		}
		return publishers.Retry(0, cause)
	}
	switch {
	case e.Code == 100 && e.Subcode == 33:
		return errNotFound
	case e.Subcode == 2207050: // the account is inactive, checkpointed or restricted
		return publishers.Disconnected(reasons.InstagramRestrictsAccount(said), cause)
	case e.Subcode == 2207042 || e.Subcode == 2207051: // the day's posts are used up, or they were taken for spam
		return publishers.Throttled(time.Now().Add(time.Hour), cause)
	// the container is not ready, or gone: Prepare handles that
	case e.Subcode == 2207027 || e.Subcode == 2207006 || e.Subcode == 2207020:
		return publishers.Retry(0, cause)
	case e.Code == 190 || e.Code == 102:
		return publishers.AuthExpired(cause)
	case e.Code == 10 || e.Code >= 200 && e.Code < 300 || e.Code == 368:
		return publishers.Disconnected(reasons.MetaRefusesAccount(said), cause)
	case e.Code == 4 || e.Code == 17 || e.Code == 32 || e.Code == 613 || e.Code >= 80000 && e.Code < 80100:
		return publishers.Throttled(regain(res.Header, time.Now()), cause)
	case e.Code == 9004 || e.Code == -2: // Meta could not fetch the file
		return publishers.Retry(0, cause)
	case e.Transient || e.Code == 1 || e.Code == 2 || e.Code == -1:
		return passing()
	case e.Code == 506 || e.Code == 36004:
		return permanent("caption", reasons.RemedyChangeTheTextThenRetry())
	case e.Code == 324 || e.Code >= 36000 && e.Code < 36004:
		return permanent("media", reasons.RemedyChooseAnotherPresetAndRetry())
	case e.Code != 0 && res.StatusCode < 500:
		return permanent("", reasons.RemedyChangeThenRetry())
	}
	out := publishers.Answered(res, commit)
	out.Err = cause
	return out
}

// regain returns when Meta allows the account to send again, from the header that reports its usage.
func regain(h http.Header, now time.Time) time.Time {
	var use map[string][]struct {
		Minutes int `json:"estimated_time_to_regain_access"`
	}
	_ = json.Unmarshal([]byte(h.Get("X-Business-Use-Case-Usage")), &use) // without it, the ledger chooses the pause
	longest := 0
	for _, list := range use {
		for _, u := range list {
			longest = max(longest, u.Minutes)
		}
	}
	if longest == 0 {
		return publishers.RetryAfter(h, now)
	}
	return now.Add(time.Duration(longest) * time.Minute)
}

// page returns the page that the token belongs to. Requesting the category fails for a person's token.
func (g *graph) page(ctx context.Context, a publishers.Account) (account, error) {
	var p account
	a, err := g.asPage(ctx, a)
	if err != nil {
		return p, err
	}
	err = g.call(ctx, a, url.Values{"fields": {"id,name,link,category,instagram_business_account{id,username}"}},
		publishers.Call{Method: http.MethodGet, URL: "/me", Out: &p})
	if publishers.ClassOf(err, publishers.ClassRetry) == publishers.ClassPermanent {
		return p, publishers.Disconnected(reasons.NotAPageToken(), err)
	}
	if err == nil && p.ID == "" {
		err = errors.New("the page was given no id")
	}
	return p, err
}

// note adds a problem that a channel refuses before anything is sent.
func note(out *[]dam.Problem, field string, why reasons.Reason) {
	*out = append(*out, *dam.NewProblem(string(publishers.ClassPermanent), field, why))
}

func alt(in publishers.Intent) string { return in.Content.Alt.Get(in.Language, in.Locale) }

// comment posts a comment under a post.
func (g *graph) comment(ctx context.Context, in publishers.Intent, r dam.Receipt) (string, error) {
	var made struct{ ID string }
	err := g.call(ctx, in.Account, url.Values{"message": {in.Content.FirstComment}},
		publishers.Call{Method: http.MethodPost, URL: "/" + url.PathEscape(r.Remote) + "/comments", Commit: true,
			Out: &made})
	return made.ID, err
}
