package searchtest

import (
	"fmt"
	"strings"
	"testing"

	"vitrine/dam"
	"vitrine/search"
)

// ownFields adds, changes and removes a library's fields while the index runs: they are
// found, sorted and counted from the event on, without a restart, and after one.
func ownFields(t *testing.T, e search.TextEngine) {
	w := newWorld(t, e, 35)
	put := func(custom map[string]any) {
		w.next++
		w.cat.Put(dam.Asset{ID: fmt.Sprintf("a_%026d", w.next), Number: w.next, Library: dam.DefaultLibrary,
			CreatedAt: clock, Custom: custom})
	}
	ask := func(q, sort string, facets ...string) (string, error) {
		w.t.Helper()
		res, err := w.x.Query(w.ctx(), search.Request{Library: dam.DefaultLibrary, Q: q, Sort: sort, Facets: facets,
			WaitSeq: w.head()})
		if err != nil {
			return "", err
		}
		s := strings.Trim(fmt.Sprint(res.Numbers), "[]")
		for _, f := range facets {
			for _, c := range res.Facets[f] {
				s += fmt.Sprintf(" %s=%d", c.Value, c.Count)
			}
		}
		return s, nil
	}
	want := func(q, sort, want string, facets ...string) {
		t.Helper()
		if got, err := ask(q, sort, facets...); err != nil || got != want {
			t.Errorf("%s by %q: %s %v, want %s", q, sort, got, err, want)
		}
	}
	refused := func(q, sort string, facets ...string) {
		t.Helper()
		if got, err := ask(q, sort, facets...); dam.CodeOf(err) != dam.Invalid {
			t.Errorf("%s by %q %v: %s %v, want it refused", q, sort, facets, got, err)
		}
	}
	fields := []dam.CustomField{
		{Key: "season", Type: dam.FieldChoice, Choices: []string{"Été", "Winter Sale"}},
		{Key: "models", Type: dam.FieldText, Multi: true},
		{Key: "price", Type: dam.FieldNumber}, {Key: "shot_2", Type: dam.FieldDate},
		{Key: "retouched", Type: dam.FieldBoolean},
	}
	put(map[string]any{"season": "Été", "models": []any{"Julie Martin", "Ann"}, "price": 12.5, "shot_2": "2024-03-05",
		"retouched": true})
	w.open()
	put(map[string]any{"season": "Winter Sale", "models": []any{"Marc"}, "price": 9.0, "shot_2": "2023-12-31",
		"retouched": false})
	put(nil)
	refused("season:ete", "")
	refused("", "price")
	check := func() {
		t.Helper()
		want("season:ete", "", "1")
		want(`season:"winter sale",ete`, "price", "2 1")
		want("models:martin", "", "1")
		want("price:9..12.5", "-price", "1 2")
		want("price:>9", "", "1")
		want("shot_2:2024-03", "", "1")
		want("shot_2:<2024", "", "2")
		want("retouched:no", "", "2")
		want("missing:season", "", "3")
		want("winter", "", "2") // values are words of the asset too
		want("", "price", "2 1 3")
		want("", "-shot_2", "1 2 3")
		want("", "season", "1 2 3")
		want("", "-models", "2 1 3")
		want("season:ete", "title", "1 Été=1 Winter Sale=1 12.5=1", "season", "price")
		want("price:9", "title", "2 9=1 12.5=1 2023=1 no=1", "price", "shot_2:year", "retouched")
	}
	w.cat.SetFields(dam.DefaultLibrary, fields...)
	check()
	put(map[string]any{"season": "Été", "price": 40.0})
	want("price:40", "", "4")
	refused("season:spring", "")
	w.cat.SetFields(dam.DefaultLibrary, fields[1:]...) // what it holds is kept, unseen
	refused("season:ete", "")
	refused("", "season")
	refused("", "", "season")
	w.cat.SetFields(dam.DefaultLibrary, fields...)
	want("season:ete", "price", "1 4")
	if _, err := w.x.Query(w.ctx(), search.Request{Library: "outlet", Q: "season:ete"}); dam.CodeOf(
		err) != dam.Invalid {
		t.Errorf("another library knows the field: %v", err)
	}
	w.cat.Purge(fmt.Sprintf("a_%026d", 4))
	if err := w.x.Reindex(w.ctx(), nil); err != nil {
		t.Fatal(err)
	}
	check()
	w.close()
	w.open()
	check()
}
