package mirror_test

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/catalog/catalogtest"
	"vitrine/dam/mirror"
	"vitrine/dam/retention"
	"vitrine/storage"
	"vitrine/storage/disk"
	"vitrine/storage/s3"
	"vitrine/storage/storagetest"
)

type world struct {
	*testing.T
	*mirror.Service
	Catalog *catalog.Catalog // all of it, where the service has a part
	first   *disk.Store
	dir     string // of the first store
	assets  []*dam.Asset
}

// Context is one in which the system acts.
func (w *world) Context() context.Context { return catalogtest.Context(w.T) }

func newWorld(t *testing.T, cat *catalog.Catalog, second storage.Store) *world {
	t.Helper()
	w := &world{T: t, Catalog: cat, dir: t.TempDir()}
	var err error
	if w.first, err = disk.Open(w.dir); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.first.Close() })
	w.Service = &mirror.Service{Catalog: cat, First: w.first, Second: second, Node: "a",
		Log: slog.New(slog.DiscardHandler)}
	return w
}

func openDisk(t *testing.T) storage.Store {
	t.Helper()
	s, err := disk.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func content(i int) []byte { return storagetest.Bytes(300_000*(i%2)+10+i, uint64(i)) }

func (w *world) add(n int) {
	w.Helper()
	for range n {
		data := content(len(w.assets))
		var sums storage.Sums
		sha := storagetest.Sum(data)
		b := catalog.Blob{Key: storage.OriginalKey(sha), SHA256: sha, Size: int64(len(data))}
		if err := w.Catalog.Pin(w.Context(), time.Hour, b); err != nil {
			w.Fatal(err)
		}
		if err := w.first.Put(w.Context(), b.Key, bytes.NewReader(data), storage.PutOptions{Size: b.Size, SHA256: sha,
			Sums: &sums}); err != nil {
			w.Fatal(err)
		}
		b.Sums = sums.Blocks
		a := &dam.Asset{ID: dam.NewID(dam.AssetPrefix), Library: dam.DefaultLibrary, Kind: dam.KindImage}
		a.Latest = dam.Version{ID: dam.NewID(dam.VersionPrefix), Asset: a.ID, N: 1, SHA256: sha, Size: b.Size,
			FileName: "x.jpg", MediaType: "image/jpeg", Width: 2, Height: 1, Frames: 1, Status: dam.Draft,
			Renditions: dam.RenditionsPending}
		if err := w.Catalog.Write(w.Context(), func(tx *catalog.Tx) error {
			if err := tx.Assets().InsertAsset(w.Context(), a, dam.Metadata{}); err != nil {
				return err
			}
			return tx.Objects().Attach(w.Context(), b)
		}); err != nil {
			w.Fatal(err)
		}
		w.assets = append(w.assets, a)
	}
}

func (w *world) key(i int) string { return storage.OriginalKey(w.assets[i].Latest.SHA256) }

func (w *world) start() {
	w.Helper()
	if err := w.Start(w.Context()); err != nil {
		w.Fatal(err)
	}
}

// sync works until nothing is due and returns the lag.
func (w *world) sync() catalog.MirrorLag {
	w.Helper()
	if err := w.Sync(w.Context()); err != nil {
		w.Fatal(err)
	}
	lag, err := w.Catalog.Mirror().MirrorLag(w.Context())
	if err != nil || lag == nil {
		w.Fatalf("lag %v, %v", lag, err)
	}
	return *lag
}

// has tells which objects the second store has, and fails unless their bytes are right.
func (w *world) has() map[string]bool {
	w.Helper()
	out := map[string]bool{}
	for info, err := range w.Second.List(w.Context(), "originals/") {
		if err != nil {
			w.Fatal(err)
		}
		o, err := w.Second.Open(w.Context(), info.Key)
		if err != nil {
			w.Fatal(err)
		}
		b, err := io.ReadAll(o)
		if err != nil || storage.OriginalKey(storagetest.Sum(b)) != info.Key {
			w.Errorf("%s: %d bytes that are others, %v", info.Key, len(b), err)
		}
		_ = o.Close()
		out[info.Key] = true
	}
	return out
}

// What was stored before and after is in the second store, what is erased leaves it, on either database and on a disk
// and in S3.
func TestFollows(t *testing.T) {
	server := storagetest.MinIO(t)
	seconds := map[string]func(t *testing.T) storage.Store{
		"sqlite": openDisk,
		"postgres": func(t *testing.T) storage.Store {
			s, err := s3.Open(catalogtest.Context(t), server.Location(), s3.Credentials{AccessKey: server.AccessKey,
				SecretKey: server.SecretKey})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = s.Close() })
			return s
		},
	}
	catalogtest.Each(t, func(t *testing.T, cat *catalog.Catalog) {
		w := newWorld(t, cat, seconds[filepath.Base(t.Name())](t))
		eraser := &retention.Eraser{Catalog: cat, Store: w.first}
		w.add(4)
		if err := eraser.Person(catalogtest.Context(t), "u_gone"); err != nil {
			t.Fatal(err)
		}
		w.start()
		w.add(2)
		if lag, err := cat.Mirror().MirrorLag(catalogtest.Context(t)); err != nil || lag.Objects != 2 ||
			lag.Oldest == nil || lag.Bytes == 0 || !lag.Filling {
			t.Errorf("before: %+v, %v", lag, err)
		}
		if lag := w.sync(); lag.Objects != 0 || lag.Filling || lag.Oldest != nil || len(w.has()) != 6 {
			t.Fatalf("%+v, %d objects", lag, len(w.has()))
		}
		if err := eraser.Asset(catalogtest.Context(t), dam.DefaultLibrary, w.assets[1].ID); err != nil {
			t.Fatal(err)
		}
		if lag := w.sync(); lag.Objects != 0 || w.has()[w.key(1)] || len(w.has()) != 5 {
			t.Errorf("erased: %+v, %d objects", lag, len(w.has()))
		}
		records := 0
		for _, err := range w.Second.List(catalogtest.Context(t), "erasures/") {
			if err != nil {
				t.Fatal(err)
			}
			records++
		}
		if records != 2 {
			t.Errorf("%d records of erasures, want 2", records)
		}
	})
}

