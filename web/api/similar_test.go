package api_test

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/catalog/catalogtest"
	"vitrine/dam/jobs"
	"vitrine/dam/people"
	"vitrine/dam/similarity"
	"vitrine/dam/similarity/visual"
	"vitrine/search"
	"vitrine/storage/disk"
	"vitrine/web/api"
)

// scene is a JPEG of soft lights, another for each seed; smaller or worse on demand.
func scene(t *testing.T, seed uint64, w, h, quality int) []byte {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 5))
	var lights [8][6]float64
	for i := range lights {
		for j := range lights[i] {
			lights[i][j] = r.Float64()
		}
	}
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			u, v := float64(x)/float64(w), float64(y)/float64(h)
			c := [3]float64{0.9, 0.9 - v, 0.5}
			for _, l := range lights {
				k := math.Exp(-((u-l[0])*(u-l[0]) + (v-l[1])*(v-l[1])) / (0.01 + 0.05*l[2]))
				for i := range c {
					c[i] = c[i]*(1-k) + l[3+i]*k
				}
			}
			m.SetRGBA(x, y, color.RGBA{uint8(c[0] * 255), uint8(c[1] * 255), uint8(c[2] * 255), 255})
		}
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, &jpeg.Options{Quality: quality}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

type similarAnswer struct {
	Items []struct {
		Asset    dam.Asset
		Score    float64
		Distance int
	}
	Total    int
	Analysed bool
	Pending  bool
}

type duplicatesAnswer struct {
	Items         []struct{ Items []struct{ Asset dam.Asset } }
	Total, Assets int
	Next          string
}

func (d duplicatesAnswer) groups() (out []string) {
	for _, g := range d.Items {
		var ids []string
		for _, i := range g.Items {
			ids = append(ids, i.Asset.ID)
		}
		out = append(out, strings.Join(ids, " "))
	}
	return out
}

// scenes uploads pictures and returns their ids once they have been looked at.
func (f *fixture) scenes(files ...[]byte) (ids []string) {
	f.Helper()
	for i, file := range files {
		a := into[uploaded](f, f.want(201, f.upload(dam.Editor, "/api/assets", fmt.Sprintf("scene-%d.jpg", i), file,
			nil))).Asset
		ids = append(ids, a.ID)
	}
	for _, id := range ids {
		f.until("it is analysed", func() bool {
			return into[dam.Asset](f,
				f.want(200, f.do(dam.Viewer, "GET", "/api/assets/"+id, ""))).Latest.Analysis != nil
		})
	}
	return ids
}

func (f *fixture) duplicates(query string) duplicatesAnswer {
	f.Helper()
	return into[duplicatesAnswer](f,
		f.want(200, f.do(dam.Editor, "GET", fmt.Sprintf("/api/duplicates?wait=%d%s", f.head(), query), "")))
}

