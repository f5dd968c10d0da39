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
	all        map[string]*Snapshot // by asset: what was read together
	more       []*Snapshot          // of the further files of a publication: see Of
	ends       *time.Time           // when the publication is taken down
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
		base.gone, base.Asset.ID, base.Asset.Library, base.all = true, id, library, scenes
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

// readAround is ReadSnapshot together with what the asset is in open publications with.
func readAround(ctx context.Context, tx *catalog.Tx, library, asset string) (Snapshot, error) {
	beside, err := tx.Publications().Beside(ctx, asset)
	if err != nil {
		return Snapshot{}, err
	}
	return readTogether(ctx, tx, library, append(beside, asset), asset)
}

// readTogether reads the snapshots of some assets of a library, and returns that of one.
func readTogether(ctx context.Context, tx *catalog.Tx, library string, assets []string, one string) (Snapshot, error) {
	libraries := make(map[string]string, len(assets))
	for _, id := range assets {
		libraries[id] = library
	}
	all, err := ReadSnapshots(ctx, tx, libraries)
	if err != nil {
		return Snapshot{}, err
	}
	return *all[one], nil
}

// readPost returns the snapshot of a publication.
func readPost(ctx context.Context, tx *catalog.Tx, p *dam.Publication) (*Snapshot, error) {
	assets := []string{p.Asset}
	for _, f := range p.Files {
		assets = append(assets, f.Asset)
	}
	first, err := readTogether(ctx, tx, p.Library, assets, p.Asset)
	if err != nil {
		return nil, err
	}
	return first.Of(ctx, tx, p)
}

// Of returns the snapshot of a publication: that of its first file, with those of the others. What was not read yet,
// because the publication is newer than what was known when the snapshots were read, is read now.
func (sc *Snapshot) Of(ctx context.Context, tx *catalog.Tx, p *dam.Publication) (*Snapshot, error) {
	if !p.Several() {
		return sc.ending(p.Ends), nil
	}
	missing := map[string]string{}
	for _, f := range p.Files {
		if sc.all[f.Asset] == nil {
			missing[f.Asset] = p.Library
		}
	}
	if len(missing) > 0 {
		found, err := ReadSnapshots(ctx, tx, missing)
		if err != nil {
			return nil, err
		}
		maps.Copy(sc.all, found)
	}
	whole := *sc.all[p.Files[0].Asset]
	whole.Hold, whole.ends, whole.more = sc.Hold, p.Ends, make([]*Snapshot, 0, len(p.Files)-1)
	for _, f := range p.Files[1:] {
		other := *sc.all[f.Asset]
		whole.more = append(whole.more, &other)
	}
	return &whole, nil
}

// ending returns the snapshot of a publication that is taken down at an instant; nil is never.
func (sc *Snapshot) ending(at *time.Time) *Snapshot {
	if at == nil && sc.ends == nil {
		return sc
	}
	x := *sc
	x.ends = at
	return &x
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
	if s.Renditions == nil {
		return nil
	}
	for _, one := range append([]*Snapshot{sc}, sc.more...) {
		if len(one.Wants) == 0 {
			continue
		}
		if err := s.Renditions.Want(ctx, tx, one.Version.ID, one.Wants...); err != nil {
			return err
		}
	}
	return nil
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
	// Begins is From as the rights say it.
	Begins string
}

// facts are what it rests on whether the public may see the asset.
func (sc *Snapshot) facts() dam.PublicFacts {
	f := sc.Asset.PublicFacts(sc.zone)
	f.Deleted = sc.gone
	return f
}

// Decide tells whether the rights and the review allow showing the asset, and the assets of all further files, on a
// channel at t. An instant before the rights begin gives the first one at which all have begun.
func (sc *Snapshot) Decide(ch catalog.ChannelRow, t time.Time) Decision {
	d := sc.decide(ch, t)
	for i, other := range sc.more {
		if d.Refused != nil {
			return d
		}
		x := other.decide(ch, t)
		if x.Refused != nil {
			x.Refused.Field = fmt.Sprintf("files[%d].%s", i+1, x.Refused.Field)
			return x
		}
		if x.From.After(d.From) {
			d.From, d.Begins = x.From, x.Begins
		}
		if d.until.IsZero() || !x.until.IsZero() && x.until.Before(d.until) {
			d.until = x.until
		}
	}
	if sc.ends != nil && d.Refused == nil {
		if !t.Before(*sc.ends) {
			return Decision{Refused: dam.NewProblem(string(publishers.ClassRights), "ends",
				reasons.PostEnded(*sc.ends))}
		}
		if d.until.IsZero() || sc.ends.Before(d.until) {
			d.until = *sc.ends
		}
	}
	if len(sc.more) > 0 && !d.From.IsZero() && !d.until.IsZero() && !d.From.Before(d.until) { // their rights never meet
		return Decision{Refused: dam.NewProblem(string(publishers.ClassRights), "files", reasons.FilesNeverTogether())}
	}
	return d
}

func (sc *Snapshot) decide(ch catalog.ChannelRow, t time.Time) Decision {
	no := func(field string, why reasons.Reason) Decision {
		return Decision{Refused: dam.NewProblem(string(publishers.ClassRights), field, why)}
	}
	f := sc.facts()
	switch seen := dam.VisibilityAt(f, t, dam.AudienceOf(ch.Channel)); seen.Status {
	case dam.StatusPublic:
		return Decision{until: f.Until}
	case dam.StatusEmbargoed:
		return Decision{From: f.From, until: f.Until, Begins: string(sc.Asset.Effective().From)}
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
