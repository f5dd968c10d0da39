package convert_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// pdf is a document whose pages are filled with one colour each: "1 0 0" is red.
func pdf(width, height int, pages ...string) []byte {
	var b bytes.Buffer
	var offsets []int
	object := func(format string, args ...any) {
		offsets = append(offsets, b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n", len(offsets))
		fmt.Fprintf(&b, format, args...)
		b.WriteString("\nendobj\n")
	}
	b.WriteString("%PDF-1.4\n")
	object("<< /Type /Catalog /Pages 2 0 R >>")
	var kids []string
	for i := range pages {
		kids = append(kids, fmt.Sprintf("%d 0 R", 3+2*i))
	}
	object("<< /Type /Pages /Kids [%s] /Count %d >>", strings.Join(kids, " "), len(pages))
	for i, colour := range pages {
		object("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 %d %d] /Contents %d 0 R >>", width, height, 4+2*i)
		content := fmt.Sprintf("%s rg 0 0 %d %d re f", colour, width, height)
		object("<< /Length %d >>\nstream\n%s\nendstream", len(content), content)
	}
	start := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(offsets)+1)
	for _, o := range offsets {
		fmt.Fprintf(&b, "%010d 00000 n \n", o)
	}
	fmt.Fprintf(&b, "trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n", len(offsets)+1, start)
	return b.Bytes()
}

// video has ffmpeg make a file: args say of what.
func film(t *testing.T, name string, args ...string) []byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	out, err := exec.CommandContext(t.Context(), "ffmpeg", append(append([]string{"-v", "error", "-nostdin"}, args...),
		path)...).CombinedOutput()
	if err != nil {
		t.Fatalf("ffmpeg: %v: %s", err, out)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func filled(w, h int, c color.Color) image.Image {
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	draw.Draw(m, m.Bounds(), image.NewUniform(c), image.Point{}, draw.Src)
	return m
}

// psd is a flattened Photoshop file of one colour.
func psd(w, h int, r, g, b byte) []byte {
	var f bytes.Buffer
	f.WriteString("8BPS\x00\x01\x00\x00\x00\x00\x00\x00")
	for _, v := range []any{uint16(3), uint32(h), uint32(w), uint16(8), uint16(3), uint32(0), uint32(0), uint32(0),
		uint16(0)} {
		_ = binary.Write(&f, binary.BigEndian, v)
	}
	for _, v := range []byte{r, g, b} {
		f.Write(bytes.Repeat([]byte{v}, w*h))
	}
	return f.Bytes()
}

// dng is a raw file with a preview inside, taken with the camera on its side (orientation 6).
func dng(t *testing.T, preview image.Image) []byte {
	t.Helper()
	var j bytes.Buffer
	if err := jpeg.Encode(&j, preview, nil); err != nil {
		t.Fatal(err)
	}
	type entry struct {
		tag, kind uint16
		n, value  uint32
	}
	const first, sub, data = 8, 200, 400
	main := []entry{{0xfe, 4, 1, 1}, {0x100, 4, 1, 16}, {0x101, 4, 1, 16}, {0x112, 3, 1, 6}, {0x14a, 4, 1, sub},
		{0xc612, 1, 4, 0x00000401}}
	inner := []entry{{0xfe, 4, 1, 1}, {0x100, 4, 1, uint32(preview.Bounds().Dx())},
		{0x101, 4, 1, uint32(preview.Bounds().Dy())}, {0x103, 3, 1, 7},
		{0x106, 3, 1, 6}, {0x111, 4, 1, data}, {0x115, 3, 1, 3}, {0x116, 4, 1, uint32(preview.Bounds().Dy())},
		{0x117, 4, 1, uint32(j.Len())}}
	b := make([]byte, data)
	copy(b, "II*\x00\x08\x00\x00\x00")
	for at, list := range map[int][]entry{first: main, sub: inner} {
		le := binary.LittleEndian
		le.PutUint16(b[at:], uint16(len(list)))
		for i, e := range list {
			p := b[at+2+12*i:]
			le.PutUint16(p, e.tag)
			le.PutUint16(p[2:], e.kind)
			le.PutUint32(p[4:], e.n)
			le.PutUint32(p[8:], e.value)
		}
	}
	return append(b, j.Bytes()...)
}

// layeredPSD has a transparent layer: a composite of one colour, laid on white, that is half transparent on its right.
func layeredPSD(w, h int, colour [3]byte, saved bool) []byte {
	b := psd(w, h, 0, 0, 0)
	b = b[:len(b)-3*w*h-2-4] // up to the layers
	b[13] = 4
	layers := []byte{0, 0, 0, 0}
	if !saved { // one layer, and the first spare channel is the composite's transparency
		layers = []byte{0, 0, 0, 6, 0, 0, 0, 2, 0xff, 0xff}
	}
	b = append(append(b, layers...), 0, 0)
	for c := range 4 {
		for range h {
			for x := range w {
				alpha, v := 255, 0
				if x >= w/2 {
					alpha = 128
				}
				if c < 3 {
					v = int(colour[c])
					if !saved {
						v = (v*alpha + 255*(255-alpha)) / 255
					}
				} else {
					v = alpha
				}
				b = append(b, byte(v))
			}
		}
	}
	return b
}
