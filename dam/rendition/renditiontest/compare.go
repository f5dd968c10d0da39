package renditiontest

import (
	"fmt"
	"image"
	"image/color"
	"math"
	"testing"

	"vitrine/dam"
	"vitrine/dam/rendition"
)

// Compare holds the pixels of two engines against each other: whoever changes the engine must not see it. tolerances
// are in 8-bit steps a channel, on average over a picture and at its worst pixel.
func Compare(t *testing.T, a, b rendition.Engine) {
	files := formats()
	for name, c := range map[string]struct {
		file        []byte
		mean, worst float64
	}{
		// Each decodes at a size of its own choice and scales with a filter of its own; edges differ by a little.
		"16-bit":      {pngFile(t, deepPicture(), extras{}), 1, 12},
		"alpha":       {pngFile(t, fading(300, 200), extras{}), 1, 12},
		"alpha, WebP": {webpFile(t, fading(300, 200), extras{}), 2.5, 32},
		"Display P3":  {jpegFile(t, smoothPicture(300, 200), extras{icc: displayP3().icc()}), 2, 32},
		"Adobe RGB":   {pngFile(t, smoothPicture(300, 200), extras{icc: adobeRGB().icc()}), 1.5, 16},
		"hard edges":  {pngFile(t, drawTestPicture(301, 203, quadrants(301, 203)), extras{}), 1, 48},
		"large, JPEG": {jpegFile(t, smoothPicture(1800, 1200), extras{}), 1.5, 16},
		"large, WebP": {webpFile(t, smoothPicture(1800, 1200), extras{}), 2.5, 24},
		"GIF":         {files["gif"](t, smoothPicture(300, 200), extras{}), 1, 24},
		// without a profile: arithmetic in one, a print profile in the other
		"CMYK":         {cmykJPEG(t, inks()), 45, 140},
		"CMYK, no ink": {cmykJPEG(t, image.NewCMYK(image.Rect(0, 0, 64, 48))), 2, 8},
	} {
		compare(t, name, a, b, c.file, c.mean, c.worst)
	}
	for o := 1; o <= 8; o++ {
		for _, f := range []string{"jpeg", "png", "webp", "tiff"} {
			compare(t, fmt.Sprintf("%s, orientation %d", f, o), a, b,
				files[f](t, smoothPicture(240, 160), extras{orientation: o}), 2.5, 32)
		}
	}
}

func compare(t *testing.T, name string, a, b rendition.Engine, file []byte, mean, worst float64) {
	t.Helper()
	specs := []rendition.Spec{contain(2000, dam.PNG), contain(150, dam.PNG), cover(100, 100, 0.2, 0.7),
		cover(60, 90, 1, 0)}
	one, other := suite{a}.render(t, file, specs...), suite{b}.render(t, file, specs...)
	for i, s := range specs {
		x, y := one[i].img, other[i].img
		if x.Rect != y.Rect {
			t.Errorf("%s, %s: %s makes it %v, %s %v", name, s.Name, a.Name(), x.Rect, b.Name(), y.Rect)
			continue
		}
		var sum, most float64
		for k := 0; k < len(x.Pix); k += 4 {
			p, q := x.Pix[k:k+4], y.Pix[k:k+4]
			for c := range 4 {
				d := math.Abs(float64(p[c]) - float64(q[c]))
				if c < 3 { // what can't be seen has no colour
					d *= float64(min(p[3], q[3])) / 255
				}
				sum, most = sum+d, max(most, d)
			}
		}
		if m := sum / float64(len(x.Pix)); m > mean || most > worst {
			t.Errorf("%s, %s: %s and %s differ by %.2f on average and %.0f at worst; %.1f and %.0f are let pass", name,
				s.Name, a.Name(), b.Name(), m, most, mean, worst)
		}
	}
}

// fading is a smooth picture that becomes transparent to the right.
func fading(w, h int) *image.NRGBA {
	return drawTestPicture(w, h, func(x, y int) color.NRGBA {
		c := smooth((float64(x)+.5)/float64(w), (float64(y)+.5)/float64(h))
		c.A = uint8(255 - 255*x/w)
		return c
	})
}

// deepPicture has 16 bits a channel.
func deepPicture() *image.NRGBA64 {
	m := image.NewNRGBA64(image.Rect(0, 0, 300, 200))
	for y := range 200 {
		for x := range 300 {
			c := smooth((float64(x)+.5)/300, (float64(y)+.5)/200)
			m.SetNRGBA64(x, y, color.NRGBA64{uint16(c.R)<<8 | uint16(x&255), uint16(c.G)<<8 | uint16(y),
				uint16(c.B) << 8, 65535 - uint16(y)*100})
		}
	}
	return m
}

func inks() *image.CMYK {
	m := image.NewCMYK(image.Rect(0, 0, 240, 160))
	for y := range 160 {
		for x := range 240 {
			m.SetCMYK(x, y, color.CMYK{C: uint8(x), M: uint8(y), Y: uint8(255 - x), K: uint8(y / 4)})
		}
	}
	return m
}
