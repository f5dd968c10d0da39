package rights

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"slices"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/reasons"
)

// Bounds of links.
const (
	MaxAssets  = 50_000 // assets that a record is linked to
	MaxAtOnce  = 10_000 // assets that are linked in one step
	MaxUnlinks = 500    // assets that are unlinked in one step
	MaxRecords = 50     // licences and consents of an asset
)

// Linked is what linking or unlinking did, or, of a dry run, would touch.
type Linked struct {
	Assets   int               `json:"assets" doc:"Assets that were linked, or unlinked, by this"`
	Applying int               `json:"applying,omitempty" doc:"Of how many assets a job has yet to renew the limits"`
	Impact   *dam.RightsImpact `json:"impact,omitempty" doc:"Of a dry run: what it would touch"`
}

// Link links a record to the assets of a filter, or takes it from them.
func (s *Service) Link(ctx context.Context, library string, kind dam.RecordKind, id string, f dam.BulkFilter,
	in bool) (Linked, error) {
	ids, err := s.find(ctx, library, f, in)
	if err != nil {
		return Linked{}, err
	}
	return catalog.Do(ctx, s.Catalog, func(tx *catalog.Tx) (Linked, error) {
		x, err := hold(ctx, tx, library, kind, id)
		if err != nil {
			return Linked{}, err
		}
		if in {
			out, _, err := s.linkIn(ctx, tx, &x, ids)
			return out, err
		}
		out, gone, shift, err := unlinked(ctx, tx, &x, ids)
		if err != nil {
			return out, err
		}
		for chunk := range slices.Chunk(gone, chunkSize) {
			if err := apply(ctx, tx, &x, chunk, note(&x, false)); err != nil {
				return out, err
			}
		}
		err = s.bringShift(ctx, tx, &x, shift)
		out.Applying = x.Applying
		return out, err
	})
}

// hold locks a record, after what its library's relations and links are serialized by.
func hold(ctx context.Context, tx *catalog.Tx, library string, kind dam.RecordKind, id string) (catalog.RightsRow,
	error) {
	if err := tx.Libraries().LockFields(ctx, library); err != nil {
		return catalog.RightsRow{}, err
	}
	return tx.Assets().Rights().LockRecord(ctx, library, kind, id)
}

// unlinked takes a record that is held from assets, and returns which had it, and what that changes for their heirs.
func unlinked(ctx context.Context, tx *catalog.Tx, x *catalog.RightsRow, ids []string) (Linked, []string,
	dam.RightsShift, error) {
	var had []string
	for chunk := range slices.Chunk(ids, chunkSize) {
		gone, err := tx.Assets().Rights().Unlink(ctx, x.ID, chunk)
		if err != nil {
			return Linked{}, nil, dam.RightsShift{}, err
		}
		had = append(had, gone...)
	}
	shift, err := spread(ctx, tx, had, func(r string) bool { return r == x.ID }) // it may be inherited from now on
	for _, id := range had {
		if !slices.Contains(shift.Added[id], x.ID) {
			shift.Gone[id] = append(shift.Gone[id], x.ID)
		}
	}
	return Linked{Assets: len(had)}, had, shift, err
}

// WouldLink says what Link would touch.
func (s *Service) WouldLink(ctx context.Context, library string, kind dam.RecordKind, id string, f dam.BulkFilter,
	in bool) (Linked, error) {
	ids, err := s.find(ctx, library, f, in)
	if err != nil {
		return Linked{}, err
	}
	var out Linked
	var shift dam.RightsShift
	err = s.Catalog.Write(ctx, func(tx *catalog.Tx) error {
		x, err := hold(ctx, tx, library, kind, id)
		if err == nil && in {
			out, _, shift, err = linked(ctx, tx, &x, ids)
		} else if err == nil {
			out, _, shift, err = unlinked(ctx, tx, &x, ids)
		}
		return cmp.Or(err, errDry)
	})
	if !errors.Is(err, errDry) {
		return out, err
	}
	out.Impact, err = s.Impact(ctx, library, shift)
	return out, err
}

func archived() error {
	return &dam.Error{Code: dam.Conflict, Field: "archived", Reason: reasons.RightsRecordArchived()}
}

func without(rows []catalog.RightsRow, id string) []catalog.RightsRow {
	return slices.DeleteFunc(slices.Clone(rows), func(x catalog.RightsRow) bool { return x.ID == id })
}

// errEnough ends a search that finds more than may be changed at once.
var errEnough = errors.New("more than may be changed at once")

// find returns the assets of a filter in the order of their ids. Assets named by id must all be there.
func (s *Service) find(ctx context.Context, library string, f dam.BulkFilter, in bool) ([]string, error) {
	most := MaxAtOnce
	if !in {
		most = MaxUnlinks
	}
	if len(f.Assets) == 0 && f.Q == "" && f.Collection == "" && len(f.Status)+len(f.Type) == 0 {
		return nil, dam.InvalidInput("filter", reasons.NoAssetsNamed())
	}
	seq, err := s.Catalog.Log().Head(ctx)
	if err != nil {
		return nil, err
	}
	var ids []string
	err = s.Find.Each(ctx, library, dam.Selection{Filter: f, Seq: seq}, func(total int, _ int64) error {
		if total > most {
			return errEnough
		}
		return nil
	}, func(found []string) error {
		ids = append(ids, found...)
		return nil
	})
	if errors.Is(err, errEnough) {
		err = dam.InvalidInput("filter", reasons.TooManyLinksAtOnce(most))
	}
	if err != nil {
		return nil, err
	}
	slices.Sort(ids)
	ids = slices.Compact(ids)
	for _, id := range f.Assets {
		if _, found := slices.BinarySearch(ids, id); !found {
			return nil, &dam.Error{Code: dam.NotFound, Field: "filter.assets", Reason: reasons.NotFound("asset", id)}
		}
	}
	return ids, nil
}

