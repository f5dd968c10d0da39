package x

import (
	"encoding/json"
	"net/http"

	"vitrine/publishers"
)

// Login is the base URL of X in the browser.
const Login = "https://x.com"

// scopes are what the channel needs: to post and delete (tweet.write), look up (tweet.read with users.read), upload
// (media.write), and to be renewed after the two hours that an access token is good for (offline.access).
// https://docs.x.com/fundamentals/authentication/oauth-2-0/authorization-code, read on 2026-11-30.
var scopes = []string{"tweet.read", "tweet.write", "users.read", "media.write", "offline.access"}

// oauth connects an account in the browser: OAuth 2.0 with PKCE as a confidential client, which sends its id and secret
// in a header. A channel with OAuth 1.0a keys needs no connection.
func oauth(host, login string, transport http.RoundTripper) *publishers.OAuth {
	return &publishers.OAuth{Scopes: scopes, BasicAuth: true, Granted: true, Entered: []string{"access_secret"},
		Client: &http.Client{Transport: transport},
		Endpoint: func(json.RawMessage) (string, string, error) {
			return login + "/i/oauth2/authorize", host + "/2/oauth2/token", nil
		}}
}

// bearer sends the token of a connected account. A 401 means that the token has expired, and that X did nothing.
type bearer struct {
	token string
	base  http.RoundTripper
}

// RoundTrip implements http.RoundTripper.
func (b bearer) RoundTrip(r *http.Request) (*http.Response, error) {
	signed := r.Clone(r.Context())
	signed.Header.Set("Authorization", "Bearer "+b.token)
	res, err := b.base.RoundTrip(signed)
	if err != nil || res.StatusCode != http.StatusUnauthorized {
		return res, err
	}
	_ = res.Body.Close() // the status says it all
	return nil, publishers.AuthExpired(&publishers.Answer{Method: r.Method, Path: r.URL.Path, Status: res.StatusCode})
}
