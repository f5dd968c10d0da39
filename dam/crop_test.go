package dam_test

import (
	"errors"
	"math"
	"testing"

	"vitrine/dam"
)

func TestCropKeepsZonesWhole(t *testing.T) {
	square := dam.Preset{Name: "square", Width: 1080, Height: 1080, Fit: dam.FitCover}
	wide := dam.Preset{Name: "wide", Width: 1600, Height: 400, Fit: dam.FitCover}
	whole := dam.Preset{Name: "whole", Width: 1080, Height: 1080, Fit: dam.FitContain}
	face := func(x, y, w, h float64) dam.ProtectedZone {
		return dam.ProtectedZone{Kind: dam.ZoneFace, X: x, Y: y, W: w, H: h}
	}
	for _, c := range []struct {
		name   string
		preset dam.Preset
		asset  dam.Asset
		x, y   float64 // the centre of the crop
		cuts   int
	}{
		{"no zones: the focal point as it is", square, dam.Asset{Focal: &dam.Point{X: 0.37, Y: 0.2}}, 0.37, 0.2, 0},
		{"a zone inside leaves it alone", square, dam.Asset{Focal: &dam.Point{X: 0.5, Y: 0.5},
			Zones: []dam.ProtectedZone{face(0.4, 0, 0.2, 1)}}, 0.5, 0.5, 0},
		{"a zone at the left pulls the crop there", square, dam.Asset{Focal: &dam.Point{X: 0.9, Y: 0.5},
			Zones: []dam.ProtectedZone{face(0.1, 0, 0.1, 1)}}, 0.1 + 1.0/3, 0.5, 0},
		{"a zone at the right border", square, dam.Asset{Zones: []dam.ProtectedZone{face(0.9, 0, 0.1, 0.1)}}, 1 - 1.0/3,
			0.5, 0},
		{"two that just fit", square,
			dam.Asset{Zones: []dam.ProtectedZone{face(0.2, 0, 0.1, 0.1), face(0.8, 0, 0.2/3, 0.1)}}, 0.2 + 1.0/3, 0.5,
			0},
		{"one wider than the crop is cut", square, dam.Asset{Zones: []dam.ProtectedZone{face(0, 0, 0.8, 1)}}, 0.5, 0.5,
			1},
		{"of three at both ends, two are kept", square,
			dam.Asset{Zones: []dam.ProtectedZone{face(0, 0, 0.1, 1), face(0.9, 0, 0.1, 1), face(0.85, 0, 0.05, 1)}},
			1 - 1.0/3, 0.5, 1},
		{"a zone that is left out altogether is cut", wide,
			dam.Asset{Zones: []dam.ProtectedZone{face(0, 0, 0.1, 0.1), face(0, 0.9, 0.1, 0.1)}}, 0.5, 0.1875, 1},
		{"top to bottom", wide, dam.Asset{Zones: []dam.ProtectedZone{face(0.4, 0.7, 0.1, 0.2)}}, 0.5, 0.9 - 0.1875, 0},
		{"contain never cuts", whole, dam.Asset{Zones: []dam.ProtectedZone{face(0, 0, 1, 1)}}, 0.5, 0.5, 0},
		{"a preset's own focal point", dam.Preset{Name: "s", Width: 9, Height: 9, Fit: dam.FitCover,
			Focal: &dam.Point{X: 0.8, Y: 0.5}}, dam.Asset{Focal: &dam.Point{X: 0.1, Y: 0.5}}, 0.8, 0.5, 0},
		{"the asset's for that preset goes before it, at any density", dam.Preset{Name: "s@2x", Width: 9, Height: 9,
			Fit: dam.FitCover, Focal: &dam.Point{X: 0.8, Y: 0.5}},
			dam.Asset{Focal: &dam.Point{X: 0.1, Y: 0.5}, Focals: map[string]dam.Point{"s": {X: 0.6, Y: 0.5}}}, 0.6, 0.5,
			0},
	} {
		at, cuts := c.preset.Crop(&c.asset, 3000, 2000)
		if math.Abs(at.X-c.x) > 0.001 || c.preset.Name == "wide" && math.Abs(at.Y-c.y) > 0.001 || len(cuts) != c.cuts {
			t.Errorf("%s: at %v with %d cuts, want %v, %v with %d", c.name, at, len(cuts), c.x, c.y, c.cuts)
		}
		if c.preset.Fit == dam.FitCover && c.cuts == 0 {
			// What the engines crop, with their own rounding.
			win := dam.Window(3000, 2000, c.preset.Width, c.preset.Height, at)
			for _, z := range c.asset.Zones {
				if int(math.Round(z.X*3000)) < win.Min.X || int(math.Round((z.X+z.W)*3000)) > win.Max.X ||
					int(math.Round(z.Y*2000)) < win.Min.Y || int(math.Round((z.Y+z.H)*2000)) > win.Max.Y {
					t.Errorf("%s: %+v is cut by %v", c.name, z, win)
				}
			}
		}
	}
	if _, cuts := square.Crop(&dam.Asset{Zones: []dam.ProtectedZone{face(0.4, 0.4, 0.1, 0.1)}}, 0, 0); len(cuts) != 1 {
		t.Error("a zone in a picture of unknown size is not taken to be cut")
	}
}

