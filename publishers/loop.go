package publishers

import (
	"context"
	"errors"
	"sync"
	"time"

	"vitrine/dam/catalog"
	"vitrine/dam/events"
)

// longestWait is how long the loop sleeps when nothing is due and the log is still.
const longestWait = 2 * time.Second

// stopGrace is how long work in hand may go on once the program is stopping.
const stopGrace = 10 * time.Second

// crew is the work this process has in hand.
type crew struct {
	mu    sync.Mutex
	tasks map[string]*task // by publication
	wg    sync.WaitGroup
	freed chan struct{}
}

type task struct {
	channel string
	token   int64
	cancel  context.CancelFunc
}

func newCrew() *crew { return &crew{tasks: map[string]*task{}, freed: make(chan struct{}, 1)} }

// busy counts the tasks, in all and of a channel.
func (c *crew) busy(channel string) (all, here int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, t := range c.tasks {
		if t.channel == channel {
			here++
		}
	}
	return len(c.tasks), here
}

func (c *crew) start(ctx context.Context, row catalog.LedgerRow, work func(context.Context, catalog.LedgerRow)) {
	ctx, cancel := context.WithCancel(ctx)
	t := &task{channel: row.Channel, token: row.Token, cancel: cancel}
	c.mu.Lock()
	c.tasks[row.ID] = t
	c.mu.Unlock()
	c.wg.Go(func() {
		defer cancel()
		work(ctx, row)
		c.mu.Lock()
		if c.tasks[row.ID] == t {
			delete(c.tasks, row.ID)
		}
		c.mu.Unlock()
		select {
		case c.freed <- struct{}{}:
		default:
		}
	})
}

// keep cancels the tasks whose lease is not among those still held.
func (c *crew) keep(held map[string]int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for id, t := range c.tasks {
		if held[id] != t.token {
			t.cancel()
		}
	}
}

// Run plans, sends and takes back until ctx is done. Every node runs it.
func (s *Service) Run(ctx context.Context) error {
	if err := events.Register(ctx, s.Catalog, follower); err != nil {
		return err
	}
	if err := s.reseal(ctx); err != nil {
		return err
	}
	// Work outlives ctx by a grace period, so that what is being sent gets its receipt.
	working, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	c := newCrew()
	var wg sync.WaitGroup
	wg.Go(func() { s.following(ctx) })
	wg.Go(func() { s.scanning(ctx) })
	wg.Go(func() { s.extending(ctx) })
	wg.Go(func() { s.renew(working, c) })
	for ctx.Err() == nil {
		if err := s.round(ctx, working, c); err != nil && ctx.Err() == nil {
			s.Log.Error("publishing loop", "err", err)
			select {
			case <-ctx.Done():
			case <-time.After(time.Second):
			}
		}
	}
	done := make(chan struct{})
	go func() { c.wg.Wait(); close(done) }()
	select {
	case <-done:
	case <-time.After(stopGrace):
	}
	stop()
	wg.Wait()
	c.wg.Wait()
	return ctx.Err()
}

// round claims what is due, starts it, and waits for the next reason to look.
func (s *Service) round(ctx, working context.Context, c *crew) error {
	seq, err := s.Catalog.Head(ctx)
	if err != nil {
		return err
	}
	wait, err := s.claim(ctx, c, func(row catalog.LedgerRow) { c.start(working, row, s.work) })
	if err != nil {
		return err
	}
	waiting, cancel := context.WithTimeout(ctx, min(max(wait, time.Millisecond), longestWait))
	defer cancel()
	go func() {
		select {
		case <-c.freed:
			cancel()
		case <-waiting.Done():
		}
	}()
	if err := s.Catalog.Wait(waiting, seq); err != nil && waiting.Err() == nil {
		return err
	}
	return nil
}

// claim leases due rows, as many as there are hands, and returns how long until
// the next one is due.
func (s *Service) claim(ctx context.Context, c *crew, start func(catalog.LedgerRow)) (time.Duration, error) {
	dues, err := s.Catalog.DueChannels(ctx)
	if err != nil {
		return 0, err
	}
	now := s.now()
	wait := longestWait
	later := func(t time.Time) { wait = min(wait, t.Sub(now)) }
	for _, d := range dues {
		for lane, at := range []*time.Time{d.Send, d.Settle} {
			if at == nil {
				continue
			}
			due := *at
			if lane == 0 && d.HeldUntil.After(due) {
				due = d.HeldUntil
			}
			if due.After(now) {
				later(due)
				continue
			}
			n, from, err := s.claimLane(ctx, c, d.Channel, lane, start)
			if err != nil {
				return 0, err
			}
			if !from.IsZero() {
				later(from)
			}
			if n > 0 {
				later(now) // there may be more
			}
		}
	}
	return wait, nil
}

