package search

import (
	"context"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"vitrine/dam"
	"vitrine/dam/reasons"
	"vitrine/search/columns"
)

// minFuzzy is the shortest word in which a typing error is tolerated.
const minFuzzy = 5

// forgive is called if nothing was found. It searches again with one typing error per word tolerated, and looks for a
// spelling that has results.
func (e *evaluation) forgive(tree Node, r *Request, nothing *selection, res *Result) (*selection, error) {
	if r.Exact {
		return nothing, nil
	}
	lenient, changed := fuzzy(tree)
	if !changed {
		return nothing, nil
	}
	sel, err := e.selection(lenient, r)
	if err != nil || sel.found.IsEmpty() {
		return nothing, err
	}
	res.Fuzzy = true
	scored := e.scored
	e.scored = false // looking for spellings does not affect the rank
	res.Suggestion, err = e.respell(tree, r)
	e.scored = scored
	return sel, err
}

// fuzzy returns the tree with Fuzzy set on the required words that may be misspelt: those of letters only, not short,
// not in a field and not quoted.
func fuzzy(n Node) (Node, bool) {
	children := func(list []Node) ([]Node, bool) {
		out, changed := make([]Node, len(list)), false
		for i, c := range list {
			var one bool
			out[i], one = fuzzy(c)
			changed = changed || one
		}
		return out, changed
	}
	switch n := n.(type) {
	case And:
		out, changed := children(n)
		return And(out), changed
	case Or:
		out, changed := children(n)
		return Or(out), changed
	case *Words:
		if mayBeMisspelt(n) {
			w := *n
			w.Fuzzy = true
			return &w, true
		}
	}
	return n, false
}

func mayBeMisspelt(w *Words) bool {
	return w.plain() && len(w.Terms) == 1 &&
		utf8.RuneCountInString(w.Terms[0]) >= minFuzzy && strings.IndexFunc(w.Terms[0],
		func(r rune) bool { return !unicode.IsLetter(r) }) < 0
}

// respell replaces each word that the library does not have by the most frequent similar word that it has. It returns
// "" if there is none, or if the new query still finds nothing.
func (e *evaluation) respell(tree Node, r *Request) (string, error) {
	plain := *r
	plain.Q, plain.Status, plain.Kind, plain.Collection, plain.Facets = "", nil, nil, "", nil
	all, err := e.selection(And(nil), &plain)
	if err != nil {
		return "", err
	}
	count := func(term string) (int, error) {
		set, err := e.findText(&Words{Terms: []string{term}, Quoted: true}, all.found)
		if err != nil {
			return 0, err
		}
		return int(set.GetCardinality()), nil
	}
	var words []*Words
	var collect func(Node)
	collect = func(n Node) {
		switch n := n.(type) {
		case And:
			for _, c := range n {
				collect(c)
			}
		case Or:
			for _, c := range n {
				collect(c)
			}
		case *Words:
			if mayBeMisspelt(n) {
				words = append(words, n)
			}
		}
	}
	collect(tree)
	slices.SortFunc(words, func(a, b *Words) int { return b.Pos - a.Pos }) // from the end, so that positions stay valid
	q := r.Q
	for _, w := range words {
		if n, err := count(w.Terms[0]); err != nil {
			return "", err
		} else if n > 0 {
			continue
		}
		best, most := "", 0
		for _, candidate := range e.similar(w.Terms[0]) {
			if candidate.assets <= most {
				break // they come by overall frequency, which no library's own count exceeds
			}
			n, err := count(candidate.term)
			if err != nil {
				return "", err
			}
			if n > most {
				best, most = candidate.term, n
			}
		}
		if best == "" {
			return "", nil
		}
		q = q[:w.Pos] + best + q[w.Pos+w.Len:]
	}
	if q == r.Q {
		return "", nil
	}
	return q, nil
}

// spelling is a word of the index and the number of assets that have it.
type spelling struct {
	term   string
	assets int
}

// similar lists the most frequent words within one edit. Their frequency is over all libraries: the caller checks which
// of them its own library has.
func (e *evaluation) similar(term string) []spelling {
	var list []spelling
	err := e.text.Similar(TextAll, term, func(s string, assets int) bool {
		if !strings.Contains(s, "-") { // compounds are not spellings
			list = append(list, spelling{s, assets})
		}
		return len(list) < 1000
	})
	if err != nil {
		return nil // a missing suggestion must not fail a search
	}
	slices.SortFunc(list, func(a, b spelling) int { return b.assets - a.assets })
	return list[:min(len(list), 10)]
}

