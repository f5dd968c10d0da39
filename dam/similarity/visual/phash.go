package visual

import (
	"math"
	"slices"
)

const (
	hashSide  = 32 // pixels of the picture that is transformed
	hashFreqs = 8  // frequencies kept each way
)

// phash is the sign of the 63 lowest frequencies against their median. The top bit,
// the average brightness, is always 0: a picture made brighter is the same picture.
func phash(g grid) uint64 {
	var cos [hashFreqs][hashSide]float64
	for u := range cos {
		for x := range cos[u] {
			cos[u][x] = math.Cos(float64(2*x+1) * float64(u) * math.Pi / (2 * hashSide))
		}
	}
	var rows [hashSide][hashFreqs]float64
	for y := range rows {
		for x := range hashSide {
			p := g.px[y*hashSide+x]
			luma := 0.299*p.r + 0.587*p.g + 0.114*p.b
			for u := range hashFreqs {
				rows[y][u] += luma * cos[u][x]
			}
		}
	}
	var freq []float64
	for v := range hashFreqs {
		for u := range hashFreqs {
			var sum float64
			for y := range hashSide {
				sum += rows[y][u] * cos[v][y]
			}
			if u+v > 0 {
				freq = append(freq, sum)
			}
		}
	}
	sorted := slices.Clone(freq)
	slices.Sort(sorted)
	// What is fainter than the noise of a codec says nothing: a plain wall must hash
	// to the same bits each time.
	const noise = hashSide * hashSide * 0.0005
	threshold := sorted[len(sorted)/2] + noise
	var hash uint64
	for _, f := range freq {
		hash <<= 1
		if f > threshold {
			hash |= 1
		}
	}
	return hash
}
