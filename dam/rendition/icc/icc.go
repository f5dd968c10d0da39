// Package icc converts colours to sRGB by the ICC profiles that are curves and a matrix, or one curve for gray: nearly
// all that cameras and phones embed. Tables, among them CMYK, are left to engines that have a colour library.
package icc

import (
	"encoding/binary"
	"errors"
	"math"
	"runtime"
	"strings"
	"sync"
	"unicode/utf16"
)

// Profile is an ICC profile of the kind that is three curves and a matrix (or one
// curve, for gray), which covers sRGB, Display P3, Adobe RGB, ProPhoto and gray gammas.
type Profile struct {
	Name   string          // its description
	curves [3][256]float32 // device value → linear light
	matrix [9]float32      // linear device RGB → linear sRGB
	gray   bool
}

var errProfileKind = errors.New("not a matrix or gray profile")

// xyzToSRGB takes XYZ under D50, the ICC's white, to linear sRGB (Bradford-adapted).
var xyzToSRGB = [9]float64{
	3.1338561, -1.6168667, -0.4906146,
	-0.9787684, 1.9161415, 0.0334540,
	0.0719453, -0.2289914, 1.4052427,
}

// Parse reads a profile. On an error the profile, if not nil, has at least its name.
func Parse(b []byte) (*Profile, error) {
	if len(b) < 132 || string(b[36:40]) != "acsp" {
		return nil, errors.New("not an ICC profile")
	}
	tag := func(sig string) []byte { return findTag(b, sig) }
	p := &Profile{Name: profileName(tag("desc"))}
	space, pcs := strings.TrimSpace(string(b[16:20])), strings.TrimSpace(string(b[20:24]))
	switch {
	case space == "GRAY":
		c, err := parseCurve(tag("kTRC"))
		if err != nil {
			return p, err
		}
		p.gray = true
		p.curves = [3][256]float32{c, c, c}
		return p, nil
	case space == "RGB" && pcs == "XYZ":
		var m [9]float64
		for i, sig := range []string{"r", "g", "b"} {
			var err error
			if p.curves[i], err = parseCurve(tag(sig + "TRC")); err != nil {
				return p, err
			}
			xyz := tag(sig + "XYZ")
			if len(xyz) < 20 {
				return p, errProfileKind
			}
			for k := range 3 {
				m[k*3+i] = s15f16(xyz[8+k*4:])
			}
		}
		for r := range 3 {
			for c := range 3 {
				var v float64
				for k := range 3 {
					v += xyzToSRGB[r*3+k] * m[k*3+c]
				}
				p.matrix[r*3+c] = float32(v)
			}
		}
		return p, nil
	}
	return p, errProfileKind
}

// findTag returns a tag's data, nil when the profile does not have it.
func findTag(b []byte, sig string) []byte {
	n := min(int(binary.BigEndian.Uint32(b[128:])), (len(b)-132)/12)
	for i := range max(n, 0) {
		e := b[132+i*12:]
		if string(e[:4]) != sig {
			continue
		}
		from, size := uint64(binary.BigEndian.Uint32(e[4:])), uint64(binary.BigEndian.Uint32(e[8:]))
		if from+size <= uint64(len(b)) && size >= 12 {
			return b[from : from+size]
		}
	}
	return nil
}

// PerceptualOnly says that a profile of tables has one for the perceptual intent and none for the colorimetric.
func PerceptualOnly(b []byte) bool {
	return len(b) >= 132 && findTag(b, "A2B0") != nil && findTag(b, "A2B1") == nil
}

