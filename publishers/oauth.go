package publishers

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"golang.org/x/oauth2"

	"vitrine/dam"
	"vitrine/dam/reasons"
)

// Names of the secrets that hold the tokens of a connected account.
const (
	AccessToken  = "access_token"
	RefreshToken = "refresh_token"
	// ExpiresAt is when the access token expires, RFC 3339; absent if the remote did not say.
	ExpiresAt = "expires_at"
)

// Names of the secrets that Register returns: the application at the remote, and the scopes that it may ask for,
// separated by spaces.
const (
	ClientID     = "client_id"
	ClientSecret = "client_secret"
	ClientScopes = "client_scopes"
)

// OAuth is the authorization code flow of a kind of channel. The settings have the operator's own application:
// client_id, and client_secret as a secret. Kinds that register an application have both as secrets.
type OAuth struct {
	// Endpoint returns the remote's URLs for a channel's settings.
	Endpoint func(config json.RawMessage) (authorize, token string, err error)
	Scopes   []string
	// ScopeSeparator separates scopes; a space if empty.
	ScopeSeparator string
	// ClientParam is the remote's name for client_id, if it has another.
	ClientParam string
	// Params are added to the authorize URL.
	Params map[string]string
	// NoPKCE is for remotes that refuse a code challenge; PKCE, if not nil, decides it for an account instead. It must
	// say the same when the flow starts and when it is completed.
	NoPKCE bool
	PKCE   func(a Account) bool
	// HexChallenge, if not nil, decides whether the challenge of an account is written in hexadecimal digits, which is
	// no form of RFC 7636.
	HexChallenge func(a Account) bool
	// TokenParams are added to the request that exchanges a code.
	TokenParams map[string]string
	// BasicAuth is for remotes that expect client id and secret in a header.
	BasicAuth bool
	// Client makes the token requests.
	Client *http.Client
	// Granted means that the token answer lists the scopes that the person granted: without all of them the account is
	// not connected.
	Granted bool
	// Entered names secrets that a person can enter instead of connecting: a channel that has one of them is ready.
	Entered []string
	// Register, if not nil, registers an application at the remote before a flow starts, or confirms that the one in
	// the secrets is still known there. It returns the secrets to store: ClientID, ClientSecret, ClientScopes and its
	// own.
	Register func(ctx context.Context, a Account, redirect string) (map[string]string, error)
	// Finish, if not nil, gets the account with its new tokens and returns further secrets to store: a long-lived
	// token, the id of the page. Empty ones are not stored.
	Finish func(ctx context.Context, a Account) (map[string]string, error)
	// OwnRefresh means that Publisher.Refresh renews the tokens, and not the refresh token grant.
	OwnRefresh bool
}

// Config returns the OAuth configuration of an account, and the options of its authorize URL.
func (o *OAuth) Config(a Account, redirect string) (*oauth2.Config, []oauth2.AuthCodeOption, error) {
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
	if settings.ClientID == "" {
		settings.ClientID = a.Secrets[ClientID]
	}
	if settings.ClientID == "" {
		return nil, nil, dam.InvalidInput("config.client_id", reasons.SettingNeeded())
	}
	c := &oauth2.Config{ClientID: settings.ClientID, ClientSecret: a.Secrets[ClientSecret], RedirectURL: redirect,
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

// challenges reports whether the flow of an account uses a code challenge.
func (o *OAuth) challenges(a Account) bool {
	if o.PKCE != nil {
		return o.PKCE(a)
	}
	return !o.NoPKCE
}

// Start returns the options of the authorize URL that carry the code challenge and the scopes.
func (o *OAuth) Start(a Account, verifier string) (options []oauth2.AuthCodeOption) {
	switch {
	case !o.challenges(a):
	case o.HexChallenge != nil && o.HexChallenge(a):
		sum := sha256.Sum256([]byte(verifier))
		options = append(options, oauth2.SetAuthURLParam("code_challenge", hex.EncodeToString(sum[:])),
			oauth2.SetAuthURLParam("code_challenge_method", "S256"))
	default:
		options = append(options, oauth2.S256ChallengeOption(verifier))
	}
	if scopes := o.scopes(a); len(scopes) > 0 {
		options = append(options,
			oauth2.SetAuthURLParam("scope", strings.Join(scopes, cmp.Or(o.ScopeSeparator, " "))))
	}
	for name, v := range o.Params {
		options = append(options, oauth2.SetAuthURLParam(name, v))
	}
	return options
}

// scopes returns the scopes that an account's flow asks for.
func (o *OAuth) scopes(a Account) []string {
	if own := a.Secrets[ClientScopes]; own != "" {
		return strings.Fields(own)
	}
	return o.Scopes
}

// Withheld returns the scopes that were asked for, and that the token answer says were not granted.
func (o *OAuth) Withheld(a Account, t *oauth2.Token) (out []string) {
	said, _ := t.Extra("scope").(string)
	if !o.Granted || said == "" { // RFC 6749 section 5.1: left out if all were granted
		return nil
	}
	granted := strings.FieldsFunc(said, func(r rune) bool { return r == ' ' || r == ',' })
	for _, scope := range o.scopes(a) {
		if !slices.Contains(granted, scope) {
			out = append(out, scope)
		}
	}
	return out
}

// Complete returns the options of the request that exchanges a code.
func (o *OAuth) Complete(a Account, verifier string) (options []oauth2.AuthCodeOption) {
	if o.challenges(a) {
		options = append(options, oauth2.VerifierOption(verifier))
	}
	for name, v := range o.TokenParams {
		options = append(options, oauth2.SetAuthURLParam(name, v))
	}
	return options
}

// Carry returns a context with the client that makes the token requests.
func (o *OAuth) Carry(ctx context.Context) context.Context {
	if o.Client == nil {
		return ctx
	}
	return context.WithValue(ctx, oauth2.HTTPClient, o.Client)
}

// Tokens returns the secrets of a token answer. It leaves out what the remote left empty.
func Tokens(t *oauth2.Token, now time.Time) map[string]string {
	out := map[string]string{AccessToken: t.AccessToken}
	if t.RefreshToken != "" {
		out[RefreshToken] = t.RefreshToken
	}
	if t.ExpiresIn > 0 {
		out[ExpiresAt] = now.Add(time.Duration(t.ExpiresIn) * time.Second).UTC().Format(time.RFC3339)
	}
	return out
}

// Refresh renews the tokens with the refresh token grant.
func (o *OAuth) Refresh(ctx context.Context, a Account, now time.Time) (map[string]string, error) {
	if a.Secrets[RefreshToken] == "" {
		return nil, Disconnected(reasons.AccessNotRenewable(), nil)
	}
	c, _, err := o.Config(a, "")
	if err != nil {
		return nil, err
	}
	t, err := c.TokenSource(o.Carry(ctx), &oauth2.Token{RefreshToken: a.Secrets[RefreshToken]}).Token()
	if err != nil {
		return nil, TokenRefused(err)
	}
	return Tokens(t, now), nil
}

// TokenRefused classifies an error of the token endpoint.
func TokenRefused(err error) error {
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
		return Disconnected(reasons.ChannelRefusesClient(), err)
	}
	return Disconnected(reasons.AccountConnectAgain(), err)
}

// Expiring reports whether the access token expires within the next minute.
func (a Account) Expiring(now time.Time) bool {
	t, err := time.Parse(time.RFC3339, a.Secrets[ExpiresAt])
	return err == nil && now.Add(time.Minute).After(t)
}

// connectTime is how long a person may take to authorize the connection.