// linkIn links a record that is held to assets of its library, sorted by id, and returns what that changes.
func (s *Service) linkIn(ctx context.Context, tx *catalog.Tx, x *catalog.RightsRow, ids []string) (Linked,
	dam.RightsShift, error) {
	out, added, shift, err := linked(ctx, tx, x, ids)
	if err != nil {
		return out, shift, err
	}
	if len(ids) <= atOnce { // else the job renews their limits
		for chunk := range slices.Chunk(added, chunkSize) {
			if err := apply(ctx, tx, x, chunk, note(x, true)); err != nil {
				return out, shift, err
			}
		}
	}
	err = s.bringShift(ctx, tx, x, shift)
	out.Applying = x.Applying
	return out, shift, err
}

// bringShift renews the limits of what a record binds that is held, and of what its change has told of others.
func (s *Service) bringShift(ctx context.Context, tx *catalog.Tx, x *catalog.RightsRow, shift dam.RightsShift) error {
	if err := s.bring(ctx, tx, x); err != nil {
		return err
	}
	return s.bringAll(ctx, tx, slices.DeleteFunc(shift.Records(), func(id string) bool { return id == x.ID }))
}

// linked links a record to assets whose limits are still those without it, and returns which had it not, and what that
// changes for them and their heirs.
func linked(ctx context.Context, tx *catalog.Tx, x *catalog.RightsRow, ids []string) (Linked, []string,
	dam.RightsShift, error) {
	if x.ArchivedAt != nil {
		return Linked{}, nil, dam.RightsShift{}, archived()
	}
	var all []string
	for chunk := range slices.Chunk(ids, chunkSize) {
		if err := linkable(ctx, tx, x, chunk); err != nil {
			return Linked{}, nil, dam.RightsShift{}, err
		}
		added, err := tx.Assets().Rights().Link(ctx, x.ID, chunk)
		if err != nil {
			return Linked{}, nil, dam.RightsShift{}, err
		}
		all = append(all, added...)
	}
	out := Linked{Assets: len(all)}
	if x.Assets += len(all); x.Assets > MaxAssets {
		return out, nil, dam.RightsShift{}, &dam.Error{Code: dam.Conflict, Field: "filter",
			Reason: reasons.TooManyLinkedAssets(MaxAssets)}
	}
	shift, err := spread(ctx, tx, all, nil)
	for _, id := range all {
		if shift.Added != nil {
			shift.Added[id] = append(shift.Added[id], x.ID)
		}
	}
	return out, all, shift, err
}

// linkable refuses assets that aren't there any more, and those with too many records.
func linkable(ctx context.Context, tx *catalog.Tx, x *catalog.RightsRow, ids []string) error {
	assets, err := tx.Assets().LockAssets(ctx, ids)
	if err != nil {
		return err
	}
	rows, err := tx.Assets().Rights().Of(ctx, ids)
	if err != nil {
		return err
	}
	there := map[string]bool{}
	for _, a := range assets {
		there[a.ID] = a.Library == x.Library
	}
	for _, id := range ids {
		if !there[id] {
			return &dam.Error{Code: dam.NotFound, Field: "filter.assets", Reason: reasons.NotFound("asset", id)}
		}
		if len(without(rows[id], x.ID)) >= MaxRecords {
			return &dam.Error{Code: dam.Conflict, Field: "filter.assets",
				Reason: reasons.TooManyRecordsOfAsset(MaxRecords, id)}
		}
	}
	return nil
}

// note is the line in the history of an asset. Of a consent it has the id only: histories keep no names of people.
func note(x *catalog.RightsRow, in bool) *dam.Change {
	c := dam.Change{Field: "licences", After: x.ID}
	if x.Kind == dam.ConsentRecord {
		c.Field = "consents"
	} else if x.Number != "" {
		c.After = x.Number
	}
	if !in {
		c.Before, c.After = c.After, nil
	}
	return &c
}

func fieldData(fields []string) json.RawMessage {
	raw, err := json.Marshal(map[string][]string{"fields": fields})
	if err != nil {
		panic(err) // always plain values
	}
	return raw
}

// Covered returns a page of the assets that a record is linked to, in the order of their ids, and the cursor of the
// next one.
func (s *Service) Covered(ctx context.Context, library string, kind dam.RecordKind, id, after string,
	limit int) ([]string, string, error) {
	if _, err := s.Catalog.Assets().Rights().Record(ctx, library, kind, id); err != nil {
		return nil, "", err
	}
	ids, err := s.Catalog.Assets().Rights().Linked(ctx, id, after, limit+1)
	if err != nil || len(ids) <= limit {
		return ids, "", err
	}
	return ids[:limit], ids[limit-1], nil
}
