package imaging

import (
	"image"
	"image/color"
	"runtime"
	"sync"
)

// maxShrink keeps the sums of one box inside 32 bits.
const maxShrink = 64

// shrinkFactor is the whole number by which both sides may be divided while the
// picture stays at least scale times its size. Small pictures are left to the resampler,
// which treats their edges more exactly.
func shrinkFactor(w, h int, scale float64) int {
	if w*h < 1<<20 || scale <= 0 {
		return 1
	}
	return max(1, min(int(1/scale), maxShrink, min(w, h)/64))
}

// shrink averages boxes of f × f pixels into 8-bit straight-alpha RGB, whatever
// the source's type: the one pass over the full-size picture.
func shrink(s source, f int) *image.NRGBA {
	b := s.img.Bounds()
	switch m := s.img.(type) {
	case *image.YCbCr:
		if f > 1 || s.video {
			return shrinkPlanes(m, nil, 0, f, s.video)
		}
	case *image.NYCbCrA:
		return shrinkPlanes(&m.YCbCr, m.A, m.AStride, f, s.video)
	}
	row := rows(s.img)
	w, h := b.Dx(), b.Dy()
	dst := image.NewNRGBA(image.Rect(0, 0, (w+f-1)/f, (h+f-1)/f))
	bands(dst.Rect.Dy(), func(y0, y1 int) {
		if f == 1 {
			for y := y0; y < y1; y++ {
				row(y, dst.Pix[y*dst.Stride:y*dst.Stride+w*4])
			}
			return
		}
		line := make([]uint8, w*4)
		sum := make([][5]uint32, dst.Rect.Dx()) // r, g, b weighted by alpha; alpha; count
		for y := y0; y < y1; y++ {
			clear(sum)
			for sy := y * f; sy < min((y+1)*f, h); sy++ {
				row(sy, line)
				for x := range sum {
					t := &sum[x]
					for i := x * f * 4; i < min((x+1)*f, w)*4; i += 4 {
						p := line[i : i+4 : i+4]
						a := uint32(p[3])
						t[0] += uint32(p[0]) * a
						t[1] += uint32(p[1]) * a
						t[2] += uint32(p[2]) * a
						t[3] += a
						t[4]++
					}
				}
			}
			out := dst.Pix[y*dst.Stride:]
			for x, t := range sum {
				if t[3] == 0 {
					continue
				}
				o := out[x*4 : x*4+4 : x*4+4]
				o[0] = uint8((t[0] + t[3]/2) / t[3])
				o[1] = uint8((t[1] + t[3]/2) / t[3])
				o[2] = uint8((t[2] + t[3]/2) / t[3])
				o[3] = uint8((t[3] + t[4]/2) / t[4])
			}
		}
	})
	return dst
}

// shrinkPlanes averages the planes where they are, so that colour conversion
// happens on the small picture only. alpha is nil for opaque pictures.
func shrinkPlanes(m *image.YCbCr, alpha []uint8, alphaStride, f int, video bool) *image.NRGBA {
	w, h := m.Rect.Dx(), m.Rect.Dy()
	sx, sy := subsampling(m.SubsampleRatio)
	cw, ch := (w+sx-1)/sx, (h+sy-1)/sy
	dst := image.NewNRGBA(image.Rect(0, 0, (w+f-1)/f, (h+f-1)/f))
	bands(dst.Rect.Dy(), func(y0, y1 int) {
		for y := y0; y < y1; y++ {
			out := dst.Pix[y*dst.Stride:]
			ly0, ly1 := y*f, min((y+1)*f, h)
			cy0, cy1 := ly0/sy, min((ly1+sy-1)/sy, ch)
			for x := range dst.Rect.Dx() {
				lx0, lx1 := x*f, min((x+1)*f, w)
				cx0, cx1 := lx0/sx, min((lx1+sx-1)/sx, cw)
				yy := mean(m.Y, m.YStride, lx0, ly0, lx1, ly1)
				cb := mean(m.Cb, m.CStride, cx0, cy0, cx1, cy1)
				cr := mean(m.Cr, m.CStride, cx0, cy0, cx1, cy1)
				o := out[x*4 : x*4+4 : x*4+4]
				if video {
					o[0], o[1], o[2] = videoRGB(yy, cb, cr)
				} else {
					o[0], o[1], o[2] = color.YCbCrToRGB(yy, cb, cr)
				}
				o[3] = 0xff
				if alpha != nil {
					o[3] = mean(alpha, alphaStride, lx0, ly0, lx1, ly1)
				}
			}
		}
	})
	return dst
}

func mean(plane []uint8, stride, x0, y0, x1, y1 int) uint8 {
	if x1-x0 == 1 && y1-y0 == 1 {
		return plane[y0*stride+x0]
	}
	var sum uint32
	for y := y0; y < y1; y++ {
		for _, v := range plane[y*stride+x0 : y*stride+x1] {
			sum += uint32(v)
		}
	}
	n := uint32((x1 - x0) * (y1 - y0))
	return uint8((sum + n/2) / n)
}

// videoRGB is BT.601 with the 16–235 range, as VP8 stores it.
func videoRGB(y, cb, cr uint8) (r, g, b uint8) {
	l := (int32(y) - 16) * 76309 // 1.164 in 16.16
	u, v := int32(cb)-128, int32(cr)-128
	return clamp16(l + 104597*v), clamp16(l - 25675*u - 53279*v), clamp16(l + 132201*u)
}

