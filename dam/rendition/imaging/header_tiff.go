package imaging

import (
	"bytes"
	"encoding/binary"
)

// TIFF tags, which EXIF shares.
const (
	tagWidth        = 256
	tagHeight       = 257
	tagStrips       = 273
	tagOrientation  = 274
	tagStripBytes   = 279
	tagColours      = 320
	tagExtraSamples = 338
	tagICC          = 34675
)

// exifOrientation reads the orientation of a TIFF block; 1 when it is absent or the block is broken.
func exifOrientation(tiff []byte) int {
	o := 1
	c := &cursor{src: bytes.NewReader(tiff)}
	c.ifd(0, func(order binary.ByteOrder, tag, typ int, _ uint32, value []byte) {
		if tag == tagOrientation {
			o = scalar(order, typ, value)
		}
	})
	return o
}

// ifd visits the first directory of the TIFF structure that starts at base and
// returns the offset of the next directory, 0 for none.
func (c *cursor) ifd(base int64, visit func(order binary.ByteOrder, tag, typ int, count uint32, value []byte)) uint32 {
	c.seek(base)
	var order binary.ByteOrder = binary.LittleEndian
	switch string(c.bytes(4)) {
	case "II*\x00":
	case "MM\x00*":
		order = binary.BigEndian
	default:
		if c.err == nil {
			c.err = errDamaged
		}
		return 0
	}
	c.seek(base + int64(c.u32(order)))
	for range c.u16(order) {
		e := c.bytes(12)
		if c.err != nil {
			return 0
		}
		visit(order, int(order.Uint16(e)), int(order.Uint16(e[2:])), order.Uint32(e[4:]), e[8:])
	}
	return c.u32(order)
}

// scalar is the first value of a field that fits its entry: BYTE, SHORT or LONG.
func scalar(order binary.ByteOrder, typ int, value []byte) int {
	switch typ {
	case 1:
		return int(value[0])
	case 3:
		return int(order.Uint16(value))
	default:
		return int(int32(order.Uint32(value)))
	}
}
