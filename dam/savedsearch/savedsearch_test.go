package savedsearch_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"testing"

	"vitrine/dam"
	"vitrine/dam/assets"
	"vitrine/dam/catalog"
	"vitrine/dam/catalog/catalogtest"
	"vitrine/dam/savedsearch"
	"vitrine/search"
	"vitrine/search/bleve"
)

type world struct {
	*testing.T
	cat *catalog.Catalog
	s   *savedsearch.Service
}

// Context is one in which the system acts.
func (w *world) Context() context.Context { return catalogtest.Context(w.T) }

func newWorld(t *testing.T, cat *catalog.Catalog) *world {
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
	return &world{t, cat, &savedsearch.Service{Catalog: cat, Index: index}}
}

// person adds somebody with a role and acts as them.
func (w *world) person(name string, role dam.Role) context.Context {
	w.Helper()
	u := catalog.Account{User: dam.User{ID: dam.NewID(dam.UserPrefix), Email: name + "@example.com", Name: name,
		Grants: map[string]dam.Role{dam.DefaultLibrary: role}}}
	if err := w.cat.Write(w.Context(), func(tx *catalog.Tx) error {
		return tx.People().InsertUser(w.Context(), &u)
	}); err != nil {
		w.Fatal(err)
	}
	return catalog.WithActor(w.Context(), dam.Principal{ID: u.ID, Name: u.Name, Grants: u.Grants})
}

func (w *world) asset(title string) string {
	w.Helper()
	a := dam.Asset{ID: dam.NewID(dam.AssetPrefix), Library: dam.DefaultLibrary, Kind: dam.KindImage,
		Title: dam.Text{"en": title}}
	a.Latest = dam.Version{ID: dam.NewID(dam.VersionPrefix), Asset: a.ID, N: 1, SHA256: "aa", Status: dam.Draft}
	if err := w.cat.Write(w.Context(), func(tx *catalog.Tx) error {
		tx.Emit(dam.Event{Type: dam.AssetCreated, Library: a.Library, Subject: a.ID})
		if err := tx.Assets().InsertAsset(w.Context(), &a, dam.Metadata{}); err != nil {
			return err
		}
		tx.EmitAsset(dam.AssetCreated, &a, map[string]any{})
		return nil
	}); err != nil {
		w.Fatal(err)
	}
	return a.ID
}

func text(s string) *string { return &s }
func yes() *bool            { b := true; return &b }

// matched lets the alerts catch up and returns "search asset" of every event they have written.
func (w *world) matched() []string {
	w.Helper()
	head, err := w.cat.Log().Head(w.Context())
	for seq := int64(0); err == nil && seq < head; {
		seq, err = w.s.Step(w.Context())
	}
	if err != nil {
		w.Fatal(err)
	}
	list, err := w.cat.Log().Events(w.Context(), "", 0, 1000)
	if err != nil {
		w.Fatal(err)
	}
	var out []string
	for _, e := range list {
		if e.Type == dam.SearchMatched {
			var data struct{ Asset string }
			if err := json.Unmarshal(e.Data, &data); err != nil {
				w.Fatal(err)
			}
			out = append(out, e.Subject+" "+data.Asset)
		}
	}
	return out
}

// A new asset is told of once, when it first matches; older ones are not, nor after the alert is off.
func TestAlert(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, cat *catalog.Catalog) {
		w := newWorld(t, cat)
		ann := w.person("ann", dam.Contributor)
		old := w.asset("Blue chair")
		x, err := w.s.Save(ann, dam.DefaultLibrary, savedsearch.Input{Name: text("Chairs"), Query: text("chair"),
			Alert: yes()})
		if err != nil || !x.Alert {
			t.Fatalf("%+v %v", x, err)
		}
		edit := func(id, patch string) {
			t.Helper()
			p, err := assets.ParsePatch([]byte(patch))
			if err == nil {
				_, err = (&assets.Service{Catalog: cat}).Patch(catalogtest.Context(t), dam.DefaultLibrary, id, 0, p)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		one, two := w.asset("Red chair"), w.asset("Table")
		edit(old, `{"tags": ["a"]}`)
		if got := fmt.Sprint(w.matched()); got != fmt.Sprint([]string{x.ID + " " + one}) {
			t.Fatalf("told of %s", got)
		}
		edit(one, `{"tags": ["a"]}`) // matches still
		edit(two, `{"title": {"en": "Table and chair"}}`)
		want := fmt.Sprint([]string{x.ID + " " + one, x.ID + " " + two})
		if got := fmt.Sprint(w.matched()); got != want {
			t.Fatalf("told of %s, want %s", got, want)
		}
		no := false
		if _, err := w.s.Change(ann, dam.DefaultLibrary, x.ID, x.Revision, savedsearch.Input{Alert: &no}); err != nil {
			t.Fatal(err)
		}
		w.asset("Green chair")
		if got := fmt.Sprint(w.matched()); got != want {
			t.Errorf("told of %s although the alert is off", got)
		}
		// Who lost access lost the limit to collections with it, and is told of nothing.
		ben := w.person("ben", dam.Viewer)
		if _, err := w.s.Save(ben, dam.DefaultLibrary, savedsearch.Input{Name: text("Chairs"), Query: text("chair"),
			Alert: yes()}); err != nil {
			t.Fatal(err)
		}
		if err := cat.Write(w.Context(), func(tx *catalog.Tx) error {
			u, err := tx.People().Account(w.Context(), catalog.ActorOf(ben).ID)
			if err != nil {
				return err
			}
			u.Disabled = true
			return tx.People().UpdateUser(w.Context(), u)
		}); err != nil {
			t.Fatal(err)
		}
		w.asset("White chair")
		if got := fmt.Sprint(w.matched()); got != want {
			t.Errorf("a disabled person is told of %s", got)
		}
	})
}

