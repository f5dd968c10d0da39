package integrity

import (
	"context"
	"time"

	"golang.org/x/time/rate"
)

// clock is the clock of the scrub.
type clock interface {
	Now() time.Time
	// Sleep waits for d, or returns the context's error early if it is done.
	Sleep(ctx context.Context, d time.Duration) error
}

// machine is the machine's clock.
type machine struct{}

func (machine) Now() time.Time { return time.Now() }

func (machine) Sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

// throttle limits the rate of reading.
type throttle struct {
	clock
	limit *rate.Limiter
}

// wait waits until n more bytes may be read. n is at most the limiter's burst. Unlike the limiter's own WaitN it
// ignores the deadline: WaitN fails at once if the context would end during the wait, which is not a fault of what is
// read.
func (t *throttle) wait(ctx context.Context, n int) error {
	now := t.Now()
	if d := t.limit.ReserveN(now, n).DelayFrom(now); d > 0 {
		return t.Sleep(ctx, d)
	}
	return ctx.Err()
}
