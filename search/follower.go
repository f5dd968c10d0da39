package search

import (
	"context"
	"errors"
	"strings"
	"time"

	"vitrine/dam"
	"vitrine/dam/reasons"
	"vitrine/search/columns"
)

// follower is the only goroutine that writes. It keeps the live generation up to date with the log and, on request or
// if the live one is damaged, builds the next beside it.
type follower struct {
	x       *Index
	live    *generation
	next    *generation
	request *reindex // the request that next is built for; nil if it replaces a damaged generation
	filled  int
	started bool
	saver   saver
	last    uint32 // number of the newest asset when the build started
	refused int    // batches refused by the text index since the last one it accepted
	// refusedAt is when an outdated index could not be replaced the last time.
	refusedAt time.Time
}

func (x *Index) run(ctx context.Context, live *generation) {
	f := &follower{x: x, live: live, saver: saver{x: x, seq: -1}}
	defer f.close()
	backoff := 50 * time.Millisecond
	for ctx.Err() == nil {
		var progress bool
		err := dam.Protect("the search index", func() (err error) {
			if !f.started {
				err = f.start(ctx)
				progress = err == nil
			} else {
				progress, err = f.step(ctx)
			}
			return err
		})
		switch {
		case err != nil && ctx.Err() == nil:
			x.log.Warn("search: following the catalogue; trying again", "error", err)
			if errors.Is(err, errWrite) {
				f.hold(err)
			}
			sleep(ctx, backoff)
			backoff = min(2*backoff, 5*time.Second)
		case !progress:
			f.saver.due(f.live)
			f.wait(ctx)
			fallthrough
		default:
			backoff = 50 * time.Millisecond
		}
	}
}

func sleep(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}

// start makes the live generation ready for queries: its columns are read; its text may still have to be filled.
func (f *follower) start(ctx context.Context) error {
	x := f.x
	if f.live == nil {
		live, err := x.openCurrent()
		if err != nil {
			return errors.Join(errWrite, err)
		}
		f.live = live
	}
	epoch, err := x.opts.Source.EpochOf(ctx)
	if err != nil {
		return err
	}
	head, err := x.opts.Source.Head(ctx)
	if err != nil {
		return err
	}
	fresh, of := f.live.cursor.unset(), f.live.cursor.Epoch
	if c := f.live.cursor; c.Seq > head || c.Epoch != "" && c.Epoch != epoch {
		x.log.Warn("search: the index is of another epoch of the catalogue, which must have been restored; rebuilding",
			"index", c.Seq, "catalogue", head)
		g, err := x.newGeneration()
		if err != nil {
			return err
		}
		if err := x.setCurrent(g); err != nil {
			return err
		}
		f.live.retire(true)
		f.live, fresh = g, true
	}
	if fresh {
		// Events from here on are followed; what exists already is filled in.
		f.live.seq, of = head, epoch
		f.live.cursor = Cursor{Seq: head, Filling: true, From: head}
	}
	f.live.cursor.Epoch = epoch
	defs, err := x.opts.Source.Fields(ctx)
	if err != nil {
		return err
	}
	f.live.schema, _ = newSchema().with(defs)
	if f.live.schema, err = x.resynonym(ctx, f.live.schema); err != nil {
		return err
	}
	if fresh {
		f.live.cursor.Unworded = strings.Join(f.live.schema.unworded, " ")
	}
	f.live.view = columns.New(f.live.schema.shape())
	if f.last, err = x.opts.Source.LastNumber(ctx); err != nil {
		return err
	}
	loaded, err := x.loadColumns(ctx, f.live, of, head)
	if err == nil && !loaded && of != epoch {
		loaded, err = x.loadColumns(ctx, f.live, epoch, head)
	}
	if err != nil {
		return err
	}
	if loaded {
		f.saver.seq, f.saver.at = f.live.seq, time.Now()
	} else {
		if err := x.fillColumns(ctx, f.live, f.last); err != nil {
			return err
		}
		f.saver.due(f.live) // reading the columns takes long: a restart before the text is complete can load them
	}
	f.built(f.live)
	f.started = true
	return f.publish()
}

