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
	var only []uint64
	if all, ok := tree.(search.And); scored && ok && len(all) > 1 {
		// Without scores, words are bitmaps that are cut with each other at once. A score is
		// then only worked out for what has all words, not for all that has the rarest.
		var err error
		if only, err = s.documents(ctx, tree); err != nil || len(only) == 0 {
			return search.Hits{}, err
		}
	}
	var hits search.Hits
	numbers := s.numbers // a copy of this query's own
	err := s.visit(ctx, tree, scored, only, func(m *bsearch.DocumentMatch, most int) error {
		n, err := numbers.of(m.IndexInternalID.Value())
		if err != nil {
			return err
		}
		if scored && hits.Numbers == nil {
			hits.Numbers, hits.Scores = make([]uint32, 0, most), make([]float32, 0, most)
		}
		hits.Numbers = append(hits.Numbers, n)
		if scored {
			hits.Scores = append(hits.Scores, float32(m.Score))
		}
		return nil
	})
	return hits, err
}

// documents lists the index's own numbers of what a tree matches, in order.
func (s *snapshot) documents(ctx context.Context, tree search.Node) ([]uint64, error) {
	var out []uint64
	err := s.visit(ctx, tree, false, nil, func(m *bsearch.DocumentMatch, _ int) error {
		out = append(out, m.IndexInternalID.Value())
		return nil
	})
	return out, err
}

// visit visits all hits, or those among only. see is told how many there are at most, often
// far too many where several searchers are cut with each other. The library's own collectors
// rank and cut; here ranking comes after filters the text index knows nothing of.
func (s *snapshot) visit(ctx context.Context, tree search.Node, scored bool, only []uint64, see func(m *bsearch.DocumentMatch, most int) error) (err error) {
	q, err := build(tree, scored)
	if err != nil {
		return err
	}
	o := bsearch.SearcherOptions{Score: "none"}
	if scored {
		o.Score = ""
	}
	searcher, err := q.Searcher(ctx, s.reader, s.mapping, o)
	if err != nil {
		return fmt.Errorf("asking the text index: %w", err)
	}
	defer func() { err = errors.Join(err, searcher.Close()) }()
	most := len(only)
	if only == nil {
		total, err := s.reader.DocCount()
		if err != nil {
			return fmt.Errorf("counting documents: %w", err)
		}
		most = int(min(searcher.Count(), total))
	}
	c := &bsearch.SearchContext{DocumentMatchPool: bsearch.NewDocumentMatchPool(searcher.DocumentMatchPoolSize()+1, 0), IndexReader: s.reader}
	var id index.IndexInternalID
	for i := 0; only == nil || i < len(only); i++ {
		var m *bsearch.DocumentMatch
		if only == nil {
			m, err = searcher.Next(c)
		} else {
			id = index.NewIndexInternalID(id, only[i])
			m, err = searcher.Advance(c, id)
		}
		if err != nil {
			return fmt.Errorf("asking the text index: %w", err)
		}
		if m == nil {
			return nil
		}
		if err := see(m, most); err != nil {
			return err
		}
		c.DocumentMatchPool.Put(m)
		if i%1024 == 1023 {
			if err := ctx.Err(); err != nil {
				return err
			}
		}
	}
	return nil
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
	return walk(d, func(similar string) (bool, error) {
		// The dictionary of similar words does not tell how often they occur.
		t, err := s.reader.TermFieldReader(context.Background(), []byte(similar), fieldName(f), false, false, false)
		if err != nil {
			return false, fmt.Errorf("reading the words of the text index: %w", err)
		}
		return yield(similar, int(t.Count())), t.Close()
	})
}

func walk(d index.FieldDict, yield func(term string) (bool, error)) (err error) {
	defer func() { err = errors.Join(err, d.Close()) }()
	for {
		e, err := d.Next()
		if err != nil {
			return fmt.Errorf("reading the words of the text index: %w", err)
		}
		if e == nil {
			return nil
		}
		if more, err := yield(e.Term); err != nil || !more {
			return err
		}
	}
}
