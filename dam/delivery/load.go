package delivery

import (
	"context"
	"time"

	"vitrine/dam"
)

// flight is one look-up in the catalogue that any number of requests wait for.
type flight struct {
	done chan struct{}
	rec  *record
	err  error
}

// record returns what is remembered of an asset as long as it may be trusted, and
// asks the catalogue otherwise.
func (s *Service) record(ctx context.Context, asset string, now time.Time, admit Admit) (*record, error) {
	if r, ok := s.records.GetIfPresent(asset); ok {
		known := r.loaded
		if t := time.Unix(0, s.synced.Load()); t.After(known) {
			known = t // every event up to then has had its effect
		}
		age := now.Sub(known)
		if age <= quiet {
			s.counts.recordHits.Add(1)
			return r, nil
		}
		if age <= s.opt.StaleLimit {
			s.counts.recordHits.Add(1)
			s.renew(asset, now)
			return r, nil
		}
	}
	s.counts.recordMisses.Add(1)
	if err := admit(); err != nil {
		return nil, err
	}
	f := s.launch(asset)
	select {
	case <-f.done:
		return f.rec, f.err
	case <-ctx.Done():
		return nil, errOut(ctx.Err())
	}
}

// renew looks an asset up again without anybody waiting for it, at most once a
// second while that fails.
func (s *Service) renew(asset string, now time.Time) {
	s.mu.Lock()
	wait := now.Before(s.retry[asset])
	if !wait {
		if len(s.retry) > 10_000 {
			clear(s.retry)
		}
		s.retry[asset] = now.Add(time.Second)
	}
	s.mu.Unlock()
	if !wait {
		s.launch(asset)
	}
}

// launch joins the look-up of an asset that is under way, or begins one. It is no
// request's own: the first to ask may leave while others still wait.
func (s *Service) launch(asset string) *flight {
	s.mu.Lock()
	defer s.mu.Unlock()
	f := s.flights[asset]
	if f == nil {
		f = &flight{done: make(chan struct{})}
		s.flights[asset] = f
		go s.fly(asset, f)
	}
	return f
}

func (s *Service) fly(asset string, f *flight) {
	ctx, cancel := context.WithTimeout(context.Background(), loadLimit)
	defer cancel()
	f.rec, f.err = s.read(ctx, asset)
	s.mu.Lock()
	// A flight that an event has taken off the list may have read the state before it.
	if s.flights[asset] == f {
		delete(s.flights, asset)
		switch {
		case f.err == nil:
			s.records.Set(asset, f.rec)
			delete(s.retry, asset)
		case dam.CodeOf(f.err) == dam.NotFound:
			s.records.Invalidate(asset)
		}
	}
	s.mu.Unlock()
	close(f.done)
}

func (s *Service) read(ctx context.Context, asset string) (*record, error) {
	asked := s.opt.Now()
	d, err := s.cat.Public(ctx, asset)
	if dam.CodeOf(err) == dam.NotFound {
		return nil, errNone()
	}
	if err != nil {
		s.opt.Log.Warn("delivery: the catalogue does not answer", "asset", asset, "error", err)
		return nil, errOut(err)
	}
	r, err := newRecord(d, asked)
	if err != nil {
		return nil, &dam.Error{Code: dam.Internal, Message: "the library's time zone is unknown", Err: err}
	}
	if r.state == dam.RenditionsPending {
		presets, err := s.cat.Presets(ctx, d.Library)
		if err != nil {
			return nil, errOut(err)
		}
		for _, p := range presets {
			r.pending = append(r.pending, p.Name)
		}
	}
	return r, nil
}

// drop forgets what is remembered of an asset, and takes what is being looked up off the list.
func (s *Service) drop(asset string) {
	s.mu.Lock()
	delete(s.flights, asset)
	s.records.Invalidate(asset)
	s.mu.Unlock()
	s.counts.purges.Add(1)
}

func (s *Service) dropAll() {
	s.mu.Lock()
	clear(s.flights)
	s.records.InvalidateAll()
	s.mu.Unlock()
	s.counts.purges.Add(1)
}
