package savedsearch_test

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/catalog/catalogtest"
	"vitrine/dam/products"
	"vitrine/dam/vocabularies"
	"vitrine/search"
	"vitrine/search/bleve"
)

// shelf is a world with products and terms.
type shelf struct {
	*testing.T
	*world
	index  *search.Index
	p      *products.Service
	terms  *vocabularies.Service
	titles map[string]string // of assets, by id
}

func newShelf(t *testing.T, cat *catalog.Catalog) *shelf {
	t.Helper()
	w := newWorld(t, cat)
	index, err := search.Open(w.Context(), search.Options{Source: cat.SearchSource(), Engine: bleve.Engine{},
		Dir: t.TempDir(), Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = index.Close() })
	return &shelf{t, w, index, &products.Service{Catalog: cat, Log: slog.New(slog.DiscardHandler)},
		&vocabularies.Service{Catalog: cat}, map[string]string{}}
}

func (s *shelf) ok(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

func (s *shelf) picture(title string) string {
	id := s.asset(title)
	s.titles[id] = title
	return id
}

func (s *shelf) product(sku, raw string) {
	s.Helper()
	c, err := products.ParseChange([]byte(raw), "en")
	s.ok(err)
	if _, err := s.p.Get(s.Context(), dam.DefaultLibrary, sku); err == nil {
		_, err = s.p.Patch(s.Context(), dam.DefaultLibrary, sku, 0, c)
		s.ok(err)
		return
	}
	c.SKU = sku
	_, err = s.p.Create(s.Context(), dam.DefaultLibrary, c)
	s.ok(err)
}

func (s *shelf) link(sku, slot, asset string) {
	s.Helper()
	_, err := s.p.Link(s.Context(), dam.DefaultLibrary, sku, dam.Slot{Slot: slot, N: 1, Asset: asset}, 0)
	s.ok(err)
}

// found returns the titles that somebody finds, and the values of a facet.
func (s *shelf) found(ctx context.Context, q, facet string) string {
	s.Helper()
	head, err := s.world.cat.Log().Head(s.Context())
	s.ok(err)
	r := search.Request{Library: dam.DefaultLibrary, Q: q, WaitSeq: head, Exact: true, Sort: "title", Limit: 1000,
		Resolve: s.s.Resolver(ctx, dam.DefaultLibrary)}
	if facet != "" {
		r.Facets = []string{facet}
	}
	res, err := s.index.Query(ctx, r)
	s.ok(err)
	var out []string
	for _, id := range res.IDs {
		out = append(out, s.titles[id])
	}
	for _, c := range res.Facets[facet] {
		out = append(out, "#"+c.Value)
	}
	return strings.Join(out, " ")
}

func (s *shelf) want(q, want string) {
	s.Helper()
	q, facet, _ := strings.Cut(q, " | ")
	if got := s.found(s.Context(), q, facet); got != want {
		s.Errorf("%s finds %q, not %q", q, got, want)
	}
}

// Pictures are found by what the products say that show them, also those that a variant has from its parent, and by
// nothing that these don't say any more.
func TestProductWords(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, cat *catalog.Catalog) {
		s := newShelf(t, cat)
		hero, back, other := s.picture("hero"), s.picture("back"), s.picture("other")
		s.product("CH", `{"names":{"en":"Oslo chair","fr":"Chaise Oslo"},"attributes":{"wood":"Ash"},
			"gtin":"4006381333931"}`)
		s.product("CH-B", `{"names":{"en":"Blue","fr":"Bleue"},"parent":"CH","attributes":{"code":"Pantone 300"}}`)
		s.link("CH-B", "hero", hero)
		s.link("CH", "back", back)
		for _, q := range []string{"blue chair", "chaise bleue", "chaises oslo", "ash", `"pantone 300"`, "CH-B"} {
			s.want(q, "back hero")
		}
		s.want("4006381333931", "back") // the parent's own
		s.product("CH-R", `{"names":{"en":"Red"},"parent":"CH"}`)
		s.want("red chair", "back")

		s.link("CH-B", "back", other) // now it shows none of its parent's backs
		s.want("blue", "hero other")
		s.want("red", "back")
		s.product("CH-B", `{"names":{"en":"Azure","fr":null}}`)
		s.want("azure chair", "hero other")
		s.want("blue OR bleue", "")
		s.product("CH", `{"brand":"Maison Lune","names":{"en":"Bergen stool"}}`)
		s.want(`brand:"maison lune" | brand`, "back hero other #Maison Lune")
		s.want("lune stool azure", "hero other")
		s.product("CH-B", `{"parent":null}`)
		s.want("lune", "back")
		s.product("CH-B", `{"parent":"CH"}`)
		s.want("lune", "back hero other")

		_, err := s.p.Unlink(s.Context(), dam.DefaultLibrary, "CH-B", "hero", 1, 0)
		s.ok(err)
		s.want("lune", "back other")
		s.ok(s.p.Delete(s.Context(), dam.DefaultLibrary, "CH-B", 0))
		s.want("lune", "back")
		s.want("azure", "")

		// What no word depends on touches no asset.
		head, err := cat.Log().Head(s.Context())
		s.ok(err)
		s.product("CH", `{"stock":5,"price":{"amount":"1.00","currency":"EUR"}}`)
		touched, err := cat.SearchSource().Changed(s.Context(), head, 100)
		if err != nil || len(touched.Assets) != 0 || touched.Upto == head {
			t.Errorf("stock: %+v %v", touched, err)
		}

		// Who may not see the pictures doesn't find them, nor what their products are called.
		viewer := s.person("vera", dam.Viewer)
		if got := s.found(viewer, "stool", "brand"); got != "" {
			t.Errorf("a viewer finds %q", got)
		}
	})
}

