package pinterest

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"vitrine/dam"
	"vitrine/dam/catalog/catalogtest"
	"vitrine/dam/outbound"
	"vitrine/dam/reasons"
	"vitrine/publishers"
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

// An app with trial access posts to the sandbox, and is told so where it does not; the account stays connected.
func TestTrial(t *testing.T) {
	production, h := harness(t)
	sandbox := newSimulator(t)
	production.Trial, sandbox.Trial, sandbox.Sandbox = true, true, true
	h.Kind = Kind(Hosts{API: production.URL, Sandbox: sandbox.URL, Login: production.URL},
		outbound.Operator(10*time.Second))
	w := publishertest.NewWorld(t, catalogtest.SQLite(t))
	s := w.Service("a", h.Kind)
	a := w.Asset("shoe")
	ch := w.Channel(s, Name, h.Config)
	p := w.Until(s, w.Publish(s, a.ID, ch.ID).ID, dam.PubFailed)
	if p.Problem.Field != "config.access" || !strings.Contains(p.Problem.Remedy, "access to trial") {
		t.Errorf("in production: %+v", p.Problem)
	}
	if now, err := s.Accounts.Channel(catalogtest.Context(t), dam.DefaultLibrary, ch.ID); err != nil ||
		now.Health != dam.Healthy {
		t.Errorf("the channel is %s %v", now.Health, err)
	}
	ch = w.Channel(s, Name, json.RawMessage(strings.Replace(string(h.Config), "{", `{"access":"trial",`, 1)))
	w.Until(s, w.Publish(s, a.ID, ch.ID).ID, dam.PubDelivered)
	if len(production.Pins(a.ID, false)) != 0 || len(sandbox.Pins(a.ID, true)) != 1 ||
		ch.Identity.Name != "brand / Shoes (sandbox)" || !strings.Contains(ch.Limits["audience"], "sandbox") {
		t.Errorf("%d pins in the sandbox, %+v %v", len(sandbox.Pins(a.ID, true)), ch.Identity, ch.Limits)
	}
}

// Boards and sections are chosen from lists; a pin in a section is found there.
func TestTargets(t *testing.T) {
	p, h := harness(t)
	config := strings.Replace(string(h.Config), "{", `{"section":"`+PinterestSection+`",`, 1)
	a := publishers.Account{Config: json.RawMessage(config),
		Secrets: map[string]string{publishers.AccessToken: PinterestToken}}
	want := []publishers.Target{
		{Setting: "board", Value: PinterestBoard, Title: "Shoes", Detail: reasons.BoardPublic()},
		{Setting: "board", Value: "549755885176", Title: "Drafts", Detail: reasons.BoardSecret()},
		{Setting: "section", Value: PinterestSection, Title: "Spring"}}
	if got, err := h.Kind.Publisher.(publishers.TargetLister).Targets(t.Context(), a); err != nil ||
		!reflect.DeepEqual(got, want) {
		t.Errorf("%+v %v", got, err)
	}
	w := publishertest.NewWorld(t, catalogtest.SQLite(t))
	s := w.Service("a", h.Kind)
	_, err := s.Accounts.CreateChannel(catalogtest.Context(t), dam.DefaultLibrary, accounts.ChannelInput{Name: "Other",
		Kind: Name, Config: json.RawMessage(strings.Replace(config, PinterestSection, "7", 1))})
	publishertest.Invalid(t, err, "config.section")
	ch := w.Channel(s, Name, json.RawMessage(config))
	x := w.Asset("shoe")
	w.Until(s, w.Publish(s, x.ID, ch.ID).ID, dam.PubDelivered)
	if got := p.Pins(x.ID, true); len(got) != 1 || got[0].Section != PinterestSection ||
		ch.Identity.Name != "brand / Shoes / Spring" {
		t.Errorf("pinned %+v, %+v", got, ch.Identity)
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
