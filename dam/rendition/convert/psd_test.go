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

// crafted is a Photoshop file of these parts; palette, resources and layers may be empty.
func crafted(mode, depth, channels, w, h int, palette, resources, layers string, rows ...byte) []byte {
	be := binary.BigEndian
	b := []byte("8BPS\x00\x01\x00\x00\x00\x00\x00\x00")
	b = be.AppendUint16(b, uint16(channels))
	b = be.AppendUint32(be.AppendUint32(b, uint32(h)), uint32(w))
	b = be.AppendUint16(be.AppendUint16(b, uint16(depth)), uint16(mode))
	b = append(be.AppendUint32(b, uint32(len(palette))), palette...)
	b = append(be.AppendUint32(b, uint32(len(resources))), resources...)
	if layers == "" {
		layers = "\x00\x00\x00\x00"
	}
	return append(append(append(b, layers...), 0, 0), rows...)
}

// TestCraftedPSD: no header makes the reader of composites, which runs in the server's own process, panic.
func TestCraftedPSD(t *testing.T) {
	e := engine(t, sandbox.Options{})
	for name, file := range map[string][]byte{
		"palette of 16 bits": crafted(2, 16, 1, 1, 1, "", "", "", 0, 0),
		"bitmap of 8 bits":   crafted(0, 8, 1, 1, 1, "", "", "", 0),
		"Lab without numbers": crafted(9, 32, 3, 1, 1, "", "", "", 0x7f, 0xc0, 0, 0, 0x7f, 0xc0, 0, 0, 0x7f, 0xc0, 0,
			0),
	} {
		if _, _, err := render(t.Context(), e, file, 1); dam.CodeOf(err) != dam.Unsupported {
			t.Errorf("%s: %v", name, err)
		}
	}
	// What has no pixels with transparency is opaque, whatever the layers say.
	palette := bytes.Repeat([]byte{0}, 768)
	palette[512] = 255 // the first colour is blue
	for name, c := range map[string]struct {
		file []byte
		show color.RGBA
	}{
		"bitmap":  {crafted(0, 1, 2, 1, 1, "", "", saysTransparent, 0, 0), color.RGBA{255, 255, 255, 255}},
		"palette": {crafted(2, 8, 2, 1, 1, string(palette), "", saysTransparent, 0, 0), blue},
	} {
		m, _, err := render(t.Context(), e, c.file, 1)
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
	for name, file := range map[string][]byte{
		"resources": crafted(3, 8, 3, 1, 1, "", many, "", 0, 0, 255),
		"layers":    crafted(3, 8, 3, 1, 1, "", "", layers, 0, 0, 255),
	} {
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
