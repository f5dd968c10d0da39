package imaging

import (
	"bufio"
	"encoding/binary"
	"image"
	"io"

	"vitrine/dam/reasons"
)

// webpFrame says where the first frame is: its rectangle on the canvas and its chunks.
type webpFrame struct {
	rect        image.Rectangle
	alpha, bits webpChunk
}

type webpChunk struct {
	id     string
	offset int64 // of the payload
	size   int64
}

func parseWebP(c *cursor, h *header) error {
	le := binary.LittleEndian
	c.skip(4)
	end := int64(c.u32(le)) + 8
	c.skip(4)
	frames := 0
	for c.err == nil && c.pos+8 <= end {
		id := string(c.bytes(4))
		size := int64(c.u32(le))
		if c.err != nil {
			break
		}
		next := c.pos + size + size&1
		switch id {
		case "VP8X":
			b := c.bytes(10)
			h.HasAlpha = b[0]&0x10 != 0
			h.Width, h.Height = u24(b[4:])+1, u24(b[7:])+1
		case "ICCP":
			if size <= maxBlob {
				h.icc = c.bytes(int(size))
			}
		case "EXIF":
			if size <= maxBlob {
				b := c.bytes(int(size))
				if len(b) > 6 && string(b[:6]) == "Exif\x00\x00" {
					b = b[6:]
				}
				h.Orientation = exifOrientation(b)
			}
		case "ANMF":
			frames++
			if frames > 1 {
				break
			}
			b := c.bytes(16)
			x, y := 2*u24(b), 2*u24(b[3:])
			h.frame.rect = image.Rect(x, y, x+u24(b[6:])+1, y+u24(b[9:])+1)
			if err := webpBits(c, h, c.pos+size-16); err != nil {
				return err
			}
		case "ALPH", "VP8 ", "VP8L":
			if h.frame.bits.id == "" {
				c.skip(-8)
				if err := webpBits(c, h, next); err != nil {
					return err
				}
			}
		}
		c.seek(next)
	}
	if h.frame.bits.id == "" && c.err == nil {
		c.err = io.ErrUnexpectedEOF
	}
	if h.Width == 0 { // a simple file without VP8X: the frame is the canvas
		h.Width, h.Height = h.frame.rect.Dx(), h.frame.rect.Dy()
	}
	h.Frames = max(1, frames)
	if c.err != nil && h.Width > 0 && h.frame.bits.id != "" {
		c.err = nil // chunks after the picture are missing: no matter
	}
	return c.err
}

// webpBits reads chunks up to the first bitstream and notes it, with the alpha before it.
func webpBits(c *cursor, h *header, end int64) error {
	for c.err == nil && c.pos+8 <= end {
		k := webpChunk{id: string(c.bytes(4)), size: int64(c.u32(binary.LittleEndian))}
		k.offset = c.pos
		switch k.id {
		case "ALPH":
			h.frame.alpha = k
			h.HasAlpha = true
		case "VP8 ", "VP8L":
			h.frame.bits = k
			b := c.bytes(10)
			if c.err != nil {
				return c.err
			}
			var w, ht int
			if k.id == "VP8 " {
				w, ht = int(binary.LittleEndian.Uint16(b[6:]))&0x3fff, int(binary.LittleEndian.Uint16(b[8:]))&0x3fff
			} else {
				v := binary.LittleEndian.Uint32(b[1:])
				w, ht = int(v&0x3fff)+1, int(v>>14&0x3fff)+1
				h.HasAlpha = h.HasAlpha || v>>28&1 != 0
			}
			if h.frame.rect.Empty() {
				h.frame.rect = image.Rect(0, 0, w, ht)
			}
			if w != h.frame.rect.Dx() || ht != h.frame.rect.Dy() {
				return errDamaged
			}
			return nil
		}
		c.seek(k.offset + k.size + k.size&1)
	}
	return c.err
}

func u24(b []byte) int { return int(b[0]) | int(b[1])<<8 | int(b[2])<<16 }

// parseGIF walks the blocks to count frames: they are small, and no pixel is unpacked.
func parseGIF(c *cursor, h *header) error {
	c.skip(6)
	r := bufio.NewReader(c.src)
	var fail error
	read := func(n int) []byte {
		b := make([]byte, n)
		if fail == nil {
			_, fail = io.ReadFull(r, b)
		}
		return b
	}
	skip := func(n int) {
		if fail == nil {
			_, fail = r.Discard(n)
		}
	}
	subBlocks := func() {
		for fail == nil {
			n := int(read(1)[0])
			if n == 0 {
				return
			}
			skip(n)
		}
	}
	palette := func(flags byte) {
		if flags&0x80 != 0 {
			skip(3 << (flags&7 + 1))
		}
	}
	b := read(7)
	h.Width, h.Height = int(binary.LittleEndian.Uint16(b)), int(binary.LittleEndian.Uint16(b[2:]))
	palette(b[4])
	frames := 0
	for fail == nil {
		switch read(1)[0] {
		case 0x21: // extension
			if label := read(1)[0]; label == 0xf9 && frames == 0 {
				gce := read(6)
				h.HasAlpha = h.HasAlpha || gce[1]&1 != 0
			} else {
				subBlocks()
			}
		case 0x2c: // image
			b := read(9)
			le := binary.LittleEndian
			covers := le.Uint16(b) == 0 && le.Uint16(b[2:]) == 0 &&
				int(le.Uint16(b[4:])) >= h.Width && int(le.Uint16(b[6:])) >= h.Height
			if frames == 0 && !covers {
				h.HasAlpha = true
				h.Portable = true // libvips fills the rest of the canvas with black
				h.Revision, h.Changed = 2, reasons.ShownOnBlack()
			}
			frames++
			palette(b[8])
			skip(1)
			subBlocks()
		case 0x3b: // trailer
			h.Frames = max(1, frames)
			return nil
		}
	}
	if frames == 0 {
		return io.ErrUnexpectedEOF
	}
	h.Frames = frames // cut off after a frame began: the decoder judges
	return nil
}
