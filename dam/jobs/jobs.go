// Package jobs is the durable job queue: River on the catalogue's own database, so that a job commits with the change
// that needs it. Execution is at least once: a job's effect must be safe to repeat.
//
// A job that fails is retried with growing pauses; after its last attempt it is parked with its reason until a person
// retries or cancels it. A full disk does not count as a failure: the job waits until there is space. The jobs of a
// node that died are made available again within seconds (see rescue).
package jobs

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivermigrate"
	"github.com/riverqueue/river/rivertype"
	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/reasons"
	"vitrine/dam/tracing"
)

// Args is the payload of a job: a JSON struct whose Kind names the type of work.
type Args = river.JobArgs

// Options of a job. The zero value is a job that runs now, on the default queue, with five attempts.
type Options struct {
	At     time.Time // earliest start; zero means now
	Max    int       // attempts; 0 is 5
	Queue  string    // "" is the default queue
	Unique bool      // skip if a job with the same args is waiting or running
	Later  bool      // run after everything else that waits on the queue
	Fair   bool      // run after the jobs of principals with fewer waiting (see dam.OriginOf)
}

// Info describes a job's current attempt.
type Info struct {
	ID      int64
	Attempt int // 1 for the first
	Max     int
}

// Queue enqueues jobs and, once started, runs them.
type Queue struct {
	cat     *catalog.Catalog
	node    string
	log     *slog.Logger
	workers *river.Workers
	every   []*river.PeriodicJob
	lite    engine[*sql.Tx]
	pg      engine[pgx.Tx]
	started time.Time
	running running
	// heartbeatEvery is the interval of this node's heartbeat.
	heartbeatEvery time.Duration
	// clockOff is whether the difference of the clocks has been logged.
	clockOff bool
	stop     context.CancelFunc
	done     chan struct{}
	queues   []string    // the queues that this node works on
	ending   atomic.Bool // running jobs are being cancelled because the node stops
	counts   libraryCounts
}

// engine is River on one dialect. The client that runs jobs replaces the one that only inserts, so that an insert wakes
// its own node at once.
type engine[T any] struct {
	driver riverdriver.Driver[T]
	client atomic.Pointer[river.Client[T]]
}

// New returns a queue on a catalogue; node names this process.
func New(cat *catalog.Catalog, node string, log *slog.Logger) (*Queue, error) {
	q := &Queue{cat: cat, node: node, log: log, workers: river.NewWorkers(), started: time.Now(),
		heartbeatEvery: heartbeatInterval, counts: libraryCounts{keep: countsKept}}
	cfg := &river.Config{ID: node, Logger: quiet(log)}
	if cat.Postgres() {
		q.pg.driver = riverpgxv5.New(cat.Database().Pool())
		c, err := river.NewClient(q.pg.driver, cfg)
		q.pg.client.Store(c)
		return q, err
	}
	q.lite.driver = riversqlite.New(cat.Database().Writer())
	c, err := river.NewClient(q.lite.driver, cfg)
	q.lite.client.Store(c)
	return q, err
}

// quiet returns a logger for River that passes only errors.
func quiet(log *slog.Logger) *slog.Logger { return slog.New(levelHandler{log.Handler()}) }

type levelHandler struct{ slog.Handler }

func (h levelHandler) Enabled(_ context.Context, l slog.Level) bool { return l >= slog.LevelError }

// Migrate creates or updates the queue's tables.
func (q *Queue) Migrate(ctx context.Context) error {
	if q.cat.Postgres() {
		return catalog.Explain(migrate(ctx, q.pg.driver))
	}
	return catalog.Explain(migrate(ctx, q.lite.driver))
}

