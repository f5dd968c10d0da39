package searchtest

import (
	"cmp"
	"context"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"

	"vitrine/dam"
	"vitrine/dam/reasons"
)

// Catalog is a catalogue in memory with a log: the source of the suite, and the
// record that answers are compared with.
type Catalog struct {
	mu      sync.Mutex
	assets  map[string]dam.Asset
	order   []string // ids by number
	events  []event  // seq is the index + 1
	trimmed int64    // events up to here are forgotten
	fields  map[string][]dam.CustomField
	lines   map[string]dam.Synonyms
	moved   chan struct{}
	epoch   string
	scanned int // assets that Scan has handed out
}

type event struct {
	asset   string
	removed uint32 // number, of a purge
	sweep   bool   // it touches every asset of the default library
}

// NewCatalog returns an empty catalogue.
func NewCatalog() *Catalog {
	return &Catalog{assets: map[string]dam.Asset{}, fields: map[string][]dam.CustomField{},
		lines: map[string]dam.Synonyms{}, moved: make(chan struct{}), epoch: dam.NewID(dam.EpochPrefix)}
}

// Copy is the catalogue as it is now, as a backup keeps it.
func (c *Catalog) Copy() *Catalog {
	c.mu.Lock()
	defer c.mu.Unlock()
	return &Catalog{assets: maps.Clone(c.assets), order: slices.Clone(c.order), events: slices.Clone(c.events),
		trimmed: c.trimmed,
		fields:  maps.Clone(c.fields), lines: maps.Clone(c.lines), moved: make(chan struct{}), epoch: c.epoch}
}

// Restore makes the catalogue what a copy was, in a new epoch that begins with an event.
func (c *Catalog) Restore(from *Catalog) {
	b := from.Copy()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.assets, c.order, c.events, c.trimmed, c.fields, c.lines = b.assets, b.order, b.events, b.trimmed, b.fields,
		b.lines
	c.epoch = dam.NewID(dam.EpochPrefix)
	c.append(event{})
}

// Began says which epoch the log is in, "" for one of a build before epochs.
func (c *Catalog) Began(epoch string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.epoch = epoch
}

// Scanned is how many assets Scan has handed out since it was last called.
func (c *Catalog) Scanned() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := c.scanned
	c.scanned = 0
	return n
}

func (c *Catalog) append(e event) int64 {
	c.events = append(c.events, e)
	close(c.moved)
	c.moved = make(chan struct{})
	return int64(len(c.events))
}

// Put stores an asset and returns the seq of the event.
func (c *Catalog) Put(a dam.Asset) int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, ok := c.assets[a.ID]; !ok {
		i, _ := c.place(a.Number)
		c.order = slices.Insert(c.order, i, a.ID)
	}
	c.assets[a.ID] = a
	return c.append(event{asset: a.ID})
}

// Purge removes an asset for good.
func (c *Catalog) Purge(id string) int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	a := c.assets[id]
	if i, ok := c.place(a.Number); ok {
		c.order = slices.Delete(c.order, i, i+1)
	}
	delete(c.assets, id)
	return c.append(event{asset: id, removed: a.Number})
}

// place finds a number in the order.
func (c *Catalog) place(number uint32) (int, bool) {
	return slices.BinarySearchFunc(c.order, number,
		func(id string, n uint32) int { return cmp.Compare(c.assets[id].Number, n) })
}

// Note appends an event that concerns no asset.
func (c *Catalog) Note() int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.append(event{})
}

// Trim forgets all events up to now.
func (c *Catalog) Trim() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.trimmed = int64(len(c.events))
}

// All returns the assets by number.
func (c *Catalog) All() []dam.Asset {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.list(c.order)
}

// Any returns some asset, if there is one; the same r finds the same one.
func (c *Catalog) Any(r *rand.Rand) (dam.Asset, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.order) == 0 {
		return dam.Asset{}, false
	}
	return c.assets[pick(r, c.order)], true
}

func (c *Catalog) list(ids []string) []dam.Asset {
	out := make([]dam.Asset, len(ids))
	for i, id := range ids {
		out[i] = c.assets[id]
	}
	return out
}

// EpochOf implements search.Source.
func (c *Catalog) EpochOf(context.Context) (string, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.epoch, nil
}

// Head implements search.Source.
func (c *Catalog) Head(context.Context) (int64, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return int64(len(c.events)), nil
}

