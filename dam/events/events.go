// Package events follows the log: durable followers whose cursor moves in the
// same transaction as their effect, the wake-up between nodes, and retention.
package events

import (
	"context"
	"log/slog"
	"time"

	"vitrine/dam"
	"vitrine/dam/catalog"
)

// Handler applies a batch of events inside the transaction that moves the
// cursor. It may run again with the same events after a failure.
type Handler func(ctx context.Context, tx *catalog.Tx, batch []dam.Event) error

const batchSize = 200

// Log is the catalogue's log, and transactions to apply what it tells.
type Log interface {
	catalog.Writer
	Log() catalog.Log
	// Wait returns once the log has an event after a seq; see catalog.Catalog.
	Wait(ctx context.Context, after int64) error
}

// Follow calls h for every event after the follower's cursor, in order, until ctx
// is done. A follower unknown so far starts at the log's present head. Several
// nodes may follow under one name: each event is applied once, by one of them.
// A failing handler is called again with growing pauses; the cursor stays.
func Follow(ctx context.Context, c Log, name string, log *slog.Logger, h Handler) error {
	pause := 100 * time.Millisecond
	for {
		seq, err := Step(ctx, c, name, h)
		if err == nil {
			pause = 100 * time.Millisecond
			err = c.Wait(ctx, seq)
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err == nil {
			continue
		}
		log.Error("follower stuck", "follower", name, "seq", seq, "err", err, "retry_in", pause)
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause):
		}
		pause = min(pause*2, 30*time.Second)
	}
}

// Step applies one batch and returns the cursor after it.
func Step(ctx context.Context, c Log, name string, h Handler) (int64, error) {
	var seq int64
	// Looking first spares the writer a transaction when there is nothing to do.
	seq, known, err := c.Log().Cursor(ctx, name)
	if err != nil {
		return 0, err
	}
	if head, err := c.Log().Head(ctx); err != nil || known && head <= seq {
		return seq, err
	}
	err = c.Write(ctx, func(tx *catalog.Tx) error {
		at, known, err := tx.Log().LockCursor(ctx, name)
		if err != nil {
			return err
		}
		if !known {
			if at, err = tx.Log().Head(ctx); err != nil {
				return err
			}
			seq = at
			return tx.Log().SetCursor(ctx, name, at)
		}
		batch, err := tx.Log().Events(ctx, "", at, batchSize)
		if err != nil {
			return err
		}
		seq = at
		if len(batch) == 0 {
			return nil
		}
		if err := h(ctx, tx, batch); err != nil {
			return err
		}
		seq = batch[len(batch)-1].Seq
		return tx.Log().SetCursor(ctx, name, seq)
	})
	return seq, err
}

// Register makes sure a follower exists, starting at the log's present head, so
// that nothing committed from now on is missed.
func Register(ctx context.Context, c Log, name string) error {
	if _, known, err := c.Log().Cursor(ctx, name); err != nil || known {
		return err
	}
	return c.Write(ctx, func(tx *catalog.Tx) error {
		if _, known, err := tx.Log().LockCursor(ctx, name); err != nil || known {
			return err
		}
		head, err := tx.Log().Head(ctx)
		if err != nil {
			return err
		}
		return tx.Log().SetCursor(ctx, name, head)
	})
}

// Listen wakes this node's waiters when another node writes, until ctx is done.
// Without it they notice by polling. On SQLite there is nothing to listen to.
func Listen(ctx context.Context, c *catalog.Catalog, log *slog.Logger) {
	for c.Postgres() && ctx.Err() == nil {
		err := func() error {
			conn, err := c.Database().Pool().Acquire(ctx)
			if err != nil {
				return err
			}
			defer conn.Release()
			if _, err := conn.Exec(ctx, `LISTEN vitrine_log`); err != nil {
				return err
			}
			for {
				if _, err := conn.Conn().WaitForNotification(ctx); err != nil {
					return err
				}
				c.Raise()
			}
		}()
		if ctx.Err() != nil {
			return
		}
		log.Warn("log notifications lost; polling until they are back", "err", err)
		select {
		case <-ctx.Done():
		case <-time.After(time.Second):
		}
	}
}

// Retain trims events older than keep, never past the slowest durable follower.
func Retain(ctx context.Context, c Log, keep time.Duration) error {
	seq, err := c.Log().SeqAt(ctx, time.Now().Add(-keep))
	if err != nil || seq == 0 {
		return err
	}
	return c.Write(ctx, func(tx *catalog.Tx) error {
		slowest, err := tx.Log().SlowestFollower(ctx)
		if err != nil {
			return err
		}
		return tx.Log().Trim(ctx, min(seq, slowest))
	})
}
