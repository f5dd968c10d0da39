package dam

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/teambition/rrule-go"
)

// Series are stored, so the meaning of a recurrence must never change. An independent implementation of RFC 5545 finds
// the same occurrences. In the gap of a spring change it differs (RFC 5545 adds an hour, Vitrine takes the next valid
// minute), so the test uses times that exist on every day.
func TestRecurrenceIsThatOfRFC5545(t *testing.T) {
	days := map[string]rrule.Weekday{"mon": rrule.MO, "tue": rrule.TU, "wed": rrule.WE, "thu": rrule.TH,
		"fri": rrule.FR, "sat": rrule.SA, "sun": rrule.SU}
	frequency := map[string]rrule.Frequency{"day": rrule.DAILY, "week": rrule.WEEKLY, "month": rrule.MONTHLY}
	r := rand.New(rand.NewPCG(1, 2))
	for range 500 {
		name := []string{"Europe/Paris", "America/New_York", "Australia/Lord_Howe", "UTC"}[r.IntN(4)]
		zone, err := Zone(name)
		if err != nil {
			t.Fatal(err)
		}
		start := time.Date(2026, 1, 1+r.IntN(800), 5+r.IntN(18), r.IntN(60), 0, 0, zone)
		ours := Recurrence{Start: start.Format(WallLayout), Zone: name,
			Every: []string{"day", "week", "month"}[r.IntN(3)], Step: r.IntN(5), Count: 1 + r.IntN(40)}
		theirs := rrule.ROption{Freq: frequency[ours.Every], Dtstart: start, Interval: max(ours.Step, 1),
			Count: ours.Count, Wkst: rrule.MO}
		if ours.Every == "week" {
			for d, weekday := range days {
				if r.IntN(3) == 0 {
					ours.Days, theirs.Byweekday = append(ours.Days, d), append(theirs.Byweekday, weekday)
				}
			}
		}
		if r.IntN(2) == 0 {
			last := start.AddDate(0, 0, r.IntN(400))
			ours.Until = last.Format(time.DateOnly)
			theirs.Until = time.Date(last.Year(), last.Month(), last.Day(), 23, 59, 59, 0, zone)
		}
		rule, err := rrule.NewRRule(theirs)
		if err != nil {
			t.Fatal(err)
		}
		var got []time.Time
		ours.Occurrences(0, func(_ int, at time.Time) bool { got = append(got, at); return true })
		if !slices.EqualFunc(got, rule.All(), time.Time.Equal) {
			t.Fatalf("%+v: %v, rrule-go has %v", ours, got, rule.All())
		}
	}
}
