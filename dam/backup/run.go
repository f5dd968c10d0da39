package backup

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/storage"
)

// Source is what is backed up.
type Source struct {
	Catalog *catalog.Catalog
	Store   storage.Store
	Vitrine string // the version, for the manifest
}

// Options configure a run.
type Options struct {
	// CheckAge is the age at which an object of the backup is read again, and replaced if it is damaged. Zero means 30
	// days; a negative age means that every object is read.
	CheckAge time.Duration
	Keep     Keep
	Progress func(Progress)
}

const (
	checkAge = 30 * 24 * time.Hour
	// maxUnreadable is how many objects in a row may be unreadable before the run checks whether the source works at
	// all.
	maxUnreadable = 20
)

// Result is the result of a run.
type Result struct {
	Generation string `json:"generation"`
	Manifest
	Copied      int64    `json:"copied"` // files; objects with the same bytes count once
	CopiedBytes int64    `json:"copied_bytes"`
	Checked     int64    `json:"checked"` // files of the backup that were read again
	Healed      []string `json:"healed,omitempty"`
	Removed     Removed  `json:"removed"`
	// Unforgotten are generations to which an erasure could not be applied because their catalogue is damaged.
	Unforgotten []string `json:"unforgotten,omitempty"`
}

// Run makes a generation. Damage of the source doesn't stop it: it saves what it can, and the manifest lists the rest.
// An error means that there is no new generation; a repeated run continues with the objects that are there.
//
// The catalogue is copied first and the objects afterwards, because what a snapshot refers to stays in the store for at
// least a day. What is erased meanwhile is erased from the generation before it appears.
func (r *Repository) Run(ctx context.Context, src Source, o Options) (out Result, err error) {
	if err := o.Keep.check(); err != nil {
		return out, err
	}
	release, err := r.lock(true)
	if err != nil {
		return out, err
	}
	defer func() { err = errors.Join(err, release()) }()
	if err := r.tidy(); err != nil {
		return out, err
	}
	if err := r.takeUp(ctx); err != nil {
		return out, fmt.Errorf("taking up the backup of the old format: %w", err)
	}
	now := time.Now().UTC()
	g := Generation{Name: nameOf(now), Manifest: Manifest{Format: format, At: now, Vitrine: src.Vitrine,
		Database: "sqlite"}}
	for n := 2; isDir(r.root, filepath.Join(generationsDir, g.Name)); n++ {
		g.Name = fmt.Sprintf("%s-%d", nameOf(now), n)
	}
	g.dir = filepath.Join(generationsDir, ".new-"+g.Name)
	if err := r.makeNew(g.dir); err != nil {
		return out, err
	}
	w := &run{Repository: r, src: src, o: o, g: &g, out: &out, now: now}
	if err := w.all(ctx); err != nil {
		return out, errors.Join(err, r.root.RemoveAll(g.dir))
	}
	out.Generation, out.Manifest = g.Name, g.Manifest
	out.Removed, err = r.keep(ctx, o.Keep, w.rewritten)
	return out, err
}

// tidy removes what killed runs have left.
func (r *Repository) tidy() error {
	dirs := []string{".", erasuresDir, generationsDir}
	for i := 0; i < len(dirs); i++ {
		dir := dirs[i]
		entries, err := fs.ReadDir(r.root.FS(), dir)
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
		for _, e := range entries {
			// .forget and .forgotten are names of earlier versions.
			if strings.HasPrefix(e.Name(), ".new-") || strings.HasPrefix(e.Name(), ".old-") ||
				strings.HasPrefix(e.Name(), ".forg") {
				if err := r.root.RemoveAll(filepath.Join(dir, e.Name())); err != nil {
					return err
				}
			} else if dir == generationsDir && e.IsDir() {
				dirs = append(dirs, filepath.Join(dir, e.Name()))
			}
		}
	}
	return nil
}

