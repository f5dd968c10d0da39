package imaging

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"image"
	"image/draw"
	"image/gif"
	"io"

	lib "github.com/disintegration/imaging"

	"vitrine/dam/rendition"
)

// animation is a file's frames, as they are laid on its canvas one after the other.
type animation struct {
	canvas image.Rectangle
	loops  int // 0 is for ever
	frames []animationFrame
}

type animationFrame struct {
	rect    image.Rectangle
	delay   int  // milliseconds
	replace bool // what was there, transparent pixels included; else it is laid on top
	dispose disposal
	picture func() (*image.NRGBA, error)
}

// disposal is what becomes of a frame's place before the next one.
type disposal uint8

const (
	keep disposal = iota
	clearIt
	restore
)

// animate makes the specs' animations. WebP is what both engines write: every frame a picture of its own, reduced to
// what has changed.
func animate(ctx context.Context, src io.ReadSeeker, h *header, specs []rendition.Spec, opt rendition.Options,
	emit func(rendition.Output) error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = damaged(h.format, fmt.Errorf("decoder panicked: %v", p))
		}
	}()
	w, ht := h.Upright()
	plan, err := rendition.NewPlan(w, ht, specs)
	if err != nil {
		return err
	}
	release, err := opt.Gate.Acquire(ctx, int64(h.Width)*int64(h.Height))
	if err != nil {
		return err
	}
	defer release()
	a, err := readAnimation(ctx, src, h)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		return classify(h.format, err)
	}
	return rendition.Animations(ctx, plan, h.Note, func(t rendition.Target, s rendition.Spec, w, ht int) ([]byte,
		error) {
		return a.write(ctx, h, t, s, w, ht)
	}, emit)
}

func readAnimation(ctx context.Context, src io.ReadSeeker, h *header) (*animation, error) {
	if h.format == "WebP" {
		return readWebPAnimation(ctx, src, h)
	}
	if _, err := src.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	g, err := gif.DecodeAll(bufio.NewReaderSize(ctxReader{ctx, src}, 64<<10))
	if err != nil {
		return nil, err
	}
	a := &animation{canvas: image.Rect(0, 0, h.Width, h.Height)}
	if g.LoopCount != 0 { // -1 is once, n is n times more
		a.loops = g.LoopCount + 1
		if g.LoopCount < 0 {
			a.loops = 1
		}
	}
	for i, m := range g.Image {
		f := animationFrame{rect: m.Rect, delay: g.Delay[i] * 10}
		switch g.Disposal[i] {
		case gif.DisposalBackground:
			f.dispose = clearIt
		case gif.DisposalPrevious:
			f.dispose = restore
		}
		f.picture = func() (*image.NRGBA, error) { return shrink(source{img: m}, 1), nil }
		a.frames = append(a.frames, f)
	}
	return a, nil
}

// readWebPAnimation notes where the frames are; each is decoded when it is shown.
func readWebPAnimation(ctx context.Context, src io.ReadSeeker, h *header) (*animation, error) {
	a := &animation{canvas: image.Rect(0, 0, h.Width, h.Height)}
	c := &cursor{src: src}
	c.seek(4)
	end := int64(c.u32(binary.LittleEndian)) + 8
	c.skip(4)
	for c.err == nil && c.pos+8 <= end {
		id := string(c.bytes(4))
		size := int64(c.u32(binary.LittleEndian))
		next := c.pos + size + size&1
		switch id {
		case "ANIM":
			a.loops = int(binary.LittleEndian.Uint16(c.bytes(6)[4:]))
		case "ANMF":
			b := c.bytes(16)
			x, y := 2*u24(b), 2*u24(b[3:])
			one := &header{frame: webpFrame{rect: image.Rect(x, y, x+u24(b[6:])+1, y+u24(b[9:])+1)}}
			f := animationFrame{rect: one.frame.rect, delay: u24(b[12:]), replace: b[15]&2 != 0}
			if b[15]&1 != 0 {
				f.dispose = clearIt
			}
			if !f.rect.In(a.canvas) {
				return nil, errDamaged
			}
			if err := webpBits(c, one, next); err != nil {
				return nil, err
			}
			if one.frame.bits.id == "" {
				return nil, io.ErrUnexpectedEOF
			}
			f.picture = func() (*image.NRGBA, error) {
				m, err := decodeWebP(ctxReader{ctx, src}, src, one.frame)
				if err == nil && m.Bounds().Size() != f.rect.Size() {
					err = errDamaged
				}
				if err != nil {
					return nil, err
				}
				return shrink(source{img: m, video: true}, 1), nil
			}
			a.frames = append(a.frames, f)
		}
		c.seek(next)
	}
	if len(a.frames) == 0 {
		return nil, io.ErrUnexpectedEOF
	}
	return a, nil // one that is cut off plays as far as it goes
}