func TestZonesThatAreNone(t *testing.T) {
	for _, z := range []dam.ProtectedZone{
		{Kind: "hat", X: 0, Y: 0, W: 1, H: 1}, {Kind: dam.ZoneFace}, {Kind: dam.ZoneFace, X: 0.5, W: 0.6, H: 0.1},
		{Kind: dam.ZoneLogo, X: -0.1, W: 0.5, H: 0.5},
		{Kind: dam.ZoneLogo, X: math.NaN(), W: 0.5, H: 0.5}, {Kind: dam.ZonePrice, W: math.NaN(), H: 0.5},
	} {
		if dam.CodeOf(z.Validate("zones[0]")) != dam.Invalid {
			t.Errorf("%+v was taken", z)
		}
	}
}

func TestPresetOptions(t *testing.T) {
	good := dam.Preset{Name: "hero", Width: 800, Height: 600, Fit: dam.FitCover,
		Formats: []dam.PresetFormat{{Format: dam.JPEG, Quality: 80}}, DPR: []int{2, 1, 2}}
	if err := good.Validate(); err != nil {
		t.Fatal(err)
	}
	variants := good.Variants()
	if len(variants) != 2 || variants[0].Name != "hero" || variants[1].Name != "hero@2x" || variants[1].Width != 1600 ||
		variants[1].Height != 1200 {
		t.Errorf("variants: %+v", variants)
	}
	if _, ok := dam.Variant([]dam.Preset{good}, "hero@2x"); !ok {
		t.Error("hero@2x is not found")
	}
	if _, ok := dam.Variant([]dam.Preset{good}, "hero@3x"); ok {
		t.Error("hero@3x is found")
	}
	for field, change := range map[string]func(*dam.Preset){
		"dpr[0]":          func(p *dam.Preset) { p.DPR = []int{5} },
		"max_bytes":       func(p *dam.Preset) { p.MaxBytes = 10 },
		"sharpen":         func(p *dam.Preset) { p.Sharpen = math.NaN() },
		"metadata":        func(p *dam.Preset) { p.Metadata = "all" },
		"apply":           func(p *dam.Preset) { p.Apply = "never" },
		"focal":           func(p *dam.Preset) { p.Focal = &dam.Point{X: 2} },
		"watermark.asset": func(p *dam.Preset) { p.Watermark = &dam.Watermark{Opacity: 1, Scale: 1} },
		"watermark.position": func(p *dam.Preset) {
			p.Watermark = &dam.Watermark{Asset: "a", Position: "middle", Opacity: 1, Scale: 1}
		},
		"watermark.opacity": func(p *dam.Preset) { p.Watermark = &dam.Watermark{Asset: "a", Scale: 1} },
		"watermark.scale":   func(p *dam.Preset) { p.Watermark = &dam.Watermark{Asset: "a", Opacity: 1, Scale: 2} },
		"background":        func(p *dam.Preset) { p.Background = "white" },
		"formats[1].format": func(p *dam.Preset) { p.Formats = append(p.Formats, p.Formats[0]) },
	} {
		p := good
		change(&p)
		var err *dam.Error
		if !errors.As(p.Validate(), &err) || err.Field != field || err.Advice() == "" {
			t.Errorf("%s: %v", field, err)
		}
	}
}
