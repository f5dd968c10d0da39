package jobs_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/catalog/catalogtest"
	"vitrine/dam/jobs"
	"vitrine/dam/reasons"
)

type ping struct {
	Asset string `json:"asset" river:"unique"`
}

func (ping) Kind() string { return "ping" }

func open(t *testing.T, c *catalog.Catalog, node string) *jobs.Queue {
	t.Helper()
	q, err := jobs.New(c, node, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	if err := q.Migrate(catalogtest.Context(t)); err != nil {
		t.Fatal(err)
	}
	return q
}

func run(t *testing.T, q *jobs.Queue) {
	t.Helper()
	if err := q.Start(catalogtest.Context(t), map[string]int{"": 4}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := q.Stop(ctx); err != nil {
			t.Error(err)
		}
	})
}

func enqueue(t *testing.T, c *catalog.Catalog, q *jobs.Queue, o jobs.Options, fail error) {
	t.Helper()
	err := c.Write(catalogtest.Context(t), func(tx *catalog.Tx) error {
		if err := q.Enqueue(catalogtest.Context(t), tx, ping{"a"}, o); err != nil {
			return err
		}
		return fail
	})
	if !errors.Is(err, fail) {
		t.Fatal(err)
	}
}

func until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); !ok(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("never happened: " + what)
		}
	}
}

func TestJobCommitsWithItsChange(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, c *catalog.Catalog) {
		q := open(t, c, "n1")
		var runs atomic.Int32
		jobs.Handle(q, time.Minute, func(context.Context, ping, jobs.Info) error { runs.Add(1); return nil })
		run(t, q)
		enqueue(t, c, q, jobs.Options{}, errors.New("rolled back"))
		enqueue(t, c, q, jobs.Options{}, nil)
		until(t, "one completed job", func() bool {
			n, err := q.Counts(catalogtest.Context(t), "")
			return err == nil && n[jobs.Done] == 1
		})
		if runs.Load() != 1 {
			t.Errorf("%d runs, want the committed one only", runs.Load())
		}
	})
}

func TestParkAndRetry(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, c *catalog.Catalog) {
		q := open(t, c, "n1")
		var heal atomic.Bool
		jobs.Handle(q, time.Minute, func(context.Context, ping, jobs.Info) error {
			if heal.Load() {
				return nil
			}
			return jobs.Park(fmt.Errorf("it was read: %w", &dam.Error{Code: dam.Damaged, Reason: reasons.OriginalLost(),
				Err: errors.New("the file is torn")}))
		})
		run(t, q)
		enqueue(t, c, q, jobs.Options{}, nil)
		var parked []jobs.Job
		until(t, "a parked job", func() bool {
			parked, _ = q.List(catalogtest.Context(t), jobs.Parked, 10)
			return len(parked) == 1
		})
		if why := parked[0].ErrorReasons; !strings.HasSuffix(parked[0].Error, "the file is torn") ||
			len(why) != 1 || !why[0].Is(reasons.CodeOriginalLost) || parked[0].Kind != "ping" {
			t.Errorf("a parked job without its reason: %+v", parked[0])
		}
		heal.Store(true)
		if err := q.Retry(catalogtest.Context(t), parked[0].ID); err != nil {
			t.Fatal(err)
		}
		until(t, "the retried job done", func() bool {
			n, _ := q.Counts(catalogtest.Context(t), "")
			return n[jobs.Done] == 1
		})
		if err := q.Retry(catalogtest.Context(t), 1<<40); dam.CodeOf(err) != dam.NotFound {
			t.Errorf("retry of an unknown job: %v", err)
		}
	})
}

