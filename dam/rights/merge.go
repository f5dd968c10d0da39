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

// Merge links an asset to the records of others whose place it takes: what bound them binds it. It is refused where
// that would take something from a live asset, because a person who links a record is told beforehand what that
// touches. The caller writes the asset, with the changes that are returned.
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
	all := rows[keep.ID]
	var added []catalog.RightsRow
	for _, id := range ids[1:] {
		for _, x := range rows[id] {
			if !x.Inherits && len(without(all, x.ID)) == len(all) { // what it inherits goes with its relations
				all, added = append(all, x), append(added, x)
			}
		}
	}
	if len(added) == 0 {
		return nil, nil
	}
	if err := tx.Actor().NeedOn(keep, dam.MayEditRights); err != nil {
		return nil, err
	}
	if len(all) > MaxRecords {
		return nil, &dam.Error{Code: dam.Conflict, Reason: reasons.TooManyRecordsOfAsset(MaxRecords, keep.ID)}
	}
	next := limitsOf(all)
	if keep.Live != "" && keep.Limits.Exceeds(next) {
		names := make([]string, len(added))
		for i, x := range added {
			names[i] = x.ID
		}
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