// makeNew makes a new folder below generationsDir; it fails if the folder exists.
func (r *Repository) makeNew(dir string) error {
	if err := r.root.Mkdir(generationsDir, 0o750); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return r.root.Mkdir(dir, 0o750)
}

// run is the state of one run.
type run struct {
	*Repository
	src       Source
	o         Options
	g         *Generation
	now       time.Time
	rewritten bool // an erasure was applied to a generation

	mu         sync.Mutex
	out        *Result
	progress   Progress
	unreadable int // in a row
}

func (w *run) all(ctx context.Context) error {
	snapshot, release, err := w.snapshot(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = release() }()
	if err := w.copyObjects(ctx, snapshot); err != nil {
		return err
	}
	if err := w.copyErasures(ctx); err != nil {
		return err
	}
	if err := w.lostErasures(); err != nil {
		return err
	}
	if err := w.write(w.g); err != nil {
		return err
	}
	pending, err := w.Generations()
	if err != nil {
		return err
	}
	for _, g := range append(pending, *w.g) {
		changed, err := w.forget(ctx, &g)
		w.rewritten = w.rewritten || changed
		if err != nil {
			if ctx.Err() != nil {
				return err
			}
			w.out.Unforgotten = append(w.out.Unforgotten, g.Name)
		}
		if g.Name == w.g.Name {
			*w.g = g
		}
	}
	final := filepath.Join(generationsDir, w.g.Name)
	if err := w.root.Rename(w.g.dir, final); err != nil {
		return err
	}
	w.g.dir = final
	return syncDir(w.root.Open(generationsDir))
}

// write writes a generation's manifest, and a report if there is something to report.
func (r *Repository) write(g *Generation) error {
	if !g.Good() {
		report := struct {
			At            time.Time `json:"at"`
			CatalogDamage []string  `json:"catalog_damage,omitempty"`
			Lost          []Damage  `json:"lost,omitempty"`
		}{g.At, g.CatalogDamage, g.Lost}
		if _, err := writeJSON(r.root, g.dir, reportFile, r.key, report); err != nil {
			return err
		}
	}
	_, err := writeJSON(r.root, g.dir, manifestFile, r.key, g.Manifest)
	return err
}

// snapshot writes the catalogue into the generation, damaged or not, and opens the copy. On PostgreSQL it returns the
// catalogue itself.
func (w *run) snapshot(ctx context.Context) (*catalog.Catalog, func() error, error) {
	none := func() error { return nil }
	live, err := w.src.Catalog.Database().Integrity(ctx, false)
	if err != nil {
		return nil, none, err
	}
	for _, p := range live.Problems {
		w.g.CatalogDamage = append(w.g.CatalogDamage, "live catalogue: "+p)
	}
	if w.src.Catalog.Postgres() {
		w.g.Database = "postgres"
		return w.src.Catalog, none, nil
	}
	dir, release := filepath.Join(w.dir, w.g.dir), none
	if w.key != nil { // never unencrypted in the backup's folder
		if dir, release, err = dam.TempDir(w.Temp, TempPrefix); err != nil {
			return nil, none, err
		}
	}
	path := filepath.Join(dir, ".snapshot")
	cat, err := w.take(ctx, path)
	if err != nil {
		return nil, none, errors.Join(err, release())
	}
	return cat, func() error { return errors.Join(cat.Close(), release()) }, nil
}

func (w *run) take(ctx context.Context, path string) (*catalog.Catalog, error) {
	if err := w.src.Catalog.Database().Backup(ctx, path); err != nil {
		if !catalog.Corrupt(err) {
			return nil, err
		}
		w.g.CatalogDamage = append(w.g.CatalogDamage, "the snapshot is a copy of the damaged pages: "+err.Error())
		if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
			return nil, err
		}
		if err := w.src.Catalog.Database().CopyPages(ctx, path); err != nil {
			return nil, err
		}
	}
	found, err := integrity(ctx, path)
	if err != nil {
		return nil, err
	}
	for _, p := range found {
		w.g.CatalogDamage = append(w.g.CatalogDamage, "snapshot: "+p)
	}
	if err := w.storeCatalog(w.g, path); err != nil {
		return nil, err
	}
	if w.key == nil {
		path = filepath.Join(w.dir, w.g.dir, w.g.Catalog.Name)
	}
	return catalog.OpenSnapshot(ctx, path)
}

