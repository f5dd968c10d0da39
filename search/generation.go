package search

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"vitrine/dam"
	"vitrine/dam/reasons"
	"vitrine/search/columns"
)

// generation is one text index and its columns. Usually there is one; during a rebuild there are two, each following
// the log on its own.
type generation struct {
	dir    string
	text   Text
	view   *columns.View
	schema *schema // what the columns of view mean
	cursor Cursor  // as stored in text
	seq    int64   // ≥ cursor.Seq: events that change no asset don't need a batch
	// sweeps are what events up to seq touch and is not read yet; the next batch stores them with its cursor.
	sweeps []dam.Sweep
	// frozen means that the text index takes no more changes (damaged or stuck); the columns still do.
	frozen bool
	ref    *textRef // of the newest snapshot

	log     *slog.Logger
	users   atomic.Int64 // snapshots and the follower
	discard atomic.Bool  // remove the files after closing
	closed  chan struct{}
}

// release closes the files when nothing uses them any more. It does so in the background, because the last user may be
// a query and closing a stuck index blocks.
func (g *generation) release() {
	if g.users.Add(-1) == 0 {
		go func() {
			_ = dam.Protect("closing a search index", func() error { g.close(); return nil }) // it logs errors
		}()
	}
}

func (g *generation) close() {
	defer close(g.closed)
	if err := g.text.Close(); err != nil {
		g.log.Warn("search: closing a text index", "dir", g.dir, "error", err)
	}
	if g.discard.Load() {
		if err := os.RemoveAll(g.dir); err != nil {
			g.log.Warn("search: removing an old text index", "dir", g.dir, "error", err)
		}
	}
}

// retire ends the follower's use; queries that still read keep the generation open.
func (g *generation) retire(discard bool) {
	g.discard.Store(discard)
	g.release()
}

// The directory has a text-<n> per generation and a file that names the live one.
const (
	currentFile = "CURRENT"
	textPrefix  = "text-"
)

// openCurrent opens the live generation, or creates an empty one. It removes what interrupted rebuilds left.
func (x *Index) openCurrent() (*generation, error) {
	if err := os.MkdirAll(x.opts.Dir, 0o700); err != nil {
		return nil, dirError(err)
	}
	name := ""
	if b, err := os.ReadFile(filepath.Join(x.opts.Dir, currentFile)); err == nil {
		name = strings.TrimSpace(string(b))
	}
	entries, err := os.ReadDir(x.opts.Dir)
	if err != nil {
		return nil, fmt.Errorf("search index directory: %w", err)
	}
	found := false
	for _, e := range entries {
		switch {
		case e.Name() == name && strings.HasPrefix(name, textPrefix):
			found = true
		case strings.HasPrefix(e.Name(), textPrefix):
			if err := os.RemoveAll(filepath.Join(x.opts.Dir, e.Name())); err != nil {
				return nil, fmt.Errorf("search index directory: %w", err)
			}
		}
	}
	if found {
		dir := filepath.Join(x.opts.Dir, name)
		g, err := x.openGeneration(dir)
		if err == nil {
			return g, nil
		}
		if errors.Is(err, ErrInUse) {
			return nil, &dam.Error{Code: dam.Unavailable, Reason: reasons.IndexInUse(x.opts.Dir), Err: err}
		}
		aside := filepath.Join(x.opts.Dir, "damaged-"+name)
		x.log.Error("search: the text index cannot be read; rebuilding", "dir", dir, "aside", aside, "error", err)
		if err := os.RemoveAll(aside); err != nil {
			return nil, fmt.Errorf("search index directory: %w", err)
		}
		if err := os.Rename(dir, aside); err != nil {
			return nil, fmt.Errorf("search index directory: %w", err)
		}
	}
	g, err := x.newGeneration()
	if err != nil {
		return nil, err
	}
	return g, x.setCurrent(g)
}

