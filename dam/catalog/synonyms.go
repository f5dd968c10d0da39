package catalog

import (
	"context"
	"errors"
	"strings"

	"vitrine/dam"
)

// Synonyms returns a library's synonyms; an empty list with revision 0 if it never had any.
func (in Searches) Synonyms(ctx context.Context, library string) (dam.Synonyms, error) {
	s, err := one(ctx, in.db, func(r row) (s dam.Synonyms, err error) {
		var text string
		err = r.Scan(&s.Revision, &text)
		if s.Lines = []string{}; text != "" {
			s.Lines = strings.Split(text, "\n")
		}
		return s, err
	}, `SELECT revision, lines FROM synonyms WHERE library=$1`, library)
	if errors.Is(err, errNoRow) {
		return dam.Synonyms{Lines: []string{}}, nil
	}
	return s, err
}

// SynonymRevisions returns the revisions of the libraries that have synonyms.
func (s Searches) SynonymRevisions(ctx context.Context) (map[string]int64, error) {
	type revision struct {
		library string
		n       int64
	}
	list, err := all(ctx, s.db, func(r row) (v revision, err error) {
		err = r.Scan(&v.library, &v.n)
		return
	}, `SELECT library, revision FROM synonyms`)
	out := make(map[string]int64, len(list))
	for _, v := range list {
		out[v.library] = v.n
	}
	return out, err
}

// LockSynonyms returns a library's synonyms and serializes their changes.
func (s SearchesTx) LockSynonyms(ctx context.Context, library string) (dam.Synonyms, error) {
	if err := s.tx.Libraries().LockFields(ctx, library); err != nil { // the library's row: synonyms may have no row yet
		return dam.Synonyms{}, err
	}
	return s.Synonyms(ctx, library)
}

// SetSynonyms stores the lines of s and increments its revision.
func (in SearchesTx) SetSynonyms(ctx context.Context, library string, s *dam.Synonyms) error {
	s.Revision++
	_, err := in.tx.exec(ctx,
		`INSERT INTO synonyms(library,revision,lines) VALUES($1,$2,$3) ON CONFLICT(library) DO UPDATE SET revision=excluded.revision, lines=excluded.lines`,
		library, s.Revision, strings.Join(s.Lines, "\n"))
	return err
}
