package renditiontest

import (
	"bytes"
	"context"
	"image"
	"image/color"
	"math/rand/v2"
	"testing"

	"github.com/gen2brain/avif"

	"vitrine/dam"
	"vitrine/dam/rendition"
)

// avifOut: AVIF is written, with its transparency and its colours.
func (s suite) avifOut(t *testing.T) {
	src := drawTestPicture(80, 60, func(x, _ int) color.NRGBA {
		if x < 40 {
			return red
		}
		return color.NRGBA{}
	})
	spec := rendition.Spec{Name: "a", Width: 40, Fit: dam.FitContain, Format: dam.AVIF, Quality: 80, Effort: 1,
		Embed: rendition.Credit{Copyright: "© Vitrine & Sons", Creator: "Ada"}}
	b := s.one(t, pngFile(t, src, extras{}), spec, rendition.Options{}).Bytes
	m, err := avif.Decode(bytes.NewReader(b))
	must(t, err)
	if m.Bounds().Size() != image.Pt(40, 30) {
		t.Errorf("size %v", m.Bounds().Size())
	}
	r, g, _, a := m.At(5, 5).RGBA()
	if r>>8 < 190 || g>>8 > 50 || a>>8 < 250 {
		t.Errorf("red became %v", m.At(5, 5))
	}
	if _, _, _, a := m.At(35, 5).RGBA(); a>>8 > 5 {
		t.Errorf("nothing became %v", m.At(35, 5))
	}
	if !bytes.Contains(b, []byte("© Vitrine &amp; Sons")) {
		t.Error("the credit is missing")
	}
}

func (s suite) one(t *testing.T, file []byte, spec rendition.Spec, opt rendition.Options) rendition.Output {
	t.Helper()
	var out rendition.Output
	must(t, s.engine.Render(context.Background(), bytes.NewReader(file), []rendition.Spec{spec}, opt,
		func(o rendition.Output) error {
			out = o
			return nil
		}))
	return out
}

// ceiling: quality gives way first, then the size; a ceiling that nothing meets is an error.
func (s suite) ceiling(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	file := pngFile(t, drawTestPicture(300, 200, func(int, int) color.NRGBA {
		v := rnd.Uint32()
		return color.NRGBA{uint8(v), uint8(v >> 8), uint8(v >> 16), 255}
	}), extras{})
	for _, f := range []dam.Format{dam.JPEG, dam.WebP} {
		spec := contain(300, f)
		free := s.one(t, file, spec, rendition.Options{})
		spec.MaxBytes = int64(len(free.Bytes)) * 7 / 10
		less := s.one(t, file, spec, rendition.Options{})
		if int64(len(less.Bytes)) > spec.MaxBytes || less.Width != 300 {
			t.Errorf("%s: %d bytes of at most %d, %d pixels wide", f, len(less.Bytes), spec.MaxBytes, less.Width)
		}
		if again := s.one(t, file, spec, rendition.Options{}); !bytes.Equal(again.Bytes, less.Bytes) {
			t.Errorf("%s: the same recipe gave other bytes", f)
		}
		spec.MaxBytes = int64(len(free.Bytes)) / 12
		small := s.one(t, file, spec, rendition.Options{})
		if int64(len(small.Bytes)) > spec.MaxBytes || small.Width >= 300 {
			t.Errorf("%s: %d bytes of at most %d, %d pixels wide", f, len(small.Bytes), spec.MaxBytes, small.Width)
		}
		if got := decodeOutput(t, f, small.Bytes).Rect.Size(); got != image.Pt(small.Width, small.Height) {
			t.Errorf("%s: %v, output says %d × %d", f, got, small.Width, small.Height)
		}
		spec.MaxBytes = 10
		err := s.engine.Render(context.Background(), bytes.NewReader(file), []rendition.Spec{spec}, rendition.Options{},
			discard)
		wantCode(t, "a ceiling of ten bytes", err, dam.TooLarge)
	}
}

// finishing: sharpening, watermark and credit.
func (s suite) finishing(t *testing.T) {
	gray := color.NRGBA{100, 100, 100, 255}
	file := pngFile(t, drawTestPicture(100, 80, func(x, _ int) color.NRGBA {
		if x < 50 {
			return gray
		}
		return color.NRGBA{160, 160, 160, 255}
	}), extras{})
	spec := contain(100, dam.PNG)
	spec.Sharpen = 1
	m := decodeOutput(t, dam.PNG, s.one(t, file, spec, rendition.Options{}).Bytes)
	near(t, "away from the edge", m, 10, 10, gray, 1)
	if v := m.NRGBAAt(49, 10).R; v >= 98 {
		t.Errorf("the dark side of the edge is %d, not darker", v)
	}
	mark := pngFile(t, drawTestPicture(10, 10, flat(red)), extras{})
	opt := rendition.Options{Watermark: func(context.Context, string) ([]byte, error) { return mark, nil }}
	for at, p := range map[string]image.Point{"top-left": {10, 10}, "bottom-right": {90, 70}, "center": {50, 40}} {
		spec := contain(100, dam.PNG)
		spec.Watermark = &rendition.Watermark{SHA256: "m", Position: at, Opacity: .5, Scale: .2}
		m := decodeOutput(t, dam.PNG, s.one(t, file, spec, opt).Bytes)
		under := gray
		if p.X >= 50 {
			under = color.NRGBA{160, 160, 160, 255}
		}
		mix := func(a, b uint8) uint8 { return uint8((int(a) + int(b)) / 2) }
		near(t, at, m, p.X, p.Y, color.NRGBA{mix(red.R, under.R), mix(red.G, under.G), mix(red.B, under.B), 255}, 3)
		near(t, at+": elsewhere", m, 30, 10, gray, 1)
	}
	for _, f := range []dam.Format{dam.JPEG, dam.PNG, dam.WebP} {
		spec := contain(50, f)
		spec.Embed = rendition.Credit{Copyright: "© <Vitrine>", Creator: "Ada"}
		o := s.one(t, file, spec, rendition.Options{})
		near(t, string(f)+" with a credit", decodeOutput(t, f, o.Bytes), 10, 10, gray, 6)
		if !bytes.Contains(o.Bytes, []byte("© &lt;Vitrine&gt;")) || !bytes.Contains(o.Bytes, []byte("Ada")) {
			t.Errorf("%s: the credit is missing", f)
		}
	}
}
