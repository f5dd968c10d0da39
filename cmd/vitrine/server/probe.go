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
	"vitrine/dam/rendition"
	"vitrine/dam/rendition/convert"
)

// contentProber determines the properties of a file from its content: its type, its size in pixels, its metadata.
type contentProber struct {
	engine *convert.Engine
	limits rendition.Options
	log    *slog.Logger
}

// Probe implements ingest.Prober.
func (i contentProber) Probe(ctx context.Context, r io.ReadSeeker) (ingest.ProbeResult, error) {
	var out ingest.ProbeResult
	var err error
	if out.MediaType, out.Kind, err = metadata.Identify(r); err != nil {
		return ingest.ProbeResult{}, err
	}
	m, err := i.reader().Read(ctx, r, out.MediaType)
	if ctx.Err() != nil {
		return ingest.ProbeResult{}, ctx.Err()
	}
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
	if errors.As(err, &refused) && dam.Lasting(err) != nil && (foreign || refused.Code != dam.Invalid) {
		// A file that can't be shown is stored nevertheless, also if a program fails on a format that the server itself
		// doesn't read. A file is refused only if it is damaged for every reader of its format.
		i.log.InfoContext(ctx, "no renditions", "media_type", out.MediaType, "err", refused)
		if out.Why = reasons.UnreadableButDownloadable(refused.Why()); !foreign &&
			refused.Why().ReasonCode == reasons.CodeTypeWithoutPictures {
			out.Why = reasons.TypeNotShownYet(out.MediaType)
		}
		return out, nil
	}
	if err != nil {
		return out, err
	}
	if i.limits.Check(info) != nil { // its job reports that again, and can be retried after the limit is changed
		out.Why = reasons.UnreadableButDownloadable(reasons.PictureOverPixelLimit(int64(info.Width)*int64(info.Height)/
			1e6, i.limits.MaxPixels/1e6))
	}
	out.Width, out.Height = info.Upright()
	out.Frames, out.Renderable = max(1, info.Frames), true
	out.Recipe, out.Changed = max(1, info.Revision), info.Changed
	out.Pages, out.Duration, out.Codec, out.FrameRate = info.Pages, info.Duration.Seconds(), info.Codec, info.FrameRate
	if info.Profile != "" {
		out.Metadata.Profile = info.Profile
	}
	return out, nil
}

func (i contentProber) reader() metadata.Reader {
	if i.engine.CanRead() != nil {
		return metadata.Reader{}
	}
	return metadata.Reader{More: i.engine.ReadTags}
}

// ReadWithSidecar implements assets.MetadataReader.
func (i contentProber) ReadWithSidecar(ctx context.Context, file io.ReadSeeker, mediaType string,
	sidecar []byte) (dam.Metadata, error) {
	return i.reader().ReadWithSidecar(ctx, file, mediaType, sidecar)
}