func (x *Index) openGeneration(dir string) (*generation, error) {
	text, err := x.opts.Engine.Open(dir)
	if err != nil {
		return nil, err
	}
	g := &generation{dir: dir, text: text, log: x.log, closed: make(chan struct{})}
	g.users.Store(1)
	if g.cursor, err = text.Cursor(); err != nil {
		return nil, errors.Join(err, text.Close())
	}
	g.seq, g.sweeps = g.cursor.Seq, g.cursor.Sweeps
	return g, nil
}

// newGeneration creates an empty generation, to be filled.
func (x *Index) newGeneration() (*generation, error) {
	if err := os.MkdirAll(x.opts.Dir, 0o700); err != nil {
		return nil, dirError(err)
	}
	dir := filepath.Join(x.opts.Dir, fmt.Sprintf("%s%d", textPrefix, time.Now().UnixNano()))
	g, err := x.openGeneration(dir)
	if err != nil {
		return nil, errors.Join(errWrite, err, os.RemoveAll(dir))
	}
	return g, nil
}

func dirError(err error) error {
	return errors.Join(errWrite, fmt.Errorf("search index directory: %w", err))
}

// setCurrent records the live generation, so that the next start finds it.
func (x *Index) setCurrent(g *generation) error {
	path := filepath.Join(x.opts.Dir, currentFile)
	f, err := os.OpenFile(path+".new", os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return dirError(err)
	}
	_, err = f.WriteString(filepath.Base(g.dir) + "\n")
	if err = errors.Join(err, f.Sync(), f.Close()); err == nil {
		err = os.Rename(path+".new", path)
	}
	if err != nil {
		return dirError(err)
	}
	return nil
}

const (
	followBatch = 1000    // events read at once when far behind
	fillBatch   = 2000    // assets per batch when no edits come in: twice as many take half a gigabyte more
	fillLive    = 100     // assets per batch when edits come in between
	scanBatch   = 5000    // assets read at once for the columns alone
	probeSize   = 1 << 20 // bytes that a volume must accept before a refused batch is retried
	applyLimit  = 2 * time.Minute
	closeLimit  = 10 * time.Second // how long Close waits for running queries
)

// errStuck means that the text index did not finish a batch in time.
var errStuck = errors.New("the text index does not finish its batch")

// errWrite means that the text index refused a batch.
var errWrite = errors.New("the text index can't be written")

// writable tests whether the folder accepts a file at all, before a batch is retried on a text index that refused one.
func (x *Index) writable() error {
	if err := os.MkdirAll(x.opts.Dir, 0o700); err != nil {
		return dirError(err)
	}
	path := filepath.Join(x.opts.Dir, "probe")
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return dirError(err)
	}
	_, err = f.Write(make([]byte, probeSize))
	if err = errors.Join(err, f.Close(), os.Remove(path)); err != nil {
		return dirError(err)
	}
	return nil
}

// apply writes assets and removals to the text index and the columns.
func (x *Index) apply(ctx context.Context, g *generation, assets []dam.Asset, removed []uint32, cursor Cursor) error {
	written := make(chan error, 1)
	if g.frozen {
		written <- nil
	} else {
		batch := TextBatch{Remove: removed, Cursor: cursor, Put: make([]TextDoc, len(assets))}
		for i := range assets {
			batch.Put[i] = g.schema.textDoc(&assets[i])
		}
		go func() {
			written <- dam.Protect("the text index",
				func() error { return applyWatched(ctx, g.text, batch, x.opts.Patience) })
		}()
	}
	// This runs while the text is written; it is discarded if that fails.
	edit := g.view.Edit()
	for _, n := range removed {
		edit.Remove(n)
	}
	for i := range assets {
		edit.Put(g.schema.row(&assets[i], x.opts.Locale(assets[i].Library)))
	}
	view := edit.View()
	if err := <-written; err != nil {
		return errors.Join(errWrite, err)
	}
	if !g.frozen {
		g.cursor = cursor
	}
	g.view, g.seq, g.sweeps = view, cursor.Seq, cursor.Sweeps
	return nil
}

