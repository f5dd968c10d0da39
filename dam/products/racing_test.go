package products_test

import (
	"sync"
	"testing"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/catalog/catalogtest"
	"vitrine/dam/products"
)

// Of several that add one product at once, one does, and the others are told that it is there.
func TestCreateAtOnce(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, cat *catalog.Catalog) {
		w := newWorld(t, cat)
		for range 5 {
			var all sync.WaitGroup
			errs := make([]error, 6)
			for i := range errs {
				c := w.change(`{"sku":"CH","stock":1}`)
				all.Go(func() { _, errs[i] = w.s.Create(w.Context(), dam.DefaultLibrary, c) })
			}
			all.Wait()
			added := 0
			for _, err := range errs {
				if err == nil {
					added++
				} else if dam.CodeOf(err) != dam.Conflict {
					t.Errorf("%v", err)
				}
			}
			if p := w.product("CH"); added != 1 || p.Revision != 1 {
				t.Fatalf("%d have added it, at revision %d", added, p.Revision)
			}
			if err := w.s.Delete(w.Context(), dam.DefaultLibrary, "CH", 0); err != nil {
				t.Fatal(err)
			}
		}
	})
}

// A row that stands before its parent is stored as behind it.
func TestImportBeforeParent(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, cat *catalog.Catalog) {
		w := newWorld(t, cat)
		w.family("chairs", products.FamilyFields{Attributes: []dam.FamilyAttribute{
			{Key: "width", Type: dam.FieldNumber, Unit: "cm"}, {Key: "oak", Type: dam.FieldBoolean}}})
		i := w.imported("csv", "sku,parent,family,width,oak\nV,P,,42 cm,perhaps\nP,,chairs,,\nW,P,,42 cm,yes\n", false)
		if i.Created != 3 || i.Failed != 0 {
			t.Fatalf("%+v", i)
		}
		v, after := w.product("V"), w.product("W")
		if v.Attributes["width"] != "42" || after.Attributes["width"] != "42" || v.Attributes["oak"] != "perhaps" ||
			after.Attributes["oak"] != "true" || v.Gaps == nil || len(v.Gaps.Wrong) != 1 {
			t.Errorf("%v %v, gaps %+v", v.Attributes, after.Attributes, v.Gaps)
		}
	})
}
