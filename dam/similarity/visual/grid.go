package visual

import (
	"image"
	"image/draw"
	"math"
)

// grid is a small picture: sRGB in 0..1, not premultiplied, and how opaque each pixel is.
type grid struct {
	w, h int
	px   []pixel
}

type pixel struct{ r, g, b, a float64 }

// span is which source pixels, and how much of the first and last, make one pixel of the result.
type span struct {
	from, to    int // to is exclusive
	first, last float64
}

func spans(source, target int) []span {
	out := make([]span, target)
	step := float64(source) / float64(target)
	for i := range out {
		lo, hi := float64(i)*step, float64(i+1)*step
		from, to := int(lo), min(int(math.Ceil(hi-1e-9)), source)
		out[i] = span{from, to, float64(from+1) - lo, hi - float64(to-1)}
		if to-from == 1 {
			out[i].first = hi - lo
		}
	}
	return out
}

func (s span) weight(i int) float64 {
	switch i {
	case s.from:
		return s.first
	case s.to - 1:
		return s.last
	}
	return 1
}

// shrink averages the picture over the areas of w × h pixels, so that the same picture
// in another size gives nearly the same grid.
func shrink(m image.Image, w, h int) grid {
	b := m.Bounds()
	src, ok := m.(*image.RGBA)
	if !ok {
		src = image.NewRGBA(image.Rect(0, 0, b.Dx(), b.Dy()))
		draw.Draw(src, src.Rect, m, b.Min, draw.Src)
	}
	columns, rows := spans(b.Dx(), w), spans(b.Dy(), h)
	g := grid{w, h, make([]pixel, w*h)}
	for y, row := range rows {
		for sy := row.from; sy < row.to; sy++ {
			wy := row.weight(sy)
			line := src.Pix[sy*src.Stride:]
			for x, col := range columns {
				p := &g.px[y*w+x]
				for sx := col.from; sx < col.to; sx++ {
					k := wy * col.weight(sx) / 255
					v := line[sx*4 : sx*4+4]
					p.r += k * float64(v[0])
					p.g += k * float64(v[1])
					p.b += k * float64(v[2])
					p.a += k * float64(v[3])
				}
			}
		}
	}
	area := float64(b.Dx()) / float64(w) * float64(b.Dy()) / float64(h)
	for i := range g.px {
		p := &g.px[i]
		if p.a > 0 {
			p.r, p.g, p.b = p.r/p.a, p.g/p.a, p.b/p.a // image.RGBA is premultiplied
		}
		p.a /= area
	}
	return g
}

// onWhite lays the picture on the white most pages have.
func (g grid) onWhite() grid {
	out := grid{g.w, g.h, make([]pixel, len(g.px))}
	for i, p := range g.px {
		rest := 1 - p.a
		out.px[i] = pixel{p.r*p.a + rest, p.g*p.a + rest, p.b*p.a + rest, 1}
	}
	return out
}

// within returns a size of the same aspect whose longer side is at most n.
func within(b image.Rectangle, n int) (w, h int) {
	w, h = b.Dx(), b.Dy()
	if long := max(w, h); long > n {
		w, h = max(1, w*n/long), max(1, h*n/long)
	}
	return w, h
}

func linear(v float64) float64 {
	if v <= 0.04045 {
		return v / 12.92
	}
	return math.Pow((v+0.055)/1.055, 2.4)
}

func gamma(v float64) float64 {
	v = min(max(v, 0), 1)
	if v <= 0.0031308 {
		return v * 12.92
	}
	return 1.055*math.Pow(v, 1/2.4) - 0.055
}
