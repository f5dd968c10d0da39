package searchtest

import (
	"maps"
	"slices"
	"testing"
	"time"

	"vitrine/dam"
	"vitrine/search"
)

// permissions asks as people with generated limits: hits, totals, every page, facets and
// suggestions have to be those of a library that holds nothing but what they may see.
func permissions(t *testing.T, e search.TextEngine) {
	w := newWorld(t, e, 34)
	w.change(500)
	w.open()
	w.caughtUp()
	hidden := 0
	for range 12 {
		w.actor = dam.Principal{ID: pick(w.r, []string{"u_ann", "u_bob", "u_eve"}), Grants: map[string]dam.Role{},
			Collections: map[string][]string{}}
		for _, library := range libraries {
			w.actor.Grants[library] = pick(w.r, []dam.Role{dam.Viewer, dam.Editor})
			if limit := some(w.r, []string{"c_one", "c_two", "c_gone"}, 2); w.r.IntN(5) > 0 {
				w.actor.Collections[library] = limit
			}
		}
		// The rule once more, in other words than the product's.
		w.ref.hides = func(a *dam.Asset) bool {
			limit := w.actor.Collections[a.Library]
			outside := len(limit) > 0
			for _, c := range a.Collections {
				outside = outside && !slices.Contains(limit, c)
			}
			unapproved := w.actor.Grants[a.Library] == dam.Viewer &&
				!dam.VisibilityAt(a.PublicFacts(time.UTC), clock, dam.UnknownAudience).Public()
			return (outside || unapproved) && a.CreatedBy != w.actor.ID
		}
		w.compare(40)
		w.facetsSeen()
		w.suggestionsSeen()
		for _, a := range w.cat.All() {
			if w.ref.hides(&a) {
				hidden++
			}
		}
	}
	if hidden == 0 {
		t.Error("nothing was hidden from anybody")
	}
	w.nobodyAsks()
}

// nobodyAsks makes sure that a forgotten actor is heard of, and finds no empty library.
func (w *world) nobodyAsks() {
	w.t.Helper()
	ctx, library := w.t.Context(), libraries[0]
	_, query := w.x.Query(ctx, search.Request{Library: library})
	_, suggest := w.x.Suggest(ctx, library, "nat")
	for what, err := range map[string]error{"query": query, "suggestions": suggest} {
		if dam.CodeOf(err) != dam.Internal {
			w.t.Errorf("%s for nobody: %v", what, err)
		}
	}
}

func (w *world) facetsSeen() {
	w.t.Helper()
	fields := []string{"type", "status", "tag", "sku", "collection", "creator", "taken"}
	for _, library := range libraries {
		res, err := w.x.Query(w.ctx(), search.Request{Library: library, Facets: fields, FacetLimit: 1000, Limit: 1})
		if err != nil {
			w.t.Fatal(err)
		}
		seen := w.ref.find(w.cat.All(), search.And(nil), library, false)
		if res.Total != len(seen) {
			w.t.Errorf("%s: total %d, want %d", library, res.Total, len(seen))
		}
		for _, f := range fields {
			want, got := facet(seen, f), map[string]int{}
			if limit := w.actor.Collections[library]; f == "collection" && len(limit) > 0 {
				maps.DeleteFunc(want, func(c string, _ int) bool { return !slices.Contains(limit, c) })
			}
			for _, c := range res.Facets[f] {
				got[search.Fold(c.Value)] = c.Count
			}
			if !maps.Equal(got, want) {
				w.t.Fatalf("%s for %+v: %s is %v, want %v", library, w.actor, f, got, want)
			}
		}
	}
}

func (w *world) suggestionsSeen() {
	w.t.Helper()
	for _, typed := range []string{"nat", "mart", "drs", "for", "noe", "ro"} {
		for _, library := range libraries {
			list, err := w.x.Suggest(w.ctx(), library, typed)
			if err != nil {
				w.t.Fatal(err)
			}
			for _, s := range list {
				tree, err := search.Parse(s.Query, search.Env{Now: clock})
				if err != nil {
					w.t.Fatal(s.Query, err)
				}
				if n := len(w.ref.find(w.cat.All(), tree, library, false)); n != s.Count || n == 0 {
					w.t.Fatalf("%s in %s for %+v proposes %+v; they may see %d", typed, library, w.actor, s, n)
				}
			}
		}
	}
}
