package catalog

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"vitrine/dam"
	"vitrine/dam/reasons"
	"vitrine/dam/tracing"
)

// Tx is one catalogue transaction: statements, events and jobs that commit together.
type Tx struct {
	Conn
	sqlite *sql.Tx
	pgtx   pgx.Tx
	now    time.Time
	actor  dam.Principal
	events []pendingEvent
	cause  string // see CausedBy
	// batched is nil unless BeginBatch was called.
	batched *batched
}

type pendingEvent struct {
	dam.Event
	changes []dam.Change
}

// SQLite returns the transaction for the job queue; nil on PostgreSQL.
func (tx *Tx) SQLite() *sql.Tx { return tx.sqlite }

// PG returns the transaction for the job queue; nil on SQLite.
func (tx *Tx) PG() pgx.Tx { return tx.pgtx }

// Now returns the transaction's instant, the same for all its rows and events.
func (tx *Tx) Now() time.Time { return tx.now }

// Actor returns the actor of the transaction's context (see WithActor).
func (tx *Tx) Actor() dam.Principal { return tx.actor }

// CausedBy sets the cause of the changes that follow, as a W3C traceparent, which events and plans carry along.
// Initially it is the span of the transaction's context.
func (tx *Tx) CausedBy(traceparent string) { tx.cause = traceparent }

// WithActor sets on whose behalf changes under the context are made, and whose visibility limits its reads (see
// access.go).
func WithActor(ctx context.Context, p dam.Principal) context.Context { return dam.WithActor(ctx, p) }

// ActorOf returns the actor of the context. It is nobody if none was set; then nothing can be read or written.
func ActorOf(ctx context.Context) dam.Principal { return dam.ActorOf(ctx) }

// IdempotencyKey is a client's promise that two requests with the same key are
// the same request. Fingerprint covers method, path and body.
type IdempotencyKey struct{ Key, Fingerprint string }

type idempotencyCtx struct{}

// WithIdempotencyKey makes the next Do under the context repeatable.
func WithIdempotencyKey(ctx context.Context, k IdempotencyKey) context.Context {
	return context.WithValue(ctx, idempotencyCtx{}, k)
}

// WithoutIdempotencyKey removes the key from the context: for writes other than the one that the client's key stands
// for.
func WithoutIdempotencyKey(ctx context.Context) context.Context {
	return context.WithValue(ctx, idempotencyCtx{}, nil)
}

// Replay returns the stored result of a request whose key has been used, without running anything; found is false for a
// first request or one without a key.
func Replay[T any](ctx context.Context, w Writer) (out T, found bool, err error) {
	k, keyed := ctx.Value(idempotencyCtx{}).(IdempotencyKey)
	if !keyed {
		return out, false, nil
	}
	found, err = w.whole().firstAnswer(ctx, ActorOf(ctx).ID, k, &out)
	return out, found, err
}

// Recorder records the newest seq written by changes under a context.
type Recorder struct{ seq atomic.Int64 }

// Seq returns the newest seq, 0 until an event has been committed.
func (r *Recorder) Seq() int64 { return r.seq.Load() }

type recorderCtx struct{}

// WithRecorder makes r record the seqs of changes under the context.
func WithRecorder(ctx context.Context, r *Recorder) context.Context {
	return context.WithValue(ctx, recorderCtx{}, r)
}

// Fingerprint returns the fingerprint of the given parts of a request.
func Fingerprint(parts ...string) string {
	h := sha256.New()
	for _, p := range parts {
		_, _ = fmt.Fprintf(h, "%d:%s", len(p), p) // a hash never fails to write
	}
	return hex.EncodeToString(h.Sum(nil))
}

// Writer begins transactions. A *Catalog is one, and so are the interfaces of services that embed it.
type Writer interface {
	Write(ctx context.Context, fn func(tx *Tx) error) error
	whole() *Catalog
}

func (c *Catalog) whole() *Catalog { return c }

// Write runs fn in a transaction. fn may run more than once (a lost race for the
// database, a connection that died): everything it does must go through tx.
func (c *Catalog) Write(ctx context.Context, fn func(tx *Tx) error) error {
	_, err := Do(ctx, c, func(tx *Tx) (struct{}, error) { return struct{}{}, fn(tx) })
	return err
}

// Do runs fn in a transaction and returns its result. With an idempotency key in the context, the result is stored in
// the same transaction, and a repeated request returns it without running fn: T must survive JSON.
//
// If the reply to a commit is lost, Do looks for the events that the commit would have written, under the lock of the
// log's head, so that fn's changes are never made twice.
func Do[T any](ctx context.Context, w Writer, fn func(tx *Tx) (T, error)) (T, error) {
	c := w.whole()
	span := tracing.Child(ctx, "transaction", "db.system.name", c.system())
	out, err := do(ctx, c, fn)
	tracing.End(span, err)
	return out, err
}

func do[T any](ctx context.Context, c *Catalog, fn func(tx *Tx) (T, error)) (T, error) {
	var zero T
	if err := dam.RequireActor(ctx); err != nil {
		return zero, err
	}
	var last error
	for range 5 {
		out, committed, err := attempt(ctx, c, fn)
		if err == nil || committed {
			return out, err
		}
		last = err
		if ctx.Err() != nil || !transient(err) {
			break
		}
		select {
		case <-ctx.Done():
		case <-time.After(50 * time.Millisecond):
		}
	}
	if readOnly(last) {
		c.reopen()
	}
	return zero, explained(last)
}

