package rights

import (
	"context"
	"slices"
	"strings"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/reasons"
)

// Hold locks what links and relations of a library are serialized by, and the records of some assets; it comes before
// the locks of the assets.
func (s *Service) Hold(ctx context.Context, tx *catalog.Tx, library string, assets []string) error {
	if err := tx.Libraries().LockFields(ctx, library); err != nil {
		return err
	}
	rows, err := tx.Assets().Rights().Of(ctx, assets)
	if err != nil {
		return err
	}
	var ids []string
	for _, list := range rows {
		for _, x := range list {
			ids = append(ids, x.ID)
		}
	}
	slices.Sort(ids)
	for _, id := range slices.Compact(ids) {
		if _, err := tx.Assets().Rights().LockRecord(ctx, "", "", id); err != nil {
			return err
		}
	}
	return nil
}

// Merge links an asset to the records of others whose place it takes: what bound them binds it, also what it had only
// because it derives from them. It is refused where that would take something from a live asset, because a person who
// links a record is told beforehand what that touches. The caller writes the asset, with the changes that are returned,
// and then gives it the relations of the others, which keep for themselves what they inherited.
func (s *Service) Merge(ctx context.Context, tx *catalog.Tx, keep *dam.Asset, others []dam.Asset) ([]dam.Change,
	error) {
	ids := []string{keep.ID}
	for i := range others {
		ids = append(ids, others[i].ID)
	}
	rows, err := tx.Assets().Rights().Of(ctx, ids)
	if err != nil {
		return nil, err
	}
	if err := tx.Assets().Rights().Keep(ctx, ids[1:]); err != nil {
		return nil, err
	}
	all, own := rows[keep.ID], map[string]bool{}
	for _, x := range all {
		own[x.ID] = !x.Inherits
	}
	var added []catalog.RightsRow
	var names []string // of what did not bind it before
	for _, id := range ids[1:] {
		for _, x := range rows[id] {
			if x.Inherits || own[x.ID] { // what an other inherits goes with its relations
				continue
			}
			if own[x.ID] = true; len(without(all, x.ID)) == len(all) {
				all, names = append(all, x), append(names, x.ID)
			}
			added = append(added, x)
		}
	}
	if len(added) == 0 {
		return nil, nil
	}
	if len(names) > 0 {
		if err := tx.Actor().NeedOn(keep, dam.MayEditRights); err != nil {
			return nil, err
		}
	}
	if len(all) > MaxRecords {
		return nil, &dam.Error{Code: dam.Conflict, Reason: reasons.TooManyRecordsOfAsset(MaxRecords, keep.ID)}
	}
	next := limitsOf(all)
	if len(names) > 0 && keep.Live != "" && keep.Limits.Exceeds(next) {
		return nil, &dam.Error{Code: dam.Conflict, Reason: reasons.MergeNarrows(keep.ID, strings.Join(names, ", "))}
	}
	var changes []dam.Change
	for i := range added {
		x := &added[i]
		if _, err := tx.Assets().Rights().Link(ctx, x.ID, ids[:1]); err != nil {
			return nil, err
		}
		if err := tx.Assets().Rights().Applied(ctx, x.ID, x.Applies, ids[:1]); err != nil {
			return nil, err
		}
		changes = append(changes, *note(x, true))
	}
	if !next.Same(keep.Limits) {
		changes = append(changes, dam.Change{Field: "limits", Before: plain(keep.Limits), After: plain(next)})
	}
	keep.Limits = next
	return changes, nil
}
