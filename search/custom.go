package search

import (
	"maps"
	"math"
	"slices"
	"strconv"
	"time"

	"vitrine/dam"
	"vitrine/search/columns"
)

// customColumn is the column of a custom field. It outlives the field: columns are never renumbered, so that a view
// made with one schema can be read with the next.
type customColumn struct {
	library, key string
	kind         dam.FieldType
}

// with returns a copy of the schema with other custom fields, and those fields that need a column which the view does
// not have yet.
func (s *schema) with(defs map[string][]dam.CustomField) (next *schema, added []*Field) {
	c := *s
	c.keywords, c.numbers = slices.Clone(s.keywords), slices.Clone(s.numbers)
	c.columns = maps.Clone(s.columns)
	if c.columns == nil {
		c.columns = map[customColumn]*Field{}
	}
	c.defs, c.custom, c.unworded = defs, map[string][]*Field{}, unworded(defs)
	for _, library := range slices.Sorted(maps.Keys(defs)) {
		for _, def := range defs[library] {
			if f := s.byName[def.Key]; f != nil && !f.yields || def.Key == "title" || def.Key == "relevance" {
				continue // a built-in field of a newer release has this name
			}
			if wordsOnly(def.Type) {
				continue
			}
			at := customColumn{library, def.Key, def.Type}
			f := c.columns[at]
			if f == nil {
				f = c.customField(library, def)
				c.columns[at] = f
				added = append(added, f)
			}
			shown := *f
			shown.vocabulary = def.Vocabulary
			for _, choice := range def.Choices {
				shown.choices = append(shown.choices, Fold(choice))
			}
			c.custom[library] = append(c.custom[library], &shown)
		}
	}
	return &c, added
}

// customField returns the field, with its column, for a definition.
func (s *schema) customField(library string, def dam.CustomField) *Field {
	key := def.Key
	value := func(a *dam.Asset) any {
		if a.Library != library {
			return nil
		}
		return a.Custom[key]
	}
	f := &Field{Name: key, library: library, Kind: KindKeyword, Facet: true}
	switch def.Type {
	case dam.FieldNumber, dam.FieldDate, dam.FieldDateTime:
		f.Kind, f.Facet, f.col = KindDecimal, false, len(s.numbers)
		f.number = func(a *dam.Asset) int64 {
			if n, ok := value(a).(float64); ok {
				return int64(math.Round(n * 1000))
			}
			return columns.Missing
		}
		f.Example = key + ":>=10"
		if def.Type == dam.FieldDate {
			f.Kind, f.Example = KindDay, key+":2024-03"
			f.number = func(a *dam.Asset) int64 {
				d, _ := value(a).(string)
				return day(dam.Date(d))
			}
		}
		if def.Type == dam.FieldDateTime {
			f.Kind, f.Example = KindInstant, key+":2024-03"
			f.number = func(a *dam.Asset) int64 {
				d, _ := value(a).(string)
				t, err := time.Parse(time.RFC3339, d)
				if err != nil {
					return columns.Missing
				}
				return t.UnixMilli()
			}
		}
		s.numbers = append(s.numbers, f)
		return f
	case dam.FieldBoolean:
		f.Values, f.Example = []string{"yes", "no"}, key+":yes"
		f.keywords = func(a *dam.Asset) []columns.Value {
			switch value(a) {
			case true:
				return one("yes")
			case false:
				return one("no")
			}
			return nil
		}
	default:
		switch def.Type {
		case dam.FieldText, dam.FieldURL:
			f.Kind = KindName
		case dam.FieldPerson:
			f.byName = true
		case dam.FieldTree:
			f.byName, f.vocabulary = true, def.Vocabulary
		}
		f.Example = key + ":value"
		f.keywords = func(a *dam.Asset) []columns.Value { return many(customTexts(value(a))) }
	}
	f.col = len(s.keywords)
	s.keywords = append(s.keywords, f)
	return f
}

