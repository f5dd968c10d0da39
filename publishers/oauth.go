package publishers

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"golang.org/x/oauth2"

	"vitrine/dam"
	"vitrine/dam/catalog"
)

// Names under which the tokens of a connected account are sealed.
const (
	AccessToken  = "access_token"
	RefreshToken = "refresh_token"
	// ExpiresAt is when the access token ends, RFC 3339; absent when the remote did not say.
	ExpiresAt = "expires_at"
)

// CallbackPath is where the remote sends the browser back to, below the public URL.
const CallbackPath = "/api/oauth/callback"

// OAuth is the authorization code flow of a kind of channel. The settings hold the
// operator's own application: client_id, and client_secret as a secret.
type OAuth struct {
	// Endpoint names the remote's addresses for a channel's settings.
	Endpoint func(config json.RawMessage) (authorize, token string, err error)
	Scopes   []string
	// ScopeSeparator is a space when empty.
	ScopeSeparator string
	// ClientParam is the remote's name for client_id when it has one of its own.
	ClientParam string
	// Params are added to the authorize address.
	Params map[string]string
	// NoPKCE is for remotes that refuse a code challenge.
	NoPKCE bool
	// BasicAuth is for remotes that want client id and secret in a header.
	BasicAuth bool
	// Client carries the token calls.
	Client *http.Client
	// Finish, when set, gets the account with its fresh tokens and returns further
	// secrets to keep: a long-lived token, the id of the page. An empty one is not kept.
	Finish func(ctx context.Context, a Account) (map[string]string, error)
	// OwnRefresh: Publisher.Refresh renews the tokens instead of the refresh token grant.
	OwnRefresh bool
}

func (o *OAuth) config(a Account, redirect string) (*oauth2.Config, []oauth2.AuthCodeOption, error) {
	var settings struct {
		ClientID string `json:"client_id"`
	}
	if err := json.Unmarshal(a.Config, &settings); err != nil {
		return nil, nil, err
	}
	authorize, token, err := o.Endpoint(a.Config)
	if err != nil {
		return nil, nil, err
	}
	c := &oauth2.Config{ClientID: settings.ClientID, ClientSecret: a.Secrets["client_secret"], RedirectURL: redirect,
		Endpoint: oauth2.Endpoint{AuthURL: authorize, TokenURL: token, AuthStyle: oauth2.AuthStyleInParams}}
	if o.BasicAuth {
		c.Endpoint.AuthStyle = oauth2.AuthStyleInHeader
	}
	var own []oauth2.AuthCodeOption
	if o.ClientParam != "" {
		own = append(own, oauth2.SetAuthURLParam(o.ClientParam, settings.ClientID))
	}
	return c, own, nil
}

func (o *OAuth) carry(ctx context.Context) context.Context {
	if o.Client == nil {
		return ctx
	}
	return context.WithValue(ctx, oauth2.HTTPClient, o.Client)
}

// tokens are the secrets of an answer. What the remote left empty is not among them.
func tokens(t *oauth2.Token, now time.Time) map[string]string {
	out := map[string]string{AccessToken: t.AccessToken}
	if t.RefreshToken != "" {
		out[RefreshToken] = t.RefreshToken
	}
	if t.ExpiresIn > 0 {
		out[ExpiresAt] = now.Add(time.Duration(t.ExpiresIn) * time.Second).UTC().Format(time.RFC3339)
	}
	return out
}

// refresh renews the tokens by the refresh token grant.
func (o *OAuth) refresh(ctx context.Context, a Account, now time.Time) (map[string]string, error) {
	if a.Secrets[RefreshToken] == "" {
		return nil, Disconnected("the access has expired, and the channel gave no way to renew it", nil)
	}
	c, _, err := o.config(a, "")
	if err != nil {
		return nil, err
	}
	t, err := c.TokenSource(o.carry(ctx), &oauth2.Token{RefreshToken: a.Secrets[RefreshToken]}).Token()
	if err != nil {
		return nil, tokenRefused(err)
	}
	return tokens(t, now), nil
}

