// Package relations keeps what assets are to each other: variants, translations, parts, pairs of a raw file and a JPEG.
//
// A relation notes which version of its source an asset was made from. With a newer one the asset is stale (dam.Asset),
// until somebody confirms it or it gets a version of its own; the catalogue does both together with the new version.
package relations

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/reasons"
)

// Catalog is what this package reads and changes of the catalogue.
type Catalog interface {
	catalog.Writer
	Assets() catalog.Assets
}

// Rights are the licences and consents that bind what derives from their assets.
type Rights interface {
	// Hold locks what Inherit goes by; it comes before the locks of assets.
	Hold(ctx context.Context, tx *catalog.Tx, library string, assets []string) error
	// Inherit follows a change of some assets' relations.
	Inherit(ctx context.Context, tx *catalog.Tx, assets []*dam.Asset, accepted bool) (dam.RightsShift, error)
	// Release follows the end of a relation of some assets.
	Release(ctx context.Context, tx *catalog.Tx, assets []*dam.Asset) (dam.RightsShift, error)
	// Impact says what a change that was not kept would touch.
	Impact(ctx context.Context, library string, shift dam.RightsShift) (*dam.RightsImpact, error)
}

// Service changes relations. Every method works inside one library.
type Service struct {
	Catalog Catalog
	Rights  Rights
}

// NewRelation is a relation to be made.
type NewRelation struct {
	Kind dam.RelationKind `json:"kind" enum:"variant_of,derived_from,translation_of,part_of,raw_pair" doc:"What the asset is to the other one; of a raw pair, the JPEG is to the raw file"`
	To   string           `json:"to" minLength:"1" maxLength:"64" doc:"Id of the other asset"`
	// Version is the number of the version of To that the asset was made from, nil for the newest.
	Version *int `json:"version,omitempty" minimum:"0" doc:"Number of the version of the other asset that this one was made from; the newest if absent"`
	// Accept is said by who has seen what the relation takes from the public.
	Accept bool `json:"accept,omitempty" doc:"Also where licences and consents of the one take something from the other that is live; without it that is refused"`
}

// maxSources is how many assets are followed to find out whether a relation would close a circle.
const maxSources = 5000

// Of returns the relations of an asset to those that the actor of the context sees, the oldest first.
func (s *Service) Of(ctx context.Context, library, asset string) ([]dam.Related, error) {
	a, err := s.Catalog.Assets().Asset(ctx, library, asset)
	if err != nil {
		return nil, err
	}
	rows, err := s.Catalog.Assets().Relations().Of(ctx, a.ID)
	if err != nil {
		return nil, err
	}
	ids := make([]string, len(rows))
	for i, x := range rows {
		ids[i] = other(x, a.ID)
	}
	list, err := s.Catalog.Assets().List(ctx, slices.Compact(slices.Sorted(slices.Values(ids))))
	if err != nil {
		return nil, err
	}
	seen := map[string]*dam.Asset{}
	for _, b := range catalog.Visible(ctx, list) {
		seen[b.ID] = &b
	}
	out := []dam.Related{}
	for i, x := range rows {
		if b := seen[ids[i]]; b != nil {
			out = append(out, x.Seen(&a, b))
		}
	}
	return out, nil
}

// other returns the id of the asset that an asset is related to.
func other(x dam.Relation, asset string) string {
	if x.From == asset {
		return x.To
	}
	return x.From
}

// Add relates an asset, which the actor of the context may edit, to another one that they see. What is there already is
// returned as it is.
func (s *Service) Add(ctx context.Context, library, asset string, n NewRelation) (dam.Related, error) {
	x, err := catalog.Do(ctx, s.Catalog, func(tx *catalog.Tx) (dam.Related, error) {
		x, _, err := s.addIn(ctx, tx, library, asset, n)
		return x, err
	})
	if err != nil {
		return x, err
	}
	return s.shown(ctx, asset, x)
}