func migrate[T any](ctx context.Context, d riverdriver.Driver[T]) error {
	m, err := rivermigrate.New(d, &rivermigrate.Config{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return err
	}
	_, err = m.Migrate(ctx, rivermigrate.DirectionUp, nil)
	return err
}

// roomEvery is how often a job that found a disk full is retried. It is retried for as long as that lasts, because it
// is not the job's fault.
const roomEvery = 30 * time.Second

type worker[T Args] struct {
	river.WorkerDefaults[T]
	q       *Queue
	timeout time.Duration
	fn      func(context.Context, T, Info) error
}

func (w *worker[T]) Timeout(*river.Job[T]) time.Duration { return w.timeout }

func (w *worker[T]) Work(ctx context.Context, j *river.Job[T]) error {
	defer w.q.running.begin(j.ID)()
	ctx, span := tracing.Continue(ctx, causeOf(j.Metadata), "job "+j.Kind, "messaging.system", "river",
		"messaging.operation.type", "process",
		"messaging.destination.name", j.Queue, "messaging.message.id", strconv.FormatInt(j.ID, 10))
	err := dam.ErrPanic // unless run returns
	defer func() {
		if snoozed := (&river.JobSnoozeError{}); errors.As(err, &snoozed) {
			err = nil
		}
		tracing.End(span, err)
	}()
	err = w.run(ctx, j)
	return withReason(err)
}

func (w *worker[T]) run(ctx context.Context, j *river.Job[T]) error {
	err := w.fn(ctx, j.Args, Info{ID: j.ID, Attempt: j.Attempt, Max: j.MaxAttempts})
	if err != nil && ctx.Err() != nil && w.q.ending.Load() {
		return Snooze(0) // the node stops, which is not the job's fault and counts as no attempt
	}
	var park parkError
	if dam.OutOfRoom(err) && !errors.As(err, &park) {
		w.q.log.Warn("job waits for room on a disk", "kind", j.Kind, "job", j.ID, "again_in", roomEvery, "err", err)
		return Snooze(roomEvery)
	}
	if errors.Is(err, dam.ErrHeld) {
		return Snooze(heldFor) // its attempts are saved for after the release
	}
	return err
}

// reasonMark stands between the text of a job's error and its reasons as they are stored: the queue keeps one text.
const reasonMark = "\x1e"

// coded is a job's error as the queue stores it, with the reason after the text.
type coded struct {
	error
	why reasons.Reason
}

func (e coded) Unwrap() error { return e.error }

func (e coded) Error() string { return e.error.Error() + reasonMark + reasons.Encode(e.why) }

func withReason(err error) error {
	var e *dam.Error
	if !errors.As(err, &e) || e.Why().IsZero() {
		return err
	}
	return coded{err, e.Why()}
}

// heldFor is how long a job that a hold prevents from working waits.
const heldFor = time.Minute

// Handle registers the function that runs jobs of a kind. It must be called before Start. A run longer than timeout is
// cancelled and counts as a failed attempt.
func Handle[T Args](q *Queue, timeout time.Duration, fn func(context.Context, T, Info) error) {
	river.AddWorker(q.workers, &worker[T]{q: q, timeout: timeout, fn: fn})
}

// Every enqueues a job periodically, once per period over all nodes.
func (q *Queue) Every(period time.Duration, job func() Args) {
	q.every = append(q.every, river.NewPeriodicJob(river.PeriodicInterval(period),
		func() (river.JobArgs, *river.InsertOpts) { return job(), insertOpts(Options{Unique: true}) },
		&river.PeriodicJobOpts{RunOnStart: true}))
}

// shares are how many waiting fair jobs a principal may have at a priority; further ones get a lower priority.
var shares = [...]struct{ priority, most int }{{1, 8}, {2, 64}}

// fairAmong is how many principals' shares are searched at a priority. A priority holds hardly more than everyone's
// shares, and the search ends with the last job that counts, so it costs little even if ten thousand jobs of a lower
// priority wait.
const fairAmong = 64

// fair returns the priority of a fair job of the context's principal, and the metadata that names that principal.
func fair(ctx context.Context, tx *catalog.Tx, queue string) (priority int, metadata []byte, err error) {
	who := dam.OriginOf(ctx).Principal
	if metadata, err = json.Marshal(map[string]string{"for": who}); err != nil {
		return 0, nil, err
	}
	for _, s := range shares {
		n, err := tx.Jobs().JobsWaitingFor(ctx, who, cmp.Or(queue, river.QueueDefault), s.priority, fairAmong*s.most,
			s.most)
		if err != nil || n < s.most {
			return s.priority, metadata, err
		}
	}
	return 3, metadata, nil
}

func insertOpts(o Options) *river.InsertOpts {
	out := &river.InsertOpts{MaxAttempts: o.Max, Queue: o.Queue, ScheduledAt: o.At}
	if o.Max == 0 {
		out.MaxAttempts = 5
	}
	if o.Later {
		out.Priority = 4 // the lowest; the others have 1, and fair ones up to 3
	}
	if o.Unique {
		out.UniqueOpts = river.UniqueOpts{ByArgs: true, ByState: []rivertype.JobState{rivertype.JobStateAvailable,
			rivertype.JobStatePending, rivertype.JobStateRunning, rivertype.JobStateRetryable,
			rivertype.JobStateScheduled}}
	}
	return out
}

// causeOf returns the span that enqueued a job, from the job's metadata.
func causeOf(metadata []byte) string {
	var m map[string]json.RawMessage
	var cause string
	if json.Unmarshal(metadata, &m) != nil || json.Unmarshal(m[tracing.Field], &cause) != nil {
		return ""
	}
	return cause
}

// mark adds the span that enqueues a job to its metadata.
func mark(ctx context.Context, o *river.InsertOpts) {
	if len(o.Metadata) == 0 {
		o.Metadata = []byte("{}")
	}
	o.Metadata = tracing.Mark(o.Metadata, tracing.Parent(ctx))
}

// Enqueue adds a job to the transaction. The job runs in the trace of the context's span.
func (q *Queue) Enqueue(ctx context.Context, tx *catalog.Tx, args Args, o Options) error {
	opts := insertOpts(o)
	var err error
	if o.Fair && !o.Later {
		if opts.Priority, opts.Metadata, err = fair(ctx, tx, o.Queue); err != nil {
			return err
		}
	}
	mark(ctx, opts)
	if q.cat.Postgres() {
		_, err = q.pg.client.Load().InsertTx(ctx, tx.PG(), args, opts)
	} else {
		_, err = q.lite.client.Load().InsertTx(ctx, tx.SQLite(), args, opts)
	}
	return err
}

// Snooze returns an error that makes the job run again after d, without counting an attempt.
func Snooze(d time.Duration) error { return river.JobSnooze(d) }

// Park returns an error that parks a job at once, because a retry would not help.
func Park(err error) error { return parkError{err} }

type parkError struct{ error }

func (e parkError) Unwrap() error { return e.error }

// backoff waits 1 s, 4 s, 15 s, 1 min, …, with jitter.
type backoff struct{}

func (backoff) NextRetry(j *rivertype.JobRow) time.Time {
	d := time.Second << (2 * min(len(j.Errors), 8))
	return time.Now().Add(d/2 + rand.N(d))
}

// parker parks a job at once when it fails with Park, whatever attempts remain.
type parker struct{ q *Queue }

func (p parker) HandleError(_ context.Context, j *rivertype.JobRow, err error) *river.ErrorHandlerResult {
	var park parkError
	if c, ok := err.(coded); ok { //nolint:errorlint // the outermost one
		err = c.error
	}
	p.q.log.Warn("job failed", "kind", j.Kind, "job", j.ID, "attempt", j.Attempt, "err", err)
	return &river.ErrorHandlerResult{SetCancelled: errors.As(err, &park)}
}

func (p parker) HandlePanic(_ context.Context, j *rivertype.JobRow, v any, trace string) *river.ErrorHandlerResult {
	dam.CountPanic(dam.PanicJob)
	p.q.log.Error("job panicked", "kind", j.Kind, "job", j.ID, "attempt", j.Attempt, "panic", fmt.Sprint(v), "trace",
		trace)
	return nil
}

// Start runs jobs until Stop. workers holds how many jobs of each queue run at once.
func (q *Queue) Start(ctx context.Context, workers map[string]int) error {
	queues := map[string]river.QueueConfig{}
	for name, n := range workers {
		if name == "" {
			name = river.QueueDefault
		}
		queues[name] = river.QueueConfig{MaxWorkers: n}
		q.queues = append(q.queues, name)
	}
	cfg := &river.Config{ID: q.node, Logger: quiet(q.log), Queues: queues, Workers: q.workers, PeriodicJobs: q.every,
		RetryPolicy: backoff{}, ErrorHandler: parker{q}, FetchCooldown: 10 * time.Millisecond,
		FetchPollInterval: 200 * time.Millisecond,
		// dead nodes' jobs are rescued when the heartbeat stops
		JobTimeout: -1, RescueStuckJobsAfter: time.Hour,
		CompletedJobRetentionPeriod: 24 * time.Hour, CancelledJobRetentionPeriod: 30 * 24 * time.Hour,
		DiscardedJobRetentionPeriod: 365 * 24 * time.Hour}
	// A job that acts for a principal sets that principal itself, with the roles it has when the job runs.
	ctx, stop := context.WithCancel(dam.AsSystem(context.WithoutCancel(ctx),
		"jobs run after the requests that asked for them"))
	err := q.rescue(ctx, !q.cat.Postgres())
	if err == nil {
		err = q.cat.Write(ctx, func(tx *catalog.Tx) error { return tx.Jobs().ReleaseEarlyJobs(ctx) })
	}
	switch {
	case err != nil:
	case q.cat.Postgres():
		err = start(ctx, &q.pg, cfg)
	default:
		err = start(ctx, &q.lite, cfg)
	}
	if err != nil {
		stop()
		return catalog.Explain(err)
	}
	q.stop, q.done = stop, make(chan struct{})
	go func() {
		defer close(q.done)
		dam.Loop(ctx, "heartbeat", q.heartbeat)
	}()
	return nil
}

func start[T any](ctx context.Context, e *engine[T], cfg *river.Config) error {
	c, err := river.NewClient(e.driver, cfg)
	if err != nil {
		return err
	}
	e.client.Store(c)
	return c.Start(ctx)
}

// Stop waits for running jobs to end until ctx is done, then cancels them.
func (q *Queue) Stop(ctx context.Context) error {
	if q.stop == nil {
		return nil
	}
	defer func() { q.stop(); <-q.done }()
	if q.cat.Postgres() {
		return halt(ctx, q, q.pg.client.Load())
	}
	return halt(ctx, q, q.lite.client.Load())
}

func halt[T any](ctx context.Context, q *Queue, c *river.Client[T]) error {
	if err := c.Stop(ctx); err == nil {
		return nil
	}
	q.ending.Store(true)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	return c.StopAndCancel(ctx)
}

const (
	Waiting State = "waiting" // available, scheduled or between attempts
	Running State = "running"
	Parked  State = "parked" // failed for good: retry or cancel
	Done    State = "done"
)
