package bleve

import (
	"context"
	"errors"
	"fmt"

	"github.com/blevesearch/bleve/v2/mapping"
	bsearch "github.com/blevesearch/bleve/v2/search"
	"github.com/blevesearch/bleve/v2/search/query"
	index "github.com/blevesearch/bleve_index_api"

	"vitrine/search"
)

type snapshot struct {
	reader  index.IndexReader
	mapping mapping.IndexMapping
	numbers numbers
}

func (s *snapshot) Close() error { return s.reader.Close() }

// Weights of a word found in the title, as it stands, and by its stem.
const (
	titleBoost = 3.0
	exactBoost = 1.0
	stemBoost  = 0.5
	// A synonym counts less than what was typed, whichever way it is found.
	synonymBoost = 0.5
)

func (s *snapshot) Match(ctx context.Context, tree search.Node, scored bool) (search.Hits, error) {
	q, err := build(tree, scored)
	if err != nil {
		return search.Hits{}, err
	}
	o := bsearch.SearcherOptions{Score: "none"}
	if scored {
		o.Score = ""
	}
	var hits search.Hits
	searcher, err := q.Searcher(ctx, s.reader, s.mapping, o)
	if err != nil {
		return hits, fmt.Errorf("asking the text index: %w", err)
	}
	hits, err = s.collect(ctx, searcher, scored)
	return hits, errors.Join(err, searcher.Close())
}

// collect walks all hits. The library's own collectors rank and cut; here ranking
// comes after filters the text index knows nothing of.
func (s *snapshot) collect(ctx context.Context, searcher bsearch.Searcher, scored bool) (search.Hits, error) {
	var hits search.Hits
	numbers := s.numbers
	c := &bsearch.SearchContext{DocumentMatchPool: bsearch.NewDocumentMatchPool(searcher.DocumentMatchPoolSize()+1, 0), IndexReader: s.reader}
	for {
		m, err := searcher.Next(c)
		if err != nil {
			return hits, fmt.Errorf("asking the text index: %w", err)
		}
		if m == nil {
			return hits, nil
		}
		n, err := numbers.of(m.IndexInternalID.Value())
		if err != nil {
			return hits, err
		}
		hits.Numbers = append(hits.Numbers, n)
		if scored {
			hits.Scores = append(hits.Scores, float32(m.Score))
		}
		c.DocumentMatchPool.Put(m)
		if len(hits.Numbers)%1024 == 0 {
			if err := ctx.Err(); err != nil {
				return hits, err
			}
		}
	}
}

func build(n search.Node, scored bool) (query.Query, error) {
	many := func(list []search.Node) ([]query.Query, error) {
		out := make([]query.Query, len(list))
		for i, c := range list {
			var err error
			if out[i], err = build(c, scored); err != nil {
				return nil, err
			}
		}
		return out, nil
	}
	switch n := n.(type) {
	case search.And:
		list, err := many(n)
		return query.NewConjunctionQuery(list), err
	case search.Or:
		list, err := many(n)
		return query.NewDisjunctionQuery(list), err
	case *search.Words:
		return buildWords(n, scored), nil
	}
	return nil, fmt.Errorf("the text index cannot answer %T", n)
}

func buildWords(w *search.Words, scored bool) query.Query {
	field := fieldName(w.Field)
	weight := 1.0
	if w.Synonym {
		weight = synonymBoost
	}
	term := func(field, s string, boost float64) query.Query {
		q := query.NewTermQuery(s)
		q.SetField(field)
		q.SetBoost(boost * weight)
		return q
	}
	first := w.Terms[0]
	switch {
	case w.Prefix:
		q := query.NewPrefixQuery(first)
		q.SetField(field)
		return q
	case len(w.Terms) > 1:
		q := query.NewPhraseQuery(w.Terms, field)
		q.SetBoost(weight)
		return q
	case w.Field == search.TextTyped:
		start := beginning(first)
		if start == first {
			return term(fieldTyped, first, exactBoost)
		}
		rest := query.NewPrefixQuery(first)
		rest.SetField(fieldAll)
		return query.NewConjunctionQuery([]query.Query{term(fieldTyped, start, exactBoost), rest})
	}
	list := []query.Query{term(field, first, exactBoost)}
	if w.Field == search.TextAll {
		if scored {
			list = append(list, term(fieldTitle, first, titleBoost))
		}
		if !w.Quoted {
			for _, lang := range []struct{ code, field string }{{"fr", fieldFrench}, {"en", fieldEnglish}} {
				switch s := Stem(lang.code, first); {
				case s == "":
				case scored:
					list = append(list, stemQuery{lang.field, s, stemBoost * weight})
				default:
					list = append(list, term(lang.field, s, stemBoost))
				}
			}
		}
	}
	if w.Fuzzy {
		q := query.NewFuzzyQuery(first)
		q.SetField(field)
		q.SetFuzziness(1)
		q.SetBoost(stemBoost)
		list = append(list, q)
	}
	if len(list) == 1 {
		return list[0]
	}
	return query.NewDisjunctionQuery(list)
}

// beginning cuts a word to the length that is indexed.
func beginning(s string) string {
	n := 0
	for i := range s {
		if n == maxBeginning {
			return s[:i]
		}
		n++
	}
	return s
}

func (s *snapshot) Similar(f search.TextField, term string, yield func(string, int) bool) error {
	r, ok := s.reader.(index.IndexReaderFuzzy)
	if !ok {
		return errors.New("the text index has no similar words")
	}
	d, err := r.FieldDictFuzzy(fieldName(f), term, 1, "")
	if err != nil {
		return fmt.Errorf("reading the words of the text index: %w", err)
	}
	return walk(d, yield)
}

func walk(d index.FieldDict, yield func(string, int) bool) (err error) {
	defer func() { err = errors.Join(err, d.Close()) }()
	for {
		e, err := d.Next()
		if err != nil {
			return fmt.Errorf("reading the words of the text index: %w", err)
		}
		if e == nil || !yield(e.Term, int(e.Count)) {
			return nil
		}
	}
}
