package publishertest

import (
	"net/url"
	"testing"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/catalog/catalogtest"
	"vitrine/publishers"
	"vitrine/publishers/accounts"
	"vitrine/publishers/planning"
)

// FirstComment publishes with a first comment and holds what the remote has under
// the post against it.
func FirstComment(t *testing.T, h Harness, under func(r dam.Receipt) []string) {
	t.Helper()
	w := NewWorld(t, catalogtest.SQLite(t))
	s := w.Service("a", h.Kind)
	ch := w.Channel(s, h.Kind.Name, h.Config)
	a := w.Asset("shoe")
	p, err := s.Planning.Publish(catalogtest.Context(t), dam.DefaultLibrary,
		planning.PublishInput{Asset: a.ID, Channel: ch.ID, Caption: "hello " + a.ID,
			Post: dam.Post{FirstComment: "sizes 36 to 45"}})
	check(t, err)
	p = w.Until(s, p.ID, dam.PubDelivered)
	w.Turn(s)
	if p.Receipt.Comment == nil || p.Receipt.Comment.Remote == "" || p.Receipt.Comment.Problem != "" {
		t.Fatalf("comment %+v\n%s", p.Receipt.Comment, Ledger(p))
	}
	if got := under(*p.Receipt); len(got) != 1 || got[0] != "sizes 36 to 45" {
		t.Errorf("under the post is %q", got)
	}
	if ever, live := h.Posts(a.ID), h.Live(a.ID); ever != 1 || live != 1 {
		t.Errorf("%d posts, %d live", ever, live)
	}
}

// Connect takes a person through a kind's OAuth flow with the code that the remote
// would give, and returns the channel, or why it was refused.
func Connect(t *testing.T, k publishers.Kind, config, code string) (dam.Channel, url.Values, error) {
	t.Helper()
	return NewWorld(t, catalogtest.SQLite(t)).Connect(t, k, config, code)
}

// Connect is the function Connect in this world.
func (w *World) Connect(t *testing.T, k publishers.Kind, config, code string) (dam.Channel, url.Values, error) {
	t.Helper()
	s := w.Service("a", k)
	ctx := catalog.WithActor(catalogtest.Context(t), dam.Principal{ID: "u_me",
		Grants: map[string]dam.Role{dam.DefaultLibrary: dam.Admin}})
	ch, err := s.Accounts.CreateChannel(ctx, dam.DefaultLibrary, accounts.ChannelInput{Name: "Brand", Kind: k.Name,
		Config: []byte(config), Rule: dam.Rule{Presets: []string{Preset}}})
	check(t, err)
	if ch.Health != dam.Reconnect {
		t.Fatalf("before it is connected the channel is %s", ch.Health)
	}
	start, err := s.Accounts.Connect(ctx, dam.DefaultLibrary, ch.ID)
	check(t, err)
	u, err := url.Parse(start.URL)
	check(t, err)
	ch, err = s.Accounts.Connected(ctx, u.Query().Get("state"), code, "")
	if err != nil {
		return ch, u.Query(), err
	}
	// What it got is good for a day's work.
	w.Clock.Advance(24 * 60 * 60 * 1e9)
	p := w.Publish(s, w.Asset("shoe").ID, ch.ID)
	w.Until(s, p.ID, dam.PubDelivered)
	return ch, u.Query(), nil
}
