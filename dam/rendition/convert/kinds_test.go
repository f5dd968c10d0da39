package convert_test

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"image/color"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"vitrine/dam"
	"vitrine/dam/metadata"
	"vitrine/dam/rendition/convert"
	"vitrine/dam/rendition/imaging"
	"vitrine/dam/rendition/sandbox"
	"vitrine/dam/rendition/vips"
)

// output is what a program writes to a file of that name.
func output(t *testing.T, name, program string, args ...string) []byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if out, err := exec.CommandContext(t.Context(), program, append(args, path)...).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v: %s", program, err, out)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// croppedPDF has printer's marks in red around a green page of 400 × 200.
func croppedPDF() []byte {
	return []byte(`%PDF-1.4
1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj
2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj
3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/CropBox[100 300 500 500]/Contents 4 0 R/Resources<<>>>>endobj
4 0 obj<</Length 61>>stream
1 0 0 rg 0 0 600 800 re f 0 0.5 0 rg 100 300 400 200 re f    
endstream
endobj
trailer<</Root 1 0 R>>
`)
}

// bayer is a raw file without a preview: a DNG whose sensor saw one gray.
func bayer(w, h int) []byte {
	le := binary.LittleEndian
	type entry struct {
		tag, kind uint16
		values    []uint32
	}
	list := []entry{{254, 4, []uint32{0}}, {256, 4, []uint32{uint32(w)}}, {257, 4, []uint32{uint32(h)}},
		{258, 3, []uint32{16}}, {259, 3, []uint32{1}}, {262, 3, []uint32{32803}}, {273, 4, []uint32{1024}},
		{277, 3, []uint32{1}}, {278, 4, []uint32{uint32(h)}}, {279, 4, []uint32{uint32(2 * w * h)}},
		{284, 3, []uint32{1}}, {33421, 3, []uint32{2, 2}}, {33422, 1, []uint32{0, 1, 1, 2}},
		{50706, 1, []uint32{1, 4, 0, 0}}, {50707, 1, []uint32{1, 1, 0, 0}}, {50708, 2, []uint32{'T', 'e', 's', 't', 0}},
		{50714, 3, []uint32{0}}, {50717, 3, []uint32{65535}},
		// colours as sRGB's own: the matrix from XYZ, times 10,000
		{50721, 10, []uint32{32405, 10000, ^uint32(15372) + 1, 10000, ^uint32(4985) + 1, 10000, ^uint32(9693) + 1,
			10000,
			18760, 10000, 416, 10000, 556, 10000, ^uint32(2040) + 1, 10000, 10572, 10000}},
		{50728, 5, []uint32{1, 1, 1, 1, 1, 1}}, {50778, 3, []uint32{21}}}
	b := append(make([]byte, 0, 1024+2*w*h), "II*\x00\x08\x00\x00\x00"...)
	b = le.AppendUint16(b, uint16(len(list)))
	at := 8 + 2 + 12*len(list) + 4
	var rest []byte
	for _, e := range list {
		var v []byte
		count := len(e.values)
		for _, one := range e.values {
			switch e.kind {
			case 1, 2:
				v = append(v, byte(one))
			case 3:
				v = le.AppendUint16(v, uint16(one))
			default:
				v = le.AppendUint32(v, one)
			}
		}
		if e.kind == 5 || e.kind == 10 {
			count /= 2
		}
		b = le.AppendUint32(le.AppendUint16(le.AppendUint16(b, e.tag), e.kind), uint32(count))
		if len(v) <= 4 {
			b = append(b, append(v, 0, 0, 0, 0)[:4]...)
			continue
		}
		b = le.AppendUint32(b, uint32(at+len(rest)))
		rest = append(rest, append(v, make([]byte, len(v)%2)...)...)
	}
	b = append(append(b, 0, 0, 0, 0), rest...)
	b = append(b, make([]byte, 1024-len(b))...)
	for range w * h {
		b = le.AppendUint16(b, 14000)
	}
	return b
}

