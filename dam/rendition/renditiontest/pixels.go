package renditiontest

import (
	"bytes"
	"context"
	"image"
	"image/color"
	"image/gif"
	"image/png"
	"math"
	"reflect"
	"strings"
	"testing"

	"vitrine/dam"
	"vitrine/dam/reasons"
	"vitrine/dam/rendition"
)

func (s suite) formatMatrix(t *testing.T) {
	src := drawTestPicture(120, 80, quadrants(120, 80))
	for name, file := range formats() {
		b := file(t, src, extras{})
		outs := s.render(t, b, contain(60, dam.JPEG), contain(60, dam.WebP), contain(60, dam.PNG))
		for _, o := range outs {
			what := name + " to " + string(o.Spec.Format)
			if o.Width != 60 || o.Height != 40 {
				t.Errorf("%s: %d × %d", what, o.Width, o.Height)
			}
			if !o.Note.IsZero() {
				t.Errorf("%s: unexpected note %q", what, o.Note)
			}
			near(t, what, o.img, 10, 10, red, 10)
			near(t, what, o.img, 50, 10, green, 10)
			near(t, what, o.img, 10, 30, blue, 10)
			near(t, what, o.img, 50, 30, yellow, 10)
		}
	}
}

// golden compares whole pictures with a formula.
func (s suite) golden(t *testing.T) {
	const w, h = 450, 300
	jpegSrc := jpegFile(t, smoothPicture(w, h), extras{})
	for _, spec := range []rendition.Spec{contain(450, dam.PNG), contain(301, dam.PNG), contain(150, dam.JPEG),
		contain(150, dam.WebP), cover(200, 200, 0.25, 0.5), cover(90, 120, 1, 0)} {
		p, err := rendition.NewPlan(w, h, []rendition.Spec{spec})
		must(t, err)
		crop := p.Targets[0].Crop
		// Beside the smaller ones of a cascade, and alone.
		for _, specs := range [][]rendition.Spec{{spec}, {contain(450, dam.PNG), contain(390, dam.JPEG),
			contain(310, dam.PNG), spec}} {
			if len(specs) > 1 && spec == specs[0] {
				continue
			}
			outs := s.render(t, jpegSrc, specs...)
			o := outs[len(outs)-1]
			var sum, worst float64
			for y := range o.Height {
				for x := range o.Width {
					u := (float64(crop.Min.X) + (float64(x)+0.5)*float64(crop.Dx())/float64(o.Width)) / w
					v := (float64(crop.Min.Y) + (float64(y)+0.5)*float64(crop.Dy())/float64(o.Height)) / h
					want, got := smooth(u, v), o.img.NRGBAAt(x, y)
					for _, d := range []float64{float64(want.R) - float64(got.R), float64(want.G) - float64(got.G),
						float64(want.B) - float64(got.B)} {
						sum += math.Abs(d)
						worst = max(worst, math.Abs(d))
					}
				}
			}
			if mean := sum / float64(3*o.Width*o.Height); mean > 2.5 || worst > 20 {
				t.Errorf("%s.%s of %d: off by %.2f on average, %.0f at worst", spec.Name, spec.Format, len(specs),
					mean, worst)
			}
		}
	}
}

