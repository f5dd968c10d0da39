package api_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image/jpeg"
	"slices"
	"strings"
	"testing"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/catalog/catalogtest"
	"vitrine/dam/reasons"
	"vitrine/dam/rendition"
)

type renditionList struct {
	Items []struct {
		dam.Rendition
		Cuts []dam.ProtectedZone `json:"cuts"`
	}
	State dam.RenditionState
}

func (f *fixture) renditions(asset string) renditionList {
	f.Helper()
	return into[renditionList](f, f.want(200, f.do(dam.Viewer, "GET", "/api/assets/"+asset+"/renditions", "")))
}

func (f *fixture) ready(asset string) {
	f.Helper()
	f.until("renditions of "+asset, func() bool { return f.renditions(asset).State == dam.RenditionsReady })
}

func (f *fixture) putPreset(status int, p dam.Preset, headers ...string) rendition.PresetChange {
	f.Helper()
	b, err := json.Marshal(p)
	if err != nil {
		f.Fatal(err)
	}
	return into[rendition.PresetChange](f, f.want(status, f.do(dam.Admin, "PUT", "/api/presets/"+p.Name, string(b),
		headers...)))
}

func (f *fixture) finished(run *dam.RenditionRun) dam.RenditionRun {
	f.Helper()
	if run == nil {
		f.Fatal("no run was begun")
	}
	var r dam.RenditionRun
	f.until("the end of a run", func() bool {
		r = into[dam.RenditionRun](f, f.want(200, f.do(dam.Viewer, "GET", "/api/renditions/runs/"+run.ID, "")))
		return r.State != dam.RunRunning
	})
	return r
}

func TestChangedPresetRerendersWhatChanged(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, c *catalog.Catalog) {
		f := start(t, c)
		a, b := f.photograph(dam.Editor, 1), f.photograph(dam.Editor, 2)
		f.ready(a.ID)
		f.ready(b.ID)
		before := f.renditions(a.ID)

		hero := dam.Preset{Name: "hero", Width: 200, Height: 100, Fit: dam.FitCover, DPR: []int{2},
			Formats: []dam.PresetFormat{{Format: dam.JPEG, Quality: 80}}}
		if dry := into[rendition.PresetChange](f,
			f.want(200, f.do(dam.Admin, "PUT", "/api/presets/hero?dry_run=true",
				asJSON(hero)))); dry.Change != "created" {
			t.Errorf("a dry run says %s", dry.Change)
		}
		f.want(404, f.do(dam.Viewer, "GET", "/api/presets/hero", ""))
		made := f.putPreset(200, hero)
		run := f.finished(made.Run)
		if made.Change != "created" || run.State != dam.RunDone || run.Total != 2 || run.Done != 2 || run.Made != 4 ||
			run.Failed != 0 || run.FinishedAt == nil {
			t.Errorf("%s, then %+v", made.Change, run)
		}
		old := f.want(200, f.do(dam.Viewer, "GET", "/api/assets/"+a.ID+"/preview/hero@2x", ""))
		if m, err := jpeg.Decode(bytes.NewReader(old.body)); err != nil || m.Bounds().Dx() != 400 ||
			m.Bounds().Dy() != 200 {
			t.Errorf("hero@2x: %v", err)
		}

		hero.Formats[0].Quality = 30
		changed := f.putPreset(200, hero, "If-Match", `"1"`)
		// What was there is served until its replacement is.
		if got := f.do(dam.Viewer, "GET", "/api/assets/"+a.ID+"/preview/hero@2x", ""); got.StatusCode != 200 {
			t.Errorf("while a preset changes: %d", got.StatusCode)
		}
		if run = f.finished(changed.Run); run.Made != 4 {
			t.Errorf("changing one preset of two assets made %d renditions, want its 4", run.Made)
		}
		if now := f.want(200, f.do(dam.Viewer, "GET", "/api/assets/"+a.ID+"/preview/hero@2x",
			"")); bytes.Equal(now.body, old.body) || len(now.body) >= len(old.body) {
			t.Error("the picture is the old one")
		}
		if again := f.putPreset(200, hero); again.Change != "unchanged" || again.Run != nil {
			t.Errorf("the same preset again: %+v", again)
		}
		hero.Channel = "The top of the page"
		if words := f.putPreset(200, hero); words.Change != "updated" || words.Run != nil {
			t.Errorf("words about it began a run: %+v", words)
		}
		f.want(412, f.do(dam.Admin, "PUT", "/api/presets/hero", asJSON(hero), "If-Match", `"1"`))

		gone := into[rendition.PresetChange](f, f.want(200, f.do(dam.Admin, "DELETE", "/api/presets/hero", "")))
		f.finished(gone.Run)
		after := f.renditions(a.ID)
		if len(after.Items) != len(before.Items) {
			t.Errorf("%d renditions, want the %d of before", len(after.Items), len(before.Items))
		}
		for i := range after.Items {
			if after.Items[i].CreatedAt != before.Items[i].CreatedAt {
				t.Errorf("%s was made again", after.Items[i].Preset)
			}
		}
		if p := f.want(409, f.do(dam.Admin, "DELETE", "/api/presets/thumb", "")).problem(); p.Remedy == "" {
			t.Error("no remedy")
		}
		runs := into[struct {
			Items []dam.RenditionRun
		}](f, f.want(200, f.do(dam.Viewer, "GET", "/api/renditions/runs", "")))
		if len(runs.Items) != 3 || runs.Items[0].ID != gone.Run.ID {
			t.Errorf("runs: %+v", runs.Items)
		}
		f.want(409, f.do(dam.Admin, "POST", "/api/renditions/runs/"+gone.Run.ID+"/cancel", ""))
	})
}

