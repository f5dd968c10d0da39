package integrity_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
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

// skipping is a clock that advances only during Sleep.
type skipping struct {
	now    time.Time
	before func() // called before each sleep; nil for nothing
}

func (c *skipping) Now() time.Time { return c.now }

func (c *skipping) Sleep(ctx context.Context, d time.Duration) error {
	if c.before != nil {
		c.before()
	}
	if ctx.Err() == nil {
		c.now = c.now.Add(d)
	}
	return ctx.Err()
}

func (w *world) scrub(ctx context.Context) integrity.Status {
	w.Helper()
	if err := w.service.Scrub(ctx, integrity.ScrubArgs{}, jobs.Info{}); err != nil {
		w.Fatal(err)
	}
	st, err := w.service.Status(w.Context())
	if err != nil {
		w.Fatal(err)
	}
	return st
}

func (w *world) hold() (release func()) {
	w.Helper()
	if _, err := w.cat.BeginEpoch(w.Context(), catalog.EpochStart{Reason: dam.EpochRestored}); err != nil {
		w.Fatal(err)
	}
	return func() {
		w.Helper()
		hold, err := w.cat.Epochs().Hold(w.Context())
		if err != nil || hold == nil {
			w.Fatalf("%v, %v", hold, err)
		}
		w.write(func(tx *catalog.Tx) error { return tx.Epochs().ReleaseHold(w.Context(), hold.Epoch) })
	}
}

// Objects that take longer than a slice are read whole, each in one slice, and do not count as damaged; the slice ends
// before the next object. An interrupted read is no damage either, and the next slice begins with that object.
func TestScrubOfObjectsLargerThanASlice(t *testing.T) {
	const objects = 4
	w := newWorld(t, catalogtest.SQLite(t))
	w.add(objects, 2_000_000, true)
	var total int64
	for _, b := range w.objects {
		if len(b) < storage.BlockSize+60_000 {
			t.Fatalf("an object of %d bytes is read within a slice", len(b))
		}
		total += int64(len(b))
	}
	c := &skipping{now: time.Now()}
	w.service.SetClock(c)
	w.service.Rate = 1000
	for i := range objects {
		if i == 2 {
			ctx, stop := context.WithCancel(catalogtest.Context(t))
			c.before = stop
			if st := w.scrub(ctx); st.Objects != 2 {
				t.Errorf("cut off inside the third object: %d were read", st.Objects)
			}
			c.before = nil
		}
		if st := w.scrub(catalogtest.Context(t)); st.Objects != int64(i+1) || !st.Running && i < objects-1 {
			t.Fatalf("after slice %d: %+v", i+1, st)
		}
	}
	if st := w.scrub(catalogtest.Context(t)); st.Running || st.Last == nil || st.Last.Objects != objects ||
		st.Last.Bytes != total || st.Last.Damaged != 0 {
		t.Errorf("after the round: %+v, last %+v", st, st.Last)
	}
	if found := w.open(); len(found) != 0 {
		t.Errorf("healthy objects are said to be damaged: %v", found)
	}
}

// The machine's clock stops waiting when the job is cancelled.
func TestScrubStopsWhileItWaits(t *testing.T) {
	w := newWorld(t, catalogtest.SQLite(t))
	w.add(1, 2_000_000, true)
	w.service.Rate = 1 // the first wait would take days
	ctx, stop := context.WithCancel(catalogtest.Context(t))
	w.service.Store = stopAtEnd{w.store, stop}
	if st := w.scrub(ctx); st.Objects != 0 || st.Damaged != 0 || len(w.open()) != 0 {
		t.Errorf("%+v, damaged %v", st, w.open())
	}
}

// stopAtEnd cancels the scrub at the first bytes of an object.
type stopAtEnd struct {
	*disk.Store
	stop func()
}

func (s stopAtEnd) Open(ctx context.Context, key string) (storage.Object, error) {
	o, err := s.Store.Open(ctx, key)
	return stopsReading{o, s.stop}, err
}

type stopsReading struct {
	storage.Object
	stop func()
}

func (o stopsReading) Read(p []byte) (int, error) {
	defer o.stop()
	return o.Object.Read(p)
}

// A bucket may deny listing unfinished uploads; its objects are read nevertheless.
func TestScrubWhereNothingMayBeTidied(t *testing.T) {
	w := newWorld(t, catalogtest.SQLite(t))
	w.add(3, 100, true)
	w.service.Store = untidy{w.store}
	if st := w.scrub(catalogtest.Context(t)); st.Last == nil || st.Last.Objects != 3 {
		t.Errorf("%+v", st)
	}
}

type untidy struct{ *disk.Store }

