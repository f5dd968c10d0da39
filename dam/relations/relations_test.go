package relations_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/catalog/catalogtest"
	"vitrine/dam/relations"
	"vitrine/dam/rights"
)

const library = dam.DefaultLibrary

// world is a catalogue and the service on it.
type world struct {
	*testing.T
	cat *catalog.Catalog
	s   *relations.Service
	n   int
}

func newWorld(t *testing.T, cat *catalog.Catalog) *world {
	return &world{T: t, cat: cat, s: &relations.Service{Catalog: cat, Rights: &rights.Service{Catalog: cat}}}
}

// Context is one in which the system acts.
func (w *world) Context() context.Context { return catalogtest.Context(w.T) }

// as is a context in which somebody with a role acts.
func (w *world) as(role dam.Role) context.Context {
	return dam.WithActor(w.Context(), dam.Principal{ID: "u_" + string(role),
		Grants: map[string]dam.Role{library: role}})
}

func (w *world) write(fn func(tx *catalog.Tx) error) {
	w.Helper()
	if err := w.cat.Write(w.Context(), fn); err != nil {
		w.Fatal(err)
	}
}

// assets adds drafts of the system's.
func (w *world) assets(n int) (ids []string) {
	w.Helper()
	for range n {
		w.n++
		a := dam.Asset{ID: dam.NewID(dam.AssetPrefix), Library: library, Kind: dam.KindImage}
		a.Latest = dam.Version{ID: dam.NewID(dam.VersionPrefix), Asset: a.ID, N: 1, SHA256: a.ID, Status: dam.Draft,
			FileName: fmt.Sprintf("%d.jpg", w.n)}
		w.write(func(tx *catalog.Tx) error { return tx.Assets().InsertAsset(w.Context(), &a, dam.Metadata{}) })
		ids = append(ids, a.ID)
	}
	return ids
}

// version adds one to an asset.
func (w *world) version(id string) {
	w.Helper()
	w.write(func(tx *catalog.Tx) error {
		a, err := tx.Assets().LockAsset(w.Context(), library, id)
		if err != nil {
			return err
		}
		w.n++
		return tx.Versions().AddVersion(w.Context(), &a, dam.Version{ID: dam.NewID(dam.VersionPrefix),
			SHA256: fmt.Sprint(w.n), Status: dam.Draft}, dam.Metadata{})
	})
}

func (w *world) add(from string, kind dam.RelationKind, to string) dam.Related {
	w.Helper()
	x, err := w.s.Add(w.Context(), library, from, relations.NewRelation{Kind: kind, To: to})
	if err != nil {
		w.Fatal(err)
	}
	return x
}

// of returns the relations of an asset as "kind direction id", with a star for stale ones.
func (w *world) of(ctx context.Context, id string) (out []string) {
	w.Helper()
	list, err := w.s.Of(ctx, library, id)
	if err != nil {
		w.Fatal(err)
	}
	for _, x := range list {
		s := fmt.Sprintf("%s %s %s", x.Kind, x.Direction, x.Asset.ID)
		if x.Stale {
			s += "*"
		}
		out = append(out, s)
	}
	return out
}

// stale reports whether the catalogue says that an asset is stale.
func (w *world) stale(ctx context.Context, id string) bool {
	w.Helper()
	list, err := w.cat.Assets().List(ctx, []string{id})
	if err != nil || len(list) != 1 {
		w.Fatal(list, err)
	}
	return list[0].Stale
}

// events returns the types of the events about an asset after a seq.
func (w *world) events(after int64, id string) (out []dam.EventType) {
	w.Helper()
	list, err := w.cat.Log().Events(w.Context(), library, after, 1000)
	if err != nil {
		w.Fatal(err)
	}
	for _, e := range list {
		if e.Asset == id {
			out = append(out, e.Type)
		}
	}
	return out
}

func (w *world) want(what string, code dam.Code, err error) {
	w.Helper()
	if dam.CodeOf(err) != code {
		w.Errorf("%s: %v, want %s", what, err, code)
	}
}

