// Package savedsearch is what people keep of searches beside the index, in the
// catalogue: saved searches with their alerts, recent ones, synonyms. It also asks
// the index on behalf of work on everything that a search finds.
package savedsearch

import (
	"context"
	"strings"
	"time"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/events"
	"vitrine/dam/reasons"
	"vitrine/search"
)

// Index answers searches about whole results.
type Index interface {
	Each(ctx context.Context, r search.Request, begin func(total int, seq int64) error,
		block func(ids []string) error) error
	Found(ctx context.Context, r search.Request) ([]byte, error)
	Named(ctx context.Context, r search.Request) (collections []string, assets bool, err error)
	Count(ctx context.Context, r search.Request, sets [][]search.Collection) ([]dam.Counted, error)
}

// Tree finds the collections that somebody means by what they wrote; see collections.Tree.
type Tree interface {
	Named(ctx context.Context, library, written string) (ids []string, known bool, err error)
}

// Catalog is what this package reads and changes of the catalogue.
type Catalog interface {
	events.Log
	Assets() catalog.Assets
	Channels() catalog.Channels
	Libraries() catalog.Libraries
	People() catalog.People
	Products() catalog.Products
	Searches() catalog.Searches
}

// Service keeps searches and asks them.
type Service struct {
	Catalog Catalog
	Index   Index
	Tree    Tree
}

// indexPatience bounds the wait for the index to reach a log position.
const indexPatience = 30 * time.Second

// Each hands over everything a selection holds, exactly, in blocks of ids, from one
// state of the index; see search.Index.Each. Assets named by id are handed over in that
// order, as far as the library has them and the actor may see them.
func (s *Service) Each(ctx context.Context, library string, of dam.Selection, begin func(total int, seq int64) error,
	block func(ids []string) error) error {
	f, seq := of.Filter, of.Seq
	if len(f.Assets) > 0 {
		if f.Q != "" || len(f.Status)+len(f.Type) > 0 || f.Collection != "" || f.Bin {
			return dam.InvalidInput("filter.assets", reasons.IdsAndQuery())
		}
		ids, err := s.known(ctx, library, f.Assets)
		if err == nil {
			err = begin(len(ids), seq)
		}
		if err == nil && len(ids) > 0 {
			err = block(ids)
		}
		return err
	}
	r, err := s.request(ctx, library, f.Q)
	if err != nil {
		return err
	}
	r.Status, r.Kind, r.Collection, r.Bin, r.Sort = f.Status, f.Type, f.Collection, f.Bin, of.Sort
	if r.Sort == "relevance" {
		r.Sort = "" // which is relevance when there are words
	}
	if err := s.Ordered(ctx, &r); err != nil {
		return err
	}
	return s.accessScope(ctx, r, seq, begin, block)
}

// known returns those of the ids that stand for an asset of the library that the actor sees.
func (s *Service) known(ctx context.Context, library string, ids []string) ([]string, error) {
	list, err := s.Catalog.Assets().List(ctx, ids)
	var out []string
	for _, a := range catalog.Visible(ctx, list) {
		if a.Library == library {
			out = append(out, a.ID)
		}
	}
	return out, err
}

// matching returns which assets, of those with the given numbers and outside the bin, a query finds.
func (s *Service) matching(ctx context.Context, library, q string, numbers []uint32, seq int64) ([]string, error) {
	r, err := s.request(ctx, library, q)
	if err != nil {
		return nil, err
	}
	r.Numbers = numbers
	var out []string
	err = s.accessScope(ctx, r, seq, func(int, int64) error { return nil }, func(ids []string) error {
		out = append(out, ids...)
		return nil
	})
	return out, err
}

// accessScope waits for the seq in a call of its own, so that the time a reader takes is not bounded.
func (s *Service) accessScope(ctx context.Context, r search.Request, seq int64, begin func(int, int64) error,
	block func([]string) error) error {
	if seq > 0 {
		none := search.Request{Library: r.Library, Numbers: []uint32{}, WaitSeq: seq}
		waiting, cancel := context.WithTimeout(ctx, indexPatience)
		defer cancel()
		if err := s.Index.Each(waiting, none, func(int, int64) error {
			return nil
		}, func([]string) error { return nil }); err != nil {
			return err
		}
	}
	r.WaitSeq = 0
	return s.Index.Each(ctx, r, begin, block)
}

// request is a query as the library means it: days are its zone's, names are its own.
func (s *Service) request(ctx context.Context, library, q string) (search.Request, error) {
	lib, err := s.Catalog.Libraries().Library(ctx, library)
	if err != nil {
		return search.Request{}, err
	}
	r := search.Request{Library: library, Q: q, Resolve: s.Resolver(ctx, library),
		Collections: s.Collections(ctx, library)}
	if zone, err := time.LoadLocation(lib.Zone); err == nil {
		r.Zone = zone
	}
	return r, nil
}

// Resolver finds the ids that a query means by a written name.
func (s *Service) Resolver(ctx context.Context, library string) func(field, value string) []string {
	return func(field, value string) []string {
		var ids []string
		if vocabulary, ok := strings.CutPrefix(field, search.TermsOf); ok {
			ids, err := s.Catalog.Libraries().Vocabularies().Resolve(ctx, library, vocabulary, value)
			if err != nil {
				return nil
			}
			return ids
		}
		switch field {
		case "brand", "category", "family":
			return s.ofProducts(ctx, library, field, value)
		case "channel":
			list, err := s.Catalog.Channels().List(ctx, library)
			if err != nil {
				return nil // the query then finds nothing by that name
			}
			for _, c := range list {
				if search.Fold(c.Name) == search.Fold(value) {
					ids = append(ids, c.ID)
				}
			}
		case "uploader":
			list, err := s.Catalog.People().Users(ctx, library)
			if err != nil {
				return nil
			}
			for _, u := range list {
				if strings.Contains(search.Fold(u.Name), search.Fold(value)) || strings.EqualFold(u.Email, value) {
					ids = append(ids, u.ID)
				}
			}
		}
		return ids
	}
}

// ofProducts finds what products of a library have in the place of a written brand, category or family, with every term
// below it; a * behind a brand or category stands for what begins so. Nothing means the text itself.
func (s *Service) ofProducts(ctx context.Context, library, field, value string) (ids []string) {
	if field == "family" {
		list, err := s.Catalog.Products().AllFamilies(ctx, library)
		if err != nil {
			return nil
		}
		for _, f := range list {
			named := f.Key == search.Fold(value)
			for _, label := range f.Labels {
				named = named || search.Fold(label) == search.Fold(value)
			}
			if named {
				ids = append(ids, f.Key)
			}
		}
		return ids
	}
	lib, err := s.Catalog.Libraries().Library(ctx, library)
	if err != nil {
		return nil
	}
	vocabulary := lib.ProductTerms.Category
	if field == "brand" {
		vocabulary = lib.ProductTerms.Brand
	}
	if vocabulary == "" {
		return nil
	}
	if ids, err = s.Catalog.Libraries().Vocabularies().Resolve(ctx, library, vocabulary, value); err != nil {
		return nil
	}
	return ids
}
