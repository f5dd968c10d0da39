package rendition

import (
	"context"
	"image"
	"math"
	"testing"

	"vitrine/dam"
)

func spec(name string, w, h int, fit dam.Fit) Spec {
	return Spec{Name: name, Width: w, Height: h, Fit: fit, Format: dam.JPEG, Quality: 80,
		Focal: dam.Point{X: 0.5, Y: 0.5}}
}

func TestTrueSizesAndCrops(t *testing.T) {
	at := func(s Spec, x, y float64) Spec { s.Focal = dam.Point{X: x, Y: y}; return s }
	for _, c := range []struct {
		name string
		w, h int
		spec Spec
		want image.Point
		crop image.Rectangle
	}{
		{"landscape in a box", 6000, 4000, spec("l", 2048, 2048, dam.FitContain), image.Pt(2048, 1365),
			image.Rect(0, 0, 6000, 4000)},
		{"portrait in a box", 4000, 6000, spec("l", 2048, 2048, dam.FitContain), image.Pt(1365, 2048),
			image.Rect(0, 0, 4000, 6000)},
		{"width only", 4000, 6000, spec("l", 2048, 0, dam.FitContain), image.Pt(2048, 3072),
			image.Rect(0, 0, 4000, 6000)},
		{"height only", 4000, 6000, spec("l", 0, 600, dam.FitContain), image.Pt(400, 600),
			image.Rect(0, 0, 4000, 6000)},
		{"contain never enlarges", 100, 80, spec("l", 2048, 2048, dam.FitContain), image.Pt(100, 80),
			image.Rect(0, 0, 100, 80)},
		{"a line keeps a pixel", 10000, 2, spec("t", 320, 320, dam.FitContain), image.Pt(320, 1),
			image.Rect(0, 0, 10000, 2)},
		{"cover in the middle", 6000, 4000, spec("s", 1080, 1080, dam.FitCover), image.Pt(1080, 1080),
			image.Rect(1000, 0, 5000, 4000)},
		{"cover follows the focal point", 6000, 4000, at(spec("s", 1080, 1080, dam.FitCover), 0.4, 0.5),
			image.Pt(1080, 1080), image.Rect(400, 0, 4400, 4000)},
		{"cover is clamped left", 6000, 4000, at(spec("s", 1080, 1080, dam.FitCover), 0, 0), image.Pt(1080, 1080),
			image.Rect(0, 0, 4000, 4000)},
		{"cover is clamped right", 6000, 4000, at(spec("s", 1080, 1080, dam.FitCover), 1, 1), image.Pt(1080, 1080),
			image.Rect(2000, 0, 6000, 4000)},
		{"a focal point outside", 6000, 4000, at(spec("s", 1080, 1080, dam.FitCover), 7, -3), image.Pt(1080, 1080),
			image.Rect(2000, 0, 6000, 4000)},
		{"no focal point at all", 6000, 4000, at(spec("s", 1080, 1080, dam.FitCover), math.NaN(), math.NaN()),
			image.Pt(1080, 1080), image.Rect(1000, 0, 5000, 4000)},
		{"wide cover of a portrait", 4000, 6000, spec("og", 1200, 630, dam.FitCover), image.Pt(1200, 630),
			image.Rect(0, 1950, 4000, 4050)},
		{"cover never enlarges: largest crop of the aspect", 800, 900, spec("og", 1200, 630, dam.FitCover),
			image.Pt(800, 420), image.Rect(0, 240, 800, 660)},
		{"exact size", 1080, 1080, spec("s", 1080, 1080, dam.FitCover), image.Pt(1080, 1080),
			image.Rect(0, 0, 1080, 1080)},
	} {
		p, err := NewPlan(c.w, c.h, []Spec{c.spec})
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		got := p.Targets[0]
		if image.Pt(got.Width, got.Height) != c.want || got.Crop != c.crop {
			t.Errorf("%s: %d × %d of %v, want %v of %v", c.name, got.Width, got.Height, got.Crop, c.want, c.crop)
		}
	}
}

func TestCascade(t *testing.T) {
	p, err := NewPlan(6000, 4000, Resolve(DefaultPresets(), nil))
	if err != nil {
		t.Fatal(err)
	}
	parents := map[string]string{}
	name := func(i int) string {
		if i < 0 {
			return "source"
		}
		return p.Targets[i].Specs[0].Name
	}
	for i, target := range p.Targets {
		if len(target.Specs) != 2 {
			t.Errorf("%s: %d specs share the size, want JPEG and WebP", name(i), len(target.Specs))
		}
		if target.Parent >= i {
			t.Errorf("%s comes before its parent", name(i))
		}
		parents[name(i)] = name(target.Parent)
	}
	want := map[string]string{"large": "source", "medium": "large", "small": "medium", "thumb": "small",
		"square": "large", "og": "large"}
	for n, parent := range want {
		if parents[n] != parent {
			t.Errorf("%s is made from %s, want %s", n, parents[n], parent)
		}
	}
	if got, want := p.Scale(), 2048.0/6000; math.Abs(got-want) > 1e-3 {
		t.Errorf("scale %.4f, want %.4f", got, want)
	}
}