// tokenRefused classifies an error of the token endpoint.
func tokenRefused(err error) error {
	var e *oauth2.RetrieveError
	if !errors.As(err, &e) {
		return Retry(0, err)
	}
	switch status := e.Response.StatusCode; {
	case status == http.StatusTooManyRequests:
		return Throttled(RetryAfter(e.Response.Header, time.Now()), err)
	case status >= 500:
		return Retry(0, err)
	case e.ErrorCode == "invalid_client" || e.ErrorCode == "unauthorized_client":
		return Disconnected("the channel refuses the application's client id or secret", err)
	}
	return Disconnected("the account has to be connected again", err)
}

// expiring reports whether the access token ends within the next minute.
func (a Account) expiring(now time.Time) bool {
	t, err := time.Parse(time.RFC3339, a.Secrets[ExpiresAt])
	return err == nil && now.Add(time.Minute).After(t)
}

// connectTime is how long a person may take to agree.
const connectTime = 15 * time.Minute

// ConnectStart is where to send the browser of the person who connects an account.
type ConnectStart struct {
	URL       string    `json:"url"`
	ExpiresAt time.Time `json:"expires_at"`
}

// unconnected reports whether a channel waits for its first connection.
func (k Kind) unconnected(r *catalog.ChannelRow) bool {
	return k.OAuth != nil && r.Sealed[AccessToken] == ""
}

// Connect starts the flow that gives a channel its account. The answer's URL is
// good for one use by the person who asked.
func (s *Service) Connect(ctx context.Context, library, id string) (ConnectStart, error) {
	row, err := present(s.Catalog.Channels().Channel(ctx, library, id))
	if err != nil {
		return ConnectStart{}, err
	}
	k, ok := s.kinds[row.Kind]
	if !ok || k.OAuth == nil {
		return ConnectStart{}, &dam.Error{Code: dam.Conflict, Message: "channels of kind " + row.Kind + " are not connected in the browser", Remedy: "enter the credentials in the channel's settings"}
	}
	if s.PublicURL == "" {
		return ConnectStart{}, &dam.Error{Code: dam.Conflict, Message: "the server does not know its public URL, which the channel sends the browser back to", Remedy: "set VITRINE_PUBLIC_URL"}
	}
	a, err := s.account(row)
	if err != nil {
		return ConnectStart{}, err
	}
	c, options, err := k.OAuth.config(a, strings.TrimRight(s.PublicURL, "/")+CallbackPath)
	if err != nil {
		return ConnectStart{}, err
	}
	var random [32]byte
	_, _ = rand.Read(random[:]) // it never fails: it crashes the program instead
	state, verifier := base64.RawURLEncoding.EncodeToString(random[:]), oauth2.GenerateVerifier()
	if !k.OAuth.NoPKCE {
		options = append(options, oauth2.S256ChallengeOption(verifier))
	}
	separator := k.OAuth.ScopeSeparator
	if separator == "" {
		separator = " "
	}
	if len(k.OAuth.Scopes) > 0 {
		options = append(options, oauth2.SetAuthURLParam("scope", strings.Join(k.OAuth.Scopes, separator)))
	}
	for name, v := range k.OAuth.Params {
		options = append(options, oauth2.SetAuthURLParam(name, v))
	}
	out := ConnectStart{URL: c.AuthCodeURL(state, options...), ExpiresAt: s.now().Add(connectTime)}
	// Not keyed for idempotency: a repeat is a flow of its own.
	err = s.Catalog.Write(catalog.WithoutIdempotencyKey(ctx), func(tx *catalog.Tx) error {
		key := stateKey(state)
		return tx.Channels().StartConnect(ctx, catalog.Connect{State: key, Channel: id, Verifier: s.Secrets.Seal([]byte(verifier), "connect/"+key), By: tx.Actor().ID, Expires: out.ExpiresAt}, s.now())
	})
	return out, err
}

