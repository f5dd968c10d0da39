package visual

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"vitrine/dam"
)

const (
	maxColors = 5
	minShare  = 0.02 // below, a colour is a speck
	// tooClose is the OKLab distance under which two colours are one.
	tooClose = 0.07
)

// lab is a colour in OKLab, where distance is close to what people see: about 0.02
// is just visible, black to white is 1.
type lab struct{ l, a, b float64 }

func (x lab) distance(y lab) float64 {
	dl, da, db := x.l-y.l, x.a-y.a, x.b-y.b
	return math.Sqrt(dl*dl + da*da + db*db)
}

func toLab(r, g, b float64) lab {
	r, g, b = linear(r), linear(g), linear(b)
	l := math.Cbrt(0.4122214708*r + 0.5363325363*g + 0.0514459929*b)
	m := math.Cbrt(0.2119034982*r + 0.6806995451*g + 0.1073969566*b)
	s := math.Cbrt(0.0883024619*r + 0.2817188376*g + 0.6299787005*b)
	return lab{0.2104542553*l + 0.7936177850*m - 0.0040720468*s,
		1.9779984951*l - 2.4285922050*m + 0.4505937099*s,
		0.0259040371*l + 0.7827717662*m - 0.8086757660*s}
}

func (x lab) hex() string {
	l, m, s := x.l+0.3963377774*x.a+0.2158037573*x.b, x.l-0.1055613458*x.a-0.0638541728*x.b,
		x.l-0.0894841775*x.a-1.2914855480*x.b
	l, m, s = l*l*l, m*m*m, s*s*s
	r := gamma(4.0767416621*l - 3.3077115913*m + 0.2309699292*s)
	g := gamma(-1.2684380046*l + 2.6097574011*m - 0.3413193965*s)
	b := gamma(-0.0041960863*l - 0.7034186147*m + 1.7076147010*s)
	return fmt.Sprintf("#%02x%02x%02x", byteOf(r), byteOf(g), byteOf(b))
}

// cluster is a set of pixels: its mean while it is made, and how much of the picture it is.
type cluster struct {
	at     lab
	weight float64
}

// dominant returns the picture's main colours, the largest share first.
func dominant(g grid) []dam.Color {
	cells, total := histogram(g)
	if total == 0 {
		return []dam.Color{}
	}
	found := converge(cells, seeds(cells))
	slices.SortFunc(found, func(a, b cluster) int { return cmp.Compare(b.weight, a.weight) })
	out := []dam.Color{}
	for _, c := range found {
		if share := c.weight / total; share >= minShare || len(out) == 0 {
			out = append(out, dam.Color{Hex: c.at.hex(), Share: math.Round(share*1000) / 1000, Name: name(c.at)})
		}
	}
	return out
}

// histogram gathers pixels into small cells of the colour space; what is transparent does not count.
func histogram(g grid) (cells []cluster, total float64) {
	const side = 0.03
	type key struct{ l, a, b int }
	at := map[key]int{}
	for _, p := range g.px {
		if p.a < 0.05 {
			continue
		}
		c := toLab(p.r, p.g, p.b)
		k := key{int(math.Floor(c.l / side)), int(math.Floor(c.a / side)), int(math.Floor(c.b / side))}
		i, ok := at[k]
		if !ok {
			i = len(cells)
			at[k], cells = i, append(cells, cluster{})
		}
		cell := &cells[i]
		cell.at.l += p.a * c.l
		cell.at.a += p.a * c.a
		cell.at.b += p.a * c.b
		cell.weight += p.a
		total += p.a
	}
	for i := range cells {
		c := &cells[i]
		c.at = lab{c.at.l / c.weight, c.at.a / c.weight, c.at.b / c.weight}
	}
	return cells, total
}