// A relation is seen from both of its assets. It is made once, and closes no circle.
func TestBothWays(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, c *catalog.Catalog) {
		w := newWorld(t, c)
		ids := w.assets(4)
		a, b, d, e := ids[0], ids[1], ids[2], ids[3]
		x := w.add(a, dam.DerivedFrom, b)
		if again := w.add(a, dam.DerivedFrom, b); again.ID != x.ID {
			t.Errorf("made twice: %s, %s", x.ID, again.ID)
		}
		w.add(a, dam.PartOf, b)
		if got := w.of(w.Context(), a); !slices.Equal(got, []string{"derived_from to " + b, "part_of to " + b}) {
			t.Errorf("from one side: %v", got)
		}
		if got := w.of(w.Context(), b); !slices.Equal(got, []string{"derived_from from " + a, "part_of from " + a}) {
			t.Errorf("from the other side: %v", got)
		}
		w.add(b, dam.TranslationOf, d)
		_, err := w.s.Add(w.Context(), library, a, relations.NewRelation{Kind: dam.VariantOf, To: a})
		w.want("itself", dam.Invalid, err)
		for _, kind := range dam.MadeFrom() { // whatever the kinds on the way are
			_, err := w.s.Add(w.Context(), library, d, relations.NewRelation{Kind: kind, To: a})
			w.want("a circle of "+string(kind), dam.Conflict, err)
		}
		_, err = w.s.Add(w.Context(), library, b, relations.NewRelation{Kind: dam.PartOf, To: a})
		w.want("a circle of parts", dam.Conflict, err)
		w.add(d, dam.PartOf, a) // a layout that is made from a picture has it as a part
		_, err = w.s.Add(w.Context(), library, a, relations.NewRelation{Kind: dam.VariantOf, To: "a_none"})
		w.want("nothing", dam.NotFound, err)
		_, err = w.s.Add(w.Context(), "other", a, relations.NewRelation{Kind: dam.VariantOf, To: b})
		w.want("another library", dam.NotFound, err)
		w.want("of another asset", dam.NotFound, w.s.Remove(w.Context(), library, e, x.ID))
		head, err := c.Log().Head(w.Context())
		if err != nil {
			t.Fatal(err)
		}
		if err := w.s.Remove(w.Context(), library, b, x.ID); err != nil { // from the other side
			t.Fatal(err)
		}
		if got := w.of(w.Context(), a); len(got) != 2 {
			t.Errorf("after the removal: %v", got)
		}
		for _, id := range []string{a, b} {
			if got := w.events(head, id); !slices.Equal(got, []dam.EventType{dam.AssetUnrelated}) {
				t.Errorf("events: %v", got)
			}
		}
		// What is deleted for good takes its relations along.
		head, _ = c.Log().Head(w.Context())
		w.write(func(tx *catalog.Tx) error { return tx.Assets().DeleteAsset(w.Context(), a) })
		if got := w.of(w.Context(), b); len(got) != 1 {
			t.Errorf("after the deletion: %v", got)
		}
		if got := w.events(head, d); !slices.Equal(got, []dam.EventType{dam.AssetUnrelated}) {
			t.Errorf("events: %v", got)
		}
	})
}

// A new version of its source makes an asset stale, until it is confirmed or has a new version, too.
func TestStale(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, c *catalog.Catalog) {
		w := newWorld(t, c)
		ids := w.assets(3)
		source, derived, part := ids[0], ids[1], ids[2]
		x := w.add(derived, dam.VariantOf, source)
		w.add(part, dam.PartOf, source)
		head, err := c.Log().Head(w.Context())
		if err != nil {
			t.Fatal(err)
		}
		w.version(source)
		w.version(source)
		if !w.stale(w.Context(), derived) || w.stale(w.Context(), part) || w.stale(w.Context(), source) {
			t.Error("the derived asset alone is stale")
		}
		if got := w.events(head, derived); !slices.Equal(got, []dam.EventType{dam.AssetSourceChanged}) {
			t.Errorf("events: %v", got)
		}
		want := []string{"variant_of from " + derived + "*", "part_of from " + part}
		if got := w.of(w.Context(), source); !slices.Equal(got, want) {
			t.Errorf("the source shows %v", got)
		}
		two := 2
		y, err := w.s.Confirm(w.Context(), library, source, x.ID, &two) // of the version that the person saw
		if err != nil || y.Version != 2 || y.Latest != 3 || !y.Stale || y.Direction != dam.DirectionFrom {
			t.Errorf("confirmed: %+v, %v", y, err)
		}
		if y, err = w.s.Confirm(w.Context(), library, derived, x.ID, nil); err != nil || y.Stale || y.Version != 3 {
			t.Errorf("confirmed: %+v, %v", y, err)
		}
		if w.stale(w.Context(), derived) {
			t.Error("stale after it was confirmed")
		}
		w.version(source)
		w.version(derived)
		if w.stale(w.Context(), derived) {
			t.Error("stale after a new version of its own")
		}
		one := 1
		if y, err = w.s.Add(w.Context(), library, part, relations.NewRelation{Kind: dam.DerivedFrom, To: source,
			Version: &one}); err != nil || !y.Stale || y.Version != 1 {
			t.Errorf("made from an old version: %+v, %v", y, err)
		}
	})
}

