package dam

import (
	"encoding/json"
	"iter"
	"maps"
	"slices"
	"strings"

	"vitrine/dam/reasons"
)

// Text is a localised text: BCP 47 locale → text. In JSON it is an object; a bare string is accepted as the text in the
// library's default locale (key "" until the library is known, see Localise). Its locales are written as Locale does.
type Text map[string]string

// UnmarshalJSON accepts {"fr": "…"} and "…". A null value inside the object is
// kept as the empty string, which in a merge patch removes that locale. Of two spellings of one locale the one that
// Locale returns counts, or else the first in alphabetical order; input is refused before (see CheckLocales).
func (t *Text) UnmarshalJSON(b []byte) error {
	var s string
	if json.Unmarshal(b, &s) == nil {
		if string(b) == "null" {
			*t = nil
			return nil
		}
		*t = Text{"": s}
		return nil
	}
	var m map[string]*string
	if err := json.Unmarshal(b, &m); err != nil {
		return InvalidInput("text", reasons.TextForm())
	}
	*t = make(Text, len(m))
	for _, k := range slices.Sorted(maps.Keys(m)) {
		l := Locale(k)
		if _, there := (*t)[l]; there && l != k {
			continue
		}
		if v := m[k]; v != nil {
			(*t)[l] = *v
		} else {
			(*t)[l] = ""
		}
	}
	return nil
}

// CheckLocales refuses an object that has one locale in two spellings, such as fr-fr beside fr-FR. locales are its
// keys.
func CheckLocales(field string, locales iter.Seq[string]) error {
	seen := map[string]string{}
	for _, k := range slices.Sorted(locales) {
		if other, there := seen[Locale(k)]; there {
			return InvalidInput(field, reasons.NameTwice(other, k))
		}
		seen[Locale(k)] = k
	}
	return nil
}

// Localise returns t with the bare string moved to the default locale.
func (t Text) Localise(locale string) Text {
	s, ok := t[""]
	if !ok {
		return t
	}
	out := maps.Clone(t)
	delete(out, "")
	out[Locale(locale)] = s
	return out
}

// Get returns the text for a locale, falling back from region to language
// (fr-CA → fr), then to the default locale, then to any text at all.
func (t Text) Get(locale, fallback string) string {
	for l := Locale(locale); l != ""; {
		if s := t[l]; s != "" {
			return s
		}
		i := strings.LastIndexByte(l, '-')
		if i < 0 {
			break
		}
		l = l[:i]
	}
	if s := t[Locale(fallback)]; s != "" {
		return s
	}
	for _, l := range slices.Sorted(maps.Keys(t)) {
		if t[l] != "" {
			return t[l]
		}
	}
	return ""
}

// Merge applies a merge patch: texts of patch replace those of t, and an empty text removes the locale. It returns a
// new map.
func (t Text) Merge(patch Text) Text {
	out := maps.Clone(t)
	if out == nil {
		out = Text{}
	}
	for l, s := range patch {
		if strings.TrimSpace(s) == "" {
			delete(out, l)
		} else {
			out[l] = s
		}
	}
	return out
}
