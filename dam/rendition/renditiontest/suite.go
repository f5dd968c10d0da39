// Package renditiontest holds the conformance suite every rendition engine passes.
// It makes its own small pictures; what an output must look like is computed, with a
// tolerance for the codecs, so no golden files are kept.
package renditiontest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"image/png"
	"io"
	"slices"
	"testing"

	"golang.org/x/image/webp"

	"vitrine/dam"
	"vitrine/dam/rendition"
)

// Run puts the engine through the suite, or, where tests are named, through those.
func Run(t *testing.T, e rendition.Engine, only ...string) {
	s := suite{e}
	ran := 0
	for _, c := range []struct {
		name string
		test func(*testing.T)
	}{
		{"FormatMatrix", s.formatMatrix},
		{"Golden", s.golden},
		{"Orientation", s.orientation},
		{"Profiles", s.profiles},
		{"UnconvertibleProfile", s.unconvertibleProfile},
		{"Alpha", s.alpha},
		{"SixteenBit", s.sixteenBit},
		{"Gray", s.gray},
		{"CMYK", s.cmyk},
		{"FirstFrame", s.firstFrame},
		{"Animation", s.animation},
		{"AnimationLimits", s.animationLimits},
		{"NeverEnlarged", s.neverEnlarged},
		{"FocalPoint", s.focalPoint},
		{"LargePicture", s.largePicture},
		{"Probe", s.probe},
		{"AVIF", s.avifOut},
		{"Ceiling", s.ceiling},
		{"Finishing", s.finishing},
		{"Bomb", s.bomb},
		{"Truncated", s.truncated},
		{"WithoutEnd", s.withoutEnd},
		{"Partly", s.partly},
		{"OffCentre", s.offCentre},
		{"JPEGLS", s.jpegLS},
		{"Thumbnail", s.thumbnailFirst},
		{"SpareChannel", s.spareChannel},
		{"Hostile", s.hostile},
		{"OneRead", s.oneRead},
		{"Emit", s.emit},
		{"ContextAndGate", s.contextAndGate},
	} {
		if len(only) == 0 || slices.Contains(only, c.name) {
			ran++
			t.Run(c.name, c.test)
		}
	}
	if len(only) > 0 && ran != len(only) {
		t.Errorf("%d of the tests %v are there", ran, only)
	}
}

type suite struct{ engine rendition.Engine }

// contain is a lossless spec, so that what is compared is the engine's pixels.
func contain(side int, f dam.Format) rendition.Spec {
	return rendition.Spec{Name: fmt.Sprintf("c%d", side), Width: side, Height: side, Fit: dam.FitContain, Format: f,
		Quality: 92, Effort: 2, Focal: dam.Point{X: .5, Y: .5}}
}

func cover(w, h int, x, y float64) rendition.Spec {
	return rendition.Spec{Name: fmt.Sprintf("x%dx%d", w, h), Width: w, Height: h, Fit: dam.FitCover, Format: dam.PNG,
		Focal: dam.Point{X: x, Y: y}}
}

type result struct {
	rendition.Output
	img *image.NRGBA
}

// render makes the specs and returns them in the specs' order, decoded; sizes
// and media types are checked against the bytes.
func (s suite) render(t *testing.T, file []byte, specs ...rendition.Spec) []result {
	t.Helper()
	outs := s.renderAll(t, file, specs...)
	for i := range outs {
		o := &outs[i]
		o.img = decodeOutput(t, specs[i].Format, o.Bytes)
		if got := o.img.Rect.Size(); got != image.Pt(o.Width, o.Height) {
			t.Errorf("%s: bytes are %v, output says %d × %d", specs[i].Name, got, o.Width, o.Height)
		}
	}
	return outs
}