// play shows the whole canvas after each frame, which show may keep no longer than the call.
func (a *animation) play(ctx context.Context, show func(canvas *image.NRGBA, delay int) error) error {
	canvas := image.NewNRGBA(a.canvas)
	var before *image.NRGBA
	for _, f := range a.frames {
		if err := ctx.Err(); err != nil {
			return err
		}
		m, err := f.picture()
		if err != nil {
			return err
		}
		if f.dispose == restore {
			before = lib.Clone(canvas)
		}
		op := draw.Over
		if f.replace {
			op = draw.Src
		}
		draw.Draw(canvas, f.rect, m, image.Point{}, op)
		delay := f.delay
		if delay <= 10 {
			delay = 100 // as browsers do: such files were made for slower machines
		}
		if err := show(canvas, delay); err != nil {
			return err
		}
		switch f.dispose {
		case clearIt:
			draw.Draw(canvas, f.rect, image.Transparent, image.Point{}, draw.Src)
		case restore:
			canvas = before
		}
	}
	return nil
}

// write makes one animated WebP of the target's part of the picture, w × h.
func (a *animation) write(ctx context.Context, h *header, t rendition.Target, s rendition.Spec, w, ht int) ([]byte,
	error) {
	px := pixels{profile: h.conversion()}
	out := webpAnimation{width: w, height: ht, loops: a.loops}
	var last *image.NRGBA
	err := a.play(ctx, func(canvas *image.NRGBA, delay int) error {
		m := upright(canvas, h.Orientation)
		m = lib.Resize(m.SubImage(t.Crop), w, ht, lib.Lanczos)
		m, err := px.Convert(m)
		if err != nil {
			return err
		}
		changed := m.Rect
		if last != nil {
			if changed = difference(last, m); changed.Empty() {
				out.prolong(delay)
				return nil
			}
		}
		last = m
		part := m
		if changed != m.Rect {
			part = lib.Crop(m, changed)
		}
		b, err := encode(part, false, s)
		if err != nil {
			return err
		}
		return out.add(changed.Min, part.Rect.Size(), delay, b)
	})
	if err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, classify(h.format, err)
	}
	return out.bytes(), nil
}

// difference is the rectangle in which two pictures of one size differ, beginning at even numbers as WebP wants.
func difference(a, b *image.NRGBA) image.Rectangle {
	w, h := a.Rect.Dx(), a.Rect.Dy()
	row := func(m *image.NRGBA, y int) []byte { return m.Pix[y*m.Stride : y*m.Stride+w*4] }
	top := 0
	for top < h && bytes.Equal(row(a, top), row(b, top)) {
		top++
	}
	if top == h {
		return image.Rectangle{}
	}
	bottom := h
	for bytes.Equal(row(a, bottom-1), row(b, bottom-1)) {
		bottom--
	}
	left, right := w, 0
	for y := top; y < bottom; y++ {
		x, z := row(a, y), row(b, y)
		l := 0
		for l < left && bytes.Equal(x[l*4:l*4+4], z[l*4:l*4+4]) {
			l++
		}
		left = l
		r := w
		for r > right && bytes.Equal(x[r*4-4:r*4], z[r*4-4:r*4]) {
			r--
		}
		right = r
	}
	return image.Rect(left&^1, top&^1, right, bottom)
}

// webpAnimation puts still WebP files together to one that moves.
type webpAnimation struct {
	width, height, loops int
	chunks               []byte
	delayAt              int // of the last frame, in chunks
}

// add takes the bitstream out of a still file.
func (w *webpAnimation) add(at image.Point, size image.Point, delay int, still []byte) error {
	var bits []byte
	for b := still[min(12, len(still)):]; len(b) >= 8; {
		n := int(binary.LittleEndian.Uint32(b[4:]))
		end := 8 + n + n&1
		if n < 0 || end > len(b) {
			return fmt.Errorf("the encoder's WebP ends inside its chunk %q", b[:4])
		}
		switch string(b[:4]) {
		case "ALPH", "VP8 ", "VP8L":
			bits = append(bits, b[:end]...)
		}
		b = b[end:]
	}
	if len(bits) == 0 {
		return fmt.Errorf("the encoder's WebP has no picture")
	}
	w.chunks = binary.LittleEndian.AppendUint32(append(w.chunks, "ANMF"...), uint32(16+len(bits)))
	for _, v := range []int{at.X / 2, at.Y / 2, size.X - 1, size.Y - 1} {
		w.chunks = append(w.chunks, byte(v), byte(v>>8), byte(v>>16))
	}
	w.delayAt = len(w.chunks)
	w.chunks = append(w.chunks, 0, 0, 0, 2) // replaces what was there
	w.chunks = append(w.chunks, bits...)
	w.prolong(delay)
	return nil
}

// prolong shows the last frame for longer.
func (w *webpAnimation) prolong(delay int) {
	at := w.chunks[w.delayAt:]
	v := min(u24(at)+delay, 1<<24-1)
	at[0], at[1], at[2] = byte(v), byte(v>>8), byte(v>>16)
}

func (w *webpAnimation) bytes() []byte {
	const animated, alpha = 0x02, 0x10
	out := append([]byte("RIFF\x00\x00\x00\x00WEBPVP8X\x0a\x00\x00\x00"), animated|alpha, 0, 0, 0)
	for _, v := range []int{w.width - 1, w.height - 1} {
		out = append(out, byte(v), byte(v>>8), byte(v>>16))
	}
	out = append(out, "ANIM\x06\x00\x00\x00\x00\x00\x00\x00"...)
	out = binary.LittleEndian.AppendUint16(out, uint16(min(max(w.loops, 0), 1<<16-1)))
	out = append(out, w.chunks...)
	binary.LittleEndian.PutUint32(out[4:], uint32(len(out)-8))
	return out
}
