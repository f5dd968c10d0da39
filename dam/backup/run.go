package backup

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

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

const (
	nothing deed = iota
	copied
	checked
	healed
)
