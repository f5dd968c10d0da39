package collections

import (
	"context"
	"fmt"
	"slices"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/reasons"
)

// maxExceptions is how many assets a smart collection may never have: each counts in every search that names it.
const maxExceptions = 10_000

// Collect puts assets into a collection or takes them out. Of a smart one they are exceptions: they are then always, or
// never, in it.
func (s *Service) Collect(ctx context.Context, library, id string, assets []string, in bool) (dam.Collection, error) {
	return catalog.Do(ctx, s.Catalog, func(tx *catalog.Tx) (dam.Collection, error) {
		if _, err := s.CollectIn(ctx, tx, library, id, assets, in); err != nil {
			return dam.Collection{}, err
		}
		return tx.Assets().Collections().Collection(ctx, library, id)
	})
}

// CollectIn is Collect as a part of a transaction; it returns the assets whose membership changed.
func (s *Service) CollectIn(ctx context.Context, tx *catalog.Tx, library, id string, assets []string,
	in bool) ([]string,
	error) {
	c, err := tx.Assets().Collections().ForChange(ctx, library, id)
	if err != nil {
		return nil, err
	}
	if err := known(ctx, tx, library, assets); err != nil {
		return nil, err
	}
	if err := mayCollect(ctx, tx, library, id, assets, in); err != nil {
		return nil, err
	}
	return s.collect(ctx, tx, &c, assets, in)
}

func (s *Service) collect(ctx context.Context, tx *catalog.Tx, c *dam.Collection, assets []string, in bool) ([]string,
	error) {
	changed, err := tx.Assets().Collections().Collect(ctx, c.ID, assets, in)
	if err != nil {
		return nil, err
	}
	if c.Query != "" {
		excluded, err := tx.Assets().Collections().Exclude(ctx, c.ID, assets, !in)
		if err != nil {
			return nil, err
		}
		if err := exceptionsBounded(ctx, tx, c.ID); err != nil {
			return nil, err
		}
		changed = slices.Compact(slices.Sorted(slices.Values(append(changed, excluded...))))
	}
	if len(changed) == 0 {
		return nil, nil
	}
	return changed, moved(ctx, tx, c.ID, changed, in)
}

func exceptionsBounded(ctx context.Context, tx *catalog.Tx, id string) error {
	n, err := tx.Assets().Collections().Excluded(ctx, id)
	if err == nil && n > maxExceptions {
		err = &dam.Error{Code: dam.Conflict, Field: "assets", Reason: reasons.TooManyExceptions(maxExceptions)}
	}
	return err
}

// RevertIn takes back what CollectIn did with one asset, as a part of a transaction: of a smart collection the query
// decides again.
func (s *Service) RevertIn(ctx context.Context, tx *catalog.Tx, library, id, asset string, in bool) error {
	c, err := tx.Assets().Collections().ForChange(ctx, library, id)
	if err != nil {
		return err
	}
	if c.Query == "" {
		_, err = s.CollectIn(ctx, tx, library, id, []string{asset}, !in)
		return err
	}
	return forget(ctx, tx, id, []string{asset})
}

// Forget removes exceptions of a smart collection: its query decides about the assets again.
func (s *Service) Forget(ctx context.Context, library, id string, assets []string) (dam.Collection, error) {
	return catalog.Do(ctx, s.Catalog, func(tx *catalog.Tx) (dam.Collection, error) {
		c, err := tx.Assets().Collections().ForChange(ctx, library, id)
		if err != nil {
			return c, err
		}
		if !c.Smart {
			return c, &dam.Error{Code: dam.Conflict, Reason: reasons.PlainCollectionWithoutExceptions()}
		}
		if err := known(ctx, tx, library, assets); err != nil {
			return c, err
		}
		if err := forget(ctx, tx, id, assets); err != nil {
			return c, err
		}
		return tx.Assets().Collections().Collection(ctx, library, id)
	})
}

func forget(ctx context.Context, tx *catalog.Tx, id string, assets []string) error {
	out, err := tx.Assets().Collections().Collect(ctx, id, assets, false)
	if err != nil {
		return err
	}
	in, err := tx.Assets().Collections().Exclude(ctx, id, assets, false)
	if err != nil {
		return err
	}
	if err := moved(ctx, tx, id, out, false); err != nil {
		return err
	}
	return moved(ctx, tx, id, in, true)
}

