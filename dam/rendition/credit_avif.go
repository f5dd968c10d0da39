package rendition

import (
	"encoding/binary"
	"errors"
)

var errNoRoom = errors.New("the AVIF's structure is not one that a credit can be added to")

// avifXMP adds an item of XMP to an AVIF as encoders write it: ftyp, meta, mdat. The metadata box grows, so the
// offsets it holds are moved; the packet goes into a media box of its own at the end.
func avifXMP(b, packet []byte) ([]byte, error) {
	be := binary.BigEndian
	at := 0
	for at+8 <= len(b) && string(b[at+4:at+8]) != "meta" {
		n := int(be.Uint32(b[at:]))
		if n < 8 {
			return nil, errNoRoom
		}
		at += n
	}
	if at+12 > len(b) {
		return nil, errNoRoom
	}
	size := int(be.Uint32(b[at:]))
	if size < 12 || at+size > len(b) {
		return nil, errNoRoom
	}
	boxes, err := avifBoxes(b[at+12 : at+size])
	if err != nil {
		return nil, err
	}
	id, primary := uint16(0), uint16(0)
	for _, x := range boxes {
		switch x.kind {
		case "pitm":
			if len(x.body) < 6 || x.body[0] != 0 {
				return nil, errNoRoom
			}
			primary = be.Uint16(x.body[4:])
		case "iloc":
			if id, err = lastAvifItem(x.body); err != nil {
				return nil, err
			}
		}
	}
	if id++; primary == 0 || id == 1 {
		return nil, errNoRoom
	}
	const infe = "\x00\x00\x00\x00infe\x02\x00\x00\x01"
	entry := append(be.AppendUint16([]byte(infe), id), "\x00\x00mime\x00application/rdf+xml\x00"...)
	be.PutUint32(entry, uint32(len(entry)))
	link := be.AppendUint16([]byte("\x00\x00\x00\x0ecdsc"), id)
	link = be.AppendUint16(be.AppendUint16(link, 1), primary)

	const located = 16 // bytes of the new item in iloc with 4-byte offsets and lengths
	linked := false
	for i := range boxes {
		x := &boxes[i]
		switch x.kind {
		case "iinf":
			if len(x.body) < 6 || x.body[0] != 0 {
				return nil, errNoRoom
			}
			x.body = append(append([]byte(nil), x.body...), entry...)
			be.PutUint16(x.body[4:], be.Uint16(x.body[4:])+1)
		case "iref":
			if len(x.body) < 4 || x.body[0] != 0 {
				return nil, errNoRoom
			}
			x.body, linked = append(append([]byte(nil), x.body...), link...), true
		}
	}
	if !linked {
		boxes = append(boxes, avifBox{"iref", append(make([]byte, 4), link...)})
	}
	grown := 12
	for _, x := range boxes {
		grown += 8 + len(x.body)
		if x.kind == "iloc" {
			grown += located - 2*int(x.body[0]&1^1) + int(x.body[5]>>4)
		}
	}
	moved := grown - size
	out := append([]byte(nil), b[:at]...)
	out = append(be.AppendUint32(out, uint32(grown)), "meta\x00\x00\x00\x00"...)
	for _, x := range boxes {
		if x.kind == "iloc" {
			if x.body, err = relocateAvif(x.body, moved, at+size, id, len(b)+moved+8, len(packet)); err != nil {
				return nil, err
			}
		}
		out = append(append(be.AppendUint32(out, uint32(8+len(x.body))), x.kind...), x.body...)
	}
	if len(out)-at != grown {
		return nil, errNoRoom
	}
	out = append(out, b[at+size:]...)
	out = append(be.AppendUint32(out, uint32(8+len(packet))), "mdat"...)
	return append(out, packet...), nil
}

type avifBox struct {
	kind string
	body []byte
}

func avifBoxes(b []byte) (list []avifBox, err error) {
	for len(b) > 0 {
		if len(b) < 8 {
			return nil, errNoRoom
		}
		n := int(binary.BigEndian.Uint32(b))
		if n < 8 || n > len(b) {
			return nil, errNoRoom
		}
		list = append(list, avifBox{string(b[4:8]), b[8:n]})
		b = b[n:]
	}
	return list, nil
}

// avifItems walks an iloc of version 0 or 1 with 4-byte offsets and lengths, which is what encoders write; f gets each
// item's id, its base offset (empty when there is none) and its extents, in place.
func avifItems(body []byte, f func(id uint16, base, extents []byte)) error {
	be := binary.BigEndian
	if len(body) < 8 || body[0] > 1 || body[4] != 0x44 || body[5]&^0x40 != 0 {
		return errNoRoom
	}
	wide := int(body[5] >> 4)
	p := body[8:]
	for range be.Uint16(body[6:]) {
		head := 6 + 2*int(body[0]) + wide
		if len(p) < head {
			return errNoRoom
		}
		if body[0] == 1 && be.Uint16(p[2:])&0xf != 0 {
			return errNoRoom // the item is not in the file's own bytes
		}
		n := 8 * int(be.Uint16(p[head-2:]))
		if len(p) < head+n {
			return errNoRoom
		}
		f(be.Uint16(p), p[head-2-wide:head-2], p[head:head+n])
		p = p[head+n:]
	}
	return nil
}

func lastAvifItem(body []byte) (id uint16, err error) {
	err = avifItems(body, func(i uint16, _, _ []byte) { id = max(id, i) })
	return id, err
}

// relocateAvif moves what lies at or after from, and adds the new item's place.
func relocateAvif(body []byte, moved, from int, id uint16, offset, length int) ([]byte, error) {
	be := binary.BigEndian
	body = append([]byte(nil), body...)
	move := func(b []byte) {
		if o := be.Uint32(b); int(o) >= from {
			be.PutUint32(b, o+uint32(moved))
		}
	}
	err := avifItems(body, func(_ uint16, base, extents []byte) {
		if len(base) > 0 && be.Uint32(base) > 0 { // extents count from it
			move(base)
			return
		}
		for e := extents; len(e) > 0; e = e[8:] {
			move(e)
		}
	})
	be.PutUint16(body[6:], be.Uint16(body[6:])+1)
	body = be.AppendUint16(body, id)
	if body[0] == 1 {
		body = be.AppendUint16(body, 0)
	}
	body = append(be.AppendUint16(body, 0), make([]byte, body[5]>>4)...)
	body = be.AppendUint16(body, 1)
	return be.AppendUint32(be.AppendUint32(body, uint32(offset)), uint32(length)), err
}