// A second store that is away keeps nobody waiting, and gets what it missed, deletions too.
func TestSecondAway(t *testing.T) {
	t.Parallel()
	second := &switchable{Store: openDisk(t)}
	w := newWorld(t, catalogtest.SQLite(t), second)
	w.start()
	w.add(3)
	w.sync()
	second.away.Store(true)
	w.add(2)
	if err := (&retention.Eraser{Catalog: w.Catalog, Store: w.first}).Asset(catalogtest.Context(t), dam.DefaultLibrary,
		w.assets[0].ID); err != nil {
		t.Fatal(err)
	}
	lag := w.sync()
	// the record of the erasure is one
	if lag.Objects != 4 || lag.Failing != 4 || lag.Error == "" || lag.Oldest == nil {
		t.Errorf("away: %+v", lag)
	}
	second.away.Store(false)
	for end := time.Now().Add(20 * time.Second); lag.Objects > 0 &&
		time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		lag = w.sync()
	}
	if has := w.has(); lag.Objects != 0 || len(has) != 4 || has[w.key(0)] {
		t.Errorf("back: %+v, %v", lag, has)
	}
}

type switchable struct {
	storage.Store
	away atomic.Bool
}

func (s *switchable) Put(ctx context.Context, key string, r io.Reader, o storage.PutOptions) error {
	if s.away.Load() {
		return syscall.ECONNREFUSED
	}
	return s.Store.Put(ctx, key, r, o)
}

func (s *switchable) Delete(ctx context.Context, key string) error {
	if s.away.Load() {
		return syscall.ECONNREFUSED
	}
	return s.Store.Delete(ctx, key)
}