func TestSavedAndRecent(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, cat *catalog.Catalog) {
		w := newWorld(t, cat)
		ann, bob, ed := w.person("ann", dam.Viewer), w.person("bob", dam.Viewer), w.person("ed", dam.Editor)
		lib := dam.DefaultLibrary
		own, err := w.s.Save(ann, lib, savedsearch.Input{Name: text("Été bleu"), Query: text("tag:bleu"),
			Sort: text("-taken")})
		if err != nil {
			t.Fatal(err)
		}
		for name, in := range map[string]savedsearch.Input{"q": {Name: text("x"), Query: text("(x")},
			"sort": {Name: text("x"), Query: text("x"), Sort: text("nope")}, "name": {Query: text("x")}} {
			_, err := w.s.Save(ann, lib, in)
			if e := (&dam.Error{}); !as(err, &e) || e.Field != name {
				t.Errorf("%s: %v", name, err)
			}
		}
		if _, err := w.s.Change(ann, lib, own.ID, 0,
			savedsearch.Input{Shared: yes()}); dam.CodeOf(err) != dam.Forbidden {
			t.Errorf("a viewer shares: %v", err)
		}
		if _, err := w.s.Change(bob, lib, own.ID, 0,
			savedsearch.Input{Name: text("mine")}); dam.CodeOf(err) != dam.NotFound {
			t.Errorf("another's search: %v", err)
		}
		shared, err := w.s.Save(ed, lib, savedsearch.Input{Name: text("Été rouge"), Query: text("tag:rouge"),
			Shared: yes()})
		if err != nil {
			t.Fatal(err)
		}
		if err := w.s.Remove(bob, lib, shared.ID); dam.CodeOf(err) != dam.Forbidden {
			t.Errorf("a viewer removes a shared search: %v", err)
		}
		names := func(ctx context.Context) (out []string) {
			list, err := w.s.Saved(ctx, lib)
			if err != nil {
				t.Fatal(err)
			}
			for _, x := range list {
				out = append(out, x.Name)
			}
			return out
		}
		if a, b := fmt.Sprint(names(ann)), fmt.Sprint(names(bob)); a != "[Été bleu Été rouge]" || b != "[Été rouge]" {
			t.Errorf("ann sees %s, bob sees %s", a, b)
		}
		if got, err := w.s.Suggest(ann, lib, "ete ble"); err != nil || len(got) != 1 || got[0].Field != "search" ||
			got[0].Query != "tag:bleu" {
			t.Errorf("suggested: %+v %v", got, err)
		}
		if _, err := w.s.Change(ann, lib, own.ID, own.Revision+1,
			savedsearch.Input{Name: text("x")}); dam.CodeOf(err) != dam.Stale {
			t.Errorf("a lost race: %v", err)
		}
		if err := w.s.Remove(ann, lib, own.ID); err != nil || len(names(ann)) != 1 {
			t.Errorf("removed: %v", err)
		}
		for i := range 25 {
			if err := w.s.Note(ann, lib, fmt.Sprintf("word%d", i%23), ""); err != nil {
				t.Fatal(err)
			}
		}
		recent, err := w.s.Recent(ann, lib)
		if err != nil || len(recent) != 20 || recent[0].Query != "word1" || recent[1].Query != "word0" ||
			recent[2].Query != "word22" {
			t.Errorf("recent: %+v %v", recent, err)
		}
		if list, err := w.s.Recent(bob, lib); err != nil || len(list) != 0 {
			t.Errorf("bob's recent: %+v %v", list, err)
		}
		if err := w.s.Forget(ann, lib); err != nil {
			t.Error(err)
		}
		if list, err := w.s.Recent(ann, lib); err != nil || len(list) != 0 {
			t.Errorf("forgotten: %+v %v", list, err)
		}
	})
}

func as(err error, e **dam.Error) bool { return errors.As(err, e) }
