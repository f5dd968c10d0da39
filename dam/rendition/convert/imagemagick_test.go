package convert_test

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"vitrine/dam"
	"vitrine/dam/metadata"
	"vitrine/dam/rendition"
	"vitrine/dam/rendition/convert"
	"vitrine/dam/rendition/imaging"
	"vitrine/dam/rendition/sandbox"
	"vitrine/dam/rendition/vips"
)

// magick is ImageMagick's program, by the name that Debian gives it beside the common one.
func magick(t *testing.T, args ...string) []byte {
	t.Helper()
	var errs bytes.Buffer
	cmd := exec.CommandContext(t.Context(), "convert-im6.q16", args...) //nolint:gosec // a test's own arguments
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("ImageMagick: %v: %s", err, errs.Bytes())
	}
	return out
}

// wheel has every hue, from dark to light.
func wheel(w, h int) *image.NRGBA {
	m := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			at := func(shift float64) uint8 {
				v := .5 + .5*math.Sin(2*math.Pi*(float64(x)/float64(w)+shift))
				return uint8(20 + 215*v*float64(y+h/4)/float64(h+h/4))
			}
			m.SetNRGBA(x, y, color.NRGBA{at(0), at(1. / 3), at(2. / 3), 255})
		}
	}
	return m
}

// engines are both: which one a node has must not be seen.
func engines(t *testing.T) map[string]*convert.Engine {
	t.Helper()
	o := sandbox.Options{Temp: t.TempDir()}
	made := map[string]*convert.Engine{}
	for name, inner := range map[string]rendition.Engine{"imaging": imaging.New(), "vips": nil} {
		if name == "vips" {
			if !vips.Built {
				continue
			}
			var err error
			if inner, err = vips.New(imaging.New()); err != nil {
				t.Fatal(err)
			}
		}
		made[name] = convert.New(convert.Options{Engine: inner, Sandbox: sandbox.New(o), Identify: metadata.Identify})
	}
	return made
}

// whole renders a file in its own size.
func whole(t *testing.T, e *convert.Engine, file []byte) (image.Image, string, error) {
	t.Helper()
	var m image.Image
	var note string
	err := e.Render(t.Context(), bytes.NewReader(file), []rendition.Spec{{Name: "whole", Width: 4096, Height: 4096,
		Fit: dam.FitContain, Format: dam.PNG}}, rendition.Options{}, func(o rendition.Output) (err error) {
		note = o.Note.Text()
		m, err = png.Decode(bytes.NewReader(o.Bytes))
		return err
	})
	return m, note, err
}

// apart is the mean difference of two pictures in 1/255, on white.
func apart(m image.Image, rgb []byte) float64 {
	sum, i := 0.0, 0
	b := m.Bounds()
	if len(rgb) != 3*b.Dx()*b.Dy() {
		return math.Inf(1)
	}
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			r, g, bl, a := m.At(x, y).RGBA()
			for _, v := range []uint32{r, g, bl} {
				sum += math.Abs(float64(v+0xffff-a)/257 - float64(rgb[i]))
				i++
			}
		}
	}
	return sum / float64(i)
}

