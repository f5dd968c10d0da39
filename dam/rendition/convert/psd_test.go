package convert_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"image/color"
	"io"
	"testing"

	"vitrine/dam"
	"vitrine/dam/rendition"
	"vitrine/dam/rendition/sandbox"
)

// saysTransparent is a section of layers whose composite's first spare channel is transparency.
const saysTransparent = "\x00\x00\x00\x06\x00\x00\x00\x02\xff\xff"

// crafted are the parts of a Photoshop file; strings may be empty.
type crafted struct {
	mode, depth, channels      int
	palette, resources, layers string
	pixel                      []byte // of the one that the composite has
}

func (c crafted) file() []byte {
	be := binary.BigEndian
	b := be.AppendUint16([]byte("8BPS\x00\x01\x00\x00\x00\x00\x00\x00"), uint16(c.channels))
	b = be.AppendUint16(append(b, 0, 0, 0, 1, 0, 0, 0, 1), uint16(c.depth))
	b = be.AppendUint32(be.AppendUint16(b, uint16(c.mode)), uint32(len(c.palette)))
	b = be.AppendUint32(append(b, c.palette...), uint32(len(c.resources)))
	b = append(b, c.resources...)
	if c.layers == "" {
		c.layers = "\x00\x00\x00\x00"
	}
	return append(append(append(b, c.layers...), 0, 0), c.pixel...)
}

// TestCraftedPSD: no header makes the reader of composites, which runs in the server's own process, panic.
func TestCraftedPSD(t *testing.T) {
	e := engine(t, sandbox.Options{})
	for name, c := range map[string]crafted{
		"palette of 16 bits": {mode: 2, depth: 16, channels: 1, pixel: []byte{0, 0}},
		"bitmap of 8 bits":   {depth: 8, channels: 1, pixel: []byte{0}},
		"Lab without numbers": {mode: 9, depth: 32, channels: 3,
			pixel: bytes.Repeat([]byte{0x7f, 0xc0, 0, 0}, 3)},
	} {
		if _, _, err := render(t.Context(), e, c.file(), 1); dam.CodeOf(err) != dam.Unsupported {
			t.Errorf("%s: %v", name, err)
		}
	}
	// What has no pixels with transparency is opaque, whatever the layers say.
	palette := bytes.Repeat([]byte{0}, 768)
	palette[512] = 255 // the first colour is blue
	for name, c := range map[string]struct {
		crafted
		show color.RGBA
	}{
		"bitmap": {crafted{depth: 1, channels: 2, layers: saysTransparent, pixel: []byte{0, 0}},
			color.RGBA{255, 255, 255, 255}},
		"palette": {crafted{mode: 2, depth: 8, channels: 2, palette: string(palette), layers: saysTransparent,
			pixel: []byte{0, 0}}, blue},
	} {
		m, _, err := render(t.Context(), e, c.file(), 1)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if _, _, _, a := m.At(0, 0).RGBA(); a != 0xffff || !near(m, c.show) {
			t.Errorf("%s shows %v", name, m.At(0, 0))
		}
	}
}

// source counts how a file is read.
type source struct {
	*bytes.Reader
	reads, seeks int
	panics       bool
}

func (s *source) Read(p []byte) (int, error) {
	if s.reads++; s.panics && len(p) == 26 { // the header, after the type was found
		panic("a defect")
	}
	return s.Reader.Read(p)
}

func (s *source) Seek(offset int64, whence int) (int64, error) {
	s.seeks++
	return s.Reader.Seek(offset, whence)
}

// TestPSDPanics: a defect of the reader is a damaged file.
func TestPSDPanics(t *testing.T) {
	e := engine(t, sandbox.Options{})
	src := &source{Reader: bytes.NewReader(psd(2, 2, 0, 0, 255)), panics: true}
	if _, err := e.Probe(t.Context(), src); dam.CodeOf(err) != dam.Invalid || !errors.Is(err, dam.ErrPanic) {
		t.Error(err)
	}
}

// TestPSDReads: rows are not looked up one by one where each may cost a block of the store, and small blocks without
// end are not walked to their end.
func TestPSDReads(t *testing.T) {
	e := engine(t, sandbox.Options{})
	src := &source{Reader: bytes.NewReader(psd(30, 3000, 0, 0, 255))}
	err := e.Render(t.Context(), struct{ io.ReadSeeker }{src}, small, rendition.Options{},
		func(rendition.Output) error { return nil })
	if err != nil || src.seeks > 100 {
		t.Errorf("%d seeks of a file of 9000 rows: %v", src.seeks, err)
	}

	many := string(bytes.Repeat([]byte("8BIM\x00\x00\x00\x00\x00\x00\x00\x00"), 200_000))
	layers := string(bytes.Repeat([]byte("8BIMabcd\x00\x00\x00\x00"), 200_000))
	layers = string(binary.BigEndian.AppendUint32(nil, uint32(len(layers)+8))) + "\x00\x00\x00\x00\x00\x00\x00\x00" +
		layers
	for name, c := range map[string]crafted{"resources": {resources: many}, "layers": {layers: layers}} {
		c.mode, c.depth, c.channels, c.pixel = 3, 8, 3, []byte{0, 0, 255}
		file := c.file()
		src := &source{Reader: bytes.NewReader(file)}
		info, err := e.Probe(t.Context(), struct{ io.ReadSeeker }{src})
		if err != nil || info.Width != 1 || src.reads > 100_000 {
			t.Errorf("%s: %d reads: %+v, %v", name, src.reads, info, err)
		}
		if m, _, err := render(t.Context(), e, file, 1); err != nil || !near(m, blue) {
			t.Errorf("%s: %v", name, err)
		}
		ended, end := context.WithCancel(t.Context())
		end()
		if _, err := e.Probe(ended, bytes.NewReader(file)); !errors.Is(err, context.Canceled) {
			t.Errorf("%s after the end: %v", name, err)
		}
	}
}
