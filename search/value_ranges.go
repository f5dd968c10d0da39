package search

import (
	"math"
	"strconv"
	"strings"
	"time"

	"vitrine/dam/reasons"
)

// rangeValue reads 5, a..b, a.., ..b, >a, >=a, <a, <=a. A date covers its whole
// period: ..2024-03 ends with March.
func (p *parser) rangeValue(f *Field, v value) (Node, error) {
	bounds := func(s string, at int) (lo, hi int64, err error) {
		var ok bool
		var next reasons.Remedy
		switch f.Kind {
		case KindNumber:
			var n int64
			n, err := strconv.ParseInt(s, 10, 64)
			lo, hi, ok, next = n, n, err == nil, reasons.RemedyWriteWholeNumber(f.Example)
		case KindDecimal:
			lo, ok = parseDecimal(s)
			hi, next = lo, reasons.RemedyWriteNumber(f.Example)
		case KindBytes:
			lo, ok = parseBytes(s)
			hi, next = lo, reasons.RemedyWriteSize()
		default:
			lo, hi, ok = p.period(f, s)
			next = reasons.RemedyWriteDay()
		}
		if !ok {
			return 0, 0, p.fail(at, len(s), reasons.QueryNotAValue(s, f.Name).With(next))
		}
		return lo, hi, nil
	}
	r := &Range{Field: f, Lo: minValue, Hi: maxValue}
	if a, b, ok := strings.Cut(v.s, ".."); ok {
		if a == "" && b == "" {
			return nil, p.fail(v.at, len(v.s), reasons.QueryRangeWithoutEnds(f.Example))
		}
		if a != "" {
			lo, _, err := bounds(a, v.at)
			if err != nil {
				return nil, err
			}
			r.Lo = lo
		}
		if b != "" {
			_, hi, err := bounds(b, v.at+len(a)+2)
			if err != nil {
				return nil, err
			}
			r.Hi = hi
		}
		if r.Hi < r.Lo {
			return nil,
				p.fail(v.at, len(v.s), reasons.QueryRangeBackwards().With(reasons.RemedyDidYouMeanValue(f.Name,
					b+".."+a)))
		}
		return r, nil
	}
	for _, op := range []string{">=", "<=", ">", "<", "="} {
		s, ok := strings.CutPrefix(v.s, op)
		if !ok {
			continue
		}
		lo, hi, err := bounds(s, v.at+len(op))
		if err != nil {
			return nil, err
		}
		switch op {
		case ">=":
			r.Lo = lo
		case "<=":
			r.Hi = hi
		case ">":
			r.Lo = satAdd(hi, 1)
		case "<":
			r.Hi = satAdd(lo, -1)
		case "=":
			r.Lo, r.Hi = lo, hi
		}
		return r, nil
	}
	lo, hi, err := bounds(v.s, v.at)
	if err != nil {
		return nil, err
	}
	r.Lo, r.Hi = lo, hi
	return r, nil
}

func satAdd(n, d int64) int64 {
	if d > 0 && n == maxValue || d < 0 && n == minValue {
		return n
	}
	return n + d
}

func parseBytes(s string) (int64, bool) {
	i := 0
	for i < len(s) && (s[i] >= '0' && s[i] <= '9' || s[i] == '.') {
		i++
	}
	n, err := strconv.ParseFloat(s[:i], 64)
	if err != nil {
		return 0, false
	}
	var unit float64
	switch strings.ToLower(s[i:]) {
	case "", "b", "o":
		unit = 1
	case "k", "kb", "ko":
		unit = 1e3
	case "m", "mb", "mo":
		unit = 1e6
	case "g", "gb", "go":
		unit = 1e9
	case "kib":
		unit = 1 << 10
	case "mib":
		unit = 1 << 20
	case "gib":
		unit = 1 << 30
	default:
		return 0, false
	}
	if n *= unit; n > 1e18 {
		return 0, false
	}
	return int64(math.Round(n)), true
}

// period is the first and last millisecond of a written date.
func (p *parser) period(f *Field, s string) (lo, hi int64, ok bool) {
	zone := p.env.Zone
	now := p.env.Now.In(zone)
	if f.Kind != KindInstant {
		zone = time.UTC // wall clocks and calendar days are kept as if in UTC
	}
	today := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, zone)
	span := func(from, to time.Time) (int64, int64, bool) {
		return from.UnixMilli(), to.UnixMilli() - 1, true
	}
	switch Fold(s) {
	case "today":
		return span(today, today.AddDate(0, 0, 1))
	case "yesterday":
		return span(today.AddDate(0, 0, -1), today)
	case "tomorrow":
		return span(today.AddDate(0, 0, 1), today.AddDate(0, 0, 2))
	}
	if d, isDays := strings.CutSuffix(Fold(s), "d"); isDays {
		n, err := strconv.Atoi(d)
		if err != nil || n < 1 || n > 36500 {
			return 0, 0, false
		}
		if f.Kind == KindDay { // rights lie ahead: the coming n days
			return span(today, today.AddDate(0, 0, n))
		}
		return span(today.AddDate(0, 0, 1-n), today.AddDate(0, 0, 1))
	}
	for _, l := range []struct {
		layout        string
		years, months int
		days          int
	}{{time.DateOnly, 0, 0, 1}, {"2006-01", 0, 1, 0}, {"2006", 1, 0, 0}} {
		if t, err := time.ParseInLocation(l.layout, s, zone); err == nil {
			return span(t, t.AddDate(l.years, l.months, l.days))
		}
	}
	return 0, 0, false
}
