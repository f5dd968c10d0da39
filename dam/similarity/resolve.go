package similarity

import (
	"context"
	"slices"

	"vitrine/dam"
	"vitrine/dam/canon"
	"vitrine/dam/catalog"
	"vitrine/dam/reasons"
)

// Resolution says what becomes of near duplicates.
type Resolution struct {
	Keep   string   `json:"keep" maxLength:"64" doc:"Id of the asset to keep"`
	Others []string `json:"others" minItems:"1" maxItems:"500" nullable:"false" doc:"Ids of the others"`
	Action string   `json:"action" enum:"bin,collect,distinct" doc:"bin: the others go to the bin, the one that stays takes over their SKUs, tags, collections, licences, consents and relations. collect: all go into the collection. distinct: they are no duplicates, and are not reported again"`
	// Collection is used by collect.
	Collection string `json:"collection,omitempty" maxLength:"64" doc:"Id of a collection, for collect"`
}

// Resolved is what a resolution has done.
type Resolved struct {
	Keep dam.Asset `json:"keep" doc:"The asset that stays, as it is now"`
	// Changed are the other assets that changed.
	Changed []string `json:"changed" nullable:"false" doc:"Ids of the others that changed"`
}

// Resolve settles a group of near duplicates in one transaction: all of it happens, or nothing.
func (s *Service) Resolve(ctx context.Context, library string, r Resolution) (Resolved, error) {
	slices.Sort(r.Others)
	r.Others = slices.Compact(r.Others)
	switch {
	case slices.Contains(r.Others, r.Keep):
		return Resolved{}, dam.InvalidInput("others", reasons.KeptAmongOthers())
	case len(r.Others) == 0:
		return Resolved{}, dam.InvalidInput("others", reasons.NothingToResolve())
	case (r.Action == "collect") != (r.Collection != ""):
		return Resolved{}, dam.InvalidInput("collection", reasons.CollectionWithoutCollect())
	}
	return catalog.Do(ctx, s.Catalog, func(tx *catalog.Tx) (Resolved, error) {
		list := make([]dam.Asset, 0, len(r.Others)+1)
		ids := slices.Sorted(slices.Values(append([]string{r.Keep}, r.Others...))) // one order for all who lock several
		if r.Action == "bin" {
			for _, m := range s.Mergers {
				if err := m.Hold(ctx, tx, library, ids); err != nil {
					return Resolved{}, err
				}
			}
		}
		for _, id := range ids {
			a, err := tx.Assets().LockAsset(ctx, library, id)
			if err != nil {
				return Resolved{}, err
			}
			if err := tx.Actor().NeedOn(&a, needs(r.Action)); err != nil {
				return Resolved{}, err
			}
			if a.DeletedAt != nil {
				return Resolved{}, &dam.Error{Code: dam.Conflict, Reason: reasons.DuplicateInBin(id)}
			}
			list = append(list, a)
		}
		at := slices.Index(ids, r.Keep)
		keep := list[at]
		others := slices.Delete(list, at, at+1)
		out := Resolved{Changed: []string{}}
		var err error
		switch r.Action {
		case "bin":
			out.Changed, err = s.bin(ctx, tx, &keep, others)
		case "collect":
			out.Changed, err = collect(ctx, tx, library, r.Collection, ids, r.Keep)
		case "distinct":
			err = tx.Similarity().MarkDistinct(ctx, ids)
		default:
			err = dam.InvalidInput("action", reasons.NoResolveAction(r.Action))
		}
		if err != nil {
			return out, err
		}
		out.Keep, err = tx.Assets().Asset(ctx, library, r.Keep)
		return out, err
	})
}

// needs returns what the actor must be allowed to do to every picture of the group.
func needs(action string) dam.Permission {
	if action == "bin" {
		return dam.MayDelete
	}
	return dam.MayEditAll
}

