package dam

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"vitrine/dam/reasons"
)

// Bounds of an asset's texts and lists. Request bodies are checked against the struct tags (maxLength, maxItems,
// eachLength, maxProperties) of the type they are decoded into, and the API's description is generated from them; these
// constants are for input that comes another way, such as the metadata of a file.
const (
	MaxText      = 10_000 // characters of a text in one language, and of any text without a bound of its own
	MaxList      = 1000   // entries of a list or object without a bound of its own
	MaxLocales   = 50     // languages of a text
	MaxLocale    = 35     // bytes of a language tag
	MaxTags      = 200    // tags of an asset
	MaxTag       = 200    // characters of a tag or SKU
	MaxAssetSKUs = 500    // SKUs of an asset
	MaxCreator   = 500    // characters
	MaxCopyright = 1000   // characters
	MaxTechnical = 200    // characters of a camera's, a lens's, a profile's name
)

// CheckBounds checks a value against the bounds in its struct tags, and its texts with CheckText. at names the value in
// errors, "" for the body itself. Errors name the field.
func CheckBounds(at string, v any) error { return checkBounds(at, reflect.ValueOf(v), "") }

func checkBounds(at string, v reflect.Value, tag reflect.StructTag) error {
	if t, ok := textOf(v); ok {
		return t.check(at)
	}
	if raw, ok := rawOf(v); ok {
		return checkRaw(at, raw)
	}
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			return nil
		}
		return checkBounds(at, v.Elem(), tag)
	case reflect.String:
		if most := tagged(tag, "maxLength", MaxText); longer(v.String(), most) {
			return tooLong(at, most)
		}
		return CheckText(at, v.String())
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			return nil
		}
		if most := tagged(tag, "maxItems", MaxList); v.Len() > most {
			return InvalidInput(at, reasons.TooManyEntriesInPatch(most))
		}
		var each reflect.StructTag
		if n := tag.Get("eachLength"); n != "" {
			each = reflect.StructTag(`maxLength:"` + n + `"`)
		}
		for i := range v.Len() {
			if err := checkBounds(fmt.Sprintf("%s[%d]", at, i), v.Index(i), each); err != nil {
				return err
			}
		}
	case reflect.Map:
		if most := tagged(tag, "maxProperties", MaxList); v.Len() > most {
			return InvalidInput(at, reasons.TooManyEntriesInPatch(most))
		}
		for _, k := range slices.SortedFunc(slices.Values(v.MapKeys()),
			func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) }) {
			name := k.String()
			if err := CheckLine(at, name); err != nil {
				return err
			}
			if longer(name, MaxTag) {
				return InvalidInput(at, reasons.NestedNameTooLong(MaxTag))
			}
			if err := checkBounds(member(at, name), v.MapIndex(k), ""); err != nil {
				return err
			}
		}
	case reflect.Struct:
		t := v.Type()
		for i := range t.NumField() {
			f := t.Field(i)
			if !f.IsExported() && !f.Anonymous {
				continue
			}
			name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			if name == "-" {
				continue
			}
			if name == "" && !f.Anonymous {
				name = f.Name
			}
			if err := checkBounds(member(at, name), v.Field(i), f.Tag); err != nil {
				return err
			}
		}
	}
	return nil
}

func rawOf(v reflect.Value) (any, bool) {
	if !v.IsValid() || v.Type() != reflect.TypeFor[json.RawMessage]() || v.Len() == 0 {
		return nil, false
	}
	var out any
	if json.Unmarshal(v.Bytes(), &out) != nil {
		return nil, false // the caller reports it
	}
	return out, true
}

// checkRaw checks JSON of unknown shape, such as a channel's configuration.
func checkRaw(at string, v any) error {
	switch v := v.(type) {
	case string:
		if longer(v, MaxText) {
			return tooLong(at, MaxText)
		}
		return CheckText(at, v)
	case []any:
		if len(v) > MaxList {
			return InvalidInput(at, reasons.TooManyListEntries(MaxList))
		}
		for i, x := range v {
			if err := checkRaw(fmt.Sprintf("%s[%d]", at, i), x); err != nil {
				return err
			}
		}
	case map[string]any:
		if len(v) > MaxList {
			return InvalidInput(at, reasons.TooManyListEntries(MaxList))
		}
		for _, name := range slices.Sorted(maps.Keys(v)) {
			if longer(name, MaxTag) || CheckLine(at, name) != nil {
				return InvalidInput(at, reasons.NestedNameNotText())
			}
			if err := checkRaw(member(at, name), v[name]); err != nil {
				return err
			}
		}
	}
	return nil
}