func TestReadyMadePresetsAreMadeOnDemand(t *testing.T) {
	f := start(t, catalogtest.SQLite(t))
	a := f.photograph(dam.Editor, 3)
	f.ready(a.ID)
	ready := into[struct{ Items []dam.Preset }](f, f.want(200, f.do(dam.Viewer, "GET", "/api/presets?ready=true", "")))
	for _, name := range strings.Fields("x facebook instagram-square instagram-portrait instagram-story linkedin " +
		"pinterest bluesky mastodon youtube-thumbnail shopify " +
		"woocommerce wordpress signage-landscape signage-portrait") {
		if !slices.ContainsFunc(ready.Items, func(p dam.Preset) bool { return p.Name == name }) {
			t.Errorf("no ready-made preset %s", name)
		}
	}
	bluesky := into[rendition.PresetInfo](f, f.want(200, f.do(dam.Viewer, "GET", "/api/presets/bluesky", "")))
	if bluesky.Enabled || bluesky.MaxBytes != 1_000_000 {
		t.Errorf("bluesky: %+v", bluesky)
	}
	f.want(404, f.do(dam.Viewer, "GET", "/api/assets/"+a.ID+"/preview/bluesky", ""))
	if on := f.putPreset(200, bluesky.Preset); on.Run != nil {
		t.Errorf("turning a preset on that is made on demand began a run: %+v", on)
	}
	first := f.want(404, f.do(dam.Viewer, "GET", "/api/assets/"+a.ID+"/preview/bluesky", ""))
	if first.Header.Get("Retry-After") == "" {
		t.Errorf("no word of when to come back: %s", first.body)
	}
	f.until("a rendition on demand", func() bool {
		return f.do(dam.Viewer, "GET", "/api/assets/"+a.ID+"/preview/bluesky", "").StatusCode == 200
	})
	b := f.photograph(dam.Editor, 4)
	f.ready(b.ID)
	for _, r := range f.renditions(b.ID).Items {
		if r.Preset == "bluesky" {
			t.Error("made at upload, too")
		}
	}
}

