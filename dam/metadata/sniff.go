package metadata

import (
	"bytes"
	"encoding/binary"
	"strings"

	"github.com/gabriel-vasile/mimetype"

	"vitrine/dam"
)

// SniffLen is how many bytes of a file's head Sniff can make use of.
const SniffLen = identifyHead

// Sniff says what a file is by its first bytes (SniffLen of them, or the whole of a
// shorter file), never by its name; Identify reads further where they don't tell. Unknown bytes are
// application/octet-stream. Markup a browser would run (HTML, scripts, XML) is KindOther; SVG is a picture, of which
// only what was drawn of it is ever shown: served as it is it could run scripts.
func Sniff(head []byte) (mediaType string, kind dam.Kind) {
	mediaType = raw(head)
	if mediaType == "" {
		mediaType, _, _ = strings.Cut(mimetype.Detect(head).String(), ";")
		switch mediaType {
		case "image/vnd.mozilla.apng", "image/apng":
			mediaType = "image/png" // an animated PNG is a PNG to every reader
		case "image/x-icon":
			if len(head) < 6 || head[4] == 0 && head[5] == 0 { // of no pictures: a TGA begins so
				mediaType = "application/octet-stream"
			}
		case "application/gzip":
			if gzippedSVG(head) {
				mediaType = SVGZType
			}
		}
		if strings.HasPrefix(mediaType, "text/") || mediaType == svgType || mediaType == "application/octet-stream" {
			if xmlRoot(head) == isSVG {
				mediaType = svgType
			}
		}
	}
	return mediaType, kindOf(mediaType)
}

func kindOf(mediaType string) dam.Kind {
	switch mediaType {
	case "image/vnd.dwg", "image/vnd.dxf":
		return dam.KindOther
	case EPSType:
		return dam.KindImage
	case "application/pdf", "application/postscript", "application/rtf", "text/rtf", "text/plain", "text/csv",
		"text/tab-separated-values", "text/markdown",
		"application/msword", "application/vnd.ms-excel", "application/vnd.ms-powerpoint", "application/epub+zip",
		"application/vnd.adobe.indesign", "application/vnd.visio",
		"image/vnd.djvu":
		return dam.KindDocument
	case "application/ogg":
		return dam.KindAudio
	}
	family, _, _ := strings.Cut(mediaType, "/")
	switch {
	case family == "image":
		return dam.KindImage
	case family == "video":
		return dam.KindVideo
	case family == "audio":
		return dam.KindAudio
	case strings.HasPrefix(mediaType, "application/vnd.openxmlformats-officedocument."),
		strings.HasPrefix(mediaType, "application/vnd.oasis.opendocument."):
		return dam.KindDocument
	}
	return dam.KindOther
}

// raw knows the cameras' raw formats and InDesign, which mimetype takes for TIFF or for nothing; "" for all else.
func raw(head []byte) string {
	has := func(at int, s string) bool { return len(head) >= at+len(s) && string(head[at:at+len(s)]) == s }
	switch {
	case has(0, "%!PS"), has(0, "\xc5\xd0\xd3\xc6"), has(0, "\x04%!PS"):
		return postscript(head)
	case has(0, "II+\x00\x08\x00\x00\x00"), has(0, "MM\x00+\x00\x08\x00\x00"):
		return "image/tiff" // of more than 4 GiB, or of a program that writes all as if
	case has(0, "\x76\x2f\x31\x01"):
		return "image/x-exr"
	case has(0, "BM") && has(14, "\x0c\x00\x00\x00") && has(22, "\x01\x00"): // of OS/2 and Windows 2, in one plane
		return "image/bmp"
	case has(0, "\xff\x4f\xff\x51\x00"):
		return "image/x-jp2-codestream"
	case has(0, "DDS \x7c\x00\x00\x00"):
		return "image/vnd-ms.dds"
	case has(0, "RF64") && has(8, "WAVE"), has(0, "BW64") && has(8, "WAVE"):
		return "audio/wav"
	case (has(0, "PF\n") || has(0, "Pf\n")) && len(head) > 3 && head[3] >= '0' && head[3] <= '9':
		return "image/x-portable-floatmap"
	case len(head) > 3 && head[0] == 'P' && head[1] >= '1' && head[1] <= '6' && (head[2] == '\n' || head[2] == '\r' ||
		head[2] == ' ' || head[2] == '\t') && (head[3] >= '0' && head[3] <= '9' || head[3] == '#'):
		return [...]string{"image/x-portable-bitmap", "image/x-portable-graymap",
			"image/x-portable-pixmap"}[(head[1]-'1')%3]
	case has(0, "P7\n") && bytes.Contains(head[:min(len(head), 1<<10)], []byte("ENDHDR\n")):
		return "image/x-portable-arbitrarymap"
	case transport(head):
		return "video/mp2t"
	case has(0, "FUJIFILMCCD-RAW"):
		return "image/x-fuji-raf"
	case has(0, "IIU\x00"):
		return "image/x-panasonic-rw2"
	case has(0, "IIRO"), has(0, "IIRS"), has(0, "MMOR"):
		return "image/x-olympus-orf"
	case has(4, "ftypcrx "):
		return "image/x-canon-cr3"
	case has(0, "\x06\x06\xed\xf5\xd8\x1d\x46\xe5\xbd\x31\xef\xe7\xfe\x74\xb7\x1d"):
		return "application/vnd.adobe.indesign"
	case has(0, "II*\x00") && has(8, "CR\x02"):
		return "image/x-canon-cr2"
	case has(0, "II*\x00"):
		return rawTIFF(head, binary.LittleEndian)
	case has(0, "MM\x00*"):
		return rawTIFF(head, binary.BigEndian)
	}
	return ""
}

