package bleve_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"vitrine/dam"
	"vitrine/search"
	"vitrine/search/searchbench"
	"vitrine/search/searchtest"
)

// BenchmarkCollectionFollow edits one asset after the other of a smart collection that has all of them, so that it
// leaves or comes back, and waits until the collection says so.
//
//	go test ./search/bleve -run xxx -bench CollectionFollow -benchtime 1000x [-assets 1000000]
func BenchmarkCollectionFollow(b *testing.B) {
	g := searchbench.New(42)
	cat := searchtest.NewCatalog()
	assets := make([]dam.Asset, *benchAssets)
	for i := range assets {
		assets[i] = g.Asset(uint32(i + 1))
		assets[i].Rating = 5
		cat.Put(assets[i])
	}
	ctx := dam.AsSystem(context.Background(), "a test's own steps")
	x := built(ctx, b, cat)
	best := []search.Collection{{ID: "c_best", Name: "Best", Query: "rating:5"}}
	r := search.Request{Library: dam.DefaultLibrary, Q: "collection:c_best",
		Collections: func(string) ([]search.Collection, bool, error) { return best, true, nil }}
	var took []time.Duration
	has := len(assets)
	for i := 0; b.Loop(); i++ {
		a := &assets[(i*7919)%len(assets)]
		if a.Rating == 5 {
			a.Rating, has = 1, has-1
		} else {
			a.Rating, has = 5, has+1
		}
		at := time.Now()
		r.WaitSeq = cat.Put(*a)
		found, err := x.Query(ctx, r)
		took = append(took, time.Since(at))
		must(b, err)
		if found.Total != has {
			b.Fatalf("the collection has %d assets instead of %d", found.Total, has)
		}
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
}