func TestPresetPreview(t *testing.T) {
	f := start(t, catalogtest.SQLite(t))
	a := f.photograph(dam.Editor, 5) // 400 × 300
	f.want(200, f.do(dam.Editor, "PATCH", "/api/assets/"+a.ID,
		`{"zones":[{"kind":"price","x":0,"y":0.9,"w":1,"h":0.1},{"kind":"logo","x":0,"y":0,"w":0.1,"h":0.1}]}`))
	ask := func(p dam.Preset) rendition.Preview {
		t.Helper()
		return into[rendition.Preview](f,
			f.want(200, f.do(dam.Editor, "POST", "/api/presets/preview",
				asJSON(map[string]any{"asset": a.ID, "preset": p}))))
	}
	fits := ask(dam.Preset{Name: "try", Width: 100, Height: 100, Fit: dam.FitContain,
		Formats: []dam.PresetFormat{{Format: dam.JPEG, Quality: 80}, {Format: dam.PNG}}})
	if len(fits.Pictures) != 2 || len(fits.Warnings) != 0 || fits.Pictures[0].Width != 100 ||
		fits.Pictures[0].Height != 75 || fits.Pictures[0].Size != int64(len(fits.Pictures[0].Data)) {
		t.Errorf("%d pictures, %v", len(fits.Pictures), fits.Warnings)
	}
	if _, err := jpeg.Decode(bytes.NewReader(fits.Pictures[0].Data)); err != nil {
		t.Error(err)
	}
	bad := ask(dam.Preset{Name: "try", Width: 2000, Height: 500, Fit: dam.FitCover,
		Formats: []dam.PresetFormat{{Format: dam.JPEG, Quality: 80}}})
	if len(bad.Cuts) != 1 || len(bad.Warnings) != 2 || len(bad.Reasons) != 2 ||
		!bad.Reasons[0].Is(reasons.CodeCropCutsZone) || !bad.Reasons[1].Is(reasons.CodeNothingEnlarged) {
		t.Errorf("cuts %+v, warnings %q", bad.Cuts, bad.Warnings)
	}
	p := f.want(422, f.do(dam.Editor, "POST", "/api/presets/preview",
		asJSON(map[string]any{"asset": a.ID, "preset": dam.Preset{Name: "try", Width: 10, Fit: dam.FitCover,
			Formats: []dam.PresetFormat{{Format: dam.JPEG, Quality: 80}}}}))).problem()
	if len(p.Errors) != 1 || !strings.HasSuffix(p.Errors[0].Location, "fit") {
		t.Errorf("%+v", p)
	}
}

func TestZonesMoveCropsOrMarkThem(t *testing.T) {
	f := start(t, catalogtest.SQLite(t))
	a := f.photograph(dam.Editor, 6) // 400 × 300
	f.ready(a.ID)
	square := func() (hash string, cuts int) {
		for _, r := range f.renditions(a.ID).Items {
			if r.Preset == "square" && r.Format == dam.JPEG {
				return r.Hash, len(r.Cuts)
			}
			if r.Preset == "large" && len(r.Cuts) > 0 {
				t.Error("a whole picture cuts something")
			}
		}
		return "", -1
	}
	first, _ := square()
	patch := func(body string) {
		t.Helper()
		f.want(200, f.do(dam.Editor, "PATCH", "/api/assets/"+a.ID, body))
	}
	patch(`{"zones":[{"kind":"face","x":0.02,"y":0.1,"w":0.2,"h":0.3}]}`)
	f.until("another crop", func() bool { h, cuts := square(); return h != first && cuts == 0 })
	patch(`{"zones":[{"kind":"legal","x":0,"y":0.9,"w":1,"h":0.1}]}`)
	if _, cuts := square(); cuts != 1 {
		t.Errorf("%d cuts of a line as wide as the picture", cuts)
	}
	patch(`{"zones":null,"focals":{"square":{"x":0,"y":0.5}}}`)
	left, _ := square()
	f.until("a crop of its own", func() bool { h, cuts := square(); return h != left && h != first && cuts == 0 })
	patch(`{"focals":{"square":null}}`)
	f.until("the first crop again", func() bool { h, _ := square(); return h == first })
	for field, body := range map[string]string{
		"zones[0].kind": `{"zones":[{"kind":"nose","x":0,"y":0,"w":1,"h":1}]}`,
		"zones[0]":      `{"zones":[{"kind":"face","x":0.5,"y":0,"w":0.6,"h":1}]}`,
		"focals.square": `{"focals":{"square":{"x":2,"y":0}}}`,
		"focals.sqare":  `{"focals":{"sqare":{"x":0,"y":0}}}`,
	} {
		p := f.want(422, f.do(dam.Editor, "PATCH", "/api/assets/"+a.ID, body)).problem()
		if len(p.Errors) != 1 || !strings.HasSuffix(p.Errors[0].Location, field) || p.Remedy == "" {
			t.Errorf("%s: %+v", body, p)
		}
	}
	s := into[rendition.FocalSuggestion](f,
		f.want(200, f.do(dam.Viewer, "GET", "/api/assets/"+a.ID+"/focal/suggest", "")))
	if s.Focal.X <= 0 || s.Focal.X >= 1 || s.Focal.Y <= 0 || s.Focal.Y >= 1 {
		t.Errorf("suggested: %+v", s)
	}
}

func asJSON(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprint(err)) // plain values of the tests
	}
	return string(b)
}
