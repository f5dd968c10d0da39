//go:build vips && cgo

package vips

import (
	"encoding/binary"
	"io"
)

// light is what the numbers of a HEIF picture (HEIC, AVIF) mean, by the code points of ITU-T H.273.
type light struct{ primaries, transfer int }

// Transfer functions of pictures with a high dynamic range.
const (
	transferPQ  = 16 // SMPTE ST 2084: absolute, up to 10,000 cd/m²
	transferHLG = 18 // ARIB STD-B67: relative to the display
)

// high says that the picture has a high dynamic range and is to be brought down to what sRGB shows.
func (l light) high() bool { return l.transfer == transferPQ || l.transfer == transferHLG }

// maxMeta bounds the metadata box that is looked into, in bytes.
const maxMeta = 4 << 20

// lightOf reads the nclx colour box of a HEIF file's primary picture; zeroes when there is none. Where the picture is
// put together of tiles, those may have it.
func lightOf(src io.ReadSeeker) light {
	meta := metaBox(src)
	if len(meta) < 4 {
		return light{}
	}
	var primary uint32
	var properties, links, references []byte
	for kind, body := range boxes(meta[4:]) {
		switch kind {
		case "pitm":
			r := reader{b: body}
			primary = r.id(r.full()>>24 > 0)
		case "iprp":
			for kind, body := range boxes(body) {
				switch kind {
				case "ipco":
					properties = body
				case "ipma":
					links = body
				}
			}
		case "iref":
			references = body
		}
	}
	if l, ok := itemLight(properties, links, primary); ok {
		return l
	}
	if tile, ok := firstTile(references, primary); ok {
		l, _ := itemLight(properties, links, tile)
		return l
	}
	return light{}
}

// metaBox returns the body of the file's metadata box, nil when there is none.
func metaBox(src io.ReadSeeker) []byte {
	at := int64(0)
	for range 64 {
		var head [16]byte
		if _, err := src.Seek(at, io.SeekStart); err != nil {
			return nil
		}
		n, _ := io.ReadFull(src, head[:])
		if n < 8 {
			return nil
		}
		size, header := int64(binary.BigEndian.Uint32(head[:])), int64(8)
		if size == 1 && n == 16 {
			size, header = int64(binary.BigEndian.Uint64(head[8:])), 16
		}
		if size < header || size > 1<<40 {
			return nil
		}
		if string(head[4:8]) == "meta" {
			if size-header > maxMeta {
				return nil
			}
			body := make([]byte, size-header)
			if _, err := src.Seek(at+header, io.SeekStart); err != nil {
				return nil
			}
			n, _ := io.ReadFull(src, body)
			return body[:n]
		}
		at += size
	}
	return nil
}

// boxes visits the boxes of a body, up to the first that does not fit.
func boxes(b []byte) func(yield func(kind string, body []byte) bool) {
	return func(yield func(string, []byte) bool) {
		for len(b) >= 8 {
			size := int64(binary.BigEndian.Uint32(b))
			if size == 0 { // up to the end
				size = int64(len(b))
			}
			if size < 8 || size > int64(len(b)) || !yield(string(b[4:8]), b[8:size]) {
				return
			}
			b = b[size:]
		}
	}
}

// reader reads numbers; past the end they are 0 and short is set.
type reader struct {
	b     []byte
	short bool
}

func (r *reader) number(n int) uint32 {
	if len(r.b) < n {
		r.b, r.short = nil, true
		return 0
	}
	v := uint32(0)
	for _, c := range r.b[:n] {
		v = v<<8 | uint32(c)
	}
	r.b = r.b[n:]
	return v
}

// full reads the version (the highest byte) and the flags of a box.
func (r *reader) full() uint32 { return r.number(4) }

// id reads the number of an item.
func (r *reader) id(long bool) uint32 {
	if long {
		return r.number(4)
	}
	return r.number(2)
}

// itemLight finds the colour box among an item's properties.
func itemLight(properties, links []byte, item uint32) (light, bool) {
	r := reader{b: links}
	head := r.full()
	for range r.number(4) {
		found := r.id(head>>24 > 0) == item
		for range r.number(1) {
			index := r.number(1)
			if head&1 != 0 {
				index = index<<8 | r.number(1)
				index &= 0x7fff // without the bit that says that it is essential
			} else {
				index &= 0x7f
			}
			if found && !r.short {
				if l, ok := propertyLight(properties, int(index)); ok {
					return l, true
				}
			}
		}
		if r.short {
			break
		}
	}
	return light{}, false
}

// propertyLight reads a property, from 1, that is an nclx colour box.
func propertyLight(properties []byte, index int) (light, bool) {
	for kind, body := range boxes(properties) {
		if index--; index > 0 {
			continue
		}
		if index < 0 || kind != "colr" || len(body) < 8 || string(body[:4]) != "nclx" {
			break
		}
		return light{int(binary.BigEndian.Uint16(body[4:])), int(binary.BigEndian.Uint16(body[6:]))}, true
	}
	return light{}, false
}

// firstTile finds the first of the items that an item is derived from.
func firstTile(references []byte, item uint32) (uint32, bool) {
	if len(references) < 4 {
		return 0, false
	}
	long := references[0] > 0
	for kind, body := range boxes(references[4:]) {
		r := reader{b: body}
		if kind == "dimg" && r.id(long) == item && r.number(2) > 0 {
			tile := r.id(long)
			return tile, !r.short
		}
	}
	return 0, false
}
