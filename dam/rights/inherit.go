package rights

import (
	"context"
	"maps"
	"slices"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/reasons"
)

// MaxHeirs is how many assets one change of a relation or link concerns because they derive from its assets.
const MaxHeirs = 5000

// spread brings what heirs inherit in line with the links and relations of some assets, by which those and all that
// derive from them are bound. The limits of whom it concerns are still those of before. The caller holds the library,
// by which links and relations change one after the other, and the records of the assets.
func spread(ctx context.Context, tx *catalog.Tx, roots []string) (dam.RightsShift, error) {
	out := dam.RightsShift{Added: map[string][]string{}, Gone: map[string][]string{}}
	family, err := heirsOf(ctx, tx.Assets().Relations().Relations, roots)
	if err != nil {
		return out, err
	}
	links, err := linksOf(ctx, tx.Assets().Rights().Rights, family.all())
	if err != nil {
		return out, err
	}
	has := family.inherit(links)
	byRecord := dam.RightsShift{Added: map[string][]string{}, Gone: map[string][]string{}}
	for id := range family.heirs {
		for r := range has[id] {
			if _, had := links[id][r]; !had {
				out.Added[id] = append(out.Added[id], r)
				byRecord.Added[r] = append(byRecord.Added[r], id)
			}
		}
		if len(out.Added[id]) > 0 && len(has[id]) > MaxRecords {
			return out, &dam.Error{Code: dam.Conflict, Reason: reasons.TooManyRecordsOfAsset(MaxRecords, id)}
		}
		for r := range links[id] {
			if !has[id][r] {
				out.Gone[id] = append(out.Gone[id], r)
				byRecord.Gone[r] = append(byRecord.Gone[r], id)
			}
		}
	}
	for _, r := range out.Records() {
		if err := tx.Assets().Rights().Inherit(ctx, r, byRecord.Added[r]); err != nil {
			return out, err
		}
		for chunk := range slices.Chunk(byRecord.Gone[r], chunkSize) {
			if err := tx.Assets().Rights().Disinherit(ctx, r, chunk); err != nil {
				return out, err
			}
		}
	}
	return out, nil
}

// family is some assets with all that derive from them, and what each of these derives from directly.
type family struct {
	heirs   map[string]bool     // with the assets themselves
	steps   map[string][]string // heirs by source
	outside map[string]bool     // sources that are none of the heirs
}

func heirsOf(ctx context.Context, of catalog.Relations, roots []string) (family, error) {
	f := family{heirs: map[string]bool{}, steps: map[string][]string{}, outside: map[string]bool{}}
	for _, id := range roots {
		f.heirs[id] = true
	}
	for next := roots; len(next) > 0; {
		var found []string
		for chunk := range slices.Chunk(next, 500) {
			list, err := of.Heirs(ctx, chunk)
			if err != nil {
				return f, err
			}
			for _, x := range list {
				if !f.heirs[x.Heir] {
					f.heirs[x.Heir] = true
					found = append(found, x.Heir)
				}
			}
		}
		if len(f.heirs)-len(roots) > MaxHeirs {
			return f, &dam.Error{Code: dam.Conflict, Reason: reasons.TooManyHeirs(MaxHeirs)}
		}
		next = found
	}
	for chunk := range slices.Chunk(slices.Sorted(maps.Keys(f.heirs)), 500) {
		list, err := of.Sources(ctx, chunk)
		if err != nil {
			return f, err
		}
		for _, x := range list {
			f.steps[x.Source] = append(f.steps[x.Source], x.Heir)
			if !f.heirs[x.Source] {
				f.outside[x.Source] = true
			}
		}
	}
	return f, nil
}

func (f family) all() []string {
	return slices.Concat(slices.Sorted(maps.Keys(f.heirs)), slices.Sorted(maps.Keys(f.outside)))
}

// inherit returns the records that bind each asset of the family: its own ones, and those of what it derives from.
// What assets of the family inherited before counts for nothing, so that a circle keeps nothing.
func (f family) inherit(links map[string]map[string]bool) map[string]map[string]bool {
	type reached struct{ asset, record string }
	has := map[string]map[string]bool{}
	var next []reached
	for _, id := range f.all() {
		for r, own := range links[id] {
			if own || f.outside[id] {
				next = append(next, reached{id, r})
			}
		}
	}
	for len(next) > 0 {
		x := next[len(next)-1]
		next = next[:len(next)-1]
		if has[x.asset][x.record] {
			continue
		}
		if has[x.asset] == nil {
			has[x.asset] = map[string]bool{}
		}
		has[x.asset][x.record] = true
		for _, heir := range f.steps[x.asset] {
			if f.heirs[heir] {
				next = append(next, reached{heir, x.record})
			}
		}
	}
	return has
}

