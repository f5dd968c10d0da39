package delivery_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/catalog/catalogtest"
	"vitrine/dam/delivery"
	web "vitrine/web/delivery"
)

// cutting has protected zones that no wide crop of a square picture keeps whole.
const cutting = `{"zones":[{"kind":"price","x":0,"y":0,"w":1,"h":0.2},{"kind":"legal","x":0,"y":0.8,"w":1,"h":0.2}]}`

// crops stores presets: wide and lazy crop, lazy is made on demand, and thumb shows the whole picture.
func (s *site) crops() {
	s.Helper()
	s.write(func(tx *catalog.Tx) error {
		for i, p := range []dam.Preset{
			{Name: "thumb", Width: 320, Fit: dam.FitContain},
			{Name: "wide", Width: 640, Height: 320, Fit: dam.FitCover, DPR: []int{2}},
			{Name: "lazy", Width: 640, Height: 320, Fit: dam.FitCover, Apply: dam.OnDemand},
		} {
			p.Formats = []dam.PresetFormat{{Format: dam.JPEG, Quality: 80}}
			if err := tx.Presets().SetPreset(s.Context(), dam.DefaultLibrary, i, p); err != nil {
				return err
			}
		}
		tx.Emit(dam.Event{Type: dam.PresetChanged, Subject: "wide"})
		return nil
	})
}

// Renditions of a preset that is removed, or loses a density, stay withheld until they are removed too.
func TestCutZonesOfARemovedPreset(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, cat *catalog.Catalog) {
		s := newSite(t, cat)
		s.crops()
		n := s.node(nil, delivery.Options{}, web.Options{})
		a := s.photograph(1000, 1000)
		wide := s.render(a.Latest, "1", "wide", dam.JPEG)[0]
		s.render(a.Latest, "1", "wide@2x", dam.JPEG)
		s.rendered(a.Latest, dam.RenditionsReady)
		s.decide(a.ID, dam.Approve)
		s.patch(a.ID, cutting)
		addresses := []string{"/r/" + a.ID + "/wide", "/r/" + a.ID + "/wide@2x", exact(a, wide)}
		gone := func(when string) {
			t.Helper()
			n.has(s)
			for _, path := range addresses {
				if w := n.get(path); w.Code != 404 {
					t.Errorf("%s: %s answers %d", when, path, w.Code)
				}
			}
		}
		gone("with the preset")
		s.write(func(tx *catalog.Tx) error {
			tx.Emit(dam.Event{Type: dam.PresetChanged, Subject: "wide"})
			return tx.Presets().DeletePreset(s.Context(), dam.DefaultLibrary, "wide")
		})
		gone("without it")
		s.patch(a.ID, `{"zones":[]}`)
		n.has(s)
		n.wants(exact(a, wide), 200)
	})
}

// exempt makes a version one that was approved before crops of protected zones were checked, as the migration does.
func (s *site) exempt(v dam.Version) {
	s.Helper()
	s.write(func(tx *catalog.Tx) error {
		v, err := tx.Versions().Version(s.Context(), v.ID)
		if err != nil {
			return err
		}
		v.CropExempt = true
		tx.Emit(dam.Event{Type: dam.AssetUpdated, Subject: v.Asset, Asset: v.Asset})
		return tx.Versions().UpdateVersion(s.Context(), v)
	})
}

