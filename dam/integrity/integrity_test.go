package integrity_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/catalog/catalogtest"
	"vitrine/dam/integrity"
	"vitrine/dam/jobs"
	"vitrine/storage"
	"vitrine/storage/disk"
	"vitrine/storage/storagetest"
)

// world is a catalogue with objects in a store, and a copy of each in a second one.
type world struct {
	*testing.T
	cat           *catalog.Catalog
	store, second *disk.Store
	dir           string
	service       *integrity.Service
	reader        *storage.Verified
	objects       map[string][]byte
}

// Context returns a context with the system as actor.
func (w *world) Context() context.Context { return catalogtest.Context(w.T) }

func newWorld(t *testing.T, cat *catalog.Catalog) *world {
	t.Helper()
	w := &world{T: t, cat: cat, dir: t.TempDir(), objects: map[string][]byte{}}
	open := func(dir string) *disk.Store {
		s, err := disk.Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.Close() })
		return s
	}
	w.store, w.second = open(w.dir), open(t.TempDir())
	record := &integrity.Record{Catalog: cat, Log: slog.New(slog.DiscardHandler)}
	w.service = &integrity.Service{Record: record, Store: w.store, Rate: 1 << 40}
	w.reader = storage.NewVerified(w.store, nil, record)
	return w
}

// add stores n originals of up to size bytes; covered says whether the catalogue has the checksums of their blocks.
func (w *world) add(n, size int, covered bool) {
	w.Helper()
	random := rand.New(rand.NewPCG(uint64(n), uint64(size)))
	var blobs []catalog.Blob
	for range n {
		data := storagetest.Bytes(1+random.IntN(size), random.Uint64())
		b := catalog.Blob{Key: storage.OriginalKey(storagetest.Sum(data)), SHA256: storagetest.Sum(data),
			Size: int64(len(data))}
		o := storage.PutOptions{Size: b.Size, SHA256: b.SHA256}
		sums, err := storage.Save(w.Context(), w.reader, b.Key, bytes.NewReader(data), o, nil)
		if err == nil {
			err = w.second.Put(w.Context(), b.Key, bytes.NewReader(data), o)
		}
		if err != nil {
			w.Fatal(err)
		}
		if covered {
			b.Sums = sums.Blocks
		}
		blobs = append(blobs, b)
		w.objects[b.Key] = data
	}
	if err := w.cat.Pin(w.Context(), time.Hour, blobs...); err != nil {
		w.Fatal(err)
	}
	w.write(func(tx *catalog.Tx) error {
		for _, b := range blobs {
			if err := tx.Objects().Attach(w.Context(), b); err != nil {
				return err
			}
		}
		return nil
	})
}

func (w *world) write(f func(tx *catalog.Tx) error) {
	w.Helper()
	if err := w.cat.Write(w.Context(), f); err != nil {
		w.Fatal(err)
	}
}

