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

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/retention"
	"vitrine/storage"
)

// Restore says where a generation is restored to.
type Restore struct {
	Store storage.Store
	// Second has copies of Store's records of erasures; nil if there is none.
	Second storage.Store
	// Catalog is queried for the objects of erased assets if the generation has no catalogue of its own (PostgreSQL).
	Catalog *catalog.Catalog
	// Database is the path of the SQLite file to create, which must not exist; "" on PostgreSQL.
	Database string
	// Landing is called with the path of the catalogue when all objects are there, before the catalogue gets its name.
	// If Landing fails, there is no catalogue. damaged says that the catalogue's check found something.
	Landing  func(ctx context.Context, path string, damaged bool) error
	Progress func(Progress)
}

// Restored is the result of a restore.
type Restored struct {
	Generation string `json:"generation"`
	Copied     int64  `json:"copied"`
	Bytes      int64  `json:"bytes"`
	Present    int64  `json:"present"` // in the store already, read and found intact
	// Erased counts the erasures that apply to the generation: those in the backup, in the store and in the second
	// store.
	Erased int `json:"erased"`
	// LeftOut counts the objects that only erased assets had; they were not restored.
	LeftOut int64 `json:"left_out"`
	// CatalogDamage is what the check of the catalogue found.
	CatalogDamage []string `json:"catalog_damage,omitempty"`
	Lost          []Damage `json:"lost,omitempty"`
}

// Good reports whether nothing is damaged or missing.
func (r Restored) Good() bool { return len(r.CatalogDamage)+len(r.Lost) == 0 }

// Restore copies a generation's objects into a store, and its catalogue last. It reads what the store has already and
// replaces what differs. Damage is listed and skipped. An error means that the restore has to be repeated; it then
// continues with what is there.
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
	erased, err := r.erased(ctx, g, o, &out)
	if err != nil {
		return out, err
	}
	w := &restore{Repository: r, o: o, out: &out}
	group, work := errgroup.WithContext(ctx)
	group.SetLimit(workers)
	err = r.objects(work, g, func(b catalog.Blob) error {
		if erased[madeOf(b.Key)] {
			out.LeftOut++
			return nil
		}
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
		out.Lost = append(out.Lost, Damage{Unreadable, filepath.Join(generationsDir, g.Name, g.List.Name),
			"what it doesn't name was not restored: " + err.Error()})
	}
	slices.SortFunc(out.Lost, func(a, b Damage) int { return strings.Compare(a.Key, b.Key) })
	if o.Database == "" || g.Catalog == nil {
		return out, nil
	}
	return out, r.land(ctx, g, o, len(out.CatalogDamage) > 0)
}

