package catalog_test

import (
	"reflect"
	"slices"
	"testing"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/catalog/catalogtest"
)

const insertProduct = `INSERT INTO products(library,key,sku,gtin,names,attributes,stock,price,words,revision,created_at,created_by,updated_at) VALUES`

// finishNames does what migration 24 leaves to do, in a catalogue with what an earlier version stored. It returns the
// events of it.
func finishNames(t *testing.T, c *catalog.Catalog, stored ...string) []dam.Event {
	t.Helper()
	ctx := catalogtest.Context(t)
	run(t, c, stored...)
	run(t, c, `INSERT INTO name_work VALUES ('fields',3,'',''), ('collections',5,'',''), ('products',7,'',''), ('slots',8,'',''),
		('waiting',9,'',''), ('assets',10,'','')`)
	head, err := c.Log().Head(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Migrate(ctx); err != nil {
		t.Fatal(err)
	}
	events, err := c.Log().Events(ctx, "", head, 100)
	if err != nil {
		t.Fatal(err)
	}
	return events
}

// insertAssets stores n assets without anything special and returns their ids.
func insertAssets(t *testing.T, c *catalog.Catalog, n int) (ids []string) {
	t.Helper()
	ctx := catalogtest.Context(t)
	if err := c.Write(ctx, func(tx *catalog.Tx) error {
		ids = nil
		for range n {
			a := dam.Asset{ID: dam.NewID(dam.AssetPrefix), Library: dam.DefaultLibrary, Kind: dam.KindImage,
				Latest: dam.Version{ID: dam.NewID(dam.VersionPrefix), N: 1, FileName: "chair.jpg", Status: dam.Draft}}
			a.Latest.Asset = a.ID
			if err := tx.Assets().InsertAsset(ctx, &a, dam.Metadata{}); err != nil {
				return err
			}
			ids = append(ids, a.ID)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return ids
}

// Earlier versions made a key of small letters before anything was composed: of a decomposed İ, an i with a dot.
func TestNamesDottedKeys(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, c *catalog.Catalog) {
		ctx := catalogtest.Context(t)
		finishNames(t, c,
			insertProduct+`('main','bi`+"\u0307"+`r','BI`+"\u0307"+`R','','{}','{}',NULL,NULL,'',1,100,'u_1',100)`,
			insertProduct+`('main','ki`+"\u0307"+`m','ki`+"\u0307"+`m','','{}','{}',3,NULL,'',1,100,'u_1',100)`,
			insertProduct+`('main','kim','KİM','','{}','{}',4,NULL,'',1,200,'u_1',200)`)
		for _, sku := range []string{"BI\u0307R", "BİR", "bir", "KİM", "kim"} {
			if _, err := c.Products().Product(ctx, dam.DefaultLibrary, sku); err != nil {
				t.Errorf("%+q: %v", sku, err)
			}
		}
		p, err := c.Products().Product(ctx, dam.DefaultLibrary, "KİM")
		if err != nil || p.SKU != "KİM" || *p.Stock != 3 || p.CreatedAt.UnixMicro() != 100 {
			t.Errorf("of two, %+v, %v", p, err)
		}
	})
}

// Choices that differ by their capitals are two, as they were before the upgrade.
func TestNamesChoices(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, c *catalog.Catalog) {
		ctx := catalogtest.Context(t)
		id := insertAssets(t, c, 1)[0]
		finishNames(t, c,
			`INSERT INTO fields(library,key,position,spec) VALUES('main','unit',0,'{"key":"unit","type":"choice","multi":true,"choices":["mm","Mm","me`+
				"\u0300"+`tre"]}')`,
			`UPDATE assets SET custom='{"unit":["mm","Mm","me`+"\u0300"+`tre"]}' WHERE id='`+id+`'`)
		fields, err := c.Libraries().CustomFields(ctx, dam.DefaultLibrary)
		if err != nil || len(fields) != 1 || !slices.Equal(fields[0].Choices, []string{"mm", "Mm", "mètre"}) {
			t.Errorf("%+v %v", fields, err)
		}
		a, err := c.Assets().Asset(ctx, dam.DefaultLibrary, id)
		if err != nil || !reflect.DeepEqual(a.Custom, map[string]any{"unit": []any{"mm", "Mm", "mètre"}}) {
			t.Errorf("%+q %v", a.Custom, err)
		}
	})
}