// TestKinds: kinds of files that were named, cut, or shown wrongly.
func TestKinds(t *testing.T) {
	e := engine(t, sandbox.Options{})
	const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20"><rect width="40" height="20" fill="#00f"/></svg>`
	var z bytes.Buffer
	w := gzip.NewWriter(&z)
	_, _ = w.Write([]byte(svg))
	_ = w.Close()
	eps := "%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 10 10 110 60\n0 0 1 setrgbcolor 10 10 100 50 rectfill\nshowpage\n"
	illustrator := "%!PS-Adobe-3.0\n%%Creator: Adobe Illustrator(R) 8.0\n%%BoundingBox: 10 20 110 70\n" +
		"0 0 1 setrgbcolor 10 20 100 50 rectfill\nshowpage\n"
	// Behind its header a fragmented film's length is as wrong as it can be.
	fragmented := film(t, "f.mp4", append(lavfi("color=red:s=64x32:d=2:r=10"), "-movflags",
		"+frag_keyframe+empty_moov+default_base_moof")...)
	if i := bytes.Index(fragmented, []byte("mvhd")); i > 0 {
		binary.BigEndian.PutUint32(fragmented[i+20:], 143_165*binary.BigEndian.Uint32(fragmented[i+16:]))
	}
	for name, c := range map[string]struct {
		file      []byte
		mediaType string
		w, h      int
		duration  time.Duration
		show      color.RGBA
	}{
		"PDF by its crop box": {croppedPDF(), "application/pdf", 2048, 1024, 0, green},
		"SVG after a comment": {[]byte("<!-- an editor -->" + svg), "image/svg+xml", 2048, 1024, 0, blue},
		"SVGZ":                {z.Bytes(), "image/svg+xml-compressed", 2048, 1024, 0, blue},
		"Illustrator 8":       {[]byte(illustrator), "image/x-eps", 2048, 1024, 0, blue},
		"EPS":                 {[]byte(eps), "image/x-eps", 2048, 1024, 0, blue},
		"transport stream": {film(t, "f.ts", lavfi("color=blue:s=320x180:d=1:r=10")...), "video/mp2t", 320, 180,
			time.Second, blue},
		"a film of one frame": {film(t, "f.mp4", append(lavfi("color=blue:s=64x64:r=25"), "-frames:v", "1")...),
			"video/mp4", 64, 64, 40 * time.Millisecond, blue},
		"a false length": {fragmented, "video/mp4", 64, 32, 2 * time.Second, color.RGBA{254, 0, 0, 255}},
		"sound in MP4": {film(t, "v.mp4", "-f", "lavfi", "-i", "sine=d=2"), "audio/mp4", 0, 0, 2 * time.Second,
			color.RGBA{0x3b, 0x5b, 0xdb, 255}},
		"sound of 30 ms": {film(t, "v.wav", "-f", "lavfi", "-i", "sine=d=0.03"), "audio/wav", 0, 0,
			30 * time.Millisecond, color.RGBA{}},
		"sound in RF64": {film(t, "v.wav", "-f", "lavfi", "-i", "sine=d=1", "-rf64", "always"), "audio/wav", 0, 0,
			time.Second, color.RGBA{0x3b, 0x5b, 0xdb, 255}},
		"saved selection": {layeredPSD(60, 30, [3]byte{0, 0, 255}, true), photoshopType, 60, 30, 0, blue},
		"raw, no preview": {bayer(64, 32), "image/x-adobe-dng", 32, 16, 0, color.RGBA{}},
		"a film from black": {film(t, "b.mp4", lavfi("color=blue:s=128x64:d=6:r=10,fade=in:st=1:d=1")...), "video/mp4",
			128, 64, 6 * time.Second, color.RGBA{}},
	} {
		t.Run(name, func(t *testing.T) {
			info, err := e.Probe(t.Context(), bytes.NewReader(c.file))
			if err != nil {
				t.Fatal(err)
			}
			if info.MediaType != c.mediaType || info.Width != c.w || info.Height != c.h ||
				(info.Duration-c.duration).Abs() > 150*time.Millisecond {
				t.Errorf("probed %+v", info)
			}
			m, _, err := render(t.Context(), e, c.file, 1)
			if err != nil {
				t.Fatal(err)
			}
			if c.show.A > 0 && !near(m, c.show) {
				t.Errorf("it shows %v", m.At(m.Bounds().Dx()/2, m.Bounds().Dy()/2))
			}
			if r, g, b, _ := m.At(m.Bounds().Dx()/2, m.Bounds().Dy()/2).RGBA(); name != "sound of 30 ms" &&
				max(r, g, b)>>8 < 60 {
				t.Errorf("it is black")
			}
		})
	}
}