func TestPanicIsCountedOnce(t *testing.T) {
	c := catalogtest.SQLite(t)
	q := open(t, c, "n1")
	jobs.Handle(q, time.Minute, func(context.Context, ping, jobs.Info) error { panic("a bug") })
	before := dam.Panics()
	run(t, q)
	enqueue(t, c, q, jobs.Options{Max: 1}, nil)
	until(t, "a parked job", func() bool { n, _ := q.Counts(catalogtest.Context(t), ""); return n[jobs.Parked] == 1 })
	before[dam.PanicJob]++
	if after := dam.Panics(); !maps.Equal(after, before) {
		t.Errorf("panics %v, want %v", after, before)
	}
}

// A job that was running on a node without a heartbeat is run by another node.
func TestDeadNodesJobsAreTakenOver(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, c *catalog.Catalog) {
		q := open(t, c, "n2")
		ran := make(chan jobs.Info, 1)
		jobs.Handle(q, time.Minute, func(_ context.Context, _ ping, i jobs.Info) error { ran <- i; return nil })
		enqueue(t, c, q, jobs.Options{}, nil)
		if err := c.Write(catalogtest.Context(t),
			func(tx *catalog.Tx) error { return seize(catalogtest.Context(t), tx, "n1") }); err != nil {
			t.Fatal(err)
		}
		run(t, q)
		select {
		case i := <-ran:
			if i.Attempt != 1 {
				t.Errorf("attempt %d: the dead node's attempt was counted", i.Attempt)
			}
		case <-time.After(30 * time.Second):
			t.Fatal("the dead node's job was never run")
		}
	})
}

// seize leaves the tables as a node does that was killed while working, a while ago.
func seize(ctx context.Context, tx *catalog.Tx, node string) error {
	if pg := tx.PG(); pg != nil {
		if _, err := pg.Exec(ctx,
			`UPDATE river_job SET state='running', attempt=1, attempted_at=now(), attempted_by=ARRAY[$1::text]`,
			node); err != nil {
			return err
		}
		_, err := pg.Exec(ctx, `INSERT INTO nodes(id,started_at,seen_at) VALUES($1,0,0)`, node)
		return err
	}
	if _, err := tx.SQLite().ExecContext(ctx,
		`UPDATE river_job SET state='running', attempt=1, attempted_at=current_timestamp, attempted_by=jsonb_array(?1)`,
		node); err != nil {
		return err
	}
	_, err := tx.SQLite().ExecContext(ctx, `INSERT INTO nodes(id,started_at,seen_at) VALUES(?1,0,0)`, node)
	return err
}

// A job that is running when its node stops is made available again: it runs at the next start with all its attempts
// left. Otherwise a video that takes longer than a stop would be parked after five restarts.
func TestStopCostsNoAttempt(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, c *catalog.Catalog) {
		began := make(chan int, 1)
		start := func(name string, fn func(context.Context) error) *jobs.Queue {
			q := open(t, c, name)
			jobs.Handle(q, time.Minute, func(ctx context.Context, _ ping, info jobs.Info) error {
				began <- info.Attempt
				return fn(ctx)
			})
			if err := q.Start(catalogtest.Context(t), map[string]int{"": 1}); err != nil {
				t.Fatal(err)
			}
			return q
		}
		stop := func(q *jobs.Queue, within time.Duration) {
			ctx, cancel := context.WithTimeout(context.Background(), within)
			defer cancel()
			if err := q.Stop(ctx); err != nil {
				t.Error(err)
			}
		}
		first := start("first", func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() })
		enqueue(t, c, first, jobs.Options{Max: 1}, nil)
		if n := <-began; n != 1 {
			t.Errorf("attempt %d", n)
		}
		stop(first, 0)
		second := start("second", func(context.Context) error { return nil })
		select {
		case n := <-began:
			if n != 1 {
				t.Errorf("attempt %d after the restart, want the first again", n)
			}
		case <-time.After(30 * time.Second):
			t.Error("the job was not given back")
		}
		stop(second, 10*time.Second)
	})
}

