package backup_test

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"vitrine/dam"
	"vitrine/dam/backup"
	"vitrine/dam/catalog"
	"vitrine/dam/catalog/catalogtest"
	"vitrine/storage"
	"vitrine/storage/disk"
	"vitrine/storage/storagetest"
)

// world is a catalogue and a store with originals, and a folder for backups.
type world struct {
	*testing.T
	cat     *catalog.Catalog
	store   *disk.Store
	db      string // the catalogue's file
	objects string // the store's folder
	dir     string // the backup's
	key     *backup.Key
	assets  []*dam.Asset
}

// Context returns a context with the system as actor.
func (w *world) Context() context.Context { return catalogtest.Context(w.T) }

// kinds runs a test on a plain and on an encrypted backup.
func kinds(t *testing.T, test func(t *testing.T, w *world)) {
	for name, encrypted := range map[string]bool{"plain": false, "encrypted": true} {
		t.Run(name, func(t *testing.T) { t.Parallel(); test(t, newWorld(t, encrypted)) })
	}
}

func newWorld(t *testing.T, encrypted bool) *world {
	t.Helper()
	root := t.TempDir()
	w := &world{T: t, db: filepath.Join(root, "catalog.db"), objects: filepath.Join(root, "objects"),
		dir: filepath.Join(root, "backup")}
	if encrypted {
		text, err := backup.NewKey()
		if err == nil {
			w.key, err = backup.ParseKey("# a comment\n" + text + "\n")
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	var err error
	if w.cat, err = catalog.Open(catalogtest.Context(t), "sqlite:"+w.db); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.cat.Close() })
	if err := w.cat.Migrate(catalogtest.Context(t)); err != nil {
		t.Fatal(err)
	}
	if w.store, err = disk.Open(w.objects); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.store.Close() })
	return w
}

// content returns the bytes of the i-th asset.
func content(i int) []byte { return storagetest.Bytes(70_000*(i%3)+10+i, uint64(i)) }

// add makes n more assets, each with an original of its own.
func (w *world) add(n int) {
	w.Helper()
	for range n {
		data := content(len(w.assets))
		sha := storagetest.Sum(data)
		b := catalog.Blob{Key: storage.OriginalKey(sha), SHA256: sha, Size: int64(len(data))}
		if err := w.cat.Pin(w.Context(), time.Hour, b); err != nil {
			w.Fatal(err)
		}
		if err := w.store.Put(w.Context(), b.Key, bytes.NewReader(data),
			storage.PutOptions{Size: b.Size, SHA256: sha}); err != nil {
			w.Fatal(err)
		}
		a := &dam.Asset{ID: dam.NewID(dam.AssetPrefix), Library: dam.DefaultLibrary, Kind: dam.KindImage,
			Title: dam.Text{"en": "A chair"}}
		a.Latest = dam.Version{ID: dam.NewID(dam.VersionPrefix), Asset: a.ID, N: 1, SHA256: sha, Size: b.Size,
			FileName: "chair.jpg", MediaType: "image/jpeg", Width: 2, Height: 1, Frames: 1, Status: dam.Draft,
			Renditions: dam.RenditionsPending}
		if err := w.cat.Write(w.Context(), func(tx *catalog.Tx) error {
			if err := tx.Assets().InsertAsset(w.Context(), a, dam.Metadata{}); err != nil {
				return err
			}
			tx.Emit(dam.Event{Type: dam.AssetCreated, Subject: a.ID, Asset: a.ID})
			return tx.Objects().Attach(w.Context(), b)
		}); err != nil {
			w.Fatal(err)
		}
		w.assets = append(w.assets, a)
	}
}

// path returns where the store has an asset's original.
func (w *world) path(i int) string {
	return filepath.Join(w.objects, storage.OriginalKey(w.assets[i].Latest.SHA256))
}

// saved returns where the backup has it.
func (w *world) saved(i int) string {
	sha := w.assets[i].Latest.SHA256
	return filepath.Join(w.dir, "objects", sha[:2], sha[2:4], sha)
}