// EPSType is a picture in PostScript, Illustrator's of before 2000 included.
const EPSType = "image/x-eps"

// postscript tells a picture, which says where its edges are, from a document to print.
func postscript(head []byte) string {
	if head[0] == 0xc5 { // with a preview around it, which only pictures have
		return EPSType
	}
	line, rest, _ := bytes.Cut(head, []byte("\n"))
	if i := bytes.IndexByte(line, '\r'); i >= 0 {
		line = line[:i]
	}
	if bytes.Contains(line, []byte("EPSF")) ||
		bytes.Contains(rest[:min(len(rest), 4096)], []byte("%%Creator: Adobe Illustrator")) {
		return EPSType
	}
	return "application/postscript"
}

// transport tells an MPEG transport stream, of broadcast or, with four bytes of time before each packet, of cameras
// and Blu-ray: five packets in a row, or as many as there are of a shorter file, at least three.
func transport(head []byte) bool {
	for _, format := range [...]struct{ start, packet int }{{0, 188}, {4, 192}} {
		n := 0
		for n < 5 && format.start+n*format.packet < len(head) && head[format.start+n*format.packet] == 0x47 {
			n++
		}
		if n == 5 || n >= 3 && format.start+n*format.packet >= len(head) {
			return true
		}
	}
	return false
}

// rawTIFF tells a raw file from a picture in a TIFF structure: DNG by its own tag, the makers' by their name
// over a first directory that is only a preview or holds its picture in sub-directories.
func rawTIFF(head []byte, order binary.ByteOrder) string {
	if len(head) < 8 {
		return ""
	}
	at := int64(order.Uint32(head[4:]))
	if at+2 > int64(len(head)) {
		return ""
	}
	n := int(order.Uint16(head[at:]))
	entries := head[at+2:]
	var maker string
	sub := false
	for i := 0; i < n && len(entries) >= 12; i, entries = i+1, entries[12:] {
		value := order.Uint32(entries[8:])
		switch order.Uint16(entries) {
		case 0xc612: // DNGVersion
			return "image/x-adobe-dng"
		case 0x00fe: // NewSubfileType: 1 is a reduced copy
			sub = sub || value&1 != 0
		case 0x014a: // SubIFDs
			sub = true
		case 0x0103: // Compression: 65535 is Pentax's, 32767 Sony's own
			c := order.Uint16(entries[8:])
			sub = sub || c == 0xffff || c == 0x7fff
		case 0x010f: // Make
			if int64(value) < int64(len(head)) {
				maker, _, _ = strings.Cut(string(bytes.ToUpper(head[value:min(int(value)+32, len(head))])), "\x00")
			}
		}
	}
	if !sub {
		return ""
	}
	for prefix, mediaType := range map[string]string{
		"NIKON": "image/x-nikon-nef", "SONY": "image/x-sony-arw", "PENTAX": "image/x-pentax-pef",
		"RICOH": "image/x-pentax-pef",
	} {
		if strings.HasPrefix(maker, prefix) {
			return mediaType
		}
	}
	return ""
}
