package bleve

import (
	"context"
	"fmt"
	"math"

	"github.com/blevesearch/bleve/v2/mapping"
	bsearch "github.com/blevesearch/bleve/v2/search"
	"github.com/blevesearch/bleve/v2/search/searcher"
	index "github.com/blevesearch/bleve_index_api"
)

// stemQuery finds a stem. The fields of stems keep no frequencies, to be small, and the
// library's own score of a term is not a number without them: all assets that
// have the stem score the same, by how rare it is.
type stemQuery struct {
	field, stem string
	boost       float64
}

// Searcher implements query.Query.
func (q stemQuery) Searcher(ctx context.Context, r index.IndexReader, _ mapping.IndexMapping, o bsearch.SearcherOptions) (bsearch.Searcher, error) {
	o.Score = "none"
	s, err := searcher.NewTermSearcher(ctx, r, q.stem, q.field, 1, o)
	if err != nil {
		return nil, err
	}
	total, err := r.DocCount()
	if err != nil {
		return nil, fmt.Errorf("counting documents: %w", err)
	}
	idf := 1 + math.Log(float64(total)/float64(s.Count()+1))
	return &stemSearcher{Searcher: s, idf: idf, weight: q.boost * idf}, nil
}

// usualNorm stands for the length of a field that keeps none: that of some 16 words.
const usualNorm = 0.25

type stemSearcher struct {
	bsearch.Searcher
	idf, weight float64
	score       float64
}

func (s *stemSearcher) Weight() float64 { return s.weight * s.weight }

func (s *stemSearcher) SetQueryNorm(norm float64) { s.score = usualNorm * s.idf * s.weight * norm }

func (s *stemSearcher) Next(ctx *bsearch.SearchContext) (*bsearch.DocumentMatch, error) {
	return s.scored(s.Searcher.Next(ctx))
}

func (s *stemSearcher) Advance(ctx *bsearch.SearchContext, id index.IndexInternalID) (*bsearch.DocumentMatch, error) {
	return s.scored(s.Searcher.Advance(ctx, id))
}

func (s *stemSearcher) scored(m *bsearch.DocumentMatch, err error) (*bsearch.DocumentMatch, error) {
	if m != nil {
		m.Score = s.score
	}
	return m, err
}
