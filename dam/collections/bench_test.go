package collections_test

import (
	"fmt"
	"testing"
	"time"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/catalog/catalogtest"
	"vitrine/dam/collections"
)

// BenchmarkTree lists a page of children in a tree of 100,000 collections, twenty levels deep: right after a change
// somewhere in it, and again.
//
//	go test ./dam/collections -run xxx -bench Tree -benchtime 20x
func BenchmarkTree(b *testing.B) {
	const all, depth = 100_000, 20
	for name, open := range catalogtest.Measured() {
		b.Run(name, func(b *testing.B) {
			cat, ctx := open(b), catalogtest.Context(b)
			var ids [all]string
			for begin := 0; begin < all; begin += 1000 {
				if err := cat.Write(ctx, func(tx *catalog.Tx) error {
					for i := begin; i < begin+1000; i++ {
						c := dam.Collection{ID: fmt.Sprintf("c_%06d", i), Library: library,
							Name: fmt.Sprintf("Collection %06d", i), Position: int64(i+1) << 20}
						if i%depth > 0 {
							c.Parent = ids[i-1]
						}
						ids[i] = c.ID
						if err := tx.Assets().Collections().PutCollection(ctx, &c); err != nil {
							return err
						}
					}
					return nil
				}); err != nil {
					b.Fatal(err)
				}
			}
			s := newWorld(b, cat).s
			page := func() time.Duration {
				at := time.Now()
				list, _, err := s.List(ctx, library, collections.Page{Parent: collections.Top, Limit: 100})
				if err != nil || len(list) != 100 {
					b.Fatal(len(list), err)
				}
				return time.Since(at)
			}
			var changed, again time.Duration
			n := 0
			for ; b.Loop(); n++ {
				name := fmt.Sprintf("Renamed %d", n)
				if _, err := s.Change(ctx, library, ids[n], 0, collections.Edit{Name: &name}); err != nil {
					b.Fatal(err)
				}
				changed += page()
				again += page()
			}
			b.ReportMetric(changed.Seconds()*1000/float64(n), "changed-ms")
			b.ReportMetric(again.Seconds()*1000/float64(n), "again-ms")
		})
	}
}