// shown returns what a transaction answers, which reads assets whole, with the other asset as the actor of the context
// sees it.
func (s *Service) shown(ctx context.Context, asset string, x dam.Related) (dam.Related, error) {
	list, err := s.Catalog.Assets().List(ctx, []string{asset, x.Asset.ID})
	if err != nil {
		return dam.Related{}, err
	}
	if list = catalog.Visible(ctx, list); len(list) < 2 { // meanwhile
		return dam.Related{}, &dam.Error{Code: dam.NotFound, Reason: reasons.NotFound("asset", x.Asset.ID)}
	}
	source := &list[1]
	if x.Direction == dam.DirectionFrom {
		source = &list[0]
	}
	x.Asset, x.Latest = list[1], source.Latest.N
	x.Stale = x.Kind.MadeFrom() && x.Latest > x.Version
	return x, nil
}

// errDry ends the transaction of a dry run.
var errDry = errors.New("a dry run changes nothing")

// WouldAdd says what Add would touch.
func (s *Service) WouldAdd(ctx context.Context, library, asset string, n NewRelation) (dam.Related, *dam.RightsImpact,
	error) {
	var would dam.Related
	var shift dam.RightsShift
	n.Accept = true
	err := s.Catalog.Write(ctx, func(tx *catalog.Tx) (err error) {
		would, shift, err = s.addIn(ctx, tx, library, asset, n)
		return cmp.Or(err, errDry)
	})
	if !errors.Is(err, errDry) {
		return would, nil, err
	}
	if would, err = s.shown(ctx, asset, would); err != nil {
		return would, nil, err
	}
	impact, err := s.Rights.Impact(ctx, library, shift)
	return would, impact, err
}

func (s *Service) addIn(ctx context.Context, tx *catalog.Tx, library, asset string, n NewRelation) (dam.Related,
	dam.RightsShift, error) {
	var none dam.RightsShift
	if asset == n.To {
		return dam.Related{}, none, dam.InvalidInput("to", reasons.RelatedToItself())
	}
	// Circles are looked for under the lock of the library, so that two people can't close one together.
	if err := s.Rights.Hold(ctx, tx, library, []string{asset, n.To}); err != nil {
		return dam.Related{}, none, err
	}
	from, to, err := lockPair(ctx, tx, library, asset, n.To)
	if err != nil {
		return dam.Related{}, none, err
	}
	if err := tx.Actor().MayEdit(&from); err != nil {
		return dam.Related{}, none, err
	}
	if from.DeletedAt != nil || to.DeletedAt != nil {
		return dam.Related{}, none, &dam.Error{Code: dam.Conflict, Reason: reasons.AssetInBin()}
	}
	x := dam.Relation{ID: dam.NewID(dam.RelationPrefix), Library: library, From: from.ID, To: to.ID, Kind: n.Kind,
		Version: to.Latest.N}
	if n.Version != nil {
		x.Version = min(*n.Version, to.Latest.N)
	}
	rows, err := tx.Assets().Relations().Of(ctx, from.ID, to.ID)
	if err != nil {
		return dam.Related{}, none, err
	}
	if i := slices.IndexFunc(rows, func(r dam.Relation) bool { return same(r, x) }); i >= 0 {
		return rows[i].Seen(&from, &to), none, nil
	}
	if err := cmp.Or(roomFor(rows, x.From), roomFor(rows, x.To), open(ctx, tx, x)); err != nil {
		return dam.Related{}, none, err
	}
	if err := tx.Assets().Relations().Insert(ctx, &x); err != nil {
		return dam.Related{}, none, err
	}
	tx.EmitRelation(dam.AssetRelated, x, &from, &to)
	shift, err := s.Rights.Inherit(ctx, tx, []*dam.Asset{&from, &to}, n.Accept)
	return x.Seen(&from, &to), shift, err
}

// same reports whether two relations say the same.
func same(a, b dam.Relation) bool { return a.From == b.From && a.To == b.To && a.Kind == b.Kind }

