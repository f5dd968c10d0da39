package collections

import (
	"context"
	"slices"
	"strconv"

	"vitrine/dam"
	"vitrine/dam/canon"
	"vitrine/dam/catalog"
	"vitrine/dam/reasons"
)

// Move puts a collection, with everything below it, into another one ("" is the top), before a sibling or behind all.
func (s *Service) Move(ctx context.Context, library, id string, ifMatch int64, parent, before string) (dam.Collection,
	error) {
	return catalog.Do(ctx, s.Catalog, func(tx *catalog.Tx) (dam.Collection, error) {
		c, err := locked(ctx, tx, library, id, ifMatch)
		if err != nil {
			return c, err
		}
		if before == id {
			return c, dam.InvalidInput("before", reasons.CollectionBesideItself())
		}
		if actor := tx.Actor(); parent == "" && !actor.CanEverywhere(library, dam.MayManageCollections) {
			return c, &dam.Error{Code: dam.Forbidden, Field: "parent", Reason: reasons.WholeLibraryNeeded()}
		}
		was := c
		c.Parent = parent
		if err := s.place(ctx, tx, &c, before); err != nil {
			return c, err
		}
		if err := s.nameFree(ctx, tx, &c); err != nil {
			return c, err
		}
		emit(tx, &c, changedFields(&was, &c)...)
		if err := tx.Assets().Collections().PutCollection(ctx, &c); err != nil {
			return c, err
		}
		return s.answer(ctx, tx, c)
	})
}

// place finds a collection's position in its parent, and returns an error if it can't be there. The tree is locked.
func (s *Service) place(ctx context.Context, tx *catalog.Tx, c *dam.Collection, before string) error {
	level := 1
	if c.Parent != "" {
		parent, err := tx.Assets().Collections().Collection(ctx, c.Library, c.Parent)
		if dam.CodeOf(err) == dam.NotFound {
			return dam.InvalidInput("parent", reasons.NoParentCollection(c.Parent))
		}
		if err != nil {
			return err
		}
		if err := tx.Actor().NeedOnCollection(c.Library, parent.ID, dam.MayManageCollections); err != nil {
			return err
		}
		above, err := tx.Assets().Collections().Above(ctx, parent.ID)
		if err != nil {
			return err
		}
		if slices.Contains(above, c.ID) {
			return dam.InvalidInput("parent", reasons.CollectionInItself())
		}
		level = len(above) + 1
	}
	height, err := tx.Assets().Collections().Height(ctx, c.Library, c.ID) // 0 of one that is new
	if err != nil {
		return err
	}
	if level-1+max(height, 1) > dam.MaxCollectionDepth {
		return dam.InvalidInput("parent", reasons.CollectionsTooDeep(dam.MaxCollectionDepth))
	}
	if c.Position, err = tx.Assets().Collections().PlaceCollection(ctx, c.Library, c.Parent,
		before); dam.CodeOf(err) == dam.NotFound {
		return dam.InvalidInput("before", reasons.NoSiblingCollection(before))
	}
	return err
}

// Deletion says what Delete would touch.
func (s *Service) Deletion(ctx context.Context, library, id string) (dam.CollectionDeletion, error) {
	if _, err := s.Catalog.Assets().Collections().Collection(ctx, library, id); err != nil {
		return dam.CollectionDeletion{}, err
	}
	return s.Catalog.Assets().Collections().Deletion(ctx, library, id)
}

// Delete moves a collection to the bin; its assets stay. One with others below it needs below, and they go with it.
func (s *Service) Delete(ctx context.Context, library, id string, ifMatch int64, below bool) error {
	return s.Catalog.Write(ctx, func(tx *catalog.Tx) error {
		if _, err := locked(ctx, tx, library, id, ifMatch); err != nil {
			return err
		}
		all, err := tx.Assets().Collections().Subtree(ctx, library, id)
		if err != nil {
			return err
		}
		if len(all) > 1 && !below {
			return &dam.Error{Code: dam.Conflict, Field: "below", Reason: reasons.CollectionHasBelow(len(all) - 1)}
		}
		seen, err := tx.Assets().Collections().ByID(ctx, library, all)
		if err != nil {
			return err
		}
		if len(seen) < len(all) {
			return &dam.Error{Code: dam.Forbidden, Reason: reasons.WholeLibraryNeeded()}
		}
		members, err := tx.Assets().Collections().Delete(ctx, library, id)
		if err != nil {
			return err
		}
		tx.Emit(dam.Event{Type: dam.CollectionDeleted, Library: library, Subject: id})
		return movedAll(ctx, tx, members, false)
	})
}

// Undelete takes a collection out of the bin with what went there together with it. Where its parent is gone, or has no
// room for it, it comes back at the top, and where its name is taken, with a number.
func (s *Service) Undelete(ctx context.Context, library, id string) (dam.Collection, error) {
	return catalog.Do(ctx, s.Catalog, func(tx *catalog.Tx) (dam.Collection, error) {
		if err := tx.Assets().Collections().LockTree(ctx, library); err != nil {
			return dam.Collection{}, err
		}
		// The roles that were granted on it hold again.
		if err := tx.Actor().NeedOnCollection(library, id, dam.MayManageCollections); err != nil {
			return dam.Collection{}, err
		}
		c, members, err := tx.Assets().Collections().Undelete(ctx, library, id)
		if err != nil {
			return c, err
		}
		if err := s.place(ctx, tx, &c, ""); err != nil {
			if dam.CodeOf(err) != dam.Invalid {
				return c, err
			}
			c.Parent = ""
			if err := s.place(ctx, tx, &c, ""); err != nil {
				return c, err
			}
		}
		siblings, err := tx.Assets().Collections().Siblings(ctx, library, c.Parent)
		if err != nil {
			return c, err
		}
		name := c.Name
		for n := 2; slices.ContainsFunc(siblings, func(o dam.CollectionRef) bool {
			return o.ID != c.ID && canon.Same(o.Name, c.Name)
		}); n++ {
			c.Name = name + " (" + strconv.Itoa(n) + ")"
		}
		tx.Emit(dam.Event{Type: dam.CollectionRestored, Library: library, Subject: id})
		if err := tx.Assets().Collections().PutCollection(ctx, &c); err != nil {
			return c, err
		}
		if err := movedAll(ctx, tx, members, true); err != nil {
			return c, err
		}
		return s.answer(ctx, tx, c)
	})
}

// movedAll is moved for several collections.
func movedAll(ctx context.Context, tx *catalog.Tx, members []catalog.CollectionMember, in bool) error {
	byCollection := map[string][]string{}
	for _, m := range members {
		byCollection[m.Collection] = append(byCollection[m.Collection], m.Asset)
	}
	for id, assets := range byCollection {
		if err := moved(ctx, tx, id, assets, in); err != nil {
			return err
		}
	}
	return nil
}
