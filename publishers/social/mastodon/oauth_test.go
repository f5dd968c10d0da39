package mastodon

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
	"time"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/catalog/catalogtest"
	"vitrine/dam/outbound"
	"vitrine/publishers/accounts"
	"vitrine/publishers/publishertest"
)

// authority is the OAuth of a Mastodon server, as docs.joinmastodon.org (methods/apps, methods/oauth, api/oauth-scopes,
// read on 2026-11-30) and its library Doorkeeper have it, in front of the simulator.
type authority struct {
	URL    string
	behind *simulator
	// old is a server before 4.3: no metadata, no profile scope, and it refuses a code verifier.
	old bool

	mu     sync.Mutex
	n      int
	apps   map[string]application // by client_id
	codes  map[string]grant
	tokens map[string][]string // scopes by token
}

type application struct {
	secret, redirect string
	scopes           []string
}

type grant struct {
	app, challenge string
	scopes         []string
}

const callback = "https://media.example.com/api/oauth/callback"

func newAuthority(t *testing.T, old bool) *authority {
	a := &authority{behind: newSimulator(t), old: old, apps: map[string]application{}, codes: map[string]grant{},
		tokens: map[string][]string{}}
	s := httptest.NewServer(a)
	a.URL = s.URL
	t.Cleanup(s.Close)
	return a
}

// agree is the person in the browser: what the server sends to the callback.
func (a *authority) agree(t *testing.T, address string) (state, code string) {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	a.mu.Lock()
	defer a.mu.Unlock()
	app, known := a.apps[q.Get("client_id")]
	scopes := strings.Fields(q.Get("scope"))
	outside := slices.ContainsFunc(scopes, func(s string) bool { return !slices.Contains(app.scopes, s) })
	if u.Path != "/oauth/authorize" || q.Get("response_type") != "code" || !known || outside || len(scopes) == 0 ||
		q.Get("redirect_uri") != app.redirect ||
		q.Get("code_challenge") != "" && q.Get("code_challenge_method") != "S256" {
		t.Fatalf("the server shows an error at %s", address)
	}
	if !a.old && q.Get("code_challenge") == "" {
		t.Errorf("no code challenge for a server that supports one: %s", address)
	}
	a.n++
	code = fmt.Sprint("code", a.n)
	a.codes[code] = grant{q.Get("client_id"), q.Get("code_challenge"), scopes}
	return q.Get("state"), code
}

// ServeHTTP answers as Mastodon does.
func (a *authority) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	defer a.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	switch r.URL.Path {
	case "/.well-known/oauth-authorization-server":
		if a.old {
			toldOff(w, 404, "Not Found")
			return
		}
		_, _ = io.WriteString(w, `{"scopes_supported":["read","write","read:accounts","read:statuses","write:media",`+
			`"write:statuses","profile"],"code_challenge_methods_supported":["S256"]}`)
		return
	case "/api/v1/apps":
		scopes := strings.Fields(r.FormValue("scopes"))
		u, err := url.Parse(r.FormValue("redirect_uris"))
		if r.Method != http.MethodPost || r.FormValue("client_name") == "" || err != nil || !u.IsAbs() ||
			a.old && slices.Contains(scopes, "profile") {
			toldOff(w, 422, "Validation failed: Redirect URI must be an absolute URI.")
			return
		}
		a.n++
		id := fmt.Sprint("app", a.n)
		a.apps[id] = application{"secret of " + id, r.FormValue("redirect_uris"), scopes}
		_ = json.NewEncoder(w).Encode(map[string]any{"client_id": id, "client_secret": a.apps[id].secret,
			"redirect_uri": a.apps[id].redirect})
		return
	case "/oauth/token":
		a.token(w, r)
		return
	case "/api/v1/instance":
		r.Header.Set("Authorization", "Bearer "+MastodonToken)
		a.behind.ServeHTTP(w, r)
		return
	}
	token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	scopes, known := a.tokens[token]
	if !known {
		toldOff(w, 401, "The access token is invalid")
		return
	}
	var need []string // one of these; the methods' pages below docs.joinmastodon.org/methods name them
	switch {
	case strings.HasPrefix(r.URL.Path, "/api/v1/media"), strings.HasPrefix(r.URL.Path, "/api/v2/media"):
		need = []string{"write:media"}
	case r.URL.Path == "/api/v1/accounts/verify_credentials":
		need = []string{"profile", "read:accounts"}
	case r.Method == http.MethodGet:
		need = []string{"read:statuses"}
	default:
		need = []string{"write:statuses"}
	}
	if !slices.ContainsFunc(need, func(s string) bool { return slices.Contains(scopes, s) }) {
		toldOff(w, 403, "This action is outside the authorized scopes")
		return
	}
	r.Header.Set("Authorization", "Bearer "+MastodonToken)
	a.behind.ServeHTTP(w, r)
}

