package backup

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/retention"
	"vitrine/storage"
)

const maxErasure = 1 << 16 // bytes of a record

func readErasure(ctx context.Context, s storage.Store, key string) ([]byte, error) {
	o, err := s.Open(ctx, key)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(io.LimitReader(o, maxErasure))
	if err := errors.Join(err, o.Close()); err != nil {
		return nil, err
	}
	_, err = retention.ParseErasure(key, body)
	return body, err
}

// savedErasure reads an erasure's record from the backup.
func (r *Repository) savedErasure(dir, name string) ([]byte, error) {
	from, file, err := openFile(r.root, dir, name, r.key)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(io.LimitReader(from, maxErasure))
	if err := errors.Join(err, file.Close()); err != nil {
		return nil, err
	}
	_, err = retention.ParseErasure(erasuresPrefix+name, body)
	return body, err
}

// erasures returns the records of erasures in the backup, by their key in a store, and those that can't be read.
func (r *Repository) erasures() (out map[string][]byte, lost []Damage, err error) {
	out = map[string][]byte{}
	unreadable := map[string]error{}
	for _, dir := range []string{erasuresDir, filepath.Join(objectsDir, erasuresDir)} {
		entries, err := fs.ReadDir(r.root.FS(), dir)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, nil, err
		}
		for _, e := range entries {
			name := strings.TrimSuffix(e.Name(), r.key.suffix())
			if strings.HasPrefix(name, ".") || !strings.HasSuffix(name, ".json") {
				continue
			}
			body, err := r.savedErasure(dir, name)
			if err != nil {
				unreadable[erasuresPrefix+name] = err
				continue
			}
			out[erasuresPrefix+name] = body
		}
	}
	for key, err := range unreadable {
		if out[key] == nil { // the record may exist twice
			lost = append(lost, Damage{Unreadable, key, "what this erased may come back with a restore: " +
				err.Error()})
		}
	}
	return out, lost, nil
}

// forget applies the erasures that a generation has not seen: it rewrites the catalogue without their subjects, and the
// list without the objects that only these subjects had. A later prune removes these objects from the backup.
func (r *Repository) forget(ctx context.Context, g *Generation) (changed bool, err error) {
	if g.old || g.Damage != "" || g.Catalog == nil {
		return false, nil
	}
	// An unreadable record does not hold up the others; the next backup writes it again.
	records, _, err := r.erasures()
	if err != nil {
		return false, err
	}
	subjects := map[string]string{} // by id
	for key, body := range records {
		record, err := retention.ParseErasure(key, body)
		if err != nil || slices.Contains(g.Erasures, record.ID) {
			delete(records, key)
			continue
		}
		subjects[record.ID] = record.Subject
	}
	if len(subjects) == 0 {
		return false, nil
	}
	path, release, err := r.catalogPath(ctx, *g)
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, release()) }()
	mentioned, err := mentions(ctx, path, subjects)
	if err != nil {
		return false, err
	}
	next := *g
	next.Erasures = slices.Clone(g.Erasures)
	for id := range subjects {
		next.Erasures = append(next.Erasures, id)
	}
	slices.Sort(next.Erasures)
	if !mentioned {
		if err := r.write(&next); err != nil {
			return false, err
		}
		*g = next
		return false, nil
	}
	next.Revision++
	if err := r.rewrite(ctx, &next, path, records); err != nil {
		return false, err
	}
	if err := r.write(&next); err != nil {
		return false, err
	}
	// From here on the manifest names the new files.
	errs := errors.Join(r.root.Remove(filepath.Join(g.dir, g.Catalog.Name)),
		r.root.Remove(filepath.Join(g.dir, g.List.Name)))
	*g = next
	return true, errs
}

// mentions reports whether a catalogue has data of any subject and has not seen its erasure.
func mentions(ctx context.Context, path string, subjects map[string]string) (bool, error) {
	cat, err := catalog.OpenSnapshot(ctx, path)
	if err != nil {
		return false, err
	}
	defer func() { _ = cat.Close() }()
	for id, subject := range subjects {
		seen, err := cat.Maintenance().Erased(ctx, id)
		if err != nil {
			return false, err
		}
		if seen {
			continue
		}
		if found, err := cat.Objects().Mentions(ctx, subject); found || err != nil {
			return found, err
		}
	}
	return false, nil
}

// workspace makes an empty folder for copies of a catalogue: in the backup's folder, which has space for them, unless
// the backup is encrypted, because then no plain copy may be there.
func (r *Repository) workspace() (path string, remove func() error, err error) {
	if r.key != nil {
		return dam.TempDir(r.Temp, TempPrefix)
	}
	dir := filepath.Join(generationsDir, ".new-"+rand.Text())
	if err := r.makeNew(dir); err != nil {
		return "", nil, err
	}
	return filepath.Join(r.dir, dir), func() error { return r.root.RemoveAll(dir) }, nil
}

// rewrite rewrites a generation's catalogue and list without what the records erase.
func (r *Repository) rewrite(ctx context.Context, g *Generation, path string, records map[string][]byte) (err error) {
	dir, remove, err := r.workspace()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, remove()) }()
	work, clean := filepath.Join(dir, "work.db"), filepath.Join(dir, "clean.db")
	from, err := os.Open(path)
	if err != nil {
		return err
	}
	if err := errors.Join(fillFile(ctx, work, from), from.Close()); err != nil {
		return err
	}
	cat, err := catalog.Open(ctx, "sqlite:"+work)
	if err != nil {
		return err
	}
	err = func() error {
		if err := cat.Database().OnlyData(ctx); err != nil {
			return err
		}
		if err := cat.Migrate(ctx); err != nil {
			return err
		}
		service := &retention.Eraser{Catalog: cat, Store: recordStore{records: records}}
		if _, err := service.Replay(ctx); err != nil {
			return err
		}
		// VACUUM leaves no deleted data in free pages.
		if err := cat.Database().Compact(ctx, clean); err != nil {
			return err
		}
		gone := g.Gone
		g.List, err = r.writeList(g, func(line func(catalog.Blob) error) error {
			return each(ctx, cat.Conn, func(b catalog.Blob) error {
				if slices.Contains(gone, b.Key) {
					return nil
				}
				return line(b)
			})
		})
		return err
	}()
	if err := errors.Join(err, cat.Close()); err != nil {
		return err
	}
	return r.storeCatalog(g, clean)
}

// recordStore is a store that contains only the records of erasures; deleting from it does nothing.
type recordStore struct {
	storage.Store
	records map[string][]byte
}

// List implements storage.Store.
func (s recordStore) List(_ context.Context, prefix string) iter.Seq2[storage.Info, error] {
	return func(yield func(storage.Info, error) bool) {
		for key, body := range s.records {
			if strings.HasPrefix(key, prefix) &&
				!yield(storage.Info{Key: key, Size: int64(len(body)), ModTime: time.Now()}, nil) {
				return
			}
		}
	}
}

// Open implements storage.Store.
func (s recordStore) Open(_ context.Context, key string) (storage.Object, error) {
	body, ok := s.records[key]
	if !ok {
		return nil, storage.ErrNotFound
	}
	return record{bytes.NewReader(body), storage.Info{Key: key, Size: int64(len(body))}}, nil
}

// Delete implements storage.Store.
func (s recordStore) Delete(context.Context, string) error { return nil }

type record struct {
	*bytes.Reader
	info storage.Info
}

func (r record) Info() storage.Info { return r.info }
func (r record) Close() error       { return nil }
