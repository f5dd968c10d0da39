package catalog

import (
	"context"
	"encoding/json"
	"strconv"
	"strings"
	"sync"
	"time"

	"vitrine/dam"
	"vitrine/dam/tracing"
)

// Emit appends an event to the transaction. Its seq is assigned by the transaction's last statements. The caller sets
// Library, Type, Subject, Asset, Number and Data; changes are the before and after values, which can be erased.
func (tx *Tx) Emit(e dam.Event, changes ...dam.Change) {
	e.ID = dam.NewID(dam.EventPrefix)
	e.At = tx.now
	if e.Actor == "" {
		e.Actor = tx.actor.ID
	}
	if e.Library == "" {
		e.Library = dam.DefaultLibrary
	}
	if len(e.Data) == 0 {
		e.Data = json.RawMessage("{}")
	}
	e.Data = tracing.Mark(e.Data, tx.cause)
	tx.events = append(tx.events, pendingEvent{e, changes})
}

// EmitAsset appends an event about an asset; data is what readers need in addition to ids.
func (tx *Tx) EmitAsset(t dam.EventType, a *dam.Asset, data map[string]any, changes ...dam.Change) {
	raw, err := json.Marshal(data)
	if err != nil {
		panic(err) // always plain values
	}
	tx.Emit(dam.Event{Type: t, Library: a.Library, Subject: a.ID, Asset: a.ID, Number: a.Number, Data: raw}, changes...)
}

// flush writes the events to the log. It locks the head row last, at the very end, so that a reader never sees seq n
// before everything below n is committed.
func (tx *Tx) flush(ctx context.Context) error {
	if err := tx.Publications().FlushBatch(ctx); err != nil {
		return err
	}
	if len(tx.events) == 0 {
		return nil
	}
	head, err := one(ctx, tx.Conn, value[int64], `UPDATE log_head SET seq=seq+$1 WHERE id=1 RETURNING seq`,
		int64(len(tx.events)))
	if err != nil {
		return err
	}
	first := head - int64(len(tx.events)) + 1
	const width = 10
	for at := 0; at < len(tx.events); at += 500 {
		batch := tx.events[at:min(at+500, len(tx.events))]
		var q strings.Builder
		q.WriteString(`INSERT INTO events(seq,id,library,type,subject,asset,number,actor,at,data) VALUES `)
		args := make([]any, 0, len(batch)*width)
		for i := range batch {
			e := &batch[i]
			e.Seq = first + int64(at+i)
			placeholders(&q, i, width)
			args = append(args, e.Seq, e.ID, e.Library, string(e.Type), e.Subject, e.Asset, int64(e.Number), e.Actor,
				micros(e.At), string(e.Data))
		}
		if _, err := tx.exec(ctx, q.String(), args...); err != nil {
			return err
		}
	}
	for _, e := range tx.events {
		for _, c := range e.changes {
			if _, err := tx.exec(ctx, `INSERT INTO event_values(seq,field,before,after) VALUES($1,$2,$3,$4)`, e.Seq,
				c.Field, asJSON{c.Before}, asJSON{c.After}); err != nil {
				return err
			}
		}
	}
	if tx.pg {
		_, err = tx.exec(ctx, `SELECT pg_notify('vitrine_log', $1)`, strconv.FormatInt(head, 10))
	}
	return err
}

// placeholders writes the i-th group ($n,…) of a multi-row insert.
func placeholders(q *strings.Builder, i, width int) {
	if i > 0 {
		q.WriteByte(',')
	}
	for k := range width {
		q.WriteByte("(,"[min(k, 1)])
		q.WriteByte('$')
		q.WriteString(strconv.Itoa(i*width + k + 1))
	}
	q.WriteByte(')')
}

const eventColumns = `seq,id,library,type,subject,asset,number,actor,at,data`

func scanEvent(r row) (e dam.Event, err error) {
	var at int64
	var data string
	err = r.Scan(&e.Seq, &e.ID, &e.Library, (*string)(&e.Type), &e.Subject, &e.Asset, &e.Number, &e.Actor, &at, &data)
	e.At, e.Data = instant(at), json.RawMessage(data)
	return e, err
}

// Head returns the newest seq of the log, 0 when it is empty.
func (s Log) Head(ctx context.Context) (int64, error) {
	return one(ctx, s.db, value[int64], `SELECT seq FROM log_head WHERE id=1`)
}

// MinSeq returns the seq up to which the log has been trimmed: lower cursors are too old.
func (s Log) MinSeq(ctx context.Context) (int64, error) {
	return one(ctx, s.db, value[int64], `SELECT min_seq FROM log_head WHERE id=1`)
}

// Events returns up to limit events after a seq, oldest first. An empty library means all libraries.
func (s Log) Events(ctx context.Context, library string, after int64, limit int) ([]dam.Event, error) {
	if library == "" {
		return all(ctx, s.db, scanEvent, `SELECT `+eventColumns+` FROM events WHERE seq>$1 ORDER BY seq LIMIT $2`,
			after, limit)
	}
	seen, args := s.db.withinLog(ctx, library, []any{after, library, limit})
	list, err := all(ctx, s.db, scanEvent, `SELECT `+eventColumns+` FROM events e WHERE seq>$1 AND library=$2`+seen+
		` ORDER BY seq LIMIT $3`, args...)
	return redact(ctx, list), err
}

