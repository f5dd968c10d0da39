package accounts_test

import (
	"encoding/json"
	"strings"
	"testing"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/catalog/catalogtest"
	"vitrine/dam/secrets"
	"vitrine/publishers"
	"vitrine/publishers/accounts"
	"vitrine/publishers/planning"
	"vitrine/publishers/publishertest"
)

func TestChannels(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, c *catalog.Catalog) {
		ctx, lib := catalogtest.Context(t), dam.DefaultLibrary
		w, n := publishertest.NewWorld(t, c), publishertest.NewNetwork(publishers.NoIdempotency)
		s := w.Service("a", n.Kind())
		create := func(in accounts.ChannelInput) error {
			_, err := s.Accounts.CreateChannel(ctx, lib, in)
			return err
		}
		good := accounts.ChannelInput{Name: "Brand", Kind: "network", Config: n.Config(),
			Rule: dam.Rule{Presets: []string{publishertest.Preset}}}
		for field, change := range map[string]func(*accounts.ChannelInput){
			"kind":         func(in *accounts.ChannelInput) { in.Kind = "fax" },
			"name":         func(in *accounts.ChannelInput) { in.Name = " " },
			"config":       func(in *accounts.ChannelInput) { in.Config = json.RawMessage(`[]`) },
			"config.token": func(in *accounts.ChannelInput) { in.Config = json.RawMessage(`{"refresh":"x"}`) },
			"config.colour": func(in *accounts.ChannelInput) {
				in.Config = json.RawMessage(`{"token":"good","colour":1}`)
			},
			"rule.presets":    func(in *accounts.ChannelInput) { in.Rule = dam.Rule{Enabled: true} },
			"rule.presets[0]": func(in *accounts.ChannelInput) { in.Rule = dam.Rule{Presets: []string{"nope"}} },
			"territories":     func(in *accounts.ChannelInput) { in.Territories = []string{"france"} },
		} {
			in := good
			change(&in)
			publishertest.Invalid(t, create(in), field)
		}
		bad := good
		bad.Config = json.RawMessage(`{"token":"stolen"}`)
		if err := create(bad); dam.CodeOf(err) != dam.Forbidden {
			t.Errorf("wrong credentials: %v", err)
		}

		// Secrets are sealed, never shown, kept if left out or empty, and forgotten if null.
		ch, err := s.Accounts.CreateChannel(ctx, lib, good)
		if err != nil {
			t.Fatal(err)
		}
		again := good
		again.Name = " brand"
		publishertest.Invalid(t, create(again), "name") // which of the two would "vitrine channel remove" take?
		shown, err := json.Marshal(ch)
		if err != nil || strings.Contains(string(shown), "good") || strings.Join(ch.Secrets, " ") != "refresh token" ||
			ch.Identity.Name != "brand" {
			t.Fatalf("%s %v", shown, err)
		}
		row, err := c.Channels().Channel(ctx, lib, ch.ID)
		if err != nil || strings.Contains(row.Sealed["token"], "good") {
			t.Fatal("the token is stored in the clear", err)
		}
		if ch, err = s.Accounts.UpdateChannel(ctx, lib, ch.ID, ch.Revision,
			accounts.ChannelPatch{Config: json.RawMessage(`{"token":"","refresh":null}`)}); err != nil ||
			strings.Join(ch.Secrets, " ") != "token" {
			t.Fatalf("%v %v", ch.Secrets, err)
		}
		if _, err := s.Accounts.UpdateChannel(ctx, lib, ch.ID, ch.Revision-1,
			accounts.ChannelPatch{}); dam.CodeOf(err) != dam.Stale {
			t.Errorf("a lost race: %v", err)
		}
		if _, err := s.Accounts.Channel(ctx, "other", ch.ID); dam.CodeOf(err) != dam.NotFound {
			t.Errorf("a channel of another library: %v", err)
		}

		// A paused channel sends nothing.
		a := w.Asset("shoe")
		if ch, err = s.Accounts.PauseChannel(ctx, lib, ch.ID); err != nil || ch.Health != dam.Paused {
			t.Fatal(ch.Health, err)
		}
		p := w.Publish(s, a.ID, ch.ID)
		if w.Turn(s) != 0 || n.Posts(a.ID) != 0 {
			t.Fatal("a paused channel sends")
		}
		if err := s.Accounts.DeleteChannel(ctx, lib, ch.ID, 0); dam.CodeOf(err) != dam.Conflict {
			t.Errorf("removing a channel with a plan: %v", err)
		}
		if ch, err = s.Accounts.ResumeChannel(ctx, lib, ch.ID); err != nil || ch.Health != dam.Healthy {
			t.Fatal(ch.Health, err)
		}
		w.Until(s, p.ID, dam.PubDelivered)
		n.Revoke()
		if ch, err = s.Accounts.TestChannel(ctx, lib, ch.ID); dam.CodeOf(err) != dam.Forbidden ||
			ch.Health != dam.Reconnect {
			t.Fatalf("a failed test: %s %v", ch.Health, err)
		}
	})
}

