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
  "client_id": {"type": "string", "title": "Client id", "description": "Of your own app at developer.linkedin.com", "minLength": 1},
  "client_secret": {"type": "string", "title": "Client secret", "writeOnly": true},
  "organization": {"type": "string", "title": "Organization id", "description": "The number in the address of the page's administration; empty for the profile of the person who connects"},
  "api_version": {"type": "string", "title": "API version", "description": "YYYYMM; LinkedIn ends each after a year"},
  "access_token": {"type": "string", "title": "Access token", "description": "Leave it empty and connect the account in the browser, or enter a token of the app", "writeOnly": true},
  "refresh_token": {"type": "string", "title": "Refresh token", "writeOnly": true}
 }
}`

const (
	captionMax = 3000
	altMax     = 4086
	mediaMax   = 8 << 20
	sideMax    = 6012 // LinkedIn accepts less than 36,152,320 pixels
	// dailyMax is how many posts LinkedIn accepts from an account in a day.
	dailyMax   = 150
	apiVersion = "202603"
	// classify is how long a post may take to appear in the author's list.
	classify = time.Minute
)

// Hosts are LinkedIn's base URLs: API for requests, Login for the browser and the tokens.
type Hosts struct{ API, Login string }

// Live returns the base URLs of LinkedIn itself.
func Live() Hosts { return Hosts{API: "https://api.linkedin.com", Login: "https://www.linkedin.com"} }

// Kind returns the kind of channel. client makes the requests.
func Kind(h Hosts, client *http.Client) publishers.Kind {
	return publishers.Kind{Name: Name, Title: "LinkedIn", Schema: json.RawMessage(schema),
		Publisher: &publisher{h, client},
		API: publishers.API{Version: apiVersion, Domain: "api.linkedin.com", Ends: publishers.Day(2027, time.March, 16),
			Source:  "https://learn.microsoft.com/linkedin/marketing/integrations/migrations",
			Checked: publishers.Day(2026, time.November, 30)},
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
			scope := "openid profile w_member_social"
			if c.Organization != "" {
				scope = "w_organization_social r_organization_social"
			}
			return h.Login + "/oauth/v2/authorization?" + url.Values{"scope": {scope}}.Encode(),
				h.Login + "/oauth/v2/accessToken", nil
		}}}
}

type publisher struct {
	hosts  Hosts
	client *http.Client
}

type config struct {
	Organization string `json:"organization"`
	Version      string `json:"api_version"`
}

// progress is the state after Prepare.
type progress struct {
	Author string `json:"author"`
	Image  string `json:"image"`
	SHA256 string `json:"sha256"`
}

func settings(raw json.RawMessage) (c config, err error) {
	if json.Unmarshal(raw, &c) != nil {
		return c, publishers.Permanent("config", reasons.SettingsUnreadable())
	}
	if c.Version == "" {
		c.Version = apiVersion
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
	if c.Method == finder || c.Method == http.MethodDelete {
		c.Header.Set("X-RestLi-Method", c.Method)
	}
	if c.Method == finder {
		c.Method = http.MethodGet
	}
	return p.do(ctx, a, c)
}

// finder is the Rest.li method of a search.
const finder = "FINDER"

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
		return publishers.Disconnected(reasons.LinkedinRefusesAccount(named.Message), cause)
	case s == http.StatusUpgradeRequired || named.Code == "NONEXISTENT_VERSION":
		return permanent("api_version", reasons.LinkedinVersionEnded())
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

// Describe implements publishers.Publisher.
func (p *publisher) Describe(context.Context, publishers.Account) (publishers.Capabilities, error) {
	return publishers.Capabilities{Media: publishers.MediaRules{Single: true, Formats: []dam.Format{dam.JPEG, dam.PNG},
		MaxBytes: mediaMax, MaxWidth: sideMax, MaxHeight: sideMax},
		CaptionUnit: "runes", CaptionMax: captionMax, AltMax: altMax, Idempotency: publishers.NoIdempotency,
		VisibleAfter: classify, Recall: true, Parallel: 1,
		Rates: []dam.Rate{{Max: dailyMax, Minutes: 24 * 60}},
		Limits: map[string]string{"caption": "3000 characters",
			"media": "one JPEG or PNG of at most 8 MB and 6012×6012 pixels", "alt": "4086 characters",
			"posts": "150 in 24 hours"}}, nil
}

// Verify implements publishers.Publisher. For an organization it reads the organization's posts, which requires the
// permission to post.
func (p *publisher) Verify(ctx context.Context, a publishers.Account) (dam.ChannelIdentity, error) {
	c, err := settings(a.Config)
	if err != nil {
		return dam.ChannelIdentity{}, err
	}
	if c.Organization != "" {
		id := dam.ChannelIdentity{ID: "urn:li:organization:" + c.Organization, Name: "Organization " + c.Organization,
			URL: "https://www.linkedin.com/company/" + url.PathEscape(c.Organization)}
		if _, err = p.posts(ctx, a, id.ID); errors.Is(err, errNoReading) {
			err = publishers.Disconnected(reasons.LinkedinNoRole(c.Organization), err)
		}
		return id, err
	}
	var me struct{ Sub, Name string }
	if _, err = p.call(ctx, a, publishers.Call{Method: http.MethodGet, URL: "/v2/userinfo", Out: &me}); errors.Is(err,
		errNoReading) {
		err = publishers.Disconnected(reasons.LinkedinScopesMissing(), err)
	}
	if err == nil && me.Sub == "" {
		err = errors.New("the member was given no id")
	}
	return dam.ChannelIdentity{ID: "urn:li:person:" + me.Sub, Name: me.Name}, err
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

// Prepare implements publishers.Publisher. It uploads the picture, and returns Retry until LinkedIn has processed it.
func (p *publisher) Prepare(ctx context.Context, in publishers.Intent, state publishers.State) (publishers.State,
	error) {
	var s progress
	if state != nil && json.Unmarshal(state, &s) != nil {
		s = progress{}
	}
	if len(in.Content.Media) == 0 {
		return state, publishers.Permanent("presets", reasons.NoPictureToPost())
	}
	if m := in.Content.Media[0]; s.Image == "" || s.SHA256 != m.SHA256 {
		me, err := p.Verify(ctx, in.Account)
		if err != nil {
			return state, err
		}
		id, err := p.upload(ctx, in, me.ID, m)
		if err != nil {
			return state, err
		}
		s = progress{Author: me.ID, Image: id, SHA256: m.SHA256}
	}
	kept, err := json.Marshal(s)
	if err != nil {
		return state, err
	}
	var image struct{ Status string }
	_, err = p.call(ctx, in.Account, publishers.Call{Method: http.MethodGet,
		URL: "/rest/images/" + url.QueryEscape(s.Image), Out: &image})
	switch {
	case errors.Is(err, errNoReading): // if the picture isn't ready, Commit is refused
		return kept, nil
	case errors.Is(err, errNotFound):
		return publishers.State(`{}`), publishers.Retry(0, errors.New("LinkedIn has forgotten the picture"))
	case err != nil:
		return kept, err
	case image.Status == "PROCESSING_FAILED":
		return publishers.State(`{}`), publishers.Permanent("media", reasons.LinkedinPictureUnreadable())
	case image.Status != "AVAILABLE":
		return kept, publishers.Retry(2*time.Second, errors.New("the picture is "+image.Status))
	}
	return kept, nil
}

func (p *publisher) upload(ctx context.Context, in publishers.Intent, owner string, m publishers.Media) (string,
	error) {
	var made struct {
		Value struct {
			URL   string `json:"uploadUrl"`
			Image string `json:"image"`
		} `json:"value"`
	}
	if _, err := p.call(ctx, in.Account, publishers.Call{Method: http.MethodPost,
		URL:  "/rest/images?action=initializeUpload",
		JSON: map[string]any{"initializeUploadRequest": map[string]string{"owner": owner}}, Out: &made}); err != nil {
		return "", err
	}
	if made.Value.URL == "" || made.Value.Image == "" {
		return "", errors.New("the upload was given no id")
	}
	if !p.ours(made.Value.URL) { // the token is sent there
		return "", fmt.Errorf("LinkedIn wants the picture at another host: %s", made.Value.URL)
	}
	r, err := in.Open(ctx, m)
	if err != nil {
		return "", err
	}
	defer func() { _ = r.Close() }() // read only
	_, err = p.do(ctx, in.Account, publishers.Call{Method: http.MethodPut, URL: made.Value.URL,
		Header: http.Header{"Content-Type": {m.MediaType}}, Body: r, Size: m.Size})
	return made.Value.Image, err
}

// ours reports whether an address is LinkedIn's.
func (p *publisher) ours(address string) bool {
	u, err := url.Parse(address)
	api, apiErr := url.Parse(p.hosts.API)
	if err != nil || apiErr != nil || u.Scheme != api.Scheme {
		return false
	}
	return u.Host == api.Host || strings.HasSuffix(u.Host, ".linkedin.com")
}

// little escapes the characters that LinkedIn's text format reserves. Hashtags are not escaped.
var little = strings.NewReplacer(func() (pairs []string) {
	for _, c := range `\|{}@[]()<>*_~` {
		pairs = append(pairs, string(c), `\`+string(c))
	}
	return pairs
}()...)

// Commit implements publishers.Publisher.
func (p *publisher) Commit(ctx context.Context, in publishers.Intent, state publishers.State) (publishers.Receipt,
	error) {
	var s progress
	if err := json.Unmarshal(state, &s); err != nil {
		return publishers.Receipt{}, publishers.Retry(0, err)
	}
	h, err := p.call(ctx, in.Account, publishers.Call{Method: http.MethodPost, URL: "/rest/posts", JSON: map[string]any{
		"author": s.Author, "commentary": little.Replace(in.Content.Text), "visibility": "PUBLIC",
		"lifecycleState": "PUBLISHED", "isReshareDisabledByAuthor": false,
		"distribution": map[string]any{"feedDistribution": "MAIN_FEED", "targetEntities": []string{},
			"thirdPartyDistributionChannels": []string{}},
		"content": map[string]any{"media": map[string]string{"id": s.Image, "altText": alt(in)}},
	}, Commit: true})
	if err != nil {
		return publishers.Receipt{}, err
	}
	id := h.Get("X-Restli-Id")
	if id == "" {
		return publishers.Receipt{}, publishers.Unknown(errors.New("the post was given no id"))
	}
	return receipt(id), nil
}

func receipt(id string) publishers.Receipt {
	return publishers.Receipt{Remote: id, URL: "https://www.linkedin.com/feed/update/" + id}
}

type post struct {
	ID      string `json:"id"`
	Content struct {
		Media struct {
			ID string `json:"id"`
		} `json:"media"`
	} `json:"content"`
}

// posts returns the author's newest posts.
func (p *publisher) posts(ctx context.Context, a publishers.Account, author string) ([]post, error) {
	var list struct{ Elements []post }
	_, err := p.call(ctx, a, publishers.Call{Method: finder, URL: "/rest/posts?q=author&author=" +
		url.QueryEscape(author) + "&count=50&sortBy=CREATED", Out: &list})
	return list.Elements, err
}

// Status implements publishers.Publisher.
func (p *publisher) Status(ctx context.Context, in publishers.Intent, r dam.Receipt) (publishers.Outcome, error) {
	_, err := p.call(ctx, in.Account, publishers.Call{Method: http.MethodGet,
		URL: "/rest/posts/" + url.QueryEscape(r.Remote)})
	switch {
	case errors.Is(err, errNotFound):
		return publishers.Outcome{Verdict: publishers.Absent}, nil
	case errors.Is(err, errNoReading):
		return publishers.Outcome{Verdict: publishers.Undecided, Note: reasons.Said(err, "")}, nil
	}
	return publishers.Outcome{Verdict: publishers.Delivered, Receipt: receipt(r.Remote)}, err
}

// Lookup implements publishers.Publisher. The post is the one that shows the uploaded picture. Apps of members may
// rarely read posts; apps of organizations may.
func (p *publisher) Lookup(ctx context.Context, in publishers.Intent, state publishers.State) (publishers.Outcome,
	error) {
	var s progress
	if err := json.Unmarshal(state, &s); err != nil || s.Image == "" {
		return publishers.Outcome{Verdict: publishers.Undecided, Note: reasons.PictureIdUnknown()}, nil
	}
	list, err := p.posts(ctx, in.Account, s.Author)
	if errors.Is(err, errNoReading) {
		return publishers.Outcome{Verdict: publishers.Undecided,
			Note: reasons.LinkedinWithoutReading()}, nil
	}
	for _, x := range list {
		if x.Content.Media.ID == s.Image {
			return publishers.Outcome{Verdict: publishers.Delivered, Receipt: receipt(x.ID)}, nil
		}
	}
	return publishers.Outcome{Verdict: publishers.Absent}, err
}

// Recall implements publishers.Publisher. Deleting a post that doesn't exist succeeds.
func (p *publisher) Recall(ctx context.Context, in publishers.Intent, r *dam.Receipt) (reasons.Reason, error) {
	if r == nil {
		return reasons.NothingWasPosted(), nil
	}
	_, err := p.call(ctx, in.Account, publishers.Call{Method: http.MethodDelete,
		URL: "/rest/posts/" + url.QueryEscape(r.Remote)})
	if errors.Is(err, errNotFound) {
		return reasons.GoneAlready(), nil
	}
	return reasons.DeletedRemote(r.Remote), err
}

// Comment implements publishers.Commenter.
func (p *publisher) Comment(ctx context.Context, in publishers.Intent, r dam.Receipt) (string, error) {
	me, err := p.Verify(ctx, in.Account)
	if err != nil {
		return "", err
	}
	h, err := p.call(ctx, in.Account, publishers.Call{Method: http.MethodPost, URL: "/rest/socialActions/" +
		url.QueryEscape(r.Remote) + "/comments", JSON: map[string]any{"actor": me.ID, "object": r.Remote,
		"message": map[string]string{"text": in.Content.FirstComment}}, Commit: true})
	if err != nil {
		return "", err
	}
	return h.Get("X-Restli-Id"), nil
}