func (s suite) orientation(t *testing.T) {
	const w, h = 96, 64
	upright := quadrants(w, h)
	// Where a stored pixel belongs, from EXIF's table of what row 0 and column 0 are.
	place := map[int]func(x, y int) (int, int){
		1: func(x, y int) (int, int) { return x, y },
		2: func(x, y int) (int, int) { return w - 1 - x, y },
		3: func(x, y int) (int, int) { return w - 1 - x, h - 1 - y },
		4: func(x, y int) (int, int) { return x, h - 1 - y },
		5: func(x, y int) (int, int) { return y, x },
		6: func(x, y int) (int, int) { return w - 1 - y, x },
		7: func(x, y int) (int, int) { return w - 1 - y, h - 1 - x },
		8: func(x, y int) (int, int) { return y, h - 1 - x },
	}
	files := formats()
	for o := 1; o <= 8; o++ {
		sw, sh := w, h
		if o >= 5 {
			sw, sh = h, w
		}
		stored := drawTestPicture(sw, sh, func(x, y int) color.NRGBA { return upright(place[o](x, y)) })
		for _, f := range []string{"jpeg", "png", "webp", "tiff"} {
			what := f + " orientation " + string(rune('0'+o))
			b := files[f](t, stored, extras{orientation: o})
			info, err := s.engine.Probe(context.Background(), bytes.NewReader(b))
			must(t, err)
			if uw, uh := info.Upright(); info.Orientation != o || info.Width != sw || info.Height != sh || uw != w ||
				uh != h {
				t.Errorf("%s: probe says %+v", what, info)
			}
			// The crop is of the upright picture: its focal point names the green corner.
			outs := s.render(t, b, contain(48, dam.PNG), cover(20, 20, 1, 0))
			m := outs[0].img
			if m.Rect.Size() != image.Pt(48, 32) {
				t.Errorf("%s: size %v", what, m.Rect.Size())
				continue
			}
			near(t, what, m, 4, 4, red, 12)
			near(t, what, m, 43, 4, green, 12)
			near(t, what, m, 4, 27, blue, 12)
			near(t, what, m, 43, 27, yellow, 12)
			near(t, what+" crop", outs[1].img, 16, 3, green, 12)
			near(t, what+" crop", outs[1].img, 16, 16, yellow, 12)
		}
	}
}

func (s suite) profiles(t *testing.T) {
	files := formats()
	for _, space := range []space{displayP3(), adobeRGB()} {
		for _, c := range []color.NRGBA{{200, 80, 60, 255}, {90, 170, 100, 255}, {60, 80, 180, 255},
			{128, 128, 128, 255}, {250, 10, 10, 255}} {
			want := space.toSRGB(c)
			for _, f := range []string{"jpeg", "png", "webp", "tiff"} {
				b := files[f](t, drawTestPicture(64, 64, flat(c)), extras{icc: space.icc()})
				tol := 2
				if f == "jpeg" || f == "webp" {
					tol = 7 // the codec's own error, stretched by the conversion
				}
				what := f + " in " + space.name
				for _, o := range s.render(t, b, contain(64, dam.PNG), contain(32, dam.PNG), contain(8, dam.PNG),
					cover(20, 10, .5, .5)) {
					near(t, what, o.img, 3, 3, want, tol)
					if !o.Note.IsZero() {
						t.Errorf("%s: unexpected note %q", what, o.Note)
					}
				}
				info, err := s.engine.Probe(context.Background(), bytes.NewReader(b))
				must(t, err)
				if info.Profile != space.name {
					t.Errorf("%s: profile %q", what, info.Profile)
				}
			}
		}
	}
	// Alpha is no colour: conversion leaves it alone.
	c := color.NRGBA{200, 80, 60, 128}
	want := displayP3().toSRGB(c)
	o := s.render(t, pngFile(t, drawTestPicture(40, 40, flat(c)), extras{icc: displayP3().icc()}), contain(20, dam.PNG))
	near(t, "P3 with alpha", o[0].img, 5, 5, want, 3)
}

func (s suite) unconvertibleProfile(t *testing.T) {
	src := drawTestPicture(40, 40, flat(red))
	for what, icc := range map[string][]byte{"table": tableICC(),
		"garbage": []byte(strings.Repeat("no profile ", 40))} {
		o := s.render(t, pngFile(t, src, extras{icc: icc}), contain(20, dam.PNG))[0]
		near(t, what, o.img, 5, 5, red, 2)
		if !o.Note.Is(reasons.CodeProfileNotConverted) && !o.Note.Is(reasons.CodeNamedProfileNotConverted) {
			t.Errorf("%s: note %q says nothing about the profile", what, o.Note)
		}
	}
}

