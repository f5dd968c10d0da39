package main

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
)

// sight is a JPEG of two fields and a disc, whose colours and places depend on the seed.
func sight(t *testing.T, seed, w, quality int) []byte {
	t.Helper()
	m := image.NewRGBA(image.Rect(0, 0, w, w*3/4))
	for y := range w * 3 / 4 {
		for x := range w {
			u, v := x*255/w, y*340/w
			c := [...]color.RGBA{{20, 60, 140, 255}, {190, 40, 30, 255}}[seed]
			if u+v*seed > 170 {
				c = [...]color.RGBA{{230, 200, 60, 255}, {30, 30, 30, 255}}[seed]
			}
			if (u-90*(seed+1))*(u-90*(seed+1))+(v-120)*(v-120) < 5000 {
				c = color.RGBA{250, 250, 220, 255}
			}
			m.SetRGBA(x, y, c)
		}
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, &jpeg.Options{Quality: quality}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// An import says at its end which of its pictures look like something that was there.
func TestImportTellsLookAlikes(t *testing.T) {
	h, dir := newHouse(t), t.TempDir()
	write(t, filepath.Join(dir, "first", "large.jpg"), sight(t, 0, 800, 92))
	status, lines, diagnostics := h.imports(h.server.URL, filepath.Join(dir, "first"), "--look-alikes", "1m")
	if status != 0 || strings.Contains(diagnostics, "look") {
		t.Fatalf("the first: %d %q", status, diagnostics)
	}
	write(t, filepath.Join(dir, "then", "small.jpg"), sight(t, 0, 400, 70))
	write(t, filepath.Join(dir, "then", "other.jpg"), sight(t, 1, 400, 70))
	write(t, filepath.Join(dir, "then", "words.txt"), []byte("no picture"))
	status, _, diagnostics = h.imports(h.server.URL, filepath.Join(dir, "then"), "--look-alikes", "1m")
	if status != 0 || !strings.Contains(diagnostics, "small.jpg looks like "+lines["large.jpg"].Asset+", ") ||
		!strings.Contains(diagnostics, "\n1 look like something in the library (vitrine duplicates") {
		t.Errorf("the look-alike: %d %q", status, diagnostics)
	}
	// What can't be told in time is said to be unknown.
	h.mu.Lock()
	h.front = func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if strings.HasSuffix(r.URL.Path, "/similar") {
			w.Header().Set("Content-Type", "application/json")
			_, _ = w.Write([]byte(`{"items": [], "pending": true}`))
			return
		}
		next.ServeHTTP(w, r)
	}
	h.mu.Unlock()
	write(t, filepath.Join(dir, "last", "late.jpg"), sight(t, 1, 300, 60))
	if status, _, diagnostics = h.imports(h.server.URL, filepath.Join(dir, "last"), "--look-alikes",
		"1ms"); status != 0 || !strings.Contains(diagnostics, "1 have not been looked at yet") {
		t.Errorf("too early: %d %q", status, diagnostics)
	}
}
