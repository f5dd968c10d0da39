package imaging_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"image"
	"image/color"
	"image/png"
	"runtime"
	"slices"
	"testing"

	"vitrine/dam"
	"vitrine/dam/rendition"
	"vitrine/dam/rendition/imaging"
)

// tag is an entry of a TIFF's directory: a number of the type, or so many of them at a place.
type tag struct {
	id, kind uint16
	n, value uint32
}

const (
	ofByte, ofShort, ofLong = 1, 3, 4
	// strip is where the pixels of page are.
	strip = 1000
)

// directory is a directory's bytes.
func directory(next uint32, tags ...tag) []byte {
	le := binary.LittleEndian
	b := le.AppendUint16(nil, uint16(len(tags)))
	for _, t := range tags {
		b = le.AppendUint16(le.AppendUint16(b, t.id), t.kind)
		b = le.AppendUint32(le.AppendUint32(b, t.n), t.value)
	}
	return le.AppendUint32(b, next)
}

// page is a TIFF of 2 × 2 gray pixels whose directory is changed by some tags; a kind of 0 leaves one out.
func page(pixels []byte, changes ...tag) []byte {
	tags := map[uint16]tag{}
	for _, t := range append([]tag{{256, ofShort, 1, 2}, {257, ofShort, 1, 2}, {258, ofShort, 1, 8},
		{259, ofShort, 1, 1}, {262, ofShort, 1, 1}, {273, ofLong, 1, strip}, {277, ofShort, 1, 1},
		{278, ofLong, 1, 2}, {279, ofLong, 1, uint32(len(pixels))}}, changes...) {
		if tags[t.id] = t; t.kind == 0 {
			delete(tags, t.id)
		}
	}
	list := make([]tag, 0, len(tags))
	for _, t := range tags {
		list = append(list, t)
	}
	slices.SortFunc(list, func(a, b tag) int { return int(a.id) - int(b.id) })
	b := append([]byte("II*\x00\x08\x00\x00\x00"), directory(0, list...)...)
	return append(append(b, make([]byte, strip-len(b))...), pixels...)
}

// shown is the picture that the engine makes of a file.
func shown(t *testing.T, file []byte) (m image.Image, err error) {
	t.Helper()
	specs := []rendition.Spec{{Name: "all", Width: 2, Height: 2, Fit: dam.FitContain, Format: dam.PNG}}
	err = imaging.New().Render(t.Context(), bytes.NewReader(file), specs, rendition.Options{},
		func(o rendition.Output) (err error) {
			m, err = png.Decode(bytes.NewReader(o.Bytes))
			return err
		})
	return m, err
}

func gray(m image.Image, x, y int) uint8 { return color.GrayModel.Convert(m.At(x, y)).(color.Gray).Y }

// allocated is how many bytes a function takes, those it gave back as well.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// A directory may name one list again and again, and each of them may be as long as the file.
func TestAListNamedAgainAndAgain(t *testing.T) {
	for _, id := range []uint16{258, 254, 320, 330, 338, 273} {
		tags := slices.Repeat([]tag{{id, ofByte, 1 << 20, 0}}, 24)
		tags = append(tags, tag{256, ofShort, 1, 2}, tag{257, ofShort, 1, 2})
		b := append([]byte("II*\x00\x08\x00\x00\x00"), directory(0, tags...)...)
		b = append(b, make([]byte, 1<<20)...)
		took := allocated(func() { _, _ = imaging.New().Probe(t.Context(), bytes.NewReader(b)) })
		if took > 16<<20 {
			t.Errorf("tag %d: %d MiB are taken for a file of one", id, took>>20)
		}
	}
	b := append([]byte("II*\x00\x08\x00\x00\x00"),
		directory(0, slices.Repeat([]tag{{258, ofShort, 1, 8}}, 0xffff)...)...)
	if _, err := imaging.New().Probe(t.Context(), bytes.NewReader(b)); dam.CodeOf(err) != dam.Invalid {
		t.Errorf("a directory of 65535 entries: %v", err)
	}
}