func (untidy) Clean(context.Context, string, time.Time) (int, error) {
	return 0, errors.New("AccessDenied: s3:ListBucketMultipartUploads")
}

// During a hold the store may also be another server's: the scrub and its repairs wait for the release.
func TestHold(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, cat *catalog.Catalog) {
		w := newWorld(t, cat)
		w.add(2, 1000, true)
		w.service.Sources = []storage.Store{w.second}
		bad := w.keys()[0]
		w.flip(bad, 3)
		if _, err := w.served(bad); !errors.Is(err, storage.ErrDamaged) { // it is recorded
			t.Fatal(err)
		}
		other := w.keys()[1]
		w.flip(other, 3)
		release := w.hold()
		w.service.Store = readOnly{w.store, t}
		if st := w.scrub(catalogtest.Context(t)); st.Running || st.Last != nil || len(w.open()) != 1 {
			t.Errorf("a scrub during the hold: %+v, damaged %v", st, w.open())
		}
		if n, err := w.service.Clean(catalogtest.Context(t), time.Now()); n != 0 || err != nil {
			t.Errorf("cleaned %d, %v", n, err)
		}
		repair := func(key string) error {
			return w.service.Repair(catalogtest.Context(t), integrity.RepairArgs{Key: key}, jobs.Info{})
		}
		if err := repair(bad); !errors.Is(err, jobs.Snooze(0)) {
			t.Errorf("a repair during the hold: %v", err)
		}
		release()
		w.service.Store = w.store
		if w.scrub(catalogtest.Context(t)); len(w.open()) != 2 {
			t.Errorf("after the release, damaged %v", w.open())
		}
		for _, key := range []string{bad, other} {
			if err := repair(key); err != nil {
				t.Error(err)
			}
		}
		if found := w.open(); len(found) != 0 {
			t.Errorf("after repairs: %v", found)
		}
	})
}

// readOnly is a store in which nothing may be changed.
type readOnly struct {
	*disk.Store
	t *testing.T
}

func (s readOnly) Replace(context.Context, string, io.Reader, storage.PutOptions) error {
	s.t.Error("replaced")
	return nil
}

func (s readOnly) Clean(context.Context, string, time.Time) (int, error) {
	s.t.Error("cleaned")
	return 0, nil
}

// An unreachable source makes the repair fail, so that it is retried; when all attempts are used up, the scrub that
// finds the damage again requests a new repair, one at a time.
func TestRepairFromASourceThatIsAway(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, cat *catalog.Catalog) {
		w := newWorld(t, cat)
		queue, err := jobs.New(cat, "here", slog.New(slog.DiscardHandler))
		if err == nil {
			err = queue.Migrate(catalogtest.Context(t))
		}
		if err != nil {
			t.Fatal(err)
		}
		w.service.Jobs = queue
		w.service.Within = 1
		waiting := func() []jobs.Job {
			t.Helper()
			list, err := queue.List(catalogtest.Context(t), jobs.Waiting, 10)
			if err != nil {
				t.Fatal(err)
			}
			return list
		}
		w.add(1, 1000, true)
		key := w.keys()[0]
		w.flip(key, 3)
		w.scrub(catalogtest.Context(t))
		first := waiting()
		if len(first) != 1 || first[0].Max < 8 {
			t.Fatalf("asked for %+v", first)
		}
		w.service.Sources = []storage.Store{away{w.second}}
		err = w.service.Repair(catalogtest.Context(t), integrity.RepairArgs{Key: key}, jobs.Info{})
		if dam.CodeOf(err) != dam.Unavailable || !errors.Is(err, errAway) || !errors.Is(err, integrity.ErrNoSource) {
			t.Errorf("with its source away: %v", err)
		}
		if w.scrub(catalogtest.Context(t)); len(waiting()) != 1 {
			t.Errorf("beside the first repair: %+v", waiting())
		}
		if err := queue.Cancel(catalogtest.Context(t), first[0].ID); err != nil {
			t.Fatal(err)
		}
		if w.scrub(catalogtest.Context(t)); len(waiting()) != 1 {
			t.Errorf("after the first repair has ended: %+v", waiting())
		}
		w.service.Sources = []storage.Store{away{w.second}, w.second}
		if err := w.service.Repair(catalogtest.Context(t), integrity.RepairArgs{Key: key}, jobs.Info{}); err != nil {
			t.Errorf("from the source that answers: %v", err)
		}
		if found := w.open(); len(found) != 0 {
			t.Errorf("still damaged: %v", found)
		}
	})
}

