package collections_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/catalog/catalogtest"
	"vitrine/dam/collections"
	"vitrine/dam/savedsearch"
	"vitrine/search"
	"vitrine/search/bleve"
)

const library = dam.DefaultLibrary

// world is a catalogue with a search index, and the service on both.
type world struct {
	testing.TB
	cat  *catalog.Catalog
	s    *collections.Service
	find *savedsearch.Service
}

func (w *world) Context() context.Context { return catalogtest.Context(w.TB) }

func newWorld(t testing.TB, cat *catalog.Catalog) *world {
	t.Helper()
	index, err := search.Open(catalogtest.Context(t), search.Options{Source: cat.SearchSource(), Engine: bleve.Engine{},
		Dir: t.TempDir(), Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := index.Close(); err != nil {
			t.Error(err)
		}
	})
	tree := &collections.Tree{Catalog: cat, Fold: search.Fold}
	find := &savedsearch.Service{Catalog: cat, Index: index, Tree: tree}
	return &world{t, cat, &collections.Service{Catalog: cat, Tree: tree, Search: find}, find}
}

func (w *world) write(fn func(tx *catalog.Tx) error) {
	w.Helper()
	if err := w.cat.Write(w.Context(), fn); err != nil {
		w.Fatal(err)
	}
}

// asset adds one that has tags.
func (w *world) asset(tags ...string) string {
	w.Helper()
	a := dam.Asset{ID: dam.NewID(dam.AssetPrefix), Library: library, Kind: dam.KindImage, Tags: tags}
	a.Latest = dam.Version{ID: dam.NewID(dam.VersionPrefix), Asset: a.ID, N: 1, SHA256: a.ID, Status: dam.Draft}
	w.write(func(tx *catalog.Tx) error {
		tx.EmitAsset(dam.AssetCreated, &a, nil)
		return tx.Assets().InsertAsset(w.Context(), &a, dam.Metadata{})
	})
	return a.ID
}

// tag replaces an asset's tags.
func (w *world) tag(id string, tags ...string) {
	w.Helper()
	w.write(func(tx *catalog.Tx) error {
		a, err := tx.Assets().LockAsset(w.Context(), library, id)
		if err != nil {
			return err
		}
		a.Tags = tags
		tx.EmitAsset(dam.AssetUpdated, &a, map[string]any{"fields": []string{"tags"}})
		return tx.Assets().UpdateAsset(w.Context(), &a)
	})
}

func (w *world) make(name, parent string, change ...func(*collections.New)) dam.Collection {
	w.Helper()
	n := collections.New{Name: name, Parent: parent}
	for _, c := range change {
		c(&n)
	}
	c, err := w.s.Create(w.Context(), library, n)
	if err != nil {
		w.Fatalf("%s: %v", name, err)
	}
	return c
}

func query(q string) func(*collections.New) { return func(n *collections.New) { n.Query = q } }

// names lists what is directly in a parent, in its order.
func (w *world) names(ctx context.Context, parent string) (out []string) {
	w.Helper()
	list, next, err := w.s.List(ctx, library, collections.Page{Parent: parent})
	if err != nil || next != "" {
		w.Fatal(list, next, err)
	}
	for _, c := range list {
		out = append(out, c.Name)
	}
	return out
}

// found returns how many assets a query finds once the index has everything.
func (w *world) found(ctx context.Context, q string) (ids []string) {
	w.Helper()
	head, err := w.cat.Log().Head(w.Context())
	if err != nil {
		w.Fatal(err)
	}
	if err := w.find.Each(ctx, library, dam.Selection{Filter: dam.BulkFilter{Q: q}, Seq: head},
		func(int, int64) error { return nil }, func(list []string) error {
			ids = append(ids, list...)
			return nil
		}); err != nil {
		w.Fatalf("%s: %v", q, err)
	}
	slices.Sort(ids)
	return ids
}

func (w *world) get(ctx context.Context, id string) dam.Collection {
	w.Helper()
	head, err := w.cat.Log().Head(w.Context())
	if err != nil {
		w.Fatal(err)
	}
	c, err := w.s.Get(ctx, library, id, head)
	if err != nil {
		w.Fatal(err)
	}
	return c
}

