package rendition

import (
	"context"
	"errors"
	"fmt"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/reasons"
)

// Preview is a preset tried out on one asset; nothing of it is stored.
type Preview struct {
	Pictures []PreviewPicture    `json:"pictures" nullable:"false"`
	Warnings []string            `json:"warnings" nullable:"false" doc:"What the preset will not do for this picture"`
	Cuts     []dam.ProtectedZone `json:"cuts" nullable:"false" doc:"Protected zones that the crop cuts"`
	Focal    dam.Point           `json:"focal" doc:"Where the crop is, after protected zones were made way for"`
}

// PreviewPicture is one format of a preview.
type PreviewPicture struct {
	Format    dam.Format `json:"format"`
	MediaType string     `json:"media_type"`
	Width     int        `json:"width"`
	Height    int        `json:"height"`
	Size      int64      `json:"size" doc:"Bytes"`
	Data      []byte     `json:"data" doc:"The picture, in base64"`
}

// Preview makes a preset's pictures of an asset's newest version (or of the given one) at
// density 1. The preset need not be stored.
func (s *Service) Preview(ctx context.Context, library, asset, version string, p dam.Preset) (Preview, error) {
	out := Preview{Pictures: []PreviewPicture{}, Warnings: []string{}, Cuts: []dam.ProtectedZone{}}
	if err := p.Validate(); err != nil {
		return out, err
	}
	a, err := s.Catalog.Assets().Asset(ctx, library, asset)
	if err != nil {
		return out, err
	}
	ctx = dam.WithOrigin(ctx, dam.Origin{Library: a.Library})
	v := a.Latest
	if version != "" && version != v.ID {
		if v, err = s.Catalog.Versions().Version(ctx, version); err != nil || v.Asset != a.ID {
			return out, errors.Join(err, dam.InvalidInput("version", reasons.AssetWithoutVersion(version)))
		}
	}
	if v.Renditions == dam.RenditionsNone {
		return out, &dam.Error{Code: dam.Unsupported, Field: "asset", Reason: reasons.TypeWithoutRenditionsChoose()}
	}
	if err := s.Catalog.Write(catalog.WithoutIdempotencyKey(ctx),
		func(tx *catalog.Tx) error { return s.resolveWatermark(ctx, tx, library, &p) }); err != nil {
		return out, err
	}
	if !p.Suits(&v) {
		return out, &dam.Error{Code: dam.Unsupported, Field: "asset", Reason: reasons.PresetNeedsMoving()}
	}
	if p.IsVideo() {
		p.Formats, p.MaxBytes, p.MaxSeconds, p.FPS, p.Sound = []dam.PresetFormat{{Format: dam.JPEG, Quality: 80}},
			0, 0, 0, ""
		out.Warnings = append(out.Warnings,
			"This is a frame of it; the video itself is made once the preset is stored.")
	}
	p.DPR = nil
	crop := dam.CropOf(p, &a, &v)
	out.Focal = crop.Focal
	for _, z := range crop.Cuts {
		out.Cuts = append(out.Cuts, z)
		warning := "The crop cuts a protected zone (" + string(z.Kind) +
			"): no channel gets this preset of this asset, and its public URL shows nothing."
		if !crop.Withheld {
			warning = "The crop cuts a protected zone (" + string(z.Kind) +
				"): no channel gets this preset of this asset. Its public URL stays, for it was approved before that " +
				"counted."
		}
		out.Warnings = append(out.Warnings, warning)
	}
	src, err := s.Store.Open(ctx, dam.OriginalKey(v.SHA256))
	if err != nil {
		return out, &dam.Error{Code: dam.Unavailable, Reason: reasons.StorageDoesNotAnswer(), Err: err}
	}
	defer func() { _ = src.Close() }()
	for _, spec := range resolve([]dam.Preset{p}, &a, &v) {
		err := s.Engine.Render(ctx, src, []Spec{spec}, s.options(), func(o Output) error {
			out.Pictures = append(out.Pictures, PreviewPicture{Format: spec.Format, MediaType: o.MediaType,
				Width: o.Width, Height: o.Height, Size: int64(len(o.Bytes)), Data: o.Bytes})
			out.Warnings = append(out.Warnings, warnings(spec, v, o)...)
			return nil
		})
		var refused *dam.Error
		if errors.As(err, &refused) && refused.Code == dam.TooLarge && p.MaxBytes > 0 {
			out.Warnings = append(out.Warnings, fmt.Sprintf("%s: %s.", spec.Format, refused.Text()))
			continue
		}
		if err != nil {
			return out, err
		}
	}
	return out, nil
}

// warnings says where a picture is not what the preset asked for.
func warnings(s Spec, v dam.Version, o Output) (out []string) {
	if o.Note != "" {
		out = append(out, o.Note)
	}
	full, err := target(max(v.Width, 1), max(v.Height, 1), s)
	if v.Width == 0 || err != nil {
		return out
	}
	switch {
	case o.Width < full.Width || o.Height < full.Height:
		out = append(out, fmt.Sprintf("%s: made smaller, %d × %d, to stay within %d bytes.", s.Format, o.Width,
			o.Height, s.MaxBytes))
	case s.Width > o.Width && (s.Height == 0 || s.Height > o.Height || s.Fit == dam.FitCover):
		out = append(out, fmt.Sprintf("%s: the original has %d × %d pixels, and nothing is enlarged: %d × %d.",
			s.Format, v.Width, v.Height, o.Width, o.Height))
	}
	return out
}