// renderAll makes the specs and returns them in the specs' order; nothing is decoded.
func (s suite) renderAll(t *testing.T, file []byte, specs ...rendition.Spec) []result {
	t.Helper()
	outs := make([]result, len(specs))
	err := s.engine.Render(context.Background(), bytes.NewReader(file), specs, rendition.Options{},
		func(o rendition.Output) error {
			for i, spec := range specs {
				if spec == o.Spec && outs[i].Bytes == nil {
					outs[i].Output = o
					return nil
				}
			}
			return fmt.Errorf("an output nobody asked for, or twice: %+v", o.Spec)
		})
	if err != nil {
		t.Fatalf("render: %v", err)
	}
	for i := range outs {
		o := &outs[i]
		if o.Bytes == nil {
			t.Fatalf("%s.%s was not emitted", specs[i].Name, specs[i].Format)
		}
		if o.MediaType != specs[i].Format.MediaType() {
			t.Errorf("media type %q for %s", o.MediaType, specs[i].Format)
		}
	}
	return outs
}

// decodeOutput insists on the format: no sniffing.
func decodeOutput(t *testing.T, f dam.Format, b []byte) *image.NRGBA {
	t.Helper()
	var m image.Image
	var err error
	switch f {
	case dam.JPEG:
		m, err = jpeg.Decode(bytes.NewReader(b))
	case dam.PNG:
		m, err = png.Decode(bytes.NewReader(b))
	case dam.WebP:
		m, err = webp.Decode(bytes.NewReader(b))
	}
	if err != nil {
		t.Fatalf("output is no %s: %v", f, err)
	}
	n := image.NewNRGBA(image.Rectangle{Max: m.Bounds().Size()})
	draw.Draw(n, n.Rect, m, m.Bounds().Min, draw.Src)
	if f != dam.WebP {
		return n
	}
	// VP8's planes use the 16–235 range, which image.YCbCr does not know.
	var planes *image.YCbCr
	switch m := m.(type) {
	case *image.YCbCr:
		planes = m
	case *image.NYCbCrA:
		planes = &m.YCbCr
	default:
		return n
	}
	alpha, _ := m.(*image.NYCbCrA)
	for y := range n.Rect.Dy() {
		for x := range n.Rect.Dx() {
			c := planes.YCbCrAt(x, y)
			l, u, v := 1.164*(float64(c.Y)-16), float64(c.Cb)-128, float64(c.Cr)-128
			byteOf := func(f float64) uint8 { return uint8(min(max(f+0.5, 0), 255)) }
			p := color.NRGBA{byteOf(l + 1.596*v), byteOf(l - 0.813*v - 0.392*u), byteOf(l + 2.017*u), 255}
			if alpha != nil {
				p.A = alpha.A[alpha.AOffset(x, y)]
			}
			n.SetNRGBA(x, y, p)
		}
	}
	return n
}

// near fails unless the pixel is the colour within tol per channel; transparent pixels have no colour.
func near(t *testing.T, what string, m *image.NRGBA, x, y int, want color.NRGBA, tol int) {
	t.Helper()
	got := m.NRGBAAt(x, y)
	if !close8(got.A, want.A, tol) || want.A != 0 && (!close8(got.R, want.R, tol) || !close8(got.G, want.G, tol) ||
		!close8(got.B, want.B, tol)) {
		t.Errorf("%s: pixel (%d, %d) is %v, want %v ± %d", what, x, y, got, want, tol)
	}
}

func close8(a, b uint8, tol int) bool { d := int(a) - int(b); return d <= tol && -d <= tol }

// wantCode fails unless the error carries the code and a sentence for people.
func wantCode(t *testing.T, what string, err error, codes ...dam.Code) {
	t.Helper()
	var e *dam.Error
	if !errors.As(err, &e) {
		t.Errorf("%s: error %v is no dam.Error", what, err)
		return
	}
	for _, c := range codes {
		if e.Code == c {
			if e.Text() == "" || e.Advice() == "" {
				t.Errorf("%s: error without message or remedy: %+v", what, e)
			}
			return
		}
	}
	t.Errorf("%s: error %v, want code %v", what, err, codes)
}

// counter counts what is read, whatever the seeks.
type counter struct {
	io.ReadSeeker
	n int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.ReadSeeker.Read(p)
	c.n += int64(n)
	return n, err
}
