package search

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"vitrine/dam"
	"vitrine/dam/reasons"
	"vitrine/search/columns"
)

// Options configures an Index.
type Options struct {
	Source Source
	Engine TextEngine
	// Dir is the folder of the text index; it may be deleted at any time.
	Dir string
	// Now is the clock that relative dates in queries use; nil is time.Now.
	Now func() time.Time
	// Locale returns the default locale of a library, for sorting by title; nil means that libraries have none.
	Locale func(library string) string
	// Patience is how long the text index may take for one batch before it counts as stuck and is replaced; 0 is two
	// minutes.
	Patience time.Duration
	// Batch is how many assets are added at once to an index that is being built; 0 is 2000.
	Batch int
	// Log receives messages about rebuilds and retries; nil is slog.Default.
	Log *slog.Logger
}

// Index is the search projection of one catalogue. All methods may be called
// concurrently.
type Index struct {
	opts Options
	log  *slog.Logger

	current  atomic.Pointer[state]
	problem  atomic.Pointer[Problem]
	building atomic.Int32 // progress in percent plus one; 0 when the index is complete
	reported *lastReport

	mu        sync.Mutex
	published chan struct{} // closed and replaced when current changes
	interrupt context.CancelFunc
	reindexes chan *reindex

	stop   context.CancelFunc
	done   chan struct{}
	sights sights
}

// state is what queries read: a text snapshot and a view of the columns that belong together, and the seq that both
// have reached.
type state struct {
	text       *textRef
	view       *columns.View
	schema     *schema
	seq        int64
	rebuilding bool
	// Words written at behind < seq ≤ reached are found. behind is the seq at which a first filling that is still
	// running began; reached is less than seq if the text index is frozen.
	behind, reached int64
}

// has reports whether words written at seq are found.
func (s *state) has(seq int64) bool {
	return seq <= 0 || seq > s.behind && seq <= s.reached
}

// textRef counts the readers of a snapshot; the last one closes it.
type textRef struct {
	snapshot TextSnapshot
	gen      *generation
	refs     atomic.Int64
}

func (t *textRef) tryAcquire() bool {
	for {
		n := t.refs.Load()
		if n == 0 {
			return false
		}
		if t.refs.CompareAndSwap(n, n+1) {
			return true
		}
	}
}

func (t *textRef) release() {
	if t.refs.Add(-1) == 0 {
		if err := t.snapshot.Close(); err != nil {
			t.gen.log.Warn("search: closing a snapshot", "error", err)
		}
		t.gen.release()
	}
}

