package visual

import (
	"math"
	"strings"
)

const base83 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz#$%*+,-.:;=?@[]^_{|}~"

// blurhash encodes a grid by the published algorithm (blurha.sh): four components
// along the longer side, three along the shorter.
func blurhash(g grid) string {
	nx, ny := 4, 3
	if g.h > g.w {
		nx, ny = 3, 4
	}
	type rgb [3]float64
	light := make([]rgb, len(g.px))
	for i, p := range g.px {
		light[i] = rgb{linear(p.r), linear(p.g), linear(p.b)}
	}
	factors := make([]rgb, 0, nx*ny)
	for j := range ny {
		for i := range nx {
			var f rgb
			for y := range g.h {
				cy := math.Cos(math.Pi * float64(j) * (float64(y) + 0.5) / float64(g.h))
				for x := range g.w {
					basis := cy * math.Cos(math.Pi*float64(i)*(float64(x)+0.5)/float64(g.w))
					for k, v := range light[y*g.w+x] {
						f[k] += basis * v
					}
				}
			}
			scale := 1 / float64(g.w*g.h)
			if i+j > 0 {
				scale *= 2
			}
			factors = append(factors, rgb{f[0] * scale, f[1] * scale, f[2] * scale})
		}
	}
	most := 0.0
	for _, f := range factors[1:] {
		for _, v := range f {
			most = max(most, math.Abs(v))
		}
	}
	quantised := int(min(82, max(0, math.Floor(most*166-0.5))))
	most = float64(quantised+1) / 166

	var out strings.Builder
	put := func(v, digits int) {
		for d := digits - 1; d >= 0; d-- {
			out.WriteByte(base83[v/int(math.Pow(83, float64(d)))%83])
		}
	}
	put(nx-1+(ny-1)*9, 1)
	put(quantised, 1)
	dc := factors[0]
	put(byteOf(gamma(dc[0]))<<16|byteOf(gamma(dc[1]))<<8|byteOf(gamma(dc[2])), 4)
	for _, f := range factors[1:] {
		v := 0
		for _, c := range f {
			c /= most
			v = v*19 + int(min(18, max(0, math.Floor(math.Copysign(math.Sqrt(math.Abs(c)), c)*9+9.5))))
		}
		put(v, 2)
	}
	return out.String()
}

func byteOf(v float64) int { return int(min(max(v, 0), 1)*255 + 0.5) }
