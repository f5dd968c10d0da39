package catalog_test

import (
	"testing"
	"time"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/catalog/catalogtest"
	"vitrine/dam/reasons"
)

// A recall that waited for an approval's transaction, or ran on a node whose clock is behind, still counts after that
// approval.
func TestRecallCountsAfterApprovals(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, c *catalog.Catalog) {
		ctx := catalogtest.Context(t)
		a := dam.Asset{ID: dam.NewID(dam.AssetPrefix), Library: dam.DefaultLibrary, Kind: dam.KindImage}
		a.Latest = dam.Version{ID: dam.NewID(dam.VersionPrefix), Asset: a.ID, N: 1, SHA256: "aa", Status: dam.Draft}
		if err := c.Write(ctx, func(tx *catalog.Tx) error {
			if err := tx.Assets().InsertAsset(ctx, &a, dam.Metadata{}); err != nil {
				return err
			}
			later := tx.Now().Add(time.Hour)
			a.Latest.Status, a.Latest.ApprovedAt = dam.Approved, &later
			if err := tx.Versions().UpdateVersion(ctx, a.Latest); err != nil {
				return err
			}
			a.Live, a.Published = a.Latest.ID, true
			return tx.Assets().UpdateAsset(ctx, &a)
		}); err != nil {
			t.Fatal(err)
		}
		public := func() bool {
			got, err := c.Assets().Asset(ctx, dam.DefaultLibrary, a.ID)
			if err != nil {
				t.Fatal(err)
			}
			return dam.VisibilityAt(got.PublicFacts(time.UTC), time.Now(), dam.UnknownAudience).Public()
		}
		if !public() {
			t.Fatal("what is approved is not public")
		}
		if err := c.Write(ctx, func(tx *catalog.Tx) error {
			return tx.Assets().RecallAsset(ctx, a.ID, reasons.RecalledEverywhereFor("why"))
		}); err != nil {
			t.Fatal(err)
		}
		if public() {
			t.Error("a recall of what was approved counts for nothing")
		}
	})
}
