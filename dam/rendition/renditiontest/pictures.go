package renditiontest

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/draw"
	"image/gif"
	"image/jpeg"
	"image/png"
	"math"
	"testing"

	"github.com/gen2brain/webp"
	"golang.org/x/image/bmp"
)

// pixel is the colour of a picture at (x, y).
type pixel func(x, y int) color.NRGBA

func drawTestPicture(w, h int, f pixel) *image.NRGBA {
	m := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			m.SetNRGBA(x, y, f(x, y))
		}
	}
	return m
}

func flat(c color.NRGBA) pixel { return func(int, int) color.NRGBA { return c } }

// quadrants has red, green, blue and yellow corners, in reading order.
func quadrants(w, h int) pixel {
	return func(x, y int) color.NRGBA {
		switch {
		case x < w/2 && y < h/2:
			return red
		case y < h/2:
			return green
		case x < w/2:
			return blue
		default:
			return yellow
		}
	}
}

var (
	red    = color.NRGBA{220, 20, 30, 255}
	green  = color.NRGBA{20, 200, 40, 255}
	blue   = color.NRGBA{30, 40, 210, 255}
	yellow = color.NRGBA{230, 220, 20, 255}
	white  = color.NRGBA{255, 255, 255, 255}
)

// smooth is a picture known at every point of the unit square, so that any size
// of it has an expected value: the golden is a formula, not a file.
func smooth(u, v float64) color.NRGBA {
	level := func(f float64) uint8 { return uint8(128 + 100*f + 0.5) }
	return color.NRGBA{
		level(math.Sin(2*math.Pi*u) * math.Cos(math.Pi*v)),
		level(math.Cos(3 * math.Pi * v * u)),
		level(2*u*v - 1),
		255,
	}
}

func smoothPicture(w, h int) *image.NRGBA {
	return drawTestPicture(w, h, func(x, y int) color.NRGBA {
		return smooth((float64(x)+0.5)/float64(w), (float64(y)+0.5)/float64(h))
	})
}

// extras are what a container carries beside its pixels.
type extras struct {
	orientation int
	icc         []byte
}

