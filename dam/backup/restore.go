package backup

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"vitrine/dam/catalog"
	"vitrine/dam/erasure"
	"vitrine/storage"
)

// Restore says where a generation goes.
type Restore struct {
	Store storage.Store
	// Database is where the SQLite file goes, which must not exist; "" on PostgreSQL.
	Database string
	// Landing is called with the path of the catalogue before it gets its name, when all objects are there: what it does
	// to the catalogue is done, or there is none. damaged says that the catalogue's check found something.
	Landing  func(ctx context.Context, path string, damaged bool) error
	Progress func(Progress)
}

// Restored is what a restore did.
type Restored struct {
	Generation string `json:"generation"`
	Copied     int64  `json:"copied"`
	Bytes      int64  `json:"bytes"`
	Present    int64  `json:"present"` // in the store already, read and found right
	// CatalogDamage is what the catalogue's check found.
	CatalogDamage []string `json:"catalog_damage,omitempty"`
	Lost          []Damage `json:"lost,omitempty"`
}

// Good: nothing is damaged or missing.
func (r Restored) Good() bool { return len(r.CatalogDamage)+len(r.Lost) == 0 }

// Restore copies a generation's objects into a store, and its catalogue last. What the store has already is read, and
// replaced when it is something else. Damage is listed and passed over; an error means that the restore is to be repeated,
// and goes on with what is there.
func (r *Repository) Restore(ctx context.Context, g Generation, o Restore) (out Restored, err error) {
	release, err := r.lock(false)
	if err != nil {
		return out, err
	}
	defer func() { err = errors.Join(err, release()) }()
	out.Generation = g.Name
	if g.Damage != "" {
		return out, fmt.Errorf("generation %s: %s", g.Name, g.Damage)
	}
	if out.CatalogDamage, err = r.checkCatalog(ctx, g); err != nil {
		return out, err
	}
	if out.Lost, err = r.restoreErasures(ctx, g, o.Store); err != nil {
		return out, err
	}
	w := &restore{Repository: r, o: o, out: &out}
	group, work := errgroup.WithContext(ctx)
	group.SetLimit(workers)
	err = r.objects(work, g, func(b catalog.Blob) error {
		group.Go(func() error { return w.object(work, b) })
		return work.Err()
	})
	if e := group.Wait(); e != nil {
		return out, e
	}
	if ctx.Err() != nil {
		return out, ctx.Err()
	}
	if err != nil {
		out.Lost = append(out.Lost, Damage{Unreadable, filepath.Join(generationsDir, g.Name, g.List.Name), "what it doesn't name was not restored: " + err.Error()})
	}
	slices.SortFunc(out.Lost, func(a, b Damage) int { return strings.Compare(a.Key, b.Key) })
	if o.Database == "" || g.Catalog == nil {
		return out, nil
	}
	return out, r.land(ctx, g, o, len(out.CatalogDamage) > 0)
}

func (r *Repository) land(ctx context.Context, g Generation, o Restore, damaged bool) error {
	fresh := o.Database + ".new"
	for _, rest := range []string{"-wal", "-shm"} {
		if err := os.Remove(fresh + rest); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	if err := r.extract(ctx, g, fresh); err != nil {
		return err
	}
	if o.Landing != nil {
		if err := o.Landing(ctx, fresh, damaged); err != nil {
			return err
		}
	}
	// Nothing of the catalogue may be beside its file: only that gets its name.
	if info, err := os.Stat(fresh + "-wal"); err == nil && info.Size() > 0 {
		return fmt.Errorf("%s could not be written into the catalogue", fresh+"-wal")
	}
	if _, err := os.Stat(o.Database); err == nil {
		return fmt.Errorf("there is a catalogue at %s by now: it was left as it is", o.Database)
	}
	if err := os.Rename(fresh, o.Database); err != nil {
		return err
	}
	return syncDir(filepath.Dir(o.Database))
}

// restoreErasures comes first: no catalogue may be without the erasures that hold for it. lost are those that can't be
// read and that the generation has not seen.
func (r *Repository) restoreErasures(ctx context.Context, g Generation, to storage.Store) (lost []Damage, err error) {
	records, lost, err := r.erasures()
	if err != nil {
		return nil, err
	}
	lost = slices.DeleteFunc(lost, func(d Damage) bool { return slices.Contains(g.Erasures, erasure.IDOf(d.Key)) })
	for key, body := range records {
		if err := to.Put(ctx, key, bytes.NewReader(body), storage.PutOptions{Size: int64(len(body))}); err != nil && !errors.Is(err, storage.ErrExists) {
			return nil, err
		}
	}
	return lost, nil
}

type restore struct {
	*Repository
	o Restore

	mu       sync.Mutex
	out      *Restored
	progress Progress
}

func (w *restore) object(ctx context.Context, b catalog.Blob) error {
	fresh, err := w.bring(ctx, b)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil && !own(err) {
		return fmt.Errorf("%s: %w", b.Key, err)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.progress.Done++
	switch {
	case err != nil:
		w.out.Lost = append(w.out.Lost, classify(b.Key, err))
	case fresh:
		w.progress.Copied++
		w.progress.Bytes += b.Size
		w.out.Copied, w.out.Bytes = w.progress.Copied, w.progress.Bytes
	default:
		w.out.Present++
	}
	if w.o.Progress != nil {
		w.o.Progress(w.progress)
	}
	return nil
}

// bring puts an object into the store unless it is there.
func (w *restore) bring(ctx context.Context, b catalog.Blob) (fresh bool, err error) {
	there, err := w.o.Store.Open(ctx, b.Key)
	if err == nil {
		err = errors.Join(verify(ctx, there, b), there.Close())
		if err == nil {
			return false, nil
		}
	}
	if ctx.Err() != nil {
		return false, ctx.Err()
	}
	write := w.o.Store.Put
	if !errors.Is(err, storage.ErrNotFound) {
		write = w.o.Store.Replace
	}
	from, err := w.vault.open(ctx, b)
	if err != nil {
		return false, asSource(err)
	}
	source := &tracked{Reader: from}
	err = write(ctx, b.Key, source, storage.PutOptions{Size: b.Size, SHA256: b.SHA256})
	_ = from.Close()
	if source.err != nil {
		return false, asSource(source.err)
	}
	return true, err
}
