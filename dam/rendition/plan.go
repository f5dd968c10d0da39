// Package rendition turns originals into the sizes and formats channels ask for.
// Engines (imaging, vips) do the pixels; this package owns what they have in
// common: presets resolved to specs, the plan of sizes and crops, recipe hashes.
package rendition

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"image"
	"math"
	"slices"
	"strconv"

	"vitrine/dam"
	"vitrine/dam/reasons"
)

// headroom is how much larger than a target its parent must be. Resampling
// from nearly the same size blurs twice for no gain.
const headroom = 1.25

// Resolve turns presets into specs, one per format. A nil focal point is the centre.
func Resolve(presets []dam.Preset, focal *dam.Point) []Spec {
	return resolve(presets, &dam.Asset{Focal: focal}, &dam.Version{})
}

// Hash names the recipe of a rendition: the original's SHA-256, everything in the
// spec that can change the bytes, and the pipeline's revision, but not the engine, for
// nodes may differ. The focal point counts only where it crops, the background only
// where there is no alpha, so moving a focal point leaves contained sizes alone.
// 24 hexadecimal characters.
func Hash(versionSHA256 string, s Spec, pipelineRevision int) string {
	if s.Fit != dam.FitCover {
		s.Focal = dam.Point{}
	} else {
		s.Focal = clampPoint(s.Focal)
	}
	if !s.Format.Background() {
		s.Background = ""
	} else if s.Background == "" {
		s.Background = "#ffffff"
	}
	if info, _ := s.Format.Info(); !info.Effort {
		s.Effort = 0
	}
	if s.Format.Lossless() {
		s.Quality = 0
	}
	// A struct of numbers and strings always marshals: the points are clamped and presets validated, so no NaN.
	recipe, _ := json.Marshal(s)
	h := sha256.New()
	h.Write([]byte(versionSHA256 + "\n" + strconv.Itoa(pipelineRevision) + "\n"))
	h.Write(recipe)
	return hex.EncodeToString(h.Sum(nil)[:12])
}

// Target is one picture to make: several specs share it when only their format differs.
type Target struct {
	Width, Height int             // true pixels
	Crop          image.Rectangle // what it shows, in pixels of the upright source
	// Parent is the index of the target it is scaled from; -1 is the decoded source.
	Parent int
	Specs  []Spec
}

// Plan is what to make of a source, largest first: a parent always comes before its children.
type Plan struct {
	Width, Height int // of the upright source
	Targets       []Target
	Note          reasons.Reason // goes into every output
}

// NewPlan computes true sizes, crops and the cascade for an upright source of the
// given size. Nothing is enlarged. The error is dam.Invalid for a source or spec without a size.
func NewPlan(width, height int, specs []Spec) (Plan, error) {
	p := Plan{Width: width, Height: height}
	if width < 1 || height < 1 {
		return p, &dam.Error{Code: dam.Invalid, Reason: reasons.PictureWithoutPixels(width, height)}
	}
	for _, s := range specs {
		t, err := target(width, height, s)
		if err != nil {
			return p, err
		}
		i := slices.IndexFunc(p.Targets, func(o Target) bool {
			return o.Width == t.Width && o.Height == t.Height && o.Crop == t.Crop
		})
		if i < 0 {
			p.Targets = append(p.Targets, t)
			i = len(p.Targets) - 1
		}
		p.Targets[i].Specs = append(p.Targets[i].Specs, s)
	}
	slices.SortStableFunc(p.Targets, func(a, b Target) int {
		return cmp.Compare(b.Width*b.Height, a.Width*a.Height)
	})
	for i := range p.Targets {
		p.Targets[i].Parent = -1
		// The last that suffices is the smallest.
		for j := i - 1; j >= 0; j-- {
			if suffices(p.Targets[j], p.Targets[i]) {
				p.Targets[i].Parent = j
				break
			}
		}
	}
	return p, nil
}

// Scale is the least size, as a fraction of the source in (0, 1], at which a decoder may deliver
// the whole picture so that every target can be made from it without enlarging.
func (p Plan) Scale() float64 {
	scale := 0.0
	for _, t := range p.Targets {
		scale = max(scale, float64(t.Width)/float64(t.Crop.Dx()), float64(t.Height)/float64(t.Crop.Dy()))
	}
	return min(scale, 1)
}