// formats are the encoders of sources. All keep to the pixels they are given
// as far as the format can.
func formats() map[string]func(testing.TB, image.Image, extras) []byte {
	return map[string]func(testing.TB, image.Image, extras) []byte{
		"jpeg": jpegFile, "png": pngFile, "webp": webpFile, "tiff": tiffFile,
		"gif": func(t testing.TB, m image.Image, _ extras) []byte {
			var b bytes.Buffer
			must(t, gif.Encode(&b, m, &gif.Options{NumColors: 256}))
			return b.Bytes()
		},
		"bmp": func(t testing.TB, m image.Image, _ extras) []byte {
			var b bytes.Buffer
			must(t, bmp.Encode(&b, m))
			return b.Bytes()
		},
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// exifBlock is a TIFF structure with nothing but an orientation.
func exifBlock(orientation int) []byte {
	b := []byte("MM\x00*\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x00")
	binary.BigEndian.PutUint16(b[18:], uint16(orientation))
	return b
}

func jpegFile(t testing.TB, m image.Image, e extras) []byte {
	if n, ok := m.(*image.NRGBA); ok && n.Opaque() {
		m = &image.RGBA{Pix: n.Pix, Stride: n.Stride, Rect: n.Rect}
	}
	var b bytes.Buffer
	must(t, jpeg.Encode(&b, m, &jpeg.Options{Quality: 96}))
	out := []byte("\xff\xd8")
	segment := func(marker byte, data ...[]byte) {
		body := bytes.Join(data, nil)
		out = append(out, 0xff, marker)
		out = binary.BigEndian.AppendUint16(out, uint16(len(body)+2))
		out = append(out, body...)
	}
	if e.orientation > 0 {
		segment(0xe1, []byte("Exif\x00\x00"), exifBlock(e.orientation))
	}
	if e.icc != nil {
		// Two chunks, out of order: readers must sort them.
		half := len(e.icc) / 2
		segment(0xe2, []byte("ICC_PROFILE\x00\x02\x02"), e.icc[half:])
		segment(0xe2, []byte("ICC_PROFILE\x00\x01\x02"), e.icc[:half])
	}
	return append(out, b.Bytes()[2:]...)
}

func pngChunk(kind string, data []byte) []byte {
	out := binary.BigEndian.AppendUint32(nil, uint32(len(data)))
	out = append(append(out, kind...), data...)
	return binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(out[4:]))
}

func pngFile(t testing.TB, m image.Image, e extras) []byte {
	var b bytes.Buffer
	must(t, png.Encode(&b, m))
	const head = 8 + 25 // signature and IHDR
	out := bytes.Clone(b.Bytes()[:head])
	if e.icc != nil {
		var z bytes.Buffer
		w := zlib.NewWriter(&z)
		_, err := w.Write(e.icc)
		must(t, err)
		must(t, w.Close())
		out = append(out, pngChunk("iCCP", append([]byte("profile\x00\x00"), z.Bytes()...))...)
	}
	if e.orientation > 0 {
		out = append(out, pngChunk("eXIf", exifBlock(e.orientation))...)
	}
	return append(out, b.Bytes()[head:]...)
}

// riffChunk pads to even length.
func riffChunk(id string, data []byte) []byte {
	out := binary.LittleEndian.AppendUint32([]byte(id), uint32(len(data)))
	out = append(out, data...)
	if len(data)&1 != 0 {
		out = append(out, 0)
	}
	return out
}

func riffFile(chunks ...[]byte) []byte {
	return riffChunk("RIFF", append([]byte("WEBP"), bytes.Join(chunks, nil)...))
}

func le24(v int) []byte { return []byte{byte(v), byte(v >> 8), byte(v >> 16)} }

func vp8x(flags byte, w, h int) []byte {
	return riffChunk("VP8X", append(append([]byte{flags, 0, 0, 0}, le24(w-1)...), le24(h-1)...))
}

// webpBody is the encoder's output without its RIFF header and VP8X chunk.
func webpBody(t testing.TB, m image.Image) []byte {
	var b bytes.Buffer
	must(t, webp.Encode(&b, m, webp.Options{Quality: 96, Method: 2}))
	body := b.Bytes()[12:]
	if string(body[:4]) == "VP8X" {
		body = body[18:]
	}
	return body
}

func webpFile(t testing.TB, m image.Image, e extras) []byte {
	body := webpBody(t, m)
	var flags byte
	if string(body[:4]) == "ALPH" {
		flags |= 0x10
	}
	chunks := [][]byte{nil}
	if e.icc != nil {
		flags |= 0x20
		chunks = append(chunks, riffChunk("ICCP", e.icc))
	}
	chunks = append(chunks, body)
	if e.orientation > 0 {
		flags |= 0x08
		chunks = append(chunks, riffChunk("EXIF", exifBlock(e.orientation)))
	}
	chunks[0] = vp8x(flags, m.Bounds().Dx(), m.Bounds().Dy())
	return riffFile(chunks...)
}

// animatedWebP has one frame per picture, the first at (x, y) of the canvas (even numbers).
func animatedWebP(t testing.TB, canvas image.Point, at image.Point, frames ...image.Image) []byte {
	chunks := [][]byte{vp8x(0x02|0x10, canvas.X, canvas.Y), riffChunk("ANIM", make([]byte, 6))}
	for _, m := range frames {
		head := append(le24(at.X/2), le24(at.Y/2)...)
		head = append(append(head, le24(m.Bounds().Dx()-1)...), le24(m.Bounds().Dy()-1)...)
		head = append(append(head, le24(100)...), 0)
		chunks = append(chunks, riffChunk("ANMF", append(head, webpBody(t, m)...)))
		at = image.Point{}
	}
	return riffFile(chunks...)
}

// tiffFile is an uncompressed RGBA strip, 8 bits, with straight alpha.
func tiffFile(_ testing.TB, m image.Image, e extras) []byte {
	n := image.NewNRGBA(m.Bounds())
	draw.Draw(n, n.Rect, m, m.Bounds().Min, draw.Src)
	le := binary.LittleEndian
	const pixelsAt = 8
	bitsAt := pixelsAt + len(n.Pix)
	iccAt := bitsAt + 8
	ifdAt := (iccAt + len(e.icc) + 1) &^ 1
	out := le.AppendUint32([]byte("II*\x00"), uint32(ifdAt))
	out = append(out, n.Pix...)
	out = append(out, 8, 0, 8, 0, 8, 0, 8, 0)
	out = append(out, e.icc...)
	out = append(out, make([]byte, ifdAt-len(out))...)
	type entry struct{ tag, typ, count, value int }
	entries := []entry{
		{256, 4, 1, n.Rect.Dx()}, {257, 4, 1, n.Rect.Dy()}, {258, 3, 4, bitsAt}, {259, 3, 1, 1}, {262, 3, 1, 2},
		{273, 4, 1, pixelsAt}, {274, 3, 1, max(e.orientation, 1)}, {277, 3, 1, 4}, {278, 4, 1, n.Rect.Dy()},
		{279, 4, 1, len(n.Pix)}, {338, 3, 1, 2},
	}
	if e.icc != nil {
		entries = append(entries, entry{34675, 7, len(e.icc), iccAt})
	}
	out = le.AppendUint16(out, uint16(len(entries)))
	for _, x := range entries {
		out = le.AppendUint16(le.AppendUint16(out, uint16(x.tag)), uint16(x.typ))
		out = le.AppendUint32(le.AppendUint32(out, uint32(x.count)), uint32(x.value))
	}
	return append(out, 0, 0, 0, 0)
}

// cmykJPEG joins four gray scans into one Adobe CMYK file, whose values are stored inverted.
func cmykJPEG(t testing.TB, m *image.CMYK) []byte {
	var out, scans []byte
	for c := range 4 {
		g := image.NewGray(m.Rect)
		for i := range g.Pix {
			g.Pix[i] = 255 - m.Pix[i*4+c]
		}
		var b bytes.Buffer
		must(t, jpeg.Encode(&b, g, &jpeg.Options{Quality: 96}))
		// SOI, DQT, SOF0, DHT, SOS: keep the tables once, every scan under its own component id.
		for s := b.Bytes()[2:]; ; {
			marker, n := s[1], 2+int(binary.BigEndian.Uint16(s[2:]))
			seg := bytes.Clone(s[:n])
			switch {
			case marker == 0xc0 && c == 0:
				frame := []byte{0xff, 0xc0, 0, 8 + 3*4, 8, seg[5], seg[6], seg[7], seg[8], 4}
				for id := byte(1); id <= 4; id++ {
					frame = append(frame, id, 0x11, 0)
				}
				out = append(out, frame...)
			case marker == 0xda:
				seg[5] = byte(c + 1)
				data := s[n:]
				scans = append(append(scans, seg...), data[:len(data)-2]...)
			case c == 0:
				out = append(out, seg...)
			}
			if marker == 0xda {
				break
			}
			s = s[n:]
		}
	}
	head := []byte("\xff\xd8\xff\xee\x00\x0eAdobe\x00\x64\x00\x00\x00\x00\x00")
	return append(append(append(head, out...), scans...), 0xff, 0xd9)
}

// pngBomb claims 30,000 × 30,000 one-bit pixels, and has them: 110 KB of zeroes.
func pngBomb(t testing.TB) []byte {
	const side = 30_000
	head := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, side), side)
	head = append(head, 1, 0, 0, 0, 0)
	var z bytes.Buffer
	w, err := zlib.NewWriterLevel(&z, zlib.BestSpeed)
	must(t, err)
	line := make([]byte, 1+(side+7)/8)
	for range side {
		_, err := w.Write(line)
		must(t, err)
	}
	must(t, w.Close())
	out := append([]byte("\x89PNG\r\n\x1a\n"), pngChunk("IHDR", head)...)
	out = append(out, pngChunk("IDAT", z.Bytes())...)
	return append(out, pngChunk("IEND", nil)...)
}