// claimLane also returns from when the account's limits leave room, when they leave none now.
func (s *Service) claimLane(ctx context.Context, c *crew, channel string, lane int, start func(catalog.LedgerRow)) (n int, from time.Time, err error) {
	ch, err := s.Catalog.Channel(ctx, "", channel)
	if err != nil {
		return 0, from, err
	}
	all, here := c.busy(channel)
	limit := min(s.Workers-all, max(capabilities(ch).Parallel, 1)-here)
	if limit <= 0 {
		return 0, from, nil
	}
	rows, err := catalog.Do(ctx, s.Catalog, func(tx *catalog.Tx) ([]catalog.LedgerRow, error) {
		now, n := s.now(), limit
		if from = (time.Time{}); lane == 0 && limited(ch) {
			// The row of the channel makes nodes count one after the other, so that the queue keeps its order.
			if ch, err = tx.LockChannel(ctx, "", channel); err != nil {
				return nil, err
			}
			inHand, err := tx.Leased(ctx, channel)
			if err != nil {
				return nil, err
			}
			room, later, err := s.room(ctx, tx.Conn, ch, inHand, now)
			if err != nil || room == 0 {
				from = later
				return nil, err
			}
			n = min(n, room)
		}
		return tx.ClaimPublications(ctx, channel, lane, s.Node, now, now.Add(s.Lease), n)
	})
	for _, r := range rows {
		start(r)
	}
	return len(rows), from, err
}

// renew keeps the leases of work in hand, and stops work whose lease is lost.
func (s *Service) renew(ctx context.Context, c *crew) {
	tick := time.NewTicker(s.Lease / 4)
	defer tick.Stop()
	renewed := time.Now()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if all, _ := c.busy(""); all == 0 {
			renewed = time.Now()
			continue
		}
		ctx, cancel := context.WithTimeout(ctx, s.Lease/2)
		held, err := catalog.Do(ctx, s.Catalog, func(tx *catalog.Tx) (map[string]int64, error) {
			return tx.ExtendLeases(ctx, s.Node, s.now().Add(s.Lease))
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

// scanning holds new rules against the assets that are already there.
func (s *Service) scanning(ctx context.Context) {
	for ctx.Err() == nil {
		seq, err := s.Catalog.Head(ctx)
		if err == nil {
			var list []string
			list, err = s.Catalog.Scans(ctx)
			for _, channel := range list {
				for done := false; !done && err == nil; {
					done, err = s.scan(ctx, channel)
				}
			}
		}
		if err == nil {
			err = s.Catalog.Wait(ctx, seq)
		}
		if err != nil && ctx.Err() == nil {
			s.Log.Error("rules over existing assets", "err", err)
			select {
			case <-ctx.Done():
			case <-time.After(time.Second):
			}
		}
	}
}

// Turn does, without the loop, all that is due now: the rules, then the ledger. It
// returns how many publications it worked on.
func (s *Service) Turn(ctx context.Context) (int, error) {
	if err := events.Register(ctx, s.Catalog, follower); err != nil {
		return 0, err
	}
	for {
		before, _, err := s.Catalog.Cursor(ctx, follower)
		if err != nil {
			return 0, err
		}
		after, err := s.step(ctx)
		if err != nil {
			return 0, err
		}
		if after == before {
			break
		}
	}
	if err := s.extendAll(ctx); err != nil {
		return 0, err
	}
	scans, err := s.Catalog.Scans(ctx)
	for _, channel := range scans {
		for done := false; !done && err == nil; {
			done, err = s.scan(ctx, channel)
		}
	}
	if err != nil {
		return 0, err
	}
	c := newCrew()
	n := 0
	working, cancel := context.WithCancel(ctx)
	defer cancel()
	_, err = s.claim(ctx, c, func(row catalog.LedgerRow) { n++; c.start(working, row, s.work) })
	c.wg.Wait()
	return n, errors.Join(err, ctx.Err())
}
