package catalog_test

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
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
	run(t, c,
		`INSERT INTO name_work VALUES ('fields',3,'',''), ('collections',5,'',''), ('products',7,'',''), ('slots',8,'',''),
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

// Of two spellings of an attribute or a locale that one product has, the log keeps the value that goes.
func TestNamesLostValues(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, c *catalog.Catalog) {
		ctx := catalogtest.Context(t)
		defer catalog.NamePortion(1)()
		attributes := func(value string) string { return `{"Matie` + "\u0300" + `re":"` + value + `","Matière":"oak"}` }
		events := finishNames(t, c,
			insertProduct+`('main','1','1','','{}','{"Matie`+"\u0300"+`re":"elm"}',NULL,NULL,'',1,100,'u_1',100)`,
			insertProduct+`('main','a','A','','{"fr-fr":"Une","fr-FR":"Un"}','`+attributes("ash")+
				`',NULL,NULL,'',1,100,'u_1',100)`,
			insertProduct+`('main','b','B','','{}','`+attributes("beech")+`',NULL,NULL,'',1,100,'u_1',100)`,
			// merged with another, each of which has two spellings itself
			insertProduct+`('main','ce`+"\u0301"+`','CE`+"\u0301"+`','','{}','`+attributes("cedar")+
				`',NULL,NULL,'',1,100,'u_1',100)`,
			insertProduct+`('main','cé','CÉ','','{"fr-fr":"Deux","fr-FR":"Deu"}','`+attributes("cherry")+
				`',NULL,NULL,'',1,200,'u_1',200)`)
		var kept strings.Builder
		for _, e := range events {
			values, err := c.Log().Changes(ctx, e.Seq)
			if err != nil {
				t.Fatal(err)
			}
			for _, v := range values {
				fmt.Fprintln(&kept, e.Subject, v.Field, v.Before)
			}
		}
		for _, lost := range []string{"Une", "ash", "beech", "cedar", "cherry", "Deux"} {
			if !strings.Contains(kept.String(), lost) {
				t.Errorf("the log has no %q:\n%s", lost, kept.String())
			}
		}
		list, err := c.Maintenance().NameChanges(ctx, 0, 100)
		if i := slices.IndexFunc(list, func(n dam.NameChange) bool {
			return n.Kind == dam.NameAttribute
		}); err != nil ||
			i < 0 || list[i].Dropped["Matie\u0300re"] != "ash" {
			t.Errorf("the list: %+v %v", list, err)
		}
		p, err := c.Products().Product(ctx, dam.DefaultLibrary, "CÉ")
		if err != nil || !maps.Equal(p.Attributes, map[string]string{"Matière": "oak"}) || p.Names["fr-FR"] != "Deu" {
			t.Errorf("%+v %v", p, err)
		}
	})
}

// A picture that waited under the canonical spelling gets its slot when the product takes that spelling.
func TestNamesWaitingPicture(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, c *catalog.Catalog) {
		ctx := catalogtest.Context(t)
		id := insertAssets(t, c, 1)[0]
		finishNames(t, c,
			insertProduct+`('main','e`+"\u0301"+`2','E`+"\u0301"+`2','','{}','{}',NULL,NULL,'',1,100,'u_1',100)`,
			`INSERT INTO product_waiting(asset_id,library,key,slot,n,since) VALUES('`+id+`','main','é2','hero',1,50)`)
		p, err := c.Products().Product(ctx, dam.DefaultLibrary, "É2")
		if err != nil || len(p.Slots) != 1 || p.Slots[0].Asset != id || len(p.Waiting) != 0 {
			t.Errorf("%+v %v", p, err)
		}
	})
}

// Spaces around an attribute's name go, and words are found that a name hides with a soft hyphen.
func TestNamesSpacesAndWords(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, c *catalog.Catalog) {
		ctx := catalogtest.Context(t)
		events := finishNames(t, c,
			insertProduct+`('main','a','A','','{}','{" Weight ":"3"}',NULL,NULL,'',1,100,'u_1',100)`,
			insertProduct+`('main','b','B','','{"en":"Arm`+"\u00ad"+`chair"}','{}',NULL,NULL,'b arm`+"\u00ad"+
				`chair',1,100,'u_1',100)`)
		if p, err := c.Products().Product(ctx, dam.DefaultLibrary, "A"); err != nil ||
			!maps.Equal(p.Attributes, map[string]string{"Weight": "3"}) {
			t.Errorf("%+v %v", p, err)
		}
		if p, err := c.Products().Product(ctx, dam.DefaultLibrary, "B"); err != nil ||
			!strings.Contains(p.Words, "armchair") || p.Revision != 1 || p.Names["en"] != "Arm\u00adchair" {
			t.Errorf("%+v %v", p, err)
		}
		if len(events) != 1 {
			t.Errorf("%d events, want that of A", len(events))
		}
	})
}
