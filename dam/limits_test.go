package dam_test

import (
	"errors"
	"testing"
	"time"

	"vitrine/dam"
)

// Records narrow each other; an asset without any is not limited.
func TestLimits(t *testing.T) {
	l := &dam.Limits{}
	l.Add(dam.LicenceRecord,
		dam.Terms{From: "2026-01-01", Until: "2026-12-31", Territories: []string{"FR", "BE"}}, false)
	l.Add(dam.LicenceRecord,
		dam.Terms{From: "2026-02-01T08:00", Until: "2027-01-31", Media: []dam.Medium{"web"}}, false)
	l.Add(dam.ConsentRecord, dam.Terms{Territories: []string{"BE", "DE"}, Channels: []string{"ch_1"}}, false)
	want := &dam.Limits{From: "2026-02-01T08:00", Until: "2026-12-31", Territories: []string{"BE"},
		Media: []dam.Medium{"web"}, Channels: []string{"ch_1"}, Licences: 2, Consents: 1}
	if !l.Same(want) {
		t.Errorf("%+v", l)
	}
	own := dam.Rights{Until: "2026-06-30", Territories: []string{"BE", "FR"}, Successor: "a_1"}
	if got := own.Within(l); got.From != want.From || got.Until != "2026-06-30" || len(got.Territories) != 1 ||
		got.Successor != "a_1" {
		t.Errorf("%+v", got)
	}
	if (*dam.Limits)(nil).Exceeds(nil) || !(*dam.Limits)(nil).Exceeds(l) || l.Exceeds(nil) || l.Exceeds(want) {
		t.Error("what allows more than what")
	}
	wider := *want
	wider.Channels = nil
	if !wider.Exceeds(want) || want.Exceeds(&wider) {
		t.Error("all channels are more than one")
	}
}

// What limits leave decides for every audience: public addresses, channels of a kind and a place.
func TestLimitsDecide(t *testing.T) {
	now := time.Date(2026, 6, 15, 12, 0, 0, 0, time.UTC)
	ch := dam.Channel{ID: "ch_1", Kind: "instagram", Territories: []string{"FR"}}
	for name, c := range map[string]struct {
		own             dam.Rights
		l               *dam.Limits
		public, channel dam.PublicStatus
	}{
		"no records": {public: dam.StatusPublic, channel: dam.StatusPublic},
		"everything": {l: &dam.Limits{}, public: dam.StatusPublic, channel: dam.StatusPublic},
		"over":       {l: &dam.Limits{Until: "2026-06-14"}, public: dam.StatusExpired, channel: dam.StatusExpired},
		"social only": {l: &dam.Limits{Media: []dam.Medium{"social"}}, public: dam.StatusMedium,
			channel: dam.StatusPublic},
		"one channel": {l: &dam.Limits{Channels: []string{"ch_1"}}, public: dam.StatusMedium,
			channel: dam.StatusPublic},
		"public only": {l: &dam.Limits{Channels: []string{"public"}}, public: dam.StatusPublic,
			channel: dam.StatusMedium},
		"another territory": {l: &dam.Limits{Territories: []string{"US"}}, public: dam.StatusPublic,
			channel: dam.StatusTerritory},
		"nowhere": {l: &dam.Limits{Territories: []string{}}, public: dam.StatusTerritory,
			channel: dam.StatusTerritory},
		"own and record": {own: dam.Rights{Territories: []string{"US"}}, l: &dam.Limits{Territories: []string{"FR"}},
			public: dam.StatusTerritory, channel: dam.StatusTerritory},
		"consent taken back": {l: &dam.Limits{Withdrawn: true}, public: dam.StatusExpired,
			channel: dam.StatusExpired},
	} {
		a := dam.Asset{Published: true, Live: "v_1", Rights: c.own, Limits: c.l}
		public := dam.VisibilityAt(a.PublicFacts(time.UTC), now, dam.UnknownAudience)
		if public.Status != c.public || public.Gone != (c.public != dam.StatusPublic) {
			t.Errorf("%s: the public is told %+v, want %s", name, public, c.public)
		}
		if got := dam.VisibilityAt(a.PublicFacts(time.UTC), now, dam.AudienceOf(ch)).Status; got != c.channel {
			t.Errorf("%s: a channel is told %s, want %s", name, got, c.channel)
		}
		if barred := c.own.Barred(c.l); barred != (c.public != dam.StatusPublic && name != "over") {
			t.Errorf("%s: barred is %v", name, barred)
		}
	}
}

// A library that requires records approves nothing without them.
func TestRequirements(t *testing.T) {
	face := []dam.ProtectedZone{{Kind: dam.ZoneFace}}
	for name, c := range map[string]struct {
		r    dam.Requirements
		a    dam.Asset
		code string
	}{
		"nothing is required": {dam.Requirements{}, dam.Asset{Zones: face}, ""},
		"no licence":          {dam.Requirements{Licence: true}, dam.Asset{}, "approval_needs_licence"},
		"a licence":           {dam.Requirements{Licence: true}, dam.Asset{Limits: &dam.Limits{Licences: 1}}, ""},
		"nobody is shown":     {dam.Requirements{Consent: true}, dam.Asset{}, ""},
		"somebody is shown":   {dam.Requirements{Consent: true}, dam.Asset{Zones: face}, "approval_needs_consent"},
		"they agree": {dam.Requirements{Consent: true}, dam.Asset{Zones: face, Limits: &dam.Limits{Consents: 1}},
			""},
		"one takes it back": {dam.Requirements{Consent: true}, dam.Asset{Zones: face,
			Limits: &dam.Limits{Consents: 2, Withdrawn: true}}, "consent_withdrawn"},
	} {
		err := c.r.Check(&c.a)
		code := ""
		var got *dam.Error
		if errors.As(err, &got) {
			code = got.Reason.ReasonCode
		}
		if code != c.code {
			t.Errorf("%s: %v", name, err)
		}
	}
}