func TestSimilar(t *testing.T) {
	f := start(t, catalogtest.SQLite(t))
	ids := f.scenes(scene(t, 1, 600, 400, 90), scene(t, 1, 300, 200, 80), scene(t, 2, 600, 400, 90),
		scene(t, 3, 600, 400, 90))

	a := into[dam.Asset](f, f.want(200, f.do(dam.Viewer, "GET", "/api/assets/"+ids[0], "")))
	look := a.Latest.Analysis
	if len(look.PHash) != 16 || len(look.Colors) == 0 || len(look.Colors) > 5 || len(look.Blurhash) != 28 {
		t.Errorf("analysis %+v", look)
	}
	events := into[struct {
		Items []dam.Event
	}](f, f.want(200, f.do(dam.Viewer, "GET", "/api/assets/"+ids[0]+"/events", "")))
	told := 0
	for _, e := range events.Items {
		if e.Type == dam.AssetAnalysed && strings.Contains(string(e.Data), a.Latest.ID) {
			told++
		}
	}
	if told != 1 {
		t.Errorf("the analysis was told %d times", told)
	}

	similar := func(id, query string) similarAnswer {
		return into[similarAnswer](f,
			f.want(200, f.do(dam.Viewer, "GET", fmt.Sprintf("/api/assets/%s/similar?wait=%d%s", id, f.head(), query),
				"")))
	}
	got := similar(ids[0], "")
	if got.Total != 1 || !got.Analysed || got.Pending || got.Items[0].Asset.ID != ids[1] || got.Items[0].Score < 0.85 ||
		got.Items[0].Distance > 6 {
		t.Errorf("like %s: %+v", ids[0], got)
	}
	if got := similar(ids[2], ""); got.Total != 0 || got.Items == nil {
		t.Errorf("like %s: %+v", ids[2], got)
	}
	all := similar(ids[0], "&min=0&limit=2")
	if all.Total != 3 || len(all.Items) != 2 || all.Items[0].Asset.ID != ids[1] ||
		all.Items[0].Score < all.Items[1].Score {
		t.Errorf("all by score: %+v", all)
	}
	if res := into[struct {
		Items []dam.Asset
	}](f, f.want(200, f.do(dam.Viewer, "GET", "/api/assets?q=similar:"+ids[1], ""))); len(res.Items) != 1 ||
		res.Items[0].ID != ids[0] {
		t.Errorf("similar: found %+v", res.Items)
	}
	name := look.Colors[0].Name
	res := into[struct {
		Items  []dam.Asset
		Facets map[string][]search.FacetCount
	}](f, f.want(200, f.do(dam.Viewer, "GET", "/api/assets?facets=color&q=color:"+name, "")))
	counted := 0
	for _, c := range res.Facets["color"] {
		if c.Value == name {
			counted = c.Count
		}
		if len(c.Swatch) != 7 {
			t.Errorf("no swatch: %+v", c)
		}
	}
	if counted == 0 || counted != len(res.Items) {
		t.Errorf("%s: %d counted, %d found", name, counted, len(res.Items))
	}
	// Somebody limited to a collection without the second picture never learns of it.
	c := into[dam.Collection](f, f.want(201, f.do(dam.Editor, "POST", "/api/collections", `{"name":"Seen"}`)))
	f.want(200, f.do(dam.Editor, "PUT", "/api/collections/"+c.ID+"/assets",
		fmt.Sprintf(`{"assets":[%q,%q]}`, ids[0], ids[2])))
	_, secret, err := f.people.CreateToken(catalogtest.Context(t), dam.DefaultLibrary,
		people.NewToken{Name: "limited", Role: dam.Editor, Collections: []string{c.ID}})
	if err != nil {
		t.Fatal(err)
	}
	ask := func(path string) answer {
		return f.want(200, f.do("", "GET", fmt.Sprintf("%s?wait=%d", path, f.head()), "", "Authorization",
			"Bearer "+secret))
	}
	if got := into[similarAnswer](f, ask("/api/assets/"+ids[0]+"/similar")); got.Total != 0 || len(got.Items) != 0 {
		t.Errorf("limited: %+v", got)
	}
	if got := into[duplicatesAnswer](f, ask("/api/duplicates")); got.Total != 0 {
		t.Errorf("limited: %+v", got)
	}
	if got := f.duplicates(""); got.Total != 1 {
		t.Errorf("not limited: %+v", got)
	}
	f.want(404, f.do(dam.Viewer, "GET", "/api/assets/a_nowhere/similar", ""))
	f.want(422, f.do(dam.Viewer, "GET", "/api/assets/"+ids[0]+"/similar?min=2", ""))
}

