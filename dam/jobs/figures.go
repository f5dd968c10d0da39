package jobs

import (
	"context"
	"slices"
	"time"
)

// Depth is how many jobs of a queue are in a state.
type Depth struct {
	Queue string
	State State // Waiting, Running or Parked
	Count int
	// Oldest is how long the first of them has been running, or due to run.
	Oldest time.Duration
}

// Depths counts the jobs that are not done, by queue and state; the queues that this node works on are there with zero too.
func (q *Queue) Depths(ctx context.Context) ([]Depth, error) {
	list, err := q.cat.JobFigures(ctx)
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