// step does one batch of whatever is due, and reports whether there was any.
func (f *follower) step(ctx context.Context) (bool, error) {
	x := f.x
	if f.refused > 0 {
		if err := x.writable(); err != nil {
			return false, err
		}
	}
	if f.next == nil {
		if err := f.live.text.Check(); err != nil {
			if err := f.replace(ctx, err); err != nil {
				return false, err
			}
		}
		select {
		case r := <-x.reindexes:
			f.request = r
			if err := f.build(ctx); err != nil {
				f.finish(err)
				return false, err
			}
		default:
			if f.live.text.Outdated() && !f.live.cursor.Filling {
				if f.postponed() {
					break
				}
				x.log.Info("search: an earlier version wrote the text index; another is being built beside it",
					"dir", f.live.dir)
				if err := f.build(ctx); err != nil {
					f.postpone(err)
				}
			}
		}
	}
	moved, err := x.follow(ctx, f.live)
	switch {
	case dam.CodeOf(err) == dam.Gone:
		err = f.replace(ctx, err)
	case err != nil && f.live.text.Check() != nil, errors.Is(err, errStuck):
		err = f.replace(ctx, err)
	case errors.Is(err, errWrite):
		if f.refused++; f.refused > maxRefused { // the volume accepts files, so the index is at fault
			f.refused = 0
			err = f.replace(ctx, err)
		}
	case err == nil && moved:
		err = f.publish()
	}
	if err != nil {
		return false, err
	}
	if f.refused > 0 || f.x.problem.Load() != nil {
		f.refused = 0
		x.problem.Store(nil)
		x.log.Info("search: following the catalogue again")
		if err := f.publish(); err != nil {
			return false, err
		}
	}
	if f.live.cursor.Filling && !f.live.frozen {
		size := x.opts.Batch
		if moved {
			size = min(fillLive, size)
		}
		if _, err := x.fill(ctx, f.live, size); err != nil {
			return false, err
		}
		f.built(f.live)
		f.saver.due(f.live)
		return true, f.publish()
	}
	if f.next == nil {
		return moved, nil
	}
	err = f.advance(ctx, moved)
	if errors.Is(err, errWrite) && !f.live.frozen { // the live one continues
		f.drop()
		if f.request == nil {
			f.postpone(err)
		}
		f.finish(err)
		return moved, nil
	}
	return true, err
}

// again is how long a follower waits after it could not replace an outdated index, for want of room for example.
const again = time.Hour

// postpone lets the outdated index go on.
func (f *follower) postpone(cause error) {
	f.x.log.Warn("search: the outdated text index can't be replaced yet; it goes on answering", "again_in", again,
		"error", cause)
	f.refusedAt = time.Now()
}

func (f *follower) postponed() bool { return !f.refusedAt.IsZero() && time.Since(f.refusedAt) < again }

// maxRefused is how many batches an index may refuse on a volume that accepts files: each leaves a segment in memory.
const maxRefused = 5

// hold marks the current state as frozen for now, with the cause.
func (f *follower) hold(cause error) {
	x := f.x
	first := x.problem.Load() == nil
	x.problem.Store(&Problem{Cause: cause, Since: x.now()})
	if st := x.current.Load(); st != nil && first {
		x.mu.Lock()
		close(x.published) // those who wait for a seq wait in vain
		x.published = make(chan struct{})
		x.mu.Unlock()
	}
}

// replace freezes a live text index that can no longer be written, and builds another.
func (f *follower) replace(ctx context.Context, cause error) error {
	if !f.live.frozen {
		f.x.log.Error("search: rebuilding the text index", "error", cause)
		f.live.frozen = true
	}
	if f.next == nil {
		if err := f.build(ctx); err != nil {
			return err
		}
	}
	return f.publish()
}

// build starts the next generation.
func (f *follower) build(ctx context.Context) error {
	epoch, err := f.x.opts.Source.EpochOf(ctx)
	if err != nil {
		return err
	}
	head, err := f.x.opts.Source.Head(ctx)
	if err != nil {
		return err
	}
	g, err := f.x.newGeneration()
	if err != nil {
		return err
	}
	defs, err := f.x.opts.Source.Fields(ctx)
	if err != nil {
		g.retire(true)
		return err
	}
	g.schema, _ = newSchema().with(defs)
	if g.schema, err = f.x.resynonym(ctx, g.schema); err != nil {
		g.retire(true)
		return err
	}
	if f.last, err = f.x.opts.Source.LastNumber(ctx); err != nil {
		g.retire(true)
		return err
	}
	g.view = columns.New(g.schema.shape())
	g.seq, g.cursor = head, Cursor{Seq: head, Filling: true, From: head, Epoch: epoch,
		Unworded: strings.Join(g.schema.unworded, " ")}
	f.next, f.filled = g, 0
	return nil
}