// counting counts the bytes read, and ends with an error when there are too many; after each read it calls then.
type counting struct {
	*bytes.Reader
	read, most int
	then       func()
}

func (c *counting) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	if c.read += n; c.read > c.most {
		return 0, errors.New("too much is read")
	}
	if c.then != nil {
		c.then()
	}
	return n, err
}

// chain is as many directories as are looked at, with as many entries as they may have, all of them long.
func chain(id uint16) []byte {
	b := []byte("II*\x00\x08\x00\x00\x00")
	for range 64 {
		tags := append([]tag{{256, ofShort, 1, 2}, {257, ofShort, 1, 2}},
			slices.Repeat([]tag{{id, 16, 1 << 10, 0}}, 4000)...)
		size := len(directory(0, tags...))
		b = append(b, directory(uint32(len(b)+size), tags...)...)
	}
	return b
}

func TestHeadersReadLittle(t *testing.T) {
	for _, id := range []uint16{254, 258, 273} {
		c := &counting{Reader: bytes.NewReader(chain(id)), most: 66 << 20}
		_, _ = imaging.New().Probe(t.Context(), c)
		if c.read > c.most {
			t.Errorf("tag %d: more than 64 MiB are read", id)
		}
	}
}

func TestACancelledProbeEnds(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	c := &counting{Reader: bytes.NewReader(chain(258)), most: 1 << 20}
	c.then = func() {
		if c.read > 1000 {
			cancel()
		}
	}
	if _, err := imaging.New().Probe(ctx, c); !errors.Is(err, context.Canceled) || c.read > 10_000 {
		t.Errorf("%d bytes are read: %v", c.read, err)
	}
}

// One strip is what a TIFF has when it doesn't say, or says 2³²-1.
func TestOneStrip(t *testing.T) {
	pixels := []byte{0xff, 0xff, 0xff, 0xff, 0, 0x80, 0, 0} // signed, so no common decoder reads it
	for _, rows := range []tag{{278, 0, 1, 0}, {278, ofLong, 1, 0xffffffff}, {278, ofLong, 1, 0}} {
		m, err := shown(t, page(pixels, rows, tag{258, ofShort, 1, 16}, tag{339, ofShort, 1, 2}))
		if err != nil {
			t.Errorf("rows %x: %v", rows.value, err)
		} else if a, b := gray(m, 0, 0), gray(m, 1, 0); a != 255 || b != 255 {
			t.Errorf("rows %x: %d and %d", rows.value, a, b)
		}
	}
}

// Samples that don't end would be held for each pixel of a row.
func TestTooManySamples(t *testing.T) {
	for name, changes := range map[string][]tag{
		"planes": {{284, ofShort, 1, 2}, {322, ofLong, 1, 1 << 20}, {323, ofLong, 1, 1},
			{324, ofLong, 2, strip}, {277, ofShort, 1, 16384}},
		"wide":  {{322, ofLong, 1, 1 << 20}, {323, ofLong, 1, 1}, {324, ofLong, 1, strip}, {277, ofShort, 1, 60}},
		"bits":  {{258, ofShort, 1, 0}},
		"minus": {{277, ofLong, 1, 0xffffffff}},
	} {
		file := page(make([]byte, 64), append(changes, tag{257, ofShort, 1, 1}, tag{339, ofShort, 1, 2})...)
		took := allocated(func() {
			if _, err := shown(t, file); dam.CodeOf(err) != dam.Invalid && dam.CodeOf(err) != dam.Unsupported {
				t.Errorf("%s: %v", name, err)
			}
		})
		if took > 32<<20 {
			t.Errorf("%s: %d MiB are taken", name, took>>20)
		}
	}
}

