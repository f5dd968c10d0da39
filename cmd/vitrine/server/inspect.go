package server

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"unicode"
	"unicode/utf8"

	"vitrine/dam"
	"vitrine/dam/ingest"
	"vitrine/dam/metadata"
	"vitrine/dam/rendition/convert"
)

// sniffLength is how much of a file tells its type.
const sniffLength = 64 << 10

// contentInspector puts together what content says: its type, its size in pixels, its metadata.
type contentInspector struct {
	engine    *convert.Engine
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
	foreign := i.engine.Handles(out.MediaType)
	if out.Kind != dam.KindImage && !foreign {
		out.Note = "Renditions are made of pictures, video, sound and documents; the original can be downloaded."
		return out, nil
	}
	info, err := i.engine.Probe(ctx, r)
	var refused *dam.Error
	if foreign && errors.As(err, &refused) {
		// A program's word about a format that is none of ours is no reason to turn the file away.
		i.log.InfoContext(ctx, "no renditions", "media_type", out.MediaType, "err", refused)
		out.Note = sentence(refused.Message) + " The original can be downloaded."
		return out, nil
	}
	if dam.CodeOf(err) == dam.Unsupported && (out.MediaType == "image/heic" || out.MediaType == "image/avif") && errors.As(err, &refused) {
		out.Note = sentence(refused.Message) + " The original can be downloaded."
		return out, nil
	}
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
	out.Pages, out.Duration, out.Codec, out.FrameRate = info.Pages, info.Duration.Seconds(), info.Codec, info.FrameRate
	if info.Profile != "" {
		out.Metadata.Profile = info.Profile
	}
	return out, nil
}

// sentence makes a sentence of an error's message.
func sentence(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(r)) + s[n:] + "."
}
