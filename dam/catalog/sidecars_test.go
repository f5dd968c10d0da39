package catalog_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/catalog/catalogtest"
)

// Only files that a sidecar can belong to are read to find its own, and no more of them than asked for.
func TestRecentBy(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, c *catalog.Catalog) {
		ctx := catalogtest.Context(t)
		if err := c.Write(ctx, func(tx *catalog.Tx) error {
			for i, name := range []string{"shot.00001.exr", "shot.00002.exr", "SHOT.00001.jpg", "shot.00001",
				"shot.00001.jpg.png", "shot.000011.exr", "shotx00001.exr", "shot"} {
				a := newAsset(fmt.Sprintf("%064x", i))
				a.Latest.FileName = name
				if err := tx.Assets().InsertAsset(ctx, a, dam.Metadata{}); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		for most, want := range map[int]int{9: 3, 2: 2} {
			list, err := c.Versions().RecentBy(ctx, dam.DefaultLibrary, catalog.ActorOf(ctx).ID,
				time.Now().Add(-time.Hour), dam.SidecarStem("shot.00001.xmp"), most)
			if err != nil {
				t.Fatal(err)
			}
			var names []string
			for _, v := range list {
				names = append(names, v.FileName)
			}
			slices.Sort(names)
			if len(names) != want || most > want && !slices.Equal(names, []string{"SHOT.00001.jpg", "shot.00001",
				"shot.00001.exr"}) {
				t.Errorf("at most %d: %q", most, names)
			}
		}
	})
}
