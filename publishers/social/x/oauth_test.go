package x

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/dghubble/oauth1"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/catalog/catalogtest"
	"vitrine/publishers/accounts"
	"vitrine/publishers/publishertest"
)

// authority is OAuth 2.0 as X documents it, in front of the simulator:
// https://docs.x.com/fundamentals/authentication/oauth-2-0/authorization-code and …/user-access-token, read on
// 2026-11-30. A confidential client sends its id and secret in the header; the code challenge is required; a code works
// once, with its verifier and its redirect address; an access token lasts two hours; a refresh token is given for
// offline.access only, and ends when it is used (the last is what clients report; X's page doesn't say it).
type authority struct {
	URL    string
	behind *simulator
	signed *http.Client

	mu      sync.Mutex
	n       int
	codes   map[string]grant
	access  map[string][]string // scopes by token; expired ones are removed
	refresh map[string][]string
	deny    string // a scope that the person does not grant
}

type grant struct {
	challenge, redirect string
	scopes              []string
}

const redirect = "https://media.example.com/api/oauth/callback"

func newAuthority(t *testing.T, x *simulator) *authority {
	a := &authority{behind: x, codes: map[string]grant{}, access: map[string][]string{}, refresh: map[string][]string{},
		signed: oauth1.NewConfig(XConsumerKey, XConsumerSecret).Client(oauth1.NoContext,
			oauth1.NewToken(XAccessToken, XAccessSecret))}
	s := httptest.NewServer(a)
	a.URL = s.URL
	t.Cleanup(s.Close)
	return a
}

// agree is the person in the browser: what X sends to the callback.
func (a *authority) agree(t *testing.T, address string) (state, code string) {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	if u.Path != "/i/oauth2/authorize" || q.Get("response_type") != "code" || q.Get("client_id") != "app" ||
		q.Get("redirect_uri") != redirect || q.Get("state") == "" || q.Get("code_challenge") == "" ||
		q.Get("code_challenge_method") != "S256" {
		t.Fatalf("X shows an error at %s", address)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.n++
	code = fmt.Sprint("code", a.n)
	a.codes[code] = grant{q.Get("code_challenge"), redirect, slices.DeleteFunc(strings.Fields(q.Get("scope")),
		func(s string) bool { return s == a.deny })}
	return q.Get("state"), code
}

// expire ends every access token, as two hours do.
func (a *authority) expire() { a.mu.Lock(); clear(a.access); a.mu.Unlock() }

// ServeHTTP answers as X does.
func (a *authority) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/2/oauth2/token" {
		a.token(w, r)
		return
	}
	token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	a.mu.Lock()
	scopes, known := a.access[token]
	a.mu.Unlock()
	if !known {
		a.behind.refuse(w, 401, "about:blank", "Unauthorized", "Unauthorized")
		return
	}
	// The scopes of an endpoint are on its page below https://docs.x.com/x-api.
	need := []string{"tweet.read", "users.read"}
	switch {
	case strings.HasPrefix(r.URL.Path, "/2/media/"):
		need = []string{"media.write"}
	case r.Method != http.MethodGet:
		need = append(need, "tweet.write")
	}
	for _, s := range need {
		if !slices.Contains(scopes, s) {
			a.behind.refuse(w, 403, "https://api.twitter.com/2/problems/client-forbidden", "Client Forbidden",
				"The token lacks "+s)
			return
		}
	}
	req, err := http.NewRequestWithContext(r.Context(), r.Method, a.behind.URL+r.URL.RequestURI(), r.Body)
	if err != nil {
		panic(err)
	}
	req.Header.Set("Content-Type", r.Header.Get("Content-Type"))
	res, err := a.signed.Do(req)
	if err != nil {
		panic(err)
	}
	w.Header().Set("Content-Type", res.Header.Get("Content-Type"))
	w.WriteHeader(res.StatusCode)
	_, _ = io.Copy(w, res.Body)
	_ = res.Body.Close()
}

func (a *authority) token(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	defer a.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	refuse := func(status int, name string) {
		w.WriteHeader(status)
		_, _ = fmt.Fprintf(w, `{"error":%q,"error_description":"Value passed for the token was invalid."}`, name)
	}
	id, secret, _ := r.BasicAuth()
	if r.Method != http.MethodPost || r.ParseForm() != nil || id != "app" || secret != "hush" {
		refuse(401, "unauthorized_client")
		return
	}
	var scopes []string
	switch r.PostForm.Get("grant_type") {
	case "authorization_code":
		g, known := a.codes[r.PostForm.Get("code")]
		delete(a.codes, r.PostForm.Get("code"))
		sum := sha256.Sum256([]byte(r.PostForm.Get("code_verifier")))
		if !known || g.challenge != base64.RawURLEncoding.EncodeToString(sum[:]) ||
			g.redirect != r.PostForm.Get("redirect_uri") {
			refuse(400, "invalid_request")
			return
		}
		scopes = g.scopes
	case "refresh_token":
		var known bool
		if scopes, known = a.refresh[r.PostForm.Get("refresh_token")]; !known {
			refuse(400, "invalid_request")
			return
		}
		delete(a.refresh, r.PostForm.Get("refresh_token"))
	default:
		refuse(400, "invalid_request")
		return
	}
	a.n++
	answer := map[string]any{"token_type": "bearer", "expires_in": 7200, "scope": strings.Join(scopes, " "),
		"access_token": fmt.Sprint("access", a.n)}
	a.access[fmt.Sprint("access", a.n)] = scopes
	if slices.Contains(scopes, "offline.access") {
		answer["refresh_token"] = fmt.Sprint("refresh", a.n)
		a.refresh[fmt.Sprint("refresh", a.n)] = scopes
	}
	_ = json.NewEncoder(w).Encode(answer)
}

