package dam

import (
	"slices"
	"strings"
	"time"

	"vitrine/dam/reasons"
)

// Date is a calendar day "2006-01-02" in the library's zone. "" means no limit.
type Date string

// Rights is the window in which an asset may be public. Both dates are inclusive.
type Rights struct {
	From        Date     `json:"from,omitempty" maxLength:"10" doc:"First day, inclusive, in the library's zone"`
	Until       Date     `json:"until,omitempty" maxLength:"10" doc:"Last day, inclusive, in the library's zone"`
	Territories []string `json:"territories,omitempty" maxItems:"300" eachLength:"2" doc:"ISO 3166-1 alpha-2 codes; none means everywhere"`
	Successor   string   `json:"successor,omitempty" maxLength:"64" doc:"Id of the asset shown once this one may not be"`
}

// Validate checks dates and codes; prefix names the field in errors ("rights").
func (r Rights) Validate(prefix string) error {
	for _, d := range []struct {
		field string
		v     Date
	}{{"from", r.From}, {"until", r.Until}} {
		if d.v == "" {
			continue
		}
		if _, err := time.Parse(time.DateOnly, string(d.v)); err != nil {
			return InvalidInput(prefix+"."+d.field, reasons.NotADate())
		}
	}
	if r.From != "" && r.Until != "" && r.Until < r.From {
		return InvalidInput(prefix+".until", reasons.RightsEndBeforeStart())
	}
	for _, t := range r.Territories {
		if len(t) != 2 || strings.ToUpper(t) != t {
			return InvalidInput(prefix+".territories", reasons.NotACountry(t))
		}
	}
	return nil
}

// Widens names the first field by which r allows more than before did: an earlier or removed first day, a later or
// removed last day, another territory, another successor. It returns "" if r allows the same or less.
func (r Rights) Widens(before Rights) string {
	switch {
	case before.From != "" && r.From < before.From: // "" sorts before every day
		return "from"
	case before.Until != "" && (r.Until == "" || r.Until > before.Until):
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
	if t, err := time.ParseInLocation(time.DateOnly, string(r.From), zone); err == nil {
		start = t
	}
	if t, err := time.ParseInLocation(time.DateOnly, string(r.Until), zone); err == nil {
		end = t.AddDate(0, 0, 1)
	}
	return start, end
}