// Depths returns every queue of the node: what waits and since when, and what is parked.
func TestDepths(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, c *catalog.Catalog) {
		q := open(t, c, "one")
		hold := make(chan struct{})
		parked := make(chan struct{})
		jobs.Handle(q, time.Minute, func(_ context.Context, _ ping, info jobs.Info) error {
			if info.Max == 1 {
				defer close(parked)
				return jobs.Park(errors.New("no use"))
			}
			<-hold
			return nil
		})
		if err := q.Start(catalogtest.Context(t), map[string]int{"": 1, "films": 1}); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := q.Stop(context.Background()); err != nil {
				t.Error(err)
			}
		})
		enqueue(t, c, q, jobs.Options{Max: 1}, nil)
		<-parked
		enqueue(t, c, q, jobs.Options{}, nil)
		enqueue(t, c, q, jobs.Options{}, nil)
		enqueue(t, c, q, jobs.Options{At: time.Now().Add(time.Hour), Queue: "films"}, nil)
		want := map[string]int{"default waiting": 1, "default running": 1, "default parked": 1, "films waiting": 1,
			"films running": 0, "films parked": 0}
		var got map[string]int
		for end := time.Now().Add(20 * time.Second); !maps.Equal(got, want); time.Sleep(20 * time.Millisecond) {
			list, err := q.Depths(catalogtest.Context(t))
			if err != nil {
				t.Fatal(err)
			}
			got = map[string]int{}
			for _, d := range list {
				got[d.Queue+" "+string(d.State)] = d.Count
				if d.Oldest < 0 || d.Oldest > time.Minute || d.Queue == "films" && d.Oldest != 0 {
					t.Errorf("%+v: an age that can't be", d)
				}
			}
			if time.Now().After(end) {
				t.Fatalf("%v, want %v", got, want)
			}
		}
		close(hold)
	})
}

// A job that finds a disk full waits for space, on its last attempt too, and no attempt is counted.
func TestAJobWaitsForRoom(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, c *catalog.Catalog) {
		q := open(t, c, "n1")
		var runs atomic.Int32
		jobs.Handle(q, time.Minute, func(context.Context, ping, jobs.Info) error {
			runs.Add(1)
			return fmt.Errorf("spool: %w", syscall.ENOSPC)
		})
		run(t, q)
		enqueue(t, c, q, jobs.Options{Max: 1}, nil)
		var waiting []jobs.Job
		until(t, "the job has run and waits", func() bool {
			waiting, _ = q.List(catalogtest.Context(t), jobs.Waiting, 10)
			return runs.Load() > 0 && len(waiting) == 1
		})
		if j := waiting[0]; j.Attempt != 0 || time.Until(j.At) > time.Minute {
			t.Errorf("%+v", j)
		}
	})
}

type match struct {
	Library string `json:"library"`
}

func (match) Kind() string { return "match" }

// Counting a library's jobs reads many jobs; concurrent callers share one count, which is cached for a while.
func TestCountsOfLibrariesAreShared(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, c *catalog.Catalog) {
		q := open(t, c, "n1")
		q.KeepCounts(time.Hour)
		add := func(library string) error {
			return c.Write(catalogtest.Context(t), func(tx *catalog.Tx) error {
				return q.Enqueue(catalogtest.Context(t), tx, match{library}, jobs.Options{})
			})
		}
		waiting := func(library string) int {
			n, err := q.Counts(catalogtest.Context(t), library)
			if err != nil {
				t.Error(err)
			}
			return n[jobs.Waiting]
		}
		seen := make([]int, 24)
		var callers sync.WaitGroup
		for i := range seen {
			callers.Go(func() {
				if err := add("shoes"); err != nil {
					t.Error(err)
				}
				seen[i] = waiting("shoes")
			})
		}
		callers.Wait()
		if len(slices.Compact(slices.Clone(seen))) != 1 || seen[0] == 0 {
			t.Errorf("callers were told %v, so they did not share a counting", seen)
		}
		if err := add("hats"); err != nil {
			t.Fatal(err)
		}
		if waiting("hats") != 0 || waiting("") != 25 {
			t.Errorf("%d of another library, %d of all: want what was counted before, and what is there now",
				waiting("hats"), waiting(""))
		}
		q.KeepCounts(0)
		if waiting("hats") != 1 || waiting("shoes") != 24 || waiting("none") != 0 {
			t.Errorf("%d, %d, %d when counted anew", waiting("hats"), waiting("shoes"), waiting("none"))
		}
	})
}

