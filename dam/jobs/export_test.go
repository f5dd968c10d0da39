package jobs

import "time"

// HeartbeatEvery sets the interval of the heartbeat. It must be called before Start.
func (q *Queue) HeartbeatEvery(d time.Duration) { q.heartbeatEvery = d }

// KeepCounts sets how long the counts of libraries are cached. It must be called before Start.
func (q *Queue) KeepCounts(d time.Duration) { q.counts.keep = d }
