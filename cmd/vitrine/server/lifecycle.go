package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"vitrine/dam"
)

const (
	// retryGap is the time between attempts at a step of the start that fails because of a full disk.
	retryGap = 5 * time.Second
	// restartGap is the time before a loop that ended is restarted.
	restartGap = time.Second
)

// lifecycle manages what runs from Start to Close. It is ended in reverse order.
type lifecycle struct {
	log     *slog.Logger
	starts  []func(ctx context.Context) error
	closers []func(ctx context.Context) error
}

// start runs everything that was added, in order. What is added later also ends with ctx.
func (l *lifecycle) start(ctx context.Context) error {
	for i := 0; i < len(l.starts); i++ { // a step may add another one
		if err := l.starts[i](ctx); err != nil {
			return err
		}
	}
	return nil
}

func (l *lifecycle) close(ctx context.Context) error {
	var errs []error
	for i := len(l.closers) - 1; i >= 0; i-- {
		errs = append(errs, l.closers[i](ctx))
	}
	l.closers = nil
	return errors.Join(errs...)
}

func (l *lifecycle) onStart(f func(context.Context) error) { l.starts = append(l.starts, f) }
func (l *lifecycle) onClose(f func(context.Context) error) { l.closers = append(l.closers, f) }

// background runs f from start to close.
func (l *lifecycle) background(name string, f func(context.Context)) {
	var wg sync.WaitGroup
	end := func() {}
	l.onStart(func(ctx context.Context) error {
		ctx, end = context.WithCancel(ctx)
		wg.Go(func() { dam.Loop(ctx, name, f) })
		return nil
	})
	l.onClose(func(context.Context) error { end(); wg.Wait(); return nil })
}

// loop is background for a function that is restarted when it ends.
func (l *lifecycle) loop(name string, run func(context.Context) error) {
	l.background(name, func(ctx context.Context) {
		for ctx.Err() == nil {
			if err := dam.Protect(name, func() error { return run(ctx) }); err != nil && ctx.Err() == nil {
				l.log.Error("loop ended; starting it again", "loop", name, "err", err)
				wait(ctx, restartGap)
			}
		}
	})
}

// once runs a step of the start. If the database or a disk can't be written, the server starts nevertheless, for
// readers, and the step is retried until it succeeds.
func (l *lifecycle) once(ctx context.Context, name string, step func(context.Context) error) error {
	err := step(ctx)
	if code := dam.CodeOf(err); code != dam.NoSpace && code != dam.Unavailable {
		if err != nil {
			err = fmt.Errorf("%s: %w", name, err)
		}
		return err
	}
	l.log.Error("starting read-only: a step of the start can't be done yet", "step", name, "err", err)
	l.background(name, func(ctx context.Context) {
		for err != nil && ctx.Err() == nil {
			wait(ctx, retryGap)
			err = step(ctx)
		}
		if err == nil {
			l.log.Info("done at last", "step", name)
		}
	})
	return nil
}

// wait returns after d, or when ctx ends.
func wait(ctx context.Context, d time.Duration) {
	if d <= 0 {
		return
	}
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}