// parseCurve samples a curv or para tag at the 256 device values.
func parseCurve(t []byte) (out [256]float32, err error) {
	if len(t) < 12 {
		return out, errProfileKind
	}
	var f func(x float64) float64
	switch string(t[:4]) {
	case "curv":
		n := int(binary.BigEndian.Uint32(t[8:]))
		table := t[12:]
		switch {
		case n == 0:
			f = func(x float64) float64 { return x }
		case n < 0 || n > len(table)/2:
			return out, errProfileKind
		case n == 1:
			g := float64(binary.BigEndian.Uint16(table)) / 256
			f = func(x float64) float64 { return math.Pow(x, g) }
		default:
			at := func(i int) float64 { return float64(binary.BigEndian.Uint16(table[i*2:])) / 65535 }
			f = func(x float64) float64 {
				p := x * float64(n-1)
				i := min(int(p), n-2)
				return at(i) + (at(i+1)-at(i))*(p-float64(i))
			}
		}
	case "para":
		kind := int(binary.BigEndian.Uint16(t[8:]))
		counts := []int{1, 3, 4, 5, 7}
		if kind >= len(counts) || len(t) < 12+counts[kind]*4 {
			return out, errProfileKind
		}
		var v [7]float64 // g a b c d e f
		for i := range counts[kind] {
			v[i] = s15f16(t[12+i*4:])
		}
		g, a, b, c, d, e, ff := v[0], v[1], v[2], v[3], v[4], v[5], v[6]
		switch kind {
		case 0:
			f = func(x float64) float64 { return math.Pow(x, g) }
		case 1, 2:
			f = func(x float64) float64 {
				if a != 0 && x < -b/a {
					return c
				}
				return math.Pow(a*x+b, g) + c
			}
		default:
			f = func(x float64) float64 {
				if x < d {
					return c*x + ff
				}
				return math.Pow(a*x+b, g) + e
			}
		}
	default:
		return out, errProfileKind
	}
	for i := range out {
		y := f(float64(i) / 255)
		if math.IsNaN(y) {
			return out, errProfileKind
		}
		out[i] = float32(min(max(y, 0), 1))
	}
	return out, nil
}

func s15f16(b []byte) float64 { return float64(int32(binary.BigEndian.Uint32(b))) / 65536 }

// profileName reads a desc tag of either generation: ASCII (v2) or UTF-16 (v4).
func profileName(t []byte) string {
	if len(t) < 12 {
		return ""
	}
	var name string
	switch string(t[:4]) {
	case "desc":
		n := min(int(binary.BigEndian.Uint32(t[8:])), len(t)-12)
		name = string(t[12 : 12+max(n, 0)])
	case "mluc":
		if len(t) < 28 {
			return ""
		}
		n, from := uint64(binary.BigEndian.Uint32(t[20:])), uint64(binary.BigEndian.Uint32(t[24:]))
		if from+n > uint64(len(t)) {
			return ""
		}
		var u []uint16
		for s := t[from : from+n]; len(s) > 1; s = s[2:] {
			u = append(u, binary.BigEndian.Uint16(s))
		}
		name = string(utf16.Decode(u))
	}
	name, _, _ = strings.Cut(name, "\x00")
	return strings.TrimSpace(strings.ToValidUTF8(name, ""))
}

// encodeSRGB is the sRGB curve for linear light in 1/16384 steps: fine enough that no
// 8-bit step near black is lost.
var encodeSRGB = sync.OnceValue(func() *[16385]uint8 {
	var t [16385]uint8
	for i := range t {
		l := float64(i) / 16384
		if l <= 0.0031308 {
			l *= 12.92
		} else {
			l = 1.055*math.Pow(l, 1/2.4) - 0.055
		}
		t[i] = uint8(l*255 + 0.5)
	}
	return &t
})

func (p *Profile) srgb(enc *[16385]uint8, r, g, b uint8) (uint8, uint8, uint8) {
	at := func(v float32) uint8 { return enc[int(min(max(v, 0), 1)*16384+0.5)] }
	lr, lg, lb := p.curves[0][r], p.curves[1][g], p.curves[2][b]
	if p.gray {
		return at(lr), at(lg), at(lb)
	}
	m := &p.matrix
	return at(m[0]*lr + m[1]*lg + m[2]*lb), at(m[3]*lr + m[4]*lg + m[5]*lb), at(m[6]*lr + m[7]*lg + m[8]*lb)
}

