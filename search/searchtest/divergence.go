package searchtest

import (
	"fmt"
	"slices"
	"strings"

	"vitrine/search"
)

// everyField compares all the index holds with the catalogue, field by field: for each
// value that occurs anywhere, in columns and in texts, the assets that are found by it.
func (w *world) everyField() {
	w.t.Helper()
	assets := w.cat.All()
	asked := map[string]bool{}            // answered by the reference
	holds := map[string]map[string]bool{} // query → ids, where a look at the asset is enough
	note := func(q, id string) {
		if holds[q] == nil {
			holds[q] = map[string]bool{}
		}
		holds[q][id] = true
	}
	for _, a := range assets {
		for _, f := range search.Fields() {
			for _, v := range keywordsOf(&a, f.Name) {
				if v != "" && f.Name != "id" && f.Name != "territory" {
					asked[f.Name+":"+`"`+strings.ReplaceAll(v, `"`, `""`)+`"`] = true
				}
			}
			if n, ok := numberOf(&a, f.Name); ok && (f.Kind == search.KindNumber || f.Kind == search.KindBytes) {
				note(fmt.Sprintf("%s:%d", f.Name, n), a.ID)
			}
		}
		for _, p := range partsOf(&a) {
			for _, t := range w.ref.tokens(p.text) {
				if !t.Compound {
					note(`"`+t.Term+`"`, a.ID)
				}
			}
		}
	}
	for q := range holds {
		asked[q] = true
	}
	for q := range asked {
		tree, err := search.Parse(q, search.Env{Now: clock})
		if err != nil {
			w.t.Fatalf("%s: %v", q, err)
		}
		for _, library := range libraries {
			res, err := w.x.Query(w.ctx(), search.Request{Library: library, Q: q, Exact: true, Sort: "created",
				Limit: 1000, WaitSeq: w.head()})
			if err != nil {
				w.t.Fatalf("%s: %v", q, err)
			}
			var want []string
			if ids := holds[q]; ids != nil {
				for _, a := range assets {
					if ids[a.ID] && a.Library == library && a.DeletedAt == nil {
						want = append(want, a.ID)
					}
				}
			} else {
				for _, a := range w.ref.find(assets, tree, library, false) {
					want = append(want, a.ID)
				}
			}
			got := slices.Sorted(slices.Values(res.IDs))
			slices.Sort(want)
			if !slices.Equal(got, want) {
				w.t.Fatalf("%s in %s diverges from the catalogue: %v, want %v", q, library, got, want)
			}
		}
	}
	if len(asked) < 100 {
		w.t.Errorf("only %d values were compared", len(asked))
	}
}
