package backup

import (
	"context"
	"errors"
	"io/fs"
	"path/filepath"

	"vitrine/dam/catalog"
)

// takeUp converts a backup of the old format (vitrine.db, and objects under the store's keys) to a generation. It
// renames the objects without reading them; the following run reads them, because their modification times say that
// nobody has. If it is killed, the next call continues.
func (r *Repository) takeUp(ctx context.Context) error {
	old, ok := r.oldGeneration()
	if !ok || old.Catalog == nil {
		return nil // without a catalogue, objects are taken over as new generations need them
	}
	final := filepath.Join(generationsDir, old.Name)
	if !isDir(r.root, final) {
		g := Generation{Name: old.Name, dir: filepath.Join(generationsDir, ".new-"+old.Name),
			Manifest: Manifest{Format: format, At: old.At, Vitrine: "unknown", Database: "sqlite"}}
		if err := r.makeNew(g.dir); err != nil {
			return err
		}
		path, release, err := r.catalogPath(ctx, old)
		if err != nil {
			return err
		}
		if g.CatalogDamage, err = integrity(ctx, path); err == nil {
			err = r.storeCatalog(&g, path)
		}
		if err := errors.Join(err, release()); err != nil {
			return err
		}
		if err := r.takeUpObjects(ctx, &g); err != nil {
			return err
		}
		if err := r.write(&g); err != nil {
			return err
		}
		if err := r.root.Rename(g.dir, final); err != nil {
			return err
		}
		if err := syncDir(r.root.Open(generationsDir)); err != nil {
			return err
		}
	}
	for _, rest := range []string{"", "-wal", "-shm", ".new", ".new-wal", ".new-shm"} {
		if err := r.root.Remove(catalogFile + rest); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return syncDir(r.root.Open("."))
}

func (r *Repository) takeUpObjects(ctx context.Context, g *Generation) error {
	cat, err := catalog.OpenSnapshot(ctx, filepath.Join(r.dir, g.dir, g.Catalog.Name))
	if err != nil {
		return err
	}
	g.List, err = r.writeList(g, func(line func(catalog.Blob) error) error {
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
