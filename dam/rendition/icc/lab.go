package icc

// LabSigns finds out how a picture's whole numbers of a* and b* are stored: with a sign, or with 128 added. Formats say
// which, and some versions of programs, ImageMagick's among them, write the other one. The wrong reading of ordinary
// colours, grey first of all, gives colours that no screen and hardly any paper has.
type LabSigns struct{ seen, impossible, otherwise int }

// Add counts a pixel, read as its format says.
func (s *LabSigns) Add(l, a, b float64) {
	s.seen++
	if !plausible(l, a, b) {
		s.impossible++
	}
	if !plausible(l, SwapSign(a), SwapSign(b)) {
		s.otherwise++
	}
}

// Swapped reports whether the picture is stored in the way that its format does not say: a fifth of its colours are
// impossible as they are, and hardly any are the other way.
func (s *LabSigns) Swapped() bool { return s.impossible*5 > s.seen && s.otherwise*10 < s.impossible }

// SwapSign reads a value of a* or b* in the other of the two ways.
func SwapSign(v float64) float64 {
	if v < 0 {
		return v + 128
	}
	return v - 128
}

// plausible reports whether a color, relative to D50, is one of sRGB or a little beyond.
func plausible(l, a, b float64) bool {
	for _, v := range labToLinear(l, a, b) {
		if v < -0.06 || v > 1.1 {
			return false
		}
	}
	return true
}

// labToLinear converts L*a*b* relative to D50 into linear light of sRGB.
func labToLinear(l, a, b float64) [3]float64 {
	f := (l + 16) / 116
	v := [3]float64{0.9642 * cube(f+a/500), cube(f), 0.8249 * cube(f-b/200)}
	var out [3]float64
	for i := range out {
		m := xyzToSRGB[3*i:]
		out[i] = m[0]*v[0] + m[1]*v[1] + m[2]*v[2]
	}
	return out
}

// cube undoes the cube root of L*a*b* and the straight line that it has near black.
func cube(t float64) float64 {
	if t > 6.0/29 {
		return t * t * t
	}
	return (t - 16.0/116) * 3 * 36 / 841
}
