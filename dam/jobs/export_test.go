package jobs

import "time"

// BeatEvery makes the heart beat faster. To be called before Start.
func (q *Queue) BeatEvery(d time.Duration) { q.beatEvery = d }

// KeepCounts says how long the counts of libraries are told before they are taken again. To be called before Start.
func (q *Queue) KeepCounts(d time.Duration) { q.counts.keep = d }
