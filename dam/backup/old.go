package backup

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"vitrine/dam/catalog"
)

// takeUp makes a generation of what a backup of the old format holds: vitrine.db, and objects under the store's keys. The
// objects are renamed, not read; the run that follows reads them, because their times of change say that nobody has.
// Killed in between, it goes on where it was.
func (r *Repository) takeUp(ctx context.Context) error {
	old, ok := r.oldGeneration()
	if !ok || old.Catalog == nil {
		return nil // without a catalogue, objects are taken up as new generations need them
	}
	source := filepath.Join(r.dir, catalogFile)
	final := filepath.Join(r.dir, generationsDir, old.Name)
	if !isDir(final) {
		g := Generation{Name: old.Name, dir: filepath.Join(r.dir, generationsDir, ".new-"+old.Name),
			Manifest: Manifest{Format: format, At: old.At, Vitrine: "unknown", Database: "sqlite"}}
		if err := os.MkdirAll(g.dir, 0o750); err != nil {
			return err
		}
		found, err := integrity(ctx, source)
		if err != nil {
			return err
		}
		g.CatalogDamage = found
		if err := r.storeCatalog(&g, source); err != nil {
			return err
		}
		if err := r.takeUpObjects(ctx, &g); err != nil {
			return err
		}
		if err := r.write(&g); err != nil {
			return err
		}
		if err := os.Rename(g.dir, final); err != nil {
			return err
		}
		if err := syncDir(filepath.Dir(final)); err != nil {
			return err
		}
	}
	for _, rest := range []string{"", "-wal", "-shm", ".new", ".new-wal", ".new-shm"} {
		if err := os.Remove(source + rest); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return syncDir(r.dir)
}

func (r *Repository) takeUpObjects(ctx context.Context, g *Generation) error {
	cat, err := catalog.OpenSnapshot(ctx, filepath.Join(g.dir, g.Catalog.Name))
	if err != nil {
		return err
	}
	g.List, err = writeList(g, r.key, func(line func(catalog.Blob) error) error {
		err := each(ctx, cat.Conn, func(b catalog.Blob) error {
			st, _, err := r.vault.state(ctx, b)
			if err != nil && !own(err) {
				return err
			}
			if err == nil && st == absent {
				g.Lost = append(g.Lost, Damage{Missing, b.Key, "the old backup doesn't have it"})
			}
			return line(b)
		})
		if catalog.Corrupt(err) {
			g.CatalogDamage = append(g.CatalogDamage, "the list of objects ends early: "+err.Error())
			return nil
		}
		return err
	})
	return errors.Join(err, cat.Close())
}
