package metadata

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"unicode/utf16"

	"vitrine/dam"
	"vitrine/dam/reasons"
)

// beside is a sidecar as exiftool writes it.
func beside(t *testing.T, tags ...string) []byte {
	t.Helper()
	empty := []byte(`<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF ` +
		`xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"></rdf:RDF></x:xmpmeta>`)
	return tagged(t, "a.xmp", empty, tags...)
}

// What a sidecar says wins, field by field; what it is silent about, and what the camera alone knows, is the file's.
func TestSidecarWins(t *testing.T) {
	file := picture(t, "jpeg", "-XMP-dc:Title=Old", "-XMP-dc:Title-fr=Vieux", "-IPTC:ObjectName=Old",
		"-XMP-dc:Creator=Ann", "-XMP-dc:Subject=old", "-IPTC:Keywords=old", "-XMP-xmp:Rating=2",
		"-XMP-photoshop:DateCreated=2020:01:01 10:00:00", "-GPS:GPSLatitude=1", "-GPS:GPSLatitudeRef=N",
		"-GPS:GPSLongitude=1", "-GPS:GPSLongitudeRef=E", "-IFD0:Orientation#=6", "-IFD0:Model=Camera")
	packet := beside(t, "-XMP-dc:Title=New", "-XMP-dc:Subject=one", "-XMP-dc:Subject=two",
		"-XMP-exif:DateTimeOriginal=2024:05:06 07:08:09+02:00", "-XMP-exif:GPSLatitude=48.8584",
		"-XMP-exif:GPSLongitude=2.2945", "-XMP-tiff:Orientation#=3", "-XMP-dc:Rights=© New")
	m, err := Reader{}.ReadWithSidecar(t.Context(), bytes.NewReader(file), "image/jpeg", packet)
	if err != nil || m.Place == nil || !near(m.Place.Lat, 48.8584) || !near(m.Place.Lon, 2.2945) {
		t.Fatalf("place %+v, %v", m.Place, err)
	}
	m.Place = nil
	if want := (dam.Metadata{Title: dam.Text{"": "New"}, Keywords: []string{"one", "two"}, Creator: "Ann",
		Copyright: "© New", Rating: 2, Captured: &dam.Capture{Wall: "2024-05-06T07:08:09", Offset: "+02:00"},
		Orientation: 6, Camera: "Camera"}); !reflect.DeepEqual(m, want) {
		t.Errorf("read as %+v, want %+v", m, want)
	}
	// Types that carry nothing themselves have what their sidecar says.
	if m, err := (Reader{}).ReadWithSidecar(t.Context(), strings.NewReader("<svg/>"), "image/svg+xml",
		packet); err != nil || m.Title[""] != "New" || m.Incomplete {
		t.Errorf("a drawing: %+v %v", m, err)
	}
	// UTF-16 with its mark, as some programs write.
	wide := []byte{0xff, 0xfe}
	for _, u := range utf16.Encode([]rune(string(packet))) {
		wide = binary.LittleEndian.AppendUint16(wide, u)
	}
	for name, p := range map[string][]byte{"UTF-16": wide, "UTF-16 without a mark": wide[2:],
		"a byte order mark": append([]byte("\xef\xbb\xbf"), packet...)} {
		if m, err := (Reader{}).ReadWithSidecar(t.Context(), strings.NewReader(""), "image/svg+xml",
			p); err != nil || m.Title[""] != "New" || m.Copyright != "© New" {
			t.Errorf("%s: %+v %v", name, m, err)
		}
	}
}

// Hostile and broken sidecars are refused by name.
func TestSidecarRefused(t *testing.T) {
	good := string(beside(t, "-XMP-dc:Title=New"))
	bomb := `<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;">]>` + good
	deep := strings.Replace(good, "</rdf:RDF>", strings.Repeat("<rdf:a>", 100_000)+"</rdf:RDF>", 1)
	for name, c := range map[string]struct{ packet, code string }{
		"entities":    {bomb, reasons.CodeSidecarWithDoctype},
		"deep":        {deep, reasons.CodeSidecarDamaged},
		"cut off":     {good[:len(good)/2], reasons.CodeSidecarDamaged},
		"a picture":   {string(picture(t, "jpeg")), reasons.CodeSidecarNotXmp},
		"plain XML":   {"<a/>", reasons.CodeSidecarNotXmp},
		"100 MB":      {strings.Repeat(" ", 100<<20), reasons.CodeSidecarTooLarge},
		"over a byte": {good + strings.Repeat(" ", dam.MaxSidecar+1-len(good)), reasons.CodeSidecarTooLarge},
	} {
		_, err := Reader{}.ReadWithSidecar(t.Context(), strings.NewReader(""), "image/jpeg", []byte(c.packet))
		var e *dam.Error
		if !errors.As(err, &e) || !e.Why().Is(c.code) || e.Why().Advice() == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := (Reader{}).ReadWithSidecar(t.Context(), strings.NewReader(""), "image/svg+xml",
		[]byte(good+strings.Repeat(" ", dam.MaxSidecar-len(good)))); err != nil {
		t.Errorf("as large as may be: %v", err)
	}
}

// Every element of a packet has its whole namespace, which must not be copied for each.
func TestLongNamespaces(t *testing.T) {
	var b strings.Builder
	b.WriteString(`<rdf:RDF xmlns:rdf="` + nsRDF + `"><rdf:Description xmlns:dc="` + nsDC + `" xmlns="` +
		strings.Repeat("n", 1<<20) + `"><dc:source>here</dc:source>`)
	for i := range 2000 {
		fmt.Fprintf(&b, "<a%d>x</a%d>", i, i)
	}
	b.WriteString("</rdf:Description></rdf:RDF>")
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	props, err := parseXMP(strings.NewReader(b.String()))
	runtime.ReadMemStats(&after)
	if err != nil || len(props[nsDC+"source"]) != 1 {
		t.Errorf("%v %v", props, err)
	}
	if n := after.TotalAlloc - before.TotalAlloc; n > 100<<20 {
		t.Errorf("%d MB were allocated for %d bytes", n>>20, b.Len())
	}
}
