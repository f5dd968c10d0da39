package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"

	"vitrine/dam"
	"vitrine/dam/ingest"
	"vitrine/dam/metadata"
	"vitrine/dam/rendition"
)

// sniffLength is how much of a file tells its type.
const sniffLength = 64 << 10

// contentInspector puts together what content says: its type, its size in pixels, its metadata.
type contentInspector struct {
	engine    rendition.Engine
	maxPixels int64
	log       *slog.Logger
}

// Inspect implements ingest.Inspector.
func (i contentInspector) Inspect(ctx context.Context, r io.ReadSeeker) (ingest.Inspection, error) {
	head := make([]byte, sniffLength)
	n, err := io.ReadFull(r, head)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		return ingest.Inspection{}, err
	}
	var out ingest.Inspection
	out.MediaType, out.Kind = metadata.Sniff(head[:n])
	m, err := metadata.Read(r, out.MediaType)
	if err != nil {
		i.log.DebugContext(ctx, "metadata", "media_type", out.MediaType, "err", err)
	}
	out.Metadata = m
	if out.Kind != dam.KindImage {
		out.Note = "Renditions are made of JPEG, PNG, GIF, WebP, TIFF and BMP; the original can be downloaded."
		return out, nil
	}
	info, err := i.engine.Probe(ctx, r)
	if dam.CodeOf(err) == dam.Unsupported {
		out.Note = "This server can't show pictures of the type " + out.MediaType + " yet; the original can be downloaded."
		return out, nil
	}
	if err != nil {
		return out, err
	}
	if p := info.Pixels(); p > i.maxPixels {
		return out, &dam.Error{Code: dam.TooLarge, Field: "file", Message: fmt.Sprintf("the picture has %d million pixels; this server takes up to %d million", p/1e6, i.maxPixels/1e6),
			Remedy: "send a smaller copy"}
	}
	out.Width, out.Height = info.Upright()
	out.Frames, out.Renderable = max(1, info.Frames), true
	if info.Profile != "" {
		out.Metadata.Profile = info.Profile
	}
	return out, nil
}
