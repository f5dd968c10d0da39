package accounts_test

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/catalog/catalogtest"
	"vitrine/publishers"
	"vitrine/publishers/accounts"
	"vitrine/publishers/publishertest"
)

// authority is a strict OAuth server: codes work once and only with their verifier, and a refresh token ends when it is
// used, unless the answer has no new one.
type authority struct {
	*httptest.Server
	mu         sync.Mutex
	challenges map[string]string // by code
	access     string
	refresh    string
	n          int
	refreshes  int
	silent     bool // refreshes return an empty refresh token
	down       bool
}

func newAuthority(t *testing.T) *authority {
	a := &authority{challenges: map[string]string{}}
	a.Server = httptest.NewServer(a)
	t.Cleanup(a.Close)
	return a
}

// agree is the person in the browser: it returns what the remote sends to the callback.
func (a *authority) agree(t *testing.T, address string) (state, code string) {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	for name, want := range map[string]string{"response_type": "code", "client_id": "app",
		"code_challenge_method": "S256", "scope": "post,read", "access_type": "offline",
		"redirect_uri": "https://media.example.com/api/oauth/callback"} {
		if q.Get(name) != want {
			t.Fatalf("%s is %q in %s", name, q.Get(name), address)
		}
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.n++
	code = fmt.Sprint("code", a.n)
	a.challenges[code] = q.Get("code_challenge")
	return q.Get("state"), code
}

func (a *authority) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	defer a.mu.Unlock()
	refuse := func(status int, name string) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_, _ = fmt.Fprintf(w, `{"error": %q}`, name)
	}
	if a.down {
		refuse(http.StatusBadGateway, "")
		return
	}
	if r.Method != http.MethodPost || r.ParseForm() != nil || r.Form.Get("client_id") != "app" ||
		r.Form.Get("client_secret") != "hush" {
		refuse(http.StatusUnauthorized, "invalid_client")
		return
	}
	answer := map[string]any{"token_type": "Bearer", "expires_in": 3600}
	switch r.Form.Get("grant_type") {
	case "authorization_code":
		sum := sha256.Sum256([]byte(r.Form.Get("code_verifier")))
		code := r.Form.Get("code")
		if c := a.challenges[code]; c == "" || c != base64.RawURLEncoding.EncodeToString(sum[:]) {
			refuse(http.StatusBadRequest, "invalid_grant")
			return
		}
		delete(a.challenges, code)
	case "refresh_token":
		if r.Form.Get("refresh_token") != a.refresh {
			refuse(http.StatusBadRequest, "invalid_grant")
			return
		}
		a.refreshes++
	}
	a.n++
	a.access = fmt.Sprint("access", a.n)
	if a.silent {
		answer["refresh_token"] = ""
	} else {
		a.refresh = fmt.Sprint("refresh", a.n)
		answer["refresh_token"] = a.refresh
	}
	answer["access_token"] = a.access
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(answer)
}

// oauthNetwork is the network with accounts of the authority.
type oauthNetwork struct {
	*publishertest.Network
	a *authority
}

func (o *oauthNetwork) Verify(ctx context.Context, a publishers.Account) (dam.ChannelIdentity, error) {
	return o.Network.Verify(ctx, o.translate(a))
}

func (o *oauthNetwork) translate(a publishers.Account) publishers.Account {
	o.a.mu.Lock()
	defer o.a.mu.Unlock()
	token := "bad"
	if a.Secrets[publishers.AccessToken] == o.a.access {
		token = "good"
	}
	a.Secrets = map[string]string{"token": token}
	return a
}

func (o *oauthNetwork) with(in publishers.Intent) publishers.Intent {
	in.Account = o.translate(in.Account)
	return in
}

func (o *oauthNetwork) Prepare(ctx context.Context, in publishers.Intent, s publishers.State) (publishers.State,
	error) {
	return o.Network.Prepare(ctx, o.with(in), s)
}

func (o *oauthNetwork) Commit(ctx context.Context, in publishers.Intent, s publishers.State) (publishers.Receipt,
	error) {
	return o.Network.Commit(ctx, o.with(in), s)
}

func (o *oauthNetwork) kind() publishers.Kind {
	return publishers.Kind{Name: "social", Title: "Social", Publisher: o,
		Schema: json.RawMessage(
			`{"type":"object","required":["client_id","client_secret"],"properties":{"client_id":{"type":"string"},"client_secret":{"type":"string","writeOnly":true}}}`),
		OAuth: &publishers.OAuth{Scopes: []string{"post", "read"}, ScopeSeparator: ",",
			Params: map[string]string{"access_type": "offline"},
			Endpoint: func(json.RawMessage) (string, string, error) {
				return o.a.URL + "/authorize", o.a.URL + "/token", nil
			}}}
}

