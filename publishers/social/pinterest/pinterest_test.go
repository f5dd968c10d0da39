package pinterest

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"vitrine/dam"
	"vitrine/dam/catalog/catalogtest"
	"vitrine/dam/outbound"
	"vitrine/publishers/accounts"
	"vitrine/publishers/planning"
	"vitrine/publishers/publishertest"
)

func harness(t *testing.T) (*simulator, publishertest.Harness) {
	p := newSimulator(t)
	config, err := json.Marshal(map[string]string{"client_id": PinterestApp, "client_secret": PinterestSecret,
		"board":        PinterestBoard,
		"access_token": PinterestToken, "refresh_token": PinterestMore})
	if err != nil {
		t.Fatal(err)
	}
	return p, publishertest.Harness{Kind: Kind(Hosts{API: p.URL, Login: p.URL}, outbound.Operator(10*time.Second)),
		Config: config,
		Posts:  func(asset string) int { return len(p.Pins(asset, false)) },
		Live:   func(asset string) int { return len(p.Pins(asset, true)) },
		Fault:  func(f publishertest.Fault) (func(), bool) { p.Fail(f); return func() { p.Fail("") }, true }}
}

func TestConformance(t *testing.T) {
	publishertest.RunEmbedded(t, func(t *testing.T) publishertest.Harness { _, h := harness(t); return h })
}

// A day later the token has been renewed, with the app's credentials in a header.
func TestConnect(t *testing.T) {
	_, h := harness(t)
	ch, asked, err := publishertest.Connect(t, h.Kind, fmt.Sprintf(`{"client_id":%q,"client_secret":%q,"board":%q}`,
		PinterestApp, PinterestSecret, PinterestBoard), "good")
	if err != nil || ch.Identity.Name != "brand / Shoes" || !strings.Contains(asked.Get("scope"), "pins:write,") {
		t.Errorf("%+v %v, asked for %v", ch, err, asked)
	}
}

func TestPin(t *testing.T) {
	p, h := harness(t)
	w := publishertest.NewWorld(t, catalogtest.SQLite(t))
	s := w.Service("a", h.Kind)
	if _, err := s.Accounts.CreateChannel(catalogtest.Context(t), dam.DefaultLibrary,
		accounts.ChannelInput{Name: "Other", Kind: Name,
			Config: json.RawMessage(strings.Replace(string(h.Config), PinterestBoard, "1", 1))}); dam.CodeOf(
		err) != dam.Invalid {
		t.Errorf("a board of others: %v", err)
	}
	ch := w.Channel(s, Name, h.Config)
	a := w.Asset(strings.Repeat("shoe", 40))
	in := planning.PublishInput{Asset: a.ID, Channel: ch.ID, Caption: strings.Repeat("é", 501),
		Post: dam.Post{Link: "https://example.com/shoe"}}
	if _, err := s.Planning.Publish(catalogtest.Context(t), dam.DefaultLibrary, in); err == nil {
		t.Error("501 characters are taken")
	}
	in.Caption = strings.Repeat("é", 500)
	planned, err := s.Planning.Publish(catalogtest.Context(t), dam.DefaultLibrary, in)
	if err != nil {
		t.Fatal(err)
	}
	w.Until(s, planned.ID, dam.PubDelivered)
	if got := p.Pins(a.ID, true); len(got) != 1 || got[0].Link != "https://example.com/shoe" ||
		len(got[0].Title) != 100 || got[0].Alt == "" || got[0].Description != in.Caption {
		t.Errorf("pinned %+v", got)
	}
}