// profileAt is a profile of so many bytes that is cut when less of it is read: its name is at its end.
func profileAt(size int) []byte {
	be := binary.BigEndian
	b := make([]byte, size)
	be.PutUint32(b, uint32(size))
	copy(b[12:], "mntrRGB XYZ ")
	copy(b[36:], "acsp")
	const name = "\x00\x00\x00\x05Late\x00"
	be.PutUint32(b[128:], 1)
	copy(b[132:], "desc")
	be.PutUint32(b[136:], uint32(size-40))
	be.PutUint32(b[140:], 40)
	copy(b[size-40:], "desc\x00\x00\x00\x00"+name)
	return b
}

func TestLongProfile(t *testing.T) {
	for _, size := range []int{1 << 10, 1<<20 + 100, 4 << 20} {
		file := append(page([]byte{1, 2, 3, 4}, tag{34675, 7, uint32(size), strip + 4}), profileAt(size)...)
		info, err := imaging.New().Probe(t.Context(), bytes.NewReader(file))
		if err != nil || info.Profile != "Late" {
			t.Errorf("profile of %d bytes: %q, %v", size, info.Profile, err)
		}
	}
}

// What is not unpacked here is left to libvips, also where only this package gets the colours right.
func TestPortablePages(t *testing.T) {
	float := []tag{{258, ofShort, 1, 32}, {339, ofShort, 1, 3}}
	weighted := []tag{{262, ofShort, 1, 2}, {277, ofShort, 1, 4}, {338, ofShort, 1, 1}}
	for _, c := range []struct {
		name        string
		tags        []tag
		compression uint32
		want        bool
	}{
		{"floating point", float, 1, true},
		{"floating point, LZW", float, 5, true},
		{"floating point, Zip", float, 8, true},
		{"floating point, Zstandard", float, 50000, false},
		{"floating point, LZMA", float, 34925, false},
		{"weighted transparency, Zip", weighted, 8, true},
		{"weighted transparency, JPEG", weighted, 7, false},
		{"weighted transparency, Zstandard", weighted, 50000, false},
		{"a mask", []tag{{262, ofShort, 1, 4}}, 1, false},
		{"LogL", []tag{{262, ofShort, 1, 32844}, {258, ofShort, 1, 16}, {339, ofShort, 1, 2}}, 34676, false},
		{"gray", nil, 1, false},
	} {
		file := page(make([]byte, 64), append(c.tags, tag{259, ofShort, 1, c.compression})...)
		info, err := imaging.New().Probe(t.Context(), bytes.NewReader(file))
		if err != nil || info.Portable != c.want {
			t.Errorf("%s: portable %t, %v", c.name, info.Portable, err)
		}
	}
}

// A fax whose options the decoder in Go doesn't know is of a variant that is not read, and isn't damaged.
func TestFaxOptions(t *testing.T) {
	_, err := shown(t, page([]byte("\x00\x01\x91\xd0"), tag{258, ofShort, 1, 1}, tag{259, ofShort, 1, 3},
		tag{262, ofShort, 1, 0}, tag{292, ofShort, 1, 4}))
	if dam.CodeOf(err) != dam.Unsupported {
		t.Errorf("%v", err)
	}
}

// Fax machines send the lowest bit first, or the highest.
func TestFaxesInBothOrders(t *testing.T) {
	for order, strip := range map[uint32]string{1: "\x91\xd0\x00\x80\x08", 2: "\x89\x0b\x00\x01\x10"} {
		m, err := shown(t, page([]byte(strip), tag{258, ofShort, 1, 1}, tag{259, ofShort, 1, 4},
			tag{262, ofShort, 1, 0}, tag{266, ofShort, 1, order}))
		if err != nil {
			t.Errorf("order %d: %v", order, err)
		} else if gray(m, 0, 0) != 255 || gray(m, 1, 0) != 255 || gray(m, 0, 1) != 255 || gray(m, 1, 1) != 0 {
			t.Errorf("order %d: %v", order, m)
		}
	}
}
