package imaging

import (
	"context"
	"encoding/binary"
	"errors"
	"io"

	"vitrine/dam"
	"vitrine/dam/reasons"
	"vitrine/dam/rendition"
	"vitrine/dam/rendition/icc"
)

// maxBlob bounds what a header may make us hold: a profile or an EXIF block.
const maxBlob = 4 << 20

// header is what the parsers find without touching a pixel.
type header struct {
	rendition.Info
	format string // as people write it: JPEG, PNG, …
	icc    []byte // raw profile, nil when there is none
	cmyk   bool
	page   *tiffPage // TIFF only: the page to show
	big    bool      // TIFF only: it has places of eight bytes
	frame  webpFrame // WebP only: where the first frame's bitstream is
}

var errDamaged = errors.New("structure is damaged")

// readHeader identifies the file by its first bytes and reads its header. The context interrupts it at the next read.
func readHeader(ctx context.Context, src io.ReadSeeker) (*header, error) {
	src = ctxSeeker{ctxReader{ctx, src}, src}
	if _, err := src.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	magic := make([]byte, 16)
	n, err := io.ReadFull(src, magic)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, err
	}
	magic = magic[:n]
	h := &header{Info: rendition.Info{Frames: 1, Orientation: 1}}
	var parse func(*cursor, *header) error
	has := func(offset int, s string) bool {
		return len(magic) >= offset+len(s) && string(magic[offset:offset+len(s)]) == s
	}
	switch {
	case has(0, "\xff\xd8\xff"):
		h.format, h.MediaType, parse = "JPEG", "image/jpeg", parseJPEG
	case has(0, "\x89PNG\r\n\x1a\n"):
		h.format, h.MediaType, parse = "PNG", "image/png", parsePNG
	case has(0, "GIF87a"), has(0, "GIF89a"):
		h.format, h.MediaType, parse = "GIF", "image/gif", parseGIF
	case has(0, "RIFF") && has(8, "WEBP"):
		h.format, h.MediaType, parse = "WebP", "image/webp", parseWebP
	case has(0, "II*\x00"), has(0, "MM\x00*"), has(0, "II+\x00"), has(0, "MM\x00+"):
		h.format, h.MediaType, parse = "TIFF", "image/tiff", parseTIFF
	case has(0, "BM"):
		h.format, h.MediaType, parse = "BMP", "image/bmp", parseBMP
	case has(4, "ftyphe"), has(4, "ftypmif1"), has(4, "ftypavif"), has(0, "\xff\x0a"), has(4, "JXL \r\n"),
		has(4, "jP  \r\n"), has(0, "\xff\x4f\xff\x51"):
		return nil, &dam.Error{Code: dam.Unsupported, Reason: reasons.NeedsLibvips()}
	default:
		return nil, &dam.Error{Code: dam.Unsupported, Reason: reasons.TypeWithoutPictures()}
	}
	c := &cursor{src: src}
	c.seek(0)
	err = parse(c, h)
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if err == nil {
		err = c.err
	}
	if err == nil && (h.Width < 1 || h.Height < 1) {
		err = errDamaged
	}
	if err != nil {
		return nil, damaged(h.format, err)
	}
	if h.Orientation < 1 || h.Orientation > 8 {
		h.Orientation = 1
	}
	h.describeProfile()
	return h, nil
}

// damaged words a decoder's complaint for people; the cause goes to the log.
func damaged(format string, cause error) error {
	if errors.Is(cause, errVariant) {
		return &dam.Error{Code: dam.Unsupported, Err: cause, Reason: reasons.VariantNotDecoded(format)}
	}
	e := &dam.Error{Code: dam.Invalid, Err: cause, Reason: reasons.PictureDamagedExportAgain(format)}
	if errors.Is(cause, io.ErrUnexpectedEOF) || errors.Is(cause, io.EOF) {
		e.Reason = reasons.PictureCutOff(format)
	}
	return e
}

func (h *header) describeProfile() {
	if h.icc == nil {
		return
	}
	p, err := icc.Parse(h.icc)
	if p != nil {
		h.Profile = p.Name
	}
	if err == nil || h.cmyk {
		return // CMYK has said it already
	}
	why := reasons.ProfileNotConverted()
	if h.Profile != "" {
		why = reasons.NamedProfileNotConverted(h.Profile)
	}
	h.Note = h.Note.And(why)
}

// cursor reads a file by pieces. The first error sticks and later reads give
// zeroes, so parsers check once.
type cursor struct {
	src io.ReadSeeker
	err error
	pos int64
	// bounded says that no more than room bytes may be read.
	bounded bool
	room    int64
}

func (c *cursor) seek(pos int64) {
	if c.err != nil {
		return
	}
	if pos < 0 {
		c.err = errDamaged
		return
	}
	c.pos, c.err = c.src.Seek(pos, io.SeekStart)
}

func (c *cursor) skip(n int64) { c.seek(c.pos + n) }

// bytes reads n bytes; a claim beyond maxBlob is damage.
func (c *cursor) bytes(n int) []byte {
	if c.err == nil && (n < 0 || n > maxBlob || c.bounded && int64(n) > c.room) {
		c.err = errDamaged
	}
	if c.err != nil {
		// Fixed-size fields may be indexed before the error is looked at.
		return make([]byte, min(max(n, 0), 64))
	}
	b := make([]byte, n)
	got, err := io.ReadFull(c.src, b)
	c.pos += int64(got)
	c.room -= int64(got)
	if errors.Is(err, io.EOF) && n > 0 {
		err = io.ErrUnexpectedEOF
	}
	c.err = err
	return b
}

func (c *cursor) u8() int { return int(c.bytes(1)[0]) }

func (c *cursor) u16(o binary.ByteOrder) int { return int(o.Uint16(c.bytes(2))) }

func (c *cursor) u32(o binary.ByteOrder) uint32 { return o.Uint32(c.bytes(4)) }
