package e2e

import (
	"bytes"
	"image"
	"image/jpeg"
	"math/rand/v2"
	"testing"
)

// photo is a JPEG with noise in it, different for every seed, so that it weighs
// and compresses like a photograph rather than a flat colour.
func photo(t testing.TB, seed uint64, w, h int) []byte {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 42))
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	base := [3]int{r.IntN(200), r.IntN(200), r.IntN(200)}
	for y := range h {
		for x := range w {
			i := m.PixOffset(x, y)
			for c := range 3 {
				m.Pix[i+c] = uint8(base[c] + (x*31+y*17)*c/(w+h) + r.IntN(24))
			}
			m.Pix[i+3] = 255
		}
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, &jpeg.Options{Quality: 85}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
