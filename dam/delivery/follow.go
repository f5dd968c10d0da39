package delivery

import (
	"context"
	"strings"
	"time"

	"vitrine/dam"
)

const batch = 500

// Start follows the event log until Stop. It never fails: a node that can't reach the catalogue keeps trying, and
// serves cached records meanwhile.
func (s *Service) Start() {
	ctx, cancel := context.WithCancel(public(context.Background()))
	s.stop, s.done = cancel, make(chan struct{})
	first, done := context.WithTimeout(ctx, time.Second)
	if err := s.loadHosts(first); err != nil { // the follower goes on trying
		s.opt.Log.Warn("delivery: the libraries' host names can't be read", "error", err)
	}
	done()
	go func() {
		defer close(s.done)
		dam.Loop(ctx, "delivery's follower", s.follow)
	}()
}

// Stop stops following and waits for the follower to end. The caches then become stale.
func (s *Service) Stop() {
	if s.stop != nil {
		s.stop()
		<-s.done
	}
}

func (s *Service) follow(ctx context.Context) {
	lost := false
	for ctx.Err() == nil {
		err := s.catchUp(ctx)
		if err == nil {
			if lost {
				s.opt.Log.Info("delivery: the event log is back", "seq", s.seq.Load())
			}
			lost = false
			// If waiting fails, the next round returns the error again.
			_, err = s.cat.AwaitLog(ctx, s.seq.Load(), time.Second)
		}
		if err == nil || ctx.Err() != nil {
			continue
		}
		if !lost {
			s.opt.Log.Warn("delivery: the event log is out of reach, serving what is known", "error", err,
				"for_at_most", s.opt.StaleLimit)
		}
		lost = true
		select {
		case <-ctx.Done():
		case <-time.After(250 * time.Millisecond):
		}
	}
}

// catchUp applies every event of the log, and records the time of it.
func (s *Service) catchUp(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, loadLimit)
	defer cancel()
	asked := s.opt.Now()
	epoch, head, trimmed, err := s.cat.Log().LogState(ctx)
	if err != nil {
		return err
	}
	s.head.Store(head)
	at := s.seq.Load()
	if at < 0 || at < trimmed || at > head || epoch != s.epoch {
		// This is the first contact, or the node was away for longer than the log goes back, or the database was
		// restored and its log differs: no cache entry can be trusted.
		s.dropAll()
		s.hostsRead = false
		if err := s.loadHosts(ctx); err != nil {
			return err
		}
		if err := s.sweep(ctx); err != nil {
			return err
		}
		at, s.epoch = head, epoch
	}
	for at < head {
		events, err := s.cat.Log().Events(ctx, "", at, batch)
		if err != nil {
			return err
		}
		if len(events) == 0 {
			return nil // trimmed meanwhile: the next round starts over
		}
		for _, e := range events {
			s.apply(e)
			at = e.Seq
		}
		s.seq.Store(at)
	}
	s.seq.Store(at)
	if err := s.loadHosts(ctx); err != nil {
		return err
	}
	s.synced.Store(asked.UnixNano())
	return nil
}

func (s *Service) apply(e dam.Event) {
	switch {
	case e.Type == dam.ProductChanged:
		skus, _ := changedProducts(e)
		for _, sku := range skus {
			s.products.drop(productName(e.Library, sku))
		}
	case e.Asset != "":
		s.drop(e.Asset)
		if e.Type == dam.AssetPurged || e.Type == dam.AssetErased {
			s.forget(e.Asset)
		}
	case strings.HasPrefix(string(e.Type), "preset."), strings.HasPrefix(string(e.Type), "library."):
		s.dropAll()
		s.hostsRead = false
	}
}

// loadHosts reads the libraries' host names, if they may have changed.
func (s *Service) loadHosts(ctx context.Context) error {
	if s.hostsRead {
		return nil
	}
	list, err := s.cat.Libraries().List(ctx)
	if err != nil {
		return err
	}
	hosts := map[string]string{}
	for _, l := range list {
		for _, h := range l.Hosts {
			hosts[h] = l.ID
		}
	}
	s.hosts.Store(&hosts)
	s.hostsRead = true
	return nil
}

// LibraryOf returns the library that has a host name, in the form of dam.Host; "" if none has.
func (s *Service) LibraryOf(host string) string {
	if hosts := s.hosts.Load(); hosts != nil {
		return (*hosts)[host]
	}
	return ""
}
