//go:build vips && cgo

package vips_test

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

	"vitrine/dam"
	"vitrine/dam/rendition"
	"vitrine/dam/rendition/imaging"
	"vitrine/dam/rendition/vips"
)

// ran runs a program and fails with what it says.
func ran(t *testing.T, program string, args ...string) []byte {
	t.Helper()
	var said bytes.Buffer
	c := exec.CommandContext(t.Context(), program, args...)
	c.Stderr = &said
	out, err := c.Output()
	if err != nil {
		t.Fatalf("%s: %v: %s", program, err, said.String())
	}
	return out
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// shown is a file as the engine shows it in its own size.
func shown(t *testing.T, e rendition.Engine, file []byte) (*image.NRGBA, rendition.Info) {
	t.Helper()
	info, err := e.Probe(t.Context(), bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	var m image.Image
	err = e.Render(t.Context(), bytes.NewReader(file), []rendition.Spec{{Name: "a", Width: 4096, Height: 4096,
		Fit: dam.FitContain, Format: dam.PNG}}, rendition.Options{}, func(o rendition.Output) (err error) {
		m, err = png.Decode(bytes.NewReader(o.Bytes))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	n := image.NewNRGBA(m.Bounds())
	draw.Draw(n, n.Rect, m, m.Bounds().Min, draw.Src)
	return n, info
}

// pictureFile writes hues from dark to light into a PNG of 8 or 16 bits.
func pictureFile(t *testing.T, bits int) string {
	t.Helper()
	m := image.NewNRGBA64(image.Rect(0, 0, 96, 64))
	for y := range 64 {
		for x := range 96 {
			at := func(shift float64) uint16 {
				v := .8 + .2*math.Cos(2*math.Pi*(float64(x)/96+shift))
				return uint16(65535 * v * (.05 + .8*float64(y)/64))
			}
			m.SetNRGBA64(x, y, color.NRGBA64{at(0), at(1. / 3), at(2. / 3), 65535})
		}
	}
	var source image.Image = m
	if bits == 8 {
		n := image.NewNRGBA(m.Rect)
		draw.Draw(n, n.Rect, m, image.Point{}, draw.Src)
		source = n
	}
	var b bytes.Buffer
	if err := png.Encode(&b, source); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "source.png")
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// heif encodes a PNG almost without loss.
func heif(t *testing.T, source, format, bits string) []byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), "a."+format)
	ran(t, "heif-enc", "-q", "100", "-b", bits, "-p", "chroma=444", source, "-o", path)
	return read(t, path)
}

// withBoxes puts property boxes into a file of one item as heif-enc writes it, behind those that are there.
func withBoxes(t *testing.T, file []byte, added ...[]byte) []byte {
	t.Helper()
	place := func(kind string) int {
		at := bytes.Index(file, []byte(kind)) - 4
		if at < 0 {
			t.Fatalf("the encoder wrote no %s", kind)
		}
		return at
	}
	be := binary.BigEndian
	meta, iloc, iprp, ipco, ipma := place("meta"), place("iloc"), place("iprp"), place("ipco"), place("ipma")
	size := func(at int) int { return int(be.Uint32(file[at:])) }
	boxes := file[ipco+8 : ipco+size(ipco)]
	count := 0
	for at := 0; at < len(boxes); at += int(be.Uint32(boxes[at:])) {
		count++
	}
	links := bytes.Clone(file[ipma : ipma+size(ipma)])
	grown := 0
	for i, b := range added {
		links[18]++
		links = append(links, byte(0x80|(count+i+1)))
		grown += len(b)
	}
	be.PutUint32(links, uint32(len(links)))
	out := bytes.Clone(file[:ipco+size(ipco)])
	out = append(append(append(out, bytes.Join(added, nil)...), links...), file[ipma+size(ipma):]...)
	be.PutUint32(out[ipco:], uint32(size(ipco)+grown))
	grown += len(added)
	be.PutUint32(out[iprp:], uint32(size(iprp)+grown))
	be.PutUint32(out[meta:], uint32(size(meta)+grown))
	be.PutUint32(out[iloc+20:], be.Uint32(out[iloc+20:])+uint32(grown)) // where the item begins
	return out
}

func box(kind string, numbers ...uint32) []byte {
	b := append(binary.BigEndian.AppendUint32(nil, uint32(8+4*len(numbers))), kind...)
	for _, n := range numbers {
		b = binary.BigEndian.AppendUint32(b, n)
	}
	return b
}

// withLight names primaries and a transfer function in a file's colour box.
func withLight(t *testing.T, file []byte, primaries, transfer uint16) []byte {
	t.Helper()
	at := bytes.Index(file, []byte("colrnclx"))
	if at < 0 {
		return withBoxes(t, file, []byte{0, 0, 0, 19, 'c', 'o', 'l', 'r', 'n', 'c', 'l', 'x', 0, byte(primaries), 0,
			byte(transfer), 0, 6, 0x80})
	}
	file = bytes.Clone(file)
	binary.BigEndian.PutUint16(file[at+8:], primaries)
	binary.BigEndian.PutUint16(file[at+10:], transfer)
	return file
}

// TestHighDynamicRange: PQ and HLG are brought down to sRGB as ffmpeg's filters do it.
func TestHighDynamicRange(t *testing.T) {
	e, err := vips.New(imaging.New())
	if err != nil {
		t.Fatal(err)
	}
	source := pictureFile(t, 16)
	files := map[string][]byte{"image/avif": heif(t, source, "avif", "12"), "image/heic": heif(t, source, "heic", "12")}
	for _, c := range []struct {
		transfer, primaries       uint16
		transferName, primaryName string
	}{
		{16, 9, "smpte2084", "bt2020"}, {18, 9, "arib-std-b67", "bt2020"}, {16, 12, "smpte2084", "smpte432"},
		{16, 1, "smpte2084", "bt709"},
	} {
		want := ran(t, "ffmpeg", "-v", "error", "-i", source, "-vf", "format=gbrp16le,setparams=color_trc="+
			c.transferName+":color_primaries="+c.primaryName+":colorspace=gbr:range=pc,zscale=t=linear:npl=203,"+
			"format=gbrpf32le,zscale=p=bt709,tonemap=mobius:param=0.3:desat=0:peak="+
			strconv.FormatFloat(1000./203, 'f', 5, 64)+",zscale=t=iec61966-2-1,format=rgb24", "-f", "rawvideo", "-")
		for mediaType, file := range files {
			file := withLight(t, file, c.primaries, c.transfer)
			m, info := shown(t, e, file)
			if info.MediaType != mediaType || info.Revision != 2 || info.Changed.IsZero() {
				t.Errorf("%s: %+v", mediaType, info)
			}
			sum, light := 0.0, 0.0
			for i := range len(m.Pix) {
				if i%4 == 3 {
					continue
				}
				d := float64(m.Pix[i]) - float64(want[i/4*3+i%4])
				sum += math.Abs(d)
				light += d
			}
			n := float64(len(want))
			// zimg bends each of HLG's colours by the display's gamma, where BT.2100 bends their luminance.
			apart, lighter := 1.0, 1.0
			if c.transfer == 18 {
				apart, lighter = 7, 3
			}
			if sum/n > apart || math.Abs(light/n) > lighter {
				t.Errorf("%s, %s, %s: %.1f of 255 apart on average, %.1f lighter than ffmpeg", mediaType,
					c.transferName, c.primaryName, sum/n, light/n)
			}
		}
	}
	plain, info := shown(t, e, withLight(t, files["image/avif"], 1, 13))
	if info.Revision != 0 {
		t.Errorf("sRGB: %+v", info)
	}
	if c := plain.NRGBAAt(48, 60); c.R < 100 {
		t.Errorf("sRGB was changed: %v", c)
	}
}

// TestCropAndTurns: crop, rotation and mirror of a HEIF file's boxes are applied as libheif's own program does it.
func TestCropAndTurns(t *testing.T) {
	e, err := vips.New(imaging.New())
	if err != nil {
		t.Fatal(err)
	}
	source := pictureFile(t, 8)
	// 40 × 20 pixels, their middle 12 to the right of and 6 above the picture's
	crop := box("clap", 40, 1, 20, 1, 12, 1, ^uint32(6)+1, 1)
	turn := func(n byte) []byte { return append([]byte{0, 0, 0, 9, 'i', 'r', 'o', 't'}, n) }
	mirror := func(n byte) []byte { return append([]byte{0, 0, 0, 9, 'i', 'm', 'i', 'r'}, n) }
	for _, format := range []string{"avif", "heic"} {
		plain := heif(t, source, format, "8")
		whole, _ := shown(t, e, plain)
		for name, boxes := range map[string][][]byte{
			"crop": {crop}, "turned": {turn(1)}, "upside down": {turn(2)}, "mirrored": {mirror(1)},
			"mirrored, top": {mirror(0)}, "odd crop": {box("clap", 41, 1, 21, 1, 1, 2, ^uint32(3)+1, 2)},
			"all": {crop, turn(3), mirror(1)},
		} {
			file := withBoxes(t, plain, boxes...)
			from, to := filepath.Join(t.TempDir(), "a."+format), filepath.Join(t.TempDir(), "a.png")
			if err := os.WriteFile(from, file, 0o600); err != nil {
				t.Fatal(err)
			}
			ran(t, "heif-convert", from, to)
			want, err := png.Decode(bytes.NewReader(read(t, to)))
			if err != nil {
				t.Fatal(err)
			}
			m, info := shown(t, e, file)
			if m.Rect.Size() != want.Bounds().Size() || info.Width != m.Rect.Dx() {
				t.Errorf("%s, %s: %v of %+v, want %v", format, name, m.Rect, info, want.Bounds())
				continue
			}
			for _, p := range []image.Point{{3, 3}, {m.Rect.Dx() - 4, 3}, {3, m.Rect.Dy() - 4}} {
				got, w := m.NRGBAAt(p.X, p.Y), color.NRGBAModel.Convert(want.At(p.X, p.Y)).(color.NRGBA)
				if math.Abs(float64(got.R)-float64(w.R))+math.Abs(float64(got.G)-float64(w.G)) > 4 {
					t.Errorf("%s, %s: %v at %v, want %v", format, name, got, p, w)
				}
			}
			if name == "crop" { // as ISO/IEC 14496-12 has it: from 40 to 79, from 16 to 35
				if got, w := m.NRGBAAt(0, 0), whole.NRGBAAt(40, 16); got != w {
					t.Errorf("%s: the crop's corner is %v, want %v", format, got, w)
				}
			}
		}
	}
}

// TestHostileBoxes: whatever the boxes of a HEIF file say, reading them ends, with a picture or an error.
func TestHostileBoxes(t *testing.T) {
	e, err := vips.New(imaging.New())
	if err != nil {
		t.Fatal(err)
	}
	file := withLight(t, heif(t, pictureFile(t, 16), "avif", "12"), 9, 16)
	meta := bytes.Index(file, []byte("mdat"))
	for at := 24; at < meta; at++ {
		for _, v := range []byte{0, 1, 0x7f, 0xff} {
			b := bytes.Clone(file)
			b[at] = v
			vips.LightOf(bytes.NewReader(b))
		}
		vips.LightOf(bytes.NewReader(file[:at]))
	}
	for _, b := range [][]byte{
		withBoxes(t, file, box("clap", 0, 0, 0, 0, 0, 0, 0, 0)),
		withBoxes(t, file, box("clap", ^uint32(0), 1, ^uint32(0), 1, ^uint32(0), 1, 0, 0)),
		withBoxes(t, file, box("clap")),
	} {
		err := e.Render(t.Context(), bytes.NewReader(b), []rendition.Spec{{Name: "a", Width: 64, Fit: dam.FitContain,
			Format: dam.PNG}}, rendition.Options{}, func(rendition.Output) error { return nil })
		if err != nil && dam.CodeOf(err) != dam.Invalid && dam.CodeOf(err) != dam.Unsupported {
			t.Errorf("%v", err)
		}
	}
	// What libheif can't do is not called damaged.
	mirrored := withBoxes(t, file, []byte{0, 0, 0, 9, 'i', 'm', 'i', 'r', 1})
	err = e.Render(t.Context(), bytes.NewReader(mirrored), []rendition.Spec{{Name: "a", Width: 64, Fit: dam.FitContain,
		Format: dam.PNG}}, rendition.Options{}, func(rendition.Output) error { return nil })
	if err != nil && dam.CodeOf(err) != dam.Unsupported {
		t.Errorf("mirrored, 12 bits: %v", err)
	}
}
