package searchtest

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"vitrine/dam"
	"vitrine/search"
)

// facets compares counts with the reference: each field's without its own filters.
func facets(t *testing.T, e search.TextEngine) {
	w := newWorld(t, e, 31)
	w.change(700)
	w.open()
	w.caughtUp()
	assets := w.cat.All()
	fields := []string{"type", "status", "format", "tag", "sku", "collection", "creator", "orientation", "channel",
		"color", "taken", "taken:year", "taken:day", "tag:/", "tag:nature", "tag:nature/forest"}
	counted := 0
	for range 200 {
		q := Query(w.r, assets)
		r := search.Request{Library: pick(w.r, libraries), Q: q, Exact: true, Facets: some(w.r, fields, 5),
			FacetLimit: 1000}
		if w.r.IntN(3) == 0 {
			r.Status = []string{string(pick(w.r, states)), "approved"}
		}
		if w.r.IntN(3) == 0 {
			r.Kind = []string{"image"}
		}
		if w.r.IntN(5) == 0 {
			r.Collection = "c_two"
		}
		res, err := w.x.Query(w.ctx(), r)
		if err != nil {
			t.Fatal(q, err)
		}
		for _, asked := range r.Facets {
			f, option, _ := strings.Cut(asked, ":")
			branch := ""
			if f == "tag" {
				branch = option
			}
			tree, err := search.Parse(q, search.Env{Now: clock})
			if err != nil {
				t.Fatal(q, err)
			}
			var found []dam.Asset
			for _, a := range w.ref.find(assets, without(tree, f), r.Library, false) {
				if (f == "status" || r.Status == nil || slices.Contains(r.Status, string(a.Latest.Status))) &&
					(f == "type" || r.Kind == nil || a.Kind == dam.KindImage) &&
					(f == "collection" || r.Collection == "" || slices.Contains(a.Collections, r.Collection)) {
					found = append(found, a)
				}
			}
			want, got := facet(found, asked), map[string]int{}
			last := 1 << 30
			for _, c := range res.Facets[asked] {
				got[search.Fold(c.Value)] = c.Count
				if c.Count > last && f != "taken" {
					t.Errorf("%s: %s is out of order", q, f)
				}
				last = c.Count
				if branch != "" && c.Below != (len(facet(found, "tag:"+c.Value)) > 0) {
					t.Errorf("%s: whether there is more below %s: %v", q, c.Value, c.Below)
				}
			}
			if !maps.Equal(got, want) {
				t.Fatalf("%s in %s, status %v, type %v, collection %q: %s is %v, want %v", q, r.Library, r.Status,
					r.Kind, r.Collection, f, got, want)
			}
			counted += len(want)
		}
	}
	if counted == 0 {
		t.Error("nothing was counted")
	}
	if _, err := w.x.Query(w.ctx(), search.Request{Library: dam.DefaultLibrary, Facets: []string{"width"}}); dam.CodeOf(
		err) != dam.Invalid {
		t.Errorf("a facet that is none: %v", err)
	}
	places(w)
}

// places: every cell of the map holds what area: finds there, all cells together what
// has a place, and what was asked of the place does not narrow them.
func places(w *world) {
	w.t.Helper()
	for zoom := range 15 {
		name := fmt.Sprintf("place:%d", zoom)
		res, err := w.x.Query(w.ctx(), search.Request{Library: dam.DefaultLibrary,
			Q: "type:image area:48.2,2.1,48.7,2.6", Facets: []string{name}, FacetLimit: 1000})
		if err != nil {
			w.t.Fatal(err)
		}
		sum := 0
		for _, c := range res.Facets[name] {
			cell, err := w.x.Query(w.ctx(), search.Request{Library: dam.DefaultLibrary,
				Q: "type:image area:" + c.Value})
			if err != nil || cell.Total != c.Count {
				w.t.Errorf("zoom %d: %+v, found %d %v", zoom, c, cell.Total, err)
			}
			middle, err := w.x.Query(w.ctx(), search.Request{Library: dam.DefaultLibrary,
				Q: fmt.Sprintf("type:image near:%f,%f,2m", *c.Lat, *c.Lon)})
			if c.Count == 1 && (err != nil || middle.Total != 1) {
				w.t.Errorf("zoom %d: %+v is not where its asset is: %d %v", zoom, c, middle.Total, err)
			}
			sum += c.Count
		}
		all, err := w.x.Query(w.ctx(), search.Request{Library: dam.DefaultLibrary, Q: "type:image is:placed"})
		if err != nil || sum != all.Total || sum == 0 {
			w.t.Errorf("zoom %d counts %d, %d have a place: %v", zoom, sum, all.Total, err)
		}
	}
	for _, bad := range []string{"place:x", "place:21", "taken:hour", "type:x", "size:year"} {
		if _, err := w.x.Query(w.ctx(), search.Request{Library: dam.DefaultLibrary, Facets: []string{bad}}); dam.CodeOf(
			err) != dam.Invalid {
			w.t.Errorf("%s: %v", bad, err)
		}
	}
}