// Exceptions returns what a smart collection has, or doesn't have, whatever its query finds.
func (s *Service) Exceptions(ctx context.Context, library, id string) (dam.CollectionExceptions, error) {
	c, err := s.Catalog.Assets().Collections().Collection(ctx, library, id)
	if err != nil {
		return dam.CollectionExceptions{}, err
	}
	if !c.Smart {
		return dam.CollectionExceptions{Always: []string{}, Never: []string{}}, nil
	}
	return s.Catalog.Assets().Collections().Exceptions(ctx, library, id)
}

// Arrange moves assets of a plain collection, in the given order, to the place before another one of it, or behind all
// if before is "".
func (s *Service) Arrange(ctx context.Context, library, id string, assets []string, before string) (dam.Collection,
	error) {
	if slices.Contains(assets, before) || len(slices.Compact(slices.Sorted(slices.Values(assets)))) < len(assets) {
		return dam.Collection{}, dam.InvalidInput("assets", reasons.AssetTwiceInOrder())
	}
	return catalog.Do(ctx, s.Catalog, func(tx *catalog.Tx) (dam.Collection, error) {
		c, err := locked(ctx, tx, library, id, 0)
		if err != nil {
			return c, err
		}
		if c.Smart {
			return c, &dam.Error{Code: dam.Conflict, Reason: reasons.SmartCollectionWithoutOrder()}
		}
		all := assets
		if before != "" {
			all = append(slices.Clone(assets), before)
		}
		if err := known(ctx, tx, library, all); err != nil {
			return c, err
		}
		n, err := tx.Assets().Collections().Arrange(ctx, id, assets, before)
		if err == nil && n < len(assets) {
			err = &dam.Error{Code: dam.Conflict, Field: "assets", Reason: reasons.NotInCollection()}
		}
		if err != nil {
			return c, err
		}
		emit(tx, &c, "order")
		if err := tx.Assets().Collections().PutCollection(ctx, &c); err != nil {
			return c, err
		}
		return s.answer(ctx, tx, c)
	})
}

// mayCollect refuses who may not put assets into the collection, or take them out. To put one in, the actor needs the
// same permission on the asset: else they could get at any asset that they see, by putting it where they may do more.
func mayCollect(ctx context.Context, tx *catalog.Tx, library, id string, assets []string, in bool) error {
	actor := tx.Actor()
	if err := actor.NeedOnCollection(library, id, dam.MayManageCollections); err != nil {
		return err
	}
	if !in || actor.CanEverywhere(library, dam.MayManageCollections) {
		return nil
	}
	found, err := tx.Assets().List(ctx, assets)
	for i := range found {
		if d := actor.Decide(dam.MayManageCollections, library, &found[i], tx.Now()); !d.Allowed {
			return &dam.Error{Code: dam.Forbidden, Field: fmt.Sprintf("assets[%d]", slices.Index(assets, found[i].ID)),
				Reason: d.Reason}
		}
	}
	return err
}

// known returns an error that names the first asset that the actor may not see in the library.
func known(ctx context.Context, tx *catalog.Tx, library string, assets []string) error {
	found, err := tx.Assets().List(ctx, assets)
	if err != nil {
		return err
	}
	seen := make(map[string]bool, len(found))
	for i := range found {
		seen[found[i].ID] = found[i].Library == library && tx.Actor().Sees(&found[i])
	}
	for i, id := range assets {
		if !seen[id] {
			return dam.InvalidInput(fmt.Sprintf("assets[%d]", i), reasons.NoAssetInList(id))
		}
	}
	return nil
}

// moved tells followers which assets' membership changed.
func moved(ctx context.Context, tx *catalog.Tx, collection string, ids []string, in bool) error {
	if len(ids) == 0 {
		return nil
	}
	list, err := tx.Assets().List(ctx, ids)
	for i := range list {
		tx.EmitAsset(dam.AssetUpdated, &list[i], map[string]any{"fields": []string{"collections"},
			"collection": collection, "added": in})
	}
	return err
}

// Star makes a collection a favourite of the actor, or no longer.
func (s *Service) Star(ctx context.Context, library, id string, on bool) error {
	return s.Catalog.Write(ctx, func(tx *catalog.Tx) error {
		if _, err := tx.Assets().Collections().Collection(ctx, library, id); err != nil {
			return err
		}
		changed, err := tx.Assets().Collections().Star(ctx, id, on)
		if err == nil && changed {
			t := dam.CollectionStarred
			if !on {
				t = dam.CollectionUnstarred
			}
			tx.Emit(dam.Event{Type: t, Library: library, Subject: id})
		}
		return err
	})
}
