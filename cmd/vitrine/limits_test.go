package main

import (
	"bytes"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"vitrine/dam"
)

// TestLimitsKeepOriginals: what is too large to show is kept, and of an animation that is too large the first frame is
// shown.
func TestLimitsKeepOriginals(t *testing.T) {
	h := newHouse(t, "--max-megapixels", "1", "--max-animation-megapixels", "1")
	dir := t.TempDir()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 1200, 900))); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "large.png"), b.Bytes())
	var g gif.GIF
	for i := range 12 {
		m := image.NewPaletted(image.Rect(0, 0, 300, 300), color.Palette{color.RGBA{R: 220, A: 255},
			color.RGBA{B: 220, A: 255}})
		if i > 0 {
			for k := range m.Pix {
				m.Pix[k] = 1
			}
		}
		g.Image, g.Delay = append(g.Image, m), append(g.Delay, 10)
	}
	b.Reset()
	if err := gif.EncodeAll(&b, &g); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "long.gif"), b.Bytes())
	status, lines, diagnostics := h.imports(h.server.URL, dir)
	if status != 0 {
		t.Fatal(diagnostics)
	}
	large := h.settled(lines["large.png"].Asset)
	if v := large.Latest; v.Width != 1200 || v.Renditions != dam.RenditionsFailed ||
		!strings.Contains(v.RenditionNote, "limit of 1 million") {
		t.Errorf("the large picture: %+v", v)
	}
	if status, _, body := h.fetch("/api/assets/" + large.ID + "/download"); status != http.StatusOK ||
		!bytes.HasPrefix(body, []byte("\x89PNG")) {
		t.Errorf("its original: %d", status)
	}
	long := h.settled(lines["long.gif"].Asset)
	if v := long.Latest; v.Frames != 12 || v.Renditions != dam.RenditionsReady {
		t.Errorf("the animation: %+v", v)
	}
	_, _, body := h.fetch("/api/assets/" + long.ID + "/preview/thumb")
	m, err := jpeg.Decode(bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if r, _, bl, _ := m.At(50, 50).RGBA(); r>>8 < 180 || bl>>8 > 60 {
		t.Errorf("it shows %v, not its first frame", m.At(50, 50))
	}
}
