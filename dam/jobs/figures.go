package jobs

import (
	"context"
	"slices"
	"sync/atomic"
	"time"

	"golang.org/x/sync/singleflight"
	"vitrine/dam"
)

// Depth is the number of jobs of a queue in a state.
type Depth struct {
	Queue string
	State State // Waiting, Running or Parked
	Count int
	// Oldest is how long the first of them has been running or due.
	Oldest time.Duration
}

// Depths counts the jobs that have not completed, by queue and state. It includes zeros for the queues that this node
// works on.
func (q *Queue) Depths(ctx context.Context) ([]Depth, error) {
	list, err := q.cat.Jobs().JobFigures(ctx)
	if err != nil {
		return nil, err
	}
	var out []Depth
	at := func(queue string, s State) *Depth {
		i := slices.IndexFunc(out, func(d Depth) bool { return d.Queue == queue && d.State == s })
		if i < 0 {
			i = len(out)
			out = append(out, Depth{Queue: queue, State: s})
		}
		return &out[i]
	}
	states := []State{Waiting, Running, Parked}
	for _, queue := range q.queues {
		for _, s := range states {
			at(queue, s)
		}
	}
	for _, f := range list {
		for _, s := range states {
			for _, river := range riverStates[s] {
				if string(river) == f.State {
					d := at(f.Queue, s)
					d.Count += f.Count
					d.Oldest = max(d.Oldest, f.Oldest)
				}
			}
		}
	}
	return out, nil
}

// countsKept is how long the counts of libraries are cached.
const countsKept = 10 * time.Second

// countsLimit bounds one count. The count belongs to no single caller, so it does not end with a caller's context.
const countsLimit = time.Minute

// libraryCounts caches the counts of all libraries. Counting reads up to 100,000 jobs, and every viewer may ask, so
// callers share one count and its result for a while.
type libraryCounts struct {
	keep    time.Duration
	taking  singleflight.Group
	current atomic.Pointer[countsAt]
}

type countsAt struct {
	at time.Time
	of map[string]map[string]int // by library, then by River's state
}

// fresh returns the cached counts, or nil if there are none or they are too old.
func (l *libraryCounts) fresh() map[string]map[string]int {
	if c := l.current.Load(); c != nil && time.Since(c.at) < l.keep {
		return c.of
	}
	return nil
}

func (l *libraryCounts) get(ctx context.Context, count func(context.Context) (map[string]map[string]int,
	error)) (map[string]map[string]int, error) {
	if of := l.fresh(); of != nil {
		return of, nil
	}
	result := l.taking.DoChan("", func() (any, error) {
		if of := l.fresh(); of != nil { // counted since the check above
			return of, nil
		}
		ctx, cancel := context.WithTimeout(dam.AsSystem(context.Background(), "one counting is shared by all who ask"),
			countsLimit)
		defer cancel()
		of, err := count(ctx)
		if err == nil {
			l.current.Store(&countsAt{time.Now(), of})
		}
		return of, err
	})
	select {
	case r := <-result:
		of, _ := r.Val.(map[string]map[string]int)
		return of, r.Err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Counts returns how many jobs are in each state. If library is "", it counts all jobs now. Otherwise it counts those
// of the library among the newest 100,000; the counts are at most 10 s old, plus the time that counting takes.
func (q *Queue) Counts(ctx context.Context, library string) (map[State]int, error) {
	var raw map[string]int
	var err error
	if library == "" {
		raw, err = q.cat.Jobs().JobCounts(ctx)
	} else {
		var of map[string]map[string]int
		of, err = q.counts.get(ctx, q.cat.Jobs().JobCountsOfLibraries)
		raw = of[library]
	}
	if err != nil {
		return nil, err
	}
	out := map[State]int{}
	for s, states := range riverStates {
		for _, r := range states {
			out[s] += raw[string(r)]
		}
	}
	return out, nil
}
