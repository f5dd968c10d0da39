package visual_test

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	xdraw "golang.org/x/image/draw"

	"vitrine/dam"
	"vitrine/dam/similarity/visual"
)

// photograph paints soft light, a horizon and shapes with grain: what a camera gives, and
// another scene for each seed.
func photograph(seed uint64, w, h int) *image.RGBA {
	r := rand.New(rand.NewPCG(seed, 11))
	type spot struct{ x, y, size, r, g, b float64 }
	var spots []spot
	for range 9 {
		spots = append(spots, spot{r.Float64(), r.Float64(), 0.05 + 0.3*r.Float64(), r.Float64(), r.Float64(),
			r.Float64()})
	}
	horizon, tilt, base := 0.3+0.4*r.Float64(), r.Float64()-0.5, r.Float64()
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			u, v := float64(x)/float64(w), float64(y)/float64(h)
			c := [3]float64{base, 0.4 + 0.3*v, 0.9 - 0.6*v}
			if v > horizon+tilt*(u-0.5) {
				c = [3]float64{0.35 * base, 0.3, 0.2 + 0.2*u}
			}
			for _, s := range spots {
				k := math.Exp(-((u-s.x)*(u-s.x) + (v-s.y)*(v-s.y)) / (s.size * s.size))
				c = [3]float64{c[0]*(1-k) + s.r*k, c[1]*(1-k) + s.g*k, c[2]*(1-k) + s.b*k}
			}
			grain := 0.02 * (r.Float64() - 0.5)
			m.SetRGBA(x, y, color.RGBA{level(c[0] + grain), level(c[1] + grain), level(c[2] + grain), 255})
		}
	}
	return m
}

func level(v float64) uint8 { return uint8(min(max(v, 0), 1) * 255) }

func resized(m image.Image, w, h int) image.Image {
	out := image.NewRGBA(image.Rect(0, 0, w, h))
	xdraw.CatmullRom.Scale(out, out.Rect, m, m.Bounds(), xdraw.Src, nil)
	return out
}

func recompressed(t *testing.T, m image.Image, quality int) image.Image {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, &jpeg.Options{Quality: quality}); err != nil {
		t.Fatal(err)
	}
	out, err := jpeg.Decode(&b)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// cropped takes a share off every side.
func cropped(m *image.RGBA, share float64) image.Image {
	dx, dy := int(float64(m.Rect.Dx())*share), int(float64(m.Rect.Dy())*share)
	return m.SubImage(image.Rect(dx, dy, m.Rect.Dx()-dx, m.Rect.Dy()-dy))
}

func rotated(m *image.RGBA) image.Image {
	out := image.NewRGBA(image.Rect(0, 0, m.Rect.Dy(), m.Rect.Dx()))
	for y := range m.Rect.Dy() {
		for x := range m.Rect.Dx() {
			out.SetRGBA(m.Rect.Dy()-1-y, x, m.RGBAAt(x, y))
		}
	}
	return out
}

func signature(t *testing.T, m image.Image) visual.Signature {
	t.Helper()
	a := visual.Of(m)
	s, ok := visual.SignatureOf(&a)
	if !ok {
		t.Fatalf("no signature of %+v", a)
	}
	return s
}