func (w *world) refused(err error, code dam.Code, field string) {
	w.Helper()
	var e *dam.Error
	if !errors.As(err, &e) || e.Code != code || e.Field != field {
		w.Errorf("got %v, want %s in %q", err, code, field)
	}
}

func sorted(ids ...string) []string { return slices.Sorted(slices.Values(ids)) }

func TestTree(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, cat *catalog.Catalog) {
		w := newWorld(t, cat)
		ctx := w.Context()
		clients := w.make("Clients", "")
		acme, bolt := w.make("Acme", clients.ID), w.make("Bolt", clients.ID)
		summer := w.make("Summer", acme.ID)
		other := w.make("Summer", bolt.ID) // names differ among siblings only
		if _, err := w.s.Create(ctx, library, collections.New{Name: "summer", Parent: acme.ID}); dam.CodeOf(err) !=
			dam.Conflict {
			t.Errorf("a second one of that name: %v", err)
		}
		x := w.make("First", clients.ID, func(n *collections.New) { n.Before = acme.ID })
		if got := w.names(ctx, clients.ID); !slices.Equal(got, []string{"First", "Acme", "Bolt"}) {
			t.Errorf("siblings: %v", got)
		}
		for i := range 40 { // until there is no room between two positions
			before := []string{bolt.ID, acme.ID}[i%2]
			var err error
			if x, err = w.s.Move(ctx, library, x.ID, x.Revision, clients.ID, before); err != nil {
				t.Fatal(i, err)
			}
			want := [][]string{{"Acme", "First", "Bolt"}, {"First", "Acme", "Bolt"}}[i%2]
			if got := w.names(ctx, clients.ID); !slices.Equal(got, want) {
				t.Fatalf("after %d moves: %v, want %v", i+1, got, want)
			}
		}
		_, err := w.s.Move(ctx, library, x.ID, 1, "", "")
		w.refused(err, dam.Stale, "If-Match")
		_, err = w.s.Move(ctx, library, clients.ID, 0, summer.ID, "")
		w.refused(err, dam.Invalid, "parent")
		_, err = w.s.Move(ctx, library, clients.ID, 0, clients.ID, "")
		w.refused(err, dam.Invalid, "parent")
		_, err = w.s.Move(ctx, library, x.ID, 0, "c_nowhere", "")
		w.refused(err, dam.Invalid, "parent")
		_, err = w.s.Move(ctx, library, x.ID, 0, "", acme.ID)
		w.refused(err, dam.Invalid, "before")

		ids, err := cat.Assets().Collections().Subtree(ctx, library, acme.ID)
		if err != nil || !slices.Equal(sorted(ids...), sorted(acme.ID, summer.ID)) {
			t.Errorf("below Acme: %v %v", ids, err)
		}
		if ids, err = cat.Assets().Collections().Subtree(ctx, "elsewhere", acme.ID); err != nil || len(ids) != 0 {
			t.Errorf("in another library: %v %v", ids, err)
		}
		if p := w.get(ctx, summer.ID).Path; len(p) != 2 || p[0].Name != "Clients" || p[1].Name != "Acme" {
			t.Errorf("path: %v", p)
		}

		a, b := w.asset("one"), w.asset("two")
		for id, assets := range map[string][]string{acme.ID: {a}, summer.ID: {a, b}, other.ID: {b}} {
			if _, err := w.s.Collect(ctx, library, id, assets, true); err != nil {
				t.Fatal(err)
			}
		}
		if c := w.get(ctx, clients.ID); c.Count != 0 || c.Below == nil || *c.Below != 2 || c.Children != 3 {
			t.Errorf("Clients: %+v", c)
		}
		for q, want := range map[string][]string{
			"collection:Clients": nil, "collection:Clients/*": {a, b}, `collection:"Acme/*"`: {a, b},
			"collection:Acme": {a}, "collection:" + acme.ID + "/*": {a, b}, "collection:Bolt/Summer": {b},
			"collection:summer": {a, b}, "collection:nowhere/*": nil, "collection:Clients/* -collection:Acme": {b},
			"collection:Clients/Bolt/*": {b},
		} {
			if got := w.found(ctx, q); !slices.Equal(got, sorted(want...)) {
				t.Errorf("%s: %v, want %v", q, got, want)
			}
		}

		// Who is limited to Summer of Acme has it at the top, and learns of nothing above it.
		limited := dam.WithActor(ctx, dam.Principal{ID: "u_x", Grants: map[string]dam.Role{library: dam.Contributor},
			Collections: map[string][]string{library: {summer.ID}}})
		if got := w.names(limited, collections.Top); !slices.Equal(got, []string{"Summer"}) {
			t.Errorf("limited: %v", got)
		}
		if c := w.get(limited, summer.ID); c.Parent != "" || len(c.Path) != 0 || c.Count != 2 {
			t.Errorf("limited: %+v", c)
		}
		if _, err := w.s.Get(limited, library, acme.ID, 0); dam.CodeOf(err) != dam.NotFound {
			t.Errorf("limited: %v", err)
		}
		if got := w.found(limited, "collection:Clients/*"); len(got) != 0 {
			t.Errorf("limited, by a name they don't know: %v", got)
		}
	})
}

