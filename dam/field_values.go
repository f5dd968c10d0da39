package dam

import (
	"math"
	"slices"
	"strings"
	"time"

	"vitrine/dam/reasons"
)

const (
	maxCustom = 1000 // characters of a text value of one line
	maxURL    = 2000 // characters
	maxList   = 100  // values of a list
)

// FieldContext is what a library's values are read with.
type FieldContext struct {
	// Locale is that of a localized text without one.
	Locale string
	// Zone is that of a time without an offset; nil is UTC.
	Zone *time.Location
	// Refer finds what a value of a type that Refers means, and returns how it is kept. nil takes values as they are.
	Refer func(f CustomField, value string) (string, error)
}

// Clean checks a value decoded from JSON and returns it as it is stored: a string, a float64, a bool, a list of
// strings or, of a localized text, an object of strings. It returns nil, which means no value, for an empty text, list
// or object. at names the value in errors ("custom.season").
func (f CustomField) Clean(at string, v any, c FieldContext) (any, error) {
	bad := func(why reasons.Reason) (any, error) { return nil, InvalidInput(at, why) }
	switch f.Type {
	case FieldNumber:
		n, ok := v.(float64)
		if !ok || math.IsNaN(n) || math.Abs(n) > 1e12 || math.Abs(n*1000-math.Round(n*1000)) > 1e-3 {
			return bad(reasons.NotAFieldNumber())
		}
		return n, nil
	case FieldBoolean:
		if _, ok := v.(bool); !ok {
			return bad(reasons.NotAFieldBoolean())
		}
		return v, nil
	case FieldDate:
		s, _ := v.(string)
		if _, err := time.Parse(time.DateOnly, s); err != nil {
			return bad(reasons.NotAFieldDate())
		}
		return s, nil
	case FieldDateTime:
		s, _ := v.(string)
		t, ok := parseInstant(strings.TrimSpace(s), c.Zone)
		if !ok {
			return bad(reasons.NotAFieldDateTime())
		}
		return t, nil
	case FieldLocalized:
		return f.cleanLocalized(at, v, c)
	}
	list, isList := v.([]any)
	if !isList {
		list = []any{v}
	} else if !f.Multi {
		return bad(reasons.FieldTakesOneValue())
	}
	if len(list) > maxList {
		return bad(reasons.FieldListTooLong(maxList))
	}
	out := []any{}
	for _, v := range list {
		s, ok := v.(string)
		if !ok {
			return bad(reasons.FieldValueForm(f.longest()))
		}
		s, err := f.cleanText(at, s, c)
		if err != nil {
			return nil, err
		}
		if s != "" && !slices.Contains(out, any(s)) {
			out = append(out, s)
		}
	}
	switch {
	case len(out) == 0:
		return nil, nil
	case f.Multi:
		return out, nil
	}
	return out[0], nil
}

// longest is the longest text that a value may be, in characters.
func (f CustomField) longest() int {
	switch f.Type {
	case FieldLongText, FieldLocalized:
		return MaxText
	case FieldURL:
		return maxURL
	}
	return maxCustom
}

// cleanText checks one text and returns it as it is stored, "" for none.
func (f CustomField) cleanText(at, s string, c FieldContext) (string, error) {
	if longer(s, f.longest()) {
		return "", InvalidInput(at, reasons.FieldValueForm(f.longest()))
	}
	if s = strings.TrimSpace(s); s == "" {
		return "", nil
	}
	switch {
	case f.Type == FieldChoice && !slices.Contains(f.Choices, s):
		return "", InvalidInput(at, reasons.NotAFieldChoice(s, strings.Join(f.Choices, ", ")))
	case f.Type == FieldURL && !webAddress(s):
		return "", InvalidInput(at, reasons.NotAFieldUrl())
	case f.Type.Refers() && c.Refer != nil:
		return c.Refer(f, s)
	}
	p, err := f.pattern()
	if err == nil && p != nil && !p.MatchString(s) {
		return "", InvalidInput(at, reasons.FieldPatternDiffers(Cut(s, 100), f.Pattern))
	}
	return s, err
}

func (f CustomField) cleanLocalized(at string, v any, c FieldContext) (any, error) {
	object, ok := v.(map[string]any)
	if s, bare := v.(string); bare {
		object, ok = map[string]any{c.Locale: s}, true
	}
	if !ok {
		return nil, InvalidInput(at, reasons.TextForm())
	}
	text := Text{}
	for l, v := range object {
		s, ok := v.(string)
		if !ok {
			return nil, InvalidInput(at, reasons.TextForm())
		}
		if s = strings.TrimSpace(s); s != "" {
			text[Locale(l)] = s
		}
	}
	if err := text.check(at); err != nil {
		return nil, err
	}
	if len(text) == 0 {
		return nil, nil
	}
	out := make(map[string]any, len(text))
	for l, s := range text {
		out[l] = s
	}
	return out, nil
}

// parseInstant reads a time with an offset, or a local one in the zone, and returns it in UTC.
func parseInstant(s string, zone *time.Location) (string, bool) {
	if zone == nil {
		zone = time.UTC
	}
	t, err := time.Parse(time.RFC3339, s)
	for _, layout := range []string{"2006-01-02T15:04:05", "2006-01-02T15:04", "2006-01-02 15:04:05",
		"2006-01-02 15:04"} {
		if err != nil {
			t, err = time.ParseInLocation(layout, s, zone)
		}
	}
	if err != nil || t.Year() < 1 || t.Year() > 9999 {
		return "", false
	}
	return t.UTC().Format(time.RFC3339), true
}
