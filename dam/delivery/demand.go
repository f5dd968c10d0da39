package delivery

import (
	"context"
	"time"

	"vitrine/dam"
	"vitrine/dam/reasons"
)

const (
	// demandWait is how long a request waits for a rendition that it caused to be made: a browser does not retry by
	// itself.
	demandWait = 20 * time.Second
	demandPoll = 50 * time.Millisecond
)

// demanded requests a rendition that is made on demand and waits for it. none is the error to return if there is no
// such rendition.
func (s *Service) demanded(ctx context.Context, r *record, preset string, none error, check RateCheck) ([]*Variant,
	error) {
	if r.state != dam.RenditionsReady || r.hidden.Has(preset) {
		return nil, none
	}
	if err := check(); err != nil {
		return nil, err
	}
	ask, cancel := context.WithTimeout(public(ctx), loadLimit)
	making, err := s.opt.Demand(ask, r.live, preset)
	cancel()
	if err != nil {
		return nil, errOut(err)
	}
	if !making {
		return nil, none
	}
	if old := r.superseded[preset]; len(old) > 0 {
		return old, nil // making a video takes longer than a request waits
	}
	ctx, cancel = context.WithTimeout(ctx, demandWait)
	defer cancel()
	tick := time.NewTicker(demandPoll)
	defer tick.Stop()
	free := func() error { return nil } // the rate check has already passed
	for live := r.live; ; {
		now := s.opt.Now()
		r, err := s.record(ctx, r.asset, now, free)
		if err != nil {
			return nil, err
		}
		if r.refused(now) != nil || r.live != live || r.hidden.Has(preset) {
			return nil, none // it changed during the wait
		}
		if list := r.presets[preset]; len(list) > 0 {
			return list, nil
		}
		if r.state == dam.RenditionsFailed {
			return nil, none
		}
		select {
		case <-ctx.Done():
			return nil, &dam.Error{Code: dam.Unavailable, Reason: reasons.BeingMade()}
		case <-tick.C:
		}
	}
}
