package mastodon

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"vitrine/dam/reasons"
	"vitrine/publishers"
)

// Secrets of a registered application besides the common ones: the address that it may redirect to, and the method of
// code challenges that the server supports.
const (
	clientRedirect = "client_redirect"
	clientPKCE     = "client_pkce"
)

// oauth connects an account in the browser. The application is registered at the account's own server, so that nobody
// needs to make one; an access token can be entered instead. Source of what is said below about servers:
// docs.joinmastodon.org, methods/apps, methods/oauth and api/oauth-scopes, read on 2026-11-30.
func (p *publisher) oauth() *publishers.OAuth {
	return &publishers.OAuth{Client: p.client, Entered: []string{token}, Granted: true, Register: p.register,
		// Servers before 4.3 refuse a code verifier.
		PKCE: func(a publishers.Account) bool { return a.Secrets[clientPKCE] != "" },
		Endpoint: func(raw json.RawMessage) (string, string, error) {
			c, err := settings(publishers.Account{Config: raw})
			server := strings.TrimRight(c.Server, "/")
			return server + "/oauth/authorize", server + "/oauth/token", err
		}}
}

// token is the secret that holds an access token that was entered.
const token = "token"

// credential returns the token that requests carry: that of the connected account, or the one that was entered.
func credential(a publishers.Account) string {
	return cmp.Or(a.Secrets[publishers.AccessToken], a.Secrets[token])
}

// register registers an application for the redirect address, unless the server still knows the one that was
// registered for it: servers before 4.3 removed applications that nobody used.
func (p *publisher) register(ctx context.Context, a publishers.Account, redirect string) (map[string]string, error) {
	a.Secrets = without(a.Secrets)
	if a.Secrets[clientRedirect] == redirect && a.Secrets[publishers.ClientID] != "" {
		_, err := p.call(ctx, a, form("/oauth/token", url.Values{"grant_type": {"client_credentials"},
			"client_id":     {a.Secrets[publishers.ClientID]},
			"client_secret": {a.Secrets[publishers.ClientSecret]}}, nil))
		if err == nil || !answered(err) {
			return nil, err
		}
	}
	var server struct {
		Scopes     []string `json:"scopes_supported"`
		Challenges []string `json:"code_challenge_methods_supported"`
	}
	if _, err := p.call(ctx, a, publishers.Call{Method: http.MethodGet, URL: "/.well-known/oauth-authorization-server",
		Out: &server}); err != nil && !answered(err) { // servers before 4.3 don't have it
		return nil, err
	}
	who := "read:accounts"
	if slices.Contains(server.Scopes, "profile") {
		who = "profile"
	}
	scopes := who + " read:statuses write:media write:statuses"
	var app struct {
		ID     string `json:"client_id"`
		Secret string `json:"client_secret"`
	}
	if _, err := p.call(ctx, a, form("/api/v1/apps", url.Values{"client_name": {"Vitrine"},
		"redirect_uris": {redirect}, "scopes": {scopes}}, &app)); err != nil && !answered(err) {
		return nil, err
	}
	if app.ID == "" || app.Secret == "" {
		return nil, publishers.Permanent("server", reasons.MastodonRefusesApp())
	}
	out := map[string]string{publishers.ClientID: app.ID, publishers.ClientSecret: app.Secret,
		publishers.ClientScopes: scopes, clientRedirect: redirect, clientPKCE: ""}
	if slices.Contains(server.Challenges, "S256") {
		out[clientPKCE] = "S256"
	}
	return out, nil
}

// answered reports whether an error is a server's answer that asking again does not change.
func answered(err error) bool {
	class := publishers.ClassOf(err, publishers.ClassRetry)
	return errors.Is(err, errNotFound) || class != publishers.ClassRetry && class != publishers.ClassThrottled
}

// form is a POST of a form, without a token.
func form(path string, values url.Values, out any) publishers.Call {
	return publishers.Call{Method: http.MethodPost, URL: path, Out: out, Body: strings.NewReader(values.Encode()),
		Header: http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}}
}

// without returns the secrets without tokens: a server that doesn't know one refuses even public requests.
func without(secrets map[string]string) map[string]string {
	out := map[string]string{}
	for name, v := range secrets {
		if name != token && name != publishers.AccessToken {
			out[name] = v
		}
	}
	return out
}
