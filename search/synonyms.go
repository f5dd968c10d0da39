package search

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"vitrine/dam"
	"vitrine/dam/reasons"
)

// Bounds of a library's synonyms.
const (
	maxSynonymLines = 5000
	maxSynonymLine  = 1000 // characters
	maxSynonymWords = 8    // of one term
	maxAlternatives = 50   // added to one word or phrase of a query
	maxAdded        = 500  // added to a whole query; later words get none
)

// rule makes each term of from also find the terms of to. A term is a list of words.
type rule struct{ from, to [][]string }

// CheckSynonyms checks lines such as "sofa, couch, canapé" (each finds the others) and "gsm => mobile phone" (the left
// side also finds the right one). Empty lines and those that begin with # are ignored. The error is dam.Invalid with
// the field "lines[n]", n from 0.
func CheckSynonyms(lines []string) error {
	if len(lines) > maxSynonymLines {
		return dam.InvalidInput("lines", reasons.TooManySynonymLines(maxSynonymLines))
	}
	for i, line := range lines {
		if _, err := readRule(line); err != nil {
			err.Field, err.Reason = fmt.Sprintf("lines[%d]", i), reasons.InLine(i+1, err.Reason)
			return err
		}
	}
	return nil
}

// readRule parses one line; an ignored line is the zero rule.
func readRule(line string) (rule, *dam.Error) {
	bad := func(why reasons.Reason) (rule, *dam.Error) { return rule{}, dam.InvalidInput("", why) }
	line = strings.TrimSpace(line)
	switch {
	case strings.ContainsAny(line, "\n\r"):
		return bad(reasons.SynonymsSeveralLines())
	case line == "" || line[0] == '#':
		return rule{}, nil
	case !utf8.ValidString(line) || utf8.RuneCountInString(line) > maxSynonymLine:
		return bad(reasons.SynonymsLineTooLong(maxSynonymLine))
	case strings.ContainsAny(line, `*"():`):
		return bad(reasons.SynonymsQuerySigns())
	}
	left, right, oneWay := strings.Cut(line, "=>")
	if strings.Contains(right, "=>") {
		return bad(reasons.SynonymsTwoArrows())
	}
	var r rule
	var err *dam.Error
	if r.from, err = readTerms(left); err != nil {
		return rule{}, err
	}
	if !oneWay {
		r.to = r.from
	} else if r.to, err = readTerms(right); err != nil {
		return rule{}, err
	}
	for _, t := range r.from {
		if slices.ContainsFunc(r.to, func(u []string) bool { return !slices.Equal(t, u) }) {
			return r, nil
		}
	}
	return bad(reasons.SynonymsNeedTwoWords())
}

func readTerms(side string) ([][]string, *dam.Error) {
	var out [][]string
	for term := range strings.SplitSeq(side, ",") {
		words := plainTerms(term)
		switch {
		case len(words) == 0:
			return nil, dam.InvalidInput("", reasons.SynonymWordMissing())
		case len(words) > maxSynonymWords:
			return nil, dam.InvalidInput("", reasons.SynonymTooLong(strings.TrimSpace(term), maxSynonymWords))
		}
		out = append(out, words)
	}
	return out, nil
}

// synonyms holds what else a word or phrase finds in a library.
type synonyms struct {
	revision int64
	stem     func(lang, word string) string
	// to is keyed by the stems of the left side, see keys.
	to map[string][][]string
	// longest is the length of the longest left side, in words.
	longest int
}

func newSynonyms(d dam.Synonyms, stem func(lang, word string) string) *synonyms {
	s := &synonyms{revision: d.Revision, stem: stem, to: map[string][][]string{}}
	for _, line := range d.Lines {
		r, err := readRule(line)
		if err != nil {
			continue // it was checked when it was stored
		}
		for _, from := range r.from {
			for _, k := range s.keys(from) {
				s.to[k] = append(s.to[k], r.to...)
			}
			s.longest = max(s.longest, len(from))
		}
	}
	return s
}