// small puts a few known assets into a world.
func small(t *testing.T, e search.TextEngine, seed uint64) *world {
	w := newWorld(t, e, seed)
	for _, a := range []dam.Asset{
		{Title: dam.Text{"fr": "Manteau d'hiver"}, Tags: []string{"nature/forest", "hiver"}, Creator: "Julie Martin"},
		{Title: dam.Text{"fr": "Manteau léger"}, Tags: []string{"Hiver"}, SKUs: []string{"MAN-1042"}},
		{Title: dam.Text{"en": "Photographer at work"}, Creator: "Julian Bell", SKUs: []string{"MAN-1043"}},
		{Title: dam.Text{"en": "Hidden mantle"}, Tags: []string{"manège"}, Library: "outlet"},
		{Title: dam.Text{"en": "Julius in the bin"}, Tags: []string{"hibou"}, DeletedAt: &clock},
	} {
		w.next++
		a.ID, a.Number, a.CreatedAt = fmt.Sprintf("a_%026d", w.next), w.next, clock
		if a.Library == "" {
			a.Library = dam.DefaultLibrary
		}
		w.cat.Put(a)
	}
	w.open()
	w.caughtUp()
	return w
}

func forgiving(t *testing.T, e search.TextEngine) {
	w := small(t, e, 32)
	for _, c := range []struct {
		q          string
		total      int
		fuzzy      bool
		suggestion string
	}{
		{"manteau", 2, false, ""},
		{"mantaeu", 2, true, "manteau"},             // swapped
		{"manteua léger", 1, true, "manteau léger"}, // the right word stays as it was typed
		{"mantau", 2, true, "manteau"},              // left out
		{"mannteau", 2, false, ""},                  // doubled: the same stem
		{"Photografer OR zzzzzz", 0, false, ""},     // two edits
		{"photographr", 1, true, "photographer"},
		{"mantelo", 0, false, ""},  // near a word of another library only
		{"hibxou", 0, false, ""},   // near a word in the bin only
		{"hivr", 0, false, ""},     // too short
		{"man1043x", 0, false, ""}, // digits
		{`"mantaeu"`, 0, false, ""}, {"title:mantaeu", 0, false, ""}, {"mantaeu*", 0, false, ""},
		{"tag:hivre", 0, false, ""},
	} {
		res, err := w.x.Query(w.ctx(), search.Request{Library: dam.DefaultLibrary, Q: c.q})
		if err != nil || res.Total != c.total || res.Fuzzy != c.fuzzy || res.Suggestion != c.suggestion {
			t.Errorf("%s: total %d fuzzy %v suggestion %q, %v; want %+v", c.q, res.Total, res.Fuzzy, res.Suggestion,
				err, c)
		}
		exact, err := w.x.Query(w.ctx(), search.Request{Library: dam.DefaultLibrary, Q: c.q, Exact: true})
		if err != nil || c.fuzzy && exact.Total != 0 || exact.Fuzzy {
			t.Errorf("%s exactly: %+v %v", c.q, exact, err)
		}
	}
}

func suggest(t *testing.T, e search.TextEngine) {
	w := small(t, e, 33)
	for typed, want := range map[string]string{
		"":            "",
		"m":           "",
		"ma":          "sku:MAN-1042/1 sku:MAN-1043/1 creator:\"Julie Martin\"/1 asset asset asset",
		"MANT":        "asset asset",
		"hiv":         "tag:hiver/2 asset asset",
		"d'hiv":       "tag:hiver/2 asset asset",
		"for":         "tag:nature/forest/1 asset",
		"jul":         `creator:"Julian Bell"/1 creator:"Julie Martin"/1 asset asset`,
		"julie mar":   `creator:"Julie Martin"/1 asset`,
		"man-104":     "sku:MAN-1042/1 sku:MAN-1043/1 asset asset",
		"photographe": "asset",
		"hidden":      "",
		"hibou":       "",
		"léger":       "asset",
	} {
		list, err := w.x.Suggest(w.ctx(), dam.DefaultLibrary, typed)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, s := range list {
			if s.Field == "asset" {
				got = append(got, "asset")
			} else {
				got = append(got, fmt.Sprintf("%s/%d", s.Query, s.Count))
			}
			res, err := w.x.Query(w.ctx(), search.Request{Library: dam.DefaultLibrary, Q: s.Query})
			if err != nil || res.Total != s.Count {
				t.Errorf("%s proposes %s with %d, which finds %d: %v", typed, s.Query, s.Count, res.Total, err)
			}
		}
		if s := strings.Join(got, " "); s != want {
			t.Errorf("%s: got %s, want %s", typed, s, want)
		}
	}
}
