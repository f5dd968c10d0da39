package publishers

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"vitrine/dam"
	"vitrine/dam/reasons"
)

// Digest returns a digest of the content. Content marshals deterministically: maps by key, lists in their order.
func (c Content) Digest() string {
	b, err := json.Marshal(c)
	if err != nil {
		panic(err) // marshalling plain data never fails
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// Choose returns the files that the remote accepts: all that fit, or the largest that fits.
func (m MediaRules) Choose(list []Media) ([]Media, *dam.Problem) {
	var fits []Media
	why := map[string]reasons.Reason{}
	for _, x := range list {
		if r := m.misfit(x); !r.IsZero() {
			why[r.Text()] = r
			continue
		}
		fits = append(fits, x)
	}
	if len(fits) == 0 {
		var each []reasons.Reason
		for _, text := range slices.Sorted(maps.Keys(why)) {
			each = append(each, why[text])
		}
		return nil, dam.NewProblem(string(ClassPermanent), "presets",
			reasons.NoRenditionFits(each).With(m.remedy(list)))
	}
	if m.Single {
		fits = []Media{slices.MaxFunc(fits, func(a, b Media) int {
			if video := a.Format.IsVideo(); video != b.Format.IsVideo() {
				if video {
					return 1
				}
				return -1
			}
			if d := a.Width*a.Height - b.Width*b.Height; d != 0 {
				return d
			}
			return int(b.Size - a.Size) // of the same picture, the smaller file
		})}
	}
	return fits, nil
}

func (m MediaRules) misfit(x Media) reasons.Reason {
	aspect := float64(x.Width) / float64(max(x.Height, 1))
	ceiling := m.MaxBytes
	if x.Format.IsVideo() && m.MaxVideoBytes > 0 {
		ceiling = m.MaxVideoBytes
	}
	switch {
	case len(m.Formats) > 0 && !slices.Contains(m.Formats, x.Format):
		return reasons.FormatNotTaken(x.Format)
	case ceiling > 0 && x.Size > ceiling:
		return reasons.FileOverBytes(x.Preset, x.Size, ceiling)
	case x.Format.IsVideo() && m.MaxSeconds > 0 && x.Duration > m.MaxSeconds+0.05:
		return reasons.FilmTooLong(x.Preset, fmt.Sprintf("%.1f", x.Duration), m.MaxSeconds)
	case x.Format.IsVideo() && x.Duration < m.MinSeconds-0.05:
		return reasons.FilmTooShort(x.Preset, fmt.Sprintf("%.1f", x.Duration), m.MinSeconds)
	case m.MaxWidth > 0 && x.Width > m.MaxWidth || m.MaxHeight > 0 && x.Height > m.MaxHeight:
		return reasons.MediaPixels(x.Preset, x.Width, x.Height)
	case m.MinAspect > 0 && aspect < m.MinAspect-0.005 || m.MaxAspect > 0 && aspect > m.MaxAspect+0.005:
		return reasons.MediaAspect(x.Preset, fmt.Sprintf("%.2f", aspect))
	}
	return reasons.Reason{}
}

// remedy returns what to do if no file fits: change the crop, if that is the only obstacle.
func (m MediaRules) remedy(list []Media) reasons.Remedy {
	for _, x := range list {
		free := m
		free.MinAspect, free.MaxAspect = 0, 0
		if !free.misfit(x).IsZero() {
			continue
		}
		if aspect := float64(x.Width) / float64(max(x.Height, 1)); m.MinAspect > 0 && aspect < m.MinAspect {
			return reasons.RemedyCropToRatio(ratio(m.MinAspect))
		}
		return reasons.RemedyCropToRatio(ratio(m.MaxAspect))
	}
	return reasons.RemedyChooseAnotherPresetThatFits(m.rules())
}

// ratio formats an aspect ratio: 4:5, 1.91:1.
func ratio(aspect float64) string {
	for h := 1; h <= 10; h++ {
		w := aspect * float64(h)
		if r := math.Round(w); math.Abs(w-r) < 0.005*float64(h) && r > 0 {
			return fmt.Sprintf("%d:%d", int(r), h)
		}
	}
	return fmt.Sprintf("%.2f:1", aspect)
}

// rules says what a file has to be.
func (m MediaRules) rules() []reasons.Reason {
	var out []reasons.Reason
	if len(m.Formats) > 0 {
		names := make([]string, len(m.Formats))
		for i, f := range m.Formats {
			names[i] = string(f)
		}
		out = append(out, reasons.MediaRuleFormats(strings.Join(names, ", ")))
	}
	if m.MaxBytes > 0 {
		out = append(out, reasons.MediaRuleBytes(m.MaxBytes))
	}
	if m.MaxSeconds > 0 {
		out = append(out, reasons.MediaRuleSeconds(m.MaxSeconds))
	}
	if m.MaxWidth > 0 {
		out = append(out, reasons.MediaRulePixels(m.MaxWidth, m.MaxHeight))
	}
	if m.MinAspect > 0 || m.MaxAspect > 0 {
		out = append(out, reasons.MediaRuleAspect(ratio(m.MinAspect), ratio(m.MaxAspect)))
	}
	return out
}