func textOf(v reflect.Value) (Text, bool) {
	if !v.IsValid() || v.Type() != reflect.TypeFor[Text]() || !v.CanInterface() {
		return nil, false
	}
	t, ok := v.Interface().(Text)
	return t, ok
}

// check checks a text against its bounds. The locale "" stands for the default one, which is not known yet.
func (t Text) check(at string) error {
	if len(t) > MaxLocales {
		return InvalidInput(at, reasons.TooManyLanguages(MaxLocales))
	}
	for _, l := range slices.Sorted(maps.Keys(t)) {
		where := at
		if l != "" {
			where += "." + l
			if err := CheckLocale(at, l); err != nil {
				return err
			}
		}
		if longer(t[l], MaxText) {
			return tooLong(where, MaxText)
		}
		if err := CheckText(where, t[l]); err != nil {
			return err
		}
	}
	return nil
}

// CheckLocale refuses a locale that cannot be a BCP 47 language tag.
func CheckLocale(field, locale string) error {
	if locale == "" || len(locale) > MaxLocale || strings.ContainsFunc(locale, func(r rune) bool {
		return r != '-' && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
	}) {
		return InvalidInput(field, reasons.NotALocale(Cut(locale, MaxLocale)))
	}
	return nil
}

func tooLong(field string, most int) error {
	return InvalidInput(field, reasons.TextTooLong(grouped(most)))
}

// grouped formats a number with commas between the thousands.
func grouped(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

func longer(s string, most int) bool { return len(s) > most && utf8.RuneCountInString(s) > most }

// tagged returns the bound given by a struct tag, or usual if there is none.
func tagged(tag reflect.StructTag, name string, usual int) int {
	n, err := strconv.Atoi(tag.Get(name))
	if err != nil {
		return usual
	}
	return n
}

func member(at, name string) string {
	if at == "" || name == "" {
		return at + name
	}
	return at + "." + name
}

// Bounded returns metadata read from a file within the bounds of an asset: without control characters, and cut where it
// is too long. It doesn't refuse anything, because the uploader can't correct what is embedded in a file.
func (m Metadata) Bounded() Metadata {
	m.Title, m.Description, m.Alt = m.Title.bounded(), m.Description.bounded(), m.Alt.bounded()
	line := func(s string, most int) string {
		return strings.TrimSpace(Cut(strings.Join(strings.Fields(StripText(s)), " "), most))
	}
	m.Creator, m.Copyright = line(m.Creator, MaxCreator), line(m.Copyright, MaxCopyright)
	m.Camera, m.Lens, m.Exposure, m.Profile = line(m.Camera, MaxTechnical), line(m.Lens, MaxTechnical),
		line(m.Exposure, MaxTechnical), line(m.Profile, MaxTechnical)
	m.Keywords = boundedTags(m.Keywords, line)
	m.Rating = max(0, min(m.Rating, 5))
	return m
}

func boundedTags(list []string, line func(string, int) string) []string {
	var out []string
	seen := make(map[string]bool, min(len(list), MaxTags))
	for _, s := range list {
		s = line(s, MaxTag)
		if key := FoldKey(s); s != "" && !seen[key] {
			seen[key] = true
			if out = append(out, s); len(out) == MaxTags {
				break
			}
		}
	}
	return out
}

// bounded is Metadata.Bounded for one text.
func (t Text) bounded() Text {
	if len(t) == 0 {
		return t
	}
	out := Text{}
	for _, l := range slices.Sorted(maps.Keys(t)) { // the default locale's "" comes first
		if l != "" && CheckLocale("", l) != nil || len(out) == MaxLocales {
			continue
		}
		if s := strings.TrimSpace(Cut(StripText(t[l]), MaxText)); s != "" {
			out[l] = s
		}
	}
	return out
}

// FoldKey returns the same key for texts that strings.EqualFold considers equal.
func FoldKey(s string) string { return strings.ToLower(strings.ToUpper(s)) }
