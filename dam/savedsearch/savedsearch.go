package savedsearch

import (
	"context"
	"errors"
	"slices"
	"strings"

	"vitrine/dam"
	"vitrine/dam/canon"
	"vitrine/dam/catalog"
	"vitrine/dam/reasons"
	"vitrine/search"
)

// Input is a saved search as people write it; what is left out of a change stays.
type Input struct {
	Name   *string `json:"name,omitempty" minLength:"1" maxLength:"200"`
	Query  *string `json:"query,omitempty" maxLength:"2000"`
	Sort   *string `json:"sort,omitempty" maxLength:"40"`
	Shared *bool   `json:"shared,omitempty" doc:"For everybody in the library; needs the role editor"`
	Alert  *bool   `json:"alert,omitempty" doc:"Tell of new assets that match"`
}

// Saved returns the searches that the actor sees: own and shared ones. Those of others
// may speak of what somebody limited to collections does not know of.
func (s *Service) Saved(ctx context.Context, library string) ([]dam.SavedSearch, error) {
	p := catalog.ActorOf(ctx)
	list, err := s.Catalog.Searches().SavedSearches(ctx, library, p.ID)
	if p.Restricted(library) {
		list = slices.DeleteFunc(list, func(x dam.SavedSearch) bool { return x.Owner != p.ID })
	}
	return list, err
}

// Save keeps a new search.
func (s *Service) Save(ctx context.Context, library string, in Input) (dam.SavedSearch, error) {
	if in.Name == nil || in.Query == nil {
		return dam.SavedSearch{}, dam.InvalidInput("name", reasons.SavedSearchIncomplete())
	}
	return s.put(ctx, library, "", 0, in)
}

// Change edits a saved search: an own one, or, for editors, a shared one.
func (s *Service) Change(ctx context.Context, library, id string, ifMatch int64, in Input) (dam.SavedSearch, error) {
	return s.put(ctx, library, id, ifMatch, in)
}

// errReadable ends a search that was only to be understood.
var errReadable = errors.New("the query can be read")

func (s *Service) put(ctx context.Context, library, id string, ifMatch int64, in Input) (dam.SavedSearch, error) {
	if in.Query != nil || in.Sort != nil {
		var f dam.BulkFilter
		if in.Query != nil {
			f.Q = *in.Query
		}
		sort := ""
		if in.Sort != nil {
			sort = *in.Sort
		}
		err := s.Each(ctx, library, dam.Selection{Filter: f, Sort: sort}, func(int, int64) error { return errReadable },
			func([]string) error { return nil })
		if !errors.Is(err, errReadable) {
			return dam.SavedSearch{}, err
		}
	}
	return catalog.Do(ctx, s.Catalog, func(tx *catalog.Tx) (dam.SavedSearch, error) {
		x, event := dam.SavedSearch{ID: dam.NewID(dam.SearchPrefix), Library: library}, dam.SearchSaved
		if id != "" {
			event = dam.SearchUpdated
			var err error
			if x, err = lockOwn(ctx, tx, library, id); err != nil {
				return x, err
			}
			if ifMatch != 0 && ifMatch != x.Revision {
				return x, &dam.Error{Code: dam.Stale, Field: "If-Match", Reason: reasons.SearchChangedMeanwhile()}
			}
		}
		if in.Name != nil {
			if x.Name = canon.Name(*in.Name); x.Name == "" || len([]rune(x.Name)) > 200 {
				return x, dam.InvalidInput("name", reasons.SearchNameLength())
			}
		}
		if in.Sort != nil {
			x.Sort = *in.Sort
		}
		if in.Shared != nil && *in.Shared != x.Shared {
			if !tx.Actor().Can(library, dam.MayShareSearches) {
				return x, &dam.Error{Code: dam.Forbidden, Field: "shared", Reason: reasons.SharingNeedsEditor()}
			}
			x.Shared = *in.Shared
		}
		fresh := in.Query != nil && *in.Query != x.Query
		if in.Query != nil {
			x.Query = *in.Query
		}
		if in.Alert != nil && *in.Alert != x.Alert || fresh && x.Alert {
			x.Alert, x.AlertAfter = in.Alert == nil && x.Alert || in.Alert != nil && *in.Alert, nil
			if x.Alert {
				n, err := tx.Searches().NewestNumber(ctx)
				if err != nil {
					return x, err
				}
				x.AlertAfter = &n
			}
		}
		tx.Emit(dam.Event{Type: event, Library: library, Subject: x.ID})
		return x, tx.Searches().PutSavedSearch(ctx, &x)
	})
}

// lockOwn holds a search that the actor may change.
func lockOwn(ctx context.Context, tx *catalog.Tx, library, id string) (dam.SavedSearch, error) {
	x, err := tx.Searches().LockSavedSearch(ctx, library, id)
	p := tx.Actor()
	switch {
	case err != nil || x.Owner == p.ID:
	case !x.Shared, p.Restricted(library):
		err = &dam.Error{Code: dam.NotFound, Reason: reasons.NotFound("saved search", id)}
	case !p.Can(library, dam.MayShareSearches):
		err = &dam.Error{Code: dam.Forbidden, Reason: reasons.SharedSearchNotYours()}
	}
	return x, err
}

// Remove forgets a saved search.
func (s *Service) Remove(ctx context.Context, library, id string) error {
	return s.Catalog.Write(ctx, func(tx *catalog.Tx) error {
		if _, err := lockOwn(ctx, tx, library, id); err != nil {
			return err
		}
		tx.Emit(dam.Event{Type: dam.SearchDeleted, Library: library, Subject: id})
		return tx.Searches().DeleteSavedSearch(ctx, id)
	})
}

// Recent returns the actor's last searches, newest first.
func (s *Service) Recent(ctx context.Context, library string) ([]dam.RecentSearch, error) {
	return s.Catalog.Searches().RecentSearches(ctx, library, catalog.ActorOf(ctx).ID)
}

// Note puts a search on top of the actor's recent ones.
func (s *Service) Note(ctx context.Context, library, query, sort string) error {
	query = strings.TrimSpace(query)
	if query == "" {
		return dam.InvalidInput("query", reasons.NothingToRemember())
	}
	return s.Catalog.Write(ctx, func(tx *catalog.Tx) error {
		return tx.Searches().NoteSearch(ctx, library, query, sort)
	})
}

// Forget empties the actor's recent searches.
func (s *Service) Forget(ctx context.Context, library string) error {
	return s.Catalog.Write(ctx, func(tx *catalog.Tx) error { return tx.Searches().ForgetSearches(ctx, library) })
}

// suggested is how many saved searches are proposed at most.
const suggested = 3

// Suggest proposes saved searches whose names have words that begin as typed.
func (s *Service) Suggest(ctx context.Context, library, typed string) ([]search.Suggestion, error) {
	list, err := s.Saved(ctx, library)
	var out []search.Suggestion
	for _, x := range list {
		if len(out) < suggested && search.Completes(x.Name, typed) {
			out = append(out, search.Suggestion{Field: "search", Value: x.Name, Query: x.Query})
		}
	}
	return out, err
}