func stateKey(state string) string {
	sum := sha256.Sum256([]byte(state))
	return hex.EncodeToString(sum[:])
}

// Connected finishes a flow with what the remote gave the browser: a code, or the
// name of its error. The account is verified, and the tokens are sealed.
func (s *Service) Connected(ctx context.Context, state, code, failure string) (dam.Channel, error) {
	var flow catalog.Connect
	key := stateKey(state)
	if err := s.Catalog.Write(ctx, func(tx *catalog.Tx) (err error) {
		flow, err = tx.Channels().FinishConnect(ctx, key, tx.Actor().ID, s.now())
		return err
	}); dam.CodeOf(err) == dam.NotFound {
		return dam.Channel{}, &dam.Error{Code: dam.Conflict, Message: "this connection was not started by you, is too old or has been finished already", Remedy: "start connecting the channel again"}
	} else if err != nil {
		return dam.Channel{}, err
	}
	row, err := present(s.Catalog.Channels().Channel(ctx, "", flow.Channel))
	if err != nil {
		return dam.Channel{}, err
	}
	k, ok := s.kinds[row.Kind]
	if !ok || k.OAuth == nil {
		return dam.Channel{}, dam.Errorf(dam.Conflict, "this server does not know channels of kind %s", row.Kind)
	}
	if code == "" {
		return dam.Channel{}, &dam.Error{Code: dam.Forbidden, Message: k.Title + " was not connected: " + failure, Remedy: "start again, and agree at " + k.Title}
	}
	verifier, _, err := s.Secrets.Open(flow.Verifier, "connect/"+key)
	if err != nil {
		return dam.Channel{}, err
	}
	a, err := s.account(row)
	if err != nil {
		return dam.Channel{}, err
	}
	fresh, err := s.exchange(ctx, k, a, code, string(verifier))
	if err != nil {
		return dam.Channel{}, refusal(k, err)
	}
	r := row
	r.Sealed = cloned(row.Sealed)
	for name, v := range fresh {
		r.Sealed[name] = s.Secrets.Seal([]byte(v), purpose(row.ID, name))
	}
	if err := s.verify(ctx, k, &r); err != nil {
		return dam.Channel{}, err
	}
	return s.alterChannel(ctx, row.Library, row.ID, func(now *catalog.ChannelRow) {
		now.Sealed = cloned(now.Sealed)
		for name := range fresh {
			now.Sealed[name] = r.Sealed[name]
		}
		now.Identity, now.Capabilities = r.Identity, r.Capabilities
		now.Health, now.HealthNote, now.HeldUntil = dam.Healthy, "", nil
	})
}

// exchange turns the code into tokens.
func (s *Service) exchange(ctx context.Context, k Kind, a Account, code, verifier string) (map[string]string, error) {
	ctx, cancel := context.WithTimeout(ctx, verifyTimeout)
	defer cancel()
	c, options, err := k.OAuth.config(a, strings.TrimRight(s.PublicURL, "/")+CallbackPath)
	if err != nil {
		return nil, err
	}
	if !k.OAuth.NoPKCE {
		options = append(options, oauth2.VerifierOption(verifier))
	}
	t, err := c.Exchange(k.OAuth.carry(ctx), code, options...)
	if err != nil {
		return nil, tokenRefused(err)
	}
	fresh := tokens(t, s.now())
	if k.OAuth.Finish == nil {
		return fresh, nil
	}
	connected := a
	connected.Secrets = cloned(a.Secrets)
	for name, v := range fresh {
		connected.Secrets[name] = v
	}
	more, err := k.OAuth.Finish(ctx, connected)
	if err != nil {
		return nil, fmt.Errorf("finishing the connection: %w", err)
	}
	for name, v := range more {
		if fresh[name] = v; v == "" {
			delete(fresh, name)
		}
	}
	return fresh, nil
}
