package catalog_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/catalog/catalogtest"
)

func newAsset(sha string) *dam.Asset {
	a := &dam.Asset{ID: dam.NewID(dam.AssetPrefix), Library: dam.DefaultLibrary, Kind: dam.KindImage,
		Title: dam.Text{"en": "A chair"}, Tags: []string{"oak"}}
	a.Latest = dam.Version{ID: dam.NewID(dam.VersionPrefix), Asset: a.ID, N: 1, SHA256: sha, Size: 3,
		FileName: "chair.jpg", MediaType: "image/jpeg", Width: 2, Height: 1, Frames: 1, Status: dam.Draft,
		Renditions: dam.RenditionsPending}
	return a
}

func insert(ctx context.Context, t *testing.T, c *catalog.Catalog, sha string) *dam.Asset {
	t.Helper()
	a := newAsset(sha)
	if err := c.Write(ctx, func(tx *catalog.Tx) error {
		tx.Emit(dam.Event{Type: dam.AssetCreated, Subject: a.ID, Asset: a.ID})
		return tx.Assets().InsertAsset(ctx, a, dam.Metadata{Camera: "Box"})
	}); err != nil {
		t.Fatal(err)
	}
	return a
}

func TestAssetRoundTrip(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, c *catalog.Catalog) {
		ctx := catalog.WithActor(catalogtest.Context(t), dam.Principal{ID: "u_1",
			Grants: map[string]dam.Role{dam.DefaultLibrary: dam.Admin}})
		a, b := insert(ctx, t, c, "aa"), insert(ctx, t, c, "bb")
		if a.Number != 1 || b.Number != 2 {
			t.Errorf("numbers %d, %d: want dense 1, 2", a.Number, b.Number)
		}
		now := time.Now().UTC().Truncate(time.Microsecond)
		if err := c.Write(ctx, func(tx *catalog.Tx) error {
			x, err := tx.Assets().LockAsset(ctx, dam.DefaultLibrary, a.ID)
			if err != nil {
				return err
			}
			x.Captured = &dam.Capture{Wall: "2024-05-01T10:00:00", Offset: "+02:00"}
			x.Focal, x.Place = &dam.Point{X: .25, Y: .75}, &dam.Geo{Lat: 48.85, Lon: 2.35}
			x.Rights = dam.Rights{From: "2024-01-01", Territories: []string{"FR"}}
			x.DeletedAt = &now
			return tx.Assets().UpdateAsset(ctx, &x)
		}); err != nil {
			t.Fatal(err)
		}
		got, err := c.Assets().Asset(ctx, dam.DefaultLibrary, a.ID)
		if err != nil {
			t.Fatal(err)
		}
		if got.Revision != 2 || *got.Focal != (dam.Point{X: .25, Y: .75}) || got.Captured.Offset != "+02:00" ||
			got.Place.Lat != 48.85 || got.Rights.Territories[0] != "FR" ||
			!got.DeletedAt.Equal(now) || got.Title["en"] != "A chair" || got.Latest.SHA256 != "aa" ||
			got.CreatedBy != "u_1" {
			t.Errorf("read back %+v", got)
		}
		if _, err := c.Assets().Asset(ctx, "other", a.ID); dam.CodeOf(err) != dam.NotFound {
			t.Errorf("an asset of another library: %v, want not found", err)
		}
		list, err := c.Assets().List(ctx, []string{b.ID, "a_none", a.ID})
		if err != nil || len(list) != 2 || list[0].ID != b.ID || list[1].ID != a.ID {
			t.Errorf("Assets: %v %v", list, err)
		}
		if m, err := c.Versions().Embedded(ctx, a.Latest.ID); err != nil || m.Camera != "Box" {
			t.Errorf("Embedded: %+v %v", m, err)
		}
	})
}

// A change, its event and its rows commit together or not at all.
func TestRollbackLeavesNothing(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, c *catalog.Catalog) {
		ctx := catalogtest.Context(t)
		a := newAsset("aa")
		boom := errors.New("boom")
		err := c.Write(ctx, func(tx *catalog.Tx) error {
			tx.Emit(dam.Event{Type: dam.AssetCreated, Subject: a.ID, Asset: a.ID})
			if err := tx.Assets().InsertAsset(ctx, a, dam.Metadata{}); err != nil {
				return err
			}
			return boom
		})
		if !errors.Is(err, boom) {
			t.Fatal(err)
		}
		if head, err := c.Log().Head(ctx); err != nil || head != 0 {
			t.Errorf("head %d %v after a rollback", head, err)
		}
		if n, err := c.Assets().CountAssets(ctx, dam.DefaultLibrary); err != nil || n != 0 {
			t.Errorf("%d assets %v after a rollback", n, err)
		}
	})
}

