package dam

import (
	"errors"
	"slices"
	"testing"
	"time"
)

func TestRecurrence(t *testing.T) {
	for name, c := range map[string]struct {
		r    Recurrence
		want []string
	}{
		"every day over the gap in spring": {Recurrence{Start: "2027-03-27T02:30", Zone: "Europe/Paris", Every: "day",
			Count: 3},
			[]string{"2027-03-27T01:30:00Z", "2027-03-28T01:00:00Z", "2027-03-29T00:30:00Z"}}, // 02:30, 03:00, 02:30
		"every day over the overlap in autumn": {Recurrence{Start: "2026-10-24T02:30", Zone: "Europe/Paris",
			Every: "day", Count: 3},
			[]string{"2026-10-24T00:30:00Z", "2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"}},
		"two days a week, every second week": {Recurrence{Start: "2026-12-02T09:00", Zone: "America/New_York",
			Every: "week", Step: 2, Days: []string{"mon", "wed"}, Count: 4},
			[]string{"2026-12-02T14:00:00Z", "2026-12-14T14:00:00Z", "2026-12-16T14:00:00Z", "2026-12-28T14:00:00Z"}},
		"the day of the start": {Recurrence{Start: "2026-12-06T09:00", Zone: "UTC", Every: "week", Until: "2026-12-19"},
			[]string{"2026-12-06T09:00:00Z", "2026-12-13T09:00:00Z"}},
		"months without a 31st": {Recurrence{Start: "2027-01-31T12:00:30", Zone: "UTC", Every: "month",
			Until: "2027-05-31"},
			[]string{"2027-01-31T12:00:30Z", "2027-03-31T12:00:30Z", "2027-05-31T12:00:30Z"}},
	} {
		var got, rest []string
		c.r.Occurrences(0, func(_ int, at time.Time) bool {
			got = append(got, at.Format(time.RFC3339))
			return len(got) < 10
		})
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
		c.r.Occurrences(1, func(n int, at time.Time) bool {
			if got[n] != at.Format(time.RFC3339) {
				t.Errorf("%s: occurrence %d is %s", name, n, at)
			}
			rest = append(rest, got[n])
			return len(rest) < 10
		})
		if len(rest) != len(c.want)-1 {
			t.Errorf("%s: %d occurrences after the first", name, len(rest))
		}
	}
	for field, r := range map[string]Recurrence{
		"repeat.zone":  {Start: "2027-01-01T09:00", Zone: "Mars/Base", Every: "day"},
		"repeat.start": {Start: "9 o'clock", Zone: "UTC", Every: "day"},
		"repeat.every": {Start: "2027-01-01T09:00", Zone: "UTC", Every: "year"},
		"repeat.days":  {Start: "2027-01-01T09:00", Zone: "UTC", Every: "day", Days: []string{"mon"}},
		"repeat.until": {Start: "2027-01-01T09:00", Zone: "UTC", Every: "day", Until: "soon"},
		"repeat.step":  {Start: "2027-01-01T09:00", Zone: "UTC", Every: "day", Step: -1},
	} {
		if e := (*Error)(nil); !errors.As(r.Validate(), &e) || e.Field != field || e.Advice() == "" {
			t.Errorf("%s: %v", field, r.Validate())
		}
	}
}

func TestSlotsBetween(t *testing.T) {
	paris, err := Zone("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	s := Schedule{Slots: []QueueSlot{{"sun", "02:30"}, {"sat", "18:00"}, {"sat", "18:00"}}}
	var got []string
	for _, x := range s.SlotsBetween(time.Date(2027, 3, 27, 17, 0, 0, 0, time.UTC),
		time.Date(2027, 4, 4, 0, 30, 0, 0, time.UTC), paris) {
		got = append(got, x.Format(time.RFC3339))
	}
	if want := []string{"2027-03-27T17:00:00Z", "2027-03-28T01:00:00Z", "2027-04-03T16:00:00Z"}; !slices.Equal(got,
		want) {
		t.Errorf("%v, want %v", got, want)
	}
	for field, s := range map[string]Schedule{
		"schedule.zone": {Zone: "Local"}, "schedule.slots": {Slots: []QueueSlot{{"someday", "09:00"}}},
		"schedule.catch_up": {CatchUp: "maybe"},
		"schedule.rates":    {Rates: []Rate{{}}}, "schedule.grace_minutes": {GraceMinutes: -1},
	} {
		if e := (*Error)(nil); !errors.As(s.Validate(), &e) || e.Field != field || e.Advice() == "" {
			t.Errorf("%s: %v", field, s.Validate())
		}
	}
}
