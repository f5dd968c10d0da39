package catalog

import (
	"context"

	"vitrine/dam"
)

const savedColumns = `id,library,revision,name,query,sort,shared,alert_after,owner,created_at,updated_at`

func scanSaved(r row) (s dam.SavedSearch, err error) {
	var created, updated int64
	err = r.Scan(&s.ID, &s.Library, &s.Revision, &s.Name, &s.Query, &s.Sort, &s.Shared, &s.AlertAfter, &s.Owner,
		&created, &updated)
	s.Alert, s.CreatedAt, s.UpdatedAt = s.AlertAfter != nil, instant(created), instant(updated)
	return s, err
}

// SavedSearches returns a library's shared searches and a principal's own, ordered by name.
func (s Searches) SavedSearches(ctx context.Context, library, principal string) ([]dam.SavedSearch, error) {
	return all(ctx, s.db, scanSaved,
		`SELECT `+savedColumns+
			` FROM saved_searches WHERE library=$1 AND (shared OR owner=$2) ORDER BY lower(name), id`, library,
		principal)
}

// LockSavedSearch returns a saved search of a library and locks its row until the commit.
func (in SearchesTx) LockSavedSearch(ctx context.Context, library, id string) (dam.SavedSearch, error) {
	s, err := one(ctx, in.db, scanSaved, `SELECT `+savedColumns+` FROM saved_searches WHERE library=$1 AND id=$2`+
		in.tx.forUpdate(), library, id)
	return oneOr(s, err, "saved search", id)
}

// Alerts returns the saved searches that have an alert, of all libraries.
func (s Searches) Alerts(ctx context.Context) ([]dam.SavedSearch, error) {
	return all(ctx, s.db, scanSaved,
		`SELECT `+savedColumns+` FROM saved_searches WHERE alert_after IS NOT NULL ORDER BY id`)
}

// NewestNumber returns the number of the newest asset of all libraries.
func (s Searches) NewestNumber(ctx context.Context) (int64, error) {
	return one(ctx, s.db, value[int64], `SELECT n FROM counters WHERE name='asset'`)
}

// PutSavedSearch stores a new or changed saved search and increments its revision.
func (in SearchesTx) PutSavedSearch(ctx context.Context, s *dam.SavedSearch) error {
	s.Revision++
	s.UpdatedAt = in.tx.now
	if s.Owner == "" {
		s.CreatedAt, s.Owner = in.tx.now, in.tx.actor.ID
	}
	_, err := in.tx.exec(ctx, `INSERT INTO saved_searches(`+savedColumns+`) VALUES($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11)
		ON CONFLICT(id) DO UPDATE SET revision=excluded.revision, name=excluded.name, query=excluded.query, sort=excluded.sort, shared=excluded.shared, alert_after=excluded.alert_after, updated_at=excluded.updated_at`,
		s.ID, s.Library, s.Revision, s.Name, s.Query, s.Sort, s.Shared, s.AlertAfter, s.Owner, micros(s.CreatedAt),
		micros(s.UpdatedAt))
	return err
}

// DeleteSavedSearch removes a saved search.
func (s SearchesTx) DeleteSavedSearch(ctx context.Context, id string) error {
	_, err := s.tx.exec(ctx, `DELETE FROM saved_searches WHERE id=$1`, id)
	return err
}

// NoteMatch records that an asset matched a saved search; first is false if it matched before, or if the search, its
// alert or the asset no longer exists.
func (s SearchesTx) NoteMatch(ctx context.Context, search, asset string) (first bool, err error) {
	n, err := s.tx.exec(ctx,
		`INSERT INTO saved_search_matches(search_id,asset_id) SELECT s.id, a.id FROM saved_searches s, assets a WHERE s.id=$1 AND a.id=$2 AND s.alert_after IS NOT NULL ON CONFLICT DO NOTHING`, search, asset)
	return n > 0, err
}

// recentKept is how many recent searches are kept per principal and library.
const recentKept = 20

// NoteSearch puts a query at the top of the actor's recent searches.
func (s SearchesTx) NoteSearch(ctx context.Context, library, query, sort string) error {
	if _, err := s.tx.exec(ctx,
		`INSERT INTO recent_searches(library,principal,query,sort,at) VALUES($1,$2,$3,$4,$5) ON CONFLICT(library,principal,query,sort) DO UPDATE SET at=excluded.at`,
		library, s.tx.actor.ID, query, sort, micros(s.tx.now)); err != nil {
		return err
	}
	_, err := s.tx.exec(ctx,
		`DELETE FROM recent_searches WHERE library=$1 AND principal=$2 AND at<(SELECT min(at) FROM (SELECT at FROM recent_searches WHERE library=$1 AND principal=$2 ORDER BY at DESC LIMIT $3) kept)`,
		library, s.tx.actor.ID, recentKept)
	return err
}

// ForgetSearches deletes the actor's recent searches.
func (s SearchesTx) ForgetSearches(ctx context.Context, library string) error {
	_, err := s.tx.exec(ctx, `DELETE FROM recent_searches WHERE library=$1 AND principal=$2`, library, s.tx.actor.ID)
	return err
}

// RecentSearches returns a principal's recent searches, newest first.
func (in Searches) RecentSearches(ctx context.Context, library, principal string) ([]dam.RecentSearch, error) {
	return all(ctx, in.db, func(r row) (s dam.RecentSearch, err error) {
		var at int64
		err = r.Scan(&s.Query, &s.Sort, &at)
		s.At = instant(at)
		return
	}, `SELECT query,sort,at FROM recent_searches WHERE library=$1 AND principal=$2 ORDER BY at DESC LIMIT $3`, library,
		principal, recentKept)
}
