package api

import (
	"context"

	"vitrine/dam"
	"vitrine/dam/savedsearch"
	"vitrine/search"
)

// Searches is the part of searches.Service that has addresses.
type Searches interface {
	Saved(ctx context.Context, library string) ([]dam.SavedSearch, error)
	Save(ctx context.Context, library string, in savedsearch.Input) (dam.SavedSearch, error)
	Change(ctx context.Context, library, id string, ifMatch int64, in savedsearch.Input) (dam.SavedSearch, error)
	Remove(ctx context.Context, library, id string) error
	Recent(ctx context.Context, library string) ([]dam.RecentSearch, error)
	Note(ctx context.Context, library, query, sort string) error
	Forget(ctx context.Context, library string) error
	Synonyms(ctx context.Context, library string) (dam.Synonyms, error)
	SetSynonyms(ctx context.Context, library string, ifMatch int64, lines []string) (dam.Synonyms, error)
	Suggest(ctx context.Context, library, typed string) ([]search.Suggestion, error)
	// Resolver knows what people call things by, such as a channel by its name.
	Resolver(ctx context.Context, library string) func(field, value string) []string
	// Ordered prepares a search that is sorted by position in a collection.
	Ordered(ctx context.Context, r *search.Request) error
	// Collections knows collections by name, and what is in the smart ones.
	Collections(ctx context.Context, library string) func(written string) ([]search.Collection, bool, error)
}

func (s *API) listSearches(ctx context.Context, _ *nothing) (*items[dam.SavedSearch], error) {
	return listOf(s.Searches.Saved(ctx, requestOf(ctx).library))
}

type saveSearchIn struct {
	Body savedsearch.Input
}

func (s *API) saveSearch(ctx context.Context, in *saveSearchIn) (*tagged[dam.SavedSearch], error) {
	x, err := s.Searches.Save(ctx, requestOf(ctx).library, in.Body)
	return &tagged[dam.SavedSearch]{etag(x.Revision), x}, err
}

type changeSearchIn struct {
	Edit
	Body savedsearch.Input
}

func (s *API) changeSearch(ctx context.Context, in *changeSearchIn) (*tagged[dam.SavedSearch], error) {
	rev, err := revision(in.IfMatch)
	if err != nil {
		return nil, err
	}
	x, err := s.Searches.Change(ctx, requestOf(ctx).library, in.ID, rev, in.Body)
	return &tagged[dam.SavedSearch]{etag(x.Revision), x}, err
}

func (s *API) removeSearch(ctx context.Context, in *ByID) (*nothing, error) {
	return done(s.Searches.Remove(ctx, requestOf(ctx).library, in.ID))
}

func (s *API) recentSearches(ctx context.Context, _ *nothing) (*items[dam.RecentSearch], error) {
	return listOf(s.Searches.Recent(ctx, requestOf(ctx).library))
}

type noteSearchIn struct {
	Body struct {
		Query string `json:"query" minLength:"1" maxLength:"2000"`
		Sort  string `json:"sort,omitempty" maxLength:"40"`
	}
}

func (s *API) noteSearch(ctx context.Context, in *noteSearchIn) (*nothing, error) {
	return done(s.Searches.Note(ctx, requestOf(ctx).library, in.Body.Query, in.Body.Sort))
}

func (s *API) forgetSearches(ctx context.Context, _ *nothing) (*nothing, error) {
	return done(s.Searches.Forget(ctx, requestOf(ctx).library))
}
