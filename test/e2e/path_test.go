package e2e

import (
	"bytes"
	"fmt"
	"image"
	_ "image/jpeg"
	"net/http"
	"strings"
	"testing"

	_ "github.com/gen2brain/webp"

	"vitrine/dam"
	"vitrine/dam/catalog/catalogtest"
	"vitrine/storage/storagetest"
)

// each runs a test on the embedded default and on PostgreSQL with S3.
func each(t *testing.T, test func(t *testing.T, s setup)) {
	t.Run("embedded", func(t *testing.T) { test(t, setup{}) })
	t.Run("postgres and s3", func(t *testing.T) { test(t, shared(t)) })
}

// shared is a database and a bucket that several nodes can use.
func shared(t testing.TB) setup {
	t.Helper()
	c := storagetest.MinIO(t)
	u := c.Location()
	return setup{database: catalogtest.PostgresURL(t), storage: u.String(), s3: &c}
}

// The main job: upload a photograph, approve it, fetch it by URL; then kill the
// server and find everything as it was.
func TestUploadApproveFetch(t *testing.T) {
	each(t, func(t *testing.T, s setup) {
		x := start(t, s)
		a := x.upload("Chaise bleue.jpg", photo(t, 1, 1600, 1000))
		public := "/r/" + a.ID + "/medium"
		if got := x.try("GET", public, nil); got.err != nil || got.StatusCode != http.StatusNotFound {
			t.Errorf("before the approval: %v %v", got.Response, got.err)
		}
		a = x.ready(a.ID)
		if a.Latest.Renditions != dam.RenditionsReady {
			t.Fatalf("renditions: %s %s", a.Latest.Renditions, a.Latest.RenditionNote)
		}
		x.do(http.StatusOK, "POST", "/api/assets/"+a.ID+"/submit", struct{}{}, nil)
		x.do(http.StatusOK, "POST", "/api/assets/"+a.ID+"/approve", struct{}{}, &a)
		if a.Live != a.Latest.ID {
			t.Errorf("live %q after the approval", a.Live)
		}
		etags := map[string]string{}
		for accept, format := range map[string]string{"image/webp,image/*": "webp", "image/jpeg": "jpeg",
			"*/*": "jpeg"} {
			var got answer
			x.until("200 for "+public, func() bool {
				got = x.try("GET", public, nil, "Accept", accept)
				return got.err == nil && got.StatusCode == http.StatusOK
			})
			cfg, f, err := image.DecodeConfig(bytes.NewReader(got.body))
			if err != nil || f != format || cfg.Width != 1280 || cfg.Height != 800 {
				t.Errorf("Accept %s: %s %dx%d %v, want a %s of 1280×800", accept, f, cfg.Width, cfg.Height, err, format)
			}
			if got.Header.Get("Content-Type") != "image/"+format || !strings.Contains(got.Header.Get("Vary"),
				"Accept") {
				t.Errorf("Accept %s: headers %v", accept, got.Header)
			}
			etags[format] = got.Header.Get("ETag")
		}
		if etags["webp"] == etags["jpeg"] || etags["jpeg"] == "" {
			t.Errorf("ETags %v", etags)
		}
		if got := x.try("GET", public, nil, "Accept", "image/jpeg", "If-None-Match",
			etags["jpeg"]); got.StatusCode != http.StatusNotModified || len(got.body) > 0 {
			t.Errorf("If-None-Match: %d, %d bytes", got.StatusCode, len(got.body))
		}
		if got := x.try("HEAD", public, nil); got.StatusCode != http.StatusOK || len(got.body) > 0 ||
			got.ContentLength < 1000 {
			t.Errorf("HEAD: %d, %d bytes of %d", got.StatusCode, len(got.body), got.ContentLength)
		}

		x.kill()
		x.run()
		var renditions struct {
			Items []struct {
				dam.Rendition
				URL   string `json:"url"`
				Exact string `json:"exact_url"`
			} `json:"items"`
		}
		x.do(http.StatusOK, "GET", "/api/assets/"+a.ID+"/renditions", nil, &renditions)
		if len(renditions.Items) != 12 {
			t.Fatalf("%d renditions after the restart", len(renditions.Items))
		}
		for _, r := range renditions.Items {
			path := fmt.Sprintf("/r/%s/%s/%s.%s", a.ID, r.Hash, r.Preset, r.Format.Ext())
			if !strings.HasSuffix(r.Exact, path) {
				t.Errorf("exact URL %s, want …%s", r.Exact, path)
			}
			got := x.try("GET", path, nil)
			if got.err != nil || got.StatusCode != http.StatusOK || int64(len(got.body)) != r.Size ||
				!strings.Contains(got.Header.Get("Cache-Control"), "immutable") {
				t.Errorf("%s: %v %v %d bytes of %d, %s", path, got.Response, got.err, len(got.body), r.Size,
					got.Header.Get("Cache-Control"))
			}
		}
		// Found by the French word without its accents' help, after the edit within a second.
		ans := x.do(http.StatusOK, "PATCH", "/api/assets/"+a.ID,
			map[string]any{"description": map[string]string{"fr": "L'été à la plage"}}, nil)
		for _, q := range []string{"ete", "plage", "bleue", `"a la plage"`, "pla*", "type:image status:approved"} {
			p := x.search("wait=" + ans.Header.Get("X-Vitrine-Seq") + "&q=" +
				strings.ReplaceAll(strings.ReplaceAll(q, " ", "+"), `"`, "%22"))
			if p.Total != 1 || p.Items[0].ID != a.ID {
				t.Errorf("search %s: %d hits", q, p.Total)
			}
		}
		if p := x.search("q=-plage"); p.Total != 0 {
			t.Errorf("-plage found %d", p.Total)
		}

		// v2 changes nothing public until it is approved; archiving takes all away.
		body, ct := form(t, "v2.jpg", photo(t, 2, 1400, 1400))
		if got := x.try("POST", "/api/assets/"+a.ID+"/versions", body, "Content-Type", ct); got.err != nil ||
			got.StatusCode != http.StatusCreated {
			t.Fatalf("v2: %v %s", got.err, got.body)
		}
		x.ready(a.ID)
		if got := x.try("GET", public, nil, "Accept", "image/jpeg"); got.Header.Get("ETag") != etags["jpeg"] {
			t.Errorf("v2 became public without approval")
		}
		x.do(http.StatusOK, "POST", "/api/assets/"+a.ID+"/approve", struct{}{}, nil)
		x.until("v2 public", func() bool {
			got := x.try("GET", public, nil, "Accept", "image/jpeg")
			return got.err == nil && got.StatusCode == http.StatusOK && got.Header.Get("ETag") != etags["jpeg"]
		})
		x.do(http.StatusOK, "POST", "/api/assets/"+a.ID+"/archive", struct{}{}, nil)
		x.until("410 after archiving", func() bool { return x.try("GET", public, nil).StatusCode == http.StatusGone })
		x.terminate()
	})
}
