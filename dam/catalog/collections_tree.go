package catalog

import (
	"context"
	"slices"
	"time"

	"vitrine/dam"
)

// subtreeSQL finds a collection and everything below it. UNION ends it even if the rows had a cycle.
const subtreeSQL = `WITH RECURSIVE t(id) AS (SELECT id FROM collections WHERE library=$1 AND id=$2 AND deleted_at IS NULL
	UNION SELECT c.id FROM t JOIN collections c ON c.library=$1 AND c.parent_id=t.id AND c.deleted_at IS NULL) `

// Subtree returns the id of a collection and those of everything below it, whoever asks; nothing if the library has no
// such collection.
func (s Collections) Subtree(ctx context.Context, library, id string) ([]string, error) {
	return all(ctx, s.db, value[string], subtreeSQL+`SELECT id FROM t`, library, id)
}

// Above returns a collection's id and those of the collections above it, from the bottom.
func (s Collections) Above(ctx context.Context, id string) ([]string, error) {
	return all(ctx, s.db, value[string], `WITH RECURSIVE t(id,parent,n) AS (SELECT id,parent_id,1 FROM collections WHERE id=$1
		UNION SELECT c.id,c.parent_id,t.n+1 FROM t JOIN collections c ON c.id=t.parent WHERE t.n<=$2)
		SELECT id FROM t ORDER BY n`, id, 2*dam.MaxCollectionDepth)
}

// Height returns how many levels a collection and what is below it have: 1 if nothing is.
func (s Collections) Height(ctx context.Context, library, id string) (int, error) {
	return one(ctx, s.db, value[int], `WITH RECURSIVE t(id,n) AS (SELECT id,1 FROM collections WHERE library=$1 AND id=$2
		UNION SELECT c.id,t.n+1 FROM t JOIN collections c ON c.library=$1 AND c.parent_id=t.id AND c.deleted_at IS NULL
		WHERE t.n<=$3) SELECT COALESCE(max(n),0) FROM t`, library, id, dam.MaxCollectionDepth)
}

// CollectionNode is a collection's place in the tree.
type CollectionNode struct {
	ID, Parent, Name string
	Smart            bool
}

// Nodes returns the tree of a library whole, siblings in their order, whoever asks.
func (s Collections) Nodes(ctx context.Context, library string) ([]CollectionNode, error) {
	return all(ctx, s.db, func(r row) (n CollectionNode, err error) {
		err = r.Scan(&n.ID, &n.Parent, &n.Name, &n.Smart)
		return
	}, `SELECT id, parent_id, name, query<>'' FROM collections WHERE library=$1 AND deleted_at IS NULL
		ORDER BY parent_id, position, id`, library)
}

// TreeVersion returns a number that every change of a library's tree increments.
func (s Collections) TreeVersion(ctx context.Context, library string) (int64, error) {
	return one(ctx, s.db, value[int64], `SELECT COALESCE(max(version),0) FROM collection_trees WHERE library=$1`, library)
}

// LockTree holds a library's tree until the commit: what is then read of it stays true.
func (s CollectionsTx) LockTree(ctx context.Context, library string) error {
	_, err := s.tx.exec(ctx, `INSERT INTO collection_trees(library,version) VALUES($1,1)
		ON CONFLICT(library) DO UPDATE SET version=collection_trees.version+1`, library)
	return err
}

// Siblings returns the names in a parent by id, whoever asks.
func (s CollectionsTx) Siblings(ctx context.Context, library, parent string) ([]dam.CollectionRef, error) {
	return all(ctx, s.db, func(r row) (c dam.CollectionRef, err error) {
		err = r.Scan(&c.ID, &c.Name)
		return
	}, `SELECT id, name FROM collections WHERE library=$1 AND parent_id=$2 AND deleted_at IS NULL`, library, parent)
}

// gap is the distance of neighbours in an order that is set by hand, when nothing was moved between them.
const gap = 65536

