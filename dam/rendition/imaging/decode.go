package imaging

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"image/draw"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"strings"

	"golang.org/x/image/bmp"

	"golang.org/x/image/tiff"
	"golang.org/x/image/webp"

	"vitrine/dam"
	"vitrine/dam/reasons"
)

// source is a decoded picture and what its pixels mean.
type source struct {
	img image.Image
	// video: the YCbCr planes use the 16–235 range of VP8, not JPEG's 0–255.
	video bool
}

// decode turns the file into pixels. The context interrupts it at the next read.
func decode(ctx context.Context, src io.ReadSeeker, h *header) (s source, err error) {
	defer func() {
		if p := recover(); p != nil {
			s, err = source{}, damaged(h.format, fmt.Errorf("decoder panicked: %v", p))
		}
	}()
	if _, err := src.Seek(0, io.SeekStart); err != nil {
		return s, err
	}
	r := bufio.NewReaderSize(ctxReader{ctx, src}, 64<<10)
	switch h.format {
	case "JPEG":
		s.img, err = decodeJPEG(ctx, src, h)
	case "PNG":
		s.img, err = png.Decode(r)
	case "GIF":
		s.img, err = gif.Decode(r)
	case "BMP":
		if s.img, err = bmp.Decode(r); errors.Is(err, bmp.ErrUnsupported) {
			s.img, err = decodeBMP(src)
		}
	case "TIFF":
		s.img, err = decodePage(ctx, src, h)
	case "WebP":
		s.img, err = decodeWebP(ctxReader{ctx, src}, src, h.frame)
		s.video = true
	}
	if ctx.Err() != nil {
		return source{}, ctx.Err()
	}
	if err != nil {
		return source{}, classify(h.format, err)
	}
	if b := s.img.Bounds(); h.format == "GIF" || h.format == "WebP" {
		canvas := image.Rect(0, 0, h.Width, h.Height)
		if h.format == "WebP" {
			b = h.frame.rect
		}
		if b != canvas {
			s = source{img: compose(s, b, canvas)}
		}
	} else if b.Dx() != h.Width || b.Dy() != h.Height {
		return source{}, damaged(h.format, fmt.Errorf("decoded %v, header says %d × %d", b, h.Width, h.Height))
	}
	return s, nil
}

// decodeJPEG decodes a JPEG, also one that lacks no more than the mark of its end.
func decodeJPEG(ctx context.Context, src io.ReadSeeker, h *header) (image.Image, error) {
	in := ctxReader{ctx, src}
	m, err := jpeg.Decode(bufio.NewReaderSize(in, 64<<10))
	if !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		return m, err
	}
	if _, err := src.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	whole, again := jpeg.Decode(bufio.NewReaderSize(io.MultiReader(in, strings.NewReader("\xff\xd9")), 64<<10))
	if again != nil {
		return nil, err
	}
	h.Note = h.Note.And(reasons.PictureEndMissing())
	return whole, nil
}

// decodePage decodes a TIFF's page. The common decoder reads at random: through src itself when it can, else the file
// would be held in memory.
func decodePage(ctx context.Context, src io.ReadSeeker, h *header) (image.Image, error) {
	if h.page.simple(h.big) {
		m, err := tiff.Decode(src)
		var unknown tiff.UnsupportedError
		if !errors.As(err, &unknown) {
			return m, err
		}
	}
	m, err := decodeTIFF(ctxSeeker{ctxReader{ctx, src}, src}, h.page)
	if err == nil && h.page.deep() {
		h.icc = nil // it has been applied, or can't be
	}
	return m, err
}

// ctxSeeker is a ctxReader that seeks.
type ctxSeeker struct {
	ctxReader
	io.Seeker
}

// classify tells a variant the decoder doesn't know from damage.
func classify(format string, err error) error {
	var ju jpeg.UnsupportedError
	var pu png.UnsupportedError
	var tu tiff.UnsupportedError
	if errors.As(err, &ju) || errors.As(err, &pu) || errors.As(err, &tu) || errors.Is(err, bmp.ErrUnsupported) {
		return &dam.Error{Code: dam.Unsupported, Reason: reasons.VariantNotDecoded(format), Err: err}
	}
	return damaged(format, err)
}

// decodeWebP decodes one frame, rewrapped as the simplest still file, so
// animations, stray chunks and wrong flags need no support in the decoder.
func decodeWebP(r io.Reader, src io.ReadSeeker, f webpFrame) (image.Image, error) {
	var b bytes.Buffer
	b.WriteString("RIFF\x00\x00\x00\x00WEBP")
	if f.alpha.id != "" && f.bits.id == "VP8 " {
		b.WriteString("VP8X\x0a\x00\x00\x00\x10\x00\x00\x00")
		w, h := f.rect.Dx()-1, f.rect.Dy()-1
		b.Write([]byte{byte(w), byte(w >> 8), byte(w >> 16), byte(h), byte(h >> 8), byte(h >> 16)})
		if err := copyChunk(&b, r, src, f.alpha); err != nil {
			return nil, err
		}
	}
	if err := copyChunk(&b, r, src, f.bits); err != nil {
		return nil, err
	}
	binary.LittleEndian.PutUint32(b.Bytes()[4:], uint32(b.Len()-8))
	return webp.Decode(&b)
}

func copyChunk(b *bytes.Buffer, r io.Reader, src io.Seeker, k webpChunk) error {
	b.WriteString(k.id)
	b.Write(binary.LittleEndian.AppendUint32(nil, uint32(k.size)))
	if _, err := src.Seek(k.offset, io.SeekStart); err != nil {
		return err
	}
	if _, err := io.CopyN(b, r, k.size); err != nil {
		return err
	}
	if k.size&1 != 0 {
		b.WriteByte(0)
	}
	return nil
}

// compose puts a frame on its transparent canvas.
func compose(s source, at, canvas image.Rectangle) *image.NRGBA {
	out := image.NewNRGBA(canvas)
	frame := shrink(s, 1)
	draw.Draw(out, at, frame, image.Point{}, draw.Src)
	return out
}

// ctxReader fails a read once the context has ended, which stops any decoder.
type ctxReader struct {
	ctx context.Context
	r   io.Reader
}

func (r ctxReader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.r.Read(p)
}
