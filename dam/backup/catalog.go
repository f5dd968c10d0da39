package backup

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/storage"
)

// catalogPath returns the path of a generation's catalogue in a form that SQLite can read, decrypted if necessary. path
// is "" on PostgreSQL, where there is none.
func (r *Repository) catalogPath(ctx context.Context, g Generation) (path string, release func() error, err error) {
	none := func() error { return nil }
	if g.Catalog == nil {
		return "", none, nil
	}
	if r.key == nil {
		f, err := openRegular(r.root, filepath.Join(g.dir, g.Catalog.Name), os.O_RDONLY)
		if err != nil {
			return "", none, err
		}
		return filepath.Join(r.dir, g.dir, g.Catalog.Name), f.Close, nil
	}
	dir, release, err := dam.TempDir(r.Temp, TempPrefix)
	if err != nil {
		return "", none, err
	}
	path = filepath.Join(dir, catalogFile)
	if err := r.extract(ctx, g, path); err != nil {
		return "", none, errors.Join(err, release())
	}
	return path, release, nil
}

// extract writes a generation's catalogue to a separate file and syncs it.
func (r *Repository) extract(ctx context.Context, g Generation, path string) error {
	from, file, err := openFile(r.root, g.dir, strings.TrimSuffix(g.Catalog.Name, r.key.suffix()), r.key)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	return fillFile(ctx, path, from)
}

// fillFile creates a file, which must not exist.
func fillFile(ctx context.Context, path string, from io.Reader) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return err
	}
	to, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	verified, err := storage.NewVerifier(ctx, from, storage.PutOptions{Size: -1}) // stops when ctx does
	if err == nil {
		_, err = io.Copy(to, verified)
	}
	return errors.Join(err, to.Sync(), to.Close())
}

// checkCatalog compares a generation's catalogue with its manifest and has SQLite check it.
func (r *Repository) checkCatalog(ctx context.Context, g Generation) (problems []string, err error) {
	if g.Catalog == nil {
		return nil, nil
	}
	if !g.old {
		if err := g.Catalog.intact(r.root, g.dir); err != nil {
			problems = append(problems, err.Error())
		}
	}
	path, release, err := r.catalogPath(ctx, g)
	if err != nil {
		return append(problems, err.Error()), ctx.Err()
	}
	found, err := integrity(ctx, path)
	return append(problems, found...), errors.Join(err, release())
}

// integrity lets SQLite check a file that nobody writes.
func integrity(ctx context.Context, path string) ([]string, error) {
	cat, err := catalog.OpenSnapshot(ctx, path)
	if err != nil {
		return []string{err.Error()}, ctx.Err()
	}
	found, err := cat.Database().Integrity(ctx, false)
	if err == nil {
		err = cat.Database().OnlyData(ctx)
		if err != nil && ctx.Err() == nil {
			found.Problems, err = append(found.Problems, err.Error()), nil
		}
	}
	return found.Problems, errors.Join(err, cat.Close())
}

// onlyData returns an error if a catalogue contains programs: a server would run foreign code, and nothing that it
// writes could be relied on.
func onlyData(ctx context.Context, path string) error {
	cat, err := catalog.OpenSnapshot(ctx, path)
	if err == nil {
		err = errors.Join(cat.Database().OnlyData(ctx), cat.Close())
	}
	if catalog.Corrupt(err) {
		return nil // no server starts on it, and tools may recover something
	}
	return err
}