// Terms are found by their labels in every language, by those above them, and as these are called now.
func TestProductTerms(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, cat *catalog.Catalog) {
		s := newShelf(t, cat)
		voc, err := s.terms.Create(s.Context(), dam.DefaultLibrary, "Categories")
		s.ok(err)
		term := func(id, parent, en, fr string) {
			t.Helper()
			_, err := s.terms.CreateTerm(s.Context(), dam.DefaultLibrary, voc.ID,
				vocabularies.NewTerm{ID: id, Parent: parent, Labels: dam.Text{"en": en, "fr": fr}})
			s.ok(err)
		}
		term("furniture", "", "Furniture", "Meubles")
		term("chairs", "furniture", "Chairs", "Chaises")
		term("seats", "", "Seats", "Assises")
		term("oak", "", "Oak", "Chêne")
		s.ok(cat.Write(s.Context(), func(tx *catalog.Tx) error {
			l, err := tx.Libraries().Library(s.Context(), dam.DefaultLibrary)
			if err != nil {
				return err
			}
			l.ProductTerms.Category = voc.ID
			return tx.Libraries().PutLibrary(s.Context(), l)
		}))
		_, err = s.p.CreateFamily(s.Context(), dam.DefaultLibrary, "seats", products.FamilyFields{
			Labels: dam.Text{"fr": "Sièges"}, Attributes: []dam.FamilyAttribute{
				{Key: "wood", Type: dam.FieldTree, Vocabulary: voc.ID},
				{Key: "width", Type: dam.FieldNumber, Unit: "cm"}}})
		s.ok(err)
		s.product("CH", `{"names":{"en":"Oslo"},"category":"chairs","family":"seats",
			"attributes":{"wood":"Chêne","width":"42"}}`)
		s.product("CH-1", `{"parent":"CH"}`)
		s.link("CH", "hero", s.picture("parent"))
		s.link("CH-1", "hero", s.picture("variant"))
		both := "parent variant"
		for _, q := range []string{"chaise chêne", "chairs meubles", "category:furniture", "category:Chaises",
			`category:"Furniture > Chairs"`, "category:meub*", `"42 cm"`, "family:seats", "family:sieges"} {
			s.want(q, both)
		}
		s.want("category:chairs | category", both+" #chairs")
		s.want("category:seats OR category:oak", "")

		relabel := func(id, en, fr string) {
			t.Helper()
			_, err := s.terms.ChangeTerm(s.Context(), dam.DefaultLibrary, voc.ID, id, 0,
				vocabularies.EditTerm{Labels: dam.Text{"en": en, "fr": fr}})
			s.ok(err)
		}
		relabel("chairs", "Armchairs", "Fauteuils")
		s.want("fauteuil oslo", both)
		s.want("chaise", "")
		_, err = s.terms.MoveTerm(s.Context(), dam.DefaultLibrary, voc.ID, "chairs", 0,
			vocabularies.Place{Parent: "seats"})
		s.ok(err)
		s.want("assises fauteuils", both)
		s.want("meubles OR category:furniture", "")
		s.want("category:seats", both)
		relabel("oak", "Beech", "Hêtre")
		s.want("hetre", both)
		labels, err := s.terms.Labels(s.Context(), dam.DefaultLibrary, map[string][]string{"category": {"chairs"},
			"family": {"seats"}})
		if err != nil || labels["category"]["chairs"]["fr"] != "Fauteuils" ||
			labels["family"]["seats"]["fr"] != "Sièges" {
			t.Errorf("labels %v %v", labels, err)
		}
	})
}

