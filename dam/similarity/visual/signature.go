package visual

import (
	"math"
	"math/bits"
	"strconv"

	"vitrine/dam"
)

// Signature is an analysis in three words, small enough to keep a million in memory
// and compare them all. None of them is ever the smallest int64.
type Signature struct {
	// Hash is the perceptual hash; its top bit is 0.
	Hash uint64
	// Palette holds the four largest colours, 16 bits each (5 red, 6 green, 5 blue), the largest lowest.
	Palette uint64
	// Shares holds five shares in 127ths, 7 bits each, the largest lowest, then the fifth colour.
	Shares uint64
}

const (
	packedColors = 4
	shareBits    = 7
	shareUnits   = 1<<shareBits - 1
)

// SignatureOf packs an analysis; ok is false when there is none, or it can't be read.
func SignatureOf(a *dam.Analysis) (s Signature, ok bool) {
	if a == nil {
		return s, false
	}
	hash, err := strconv.ParseUint(a.PHash, 16, 63)
	if err != nil {
		return s, false
	}
	s.Hash = hash
	for i, c := range a.Colors[:min(len(a.Colors), maxColors)] {
		rgb, ok := parseHex(c.Hex)
		if !ok {
			return s, false
		}
		code := uint64(pack(rgb))
		if i < packedColors {
			s.Palette |= code << (16 * i)
		} else {
			s.Shares |= code << (shareBits * maxColors)
		}
		s.Shares |= uint64(max(1, math.Round(c.Share*shareUnits))) << (shareBits * i)
	}
	return s, true
}

// code is a colour of a signature: 5 bits of red, 6 of green, 5 of blue.
type code = uint16

func pack(rgb [3]byte) code {
	return code(rgb[0]>>3)<<11 | code(rgb[1]>>2)<<5 | code(rgb[2]>>3)
}

func (s Signature) color(i int) (c code, share int) {
	share = int(s.Shares >> (shareBits * i) & shareUnits)
	if i < packedColors {
		return code(s.Palette >> (16 * i)), share
	}
	return code(s.Shares >> (shareBits * maxColors)), share
}

func labOf(c code) lab {
	return toLab(float64(c>>11)/31, float64(c>>5&63)/63, float64(c&31)/31)
}

// parseHex reads #rrggbb or #rgb.
func parseHex(s string) (rgb [3]byte, ok bool) {
	if len(s) == 4 {
		s = string([]byte{s[0], s[1], s[1], s[2], s[2], s[3], s[3]})
	}
	if len(s) != 7 || s[0] != '#' {
		return rgb, false
	}
	v, err := strconv.ParseUint(s[1:], 16, 24)
	return [3]byte{byte(v >> 16), byte(v >> 8), byte(v)}, err == nil
}

// hashWeight is how much the hash counts in a score; the rest is colour.
const hashWeight = 0.7

// unlike is the distance of hashes at which pictures have nothing in common: what two
// pictures taken at random have.
const unlike = 32

// Distance is the number of bits in which the hashes differ.
func (s Signature) Distance(t Signature) int { return bits.OnesCount64(s.Hash ^ t.Hash) }

// MaxDistance is the largest distance that can reach a score.
func MaxDistance(score float64) int {
	if score <= 1-hashWeight {
		return 64 // colours alone reach it
	}
	return int(math.Floor(unlike*(1-(score-(1-hashWeight))/hashWeight) + 1e-9))
}

// Reference is a signature made ready to be compared with many.
type Reference struct {
	Signature
	colors []share
}

type share struct {
	lab
	units int
}

// Reference prepares a signature.
func (s Signature) Reference() Reference { return Reference{s, s.shares()} }

func (s Signature) shares() []share {
	out := make([]share, 0, maxColors)
	for i := range maxColors {
		if c, n := s.color(i); n > 0 {
			out = append(out, share{labOf(c), n})
		}
	}
	return out
}

// Score says how alike two pictures are, 0 to 1: hash and colours. It is symmetric.
func (r Reference) Score(t Signature) float64 {
	shape := max(0, 1-float64(r.Distance(t))/unlike)
	if r.Palette == t.Palette && r.Shares == t.Shares {
		return hashWeight*shape + 1 - hashWeight
	}
	return hashWeight*shape + (1-hashWeight)*similar(r.colors, t.shares())
}

// similar moves one palette onto the other, nearest colours first, and returns what of
// the picture did not have to move far.
func similar(a, b []share) float64 {
	const far = 0.25 // OKLab
	var left, right [maxColors]int
	total := 0
	for i, c := range a {
		left[i] = c.units
		total += c.units
	}
	other := 0
	for i, c := range b {
		right[i] = c.units
		other += c.units
	}
	if total = max(total, other); total == 0 {
		return 1
	}
	var cost [maxColors][maxColors]float64
	for i := range a {
		for j := range b {
			cost[i][j] = a[i].distance(b[j].lab) / far
		}
	}
	kept := 0.0
	for {
		bi, bj, best := -1, -1, 1.0
		for i := range a {
			for j := range b {
				if left[i] > 0 && right[j] > 0 && cost[i][j] < best {
					bi, bj, best = i, j, cost[i][j]
				}
			}
		}
		if bi < 0 {
			return kept / float64(total)
		}
		n := min(left[bi], right[bj])
		left[bi] -= n
		right[bj] -= n
		kept += float64(n) * (1 - best)
	}
}

// ColorNear selects signatures that hold a colour close to a given one.
type ColorNear struct{ close *[1 << 16]bool }

// minColorNear is the share a colour needs to be found by it, in 127ths: 4 %.
const minColorNear = 5

// NewColorNear prepares a colour (#rrggbb or #rgb); ok is false when it can't be read. Within
// is the largest OKLab distance: 0.02 is just visible, 0.1 still the same colour to most.
func NewColorNear(hex string, within float64) (t ColorNear, ok bool) {
	rgb, ok := parseHex(hex)
	if !ok {
		return t, false
	}
	want := toLab(float64(rgb[0])/255, float64(rgb[1])/255, float64(rgb[2])/255)
	t.close = new([1 << 16]bool)
	for c := range t.close {
		t.close[c] = labOf(code(c)).distance(want) <= within
	}
	return t, true
}

// In reports whether the colour is one of the signature's.
func (t ColorNear) In(s Signature) bool {
	for i := range maxColors {
		if c, share := s.color(i); share >= minColorNear && t.close[c] {
			return true
		}
	}
	return false
}
