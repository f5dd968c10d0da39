package server

import (
	"context"
	"errors"
	"io"
	"log/slog"

	"vitrine/dam"
	"vitrine/dam/ingest"
	"vitrine/dam/metadata"
	"vitrine/dam/reasons"
	"vitrine/dam/rendition/convert"
)

// contentProber puts together what content says: its type, its size in pixels, its metadata.
type contentProber struct {
	engine    *convert.Engine
	maxPixels int64
	log       *slog.Logger
}

// Probe implements ingest.Prober.
func (i contentProber) Probe(ctx context.Context, r io.ReadSeeker) (ingest.ProbeResult, error) {
	var out ingest.ProbeResult
	var err error
	if out.MediaType, out.Kind, err = metadata.Identify(r); err != nil {
		return ingest.ProbeResult{}, err
	}
	m, err := metadata.Read(r, out.MediaType)
	if err != nil {
		i.log.DebugContext(ctx, "metadata", "media_type", out.MediaType, "err", err)
	}
	out.Metadata = m
	foreign := i.engine.Handles(out.MediaType)
	if out.Kind != dam.KindImage && !foreign {
		out.Why = reasons.RenditionsOfPicturesOnly()
		return out, nil
	}
	info, err := i.engine.Probe(ctx, r)
	var refused *dam.Error
	if foreign && errors.As(err, &refused) {
		// A program's word about a format that is none of ours is no reason to turn the file away.
		i.log.InfoContext(ctx, "no renditions", "media_type", out.MediaType, "err", refused)
		out.Why = reasons.UnreadableButDownloadable(refused.Why())
		return out, nil
	}
	if dam.CodeOf(err) == dam.Unsupported && (out.MediaType == "image/heic" || out.MediaType == "image/avif") &&
		errors.As(err, &refused) {
		out.Why = reasons.UnreadableButDownloadable(refused.Why())
		return out, nil
	}
	if dam.CodeOf(err) == dam.Unsupported {
		out.Why = reasons.TypeNotShownYet(out.MediaType)
		return out, nil
	}
	if err != nil {
		return out, err
	}
	if p := info.Pixels(); p > i.maxPixels {
		return out, &dam.Error{Code: dam.TooLarge, Field: "file",
			Reason: reasons.PictureOverPixelLimit(p/1e6, i.maxPixels/1e6)}
	}
	out.Width, out.Height = info.Upright()
	out.Frames, out.Renderable = max(1, info.Frames), true
	out.Pages, out.Duration, out.Codec, out.FrameRate = info.Pages, info.Duration.Seconds(), info.Codec, info.FrameRate
	if info.Profile != "" {
		out.Metadata.Profile = info.Profile
	}
	return out, nil
}
