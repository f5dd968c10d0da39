package convert

import (
	"context"
	"encoding/binary"

	"vitrine/dam/rendition/sandbox"
)

// movingJXL says that a JPEG XL is an animation, by the header of its codestream (ISO/IEC 18181-1). libvips 8.14 reads
// one to its end and shows the last frame.
func movingJXL(head []byte) bool {
	for box := head; len(box) >= 8 && string(head[4:8]) == "JXL "; {
		n, kind := binary.BigEndian.Uint32(box), string(box[4:8])
		if kind == "jxlc" || kind == "jxlp" {
			if head = box[8:]; kind == "jxlp" { // a part, behind its number
				head = head[min(4, len(head)):]
			}
			break
		}
		if n < 8 || int64(n) > int64(len(box)) {
			return false
		}
		box = box[n:]
	}
	if len(head) < 2 || head[0] != 0xff || head[1] != 0x0a {
		return false
	}
	b := bitReader{data: head[2:]}
	b.jxlSize()
	if b.bit() || !b.bit() { // all is as by default, or no extra fields
		return false
	}
	b.take(3)    // orientation
	if b.bit() { // the size it is meant to be shown in
		b.jxlSize()
	}
	if b.bit() { // a preview
		b.jxlPreview()
	}
	return b.bit() && !b.short
}

// bitReader reads bits, the lowest of each byte first.
type bitReader struct {
	data  []byte
	at    int
	short bool // there were not enough
}

func (b *bitReader) take(n int) (v uint32) {
	for i := range n {
		if b.at/8 >= len(b.data) {
			b.short = true
			return 0
		}
		v |= uint32(b.data[b.at/8]>>(b.at%8)&1) << i
		b.at++
	}
	return v
}

func (b *bitReader) bit() bool { return b.take(1) == 1 }

// choice takes as many bits as two bits before them say.
func (b *bitReader) choice(bits ...int) { b.take(bits[b.take(2)]) }

func (b *bitReader) jxlSize() {
	side := func(small bool) {
		if small {
			b.take(5)
		} else {
			b.choice(9, 13, 18, 30)
		}
	}
	small := b.bit()
	side(small)
	if b.take(3) == 0 { // no ratio
		side(small)
	}
}

func (b *bitReader) jxlPreview() {
	side := func(eighths bool) {
		if eighths {
			b.choice(0, 0, 5, 9)
		} else {
			b.choice(6, 8, 10, 12)
		}
	}
	eighths := b.bit()
	side(eighths)
	if b.take(3) == 0 {
		side(eighths)
	}
}

// firstFrame makes a picture of an animation's first frame.
func firstFrame(ctx context.Context, d *sandbox.Desk, w want) (string, error) {
	const name = "frame.png"
	_, err := d.Run(ctx, ffmpegUpTo(w.pixels, "-i", d.Original(), "-frames:v", "1", "-update", "1", d.Path(name)))
	return name, err
}
