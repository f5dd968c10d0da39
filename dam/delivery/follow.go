package delivery

import (
	"context"
	"strings"
	"time"

	"vitrine/dam"
)

const batch = 500

// Start follows the event log until Stop. It never fails: a node that can't reach the
// catalogue keeps trying, and meanwhile serves what it remembers.
func (s *Service) Start() {
	ctx, cancel := context.WithCancel(public(context.Background()))
	s.stop, s.done = cancel, make(chan struct{})
	go func() {
		defer close(s.done)
		dam.Loop(ctx, "delivery's follower", s.follow)
	}()
}

// Stop ends the following and waits for it. What is remembered grows stale.
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
			// The wait's own error shows again in the next round.
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

// catchUp gives every event of the log its effect, and notes when that was the case.
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
		// The first contact, or away for longer than the log remembers, or a restored
		// database whose log tells another story: nothing known can be trusted.
		s.dropAll()
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
	}
}