// applyWatched gives a batch a time limit: a text index whose background work has died blocks for ever, and is
// replaced.
func applyWatched(ctx context.Context, t Text, b TextBatch, limit time.Duration) error {
	result := make(chan error, 1)
	go func() { result <- dam.Protect("the text index", func() error { return t.Apply(ctx, b) }) }()
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case err := <-result:
		return err
	case <-timer.C:
		return errStuck
	}
}

// follow applies the events since the last batch, and then the next page of a sweep: a small one while events come in.
// It reports whether there were any.
func (x *Index) follow(ctx context.Context, g *generation) (bool, error) {
	moved, err := x.followEvents(ctx, g)
	if err != nil || len(g.sweeps) == 0 {
		return moved, err
	}
	size := x.opts.Batch
	if moved {
		size = min(fillLive, size)
	}
	return true, x.sweep(ctx, g, size)
}

func (x *Index) followEvents(ctx context.Context, g *generation) (bool, error) {
	t, err := x.opts.Source.Changed(ctx, g.seq, followBatch)
	if err != nil {
		return false, err
	}
	// Read the epoch last: the changes just read may already be of the next one.
	epoch, err := x.opts.Source.EpochOf(ctx)
	if err == nil && epoch != g.cursor.Epoch {
		err = &dam.Error{Code: dam.Gone, Reason: reasons.CatalogEpochChanged()}
	}
	if err != nil || t.Upto <= g.seq {
		return false, err
	}
	if err := x.refield(ctx, g); err != nil {
		return false, err
	}
	if err := x.reword(ctx, g); err != nil {
		return false, err
	}
	if g.schema, err = x.resynonym(ctx, g.schema); err != nil {
		return false, err
	}
	sweeps := withSweeps(g.sweeps, t.Sweeps)
	if len(t.Assets) == 0 && len(t.Removed) == 0 {
		g.seq, g.sweeps = t.Upto, sweeps
		return true, nil
	}
	assets, err := x.opts.Source.Assets(ctx, t.Assets)
	if err != nil {
		return false, err
	}
	c := g.cursor
	c.Seq, c.Sweeps = t.Upto, sweeps
	return true, x.apply(ctx, g, assets, t.Removed, c)
}

// maxSweeps is how many sweeps may wait: of more, each library with one has all its assets swept instead, behind such a
// sweep that is under way.
const maxSweeps = 50

// withSweeps adds sweeps to those that wait. One that has not begun yet is not added again.
func withSweeps(waiting, more []dam.Sweep) []dam.Sweep {
	out := slices.Clone(waiting)
	for _, s := range more {
		if !slices.Contains(out, s) && !slices.Contains(out, dam.Sweep{Library: s.Library}) {
			out = append(out, s)
		}
	}
	if len(out) <= maxSweeps {
		return out
	}
	var whole []dam.Sweep
	for i, s := range out {
		if i == 0 && s.What == "" && s.After != "" { // or edits that don't end would keep it at its beginning
			whole = append(whole, s)
		} else if all := (dam.Sweep{Library: s.Library}); !slices.Contains(whole, all) {
			whole = append(whole, all)
		}
	}
	return whole
}

// sweep applies the next page of the first sweep.
func (x *Index) sweep(ctx context.Context, g *generation, size int) error {
	at := g.sweeps[0]
	ids, err := x.opts.Source.Swept(ctx, at, size)
	if err != nil {
		return err
	}
	assets, err := x.opts.Source.Assets(ctx, ids)
	if err != nil {
		return err
	}
	c := g.cursor
	c.Seq, c.Sweeps = g.seq, slices.Clone(g.sweeps)
	if len(ids) < size {
		c.Sweeps = c.Sweeps[1:]
	} else {
		c.Sweeps[0].After = ids[len(ids)-1]
	}
	return x.apply(ctx, g, assets, nil, c)
}