// An account is connected in the browser, posts, is renewed after two hours, also by a test and a recall, and goes back
// to OAuth 1.0a keys when those are entered.
func TestConnect(t *testing.T) {
	x := newSimulator(t)
	a := newAuthority(t, x)
	w := publishertest.NewWorld(t, catalogtest.SQLite(t))
	s := w.Service("a", Kind(a.URL, a.URL, http.DefaultTransport))
	ctx := catalog.WithActor(catalogtest.Context(t), dam.Principal{ID: "u_me",
		Grants: map[string]dam.Role{dam.DefaultLibrary: dam.Admin}})
	lib := dam.DefaultLibrary
	for config, field := range map[string]string{`{"client_id":"app"}`: "config.client_secret",
		`{"consumer_key":"k","consumer_secret":"s","access_token":"t"}`: "config.access_secret",
		`{"access_secret":"s"}`: "config.consumer_key"} {
		_, err := s.Accounts.CreateChannel(ctx, lib, accounts.ChannelInput{Name: "X", Kind: Name,
			Config: json.RawMessage(config)})
		publishertest.Invalid(t, err, field)
	}
	ch, err := s.Accounts.CreateChannel(ctx, lib, accounts.ChannelInput{Name: "X", Kind: Name,
		Config: json.RawMessage(`{"client_id":"app","client_secret":"hush"}`),
		Rule:   dam.Rule{Presets: []string{publishertest.Preset}}})
	if err != nil || ch.Health != dam.Reconnect {
		t.Fatalf("%+v, %v", ch, err)
	}
	connect := func() (dam.Channel, error) {
		start, err := s.Accounts.Connect(ctx, lib, ch.ID)
		if err != nil {
			t.Fatal(err)
		}
		state, code := a.agree(t, start.URL)
		return s.Accounts.Connected(ctx, state, code, "")
	}
	// Without the right to upload pictures the channel is not connected, and the refusal names the right.
	a.deny = "media.write"
	if _, err := connect(); dam.CodeOf(err) != dam.Forbidden || !strings.Contains(err.Error(), "media.write") {
		t.Errorf("a scope was withheld: %v", err)
	}
	a.deny = ""
	if ch, err = connect(); err != nil || ch.Health != dam.Healthy || ch.Identity.Name != "@brand" {
		t.Fatalf("%+v, %v", ch, err)
	}
	shoe := w.Asset("shoe")
	p := w.Publish(s, shoe.ID, ch.ID)
	w.Until(s, p.ID, dam.PubDelivered)
	// After two hours a test, a recall and a post renew the token.
	a.expire()
	if ch, err = s.Accounts.TestChannel(ctx, lib, ch.ID); err != nil || ch.Health != dam.Healthy {
		t.Errorf("a test with an expired token: %+v, %v", ch, err)
	}
	a.expire()
	if _, err := s.Planning.Recall(ctx, lib, p.ID, ""); err != nil {
		t.Fatal(err)
	}
	w.Until(s, p.ID, dam.PubRecalled)
	a.expire()
	boot := w.Publish(s, w.Asset("boot").ID, ch.ID)
	w.Until(s, boot.ID, dam.PubDelivered)
	// What is entered takes the place of the connection.
	config, err := json.Marshal(map[string]string{"consumer_key": XConsumerKey, "consumer_secret": XConsumerSecret,
		"access_token": XAccessToken, "access_secret": XAccessSecret})
	if err != nil {
		t.Fatal(err)
	}
	signed := w.Service("b", Kind(x.URL, x.URL, http.DefaultTransport))
	if ch, err = signed.Accounts.UpdateChannel(ctx, lib, ch.ID, 0, accounts.ChannelPatch{Config: config}); err != nil ||
		ch.Health != dam.Healthy {
		t.Errorf("%+v, %v", ch, err)
	}
}

// The simulator refuses what X refuses.
func TestAuthority(t *testing.T) {
	a := newAuthority(t, newSimulator(t))
	fresh := func() string {
		a.mu.Lock()
		defer a.mu.Unlock()
		sum := sha256.Sum256([]byte("verifier"))
		a.codes["code"] = grant{base64.RawURLEncoding.EncodeToString(sum[:]), redirect, []string{"tweet.read"}}
		return "code"
	}
	for name, form := range map[string]url.Values{
		"another verifier":         {"code": {"code"}, "code_verifier": {"another"}, "redirect_uri": {redirect}},
		"no verifier":              {"code": {"code"}, "redirect_uri": {redirect}},
		"another redirect address": {"code": {"code"}, "code_verifier": {"verifier"}, "redirect_uri": {redirect + "/"}},
	} {
		fresh()
		if status, _ := a.post(t, form); status != http.StatusBadRequest {
			t.Errorf("%s: %d", name, status)
		}
	}
	fresh()
	good := url.Values{"code": {"code"}, "code_verifier": {"verifier"}, "redirect_uri": {redirect}}
	if status, body := a.post(t, good); status != http.StatusOK || strings.Contains(body, "refresh_token") {
		t.Errorf("%d %s: a refresh token is given for offline.access only", status, body)
	}
	if status, _ := a.post(t, good); status != http.StatusBadRequest {
		t.Errorf("a code was taken twice: %d", status)
	}
}

func (a *authority) post(t *testing.T, form url.Values) (int, string) {
	t.Helper()
	form.Set("grant_type", "authorization_code")
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, a.URL+"/2/oauth2/token",
		strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.SetBasicAuth("app", "hush")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(res.Body)
	_ = res.Body.Close()
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(body)
}
