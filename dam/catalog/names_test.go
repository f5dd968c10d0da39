package catalog_test

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/catalog/catalogtest"
)

const (
	nfd = "CHAISE-E\u03012" // as macOS writes CHAISE-É2
	nfc = "CHAISE-É2"
)

// run executes statements as an earlier version would have, without the forms of this one.
func run(t *testing.T, c *catalog.Catalog, list ...string) {
	t.Helper()
	for _, q := range list {
		var err error
		if c.Postgres() {
			_, err = c.Database().Pool().Exec(t.Context(), q)
		} else {
			_, err = c.Database().Writer().ExecContext(t.Context(), q)
		}
		if err != nil {
			t.Fatalf("%s: %v", q, err)
		}
	}
}

// before24 fills a catalogue with what versions before migration 24 stored, and leaves that migration to be done.
func before24(t *testing.T, c *catalog.Catalog) []dam.Asset {
	t.Helper()
	ctx := catalogtest.Context(t)
	var assets []dam.Asset
	if err := c.Write(ctx, func(tx *catalog.Tx) error {
		assets = nil
		for i := range 7 {
			a := dam.Asset{ID: dam.NewID(dam.AssetPrefix), Library: dam.DefaultLibrary, Kind: dam.KindImage,
				Title:  dam.Text{"en": fmt.Sprintf("Chair %d", i)},
				Latest: dam.Version{ID: dam.NewID(dam.VersionPrefix), N: 1, FileName: "chair.jpg", Status: dam.Draft}}
			a.Latest.Asset = a.ID
			if err := tx.Assets().InsertAsset(ctx, &a, dam.Metadata{}); err != nil {
				return err
			}
			assets = append(assets, a)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	product :=
		`INSERT INTO products(library,key,sku,gtin,names,attributes,stock,price,words,revision,created_at,created_by,updated_at) VALUES`
	slot := `INSERT INTO product_slots(id,library,key,sku,slot,n,asset_id,origin,since,by_id,until,until_by) VALUES`
	id := func(i int) string { return assets[i].ID }
	old := strings.ToLower(nfd)
	run(t, c,
		`UPDATE libraries SET locale='fr-fr'`,
		`INSERT INTO users(id,email,name,locale,password,disabled,created_at) VALUES('u_1','ada@example.com','Ada','FR-ca','',false,1)`,
		`INSERT INTO fields(library,key,position,spec) VALUES('main','season',0,'{"key":"season","type":"choice","label":{"fr-fr":"Saison"},"choices":["E\u0301te\u0301","Hiver"]}')`,
		`INSERT INTO product_rules(library,rules,revision) VALUES('main','{"patterns":["Pie`+"\u0300"+
			`ce_{sku}_{slot}_{n}.{ext}"],"slots":["hero","back"]}',3)`,
		`INSERT INTO collections(id,library,revision,name,created_at,created_by) VALUES('c_1','main',1,'E`+"\u0301"+
			`te`+"\u0301"+
			`',1,'u_1'),('c_2','main',1,'Été',2,'u_1'),('c_3','main',1,'Plain',3,'u_1'),('c_4','main',1,'Zero`+"\u200b"+
			`',4,'u_1')`,
		// The older product has the decomposed SKU; both have a hero picture.
		product+`('main','`+old+`','`+nfd+`','3017620422003','{"fr-fr":"Chaise"}','{"Matie`+"\u0300"+
			`re":"bois"}',4,NULL,'x',5,100,'u_1',200)`,
		product+`('main','chaise-é2','`+nfc+
			`','','{"fr-FR":"Chaise d''été","en":"Chair"}','{"Matière":"oak","Poids":"3"}',9,'{"amount":"19.90","currency":"EUR"}','y',2,300,'u_1',400)`,
		product+`('main','table`+"\u200b"+`-1','TABLE`+"\u200b"+
			`-1','','{"en":"Table"}','{}',NULL,NULL,'z',1,100,'u_1',100)`,
		product+`('main','plain','PLAIN','','{"en":"Plain"}','{}',NULL,NULL,'plain',1,100,'u_1',100)`,
		slot+`('l_1','main','`+old+`','`+nfd+`','hero',1,'`+id(0)+`','hand',100,'u_1',NULL,'')`,
		slot+`('l_2','main','`+old+`','`+nfd+`','back',1,'`+id(1)+`','hand',100,'u_1',NULL,'')`,
		slot+`('l_3','main','chaise-é2','`+nfc+`','hero',1,'`+id(2)+`','hand',300,'u_1',NULL,'')`,
		slot+`('l_4','main','chaise-é2','`+nfc+`','back',1,'`+id(1)+`','hand',300,'u_1',NULL,'')`,
		slot+`('l_5','main','chaise-é2','`+nfc+`','detail',1,'`+id(3)+`','hand',300,'u_1',NULL,'')`,
		slot+`('l_6','main','gone-e`+"\u0301"+`','GONE-E`+"\u0301"+`','hero',1,'`+id(4)+`','hand',10,'u_1',20,'u_1')`,
		`INSERT INTO product_waiting(asset_id,library,key,slot,n,since) VALUES('`+id(5)+`','main','table-1`+"\u00ad"+
			`','hero',1,50)`,
		`UPDATE assets SET tags='["E`+"\u0301"+`te`+"\u0301"+`","été","oak"]', skus='["`+nfd+
			`"]', custom='{"season":"E`+"\u0301"+`te`+"\u0301"+`","note":"e`+"\u0301"+`"}' WHERE id='`+id(0)+`'`,
		`UPDATE assets SET skus='["`+nfd+`","`+nfc+`"]', title='{"fr-fr":"Deux","fr-FR":"Un","en":"Two"}' WHERE id='`+
			id(1)+`'`,
		`UPDATE assets SET tags='["👩🏽`+"\u200d"+`🔧","می`+"\u200c"+`خواهم"]', skus='["`+nfc+`"]' WHERE id='`+id(2)+`'`,
		`INSERT INTO name_work VALUES ('libraries',1,'',''), ('users',2,'',''), ('fields',3,'',''), ('rules',4,'',''), ('collections',5,'',''),
			('campaigns',6,'',''), ('products',7,'',''), ('slots',8,'',''), ('waiting',9,'',''), ('assets',10,'','')`)
	return assets
}

// Names that earlier versions stored in other spellings become one, and a list says what was done.
func TestCanonicalNames(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, c *catalog.Catalog) {
		ctx := catalogtest.Context(t)
		assets := before24(t, c)
		s, err := c.Database().Schema(ctx)
		if err != nil || !s.Unfinished || !s.Due() || dam.CodeOf(s.Current()) != dam.Conflict || s.Newer() != nil {
			t.Fatalf("work that is left: %+v, %v", s, err)
		}
		head, err := c.Log().Head(ctx)
		if err != nil {
			t.Fatal(err)
		}
		// It is killed and begun again after each portion, each of one row.
		defer catalog.NamePortion(1)()
		for cut := errors.New("killed"); ; {
			err := catalog.CanonicalPortion(ctx, c, cut)
			if err == nil {
				break
			}
			if !errors.Is(err, cut) {
				t.Fatal(err)
			}
			if err := catalog.CanonicalPortion(ctx, c, nil); err != nil {
				t.Fatal(err)
			}
		}
		if err := c.Migrate(ctx); err != nil {
			t.Fatal(err)
		}
		if s, err := c.Database().Schema(ctx); err != nil || s.Current() != nil {
			t.Errorf("afterwards: %+v, %v", s, err)
		}
		checkProducts(t, c, assets)
		checkNamedAssets(t, c, assets)
		checkOthers(t, c)
		checkNameList(t, c)
		checkNameEvents(t, c, head, assets)
	})
}

func checkProducts(t *testing.T, c *catalog.Catalog, assets []dam.Asset) {
	t.Helper()
	ctx := catalogtest.Context(t)
	for _, sku := range []string{nfd, nfc, "chaise\u200b-é2"} {
		p, err := c.Products().Product(ctx, dam.DefaultLibrary, sku)
		if err != nil {
			t.Errorf("%+q: %v", sku, err)
			continue
		}
		if p.SKU != nfc || p.GTIN != "3017620422003" || *p.Stock != 4 || p.Price == nil || p.Price.Amount != "19.90" ||
			p.Revision != 6 || p.CreatedAt.UnixMicro() != 100 || !strings.Contains(p.Words, "chaise-e2") {
			t.Errorf("%+v", p)
		}
		if !maps.Equal(p.Names, dam.Text{"fr-FR": "Chaise", "en": "Chair"}) ||
			!maps.Equal(p.Attributes, map[string]string{"Matière": "bois", "Poids": "3"}) {
			t.Errorf("%v %v", p.Names, p.Attributes)
		}
		var got []string
		for _, s := range p.Slots {
			got = append(got, s.Slot+" "+s.Asset)
		}
		if want := []string{"back " + assets[1].ID, "detail " + assets[3].ID,
			"hero " + assets[0].ID}; !slices.Equal(got,
			want) {
			t.Errorf("slots %v, want %v", got, want)
		}
		if len(p.Waiting) != 1 || p.Waiting[0].Asset != assets[2].ID || p.Waiting[0].Slot != "hero" {
			t.Errorf("waiting %+v", p.Waiting)
		}
	}
	history, err := c.Products().SlotsAt(ctx, dam.DefaultLibrary, nfc, time.UnixMicro(350))
	if err != nil || len(history) != 5 {
		t.Errorf("what the slots showed before: %d %v", len(history), err)
	}
	gone, err := c.Products().SlotsAt(ctx, dam.DefaultLibrary, "GONE-É", time.UnixMicro(15))
	if err != nil || len(gone) != 1 || gone[0].SKU != "GONE-É" {
		t.Errorf("of a product that is gone: %+v %v", gone, err)
	}
	table, err := c.Products().Product(ctx, dam.DefaultLibrary, "TABLE-1")
	if err != nil || table.SKU != "TABLE-1" || len(table.Slots) != 1 || table.Slots[0].Asset != assets[5].ID ||
		table.Slots[0].Origin != dam.SlotByRule || len(table.Waiting) != 0 {
		t.Errorf("an asset that waited for another spelling: %+v %v", table, err)
	}
	if list, total, err := c.Products().List(ctx, dam.DefaultLibrary, catalog.ProductQuery{Limit: 10}); err != nil ||
		total != 3 || len(list) != 3 {
		t.Errorf("%d products, %v", total, err)
	}
}

func checkNamedAssets(t *testing.T, c *catalog.Catalog, assets []dam.Asset) {
	t.Helper()
	ctx := catalogtest.Context(t)
	get := func(i int) dam.Asset {
		a, err := c.Assets().Asset(ctx, dam.DefaultLibrary, assets[i].ID)
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	if a := get(0); !slices.Equal(a.Tags, []string{"Été", "oak"}) || !slices.Equal(a.SKUs, []string{nfc}) ||
		!reflect.DeepEqual(a.Custom, map[string]any{"season": "Été", "note": "e\u0301"}) || a.Revision != 2 {
		t.Errorf("%+q %+q %+q revision %d", a.Tags, a.SKUs, a.Custom, a.Revision)
	}
	if a := get(1); !slices.Equal(a.SKUs, []string{nfc}) || !maps.Equal(a.Title, dam.Text{"fr-FR": "Un", "en": "Two"}) {
		t.Errorf("%+q %v", a.SKUs, a.Title)
	}
	if a := get(2); a.Revision != 1 || len(a.Tags) != 2 {
		t.Errorf("what has a meaning was changed: %+q, revision %d", a.Tags, a.Revision)
	}
	if a := get(5); !slices.Equal(a.SKUs, []string{"TABLE-1"}) {
		t.Errorf("%+q", a.SKUs)
	}
	if a := get(6); a.Revision != 1 {
		t.Errorf("an asset without any of it has revision %d", a.Revision)
	}
}

func checkOthers(t *testing.T, c *catalog.Catalog) {
	t.Helper()
	ctx := catalogtest.Context(t)
	if l, err := c.Libraries().Library(ctx, dam.DefaultLibrary); err != nil || l.Locale != "fr-FR" {
		t.Errorf("%+v %v", l, err)
	}
	if u, err := c.People().Account(ctx, "u_1"); err != nil || u.Locale != "fr-CA" {
		t.Errorf("%+v %v", u, err)
	}
	fields, err := c.Libraries().CustomFields(ctx, dam.DefaultLibrary)
	if err != nil || len(fields) != 1 || !slices.Equal(fields[0].Choices, []string{"Été", "Hiver"}) ||
		fields[0].Label["fr-FR"] != "Saison" {
		t.Errorf("%+v %v", fields, err)
	}
	if rules, revision, err := c.Products().ProductRules(ctx, dam.DefaultLibrary); err != nil || revision != 4 ||
		!strings.Contains(rules, "Pièce_{sku}") || !strings.Contains(rules, `"back"`) {
		t.Errorf("%s %d %v", rules, revision, err)
	}
	list, err := c.Assets().Collections().List(ctx, dam.DefaultLibrary)
	names := map[string]string{}
	for _, x := range list {
		names[x.ID] = x.Name
	}
	if want := map[string]string{"c_1": "Été (2)", "c_2": "Été", "c_3": "Plain", "c_4": "Zero"}; err != nil ||
		!maps.Equal(names, want) {
		t.Errorf("collections stay apart: %v %v", names, err)
	}
}

func checkNameList(t *testing.T, c *catalog.Catalog) {
	t.Helper()
	ctx := catalogtest.Context(t)
	list, err := c.Maintenance().NameChanges(ctx, 0, 100)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for i, n := range list {
		got[string(n.Kind)+" "+n.Shown+" → "+n.After] = fmt.Sprintf("%d/%d", n.Places, n.Merged)
		if i > 0 && n.N <= list[i-1].N || n.Before == n.After {
			t.Errorf("%+v", n)
		}
		if n.Kind == dam.NameSKU && n.Before == nfd && (n.Dropped["stock"] != 9.0 || n.Dropped["slots"] == nil) {
			t.Errorf("what the older product's values replaced: %v", n.Dropped)
		}
	}
	want := map[string]string{
		"locale fr-fr → fr-FR": "4/1", "locale FR-ca → fr-CA": "1/0",
		"choice E‹U+0301›te‹U+0301› → Été":                                            "2/0",
		"pattern Pie‹U+0300›ce_{sku}_{slot}_{n}.{ext} → Pièce_{sku}_{slot}_{n}.{ext}": "1/0",
		"collection E‹U+0301›te‹U+0301› → Été (2)":                                    "1/0",
		"collection Zero‹U+200B› → Zero":                                              "1/0",
		"sku CHAISE-E‹U+0301›2 → CHAISE-É2":                                           "3/2",
		"sku TABLE‹U+200B›-1 → TABLE-1":                                               "1/0",
		"sku table-1‹U+00AD› → table-1":                                               "1/0",
		"attribute Matie‹U+0300›re → Matière":                                         "1/0",
		"tag E‹U+0301›te‹U+0301› → Été":                                               "1/0", "tag été → Été": "1/1",
	}
	if !maps.Equal(got, want) {
		for k, v := range got {
			if want[k] != v {
				t.Errorf("the list has %q %s, want %s", k, v, want[k])
			}
		}
		for k, v := range want {
			if got[k] == "" {
				t.Errorf("the list lacks %q %s", k, v)
			}
		}
	}
	if changed, merged, err := c.Maintenance().CountNameChanges(ctx); err != nil || changed != len(want) ||
		merged != 3 {
		t.Errorf("%d changed, %d merged, %v", changed, merged, err)
	}
}

func checkNameEvents(t *testing.T, c *catalog.Catalog, head int64, assets []dam.Asset) {
	t.Helper()
	ctx := catalogtest.Context(t)
	events, err := c.Log().Events(ctx, "", head, 100)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]int{}
	for _, e := range events {
		if e.Actor != dam.SystemID {
			t.Errorf("%s by %s", e.Type, e.Actor)
		}
		got[string(e.Type)]++
		if e.Type == dam.AssetUpdated && e.Asset == assets[0].ID {
			values, err := c.Log().Changes(ctx, e.Seq)
			if err != nil || len(values) != 3 || values[2].Field != "tags" {
				t.Errorf("%+v %v", values, err)
			}
		}
	}
	want := map[string]int{string(dam.AssetUpdated): 3, string(dam.ProductChanged): 4, string(dam.CollectionUpdated): 2,
		string(dam.FieldsChanged): 1, string(dam.ProductRulesChanged): 1}
	if !maps.Equal(got, want) {
		t.Errorf("events %v, want %v", got, want)
	}
}
