package jobs

import (
	"context"
	"sync"
	"time"

	"vitrine/dam/catalog"
)

const (
	heartbeatInterval = 2 * time.Second
	// deadAfter is how long a node may be silent before its running jobs are given to other nodes.
	deadAfter = 10 * time.Second
)

// heartbeat records that this node is alive, and takes over the jobs of dead nodes.
func (q *Queue) heartbeat(ctx context.Context) {
	t := time.NewTicker(q.heartbeatEvery)
	defer t.Stop()
	var suspects map[catalog.RunningJob]bool
	last := time.Now()
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
		now := time.Now()
		err := q.rescue(ctx, false)
		if err == nil {
			suspects, err = q.freeOrphans(ctx, suspects)
		}
		// The ticker uses the monotonic clock, which is never set; if the wall clock fell behind it, it was set back.
		if back := now.Sub(last) - now.Round(0).Sub(last.Round(0)); err == nil && back > time.Second {
			q.log.Warn("the clock was set back; jobs that it holds up are released", "by", back.Round(time.Second))
			err = q.cat.Write(ctx, func(tx *catalog.Tx) error { return tx.Jobs().ReleaseEarlyJobs(ctx) })
		}
		last = now
		if err != nil && ctx.Err() == nil {
			q.log.Warn("heartbeat", "err", err)
		}
		q.noteClock()
	}
}

// noteClock warns when this machine's clock begins to differ from the database's.
func (q *Queue) noteClock() {
	by := q.cat.Database().ClockOff()
	off := by.Abs() > catalog.ClockTolerance
	if off && !q.clockOff {
		q.log.Error("this node's clock differs from the database's; leases go by the database's", "by",
			by.Round(time.Millisecond))
	}
	q.clockOff = off
}

// running holds the jobs of this process, including for a while those that have ended, because River records their end
// in the background.
type running struct {
	mu   sync.Mutex
	jobs map[int64]time.Time // when it ended; zero while it runs
}

// begin records the start of a job; the function that it returns records the end.
func (r *running) begin(id int64) (end func()) {
	r.set(id, time.Time{})
	return func() { r.set(id, time.Now()) }
}

func (r *running) set(id int64, ended time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.jobs == nil {
		r.jobs = map[int64]time.Time{}
	}
	r.jobs[id] = ended
}

// knows reports whether a job is running here or ended lately.
func (r *running) knows(id int64) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	ended, known := r.jobs[id]
	return known && (ended.IsZero() || time.Since(ended) < deadAfter)
}

// forget removes jobs that ended long ago.
func (r *running) forget() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for id, ended := range r.jobs {
		if !ended.IsZero() && time.Since(ended) >= deadAfter {
			delete(r.jobs, id)
		}
	}
}

// freeOrphans makes jobs available again that run on this node according to the queue but don't, because the reply to a
// fetch was lost. A job is an orphan if two consecutive heartbeats find it so; at the first it may just be starting.
func (q *Queue) freeOrphans(ctx context.Context, suspects map[catalog.RunningJob]bool) (map[catalog.RunningJob]bool,
	error) {
	list, err := q.cat.Jobs().RunningJobs(ctx, q.node)
	if err != nil {
		return suspects, err
	}
	next := map[catalog.RunningJob]bool{}
	for _, j := range list {
		switch {
		case q.running.knows(j.ID):
		case !suspects[j]:
			next[j] = true
		default:
			if err := q.cat.Write(ctx, func(tx *catalog.Tx) error { return tx.Jobs().FreeJob(ctx, j) }); err != nil {
				return next, err
			}
			q.log.Warn("a job that was fetched never started; it is given back", "job", j.ID)
		}
	}
	q.running.forget()
	return next, nil
}

// rescue writes this node's heartbeat and makes the running jobs of dead nodes available again. If alone, no other node
// can be alive (SQLite serves one process at a time), so every other node counts as dead, however lately it was seen.
func (q *Queue) rescue(ctx context.Context, alone bool) error {
	silence := deadAfter
	if alone {
		silence = 0
	}
	return q.cat.Write(ctx, func(tx *catalog.Tx) error {
		dead, err := tx.Jobs().Heartbeat(ctx, q.node, q.started, silence)
		if err != nil {
			return err
		}
		for _, n := range dead {
			freed, err := tx.Jobs().FreeJobs(ctx, n)
			if err != nil {
				return err
			}
			if freed > 0 {
				q.log.Warn("took over the jobs of a node that died", "node", n, "jobs", freed)
			}
			if err := tx.Jobs().RemoveNode(ctx, n); err != nil {
				return err
			}
		}
		return nil
	})
}