func (w *world) keys() []string {
	keys := make([]string, 0, len(w.objects))
	for k := range w.objects {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

func (w *world) flip(key string, bit int) {
	w.Helper()
	b := bytes.Clone(w.objects[key])
	b[bit/8] ^= 1 << (bit % 8)
	if err := os.WriteFile(filepath.Join(w.dir, key), b, 0o600); err != nil {
		w.Fatal(err)
	}
}

// served reads an object as the services do.
func (w *world) served(key string) ([]byte, error) {
	o, err := w.reader.Open(w.Context(), key)
	if err != nil {
		return nil, err
	}
	defer func() { _ = o.Close() }()
	return io.ReadAll(o)
}

func (w *world) open() []string {
	w.Helper()
	list, err := w.cat.Objects().Damages(w.Context(), dam.DamageOpen, "", 1000)
	if err != nil {
		w.Fatal(err)
	}
	keys := []string{}
	for _, d := range list {
		keys = append(keys, d.Key)
	}
	return keys
}

// 200 bit flips, one in each of 200 objects: 200 are found, half by readers and half by the scrub; none is served, and
// all are repaired from a second copy.
func TestBitFlips(t *testing.T) {
	const flips = 200
	w := newWorld(t, catalogtest.SQLite(t))
	w.add(flips, 600_000, true)
	keys := w.keys()
	random := rand.New(rand.NewPCG(1, 2))
	for _, key := range keys {
		w.flip(key, random.IntN(8*len(w.objects[key])))
	}
	for _, key := range keys[:flips/2] {
		got, err := w.served(key)
		if !errors.Is(err, storage.ErrDamaged) || !bytes.HasPrefix(w.objects[key], got) {
			t.Errorf("%s: %d bytes, %v", key, len(got), err)
		}
	}
	if found := w.open(); !slices.Equal(found, keys[:flips/2]) {
		t.Fatalf("readers found %d", len(found))
	}
	if err := w.service.Scrub(catalogtest.Context(t), integrity.ScrubArgs{}, jobs.Info{}); err != nil {
		t.Fatal(err)
	}
	if found := w.open(); !slices.Equal(found, keys) {
		t.Fatalf("%d found, want %d", len(found), flips)
	}
	for _, key := range keys {
		if _, err := w.service.RepairObject(catalogtest.Context(t), key); !errors.Is(err, integrity.ErrNoSource) {
			t.Fatalf("without a source: %v", err)
		}
	}
	w.service.Sources = []storage.Store{w.second}
	for _, key := range keys {
		if from, err := w.service.RepairObject(catalogtest.Context(t), key); err != nil || from != w.second.String() {
			t.Fatalf("%s: from %q, %v", key, from, err)
		}
		if got, err := w.served(key); err != nil || !bytes.Equal(got, w.objects[key]) {
			t.Errorf("%s after repair: %d bytes, %v", key, len(got), err)
		}
	}
	if left := w.open(); len(left) != 0 {
		t.Errorf("%d still damaged", len(left))
	}
}

// A source that is damaged too replaces nothing.
func TestRepairFromADamagedSource(t *testing.T) {
	w := newWorld(t, catalogtest.SQLite(t))
	w.add(1, 1000, true)
	key := w.keys()[0]
	w.flip(key, 3)
	bad := bytes.Clone(w.objects[key])
	bad[0] ^= 0x80
	if err := w.second.Replace(catalogtest.Context(t), key, bytes.NewReader(bad),
		storage.PutOptions{Size: -1}); err != nil {
		t.Fatal(err)
	}
	w.service.Sources = []storage.Store{w.second}
	if _, err := w.service.RepairObject(catalogtest.Context(t), key); !errors.Is(err, integrity.ErrNoSource) {
		t.Errorf("repaired from a damaged source: %v", err)
	}
	if _, err := w.served(key); !errors.Is(err, storage.ErrDamaged) {
		t.Errorf("served: %v", err)
	}
}

// A round reads every object, continues where a slice was interrupted, adds missing checksums, and rests until the next
// round is due.
func TestScrub(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, cat *catalog.Catalog) {
		w := newWorld(t, cat)
		w.add(30, 2000, false)
		keys := w.keys()
		w.flip(keys[3], 5)
		if err := os.Remove(filepath.Join(w.dir, keys[7])); err != nil {
			t.Fatal(err)
		}
		w.write(func(tx *catalog.Tx) error { // something refers to the missing one
			a := &dam.Asset{ID: dam.NewID(dam.AssetPrefix), Library: dam.DefaultLibrary, Kind: dam.KindImage,
				Title: dam.Text{"en": "x"}}
			a.Latest = dam.Version{ID: dam.NewID(dam.VersionPrefix), Asset: a.ID, N: 1,
				SHA256: storage.KeySHA256(keys[7]), Size: 1, FileName: "x", MediaType: "x/x", Status: dam.Draft,
				Renditions: dam.RenditionsNone}
			return tx.Assets().InsertAsset(catalogtest.Context(t), a, dam.Metadata{})
		})
		if n, err := cat.Objects().Uncovered(catalogtest.Context(t)); err != nil || n != 30 {
			t.Fatalf("%d uncovered, %v", n, err)
		}
		// The process stops in the middle of the round.
		ctx, stop := context.WithCancel(catalogtest.Context(t))
		w.service.Store = &stopping{w.store, 10, stop}
		if err := w.service.Scrub(ctx, integrity.ScrubArgs{}, jobs.Info{}); err != nil {
			t.Fatal(err)
		}
		st, err := w.service.Status(catalogtest.Context(t))
		if err != nil || !st.Running || st.Objects < 8 || st.Objects > 10 || st.Last != nil {
			t.Fatalf("after the cut: %+v, %v", st, err)
		}
		before := st.Objects
		rest := &stopping{w.store, 1 << 30, func() {}}
		w.service.Store = rest
		scrub := func() integrity.Status {
			t.Helper()
			if err := w.service.Scrub(catalogtest.Context(t), integrity.ScrubArgs{}, jobs.Info{}); err != nil {
				t.Fatal(err)
			}
			st, err := w.service.Status(catalogtest.Context(t))
			if err != nil {
				t.Fatal(err)
			}
			return st
		}
		st = scrub()
		if st.Running || st.Last == nil || st.Last.Objects != 30 || st.Last.Damaged != 2 || st.Last.Covered != 28 ||
			st.Uncovered != 2 || st.Originals != 2 {
			t.Errorf("after the round: %+v, last %+v", st, st.Last)
		}
		if read := int64(1<<30 - rest.opens); read != 30-before {
			t.Errorf("the second slice read %d objects, want %d", read, 30-before)
		}
		if found := w.open(); !slices.Equal(found, []string{keys[3], keys[7]}) {
			t.Errorf("found %v", found)
		}
		if got, err := w.served(keys[0]); err != nil || !bytes.Equal(got, w.objects[keys[0]]) ||
			w.reader.Unverified() != 0 {
			t.Errorf("a covered object: %v, %d unverified", err, w.reader.Unverified())
		}
		rest.opens = 1 << 30
		if scrub(); rest.opens != 1<<30 {
			t.Error("the next round came at once")
		}
		// The next round finds that the files replaced by hand are whole.
		for _, k := range []string{keys[3], keys[7]} {
			if err := os.WriteFile(filepath.Join(w.dir, k), w.objects[k], 0o600); err != nil {
				t.Fatal(err)
			}
		}
		w.service.Within = 1
		if st = scrub(); st.Originals != 0 || st.Uncovered != 0 || st.Last.Damaged != 0 {
			t.Errorf("the next round: %+v", st)
		}
	})
}

