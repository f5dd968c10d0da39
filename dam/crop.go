package dam

import (
	"image"
	"math"
	"slices"

	"vitrine/dam/reasons"
)

// ProtectedZone is a part of the upright picture that no crop may cut. Its numbers are
// fractions (0..1) of the picture's width and height, X and Y its top left corner.
type ProtectedZone struct {
	Kind ZoneKind `json:"kind" enum:"face,logo,price,legal,other"`
	X    float64  `json:"x" minimum:"0" maximum:"1"`
	Y    float64  `json:"y" minimum:"0" maximum:"1"`
	W    float64  `json:"w" minimum:"0" maximum:"1"`
	H    float64  `json:"h" minimum:"0" maximum:"1"`
}

// ZoneKind says what a protected zone shows.
type ZoneKind string

const (
	ZoneFace  ZoneKind = "face"
	ZoneLogo  ZoneKind = "logo"
	ZonePrice ZoneKind = "price"
	ZoneLegal ZoneKind = "legal"
	ZoneOther ZoneKind = "other"
)

// Validate checks a zone; field is its name in errors.
func (z ProtectedZone) Validate(field string) error {
	switch z.Kind {
	case ZoneFace, ZoneLogo, ZonePrice, ZoneLegal, ZoneOther:
	default:
		return InvalidInput(field+".kind", reasons.UnknownZoneKind(z.Kind))
	}
	const slack = 1e-6 // tolerance for the rounding of editors
	if !within(z.X, 0, 1) || !within(z.Y, 0, 1) || !(z.W > 0) || !(z.H > 0) || z.X+z.W > 1+slack || z.Y+z.H > 1+slack {
		return InvalidInput(field, reasons.ZoneOutsidePicture())
	}
	return nil
}

// Window returns the largest part of a width × height picture with the aspect ratio of the box, as near to the focal
// point as the edges allow. A cover crop is this part, scaled.
func Window(width, height, boxWidth, boxHeight int, at Point) image.Rectangle {
	w, h := windowSize(width, height, boxWidth, boxHeight)
	x, y := start(at.X, width, w), start(at.Y, height, h)
	return image.Rect(x, y, x+w, y+h)
}

func windowSize(width, height, boxWidth, boxHeight int) (w, h int) {
	part := func(a, b, c, limit int) int {
		return min(int(max(1, (int64(a)*int64(b)+int64(c)/2)/int64(c))), limit)
	}
	if int64(width)*int64(boxHeight) > int64(height)*int64(boxWidth) {
		return part(height, boxWidth, boxHeight, width), height
	}
	return width, part(width, boxHeight, boxWidth, height)
}

// start returns where a window of the given size begins so that its centre is as near to the fraction at as possible.
func start(at float64, length, size int) int {
	if math.IsNaN(at) {
		at = 0.5
	}
	at = min(max(at, 0), 1)
	return min(max(int(math.Round(at*float64(length)-float64(size)/2)), 0), length-size)
}

// Crop returns where the preset crops a width × height picture of the asset (upright, in pixels): the focal point
// nearest to the requested one at which every protected zone stays whole, and the zones that are cut nonetheless. A
// picture of unknown size is assumed to cut them all. A preset that doesn't crop cuts none.
func (p Preset) Crop(a *Asset, width, height int) (focal Point, cuts []ProtectedZone) {
	focal = a.focal(p)
	if p.Fit != FitCover || len(a.Zones) == 0 {
		return focal, nil
	}
	if width < 1 || height < 1 || p.Width < 1 || p.Height < 1 {
		return focal, slices.Clone(a.Zones)
	}
	w, h := windowSize(width, height, p.Width, p.Height)
	// A window of the largest possible size crops in one direction only.
	length, size, at := width, w, &focal.X
	span := func(z ProtectedZone) (low, high int) {
		return int(math.Round(z.X * float64(width))), int(math.Round((z.X + z.W) * float64(width)))
	}
	if h < height {
		length, size, at = height, h, &focal.Y
		span = func(z ProtectedZone) (low, high int) {
			return int(math.Round(z.Y * float64(height))), int(math.Round((z.Y + z.H) * float64(height)))
		}
	}
	cut := func(from int) (out []ProtectedZone) {
		for _, z := range a.Zones {
			if low, high := span(z); low < from || high > from+size {
				out = append(out, z)
			}
		}
		return out
	}
	asked := start(*at, length, size)
	best := asked
	cuts = cut(asked)
	for _, z := range a.Zones {
		low, high := span(z)
		for _, from := range []int{low, high - size} {
			from = min(max(from, 0), length-size)
			c := cut(from)
			if len(c) < len(cuts) || len(c) == len(cuts) && distance(from, asked) < distance(best, asked) {
				best, cuts = from, c
			}
		}
	}
	if best != asked {
		*at = (float64(best) + float64(size)/2) / float64(length)
	}
	return focal, cuts
}

// in reports whether the zone lies entirely within a part of a width × height picture, rounded to pixels.
func (z ProtectedZone) in(part image.Rectangle, width, height int) bool {
	at := func(f float64, length int) int { return int(math.Round(f * float64(length))) }
	return image.Rect(at(z.X, width), at(z.Y, height), at(z.X+z.W, width), at(z.Y+z.H, height)).In(part)
}

func distance(a, b int) int { return max(a-b, b-a) }

// focal returns the focal point requested for a preset: the first that is set of the asset's for this preset, the
// preset's, the asset's and the centre.
func (a *Asset) focal(p Preset) Point {
	if at, ok := a.Focals[p.BaseName()]; ok {
		return at
	}
	switch {
	case p.Focal != nil:
		return *p.Focal
	case a.Focal != nil:
		return *a.Focal
	}
	return Point{X: 0.5, Y: 0.5}
}