func clamp16(v int32) uint8 {
	return uint8(min(max((v+1<<15)>>16, 0), 255))
}

func subsampling(r image.YCbCrSubsampleRatio) (x, y int) {
	switch r {
	case image.YCbCrSubsampleRatio422:
		return 2, 1
	case image.YCbCrSubsampleRatio420:
		return 2, 2
	case image.YCbCrSubsampleRatio440:
		return 1, 2
	case image.YCbCrSubsampleRatio411:
		return 4, 1
	case image.YCbCrSubsampleRatio410:
		return 4, 2
	default:
		return 1, 1
	}
}

// rows returns a reader of whole lines as 8-bit straight-alpha RGB. It may be
// called by several goroutines.
func rows(img image.Image) func(y int, dst []uint8) {
	b := img.Bounds()
	w := b.Dx()
	switch m := img.(type) {
	case *image.NRGBA:
		return func(y int, dst []uint8) { copy(dst, m.Pix[y*m.Stride:y*m.Stride+w*4]) }
	case *image.RGBA:
		return func(y int, dst []uint8) {
			copy(dst, m.Pix[y*m.Stride:y*m.Stride+w*4])
			for i := 0; i < w*4; i += 4 {
				if a := uint32(dst[i+3]); a != 0xff && a != 0 {
					for j := i; j < i+3; j++ {
						dst[j] = uint8(min((uint32(dst[j])*0xff+a/2)/a, 0xff))
					}
				}
			}
		}
	case *image.NRGBA64:
		return func(y int, dst []uint8) {
			for i, p := 0, m.Pix[y*m.Stride:y*m.Stride+w*8]; i < w*4; i++ {
				dst[i] = to8(p[i*2], p[i*2+1])
			}
		}
	case *image.RGBA64:
		return func(y int, dst []uint8) {
			for x := range w {
				p := m.Pix[y*m.Stride+x*8:][:8:8]
				a := uint32(p[6])<<8 | uint32(p[7])
				o := dst[x*4:][:4:4]
				o[3] = to8(p[6], p[7])
				for c := range 3 {
					if a == 0xffff || a == 0 {
						o[c] = to8(p[c*2], p[c*2+1])
					} else {
						v := min((uint32(p[c*2])<<8|uint32(p[c*2+1]))*0xffff/a, 0xffff)
						o[c] = to8(uint8(v>>8), uint8(v))
					}
				}
			}
		}
	case *image.Gray:
		return func(y int, dst []uint8) {
			for x, v := range m.Pix[y*m.Stride : y*m.Stride+w] {
				dst[x*4], dst[x*4+1], dst[x*4+2], dst[x*4+3] = v, v, v, 0xff
			}
		}
	case *image.Gray16:
		return func(y int, dst []uint8) {
			p := m.Pix[y*m.Stride : y*m.Stride+w*2]
			for x := range w {
				v := to8(p[x*2], p[x*2+1])
				dst[x*4], dst[x*4+1], dst[x*4+2], dst[x*4+3] = v, v, v, 0xff
			}
		}
	case *image.Paletted:
		var table [256][4]uint8 // an index past the palette stays transparent
		for i, c := range m.Palette {
			n := color.NRGBAModel.Convert(c).(color.NRGBA)
			table[i&0xff] = [4]uint8{n.R, n.G, n.B, n.A}
		}
		return func(y int, dst []uint8) {
			for x, v := range m.Pix[y*m.Stride : y*m.Stride+w] {
				copy(dst[x*4:x*4+4], table[v][:])
			}
		}
	case *image.CMYK:
		return func(y int, dst []uint8) {
			for i, p := 0, m.Pix[y*m.Stride:y*m.Stride+w*4]; i < w*4; i += 4 {
				dst[i], dst[i+1], dst[i+2] = color.CMYKToRGB(p[i], p[i+1], p[i+2], p[i+3])
				dst[i+3] = 0xff
			}
		}
	case *image.YCbCr:
		sx, sy := subsampling(m.SubsampleRatio)
		return func(y int, dst []uint8) {
			line, c := m.Y[y*m.YStride:y*m.YStride+w], y/sy*m.CStride
			for x, v := range line {
				i := c + x/sx
				o := dst[x*4 : x*4+4 : x*4+4]
				o[0], o[1], o[2] = color.YCbCrToRGB(v, m.Cb[i], m.Cr[i])
				o[3] = 0xff
			}
		}
	default:
		return func(y int, dst []uint8) {
			for x := range w {
				n := color.NRGBAModel.Convert(img.At(b.Min.X+x, b.Min.Y+y)).(color.NRGBA)
				dst[x*4], dst[x*4+1], dst[x*4+2], dst[x*4+3] = n.R, n.G, n.B, n.A
			}
		}
	}
}

// to8 rounds a big-endian 16-bit value to 8 bits.
func to8(hi, lo uint8) uint8 {
	return uint8(((uint32(hi)<<8|uint32(lo))*0xff + 0x7fff) / 0xffff)
}

// bands runs f over [0, n) in one piece per processor.
func bands(n int, f func(from, to int)) {
	k := min(runtime.GOMAXPROCS(0), n)
	var wg sync.WaitGroup
	for i := range k {
		wg.Go(func() { f(n*i/k, n*(i+1)/k) })
	}
	wg.Wait()
}
