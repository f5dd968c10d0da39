package rendition

import (
	"bytes"
	"context"
	"image"
	"image/jpeg"
	"math"

	"vitrine/dam"
	"vitrine/dam/reasons"
)

// FocalSuggestion is where the eye goes first.
type FocalSuggestion struct {
	Focal dam.Point `json:"focal"`
	// Confidence is 0 for a picture that is as busy everywhere, near 1 when all of it is in one place.
	Confidence float64 `json:"confidence"`
}

// suggestSide bounds the picture that is looked at, in pixels: composition shows at this size.
const suggestSide = 128

// SuggestFocal proposes a focal point for an asset's newest version, by the detail, the
// colours and the skin tones in it. It stores nothing.
func (s *Service) SuggestFocal(ctx context.Context, library, asset string) (FocalSuggestion, error) {
	a, err := s.Catalog.Assets().Asset(ctx, library, asset)
	if err != nil {
		return FocalSuggestion{}, err
	}
	ctx = dam.WithOrigin(ctx, dam.Origin{Library: a.Library})
	if a.Latest.Renditions == dam.RenditionsNone {
		return FocalSuggestion{}, &dam.Error{Code: dam.Unsupported, Reason: reasons.TypeWithoutFocalPoint()}
	}
	src, err := s.Store.Open(ctx, dam.OriginalKey(a.Latest.SHA256))
	if err != nil {
		return FocalSuggestion{}, &dam.Error{Code: dam.Unavailable, Reason: reasons.StorageDoesNotAnswer(), Err: err}
	}
	defer func() { _ = src.Close() }()
	var picture []byte
	spec := Spec{Name: "suggest", Width: suggestSide, Height: suggestSide, Fit: dam.FitContain, Format: dam.JPEG,
		Quality: 85}
	if err := s.Engine.Render(ctx, src, []Spec{spec}, s.options(),
		func(o Output) error { picture = o.Bytes; return nil }); err != nil {
		return FocalSuggestion{}, err
	}
	m, err := jpeg.Decode(bytes.NewReader(picture))
	if err != nil {
		return FocalSuggestion{}, err
	}
	return suggest(m), nil
}

// suggest finds the window, a third of the shorter side, that holds most of what draws the
// eye, and its centre of gravity.
func suggest(m image.Image) FocalSuggestion {
	b := m.Bounds()
	w, h := b.Dx(), b.Dy()
	light := make([]float64, w*h)
	weight := make([]float64, w*h)
	for y := range h {
		for x := range w {
			r16, g16, b16, _ := m.At(b.Min.X+x, b.Min.Y+y).RGBA()
			red, green, blue := float64(r16)/65535, float64(g16)/65535, float64(b16)/65535
			light[y*w+x] = 0.2126*red + 0.7152*green + 0.0722*blue
			weight[y*w+x] = 0.3*colourfulness(red, green, blue) + 0.8*skin(red, green, blue)
		}
	}
	for y := range h {
		for x := range w {
			if x == 0 || y == 0 || x == w-1 || y == h-1 {
				weight[y*w+x] = 0 // frames and borders are not the subject
				continue
			}
			i := y*w + x
			edge := math.Abs(4*light[i] - light[i-1] - light[i+1] - light[i-w] - light[i+w])
			// What lies in the middle is a little more likely to be meant.
			dx, dy := float64(x)/float64(w)-0.5, float64(y)/float64(h)-0.5
			weight[i] = (weight[i] + 2*edge) * (1 - 0.5*(dx*dx+dy*dy))
		}
	}
	sum := sums(weight, w, h)
	side := max(min(w, h)/3, 1)
	best, bx, by := -1.0, 0, 0
	for y := 0; y+side <= h; y++ {
		for x := 0; x+side <= w; x++ {
			if s := sum.of(x, y, x+side, y+side); s > best {
				best, bx, by = s, x, y
			}
		}
	}
	total := sum.of(0, 0, w, h)
	if total <= 0 || best <= 0 {
		return FocalSuggestion{Focal: dam.Point{X: 0.5, Y: 0.5}}
	}
	var cx, cy float64
	for y := by; y < by+side; y++ {
		for x := bx; x < bx+side; x++ {
			cx += weight[y*w+x] * (float64(x) + 0.5)
			cy += weight[y*w+x] * (float64(y) + 0.5)
		}
	}
	area := float64(side*side) / float64(w*h)
	round := func(v float64) float64 { return math.Round(v*1000) / 1000 }
	return FocalSuggestion{
		Focal:      dam.Point{X: round(cx / best / float64(w)), Y: round(cy / best / float64(h))},
		Confidence: round(min(max((best/total-area)/max(1-area, 0.01), 0), 1)),
	}
}

func colourfulness(r, g, b float64) float64 {
	high, low := max(r, g, b), min(r, g, b)
	if high < 0.1 {
		return 0
	}
	return (high - low) / high
}

// skin is how near a colour's hue is to human skin, of any lightness; 0–1.
func skin(r, g, b float64) float64 {
	n := math.Sqrt(r*r + g*g + b*b)
	if n < 0.25 {
		return 0
	}
	dr, dg, db := r/n-0.78, g/n-0.52, b/n-0.35
	return max(0, 1-math.Sqrt(dr*dr+dg*dg+db*db)/0.2)
}

// table is a summed-area table with a row and a column of zeros before the first.
type table struct {
	at     []float64
	stride int
}

func sums(v []float64, w, h int) table {
	t := table{make([]float64, (w+1)*(h+1)), w + 1}
	for y := range h {
		row := 0.0
		for x := range w {
			row += v[y*w+x]
			t.at[(y+1)*t.stride+x+1] = t.at[y*t.stride+x+1] + row
		}
	}
	return t
}

func (t table) of(x0, y0, x1, y1 int) float64 {
	return t.at[y1*t.stride+x1] - t.at[y0*t.stride+x1] - t.at[y1*t.stride+x0] + t.at[y0*t.stride+x0]
}