// A tree has a bounded depth, and no cycle even if two moves that make one run at the same time.
func TestDepthAndCycles(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, cat *catalog.Catalog) {
		w := newWorld(t, cat)
		ctx := w.Context()
		parent := ""
		var ids []string
		for i := range dam.MaxCollectionDepth {
			c := w.make(fmt.Sprint(i), parent)
			parent, ids = c.ID, append(ids, c.ID)
		}
		_, err := w.s.Create(ctx, library, collections.New{Name: "deeper", Parent: parent})
		w.refused(err, dam.Invalid, "parent")
		two := w.make("two", "")
		w.make("levels", two.ID)
		_, err = w.s.Move(ctx, library, two.ID, 0, ids[18], "")
		w.refused(err, dam.Invalid, "parent")
		if _, err = w.s.Move(ctx, library, two.ID, 0, ids[17], ""); err != nil {
			t.Errorf("to the last levels: %v", err)
		}

		a, b := w.make("a", ""), w.make("b", "")
		var wait sync.WaitGroup
		for range 3 {
			for _, move := range [][2]string{{a.ID, b.ID}, {b.ID, a.ID}} {
				wait.Go(func() {
					_, err := w.s.Move(ctx, library, move[0], 0, move[1], "")
					if err != nil && dam.CodeOf(err) != dam.Invalid {
						t.Error(err)
					}
				})
			}
		}
		wait.Wait()
		for _, id := range []string{a.ID, b.ID} {
			above, err := cat.Assets().Collections().Above(ctx, id)
			if err != nil || len(above) > 2 {
				t.Errorf("above %s: %v %v", id, above, err)
			}
		}
	})
}

func TestDeleteAndUndelete(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, cat *catalog.Catalog) {
		w := newWorld(t, cat)
		ctx := w.Context()
		top := w.make("Top", "")
		in := w.make("In", top.ID)
		a, b := w.asset("x"), w.asset("x")
		for id, assets := range map[string][]string{top.ID: {a}, in.ID: {b, a}} {
			if _, err := w.s.Collect(ctx, library, id, assets, true); err != nil {
				t.Fatal(err)
			}
		}
		if d, err := w.s.Deletion(ctx, library, top.ID); err != nil || d.Collections != 2 || d.Assets != 2 {
			t.Errorf("beforehand: %+v %v", d, err)
		}
		w.refused(w.s.Delete(ctx, library, top.ID, 0, false), dam.Conflict, "below")
		limited := dam.WithActor(ctx, dam.Principal{ID: "u_x", Grants: map[string]dam.Role{library: dam.Editor},
			Collections: map[string][]string{library: {top.ID}}})
		w.refused(w.s.Delete(limited, library, top.ID, 0, true), dam.Forbidden, "")
		w.refused(w.s.Delete(ctx, library, top.ID, 99, true), dam.Stale, "If-Match")
		if err := w.s.Delete(ctx, library, top.ID, 0, true); err != nil {
			t.Fatal(err)
		}
		if x, err := cat.Assets().Asset(ctx, library, a); err != nil || len(x.Collections) != 0 {
			t.Errorf("after the deletion: %v %v", x.Collections, err)
		}
		if got := w.found(ctx, "collection:"+in.ID); len(got) != 0 {
			t.Errorf("still found: %v", got)
		}
		list, err := w.s.Deleted(ctx, library)
		if err != nil || len(list) != 1 || list[0].ID != top.ID || list[0].DeletedAt == nil {
			t.Errorf("the bin: %v %v", list, err)
		}
		w.make("Top", "") // its name is taken meanwhile
		back, err := w.s.Undelete(ctx, library, top.ID)
		if err != nil || back.Name != "Top (2)" || back.Parent != "" || back.DeletedAt != nil {
			t.Errorf("back: %+v %v", back, err)
		}
		if got := w.found(ctx, "collection:"+in.ID); !slices.Equal(got, sorted(a, b)) {
			t.Errorf("after the way back: %v", got)
		}
		if _, err := w.s.Undelete(ctx, library, top.ID); dam.CodeOf(err) != dam.NotFound {
			t.Errorf("twice: %v", err)
		}
		// What comes back finds its parent gone.
		if err := w.s.Delete(ctx, library, in.ID, 0, false); err != nil {
			t.Fatal(err)
		}
		if err := w.s.Delete(ctx, library, top.ID, 0, false); err != nil {
			t.Fatal(err)
		}
		if back, err = w.s.Undelete(ctx, library, in.ID); err != nil || back.Parent != "" || back.Count != 2 {
			t.Errorf("without its parent: %+v %v", back, err)
		}
	})
}

