package searchtest

import (
	"slices"

	"vitrine/search"
)

// each expects Index.Each to hand over exactly what was found page by page, and
// Numbers to narrow it to the assets named.
func (w *world) each(r search.Request, want []string, ranked bool) {
	w.t.Helper()
	all := func(r search.Request) (got []string) {
		told := -1
		err := w.x.Each(w.ctx(), r, func(total int, seq int64) error {
			if told = total; seq < r.WaitSeq {
				w.t.Errorf("%q: everything at %d, want %d", r.Q, seq, r.WaitSeq)
			}
			return nil
		}, func(ids []string) error { got = append(got, ids...); return nil })
		if err != nil || told != len(got) {
			w.t.Fatalf("%q: %d announced, %d handed over: %v", r.Q, told, len(got), err)
		}
		if ranked {
			slices.Sort(got)
		}
		return got
	}
	r.After, r.Limit = "", 0
	if got := all(r); !slices.Equal(got, want) {
		w.t.Errorf("%q in %s: everything is %d assets, want %d", r.Q, r.Library, len(got), len(want))
	}
	var some []string
	r.Numbers = []uint32{}
	for _, a := range w.cat.All() {
		if a.Number%3 == 0 {
			r.Numbers = append(r.Numbers, a.Number)
			if slices.Contains(want, a.ID) {
				some = append(some, a.ID)
			}
		}
	}
	got := all(r)
	slices.Sort(got)
	slices.Sort(some)
	if !slices.Equal(got, some) {
		w.t.Errorf("%q in %s among every third: %d assets, want %d", r.Q, r.Library, len(got), len(some))
	}
}
