package rights

import (
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
		x, err := tx.Assets().Rights().LockRecord(ctx, library, kind, id)
		if err != nil {
			return Linked{}, err
		}
		if in {
			return s.linkIn(ctx, tx, &x, ids)
		}
		out := Linked{}
		for chunk := range slices.Chunk(ids, chunkSize) {
			gone, err := tx.Assets().Rights().Unlink(ctx, id, chunk)
			if err != nil {
				return out, err
			}
			out.Assets += len(gone)
			if err := renew(ctx, tx, gone, note(&x, false)); err != nil {
				return out, err
			}
		}
		return out, nil
	})
}

// WouldLink says what Link would touch.
func (s *Service) WouldLink(ctx context.Context, library string, kind dam.RecordKind, id string, f dam.BulkFilter,
	in bool) (Linked, error) {
	x, err := s.Catalog.Assets().Rights().Record(ctx, library, kind, id)
	if err != nil {
		return Linked{}, err
	}
	if in && x.ArchivedAt != nil {
		return Linked{}, archived()
	}
	ids, err := s.find(ctx, library, f, in)
	if err != nil {
		return Linked{}, err
	}
	i, err := s.newImpact(ctx, library)
	if err != nil {
		return Linked{}, err
	}
	out := Linked{Impact: &i.RightsImpact}
	for chunk := range slices.Chunk(ids, chunkSize) {
		linked, err := s.Catalog.Assets().Rights().Among(ctx, id, chunk)
		if err != nil {
			return out, err
		}
		concerned := slices.DeleteFunc(chunk, func(a string) bool { return slices.Contains(linked, a) == in })
		out.Assets += len(concerned)
		if err := i.add(ctx, concerned, func(rows []catalog.RightsRow) []catalog.RightsRow {
			if in {
				return append(slices.Clone(rows), x)
			}
			return without(rows, id)
		}); err != nil {
			return out, err
		}
	}
	return out, nil
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

// linkIn links a record that is held to assets of its library, sorted by id.
func (s *Service) linkIn(ctx context.Context, tx *catalog.Tx, x *catalog.RightsRow, ids []string) (Linked, error) {
	out := Linked{}
	if x.ArchivedAt != nil {
		return out, archived()
	}
	for chunk := range slices.Chunk(ids, chunkSize) {
		if err := linkable(ctx, tx, x, chunk); err != nil {
			return out, err
		}
		added, err := tx.Assets().Rights().Link(ctx, x.ID, chunk)
		if err != nil {
			return out, err
		}
		out.Assets += len(added)
		if len(ids) > atOnce {
			continue // the job renews their limits
		}
		if err := renew(ctx, tx, added, note(x, true)); err != nil {
			return out, err
		}
		if err := tx.Assets().Rights().Applied(ctx, x.ID, x.Applies, added); err != nil {
			return out, err
		}
	}
	if x.Assets += out.Assets; x.Assets > MaxAssets {
		return out, &dam.Error{Code: dam.Conflict, Field: "filter", Reason: reasons.TooManyLinkedAssets(MaxAssets)}
	}
	err := s.bring(ctx, tx, x)
	out.Applying = x.Applying
	return out, err
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
