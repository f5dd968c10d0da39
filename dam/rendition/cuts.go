package rendition

import (
	"context"
	"strconv"
	"time"

	"vitrine/dam"
	"vitrine/dam/reasons"
)

// CutAsset is an asset that the public sees with a protected zone cut, because it was approved before that counted.
type CutAsset struct {
	Asset dam.Asset   `json:"asset"`
	Crops []CutPreset `json:"crops" nullable:"false"`
}

// CutPreset is a preset whose crop of the public version cuts zones.
type CutPreset struct {
	Preset string              `json:"preset"`
	Cuts   []dam.ProtectedZone `json:"cuts" nullable:"false" doc:"Protected zones that the crop cuts"`
}

// Cuts is a page of such assets, in the order in which they were added.
type Cuts struct {
	Items []CutAsset `json:"items" nullable:"false"`
	Next  string     `json:"next" doc:"To be given as after for the next page; empty at the end"`
}

// cutsScan is how many assets with zones are looked at for one page of Cuts.
const cutsScan = 1000

// Cuts lists a library's assets of which public URLs show, or will show once the rights begin, crops that cut a
// protected zone, up to limit behind a page's Next ("" is the start). A page may have fewer and still not be the last.
func (s *Service) Cuts(ctx context.Context, library, after string, limit int) (Cuts, error) {
	out := Cuts{Items: []CutAsset{}}
	number := uint64(0)
	if after != "" {
		var err error
		if number, err = strconv.ParseUint(after, 10, 32); err != nil {
			return out, dam.InvalidInput("after", reasons.NotAPageCursor())
		}
	}
	lib, err := s.Catalog.Libraries().Library(ctx, library)
	if err != nil {
		return out, err
	}
	zone, err := dam.Zone(lib.Zone)
	if err != nil {
		return out, err
	}
	presets, err := s.Catalog.Presets().List(ctx, library)
	if err != nil {
		return out, err
	}
	list, err := s.Catalog.Assets().CropExempt(ctx, library, uint32(number), cutsScan)
	if err != nil {
		return out, err
	}
	now := time.Now()
	for _, a := range list {
		status := dam.VisibilityAt(a.PublicFacts(zone), now, dam.UnknownAudience).Status
		if status == dam.StatusPublic || status == dam.StatusEmbargoed {
			v := a.Latest
			if v.ID != a.Live {
				if v, err = s.Catalog.Versions().Version(ctx, a.Live); err != nil {
					return out, err
				}
			}
			if crops := cutPresets(presets, &a, &v); len(crops) > 0 {
				out.Items = append(out.Items, CutAsset{Asset: a, Crops: crops})
			}
		}
		if len(out.Items) == limit {
			out.Next = strconv.FormatUint(uint64(a.Number), 10)
			return out, nil
		}
	}
	if len(list) == cutsScan {
		out.Next = strconv.FormatUint(uint64(list[cutsScan-1].Number), 10)
	}
	return out, nil
}

func cutPresets(presets []dam.Preset, a *dam.Asset, v *dam.Version) (out []CutPreset) {
	for _, p := range presets {
		if !p.Suits(v) {
			continue
		}
		if crop := dam.CropOf(p, a, v); len(crop.Cuts) > 0 && !crop.Withheld {
			out = append(out, CutPreset{p.Name, crop.Cuts})
		}
	}
	return out
}
