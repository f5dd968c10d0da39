package publishers

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"vitrine/dam"
	"vitrine/dam/catalog"
)

// scene is what a decision about an asset rests on, read in one transaction.
type scene struct {
	hold       *dam.Hold // nothing may be sent; nil when everything may
	gone       bool      // deleted for good
	asset      dam.Asset
	library    dam.Library
	zone       *time.Location
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
func look(ctx context.Context, tx *catalog.Tx, library, asset string) (scene, error) {
	all, err := lookAll(ctx, tx, map[string]string{asset: library})
	if err != nil {
		return scene{}, err
	}
	return *all[asset], nil
}

// lookAll is look for many assets, named with their libraries. It holds their rows in the
// order of their ids, as everybody does who holds several.
func lookAll(ctx context.Context, tx *catalog.Tx, libraries map[string]string) (map[string]*scene, error) {
	scenes := make(map[string]*scene, len(libraries))
	ids := slices.Sorted(maps.Keys(libraries))
	shared := map[string]scene{} // what is the library's
	for _, id := range ids {
		library := libraries[id]
		base, ok := shared[library]
		if !ok {
			var err error
			if base.library, err = tx.Libraries().Library(ctx, library); err != nil {
				return nil, err
			}
			if base.zone, err = time.LoadLocation(base.library.Zone); err != nil {
				return nil, err
			}
			if base.presets, err = tx.Presets().List(ctx, library); err != nil {
				return nil, err
			}
			shared[library] = base
		}
		base.gone, base.asset.ID, base.asset.Library = true, id, library
		scenes[id] = &base
	}
	assets, err := tx.Assets().LockAssets(ctx, ids)
	if err != nil {
		return nil, err
	}
	live := map[string]*scene{} // by version
	for _, a := range assets {
		if sc := scenes[a.ID]; a.Library == sc.asset.Library {
			sc.gone, sc.asset = false, a
			if a.Live != "" {
				live[a.Live] = sc
			}
		}
	}
	if len(live) == 0 {
		return scenes, nil
	}
	return scenes, fill(ctx, tx, scenes, live)
}

// fill adds what there is of the approved versions.
func fill(ctx context.Context, tx *catalog.Tx, scenes, live map[string]*scene) error {
	ids := slices.Sorted(maps.Keys(live))
	versions, err := tx.Versions().VersionsByID(ctx, ids)
	if err != nil {
		return err
	}
	if len(versions) != len(live) {
		return fmt.Errorf("%d of %d approved versions are there", len(versions), len(live))
	}
	for _, v := range versions {
		live[v.ID].version = v
	}
	renditions, err := tx.Renditions().RenditionsOf(ctx, ids)
	if err != nil {
		return err
	}
	for id, sc := range live {
		sc.renditions = renditions[id]
		if sc.version.Filmed() {
			if sc.films, err = tx.Renditions().Films(ctx, id); err != nil {
				return err
			}
		}
	}
	slots, err := tx.Products().SlotsOf(ctx, slices.Sorted(maps.Keys(scenes)))
	for _, s := range slots {
		if sc := scenes[s.Asset]; sc.version.ID != "" {
			sc.slots = append(sc.slots, Place{SKU: s.SKU, Slot: s.Slot.Slot, N: s.N})
		}
	}
	return err
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

// facts are what it rests on whether the public may see the asset.
func (sc *scene) facts() dam.PublicFacts {
	f := sc.asset.PublicFacts(sc.zone)
	f.Deleted = sc.gone
	return f
}

// gate tells whether the rights and the review allow showing the asset on a
// channel at t. An instant before the rights begin gives their first one.
func (sc *scene) gate(ch catalog.ChannelRow, t time.Time) verdict {
	no := func(field, message, remedy string) verdict {
		return verdict{refused: &dam.Problem{Class: string(classRights), Field: field, Message: message, Remedy: remedy}}
	}
	f := sc.facts()
	switch seen := dam.VisibilityAt(f, t, dam.AudienceIn(ch.Territories...)); seen.Status {
	case dam.StatusPublic:
		return verdict{until: f.Until}
	case dam.StatusEmbargoed:
		return verdict{from: f.From, until: f.Until}
	case dam.StatusDeleted:
		return no("asset", "the asset has been deleted for good", "choose another asset")
	case dam.StatusBinned:
		return no("asset", "the asset is in the bin", "bring it back from the bin first")
	case dam.StatusRecalled:
		return no("asset", "the asset has been recalled from everywhere", "reinstate it, or approve it again, to publish it again")
	case dam.StatusTerritory:
		if seen.Territory == "" {
			return no("rights.territories", "the asset may be shown in some territories only, and the channel reaches everywhere", "give the channel its territories, or choose another asset")
		}
		return no("rights.territories", "the asset may not be shown in "+seen.Territory+", which the channel reaches", "choose another channel or another asset")
	case dam.StatusExpired:
		return no("rights.until", "the rights end on "+string(sc.asset.Rights.Until), "extend them, choose an earlier date or another asset")
	default:
		return no("asset", "no version of the asset is approved", "approve it first")
	}
}

func capabilities(ch catalog.ChannelRow) Capabilities {
	var c Capabilities
	if err := json.Unmarshal(ch.Capabilities, &c); err != nil {
		return Capabilities{Idempotency: NoIdempotency} // the careful reading of a row we can't read
	}
	return c
}

func describe(p *dam.Problem) string {
	if p == nil {
		return ""
	}
	if p.Field != "" {
		return fmt.Sprintf("%s: %s", p.Field, p.Message)
	}
	return p.Message
}
