package planning

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/reasons"
	"vitrine/publishers"
)

// Snapshot is what a decision about an asset rests on, read in one transaction.
type Snapshot struct {
	Hold       *dam.Hold // nothing may be sent; nil when everything may
	gone       bool      // deleted for good
	Asset      dam.Asset
	Library    dam.Library
	zone       *time.Location
	Version    dam.Version // the approved one; zero when there is none
	renditions []dam.Rendition
	films      []dam.VideoRendition // video renditions that are not there
	presets    []dam.Preset
	slots      []publishers.SlotPosition
	// Wants are presets made on demand that a decision called for and the version has not got.
	Wants []string
}

// ReadSnapshot reads the snapshot and holds the asset's row, so that an approval can't be
// undone between the decision and the commit.
func ReadSnapshot(ctx context.Context, tx *catalog.Tx, library, asset string) (Snapshot, error) {
	all, err := ReadSnapshots(ctx, tx, map[string]string{asset: library})
	if err != nil {
		return Snapshot{}, err
	}
	return *all[asset], nil
}

// ReadSnapshots is ReadSnapshot for many assets, named with their libraries. It holds their rows in the
// order of their ids, as everybody does who holds several.
func ReadSnapshots(ctx context.Context, tx *catalog.Tx, libraries map[string]string) (map[string]*Snapshot, error) {
	scenes := make(map[string]*Snapshot, len(libraries))
	ids := slices.Sorted(maps.Keys(libraries))
	shared := map[string]Snapshot{} // what is the library's
	for _, id := range ids {
		library := libraries[id]
		base, ok := shared[library]
		if !ok {
			var err error
			if base.Library, err = tx.Libraries().Library(ctx, library); err != nil {
				return nil, err
			}
			if base.zone, err = time.LoadLocation(base.Library.Zone); err != nil {
				return nil, err
			}
			if base.presets, err = tx.Presets().List(ctx, library); err != nil {
				return nil, err
			}
			shared[library] = base
		}
		base.gone, base.Asset.ID, base.Asset.Library = true, id, library
		scenes[id] = &base
	}
	assets, err := tx.Assets().LockAssets(ctx, ids)
	if err != nil {
		return nil, err
	}
	live := map[string]*Snapshot{} // by version
	for _, a := range assets {
		if sc := scenes[a.ID]; a.Library == sc.Asset.Library {
			sc.gone, sc.Asset = false, a
			if a.Live != "" {
				live[a.Live] = sc
			}
		}
	}
	if len(live) == 0 {
		return scenes, nil
	}
	return scenes, fillSnapshots(ctx, tx, scenes, live)
}

// fill adds what there is of the approved versions.
func fillSnapshots(ctx context.Context, tx *catalog.Tx, scenes, live map[string]*Snapshot) error {
	ids := slices.Sorted(maps.Keys(live))
	versions, err := tx.Versions().VersionsByID(ctx, ids)
	if err != nil {
		return err
	}
	if len(versions) != len(live) {
		return fmt.Errorf("%d of %d approved versions are there", len(versions), len(live))
	}
	for _, v := range versions {
		live[v.ID].Version = v
	}
	renditions, err := tx.Renditions().RenditionsOf(ctx, ids)
	if err != nil {
		return err
	}
	for id, sc := range live {
		sc.renditions = renditions[id]
		if sc.Version.HasVideo() {
			if sc.films, err = tx.Renditions().Videos(ctx, id); err != nil {
				return err
			}
		}
	}
	slots, err := tx.Products().SlotsOf(ctx, slices.Sorted(maps.Keys(scenes)))
	for _, s := range slots {
		if sc := scenes[s.Asset]; sc.Version.ID != "" {
			sc.slots = append(sc.slots, publishers.SlotPosition{SKU: s.SKU, Slot: s.Slot.Slot, N: s.N})
		}
	}
	return err
}

// OrderRenditions asks for the renditions that a decision found to be missing.
func (s *Service) OrderRenditions(ctx context.Context, tx *catalog.Tx, sc *Snapshot) error {
	if len(sc.Wants) == 0 || s.Renditions == nil {
		return nil
	}
	return s.Renditions.Want(ctx, tx, sc.Version.ID, sc.Wants...)
}

// cuts tells why a preset may not be published of the asset: its crop would cut a protected zone.
func (sc *Snapshot) cuts(preset string) *dam.Problem {
	p, ok := dam.Variant(sc.presets, preset)
	if !ok {
		return nil
	}
	cuts := dam.CropOf(p, &sc.Asset, &sc.Version).Cuts
	if len(cuts) == 0 {
		return nil
	}
	return dam.NewProblem(string(publishers.ClassPermanent), "presets", reasons.PresetCutsZone(preset, cuts[0].Kind))
}

// Decision is the gate's answer: refused, open, or open from an instant on. until
// is when it closes, zero for never.
type Decision struct {
	Refused     *dam.Problem
	From, until time.Time
}

// facts are what it rests on whether the public may see the asset.
func (sc *Snapshot) facts() dam.PublicFacts {
	f := sc.Asset.PublicFacts(sc.zone)
	f.Deleted = sc.gone
	return f
}

// Decide tells whether the rights and the review allow showing the asset on a
// channel at t. An instant before the rights begin gives their first one.
func (sc *Snapshot) Decide(ch catalog.ChannelRow, t time.Time) Decision {
	no := func(field string, why reasons.Reason) Decision {
		return Decision{Refused: dam.NewProblem(string(publishers.ClassRights), field, why)}
	}
	f := sc.facts()
	switch seen := dam.VisibilityAt(f, t, dam.AudienceOf(ch.Channel)); seen.Status {
	case dam.StatusPublic:
		return Decision{until: f.Until}
	case dam.StatusEmbargoed:
		return Decision{From: f.From, until: f.Until}
	case dam.StatusDeleted:
		return no("asset", reasons.AssetErased())
	case dam.StatusBinned:
		return no("asset", reasons.AssetBinned())
	case dam.StatusRecalled:
		return no("asset", reasons.AssetRecalled())
	case dam.StatusMedium:
		return no("rights.channel", reasons.MediumForbidden())
	case dam.StatusTerritory:
		if seen.Territory == "" {
			return no("rights.territories", reasons.TerritoriesUnknown())
		}
		return no("rights.territories", reasons.TerritoryForbidden(seen.Territory))
	case dam.StatusExpired:
		if f.Withdrawn {
			return no("rights.consent", reasons.ConsentWithdrawn())
		}
		return no("rights.until", reasons.RightsEnd(string(sc.Asset.Effective().Until)))
	default:
		return no("asset", reasons.NoVersionApproved())
	}
}

// Capabilities are what a channel's kind said that it can do.
func Capabilities(ch catalog.ChannelRow) publishers.Capabilities {
	var c publishers.Capabilities
	if err := json.Unmarshal(ch.Capabilities, &c); err != nil {
		// the careful reading of a row we can't read
		return publishers.Capabilities{Idempotency: publishers.NoIdempotency}
	}
	return c
}

// Describe is a problem as a line of the ledger.
func Describe(p *dam.Problem) reasons.Reason {
	switch {
	case p == nil:
		return reasons.Reason{}
	case p.Field != "":
		return reasons.InField(p.Field, p.Reason)
	}
	return p.Reason
}