func TestRefusedPlans(t *testing.T) {
	ctx, lib := catalogtest.Context(t), dam.DefaultLibrary
	w, n := publishertest.NewWorld(t, catalogtest.SQLite(t)), publishertest.NewNetwork(publishers.NoIdempotency)
	s := w.Service("a", n.Kind())
	ch := w.Channel(s, "network", n.Config())
	a, draft := w.Asset("shoe"), w.Draft("boot")
	publish := func(in planning.PublishInput) error {
		if in.Asset == "" {
			in.Asset = a.ID
		}
		if in.Channel == "" {
			in.Channel = ch.ID
		}
		_, err := s.Planning.Publish(ctx, lib, in)
		return err
	}
	publishertest.Invalid(t, publish(planning.PublishInput{Asset: "a_x"}), "asset")
	publishertest.Invalid(t, publish(planning.PublishInput{Channel: "ch_x"}), "channel")
	publishertest.Invalid(t, publish(planning.PublishInput{Asset: draft.ID}), "asset")
	publishertest.Invalid(t, publish(planning.PublishInput{Presets: []string{"nope"}}), "presets[0]")
	publishertest.Invalid(t, publish(planning.PublishInput{At: "tomorrow"}), "at")
	publishertest.Invalid(t, publish(planning.PublishInput{Zone: "Mars/Olympus"}), "zone")
	publishertest.Invalid(t, publish(planning.PublishInput{Caption: strings.Repeat("x", 301)}), "caption")

	// An asset for some territories may be published only on channels within them.
	w.Patch(a.ID, `{"rights": {"territories": ["FR", "BE"]}}`)
	publishertest.Invalid(t, publish(planning.PublishInput{}), "rights.territories")
	for territory, allowed := range map[string]bool{"FR": true, "CA": false} {
		if _, err := s.Accounts.UpdateChannel(ctx, lib, ch.ID, 0,
			accounts.ChannelPatch{Territories: &[]string{territory}}); err != nil {
			t.Fatal(err)
		}
		if err := publish(planning.PublishInput{}); (err == nil) != allowed {
			t.Errorf("an asset for France and Belgium in %s: %v", territory, err)
		}
	}
	w.Patch(a.ID, `{"rights": {"territories": null, "from": "2999-01-01"}}`)
	publishertest.Invalid(t, publish(planning.PublishInput{}), "at")
}

func TestKeyRotation(t *testing.T) {
	w, n := publishertest.NewWorld(t, catalogtest.SQLite(t)), publishertest.NewNetwork(publishers.NoIdempotency)
	ch := w.Channel(w.Service("a", n.Kind()), "network", n.Config())
	if err := secrets.AddKey(w.Dir); err != nil {
		t.Fatal(err)
	}
	box, err := secrets.Open(w.Dir, "")
	if err != nil {
		t.Fatal(err)
	}
	w.Secrets = box
	w.Start(w.Service("b", n.Kind()))
	publishertest.Eventually(t, func() bool {
		row, err := w.Catalog.Channels().Channel(catalogtest.Context(t), "", ch.ID)
		if err != nil {
			return false
		}
		plain, stale, err := box.Open(row.Sealed["token"], "channel/"+ch.ID+"/token")
		return err == nil && !stale && string(plain) == "good"
	}, func() string { return "the credentials are not sealed with the new key" })
}