// storeCatalog puts a catalogue from a path in the command's own folder into a generation, under a name that its
// revision doesn't use yet.
func (r *Repository) storeCatalog(g *Generation, path string) error {
	from, err := os.Open(path)
	if err != nil {
		return err
	}
	f, err := writeFile(r.root, g.dir, revised(catalogFile, g.Revision), r.key, func(to io.Writer) error {
		_, err := io.Copy(to, from)
		return err
	})
	if err := errors.Join(err, from.Close()); err != nil {
		return err
	}
	g.Catalog = &f
	if filepath.Dir(path) == filepath.Join(r.dir, g.dir) {
		return os.Remove(path)
	}
	return nil
}

// revised returns a file's name after n rewrites: vitrine.db, vitrine-1.db.
func revised(name string, n int) string {
	if n == 0 {
		return name
	}
	stem, rest, _ := strings.Cut(name, ".")
	return fmt.Sprintf("%s-%d.%s", stem, n, rest)
}

// copyObjects copies every object that the snapshot refers to into the backup and writes the generation's list.
func (w *run) copyObjects(ctx context.Context, snapshot *catalog.Catalog) error {
	var err error
	w.g.List, err = w.writeList(w.g, func(line func(catalog.Blob) error) error {
		group, ctx := errgroup.WithContext(ctx)
		group.SetLimit(workers)
		handle := func(b catalog.Blob) error {
			if ctx.Err() == nil {
				group.Go(func() error { return w.object(ctx, b, line) })
			}
			return ctx.Err()
		}
		err := each(ctx, snapshot.Conn, handle)
		if catalog.Corrupt(err) {
			w.g.CatalogDamage = append(w.g.CatalogDamage, "the list of objects ends early: "+err.Error())
			var list *listError
			after := ""
			if errors.As(err, &list) {
				after = list.after
			}
			err = w.rest(ctx, after, handle)
		}
		if e := group.Wait(); e != nil {
			return e // the first error; the loop's only says that it was stopped
		}
		return err
	})
	return err
}

// rest saves originals that a damaged catalogue doesn't list: their keys contain their hashes.
func (w *run) rest(ctx context.Context, after string, f func(catalog.Blob) error) error {
	for info, err := range w.src.Store.List(ctx, originalsPrefix) {
		if err != nil {
			return err
		}
		if sum := storage.KeySHA256(info.Key); sum != "" && info.Key > after {
			if err := f(catalog.Blob{Key: info.Key, SHA256: sum, Size: info.Size}); err != nil {
				return err
			}
		}
	}
	return nil
}

// writeList writes a generation's list of objects. It calls fill with a function that adds a line, which may be called
// from several goroutines but not concurrently.
func (r *Repository) writeList(g *Generation, fill func(line func(catalog.Blob) error) error) (File, error) {
	g.Objects, g.Bytes = 0, 0
	return writeFile(r.root, g.dir, revised(listFile, g.Revision), r.key, func(to io.Writer) error {
		packed := gzip.NewWriter(to)
		e := json.NewEncoder(packed)
		if err := fill(func(b catalog.Blob) error {
			g.Objects++
			g.Bytes += b.Size
			return e.Encode(listed{b.Key, b.SHA256, b.Size})
		}); err != nil {
			return err
		}
		return packed.Close()
	})
}

