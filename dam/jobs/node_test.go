package jobs_test

import (
	"context"
	"testing"
	"time"

	"vitrine/dam/catalog"
	"vitrine/dam/catalog/catalogtest"
	"vitrine/dam/jobs"
)

// A job that runs on this node according to the queue, but never started here, is run by this node after all.
func TestOrphanIsFoundByItsOwnNode(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, c *catalog.Catalog) {
		q := open(t, c, "n1")
		q.HeartbeatEvery(100 * time.Millisecond)
		ran := make(chan jobs.Info, 1)
		jobs.Handle(q, time.Minute, func(_ context.Context, _ ping, i jobs.Info) error { ran <- i; return nil })
		run(t, q)
		enqueue(t, c, q, jobs.Options{At: time.Now().Add(time.Hour)}, nil)
		if err := c.Write(catalogtest.Context(t),
			func(tx *catalog.Tx) error { return take(catalogtest.Context(t), tx, "n1") }); err != nil {
			t.Fatal(err)
		}
		select {
		case i := <-ran:
			if i.Attempt != 1 {
				t.Errorf("attempt %d: the lost fetch was counted", i.Attempt)
			}
		case <-time.After(30 * time.Second):
			t.Fatal("the orphaned job was never run")
		}
	})
}

// take leaves the job as a fetch whose reply was lost does.
func take(ctx context.Context, tx *catalog.Tx, node string) error {
	if pg := tx.PG(); pg != nil {
		_, err := pg.Exec(ctx,
			`UPDATE river_job SET state='running', attempt=1, attempted_at=now(), attempted_by=ARRAY[$1::text]`, node)
		return err
	}
	_, err := tx.SQLite().ExecContext(ctx,
		`UPDATE river_job SET state='running', attempt=1, attempted_at=current_timestamp, attempted_by=jsonb_array(?1)`,
		node)
	return err
}

// Jobs that were due before the clock was set back run at the next start.
func TestClockSetBackHoldsNoJobs(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, c *catalog.Catalog) {
		q := open(t, c, "n1")
		ran := make(chan jobs.Info, 1)
		jobs.Handle(q, time.Minute, func(_ context.Context, _ ping, i jobs.Info) error { ran <- i; return nil })
		enqueue(t, c, q, jobs.Options{}, nil)
		if err := c.Write(catalogtest.Context(t), func(tx *catalog.Tx) error {
			if pg := tx.PG(); pg != nil {
				_, err := pg.Exec(catalogtest.Context(t), `UPDATE river_job SET scheduled_at=now()+interval '1 hour'`)
				return err
			}
			_, err := tx.SQLite().ExecContext(catalogtest.Context(t),
				`UPDATE river_job SET scheduled_at=strftime('%Y-%m-%d %H:%M:%f', 'now', '+1 hour')`)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		run(t, q)
		select {
		case <-ran:
		case <-time.After(30 * time.Second):
			t.Fatal("the job waits for the clock of before")
		}
	})
}

// A node whose clock is an hour ahead neither takes another node for dead nor is taken for dead.
func TestWrongClocksKillNobody(t *testing.T) {
	url := catalogtest.PostgresURL(t)
	node := func(name string, ahead time.Duration) (*catalog.Catalog, *jobs.Queue) {
		c, err := catalog.Open(catalogtest.Context(t), url)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := c.Close(); err != nil {
				t.Error(err)
			}
		})
		c.Database().SetLocalClock(func() time.Time { return time.Now().Add(ahead) })
		if err := c.Migrate(catalogtest.Context(t)); err != nil {
			t.Fatal(err)
		}
		q := open(t, c, name)
		q.HeartbeatEvery(50 * time.Millisecond)
		jobs.Handle(q, time.Minute, func(context.Context, ping, jobs.Info) error { return nil })
		return c, q
	}
	right, a := node("right", 0)
	ahead, b := node("ahead", time.Hour)
	behind, d := node("behind", -time.Hour)
	for _, q := range []*jobs.Queue{a, b, d} {
		run(t, q)
	}
	first, err := right.Jobs().Nodes(catalogtest.Context(t))
	if err != nil || len(first) != 3 {
		t.Fatalf("nodes: %v, %v", first, err)
	}
	until(t, "every node has beaten ten times more", func() bool {
		now, err := right.Jobs().Nodes(catalogtest.Context(t))
		if err != nil || len(now) != 3 {
			t.Fatalf("a node was taken for dead: %v, %v", now, err)
		}
		for name, at := range now {
			if at.Sub(first[name]) < 500*time.Millisecond {
				return false
			}
		}
		return true
	})
	if right.Database().ClockOff().Abs() > catalog.ClockTolerance ||
		ahead.Database().ClockOff() < catalog.ClockTolerance || behind.Database().ClockOff() > -catalog.ClockTolerance {
		t.Errorf("clocks are off by %s, %s, %s", right.Database().ClockOff(), ahead.Database().ClockOff(),
			behind.Database().ClockOff())
	}
}
