package rights

import (
	"context"
	"maps"
	"slices"
	"time"

	"vitrine/dam"
	"vitrine/dam/catalog"
)

// listed is how many entries each list of an impact has; its count has all.
const listed = 100

// impact counts what a change of records would touch.
type impact struct {
	dam.RightsImpact
	s        *Service
	zone     *time.Location
	now      time.Time
	channels map[string]dam.Channel
}

func (s *Service) newImpact(ctx context.Context, library string) (*impact, error) {
	lib, err := s.Catalog.Libraries().Library(ctx, library)
	if err != nil {
		return nil, err
	}
	zone, err := dam.Zone(lib.Zone)
	if err != nil {
		return nil, err
	}
	rows, err := s.Catalog.Channels().List(ctx, library)
	if err != nil {
		return nil, err
	}
	i := &impact{s: s, zone: zone, now: time.Now(), channels: map[string]dam.Channel{}}
	i.Hidden, i.Publications, i.Slots = []string{}, []dam.ImpactedPublication{}, []dam.ImpactedSlot{}
	for _, ch := range rows {
		i.channels[ch.ID] = ch.Channel
	}
	return i, nil
}

// impactOf says what would be touched if a record were as it is here.
func (s *Service) impactOf(ctx context.Context, x *catalog.RightsRow) (*dam.RightsImpact, error) {
	i, err := s.newImpact(ctx, x.Library)
	if err != nil {
		return nil, err
	}
	for after := ""; ; {
		ids, err := s.Catalog.Assets().Rights().Bound(ctx, x.ID, after, 500)
		if err != nil {
			return nil, err
		}
		if err := i.add(ctx, ids, func(_ string, rows []catalog.RightsRow) []catalog.RightsRow {
			return append(without(rows, x.ID), *x)
		}); err != nil {
			return nil, err
		}
		if len(ids) < 500 {
			return &i.RightsImpact, nil
		}
		after = ids[len(ids)-1]
	}
}

// Impact says what a shift that was not kept would touch.
func (s *Service) Impact(ctx context.Context, library string, shift dam.RightsShift) (*dam.RightsImpact, error) {
	return s.impactWith(ctx, library, shift, map[string]catalog.RightsRow{})
}

// impactWith is Impact where records would be as they are here, too.
func (s *Service) impactWith(ctx context.Context, library string, shift dam.RightsShift,
	records map[string]catalog.RightsRow) (*dam.RightsImpact, error) {
	i, err := s.newImpact(ctx, library)
	if err != nil {
		return nil, err
	}
	concerned := shift.Assets()
	for id := range records {
		ids, err := s.Catalog.Assets().Rights().Bound(ctx, id, "", MaxAssets+MaxHeirs)
		if err != nil {
			return nil, err
		}
		concerned = append(concerned, ids...)
	}
	changed := maps.Clone(records)
	for _, id := range shift.Records() {
		if _, known := records[id]; known {
			continue
		}
		if changed[id], err = s.Catalog.Assets().Rights().Record(ctx, library, "", id); err != nil {
			return nil, err
		}
	}
	slices.Sort(concerned)
	for chunk := range slices.Chunk(slices.Compact(concerned), chunkSize) {
		err := i.add(ctx, chunk, func(asset string, rows []catalog.RightsRow) []catalog.RightsRow {
			for k := range rows {
				if x, is := records[rows[k].ID]; is {
					rows[k] = x
				}
			}
			for _, id := range shift.Gone[asset] {
				rows = without(rows, id)
			}
			for _, id := range shift.Added[asset] {
				rows = append(without(rows, id), changed[id])
			}
			return rows
		})
		if err != nil {
			return nil, err
		}
	}
	return &i.RightsImpact, nil
}

// add counts what the change of the records of up to 500 assets would touch.
func (i *impact) add(ctx context.Context, ids []string,
	alter func(asset string, rows []catalog.RightsRow) []catalog.RightsRow) error {
	if len(ids) == 0 {
		return nil
	}
	who := catalog.ActorOf(ctx)
	assets, err := i.s.Catalog.Assets().List(ctx, ids)
	if err != nil {
		return err
	}
	rows, err := i.s.Catalog.Assets().Rights().Of(ctx, ids)
	if err != nil {
		return err
	}
	i.Assets += len(assets)
	narrower := map[string][2]*dam.Limits{} // before and after, by asset
	facts := map[string]dam.Asset{}
	var hidden, named []string // by the public, and of these what the actor sees
	for _, a := range assets {
		before, after := a.Limits, limitsOf(alter(a.ID, rows[a.ID]))
		if after.Exceeds(before) {
			i.Wider++
		}
		if !before.Exceeds(after) {
			continue
		}
		i.Narrower++
		narrower[a.ID], facts[a.ID] = [2]*dam.Limits{before, after}, a
		if i.sees(&a, before, dam.UnknownAudience, i.now) && !i.sees(&a, after, dam.UnknownAudience, i.now) {
			if hidden = append(hidden, a.ID); who.Sees(&a) {
				named = append(named, a.ID)
			}
		}
	}
	i.HiddenCount += len(hidden)
	i.Hidden = append(i.Hidden, named[:min(len(named), listed-len(i.Hidden))]...)
	if err := i.addSlots(ctx, hidden, named); err != nil || len(narrower) == 0 {
		return err
	}
	open, err := i.s.Catalog.Assets().Rights().Open(ctx, slices.Collect(maps.Keys(narrower)))
	if err != nil {
		return err
	}
	for _, p := range open {
		a, to := facts[p.Asset], dam.AudienceOf(i.channels[p.Channel])
		at := p.At
		if at.Before(i.now) {
			at = i.now
		}
		l := narrower[p.Asset]
		if i.sees(&a, l[0], to, at) && !i.sees(&a, l[1], to, at) {
			if i.Published++; len(i.Publications) < listed && who.Sees(&a) {
				i.Publications = append(i.Publications, dam.ImpactedPublication{ID: p.ID, Asset: p.Asset,
					Channel: p.Channel, State: p.State, At: p.At})
			}
		}
	}
	return nil
}

// sees reports whether an audience would see an asset under some limits.
func (i *impact) sees(a *dam.Asset, l *dam.Limits, who dam.Audience, at time.Time) bool {
	b := *a
	b.Limits = l
	return dam.VisibilityAt(b.PublicFacts(i.zone), at, who).Public()
}

func (i *impact) addSlots(ctx context.Context, hidden, named []string) error {
	if len(hidden) == 0 {
		return nil
	}
	slots, err := i.s.Catalog.Products().SlotsOf(ctx, hidden)
	for _, x := range slots {
		if i.SlotsCount++; len(i.Slots) < listed && slices.Contains(named, x.Asset) {
			i.Slots = append(i.Slots, dam.ImpactedSlot{SKU: x.SKU, Slot: x.Slot.Slot, N: x.N, Asset: x.Asset})
		}
	}
	return err
}
