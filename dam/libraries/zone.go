package libraries

import (
	"context"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/reasons"
)

const (
	// maxNamed is how many assets a change of the zone names.
	maxNamed = 200
	// touchBatch is how many assets are read at once when the zone changes.
	touchBatch = 1000
)

// ZoneChange says what another zone would change in public; nothing is changed. Assets are named to who sees them all.
// The error is dam.NotFound, dam.Forbidden, or dam.Invalid for a zone that there isn't.
func (s *Service) ZoneChange(ctx context.Context, id, zone string) (dam.ZoneChange, error) {
	actor := dam.ActorOf(ctx)
	l, err := s.Get(ctx, id)
	if err != nil {
		return dam.ZoneChange{}, err
	}
	if !installation(actor) {
		if err := actor.Need(id, dam.MayManageLibrary); err != nil {
			return dam.ZoneChange{}, err
		}
	}
	to, err := dam.Zone(zone)
	if err != nil {
		return dam.ZoneChange{}, dam.InvalidInput("zone", reasons.NoTimeZone(dam.Cut(zone, 64)))
	}
	from, err := dam.Zone(l.Zone)
	if err != nil {
		return dam.ZoneChange{}, err
	}
	named := maxNamed
	if !actor.CanEverywhere(id, dam.MaySee) || !actor.CanEverywhere(id, dam.MaySeeUnapproved) {
		named = 0
	}
	return s.Catalog.Libraries().ZoneChange(ctx, id, from, to, named)
}

// touchDated says of every approved asset with rights that begin or end that these have changed, as if somebody had
// edited them: channels plan anew, CDNs are purged.
func touchDated(ctx context.Context, tx *catalog.Tx, library string) error {
	for after := uint32(0); ; {
		list, err := tx.Libraries().Dated(ctx, library, after, touchBatch)
		if err != nil {
			return err
		}
		for i := range list {
			tx.EmitAsset(dam.AssetUpdated, &list[i], map[string]any{"fields": []string{"rights"}})
			after = list[i].Number
		}
		if len(list) < touchBatch {
			return nil
		}
	}
}
