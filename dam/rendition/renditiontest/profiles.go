package renditiontest

import (
	"encoding/binary"
	"image/color"
	"math"
)

// space is an RGB colour space by its primaries (xy, white D65) and gamma.
type space struct {
	name                   string
	rx, ry, gx, gy, bx, by float64
	gamma                  float64
}

func displayP3() space { return space{"Display P3", 0.680, 0.320, 0.265, 0.690, 0.150, 0.060, 2.2} }

func adobeRGB() space {
	return space{"Adobe RGB (1998)", 0.640, 0.330, 0.210, 0.710, 0.150, 0.060, 563.0 / 256}
}

type matrix [3][3]float64

func (m matrix) mul(n matrix) (out matrix) {
	for r := range 3 {
		for c := range 3 {
			for k := range 3 {
				out[r][c] += m[r][k] * n[k][c]
			}
		}
	}
	return out
}

func (m matrix) apply(v [3]float64) (out [3]float64) {
	for r := range 3 {
		for c := range 3 {
			out[r] += m[r][c] * v[c]
		}
	}
	return out
}

func (m matrix) inverse() (out matrix) {
	det := 0.0
	for i := range 3 {
		det += m[0][i] * (m[1][(i+1)%3]*m[2][(i+2)%3] - m[1][(i+2)%3]*m[2][(i+1)%3])
	}
	for r := range 3 {
		for c := range 3 {
			out[c][r] = (m[(r+1)%3][(c+1)%3]*m[(r+2)%3][(c+2)%3] - m[(r+1)%3][(c+2)%3]*m[(r+2)%3][(c+1)%3]) / det
		}
	}
	return out
}

// DisplayP3 is an ICC profile of the colour space that telephones take pictures in.
func DisplayP3() []byte { return displayP3().icc() }

// toXYZ is the matrix of the space to XYZ under D65.
func (s space) toXYZ() matrix {
	col := func(x, y float64) [3]float64 { return [3]float64{x / y, 1, (1 - x - y) / y} }
	r, g, b, w := col(s.rx, s.ry), col(s.gx, s.gy), col(s.bx, s.by), col(0.3127, 0.3290)
	m := matrix{{r[0], g[0], b[0]}, {r[1], g[1], b[1]}, {r[2], g[2], b[2]}}
	scale := m.inverse().apply(w)
	for i := range 3 {
		for k := range 3 {
			m[i][k] *= scale[k]
		}
	}
	return m
}

// toD50 is the Bradford adaptation from D65 to the ICC's white.
func toD50() matrix {
	bradford := matrix{{0.8951, 0.2664, -0.1614}, {-0.7502, 1.7135, 0.0367}, {0.0389, -0.0685, 1.0296}}
	from := bradford.apply([3]float64{0.3127 / 0.3290, 1, (1 - 0.3127 - 0.3290) / 0.3290})
	to := bradford.apply([3]float64{0.9642, 1, 0.8249})
	d := matrix{{to[0] / from[0]}, {0, to[1] / from[1]}, {0, 0, to[2] / from[2]}}
	return bradford.inverse().mul(d).mul(bradford)
}

// toSRGB is what a colour of the space must look like in sRGB, by colorimetry
// alone: no profile is involved, so a wrong reading of one shows.
func (s space) toSRGB(c color.NRGBA) color.NRGBA {
	lin := func(v uint8) float64 { return math.Pow(float64(v)/255, s.gamma) }
	srgb := space{rx: 0.64, ry: 0.33, gx: 0.30, gy: 0.60, bx: 0.15, by: 0.06}
	v := srgb.toXYZ().inverse().mul(s.toXYZ()).apply([3]float64{lin(c.R), lin(c.G), lin(c.B)})
	return color.NRGBA{srgbByte(v[0]), srgbByte(v[1]), srgbByte(v[2]), c.A}
}

func srgbByte(l float64) uint8 {
	l = min(max(l, 0), 1)
	if l <= 0.0031308 {
		l *= 12.92
	} else {
		l = 1.055*math.Pow(l, 1/2.4) - 0.055
	}
	return uint8(l*255 + 0.5)
}

// icc writes the space as a matrix profile with parametric curves.
func (s space) icc() []byte {
	m := toD50().mul(s.toXYZ())
	xyz := func(c int) []byte {
		b := []byte("XYZ \x00\x00\x00\x00")
		for r := range 3 {
			b = appendFixed(b, m[r][c])
		}
		return b
	}
	curve := appendFixed([]byte("para\x00\x00\x00\x00\x00\x00\x00\x00"), s.gamma)
	return iccFile("RGB ", "XYZ ", s.name, map[string][]byte{
		"rXYZ": xyz(0), "gXYZ": xyz(1), "bXYZ": xyz(2), "rTRC": curve, "gTRC": curve, "bTRC": curve,
	})
}

// grayICC is a gray profile whose gamma is a curv tag.
func grayICC(gamma float64) []byte {
	curve := []byte("curv\x00\x00\x00\x00\x00\x00\x00\x01")
	curve = binary.BigEndian.AppendUint16(curve, uint16(math.Round(gamma*256)))
	return iccFile("GRAY", "XYZ ", "Gray test", map[string][]byte{"kTRC": append(curve, 0, 0)})
}

// tableICC is an RGB profile of the kind that is a table, which a matrix engine can't convert.
func tableICC() []byte {
	return iccFile("RGB ", "Lab ", "Table RGB", map[string][]byte{"A2B0": append([]byte("mft2"), make([]byte, 60)...)})
}

func appendFixed(b []byte, v float64) []byte {
	return binary.BigEndian.AppendUint32(b, uint32(int32(math.Round(v*65536))))
}

func iccFile(space, pcs, name string, tags map[string][]byte) []byte {
	desc := binary.BigEndian.AppendUint32([]byte("desc\x00\x00\x00\x00"), uint32(len(name)+1))
	tags["desc"] = append(append(desc, name...), make([]byte, 1+78)...)
	be := binary.BigEndian
	head := make([]byte, 128)
	copy(head[8:], "\x02\x40\x00\x00mntr"+space+pcs)
	copy(head[36:], "acsp")
	copy(head[68:], "\x00\x00\xf6\xd6\x00\x01\x00\x00\x00\x00\xd3\x2d") // D50
	table := be.AppendUint32(nil, uint32(len(tags)))
	at := 128 + 4 + 12*len(tags)
	var data []byte
	for sig, d := range tags {
		table = be.AppendUint32(be.AppendUint32(append(table, sig...), uint32(at+len(data))), uint32(len(d)))
		data = append(data, d...)
		for len(data)%4 != 0 {
			data = append(data, 0)
		}
	}
	out := append(append(head, table...), data...)
	be.PutUint32(out, uint32(len(out)))
	return out
}
