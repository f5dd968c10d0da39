package catalog

import (
	"context"
	"slices"
	"strconv"

	"vitrine/dam"
)

const collectionColumns = `c.id,c.library,c.revision,c.name,c.created_at,c.created_by,c.parent_id,c.position,c.description,
	c.cover,c.query,c.frozen_at,c.deleted_at`

func scanCollection(r row) (x dam.Collection, err error) {
	var created int64
	var frozen, deleted *int64
	err = r.Scan(&x.ID, &x.Library, &x.Revision, &x.Name, &created, &x.CreatedBy, &x.Parent, &x.Position,
		&x.Description,
		&x.Cover, &x.Query, &frozen, &deleted)
	x.CreatedAt, x.FrozenAt, x.DeletedAt = instant(created), instantPtr(frozen), instantPtr(deleted)
	x.Smart, x.Path = x.Query != "", []dam.CollectionRef{}
	return
}

// List returns a library's collections by name.
func (s Collections) List(ctx context.Context, library string) ([]dam.Collection, error) {
	list, err := all(ctx, s.db, scanCollection, `SELECT `+collectionColumns+` FROM collections c
		WHERE c.library=$1 AND c.deleted_at IS NULL ORDER BY lower(c.name), c.id`, library)
	if err != nil {
		return nil, err
	}
	list = slices.DeleteFunc(list, func(x dam.Collection) bool { return hidden(ctx, library, x.ID) })
	err = s.fill(ctx, library, list)
	withhold(ctx, library, list)
	return list, err
}

// ForChange returns a collection of a library that the actor may know of, with what is withheld from those who are
// limited: what they don't see of it is stored again as it was.
func (s CollectionsTx) ForChange(ctx context.Context, library, id string) (dam.Collection, error) {
	return only(id)(s.byID(ctx, library, []string{id}))
}

// Collection returns a collection of a library.
func (s Collections) Collection(ctx context.Context, library, id string) (dam.Collection, error) {
	return only(id)(s.ByID(ctx, library, []string{id}))
}

// only returns the one collection that was asked for by its id.
func only(id string) func([]dam.Collection, error) (dam.Collection, error) {
	return func(list []dam.Collection, err error) (dam.Collection, error) {
		if err == nil && len(list) == 0 {
			err = notFound("collection", id)
		}
		if err != nil {
			return dam.Collection{}, err
		}
		return list[0], nil
	}
}

// ByID returns those of the collections that the library has and the actor may know of, in the order of the ids.
func (s Collections) ByID(ctx context.Context, library string, ids []string) ([]dam.Collection, error) {
	list, err := s.byID(ctx, library, ids)
	withhold(ctx, library, list)
	return list, err
}

// byID is ByID before anything is withheld.
func (s Collections) byID(ctx context.Context, library string, ids []string) ([]dam.Collection, error) {
	out := []dam.Collection{}
	for chunk := range slices.Chunk(ids, 500) {
		in, args := inList(chunk, 2)
		list, err := all(ctx, s.db, scanCollection, `SELECT `+collectionColumns+` FROM collections c
			WHERE c.library=$1 AND c.deleted_at IS NULL AND c.id IN `+in, append([]any{library}, args...)...)
		if err != nil {
			return nil, err
		}
		for _, x := range list {
			if !hidden(ctx, library, x.ID) {
				out = append(out, x)
			}
		}
	}
	at := make(map[string]int, len(ids))
	for i, id := range ids {
		at[id] = i
	}
	slices.SortFunc(out, func(a, b dam.Collection) int { return at[a.ID] - at[b.ID] })
	return out, s.fill(ctx, library, out)
}

// In returns up to limit of the collections directly in a parent ("" is the top), in their order, behind a position and
// id. It is for those who see the whole library.
func (s Collections) In(ctx context.Context, library, parent string, after dam.Collection, limit int) ([]dam.Collection,
	error) {
	list, err := all(ctx, s.db, scanCollection, `SELECT `+collectionColumns+` FROM collections c
		WHERE c.library=$1 AND c.parent_id=$2 AND c.deleted_at IS NULL AND (c.position>$3 OR c.position=$3 AND c.id>$4)
		ORDER BY c.position, c.id LIMIT $5`, library, parent, after.Position, after.ID, limit)
	if err != nil {
		return nil, err
	}
	err = s.fill(ctx, library, list)
	withhold(ctx, library, list)
	return list, err
}

