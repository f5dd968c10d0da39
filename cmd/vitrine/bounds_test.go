package main

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"hash/crc32"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"vitrine/dam"
)

// wordy is a small PNG whose compressed XMP packet says a great deal.
func wordy(t *testing.T, width int, title string, keywords int) []byte {
	t.Helper()
	var xmp strings.Builder
	xmp.WriteString(
		`<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title><rdf:Alt><rdf:li xml:lang="x-default">`)
	xmp.WriteString(title)
	xmp.WriteString(`</rdf:li></rdf:Alt></dc:title><dc:subject><rdf:Bag>`)
	for i := range keywords {
		xmp.WriteString("<rdf:li>keyword " + strings.Repeat("x", i%400) + "</rdf:li>")
	}
	xmp.WriteString(`</rdf:Bag></dc:subject><dc:creator><rdf:Seq><rdf:li>` + strings.Repeat("Ada ", 5000) +
		`</rdf:li></rdf:Seq></dc:creator></rdf:Description></rdf:RDF></x:xmpmeta>`)
	var packed bytes.Buffer
	z := zlib.NewWriter(&packed)
	if _, err := z.Write([]byte(xmp.String())); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	chunk := append([]byte("iTXtXML:com.adobe.xmp\x00\x01\x00\x00\x00"), packed.Bytes()...)
	b := blank(t, width, 40)
	const behind = 8 + 25 // the signature and IHDR
	var out bytes.Buffer
	out.Write(b[:behind])
	_ = binary.Write(&out, binary.BigEndian, uint32(len(chunk)-4)) // to memory
	out.Write(chunk)
	_ = binary.Write(&out, binary.BigEndian, crc32.ChecksumIEEE(chunk))
	out.Write(b[behind:])
	return out.Bytes()
}

// What a file says of itself is cut to what an asset may hold: a few kilobytes of a
// picture do not make megabytes of every list that it is in.
func TestEmbeddedTextIsBounded(t *testing.T) {
	h := newHouse(t)
	dir := t.TempDir()
	picture := wordy(t, 40, strings.Repeat("椅", 900_000), 2000)
	if len(picture) > 50<<10 {
		t.Fatalf("the picture has %d bytes", len(picture))
	}
	write(t, filepath.Join(dir, "a.png"), picture)
	write(t, filepath.Join(dir, "b.png"), wordy(t, 41, "naïve \u009bchair&#x85;\u200b", 3))
	status, lines, diagnostics := h.imports(h.server.URL, dir)
	if status != 0 {
		t.Fatal(diagnostics)
	}
	a := h.asset(lines["a.png"].Asset)
	if n := utf8.RuneCountInString(a.Title["en"]); n != dam.MaxText {
		t.Errorf("a title of %d characters", n)
	}
	if len(a.Tags) == 0 || len(a.Tags) > dam.MaxTags || utf8.RuneCountInString(a.Creator) > dam.MaxCreator {
		t.Errorf("%d tags, a creator of %d bytes", len(a.Tags), len(a.Creator))
	}
	for _, tag := range a.Tags {
		if utf8.RuneCountInString(tag) > dam.MaxTag {
			t.Errorf("a tag of %d bytes", len(tag))
		}
	}
	if b := h.asset(lines["b.png"].Asset); b.Title["en"] != "naïve chair\u200b" {
		t.Errorf("the title is %q", b.Title["en"])
	}
	// What the server keeps is for nobody else on the machine.
	err := filepath.WalkDir(h.data, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err == nil && info.Mode().Perm()&0o077 != 0 && info.Mode().IsRegular() {
			t.Errorf("%s has the mode %v", strings.TrimPrefix(path, h.data), info.Mode())
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}