// The same picture stays near whatever is done to it on its way; others stay away.
func TestLikeness(t *testing.T) {
	var all []visual.Signature
	for seed := range uint64(12) {
		m := photograph(seed, 480, 320)
		own := signature(t, m)
		all = append(all, own)
		for _, c := range []struct {
			what  string
			img   image.Image
			far   int
			score float64
		}{
			{"itself", m, 0, 1},
			{"half the size", resized(m, 240, 160), 3, 0.93},
			{"a thumbnail of low quality", recompressed(t, resized(m, 150, 100), 50), 6, 0.85},
			{"recompressed", recompressed(t, m, 30), 4, 0.88},
			{"2 % cropped off each side", cropped(m, 0.02), 9, 0.75},
		} {
			s := signature(t, c.img)
			if d, score := own.Distance(s), own.Reference().Score(s); d > c.far || score < c.score {
				t.Errorf("picture %d, %s: distance %d, score %.3f; want at most %d, at least %.2f", seed, c.what, d,
					score, c.far, c.score)
			}
		}
		s := signature(t, rotated(m))
		if d, score := own.Distance(s), own.Reference().Score(s); d < 14 || score >= 0.75 {
			t.Errorf("picture %d, rotated: distance %d, score %.3f", seed, d, score)
		}
	}
	for i := range all {
		for j := range i {
			if d, score := all[i].Distance(all[j]), all[i].Reference().Score(all[j]); d < 10 || score >= 0.75 {
				t.Errorf("pictures %d and %d: distance %d, score %.3f", i, j, d, score)
			}
			if a, b := all[i].Reference().Score(all[j]), all[j].Reference().Score(all[i]); math.Abs(a-b) > 0.02 {
				t.Errorf("pictures %d and %d: %.3f one way, %.3f the other", i, j, a, b)
			}
		}
	}
}

// A plain wall hashes to the same bits whatever its grain, and its colour tells walls apart.
func TestPlain(t *testing.T) {
	wall := func(c color.Color, quality int) visual.Signature {
		m := image.NewRGBA(image.Rect(0, 0, 300, 200))
		draw.Draw(m, m.Rect, image.NewUniform(c), image.Point{}, draw.Src)
		return signature(t, recompressed(t, m, quality))
	}
	grey := color.RGBA{120, 125, 130, 255}
	if a, b := wall(grey, 90), wall(grey, 20); a.Distance(b) != 0 || a.Reference().Score(b) < 0.95 {
		t.Errorf("the same wall: distance %d, score %.3f", a.Distance(b), a.Reference().Score(b))
	}
	if s := wall(grey, 90).Reference().Score(wall(color.RGBA{200, 30, 30, 255}, 90)); s > 0.75 {
		t.Errorf("a grey and a red wall score %.3f", s)
	}
}

// A red square on white, with a thin black line: shares are true, names are those people use.
func TestColors(t *testing.T) {
	m := image.NewNRGBA(image.Rect(0, 0, 200, 200))
	fill := func(r image.Rectangle, c color.NRGBA) {
		draw.Draw(m, r, image.NewUniform(c), image.Point{}, draw.Src)
	}
	fill(m.Rect, color.NRGBA{255, 255, 255, 255})
	fill(image.Rect(0, 0, 100, 80), color.NRGBA{210, 30, 40, 255})
	fill(image.Rect(0, 190, 200, 200), color.NRGBA{20, 20, 24, 255})
	a := visual.Of(m)
	want := map[string]float64{"white": 0.75, "red": 0.20, "black": 0.05}
	if len(a.Colors) != len(want) {
		t.Fatalf("colours %+v", a.Colors)
	}
	for _, c := range a.Colors {
		if math.Abs(want[c.Name]-c.Share) > 0.02 {
			t.Errorf("%+v, want a share of %v", c, want[c.Name])
		}
	}
	if !slices.IsSortedFunc(a.Colors, func(a, b dam.Color) int { return int(1000 * (b.Share - a.Share)) }) {
		t.Errorf("not by share: %+v", a.Colors)
	}
	sig, _ := visual.SignatureOf(&a)
	for hex, found := range map[string]bool{"#d21e28": true, "#c81c2c": true, "#fff": true, "#1e28d2": false,
		"#d2b41e": false} {
		tint, ok := visual.NewColorNear(hex, 0.1)
		if !ok || tint.In(sig) != found {
			t.Errorf("%s: found %v, want %v", hex, !found, found)
		}
	}
	if _, ok := visual.NewColorNear("#12345", 0.1); ok {
		t.Error("#12345 is no colour")
	}

	// What is transparent has no colour.
	fill(image.Rect(0, 80, 200, 190), color.NRGBA{})
	fill(image.Rect(100, 0, 200, 80), color.NRGBA{})
	if a := visual.Of(m); len(a.Colors) != 2 || a.Colors[0].Name != "red" {
		t.Errorf("cut out: %+v", a.Colors)
	}
	if a := visual.Of(image.NewNRGBA(image.Rect(0, 0, 10, 10))); len(a.Colors) != 0 || a.Blurhash == "" {
		t.Errorf("nothing to see: %+v", a)
	}
}