// IsSRGB says that conversion would change nothing visible: judged by colours, not by name.
func (p *Profile) IsSRGB() bool {
	enc := encodeSRGB()
	off := func(a, b uint8) bool { return max(a, b)-min(a, b) > 1 }
	for r := 0; r < 256; r += 51 {
		for g := 0; g < 256; g += 51 {
			for b := 0; b < 256; b += 51 {
				x, y, z := p.srgb(enc, uint8(r), uint8(g), uint8(b))
				if !p.gray && (off(x, uint8(r)) || off(y, uint8(g)) || off(z, uint8(b))) || p.gray && off(x, uint8(r)) {
					return false
				}
			}
		}
	}
	return true
}

// Convert takes pixels to sRGB in place. bands is 3, 4 with straight alpha last, or 1 for gray.
func (p *Profile) Convert(pix []uint8, bands int) {
	enc := encodeSRGB()
	n := len(pix) / bands
	k := max(1, min(runtime.GOMAXPROCS(0), n>>16))
	var wg sync.WaitGroup
	for part := range k {
		wg.Go(func() {
			piece := pix[n*part/k*bands : n*(part+1)/k*bands]
			if bands < 3 {
				for i := 0; i < len(piece); i += bands {
					piece[i], _, _ = p.srgb(enc, piece[i], piece[i], piece[i])
				}
				return
			}
			for i := 0; i < len(piece); i += bands {
				q := piece[i : i+3 : i+3]
				q[0], q[1], q[2] = p.srgb(enc, q[0], q[1], q[2])
			}
		})
	}
	wg.Wait()
}

// ToSRGB takes one colour of numbers 0–1, more where there is more light than white, to sRGB. Of a gray profile r
// counts.
func (p *Profile) ToSRGB(r, g, b float64) (uint8, uint8, uint8) {
	enc := encodeSRGB()
	at := func(v float64) uint8 { return enc[int(min(max(v, 0), 1)*16384+0.5)] }
	linear := func(channel int, v float64) float64 {
		v = min(max(v, 0), 1) * 255
		i := min(int(v), 254)
		from, to := float64(p.curves[channel][i]), float64(p.curves[channel][i+1])
		return from + (to-from)*(v-float64(i))
	}
	lr, lg, lb := linear(0, r), linear(1, g), linear(2, b)
	if p.gray {
		return at(lr), at(lr), at(lr)
	}
	m := &p.matrix
	row := func(i int) float64 { return float64(m[i])*lr + float64(m[i+1])*lg + float64(m[i+2])*lb }
	return at(row(0)), at(row(3)), at(row(6))
}

// FromLab returns the conversion of CIE L*a*b* to sRGB. x and y are the white it is relative to, 0 for D50, the white
// of the ICC; white becomes white whichever it is.
func FromLab(x, y float64) func(l, a, b float64) (uint8, uint8, uint8) {
	enc := encodeSRGB()
	toSRGB := xyzToSRGB
	white := [3]float64{0.9642, 1, 0.8249}
	if math.Abs(x-0.3127) < 0.002 && math.Abs(y-0.329) < 0.002 { // D65, sRGB's own
		white = [3]float64{0.95047, 1, 1.08883}
		toSRGB = [9]float64{3.2404542, -1.5371385, -0.4985314, -0.9692660, 1.8760108, 0.0415560, 0.0556434, -0.2040259,
			1.0572252}
	}
	return func(l, a, b float64) (uint8, uint8, uint8) {
		f := (l + 16) / 116
		v := [3]float64{white[0] * cube(f+a/500), white[1] * cube(f), white[2] * cube(f-b/200)}
		at := func(i int) uint8 {
			s := toSRGB[i]*v[0] + toSRGB[i+1]*v[1] + toSRGB[i+2]*v[2]
			if !(s > 0) { // or is no number
				return enc[0]
			}
			return enc[int(min(s, 1)*16384+0.5)]
		}
		return at(0), at(3), at(6)
	}
}

// Gray says that the profile is of one channel.
func (p *Profile) Gray() bool { return p.gray }