func (a *authority) token(w http.ResponseWriter, r *http.Request) {
	refuse := func(status int, name string) {
		w.WriteHeader(status)
		_, _ = fmt.Fprintf(w, `{"error":%q}`, name)
	}
	app, known := a.apps[r.FormValue("client_id")]
	if !known || app.secret != r.FormValue("client_secret") {
		refuse(401, "invalid_client")
		return
	}
	scopes := []string{"read"}
	if r.FormValue("grant_type") == "authorization_code" {
		code := r.FormValue("code")
		g, given := a.codes[code]
		delete(a.codes, code)
		sum := sha256.Sum256([]byte(r.FormValue("code_verifier")))
		switch {
		case a.old && r.FormValue("code_verifier") != "":
			refuse(400, "invalid_request") // Doorkeeper without the columns for it
			return
		case !given || g.app != r.FormValue("client_id") || app.redirect != r.FormValue("redirect_uri"),
			g.challenge != "" && g.challenge != base64.RawURLEncoding.EncodeToString(sum[:]):
			refuse(400, "invalid_grant")
			return
		}
		scopes = g.scopes
	}
	a.n++
	token := fmt.Sprint("token", a.n)
	a.tokens[token] = scopes
	_ = json.NewEncoder(w).Encode(map[string]any{"access_token": token, "token_type": "Bearer",
		"scope": strings.Join(scopes, " "), "created_at": 1573979017})
}

// An account is connected in the browser, on servers before and since 4.3: with the application that is registered
// there, again with the same one, and with another when the server has forgotten it. It posts and recalls with the
// narrow scopes that it asks for.
func TestConnect(t *testing.T) {
	for name, old := range map[string]bool{"4.3": false, "4.2": true} {
		t.Run(name, func(t *testing.T) {
			a := newAuthority(t, old)
			w := publishertest.NewWorld(t, catalogtest.SQLite(t))
			s := w.Service("a", Kind(outbound.Operator(10*time.Second)))
			ctx := catalog.WithActor(catalogtest.Context(t), dam.Principal{ID: "u_me",
				Grants: map[string]dam.Role{dam.DefaultLibrary: dam.Admin}})
			lib := dam.DefaultLibrary
			ch, err := s.Accounts.CreateChannel(ctx, lib, accounts.ChannelInput{Name: "Brand", Kind: Name,
				Config: json.RawMessage(`{"server":"` + a.URL + `"}`),
				Rule:   dam.Rule{Presets: []string{publishertest.Preset}}})
			if err != nil || ch.Health != dam.Reconnect {
				t.Fatalf("%+v, %v", ch, err)
			}
			connect := func() string {
				t.Helper()
				start, err := s.Accounts.Connect(ctx, lib, ch.ID)
				if err != nil {
					t.Fatal(err)
				}
				state, code := a.agree(t, start.URL)
				got, err := s.Accounts.Connected(ctx, state, code, "")
				if err != nil || got.Health != dam.Healthy || got.Identity.Name != "@brand" {
					t.Fatalf("%+v, %v", got, err)
				}
				_, query, _ := strings.Cut(start.URL, "client_id=")
				return query
			}
			client := func(q string) string { return strings.SplitN(q, "&", 2)[0] }
			first := client(connect())
			p := w.Publish(s, w.Asset("shoe").ID, ch.ID)
			w.Until(s, p.ID, dam.PubDelivered)
			if _, err := s.Planning.Recall(ctx, lib, p.ID, ""); err != nil {
				t.Fatal(err)
			}
			w.Until(s, p.ID, dam.PubRecalled)
			if again := client(connect()); again != first {
				t.Errorf("the application is registered again: %s, then %s", first, again)
			}
			a.mu.Lock()
			clear(a.apps)
			a.mu.Unlock()
			if again := client(connect()); again == first {
				t.Error("the application that the server has forgotten is used again")
			}
			// A token that is entered takes the place of the connection.
			a.mu.Lock()
			a.tokens["entered"] = []string{"read:accounts"}
			a.mu.Unlock()
			if ch, err = s.Accounts.UpdateChannel(ctx, lib, ch.ID, 0, accounts.ChannelPatch{
				Config: json.RawMessage(`{"server":"` + a.URL + `","token":"entered"}`)}); err != nil {
				t.Fatal(err)
			}
			row, err := w.Catalog.Channels().Channel(ctx, lib, ch.ID)
			if err != nil || row.Sealed["access_token"] != "" {
				t.Errorf("the connection is kept beside the token: %v", err)
			}
		})
	}
}

// The simulator refuses what a Mastodon server refuses, and so does the server's callback: a code with another
// verifier, a code twice, another redirect address.
func TestAuthority(t *testing.T) {
	a := newAuthority(t, false)
	sum := sha256.Sum256([]byte("verifier"))
	a.apps["app"] = application{"hush", callback, []string{"profile"}}
	try := func(verifier, redirect, secret string) int {
		t.Helper()
		res, err := http.PostForm(a.URL+"/oauth/token", url.Values{"grant_type": {"authorization_code"}, "code": {"c"},
			"client_id": {"app"}, "client_secret": {secret}, "redirect_uri": {redirect}, "code_verifier": {verifier}})
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		return res.StatusCode
	}
	for i, x := range []struct {
		verifier, redirect, secret string
		status                     int
	}{{"another", callback, "hush", 400}, {"verifier", callback + "/", "hush", 400}, {"", callback, "hush", 400},
		{"verifier", callback, "wrong", 401}, {"verifier", callback, "hush", 200}} {
		a.mu.Lock()
		a.codes["c"] = grant{"app", base64.RawURLEncoding.EncodeToString(sum[:]), []string{"profile"}}
		a.mu.Unlock()
		if status := try(x.verifier, x.redirect, x.secret); status != x.status {
			t.Errorf("%d: %d", i, status)
		}
	}
	if status := try("verifier", callback, "hush"); status != http.StatusBadRequest {
		t.Errorf("a code was taken twice: %d", status)
	}
}
