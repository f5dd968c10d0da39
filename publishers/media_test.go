package publishers

import (
	"strings"
	"testing"

	"vitrine/dam"
)

// TestMediaFit tests that the largest file that fits is chosen, and that the refusal of others says what to do.
func TestMediaFit(t *testing.T) {
	rules := MediaRules{Single: true, Formats: []dam.Format{dam.JPEG}, MaxBytes: 1000, MaxWidth: 2000, MaxHeight: 2000,
		MinAspect: 0.8, MaxAspect: 1.91}
	file := func(name string, f dam.Format, w, h int, size int64) Media {
		return Media{Preset: name, Format: f, Width: w, Height: h, Size: size}
	}
	got, problem := rules.Choose([]Media{file("small", dam.JPEG, 400, 400, 10), file("web", dam.WebP, 1500, 1500, 10),
		file("large", dam.JPEG, 1200, 1200, 900), file("huge", dam.JPEG, 3000, 3000, 900),
		file("heavy", dam.JPEG, 1500, 1500, 1001), file("wide", dam.JPEG, 2000, 500, 10)})
	if problem != nil || len(got) != 1 || got[0].Preset != "large" {
		t.Errorf("%+v, %+v", got, problem)
	}
	// A video channel gets the video, however large its poster is.
	clip := func(name string, seconds float64, size int64) Media {
		return Media{Preset: name, Format: dam.MP4, Width: 640, Height: 640, Size: size, Duration: seconds}
	}
	films := MediaRules{Single: true, Formats: []dam.Format{dam.JPEG, dam.MP4}, MaxBytes: 1000, MaxVideoBytes: 5000,
		MinSeconds: 3, MaxSeconds: 60}
	if got, problem = films.Choose([]Media{file("large", dam.JPEG, 1200, 1200, 900), clip("hover", 2, 100),
		clip("video", 60, 5000)}); problem != nil || got[0].Preset != "video" {
		t.Errorf("%+v, %+v", got, problem)
	}
	for why, m := range map[string]Media{"long lasts 61.0 of 60 s": clip("long", 61, 10),
		"short lasts 2.0 s, less than 3": clip("short", 2, 10), "heavy has 5001 of 5000 bytes": clip("heavy",
			10, 5001)} {
		if _, problem := films.Choose([]Media{m}); problem == nil || !strings.Contains(problem.Message, why) {
			t.Errorf("%s: %+v", why, problem)
		}
	}
	for remedy, list := range map[string][]Media{
		"crop it to 4:5":         {file("tall", dam.JPEG, 500, 1000, 10)},
		"crop it to 1.91:1":      {file("wide", dam.JPEG, 2000, 500, 10)},
		"at most 1000 bytes":     {file("heavy", dam.JPEG, 1500, 1500, 1001)},
		"at most 2000×2000":      {file("huge", dam.JPEG, 3000, 3000, 10)},
		"choose another preset:": {file("web", dam.WebP, 500, 500, 10)},
	} {
		_, problem := rules.Choose(list)
		if problem == nil || problem.Field != "presets" || !strings.Contains(problem.Remedy, remedy) ||
			!strings.Contains(problem.Message, "none of the chosen renditions fits") {
			t.Errorf("%s: %+v", remedy, problem)
		}
	}
}