const photoshopType = "image/vnd.adobe.photoshop"

// TestTransparentComposite: half of a colour is that colour, half transparent, with nothing of the white it was laid
// on.
func TestTransparentComposite(t *testing.T) {
	for name, e := range engines(t) {
		m, _, err := whole(t, e, layeredPSD(60, 30, [3]byte{200, 30, 60}, false))
		if err != nil {
			t.Fatal(name, err)
		}
		for x, want := range map[int]color.NRGBA{10: {200, 30, 60, 255}, 50: {200, 30, 60, 128}} {
			got := color.NRGBAModel.Convert(m.At(x, 15)).(color.NRGBA)
			for _, d := range []int{int(got.R) - int(want.R), int(got.G) - int(want.G), int(got.B) - int(want.B),
				int(got.A) - int(want.A)} {
				if math.Abs(float64(d)) > 3 {
					t.Errorf("%s: %v at %d, want %v", name, got, x, want)
					break
				}
			}
		}
	}
}

// TestNewerCodecs: JPEG XL and JPEG 2000 are read by libvips; the other engine says so.
func TestNewerCodecs(t *testing.T) {
	source := film(t, "s.png", "-f", "lavfi", "-i", "color=blue:s=64x32", "-frames:v", "1")
	path := filepath.Join(t.TempDir(), "s.png")
	if err := os.WriteFile(path, source, 0o600); err != nil {
		t.Fatal(err)
	}
	for what, c := range map[string]struct {
		mediaType string
		file      []byte
	}{
		"JPEG XL":                {"image/jxl", output(t, "a.jxl", "cjxl", "--quiet", path)},
		"JPEG 2000":              {"image/jp2", output(t, "a.jp2", "opj_compress", "-i", path, "-o")},
		"JPEG 2000's codestream": {"image/jp2", output(t, "a.j2k", "opj_compress", "-i", path, "-o")},
	} {
		for name, e := range engines(t) {
			info, err := e.Probe(t.Context(), bytes.NewReader(c.file))
			if name == "imaging" {
				if err == nil {
					t.Errorf("%s without libvips: %+v", what, info)
				}
				continue
			}
			m, _, rerr := whole(t, e, c.file)
			if err != nil || rerr != nil || info.MediaType != c.mediaType || info.Width != 64 || !near(m, blue) {
				t.Errorf("%s: %+v, %v, %v", what, info, err, rerr)
			}
		}
	}
	if !vips.Built {
		t.Log("this program was built without libvips")
	}
}

// TestLosslessJPEG: a lossless JPEG is shown as it is, and one that ffmpeg can't read is not called damaged.
func TestLosslessJPEG(t *testing.T) {
	for name, format := range map[string]string{
		"RGB": "bgr24", "YCbCr": "yuvj444p", "half as many colours": "yuvj420p"} {
		source := film(t, "s.png", "-f", "lavfi", "-i", "testsrc2=s=96x64,format=rgb24", "-frames:v", "1")
		path := filepath.Join(t.TempDir(), "s.png")
		if err := os.WriteFile(path, source, 0o600); err != nil {
			t.Fatal(err)
		}
		file := film(t, "l.jpg", "-i", path, "-c:v", "ljpeg", "-pix_fmt", format, "-strict", "-1")
		want := magick(t, path, "-depth", "8", "rgb:-")
		for engine, e := range engines(t) {
			info, err := e.Probe(t.Context(), bytes.NewReader(file))
			m, note, rerr := whole(t, e, file)
			if err != nil || rerr != nil || info.MediaType != "image/jpeg" || info.Width != 96 || info.Height != 64 ||
				note != "" {
				t.Errorf("%s, %s: %+v, %q, %v, %v", name, engine, info, note, err, rerr)
				continue
			}
			limit := 1.0
			if format == "yuvj420p" {
				limit = 12
			}
			if d := apart(m, want); d > limit {
				t.Errorf("%s, %s: %.1f of 255 apart on average", name, engine, d)
			}
			// Five components are none that anything reads.
			frame := bytes.Index(file, []byte("\xff\xc3"))
			unknown := bytes.Clone(file)
			unknown[frame+9] = 5
			if _, err := e.Probe(t.Context(), bytes.NewReader(unknown)); dam.CodeOf(err) != dam.Unsupported {
				t.Errorf("%s, %s, five components: %v", name, engine, err)
			}
			hierarchical := bytes.Clone(file)
			hierarchical[frame+1] = 0xc7
			if _, err := e.Probe(t.Context(), bytes.NewReader(hierarchical)); dam.CodeOf(err) != dam.Unsupported {
				t.Errorf("%s, %s, hierarchical: %v", name, engine, err)
			}
		}
	}
}