func TestDuplicates(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, cat *catalog.Catalog) {
		f := start(t, cat)
		// Two groups and a single one; the largest picture is the best of each.
		ids := f.scenes(scene(t, 1, 300, 200, 60), scene(t, 1, 600, 400, 90), scene(t, 1, 450, 300, 80),
			scene(t, 2, 600, 400, 90), scene(t, 3, 500, 300, 90), scene(t, 3, 250, 150, 70))
		first, second := strings.Join([]string{ids[1], ids[0], ids[2]}, " "), ids[4]+" "+ids[5]
		report := f.duplicates("&min=0.85")
		if g := report.groups(); report.Total != 2 || report.Assets != 5 || len(g) != 2 || g[0] != second ||
			g[1] != first {
			t.Fatalf("%+v: %v, want %v and %v", report, report.groups(), second, first)
		}
		page := f.duplicates("&min=0.85&limit=1")
		if g := page.groups(); len(g) != 1 || g[0] != second || page.Total != 2 || page.Next == "" {
			t.Errorf("first page: %v, next %q", g, page.Next)
		}
		if page = f.duplicates("&min=0.85&limit=1&after=" + page.Next); page.Next != "" || len(page.Items) != 1 ||
			page.groups()[0] != first {
			t.Errorf("second page: %v, next %q", page.groups(), page.Next)
		}

		resolve := func(status int, body string) answer {
			return f.want(status, f.do(dam.Editor, "POST", "/api/duplicates/resolve", body))
		}
		// Found distinct: not reported again.
		resolve(200, fmt.Sprintf(`{"keep":%q,"others":[%q],"action":"distinct"}`, ids[4], ids[5]))
		if report = f.duplicates("&min=0.85"); report.Total != 1 || report.groups()[0] != first {
			t.Errorf("after a verdict: %v", report.groups())
		}

		// To the bin: what hung on the others hangs on the one that stays.
		c := into[dam.Collection](f, f.want(201, f.do(dam.Editor, "POST", "/api/collections", `{"name":"Spring"}`)))
		resolve(422, fmt.Sprintf(`{"keep":%q,"others":[%q],"action":"collect"}`, ids[1], ids[0]))
		done := into[similarity.Resolved](f,
			resolve(200, fmt.Sprintf(`{"keep":%q,"others":[%q],"action":"collect","collection":%q}`, ids[2],
				ids[0], c.ID)))
		if len(done.Changed) != 1 || done.Keep.Collections[0] != c.ID {
			t.Errorf("collected: %+v", done)
		}
		f.want(200, f.do(dam.Editor, "PATCH", "/api/assets/"+ids[0], `{"tags":["Sky","light"],"skus":["A-1"]}`))
		f.want(200, f.do(dam.Editor, "PATCH", "/api/assets/"+ids[1], `{"tags":["sky"]}`))
		resolve(422, fmt.Sprintf(`{"keep":%q,"others":[%q],"action":"bin"}`, ids[1], ids[1]))
		resolve(404, fmt.Sprintf(`{"keep":%q,"others":[%q,"a_nowhere"],"action":"bin"}`, ids[1], ids[0]))
		if a := into[dam.Asset](f,
			f.want(200, f.do(dam.Viewer, "GET", "/api/assets/"+ids[0], ""))); a.DeletedAt != nil {
			t.Error("half a resolution was carried out")
		}
		done = into[similarity.Resolved](f,
			resolve(200, fmt.Sprintf(`{"keep":%q,"others":[%q,%q],"action":"bin"}`, ids[1], ids[0], ids[2])))
		k := done.Keep
		if len(done.Changed) != 2 || strings.Join(k.Tags, " ") != "sky light" || strings.Join(k.SKUs, " ") != "A-1" ||
			len(k.Collections) != 1 || k.Collections[0] != c.ID {
			t.Errorf("kept: %+v", done)
		}
		for _, id := range []string{ids[0], ids[2]} {
			if a := into[dam.Asset](f,
				f.want(200, f.do(dam.Viewer, "GET", "/api/assets/"+id, ""))); a.DeletedAt == nil {
				t.Errorf("%s is not in the bin", id)
			}
		}
		if report = f.duplicates("&min=0.85"); report.Total != 0 || len(report.Items) != 0 {
			t.Errorf("after all: %v", report.groups())
		}
		resolve(409, fmt.Sprintf(`{"keep":%q,"others":[%q],"action":"bin"}`, ids[1], ids[0]))
	})
}

// What was uploaded before pictures were looked at, or looked at by an older program, is done by the sweep.
func TestOldPicturesAreLookedAt(t *testing.T) {
	cat := catalogtest.SQLite(t)
	var alike *similarity.Service
	f := start(t, cat, func(c *api.Config) { alike = c.Similarity })
	ids := f.scenes(scene(t, 1, 300, 200, 80), scene(t, 2, 300, 200, 80))
	id := into[dam.Asset](f, f.want(200, f.do(dam.Viewer, "GET", "/api/assets/"+ids[0], ""))).Latest.ID
	newer := *alike
	newer.Analyser.Revision = visual.Revision + 1
	newer.Analyser.Read = visual.Read
	before := f.head()
	if err := newer.Sweep(catalogtest.Context(t), similarity.SweepArgs{}, jobs.Info{}); err != nil {
		t.Fatal(err)
	}
	if done, err := cat.Similarity().Analysed(catalogtest.Context(t), id, visual.Revision+1); err != nil || !done {
		t.Errorf("not looked at again: %v", err)
	}
	if n := f.head() - before; n != 2 {
		t.Errorf("%d events, want 2", n)
	}
	if err := newer.Sweep(catalogtest.Context(t), similarity.SweepArgs{}, jobs.Info{}); err != nil ||
		f.head() != before+2 {
		t.Errorf("a sweep with nothing to do wrote events, or failed: %v", err)
	}
	// Without renditions to read, and no way to make one, the error stays with the one picture.
	newer.Analyser.Revision++
	empty, err := disk.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	newer.Store = empty
	if err := newer.Sweep(catalogtest.Context(t), similarity.SweepArgs{}, jobs.Info{}); err != nil {
		t.Error(err)
	}
	if err := newer.Analyze(catalogtest.Context(t), similarity.AnalyzeArgs{Version: id}, jobs.Info{}); err == nil {
		t.Error("a rendition that can't be read was no error")
	}
	if err := newer.Analyze(catalogtest.Context(t), similarity.AnalyzeArgs{Version: "v_nowhere"},
		jobs.Info{}); err != nil {
		t.Error(err)
	}
}
