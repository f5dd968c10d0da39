package imaging

import (
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"io"
	"math/bits"

	"golang.org/x/image/bmp"
)

// errVariant says that a file is of a kind that is not read here, which is no damage.
var errVariant = errors.New("a kind that is not read here")

// bmpLayout is a BMP's header as Windows and OS/2 write it.
type bmpLayout struct {
	width, height int
	topDown       bool
	depth         int // bits a pixel
	compression   uint32
	masks         [4]uint32 // red, green, blue, alpha
	palette       [][3]uint8
	pixels        int64
}

// The compressions that are read here.
const (
	bmpPlain    = 0
	bmpRLE8     = 1
	bmpRLE4     = 2
	bmpFields   = 3
	bmpFieldsA  = 6
	bmpCore     = 12 // size of the header of OS/2 and Windows 2
	bmpInfo     = 40
	bmpMasked   = 52 // from this size on the masks are part of the header
	bmpOS2      = 64
	bmpMostSide = 1 << 24
)

func readBMP(c *cursor) (l bmpLayout, err error) {
	le := binary.LittleEndian
	c.seek(10)
	l.pixels = int64(c.u32(le))
	size := int(c.u32(le))
	if c.err != nil {
		return l, c.err
	}
	if size != bmpCore && size != 16 && (size < bmpInfo || size > 256) {
		return l, fmt.Errorf("a header of %d bytes: %w", size, errVariant)
	}
	h := make([]byte, 256)
	copy(h, c.bytes(size-4))
	h = h[:252]
	colours, entry := 0, 4
	if size == bmpCore {
		l.width, l.height, l.depth, entry = int(le.Uint16(h)), int(le.Uint16(h[2:])), int(le.Uint16(h[6:])), 3
	} else {
		l.width, l.height = int(int32(le.Uint32(h))), int(int32(le.Uint32(h[4:])))
		l.depth, l.compression, colours = int(le.Uint16(h[10:])), le.Uint32(h[12:]), int(le.Uint32(h[28:]))
	}
	if l.height < 0 {
		l.height, l.topDown = -l.height, true
	}
	if c.err != nil || l.width < 1 || l.height < 1 || l.width > bmpMostSide || l.height > bmpMostSide {
		return l, errors.Join(c.err, errDamaged)
	}
	plain := map[int][4]uint32{16: {0x7c00, 0x3e0, 0x1f}, 32: {0xff0000, 0xff00, 0xff}}
	switch {
	case l.compression == bmpPlain && (l.depth == 1 || l.depth == 2 || l.depth == 4 || l.depth == 8 || l.depth == 24):
	case l.compression == bmpPlain && (l.depth == 16 || l.depth == 32):
		l.masks = plain[l.depth]
	case l.compression == bmpRLE8 && l.depth == 8, l.compression == bmpRLE4 && l.depth == 4:
	case (l.compression == bmpFields && size != bmpOS2 || l.compression == bmpFieldsA) && (l.depth == 16 ||
		l.depth == 32):
		if size < bmpMasked { // the masks follow the header
			n := 12
			if l.compression == bmpFieldsA {
				n = 16
			}
			copy(h[36:], c.bytes(n))
		}
		for i := range l.masks {
			if i < 3 || size >= bmpMasked+4 || l.compression == bmpFieldsA {
				l.masks[i] = le.Uint32(h[36+4*i:])
			}
		}
	default:
		return l, fmt.Errorf("compression %d of %d bits: %w", l.compression, l.depth, errVariant)
	}
	if l.depth <= 8 {
		most := 1 << l.depth
		if colours <= 0 || colours > most {
			colours = most
		}
		if room := (l.pixels - c.pos) / int64(entry); room > 0 && int64(colours) > room {
			colours = int(room)
		}
		b := c.bytes(colours * entry)
		l.palette = make([][3]uint8, 256) // what a wrong number points to is black
		for i := 0; i+entry <= len(b); i += entry {
			l.palette[i/entry] = [3]uint8{b[i+2], b[i+1], b[i]}
		}
	}
	return l, c.err
}

func parseBMP(c *cursor, h *header) error {
	cfg, err := bmp.DecodeConfig(io.LimitReader(c.src, 4096))
	h.Width, h.Height = cfg.Width, cfg.Height
	c.seek(28)
	h.HasAlpha = c.u16(binary.LittleEndian) == 32
	if !errors.Is(err, bmp.ErrUnsupported) {
		return err
	}
	l, err := readBMP(c)
	h.Width, h.Height, h.HasAlpha = l.width, l.height, l.masks[3] != 0
	return err
}

