package dam

import (
	"slices"
	"strings"
	"time"

	"vitrine/dam/reasons"
)

// Date is a calendar day "2006-01-02" in the library's zone. "" means no limit.
type Date string

// Moment is where a window of rights begins or ends: a day "2006-01-02", or a minute "2006-01-02T15:04" of the wall
// clock in the library's zone. A day is a whole one: the window begins with its first minute and ends after its last,
// while a window that ends at a minute ends right before it. "" means no limit.
type Moment string

// MinuteLayout is the form of a Moment that is no whole day.
const MinuteLayout = "2006-01-02T15:04"

// Begins returns the wall clock, as if in UTC, from which on a window that begins with the moment is open; false for
// no limit.
func (m Moment) Begins() (time.Time, bool) {
	if t, err := time.Parse(time.DateOnly, string(m)); err == nil {
		return t, true
	}
	t, err := time.Parse(MinuteLayout, string(m))
	return t, err == nil && t.Format(MinuteLayout) == string(m) // Parse takes hours of one digit, too
}

// Ends returns the wall clock, as if in UTC, from which on a window that ends with the moment is closed; false for no
// limit.
func (m Moment) Ends() (time.Time, bool) {
	t, ok := m.Begins()
	if ok && m.whole() {
		t = t.AddDate(0, 0, 1)
	}
	return t, ok
}

// whole reports whether a valid moment is a day.
func (m Moment) whole() bool { return len(m) == len(time.DateOnly) }

// in returns the instant of a valid wall clock of the moment in a zone.
func (m Moment) in(zone *time.Location, wall time.Time) time.Time {
	if m.whole() {
		return time.Date(wall.Year(), wall.Month(), wall.Day(), 0, 0, 0, 0, zone)
	}
	t, err := Resolve(wall.Format(WallLayout), zone)
	if err != nil {
		return time.Time{} // not reached: Format writes what Resolve reads
	}
	return t
}

// Rights is the window in which an asset may be public, and where.
type Rights struct {
	From        Moment   `json:"from,omitempty" maxLength:"16" doc:"First day, inclusive, or the minute (2026-12-01T18:00) from which on, in the library's zone"`
	Until       Moment   `json:"until,omitempty" maxLength:"16" doc:"Last day, inclusive, or the minute at which it ends, in the library's zone"`
	Territories []string `json:"territories,omitempty" maxItems:"300" eachLength:"2" doc:"ISO 3166-1 alpha-2 codes; none means everywhere"`
	Successor   string   `json:"successor,omitempty" maxLength:"64" doc:"Id of the asset shown once this one may not be"`
}

// Validate checks moments and codes; prefix names the field in errors ("rights").
func (r Rights) Validate(prefix string) error {
	begins, from := r.From.Begins()
	if r.From != "" && !from {
		return InvalidInput(prefix+".from", reasons.NotAMoment())
	}
	ends, until := r.Until.Ends()
	if r.Until != "" && !until {
		return InvalidInput(prefix+".until", reasons.NotAMoment())
	}
	if from && until && !ends.After(begins) {
		return InvalidInput(prefix+".until", reasons.RightsEndBeforeStart())
	}
	for _, t := range r.Territories {
		if len(t) != 2 || strings.ToUpper(t) != t {
			return InvalidInput(prefix+".territories", reasons.NotACountry(t))
		}
	}
	return nil
}

// CheckDays checks the first and the last of some days; prefix names the field in errors.
func CheckDays(prefix string, from, until Date) error {
	for field, d := range map[string]Date{"from": from, "until": until} {
		if _, err := time.Parse(time.DateOnly, string(d)); d != "" && err != nil {
			return InvalidInput(prefix+"."+field, reasons.NotADate())
		}
	}
	return Rights{From: Moment(from), Until: Moment(until)}.Validate(prefix)
}

// Whole returns the rights with limits at midnight written as the days that they are.
func (r Rights) Whole() Rights {
	if t, ok := r.From.Begins(); ok && !r.From.whole() && t.Equal(t.Truncate(24*time.Hour)) {
		r.From = Moment(t.Format(time.DateOnly))
	}
	if t, ok := r.Until.Ends(); ok && !r.Until.whole() && t.Equal(t.Truncate(24*time.Hour)) {
		r.Until = Moment(t.AddDate(0, 0, -1).Format(time.DateOnly))
	}
	return r
}

// Widens names the first field by which r allows more than before did: an earlier or removed beginning, a later or
// removed end, another territory, another successor. It returns "" if r allows the same or less.
func (r Rights) Widens(before Rights) string {
	began, limited := before.From.Begins()
	begins, from := r.From.Begins()
	ended, bounded := before.Until.Ends()
	ends, until := r.Until.Ends()
	switch {
	case limited && (!from || begins.Before(began)):
		return "from"
	case bounded && (!until || ends.After(ended)):
		return "until"
	case len(before.Territories) > 0 &&
		(len(r.Territories) == 0 ||
			slices.ContainsFunc(r.Territories, func(t string) bool { return !slices.Contains(before.Territories, t) })):
		return "territories"
	case r.Successor != "" && r.Successor != before.Successor:
		return "successor"
	}
	return ""
}

// Window returns the instants between which the rights allow showing the asset: start ≤ t < end. A zero time means no
// limit. The zone must be known to the zone data.
func (r Rights) Window(zone *time.Location) (start, end time.Time) {
	if wall, ok := r.From.Begins(); ok {
		start = r.From.in(zone, wall)
	}
	if wall, ok := r.Until.Ends(); ok {
		end = r.Until.in(zone, wall)
	}
	return start, end
}
