//go:build vips && cgo

package vips_test

import (
	"bytes"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"os"
	"strings"
	"testing"

	"github.com/gen2brain/avif"

	"vitrine/dam"
	"vitrine/dam/rendition"
	"vitrine/dam/rendition/imaging"
	"vitrine/dam/rendition/renditiontest"
	"vitrine/dam/rendition/vips"
)

func TestConformance(t *testing.T) {
	e, err := vips.New(imaging.New())
	if err != nil {
		t.Fatal(err)
	}
	renditiontest.Run(t, e)
}

// TestEnginesAgree: which engine a node has must not be seen.
func TestEnginesAgree(t *testing.T) {
	e, err := vips.New(imaging.New())
	if err != nil {
		t.Fatal(err)
	}
	renditiontest.Compare(t, e, imaging.New())
}

// TestTelephonesFormats: HEIC and AVIF are read by libvips; the other engine says what it takes.
func TestTelephonesFormats(t *testing.T) {
	e, err := vips.New(imaging.New())
	if err != nil {
		t.Fatal(err)
	}
	// 64 × 48: red, green, blue, yellow; written by libvips with x265
	heic, err := os.ReadFile("testdata/quadrants.heic")
	if err != nil {
		t.Fatal(err)
	}
	corners := image.NewNRGBA(image.Rect(0, 0, 64, 48))
	colours := []color.NRGBA{{220, 20, 30, 255}, {20, 200, 40, 255}, {30, 40, 210, 255}, {230, 220, 20, 255}}
	for i, c := range colours {
		at := image.Pt(i%2*32, i/2*24)
		draw.Draw(corners, image.Rectangle{at, at.Add(image.Pt(32, 24))}, image.NewUniform(c), image.Point{}, draw.Src)
	}
	var b bytes.Buffer
	if err := avif.Encode(&b, corners, avif.Options{Quality: 90, QualityAlpha: 90, Speed: 8}); err != nil {
		t.Fatal(err)
	}
	spec := rendition.Spec{Name: "a", Width: 32, Fit: dam.FitContain, Format: dam.PNG}
	for mediaType, file := range map[string][]byte{"image/heic": heic, "image/avif": b.Bytes()} {
		info, err := e.Probe(t.Context(), bytes.NewReader(file))
		if err != nil || info.MediaType != mediaType || info.Width != 64 || info.Height != 48 {
			t.Errorf("%s: probed %+v, %v", mediaType, info, err)
		}
		err = e.Render(t.Context(), bytes.NewReader(file), []rendition.Spec{spec}, rendition.Options{},
			func(o rendition.Output) error {
				m, err := png.Decode(bytes.NewReader(o.Bytes))
				if err != nil {
					return err
				}
				for i, want := range colours {
					r, g, b, _ := m.At(8+i%2*16, 6+i/2*12).RGBA()
					for _, d := range []int{int(r>>8) - int(want.R), int(g>>8) - int(want.G), int(b>>8) - int(want.B)} {
						if d < -20 || d > 20 {
							t.Errorf("%s: corner %d is %v, want %v", mediaType, i, m.At(8+i%2*16, 6+i/2*12), want)
						}
					}
				}
				return nil
			})
		if err != nil {
			t.Errorf("%s: %v", mediaType, err)
		}
		for _, cut := range []int{40, len(file) / 2, len(file) - 20} {
			if err := e.Render(t.Context(), bytes.NewReader(file[:cut]), []rendition.Spec{spec}, rendition.Options{},
				func(rendition.Output) error {
					return nil
				}); dam.CodeOf(err) != dam.Invalid && dam.CodeOf(err) != dam.Unsupported {
				t.Errorf("%s cut to %d bytes: %v", mediaType, cut, err)
			}
		}
		if _, err := imaging.New().Probe(t.Context(), bytes.NewReader(file)); dam.CodeOf(err) != dam.Unsupported ||
			!strings.Contains(err.Error(), "libvips") {
			t.Errorf("%s without libvips: %v", mediaType, err)
		}
	}
}
