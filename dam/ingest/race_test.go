package ingest_test

import (
	"sync"
	"testing"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/catalog/catalogtest"
	"vitrine/dam/ingest"
	"vitrine/storage/storagetest"
)

// An upload and the collector race for the same bytes, on both stores: whoever
// wins, an asset that was acknowledged has its object.
func TestUploadsRaceTheCollector(t *testing.T) {
	for name, settings := range map[string]func(t *testing.T) []string{
		"disk": func(*testing.T) []string { return nil },
		"s3": func(t *testing.T) []string {
			c := storagetest.MinIO(t)
			location := c.Location()
			return []string{"--storage", location.String(), "VITRINE_S3_ACCESS_KEY=" + c.AccessKey,
				"VITRINE_S3_SECRET_KEY=" + c.SecretKey}
		},
	} {
		t.Run(name, func(t *testing.T) {
			catalogtest.Each(t, func(t *testing.T, cat *catalog.Catalog) {
				raceCollector(t, open(t, cat, settings(t)...))
			})
		})
	}
}

func raceCollector(t *testing.T, h *house) {
	data := []byte("plain bytes, no renditions")
	for round := range 12 {
		first := h.must(data, ingest.Upload{FileName: "a.txt", OnDuplicate: ingest.Keep})
		if _, err := h.assets.Delete(catalogtest.Context(t), dam.DefaultLibrary, first.Asset.ID, 0); err != nil {
			t.Fatal(err)
		}
		if err := h.assets.Purge(catalogtest.Context(t), dam.DefaultLibrary, first.Asset.ID); err != nil {
			t.Fatal(err)
		}
		if err := h.cat.Write(catalogtest.Context(t),
			func(tx *catalog.Tx) error { return unpin(catalogtest.Context(t), tx) }); err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		var second ingest.Result
		wg.Go(func() {
			if err := h.collect.Objects(catalogtest.Context(t)); err != nil {
				t.Error(err)
			}
		})
		wg.Go(func() { second = h.must(data, ingest.Upload{FileName: "b.txt", OnDuplicate: ingest.Keep}) })
		wg.Wait()
		if second.SHA256 == "" {
			t.FailNow()
		}
		if _, err := h.store.Stat(catalogtest.Context(t), dam.OriginalKey(second.SHA256)); err != nil {
			t.Fatalf("round %d: an acknowledged asset without its object: %v", round, err)
		}
		if _, err := h.assets.Delete(catalogtest.Context(t), dam.DefaultLibrary, second.Asset.ID, 0); err != nil {
			t.Fatal(err)
		}
	}
}
