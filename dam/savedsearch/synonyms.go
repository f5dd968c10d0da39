package savedsearch

import (
	"context"
	"strings"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/reasons"
	"vitrine/search"
)

// Synonyms returns a library's synonyms.
func (s *Service) Synonyms(ctx context.Context, library string) (dam.Synonyms, error) {
	return s.Catalog.Searches().Synonyms(ctx, library)
}

// SetSynonyms replaces a library's synonyms. Searches follow the event, without a
// reindex. Errors: those of search.CheckSynonyms; dam.Stale when ifMatch is not 0 and
// not the revision, dam.Unwritten being that of a library that has none yet.
func (s *Service) SetSynonyms(ctx context.Context, library string, ifMatch int64, lines []string) (dam.Synonyms,
	error) {
	if err := search.CheckSynonyms(lines); err != nil {
		return dam.Synonyms{}, err
	}
	kept := make([]string, len(lines))
	for i, l := range lines {
		kept[i] = strings.TrimSpace(l)
	}
	return catalog.Do(ctx, s.Catalog, func(tx *catalog.Tx) (dam.Synonyms, error) {
		x, err := tx.Searches().LockSynonyms(ctx, library)
		if err != nil {
			return x, err
		}
		if ifMatch != 0 && max(ifMatch, 0) != x.Revision {
			return x, &dam.Error{Code: dam.Stale, Field: "If-Match", Reason: reasons.SynonymsChangedMeanwhile()}
		}
		x.Lines = kept
		tx.Emit(dam.Event{Type: dam.SynonymsUpdated, Library: library, Subject: library})
		return x, tx.Searches().SetSynonyms(ctx, library, &x)
	})
}