// Who doesn't see an asset learns nothing of it by its relations, and who may not edit one can't relate it.
func TestWhoSees(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, c *catalog.Catalog) {
		w := newWorld(t, c)
		ids := w.assets(4)
		hidden, shown, other, binned := ids[0], ids[1], ids[2], ids[3]
		x := w.add(shown, dam.DerivedFrom, hidden)
		w.add(other, dam.VariantOf, shown)
		w.add(shown, dam.PartOf, binned)
		w.write(func(tx *catalog.Tx) error {
			for _, id := range []string{shown, other} {
				a, err := tx.Assets().LockAsset(w.Context(), library, id)
				if err != nil {
					return err
				}
				now := tx.Now()
				a.Latest.Status, a.Latest.ApprovedAt, a.Live, a.Published = dam.Approved, &now, a.Latest.ID, true
				if err := tx.Versions().UpdateVersion(w.Context(), a.Latest); err != nil {
					return err
				}
				if err := tx.Assets().UpdateAsset(w.Context(), &a); err != nil {
					return err
				}
			}
			a, err := tx.Assets().LockAsset(w.Context(), library, binned)
			if err != nil {
				return err
			}
			now := tx.Now()
			a.DeletedAt = &now
			return tx.Assets().UpdateAsset(w.Context(), &a)
		})
		w.version(hidden)
		w.version(shown)
		w.version(hidden)
		viewer, editor := w.as(dam.Viewer), w.as(dam.Editor)
		if got := w.of(viewer, shown); !slices.Equal(got, []string{"variant_of from " + other}) {
			t.Errorf("a viewer is shown %v", got)
		}
		if got := w.of(viewer, other); !slices.Equal(got, []string{"variant_of to " + shown}) {
			t.Errorf("a viewer is told of a draft: %v", got)
		}
		if w.stale(viewer, shown) || w.stale(viewer, other) || !w.stale(editor, other) || !w.stale(editor, shown) {
			t.Error("a viewer is told of a draft, or an editor isn't")
		}
		if got := w.of(editor, shown); len(got) != 3 {
			t.Errorf("an editor is shown %v", got)
		}
		_, err := w.s.Of(viewer, library, hidden)
		w.want("a viewer asks for a draft", dam.NotFound, err)
		w.want("a viewer removes", dam.NotFound, w.s.Remove(viewer, library, shown, x.ID))
		for role, code := range map[dam.Role]dam.Code{dam.Viewer: dam.Forbidden, dam.Contributor: dam.Forbidden} {
			_, err := w.s.Add(w.as(role), library, other, relations.NewRelation{Kind: dam.PartOf, To: shown})
			w.want(string(role), code, err)
		}
		_, err = w.s.Add(viewer, library, other, relations.NewRelation{Kind: dam.PartOf, To: hidden})
		w.want("to what isn't seen", dam.NotFound, err)
		_, err = w.s.Add(editor, library, other, relations.NewRelation{Kind: dam.PartOf, To: binned})
		w.want("to what is in the bin", dam.Conflict, err)
		_, err = w.s.Confirm(w.as(dam.Contributor), library, shown, x.ID, nil)
		w.want("a contributor confirms", dam.Forbidden, err)
		if _, err := w.s.Confirm(editor, library, shown, x.ID, nil); err != nil {
			t.Error(err)
		}
	})
}

