package delivery

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/maypok86/otter/v2"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/reasons"
)

// cache holds what the catalogue returned for entities of one kind, by key, until an event drops it.
type cache[T any] struct {
	s    *Service
	kept *otter.Cache[string, entry[T]]
	read func(ctx context.Context, key string) (T, error)

	mu      sync.Mutex
	pending map[string]*pendingLoad[T]
	retry   map[string]time.Time // earliest next attempt to renew an entry in the background
}

type entry[T any] struct {
	v      T
	loaded time.Time // when the catalogue was queried
}

// pendingLoad is a query of the catalogue that any number of requests wait for.
type pendingLoad[T any] struct {
	done chan struct{}
	v    T
	err  error
}

// newCache returns a cache that holds at most the given number of bytes.
func newCache[T any](s *Service, bytes int64, weight func(T) uint32, read func(ctx context.Context, key string) (T,
	error)) (*cache[T], error) {
	kept, err := otter.New(&otter.Options[string, entry[T]]{
		MaximumWeight: uint64(bytes),
		Weigher:       func(_ string, e entry[T]) uint32 { return weight(e.v) },
	})
	return &cache[T]{s: s, kept: kept, read: read, pending: map[string]*pendingLoad[T]{},
		retry: map[string]time.Time{}}, err
}

// get returns the cached value while it can be trusted, and otherwise queries the catalogue.
func (h *cache[T]) get(ctx context.Context, key string, now time.Time, check RateCheck) (T, error) {
	if e, ok := h.kept.GetIfPresent(key); ok {
		known := e.loaded
		if t := time.Unix(0, h.s.synced.Load()); t.After(known) {
			known = t // every event up to that time has been applied
		}
		age := now.Sub(known)
		if age <= quiet {
			h.s.counts.recordHits.Add(1)
			return e.v, nil
		}
		if age <= h.s.opt.StaleLimit {
			h.s.counts.recordHits.Add(1)
			h.renew(key, now)
			return e.v, nil
		}
	}
	h.s.counts.recordMisses.Add(1)
	var none T
	if err := check(); err != nil {
		return none, err
	}
	f := h.launch(key)
	select {
	case <-f.done:
		return f.v, f.err
	case <-ctx.Done():
		return none, errOut(ctx.Err())
	}
}

// renew reloads an entry in the background, at most once a second while that fails.
func (h *cache[T]) renew(key string, now time.Time) {
	h.mu.Lock()
	wait := now.Before(h.retry[key])
	if !wait {
		if len(h.retry) > 10_000 {
			clear(h.retry)
		}
		h.retry[key] = now.Add(time.Second)
	}
	h.mu.Unlock()
	if !wait {
		h.launch(key)
	}
}

// launch joins the pending query for a key or starts one. The query belongs to no single request: the first one may be
// cancelled while others still wait.
func (h *cache[T]) launch(key string) *pendingLoad[T] {
	h.mu.Lock()
	defer h.mu.Unlock()
	f := h.pending[key]
	if f == nil {
		f = &pendingLoad[T]{done: make(chan struct{})}
		h.pending[key] = f
		go func() {
			_ = dam.Protect("a look-up of delivery", func() error { h.fly(key, f); return nil }) // the error is logged
		}()
	}
	return f
}

func (h *cache[T]) fly(key string, f *pendingLoad[T]) {
	ctx, cancel := context.WithTimeout(public(context.Background()), loadLimit)
	defer cancel()
	asked := h.s.opt.Now()
	f.err = dam.Protect("a look-up of delivery", func() (err error) {
		f.v, err = h.read(ctx, key)
		return err
	})
	h.mu.Lock()
	// A load that an event has removed from pending may have read the state before that event.
	if h.pending[key] == f {
		delete(h.pending, key)
		switch {
		case f.err == nil:
			h.kept.Set(key, entry[T]{f.v, asked})
			delete(h.retry, key)
		case dam.CodeOf(f.err) == dam.NotFound:
			h.kept.Invalidate(key)
		}
	}
	h.mu.Unlock()
	close(f.done)
}

// drop removes an entry from the cache, and a pending query for it from pending.
func (h *cache[T]) drop(key string) {
	h.mu.Lock()
	delete(h.pending, key)
	h.kept.Invalidate(key)
	h.mu.Unlock()
	h.s.counts.purges.Add(1)
}

func (h *cache[T]) dropAll() {
	h.mu.Lock()
	clear(h.pending)
	h.kept.InvalidateAll()
	h.mu.Unlock()
	h.s.counts.purges.Add(1)
}

// record returns the record of an asset, cached or read.
func (s *Service) record(ctx context.Context, asset string, now time.Time, check RateCheck) (*record, error) {
	return s.records.get(ctx, asset, now, check)
}

func (s *Service) read(ctx context.Context, asset string) (*record, error) {
	d, err := s.cat.Public().Asset(ctx, asset)
	if dam.CodeOf(err) == dam.NotFound {
		return nil, errNone()
	}
	if err != nil {
		s.opt.Log.Warn("delivery: the catalogue does not answer", "asset", asset, "error", err)
		return nil, errOut(err)
	}
	making := slices.ContainsFunc(d.Versions, func(v catalog.PublicVersion) bool {
		return v.ID == d.Live && v.State == dam.RenditionsPending
	})
	var presets []dam.Preset
	if making || len(d.Zones) > 0 {
		if presets, err = s.cat.Presets().List(ctx, d.Library); err != nil {
			return nil, errOut(err)
		}
	}
	r, err := newRecord(d, presets)
	if err != nil {
		return nil, &dam.Error{Code: dam.Internal, Reason: reasons.LibraryZoneUnknown(), Err: err}
	}
	if making {
		for _, p := range presets {
			for _, v := range p.Variants() {
				if !r.hidden.Has(v.Name) {
					r.pending = append(r.pending, v.Name)
				}
			}
		}
	}
	return r, nil
}

// drop removes the record of an asset from the cache.
func (s *Service) drop(asset string) { s.records.drop(asset) }

func (s *Service) dropAll() {
	s.records.dropAll()
	s.products.dropAll()
}
