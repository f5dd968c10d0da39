package rendition

import (
	"context"
	"io"
	"strings"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/jobs"
	"vitrine/dam/reasons"
)

// maxWatermark bounds a watermark's file, in bytes.
const maxWatermark = 16 << 20

// Want asks for the renditions of presets (or their variants) that are made on demand; what
// has been asked for before is not asked for again.
func (s *Service) Want(ctx context.Context, tx *catalog.Tx, version string, presets ...string) error {
	asked := false
	for _, name := range presets {
		base, _, _ := strings.Cut(name, "@")
		news, err := tx.Presets().WantRendition(ctx, version, base)
		if err != nil {
			return err
		}
		asked = asked || news
	}
	if !asked {
		return nil
	}
	return s.Jobs.Enqueue(ctx, tx, MakeArgs{Version: version}, jobs.Options{Fair: true})
}

// Demand is Want in a transaction of its own. It is false when the preset is not one that
// is made on demand, or the version has no renditions.
func (s *Service) Demand(ctx context.Context, version, preset string) (bool, error) {
	v, err := s.Catalog.Versions().Version(ctx, version)
	if err != nil || v.Renditions == dam.RenditionsNone || v.Renditions == dam.RenditionsFailed || v.Refused(preset) {
		return false, err
	}
	a, err := s.Catalog.Assets().Asset(ctx, "", v.Asset)
	if err != nil {
		return false, err
	}
	presets, err := s.Catalog.Presets().List(ctx, a.Library)
	if err != nil {
		return false, err
	}
	p, ok := dam.Variant(presets, preset)
	if !ok || !p.Suits(&v) {
		return false, nil
	}
	if p.IsVideo() {
		if under, ended, err := s.videoJob(ctx, &v, preset); err != nil || under || ended {
			return under, err
		}
	}
	if p.Apply != dam.OnDemand {
		return false, nil
	}
	return true, s.Catalog.Write(catalog.WithoutIdempotencyKey(ctx),
		func(tx *catalog.Tx) error { return s.Want(ctx, tx, version, preset) })
}

// options are the engine's, with the way to a watermark's bytes.
func (s *Service) options() Options {
	o := s.Options
	o.Watermark = func(ctx context.Context, sha256 string) ([]byte, error) {
		f, err := s.Store.Open(ctx, dam.OriginalKey(sha256))
		if err != nil {
			return nil, &dam.Error{Code: dam.Unavailable, Reason: reasons.WatermarkUnreadable(), Err: err}
		}
		defer func() { _ = f.Close() }()
		return io.ReadAll(io.LimitReader(f, maxWatermark))
	}
	return o
}
