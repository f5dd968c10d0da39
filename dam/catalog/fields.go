package catalog

import (
	"context"
	"slices"

	"vitrine/dam"
)

// ShownFields returns the custom metadata fields of a library that the actor of the context sees, in their order.
func (s Libraries) ShownFields(ctx context.Context, library string) ([]dam.CustomField, error) {
	list, err := s.CustomFields(ctx, library)
	hidden := ActorOf(ctx).HiddenFields(library)
	return slices.DeleteFunc(list, func(f dam.CustomField) bool { return slices.Contains(hidden, f.Key) }), err
}

// CustomFields returns all custom metadata fields of a library in their order: for what isn't said to anybody.
func (s Libraries) CustomFields(ctx context.Context, library string) ([]dam.CustomField, error) {
	return all(ctx, s.db, func(r row) (f dam.CustomField, err error) {
		err = r.Scan(asJSON{&f})
		return
	}, `SELECT spec FROM fields WHERE library=$1 ORDER BY position`, library)
}

// Fields returns the custom metadata fields of every library.
func (s Libraries) Fields(ctx context.Context) (map[string][]dam.CustomField, error) {
	type field struct {
		library string
		dam.CustomField
	}
	list, err := all(ctx, s.db, func(r row) (f field, err error) {
		err = r.Scan(&f.library, asJSON{&f.CustomField})
		return
	}, `SELECT library, spec FROM fields ORDER BY library, position`)
	out := map[string][]dam.CustomField{}
	for _, f := range list {
		out[f.library] = append(out[f.library], f.CustomField)
	}
	return out, err
}

// WithField returns up to limit assets of a library that have a value for a custom field, with a number above after,
// ordered by number.
func (s Libraries) WithField(ctx context.Context, library, key string, after uint32, limit int) ([]dam.Asset, error) {
	list, err := all(ctx, s.db, scanAsset, `SELECT `+assetColumns+assetFrom+
		`WHERE a.library=$1 AND a.custom LIKE $2 AND a.number>$3 ORDER BY a.number LIMIT $4`,
		library, `%"`+key+`":%`, int64(after), limit)
	if err != nil {
		return nil, err
	}
	return list, s.db.fillCollections(ctx, list)
}

// LockFields serializes changes of a library's fields. Rows that refer to the library can be inserted meanwhile.
func (s LibrariesTx) LockFields(ctx context.Context, library string) error {
	id, err := one(ctx, s.db, value[string], `SELECT id FROM libraries WHERE id=$1`+s.tx.forNoKeyUpdate(), library)
	_, err = oneOr(id, err, "library", library)
	return err
}

// SetCustomFields replaces a library's custom fields, and the rules that come with what somebody was granted.
func (s LibrariesTx) SetCustomFields(ctx context.Context, library string, list []dam.CustomField) error {
	if _, err := s.tx.exec(ctx, `DELETE FROM fields WHERE library=$1`, library); err != nil {
		return err
	}
	for i, f := range list {
		if _, err := s.tx.exec(ctx, `INSERT INTO fields(library,key,position,spec) VALUES($1,$2,$3,$4)`, library, f.Key,
			i, asJSON{f}); err != nil {
			return err
		}
	}
	_, err := s.tx.exec(ctx, `UPDATE libraries SET field_rules=$2 WHERE id=$1`, library, asJSON{dam.FieldRules(list)})
	return err
}
