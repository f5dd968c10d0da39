package rendition

import (
	"context"
	"errors"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/reasons"
)

// Preview is a preset tried out on one asset; nothing of it is stored.
type Preview struct {
	Pictures []PreviewPicture    `json:"pictures" nullable:"false"`
	Warnings []string            `json:"warnings" nullable:"false" doc:"What the preset will not do for this picture"`
	Reasons  []reasons.Reason    `json:"warning_reasons,omitempty" doc:"What warnings say, as codes, in their order"`
	Cuts     []dam.ProtectedZone `json:"cuts" nullable:"false" doc:"Protected zones that the crop cuts"`
	Focal    dam.Point           `json:"focal" doc:"Where the crop is, after protected zones were made way for"`
}

// warn adds a sentence with its code.
func (p *Preview) warn(why reasons.Reason) {
	p.Warnings, p.Reasons = append(p.Warnings, reasons.Sentence(why.Text())), append(p.Reasons, why)
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
		out.warn(reasons.PreviewFrameOnly())
	}
	p.DPR = nil
	crop := dam.CropOf(p, &a, &v)
	out.Focal = crop.Focal
	for _, z := range crop.Cuts {
		out.Cuts = append(out.Cuts, z)
		if crop.Withheld {
			out.warn(reasons.CropCutsZone(z.Kind))
		} else {
			out.warn(reasons.CropCutsZoneKept(z.Kind))
		}
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
			for _, why := range warnings(spec, v, o) {
				out.warn(why)
			}
			return nil
		})
		var refused *dam.Error
		if errors.As(err, &refused) && refused.Code == dam.TooLarge && p.MaxBytes > 0 {
			out.warn(reasons.FormatRefused(spec.Format, refused.Why()))
			continue
		}
		if err != nil {
			return out, err
		}
	}
	return out, nil
}

// warnings says where a picture is not what the preset asked for.
func warnings(s Spec, v dam.Version, o Output) (out []reasons.Reason) {
	if !o.Note.IsZero() {
		out = append(out, o.Note)
	}
	full, err := target(max(v.Width, 1), max(v.Height, 1), s)
	if v.Width == 0 || err != nil {
		return out
	}
	switch {
	case o.Width < full.Width || o.Height < full.Height:
		out = append(out, reasons.MadeSmaller(s.Format, o.Width, o.Height, s.MaxBytes))
	case s.Width > o.Width && (s.Height == 0 || s.Height > o.Height || s.Fit == dam.FitCover):
		out = append(out, reasons.NothingEnlarged(s.Format, v.Width, v.Height, o.Width, o.Height))
	}
	return out
}
