package portal

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"
)

func get(t *testing.T, h http.Handler, method, target string, header http.Header) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequest(method, target, nil)
	for k, v := range header {
		r.Header[k] = v
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestHandler(t *testing.T) {
	script := strings.Repeat("let portal = 1;\n", 200)
	h := handler(fstest.MapFS{
		"index.html":          {Data: []byte("<!doctype html><title>Vitrine</title>")},
		"static/app-1a2b.js":  {Data: []byte(script)},
		".vite/manifest.json": {Data: []byte("{}")},
		"icon.svg":            {Data: []byte("<svg/>")},
	})

	for _, screen := range []string{"/", "/assets/a_01h", "/people", "/collections?x=1"} {
		res := get(t, h, "GET", screen, nil)
		if res.Code != 200 || !strings.Contains(res.Body.String(), "<title>Vitrine") ||
			res.Header().Get("Cache-Control") != "no-cache" {
			t.Errorf("%s: %d %q: want the page, to be revalidated", screen, res.Code, res.Header().Get("Cache-Control"))
		}
		if res.Header().Get("X-Content-Type-Options") != "nosniff" ||
			!strings.HasPrefix(res.Header().Get("Content-Security-Policy"), "default-src 'self'") {
			t.Errorf("%s: security headers are missing: %v", screen, res.Header())
		}
	}

	res := get(t, h, "GET", "/static/app-1a2b.js", http.Header{"Accept-Encoding": {"gzip, br"}})
	if !strings.Contains(res.Header().Get("Cache-Control"), "immutable") ||
		res.Header().Get("Content-Encoding") != "gzip" {
		t.Fatalf("hashed file: %v: want immutable and gzip", res.Header())
	}
	z, err := gzip.NewReader(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	if plain, err := io.ReadAll(z); err != nil || string(plain) != script {
		t.Fatalf("unpacked %d bytes, %v: want %d", len(plain), err, len(script))
	}
	if got := get(t, h, "GET", "/static/app-1a2b.js", nil).Body.String(); got != script {
		t.Errorf("without Accept-Encoding: %d bytes, want %d plain ones", len(got), len(script))
	}

	for target, want := range map[string]int{"/static/gone-9.js": 404, "/.vite/manifest.json": 404, "/robots.txt": 404,
		"/../../etc/passwd": 200} {
		if res := get(t, h, "GET", target, nil); res.Code != want {
			t.Errorf("%s: %d, want %d", target, res.Code, want)
		}
	}
	if res := get(t, h, "POST", "/", nil); res.Code != 405 {
		t.Errorf("POST: %d, want 405", res.Code)
	}
	first := get(t, h, "GET", "/", nil)
	if res := get(t, h, "GET", "/", http.Header{"If-None-Match": {first.Header().Get("ETag")}}); res.Code != 304 ||
		res.Body.String() != "" {
		t.Errorf("revalidation: %d, want an empty 304", res.Code)
	}
	if res := get(t, h, "HEAD", "/", nil); res.Code != 200 || res.Body.String() != "" ||
		res.Header().Get("Content-Length") == "0" {
		t.Errorf("HEAD: %d, length %s", res.Code, res.Header().Get("Content-Length"))
	}
}

func TestNotBuilt(t *testing.T) {
	res := get(t, handler(fstest.MapFS{".gitkeep": {}}), "GET", "/", nil)
	if res.Code != 503 || !strings.Contains(res.Body.String(), "make build") {
		t.Fatalf("an empty build answers %d: want 503 and how to build it", res.Code)
	}
}
