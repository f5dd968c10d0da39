package publishers

import (
	"context"
	"fmt"
	"slices"
	"time"

	"vitrine/dam"
	"vitrine/dam/catalog"
)

// scene is what a decision about an asset rests on, read in one transaction.
type scene struct {
	gone       bool // deleted for good
	asset      dam.Asset
	library    dam.Library
	zone       *time.Location
	recalled   *time.Time
	version    dam.Version // the approved one; zero when there is none
	renditions []dam.Rendition
	films      []dam.Film // video renditions that are not there
	presets    []dam.Preset
	slots      []Place
	// wants are presets made on demand that a decision called for and the version has not got.
	wants []string
}

// look reads the scene and holds the asset's row, so that an approval can't be
// undone between the decision and the commit.
func look(ctx context.Context, tx *catalog.Tx, library, asset string) (sc scene, err error) {
	if sc.library, err = tx.Library(ctx, library); err != nil {
		return sc, err
	}
	if sc.zone, err = time.LoadLocation(sc.library.Zone); err != nil {
		return sc, err
	}
	sc.asset, err = tx.LockAsset(ctx, library, asset)
	if dam.CodeOf(err) == dam.NotFound {
		sc.gone, sc.asset.ID, sc.asset.Library = true, asset, library
		return sc, nil
	}
	if err != nil {
		return sc, err
	}
	if sc.recalled, err = tx.Recalled(ctx, asset); err != nil {
		return sc, err
	}
	if sc.asset.Live == "" {
		return sc, nil
	}
	if sc.version, err = tx.Version(ctx, sc.asset.Live); err != nil {
		return sc, err
	}
	if sc.renditions, err = tx.Renditions(ctx, sc.version.ID); err != nil {
		return sc, err
	}
	if sc.version.Filmed() {
		if sc.films, err = tx.Films(ctx, sc.version.ID); err != nil {
			return sc, err
		}
	}
	slots, err := tx.SlotsOf(ctx, []string{asset})
	if err != nil {
		return sc, err
	}
	for _, s := range slots {
		sc.slots = append(sc.slots, Place{SKU: s.SKU, Slot: s.Slot.Slot, N: s.N})
	}
	sc.presets, err = tx.Presets(ctx, library)
	return sc, err
}

// order asks for the renditions that a decision found to be missing.
func (s *Service) order(ctx context.Context, tx *catalog.Tx, sc *scene) error {
	if len(sc.wants) == 0 || s.Renditions == nil {
		return nil
	}
	return s.Renditions.Want(ctx, tx, sc.version.ID, sc.wants...)
}

// cuts tells why a preset may not be published of the asset: its crop would cut a protected zone.
func (sc *scene) cuts(preset string) *dam.Problem {
	p, ok := dam.Variant(sc.presets, preset)
	if !ok {
		return nil
	}
	_, cuts := p.Crop(&sc.asset, sc.version.Width, sc.version.Height)
	if len(cuts) == 0 {
		return nil
	}
	return &dam.Problem{Class: string(ClassPermanent), Field: "presets", Message: fmt.Sprintf("the preset “%s” would cut a protected zone (%s) of this picture", preset, cuts[0].Kind),
		Remedy: "move or shrink the zone, or choose a preset of another shape"}
}

// verdict is the gate's answer: refused, open, or open from an instant on. until
// is when it closes, zero for never.
type verdict struct {
	refused     *dam.Problem
	from, until time.Time
}

// gate tells whether the rights and the review allow showing the asset on a
// channel at t. An instant before the window gives the window's start.
func (sc *scene) gate(ch catalog.ChannelRow, t time.Time) verdict {
	no := func(field, message, remedy string) verdict {
		return verdict{refused: &dam.Problem{Class: string(classRights), Field: field, Message: message, Remedy: remedy}}
	}
	a := &sc.asset
	switch {
	case sc.gone:
		return no("asset", "the asset has been deleted for good", "choose another asset")
	case a.DeletedAt != nil:
		return no("asset", "the asset is in the bin", "bring it back from the bin first")
	case a.Live == "":
		return no("asset", "no version of the asset is approved", "approve it first")
	case sc.recalled != nil && (sc.version.ApprovedAt == nil || sc.version.ApprovedAt.Before(*sc.recalled)):
		return no("asset", "the asset has been recalled from everywhere", "approve it again to publish it again")
	}
	if len(a.Rights.Territories) > 0 {
		if len(ch.Territories) == 0 {
			return no("rights.territories", "the asset may be shown in some territories only, and the channel reaches everywhere", "give the channel its territories, or choose another asset")
		}
		for _, t := range ch.Territories {
			if !slices.Contains(a.Rights.Territories, t) {
				return no("rights.territories", "the asset may not be shown in "+t+", which the channel reaches", "choose another channel or another asset")
			}
		}
	}
	start, end := a.Rights.Window(sc.zone)
	if !end.IsZero() && !t.Before(end) {
		return no("rights.until", "the rights end on "+string(a.Rights.Until), "extend them, choose an earlier date or another asset")
	}
	v := verdict{until: end}
	if t.Before(start) {
		v.from = start
	}
	return v
}