// seeds picks the heaviest cell, then those that are heavy and far from the ones
// picked: a small vivid dress on a white wall is what people look for.
func seeds(cells []cluster) []lab {
	var out []lab
	nearest := make([]float64, len(cells))
	for i := range nearest {
		nearest[i] = 1
	}
	for len(out) < maxColors {
		best, score := -1, 0.0
		for i, c := range cells {
			if s := math.Sqrt(c.weight) * nearest[i] * nearest[i]; s > score {
				best, score = i, s
			}
		}
		if best < 0 {
			break
		}
		out = append(out, cells[best].at)
		for i := range cells {
			d := cells[i].at.distance(cells[best].at)
			if d < tooClose {
				d = 0
			}
			nearest[i] = min(nearest[i], d)
		}
	}
	return out
}

// converge moves the seeds to the middle of the cells around them and merges those that meet.
func converge(cells []cluster, seeds []lab) []cluster {
	var out []cluster
	for range 8 {
		out = make([]cluster, len(seeds))
		for _, c := range cells {
			best := 0
			for i := range seeds {
				if c.at.distance(seeds[i]) < c.at.distance(seeds[best]) {
					best = i
				}
			}
			out[best] = merge(out[best], c)
		}
		for i := range out {
			if out[i].weight > 0 {
				seeds[i] = out[i].at
			}
		}
	}
	for i := 0; i < len(out); i++ {
		for j := len(out) - 1; j > i; j-- {
			if out[i].at.distance(out[j].at) < tooClose || out[j].weight == 0 {
				out[i] = merge(out[i], out[j])
				out = slices.Delete(out, j, j+1)
			}
		}
	}
	return out
}

func merge(a, b cluster) cluster {
	w := a.weight + b.weight
	if w == 0 {
		return a
	}
	mix := func(x, y float64) float64 { return (x*a.weight + y*b.weight) / w }
	return cluster{lab{mix(a.at.l, b.at.l), mix(a.at.a, b.at.a), mix(a.at.b, b.at.b)}, w}
}

// Names are the named colours with a swatch each, in the order of the rainbow, neutral ones first.
func Names() []dam.Color {
	return []dam.Color{{Name: "black", Hex: "#16161a"}, {Name: "grey", Hex: "#8e8e93"}, {Name: "white", Hex: "#ffffff"},
		{Name: "beige", Hex: "#dcc8a8"},
		{Name: "brown", Hex: "#7a4a24"}, {Name: "red", Hex: "#d5222a"}, {Name: "orange", Hex: "#ef7d1a"},
		{Name: "yellow", Hex: "#f4d028"}, {Name: "green", Hex: "#2f9e44"},
		{Name: "teal", Hex: "#149c9c"}, {Name: "blue", Hex: "#2463d6"}, {Name: "purple", Hex: "#7d3cb5"},
		{Name: "pink", Hex: "#ea5fa0"}}
}

// name is the word people use for a colour, by lightness, chroma and hue.
func name(c lab) string {
	chroma := math.Hypot(c.a, c.b)
	hue := math.Mod(math.Atan2(c.b, c.a)*180/math.Pi+360, 360)
	switch {
	case c.l < 0.2 && chroma < 0.08:
		return "black"
	case chroma < 0.025 || c.l > 0.96 && chroma < 0.04:
		switch {
		case c.l < 0.3:
			return "black"
		case c.l > 0.92:
			return "white"
		}
		return "grey"
	case hue >= 30 && hue < 108 && c.l >= 0.72 && chroma < 0.085:
		return "beige"
	case hue >= 30 && hue < 105 && c.l < 0.62 && chroma < 0.14:
		return "brown"
	case (hue < 30 || hue >= 345) && c.l > 0.72:
		return "pink"
	case (hue < 12 || hue >= 345) && c.l < 0.55: // dark pink is called red
		return "red"
	case hue >= 325 && c.l < 0.5:
		return "purple"
	}
	for _, n := range []struct {
		below float64
		name  string
	}{{12, "pink"}, {40, "red"}, {82, "orange"}, {118, "yellow"}, {170, "green"}, {218, "teal"}, {285, "blue"},
		{325, "purple"}, {361, "pink"}} {
		if hue < n.below {
			return n.name
		}
	}
	return "pink"
}
