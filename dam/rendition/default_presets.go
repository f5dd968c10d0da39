package rendition

import (
	"slices"

	"vitrine/dam"
)

// DefaultPresets are the presets of pictures a new library starts with.
func DefaultPresets() []dam.Preset {
	formats := []dam.PresetFormat{
		{Format: dam.JPEG, Quality: 80},
		{Format: dam.WebP, Quality: 80, Effort: 2},
	}
	preset := func(name string, w, h int, fit dam.Fit) dam.Preset {
		return dam.Preset{Name: name, Width: w, Height: h, Fit: fit, Formats: slices.Clone(formats),
			Background: "#ffffff"}
	}
	return []dam.Preset{
		preset("thumb", 320, 320, dam.FitContain),
		preset("small", 640, 640, dam.FitContain),
		preset("medium", 1280, 1280, dam.FitContain),
		preset("large", 2048, 2048, dam.FitContain),
		preset("square", 1080, 1080, dam.FitCover),
		preset("og", 1200, 630, dam.FitCover),
	}
}
