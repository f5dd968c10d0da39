package metadata

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"io"
	"strings"
	"unicode/utf16"
)

const (
	svgType = "image/svg+xml"
	// SVGZType is an SVG under gzip, as graphics programs write it.
	SVGZType = "image/svg+xml-compressed"

	svgSpace = "http://www.w3.org/2000/svg"
	// svgHead bounds how much of an SVG may stand before its root element, in bytes.
	svgHead = 1 << 20
)

// svgRoot is what the beginning of a text says about being an SVG.
type svgRoot int

const (
	notSVG svgRoot = iota
	isSVG
	maybeSVG // nothing but comments and declarations so far
)

// xmlRoot tells whether the first element of an XML document is SVG's, whatever stands before it: a byte order mark,
// declarations, a document type with its own entities, comments of any length.
func xmlRoot(head []byte) svgRoot {
	s := xmlText(head)
	marked := false // an element before any declaration may be HTML's
	for {
		s = strings.TrimLeft(s, " \t\r\n\f")
		switch {
		case s == "":
			return maybeIf(marked)
		case strings.HasPrefix(s, "<?"):
			_, rest, ended := strings.Cut(s, "?>")
			if !ended {
				return maybeSVG
			}
			s, marked = rest, true
		case strings.HasPrefix(s, "<!--"):
			_, rest, ended := strings.Cut(s[4:], "-->")
			if !ended {
				return maybeSVG
			}
			s, marked = rest, true
		case len(s) >= 9 && strings.EqualFold(s[:9], "<!DOCTYPE"):
			rest, ended := afterDocType(s[9:])
			if !ended {
				return maybeSVG
			}
			s, marked = rest, true
		case s[0] == '<':
			return svgElement(s[1:])
		default:
			return notSVG
		}
	}
}

func maybeIf(yes bool) svgRoot {
	if yes {
		return maybeSVG
	}
	return notSVG
}

// afterDocType passes over a document type, whose own entities stand in brackets and quotes.
func afterDocType(s string) (rest string, ended bool) {
	depth := 0
	for i := 0; i < len(s); i++ {
		switch c := s[i]; c {
		case '"', '\'':
			n := strings.IndexByte(s[i+1:], c)
			if n < 0 {
				return "", false
			}
			i += n + 1
		case '[':
			depth++
		case ']':
			depth--
		case '<':
			if strings.HasPrefix(s[i:], "<!--") {
				n := strings.Index(s[i+4:], "-->")
				if n < 0 {
					return "", false
				}
				i += n + 6
			}
		case '>':
			if depth <= 0 {
				return s[i+1:], true
			}
		}
	}
	return "", false
}

// svgElement tells whether a tag, without its bracket, is SVG's root: svg, or a prefix for SVG's namespace before it.
func svgElement(s string) svgRoot {
	end := strings.IndexAny(s, " \t\r\n\f/>")
	if end < 0 {
		return notSVG
	}
	prefix, local, prefixed := strings.Cut(s[:end], ":")
	if !prefixed {
		return yes(prefix == "svg")
	}
	tag, _, _ := strings.Cut(s, ">")
	_, value, found := strings.Cut(tag, "xmlns:"+prefix)
	value = strings.TrimLeft(strings.TrimPrefix(strings.TrimLeft(value, " \t\r\n"), "="), " \t\r\n\"'")
	return yes(local == "svg" && found && (strings.HasPrefix(value, svgSpace) || strings.HasPrefix(value, "&")))
}

func yes(is bool) svgRoot {
	if is {
		return isSVG
	}
	return notSVG
}

// xmlText is the beginning of a document as text: UTF-16 by its mark or by its first bracket, else as it is.
func xmlText(b []byte) string {
	var order binary.ByteOrder
	switch {
	case bytes.HasPrefix(b, []byte("\xef\xbb\xbf")):
		return string(b[3:])
	case bytes.HasPrefix(b, []byte("\xff\xfe")):
		order, b = binary.LittleEndian, b[2:]
	case bytes.HasPrefix(b, []byte("\xfe\xff")):
		order, b = binary.BigEndian, b[2:]
	case bytes.HasPrefix(b, []byte("<\x00")):
		order = binary.LittleEndian
	case bytes.HasPrefix(b, []byte("\x00<")):
		order = binary.BigEndian
	default:
		return string(b)
	}
	units := make([]uint16, len(b)/2)
	for i := range units {
		units[i] = order.Uint16(b[2*i:])
	}
	return string(utf16.Decode(units))
}

// gzipped tells whether a gzip's content begins as an SVG does.
func gzippedSVG(head []byte) bool {
	if !bytes.HasPrefix(head, []byte("\x1f\x8b\x08")) {
		return false
	}
	z, err := gzip.NewReader(bytes.NewReader(head))
	if err != nil {
		return false
	}
	text := make([]byte, svgHead)
	n, _ := io.ReadFull(z, text) // the end may be past the head
	return xmlRoot(text[:n]) == isSVG
}
