package savedsearch

import (
	"context"
	"slices"
	"strings"

	"vitrine/dam"
	"vitrine/dam/reasons"
	"vitrine/search"
)

// Collections finds the collections that a query means by what is written behind collection:.
func (s *Service) Collections(ctx context.Context, library string) func(string) ([]search.Collection, bool, error) {
	return func(written string) ([]search.Collection, bool, error) {
		ids, known, err := s.Tree.Named(ctx, library, written)
		if err != nil || !known {
			return nil, known, err
		}
		sets, err := s.described(ctx, library, [][]string{ids})
		if err != nil {
			return nil, known, err
		}
		return sets[0], known, nil
	}
}

// described adds to the ids of collections what says which assets the smart ones have.
func (s *Service) described(ctx context.Context, library string, sets [][]string) ([][]search.Collection, error) {
	smart, err := s.Catalog.Assets().Collections().SmartMembers(ctx, library, slices.Concat(sets...))
	if err != nil {
		return nil, err
	}
	out := make([][]search.Collection, len(sets))
	for i, ids := range sets {
		out[i] = make([]search.Collection, len(ids))
		for j, id := range ids {
			m := smart[id]
			out[i][j] = search.Collection{ID: id, Name: m.Name, Query: m.Query, Frozen: m.Frozen, Never: m.Never}
		}
	}
	return out, nil
}

// Readable returns an error if a smart collection can't have the query, and else the ids of the collections that it
// names.
func (s *Service) Readable(ctx context.Context, library, query string) ([]string, error) {
	if strings.TrimSpace(query) == "" {
		return nil, dam.InvalidInput("query", reasons.SmartCollectionNeedsQuery())
	}
	r, err := s.request(ctx, library, query)
	if err != nil {
		return nil, err
	}
	var smart string
	of := r.Collections
	r.Collections = func(written string) ([]search.Collection, bool, error) {
		list, known, err := of(written)
		for _, c := range list {
			if c.Query != "" && !strings.HasSuffix(written, everything) {
				smart = c.Name
			}
		}
		return list, known, err
	}
	named, assets, err := s.Index.Named(ctx, r)
	switch {
	case err != nil:
		return nil, err
	case smart != "":
		return nil, dam.InvalidInput("query", reasons.QueryNamesSmartCollection(smart))
	case assets:
		return nil, dam.InvalidInput("query", reasons.SmartCollectionWithoutSimilar())
	}
	return named, nil
}

// everything is written behind a collection to mean those below it too.
const everything = "/*"

// Members returns the assets that a smart collection has now, in their order, whoever asks, up to a maximum; more than
// that are an error.
func (s *Service) Members(ctx context.Context, library, id string, most int) ([]string, error) {
	ctx = whole(ctx)
	var out []string
	err := s.Each(ctx, library, dam.Selection{Filter: dam.BulkFilter{Collection: id}}, func(total int, _ int64) error {
		if total > most {
			return &dam.Error{Code: dam.Conflict, Field: "query", Reason: reasons.TooManyKeptMembers(most)}
		}
		return nil
	}, func(ids []string) error {
		out = append(out, ids...)
		return nil
	})
	return out, err
}

func whole(ctx context.Context) context.Context {
	return dam.AsSystem(ctx, "which assets a smart collection has doesn't depend on who asks")
}

// Found returns the numbers of the assets that a query finds now, whoever asks, as a Roaring bitmap.
func (s *Service) Found(ctx context.Context, library, query string) ([]byte, error) {
	ctx = whole(ctx)
	r, err := s.request(ctx, library, query)
	if err != nil {
		return nil, err
	}
	return s.Index.Found(ctx, r)
}

// Count counts, of each set of collections, the assets outside the bin that the actor may see, each once.
func (s *Service) Count(ctx context.Context, library string, sets [][]string, seq int64) ([]dam.Counted, error) {
	list, err := s.described(ctx, library, sets)
	if err != nil {
		return nil, err
	}
	r, err := s.request(ctx, library, "")
	if err != nil {
		return nil, err
	}
	r.WaitSeq = seq
	return s.Index.Count(ctx, r, list)
}

// Ordered gives a request for one collection's assets by position the order that people gave them.
func (s *Service) Ordered(ctx context.Context, r *search.Request) error {
	if strings.TrimPrefix(r.Sort, "-") != "position" || r.Collection == "" {
		return nil
	}
	c, err := s.Catalog.Assets().Collections().Collection(ctx, r.Library, strings.TrimSuffix(r.Collection, everything))
	if err == nil {
		r.Order, err = s.Catalog.Assets().Collections().Order(ctx, c.ID)
	}
	return err
}