func (s suite) alpha(t *testing.T) {
	// Red on transparent green: blending colour without its weight would tint the edge.
	src := drawTestPicture(101, 64, func(x, _ int) color.NRGBA {
		if x < 50 {
			return color.NRGBA{255, 0, 0, 255}
		}
		return color.NRGBA{0, 255, 0, 0}
	})
	onBlue := contain(33, dam.JPEG)
	onBlue.Background = "#0000ff"
	for name, file := range map[string][]byte{"png": pngFile(t, src, extras{}), "webp": webpFile(t, src, extras{}),
		"tiff": tiffFile(t, src, extras{})} {
		outs := s.render(t, file, contain(33, dam.PNG), contain(33, dam.WebP), contain(33, dam.JPEG), onBlue)
		for _, o := range outs[:2] {
			what := name + " to " + string(o.Spec.Format)
			near(t, what, o.img, 2, 10, color.NRGBA{255, 0, 0, 255}, 6)
			near(t, what, o.img, 31, 10, color.NRGBA{}, 2)
			if o.Spec.Format == dam.PNG && name != "webp" {
				for x := range o.Width {
					if p := o.img.NRGBAAt(x, 10); p.A > 8 && (p.R < 250 || p.G > 5) {
						t.Errorf("%s: a fringe at %d: %v", what, x, p)
					}
				}
			}
		}
		near(t, name+" on white", outs[2].img, 2, 10, color.NRGBA{255, 0, 0, 255}, 6)
		near(t, name+" on white", outs[2].img, 31, 10, white, 4)
		near(t, name+" on blue", outs[3].img, 31, 10, color.NRGBA{0, 0, 255, 255}, 6)
	}
	// Large enough to be shrunk by boxes first, with edges inside the boxes.
	large := drawTestPicture(1401, 801, func(x, y int) color.NRGBA {
		if x < 703 && y < 501 {
			return color.NRGBA{255, 0, 0, 255}
		}
		return color.NRGBA{0, 255, 0, 0}
	})
	o := s.render(t, pngFile(t, large, extras{}), contain(140, dam.PNG))[0]
	near(t, "large", o.img, 10, 10, color.NRGBA{255, 0, 0, 255}, 1)
	near(t, "large", o.img, 100, 10, color.NRGBA{}, 1)
	for i := 0; i < len(o.img.Pix); i += 4 {
		if p := o.img.Pix[i : i+4]; p[3] > 8 && (p[0] < 250 || p[1] > 5) {
			t.Fatalf("large: a fringe at (%d, %d): %v", i/4%o.Width, i/4/o.Width, p)
		}
	}
}

func (s suite) sixteenBit(t *testing.T) {
	deep := image.NewNRGBA64(image.Rect(0, 0, 64, 48))
	opaque := image.NewRGBA64(deep.Rect)
	gray := image.NewGray16(deep.Rect)
	for y := range 48 {
		for x := range 64 {
			deep.SetNRGBA64(x, y, color.NRGBA64{51400, 20560, 7710, 32896})
			opaque.SetRGBA64(x, y, color.RGBA64{51400, 20560, 7710, 65535})
			gray.SetGray16(x, y, color.Gray16{Y: 30840})
		}
	}
	for name, c := range map[string]struct {
		src  image.Image
		want color.NRGBA
	}{
		"with alpha": {deep, color.NRGBA{200, 80, 30, 128}},
		"opaque":     {opaque, color.NRGBA{200, 80, 30, 255}},
		"gray":       {gray, color.NRGBA{120, 120, 120, 255}},
	} {
		for _, o := range s.render(t, pngFile(t, c.src, extras{}), contain(64, dam.PNG), contain(31, dam.PNG)) {
			near(t, "16-bit "+name, o.img, 9, 9, c.want, 1)
		}
	}
}

func (s suite) gray(t *testing.T) {
	src := image.NewGray(image.Rect(0, 0, 64, 48))
	for i := range src.Pix {
		src.Pix[i] = 100
	}
	files := formats()
	lifted := srgbByte(math.Pow(100.0/255, 1.5))
	for _, f := range []string{"jpeg", "png"} {
		plain := s.render(t, files[f](t, src, extras{}), contain(32, dam.PNG))[0]
		near(t, f, plain.img, 9, 9, color.NRGBA{100, 100, 100, 255}, 2)
		profiled := s.render(t, files[f](t, src, extras{icc: grayICC(1.5)}), contain(32, dam.PNG))[0]
		near(t, f+" with a gray profile", profiled.img, 9, 9, color.NRGBA{lifted, lifted, lifted, 255}, 2)
	}
}

