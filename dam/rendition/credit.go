package rendition

import (
	"bytes"
	"encoding/binary"
	"encoding/xml"
	"errors"
	"hash/crc32"
	"strings"

	"vitrine/dam"
)

// write puts the credit into an encoded picture that has no metadata yet. w and h are its pixels.
func (c Credit) write(b []byte, f dam.Format, w, h int) ([]byte, error) {
	if c == (Credit{}) {
		return b, nil
	}
	packet := c.xmp()
	switch f {
	case dam.JPEG:
		if len(b) < 2 || b[0] != 0xff || b[1] != 0xd8 {
			break
		}
		at := 2
		if len(b) > 6 && b[2] == 0xff && b[3] == 0xe0 { // the JFIF segment stays first
			at += 2 + int(binary.BigEndian.Uint16(b[4:]))
		}
		body := append([]byte("http://ns.adobe.com/xap/1.0/\x00"), packet...)
		segment := binary.BigEndian.AppendUint16([]byte{0xff, 0xe1}, uint16(len(body)+2))
		if len(body)+2 > 0xffff || at > len(b) {
			break
		}
		return bytes.Join([][]byte{b[:at], segment, body, b[at:]}, nil), nil
	case dam.PNG:
		const head = 8 + 25 // signature and IHDR
		if len(b) < head {
			break
		}
		body := append([]byte("iTXtXML:com.adobe.xmp\x00\x00\x00\x00\x00"), packet...)
		chunk := append(binary.BigEndian.AppendUint32(nil, uint32(len(body)-4)), body...)
		chunk = binary.BigEndian.AppendUint32(chunk, crc32.ChecksumIEEE(body))
		return bytes.Join([][]byte{b[:head], chunk, b[head:]}, nil), nil
	case dam.WebP:
		return webpXMP(b, packet, w, h)
	case dam.AVIF:
		return avifXMP(b, packet)
	}
	return nil, errors.New("the encoder's output has no place for a credit")
}

// xmp is the packet: Dublin Core, which IPTC's schema uses for both.
func (c Credit) xmp() []byte {
	text := func(s string) string {
		var b strings.Builder
		_ = xml.EscapeText(&b, []byte(cut(s, 4000))) // a strings.Builder takes everything
		return b.String()
	}
	var b strings.Builder
	b.WriteString("<?xpacket begin=\"\ufeff\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?><x:xmpmeta xmlns:x=\"adobe:ns:meta/\">" +
		`<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/">`)
	if c.Creator != "" {
		b.WriteString("<dc:creator><rdf:Seq><rdf:li>" + text(c.Creator) + "</rdf:li></rdf:Seq></dc:creator>")
	}
	if c.Copyright != "" {
		b.WriteString(`<dc:rights><rdf:Alt><rdf:li xml:lang="x-default">` + text(c.Copyright) +
			"</rdf:li></rdf:Alt></dc:rights>")
	}
	b.WriteString("</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end=\"r\"?>")
	return []byte(b.String())
}

// cut keeps a text inside one JPEG segment.
func cut(s string, runes int) string {
	n := 0
	for i := range s {
		if n++; n > runes {
			return s[:i]
		}
	}
	return s
}

// webpXMP adds the chunk at the end, and says so in the extended header.
func webpXMP(b, packet []byte, w, h int) ([]byte, error) {
	if len(b) < 21 || string(b[8:12]) != "WEBP" {
		return nil, errors.New("not a WebP")
	}
	const hasXMP, hasAlpha = 0x04, 0x10
	var head, rest []byte
	switch string(b[12:16]) {
	case "VP8X":
		head, rest = bytes.Clone(b[12:30]), b[30:]
	default:
		head = append([]byte("VP8X\x0a\x00\x00\x00\x00\x00\x00\x00"), le24(w-1)...)
		head = append(head, le24(h-1)...)
		if string(b[12:16]) == "VP8L" && len(b) > 24 && b[24]&0x10 != 0 {
			head[8] |= hasAlpha
		}
		rest = b[12:]
	}
	head[8] |= hasXMP
	out := append(append(append([]byte(nil), b[:12]...), head...), rest...)
	out = append(binary.LittleEndian.AppendUint32(append(out, "XMP "...), uint32(len(packet))), packet...)
	if len(packet)&1 != 0 {
		out = append(out, 0)
	}
	binary.LittleEndian.PutUint32(out[4:], uint32(len(out)-8))
	return out, nil
}

func le24(v int) []byte { return []byte{byte(v), byte(v >> 8), byte(v >> 16)} }