// An asset has a bounded number of relations.
func TestBounds(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, c *catalog.Catalog) {
		w := newWorld(t, c)
		ids := w.assets(2)
		w.write(func(tx *catalog.Tx) error {
			for range dam.MaxRelations {
				a := dam.Asset{ID: dam.NewID(dam.AssetPrefix), Library: library, Kind: dam.KindImage}
				a.Latest = dam.Version{ID: dam.NewID(dam.VersionPrefix), Asset: a.ID, N: 1, SHA256: a.ID}
				if err := tx.Assets().InsertAsset(w.Context(), &a, dam.Metadata{}); err != nil {
					return err
				}
				if err := tx.Assets().Relations().Insert(w.Context(), &dam.Relation{ID: dam.NewID(dam.RelationPrefix),
					Library: library, From: a.ID, To: ids[0], Kind: dam.VariantOf, Version: 1}); err != nil {
					return err
				}
			}
			return nil
		})
		for _, pair := range [][2]string{{ids[0], ids[1]}, {ids[1], ids[0]}} {
			_, err := w.s.Add(w.Context(), library, pair[0], relations.NewRelation{Kind: dam.PartOf, To: pair[1]})
			w.want("one more", dam.Conflict, err)
		}
		if got := w.of(w.Context(), ids[0]); len(got) != dam.MaxRelations {
			t.Errorf("%d are listed", len(got))
		}
		w.version(ids[0]) // all of them are told
	})
}

// Four people can't close a circle together that none of them sees.
func TestCircleTogether(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, c *catalog.Catalog) {
		w := newWorld(t, c)
		ids := w.assets(4)
		errs := make([]error, len(ids))
		var g sync.WaitGroup
		for i := range ids {
			g.Go(func() {
				_, errs[i] = w.s.Add(w.Context(), library, ids[i], relations.NewRelation{Kind: dam.DerivedFrom,
					To: ids[(i+1)%len(ids)]})
			})
		}
		g.Wait()
		refused := 0
		for _, err := range errs {
			if err != nil {
				w.want("a circle", dam.Conflict, err)
				refused++
			}
		}
		if refused != 1 {
			t.Errorf("%d of four were refused: %v", refused, errs)
		}
	})
}

// What takes the place of duplicates has their relations; what was stale stays so.
func TestMerge(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, c *catalog.Catalog) {
		w := newWorld(t, c)
		ids := w.assets(6)
		keep, dup, source, fresh, old, both := ids[0], ids[1], ids[2], ids[3], ids[4], ids[5]
		w.add(dup, dam.DerivedFrom, source)
		w.add(dup, dam.VariantOf, keep)
		w.add(old, dam.VariantOf, dup)
		w.version(dup)
		w.version(keep)
		w.add(fresh, dam.VariantOf, dup)
		w.add(both, dam.PartOf, dup)
		w.add(both, dam.PartOf, keep)
		merge := func() error {
			return w.cat.Write(w.Context(), func(tx *catalog.Tx) error {
				if err := w.s.Hold(w.Context(), tx, library, nil); err != nil {
					return err
				}
				list, err := tx.Assets().LockAssets(w.Context(), []string{keep, dup})
				if err == nil {
					at := slices.IndexFunc(list, func(a dam.Asset) bool { return a.ID == keep })
					_, err = w.s.Merge(w.Context(), tx, &list[at], []dam.Asset{list[1-at]})
				}
				return err
			})
		}
		if err := merge(); err != nil {
			t.Fatal(err)
		}
		want := []string{"derived_from to " + source, "variant_of from " + old + "*", "variant_of from " + fresh,
			"part_of from " + both}
		if got := w.of(w.Context(), keep); !slices.Equal(got, want) {
			t.Errorf("%v\nwant %v", got, want)
		}
		if got := w.of(w.Context(), dup); len(got) != 0 {
			t.Errorf("the duplicate keeps %v", got)
		}
		// A merge that would close a circle is refused.
		w.add(source, dam.VariantOf, dup)
		w.want("a circle by a merge", dam.Conflict, merge())
	})
}