func (s suite) cmyk(t *testing.T) {
	// Without a profile of its own, ink is arithmetic, or what a common print profile makes of it.
	for ink, want := range map[color.CMYK][2]color.NRGBA{
		{C: 0, M: 255, Y: 255, K: 0}: {{255, 0, 0, 255}, {234, 31, 40, 255}},
		{C: 255, M: 0, Y: 255, K: 0}: {{0, 255, 0, 255}, {0, 150, 65, 255}},
		{C: 0, M: 0, Y: 0, K: 128}:   {{127, 127, 127, 255}, {148, 150, 152, 255}},
		{}:                           {white, white},
	} {
		m := image.NewCMYK(image.Rect(0, 0, 32, 32))
		for y := range 32 {
			for x := range 32 {
				m.SetCMYK(x, y, ink)
			}
		}
		o := s.render(t, cmykJPEG(t, m), contain(16, dam.PNG))[0]
		got, ok := o.img.NRGBAAt(8, 8), false
		for _, w := range want {
			ok = ok || close8(got.R, w.R, 16) && close8(got.G, w.G, 16) && close8(got.B, w.B, 16)
		}
		if !ok {
			t.Errorf("%v became %v, want one of %v", ink, got, want)
		}
	}
}

func (s suite) firstFrame(t *testing.T) {
	canvas := image.Pt(60, 40)
	palette := color.Palette{color.NRGBA{}, red, green, blue}
	frame := func(r image.Rectangle, index uint8) *image.Paletted {
		m := image.NewPaletted(r, palette)
		for i := range m.Pix {
			m.Pix[i] = index
		}
		return m
	}
	var b bytes.Buffer
	must(t, gif.EncodeAll(&b, &gif.GIF{
		Image: []*image.Paletted{frame(image.Rect(20, 10, 40, 30), 1), frame(image.Rect(0, 0, 60, 40), 2),
			frame(image.Rect(0, 0, 9, 9), 3)},
		Delay:  []int{5, 5, 5},
		Config: image.Config{ColorModel: palette, Width: canvas.X, Height: canvas.Y},
	}))
	square := drawTestPicture(20, 20, flat(red))
	files := map[string][]byte{
		"gif":  b.Bytes(),
		"webp": animatedWebP(t, canvas, image.Pt(20, 10), square, drawTestPicture(60, 40, flat(green)), square),
	}
	for name, file := range files {
		info, err := s.engine.Probe(context.Background(), bytes.NewReader(file))
		must(t, err)
		if info.Frames != 3 || info.Width != 60 || info.Height != 40 || !info.HasAlpha {
			t.Errorf("%s: probe says %+v", name, info)
		}
		outs := s.render(t, file, contain(60, dam.PNG), contain(60, dam.JPEG))
		near(t, name, outs[0].img, 30, 20, red, 8)
		near(t, name, outs[0].img, 5, 5, color.NRGBA{}, 2)
		near(t, name, outs[0].img, 50, 35, color.NRGBA{}, 2)
		near(t, name+" flattened", outs[1].img, 5, 5, white, 4)
	}
}

func (s suite) neverEnlarged(t *testing.T) {
	file := pngFile(t, drawTestPicture(100, 80, quadrants(100, 80)), extras{})
	og := cover(1200, 630, .5, .5)
	for spec, want := range map[rendition.Spec]image.Point{
		contain(2048, dam.JPEG):   {100, 80},
		contain(100, dam.PNG):     {100, 80},
		contain(99, dam.PNG):      {99, 79},
		cover(1080, 1080, .5, .5): {80, 80},
		og:                        {100, 53},
		cover(100, 80, 0, 0):      {100, 80},
		{Name: "w", Width: 50, Fit: dam.FitContain, Format: dam.PNG}: {50, 40},
	} {
		if o := s.render(t, file, spec)[0]; o.img.Rect.Size() != want {
			t.Errorf("%s: %v, want %v", spec.Name, o.img.Rect.Size(), want)
		}
	}
	one := pngFile(t, drawTestPicture(1, 1, flat(red)), extras{})
	for _, spec := range []rendition.Spec{contain(320, dam.JPEG), contain(320, dam.WebP), cover(1200, 630, 1, 1)} {
		o := s.render(t, one, spec)[0]
		if o.img.Rect.Size() != image.Pt(1, 1) {
			t.Errorf("one pixel became %v", o.img.Rect.Size())
		}
	}
}

