package dam_test

import (
	"testing"
	"time"

	"vitrine/dam"
)

func TestRightsWiden(t *testing.T) {
	before := dam.Rights{From: "2026-03-01", Until: "2026-09-30", Territories: []string{"FR", "BE"}}
	for field, list := range map[string][]dam.Rights{
		"": {before, {From: "2026-03-02", Until: "2026-09-30", Territories: []string{"FR"}},
			{From: "2026-03-01", Until: "2026-03-01", Territories: []string{"BE", "FR"}}},
		"from": {{Until: "2026-09-30", Territories: []string{"FR"}}, {From: "2026-02-28", Until: "2026-09-30",
			Territories: []string{"FR"}}},
		"until": {{From: "2026-03-01", Territories: []string{"FR"}}, {From: "2026-03-01", Until: "2026-10-01",
			Territories: []string{"FR"}}},
		"territories": {{From: "2026-03-01", Until: "2026-09-30"}, {From: "2026-03-01", Until: "2026-09-30",
			Territories: []string{"FR", "DE"}}},
		"successor": {{From: "2026-03-01", Until: "2026-09-30", Territories: []string{"FR"}, Successor: "a_x"}},
	} {
		for _, r := range list {
			if got := r.Widens(before); got != field {
				t.Errorf("%+v widens %q, want %q", r, got, field)
			}
		}
	}
	if got := (dam.Rights{From: "2026-01-01", Until: "2026-02-01", Territories: []string{"FR"}}).Widens(
		dam.Rights{}); got != "" {
		t.Errorf("a first limit widens %q", got)
	}
	if got := (dam.Rights{}).Widens(dam.Rights{Successor: "a_x"}); got != "" {
		t.Errorf("a successor that goes widens %q", got)
	}
}

// A day is a whole one in the library's zone; a minute ends right before it, in the hour that comes twice in its first
// run, and in the hour that is left out at the next valid minute.
func TestRightsWindow(t *testing.T) {
	paris := zone(t, "Europe/Paris")
	for _, c := range []struct{ from, until, start, end string }{
		{"2026-12-01", "2026-12-31", "2026-11-30T23:00:00Z", "2026-12-31T23:00:00Z"},
		{"2026-12-01T18:00", "2026-12-31T09:30", "2026-12-01T17:00:00Z", "2026-12-31T08:30:00Z"},
		{"2026-03-29T02:30", "2026-10-25T02:30", "2026-03-29T01:00:00Z", "2026-10-25T00:30:00Z"},
		{"2026-12-01T18:00", "2026-12-01", "2026-12-01T17:00:00Z", "2026-12-01T23:00:00Z"},
	} {
		r := dam.Rights{From: dam.Moment(c.from), Until: dam.Moment(c.until)}
		if err := r.Validate("rights"); err != nil {
			t.Errorf("%+v: %v", c, err)
		}
		start, end := r.Window(paris)
		if s, e := start.UTC().Format(time.RFC3339), end.UTC().Format(time.RFC3339); s != c.start || e != c.end {
			t.Errorf("%+v: from %s until %s", c, s, e)
		}
	}
}

func TestRightsAreRefused(t *testing.T) {
	for _, r := range []dam.Rights{{From: "2026-12-01T8:00"}, {From: "2026-12-01 08:00"}, {Until: "2026-12-01T08:00Z"},
		{Until: "2026-12-01T24:00"}, {Until: "2026-02-30"}, {From: "2026-12-01T08:00:00"}, {From: "tomorrow"},
		{From: "2026-12-01T18:00", Until: "2026-12-01T18:00"}, {From: "2026-12-02", Until: "2026-12-01"},
		{From: "2026-12-02", Until: "2026-12-01T23:59"}} {
		if err := r.Validate("rights"); dam.CodeOf(err) != dam.Invalid {
			t.Errorf("%+v: %v", r, err)
		}
	}
}

// Midnight is a limit between days, however it is written.
func TestRightsAtMidnight(t *testing.T) {
	got := dam.Rights{From: "2026-12-01T00:00", Until: "2027-01-01T00:00"}.Whole()
	if got.From != "2026-12-01" || got.Until != "2026-12-31" {
		t.Error(got)
	}
	if got := (dam.Rights{From: "2026-12-01T00:01", Until: "2026-12-31"}).Whole(); got.From != "2026-12-01T00:01" ||
		got.Until != "2026-12-31" {
		t.Error(got)
	}
}

func TestMinutesWiden(t *testing.T) {
	before := dam.Rights{From: "2026-12-01T18:00", Until: "2026-12-31T18:00"}
	for field, r := range map[string]dam.Rights{
		"":      {From: "2026-12-02", Until: "2026-12-30"},
		"from":  {From: "2026-12-01", Until: "2026-12-30"},
		"until": {From: "2026-12-02", Until: "2026-12-31"},
	} {
		if got := r.Widens(before); got != field {
			t.Errorf("%+v widens %q, want %q", r, got, field)
		}
	}
}