func (w *world) open() *backup.Repository {
	w.Helper()
	r, err := backup.Create(w.dir, w.key)
	if err != nil {
		w.Fatal(err)
	}
	w.Cleanup(func() { _ = r.Close() })
	r.Temp = w.TempDir()
	return r
}

func (w *world) source() backup.Source {
	return backup.Source{Catalog: w.cat, Store: w.store, Vitrine: "test"}
}

func (w *world) run(r *backup.Repository, src backup.Source, o backup.Options) backup.Result {
	w.Helper()
	out, err := r.Run(w.Context(), src, o)
	if err != nil {
		w.Fatal(err)
	}
	return out
}

// verify returns the kinds of damage by key.
func (w *world) verify(r *backup.Repository, only ...string) (backup.Verification, map[string]string) {
	w.Helper()
	damage := map[string]string{}
	sum, err := r.Verify(w.Context(), only, func(d backup.Damage) { damage[d.Key] = d.Problem }, nil)
	if err != nil {
		w.Fatal(err)
	}
	return sum, damage
}

// restore restores a generation to an empty place and returns which of the world's assets it has, by index, and whether
// their bytes are right.
func (w *world) restore(r *backup.Repository, name string) (backup.Restored, map[int]bool) {
	w.Helper()
	g, err := r.Find(w.Context(), name)
	if err != nil {
		w.Fatal(err)
	}
	root := w.TempDir()
	to, err := disk.Open(filepath.Join(root, "objects"))
	if err != nil {
		w.Fatal(err)
	}
	defer func() { _ = to.Close() }()
	out, err := r.Restore(w.Context(), g, backup.Restore{Store: to, Database: filepath.Join(root, "new.db")})
	if err != nil {
		w.Fatal(err)
	}
	cat, err := catalog.OpenSnapshot(w.Context(), filepath.Join(root, "new.db"))
	if err != nil {
		w.Fatal(err)
	}
	defer func() { _ = cat.Close() }()
	has := map[int]bool{}
	for i, a := range w.assets {
		if _, err := cat.Assets().Asset(w.Context(), dam.DefaultLibrary, a.ID); dam.CodeOf(err) == dam.NotFound {
			continue
		} else if err != nil {
			w.Fatal(err)
		}
		b, err := os.ReadFile(filepath.Join(root, "objects", storage.OriginalKey(a.Latest.SHA256)))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			w.Fatal(err)
		}
		has[i] = bytes.Equal(b, content(i))
	}
	return out, has
}

// all returns what restore returns if the first n assets are there and whole, except some.
func all(n int, except ...int) map[int]bool {
	out := map[int]bool{}
	for i := range n {
		out[i] = true
	}
	for _, i := range except {
		out[i] = false
	}
	return out
}

func flip(t *testing.T, path string) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	b[len(b)/2] ^= 1
	overwrite(t, path, b)
}

func overwrite(t *testing.T, path string, b []byte) {
	t.Helper()
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
}

// files returns the files below a folder, without locks and unfinished objects.
func files(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	out := map[string][]byte{}
	if err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || d.Name() == ".lock" {
			return err
		}
		rel, err := filepath.Rel(dir, path)
		if err == nil {
			out[rel], err = os.ReadFile(path)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return out
}

// faulty is a store with faults: keys that can't be read, and a function that is called at the first read.
type faulty struct {
	storage.Store
	broken map[string]error
	first  func(context.Context)
}

func (f *faulty) Open(ctx context.Context, key string) (storage.Object, error) {
	if strings.HasPrefix(key, "originals/") && f.first != nil {
		first := f.first
		f.first = nil
		first(ctx)
	}
	o, err := f.Store.Open(ctx, key)
	if err == nil && f.broken[key] != nil {
		return brokenObject{o, f.broken[key]}, nil
	}
	return o, err
}

type brokenObject struct {
	storage.Object
	err error
}

func (b brokenObject) Read([]byte) (int, error) { return 0, b.err }
