package jobs

import "time"

// BeatEvery makes the heart beat faster. To be called before Start.
func (q *Queue) BeatEvery(d time.Duration) { q.beatEvery = d }
