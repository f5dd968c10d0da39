package metadata

import (
	"bytes"
	"context"
	"io"
	"maps"
	"strings"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"

	"vitrine/dam"
	"vitrine/dam/reasons"
)

// sidecarTags reads a sidecar. It refuses what is none, and hostile ones: entities and document types have no place in
// XMP.
func sidecarTags(packet []byte) (tags, error) {
	if len(packet) == 0 {
		return nil, nil
	}
	refuse := func(code dam.Code, why reasons.Reason, err error) (tags, error) {
		return nil, &dam.Error{Code: code, Field: "sidecar", Reason: why, Err: err}
	}
	if len(packet) > dam.MaxSidecar {
		return refuse(dam.TooLarge, reasons.SidecarTooLarge(dam.MaxSidecar>>20), nil)
	}
	text, err := utf8Of(packet)
	if err != nil {
		return refuse(dam.Invalid, reasons.SidecarDamaged(), err)
	}
	if !bytes.Contains(text, []byte(nsRDF)) {
		return refuse(dam.Invalid, reasons.SidecarNotXmp(), nil)
	}
	if head := bytes.ToUpper(text); bytes.Contains(head, []byte("<!DOCTYPE")) ||
		bytes.Contains(head, []byte("<!ENTITY")) {
		return refuse(dam.Invalid, reasons.SidecarWithDoctype(), nil)
	}
	props, err := parseXMP(bytes.NewReader(text))
	if err != nil {
		return refuse(dam.Invalid, reasons.SidecarDamaged(), err)
	}
	n := &native{tags: tags{}}
	n.takeXMP(props)
	return n.tags, nil
}

// utf8Of reads the encodings that XMP may have, with a byte order mark or without.
func utf8Of(packet []byte) ([]byte, error) {
	var of encoding.Encoding = unicode.UTF8
	switch {
	case bytes.HasPrefix(packet, []byte("<\x00")):
		of = unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM)
	case bytes.HasPrefix(packet, []byte("\x00<")):
		of = unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM)
	}
	text, _, err := transform.Bytes(unicode.BOMOverride(of.NewDecoder()), packet)
	return text, err
}

// over puts what a sidecar says over what its picture says: a field that the sidecar has is the sidecar's. Facts that
// the camera alone knows stay the picture's where it has them, since EXIF comes first there.
func (t tags) over(sidecar tags) tags {
	if len(sidecar) == 0 {
		return t
	}
	out := maps.Clone(t)
	if out == nil {
		out = tags{}
	}
	of := func(name string, tag string) bool { return name == tag || strings.HasPrefix(name, tag+"-") }
	for _, f := range table {
		said := false
		for _, tag := range f.tags {
			for name := range sidecar {
				said = said || of(name, tag.name)
			}
		}
		if !said {
			continue
		}
		for _, tag := range f.tags {
			for name := range t {
				if strings.HasPrefix(name, "XMP-") && of(name, tag.name) {
					delete(out, name)
				}
			}
		}
	}
	maps.Copy(out, sidecar)
	return out
}

// Sidecar reads what an XMP sidecar says by itself. It refuses those that ReadWithSidecar does.
func Sidecar(packet []byte) (dam.Metadata, error) {
	side, err := sidecarTags(packet)
	if err != nil {
		return dam.Metadata{}, err
	}
	m, _ := merge(side) // what is of an unexpected kind has filled nothing either
	return m.Bounded(), nil
}

// ReadWithSidecar is Read of a file that an XMP sidecar stands beside; nil is none. What can't be read is said by
// Incomplete; only a context that ends is an error.
func (rd Reader) ReadWithSidecar(ctx context.Context, r io.ReadSeeker, mediaType string, packet []byte) (dam.Metadata,
	error) {
	side, err := sidecarTags(packet)
	if err != nil { // it was checked when it came
		return dam.Metadata{}, err
	}
	m, _ := rd.read(ctx, r, mediaType, side)
	return m, ctx.Err()
}