// stopping stops the scrub after some objects.
type stopping struct {
	*disk.Store
	opens int
	stop  func()
}

func (s *stopping) Open(ctx context.Context, key string) (storage.Object, error) {
	if s.opens--; s.opens == 0 {
		s.stop()
	}
	return s.Store.Open(ctx, key)
}

// An unreachable store does not count as damage of its objects.
func TestScrubOfAStoreThatIsAway(t *testing.T) {
	w := newWorld(t, catalogtest.SQLite(t))
	w.add(3, 100, true)
	w.service.Store = away{w.store}
	if err := w.service.Scrub(catalogtest.Context(t), integrity.ScrubArgs{}, jobs.Info{}); !errors.Is(err, errAway) {
		t.Errorf("scrub: %v", err)
	}
	if found := w.open(); len(found) != 0 {
		t.Errorf("found %v", found)
	}
}

var errAway = errors.New("no route to host")

type away struct{ *disk.Store }

func (away) Open(context.Context, string) (storage.Object, error) { return nil, errAway }
func (away) Check(context.Context) error                          { return errAway }

// Orphans are removed as the collector does it: a concurrent write of one wins.
func TestOrphans(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, cat *catalog.Catalog) {
		w := newWorld(t, cat)
		w.add(3, 100, true)
		var stray []storage.Info
		for i := range 2 {
			data := []byte(fmt.Sprint("orphan ", i))
			key := storage.OriginalKey(storagetest.Sum(data))
			if err := w.store.Put(catalogtest.Context(t), key, bytes.NewReader(data),
				storage.PutOptions{Size: -1}); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.store.Put(catalogtest.Context(t), "erasures/x.json", bytes.NewReader(nil),
			storage.PutOptions{}); err != nil {
			t.Fatal(err)
		}
		if err := w.service.Orphans(catalogtest.Context(t),
			func(i storage.Info) error { stray = append(stray, i); return nil }); err != nil || len(stray) != 2 {
			t.Fatalf("%v, %v", stray, err)
		}
		pinned := catalog.Blob{Key: stray[0].Key, SHA256: storage.KeySHA256(stray[0].Key), Size: stray[0].Size}
		if err := cat.Pin(catalogtest.Context(t), time.Hour, pinned); err != nil {
			t.Fatal(err)
		}
		for i, info := range stray {
			if done, err := w.service.RemoveOrphan(catalogtest.Context(t), info); err != nil || done != (i == 1) {
				t.Errorf("%d: removed %v, %v", i, done, err)
			}
			if _, err := w.store.Stat(catalogtest.Context(t), info.Key); errors.Is(err,
				storage.ErrNotFound) != (i == 1) {
				t.Errorf("%d: %v", i, err)
			}
		}
	})
}