// refield updates the schema of a generation to the libraries' custom fields. A new field gets an empty column, which
// is then filled from the assets that have a value for its key.
func (x *Index) refield(ctx context.Context, g *generation) error {
	defs, err := x.opts.Source.Fields(ctx)
	if err != nil || sameFields(defs, g.schema.defs) {
		return err
	}
	next, added := g.schema.with(defs)
	edit := g.view.Extend(next.shape()).Edit()
	for _, f := range added {
		for last := uint32(0); ; {
			assets, err := x.opts.Source.WithField(ctx, f.library, f.Name, last, fillBatch)
			if err != nil {
				return err
			}
			for i := range assets {
				edit.Put(next.row(&assets[i], x.opts.Locale(assets[i].Library)))
				last = assets[i].Number
			}
			if len(assets) < fillBatch {
				break
			}
		}
	}
	g.schema, g.view = next, edit.View()
	return nil
}

// reword brings the words of the text index in line with who sees the libraries' own fields. It is done again from the
// beginning after a crash.
func (x *Index) reword(ctx context.Context, g *generation) error {
	after := strings.Join(g.schema.unworded, " ")
	if g.frozen || g.cursor.Unworded == after {
		return nil
	}
	c := g.cursor
	c.Seq, c.Sweeps = g.seq, g.sweeps
	before := strings.Fields(c.Unworded)
	for _, name := range append(before, g.schema.unworded...) {
		if slices.Contains(before, name) && slices.Contains(g.schema.unworded, name) {
			continue
		}
		library, key, _ := strings.Cut(name, "/")
		for last := uint32(0); ; {
			assets, err := x.opts.Source.WithField(ctx, library, key, last, fillBatch)
			if err == nil {
				err = x.apply(ctx, g, assets, nil, c)
			}
			if err != nil {
				return err
			}
			if len(assets) < fillBatch {
				break
			}
			last = assets[len(assets)-1].Number
		}
	}
	c.Unworded = after
	return x.apply(ctx, g, nil, nil, c)
}

// fill adds the next assets to an index that is being built.
func (x *Index) fill(ctx context.Context, g *generation, size int) (int, error) {
	assets, err := x.opts.Source.Scan(ctx, g.cursor.Number, size)
	if err != nil {
		return 0, err
	}
	c := g.cursor
	c.Seq, c.Filling, c.Sweeps = g.seq, len(assets) == size, g.sweeps
	if len(assets) > 0 {
		c.Number = assets[len(assets)-1].Number
	}
	return len(assets), x.apply(ctx, g, assets, nil, c)
}

// fillColumns reads all assets, at least up to the number last, into the columns of a generation. It reads the next
// batch while the columns take the one before.
func (x *Index) fillColumns(ctx context.Context, g *generation, last uint32) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	type scanned struct {
		assets []dam.Asset
		err    error
	}
	read := make(chan scanned)
	go func() {
		for after := uint32(0); ; {
			var s scanned
			s.err = dam.Protect("reading assets", func() (err error) {
				s.assets, err = x.opts.Source.ScanColumns(ctx, after, scanBatch)
				return err
			})
			select {
			case read <- s:
			case <-ctx.Done():
				return
			}
			if s.err != nil || len(s.assets) < scanBatch {
				return
			}
			after = s.assets[len(s.assets)-1].Number
		}
	}()
	edit := columns.New(g.schema.shape()).Edit()
	for {
		var s scanned
		select {
		case s = <-read:
		case <-ctx.Done():
			return ctx.Err()
		}
		if s.err != nil {
			return s.err
		}
		for i := range s.assets {
			edit.Put(g.schema.row(&s.assets[i], x.opts.Locale(s.assets[i].Library)))
		}
		view := edit.View()
		if len(s.assets) < scanBatch {
			g.view = view
			return nil
		}
		edit = view.Edit() // packs what was edited so far
		x.progress(0, columnsShare, s.assets[len(s.assets)-1].Number, last)
	}
}