// One event that touches more assets than are read at once is followed in pages, by every database in one order.
func TestProductSweep(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, cat *catalog.Catalog) {
		s := newShelf(t, cat)
		const pictures = 620
		s.product("CH", `{"names":{"en":"Oslo"}}`)
		s.product("CH-1", `{"parent":"CH"}`)
		s.ok(cat.Write(s.Context(), func(tx *catalog.Tx) error {
			list, err := tx.Products().LockProducts(s.Context(), dam.DefaultLibrary, []string{"CH-1", "ch-1"})
			if err != nil || len(list) != 1 {
				return err
			}
			for _, p := range list {
				for i := range pictures {
					a := dam.Asset{ID: dam.NewID(dam.AssetPrefix), Library: dam.DefaultLibrary, Kind: dam.KindImage}
					a.Latest = dam.Version{ID: dam.NewID(dam.VersionPrefix), Asset: a.ID, N: 1, SHA256: "aa",
						Status: dam.Draft}
					if err := tx.Assets().InsertAsset(s.Context(), &a, dam.Metadata{}); err != nil {
						return err
					}
					if _, err := tx.Products().Link(s.Context(), &p, dam.Slot{Slot: "hero", N: i + 1, Asset: a.ID,
						Origin: dam.SlotByHand}); err != nil {
						return err
					}
					tx.EmitAsset(dam.AssetCreated, &a, map[string]any{})
				}
			}
			return nil
		}))
		head, err := cat.Log().Head(s.Context())
		s.ok(err)
		s.product("CH", `{"names":{"en":"Bergen"}}`)
		touched, err := cat.SearchSource().Changed(s.Context(), head, 100)
		if err != nil || len(touched.Assets) != 0 || len(touched.Sweeps) != 1 {
			t.Fatalf("%d assets, %d sweeps: %v", len(touched.Assets), len(touched.Sweeps), err)
		}
		var all []string
		for x := touched.Sweeps[0]; ; x.After = all[len(all)-1] {
			ids, err := cat.SearchSource().Swept(s.Context(), x, 100)
			s.ok(err)
			if all = append(all, ids...); len(ids) < 100 {
				break
			}
		}
		if len(all) != pictures || !slices.IsSorted(all) {
			t.Errorf("%d assets in pages, in order: %v", len(all), slices.IsSorted(all))
		}
		for until := time.Now().Add(time.Minute); ; time.Sleep(5 * time.Millisecond) {
			res, err := s.index.Query(s.Context(), search.Request{Library: dam.DefaultLibrary, Q: "bergen"})
			s.ok(err)
			if res.Total == pictures {
				break
			}
			if time.Now().After(until) {
				t.Fatalf("%d assets are found by what the product is called now", res.Total)
			}
		}
	})
}