// PlaceCollection returns a position in a parent: before a sibling, or behind all if before is "". The tree is locked.
func (s CollectionsTx) PlaceCollection(ctx context.Context, library, parent, before string) (int64, error) {
	if before == "" {
		return one(ctx, s.db, value[int64], `SELECT COALESCE(max(position),0)+$3 FROM collections
			WHERE library=$1 AND parent_id=$2 AND deleted_at IS NULL`, library, parent, gap)
	}
	for range 2 {
		low, high, err := s.around(ctx, `SELECT position FROM collections WHERE library=$1 AND parent_id=$2 AND id=$3
			AND deleted_at IS NULL`, `SELECT COALESCE(max(position),0) FROM collections WHERE library=$1 AND parent_id=$2
			AND position<$3 AND deleted_at IS NULL`, library, parent, before)
		if err != nil {
			return 0, err
		}
		if high-low > 1 {
			return low + (high-low)/2, nil
		}
		if _, err := s.tx.exec(ctx, `UPDATE collections SET position=q.n*$3 FROM (SELECT id AS o,
			row_number() OVER (ORDER BY position, id) AS n FROM collections WHERE library=$1 AND parent_id=$2) q
			WHERE q.o=collections.id`, library, parent, gap); err != nil {
			return 0, err
		}
	}
	return 0, notFound("collection", before)
}

// around returns the position of a row and that of the one before it.
func (s CollectionsTx) around(ctx context.Context, at, ahead, a, b, c string) (low, high int64, err error) {
	if high, err = one(ctx, s.db, value[int64], at, a, b, c); err != nil {
		_, err = oneOr(high, err, "collection", c)
		return 0, 0, err
	}
	low, err = one(ctx, s.db, value[int64], ahead, a, b, high)
	return low, high, err
}

// PutCollection stores a new or changed collection and increments its revision.
func (s CollectionsTx) PutCollection(ctx context.Context, x *dam.Collection) error {
	x.Revision++
	if x.CreatedBy == "" {
		x.CreatedAt, x.CreatedBy = s.tx.now, s.tx.actor.ID
	}
	x.Smart = x.Query != ""
	if !x.Smart {
		x.FrozenAt = nil
	}
	if _, err := s.tx.exec(ctx, `INSERT INTO collections(id,library,revision,name,created_at,created_by,parent_id,position,
		description,cover,query,frozen_at) VALUES($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12)
		ON CONFLICT(id) DO UPDATE SET name=excluded.name, revision=excluded.revision, parent_id=excluded.parent_id,
		position=excluded.position, description=excluded.description, cover=excluded.cover, query=excluded.query,
		frozen_at=excluded.frozen_at`, x.ID, x.Library, x.Revision, x.Name, micros(x.CreatedAt), x.CreatedBy, x.Parent,
		x.Position, x.Description, x.Cover, x.Query, microsPtr(x.FrozenAt)); err != nil {
		return err
	}
	if x.FrozenAt != nil {
		return nil
	}
	_, err := s.tx.exec(ctx, `UPDATE collections SET frozen=NULL WHERE id=$1 AND frozen IS NOT NULL`, x.ID)
	return err
}

// Freeze keeps what a smart collection's query finds: a Roaring bitmap of the assets' numbers.
func (s CollectionsTx) Freeze(ctx context.Context, id string, numbers []byte) error {
	_, err := s.tx.exec(ctx, `UPDATE collections SET frozen=$2 WHERE id=$1`, id, numbers)
	return err
}

// Deletion says what Delete would touch.
func (s Collections) Deletion(ctx context.Context, library, id string) (dam.CollectionDeletion, error) {
	d, err := one(ctx, s.db, func(r row) (d dam.CollectionDeletion, err error) {
		err = r.Scan(&d.Collections, &d.Assets, &d.Favourites)
		return
	}, subtreeSQL+`SELECT (SELECT count(*) FROM t),
		(SELECT count(DISTINCT x.asset_id) FROM collection_assets x JOIN t ON t.id=x.collection_id),
		(SELECT count(*) FROM collection_favourites f JOIN t ON t.id=f.collection_id)`, library, id)
	if err != nil {
		return d, err
	}
	ids, err := s.Subtree(ctx, library, id)
	if err != nil {
		return d, err
	}
	limits, err := all(ctx, s.db, func(r row) (list []string, err error) {
		err = r.Scan(asJSON{&list})
		return
	}, `SELECT collections FROM grants WHERE library=$1 AND collections<>'[]'`, library)
	for _, list := range limits {
		if slices.ContainsFunc(list, func(c string) bool { return slices.Contains(ids, c) }) {
			d.People++
		}
	}
	return d, err
}

