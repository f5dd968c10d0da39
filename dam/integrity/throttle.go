package integrity

import (
	"context"
	"time"

	"golang.org/x/time/rate"
)

// clock is time as the scrub sees it.
type clock interface {
	Now() time.Time
	// Sleep waits, and ends early with the error of a context that is done.
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

// throttle keeps reading to a rate.
type throttle struct {
	clock
	limit *rate.Limiter
}

// wait waits until n bytes more may be read. n is at most the limiter's burst. Unlike the limiter's own WaitN it knows
// no deadline: that refuses at once when the context would end before the turn comes, which is no fault of what is
// read.
func (t *throttle) wait(ctx context.Context, n int) error {
	now := t.Now()
	if d := t.limit.ReserveN(now, n).DelayFrom(now); d > 0 {
		return t.Sleep(ctx, d)
	}
	return ctx.Err()
}
