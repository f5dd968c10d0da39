package convert_test

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"vitrine/dam"
	"vitrine/dam/rendition/sandbox"
)

// zipped compresses the composite of a Photoshop file of that size, which has plain rows and no layers, as ZIP files
// are.
func zipped(t *testing.T, file []byte, width, depth int, predict bool) []byte {
	t.Helper()
	be := binary.BigEndian
	at := 26
	for range 3 { // palette, resources, layers
		at += 4 + int(be.Uint32(file[at:]))
	}
	rows, size := bytes.Clone(file[at+2:]), depth/8
	for line := rows; predict && len(line) > 0; line = line[width*size:] {
		row := line[:width*size]
		if depth == 32 { // the highest bytes first
			mixed := bytes.Clone(row)
			for i := range width {
				for k := range 4 {
					row[k*width+i] = mixed[4*i+k]
				}
			}
		}
		for i := len(row) - 1; i > 0; i-- {
			switch {
			case depth != 16:
				row[i] -= row[i-1]
			case i%2 == 0:
				be.PutUint16(row[i:], be.Uint16(row[i:])-be.Uint16(row[i-2:]))
			}
		}
	}
	var b bytes.Buffer
	b.Write(file[:at])
	b.Write([]byte{0, 2})
	if predict {
		b.Bytes()[at+1] = 3
	}
	z := zlib.NewWriter(&b)
	if _, err := z.Write(rows); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestZippedPSD: a composite that is compressed as ZIP files are, with differences or without, shows what ImageMagick
// reads in the same composite when it is not; one that is cut off is damaged.
func TestZippedPSD(t *testing.T) {
	source := filepath.Join(t.TempDir(), "wheel.png")
	var b bytes.Buffer
	if err := png.Encode(&b, wheel(96, 64)); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(source, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	e := engine(t, sandbox.Options{})
	for _, c := range []struct {
		depth int
		args  []string
	}{
		{8, nil}, {16, nil}, {8, []string{"-colorspace", "CMYK"}},
	} {
		args := append(append([]string{source}, c.args...), "-depth", map[int]string{8: "8", 16: "16"}[c.depth])
		plain := magick(t, append(args, "-compress", "None", "psd:-")...)
		want, _, err := whole(t, e, plain)
		if err != nil {
			t.Fatalf("%v: %v", c, err)
		}
		var rgb []byte
		if c.args == nil {
			file := filepath.Join(t.TempDir(), "plain.psd")
			if err := os.WriteFile(file, plain, 0o600); err != nil {
				t.Fatal(err)
			}
			rgb = magick(t, file+"[0]", "-depth", "8", "rgb:-")
		} else { // how inks are shown, TestAsImageMagick compares
			for y := range want.Bounds().Dy() {
				for x := range want.Bounds().Dx() {
					r, g, bl, _ := want.At(x, y).RGBA()
					rgb = append(rgb, byte(r>>8), byte(g>>8), byte(bl>>8))
				}
			}
		}
		for _, predict := range []bool{false, true} {
			file := zipped(t, plain, 96, c.depth, predict)
			m, _, err := whole(t, e, file)
			if err != nil {
				t.Errorf("%v, predicted %t: %v", c, predict, err)
				continue
			}
			if d := apart(m, rgb); d > 2 {
				t.Errorf("%v, predicted %t: %.1f/255 apart", c, predict, d)
			}
			if _, _, err := whole(t, e, file[:len(file)-200]); dam.CodeOf(err) != dam.Invalid {
				t.Errorf("%v, cut off: %v", c, err)
			}
		}
	}
}
