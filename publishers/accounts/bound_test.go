package accounts_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/catalog/catalogtest"
	"vitrine/publishers"
	"vitrine/publishers/accounts"
	"vitrine/publishers/publishertest"
)

// sessions is the network at servers that anybody may run, which give sessions for a password.
type sessions struct {
	*publishertest.Network
	renew func() // while the server makes a session
}

func (s *sessions) Verify(context.Context, publishers.Account) (dam.ChannelIdentity, error) {
	return dam.ChannelIdentity{ID: "brand", Name: "brand"}, nil
}

func (s *sessions) Refresh(context.Context, publishers.Account) (map[string]string, error) {
	if s.renew != nil {
		s.renew()
	}
	return map[string]string{"session": "of the first server"}, nil
}

func (s *sessions) kind() publishers.Kind {
	return publishers.Kind{Name: "sessions", Title: "Sessions", Publisher: s,
		Destination: func(raw json.RawMessage) string { return string(raw) },
		Schema: json.RawMessage(`{"type":"object","required":["server","password"],"properties":{` +
			`"server":{"type":"string","x-destination":true},"password":{"type":"string","writeOnly":true}}}`)}
}

func newSessions(t *testing.T) (*sessions, *publishertest.World, *publishertest.Service, dam.Channel) {
	n := &sessions{Network: publishertest.NewNetwork(publishers.NoIdempotency)}
	w := publishertest.NewWorld(t, catalogtest.SQLite(t))
	s := w.Service("a", n.kind())
	return n, w, s, w.Channel(s, "sessions", json.RawMessage(`{"server":"https://one.example","password":"hush"}`))
}

func move(t *testing.T, s *publishertest.Service, ch dam.Channel) error {
	_, err := s.Accounts.UpdateChannel(catalogtest.Context(t), dam.DefaultLibrary, ch.ID, 0, accounts.ChannelPatch{
		Config: json.RawMessage(`{"server":"https://two.example","password":"hush"}`)})
	return err
}

// A call that needs a session is made again with the one that its refusal leads to, whatever its secret is called.
func TestUseRenewsOwnSecrets(t *testing.T) {
	_, _, s, ch := newSessions(t)
	calls := 0
	if err := s.Accounts.Use(catalogtest.Context(t), ch.ID, func(a publishers.Account) error {
		if calls++; a.Secrets["session"] == "" {
			return publishers.AuthExpired(nil)
		}
		return nil
	}); err != nil || calls != 2 {
		t.Errorf("%d calls: %v", calls, err)
	}
}

// What one server answered is not stored, and so not sent, for another one that the channel has moved to meanwhile.
func TestSecretsStayWithTheirAddress(t *testing.T) {
	n, w, s, ch := newSessions(t)
	n.renew = func() {
		n.renew = nil
		if err := move(t, s, ch); err != nil {
			t.Error(err)
		}
	}
	a, err := s.Accounts.Current(catalogtest.Context(t), ch.ID)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Accounts.Refresh(catalogtest.Context(t), ch.ID, a); err != nil {
		t.Fatal(err)
	}
	row, err := w.Catalog.Channels().Channel(catalogtest.Context(t), "", ch.ID)
	if err != nil || row.Sealed["session"] != "" || !strings.Contains(string(row.Config), "two.example") {
		t.Errorf("%s has %v, %v", row.Config, row.Sealed, err)
	}
}

// The test post of a proof that is under way could not be taken back from another place.
func TestNoMoveDuringProof(t *testing.T) {
	_, w, s, ch := newSessions(t)
	if err := w.Catalog.Write(catalogtest.Context(t), func(tx *catalog.Tx) error {
		return tx.Channels().InsertProof(catalogtest.Context(t), &catalog.ProofRow{Proof: dam.Proof{
			ID: dam.NewID(dam.ProofPrefix), Library: dam.DefaultLibrary, Channel: ch.ID, State: dam.ProofStarting}})
	}); err != nil {
		t.Fatal(err)
	}
	if err := move(t, s, ch); dam.CodeOf(err) != dam.Conflict {
		t.Errorf("moved while it is proven: %v", err)
	}
}

// picky is the network with accounts of the authority that knows one token only.
type picky struct {
	*oauthNetwork
	who  string
	only string
	saw  []string
}

