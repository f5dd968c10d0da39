package assets_test

import (
	"errors"
	"strings"
	"testing"

	"vitrine/dam"
	"vitrine/dam/assets"
	"vitrine/dam/catalog"
	"vitrine/dam/catalog/catalogtest"
)

func setup(t *testing.T, c *catalog.Catalog) (*assets.Service, dam.Asset) {
	t.Helper()
	a := dam.Asset{ID: dam.NewID(dam.AssetPrefix), Library: dam.DefaultLibrary, Kind: dam.KindImage,
		Title: dam.Text{"en": "Chair", "fr": "Chaise"}}
	a.Latest = dam.Version{ID: dam.NewID(dam.VersionPrefix), Asset: a.ID, N: 1, SHA256: "aa", Status: dam.Draft}
	if err := c.Write(catalogtest.Context(t), func(tx *catalog.Tx) error {
		return tx.Assets().InsertAsset(catalogtest.Context(t), &a, dam.Metadata{})
	}); err != nil {
		t.Fatal(err)
	}
	return &assets.Service{Catalog: c}, a
}

func TestPatch(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, c *catalog.Catalog) {
		s, a := setup(t, c)
		patch := func(body string) (dam.Asset, error) {
			p, err := assets.ParsePatch([]byte(body))
			if err != nil {
				return dam.Asset{}, err
			}
			return s.Patch(catalogtest.Context(t), dam.DefaultLibrary, a.ID, 0, p)
		}
		must := func(body string) dam.Asset {
			t.Helper()
			x, err := patch(body)
			if err != nil {
				t.Fatalf("%s: %v", body, err)
			}
			return x
		}
		if x := must(`{"title": "Armchair"}`); x.Title["en"] != "Armchair" || x.Title["fr"] != "Chaise" {
			t.Errorf("a bare string set %v, want the default locale only", x.Title)
		}
		if x := must(`{"title": {"fr": null}, "tags": [" oak ", "Oak", "pine"]}`); len(x.Title) != 1 ||
			len(x.Tags) != 2 {
			t.Errorf("null locale, tags: %v %v", x.Title, x.Tags)
		}
		if x :=
			must(
				`{"rights": {"from": "2026-01-01", "until": "2026-12-31"}, "focal": {"x": 0.2, "y": 0.3}}`); x.Rights.Until != "2026-12-31" || x.Focal.X != .2 {
			t.Errorf("rights, focal: %+v %+v", x.Rights, x.Focal)
		}
		x := must(`{"rights": {"until": null}, "focal": null}`)
		if x.Rights.Until != "" || x.Rights.From != "2026-01-01" || x.Focal != nil {
			t.Errorf("cleared members: %+v %+v", x.Rights, x.Focal)
		}
		if y := must(`{"title": "Armchair"}`); y.Revision != x.Revision {
			t.Error("a patch that changes nothing counted a revision")
		}
		ev, err := c.Log().AssetEvents(catalogtest.Context(t), a.ID, 0, 10)
		if err != nil || len(ev) != 4 {
			t.Fatalf("%d events %v, want one for each change", len(ev), err)
		}
		if ch, err := c.Log().Changes(catalogtest.Context(t), ev[3].Seq); err != nil || len(ch) != 1 ||
			ch[0].Field != "title" || strings.Contains(string(ev[3].Data), "Armchair") {
			t.Errorf("values belong in the erasable table: %+v %v %s", ch, err, ev[3].Data)
		}
		for body, field := range map[string]string{
			`[]`: "body", `{"colour": 1}`: "colour", `{"rating": 6}`: "rating", `{"rating": "a"}`: "rating",
			`{"focal": {"x": 2, "y": 0}}`:                               "focal",
			`{"rights": {"from": "soon"}}`:                              "rights.from",
			`{"rights": {"from": "2026-02-01", "until": "2026-01-01"}}`: "rights.until",
			`{"title": {"no such": "x"}}`:                               "title",
			`{"tags": [""]}`:                                            "tags[0]",
			`{"rights": {"successor": "a_none"}}`:                       "rights.successor",
			`{"captured": {"wall": "x"}}`:                               "captured",
			`{"place": {"lat": 100, "lon": 0}}`:                         "place",
		} {
			_, err := patch(body)
			var e *dam.Error
			if !errors.As(err, &e) || e.Code != dam.Invalid || e.Field != field || e.Advice() == "" {
				t.Errorf("%s: %v, want invalid %s with a remedy", body, err, field)
			}
		}
		if _, err := s.Patch(catalogtest.Context(t), dam.DefaultLibrary, a.ID, 1,
			assets.Patch{"creator": []byte(`"x"`)}); dam.CodeOf(err) != dam.Stale {
			t.Errorf("a lost race: %v", err)
		}
	})
}

func TestBin(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, c *catalog.Catalog) {
		s, a := setup(t, c)
		ctx := catalogtest.Context(t)
		if err := s.Purge(ctx, dam.DefaultLibrary, a.ID); dam.CodeOf(err) != dam.Conflict {
			t.Errorf("purge outside the bin: %v", err)
		}
		if x, err := s.Delete(ctx, dam.DefaultLibrary, a.ID, 0); err != nil || x.DeletedAt == nil {
			t.Errorf("delete: %v %v", x.DeletedAt, err)
		}
		if x, err := s.Undelete(ctx, dam.DefaultLibrary, a.ID, 0); err != nil || x.DeletedAt != nil {
			t.Errorf("undelete: %v %v", x.DeletedAt, err)
		}
		if _, err := s.Delete(ctx, dam.DefaultLibrary, a.ID, 0); err != nil {
			t.Fatal(err)
		}
		if err := s.Purge(ctx, dam.DefaultLibrary, a.ID); err != nil {
			t.Fatal(err)
		}
		if _, err := c.Assets().Asset(ctx, "", a.ID); dam.CodeOf(err) != dam.NotFound {
			t.Errorf("after the purge: %v", err)
		}
	})
}