func (r *Repository) land(ctx context.Context, g Generation, o Restore, damaged bool) error {
	fresh := o.Database + ".new"
	for _, rest := range []string{"", "-wal", "-shm"} {
		if err := os.Remove(fresh + rest); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	if err := errors.Join(r.extract(ctx, g, fresh), dam.GiveToFolder(fresh)); err != nil {
		return err
	}
	if err := onlyData(ctx, fresh); err != nil {
		return errors.Join(err, os.Remove(fresh))
	}
	if o.Landing != nil {
		if err := o.Landing(ctx, fresh, damaged); err != nil {
			return err
		}
	}
	// All of the catalogue must be in its file, because only that file gets the name.
	if info, err := os.Stat(fresh + "-wal"); err == nil && info.Size() > 0 {
		return fmt.Errorf("%s could not be written into the catalogue", fresh+"-wal")
	}
	for _, rest := range []string{"-wal", "-shm"} { // empty, and useless beside another name
		if err := os.Remove(fresh + rest); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	if _, err := os.Stat(o.Database); err == nil {
		return fmt.Errorf("there is a catalogue at %s by now: it was left as it is", o.Database)
	}
	if err := os.Rename(fresh, o.Database); err != nil {
		return err
	}
	return syncDir(os.Open(filepath.Dir(o.Database)))
}

// erased puts the known records of all erasures into the store before anything else is restored: no catalogue may be
// without the records that apply to it. It returns the originals that only erased assets had.
func (r *Repository) erased(ctx context.Context, g Generation, o Restore, out *Restored) (map[string]bool, error) {
	records, lost, err := r.erasures()
	if err != nil {
		return nil, err
	}
	for _, s := range []storage.Store{o.Store, o.Second} {
		if s == nil {
			continue
		}
		more, err := newerErasures(ctx, s, records)
		if err != nil && (s == o.Store || ctx.Err() != nil) {
			return nil, err
		}
		if err != nil {
			more = append(more,
				Damage{Unreadable, erasuresPrefix, "the second store may know of erasures, and can't be read: " +
					err.Error()})
		}
		lost = append(lost, more...)
	}
	for key, body := range records {
		if err := o.Store.Put(ctx, key, bytes.NewReader(body),
			storage.PutOptions{Size: int64(len(body))}); err != nil && !errors.Is(err, storage.ErrExists) {
			return nil, err
		}
	}
	for _, d := range lost { // unreadable in one place; another may have it
		if records[d.Key] == nil && !slices.Contains(g.Erasures, retention.ErasureID(d.Key)) &&
			!slices.ContainsFunc(out.Lost, func(l Damage) bool { return l.Key == d.Key }) {
			out.Lost = append(out.Lost, d)
		}
	}
	out.Erased = len(records)
	var assets []string
	for key, body := range records {
		record, err := retention.ParseErasure(key, body)
		if err != nil {
			return nil, err
		}
		if record.Kind == retention.AssetKind {
			assets = append(assets, record.Subject)
		}
	}
	if len(assets) == 0 {
		return nil, nil
	}
	only, err := r.onlyOf(ctx, g, o.Catalog, assets)
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if err != nil {
		out.Lost = append(out.Lost,
			Damage{Unreadable, erasuresPrefix,
				"which objects belong to what was erased can't be told, so all are put back: " + err.Error()})
	}
	set := map[string]bool{}
	for _, h := range only {
		set[h] = true
	}
	return set, nil
}

// onlyOf queries the generation's catalogue, or the one that was restored before.
func (r *Repository) onlyOf(ctx context.Context, g Generation, cat *catalog.Catalog, assets []string) (hashes []string,
	err error) {
	path, release, err := r.catalogPath(ctx, g)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, release()) }()
	switch {
	case path != "":
		cat, err = catalog.OpenSnapshot(ctx, path)
		if err != nil {
			return nil, err
		}
		defer func() { err = errors.Join(err, cat.Close()) }()
	case cat == nil:
		return nil, errors.New("there is no catalogue to ask")
	}
	return cat.Objects().OnlyOf(ctx, assets)
}

// newerErasures adds the records of a store to those of the backup; lost are those that can't be read.
func newerErasures(ctx context.Context, from storage.Store, records map[string][]byte) (lost []Damage, err error) {
	for info, err := range from.List(ctx, erasuresPrefix) {
		if err != nil {
			return lost, err
		}
		if records[info.Key] != nil {
			continue
		}
		body, err := readErasure(ctx, from, info.Key)
		if ctx.Err() != nil {
			return lost, ctx.Err()
		}
		if err != nil {
			lost = append(lost, Damage{Unreadable, info.Key, "what this erased may come back: " + err.Error()})
			continue
		}
		records[info.Key] = body
	}
	return lost, nil
}

// madeOf returns the hash of the original that an object is or was made from; "" for others.
func madeOf(key string) string {
	if hash := storage.KeySHA256(key); hash != "" {
		return hash
	}
	for _, prefix := range []string{"renditions/", "copies/"} {
		if rest, ok := strings.CutPrefix(key, prefix); ok {
			hash, _, _ := strings.Cut(rest, "/")
			return hash
		}
	}
	return ""
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

// bring puts an object into the store unless it is there already.
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