// Suggestion is a completion of what is being typed.
type Suggestion struct {
	// Field is "tag", "sku", "creator", "asset", "term" for one of a vocabulary, or "search" for a saved one.
	Field string `json:"field"`
	// Value is the tag, SKU or creator; the id of an asset whose title matches; a term's label in the library's
	// language; or the name of a saved search.
	Value string `json:"value"`
	// Of and Labels are a term's: the field that has it, and what it is called by locale.
	Of     string   `json:"of,omitempty" doc:"Of a term: the field of the library's own that query asks"`
	Labels dam.Text `json:"labels,omitempty" doc:"Of a term: what it is called, by locale"`
	// Query is the query that finds it.
	Query string `json:"query"`
	// Count is the number of assets that Query finds; 0, not counted, for a term or a saved search.
	Count int `json:"count"`
}

// suggestedFields are the operators whose values are suggested, in order.
func suggestedFields() []string {
	names := []string{"tag", "sku"}
	for _, t := range dam.TextFields() {
		if t.Suggest {
			names = append(names, t.Name)
		}
	}
	return names
}

// SuggestionFields is everything that Field of a Suggestion may be.
func SuggestionFields() []string { return append(suggestedFields(), "asset", "term", "search") }

const (
	suggestValues = 5 // per field
	suggestAssets = 5
	// With more results than this, single SKUs are not useful suggestions yet.
	manySKUs = 5000
)

// Suggest completes the last word of what was typed, in one library outside the bin: matching tags, SKUs and creators,
// most used first, then the newest assets. It suggests nothing for fewer than two letters, and nothing that the actor
// of ctx may not see.
func (x *Index) Suggest(ctx context.Context, library, typed string) ([]Suggestion, error) {
	if library == "" {
		return nil, dam.InvalidInput("library", reasons.SearchNeedsLibrary())
	}
	words := plainTerms(typed)
	if len(words) == 0 || utf8.RuneCountInString(words[len(words)-1]) < 2 || len(typed) > maxQuery {
		return []Suggestion{}, nil
	}
	var tree And
	for _, w := range words {
		if utf8.RuneCountInString(w) >= 2 {
			tree = append(tree, &Words{Field: TextTyped, Terms: []string{w}})
		}
	}
	st, err := x.acquire(ctx, 0, true)
	if err != nil {
		return nil, err
	}
	defer st.text.release()
	e := &evaluation{ctx: ctx, index: x, schema: st.schema, view: st.view, text: st.text.snapshot}
	all, err := e.selection(And(nil), &Request{Library: library})
	if err != nil {
		return nil, err
	}
	found, err := e.find(tree, all.found)
	if err != nil {
		return nil, err
	}
	out := []Suggestion{}
	for _, name := range suggestedFields() {
		if name == "sku" && found.GetCardinality() > manySKUs {
			continue
		}
		f := e.schema.byName[name]
		fits := func(key string) bool { return completes(key, words) }
		for _, c := range e.view.Counts(f.col, found, suggestValues, fits) {
			// What was typed doesn't find every asset that has the value.
			total := columns.Intersect(e.view.Equal(f.col, c.Key), all.found).GetCardinality()
			out = append(out, Suggestion{Field: name, Value: c.Label, Query: name + ":" + quoteValue(c.Label),
				Count: int(total)})
		}
	}
	for _, l := range e.view.TopNumbers(e.schema.created.col, found, true, nil, 0, suggestAssets) {
		id := e.view.String(stringID, l.Number)
		out = append(out, Suggestion{Field: "asset", Value: id, Query: "id:" + id, Count: 1})
	}
	return out, nil
}

// Completes reports whether what was typed is the beginning of a name: each of its words begins a word of the name, and
// the last one has two letters or more.
func Completes(name, typed string) bool {
	words := plainTerms(typed)
	return len(words) > 0 && utf8.RuneCountInString(words[len(words)-1]) >= 2 && completes(Fold(name), words)
}

// completes reports whether each typed word begins a word of the folded value. It is called for every value found, so
// it compares bytes instead of splitting words.
func completes(value string, typed []string) bool {
	for _, t := range typed {
		begins := false
		for from := 0; !begins; {
			i := strings.Index(value[from:], t)
			if i < 0 {
				return false
			}
			i += from
			before, _ := utf8.DecodeLastRuneInString(value[:i])
			begins = i == 0 || classify(before) != letter
			from = i + 1
		}
	}
	return true
}

// TermSuggestion completes a term of the vocabulary of a library's own field.
func TermSuggestion(field string, t dam.Term, locale string) Suggestion {
	label := t.Labels.Get(locale, "")
	return Suggestion{Field: "term", Value: label, Of: field, Labels: t.Labels, Query: field + ":" + quoteValue(label)}
}

// quoteValue quotes a value, if necessary, so that the parser reads it as a single value.
func quoteValue(s string) string {
	if strings.IndexFunc(s, func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune(`(),*"`, r) }) < 0 {
		return s
	}
	return `"` + strings.ReplaceAll(s, `"`, `""`) + `"`
}
