package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"runtime"
	"slices"
	"strings"
	"testing"

	"vitrine/cmd/vitrine/server"
	"vitrine/dam"
	"vitrine/dam/rendition"
	"vitrine/dam/rendition/imaging"
	"vitrine/dam/rendition/vips"
	"vitrine/test/golden"
)

// The bytes of renditions of fixed pictures, of each engine: a change of the pipeline that nobody meant shows here,
// before every stored rendition differs from a new one. The versions of the libraries decide the bytes, too: where they
// aren't those of the recording, which its first line names, only names, sizes and types are compared.
func TestGoldenRenditions(t *testing.T) {
	engines := []rendition.Engine{imaging.New()}
	if vips.Built {
		e, err := vips.New(imaging.New())
		if err != nil {
			t.Fatal(err)
		}
		engines = append(engines, e)
	}
	for _, e := range engines {
		t.Run(e.Name(), func(t *testing.T) {
			t.Parallel()
			name := "renditions-" + e.Name() + ".txt"
			golden.Compare(t, name, []byte(withHashesOf(t, golden.Recorded(t, name), renditions(t, e))))
		})
	}
}

func libraries(e rendition.Engine) string {
	webp := "libwebp built in"
	if imaging.NativeWebP() {
		webp = "libwebp of the system"
	}
	return fmt.Sprintf("made by %s, %s, %s, %s", server.EngineVersion(e.Name()), webp, runtime.Version(),
		runtime.GOARCH)
}

func renditions(t *testing.T, e rendition.Engine) string {
	t.Helper()
	mark := plate(5, 24, 24, true)
	markHash := fmt.Sprintf("%x", sha256.Sum256(mark))
	opt := rendition.Options{Watermark: func(context.Context, string) ([]byte, error) { return mark, nil }}
	specs := []rendition.Spec{
		{Name: "contain", Width: 120, Height: 120, Fit: dam.FitContain, Format: dam.JPEG, Quality: 80},
		{Name: "cover", Width: 80, Height: 80, Fit: dam.FitCover, Format: dam.WebP, Quality: 80, Effort: 2,
			Focal: dam.Point{X: 0.2, Y: 0.7}},
		{Name: "sharp", Width: 64, Fit: dam.FitContain, Format: dam.PNG, Sharpen: 0.5},
		{Name: "marked", Width: 100, Height: 60, Fit: dam.FitCover, Format: dam.JPEG, Quality: 90,
			Focal: dam.Point{X: 0.5, Y: 0.5}, Background: "#336699",
			Watermark: &rendition.Watermark{SHA256: markHash, Position: "top-left", Opacity: 0.6, Scale: 0.3},
			Embed:     rendition.Credit{Copyright: "© Vitrine", Creator: "Ana"}},
		{Name: "ceiling", Width: 150, Fit: dam.FitContain, Format: dam.JPEG, Quality: 95, MaxBytes: 3000},
		{Name: "wide", Width: 90, Height: 30, Fit: dam.FitCover, Format: dam.PNG, Focal: dam.Point{X: 0.5, Y: 0.1}},
		{Name: "small", Width: 48, Height: 20, Fit: dam.FitCover, Format: dam.JPEG, Quality: 60,
			Focal: dam.Point{X: 1, Y: 1}},
	}
	if e.Name() == "vips" { // without a libavif of the system, the other engine takes seconds for its first one
		specs[6].Format, specs[6].Effort = dam.AVIF, 1
	}
	lines := []string{libraries(e)}
	pictures := map[string][]byte{"plate.png": plate(1, 180, 120, false), "alpha.png": plate(2, 120, 160, true),
		"upright.jpg": turned(t), "loop.gif": loop(t)}
	for _, name := range []string{"plate.png", "alpha.png", "upright.jpg", "loop.gif"} {
		want := slices.Clone(specs)
		if name == "loop.gif" {
			want = []rendition.Spec{specs[0], {Name: "moving", Width: 30, Fit: dam.FitContain, Format: dam.WebP,
				Quality: 80, Effort: 2, Animate: true}}
		}
		var made []string
		err := e.Render(t.Context(), bytes.NewReader(pictures[name]), want, opt, func(o rendition.Output) error {
			hash := fmt.Sprintf("%x", sha256.Sum256(o.Bytes))
			if o.Spec.Format == dam.AVIF {
				hash = "varies" // its encoder's threads share the work as they find the time
			}
			made = append(made, fmt.Sprintf("%s %s %d×%d %s %s", name, o.Spec.Name, o.Width, o.Height, o.MediaType,
				hash))
			return nil
		})
		if err != nil || len(made) != len(want) {
			t.Fatalf("%s: %v %v", name, err, made)
		}
		slices.Sort(made)
		lines = append(lines, made...)
	}
	if len(lines) < 24 {
		t.Fatalf("%d renditions", len(lines)-1)
	}
	return strings.Join(lines, "\n") + "\n"
}

// withHashesOf returns got, with the hashes of the recording where other libraries made that.
func withHashesOf(t *testing.T, recorded, got string) string {
	t.Helper()
	was, is := strings.Split(recorded, "\n"), strings.Split(got, "\n")
	if recorded == "" || was[0] == is[0] {
		return got
	}
	t.Logf("hashes are not compared: recorded as %s, here %s", was[0], is[0])
	hashes := map[string]string{}
	for _, line := range was[1:] {
		if at := strings.LastIndexByte(line, ' '); at > 0 {
			hashes[line[:at]] = line
		}
	}
	for i, line := range is {
		if i == 0 {
			is[0] = was[0]
		} else if at := strings.LastIndexByte(line, ' '); at > 0 && hashes[line[:at]] != "" {
			is[i] = hashes[line[:at]]
		}
	}
	return strings.Join(is, "\n")
}

// turned is a JPEG that its EXIF data turn by a quarter.
func turned(t *testing.T) []byte {
	t.Helper()
	m := image.NewRGBA(image.Rect(0, 0, 160, 96))
	for y := range 96 {
		for x := range 160 {
			m.SetRGBA(x, y, color.RGBA{uint8(x), uint8(y * 2), uint8(x * y >> 6), 255})
		}
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, &jpeg.Options{Quality: 92}); err != nil {
		t.Fatal(err)
	}
	exif :=
		"\xff\xe1\x00\x22Exif\x00\x00MM\x00*\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00\x06\x00\x00" +
			"\x00\x00\x00\x00"
	return append([]byte("\xff\xd8"+exif), b.Bytes()[2:]...)
}

func loop(t *testing.T) []byte {
	t.Helper()
	g := &gif.GIF{}
	for i := range 3 {
		p := image.NewPaletted(image.Rect(0, 0, 40, 30), color.Palette{color.Black, color.White,
			color.NRGBA{200, 30, 30, 255}})
		for j := range p.Pix {
			p.Pix[j] = uint8((j/40 + j + i*7) / 5 % 3)
		}
		g.Image, g.Delay = append(g.Image, p), append(g.Delay, 20)
	}
	var b bytes.Buffer
	if err := gif.EncodeAll(&b, g); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