func TestConnect(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, c *catalog.Catalog) {
		w, a := publishertest.NewWorld(t, c), newAuthority(t)
		o := &oauthNetwork{publishertest.NewNetwork(publishers.NoIdempotency), a}
		s := w.Service("a", o.kind())
		lib := dam.DefaultLibrary
		me := catalog.WithActor(catalogtest.Context(t), dam.Principal{ID: "u_me"})
		other := catalog.WithActor(catalogtest.Context(t), dam.Principal{ID: "u_other"})
		if kinds, err := s.Accounts.ChannelKinds(me, lib); err != nil || !kinds[0].Connect || kinds[0].Tried != nil {
			t.Errorf("the kind does not say that it is connected in the browser, or that it was tried: %v, %v",
				kinds, err)
		}
		ch, err := s.Accounts.CreateChannel(me, lib, accounts.ChannelInput{Name: "Brand", Kind: "social",
			Config: json.RawMessage(`{"client_id":"app","client_secret":"hush"}`),
			Rule:   dam.Rule{Presets: []string{publishertest.Preset}}})
		if err != nil || ch.Health != dam.Reconnect {
			t.Fatalf("%+v, %v", ch, err)
		}
		if _, err := s.Accounts.TestChannel(me, lib, ch.ID); dam.CodeOf(err) != dam.Forbidden {
			t.Errorf("a channel without an account works: %v", err)
		}
		start, err := s.Accounts.Connect(me, lib, ch.ID)
		if err != nil {
			t.Fatal(err)
		}
		state, code := a.agree(t, start.URL)
		// Another person can't finish the flow, nor can it be finished with another state; a refusal ends it.
		if _, err := s.Accounts.Connected(other, state, code, ""); dam.CodeOf(err) != dam.Conflict {
			t.Errorf("somebody else finished the flow: %v", err)
		}
		if _, err := s.Accounts.Connected(me, "made up", code, ""); dam.CodeOf(err) != dam.Conflict {
			t.Errorf("a made up state: %v", err)
		}
		if _, err := s.Accounts.Connected(me, state, "", "access_denied"); dam.CodeOf(err) != dam.Forbidden ||
			!strings.Contains(err.Error(), "access_denied") {
			t.Errorf("a refusal: %v", err)
		}
		if _, err := s.Accounts.Connected(me, state, code, ""); dam.CodeOf(err) != dam.Conflict {
			t.Errorf("a flow was finished twice: %v", err)
		}
		// An expired flow can't be finished.
		if start, err = s.Accounts.Connect(me, lib, ch.ID); err != nil {
			t.Fatal(err)
		}
		state, code = a.agree(t, start.URL)
		w.Clock.Advance(time.Hour)
		if _, err := s.Accounts.Connected(me, state, code, ""); dam.CodeOf(err) != dam.Conflict {
			t.Errorf("an old flow was finished: %v", err)
		}
		// A code of another flow is refused because of its verifier.
		first, err := s.Accounts.Connect(me, lib, ch.ID)
		if err != nil {
			t.Fatal(err)
		}
		if start, err = s.Accounts.Connect(me, lib, ch.ID); err != nil {
			t.Fatal(err)
		}
		_, code = a.agree(t, first.URL)
		state, _ = a.agree(t, start.URL)
		if _, err := s.Accounts.Connected(me, state, code, ""); err == nil {
			t.Error("the code of another flow was taken")
		}
		if start, err = s.Accounts.Connect(me, lib, ch.ID); err != nil {
			t.Fatal(err)
		}
		state, code = a.agree(t, start.URL)
		if ch, err = s.Accounts.Connected(me, state, code, ""); err != nil || ch.Health != dam.Healthy ||
			ch.Identity == nil {
			t.Fatalf("%+v, %v", ch, err)
		}
		row, err := c.Channels().Channel(catalogtest.Context(t), lib, ch.ID)
		if err != nil || strings.Contains(fmt.Sprint(row.Sealed), a.access) ||
			row.Sealed[publishers.RefreshToken] == "" {
			t.Fatalf("sealed: %v, %v", row.Sealed, err)
		}

		// The token is renewed before it expires, once for all who need it; an empty refresh token leaves the old one.
		a.silent = true
		w.Clock.Advance(time.Hour)
		before := a.refreshes
		var ids []string
		for range 3 {
			ids = append(ids, w.Publish(s, w.Asset("shoe").ID, ch.ID).ID)
		}
		var wg sync.WaitGroup
		for _, node := range []*publishertest.Service{s, w.Service("b", o.kind())} {
			wg.Go(func() { w.Turn(node) })
		}
		wg.Wait()
		for _, id := range ids {
			w.Until(s, id, dam.PubDelivered)
		}
		if n := a.refreshes - before; n != 1 {
			t.Errorf("%d refreshes", n)
		}
		if row, err = c.Channels().Channel(catalogtest.Context(t), lib, ch.ID); err != nil ||
			row.Sealed[publishers.RefreshToken] == "" {
			t.Errorf("the refresh token is gone: %v", err)
		}
		// Errors of the token server are temporary; a refused token needs a person.
		w.Clock.Advance(time.Hour)
		a.down = true
		p := w.Publish(s, w.Asset("boot").ID, ch.ID)
		w.Turn(s)
		if q := w.Read(p.ID); q.State != dam.PubPlanned || q.Problem == nil || q.Problem.Class != "retry" {
			t.Errorf("token server down\n%s", publishertest.Ledger(q))
		}
		a.down, a.refresh = false, "another"
		w.Clock.Advance(time.Minute)
		w.Turn(s)
		if got, err := s.Accounts.Channel(catalogtest.Context(t), lib, ch.ID); err != nil ||
			got.Health != dam.Reconnect {
			t.Errorf("%+v, %v", got.Health, err)
		}
		if start, err = s.Accounts.Connect(me, lib, ch.ID); err != nil {
			t.Fatal(err)
		}
		state, code = a.agree(t, start.URL)
		if _, err := s.Accounts.Connected(me, state, code, ""); err != nil {
			t.Fatal(err)
		}
		w.Until(s, p.ID, dam.PubDelivered)
	})
}
