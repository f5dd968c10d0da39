package ingest_test

import (
	"sync"
	"testing"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/catalog/catalogtest"
	"vitrine/dam/ingest"
	"vitrine/storage"
	"vitrine/storage/disk"
	"vitrine/storage/s3"
	"vitrine/storage/storagetest"
)

// An upload and the collector race for the same bytes, on both stores: whoever
// wins, an asset that was acknowledged has its object.
func TestUploadsRaceTheCollector(t *testing.T) {
	stores := map[string]func(t *testing.T) storage.Store{
		"disk": func(t *testing.T) storage.Store {
			s, err := disk.Open(t.TempDir())
			if err != nil {
				t.Fatal(err)
			}
			return s
		},
		"s3": func(t *testing.T) storage.Store {
			c := storagetest.MinIO(t)
			s, err := s3.Open(t.Context(), c.Location(), s3.Credentials{AccessKey: c.AccessKey, SecretKey: c.SecretKey})
			if err != nil {
				t.Fatal(err)
			}
			return s
		},
	}
	for name, open := range stores {
		t.Run(name, func(t *testing.T) {
			catalogtest.Each(t, func(t *testing.T, cat *catalog.Catalog) { raceCollector(t, cat, open(t)) })
		})
	}
}

func raceCollector(t *testing.T, cat *catalog.Catalog, store storage.Store) {
	h := open(t, cat)
	h.store, h.ingest.Store, h.collect.Store, h.rendered.Store = store, store, store, store
	data := []byte("plain bytes, no renditions")
	for round := range 12 {
		first := h.must(data, ingest.Upload{FileName: "a.txt", OnDuplicate: ingest.Keep})
		if _, err := h.assets.Delete(t.Context(), dam.DefaultLibrary, first.Asset.ID, 0); err != nil {
			t.Fatal(err)
		}
		if err := h.assets.Purge(t.Context(), dam.DefaultLibrary, first.Asset.ID); err != nil {
			t.Fatal(err)
		}
		if err := cat.Write(t.Context(), func(tx *catalog.Tx) error { return unpin(t.Context(), tx) }); err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		var second ingest.Result
		wg.Go(func() {
			if err := h.collect.Objects(t.Context()); err != nil {
				t.Error(err)
			}
		})
		wg.Go(func() { second = h.must(data, ingest.Upload{FileName: "b.txt", OnDuplicate: ingest.Keep}) })
		wg.Wait()
		if second.SHA256 == "" {
			t.FailNow()
		}
		if _, err := store.Stat(t.Context(), dam.OriginalKey(second.SHA256)); err != nil {
			t.Fatalf("round %d: an acknowledged asset without its object: %v", round, err)
		}
		if _, err := h.assets.Delete(t.Context(), dam.DefaultLibrary, second.Asset.ID, 0); err != nil {
			t.Fatal(err)
		}
	}
}
