package ledger

import (
	"context"
	"errors"
	"sync"
	"time"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/reasons"
	"vitrine/dam/tracing"
	"vitrine/publishers/planning"
)

// longestWait is how long the loop sleeps when nothing is due and the log is still.
const longestWait = 2 * time.Second

// stopGrace is how long work in hand may go on once the program is stopping.
const stopGrace = 10 * time.Second

// Run plans, sends and takes back until ctx is done. Every node runs it.
func (s *Service) Run(ctx context.Context) error {
	if err := s.Planning.Register(ctx); err != nil {
		return err
	}
	if err := s.Accounts.Reseal(ctx); err != nil {
		return err
	}
	// Work outlives ctx by a grace period, so that what is being sent gets its receipt.
	working, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	c := newPool(s.Workers)
	grown := make(chan struct{}, 1)
	var wg sync.WaitGroup
	wg.Go(func() { dam.Loop(ctx, "publishing: plans", s.Planning.Follow) })
	wg.Go(func() { dam.Loop(ctx, "publishing: news", func(ctx context.Context) { s.watch(ctx, grown) }) })
	wg.Go(func() { dam.Loop(working, "publishing: leases", func(ctx context.Context) { s.renew(ctx, c) }) })
	for ctx.Err() == nil {
		wait, err := s.claim(ctx, working, c)
		if err != nil && ctx.Err() == nil {
			s.Log.Error("publishing loop", "err", err)
			wait = time.Second
		}
		timer := time.NewTimer(max(wait, time.Millisecond))
		select {
		case <-ctx.Done():
		case <-c.freed:
		case <-grown:
		case <-timer.C:
		}
		timer.Stop()
	}
	s.requeue(working, c.drop(""), reasons.NodeStopped())
	done := make(chan struct{})
	go func() {
		_ = dam.Protect("the end of publishing", func() error { c.wg.Wait(); close(done); return nil })
	}()
	select {
	case <-done:
	case <-time.After(stopGrace):
	}
	stop()
	wg.Wait()
	c.wg.Wait()
	return ctx.Err()
}

// watch tells the loop whenever the log has grown: something may be due that was not.
func (s *Service) watch(ctx context.Context, grown chan<- struct{}) {
	for ctx.Err() == nil {
		seq, err := s.Catalog.Log().Head(ctx)
		if err == nil {
			err = s.Catalog.Wait(ctx, seq)
		}
		if err != nil {
			select {
			case <-ctx.Done():
			case <-time.After(time.Second):
			}
			continue
		}
		select {
		case grown <- struct{}{}:
		default:
		}
	}
}

// claim leases due rows, as many as the crew has room for, and returns how long until
// the next one is due.
func (s *Service) claim(ctx, working context.Context, c *pool) (time.Duration, error) {
	next, err := s.Planning.WatchShown(ctx)
	if err != nil {
		return 0, err
	}
	dues, err := s.Catalog.Channels().DueChannels(ctx)
	if err != nil {
		return 0, err
	}
	hold, err := s.Catalog.Epochs().Hold(ctx)
	if err != nil {
		return 0, err
	}
	if hold != nil {
		if err := s.Planning.AskAll(ctx); err != nil {
			return 0, err
		}
	}
	now := s.now()
	wait := longestWait
	if next != nil {
		wait = min(wait, next.Sub(now))
	}
	for _, d := range dues {
		// What settles first: a recall does not wait for the queue.
		for _, send := range []bool{false, true} {
			at := d.Reconcile
			if send {
				at = d.Send
			}
			if at == nil || send && hold != nil {
				continue
			}
			due := *at
			if send && d.HeldUntil.After(due) {
				due = d.HeldUntil
			}
			if !due.After(now) {
				if due, err = s.claimLane(ctx, working, c, d.Channel, send); err != nil {
					return 0, err
				}
			}
			if !due.IsZero() {
				wait = min(wait, due.Sub(now))
			}
		}
	}
	return wait, nil
}

