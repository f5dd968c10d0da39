package accounts_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/catalog/catalogtest"
	"vitrine/dam/reasons"
	"vitrine/publishers"
	"vitrine/publishers/accounts"
	"vitrine/publishers/publishertest"
)

// boards is the network with accounts of the authority, whose posts go to a board that is chosen among several.
type boards struct {
	*oauthNetwork
	list   []publishers.Target
	refuse error
}

func (b *boards) Targets(ctx context.Context, a publishers.Account) ([]publishers.Target, error) {
	if b.refuse != nil {
		return nil, b.refuse
	}
	if _, err := b.Verify(ctx, a); err != nil {
		return nil, err
	}
	return b.list, nil
}

// Verify refuses a channel whose board is not chosen, or not one of the account's.
func (b *boards) Verify(ctx context.Context, a publishers.Account) (dam.ChannelIdentity, error) {
	return b.oauthNetwork.Verify(ctx, a)
}

func (b *boards) kind() publishers.Kind {
	k := b.oauthNetwork.kind()
	k.Publisher, k.Place = b, "board"
	k.Schema = json.RawMessage(`{"type":"object","required":["client_id","client_secret"],"properties":{` +
		`"client_id":{"type":"string"},"client_secret":{"type":"string","writeOnly":true},"board":{"type":"integer"}}}`)
	return k
}

// A channel whose place is chosen is added, connected and then waits for the choice; what there is to choose is listed
// for it, and once chosen it publishes.
func TestTargets(t *testing.T) {
	w, a := publishertest.NewWorld(t, catalogtest.SQLite(t)), newAuthority(t)
	b := &boards{oauthNetwork: &oauthNetwork{publishertest.NewNetwork(publishers.NoIdempotency), a}}
	b.list = []publishers.Target{{Setting: "board", Value: "7", Title: "Shoes"},
		{Setting: "board", Value: "8", Title: "Shoes", Detail: reasons.BoardSecret()}}
	s := w.Service("a", b.kind())
	me, lib := catalog.WithActor(catalogtest.Context(t), dam.Principal{ID: "u_me"}), dam.DefaultLibrary
	add := func() dam.Channel {
		t.Helper()
		ch, err := s.Accounts.CreateChannel(me, lib, accounts.ChannelInput{Name: dam.NewID("n"), Kind: "social",
			Config: json.RawMessage(`{"client_id":"app","client_secret":"hush"}`),
			Rule:   dam.Rule{Presets: []string{publishertest.Preset}}})
		if err != nil {
			t.Fatal(err)
		}
		return ch
	}
	connect := func(ch dam.Channel) dam.Channel {
		t.Helper()
		start, err := s.Accounts.Connect(me, lib, ch.ID)
		if err != nil {
			t.Fatal(err)
		}
		state, code := a.agree(t, start.URL)
		if ch, err = s.Accounts.Connected(me, state, code, ""); err != nil {
			t.Fatal(err)
		}
		return ch
	}
	ch := add()
	if _, err := s.Accounts.Targets(me, lib, ch.ID); dam.CodeOf(err) != dam.Forbidden {
		t.Errorf("targets without an account: %v", err)
	}
	if ch = connect(ch); ch.Health != dam.Reconnect || ch.HealthReasons[0].ReasonCode != reasons.CodePlaceNotChosen {
		t.Errorf("a channel without its place: %+v", ch)
	}
	_, err := s.Accounts.TestChannel(me, lib, ch.ID)
	publishertest.Invalid(t, err, "config.board")
	list, err := s.Accounts.Targets(me, lib, ch.ID)
	if err != nil || len(list) != 2 || list[1].Detail != "secret" || list[0].Chosen {
		t.Fatalf("%+v, %v", list, err)
	}
	// What waits for its place sends nothing, and nothing is lost.
	p := w.Publish(s, w.Asset("shoe").ID, ch.ID)
	w.Turn(s)
	if got := w.Read(p.ID); got.State != dam.PubPlanned {
		t.Error(publishertest.Ledger(got))
	}
	if ch, err = s.Accounts.UpdateChannel(me, lib, ch.ID, 0, accounts.ChannelPatch{
		Config: json.RawMessage(`{"client_id":"app","board":8}`)}); err != nil || ch.Health != dam.Healthy {
		t.Fatalf("%+v, %v", ch, err)
	}
	w.Until(s, p.ID, dam.PubDelivered)
	if list, err = s.Accounts.Targets(me, lib, ch.ID); err != nil || list[0].Chosen || !list[1].Chosen {
		t.Errorf("%+v, %v", list, err)
	}

	// An expired token is renewed for a list, and for a test, and the new refresh token is kept when settings change.
	a.mu.Lock()
	a.access = "gone"
	a.mu.Unlock()
	if _, err := s.Accounts.Targets(me, lib, ch.ID); err != nil {
		t.Errorf("targets with an expired token: %v", err)
	}
	a.mu.Lock()
	a.access = "gone"
	a.mu.Unlock()
	if ch, err = s.Accounts.UpdateChannel(me, lib, ch.ID, 0, accounts.ChannelPatch{
		Config: json.RawMessage(`{"client_id":"app","board":7}`)}); err != nil || ch.Health != dam.Healthy {
		t.Errorf("settings with an expired token: %+v, %v", ch, err)
	}
	a.mu.Lock()
	a.access = "gone"
	a.mu.Unlock()
	if ch, err = s.Accounts.TestChannel(me, lib, ch.ID); err != nil || ch.Health != dam.Healthy {
		t.Errorf("a test with an expired token: %+v, %v", ch, err)
	}

	// A missing right is told by name.
	b.refuse = publishers.Disconnected(reasons.ChannelScopesWithheld("Social", "boards:read"), errors.New("403"))
	if _, err := s.Accounts.Targets(me, lib, ch.ID); dam.CodeOf(err) != dam.Forbidden ||
		!strings.Contains(err.Error(), "boards:read") {
		t.Errorf("a missing right: %v", err)
	}
	// The only place there is needs no choice.
	b.refuse, b.list = nil, b.list[:1]
	if ch = connect(add()); ch.Health != dam.Healthy || !strings.Contains(string(ch.Config), `"board":7`) {
		t.Errorf("the only place: %+v", ch)
	}
}

// Kinds without places answer an empty list.
func TestNoTargets(t *testing.T) {
	f := publishertest.NewFixture(t, catalogtest.SQLite(t), nil)
	if list, err := f.Node.Accounts.Targets(catalogtest.Context(t), dam.DefaultLibrary, f.Account.ID); err != nil ||
		list == nil || len(list) != 0 {
		t.Errorf("%v, %v", list, err)
	}
}