// linksOf returns the records that bind assets, by asset, and whether each is the asset's own.
func linksOf(ctx context.Context, of catalog.Rights, assets []string) (map[string]map[string]bool, error) {
	out := map[string]map[string]bool{}
	for chunk := range slices.Chunk(assets, 500) {
		list, err := of.Links(ctx, chunk)
		if err != nil {
			return nil, err
		}
		for _, x := range list {
			if out[x.Asset] == nil {
				out[x.Asset] = map[string]bool{}
			}
			out[x.Asset][x.Record] = x.Own
		}
	}
	return out, nil
}

// Inherit brings what binds some assets, and all that derive from them, in line with their relations, which have
// changed. Hold was called before the assets were locked. It is refused where it takes something from a live asset and
// nobody has accepted that, because a person who links a record is told beforehand what that touches; that, and taking
// a record from an asset, needs the permission to edit rights.
func (s *Service) Inherit(ctx context.Context, tx *catalog.Tx, assets []*dam.Asset, accepted bool) (dam.RightsShift,
	error) {
	roots := make([]string, len(assets))
	for i, a := range assets {
		roots[i] = a.ID
	}
	shift, err := spread(ctx, tx, roots)
	if err != nil {
		return shift, err
	}
	narrowed, err := narrows(ctx, tx, shift)
	if err != nil {
		return shift, err
	}
	if narrowed != "" && !accepted {
		return shift, &dam.Error{Code: dam.Conflict, Field: "accept", Reason: reasons.RelationNarrows(narrowed)}
	}
	for _, a := range assets {
		if narrowed == "" && len(shift.Gone[a.ID]) == 0 || len(shift.Added[a.ID])+len(shift.Gone[a.ID]) == 0 {
			continue
		}
		if err := tx.Actor().NeedOn(a, dam.MayEditRights); err != nil {
			return shift, err
		}
	}
	for _, id := range shift.Records() {
		x, err := tx.Assets().Rights().LockRecord(ctx, "", "", id)
		if err == nil {
			err = s.bring(ctx, tx, &x)
		}
		if err != nil {
			return shift, err
		}
	}
	return shift, nil
}

// narrows returns a live asset of which less is allowed after a shift, "" for none.
func narrows(ctx context.Context, tx *catalog.Tx, shift dam.RightsShift) (string, error) {
	for chunk := range slices.Chunk(slices.Sorted(maps.Keys(shift.Added)), 500) {
		assets, err := tx.Assets().Rights().LockLinked(ctx, chunk)
		if err != nil {
			return "", err
		}
		rows, err := tx.Assets().Rights().Of(ctx, chunk)
		if err != nil {
			return "", err
		}
		for _, a := range assets {
			if a.Live != "" && a.Limits.Exceeds(limitsOf(rows[a.ID])) {
				return a.ID, nil
			}
		}
	}
	return "", nil
}

// Impact says what a shift that was not kept would touch.
func (s *Service) Impact(ctx context.Context, library string, shift dam.RightsShift) (*dam.RightsImpact, error) {
	i, err := s.newImpact(ctx, library)
	if err != nil {
		return nil, err
	}
	records := map[string]catalog.RightsRow{}
	for _, id := range shift.Records() {
		if records[id], err = s.Catalog.Assets().Rights().Record(ctx, library, "", id); err != nil {
			return nil, err
		}
	}
	for chunk := range slices.Chunk(shift.Assets(), chunkSize) {
		err := i.add(ctx, chunk, func(asset string, rows []catalog.RightsRow) []catalog.RightsRow {
			for _, id := range shift.Gone[asset] {
				rows = without(rows, id)
			}
			for _, id := range shift.Added[asset] {
				rows = append(without(rows, id), records[id])
			}
			return rows
		})
		if err != nil {
			return nil, err
		}
	}
	return &i.RightsImpact, nil
}

// sourcesOf returns, by record, what an asset inherits it from: the nearest assets that it is linked to.
func (s *Service) sourcesOf(ctx context.Context, asset string, rows []catalog.RightsRow) (map[string][]string, error) {
	out, wanted := map[string][]string{}, 0
	for _, x := range rows {
		if x.Inherits {
			wanted++
		}
	}
	reached, next := map[string]bool{asset: true}, []string{asset}
	for len(next) > 0 && len(reached) <= MaxHeirs && len(out) < wanted {
		var found []string
		for chunk := range slices.Chunk(next, 500) {
			list, err := s.Catalog.Assets().Relations().Sources(ctx, chunk)
			if err != nil {
				return nil, err
			}
			for _, x := range list {
				if !reached[x.Source] {
					reached[x.Source] = true
					found = append(found, x.Source)
				}
			}
		}
		links, err := linksOf(ctx, s.Catalog.Assets().Rights(), found)
		if err != nil {
			return nil, err
		}
		for _, id := range found {
			for r, own := range links[id] {
				if own {
					out[r] = append(out[r], id)
				}
			}
		}
		next = found
	}
	return out, nil
}
