package catalog

import (
	"context"
	"slices"

	"vitrine/dam"
)

const collectionSelect = `SELECT c.id,c.library,c.revision,c.name,c.created_at,c.created_by,
	(SELECT count(*) FROM collection_assets x JOIN assets a ON a.id=x.asset_id WHERE x.collection_id=c.id AND a.deleted_at IS NULL) FROM collections c `

func scanCollection(r row) (x dam.Collection, err error) {
	var created int64
	err = r.Scan(&x.ID, &x.Library, &x.Revision, &x.Name, &created, &x.CreatedBy, &x.Count)
	x.CreatedAt = instant(created)
	return
}

// Collections returns a library's collections by name.
func (s Assets) Collections(ctx context.Context, library string) ([]dam.Collection, error) {
	list, err := all(ctx, s.db, scanCollection, collectionSelect+`WHERE c.library=$1 ORDER BY lower(c.name), c.id`,
		library)
	return slices.DeleteFunc(list, func(x dam.Collection) bool { return hidden(ctx, library, x.ID) }), err
}

// Collection returns a collection of a library.
func (s Assets) Collection(ctx context.Context, library, id string) (dam.Collection, error) {
	x, err := one(ctx, s.db, scanCollection, collectionSelect+`WHERE c.library=$1 AND c.id=$2`, library, id)
	if err == nil && hidden(ctx, library, id) {
		x, err = dam.Collection{}, errNoRow
	}
	return oneOr(x, err, "collection", id)
}

// PutCollection stores a new or renamed collection and increments its revision.
func (s AssetsTx) PutCollection(ctx context.Context, x *dam.Collection) error {
	x.Revision++
	if x.CreatedBy == "" {
		x.CreatedAt, x.CreatedBy = s.tx.now, s.tx.actor.ID
	}
	_, err := s.tx.exec(ctx,
		`INSERT INTO collections(id,library,revision,name,created_at,created_by) VALUES($1,$2,$3,$4,$5,$6)
		ON CONFLICT(id) DO UPDATE SET name=excluded.name, revision=excluded.revision`, x.ID, x.Library, x.Revision,
		x.Name, micros(x.CreatedAt), x.CreatedBy)
	return err
}

// DeleteCollection removes a collection, never its assets, and returns the ids that were in it.
func (s AssetsTx) DeleteCollection(ctx context.Context, id string) ([]string, error) {
	members, err := all(ctx, s.db, value[string], `SELECT asset_id FROM collection_assets WHERE collection_id=$1`, id)
	if err != nil {
		return nil, err
	}
	_, err = s.tx.exec(ctx, `DELETE FROM collections WHERE id=$1`, id)
	return members, err
}

// CollectAssets adds assets to a collection or removes them; it returns the assets whose membership changed.
func (s AssetsTx) CollectAssets(ctx context.Context, collection string, assets []string, in bool) ([]string, error) {
	var changed []string
	for _, id := range assets {
		q, args := `DELETE FROM collection_assets WHERE collection_id=$1 AND asset_id=$2`, []any{collection, id}
		if in {
			q, args =
				`INSERT INTO collection_assets(collection_id,asset_id,added_at) VALUES($1,$2,$3) ON CONFLICT DO NOTHING`, append(args, micros(s.tx.now))
		}
		n, err := s.tx.exec(ctx, q, args...)
		if err != nil {
			return nil, err
		}
		if n > 0 {
			changed = append(changed, id)
		}
	}
	return changed, nil
}