// advance does one batch of the next generation (a small one while edits come in), and swaps when it has caught up.
func (f *follower) advance(ctx context.Context, edits bool) error {
	x, g := f.x, f.next
	if f.request != nil && f.request.ctx.Err() != nil {
		f.drop()
		f.finish(f.request.ctx.Err())
		return nil
	}
	if err := g.text.Check(); err != nil { // files deleted by someone else: start over
		f.drop()
		return f.build(ctx)
	}
	size := x.opts.Batch
	if edits && !f.live.frozen {
		size = min(fillLive, size)
	}
	if g.cursor.Filling {
		n, err := x.fill(ctx, g, size)
		if err != nil {
			return err
		}
		f.filled += n
		if f.live.frozen {
			f.built(g)
		}
		if f.request != nil {
			f.request.progress(f.filled, max(f.filled, int(f.live.view.All().GetCardinality())))
		}
		return nil
	}
	moved, err := x.follow(ctx, g)
	if dam.CodeOf(err) == dam.Gone { // the log no longer reaches back that far: start over
		f.drop()
		return f.build(ctx)
	}
	if err != nil || moved || g.seq < f.live.seq && g.cursor.Epoch == f.live.cursor.Epoch {
		return err
	}
	if err := x.setCurrent(g); err != nil {
		return err
	}
	old := f.live
	f.live, f.next = g, nil
	if err := f.publish(); err != nil {
		return err
	}
	old.retire(true)
	f.finish(nil)
	return nil
}

func (f *follower) finish(err error) {
	if f.request != nil {
		f.request.result <- err
		f.request = nil
	}
}

func (f *follower) drop() {
	f.next.retire(true)
	f.next = nil
}

// columnsShare is how much of a build is reading the columns, in percent.
const columnsShare = 15

// built reports the progress of a generation whose columns are read.
func (f *follower) built(g *generation) { f.x.progress(columnsShare, 100, g.cursor.Number, f.last) }

// publish makes the live generation's state visible to queries.
func (f *follower) publish() error {
	g := f.live
	ref := g.ref
	if !g.frozen || ref == nil {
		snapshot, err := g.text.Snapshot()
		if err != nil {
			return err
		}
		ref = &textRef{snapshot: snapshot, gen: g}
		ref.refs.Store(1)
		g.users.Add(1)
		g.ref = ref
	}
	st := &state{text: ref, view: g.view, schema: g.schema, seq: g.seq, rebuilding: g.cursor.Filling || g.frozen,
		reached: g.seq}
	if g.cursor.Filling {
		st.behind = g.cursor.From
	}
	if g.frozen {
		st.reached = g.cursor.Seq
	}
	f.x.publish(st)
	if !st.rebuilding {
		f.x.building.Store(0)
	}
	return nil
}

// wait sleeps until the log has moved, a rebuild is requested, or it is time to check that the files still exist.
func (f *follower) wait(ctx context.Context) {
	x := f.x
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	x.mu.Lock()
	x.interrupt = cancel
	x.mu.Unlock()
	if len(x.reindexes) > 0 {
		return
	}
	if err := x.opts.Source.Wait(ctx, f.live.seq); err != nil && ctx.Err() == nil {
		x.log.Warn("search: waiting for the catalogue", "error", err)
		sleep(ctx, time.Second)
	}
}

func (f *follower) close() {
	if f.next != nil {
		f.next.retire(true)
	}
	if f.started {
		f.saver.last(f.live)
	}
	f.finish(&dam.Error{Code: dam.Unavailable, Reason: reasons.ServerStopping()})
	if st := f.x.current.Load(); st != nil {
		st.text.release()
	}
	if f.live == nil {
		return
	}
	f.live.retire(false)
	select {
	case <-f.live.closed:
	case <-time.After(closeLimit):
		f.x.log.Warn("search: queries still read the index that is being closed")
	}
}
