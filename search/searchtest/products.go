package searchtest

import (
	"fmt"
	"strings"
	"testing"

	"vitrine/dam"
	"vitrine/search"
)

// count is how many assets of the default library a query finds now.
func (w *world) count(q string) int {
	w.t.Helper()
	res, err := w.x.Query(w.ctx(), search.Request{Library: dam.DefaultLibrary, Q: q, Exact: true})
	if err != nil {
		w.t.Fatal(err)
	}
	return res.Total
}

// sweeps changes the words of every asset by one event: the index reads them in pages, follows other edits meanwhile,
// goes on after a restart, and takes what it has read into a rebuilt index.
func sweeps(t *testing.T, e search.TextEngine) {
	w := newWorld(t, e, 36)
	w.batch = 7
	const assets = 120
	for range assets {
		w.next++
		w.cat.Put(dam.Asset{ID: fmt.Sprintf("a_%026d", w.next), Number: w.next, Library: dam.DefaultLibrary,
			CreatedAt: clock})
	}
	word := func(s string) func(*dam.Asset) *dam.AssetProducts {
		return func(*dam.Asset) *dam.AssetProducts {
			return &dam.AssetProducts{Words: []dam.ProductWord{{Locale: "fr", Text: s}}, Brands: []string{s}}
		}
	}
	all := func(s string) {
		t.Helper()
		w.until("all have "+s, func() bool { return w.count(s) == assets && w.count("brand:"+s) == assets })
	}
	w.open()
	w.caughtUp()
	w.cat.SetWords(dam.DefaultLibrary, word("chaise"))
	all("chaise")
	w.cat.SetWords(dam.DefaultLibrary, word("fauteuil"))
	w.close() // wherever it is
	w.open()
	all("fauteuil")
	if n := w.count("chaise OR brand:chaise"); n != 0 {
		t.Errorf("%d assets are found by what products said before", n)
	}
	for i := range 5 {
		w.cat.SetWords(dam.DefaultLibrary, word(fmt.Sprintf("tabouret%d", i)))
		w.cat.Note()
	}
	if err := w.x.Reindex(w.ctx(), nil); err != nil {
		t.Fatal(err)
	}
	all("tabouret4")
	w.close()
	w.open()
	all("tabouret4")
}

// productFields are counted, find what hangs below them, and yield to a library's own fields of the same names.
func productFields(t *testing.T, e search.TextEngine) {
	w := newWorld(t, e, 37)
	put := func(p *dam.AssetProducts, custom map[string]any) {
		w.next++
		w.cat.Put(dam.Asset{ID: fmt.Sprintf("a_%026d", w.next), Number: w.next, Library: dam.DefaultLibrary,
			CreatedAt: clock, Products: p, Custom: custom})
	}
	put(&dam.AssetProducts{Brands: []string{"Maison Lune"}, Categories: []string{"Furniture > Chairs"},
		Families: []string{"chairs"}}, map[string]any{"brand": "own"})
	put(&dam.AssetProducts{Brands: []string{"Acme", "acme_id"}, Categories: []string{"Furniture>Tables"}}, nil)
	put(nil, nil)
	w.open()
	want := func(q, facet, want string) {
		t.Helper()
		res, err := w.x.Query(w.ctx(), search.Request{Library: dam.DefaultLibrary, Q: q, WaitSeq: w.head(),
			Sort: "created", Facets: []string{facet}, Resolve: func(field, value string) []string {
				if field == "brand" && value == "A*" {
					return []string{"acme_id"}
				}
				return nil
			}})
		if err != nil {
			t.Fatal(err)
		}
		got := strings.Trim(fmt.Sprint(res.Numbers), "[]")
		for _, c := range res.Facets[facet] {
			got += fmt.Sprintf(" %s=%d", c.Value, c.Count)
		}
		if got != want {
			t.Errorf("%s: %s, want %s", q, got, want)
		}
	}
	want(`brand:"maison lune"`, "family", "1 chairs=1")
	want("brand:A*", "brand", "2 Acme=1 acme_id=1 Maison Lune=1")
	want("category:furniture", "category", "1 2 Furniture=2 Furniture > Chairs=1 Furniture > Tables=1")
	want(`category:"Furniture > tables"`, "family", "2")
	want("family:chairs", "family", "1 chairs=1")
	w.cat.SetFields(dam.DefaultLibrary, dam.CustomField{Key: "brand", Type: dam.FieldText})
	want("brand:own", "brand", "1 own=1")
	want(`brand:"maison lune"`, "category", "")
	w.cat.SetFields(dam.DefaultLibrary)
	want(`brand:"maison lune"`, "family", "1 chairs=1")
}

// own asks for words of assets' own texts only, beside words that products say, too: exact, by stem, as a beginning and
// as a phrase.
func own(t *testing.T, e search.TextEngine) {
	w := newWorld(t, e, 37)
	put := func(title string) {
		w.next++
		a := dam.Asset{ID: fmt.Sprintf("a_%026d", w.next), Number: w.next, Library: dam.DefaultLibrary,
			Title: dam.Text{"en": title}, CreatedAt: clock}
		w.cat.Put(a)
	}
	put("garden chairs")
	put("sun")
	w.open()
	w.caughtUp()
	w.cat.SetWords(dam.DefaultLibrary, func(a *dam.Asset) *dam.AssetProducts {
		if a.Title["en"] != "sun" {
			return nil
		}
		return &dam.AssetProducts{Words: []dam.ProductWord{{Locale: "en", Text: "garden chairs"}}}
	})
	w.until("product words are found", func() bool { return w.count("chairs") == 2 })
	for _, q := range []string{"chairs", "chair", "chai*", `"garden chairs"`, "garden chair", "NOT chairs"} {
		for _, only := range []bool{false, true} {
			res, err := w.x.Query(w.ctx(), search.Request{Library: dam.DefaultLibrary, Q: q, Exact: true, Own: only})
			if err != nil {
				t.Fatal(err)
			}
			want := 2
			if q == "NOT chairs" {
				want = 0
			}
			if only {
				want = 1
			}
			if res.Total != want {
				t.Errorf("%s, own texts only %v: %d assets", q, only, res.Total)
			}
		}
	}
}