// During a hold no orphan is removed or recorded as known, so that it can still be claimed and exists after the
// release.
func TestOrphansDuringAHold(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, cat *catalog.Catalog) {
		w := newWorld(t, cat)
		data := []byte("orphan")
		key := storage.OriginalKey(storagetest.Sum(data))
		if err := w.store.Put(catalogtest.Context(t), key, bytes.NewReader(data),
			storage.PutOptions{Size: -1}); err != nil {
			t.Fatal(err)
		}
		orphans := func() (list []storage.Info) {
			t.Helper()
			if err := w.service.Orphans(catalogtest.Context(t),
				func(i storage.Info) error { list = append(list, i); return nil }); err != nil {
				t.Fatal(err)
			}
			return list
		}
		release := w.hold()
		found := orphans()
		if len(found) != 1 {
			t.Fatalf("%+v", found)
		}
		done, err := w.service.RemoveOrphan(catalogtest.Context(t), found[0])
		var refused *dam.Error
		if done || !errors.As(err, &refused) || refused.Code != dam.Conflict || refused.Advice() == "" {
			t.Errorf("removed %v, %v", done, err)
		}
		if len(orphans()) != 1 {
			t.Error("the orphan is taken for known")
		}
		release()
		if list, err := cat.Objects().Tombstoned(catalogtest.Context(t), time.Now(), 10); err != nil || len(list) != 0 {
			t.Errorf("the next sweep would remove %v, %v", list, err)
		}
		if done, err := w.service.RemoveOrphan(catalogtest.Context(t), found[0]); err != nil || !done ||
			len(orphans()) != 0 {
			t.Errorf("after the release: removed %v, %v", done, err)
		}
	})
}

// Unreadable records of erasures make the store count as damaged, even if every object is intact.
func TestLostErasures(t *testing.T) {
	w := newWorld(t, catalogtest.SQLite(t))
	lost := 0
	w.service.LostErasures = func() int { return lost }
	if err := w.service.Check(catalogtest.Context(t)); err != nil {
		t.Errorf("none lost: %v", err)
	}
	lost = 2
	if st, err := w.service.Status(catalogtest.Context(t)); err != nil || st.Erasures != 2 {
		t.Errorf("status %+v, %v", st, err)
	}
	if err := w.service.Check(catalogtest.Context(t)); dam.CodeOf(err) != dam.Damaged ||
		!strings.Contains(err.Error(), "2 records of erasures") {
		t.Errorf("check: %v", err)
	}
}

// The scrub reads the mirror along with the main store: what is missing or damaged in it is queued to be rewritten from
// the main store, and is no damage of the main store. An unreachable mirror is skipped.
func TestScrubReadsTheSecondStore(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, c *catalog.Catalog) {
		w := newWorld(t, c)
		w.add(4, 3*storage.BlockSize, true)
		if err := c.Mirror().UseMirror(catalogtest.Context(t), w.second.String()); err != nil {
			t.Fatal(err)
		}
		w.service.Second, w.service.Within = w.second, time.Nanosecond // each scrub is a round
		queued := func() (keys []string) {
			t.Helper()
			items, err := c.Mirror().MirrorDue(catalogtest.Context(t), c.Now().Add(time.Hour), 100)
			if err != nil {
				t.Fatal(err)
			}
			for _, i := range items {
				keys = append(keys, i.Key)
			}
			slices.Sort(keys)
			if err := c.Mirror().MirrorDone(catalogtest.Context(t), items...); err != nil {
				t.Fatal(err)
			}
			return keys
		}
		queued() // what was stored
		if st := w.scrub(catalogtest.Context(t)); st.Last == nil || len(queued()) != 0 {
			t.Fatalf("both stores are whole: %+v", st)
		}
		keys := slices.Sorted(maps.Keys(w.objects))
		dir := strings.TrimPrefix(w.second.String(), "disk:")
		other := bytes.Clone(w.objects[keys[1]])
		other[0] ^= 1
		if err := errors.Join(os.WriteFile(filepath.Join(dir, keys[1]), other, 0o600),
			os.Remove(filepath.Join(dir, keys[3]))); err != nil {
			t.Fatal(err)
		}
		if st := w.scrub(catalogtest.Context(t)); st.Last.Objects != 4 || st.Last.Damaged != 0 || st.Originals != 0 {
			t.Errorf("the first store is whole: %+v", st)
		}
		if got := queued(); !slices.Equal(got, []string{keys[1], keys[3]}) {
			t.Errorf("queued %v, want %v", got, []string{keys[1], keys[3]})
		}
		if err := os.RemoveAll(dir); err != nil {
			t.Fatal(err)
		}
		if st := w.scrub(catalogtest.Context(t)); st.Last.Objects != 4 || len(queued()) != 0 {
			t.Errorf("while the second store is away: %+v", st)
		}
	})
}