// roomFor refuses another relation of an asset that has as many as it may have.
func roomFor(rows []dam.Relation, asset string) error {
	n := 0
	for _, r := range rows {
		if r.From == asset || r.To == asset {
			n++
		}
	}
	if n >= dam.MaxRelations {
		return &dam.Error{Code: dam.Conflict, Field: "to", Reason: reasons.TooManyRelations(dam.MaxRelations)}
	}
	return nil
}

// lockPair locks two assets, of which the actor sees both, in the order of their ids.
func lockPair(ctx context.Context, tx *catalog.Tx, library, first, second string) (a, b dam.Asset, err error) {
	lock := func(id string, into *dam.Asset) {
		if err == nil {
			*into, err = tx.Assets().LockAsset(ctx, library, id)
		}
	}
	if second < first {
		lock(second, &b)
		lock(first, &a)
	} else {
		lock(first, &a)
		lock(second, &b)
	}
	return a, b, err
}

// open refuses a relation that would close a circle.
func open(ctx context.Context, tx *catalog.Tx, x dam.Relation) error {
	reached, next := map[string]bool{x.To: true}, []string{x.To}
	for len(next) > 0 {
		var found []string
		for chunk := range slices.Chunk(next, 500) {
			list, err := tx.Assets().Relations().Targets(ctx, chunk, x.Kind.Together(), maxSources+1)
			if err != nil {
				return err
			}
			for _, id := range list {
				if !reached[id] {
					reached[id] = true
					found = append(found, id)
				}
			}
		}
		switch {
		case reached[x.From]:
			return &dam.Error{Code: dam.Conflict, Field: "to", Reason: reasons.RelationsInACircle()}
		case len(reached) > maxSources:
			return &dam.Error{Code: dam.Conflict, Field: "to", Reason: reasons.TooManySources(maxSources)}
		}
		next = found
	}
	return nil
}

// held returns a relation and its two assets, locked: the actor may edit the one that is made, and sees the other one.
func (s *Service) held(ctx context.Context, tx *catalog.Tx, library, asset, id string) (x dam.Relation, from,
	to dam.Asset, err error) {
	if _, err = tx.Assets().Asset(ctx, library, asset); err != nil {
		return
	}
	if x, err = tx.Assets().Relations().Relation(ctx, asset, id); err != nil {
		return
	}
	if err = s.Rights.Hold(ctx, tx, library, []string{x.From, x.To}); err != nil {
		return
	}
	if from, to, err = lockPair(ctx, tx, library, x.From, x.To); dam.CodeOf(err) == dam.NotFound {
		err = &dam.Error{Code: dam.NotFound, Reason: reasons.NotFound("relation", id)} // not whose it is
	}
	if err == nil {
		err = tx.Actor().MayEdit(&from)
	}
	if err == nil { // it may have gone, or got other ends, meanwhile
		x, err = tx.Assets().Relations().Relation(ctx, from.ID, id)
	}
	if err == nil && (x.From != from.ID || x.To != to.ID) {
		err = &dam.Error{Code: dam.NotFound, Reason: reasons.NotFound("relation", id)}
	}
	return
}

// Remove ends a relation of an asset, in either direction.
func (s *Service) Remove(ctx context.Context, library, asset, id string) error {
	return s.Catalog.Write(ctx, func(tx *catalog.Tx) error {
		x, from, to, err := s.held(ctx, tx, library, asset, id)
		if err != nil {
			return err
		}
		tx.EmitRelation(dam.AssetUnrelated, x, &from, &to)
		if err := tx.Assets().Relations().Delete(ctx, id); err != nil {
			return err
		}
		_, err = s.Rights.Release(ctx, tx, []*dam.Asset{&from, &to})
		return err
	})
}