func (p *picky) Verify(_ context.Context, a publishers.Account) (dam.ChannelIdentity, error) {
	p.saw = append(p.saw, a.Secrets[publishers.AccessToken])
	if p.only != "" && a.Secrets[publishers.AccessToken] != p.only {
		return dam.ChannelIdentity{}, publishers.AuthExpired(nil)
	}
	return dam.ChannelIdentity{ID: "id of " + p.who, Name: p.who}, nil
}

// Stored tokens don't take the place of those that a person has just got or entered: they may be another account's, and
// the address may be another one.
func TestStoredTokensAreNotLent(t *testing.T) {
	w, a := publishertest.NewWorld(t, catalogtest.SQLite(t)), newAuthority(t)
	n := &picky{oauthNetwork: &oauthNetwork{publishertest.NewNetwork(publishers.NoIdempotency), a}}
	k := n.kind()
	k.Publisher, k.OAuth.Entered = n, []string{"token"}
	k.Schema = json.RawMessage(`{"type":"object","required":["client_id","client_secret"],"properties":{` +
		`"client_id":{"type":"string"},"client_secret":{"type":"string","writeOnly":true},` +
		`"server":{"type":"string","x-destination":true},"token":{"type":"string","writeOnly":true}}}`)
	s := w.Service("a", k)
	me, lib := catalog.WithActor(catalogtest.Context(t), dam.Principal{ID: "u_me"}), dam.DefaultLibrary
	ch, err := s.Accounts.CreateChannel(me, lib, accounts.ChannelInput{Name: "Brand", Kind: "social",
		Config: json.RawMessage(`{"client_id":"app","client_secret":"hush","server":"https://one.example"}`),
		Rule:   dam.Rule{Presets: []string{publishertest.Preset}}})
	if err != nil {
		t.Fatal(err)
	}
	connect := func() error {
		t.Helper()
		start, err := s.Accounts.Connect(me, lib, ch.ID)
		if err != nil {
			t.Fatal(err)
		}
		state, code := a.agree(t, start.URL)
		_, err = s.Accounts.Connected(me, state, code, "")
		return err
	}
	if err := connect(); err != nil {
		t.Fatal(err)
	}
	a.mu.Lock()
	n.who, a.silent = "another", true
	a.mu.Unlock()
	if err := connect(); err != nil {
		t.Fatal(err)
	}
	if row, err := w.Catalog.Channels().Channel(me, lib, ch.ID); err != nil ||
		row.Sealed[publishers.RefreshToken] != "" {
		t.Errorf("the account is renewed with the token of the one before it: %v", err)
	}
	n.only = a.access
	if err := connect(); dam.CodeOf(err) != dam.Forbidden {
		t.Errorf("the remote refused the new account: %v", err)
	}
	n.saw = nil
	start, err := s.Accounts.Connect(me, lib, ch.ID)
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.Accounts.UpdateChannel(me, lib, ch.ID, 0, accounts.ChannelPatch{Config: json.RawMessage(
		`{"client_id":"app","client_secret":"hush","server":"https://two.example","token":"new"}`)})
	if dam.CodeOf(err) != dam.Forbidden || strings.Join(n.saw, "") != "" {
		t.Errorf("the other server was sent %q: %v", n.saw, err)
	}
	n.only = ""
	proof := catalog.ProofRow{Proof: dam.Proof{ID: dam.NewID(dam.ProofPrefix), Library: lib, Channel: ch.ID,
		State: dam.ProofStarting}}
	save := func(change func(tx *catalog.Tx) error) {
		t.Helper()
		if err := w.Catalog.Write(me, change); err != nil {
			t.Fatal(err)
		}
	}
	save(func(tx *catalog.Tx) error { return tx.Channels().InsertProof(me, &proof) })
	if _, err := s.Accounts.Connect(me, lib, ch.ID); dam.CodeOf(err) != dam.Conflict {
		t.Errorf("another account is connected while the channel is proven: %v", err)
	}
	now := w.Clock.Now()
	proof.EndedAt = &now
	save(func(tx *catalog.Tx) error { _, err := tx.Channels().SaveProof(me, &proof); return err })
	if _, err = s.Accounts.UpdateChannel(me, lib, ch.ID, 0, accounts.ChannelPatch{Config: json.RawMessage(
		`{"client_id":"app","client_secret":"hush","server":"https://two.example","token":"new"}`)}); err != nil {
		t.Fatal(err)
	}
	state, code := a.agree(t, start.URL)
	if _, err := s.Accounts.Connected(me, state, code, ""); dam.CodeOf(err) != dam.Conflict {
		t.Errorf("the code of one server goes to the other: %v", err)
	}
}
