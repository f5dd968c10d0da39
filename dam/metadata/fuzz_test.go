package metadata

import (
	"bytes"
	"image"
	"image/jpeg"
	"image/png"
	"maps"
	"slices"
	"strings"
	"testing"

	"vitrine/dam"
)

const packet = `<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:exif="http://ns.adobe.com/exif/1.0/" exif:GPSLatitude="48,51.5N" exif:GPSLongitude="2,17.6E"><dc:title><rdf:Alt><rdf:li xml:lang="x-default">Chair</rdf:li></rdf:Alt></dc:title><dc:subject><rdf:Bag><rdf:li>oak</rdf:li></rdf:Bag></dc:subject></rdf:Description></rdf:RDF></x:xmpmeta>`

// containers are the types whose EXIF, IPTC and XMP are read.
var containers = []string{"image/jpeg", "image/png", "image/webp", "image/tiff", "image/heic", "image/avif",
	"image/x-adobe-dng", "image/x-canon-cr2", "image/x-nikon-nef", "image/x-sony-arw", "image/x-pentax-pef"}

// segment is a JPEG's application segment.
func segment(marker byte, data string) string {
	n := len(data) + 2
	return string([]byte{0xff, marker, byte(n >> 8), byte(n)}) + data
}

// Whatever a file says of itself, reading it ends, takes no more than the file is worth, and gives text that
// a database can store.
func FuzzRead(f *testing.F) {
	picture := image.NewGray(image.Rect(0, 0, 2, 2))
	var j, p bytes.Buffer
	if jpeg.Encode(&j, picture, nil) != nil || png.Encode(&p, picture) != nil {
		f.Fatal("encoding into memory")
	}
	exif :=
		"Exif\x00\x00II*\x00\x08\x00\x00\x00\x02\x00\x0e\x01\x02\x00\x06\x00\x00\x00\x26\x00\x00\x00\x12\x01\x03\x00" +
			"\x01\x00\x00\x00\x06\x00\x00\x00\x00\x00\x00\x00Chair\x00"
	iptc := "Photoshop 3.0\x008BIM\x04\x04\x00\x00\x00\x00\x00\x0d\x1c\x02\x05\x00\x05Chair\x1c\x02\x19"
	body := j.String()[2:]
	for i := range containers {
		f.Add(uint8(i),
			[]byte("\xff\xd8"+segment(0xe1, exif)+segment(0xed, iptc)+segment(0xe1, "http://ns.adobe.com/xap/1.0/\x00"+
				packet)+body))
		f.Add(uint8(i), p.Bytes())
		f.Add(uint8(i), []byte("II*\x00\x08\x00\x00\x00\x01\x00\x00\x01\x04\x00\xff\xff\xff\xff\x10\x00\x00\x00"))
		f.Add(uint8(i),
			[]byte(
				"RIFF\x1e\x00\x00\x00WEBPVP8X\x0a\x00\x00\x00\x0c\x00\x00\x00\x01\x00\x00\x01\x00\x00EXIF\xff\xff\xff"+
					"\xff"))
		f.Add(uint8(i),
			[]byte(
				"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic\x00\x00\x00\x20meta\x00\x00\x00\x00\x00\x00\x00"+
					"\x08iinf"))
	}
	f.Fuzz(func(t *testing.T, container uint8, data []byte) {
		m, _ := Read(bytes.NewReader(data), containers[int(container)%len(containers)])
		texts := append([]string{m.Creator, m.Copyright, m.Camera, m.Lens, m.Exposure, m.Profile}, m.Keywords...)
		for _, s := range []dam.Text{m.Title, m.Description} {
			texts = slices.AppendSeq(texts, maps.Values(s))
		}
		for _, s := range texts {
			if strings.ContainsRune(s, 0) || s != strings.ToValidUTF8(s, "") {
				t.Errorf("the text %q can't be stored", s)
			}
		}
	})
}

// FuzzXMP reads packets alone, which a mutated container seldom reaches.
func FuzzXMP(f *testing.F) {
	f.Add(packet)
	f.Add(strings.Replace(packet, "<x:", `<!DOCTYPE a [<!ENTITY b "c"><!ENTITY d "&b;&b;&b;">]><x:`, 1))
	f.Add(strings.Repeat("<rdf:Description>", 500))
	f.Fuzz(func(t *testing.T, text string) {
		props, _ := parseXMP(strings.NewReader(text))
		var size int
		for name, items := range props {
			size += len(name)
			for _, item := range items {
				size += len(item.lang) + len(item.text)
			}
		}
		if size > 16*len(text)+1024 {
			t.Errorf("%d bytes became %d", len(text), size)
		}
	})
}