// Smart returns a library's smart collections, whoever asks: what their queries name concerns all.
func (s Collections) Smart(ctx context.Context, library string) ([]dam.Collection, error) {
	return all(ctx, s.db, scanCollection, `SELECT `+collectionColumns+` FROM collections c
		WHERE c.library=$1 AND c.query<>'' AND c.deleted_at IS NULL ORDER BY c.id`, library)
}

// Deleted returns the collections that were deleted and are in the bin, without those that went there with one above
// them, the last first.
func (s Collections) Deleted(ctx context.Context, library string) ([]dam.Collection, error) {
	list, err := all(ctx, s.db, scanCollection, `SELECT `+collectionColumns+` FROM collections c
		WHERE c.library=$1 AND c.deleted_with=c.id ORDER BY c.deleted_at DESC, c.id`, library)
	return slices.DeleteFunc(list, func(x dam.Collection) bool { return hidden(ctx, library, x.ID) }), err
}

// fill adds to collections what other tables hold: how many assets and collections are directly in each, the names of
// those above that the actor may know of, whether it is a favourite of the actor.
func (s Collections) fill(ctx context.Context, library string, list []dam.Collection) error {
	actor := ActorOf(ctx)
	byID := make(map[string]*dam.Collection, len(list))
	ids := make([]string, len(list))
	for i := range list {
		ids[i] = list[i].ID
		byID[ids[i]] = &list[i]
	}
	type count struct {
		id string
		n  int
	}
	scan := func(r row) (c count, err error) {
		err = r.Scan(&c.id, &c.n)
		return
	}
	for chunk := range slices.Chunk(ids, 500) {
		in, args := inList(chunk, 1)
		seen, withActor := s.db.within(ctx, library, "x.asset_id", args)
		counts, err := all(ctx, s.db, scan, `SELECT x.collection_id, count(*) FROM collection_assets x
			JOIN assets a ON a.id=x.asset_id WHERE x.collection_id IN `+in+` AND a.deleted_at IS NULL`+seen+
			` GROUP BY x.collection_id`, withActor...)
		if err != nil {
			return err
		}
		for _, c := range counts {
			byID[c.id].Count = c.n
		}
		children, err := all(ctx, s.db, func(r row) (c dam.CollectionRef, err error) {
			err = r.Scan(&c.ID, &c.Name) // the parent's id
			return
		}, `SELECT c.id, c.parent_id FROM collections c WHERE c.parent_id IN `+in+` AND c.deleted_at IS NULL`, args...)
		if err != nil {
			return err
		}
		for _, c := range children {
			if !hidden(ctx, library, c.ID) {
				byID[c.Name].Children++
			}
		}
		starred, err := all(ctx, s.db, value[string], `SELECT collection_id FROM collection_favourites
			WHERE collection_id IN `+in+` AND principal=$`+strconv.Itoa(len(args)+1), append(args, actor.ID)...)
		if err != nil {
			return err
		}
		for _, id := range starred {
			byID[id].Favourite = true
		}
	}
	return s.paths(ctx, library, list)
}

// withhold takes from collections what an actor who is limited may not know of them.
func withhold(ctx context.Context, library string, list []dam.Collection) {
	if !ActorOf(ctx).Restricted(library) {
		return
	}
	for i := range list {
		list[i].Query = ""
		if hidden(ctx, library, list[i].Parent) {
			list[i].Parent = ""
		}
	}
}

// paths sets what is above each collection, level by level: most of a list share it.
func (s Collections) paths(ctx context.Context, library string, list []dam.Collection) error {
	type node struct{ id, parent, name string }
	above := map[string]node{}
	var ask []string
	want := func(id string) {
		if _, known := above[id]; id != "" && !known {
			above[id] = node{}
			ask = append(ask, id)
		}
	}
	for _, x := range list {
		want(x.Parent)
	}
	for range dam.MaxCollectionDepth {
		level := ask
		ask = nil
		for chunk := range slices.Chunk(level, 500) {
			in, args := inList(chunk, 1)
			found, err := all(ctx, s.db, func(r row) (n node, err error) {
				err = r.Scan(&n.id, &n.parent, &n.name)
				return
			}, `SELECT id, parent_id, name FROM collections WHERE id IN `+in, args...)
			if err != nil {
				return err
			}
			for _, n := range found {
				above[n.id] = n
				want(n.parent)
			}
		}
	}
	for i := range list {
		for id := list[i].Parent; id != "" && len(list[i].Path) < dam.MaxCollectionDepth; id = above[id].parent {
			if !hidden(ctx, library, id) {
				list[i].Path = append(list[i].Path, dam.CollectionRef{ID: id, Name: above[id].name})
			}
		}
		slices.Reverse(list[i].Path)
	}
	return nil
}
