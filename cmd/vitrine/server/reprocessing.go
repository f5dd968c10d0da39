package server

import (
	"context"
	"io"

	"vitrine/dam"
	"vitrine/dam/jobs"
	"vitrine/dam/rendition"
	"vitrine/dam/reprocess"
)

// newReprocessing returns the service that does again what earlier versions did wrongly, and has it examine each
// library once after an upgrade.
func newReprocessing(ctx context.Context, p *parts, s *Server) (*reprocess.Service, error) {
	r := &reprocess.Service{Catalog: s.Data.Catalog, Store: s.Objects.Store, Jobs: p.queue, Log: p.log,
		Prober:  finder{contentProber{s.Media.Engine, s.Media.Options, p.log}},
		Uploads: s.Library.Ingest, Renditions: s.Media.Renditions, Publications: s.Channels.Planning,
		Queue: rendition.RunQueue, Revision: rendition.PipelineRevision, MediaTypes: rendition.ChangedTypes()}
	jobs.Handle(p.queue, reprocess.Timeout, r.Run)
	return r, p.once(ctx, "reprocessing", r.BeginAll)
}

// finder tells what the prober of uploads finds.
type finder struct{ contentProber }

// Probe implements reprocess.Prober.
func (f finder) Probe(ctx context.Context, r io.ReadSeeker) (reprocess.Finding, error) {
	seen, err := f.contentProber.Probe(ctx, r)
	seen = seen.Bounded()
	return reprocess.Finding{FileFacts: dam.FileFacts{MediaType: seen.MediaType, Kind: seen.Kind, Width: seen.Width,
		Height: seen.Height, Frames: seen.Frames, Pages: seen.Pages, Duration: seen.Duration, Codec: seen.Codec,
		FrameRate: seen.FrameRate, Recipe: max(1, seen.Recipe)}, Renderable: seen.Renderable && seen.Why.IsZero(),
		Changed: seen.Changed}, err
}
