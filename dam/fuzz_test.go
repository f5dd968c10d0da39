package dam

import (
	"testing"
	"time"
)

// A recurrence yields instants in order, ends, and respects its own limits.
func FuzzRecurrence(f *testing.F) {
	f.Add("2026-01-31T09:00", "Europe/Paris", "month", 1, "", "", 0)
	f.Add("2026-03-29T02:30", "Europe/Paris", "week", 2, "sun", "2030-01-01", 7)
	f.Add("2024-02-29T00:00:00", "Pacific/Apia", "day", 366, "", "", 10000)
	f.Add("9999-12-31T23:59", "UTC", "month", 1, "", "", 3)
	f.Add("0000-01-01T00:00", "America/New_York", "week", 1, "mon", "", 3)
	f.Fuzz(func(t *testing.T, start, zone, every string, step int, day, until string, count int) {
		r := Recurrence{Start: start, Zone: zone, Every: every, Step: step % 400, Until: until, Count: count % 10001}
		if day != "" {
			r.Days = []string{day}
		}
		wrong := r.Validate()
		var last time.Time
		seen := 0
		r.Occurrences(0, func(n int, at time.Time) bool {
			if wrong != nil || n != seen || seen > 0 && !at.After(last) || r.Count > 0 && n >= r.Count {
				t.Errorf("occurrence %d at %s after %s of %+v (%v)", n, at, last, r, wrong)
			}
			last = at
			seen++
			return seen < 50
		})
	})
}

// The day-parts of a feed are refused, or are a time of the week that Contains accepts.
func FuzzDayParts(f *testing.F) {
	for _, s := range []string{"mon-fri 08:00-12:00; sat,sun 10:00-18:00", "22:00-02:00", "sun-mon", "", ";;",
		"mon 24:00-25:00", "mon-", "fri-fri 00:00-24:00"} {
		f.Add(s)
	}
	week := time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, text string) {
		parts, err := ParseDayParts(text)
		if err != nil && CodeOf(err) != Invalid {
			t.Errorf("refused with %v", err)
		}
		for _, p := range parts {
			shown := 0
			for h := range 7 * 24 * 4 {
				if p.Contains(week.Add(time.Duration(h) * 15 * time.Minute)) {
					shown++
				}
			}
			if len(p.Days) == 0 || shown == 7*24*4 && len(p.Days) < 7 {
				t.Errorf("%q became %+v, shown in %d quarters of an hour", text, p, shown)
			}
		}
	})
}
