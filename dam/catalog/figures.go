package catalog

import (
	"context"
	"time"

	"vitrine/dam"
)

// JobFigure counts the jobs of a queue in one of River's states.
type JobFigure struct {
	Queue, State string
	Count        int
	// Oldest is how long the first of them has been running or has been due; not positive if none is due yet.
	Oldest time.Duration
}

// JobFigures counts the jobs that have not completed, by queue and state.
func (s Jobs) JobFigures(ctx context.Context) ([]JobFigure, error) {
	// The dialects store River's timestamps as different types.
	age :=
		`CAST((julianday('now') - julianday(min(CASE WHEN state='running' THEN attempted_at ELSE scheduled_at END))) * 86400 AS REAL)`
	if s.db.pg {
		age =
			`CAST(EXTRACT(EPOCH FROM now() - min(CASE WHEN state='running' THEN attempted_at ELSE scheduled_at END)) AS DOUBLE PRECISION)`
	}
	return all(ctx, s.db, func(r row) (f JobFigure, err error) {
		var seconds *float64
		err = r.Scan(&f.Queue, &f.State, &f.Count, &seconds)
		if seconds != nil {
			f.Oldest = time.Duration(*seconds * float64(time.Second))
		}
		return
	}, `SELECT queue, CAST(state AS TEXT), count(*), `+age+` FROM river_job
		WHERE state IN ('available','scheduled','retryable','pending','running','discarded','cancelled') GROUP BY queue, state`)
}

// EventAt returns the instant of the first event after a seq, which is the first one that a follower with that cursor
// has not read; the zero time if there is none.
func (s Log) EventAt(ctx context.Context, after int64) (time.Time, error) {
	at, err := one(ctx, s.db, value[int64], `SELECT at FROM events WHERE seq>$1 ORDER BY seq LIMIT 1`, after)
	if err == errNoRow {
		return time.Time{}, nil
	}
	return instant(at), err
}

// PublicationFigures counts the publications that are in progress, by state. Those that are delivered, recalled or
// cancelled are not counted: there are too many to count often.
func (in Publications) PublicationFigures(ctx context.Context) (map[dam.PublicationState]int, error) {
	type count struct {
		state dam.PublicationState
		n     int
	}
	list, err := all(ctx, in.db, func(r row) (x count, err error) {
		err = r.Scan(&x.state, &x.n)
		return
	}, `SELECT p.state, count(*) FROM libraries l JOIN publications p ON p.library=l.id
		AND p.state IN ('planned','leased','preparing','committing','unknown','failed','unconfirmed','recalling','manual') GROUP BY p.state`)
	out := map[dam.PublicationState]int{}
	for _, s := range []dam.PublicationState{dam.PubPlanned, dam.PubLeased, dam.PubPreparing, dam.PubCommitting,
		dam.PubUnknown, dam.PubFailed, dam.PubUnconfirmed, dam.PubRecalling, dam.PubManual} {
		out[s] = 0
	}
	for _, x := range list {
		out[x.state] = x.n
	}
	return out, err
}

// ChannelFigures counts the channels by health.
func (s Channels) ChannelFigures(ctx context.Context) (map[dam.Health]int, error) {
	type count struct {
		health dam.Health
		n      int
	}
	list, err := all(ctx, s.db, func(r row) (x count, err error) {
		err = r.Scan(&x.health, &x.n)
		return
	}, `SELECT health, count(*) FROM channels WHERE deleted_at IS NULL GROUP BY health`)
	out := map[dam.Health]int{dam.Healthy: 0, dam.Degraded: 0, dam.Reconnect: 0}
	for _, x := range list {
		out[x.health] = x.n
	}
	return out, err
}

// WebhookFigures counts the deliveries that are waiting, and returns when the first of them was due; the zero time if
// none is waiting.
func (s Webhooks) WebhookFigures(ctx context.Context) (waiting int, due time.Time, err error) {
	type figures struct {
		n   int
		min *int64
	}
	f, err := one(ctx, s.db, func(r row) (f figures, err error) {
		err = r.Scan(&f.n, &f.min)
		return
	}, `SELECT count(*), min(next_at) FROM webhook_deliveries WHERE next_at IS NOT NULL`)
	if f.min != nil {
		due = instant(*f.min)
	}
	return f.n, due, err
}

// Connections are the statistics of a pool of database connections.
type Connections struct {
	Pool             string // "writer" and "reader" on SQLite, "pool" on PostgreSQL
	InUse, Idle, Max int
	Waits            int64         // how often a caller had to wait for a connection
	Waited           time.Duration // total wait time
}

// Connections returns the statistics of this process's pools.
func (in Database) Connections() []Connections {
	if in.c.pg {
		s := in.c.pool.Stat()
		return []Connections{{"pool", int(s.AcquiredConns()), int(s.IdleConns()), int(s.MaxConns()),
			s.EmptyAcquireCount(), s.EmptyAcquireWaitTime()}}
	}
	w, r := in.c.writer.Stats(), in.c.reader.Stats()
	return []Connections{
		{"writer", w.InUse, w.Idle, w.MaxOpenConnections, w.WaitCount, w.WaitDuration},
		{"reader", r.InUse, r.Idle, r.MaxOpenConnections, r.WaitCount, r.WaitDuration},
	}
}
