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
//
// Where something ends, adds says which records may bind more all the same, and nothing is refused: what was never
// spread stays so. It is nil where links or relations are added.
func spread(ctx context.Context, tx *catalog.Tx, roots []string, adds func(record string) bool) (dam.RightsShift,
	error) {
	out := dam.RightsShift{Added: map[string][]string{}, Gone: map[string][]string{}}
	family, err := heirsOf(ctx, tx.Assets().Relations().Relations, roots)
	if err != nil {
		return out, err
	}
	if adds == nil && len(family.heirs)-len(roots) > MaxHeirs {
		return out, &dam.Error{Code: dam.Conflict, Reason: reasons.TooManyHeirs(MaxHeirs)}
	}
	links, err := linksOf(ctx, tx.Assets().Rights().Rights, family.all())
	if err != nil {
		return out, err
	}
	has := family.inherit(links)
	byRecord := dam.RightsShift{Added: map[string][]string{}, Gone: map[string][]string{}}
	for id := range family.heirs {
		for r := range has[id] {
			if _, had := links[id][r]; !had && (adds == nil || adds(r)) {
				out.Added[id] = append(out.Added[id], r)
				byRecord.Added[r] = append(byRecord.Added[r], id)
			}
		}
		if adds == nil && len(out.Added[id]) > 0 && len(has[id]) > MaxRecords {
			return out, tooMany(ctx, tx, id)
		}
		for r := range links[id] {
			if !has[id][r] {
				out.Gone[id] = append(out.Gone[id], r)
				byRecord.Gone[r] = append(byRecord.Gone[r], id)
			}
		}
	}
	for _, r := range out.Records() {
		for chunk := range slices.Chunk(byRecord.Added[r], chunkSize) {
			if err := tx.Assets().Rights().Inherit(ctx, r, chunk); err != nil {
				return out, err
			}
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

// graph tells the steps of inheritance of up to 500 assets.
type graph interface {
	Heirs(ctx context.Context, assets []string) ([]catalog.Inheritance, error)
	Sources(ctx context.Context, assets []string) ([]catalog.Inheritance, error)
}

// roomAbove refuses too many heirs of what some assets derive from, however far: nothing could be linked to it any
// more.
func roomAbove(ctx context.Context, of graph, assets []string) error {
	tooMany := &dam.Error{Code: dam.Conflict, Reason: reasons.TooManyHeirs(MaxHeirs)}
	above := map[string]bool{}
	for next := assets; len(next) > 0; {
		var found []string
		for chunk := range slices.Chunk(next, 500) {
			list, err := of.Sources(ctx, chunk)
			if err != nil {
				return err
			}
			for _, x := range list {
				if !above[x.Source] {
					above[x.Source] = true
					found = append(found, x.Source)
				}
			}
		}
		if len(above) > MaxHeirs {
			return tooMany
		}
		next = found
	}
	heirs := map[string][]string{} // of those that were read
	for source := range above {
		reached := map[string]bool{source: true}
		for next := []string{source}; len(next) > 0; {
			unread := slices.DeleteFunc(slices.Clone(next), func(id string) bool { return heirs[id] != nil })
			for chunk := range slices.Chunk(unread, 500) {
				for _, id := range chunk {
					heirs[id] = []string{}
				}
				list, err := of.Heirs(ctx, chunk)
				if err != nil {
					return err
				}
				for _, x := range list {
					heirs[x.Source] = append(heirs[x.Source], x.Heir)
				}
			}
			var found []string
			for _, id := range next {
				for _, heir := range heirs[id] {
					if !reached[heir] {
						reached[heir] = true
						found = append(found, heir)
					}
				}
			}
			if len(reached) > MaxHeirs+1 {
				return tooMany
			}
			next = found
		}
	}
	return nil
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
// nobody has accepted that, because a person who links a record is told beforehand what that touches; that needs the
// permission to edit the rights of each of these, and taking a record from one of the assets that of this.
func (s *Service) Inherit(ctx context.Context, tx *catalog.Tx, assets []*dam.Asset, accepted bool) (dam.RightsShift,
	error) {
	if err := roomAbove(ctx, tx.Assets().Relations().Relations, idsOf(assets)); err != nil {
		return dam.RightsShift{}, err
	}
	shift, err := spread(ctx, tx, idsOf(assets), nil)
	if err != nil {
		return shift, err
	}
	narrowed, err := narrows(ctx, tx, shift)
	if err != nil {
		return shift, err
	}
	for i := range narrowed {
		if err := needOnHeir(tx, &narrowed[i]); err != nil {
			return shift, err
		}
	}
	if len(narrowed) > 0 && !accepted {
		return shift, &dam.Error{Code: dam.Conflict, Field: "accept", Reason: reasons.RelationNarrows(narrowed[0].ID)}
	}
	return shift, s.settle(ctx, tx, assets, shift)
}

// Release is Inherit where a relation ends: nothing binds more by that, and it is not refused because of what there is
// already.
func (s *Service) Release(ctx context.Context, tx *catalog.Tx, assets []*dam.Asset) (dam.RightsShift, error) {
	shift, err := spread(ctx, tx, idsOf(assets), func(string) bool { return false })
	if err != nil {
		return shift, err
	}
	return shift, s.settle(ctx, tx, assets, shift)
}

func idsOf(assets []*dam.Asset) (out []string) {
	for _, a := range assets {
		out = append(out, a.ID)
	}
	return out
}

// settle renews the limits of all that a shift concerns, if the actor may take from the assets what it takes.
func (s *Service) settle(ctx context.Context, tx *catalog.Tx, assets []*dam.Asset, shift dam.RightsShift) error {
	for _, a := range assets {
		if len(shift.Gone[a.ID]) == 0 {
			continue
		}
		if err := tx.Actor().NeedOn(a, dam.MayEditRights); err != nil {
			return err
		}
	}
	return s.bringAll(ctx, tx, shift.Records())
}

// bringAll renews the limits of all that some records bind and that don't have them yet.
func (s *Service) bringAll(ctx context.Context, tx *catalog.Tx, records []string) error {
	for _, id := range records {
		x, err := tx.Assets().Rights().LockRecord(ctx, "", "", id)
		if err == nil {
			err = s.bring(ctx, tx, &x)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// needOnHeir refuses who may not edit the rights of a live asset that gets less. It names none that they don't see.
func needOnHeir(tx *catalog.Tx, a *dam.Asset) error {
	err := tx.Actor().NeedOn(a, dam.MayEditRights)
	if dam.CodeOf(err) == dam.NotFound {
		return &dam.Error{Code: dam.Forbidden, Reason: reasons.RelationNarrowsUnseen()}
	}
	return err
}

// tooMany refuses more records of an asset, which it names to who sees it.
func tooMany(ctx context.Context, tx *catalog.Tx, asset string) error {
	list, err := tx.Assets().Rights().LockLinked(ctx, []string{asset})
	if err != nil {
		return err
	}
	why := reasons.TooManyRecordsOfUnseen(MaxRecords)
	if len(list) == 1 && tx.Actor().Sees(&list[0]) {
		why = reasons.TooManyRecordsOfAsset(MaxRecords, asset)
	}
	return &dam.Error{Code: dam.Conflict, Reason: why}
}

// narrows returns the live assets of which less is allowed after a shift.
func narrows(ctx context.Context, tx *catalog.Tx, shift dam.RightsShift) (out []dam.Asset, err error) {
	for chunk := range slices.Chunk(slices.Sorted(maps.Keys(shift.Added)), 500) {
		assets, err := tx.Assets().Rights().LockLinked(ctx, chunk)
		if err != nil {
			return nil, err
		}
		rows, err := tx.Assets().Rights().Of(ctx, chunk)
		if err != nil {
			return nil, err
		}
		for _, a := range assets {
			if a.Live != "" && a.Limits.Exceeds(limitsOf(rows[a.ID])) {
				out = append(out, a)
			}
		}
	}
	return out, nil
}

// sourcesOf returns, by record, what an asset inherits it from: the nearest assets that it is linked to.
func (s *Service) sourcesOf(ctx context.Context, asset string, rows []catalog.RightsRow) (map[string][]string, error) {
	out, wanted := map[string][]string{}, map[string]bool{}
	for _, x := range rows {
		if x.Inherits {
			wanted[x.ID] = true
		}
	}
	reached, next := map[string]bool{asset: true}, []string{asset}
	for len(next) > 0 && len(reached) <= MaxHeirs && len(out) < len(wanted) {
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
				if own && wanted[r] {
					out[r] = append(out[r], id)
				}
			}
		}
		next = found
	}
	return out, nil
}