// AssetEvents returns the newest events of an asset before a seq (0: the newest of all).
func (s Log) AssetEvents(ctx context.Context, asset string, before int64, limit int) ([]dam.Event, error) {
	if before == 0 {
		before = 1<<63 - 1
	}
	read := func(which string) ([]dam.Event, error) {
		return all(ctx, s.db, scanEvent, `SELECT `+eventColumns+` FROM events WHERE asset=$1 AND seq<$2`+which+
			` ORDER BY seq DESC LIMIT $3`, asset, before, limit)
	}
	list, err := read("")
	if len(list) > 0 && ActorOf(ctx).Filtered(list[0].Library) {
		list, err = read(untold)
	}
	return redact(ctx, list), err
}

// Changes returns the before and after values of an event; none after they have been erased.
func (s Log) Changes(ctx context.Context, seq int64) ([]dam.Change, error) {
	return all(ctx, s.db, func(r row) (ch dam.Change, err error) {
		err = r.Scan(&ch.Field, asJSON{&ch.Before}, asJSON{&ch.After})
		return
	}, `SELECT field,before,after FROM event_values WHERE seq=$1 ORDER BY field`, seq)
}

// Trim deletes events up to a seq from the log; followers with an older cursor start from a snapshot. The newest event
// stays, because it confirms the positions that others remember.
func (s LogTx) Trim(ctx context.Context, upto int64) error {
	head, err := s.Head(ctx)
	if err != nil {
		return err
	}
	upto = min(upto, max(head-1, 0))
	for _, q := range []string{
		`DELETE FROM events WHERE seq<=$1`,
		`DELETE FROM event_values WHERE seq<=$1`,
		`UPDATE log_head SET min_seq=$1 WHERE id=1 AND min_seq<$1`,
	} {
		if _, err := s.tx.exec(ctx, q, upto); err != nil {
			return err
		}
	}
	return nil
}

// SeqAt returns the newest seq before an instant, or 0 if there is none.
func (s Log) SeqAt(ctx context.Context, at time.Time) (int64, error) {
	return one(ctx, s.db, value[int64], `SELECT COALESCE(max(seq),0) FROM events WHERE at<$1`, micros(at))
}

// Cursor returns a follower's durable position; known is false for a new follower.
func (s Log) Cursor(ctx context.Context, follower string) (seq int64, known bool, err error) {
	seq, err = one(ctx, s.db, value[int64], `SELECT seq FROM followers WHERE name=$1`, follower)
	if err == errNoRow {
		return 0, false, nil
	}
	return seq, err == nil, err
}

// SetCursor moves a follower's cursor in the transaction that holds the effect of the events.
func (s LogTx) SetCursor(ctx context.Context, follower string, seq int64) error {
	_, err := s.tx.exec(ctx,
		`INSERT INTO followers(name,seq,at) VALUES($1,$2,$3) ON CONFLICT(name) DO UPDATE SET seq=excluded.seq, at=excluded.at`, follower, seq, micros(s.tx.now))
	return err
}

// LockCursor locks a follower's row so that only one node moves its cursor at a time.
func (s LogTx) LockCursor(ctx context.Context, follower string) (seq int64, known bool, err error) {
	seq, err = one(ctx, s.db, value[int64], `SELECT seq FROM followers WHERE name=$1`+s.tx.forUpdate(), follower)
	if err == errNoRow {
		return 0, false, nil
	}
	return seq, err == nil, err
}

// signal wakes everyone who waits for the log to grow.
type signal struct {
	mu sync.Mutex
	ch chan struct{}
}

func newSignal() *signal { return &signal{ch: make(chan struct{})} }

func (s *signal) raise() {
	s.mu.Lock()
	close(s.ch)
	s.ch = make(chan struct{})
	s.mu.Unlock()
}

func (s *signal) next() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.ch
}

// Raise wakes the waiters: another process has written.
func (c *Catalog) Raise() { c.signal.raise() }

// Wait returns once the log's head is past a seq or ctx is done. It polls for writes of other processes. It also
// returns if the head is below the seq: the log was rolled back.
func (c *Catalog) Wait(ctx context.Context, after int64) error {
	const poll = 500 * time.Millisecond
	for {
		woken := c.signal.next()
		head, err := c.Log().Head(ctx)
		if err != nil || head > after {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-woken:
		case <-time.After(poll):
			if head < after {
				return nil
			}
		}
	}
}

// SlowestFollower returns the lowest cursor; the head when nobody follows.
func (s Log) SlowestFollower(ctx context.Context) (int64, error) {
	return one(ctx, s.db, value[int64],
		`SELECT COALESCE((SELECT min(seq) FROM followers), (SELECT seq FROM log_head WHERE id=1))`)
}

// Followers returns every durable follower's cursor.
func (s Log) Followers(ctx context.Context) (map[string]int64, error) {
	type follower struct {
		name string
		seq  int64
	}
	list, err := all(ctx, s.db, func(r row) (f follower, err error) {
		err = r.Scan(&f.name, &f.seq)
		return
	}, `SELECT name, seq FROM followers`)
	out := make(map[string]int64, len(list))
	for _, f := range list {
		out[f.name] = f.seq
	}
	return out, err
}