// A principal with few jobs does not wait until another's hundreds are done.
func TestFairJobs(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, c *catalog.Catalog) {
		q := open(t, c, "n1")
		var mu sync.Mutex
		var order []string
		jobs.Handle(q, time.Minute, func(_ context.Context, p ping, _ jobs.Info) error {
			mu.Lock()
			defer mu.Unlock()
			order = append(order, p.Asset)
			return nil
		})
		for _, batch := range []struct {
			who string
			n   int
		}{{"many", 200}, {"single", 1}, {"some", 12}} {
			ctx := dam.WithActor(catalogtest.Context(t), dam.Principal{ID: batch.who})
			if err := c.Write(ctx, func(tx *catalog.Tx) error {
				for range batch.n {
					if err := q.Enqueue(ctx, tx, ping{batch.who}, jobs.Options{Fair: true}); err != nil {
						return err
					}
				}
				return nil
			}); err != nil {
				t.Fatal(err)
			}
		}
		run(t, q)
		var done []string
		until(t, "the jobs of those who have few", func() bool {
			mu.Lock()
			defer mu.Unlock()
			done = slices.Clone(order)
			return slices.Contains(done, "single") &&
				len(slices.DeleteFunc(slices.Clone(done), func(who string) bool { return who != "some" })) == 12
		})
		// The first eight jobs of everyone run first, then sixty-four of those with many.
		if at := slices.Index(done, "single"); at > 30 || len(done) > 120 {
			t.Errorf("the single job was number %d; %d were done with the dozen", at+1, len(done))
		}
	})
}

// Everyone has a share of their own, however many others enqueue jobs in between.
func TestFairAmongMany(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, c *catalog.Catalog) {
		q := open(t, c, "n1")
		const people, each = 10, 75
		got := map[string]int{}
		err := c.Write(catalogtest.Context(t), func(tx *catalog.Tx) error {
			for n := range people * each {
				ctx := dam.WithActor(catalogtest.Context(t), dam.Principal{ID: fmt.Sprint("u", n%people)})
				if err := q.Enqueue(ctx, tx, ping{fmt.Sprint(n)}, jobs.Options{Fair: true}); err != nil {
					return err
				}
			}
			return shares(catalogtest.Context(t), tx, got)
		})
		if err != nil {
			t.Fatal(err)
		}
		for i := range people {
			for priority, want := range map[int]int{1: 8, 2: 64, 3: each - 8 - 64} {
				if n := got[fmt.Sprintf("u%d at %d", i, priority)]; n != want {
					t.Errorf("u%d has %d jobs at priority %d, want %d", i, n, priority, want)
				}
			}
		}
	})
}

// shares counts the jobs by principal and priority.
func shares(ctx context.Context, tx *catalog.Tx, into map[string]int) error {
	const query = `SELECT (metadata->>'for') || ' at ' || CAST(priority AS TEXT), count(*) FROM river_job GROUP BY 1`
	var who string
	var n int
	if pg := tx.PG(); pg != nil {
		rows, err := pg.Query(ctx, query)
		if err == nil {
			_, err = pgx.ForEachRow(rows, []any{&who, &n}, func() error { into[who] = n; return nil })
		}
		return err
	}
	rows, err := tx.SQLite().QueryContext(ctx, query)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		if err := rows.Scan(&who, &n); err != nil {
			return err
		}
		into[who] = n
	}
	return rows.Err()
}