// Changed implements search.Source.
func (c *Catalog) Changed(_ context.Context, after int64, limit int) (dam.Touched, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if after < c.trimmed {
		return dam.Touched{}, &dam.Error{Code: dam.Gone, Reason: reasons.LogBeginsAt(c.trimmed + 1)}
	}
	t := dam.Touched{Upto: after}
	seen := map[string]bool{}
	for t.Upto < int64(len(c.events)) && t.Upto < after+int64(limit) {
		e := c.events[t.Upto]
		t.Upto++
		switch {
		case e.sweep:
			t.Sweeps = append(t.Sweeps, dam.Sweep{Library: dam.DefaultLibrary})
		case e.removed != 0:
			t.Removed = append(t.Removed, e.removed)
		case e.asset != "" && !seen[e.asset]:
			seen[e.asset] = true
			t.Assets = append(t.Assets, e.asset)
		}
	}
	return t, nil
}

// SetWords says what products say of every asset of a library, in one event.
func (c *Catalog) SetWords(library string, of func(a *dam.Asset) *dam.AssetProducts) int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	for id, a := range c.assets {
		if a.Library == library {
			a.Products = of(&a)
			c.assets[id] = a
		}
	}
	return c.append(event{sweep: true})
}

// Swept implements search.Source.
func (c *Catalog) Swept(_ context.Context, s dam.Sweep, limit int) ([]string, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	out := []string{}
	for _, id := range slices.Sorted(maps.Keys(c.assets)) {
		if c.assets[id].Library == s.Library && id > s.After && len(out) < limit {
			out = append(out, id)
		}
	}
	return out, nil
}

// Assets implements search.Source.
func (c *Catalog) Assets(_ context.Context, ids []string) ([]dam.Asset, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	var out []dam.Asset
	for _, id := range ids {
		if a, ok := c.assets[id]; ok {
			out = append(out, a)
		}
	}
	return out, nil
}

// Scan implements search.Source.
func (c *Catalog) Scan(_ context.Context, after uint32, limit int) ([]dam.Asset, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	i, _ := c.place(after + 1)
	list := c.list(c.order[i:min(i+limit, len(c.order))])
	c.scanned += len(list)
	return list, nil
}

// ScanColumns implements search.Source.
func (c *Catalog) ScanColumns(ctx context.Context, after uint32, limit int) ([]dam.Asset, error) {
	return c.Scan(ctx, after, limit)
}

// LastNumber implements search.Source.
func (c *Catalog) LastNumber(context.Context) (uint32, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.order) == 0 {
		return 0, nil
	}
	return c.assets[c.order[len(c.order)-1]].Number, nil
}

// SetFields gives a library metadata fields of its own.
func (c *Catalog) SetFields(library string, fields ...dam.CustomField) int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.fields = maps.Clone(c.fields)
	c.fields[library] = fields
	return c.append(event{})
}

// Fields implements search.Source.
func (c *Catalog) Fields(context.Context) (map[string][]dam.CustomField, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.fields, nil
}

// SetSynonyms gives a library synonyms.
func (c *Catalog) SetSynonyms(library string, lines ...string) int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.lines[library] = dam.Synonyms{Lines: lines, Revision: c.lines[library].Revision + 1}
	return c.append(event{})
}

// Lines returns a library's synonyms.
func (c *Catalog) Lines(library string) []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.lines[library].Lines
}

// SynonymRevisions implements search.Source.
func (c *Catalog) SynonymRevisions(context.Context) (map[string]int64, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	out := map[string]int64{}
	for library, s := range c.lines {
		out[library] = s.Revision
	}
	return out, nil
}

// Synonyms implements search.Source.
func (c *Catalog) Synonyms(_ context.Context, library string) (dam.Synonyms, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.lines[library], nil
}

// WithField implements search.Source.
func (c *Catalog) WithField(_ context.Context, library, key string, after uint32, limit int) ([]dam.Asset, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	var out []dam.Asset
	for _, a := range c.list(c.order) {
		if _, ok := a.Custom[key]; ok && a.Library == library && a.Number > after && len(out) < limit {
			out = append(out, a)
		}
	}
	return out, nil
}

// Wait implements search.Source.
func (c *Catalog) Wait(ctx context.Context, after int64) error {
	for {
		c.mu.Lock()
		head, moved := int64(len(c.events)), c.moved
		c.mu.Unlock()
		if head > after {
			return nil
		}
		select {
		case <-moved:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
