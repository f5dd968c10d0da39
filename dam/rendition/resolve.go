package rendition

import (
	"vitrine/dam"
)

// resolve turns presets into specs of a version of an asset, one for each density and format.
func resolve(presets []dam.Preset, a *dam.Asset, v *dam.Version) []Spec {
	var specs []Spec
	for _, preset := range presets {
		if !preset.Suits(v) {
			continue
		}
		for _, p := range preset.Variants() {
			focal, _ := p.Crop(a, v.Width, v.Height)
			spec := Spec{Name: p.Name, Width: p.Width, Height: p.Height, Fit: p.Fit, Focal: focal,
				Background: p.Background, MaxBytes: p.MaxBytes, Sharpen: p.Sharpen,
				Seconds: p.MaxSeconds, FPS: p.FPS, Silent: p.Sound == "strip"}
			if w := p.Watermark; w != nil {
				spec.Watermark = &Watermark{SHA256: w.SHA256, Position: w.Position, Opacity: w.Opacity, Scale: w.Scale}
			}
			if p.Metadata != "strip" {
				spec.Embed = Credit{Copyright: a.Copyright, Creator: a.Creator}
			}
			for _, f := range p.Formats {
				spec.Format, spec.Quality, spec.Effort = f.Format, f.Quality, f.Effort
				spec.Animate = p.Animated && f.Format.Animates()
				specs = append(specs, spec)
			}
		}
	}
	return specs
}
