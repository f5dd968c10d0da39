package metadata

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"strings"
	"testing"
	"unicode/utf16"

	"vitrine/dam"
)

// utf16Text is a text in UTF-16 with its mark.
func utf16Text(s string, order binary.AppendByteOrder) []byte {
	b := order.AppendUint16(nil, 0xfeff)
	for _, u := range utf16.Encode([]rune(s)) {
		b = order.AppendUint16(b, u)
	}
	return b
}

// zipOf stores entries of a size in a row; the directory is behind them.
func zipOf(t *testing.T, first int, names ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i, n := range names {
		w, err := z.CreateHeader(&zip.FileHeader{Name: n, Method: zip.Store})
		if err != nil {
			t.Fatal(err)
		}
		body := make([]byte, first)
		if i > 0 {
			body = []byte("application/vnd.oasis.opendocument.text")
		}
		if _, err := w.Write(body); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// compound is an Office document of before 2007 with one stream, whose directory is in the last of its sectors.
func compound(stream string, sectors uint32) []byte {
	const sectorSize = 512
	le := binary.LittleEndian
	b := make([]byte, sectorSize*int(sectors+2))
	copy(b, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
	le.PutUint16(b[30:], 9)
	le.PutUint32(b[48:], sectors) // the directory's first sector; the table is sector 0
	for i := range 109 {
		le.PutUint32(b[76+4*i:], ^uint32(0))
	}
	le.PutUint32(b[76:], 0)
	le.PutUint32(b[sectorSize+4*sectors:], 0xfffffffe)
	directory := b[sectorSize*int(sectors+1):]
	for i, name := range []string{"Root Entry", stream} {
		entry := directory[128*i:]
		for k, u := range utf16.Encode([]rune(name)) {
			le.PutUint16(entry[2*k:], u)
		}
		le.PutUint16(entry[64:], uint16(2*len(name)+2))
	}
	return b
}

func box(kind string, parts ...[]byte) []byte {
	body := bytes.Join(parts, nil)
	return append(append(binary.BigEndian.AppendUint32(nil, uint32(8+len(body))), kind...), body...)
}

// mp4 has its tracks behind its samples, as most programs write it first.
func mp4(handlers ...string) []byte {
	var tracks [][]byte
	for _, h := range handlers {
		tracks = append(tracks, box("trak", box("mdia", box("hdlr", make([]byte, 8), []byte(h), make([]byte, 13)))))
	}
	return bytes.Join([][]byte{box("ftyp", []byte("isom\x00\x00\x02\x00isomiso2mp41")),
		box("mdat", make([]byte, 1<<17)),
		box("moov", bytes.Join(tracks, nil))}, nil)
}

func matroska(doctype string, trackTypes ...byte) []byte {
	element := func(id string, body ...byte) []byte { return append(append([]byte(id), 0x80|byte(len(body))), body...) }
	var tracks []byte
	for _, k := range trackTypes {
		tracks = append(tracks, element("\xae", element("\x83", k)...)...)
	}
	head := element("\x1a\x45\xdf\xa3", append([]byte("\x42\x82\x84"), doctype...)...)
	segment := append([]byte("\x18\x53\x80\x67\x01\xff\xff\xff\xff\xff\xff\xff"),
		element("\x16\x54\xae\x6b", tracks...)...)
	return append(append(head, segment...), "\x1f\x43\xb6\x75\x80"...)
}

// matroskaLate has a film's tracks, of which the first bytes hold the sound's only.
func matroskaLate() []byte {
	element := func(id string, body []byte) []byte {
		return append(append([]byte(id), 0x10, byte(len(body)>>16), byte(len(body)>>8), byte(len(body))), body...)
	}
	sound := element("\xae", []byte("\x83\x81\x02"))
	private := element("\xae", append([]byte("\x83\x81\x11"), element("\x63\xa2", make([]byte, identifyHead))...))
	picture := element("\xae", []byte("\x83\x81\x01"))
	return append(element("\x1a\x45\xdf\xa3", []byte("\x42\x82\x88matroska")),
		element("\x18\x53\x80\x67", element("\x16\x54\xae\x6b", bytes.Join([][]byte{sound, private, picture},
			nil)))...)
}

func packets(from, size, n int) []byte {
	b := make([]byte, size*n)
	for i := range n {
		b[from+i*size] = 0x47
	}
	return b
}

// targaOf is a header and that many bytes of pixels.
func targaOf(kind byte, w, h uint16, depth byte, pixels int) []byte {
	b := make([]byte, 18)
	b[2], b[16] = kind, depth
	binary.LittleEndian.PutUint16(b[12:], w)
	binary.LittleEndian.PutUint16(b[14:], h)
	return append(b, bytes.Repeat([]byte{0x7f}, pixels)...)
}

// TestIdentify: what first bytes don't tell.
func TestIdentify(t *testing.T) {
	const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="4" height="2"/>`
	var z bytes.Buffer
	w := gzip.NewWriter(&z)
	_, _ = w.Write([]byte("<!-- a -->" + svg))
	_ = w.Close()
	var page bytes.Buffer
	w = gzip.NewWriter(&page)
	_, _ = w.Write([]byte("<html>" + svg))
	_ = w.Close()
	const docx = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
	long := "<!--" + strings.Repeat("generated ", 9000) + "-->"
	for _, c := range []struct {
		what string
		file []byte
		want string
		kind dam.Kind
	}{
		{"SVG after a comment", []byte("<!-- Generator: some icon editor -->\n" + svg), svgType, dam.KindImage},
		{"SVG after a document type", []byte(`<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "svg11.dtd" [` +
			`<!ENTITY ns "http://www.w3.org/2000/svg"> <!-- > ] -->]>` + svg), svgType, dam.KindImage},
		{"SVG after a mark", []byte("\xef\xbb\xbf" + svg), svgType, dam.KindImage},
		{"SVG after 90 KB of comment", []byte(`<?xml version="1.0"?>` + long + svg), svgType, dam.KindImage},
		{"SVG in UTF-16", utf16Text(`<?xml version="1.0" encoding="UTF-16"?>`+svg, binary.LittleEndian), svgType,
			dam.KindImage},
		{"SVG in UTF-16, the other way", utf16Text(svg, binary.BigEndian), svgType, dam.KindImage},
		{"SVG with a prefix", []byte(`<?xml version="1.0"?><s:svg xmlns:s="http://www.w3.org/2000/svg"/>`), svgType,
			dam.KindImage},
		{"a root of another language by that name", []byte(`<?xml version="1.0"?><s:svg xmlns:s="urn:x"/>`), "text/xml",
			dam.KindOther},
		{"SVGZ", z.Bytes(), SVGZType, dam.KindImage},
		{"a web page under gzip", page.Bytes(), "application/gzip", dam.KindOther},
		{"a web page with a drawing in it", []byte("<!-- a --><html><body>" + svg + "</body></html>"), "text/html",
			dam.KindOther},
		{"Word with its picture first", zipOf(t, 1<<17, "docProps/thumbnail.jpeg", "[Content_Types].xml",
			"word/document.xml"), docx, dam.KindDocument},
		{"PowerPoint", zipOf(t, 9000, "docProps/app.xml", "[Content_Types].xml", "ppt/presentation.xml"),
			"application/vnd.openxmlformats-officedocument.presentationml.presentation", dam.KindDocument},
		{"Word with a folder of Excel's behind", zipOf(t, 9000, "docProps/app.xml", "word/document.xml",
			"[Content_Types].xml", "xl/workbook.xml", "ppt/presentation.xml"), docx, dam.KindDocument},
		{"Excel with a folder of Word's behind", zipOf(t, 9000, "docProps/app.xml", "xl/workbook.xml",
			"[Content_Types].xml", "word/document.xml", "ppt/presentation.xml"),
			"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", dam.KindDocument},
		{"OpenDocument with its picture first", zipOf(t, 9000, "Thumbnails/thumbnail.png", "mimetype"),
			"application/vnd.oasis.opendocument.text", dam.KindDocument},
		{"a plain ZIP", zipOf(t, 9000, "a.jpg", "b.txt"), "application/zip", dam.KindOther},
		{"Word of 1997", compound("WordDocument", 90), "application/msword", dam.KindDocument},
		{"Excel of 1997", compound("Workbook", 2), "application/vnd.ms-excel", dam.KindDocument},
		{"PowerPoint of 1997", compound("PowerPoint Document", 100), "application/vnd.ms-powerpoint",
			dam.KindDocument},
		{"sound in MP4", mp4("soun"), "audio/mp4", dam.KindAudio},
		{"a film in MP4", mp4("soun", "vide"), "video/mp4", dam.KindVideo},
		{"sound in Matroska", matroska("matroska", 2), "audio/matroska", dam.KindAudio},
		{"a film in Matroska", matroska("matroska", 2, 1), "video/matroska", dam.KindVideo},
		{"a film in Matroska whose picture is named late", matroskaLate(), "video/matroska", dam.KindVideo},
		{"sound in WebM", matroska("webm", 2), "audio/webm", dam.KindAudio},
		{"broadcast sound", []byte("RF64\xff\xff\xff\xffWAVEds64"), "audio/wav", dam.KindAudio},
		{"transport stream", packets(0, 188, 9), "video/mp2t", dam.KindVideo},
		{"transport stream of a camera", packets(4, 192, 3), "video/mp2t", dam.KindVideo},
		{"text with a G", []byte("GGGGG"), "text/plain", dam.KindDocument},
		{"ICO", []byte("\x00\x00\x01\x00\x01\x00\x10\x10\x00\x00\x01\x00\x20\x00"), "image/x-icon", dam.KindImage},
		{"PNM", []byte("P6\n4 2\n255\n"), "image/x-portable-pixmap", dam.KindImage},
		{"PNM with its pixels", []byte("P6\n2 1\n255\n\xff\x00\x00\x00\xff\x0a"), "image/x-portable-pixmap",
			dam.KindImage},
		{"PAM", []byte("P7\nWIDTH 1\nHEIGHT 1\nDEPTH 1\nMAXVAL 255\nENDHDR\n\x80"), "image/x-portable-arbitrarymap",
			dam.KindImage},
		{"EXR", []byte("\x76\x2f\x31\x01\x02\x00\x00\x00"), "image/x-exr", dam.KindImage},
		{"EPS", []byte("%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n"), EPSType, dam.KindImage},
		{"EPS with a preview", []byte("\xc5\xd0\xd3\xc6\x20\x00\x00\x00"), EPSType, dam.KindImage},
		{"Illustrator 8", []byte("%!PS-Adobe-3.0 \r\n%%Creator: Adobe Illustrator(R) 8.0\r\n"), EPSType, dam.KindImage},
		{"PostScript", []byte("%!PS-Adobe-3.0\n%%Pages: 3\n"), "application/postscript", dam.KindDocument},
		{"JPEG 2000 codestream", []byte("\xff\x4f\xff\x51\x00\x29"), "image/x-jp2-codestream", dam.KindImage},
		{"JPEG XL", []byte("\xff\x0a\x78\x4c"), "image/jxl", dam.KindImage},
		{"BigTIFF", []byte("II+\x00\x08\x00\x00\x00\x10\x00\x00\x00"), "image/tiff", dam.KindImage},
		{"PSB", []byte("8BPS\x00\x02\x00\x00\x00\x00\x00\x00"), "image/vnd.adobe.photoshop", dam.KindImage},
		{"TGA", targaOf(2, 20, 10, 24, 600), "image/x-tga", dam.KindImage},
		{"TGA in runs", targaOf(10, 20, 10, 24, 40), "image/x-tga", dam.KindImage},
		{"TGA with its mark", append(targaOf(3, 20, 10, 8, 250), "TRUEVISION-XFILE.\x00"...), "image/x-tga",
			dam.KindImage},
		{"what only begins like a TGA", targaOf(2, 20, 10, 24, 599), "application/octet-stream", dam.KindOther},
		{"nothing", nil, "text/plain", dam.KindDocument},
	} {
		mediaType, kind, err := Identify(bytes.NewReader(c.file))
		if err != nil || mediaType != c.want || kind != c.kind {
			t.Errorf("%s: %s, %s, %v; want %s, %s", c.what, mediaType, kind, err, c.want, c.kind)
		}
		// No end in the middle may trip it.
		for n := 0; n < len(c.file) && n < 3000; n += 7 {
			if _, _, err := Identify(bytes.NewReader(c.file[:n])); err != nil {
				t.Errorf("%s, the first %d bytes: %v", c.what, n, err)
			}
		}
	}
}