// keys returns the forms in which terms are compared, one per language. Plurals compare equal, and stop words do not
// count, because queries drop them too.
func (s *synonyms) keys(terms []string) []string {
	says := slices.DeleteFunc(slices.Clone(terms), stopWord)
	if len(says) == 0 {
		says = terms
	}
	var out []string
	for _, lang := range []string{"fr", "en"} {
		k := lang
		for _, t := range says {
			if stem := s.stem(lang, t); stem != "" {
				t = stem
			}
			k += " " + t
		}
		out = append(out, k)
	}
	return out
}

// others returns the synonyms of terms, as words of a field.
func (s *synonyms) others(field TextField, terms []string) []Node {
	var seen [][]string
	var out []Node
	for _, k := range s.keys(terms) {
		for _, to := range s.to[k] {
			same := func(t []string) bool { return slices.Equal(t, to) }
			if len(out) == maxAlternatives || same(terms) || slices.ContainsFunc(seen, same) {
				continue
			}
			seen = append(seen, to)
			out = append(out, &Words{Field: field, Terms: to, Synonym: true})
		}
	}
	return out
}

// expand adds synonyms to each word of a query and to each sequence of adjacent words: longest first, from the left.
func (s *synonyms) expand(n Node) Node {
	if s == nil || len(s.to) == 0 {
		return n
	}
	e := expansion{s, maxAdded}
	return e.node(n)
}

type expansion struct {
	*synonyms
	left int // how many more may be added
}

func (e *expansion) node(n Node) Node {
	switch n := n.(type) {
	case And:
		return e.and(n)
	case Or:
		out := make(Or, len(n))
		for i, c := range n {
			out[i] = e.node(c)
		}
		return out
	case Not:
		return Not{e.node(n.Node)}
	case *Words:
		return e.word(n)
	}
	return n
}

func (e *expansion) and(list And) And {
	var out And
	for len(list) > 0 {
		size := 1
		node := Node(nil)
		for k := min(e.longest, len(list)); k > 1 && node == nil; k-- {
			var field TextField // the same for all words outside a field
			var terms []string
			for _, c := range list[:k] {
				w, ok := c.(*Words)
				if !ok || !w.plain() {
					terms = nil
					break
				}
				field, terms = w.Field, append(terms, w.Terms...)
			}
			if others := e.add(field, terms); others != nil {
				var typed And
				for _, c := range list[:k] {
					typed = append(typed, e.node(c))
				}
				size, node = k, append(Or{typed}, others...)
			}
		}
		if node == nil {
			node = e.node(list[0])
		}
		out, list = append(out, node), list[size:]
	}
	return out
}

func (e *expansion) word(w *Words) Node {
	if w.plain() {
		if others := e.add(w.Field, w.Terms); others != nil {
			return append(Or{w}, others...)
		}
	}
	return w
}

func (e *expansion) add(field TextField, terms []string) []Node {
	if len(terms) == 0 {
		return nil
	}
	others := e.others(field, terms)
	if len(others) > e.left {
		return nil
	}
	e.left -= len(others)
	return others
}

// plain reports whether the words may have synonyms: they are outside a field, without quotation marks or *.
func (w *Words) plain() bool {
	return w.Field.everything() && !w.Prefix && !w.Quoted && !w.Synonym
}

// resynonym updates the synonyms of a schema to the libraries'.
func (x *Index) resynonym(ctx context.Context, s *schema) (*schema, error) {
	revisions, err := x.opts.Source.SynonymRevisions(ctx)
	if err != nil {
		return s, err
	}
	next := make(map[string]*synonyms, len(revisions))
	changed := len(revisions) != len(s.synonyms)
	for library, revision := range revisions {
		if y := s.synonyms[library]; y != nil && y.revision == revision {
			next[library] = y
			continue
		}
		d, err := x.opts.Source.Synonyms(ctx, library)
		if err != nil {
			return s, err
		}
		next[library], changed = newSynonyms(d, x.opts.Engine.Stem), true
	}
	if !changed {
		return s, nil
	}
	c := *s
	c.synonyms = next
	return &c, nil
}
