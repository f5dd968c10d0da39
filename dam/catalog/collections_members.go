package catalog

import (
	"context"
	"fmt"

	"vitrine/dam"
)

// Collect adds assets to a collection, behind those that are there, or removes them; it returns the assets whose
// membership changed.
func (s CollectionsTx) Collect(ctx context.Context, collection string, assets []string, in bool) ([]string, error) {
	var changed []string
	last := int64(0)
	if in {
		var err error
		if last, err = one(ctx, s.db, value[int64], `SELECT COALESCE(max(position),0) FROM collection_assets
			WHERE collection_id=$1`, collection); err != nil {
			return nil, err
		}
	}
	for _, id := range assets {
		q, args := `DELETE FROM collection_assets WHERE collection_id=$1 AND asset_id=$2`, []any{collection, id}
		if in {
			q = `INSERT INTO collection_assets(collection_id,asset_id,added_at,position) VALUES($1,$2,$3,$4)
				ON CONFLICT DO NOTHING`
			args = append(args, micros(s.tx.now), last+gap)
		}
		n, err := s.tx.exec(ctx, q, args...)
		if err != nil {
			return nil, err
		}
		if n > 0 {
			last += gap
			changed = append(changed, id)
		}
	}
	return changed, nil
}

// Exclude makes a smart collection never have assets, or lets its query decide again; it returns those that changed.
func (s CollectionsTx) Exclude(ctx context.Context, collection string, assets []string, never bool) ([]string, error) {
	var changed []string
	for _, id := range assets {
		q, args := `DELETE FROM collection_exclusions WHERE collection_id=$1 AND asset_id=$2`, []any{collection, id}
		if never {
			q =
				`INSERT INTO collection_exclusions(collection_id,asset_id,added_at) VALUES($1,$2,$3) ON CONFLICT DO NOTHING`
			args = append(args, micros(s.tx.now))
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

// ClearExclusions makes a collection exclude nothing.
func (s CollectionsTx) ClearExclusions(ctx context.Context, collection string) error {
	_, err := s.tx.exec(ctx, `DELETE FROM collection_exclusions WHERE collection_id=$1`, collection)
	return err
}

// Excluded returns how many assets a smart collection never has.
func (s Collections) Excluded(ctx context.Context, collection string) (int, error) {
	return one(ctx, s.db, value[int], `SELECT count(*) FROM collection_exclusions WHERE collection_id=$1`, collection)
}

// Exceptions returns the assets that a smart collection has, or doesn't have, whatever its query finds; only those that
// the actor may see.
func (s Collections) Exceptions(ctx context.Context, library, id string) (x dam.CollectionExceptions, err error) {
	for table, list := range map[string]*[]string{"collection_assets": &x.Always, "collection_exclusions": &x.Never} {
		seen, args := s.db.within(ctx, library, "x.asset_id", []any{id})
		if *list, err = all(ctx, s.db, value[string], `SELECT x.asset_id FROM `+table+` x WHERE x.collection_id=$1`+
			seen+
			` ORDER BY x.added_at, x.asset_id`, args...); err != nil {
			return x, err
		}
	}
	return x, nil
}

// maxListed is how many ids a statement names; of more it reads them all.
const maxListed = 500

// SmartMembers is what says which assets a smart collection has.
type SmartMembers struct {
	Name, Query string
	// Frozen is a Roaring bitmap of the numbers of the assets that the query found when it was frozen; nil if it is
	// not.
	Frozen []byte
	// Never are the numbers of the assets that it doesn't have whatever the query finds.
	Never []uint32
}

// SmartMembers returns what says which assets the smart ones of a library's collections have, by id, whoever asks.
func (s Collections) SmartMembers(ctx context.Context, library string, ids []string) (map[string]SmartMembers, error) {
	only, args := "", []any{library}
	if len(ids) <= maxListed {
		in, list := inList(ids, 2)
		only, args = " AND c.id IN "+in, append(args, list...)
	}
	type found struct {
		id string
		SmartMembers
	}
	list, err := all(ctx, s.db, func(r row) (f found, err error) {
		err = r.Scan(&f.id, &f.Name, &f.Query, &f.Frozen)
		return
	}, `SELECT c.id, c.name, c.query, c.frozen FROM collections c
		WHERE c.library=$1 AND c.query<>'' AND c.deleted_at IS NULL`+only, args...)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	out := make(map[string]SmartMembers, len(list))
	for _, f := range list {
		out[f.id] = f.SmartMembers
	}
	type never struct {
		id     string
		number int64
	}
	excluded, err := all(ctx, s.db, func(r row) (n never, err error) {
		err = r.Scan(&n.id, &n.number)
		return
	}, `SELECT x.collection_id, a.number FROM collection_exclusions x JOIN collections c ON c.id=x.collection_id
		JOIN assets a ON a.id=x.asset_id WHERE c.library=$1 AND c.query<>'' AND c.deleted_at IS NULL`+only, args...)
	for _, n := range excluded {
		m := out[n.id]
		m.Never = append(m.Never, uint32(n.number))
		out[n.id] = m
	}
	return out, err
}

// Order returns the numbers of the assets that were put into a collection by hand, in their order, whoever asks.
func (s Collections) Order(ctx context.Context, collection string) ([]uint32, error) {
	list, err := all(ctx, s.db, value[int64], `SELECT a.number FROM collection_assets x JOIN assets a ON a.id=x.asset_id
		WHERE x.collection_id=$1 ORDER BY x.position, x.asset_id`, collection)
	out := make([]uint32, len(list))
	for i, n := range list {
		out[i] = uint32(n)
	}
	return out, err
}

// Arrange moves assets of a collection, in the given order, to the place before another one, or behind all if before is
// "". It returns how many of them are in the collection. The collection's row is locked.
func (s CollectionsTx) Arrange(ctx context.Context, collection string, assets []string, before string) (int, error) {
	low, high, err := s.room(ctx, collection, assets, before)
	if err != nil {
		return 0, err
	}
	if high-low <= int64(len(assets)) {
		if _, err := s.tx.exec(ctx, `UPDATE collection_assets SET position=q.n*$2 FROM (SELECT asset_id AS k,
			row_number() OVER (ORDER BY position, asset_id) AS n FROM collection_assets WHERE collection_id=$1) q
			WHERE collection_assets.collection_id=$1 AND q.k=collection_assets.asset_id`, collection, gap); err != nil {
			return 0, err
		}
		if low, high, err = s.room(ctx, collection, assets, before); err != nil {
			return 0, err
		}
	}
	step := (high - low) / int64(len(assets)+1)
	moved := 0
	for i, id := range assets {
		n, err := s.tx.exec(ctx, `UPDATE collection_assets SET position=$3 WHERE collection_id=$1 AND asset_id=$2`,
			collection, id, low+step*int64(i+1))
		if err != nil {
			return 0, err
		}
		moved += int(n)
	}
	return moved, nil
}

// room returns the positions between which assets are to stand, which may be their own.
func (s CollectionsTx) room(ctx context.Context, collection string, assets []string, before string) (low, high int64,
	err error) {
	in, args := inList(assets, 3)
	if before == "" {
		low, err = one(ctx, s.db, value[int64], `SELECT COALESCE(max(position),0) FROM collection_assets
			WHERE collection_id=$1 AND asset_id<>$2 AND asset_id NOT IN `+in, append([]any{collection, ""}, args...)...)
		return low, low + gap*int64(len(assets)+1), err
	}
	if high, err = one(ctx, s.db, value[int64], `SELECT position FROM collection_assets WHERE collection_id=$1
		AND asset_id=$2`, collection, before); err != nil {
		_, err = oneOr(high, err, "asset", before)
		return 0, 0, err
	}
	low, err = one(ctx, s.db, value[int64], fmt.Sprintf(`SELECT COALESCE(max(position),0) FROM collection_assets
		WHERE collection_id=$1 AND position<$2 AND asset_id NOT IN %s`, in), append([]any{collection, high},
		args...)...)
	return low, high, err
}

// Star makes a collection a favourite of the actor, or no longer; it reports whether that changed anything.
func (s CollectionsTx) Star(ctx context.Context, id string, on bool) (bool, error) {
	q, args := `DELETE FROM collection_favourites WHERE principal=$1 AND collection_id=$2`, []any{s.tx.actor.ID, id}
	if on {
		q =
			`INSERT INTO collection_favourites(principal,collection_id,added_at) VALUES($1,$2,$3) ON CONFLICT DO NOTHING`
		args = append(args, micros(s.tx.now))
	}
	n, err := s.tx.exec(ctx, q, args...)
	return n > 0, err
}

// Favourites returns the ids of the actor's favourites, the first made first.
func (s Collections) Favourites(ctx context.Context) ([]string, error) {
	return all(ctx, s.db, value[string], `SELECT collection_id FROM collection_favourites WHERE principal=$1
		ORDER BY added_at, collection_id`, ActorOf(ctx).ID)
}