// TestDamagedExchange: a picture that ffmpeg shows in part says so.
func TestDamagedExchange(t *testing.T) {
	file := film(t, "a.exr", "-f", "lavfi", "-i", "testsrc=s=96x64", "-frames:v", "1", "-compression", "zip16")
	for cut, whole := range map[int]bool{len(file): true, len(file) / 2: false} {
		_, note, err := render(t.Context(), engine(t, sandbox.Options{}), file[:cut], 1)
		if err != nil || note.IsZero() != whole {
			t.Errorf("%d of %d bytes: note %q, %v", cut, len(file), note.Text(), err)
		}
	}
}

// TestMovingJXL: of an animation the first frame is shown, and a still picture is not taken for one.
func TestMovingJXL(t *testing.T) {
	moving := film(t, "m.apng", "-f", "lavfi", "-i", "color=blue:s=64x32:r=5:d=0.2", "-f", "lavfi", "-i",
		"color=red:s=64x32:r=5:d=0.4", "-filter_complex", "[0][1]concat")
	still := film(t, "s.png", "-f", "lavfi", "-i", "color=blue:s=64x32", "-frames:v", "1")
	dir := t.TempDir()
	for name, b := range map[string][]byte{"m.apng": moving, "s.png": still} {
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, container := range []string{"0", "1"} {
		for name, moves := range map[string]bool{"m.apng": true, "s.png": false} {
			file := output(t, "a.jxl", "cjxl", "--quiet", "--container="+container, "-d", "0", filepath.Join(dir, name))
			if convert.MovingJXL(file) != moves {
				t.Errorf("%s, container %s: it moves: %t", name, container, !moves)
			}
			info, err := engine(t, sandbox.Options{}).Probe(t.Context(), bytes.NewReader(file))
			if moves && (err != nil || info.Revision != 2 || info.Changed.IsZero()) {
				t.Errorf("%s, container %s: revision %d, %v, %v", name, container, info.Revision, info.Changed, err)
			}
			m, _, err := render(t.Context(), engine(t, sandbox.Options{}), file, 1)
			if moves && (err != nil || !near(m, blue)) {
				t.Errorf("%s, container %s: %v, %v", name, container, err, m.At(32, 16))
			}
		}
	}
}

// TestMaxPixels: programs read pictures of what size the settings say, not of one of their own.
func TestMaxPixels(t *testing.T) {
	ppm := append([]byte("P6 60 30 255\n"), bytes.Repeat([]byte{0, 0, 255}, 60*30)...)
	limited := func(pixels int64) error {
		e := convert.New(convert.Options{Engine: imaging.New(),
			Sandbox:  sandbox.New(sandbox.Options{Temp: t.TempDir()}),
			Identify: metadata.Identify, MaxPixels: pixels})
		_, _, err := render(t.Context(), e, ppm, 1)
		return err
	}
	if err := limited(60 * 30 / 2); err == nil {
		t.Error("a larger picture was read")
	}
	for _, pixels := range []int64{60 * 30, 10_000_000_000} {
		if err := limited(pixels); err != nil {
			t.Errorf("up to %d pixels: %v", pixels, err)
		}
	}
}