// Open opens or creates the index in Dir and starts to follow the log. A text index that cannot be read is set aside
// and rebuilt. Queries wait until the columns are read; see Ready. Close stops following.
func Open(ctx context.Context, o Options) (*Index, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Locale == nil {
		o.Locale = func(string) string { return "" }
	}
	if o.Patience == 0 {
		o.Patience = applyLimit
	}
	if o.Batch == 0 {
		o.Batch = fillBatch
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	x := &Index{opts: o, log: o.Log, reported: newReport(), published: make(chan struct{}),
		reindexes: make(chan *reindex, 1), done: make(chan struct{})}
	live, err := x.openCurrent()
	if dam.CodeOf(err) == dam.Unavailable { // another process has it open
		return nil, err
	}
	if err != nil {
		x.log.Error("search: the index can't be opened; trying again", "error", err)
		x.problem.Store(&Problem{Cause: err, Since: x.now()})
	}
	ctx, x.stop = context.WithCancel(context.WithoutCancel(ctx))
	go func() {
		defer close(x.done)
		// Each step is protected on its own; this covers opening and closing.
		_ = dam.Protect("the search index", func() error { x.run(ctx, live); return nil })
	}()
	return x, nil
}

// Close stops following and closes the files. Nothing is lost: at the next start, what was not yet applied is read from
// the log.
func (x *Index) Close() error {
	x.stop()
	<-x.done
	return nil
}

// Ready reports whether queries are answered without waiting for the columns.
func (x *Index) Ready() bool { return x.current.Load() != nil }

// Seq returns the log position that queries reflect; 0 before Ready.
func (x *Index) Seq() int64 {
	if st := x.current.Load(); st != nil {
		return st.seq
	}
	return 0
}

// Rebuilding reports whether the text index is being rebuilt.
func (x *Index) Rebuilding() bool {
	st := x.current.Load()
	return st == nil || st.rebuilding
}

// Building reports how much of an index that is being built is done, in percent: 0 to 99. Until Ready no query is
// answered; from then on all are, but words find only the assets that are already in the text index. ok is false when
// the index is complete.
func (x *Index) Building() (percent int, ok bool) {
	n := x.building.Load()
	return int(max(n-1, 0)), n > 0 || !x.Ready()
}

// progress records for Building that assets up to a number are done, in a phase that begins and ends at the given
// percentages.
func (x *Index) progress(begin, end int, number, last uint32) {
	part := 0
	if last > 0 {
		part = int(uint64(end-begin) * uint64(min(number, last)) / uint64(last))
	}
	x.building.Store(int32(min(begin+part, 99)) + 1)
}

// Problem is why the index doesn't follow the catalogue, usually a full disk. It goes away by itself.
type Problem struct {
	Cause error
	Since time.Time
}

// Problem returns nil while the index follows the catalogue.
func (x *Index) Problem() *Problem { return x.problem.Load() }

// Notice returns the problem in words for those who search; "" if there is none.
func (x *Index) Notice() string {
	t := x.problem.Load()
	switch {
	case t == nil:
		return ""
	case x.current.Load() == nil:
		return "search doesn't answer: its index can't be written"
	}
	return "search shows the state of " + t.Since.UTC().Format("2006-01-02 15:04 UTC") + ": its index can't be written"
}

// Lag returns how many events the index is behind the log.
func (x *Index) Lag(ctx context.Context) (int64, error) {
	head, err := x.opts.Source.Head(ctx)
	if err != nil {
		return 0, err
	}
	return max(0, head-x.Seq()), nil
}

func (x *Index) now() time.Time { return x.opts.Now() }

// maxWait bounds the wait for a seq if the caller sets no deadline.
const maxWait = 10 * time.Second

// publish makes st the state that queries read. The index takes over its text reference.
func (x *Index) publish(st *state) {
	old := x.current.Swap(st)
	x.mu.Lock()
	close(x.published)
	x.published = make(chan struct{})
	x.mu.Unlock()
	if old != nil && old.text != st.text {
		old.text.release()
	}
}

// acquire returns the current state once it has reached the seq, or at once if the index doesn't follow for now and
// frozen allows that. The caller releases its text reference.
func (x *Index) acquire(ctx context.Context, seq int64, frozen bool) (*state, error) {
	if err := dam.RequireActor(ctx); err != nil {
		return nil, err
	}
	if _, ok := ctx.Deadline(); !ok {
		// A seq that won't be reached for long must not block a request for ever.
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, maxWait)
		defer cancel()
	}
	for {
		x.mu.Lock()
		changed := x.published
		x.mu.Unlock()
		st, trouble := x.current.Load(), x.problem.Load()
		if st != nil && (st.has(seq) || trouble != nil && frozen) && st.text.tryAcquire() {
			return st.shownTo(dam.ActorOf(ctx)), nil
		}
		if trouble != nil && (st == nil || !st.has(seq)) {
			return nil, &dam.Error{Code: dam.Unavailable,
				Reason: reasons.IndexDiskFullSearch(x.Notice()), Err: trouble.Cause}
		}
		select {
		case <-changed:
		case <-x.done:
			return nil, &dam.Error{Code: dam.Unavailable, Reason: reasons.IndexClosed()}
		case <-ctx.Done():
			if errors.Is(ctx.Err(), context.Canceled) {
				return nil, ctx.Err()
			}
			why := reasons.SearchIndexBehind(x.Seq(), seq)
			if percent, ok := x.Building(); ok {
				why = reasons.SearchIndexBuilding(percent)
			}
			return nil, &dam.Error{Code: dam.Unavailable, Reason: why, Err: ctx.Err()}
		}
	}
}

// reindex is a request to rebuild beside the live index.
type reindex struct {
	ctx      context.Context
	progress func(done, total int)
	result   chan error
}

// Reindex rebuilds everything beside the live index, which keeps following and answering, and then swaps. progress, if
// not nil, is called with how many assets are done.
func (x *Index) Reindex(ctx context.Context, progress func(done, total int)) error {
	if progress == nil {
		progress = func(int, int) {}
	}
	r := &reindex{ctx: ctx, progress: progress, result: make(chan error, 1)}
	select {
	case x.reindexes <- r:
	default:
		return &dam.Error{Code: dam.Conflict, Reason: reasons.IndexRebuilding()}
	}
	x.mu.Lock()
	if x.interrupt != nil {
		x.interrupt()
	}
	x.mu.Unlock()
	select {
	case err := <-r.result:
		return err
	case <-x.done:
		return &dam.Error{Code: dam.Unavailable, Reason: reasons.IndexClosed()}
	}
}
