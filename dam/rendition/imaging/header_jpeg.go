package imaging

import (
	"bytes"
	"encoding/binary"
	"fmt"

	"vitrine/dam/reasons"
)

func parseJPEG(c *cursor, h *header) error {
	var icc [256][]byte // by sequence number: chunks may come in any order
	found := false
	c.skip(2)
	for c.err == nil {
		if c.u8() != 0xff {
			continue // stray bytes between segments: decoders skip them too
		}
		m := 0xff
		for m == 0xff && c.err == nil {
			m = c.u8()
		}
		if m == 0 || m == 0x01 || m >= 0xd0 && m <= 0xd8 {
			continue
		}
		if m == 0xd9 || m == 0xda { // end of image, start of scan
			break
		}
		switch m {
		case 0xf7, // JPEG-LS
			0xc3, 0xc5, 0xc6, 0xc7, 0xcb, 0xcd, 0xce, 0xcf: // lossless, or in differences to another frame
			return errVariant
		}
		n := c.u16(binary.BigEndian) - 2
		if n < 0 {
			return errDamaged
		}
		end := c.pos + int64(n)
		switch {
		case m >= 0xc0 && m <= 0xcf && m != 0xc4 && m != 0xc8 && m != 0xcc: // start of frame
			b := c.bytes(n)
			if c.err != nil || n < 6 {
				break
			}
			found = true
			h.Height, h.Width = int(binary.BigEndian.Uint16(b[1:])), int(binary.BigEndian.Uint16(b[3:]))
			if h.cmyk = b[5] == 4; h.cmyk {
				h.Note = h.Note.And(reasons.CmykApproximate())
			}
		case m == 0xe1 || m == 0xe2:
			b := c.bytes(n)
			if tiff, ok := bytes.CutPrefix(b, []byte("Exif\x00\x00")); ok && m == 0xe1 {
				h.Orientation = exifOrientation(tiff)
			}
			if chunk, ok := bytes.CutPrefix(b, []byte("ICC_PROFILE\x00")); ok && m == 0xe2 && len(chunk) > 2 {
				icc[chunk[0]] = chunk[2:]
			}
		}
		c.seek(end)
	}
	if !found {
		if c.err != nil {
			return c.err
		}
		return fmt.Errorf("no frame header: %w", errDamaged)
	}
	if profile := bytes.Join(icc[:], nil); len(profile) > 0 && len(profile) <= maxBlob {
		h.icc = profile
	}
	return nil
}
