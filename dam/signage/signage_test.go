package signage

import (
	"testing"
	"time"

	"vitrine/dam"
)

func TestDayParts(t *testing.T) {
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	e := dam.SignageEntry{Rights: dam.Rights{From: "2026-11-20", Until: "2026-12-31"},
		Showing: dam.Showing{From: "2026-11-25", Until: "2026-12-24",
			DayParts: "mon-fri 08:00-12:00; fri,sat 22:00-02:00; sun"}}
	parts, err := dam.ParseDayParts(e.Showing.DayParts)
	if err != nil {
		t.Fatal(err)
	}
	for wall, want := range map[string]string{
		"2026-11-24 09:00": "early", // Tuesday, before its first day
		"2026-11-25 07:59": "later",
		"2026-11-25 08:00": "shown",
		"2026-11-25 12:00": "later",
		"2026-11-27 23:00": "shown", // Friday night
		"2026-11-28 01:59": "shown", // goes on after midnight
		"2026-11-28 02:00": "later",
		"2026-11-29 00:30": "shown", // Saturday night, and Sunday
		"2026-11-29 23:59": "shown",
		"2026-11-30 00:00": "later", // Monday: Sunday has no night
		"2026-12-24 11:59": "shown",
		"2026-12-25 09:00": "over",
	} {
		at, err := time.ParseInLocation("2006-01-02 15:04", wall, paris)
		if err != nil {
			t.Fatal(err)
		}
		if got := when(e, parts, at, paris, paris); got != want {
			t.Errorf("%s: %s, want %s", wall, got, want)
		}
	}
	// The rights are read in the library's zone, not the screens'.
	auckland, err := time.LoadLocation("Pacific/Auckland")
	if err != nil {
		t.Fatal(err)
	}
	late := dam.SignageEntry{Rights: dam.Rights{Until: "2026-12-31"}}
	at := time.Date(2026, 12, 31, 12, 0, 0, 0, time.UTC) // New Year in Auckland
	if a, b := when(late, nil, at, paris, paris), when(late, nil, at, paris, auckland); a != "shown" || b != "over" {
		t.Errorf("at the end of the rights: %s in Paris, %s by Auckland's", a, b)
	}
}

func TestReorder(t *testing.T) {
	entry := func(id string, place float64) dam.SignageEntry {
		return dam.SignageEntry{Publication: id, Showing: dam.Showing{Order: &place}}
	}
	list := []dam.SignageEntry{entry("a", 1), entry("b", 2), entry("c", 2), entry("d", 9)}
	for _, c := range []struct {
		move, before string
		want         map[string]float64
	}{
		{"d", "a", map[string]float64{"d": 0}},
		{"a", "", map[string]float64{"a": 10}},
		{"d", "b", map[string]float64{"d": 1.5}},
		{"d", "c", map[string]float64{"a": 1, "b": 2, "d": 3, "c": 4}}, // no room between equals
		{"a", "b", nil}, // it is there
		{"a", "a", nil},
	} {
		got, err := reorder(list, c.move, c.before)
		if err != nil || len(got) != len(c.want) {
			t.Errorf("%s before %q: %v %v", c.move, c.before, got, err)
		}
		for id, want := range c.want {
			if got[id] != want {
				t.Errorf("%s before %q: %s at %v, want %v", c.move, c.before, id, got[id], want)
			}
		}
	}
	for _, c := range [][2]string{{"x", "a"}, {"a", "x"}} {
		if _, err := reorder(list, c[0], c[1]); dam.CodeOf(err) != dam.Invalid {
			t.Errorf("%v: %v", c, err)
		}
	}
}

func TestSettings(t *testing.T) {
	for _, bad := range []string{`{}`, `{"zone": "Mars/Olympus"}`, `{"zone": "Local"}`,
		`{"zone": "UTC", "seconds": -1}`, `{"zone": "UTC", "offline_hours": 3000}`} {
		if _, _, err := Read([]byte(bad)); dam.CodeOf(err) != dam.Invalid {
			t.Errorf("%s: %v", bad, err)
		}
	}
	g, _, err := Read([]byte(`{"zone": "Europe/Paris"}`))
	if err != nil || g.Seconds != 10 || g.OfflineHours != 168 || g.Fit != "contain" || g.Orientation != "landscape" {
		t.Errorf("%+v %v", g, err)
	}
}