func attempt[T any](ctx context.Context, c *Catalog, fn func(tx *Tx) (T, error)) (out T, committed bool, err error) {
	c.readClock(ctx)
	tx := &Tx{now: c.clock.now().UTC().Truncate(time.Microsecond), actor: ActorOf(ctx), cause: tracing.Parent(ctx)}
	if c.pg {
		t, err := c.pool.Begin(ctx)
		if err != nil {
			return out, false, err
		}
		defer func() { _ = t.Rollback(context.WithoutCancel(ctx)) }() // a no-op after commit
		tx.pgtx, tx.Conn = t, Conn{q: pgConn{t}, pg: true, home: c.home}
	} else {
		t, err := c.writer.BeginTx(ctx, nil)
		if err != nil {
			return out, false, err
		}
		defer func() { _ = t.Rollback() }()
		tx.sqlite, tx.Conn = t, Conn{q: sqlConn{t}}
	}

	key, keyed := ctx.Value(idempotencyCtx{}).(IdempotencyKey)
	if keyed {
		first, err := tx.claimKey(ctx, key, &out)
		if err != nil || !first {
			return out, err == nil, err
		}
	}
	if out, err = fn(tx); err != nil {
		return out, false, err
	}
	if keyed {
		if _, err := tx.exec(ctx, `UPDATE idempotency SET result=$1 WHERE principal=$2 AND key=$3`, asJSON{out},
			tx.actor.ID, key.Key); err != nil {
			return out, false, err
		}
	}
	if err := tx.flush(ctx); err != nil {
		return out, false, err
	}
	if c.pg {
		err = tx.pgtx.Commit(ctx)
	} else {
		err = tx.sqlite.Commit()
	}
	if err != nil && c.pg && len(tx.events) > 0 && ambiguous(err) {
		if ok, lookErr := c.happened(ctx, tx.events[0].ID); lookErr != nil || !ok {
			return out, false, errors.Join(err, lookErr)
		}
		err = nil
	}
	if err != nil {
		return out, false, err
	}
	if len(tx.events) > 0 {
		if r, ok := ctx.Value(recorderCtx{}).(*Recorder); ok {
			r.seq.Store(tx.events[len(tx.events)-1].Seq)
		}
		c.signal.raise()
	}
	return out, true, nil
}

// claimKey inserts the key, or reads the first result into out.
func (tx *Tx) claimKey(ctx context.Context, k IdempotencyKey, out any) (first bool, err error) {
	n, err := tx.exec(ctx,
		`INSERT INTO idempotency(principal,key,fingerprint,result,at) VALUES($1,$2,$3,'null',$4) ON CONFLICT DO NOTHING`,
		tx.actor.ID, k.Key, k.Fingerprint, micros(tx.now))
	if err != nil || n == 1 {
		return true, err
	}
	_, err = tx.firstAnswer(ctx, tx.actor.ID, k, out)
	return false, err
}

// firstAnswer reads the result of a key's first request.
func (c Conn) firstAnswer(ctx context.Context, principal string, k IdempotencyKey, out any) (found bool, err error) {
	type stored struct{ fingerprint, result string }
	s, err := one(ctx, c, func(r row) (s stored, err error) {
		err = r.Scan(&s.fingerprint, &s.result)
		return
	}, `SELECT fingerprint, result FROM idempotency WHERE principal=$1 AND key=$2`, principal, k.Key)
	if errors.Is(err, errNoRow) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if s.fingerprint != k.Fingerprint {
		return false, dam.InvalidInput("Idempotency-Key", reasons.IdempotencyKeyReused())
	}
	return true, json.Unmarshal([]byte(s.result), out)
}

// happened reports whether a commit whose reply was lost took place. It first takes the lock of the log's head, which
// waits until the commit has ended either way.
func (c *Catalog) happened(ctx context.Context, event string) (bool, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 30*time.Second)
	defer cancel()
	for {
		ok, err := func() (bool, error) {
			t, err := c.pool.Begin(ctx)
			if err != nil {
				return false, err
			}
			defer func() { _ = t.Rollback(ctx) }()
			conn := Conn{q: pgConn{t}, pg: true}
			if _, err := one(ctx, conn, value[int64], `SELECT seq FROM log_head WHERE id=1 FOR UPDATE`); err != nil {
				return false, err
			}
			n, err := one(ctx, conn, value[int64], `SELECT count(*) FROM events WHERE id=$1`, event)
			return n > 0, err
		}()
		if err == nil || ctx.Err() != nil {
			return ok, err
		}
		select { // wait for the server to come back
		case <-ctx.Done():
		case <-time.After(200 * time.Millisecond):
		}
	}
}

// ambiguous reports whether the outcome of a commit is unknown: it was sent and no reply came.
func ambiguous(err error) bool {
	var pe *pgconn.PgError
	if errors.As(err, &pe) {
		return pe.Code == "57P01" || pe.Code == "57P02" || pe.Code == "08006"
	}
	return !errors.Is(err, pgx.ErrTxCommitRollback) && !errors.Is(err, pgx.ErrTxClosed)
}

// transient reports whether nothing was committed and another try may succeed.
func transient(err error) bool {
	var pe *pgconn.PgError
	if errors.As(err, &pe) {
		switch pe.Code {
		case "40001", "40P01", "57P01", "57P02", "57P03", "08006", "08003":
			return true
		}
		return false
	}
	var ce *pgconn.ConnectError
	return errors.As(err, &ce) || pgconn.SafeToRetry(err)
}