func TestOrderByHand(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, cat *catalog.Catalog) {
		w := newWorld(t, cat)
		ctx := w.Context()
		c := w.make("Lookbook", "")
		var ids []string
		number := map[uint32]int{}
		for i := range 5 {
			ids = append(ids, w.asset("x"))
			a, err := cat.Assets().Asset(ctx, library, ids[i])
			if err != nil {
				t.Fatal(err)
			}
			number[a.Number] = i
		}
		if _, err := w.s.Collect(ctx, library, c.ID, ids, true); err != nil {
			t.Fatal(err)
		}
		order := func() (out []int) {
			list, err := cat.Assets().Collections().Order(ctx, c.ID)
			if err != nil {
				t.Fatal(err)
			}
			for _, n := range list {
				out = append(out, number[n])
			}
			return out
		}
		for _, step := range []struct {
			move   []int
			before int // -1: behind all
			want   []int
		}{
			{[]int{3, 1}, 0, []int{3, 1, 0, 2, 4}}, {[]int{3}, -1, []int{1, 0, 2, 4, 3}},
			{[]int{4, 1}, 2, []int{0, 4, 1, 2, 3}}, {[]int{0, 1, 2, 3, 4}, -1, []int{0, 1, 2, 3, 4}},
		} {
			var move []string
			for _, i := range step.move {
				move = append(move, ids[i])
			}
			before := ""
			if step.before >= 0 {
				before = ids[step.before]
			}
			if _, err := w.s.Arrange(ctx, library, c.ID, move, before); err != nil {
				t.Fatal(err)
			}
			if got := order(); !slices.Equal(got, step.want) {
				t.Errorf("%v before %d: %v, want %v", step.move, step.before, got, step.want)
			}
		}
		for i := range 40 { // until there is no room between two positions
			if _, err := w.s.Arrange(ctx, library, c.ID, []string{ids[i%2]}, ids[4]); err != nil {
				t.Fatal(i, err)
			}
		}
		if got := order(); !slices.Equal(got, []int{2, 3, 0, 1, 4}) {
			t.Errorf("after many moves: %v", got)
		}
		// A search for it can be in that order.
		var listed []string
		w.found(ctx, "x") // the index has everything
		if err := w.find.Each(ctx, library, dam.Selection{Filter: dam.BulkFilter{Collection: c.ID}, Sort: "-position"},
			func(int, int64) error { return nil }, func(block []string) error {
				listed = append(listed, block...)
				return nil
			}); err != nil || !slices.Equal(listed, []string{ids[4], ids[1], ids[0], ids[3], ids[2]}) {
			t.Errorf("searched: %v %v", listed, err)
		}
		_, err := w.s.Arrange(ctx, library, c.ID, []string{ids[0], ids[0]}, "")
		w.refused(err, dam.Invalid, "assets")
		_, err = w.s.Arrange(ctx, library, c.ID, []string{w.asset()}, "")
		w.refused(err, dam.Conflict, "assets")
	})
}