// Every named colour's swatch carries its own name, whatever else changes.
func TestNames(t *testing.T) {
	for _, c := range visual.Names() {
		m := image.NewRGBA(image.Rect(0, 0, 8, 8))
		var rgb [3]uint8
		if _, err := fmt.Sscanf(c.Hex, "#%02x%02x%02x", &rgb[0], &rgb[1], &rgb[2]); err != nil {
			t.Fatal(err)
		}
		draw.Draw(m, m.Rect, image.NewUniform(color.RGBA{rgb[0], rgb[1], rgb[2], 255}), image.Point{}, draw.Src)
		if got := visual.Of(m).Colors; len(got) != 1 || got[0].Name != c.Name || got[0].Hex != c.Hex {
			t.Errorf("the swatch of %s, %s, is seen as %+v", c.Name, c.Hex, got)
		}
	}
}

// The published algorithm: the size flag, then the average colour in four digits of base 83.
func TestBlurhash(t *testing.T) {
	m := image.NewRGBA(image.Rect(0, 0, 60, 40))
	draw.Draw(m, m.Rect, image.NewUniform(color.RGBA{255, 0, 0, 255}), image.Point{}, draw.Src)
	// 4 × 3 components: flag (4-1) + (3-1)*9 = 21 = "L"; no contrast: "0"; 0xff0000 = "TI:j";
	// eleven times the middle of the scale, 9*19*19 + 9*19 + 9 = 3429 = "fQ".
	if got, want := visual.Of(m).Blurhash, "L0TI:j"+strings.Repeat("fQ", 11); got != want {
		t.Errorf("red: %s, want %s", got, want)
	}
	if tall := visual.Of(photograph(1, 100, 200)).Blurhash; tall[0] != 'T' || len(tall) != 28 { // (3-1) + (4-1)*9 = 29
		t.Errorf("upright: %s", tall)
	}
}

func TestRead(t *testing.T) {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, photograph(3, 200, 120), nil); err != nil {
		t.Fatal(err)
	}
	a, err := visual.Read(bytes.NewReader(b.Bytes()))
	if err != nil || len(a.PHash) != 16 || len(a.Colors) == 0 {
		t.Errorf("%+v, %v", a, err)
	}
	for what, file := range map[string][]byte{"half a file": b.Bytes()[:b.Len()/3], "no picture": []byte("hello"),
		"nothing": nil} {
		if _, err := visual.Read(bytes.NewReader(file)); dam.CodeOf(err) != dam.Unsupported {
			t.Errorf("%s: %v", what, err)
		}
	}
	b.Reset()
	if err := jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, 5000, 10)), nil); err != nil {
		t.Fatal(err)
	}
	if _, err := visual.Read(bytes.NewReader(b.Bytes())); dam.CodeOf(err) != dam.TooLarge {
		t.Errorf("a huge picture: %v", err)
	}
}

func TestSignatureOfNothing(t *testing.T) {
	for _, a := range []*dam.Analysis{nil, {}, {PHash: "f000000000000000"},
		{PHash: "0", Colors: []dam.Color{{Hex: "red"}}}} {
		if s, ok := visual.SignatureOf(a); ok {
			t.Errorf("%+v gives %+v", a, s)
		}
	}
}

func BenchmarkOf(b *testing.B) {
	m := photograph(1, 320, 213)
	for b.Loop() {
		visual.Of(m)
	}
}