// Every crop must stay inside its parent and keep its aspect, whatever the sizes.
func TestRegionsStayInside(t *testing.T) {
	specs := Resolve(DefaultPresets(), &dam.Point{X: 0.97, Y: 0.03})
	for _, size := range []image.Point{{6001, 4001}, {333, 7777}, {20000, 3}, {1, 1}, {1081, 1079}, {2560, 1440}} {
		p, err := NewPlan(size.X, size.Y, specs)
		if err != nil {
			t.Fatal(err)
		}
		for i, target := range p.Targets {
			w, h := size.X, size.Y
			if target.Parent >= 0 {
				w, h = p.Targets[target.Parent].Width, p.Targets[target.Parent].Height
			}
			r := p.Region(i, w, h)
			if r.Empty() || !r.In(image.Rect(0, 0, w, h)) {
				t.Errorf("%v: target %d takes %v of %d × %d", size, i, r, w, h)
			}
			if target.Width > size.X || target.Height > size.Y || r.Dx() < target.Width || r.Dy() < target.Height {
				t.Errorf("%v: target %d is enlarged: %v to %d × %d", size, i, r, target.Width, target.Height)
			}
		}
	}
}

func TestPlanRefuses(t *testing.T) {
	for _, s := range []Spec{{Name: "none", Fit: dam.FitContain}, {Name: "half", Width: 10, Fit: dam.FitCover},
		{Name: "odd", Width: 10, Fit: "stretch"}} {
		if _, err := NewPlan(100, 100, []Spec{s}); dam.CodeOf(err) != dam.Invalid {
			t.Errorf("%s: %v, want invalid", s.Name, err)
		}
	}
	if _, err := NewPlan(0, 100, nil); dam.CodeOf(err) != dam.Invalid {
		t.Errorf("an empty source: %v", err)
	}
}

func TestDefaultPresetsAreValid(t *testing.T) {
	for _, p := range DefaultPresets() {
		if err := p.Validate(); err != nil {
			t.Errorf("%s: %v", p.Name, err)
		}
	}
}

func TestHashCoversWhatChangesTheBytes(t *testing.T) {
	cover := spec("square", 1080, 1080, dam.FitCover)
	base := Hash("aa", cover, 1)
	if len(base) < 20 {
		t.Fatalf("hash %q is too short", base)
	}
	if again := Hash("aa", cover, 1); again != base {
		t.Fatal("the same recipe gave another hash")
	}
	change := func(f func(*Spec)) Spec { s := cover; f(&s); return s }
	differ := map[string]string{
		"version":  Hash("ab", cover, 1),
		"pipeline": Hash("aa", cover, 2),
		"name":     Hash("aa", change(func(s *Spec) { s.Name = "tile" }), 1),
		"size":     Hash("aa", change(func(s *Spec) { s.Width = 1000 }), 1),
		"fit":      Hash("aa", change(func(s *Spec) { s.Fit = dam.FitContain }), 1),
		"format":   Hash("aa", change(func(s *Spec) { s.Format = dam.PNG }), 1),
		"quality":  Hash("aa", change(func(s *Spec) { s.Quality = 81 }), 1),
		"focal":    Hash("aa", change(func(s *Spec) { s.Focal.X = 0.51 }), 1),
		"ground":   Hash("aa", change(func(s *Spec) { s.Background = "#000000" }), 1),
	}
	seen := map[string]string{base: "the original"}
	for what, h := range differ {
		if other, ok := seen[h]; ok {
			t.Errorf("%s has the hash of %s", what, other)
		}
		seen[h] = what
	}
	same := map[string]string{
		"effort of a JPEG": Hash("aa", change(func(s *Spec) { s.Effort = 6 }), 1),
		"explicit white":   Hash("aa", change(func(s *Spec) { s.Background = "#ffffff" }), 1),
	}
	for what, h := range same {
		if h != base {
			t.Errorf("%s changed the hash", what)
		}
	}
	contain := spec("large", 2048, 2048, dam.FitContain)
	moved := contain
	moved.Focal = dam.Point{X: 0.1, Y: math.NaN()}
	if Hash("aa", contain, 1) != Hash("aa", moved, 1) {
		t.Error("moving the focal point changed a size that is not cropped")
	}
}

func TestPixelsNeverOverflow(t *testing.T) {
	if n := (Info{Width: math.MaxInt32, Height: math.MaxInt32, Frames: math.MaxInt32}).Pixels(); n != math.MaxInt64 {
		t.Errorf("got %d", n)
	}
	if n := (Info{Width: 3, Height: 5, Frames: 7}).Pixels(); n != 105 {
		t.Errorf("got %d", n)
	}
}

func TestGate(t *testing.T) {
	ctx := context.Background()
	g := NewGate(100)
	huge, err := g.Acquire(ctx, 1_000_000) // larger than the gate: admitted alone
	if err != nil {
		t.Fatal(err)
	}
	ended, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := g.Acquire(ended, 1); err == nil {
		t.Fatal("a full gate let another in")
	}
	huge()
	a, err := g.Acquire(ctx, 60)
	if err != nil {
		t.Fatal(err)
	}
	b, err := g.Acquire(ctx, 40)
	if err != nil {
		t.Fatal(err)
	}
	a()
	b()
	var none *Gate
	release, err := none.Acquire(ctx, 1<<40)
	if err != nil {
		t.Fatal(err)
	}
	release()
}