func TestSmart(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, cat *catalog.Catalog) {
		w := newWorld(t, cat)
		ctx := w.Context()
		red, blue, plain := w.asset("red"), w.asset("blue"), w.asset()
		parent := w.make("Colours", "")
		c := w.make("Red", parent.ID, query("tag:red"))
		in := func(want ...string) {
			t.Helper()
			for _, q := range []string{"collection:Red", "collection:" + c.ID, "collection:Colours/*"} {
				if got := w.found(ctx, q); !slices.Equal(got, sorted(want...)) {
					t.Errorf("%s: %v, want %v", q, got, want)
				}
			}
			if x := w.get(ctx, c.ID); x.Count != len(want) || x.Problem != nil {
				t.Errorf("counts %d (%v), want %d", x.Count, x.Problem, len(want))
			}
			if x := w.get(ctx, parent.ID); x.Below == nil || *x.Below != len(want) {
				t.Errorf("what is below counts %v, want %d", x.Below, len(want))
			}
		}
		in(red)
		w.tag(blue, "red", "blue") // it follows an edit
		in(red, blue)
		collect := func(id string, into bool) {
			t.Helper()
			if _, err := w.s.Collect(ctx, library, c.ID, []string{id}, into); err != nil {
				t.Fatal(err)
			}
		}
		collect(plain, true)
		collect(red, false)
		in(blue, plain)
		if x, err := w.s.Exceptions(ctx, library, c.ID); err != nil || !slices.Equal(x.Always, []string{plain}) ||
			!slices.Equal(x.Never, []string{red}) {
			t.Errorf("exceptions: %+v %v", x, err)
		}

		yes, no := true, false
		change := func(e collections.Edit) error {
			var err error
			c, err = w.s.Change(ctx, library, c.ID, 0, e)
			return err
		}
		if err := change(collections.Edit{Frozen: &yes}); err != nil || c.FrozenAt == nil {
			t.Fatal(c, err)
		}
		w.tag(blue, "blue")
		green := w.asset("red")
		in(blue, plain) // the members of that moment
		q := "tag:blue"
		w.refused(change(collections.Edit{Query: &q}), dam.Conflict, "query")
		if err := change(collections.Edit{Frozen: &no}); err != nil {
			t.Fatal(err)
		}
		in(green, plain)
		if _, err := w.s.Forget(ctx, library, c.ID, []string{red, plain}); err != nil {
			t.Fatal(err)
		}
		in(red, green)
		if err := change(collections.Edit{Query: &q}); err != nil {
			t.Fatal(err)
		}
		in(blue)
		empty := ""
		if err := change(collections.Edit{Query: &empty}); err != nil || c.Smart {
			t.Fatal(c, err)
		}
		w.tag(blue)
		in(blue) // a plain one with what it had
	})
}

// Queries of smart collections can't build on each other, whichever comes first, so that there are no cycles.
func TestSmartNamesSmart(t *testing.T) {
	w := newWorld(t, catalogtest.SQLite(t))
	ctx := w.Context()
	a, b := w.asset("red"), w.asset("red")
	plain := w.make("Plain", "")
	if _, err := w.s.Collect(ctx, library, plain.ID, []string{a}, true); err != nil {
		t.Fatal(err)
	}
	smart := w.make("Smart", "", query("tag:red collection:Plain"))
	if got := w.found(ctx, "collection:Smart"); !slices.Equal(got, []string{a}) {
		t.Errorf("a query that names a plain one: %v", got)
	}
	for _, q := range []string{"collection:Smart", "tag:red -collection:" + smart.ID} {
		_, err := w.s.Create(ctx, library, collections.New{Name: "Other", Query: q})
		w.refused(err, dam.Invalid, "query")
		_, err = w.s.Change(ctx, library, smart.ID, 0, collections.Edit{Query: &q})
		w.refused(err, dam.Invalid, "query")
	}
	q := "tag:red"
	_, err := w.s.Change(ctx, library, plain.ID, 0, collections.Edit{Query: &q})
	w.refused(err, dam.Conflict, "query")
	// Everything below a parent includes the smart one that asks, which counts what people put in.
	top := w.make("Top", "")
	w.make("Self", top.ID, query("collection:Top/* tag:red"))
	if got := w.found(ctx, "collection:Top/*"); len(got) != 0 {
		t.Errorf("itself: %v", got)
	}
	for _, q := range []string{" ", "tag:", "nosuch:1", "similar:" + b, strings.Repeat("(", 5000)} {
		if _, err := w.s.Create(ctx, library, collections.New{Name: "Bad", Query: q}); dam.CodeOf(err) != dam.Invalid &&
			q != " " {
			t.Errorf("%.20q: %v", q, err)
		}
	}
}