// claimLane takes on what is due of one channel. It returns from when the account's
// limits leave room, when they leave none now.
func (s *Service) claimLane(ctx, working context.Context, c *pool, channel string, send bool) (from time.Time,
	err error) {
	ch, err := s.Catalog.Channels().Channel(ctx, "", channel)
	if err != nil {
		return from, err
	}
	parallel := planning.Capabilities(ch).Parallel
	limit := c.room(channel, parallel, send)
	if limit <= 0 {
		return from, nil // a hand that is free again looks anew
	}
	rows, err := catalog.Do(ctx, s.Catalog, func(tx *catalog.Tx) ([]catalog.LedgerRow, error) {
		from = time.Time{}
		now, n, lane := s.now(), limit, catalog.ReconcileLane
		if send {
			lane = catalog.SendLane
		}
		// Once more, where it counts.
		if hold, err := tx.Epochs().Hold(ctx); err != nil || hold != nil {
			if err != nil || send {
				return nil, err
			}
			return tx.Publications().ClaimHeldPublications(ctx, catalog.Claim{Channel: channel, Owner: s.Node, Now: now,
				Until: now.Add(s.Lease), Limit: n}, hold.Since)
		}
		if send && planning.Limited(ch) {
			// The row of the channel makes nodes count one after the other, so that the queue keeps its order.
			if ch, err = tx.Channels().LockChannel(ctx, "", channel); err != nil {
				return nil, err
			}
			inHand, err := tx.Publications().Leased(ctx, channel)
			if err != nil {
				return nil, err
			}
			room, later, err := s.Planning.Room(ctx, tx.Conn, ch, inHand, now)
			if err != nil || room == 0 {
				from = later
				return nil, err
			}
			n = min(n, room)
		}
		return tx.Publications().ClaimPublications(ctx, catalog.Claim{Channel: channel, Lane: lane, Owner: s.Node,
			Now: now, Until: now.Add(s.Lease), Limit: n})
	})
	if err != nil {
		return from, err
	}
	c.taken += len(rows)
	if !send {
		for _, row := range rows {
			c.add(working, row, parallel, false, func(ctx context.Context) {
				ctx, span := traced(ctx, ch, row, "settle publication")
				defer span.End()
				s.work(ctx, row)
			})
		}
		return from, nil
	}
	for _, x := range s.passGates(working, rows) {
		c.add(working, x.row, parallel, true, func(ctx context.Context) {
			ctx, span := traced(ctx, ch, x.row, "publish")
			rest, err := s.send(ctx, x)
			tracing.End(span, err)
			if rest {
				s.requeue(ctx, c.drop(channel), reasons.ChannelHasToRest())
			}
			s.logStuck(ctx, x.row, err)
		})
	}
	return from, nil
}

// traced begins the span of work on a publication, below what caused it to be planned.
func traced(ctx context.Context, ch catalog.ChannelRow, row catalog.LedgerRow, name string) (context.Context,
	tracing.Span) {
	return tracing.Continue(ctx, row.Trace, name, "vitrine.channel.id", ch.ID, "vitrine.channel.kind", ch.Kind,
		"vitrine.publication.id", row.ID, "vitrine.publication.state", string(row.State))
}

// renew keeps the leases of work in hand, and stops work whose lease is lost.
func (s *Service) renew(ctx context.Context, c *pool) {
	tick := time.NewTicker(s.Lease / 4)
	defer tick.Stop()
	renewed := time.Now()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if c.idle() {
			renewed = time.Now()
			continue
		}
		ctx, cancel := context.WithTimeout(ctx, s.Lease/2)
		held, err := catalog.Do(ctx, s.Catalog, func(tx *catalog.Tx) (map[string]int64, error) {
			return tx.Publications().ExtendLeases(ctx, s.Node, s.now().Add(s.Lease))
		})
		cancel()
		switch {
		case err == nil:
			renewed = time.Now()
			c.keep(held)
		case time.Since(renewed) > s.Lease:
			c.keep(nil) // another node may have them by now
		}
	}
}

// Turn does, without the loop, all that is due now: the rules, then the ledger. It
// returns how many publications it worked on.
func (s *Service) Turn(ctx context.Context) (int, error) {
	if err := s.Planning.Advance(ctx); err != nil {
		return 0, err
	}
	c := newPool(s.Workers)
	working, cancel := context.WithCancel(ctx)
	defer cancel()
	_, err := s.claim(ctx, working, c)
	c.wg.Wait()
	return c.taken, errors.Join(err, ctx.Err())
}