// Base is a size of the whole upright picture from which every target can be made without loss. Where all of them come
// from one that shows the whole, it is that one's; else twice what the largest needs: then it is as good as the
// original.
func (p Plan) Base() (width, height int) {
	roots := slices.DeleteFunc(slices.Clone(p.Targets), func(t Target) bool { return t.Parent >= 0 })
	if len(roots) == 1 && roots[0].Crop == image.Rect(0, 0, p.Width, p.Height) {
		return roots[0].Width, roots[0].Height
	}
	scale := min(2*p.Scale(), 1)
	return int(math.Ceil(float64(p.Width) * scale)), int(math.Ceil(float64(p.Height) * scale))
}

// Region is the rectangle of target i inside its parent as it was made, whose
// pixels are parentWidth × parentHeight (they may differ from the plan for the base).
func (p Plan) Region(i, parentWidth, parentHeight int) image.Rectangle {
	t := p.Targets[i]
	whole := image.Rect(0, 0, p.Width, p.Height)
	if t.Parent >= 0 {
		whole = p.Targets[t.Parent].Crop
	}
	sx := float64(parentWidth) / float64(whole.Dx())
	sy := float64(parentHeight) / float64(whole.Dy())
	at := func(v, size int, scale float64) int {
		return min(max(int(math.Round(float64(v)*scale)), 0), size)
	}
	r := image.Rect(
		at(t.Crop.Min.X-whole.Min.X, parentWidth, sx), at(t.Crop.Min.Y-whole.Min.Y, parentHeight, sy),
		at(t.Crop.Max.X-whole.Min.X, parentWidth, sx), at(t.Crop.Max.Y-whole.Min.Y, parentHeight, sy))
	// A sliver may round to nothing: keep a pixel inside the parent.
	if r.Dx() == 0 {
		r.Min.X = min(r.Min.X, parentWidth-1)
		r.Max.X = r.Min.X + 1
	}
	if r.Dy() == 0 {
		r.Min.Y = min(r.Min.Y, parentHeight-1)
		r.Max.Y = r.Min.Y + 1
	}
	return r
}

func suffices(parent, t Target) bool {
	if !t.Crop.In(parent.Crop) {
		return false
	}
	w := float64(t.Crop.Dx()) * float64(parent.Width) / float64(parent.Crop.Dx())
	h := float64(t.Crop.Dy()) * float64(parent.Height) / float64(parent.Crop.Dy())
	return w >= headroom*float64(t.Width) && h >= headroom*float64(t.Height)
}

func target(w, h int, s Spec) (Target, error) {
	t := Target{Crop: image.Rect(0, 0, w, h), Width: w, Height: h}
	if s.Width < 0 || s.Height < 0 || s.Width+s.Height == 0 {
		return t, dam.InvalidInput("width", reasons.RenditionWithoutSize(strconv.Quote(s.Name)))
	}
	switch s.Fit {
	case dam.FitContain:
		// The side that binds is met exactly, the other follows.
		if s.Width > 0 && t.Width > s.Width {
			t.Width, t.Height = s.Width, ratio(h, s.Width, w)
		}
		if s.Height > 0 && t.Height > s.Height {
			t.Width, t.Height = ratio(w, s.Height, h), s.Height
		}
	case dam.FitCover:
		if s.Width == 0 || s.Height == 0 {
			return t, dam.InvalidInput("fit", reasons.CoverNeedsBothSides())
		}
		t.Crop = dam.Window(w, h, s.Width, s.Height, s.Focal)
		cw, ch := t.Crop.Dx(), t.Crop.Dy()
		t.Width, t.Height = s.Width, s.Height
		if cw < s.Width || ch < s.Height {
			t.Width, t.Height = cw, ch
		}
	default:
		return t, dam.InvalidInput("fit", reasons.UnknownFit(strconv.Quote(string(s.Fit))))
	}
	return t, nil
}

// ratio is a × b / c, rounded, at least 1.
func ratio(a, b, c int) int {
	return int(max(1, (int64(a)*int64(b)+int64(c)/2)/int64(c)))
}

func clampPoint(p dam.Point) dam.Point {
	clamp := func(v float64) float64 {
		if math.IsNaN(v) {
			return 0.5
		}
		return min(max(v, 0), 1)
	}
	return dam.Point{X: clamp(p.X), Y: clamp(p.Y)}
}
