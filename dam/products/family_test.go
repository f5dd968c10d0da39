package products_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/catalog/catalogtest"
	"vitrine/dam/products"
)

func (w *world) patch(sku, raw string) (dam.Product, error) {
	w.Helper()
	return w.s.Patch(w.Context(), dam.DefaultLibrary, sku, 0, w.change(raw))
}

// refused checks the code and the field of an error.
func (w *world) refused(err error, code dam.Code, field string) {
	w.Helper()
	if dam.CodeOf(err) != code {
		w.Fatalf("%v, not %s", err, code)
	}
	if e := new(dam.Error); errors.As(err, &e) && e.Field != field {
		w.Fatalf("%v is of the field %s, not %s", err, e.Field, field)
	}
}

func (w *world) family(key string, in products.FamilyFields) dam.Family {
	w.Helper()
	f, err := w.s.CreateFamily(w.Context(), dam.DefaultLibrary, key, in)
	if err != nil {
		w.Fatal(err)
	}
	return f
}

// A variant has from its parent what it has none of itself; what is its own stays so.
func TestVariantsInherit(t *testing.T) {
	t.Parallel()
	catalogtest.Each(t, func(t *testing.T, cat *catalog.Catalog) {
		w := newWorld(t, cat)
		w.family("chairs", products.FamilyFields{Labels: dam.Text{"en": "Chairs"}, Slots: []string{"hero", "back"},
			Attributes: []dam.FamilyAttribute{{Key: "color", Type: dam.FieldText, Required: true},
				{Key: "height", Type: dam.FieldNumber, Unit: "cm"}, {Key: "oak", Type: dam.FieldBoolean}}})
		w.create(`{"sku":"CHR","family":"chairs","brand":"Acme","category":"Furniture > Chairs","launch":"2026-01-01",
			"attributes":{"height":"45 cm","oak":"yes"}}`)
		p := w.create(`{"sku":"CHR-B","parent":"chr","attributes":{"color":"blue"}}`)
		if in := p.Inherited; p.Parent != "CHR" || in == nil || in.Family != "chairs" || in.Brand != "Acme" ||
			in.Launch != "2026-01-01" || in.Attributes["height"] != "45" || in.Attributes["oak"] != "true" {
			t.Fatalf("%+v, %+v", p, p.Inherited)
		}
		if g := p.Gaps; g == nil || len(g.Missing)+len(g.Unknown)+len(g.Wrong) != 0 || len(g.Slots) != 2 {
			t.Fatalf("gaps: %+v", g)
		}
		if p := w.product("CHR"); p.Variants != 1 || p.Inherited != nil || p.Gaps.Missing[0] != "color" {
			t.Fatalf("%+v, %+v", p, p.Gaps)
		}
		a, b := w.upload("a.jpg"), w.upload("b.jpg")
		for sku, id := range map[string]string{"CHR": a.ID, "CHR-B": b.ID} {
			if _, err := w.s.Link(w.Context(), dam.DefaultLibrary, sku,
				dam.Slot{Slot: "hero", N: 1, Asset: id}, 0); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := w.s.Link(w.Context(), dam.DefaultLibrary, "CHR",
			dam.Slot{Slot: "back", N: 1, Asset: a.ID}, 0); err != nil {
			t.Fatal(err)
		}
		p = w.product("CHR-B")
		if len(p.Slots) != 1 || len(p.Inherited.Slots) != 1 || p.Inherited.Slots[0].Slot != "back" || p.Gaps != nil {
			t.Fatalf("%+v, %+v, %+v", p.Slots, p.Inherited.Slots, p.Gaps)
		}
		for patch, field := range map[string]string{
			`{"attributes":{"height":"tall"}}`:               "attributes.height",
			`{"family":"tables"}`:                            "family",
			`{"parent":"CHR-B"}`:                             "parent",
			`{"parent":"nothing"}`:                           "parent",
			`{"launch":"2026-02-30"}`:                        "launch",
			`{"launch":"2026-02-02","end":"2026-02-01"}`:     "end",
			`{"end":"2026-02-01","launch":"2027-02-01"}`:     "end",
			`{"attributes":{"oak":"perhaps","color":"red"}}`: "attributes.oak",
		} {
			_, err := w.patch("CHR-B", patch)
			w.refused(err, dam.Invalid, field)
		}
		w.create(`{"sku":"X"}`)
		_, err := w.patch("X", `{"parent":"CHR-B"}`) // two levels
		w.refused(err, dam.Invalid, "parent")
		_, err = w.patch("CHR", `{"parent":"X"}`) // it has variants
		w.refused(err, dam.Invalid, "parent")
		w.refused(w.s.Delete(w.Context(), dam.DefaultLibrary, "CHR", 0), dam.Conflict, "variants")
		w.refused(w.s.DeleteFamily(w.Context(), dam.DefaultLibrary, "chairs", 0), dam.Conflict, "products")
		if _, err := products.ParseChange([]byte(`{"brand":"`+strings.Repeat("x", 501)+`"}`), "en"); err == nil {
			t.Fatal("a brand of 501 characters")
		}
		if p, err = w.patch("CHR-B", `{"parent":null}`); err != nil || p.Parent != "" || p.Inherited != nil {
			t.Fatalf("%+v, %v", p, err)
		}
		if err := w.s.Delete(w.Context(), dam.DefaultLibrary, "CHR", 0); err != nil {
			t.Fatal(err)
		}
	})
}

// A family is changed under its revision, and says itself what products lack.
func TestFamilies(t *testing.T) {
	t.Parallel()
	catalogtest.Each(t, func(t *testing.T, cat *catalog.Catalog) {
		w := newWorld(t, cat)
		f := w.family("lamps", products.FamilyFields{})
		_, err := w.s.CreateFamily(w.Context(), dam.DefaultLibrary, "lamps", products.FamilyFields{})
		w.refused(err, dam.Conflict, "key")
		w.create(`{"sku":"L","family":"lamps","attributes":{"watts":"forty","shade":"green"}}`)
		change := products.FamilyFields{Attributes: []dam.FamilyAttribute{{Key: "watts", Type: dam.FieldNumber},
			{Key: "socket", Type: dam.FieldText, Required: true}}}
		_, err = w.s.ChangeFamily(w.Context(), dam.DefaultLibrary, "lamps", f.Revision+1, change)
		w.refused(err, dam.Stale, "If-Match")
		if f, err = w.s.ChangeFamily(w.Context(), dam.DefaultLibrary, "lamps", f.Revision, change); err != nil {
			t.Fatal(err)
		}
		g := w.product("L").Gaps
		if got := fmt.Sprint(g.Missing, g.Unknown, g.Wrong); got != "[socket] [shade] [watts]" {
			t.Fatal(got)
		}
		if _, err := w.patch("L", `{"attributes":{"shade":"red"}}`); err != nil {
			t.Fatal("an attribute that the family doesn't have is refused: ", err)
		}
		for _, bad := range []products.FamilyFields{
			{Attributes: []dam.FamilyAttribute{{Key: "a", Type: "choice"}}},
			{Attributes: []dam.FamilyAttribute{{Key: "a", Type: dam.FieldTree}}},
			{Attributes: []dam.FamilyAttribute{{Key: "a", Type: dam.FieldTree, Vocabulary: "voc_other"}}},
			{Attributes: []dam.FamilyAttribute{{Key: "a", Type: dam.FieldText, Unit: "cm"}}},
			{Attributes: []dam.FamilyAttribute{{Key: "e\u0301", Type: dam.FieldText}, {Key: "é", Type: dam.FieldText}}},
			{Slots: []string{"Not A Slot"}},
		} {
			_, err := w.s.ChangeFamily(w.Context(), dam.DefaultLibrary, "lamps", 0, bad)
			if dam.CodeOf(err) != dam.Invalid {
				t.Errorf("%+v: %v", bad, err)
			}
		}
		for _, key := range []string{"", "Lamps", "a b", strings.Repeat("a", 41), "../x"} {
			_, err := w.s.CreateFamily(w.Context(), dam.DefaultLibrary, key, products.FamilyFields{})
			if dam.CodeOf(err) != dam.Invalid {
				t.Errorf("%q: %v", key, err)
			}
		}
		if _, err := w.patch("L", `{"family":null}`); err != nil {
			t.Fatal(err)
		}
		if err := w.s.DeleteFamily(w.Context(), dam.DefaultLibrary, "lamps", f.Revision); err != nil {
			t.Fatal(err)
		}
	})
}

// Rows may stand before their parents; a parent that never comes is told, and the row is stored without it.
func TestImportVariants(t *testing.T) {
	t.Parallel()
	catalogtest.Each(t, func(t *testing.T, cat *catalog.Catalog) {
		w := newWorld(t, cat)
		w.family("chairs", products.FamilyFields{
			Attributes: []dam.FamilyAttribute{{Key: "height", Type: dam.FieldNumber}}})
		w.create(`{"sku":"OLD"}`)
		w.create(`{"sku":"OLD-1","parent":"OLD"}`)
		var csv strings.Builder
		csv.WriteString("sku,family,parent,brand,launch,end,height,attribute:brand\n")
		const variants = 1100 // several batches
		for i := range variants {
			fmt.Fprintf(&csv, "V%d,,P,,,,,\n", i)
		}
		csv.WriteString("P,chairs,,Acme,2026-01-01,2026-12-31,45,of old\n" + // after its variants
			"LOST,,NOBODY,,,,,\n" + // line 1103
			"DEEP,,OLD-1,,,,,\n" + // line 1104: a parent that is a variant
			"OLD,,P,,,,,\n" + // line 1105: it has variants
			"SELF,,SELF,,,,,\n" + // line 1106
			"Q,nowhere,,,,,,\n" + // line 1107
			"R,chairs,,,,,tall,\n" + // line 1108
			"S,,,,2026-13-01,,,\n") // line 1109
		for _, dry := range []bool{true, false} {
			i := w.imported("csv", csv.String(), dry)
			var lines []string
			for _, e := range i.Errors {
				lines = append(lines, fmt.Sprint(e.Line, " ", e.Field))
			}
			if got := strings.Join(lines, "; "); got != "1104 parent; 1105 parent; 1106 parent; 1107 family; "+
				"1108 attributes.height; 1109 launch; 1103 parent" || i.State != "done" || i.Created != variants+2 {
				t.Fatalf("dry %t: %s %s %d created, %s", dry, i.State, i.Problem, i.Created, got)
			}
		}
		p := w.product("P")
		if p.Variants != variants || p.Brand != "Acme" || p.Attributes["brand"] != "of old" ||
			p.Attributes["height"] != "45" {
			t.Fatalf("%+v", p)
		}
		if v := w.product("V7"); v.Parent != "P" || v.Inherited.Family != "chairs" {
			t.Fatalf("%+v", v)
		}
		if lost := w.product("LOST"); lost.Parent != "" {
			t.Fatalf("%+v", lost)
		}
		if i := w.imported("csv", csv.String(), false); i.Created != 0 || i.Updated != 0 || i.Same != variants+2 {
			t.Fatalf("again: %+v", i)
		}
		page, err := w.s.List(w.Context(), dam.DefaultLibrary, products.Query{Parent: "p", Limit: 10})
		if err != nil || page.Total != variants || len(page.Items) != 10 {
			t.Fatal(page.Total, err)
		}
	})
}

// Brands and categories are terms where the library says so, and a term that a product has isn't deleted.
func TestProductTerms(t *testing.T) {
	t.Parallel()
	catalogtest.Each(t, func(t *testing.T, cat *catalog.Catalog) {
		w := newWorld(t, cat)
		vocabulary := dam.Vocabulary{ID: "voc_1", Library: dam.DefaultLibrary, Name: "Categories"}
		terms := []dam.Term{{ID: "furniture", Labels: dam.Text{"en": "Furniture", "fr": "Meubles"}},
			{ID: "chairs", Parent: "furniture", Labels: dam.Text{"en": "Chairs", "fr": "Chaises"}},
			{ID: "old", Archived: true, Labels: dam.Text{"en": "Old"}}}
		if err := cat.Write(w.Context(), func(tx *catalog.Tx) error {
			if err := tx.Libraries().Vocabularies().PutVocabulary(w.Context(), &vocabulary); err != nil {
				return err
			}
			if err := tx.Libraries().Vocabularies().PutTerms(w.Context(), vocabulary.ID, terms); err != nil {
				return err
			}
			l, err := tx.Libraries().Library(w.Context(), dam.DefaultLibrary)
			if err != nil {
				return err
			}
			l.ProductTerms.Category = vocabulary.ID
			return tx.Libraries().PutLibrary(w.Context(), l)
		}); err != nil {
			t.Fatal(err)
		}
		p := w.create(`{"sku":"A","category":"Meubles > Chaises","brand":"Acme"}`)
		if p.Category != "chairs" || p.CategoryLabel["fr"] != "Meubles > Chaises" || p.Brand != "Acme" ||
			p.BrandLabel != nil {
			t.Fatalf("%+v", p)
		}
		for _, bad := range []string{"Tables", "old", "Old"} {
			_, err := w.patch("A", `{"category":"`+bad+`"}`)
			w.refused(err, dam.Invalid, "category")
		}
		n, err := cat.Products().CountWithTerms(w.Context(), catalog.TermsOfProducts{Library: dam.DefaultLibrary,
			Vocabulary: vocabulary.ID, Terms: []string{"chairs"}})
		if err != nil || n != 1 {
			t.Fatal(n, err)
		}
	})
}

// Two writers never make a chain of variants.
func TestParentsRace(t *testing.T) {
	t.Parallel()
	catalogtest.Each(t, func(t *testing.T, cat *catalog.Catalog) {
		w := newWorld(t, cat)
		w.create(`{"sku":"A"}`)
		w.create(`{"sku":"B"}`)
		w.create(`{"sku":"C"}`)
		for range 5 {
			var wg sync.WaitGroup
			for _, x := range [][2]string{{"A", "B"}, {"B", "C"}, {"C", "A"}} {
				c := w.change(`{"parent":"` + x[1] + `"}`)
				wg.Go(func() {
					_, _ = w.s.Patch(w.Context(), dam.DefaultLibrary, x[0], 0, c) // one of them succeeds
				})
			}
			wg.Wait()
			variants := 0
			for _, sku := range []string{"A", "B", "C"} {
				if p := w.product(sku); p.Parent != "" {
					if variants++; p.Variants > 0 {
						t.Fatalf("%s is a variant of %s and has variants", sku, p.Parent)
					}
				}
				if _, err := w.patch(sku, `{"parent":null}`); err != nil {
					t.Fatal(err)
				}
			}
			if variants == 0 {
				t.Fatal("nobody became a variant")
			}
		}
	})
}

// What a variant showed is what its parent showed then, where it had nothing itself.
func TestLookupOfVariants(t *testing.T) {
	t.Parallel()
	catalogtest.Each(t, func(t *testing.T, cat *catalog.Catalog) {
		w := newWorld(t, cat)
		w.create(`{"sku":"P"}`)
		w.create(`{"sku":"V","parent":"P"}`)
		a := w.upload("P_hero_1.jpg")
		before := time.Now()
		if _, err := w.patch("V", `{"parent":null}`); err != nil {
			t.Fatal(err)
		}
		for _, x := range []struct {
			at   time.Time
			want int
		}{{before, 1}, {time.Now(), 0}} {
			found, err := w.s.Lookup(w.Context(), products.Lookup{Library: dam.DefaultLibrary, SKU: "v", At: x.at})
			if err != nil || len(found.Items) != x.want {
				t.Fatalf("%+v, %v", found, err)
			}
			if x.want == 1 && (found.Items[0].Linked != a.ID || found.Items[0].Inherited != "P") {
				t.Fatalf("%+v", found.Items[0])
			}
		}
	})
}