// bin moves the others to the bin, and what hangs on them to the one that stays.
func (s *Service) bin(ctx context.Context, tx *catalog.Tx, keep *dam.Asset, others []dam.Asset) ([]string, error) {
	var changes []dam.Change
	for _, m := range s.Mergers {
		more, err := m.Merge(ctx, tx, keep, others)
		if err != nil {
			return nil, err
		}
		changes = append(changes, more...)
	}
	tags, skus := slices.Clone(keep.Tags), slices.Clone(keep.SKUs)
	changed := []string{}
	now := tx.Now()
	collections := map[string]bool{}
	for i := range others {
		a := &others[i]
		tags, skus = join(tags, a.Tags, maxTags), join(skus, a.SKUs, maxSKUs)
		for _, c := range a.Collections {
			collections[c] = true
		}
		a.DeletedAt = &now
		tx.EmitAsset(dam.AssetDeleted, a, map[string]any{})
		if err := tx.Assets().UpdateAsset(ctx, a); err != nil {
			return nil, err
		}
		changed = append(changed, a.ID)
	}
	if len(tags) != len(keep.Tags) {
		changes = append(changes, dam.Change{Field: "tags", Before: keep.Tags, After: tags})
	}
	if len(skus) != len(keep.SKUs) {
		changes = append(changes, dam.Change{Field: "skus", Before: keep.SKUs, After: skus})
	}
	for c := range collections {
		if mayJoin(tx, keep, c) != nil {
			continue // the one that stays is not put where the actor may not put it
		}
		if _, err := tx.Assets().Collections().Collect(ctx, c, []string{keep.ID}, true); err != nil {
			return nil, err
		}
	}
	fields := []string{}
	for _, c := range changes {
		if !slices.Contains(fields, c.Field) {
			fields = append(fields, c.Field)
		}
	}
	if len(collections) > 0 {
		fields = append(fields, "collections")
	}
	if len(fields) == 0 {
		return changed, nil
	}
	keep.Tags, keep.SKUs = tags, skus
	tx.EmitAsset(dam.AssetUpdated, keep, map[string]any{"fields": fields}, changes...)
	return changed, tx.Assets().UpdateAsset(ctx, keep)
}

// What an asset may have at most.
const (
	maxTags = 200
	maxSKUs = 500
)

// join adds what is not there yet, as far as there is room, however it is spelled.
func join(list, more []string, most int) []string {
	for _, s := range more {
		if len(list) < most && !slices.ContainsFunc(list, func(have string) bool { return canon.Same(have, s) }) {
			list = append(list, s)
		}
	}
	return list
}

// mayJoin refuses to put an asset into a collection without the permission on both: people's rights hang on
// collections.
func mayJoin(tx *catalog.Tx, a *dam.Asset, collection string) error {
	if err := tx.Actor().NeedOnCollection(a.Library, collection, dam.MayManageCollections); err != nil {
		return err
	}
	return tx.Actor().NeedOn(a, dam.MayManageCollections)
}

func collect(ctx context.Context, tx *catalog.Tx, library, collection string, ids []string, keep string) ([]string,
	error) {
	if _, err := tx.Assets().Collections().Collection(ctx, library, collection); err != nil {
		return nil, dam.InvalidInput("collection", reasons.NoCollectCollection(collection))
	}
	found, err := tx.Assets().List(ctx, ids)
	if err != nil {
		return nil, err
	}
	for i := range found {
		if err := mayJoin(tx, &found[i], collection); err != nil {
			return nil, err
		}
	}
	changed, err := tx.Assets().Collections().Collect(ctx, collection, ids, true)
	if err != nil {
		return nil, err
	}
	list, err := tx.Assets().List(ctx, changed)
	for i := range list {
		tx.EmitAsset(dam.AssetUpdated, &list[i], map[string]any{"fields": []string{"collections"},
			"collection": collection, "added": true})
	}
	out := slices.DeleteFunc(slices.Clone(changed), func(id string) bool { return id == keep })
	if out == nil {
		out = []string{}
	}
	return out, err
}

// Distinct tells what people have found not to be duplicates.
type Distinct map[string][]string

// Distinct reads what was decided in a library.
func (s *Service) Distinct(ctx context.Context, library string) (Distinct, error) {
	return s.Catalog.Similarity().Decisions(ctx, library)
}

// Open removes from a group what is distinct from its first; what is left is still to
// be settled, nil when nothing is.
func (v Distinct) Open(group []string) []string {
	first := v[group[0]]
	if len(first) == 0 {
		return group
	}
	open := group[:1:1]
	for _, id := range group[1:] {
		if !slices.ContainsFunc(v[id], func(verdict string) bool { return slices.Contains(first, verdict) }) {
			open = append(open, id)
		}
	}
	if len(open) == 1 {
		return nil
	}
	return open
}
