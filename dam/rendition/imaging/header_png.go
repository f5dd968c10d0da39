package imaging

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"io"
)

func parsePNG(c *cursor, h *header) error {
	c.skip(8)
	for first := true; ; first = false {
		n := int64(c.u32(binary.BigEndian))
		kind := string(c.bytes(4))
		if c.err != nil {
			if !first && h.Width > 0 {
				// Missing chunks after the header: the decoder says whether pixels suffer.
				c.err = nil
				return nil
			}
			return c.err
		}
		end := c.pos + n + 4
		switch kind {
		case "IHDR":
			b := c.bytes(13)
			h.Width, h.Height = int(int32(binary.BigEndian.Uint32(b))), int(int32(binary.BigEndian.Uint32(b[4:])))
			h.HasAlpha = b[9]&4 != 0
		case "tRNS":
			h.HasAlpha = true
		case "iCCP":
			if n <= maxBlob {
				h.icc = inflateProfile(c.bytes(int(n)))
			}
		case "eXIf":
			if n <= maxBlob {
				h.Orientation = exifOrientation(c.bytes(int(n)))
			}
		case "acTL":
			h.Frames = max(1, int(int32(c.u32(binary.BigEndian))))
		case "IEND":
			return c.err
		}
		if first && kind != "IHDR" {
			return errDamaged
		}
		c.seek(end)
	}
}

// inflateProfile unpacks an iCCP chunk: name, NUL, method, zlib stream. A broken one counts as none.
func inflateProfile(chunk []byte) []byte {
	_, rest, ok := bytes.Cut(chunk, []byte{0})
	if !ok || len(rest) < 2 || rest[0] != 0 {
		return nil
	}
	z, err := zlib.NewReader(bytes.NewReader(rest[1:]))
	if err != nil {
		return nil
	}
	icc, err := io.ReadAll(io.LimitReader(z, maxBlob))
	if err != nil || len(icc) == maxBlob {
		return nil
	}
	return icc
}
