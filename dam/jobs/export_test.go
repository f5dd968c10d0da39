package jobs

import "time"

// HeartbeatEvery makes the heart beat faster. To be called before Start.
func (q *Queue) HeartbeatEvery(d time.Duration) { q.heartbeatEvery = d }

// KeepCounts says how long the counts of libraries are told before they are taken again. To be called before Start.
func (q *Queue) KeepCounts(d time.Duration) { q.counts.keep = d }