// Confirm notes that the asset of a relation is right for a version of its source, nil for the newest: it is no longer
// stale by this one.
func (s *Service) Confirm(ctx context.Context, library, asset, id string, version *int) (dam.Related, error) {
	x, err := catalog.Do(ctx, s.Catalog, func(tx *catalog.Tx) (dam.Related, error) {
		x, from, to, err := s.held(ctx, tx, library, asset, id)
		if err != nil {
			return dam.Related{}, err
		}
		n := to.Latest.N
		if version != nil {
			n = min(n, *version)
		}
		if x.Version != n {
			x.Version = n
			tx.EmitRelation(dam.AssetSourceConfirmed, x, &from)
			err = tx.Assets().Relations().Update(ctx, x)
		}
		if asset == to.ID {
			return x.Seen(&to, &from), err
		}
		return x.Seen(&from, &to), err
	})
	if err != nil {
		return x, err
	}
	return s.shown(ctx, asset, x)
}

// Hold locks what Merge goes by; it comes before the locks of assets.
func (s *Service) Hold(ctx context.Context, tx *catalog.Tx, library string, assets []string) error {
	return s.Rights.Hold(ctx, tx, library, assets)
}

// Merge gives the relations of some assets to the one that takes their place. Those among themselves, and what it has
// already, end.
func (s *Service) Merge(ctx context.Context, tx *catalog.Tx, keep *dam.Asset, others []dam.Asset) ([]dam.Change,
	error) {
	group := map[string]*dam.Asset{keep.ID: keep}
	for i := range others {
		group[others[i].ID] = &others[i]
	}
	mine, err := tx.Assets().Relations().Of(ctx, keep.ID)
	if err != nil {
		return nil, err
	}
	for i := range others {
		rows, err := tx.Assets().Relations().Of(ctx, others[i].ID)
		if err != nil {
			return nil, err
		}
		for _, was := range rows {
			far, err := end(ctx, tx, other(was, others[i].ID), group)
			if err != nil {
				return nil, err
			}
			tx.EmitRelation(dam.AssetUnrelated, was, &others[i])
			x := moved(was, keep, group)
			if x.From == x.To || slices.ContainsFunc(mine, func(r dam.Relation) bool { return same(r, x) }) {
				tx.EmitRelation(dam.AssetUnrelated, was, far)
				err = tx.Assets().Relations().Delete(ctx, was.ID)
			} else {
				mine = append(mine, x)
				tx.EmitRelation(dam.AssetRelated, x, keep, far)
				err = cmp.Or(roomFor(mine[:len(mine)-1], keep.ID), open(ctx, tx, x),
					tx.Assets().Relations().Update(ctx, x))
			}
			if err != nil {
				return nil, err
			}
		}
	}
	// Records and relations have both been given to it by now: what derives from it is bound by all of them.
	if _, err := s.Rights.Inherit(ctx, tx, []*dam.Asset{keep}, false); err != nil {
		return nil, err
	}
	now, err := tx.Assets().LockAsset(ctx, keep.Library, keep.ID)
	if err == nil && now.Revision != keep.Revision {
		keep.Limits, keep.Revision = now.Limits, now.Revision
	}
	return nil, err
}

// end returns an asset, of the group or outside it.
func end(ctx context.Context, tx *catalog.Tx, id string, group map[string]*dam.Asset) (*dam.Asset, error) {
	if a := group[id]; a != nil {
		return a, nil
	}
	list, err := tx.Assets().List(ctx, []string{id})
	if err != nil || len(list) == 0 {
		return nil, cmp.Or(err, error(&dam.Error{Code: dam.NotFound, Reason: reasons.NotFound("asset", id)}))
	}
	return &list[0], nil
}

// moved returns a relation with the asset that is kept in the place of those of the group. What was stale stays so.
func moved(x dam.Relation, keep *dam.Asset, group map[string]*dam.Asset) dam.Relation {
	if source := group[x.To]; source != nil && source != keep {
		x.Version = max(0, keep.Latest.N-min(1, max(0, source.Latest.N-x.Version)))
		x.To = keep.ID
	}
	if group[x.From] != nil {
		x.From = keep.ID
	}
	return x
}