// 16 writers with random delays and rollbacks, and a follower that reads along: seqs have no gap, and none arrives
// late.
func TestEventOrder(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, c *catalog.Catalog) {
		ctx := catalogtest.Context(t)
		const writers, rounds = 16, 15
		committed := make([]int, writers)
		var wg sync.WaitGroup
		for w := range writers {
			wg.Go(func() {
				r := rand.New(rand.NewPCG(uint64(w), 7))
				for i := range rounds {
					abort := errors.New("abort")
					n := 1 + r.IntN(3)
					fail := r.IntN(4) == 0
					err := c.Write(ctx, func(tx *catalog.Tx) error {
						for k := range n {
							tx.Emit(dam.Event{Type: dam.AssetUpdated, Subject: fmt.Sprintf("%d-%d-%d", w, i, k)})
						}
						time.Sleep(time.Duration(r.IntN(2000)) * time.Microsecond) // the random delay under test
						if fail {
							return abort
						}
						return nil
					})
					if err == nil {
						committed[w] += n
					} else if !errors.Is(err, abort) {
						t.Error(err)
					}
				}
			})
		}
		done := make(chan struct{})
		go func() { wg.Wait(); close(done) }()
		var cursor int64
		seen := 0
		for finished := false; ; {
			list, err := c.Log().Events(ctx, "", cursor, 7)
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range list {
				if e.Seq != cursor+1 {
					t.Fatalf("seq %d after %d: a hole or a late arrival", e.Seq, cursor)
				}
				cursor = e.Seq
				seen++
			}
			if len(list) == 0 {
				if finished {
					break
				}
				select {
				case <-done:
					finished = true
				default:
				}
			}
		}
		want := 0
		for _, n := range committed {
			want += n
		}
		if seen != want {
			t.Errorf("followed %d events, %d were committed", seen, want)
		}
	})
}

func TestIdempotencyKey(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, c *catalog.Catalog) {
		do := func(key, fingerprint string) (string, error) {
			ctx := catalog.WithIdempotencyKey(catalog.WithActor(catalogtest.Context(t), dam.Principal{ID: "u_1"}),
				catalog.IdempotencyKey{Key: key, Fingerprint: fingerprint})
			return catalog.Do(ctx, c, func(tx *catalog.Tx) (string, error) {
				tx.Emit(dam.Event{Type: dam.AssetUpdated, Subject: "x"})
				return dam.NewID("x"), nil
			})
		}
		first, err := do("k", "f")
		if err != nil {
			t.Fatal(err)
		}
		if again, err := do("k", "f"); err != nil || again != first {
			t.Errorf("a repeat returned %q %v, want the first answer %q", again, err, first)
		}
		if _, err := do("k", "other"); dam.CodeOf(err) != dam.Invalid {
			t.Errorf("the key for another request: %v", err)
		}
		var wg sync.WaitGroup
		answers := make([]string, 8)
		for i := range answers {
			wg.Go(func() {
				var err error
				if answers[i], err = do("race", "f"); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		for _, a := range answers {
			if a != answers[0] {
				t.Errorf("two answers for one key: %v", answers)
			}
		}
		if head, _ := c.Log().Head(catalogtest.Context(t)); head != 2 {
			t.Errorf("%d changes happened, want 2", head)
		}
	})
}

// The collector and an upload race for the same object, many times.
func TestBlobLife(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, c *catalog.Catalog) {
		ctx := catalogtest.Context(t)
		var mu sync.Mutex
		store := map[string]bool{}
		for i := range 40 {
			sha := fmt.Sprintf("%064x", i)
			key := dam.OriginalKey(sha)
			if err := c.Pin(ctx, -time.Hour, catalog.Blob{Key: key, SHA256: sha, Size: 1}); err != nil {
				t.Fatal(err)
			}
			store[key] = true
			if _, err := c.Tombstone(ctx); err != nil {
				t.Fatal(err)
			}
			var wg sync.WaitGroup
			wg.Go(func() {
				if _, err := c.Collect(ctx, key, time.Now().Add(time.Hour), func(_ context.Context, k string) error {
					mu.Lock()
					defer mu.Unlock()
					delete(store, k)
					return nil
				}); err != nil {
					t.Error(err)
				}
			})
			wg.Go(func() {
				if err := c.Pin(ctx, time.Hour, catalog.Blob{Key: key, SHA256: sha, Size: 1}); err != nil {
					t.Error(err)
				}
				mu.Lock()
				store[key] = true // create-if-absent
				mu.Unlock()
				if err := c.Write(ctx, func(tx *catalog.Tx) error {
					if err := tx.Objects().Attach(ctx, catalog.Blob{Key: key, SHA256: sha, Size: 1}); err != nil {
						return err
					}
					return tx.Assets().InsertAsset(ctx, newAsset(sha), dam.Metadata{})
				}); err != nil {
					t.Error(err)
				}
			})
			wg.Wait()
			if !store[key] {
				t.Fatalf("round %d: an attached object was collected", i)
			}
		}
		// Attached objects are never tombstoned; released ones go.
		if n, err := c.Tombstone(ctx); err != nil || n != 0 {
			t.Errorf("%d attached objects tombstoned: %v", n, err)
		}
	})
}

// All unreferenced objects are tombstoned a page at a time, however many there are.
func TestTombstonePages(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, c *catalog.Catalog) {
		const objects = 4500
		blobs := make([]catalog.Blob, objects)
		for i := range blobs {
			sha := fmt.Sprintf("%064x", i*i)
			blobs[i] = catalog.Blob{Key: dam.OriginalKey(sha), SHA256: sha, Size: 1}
		}
		if err := c.Pin(catalogtest.Context(t), -time.Hour, blobs...); err != nil {
			t.Fatal(err)
		}
		if err := c.Pin(catalogtest.Context(t), time.Hour, blobs[7], blobs[3000]); err != nil {
			t.Fatal(err)
		}
		for _, want := range []int64{objects - 2, 0} {
			if n, err := c.Tombstone(catalogtest.Context(t)); err != nil || n != want {
				t.Errorf("%d are marked, want %d: %v", n, want, err)
			}
		}
	})
}
