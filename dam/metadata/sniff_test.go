package metadata

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"testing"

	"vitrine/dam"
)

// tiffHead is a TIFF structure with the entries tag → value, and the maker's name.
func tiffHead(order binary.AppendByteOrder, mark, maker string, entries ...[2]uint32) []byte {
	b := order.AppendUint32([]byte(mark), 8)
	n := uint16(len(entries))
	if maker != "" {
		n++
	}
	b = order.AppendUint16(b, n)
	entry := func(tag uint16, value []byte) {
		b = order.AppendUint16(order.AppendUint16(b, tag), 4)
		b = append(order.AppendUint32(b, 1), value...)
	}
	for _, e := range entries {
		value := order.AppendUint32(nil, e[1])
		if e[0] == 0x0103 { // a SHORT lies at the front of its field
			value = append(order.AppendUint16(nil, uint16(e[1])), 0, 0)
		}
		entry(uint16(e[0]), value)
	}
	if maker != "" {
		entry(0x010f, order.AppendUint32(nil, uint32(len(b)+12+4)))
		b = append(b, 0, 0, 0, 0)
		b = append(b, maker+"\x00"...)
	}
	return append(b, make([]byte, 64)...)
}

func zipWith(t *testing.T, names ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, n := range names {
		if _, err := z.Create(n); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestSniff(t *testing.T) {
	le, be := binary.LittleEndian, binary.BigEndian
	ftyp := func(brands string) []byte {
		b := be.AppendUint32(nil, uint32(8+len(brands)))
		return append(append(append(b, "ftyp"...), brands...), make([]byte, 40)...)
	}
	files := pictures(t, allFormats())
	for _, c := range []struct {
		what string
		head []byte
		want string
		kind dam.Kind
	}{
		{"JPEG", files["jpeg"], "image/jpeg", dam.KindImage},
		{"PNG", files["png"], "image/png", dam.KindImage},
		{"animated PNG", append(bytes.Clone(files["png"][:33]),
			"\x00\x00\x00\x08acTL\x00\x00\x00\x02\x00\x00\x00\x00abcd"...), "image/png", dam.KindImage},
		{"WebP", files["webp"], "image/webp", dam.KindImage},
		{"TIFF", files["tiff"], "image/tiff", dam.KindImage},
		{"GIF", []byte("GIF89a\x01\x00\x01\x00\x00\x00\x00"), "image/gif", dam.KindImage},
		{"BMP", append([]byte("BM\x3a\x00\x00\x00\x00\x00\x00\x00\x36\x00\x00\x00\x28\x00\x00\x00"),
			make([]byte, 40)...), "image/bmp", dam.KindImage},
		{"BMP of OS/2", []byte("BM\x9a\x28\x00\x00\x00\x00\x00\x00\x1a\x03\x00\x00\x0c\x00\x00\x00\x78\x00\x50\x00" +
			"\x01\x00\x08\x00\x00\x00"), "image/bmp", dam.KindImage},
		{"HEIC", ftyp("heic\x00\x00\x00\x00mif1heic"), "image/heic", dam.KindImage},
		{"AVIF", ftyp("avif\x00\x00\x00\x00avifmif1"), "image/avif", dam.KindImage},
		{"PSD", []byte("8BPS\x00\x01\x00\x00\x00\x00\x00\x00\x00\x03"), "image/vnd.adobe.photoshop", dam.KindImage},
		{"CR2", append([]byte("II*\x00\x10\x00\x00\x00CR\x02\x00"), make([]byte, 64)...), "image/x-canon-cr2",
			dam.KindImage},
		{"CR3", ftyp("crx \x00\x00\x00\x01crx isom"), "image/x-canon-cr3", dam.KindImage},
		{"RAF", []byte("FUJIFILMCCD-RAW 0201FF"), "image/x-fuji-raf", dam.KindImage},
		{"RW2", append([]byte("IIU\x00\x18\x00\x00\x00"), make([]byte, 32)...), "image/x-panasonic-rw2", dam.KindImage},
		{"ORF", append([]byte("IIRO\x08\x00\x00\x00"), make([]byte, 32)...), "image/x-olympus-orf", dam.KindImage},
		{"DNG", tiffHead(le, "II*\x00", "Google", [2]uint32{0xfe, 1}, [2]uint32{0xc612, 0x00000401}),
			"image/x-adobe-dng", dam.KindImage},
		{"NEF", tiffHead(be, "MM\x00*", "NIKON CORPORATION", [2]uint32{0xfe, 1}, [2]uint32{0x14a, 99}),
			"image/x-nikon-nef", dam.KindImage},
		{"ARW", tiffHead(le, "II*\x00", "SONY", [2]uint32{0xfe, 1}, [2]uint32{0x14a, 99}), "image/x-sony-arw",
			dam.KindImage},
		{"PEF", tiffHead(be, "MM\x00*", "PENTAX Corporation", [2]uint32{0x103, 0xffff}), "image/x-pentax-pef",
			dam.KindImage},
		{"a scan made by a camera maker", tiffHead(le, "II*\x00", "NIKON CORPORATION", [2]uint32{0x100, 10},
			[2]uint32{0x103, 1}), "image/tiff", dam.KindImage},
		{"MP4", ftyp("isom\x00\x00\x02\x00isommp41"), "video/mp4", dam.KindVideo},
		{"MOV", ftyp("qt  \x00\x00\x00\x00qt  "), "video/quicktime", dam.KindVideo},
		{"WebM",
			[]byte(
				"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\xf7\x81\x01\x42\xf2\x81\x04\x42\xf3\x81\x08\x42\x82\x84webm" +
					"\x42\x87\x81\x04"), "video/webm", dam.KindVideo},
		{"MP3", append([]byte("\xff\xfb\x90\x64"), make([]byte, 64)...), "audio/mpeg", dam.KindAudio},
		{"WAV", []byte("RIFF\x24\x00\x00\x00WAVEfmt \x10\x00\x00\x00"), "audio/wav", dam.KindAudio},
		{"PDF", []byte("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"), "application/pdf", dam.KindDocument},
		{"Word", zipWith(t, "[Content_Types].xml", "_rels/.rels", "word/document.xml"),
			"application/vnd.openxmlformats-officedocument.wordprocessingml.document", dam.KindDocument},
		{"Excel", zipWith(t, "[Content_Types].xml", "_rels/.rels", "xl/workbook.xml"),
			"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", dam.KindDocument},
		{"InDesign", append([]byte("\x06\x06\xed\xf5\xd8\x1d\x46\xe5\xbd\x31\xef\xe7\xfe\x74\xb7\x1d"), "DOCUMENT"...),
			"application/vnd.adobe.indesign", dam.KindDocument},
		{"text", []byte("a plain note\n"), "text/plain", dam.KindDocument},
		{"ZIP", zipWith(t, "a.bin"), "application/zip", dam.KindOther},
		{"SVG", []byte(`<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>`), "image/svg+xml",
			dam.KindImage},
		{"HTML", []byte("<!DOCTYPE html><html><script>alert(1)</script></html>"), "text/html", dam.KindOther},
		{"HTML that calls itself a picture", []byte("\n <html><img src=a.jpg></html>"), "text/html", dam.KindOther},
		{"noise", []byte{0, 1, 2, 3, 0xfe, 0xff, 0x80}, "application/octet-stream", dam.KindOther},
		{"a TIFF mark alone", []byte("II*\x00"), "image/tiff", dam.KindImage},
		{"a directory past the end", []byte("MM\x00*\xff\xff\xff\xff"), "image/tiff", dam.KindImage},
	} {
		mediaType, kind := Sniff(c.head)
		if mediaType != c.want || kind != c.kind {
			t.Errorf("%s: %s, %s; want %s, %s", c.what, mediaType, kind, c.want, c.kind)
		}
	}
	// No length of head may trip it.
	for _, whole := range [][]byte{
		tiffHead(le, "II*\x00", "SONY", [2]uint32{0xfe, 1}, [2]uint32{0x14a, 99}),
		tiffHead(be, "MM\x00*", "PENTAX", [2]uint32{0x103, 0xffff}),
	} {
		for n := range whole {
			if _, kind := Sniff(whole[:n]); n >= 8 && kind != dam.KindImage {
				t.Errorf("the first %d bytes are %s", n, kind)
			}
		}
	}
}