// A person who is limited sees of a smart collection what they may see, in lists, counts and covers.
func TestSmartForTheLimited(t *testing.T) {
	w := newWorld(t, catalogtest.SQLite(t))
	ctx := w.Context()
	mine, hidden := w.asset("red"), w.asset("red")
	c := w.make("Red", "", query("tag:red"))
	agency := w.make("Agency", "")
	if _, err := w.s.Collect(ctx, library, agency.ID, []string{mine}, true); err != nil {
		t.Fatal(err)
	}
	if _, err := w.s.Change(ctx, library, c.ID, 0, collections.Edit{Cover: &hidden}); err != nil {
		t.Fatal(err)
	}
	limited := dam.WithActor(ctx, dam.Principal{ID: "u_x", Grants: map[string]dam.Role{library: dam.Contributor},
		Collections: map[string][]string{library: {agency.ID, c.ID}}})
	if got := w.found(limited, "collection:Red"); !slices.Equal(got, []string{mine}) {
		t.Errorf("finds %v", got)
	}
	if x := w.get(limited, c.ID); x.Count != 1 || *x.Below != 1 || x.Cover != "" || x.Query != "" || !x.Smart {
		t.Errorf("sees %+v", x)
	}
	if x := w.get(ctx, c.ID); x.Count != 2 || x.Cover != hidden {
		t.Errorf("who sees all sees %+v", x)
	}
}

func TestFavourites(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, cat *catalog.Catalog) {
		w := newWorld(t, cat)
		ctx := w.Context()
		w.make("A", "")
		b := w.make("B", "")
		ann := dam.WithActor(ctx, dam.Principal{ID: "u_ann", Grants: map[string]dam.Role{library: dam.Contributor}})
		for range 2 {
			if err := w.s.Star(ann, library, b.ID, true); err != nil {
				t.Fatal(err)
			}
		}
		list, _, err := w.s.List(ann, library, collections.Page{Favourites: true})
		if err != nil || len(list) != 1 || list[0].ID != b.ID || !list[0].Favourite {
			t.Errorf("Ann's: %v %v", list, err)
		}
		if list, _, err = w.s.List(ctx, library, collections.Page{Favourites: true}); err != nil || len(list) != 0 {
			t.Errorf("another's: %v %v", list, err)
		}
		if err := w.s.Star(ann, library, b.ID, false); err != nil {
			t.Fatal(err)
		}
		if list, _, err = w.s.List(ann, library, collections.Page{Favourites: true}); err != nil || len(list) != 0 {
			t.Errorf("no longer: %v %v", list, err)
		}
	})
}

// Pages neither repeat nor lose a collection.
func TestPages(t *testing.T) {
	w := newWorld(t, catalogtest.SQLite(t))
	for i := range 7 {
		w.make(fmt.Sprintf("N%d", 6-i), "")
	}
	for _, p := range []collections.Page{{Parent: collections.Top}, {}, {Q: "n"}} {
		var got []string
		for p.Limit = 3; ; {
			list, next, err := w.s.List(w.Context(), library, p)
			if err != nil || len(list) > 3 {
				t.Fatal(list, err)
			}
			for _, c := range list {
				got = append(got, c.Name)
			}
			if p.After = next; next == "" {
				break
			}
		}
		if p.Parent != "" {
			slices.Reverse(got)
		}
		if strings.Join(got, "") != "N0N1N2N3N4N5N6" {
			t.Errorf("%+v: %v", p, got)
		}
	}
	_, _, err := w.s.List(w.Context(), library, collections.Page{Limit: 1, After: "?"})
	w.refused(err, dam.Invalid, "after")
}