func (s suite) focalPoint(t *testing.T) {
	// A small green mark in a tall gray picture must be in the crop's middle, or as near as the edge allows.
	gray := color.NRGBA{90, 90, 90, 255}
	for _, y := range []float64{0.1, 0.3, 0.5, 0.92} {
		const w, h = 300, 900
		src := drawTestPicture(w, h, func(px, py int) color.NRGBA {
			if math.Abs(float64(px)-w/2) < 20 && math.Abs(float64(py)-y*h) < 20 {
				return green
			}
			return gray
		})
		for _, o := range s.render(t, jpegFile(t, src, extras{}), cover(120, 63, 0.5, y), contain(90, dam.PNG))[:1] {
			cropH := w * 63.0 / 120
			top := min(max(y*h-cropH/2, 0), h-cropH)
			my := int((y*h - top) * 63 / cropH)
			near(t, "mark", o.img, 60, my, green, 12)
			near(t, "beside the mark", o.img, 20, my, gray, 12)
		}
	}
}

// largePicture is big enough for engines to decode or shrink it by a factor first.
func (s suite) largePicture(t *testing.T) {
	const w, h = 1303, 821
	src := smoothPicture(w, h)
	for name, file := range map[string][]byte{"jpeg": jpegFile(t, src, extras{}), "png": pngFile(t, src, extras{}),
		"webp": webpFile(t, src, extras{})} {
		specs := []rendition.Spec{contain(400, dam.PNG), contain(100, dam.PNG), cover(150, 150, 0.8, 0.5)}
		p, err := rendition.NewPlan(w, h, specs)
		must(t, err)
		for _, o := range s.render(t, file, specs...) {
			var crop image.Rectangle
			for _, target := range p.Targets {
				if target.Specs[0] == o.Spec {
					crop = target.Crop
				}
			}
			var sum float64
			for y := range o.Height {
				for x := range o.Width {
					want := smooth((float64(crop.Min.X)+(float64(x)+0.5)*float64(crop.Dx())/float64(o.Width))/w,
						(float64(crop.Min.Y)+(float64(y)+0.5)*float64(crop.Dy())/float64(o.Height))/h)
					got := o.img.NRGBAAt(x, y)
					sum += math.Abs(float64(want.R)-float64(got.R)) + math.Abs(float64(want.G)-float64(got.G)) +
						math.Abs(float64(want.B)-float64(got.B))
				}
			}
			if mean := sum / float64(3*o.Width*o.Height); mean > 2 {
				t.Errorf("%s %s: off by %.2f on average", name, o.Spec.Name, mean)
			}
		}
	}
}

func (s suite) probe(t *testing.T) {
	src := drawTestPicture(60, 40, quadrants(60, 40))
	transparent := drawTestPicture(60, 40, func(x, _ int) color.NRGBA { return color.NRGBA{200, 0, 0, uint8(x)} })
	for name, file := range formats() {
		if name == "gif" || name == "bmp" {
			continue
		}
		info, err := s.engine.Probe(context.Background(), bytes.NewReader(file(t, src, extras{})))
		must(t, err)
		want := rendition.Info{MediaType: "image/" + name, Width: 60, Height: 40, Frames: 1, Orientation: 1,
			HasAlpha: name == "tiff"}
		if !reflect.DeepEqual(info, want) {
			t.Errorf("%s: %+v, want %+v", name, info, want)
		}
		if name == "jpeg" {
			continue
		}
		info, err = s.engine.Probe(context.Background(), bytes.NewReader(file(t, transparent, extras{})))
		must(t, err)
		if !info.HasAlpha {
			t.Errorf("%s: alpha went unseen", name)
		}
	}
	var paletted bytes.Buffer
	m := image.NewPaletted(image.Rect(0, 0, 8, 8), color.Palette{color.NRGBA{}, red})
	must(t, png.Encode(&paletted, m))
	info, err := s.engine.Probe(context.Background(), bytes.NewReader(paletted.Bytes()))
	must(t, err)
	if !info.HasAlpha {
		t.Error("a transparent palette entry went unseen")
	}
}
