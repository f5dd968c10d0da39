package searchtest

import (
	"fmt"
	"math/bits"
	"math/rand/v2"
	"strconv"

	"vitrine/dam"
	"vitrine/dam/similarity/visual"
	"vitrine/search"
)

// Colours that are either the same to everybody, or clearly not.
var paints = []dam.Color{{Hex: "#d5222a", Name: "red"}, {Hex: "#ffffff", Name: "white"}, {Hex: "#2463d6", Name: "blue"},
	{Hex: "#44aa44", Name: "green"}, {Hex: "#101010", Name: "black"}, {Hex: "#8e8e93", Name: "grey"}}

// look makes an analysis: few hashes and small changes of them, so that many assets are alike.
func look(r *rand.Rand) *dam.Analysis {
	if r.IntN(8) == 0 {
		return nil
	}
	hash := uint64(1+r.IntN(12)) * 0x05a1c3e7_9b6d2f48 >> 1
	for range r.IntN(8) {
		hash ^= 1 << r.IntN(63)
	}
	a := &dam.Analysis{PHash: fmt.Sprintf("%016x", hash), Colors: []dam.Color{}}
	rest := 1.0
	for i, at := range r.Perm(len(paints))[:1+r.IntN(5)] {
		c := paints[at]
		c.Share = rest * pick(r, []float64{0.5, 0.75, 0.95})
		if i == 4 {
			c.Share = rest
		}
		rest -= c.Share
		a.Colors = append(a.Colors, c)
	}
	return a
}

// tinted compares red, green and blue, which is enough for colours so far apart.
func tinted(a *dam.Asset, n *search.ColorNear) bool {
	if a.Latest.Analysis == nil {
		return false
	}
	want := channels(n.Hex)
	for _, c := range a.Latest.Analysis.Colors {
		have, far := channels(c.Hex), 0
		for i := range have {
			far += max(have[i]-want[i], want[i]-have[i])
		}
		if far < 16 && c.Share >= 0.0355 { // 4.5 of 127 parts
			return true
		}
	}
	return false
}

func channels(hex string) (rgb [3]int) {
	for i := range rgb {
		part := hex[1+len(hex)/3*i:][:len(hex)/3]
		if len(part) == 1 {
			part += part
		}
		v, _ := strconv.ParseUint(part, 16, 8) // generated above
		rgb[i] = int(v)
	}
	return rgb
}

// likeness scores two assets; its bounds are checked against plain bit counts.
func likeness(a, b *dam.Asset) float64 {
	x, okX := visual.SignatureOf(a.Latest.Analysis)
	y, okY := visual.SignatureOf(b.Latest.Analysis)
	if !okX || !okY {
		return -1
	}
	score, far := y.Reference().Score(x), float64(bits.OnesCount64(x.Hash^y.Hash))
	if most := 1 - 0.7*min(far, 32)/32; score > most+1e-9 {
		panic(fmt.Sprintf("%s and %s: %v is more than %v bits allow", a.ID, b.ID, score, far))
	}
	return score
}
