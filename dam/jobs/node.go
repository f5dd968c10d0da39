package jobs

import (
	"context"
	"time"

	"vitrine/dam/catalog"
)

const (
	heartbeat = 2 * time.Second
	// deadAfter is how long a node may be silent before its running jobs are given to others.
	deadAfter = 10 * time.Second
)

// beat tells the other nodes that this one lives, and takes over from those that don't.
func (q *Queue) beat(ctx context.Context) {
	defer close(q.done)
	t := time.NewTicker(heartbeat)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
		if err := q.rescue(ctx, false); err != nil && ctx.Err() == nil {
			q.log.Warn("heartbeat", "err", err)
		}
	}
}

// rescue writes this node's heartbeat and frees the running jobs of dead nodes.
// alone says that no other node can be alive (SQLite serves one process at a
// time): then every other node is dead, however lately it was seen.
func (q *Queue) rescue(ctx context.Context, alone bool) error {
	silence := deadAfter
	if alone {
		silence = 0
	}
	return q.cat.Write(ctx, func(tx *catalog.Tx) error {
		dead, err := tx.Beat(ctx, q.node, q.started, silence)
		if err != nil {
			return err
		}
		for _, n := range dead {
			freed, err := tx.FreeJobs(ctx, n)
			if err != nil {
				return err
			}
			if freed > 0 {
				q.log.Warn("took over the jobs of a node that died", "node", n, "jobs", freed)
			}
			if err := tx.Bury(ctx, n); err != nil {
				return err
			}
		}
		return nil
	})
}