// Damage of the first store is told, and neither copied nor taken for a deletion; damage of the second is mended when
// the object comes by again.
func TestDamage(t *testing.T) {
	t.Parallel()
	w := newWorld(t, catalogtest.SQLite(t), openDisk(t))
	told := &record{}
	w.Record = told
	w.start()
	w.add(3)
	spoil := func(i int) {
		t.Helper()
		b := content(i)
		b[3] ^= 1
		if err := os.WriteFile(filepath.Join(w.dir, w.key(i)), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	spoil(0)
	if lag := w.sync(); lag.Objects != 1 || lag.Failing != 1 || len(w.has()) != 2 || len(told.keys) != 1 ||
		told.keys[0] != w.key(0) {
		t.Errorf("%+v %v %v", lag, w.has(), told.keys)
	}
	// The first store loses an object that the second has: it stays there.
	if err := os.Remove(filepath.Join(w.dir, w.key(1))); err != nil {
		t.Fatal(err)
	}
	if err := w.Catalog.Mirror().QueueMirror(catalogtest.Context(t), w.key(1)); err != nil {
		t.Fatal(err)
	}
	if w.sync(); !w.has()[w.key(1)] {
		t.Error("the only good copy was deleted")
	}
	// Reading goes on, from the second store, with nobody noticing but the record.
	reader := storage.NewVerified(w.first, nil, expecting{w.Catalog, told})
	reader.Second = w.Second
	o, err := reader.Open(catalogtest.Context(t), w.key(1))
	if err != nil {
		t.Fatal(err)
	}
	if b, err := io.ReadAll(o); err != nil || !bytes.Equal(b, content(1)) {
		t.Errorf("read: %d bytes, %v", len(b), err)
	}
	_ = o.Close()
}

type record struct {
	storage.Record
	keys []string
}

func (r *record) Damaged(_ context.Context, key string, _ error) { r.keys = append(r.keys, key) }

type expecting struct {
	cat *catalog.Catalog
	*record
}

func (e expecting) Expect(ctx context.Context, key string) (storage.Sums, bool, error) {
	b, err := e.cat.Objects().BlobByKey(ctx, key)
	return storage.Sums{Size: b.Size, SHA256: b.SHA256, Blocks: b.Sums}, err == nil, nil
}

// A second store that was not in use for a while is brought up to date, what was deleted meanwhile included; another
// one is filled from the start.
func TestOffAndOn(t *testing.T) {
	t.Parallel()
	w := newWorld(t, catalogtest.SQLite(t), openDisk(t))
	w.start()
	w.add(3)
	w.sync()
	if err := w.Catalog.Mirror().UseMirror(catalogtest.Context(t), ""); err != nil {
		t.Fatal(err)
	}
	if lag, err := w.Catalog.Mirror().MirrorLag(catalogtest.Context(t)); lag != nil || err != nil {
		t.Errorf("without: %+v, %v", lag, err)
	}
	w.add(1)
	if err := (&retention.Eraser{Catalog: w.Catalog, Store: w.first}).Asset(catalogtest.Context(t), dam.DefaultLibrary,
		w.assets[0].ID); err != nil {
		t.Fatal(err)
	}
	w.start()
	if lag := w.sync(); lag.Objects != 0 || len(w.has()) != 3 || w.has()[w.key(0)] {
		t.Errorf("again: %+v %v", lag, w.has())
	}
	w.Second = openDisk(t)
	w.start()
	if lag := w.sync(); lag.Objects != 0 || len(w.has()) != 3 {
		t.Errorf("another: %+v %v", lag, w.has())
	}
	// Another node waits for the one that works.
	w.add(1)
	if ok, err := w.Catalog.Mirror().LeaseMirror(catalogtest.Context(t), "b", time.Minute); ok || err != nil {
		t.Errorf("two at once: %v, %v", ok, err)
	}
}

// A restored catalogue leaves the second store alone until it is let go: the original may still follow it.
func TestHeld(t *testing.T) {
	t.Parallel()
	w := newWorld(t, catalogtest.SQLite(t), openDisk(t))
	w.start()
	w.add(2)
	w.sync()
	if began, err := w.Catalog.BeginEpoch(catalogtest.Context(t),
		catalog.EpochStart{Reason: dam.EpochRestored}); err != nil || !began {
		t.Fatalf("%v, %v", began, err)
	}
	if err := (&retention.Eraser{Catalog: w.Catalog, Store: w.first, DuringHold: true}).Asset(catalogtest.Context(t),
		dam.DefaultLibrary, w.assets[0].ID); err != nil {
		t.Fatal(err)
	}
	if lag := w.sync(); lag.Objects == 0 || len(w.has()) != 2 {
		t.Errorf("held: %+v %v", lag, w.has())
	}
	hold, err := w.Catalog.Epochs().Hold(catalogtest.Context(t))
	if err != nil || hold == nil {
		t.Fatal(hold, err)
	}
	if err := w.Catalog.Write(catalogtest.Context(t),
		func(tx *catalog.Tx) error { return tx.Epochs().ReleaseHold(catalogtest.Context(t), hold.Epoch) }); err != nil {
		t.Fatal(err)
	}
	// The erasure could not delete the object while the catalogue held; the collector does it from now on.
	if done, err := w.Catalog.Collect(catalogtest.Context(t), w.key(0), time.Now(), w.first.Delete); !done ||
		err != nil {
		t.Fatalf("collected: %v, %v", done, err)
	}
	if lag := w.sync(); lag.Objects != 0 || len(w.has()) != 1 || w.has()[w.key(0)] {
		t.Errorf("let go: %+v %v", lag, w.has())
	}
}