// wordsOnly reports whether a type's values are found by their words alone: texts too long to be kept as values.
func wordsOnly(t dam.FieldType) bool { return t == dam.FieldLongText || t == dam.FieldLocalized }

// customTexts returns the texts of a custom value.
func customTexts(v any) []string {
	switch v := v.(type) {
	case string:
		return []string{v}
	case []any:
		var out []string
		for _, x := range v {
			if s, ok := x.(string); ok {
				out = append(out, s)
			}
		}
		return out
	}
	return nil
}

// shownTo returns the state with the fields that somebody sees: the others are not there for them.
func (s *state) shownTo(p dam.Principal) *state {
	out := s
	for library := range p.Access {
		hidden := p.HiddenFields(library)
		if len(hidden) == 0 {
			continue
		}
		if out == s {
			shown, c := *s, *s.schema
			c.defs, c.custom, c.whole = maps.Clone(c.defs), maps.Clone(c.custom), s.schema
			shown.schema = &c
			out = &shown
		}
		c := out.schema
		c.defs[library] = slices.DeleteFunc(slices.Clone(c.defs[library]),
			func(f dam.CustomField) bool { return slices.Contains(hidden, f.Key) })
		c.custom[library] = slices.DeleteFunc(slices.Clone(c.custom[library]),
			func(f *Field) bool { return slices.Contains(hidden, f.Name) })
	}
	return out
}

// unworded lists the fields that not everybody sees, as "library/key": their words are found by nobody who doesn't name
// the field.
func unworded(defs map[string][]dam.CustomField) []string {
	var out []string
	for library, list := range defs {
		for _, f := range list {
			if len(f.SeenBy) > 0 {
				out = append(out, library+"/"+f.Key)
			}
		}
	}
	slices.Sort(out)
	return out
}

// lookup finds a field by the name it has in a library. An own field that somebody doesn't see is there in so far as no
// other is meant by its name.
func (s *schema) lookup(library, name string) *Field {
	f := s.byName[name]
	if f != nil && !f.yields {
		return f
	}
	for _, own := range s.custom[library] {
		if own.Name == name {
			return own
		}
	}
	if s.whole != nil && s.whole.lookup(library, name) != f {
		return nil
	}
	return f
}

// all lists the fields of a library, its custom fields last.
func (s *schema) all(library string) []*Field {
	var out []*Field
	for _, f := range s.fields {
		if !f.yields || s.lookup(library, f.Name) == f {
			out = append(out, f)
		}
	}
	return append(out, s.custom[library]...)
}

func sameFields(a, b map[string][]dam.CustomField) bool {
	return maps.EqualFunc(a, b, func(x, y []dam.CustomField) bool {
		return slices.EqualFunc(x, y, func(f, g dam.CustomField) bool {
			return f.Key == g.Key && f.Type == g.Type && f.Multi == g.Multi && f.Vocabulary == g.Vocabulary &&
				slices.Equal(f.Choices, g.Choices) && (len(f.SeenBy) == 0) == (len(g.SeenBy) == 0)
		})
	})
}

// filledIn reports whether a library has a field that has: and missing: can ask for by that name.
func (s *schema) filledIn(library, name string) bool {
	return slices.ContainsFunc(s.defs[library], func(f dam.CustomField) bool { return f.Key == name })
}

// Reserved lists the names that a new custom field cannot have, because they already have a meaning in queries, sort
// orders or facets.
func Reserved() []string {
	s := newSchema()
	var out []string
	for _, f := range s.fields {
		out = append(append(out, f.Name), f.Aliases...)
	}
	return append(out, "relevance", "place")
}

// parseDecimal parses a number with at most three decimals and returns it in thousandths.
func parseDecimal(s string) (int64, bool) {
	n, err := strconv.ParseFloat(s, 64)
	if err != nil || math.IsNaN(n) || math.Abs(n) > 1e15 {
		return 0, false
	}
	return int64(math.Round(n * 1000)), true
}

func formatDecimal(n int64) string { return strconv.FormatFloat(float64(n)/1000, 'f', -1, 64) }
