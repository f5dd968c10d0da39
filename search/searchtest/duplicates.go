package searchtest

import (
	"cmp"
	"slices"
	"testing"

	"vitrine/dam"
	"vitrine/search"
)

// duplicates compares reports with one made by comparing everything with everything.
func duplicates(t *testing.T, e search.TextEngine) {
	w := newWorld(t, e, 53)
	w.change(900)
	w.open()
	w.caughtUp()
	for _, c := range []struct {
		q     string
		least float64
	}{{"", 0.75}, {"", 0.85}, {"", 0.95}, {"", 1}, {"color:red", 0.8}} {
		want := w.groups(c.q, c.least)
		if c.q == "" && c.least < 0.9 && len(want) < 3 {
			t.Fatalf("%v: only %d groups to compare", c, len(want))
		}
		found, seq, err := w.x.Duplicates(w.ctx(), search.Request{Library: dam.DefaultLibrary, Q: c.q,
			WaitSeq: w.head()}, c.least)
		if err != nil || seq < w.head() {
			t.Fatal(seq, err)
		}
		var got [][]string
		for _, g := range found {
			got = append(got, g.IDs)
		}
		if !slices.EqualFunc(got, want, slices.Equal) {
			t.Errorf("%v:\n got %v\nwant %v", c, got, want)
		}
	}
	for _, least := range []float64{0.5, 1.1} {
		if _, _, err := w.x.Duplicates(w.ctx(), search.Request{Library: dam.DefaultLibrary},
			least); dam.CodeOf(err) != dam.Invalid {
			t.Errorf("min %v: %v", least, err)
		}
	}
}

func (w *world) groups(q string, least float64) [][]string {
	tree, err := search.Parse(q, search.Env{Now: clock})
	if err != nil {
		w.t.Fatal(err)
	}
	list := w.ref.find(w.cat.All(), tree, dam.DefaultLibrary, false)
	slices.SortFunc(list, func(a, b dam.Asset) int {
		if (a.Live != "") != (b.Live != "") {
			return cmp.Compare(len(b.Live), len(a.Live))
		}
		return cmp.Or(cmp.Compare(b.Latest.Width*b.Latest.Height, a.Latest.Width*a.Latest.Height),
			cmp.Compare(a.Number, b.Number))
	})
	taken := map[string]bool{}
	var out [][]dam.Asset
	for i, best := range list {
		if taken[best.ID] || best.Kind != dam.KindImage && best.Kind != dam.KindVideo {
			continue
		}
		group := []dam.Asset{best}
		for _, a := range list[i+1:] {
			if a.Kind == best.Kind && !taken[a.ID] && likeness(&a, &best) >= least {
				taken[a.ID] = true
				group = append(group, a)
			}
		}
		if len(group) > 1 {
			slices.SortFunc(group[1:], func(a, b dam.Asset) int { return cmp.Compare(a.Number, b.Number) })
			out = append(out, group)
		}
	}
	slices.SortFunc(out, func(a, b []dam.Asset) int { return cmp.Compare(b[0].Number, a[0].Number) })
	ids := make([][]string, len(out))
	for i, g := range out {
		for _, a := range g {
			ids[i] = append(ids[i], a.ID)
		}
	}
	return ids
}
