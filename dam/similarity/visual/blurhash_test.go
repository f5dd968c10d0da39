package visual_test

import (
	"image"
	"image/color"
	"math"
	"testing"

	"github.com/bbrks/go-blurhash"

	"vitrine/dam/similarity/visual"
)

// Pages draw a blurhash with readers that we didn't write: what one of them draws of ours is the picture, blurred.
// A reader's own hash isn't compared: it samples at the pixels' corners, as the reference does, ours in their middle.
func TestBlurhashIsReadByOthers(t *testing.T) {
	for seed := range uint64(3) {
		for _, size := range []image.Point{{96, 64}, {64, 96}, {80, 80}} {
			m := photograph(seed, size.X, size.Y)
			hash := visual.Of(m).Blurhash
			nx, ny, err := blurhash.Components(hash)
			if err != nil || nx+ny != 7 || (nx > ny) != (size.X >= size.Y) {
				t.Fatalf("%s: %d × %d components, %v", hash, nx, ny, err)
			}
			theirs, err := blurhash.Encode(nx, ny, resized(m, 32*size.X/96, 32*size.Y/96))
			if err != nil {
				t.Fatal(err)
			}
			own, other := apart(t, m, hash), apart(t, m, theirs)
			if own > 0.12 || own > other+0.005 {
				t.Errorf("picture %d: %s is %.3f off, %s of another writer %.3f", seed, hash, own, theirs, other)
			}
		}
	}
}

// apart is the mean difference, of 1, between a picture and what a reader draws of a hash.
func apart(t *testing.T, m *image.RGBA, hash string) float64 {
	t.Helper()
	const side = 24
	drawn, err := blurhash.Decode(hash, side, side, 1)
	if err != nil {
		t.Fatal(err)
	}
	small := resized(m, side, side)
	var sum float64
	for y := range side {
		for x := range side {
			a, b := color.RGBAModel.Convert(drawn.At(x, y)).(color.RGBA),
				color.RGBAModel.Convert(small.At(x, y)).(color.RGBA)
			sum += math.Abs(float64(a.R)-float64(b.R)) + math.Abs(float64(a.G)-float64(b.G)) +
				math.Abs(float64(a.B)-float64(b.B))
		}
	}
	return sum / (3 * 255 * side * side)
}