// wheelFile writes the wheel of 96 × 64 pixels as a PNG.
func wheelFile(t *testing.T, dir string) (path string) {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, wheel(96, 64)); err != nil {
		t.Fatal(err)
	}
	path = filepath.Join(dir, "wheel.png")
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestAsImageMagick: files of many kinds show what ImageMagick reads in them.
func TestAsImageMagick(t *testing.T) {
	dir := t.TempDir()
	source := wheelFile(t, dir)
	half := []string{"-alpha", "set", "-channel", "A", "-evaluate", "set", "50%", "+channel"}
	quantum := func(depth, format string) []string {
		return []string{"-depth", depth, "-define", "quantum:format=" + format}
	}
	// Debian's libgs-common has them, which ghostscript needs.
	const profiles = "/usr/share/color/icc/ghostscript/"
	toSRGB := []string{"-profile", profiles + "srgb.icc"}
	through := func(profile string, more ...string) []string {
		return append([]string{"-profile", profiles + "srgb.icc", "-profile", profiles + profile}, more...)
	}
	both := engines(t)
	for i, c := range []struct {
		name string
		args []string
		to   string // its format and the ending of its name
		flat []string
	}{
		{"Lab", []string{"-colorspace", "Lab", "-depth", "8"}, "tif", nil},
		{"Lab of 16 bits", []string{"-colorspace", "Lab", "-depth", "16"}, "tif", nil},
		{"12 bits", []string{"-depth", "12"}, "tif", nil},
		{"14 bits, LZW", []string{"-depth", "14", "-compress", "LZW"}, "tif", nil},
		{"floating point", quantum("32", "floating-point"), "tif", nil},
		{"floating point, Zip", append(quantum("32", "floating-point"), "-compress", "Zip"), "tif", nil},
		{"half floating point", quantum("16", "floating-point"), "tif", nil},
		{"signs", quantum("8", "signed"), "tif", nil},
		{"planes", []string{"-interlace", "plane"}, "tif", nil},
		{"planes of 16 bits, Zip", []string{"-interlace", "plane", "-depth", "16", "-compress", "Zip"}, "tif", nil},
		{"BigTIFF", nil, "tiff64", nil},
		{"tiles", []string{"-define", "tiff:tile-geometry=32x32", "-compress", "LZW", "-define", "tiff:predictor=2"},
			"tif", nil},
		{"a spare channel", append(half, "-define", "tiff:alpha=unspecified"), "tif", []string{"-alpha", "off"}},
		{"weighted transparency", append(half, "-define", "tiff:alpha=associated"), "tif", nil},
		{"white is zero", []string{"-colorspace", "Gray", "-define", "quantum:polarity=min-is-white"}, "tif", nil},
		{"PackBits", []string{"-compress", "RLE", "-depth", "12"}, "tif", nil},
		{"fax", []string{"-monochrome", "-compress", "Group4"}, "tif", nil},
		{"fax, bits in the other order", []string{"-monochrome", "-compress", "Group4", "-define",
			"tiff:fill-order=lsb"}, "tif", nil},
		{"BMP 555", []string{"-define", "bmp:subtype=RGB555"}, "bmp", nil},
		{"BMP 565", []string{"-define", "bmp:subtype=RGB565"}, "bmp", nil},
		{"BMP in runs", []string{"-colors", "40", "-type", "Palette", "-compress", "RLE"}, "bmp", nil},
		{"BMP of OS/2", []string{"-colors", "200", "-type", "Palette"}, "bmp2", nil},
		{"PSD", nil, "psd", nil},
		{"PSB", nil, "psb", nil},
		{"PSD of 16 bits", []string{"-depth", "16"}, "psd", nil},
		{"PSD in gray", []string{"-colorspace", "Gray"}, "psd", nil},
		{"PSD in Adobe RGB", through("a98.icc"), "psd", toSRGB},
		{"PSD in inks", through("default_cmyk.icc"), "psd", toSRGB},
		{"PSD in inks, 16 bits", through("default_cmyk.icc", "-depth", "16"), "psd", toSRGB},
		{"floating point in Adobe RGB", through("a98.icc", quantum("32", "floating-point")...), "tif", toSRGB},
		{"16 bits in Adobe RGB, planes", through("a98.icc", "-depth", "16", "-interlace", "plane"), "tif", toSRGB},
		{"TGA", nil, "tga", []string{"-auto-orient"}},
		{"TGA in runs", []string{"-compress", "RLE"}, "tga", []string{"-auto-orient"}},
		{"PPM", nil, "ppm", nil},
		{"PGM of 16 bits", []string{"-colorspace", "Gray", "-depth", "16"}, "pgm", nil},
		{"PAM", half, "pam", nil},
		{"PBM", []string{"-monochrome"}, "pbm", nil},
		{"icon", []string{"-resize", "64x64!"}, "ico", nil},
		{"DDS", []string{"-resize", "64x64!", "-define", "dds:compression=none"}, "dds", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join(dir, strconv.Itoa(i)+"."+c.to)
			magick(t, append(append([]string{source}, c.args...), c.to+":"+path)...)
			want := magick(t, append(append([]string{path + "[0]", "-background", "white"}, c.flat...), "-flatten",
				"-colorspace", "sRGB", "-depth", "8", "rgb:-")...)
			file, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			for name, e := range both {
				if _, err := e.Probe(t.Context(), bytes.NewReader(file)); err != nil {
					t.Errorf("%s: %v", name, err)
				}
				m, note, err := whole(t, e, file)
				if err != nil {
					t.Errorf("%s: %v", name, err)
				} else if strings.Contains(note, "approximate") { // inks without a colour library
					if name != "imaging" || !strings.Contains(c.name, "inks") {
						t.Errorf("%s: %s", name, note)
					}
				} else if d := apart(m, want); d > 2 {
					t.Errorf("%s: %v, %.1f of 255 apart on average", name, m.Bounds().Max, d)
				}
			}
		})
	}
}

// TestLabOfEitherSign: some programs store a* and b* in the way that the format does not say. Both show the picture.
func TestLabOfEitherSign(t *testing.T) {
	dir := t.TempDir()
	source := wheelFile(t, dir)
	const pixels = 96 * 64
	path := filepath.Join(dir, "lab.tif")
	magick(t, source, "-background", "white", "-flatten", "-alpha", "off", "-colorspace", "Lab", "-depth", "8",
		"-compress", "none", path)
	want := magick(t, path, "-colorspace", "sRGB", "-depth", "8", "rgb:-")
	signed, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	added := bytes.Clone(signed)
	// ImageMagick writes the pixels behind the header; it has no PSD in Lab, whose planes have 128 added.
	psd := append(
		[]byte("8BPS\x00\x01\x00\x00\x00\x00\x00\x00\x00\x03\x00\x00\x00\x40\x00\x00\x00\x60\x00\x08\x00\x09"),
		make([]byte, 3*4+2)...)
	wrong := bytes.Clone(psd)
	for band := range 3 {
		for i := range pixels {
			v := signed[8+3*i+band]
			wrong = append(wrong, v)
			if band > 0 {
				v ^= 0x80
			}
			psd = append(psd, v)
			added[8+3*i+band] = v
		}
	}
	for kind, c := range map[string]struct {
		file  []byte
		limit float64
	}{
		"TIFF": {signed, 2}, "TIFF with 128 added": {added, 2},
		// The same numbers are other colours in a PSD, whose white is D50 and not D65.
		"PSD": {psd, 6}, "PSD with signs": {wrong, 6},
	} {
		for name, e := range engines(t) {
			m, _, err := whole(t, e, c.file)
			if err != nil {
				t.Errorf("%s, %s: %v", kind, name, err)
			} else if d := apart(m, want); d > c.limit {
				t.Errorf("%s, %s: %.1f of 255 apart on average", kind, name, d)
			}
		}
	}
}