// decodeBMP reads what the plain decoder doesn't: 16 bits, masks, runs and OS/2's headers.
func decodeBMP(src io.ReadSeeker) (image.Image, error) {
	c := &cursor{src: src}
	l, err := readBMP(c)
	if err != nil {
		return nil, err
	}
	c.seek(l.pixels)
	if c.err != nil {
		return nil, c.err
	}
	m := image.NewNRGBA(image.Rect(0, 0, l.width, l.height))
	line := func(y int) []uint8 {
		if !l.topDown {
			y = l.height - 1 - y
		}
		return m.Pix[y*m.Stride : y*m.Stride+4*l.width]
	}
	if l.compression == bmpRLE8 || l.compression == bmpRLE4 {
		return m, l.runs(src, line)
	}
	row := make([]byte, (l.width*l.depth+31)/32*4)
	for y := range l.height {
		if _, err := io.ReadFull(src, row); err != nil {
			return nil, io.ErrUnexpectedEOF
		}
		l.row(line(y), row)
	}
	return m, nil
}

// row turns a line of the file into pixels.
func (l *bmpLayout) row(out []uint8, in []byte) {
	for x := range l.width {
		o := out[4*x : 4*x+4 : 4*x+4]
		o[3] = 0xff
		switch {
		case l.depth <= 8:
			per := 8 / l.depth
			v := in[x/per] >> (8 - l.depth*(x%per+1)) & (1<<l.depth - 1)
			o[0], o[1], o[2] = l.palette[v][0], l.palette[v][1], l.palette[v][2]
		case l.depth == 24:
			o[0], o[1], o[2] = in[3*x+2], in[3*x+1], in[3*x]
		default:
			v := uint32(binary.LittleEndian.Uint16(in[l.depth/8*x:]))
			if l.depth == 32 {
				v = binary.LittleEndian.Uint32(in[4*x:])
			}
			for i := range 3 {
				o[i] = masked(v, l.masks[i])
			}
			if l.masks[3] != 0 {
				o[3] = masked(v, l.masks[3])
			}
		}
	}
}

// masked takes a number's bits under a mask to 0–255.
func masked(v, mask uint32) uint8 {
	if mask == 0 {
		return 0
	}
	shift := bits.TrailingZeros32(mask)
	most := uint64(mask >> shift)
	return uint8((uint64(v&mask>>shift)*255 + most/2) / most)
}

// runs unpacks RLE4 and RLE8. What is skipped is of the first colour.
func (l *bmpLayout) runs(src io.Reader, line func(y int) []uint8) error {
	for y := range l.height {
		out := line(y)
		for x := range l.width {
			copy(out[4*x:], append(l.palette[0][:], 0xff))
		}
	}
	b, err := io.ReadAll(io.LimitReader(src, int64(l.width)*int64(l.height)*4+1<<16))
	if err != nil {
		return err
	}
	x, y := 0, 0
	put := func(v byte) {
		if x < l.width && y < l.height {
			copy(line(y)[4*x:], l.palette[v][:])
		}
		x++
	}
	each := func(n int, at func(i int) byte) {
		for i := range n {
			if l.compression == bmpRLE8 {
				put(at(i))
			} else {
				put(at(i/2) >> (4 * (1 - i%2)) & 15)
			}
		}
	}
	for len(b) >= 2 && y < l.height {
		n, v := int(b[0]), b[1]
		b = b[2:]
		switch {
		case n > 0:
			each(n, func(int) byte { return v })
		case v == 0:
			x, y = 0, y+1
		case v == 1:
			return nil
		case v == 2:
			if len(b) < 2 {
				return io.ErrUnexpectedEOF
			}
			x, y, b = x+int(b[0]), y+int(b[1]), b[2:]
		default:
			size := int(v)
			if l.compression == bmpRLE4 {
				size = (size + 1) / 2
			}
			if len(b) < size {
				return io.ErrUnexpectedEOF
			}
			each(int(v), func(i int) byte { return b[i] })
			b = b[min(size+size&1, len(b)):]
		}
	}
	if y < l.height-1 || y == l.height-1 && x < l.width {
		return io.ErrUnexpectedEOF
	}
	return nil
}
