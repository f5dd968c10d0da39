package dam_test

import (
	"testing"

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
