package bleve

import (
	"context"
	"errors"
	"fmt"

	"github.com/RoaringBitmap/roaring/v2"
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

// Match evaluates a tree segment by segment. A word is a bitmap of the documents that have it, and bitmaps are
// intersected at once; scores are computed afterwards, for what is left. Bleve's own searchers step through every
// document of every word, and its collectors rank and cut before the filters that the text index doesn't know.
func (s *snapshot) Match(ctx context.Context, tree search.Node, scored bool) (search.Hits, error) {
	l, err := s.lookup(ctx, scored)
	if err != nil {
		return search.Hits{}, err
	}
	root, err := l.prepare(tree)
	if err != nil {
		return search.Hits{}, err
	}
	found, total := make([][]uint32, len(s.numbers.segments)), 0
	for i, seg := range s.numbers.segments {
		docs := root.docs(i)
		if gone := seg.Deleted(); gone != nil && !docs.IsEmpty() {
			docs = roaring.AndNot(docs, gone)
		}
		found[i] = docs.ToArray()
		total += len(found[i])
		if err := ctx.Err(); err != nil {
			return search.Hits{}, err
		}
	}
	hits := search.Hits{Numbers: make([]uint32, 0, total)}
	if scored {
		hits.Scores = make([]float32, total)
	}
	numbers := s.numbers // a copy for this query
	for i, docs := range found {
		at := len(hits.Numbers)
		for _, d := range docs {
			n, err := numbers.of(s.numbers.offsets[i] + uint64(d))
			if err != nil {
				return search.Hits{}, err
			}
			hits.Numbers = append(hits.Numbers, n)
		}
		if !scored || len(docs) == 0 {
			continue
		}
		for _, e := range l.entries {
			if err := ctx.Err(); err != nil {
				return search.Hits{}, err
			}
			if err := e.score(i, docs, hits.Scores[at:at+len(docs)], e.count/total >= common ||
				e.count > broad); err != nil {
				return search.Hits{}, err
			}
		}
	}
	return hits, nil
}

// phrase finds the documents that have the words side by side, by Bleve's document numbers. Bleve reads the positions.
func (s *snapshot) phrase(ctx context.Context, terms []string, field string) (found []uint64, err error) {
	q := query.NewPhraseQuery(terms, field)
	searcher, err := q.Searcher(ctx, s.reader, s.mapping, bsearch.SearcherOptions{Score: "none"})
	if err != nil {
		return nil, fmt.Errorf("asking the text index: %w", err)
	}
	defer func() { err = errors.Join(err, searcher.Close()) }()
	c := &bsearch.SearchContext{DocumentMatchPool: bsearch.NewDocumentMatchPool(searcher.DocumentMatchPoolSize()+1, 0),
		IndexReader: s.reader}
	for i := 0; ; i++ {
		m, err := searcher.Next(c)
		if err != nil {
			return nil, fmt.Errorf("asking the text index: %w", err)
		}
		if m == nil {
			return found, nil
		}
		found = append(found, m.IndexInternalID.Value())
		c.DocumentMatchPool.Put(m)
		if i%1024 == 1023 {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
		}
	}
}

// similar lists the words of a field within one edit of a term.
func (s *snapshot) similar(field, term string) (list []string, err error) {
	r, ok := s.reader.(index.IndexReaderFuzzy)
	if !ok {
		return nil, errors.New("the text index has no similar words")
	}
	d, err := r.FieldDictFuzzy(field, term, 1, "")
	if err != nil {
		return nil, fmt.Errorf("reading the words of the text index: %w", err)
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	for {
		e, err := d.Next()
		if err != nil {
			return nil, fmt.Errorf("reading the words of the text index: %w", err)
		}
		if e == nil {
			return list, nil
		}
		list = append(list, e.Term)
	}
}

// Similar implements search.TextSnapshot.
func (s *snapshot) Similar(f search.TextField, term string, yield func(string, int) bool) error {
	l, err := s.lookup(context.Background(), false)
	if err != nil {
		return err
	}
	for _, field := range fieldNames(f) {
		list, err := s.similar(field, term)
		if err != nil {
			return err
		}
		for _, similar := range list {
			p, err := l.term(field, similar, 1)
			if err != nil {
				return err
			}
			if !yield(similar, p.count) {
				return nil
			}
		}
	}
	return nil
}
