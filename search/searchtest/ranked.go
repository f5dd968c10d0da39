package searchtest

import (
	"fmt"
	"slices"
	"testing"

	"vitrine/dam"
	"vitrine/search"
)

// ranked: what was asked for most clearly comes first, whatever is newer.
func ranked(t *testing.T, e search.TextEngine) {
	w := newWorld(t, e, 38)
	for _, a := range []dam.Asset{
		{Title: dam.Text{"en": "Red chairs"}}, // 1: by its stem
		// 2: by the word itself, in the title
		{Title: dam.Text{"en": "Red chair"}},
		{Title: dam.Text{"en": "Table"}, Description: dam.Text{"en": "A table beside a chair"}}, // 3: elsewhere
		{Title: dam.Text{"en": "Chairs and stools"}},                                            // 4
		{Title: dam.Text{"en": "Lamp"}},
	} {
		w.next++
		a.ID, a.Number, a.Library, a.CreatedAt = fmt.Sprintf("a_%026d", w.next), w.next, dam.DefaultLibrary, clock
		w.cat.Put(a)
	}
	w.open()
	for q, want := range map[string][]uint32{"chair": {2, 3}, "red chair": {2, 1}, "red chairs": {1, 2}, "stool": {4},
		"table OR lamp": {5, 3}} {
		res, err := w.x.Query(w.ctx(), search.Request{Library: dam.DefaultLibrary, Q: q, Sort: "relevance",
			Limit: len(want), WaitSeq: w.head()})
		if err != nil || !slices.Equal(res.Numbers, want) {
			t.Errorf("%s: %v %v, want %v first", q, res.Numbers, err, want)
		}
	}
}