// A crop that cuts a protected zone answers 404 at every public URL, as if the preset didn't exist, from when the zone
// is drawn until it is removed. What was approved before this rule stays visible until it is approved again.
func TestCutZones(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, cat *catalog.Catalog) {
		s := newSite(t, cat)
		s.crops()
		keys := delivery.Keys{[]byte("a signing key of 16")}
		engine := &renderer{}
		demanded := 0
		n := s.node(nil, delivery.Options{Keys: keys, Renderer: engine,
			Demand: func(_ context.Context, _, _ string) (bool, error) {
				demanded++
				return false, nil
			}}, web.Options{})
		a := s.photograph(1000, 1000)
		s.render(a.Latest, "1", "thumb", dam.JPEG)
		wide := s.render(a.Latest, "1", "wide", dam.JPEG)[0]
		s.render(a.Latest, "1", "wide@2x", dam.JPEG)
		s.rendered(a.Latest, dam.RenditionsReady)
		s.decide(a.ID, dam.Approve)
		goods := s.shop()
		s.product(goods, dam.DefaultLibrary, `{"sku":"A"}`)
		s.link(goods, "A", "hero", 1, a)
		sign := func(operations string) string {
			return must(keys.SignPath("/t/" + a.Latest.ID + operations + "/" + a.ID + ".jpg"))
		}
		var crops, whole []string
		for _, preset := range []string{"wide", "wide@2x"} {
			crops = append(crops, "/r/"+a.ID+"/"+preset, "/p/A/hero/"+preset, "/oembed?url=/r/"+a.ID+"/"+preset)
		}
		crops = append(crops, exact(a, wide), sign(",w_64,h_32,fit_cover"))
		whole = []string{live(a), sign(",w_64,h_32"), "/p/A/hero/thumb", "/p/A.json"}
		listed := func() (presets []string) {
			t.Helper()
			var card struct {
				Slots []struct{ Presets []struct{ Preset string } }
			}
			if err := json.Unmarshal(n.get("/p/A.json").Body.Bytes(), &card); err != nil || len(card.Slots) != 1 {
				t.Fatalf("the product: %v %+v", err, card)
			}
			for _, p := range card.Slots[0].Presets {
				presets = append(presets, p.Preset)
			}
			return presets
		}
		answer := func(path string) *httptest.ResponseRecorder {
			if !strings.HasPrefix(path, "/oembed") {
				return n.get(path)
			}
			w := httptest.NewRecorder()
			n.handler.OEmbed(w, httptest.NewRequest(http.MethodGet, path, nil))
			return w
		}
		check := func(when string, status int) {
			t.Helper()
			n.has(s)
			for _, path := range crops {
				if w := answer(path); w.Code != status {
					t.Errorf("%s: %s answers %d, want %d: %s", when, path, w.Code, status, w.Body)
				}
			}
			for _, path := range whole {
				if w := n.get(path); w.Code != 200 {
					t.Errorf("%s: %s answers %d: %s", when, path, w.Code, w.Body)
				}
			}
			if shown := slices.Contains(listed(), "wide"); shown != (status == 200) {
				t.Errorf("%s: the product lists %v", when, listed())
			}
		}
		check("without zones", 200)
		n.wants("/r/"+a.ID+"/lazy", 404)
		if demanded != 1 {
			t.Errorf("asked for %d times on demand, want once", demanded)
		}

		s.patch(a.ID, cutting)
		check("with zones that are cut", 404)
		missing, cut := n.get("/r/"+a.ID+"/none").Body.String(), n.get("/r/"+a.ID+"/wide").Body.String()
		if strings.ReplaceAll(cut, "/wide", "/none") != missing {
			t.Errorf("a crop that cuts answers otherwise than one that is not there:\n%s\n%s", cut, missing)
		}
		demanded = 0
		n.wants("/r/"+a.ID+"/lazy", 404)
		if demanded != 0 {
			t.Error("a picture that may not be shown is made on demand")
		}

		s.patch(a.ID, `{"zones":[{"kind":"price","x":0,"y":0,"w":1,"h":0.2}]}`)
		crops, whole = crops[:len(crops)-1], append(whole, sign(",w_64,h_32,fit_cover,fp_0.5x0.2"))
		check("the crop makes way", 200)
		n.wants(sign(",w_64,h_32,fit_cover"), 404) // a signed crop stays where it was signed

		s.patch(a.ID, cutting)
		whole = whole[:len(whole)-1]
		s.exempt(a.Latest)
		check("approved before that counted", 200)
		n.wants(sign(",w_64,h_32,fit_cover"), 200)
		if list, err := cat.Assets().CropExempt(s.Context(), dam.DefaultLibrary, 0, 10); err != nil || len(list) != 1 ||
			list[0].ID != a.ID {
			t.Errorf("exempt are %v %v", list, err)
		}
		s.recall(a.ID)
		if _, err := s.review.Reinstate(s.Context(), dam.DefaultLibrary, a.ID, 0, "it is right"); err != nil {
			t.Fatal(err)
		}
		check("reinstated", 200)
		s.decide(a.ID, dam.Archive)
		s.decide(a.ID, dam.Restore)
		check("archived and restored", 200)
		s.write(func(tx *catalog.Tx) error {
			done, err := s.review.DecideIn(s.Context(), tx, dam.DefaultLibrary, a.ID, dam.Reject, "by mistake")
			if err != nil {
				return err
			}
			return s.review.RevertIn(s.Context(), tx, dam.DefaultLibrary, a.ID, done)
		})
		check("rejected by mistake, and put back", 200)
		s.decide(a.ID, dam.Reject)
		s.decide(a.ID, dam.Approve)
		check("approved again", 404)

		s.write(func(tx *catalog.Tx) error {
			tx.Emit(dam.Event{Type: dam.PresetChanged, Subject: "wide"})
			return tx.Presets().SetPreset(s.Context(), dam.DefaultLibrary, 1,
				dam.Preset{Name: "wide", Width: 640, Height: 640, Fit: dam.FitCover, DPR: []int{2}})
		})
		check("the preset crops no more", 200)
		s.write(func(tx *catalog.Tx) error { return tx.Public().NoteCrops(s.Context(), a.ID) })
		history, err := cat.Public().History(s.Context(), a.ID, cat.Now())
		if err != nil || len(history) < 3 || history[0].Withholds(a.Latest.ID, "wide") ||
			!history[1].Withholds(a.Latest.ID, "wide") {
			t.Errorf("the history: %v %+v", err, history)
		}
	})
}

// Older versions don't replace a crop that cuts a zone, and their own exact URLs depend on their own shape.
func TestCutZonesOfOlderVersions(t *testing.T) {
	s := newSite(t, catalogtest.SQLite(t))
	s.crops()
	n := s.node(nil, delivery.Options{}, web.Options{})
	a := s.asset(dam.Rights{})
	old := s.render(a.Latest, "1", "wide", dam.JPEG)[0]
	s.rendered(a.Latest, dam.RenditionsReady)
	s.decide(a.ID, dam.Approve)
	s.exempt(a.Latest)
	s.patch(a.ID, cutting)
	v2 := s.second(a.ID)
	n.has(s)
	n.wants("/r/"+a.ID+"/wide", 200)
	s.decide(a.ID, dam.Approve)
	n.has(s)
	n.wants("/r/"+a.ID+"/wide", 404) // not 503: it won't be shown once it is made
	n.wants(exact(a, old), 200)      // exempt
	next := s.render(v2, "1", "wide", dam.JPEG)[0]
	s.rendered(v2, dam.RenditionsReady)
	n.has(s)
	n.wants("/r/"+a.ID+"/wide", 404)
	n.wants(exact(a, next), 404)
	n.wants(exact(a, old), 200)
}