// object copies one object into the backup. A failure of the object is recorded in the manifest; the returned error is
// one of the backup.
func (w *run) object(ctx context.Context, b catalog.Blob, line func(catalog.Blob) error) error {
	did, err := w.bring(ctx, b)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	var gone bool
	if err != nil {
		if !own(err) {
			return targetError(b.Key, err)
		}
		if errors.Is(err, storage.ErrNotFound) {
			known, referenced, e := w.src.Catalog.Objects().BlobState(ctx, b.Key)
			gone = e == nil && known && !referenced || e == nil && !known && !unrecorded(ctx, w.src.Catalog, b)
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.unreadable++
	if !errors.Is(err, errSource) {
		w.unreadable = 0
	}
	if w.unreadable >= maxUnreadable {
		if e := w.src.Store.Check(ctx); e != nil {
			return fmt.Errorf("the store has failed: %w", e)
		}
		w.unreadable = 0
	}
	w.progress.Done++
	switch did {
	case copied, healed:
		w.progress.Copied++
		w.progress.Bytes += b.Size
		if did == healed {
			w.out.Healed = append(w.out.Healed, b.Key)
		}
	case checked:
		w.progress.Checked++
	}
	w.out.Copied, w.out.CopiedBytes, w.out.Checked = w.progress.Copied, w.progress.Bytes, w.progress.Checked
	if w.o.Progress != nil {
		w.o.Progress(w.progress)
	}
	if gone {
		w.g.Gone = append(w.g.Gone, b.Key)
		return nil
	}
	if err != nil {
		w.g.Lost = append(w.g.Lost, classify(b.Key, err))
	}
	return line(b)
}

// unrecorded reports whether a version still refers to an original that has no row.
func unrecorded(ctx context.Context, cat *catalog.Catalog, b catalog.Blob) bool {
	if storage.KeySHA256(b.Key) == "" {
		return false
	}
	n, err := cat.Versions().VersionsOf(ctx, b.SHA256)
	return err != nil || n > 0
}

// targetError returns an error that says which object stopped the run, and why.
func targetError(key string, err error) error {
	if errors.Is(err, syscall.ENOSPC) {
		return fmt.Errorf("the backup's disk is full; make room, or keep fewer generations (vitrine backup prune), "+
			"and run it again: %w", err)
	}
	return fmt.Errorf("%s: %w", key, err)
}

// deed is what bring did.
type deed int

const (
	nothing deed = iota
	copied
	checked
	healed
)

func (w *run) bring(ctx context.Context, b catalog.Blob) (deed, error) {
	st, last, err := w.vault.state(ctx, b)
	if err != nil {
		return nothing, err
	}
	did := nothing
	if st == present {
		age := w.o.CheckAge
		if age == 0 {
			age = checkAge
		}
		if age > 0 && !due(b.SHA256, last, w.now, age) {
			return nothing, nil
		}
		did = checked
		if err = w.vault.check(ctx, b); err == nil || ctx.Err() != nil {
			return did, err
		}
		st = suspect
	}
	if err := w.vault.put(ctx, w.src.Store, b, st == suspect); err != nil {
		return did, err
	}
	if st == suspect {
		return healed, nil
	}
	return copied, nil
}

// lostErasures records as lost the records that neither the backup nor the store has in readable form.
func (w *run) lostErasures() error {
	_, lost, err := w.erasures()
	for _, d := range lost {
		if !slices.ContainsFunc(w.g.Lost, func(l Damage) bool { return l.Key == d.Key }) {
			w.g.Lost = append(w.g.Lost, d)
		}
	}
	return err
}

// copyErasures copies the records of erasures, including those made during the run.
func (w *run) copyErasures(ctx context.Context) error {
	for info, err := range w.src.Store.List(ctx, erasuresPrefix) {
		if err != nil {
			return err
		}
		name := strings.TrimPrefix(info.Key, erasuresPrefix)
		if _, err := w.savedErasure(erasuresDir, name); err == nil {
			continue
		}
		body, err := readErasure(ctx, w.src.Store, info.Key)
		if err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			w.g.Lost = append(w.g.Lost, classify(info.Key, err))
			continue
		}
		if _, err := writeFile(w.root, erasuresDir, name, w.key, func(to io.Writer) error {
			_, err := to.Write(body)
			return err
		}); err != nil {
			return err
		}
	}
	return nil
}
