package dam

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"vitrine/dam/reasons"
)

// FieldType is the type of a custom metadata field's values.
type FieldType string

const (
	FieldText    FieldType = "text"
	FieldNumber  FieldType = "number" // up to three decimals
	FieldDate    FieldType = "date"   // calendar day, YYYY-MM-DD
	FieldChoice  FieldType = "choice"
	FieldBoolean FieldType = "boolean"
)

// CustomField is a metadata field that a library has added to its assets. It can be searched, sorted by and counted
// like the built-in ones.
type CustomField struct {
	Key     string    `json:"key" minLength:"1" maxLength:"40" doc:"Lower-case letters, digits and _, a letter first"`
	Label   Text      `json:"label,omitempty" doc:"What people see, by locale; the key without one"`
	Type    FieldType `json:"type" enum:"text,number,date,choice,boolean"`
	Multi   bool      `json:"multi,omitempty" doc:"Holds a list; for text and choice"`
	Choices []string  `json:"choices,omitempty" nullable:"false" maxItems:"500" doc:"What a choice is made from"`
}

// MaxFields is the maximum number of custom fields of a library.
const MaxFields = 100

// Validate checks a definition; prefix names it in errors ("items[2]").
func (f CustomField) Validate(prefix string) error {
	bad := func(member string, why reasons.Reason) error { return InvalidInput(prefix+"."+member, why) }
	for i, r := range f.Key {
		if (r < 'a' || r > 'z') && (i == 0 || r != '_' && (r < '0' || r > '9')) {
			return bad("key", reasons.FieldKeyForm(f.Key))
		}
	}
	switch {
	case f.Key == "" || len(f.Key) > 40:
		return bad("key", reasons.FieldKeyLength())
	case !slices.Contains([]FieldType{FieldText, FieldNumber, FieldDate, FieldChoice, FieldBoolean}, f.Type):
		return bad("type", reasons.UnknownFieldType(string(f.Type)))
	case f.Multi && f.Type != FieldText && f.Type != FieldChoice:
		return bad("multi", reasons.FieldNotMulti())
	case f.Type == FieldChoice && len(f.Choices) == 0:
		return bad("choices", reasons.FieldWithoutChoices())
	case f.Type != FieldChoice && len(f.Choices) > 0:
		return bad("choices", reasons.FieldChoicesUnexpected())
	}
	for i, c := range f.Choices {
		if strings.TrimSpace(c) != c || c == "" || len([]rune(c)) > 200 || slices.Contains(f.Choices[:i], c) {
			return bad(fmt.Sprintf("choices[%d]", i), reasons.FieldChoiceForm())
		}
	}
	return nil
}

// maxCustom is the longest text value, in characters, and maxList the longest list.
const (
	maxCustom = 1000
	maxList   = 100
)

// Clean checks a value decoded from JSON and returns it as it is stored: a string, a float64, a bool or a list of
// strings. It returns nil, which means no value, for an empty text or list. at names the value in errors
// ("custom.season").
func (f CustomField) Clean(at string, v any) (any, error) {
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
		if !ok || len([]rune(s)) > maxCustom {
			return bad(reasons.FieldValueForm(maxCustom))
		}
		if s = strings.TrimSpace(s); s == "" || slices.Contains(out, any(s)) {
			continue
		}
		if f.Type == FieldChoice && !slices.Contains(f.Choices, s) {
			return bad(reasons.NotAFieldChoice(s, strings.Join(f.Choices, ", ")))
		}
		out = append(out, s)
	}
	switch {
	case len(out) == 0:
		return nil, nil
	case f.Multi:
		return out, nil
	}
	return out[0], nil
}