// CollectionMember is an asset in a collection.
type CollectionMember struct{ Collection, Asset string }

func scanMember(r row) (m CollectionMember, err error) {
	err = r.Scan(&m.Collection, &m.Asset)
	return
}

// Delete moves a collection and everything below it to the bin, never their assets. It returns what was in them.
func (s CollectionsTx) Delete(ctx context.Context, library, id string) ([]CollectionMember, error) {
	members, err := all(ctx, s.db, scanMember,
		subtreeSQL+`SELECT x.collection_id, x.asset_id FROM collection_assets x JOIN t ON t.id=x.collection_id
		ORDER BY x.collection_id, x.asset_id`, library, id)
	if err != nil {
		return nil, err
	}
	for _, q := range []string{
		`INSERT INTO collection_bin(collection_id,asset_id,added_at,position)
			SELECT x.collection_id, x.asset_id, x.added_at, x.position FROM collection_assets x JOIN t ON t.id=x.collection_id`,
		`DELETE FROM collection_assets WHERE collection_id IN (SELECT id FROM t)`,
	} {
		if _, err = s.tx.exec(ctx, subtreeSQL+q, library, id); err != nil {
			return nil, err
		}
	}
	_, err = s.tx.exec(ctx, subtreeSQL+`UPDATE collections SET deleted_at=$3, deleted_with=$2, revision=revision+1
		WHERE id IN (SELECT id FROM t)`, library, id, micros(s.tx.now))
	return members, err
}

// Undelete takes a collection out of the bin, with what went there together with it, and returns it and what is in them
// again. It stands where it stood, which may be below a collection that is no longer there: see PutCollection.
func (s CollectionsTx) Undelete(ctx context.Context, library, id string) (x dam.Collection, back []CollectionMember,
	err error) {
	x, err = one(ctx, s.db, scanCollection, `SELECT `+collectionColumns+` FROM collections c
		WHERE c.library=$1 AND c.id=$2 AND c.deleted_with=c.id`, library, id)
	if err == nil && hidden(ctx, library, id) {
		err = errNoRow
	}
	if err != nil {
		x, err = oneOr(dam.Collection{}, err, "collection", id)
		return x, nil, err
	}
	if back, err = all(ctx, s.db, scanMember, `INSERT INTO collection_assets(collection_id,asset_id,added_at,position)
		SELECT b.collection_id, b.asset_id, b.added_at, b.position FROM collection_bin b JOIN collections c ON
		c.id=b.collection_id WHERE c.deleted_with=$1 ON CONFLICT DO NOTHING RETURNING collection_id, asset_id`,
		id); err != nil {
		return x, nil, err
	}
	for _, q := range []string{
		`DELETE FROM collection_bin WHERE collection_id IN (SELECT id FROM collections WHERE deleted_with=$1)`,
		`UPDATE collections SET deleted_at=NULL, deleted_with='', revision=revision+1 WHERE deleted_with=$1`,
	} {
		if _, err = s.tx.exec(ctx, q, id); err != nil {
			return x, nil, err
		}
	}
	x.DeletedAt = nil
	x.Revision++
	return x, back, nil
}

// PurgeDeleted deletes for good what has been in the bin since before an instant, and returns how many.
func (s CollectionsTx) PurgeDeleted(ctx context.Context, before time.Time) (int64, error) {
	return s.tx.exec(ctx, `DELETE FROM collections WHERE deleted_at<$1`, micros(before))
}
