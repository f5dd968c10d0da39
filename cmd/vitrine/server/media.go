package server

import (
	"context"
	"io"
	"runtime"
	"time"

	"vitrine/cmd/vitrine/config"
	"vitrine/dam"
	"vitrine/dam/delivery"
	"vitrine/dam/jobs"
	"vitrine/dam/metadata"
	"vitrine/dam/rendition"
	"vitrine/dam/rendition/convert"
	"vitrine/dam/rendition/sandbox"
	"vitrine/dam/similarity"
	"vitrine/dam/similarity/visual"
	"vitrine/dam/writeback"
)

const (
	// renderTimeout is the limit of a job, waiting included; each picture and each program has a deadline of its own.
	renderTimeout = 15 * time.Minute
	runTimeout    = 10 * time.Minute // the work itself may take a minute of it
)

// Media has the services that decode, render, analyze and write files.
type Media struct {
	Engine     *convert.Engine
	Options    rendition.Options
	Renditions *rendition.Service
	Similarity *similarity.Service
	Copies     *writeback.Service // downloads with the catalogue's metadata

	programs *sandbox.Runner
	workers  *Workers
}

// RenderLimits returns the configured limits of pictures.
func RenderLimits(c config.Config) rendition.Options {
	return rendition.Options{MaxPixels: c.MaxPixels, MaxAnimation: c.MaxAnimation}
}

func newMedia(ctx context.Context, p *parts, d *Installation, o *Objects) (*Media, error) {
	programs, err := openSandbox(p.Config)
	if err != nil {
		return nil, err
	}
	w := OpenWorkers(p.Config, programs, p.log)
	p.onClose(func(context.Context) error { return w.Close() })
	workerMetrics(p.metrics, w.Pool)
	p.background("walls", func(ctx context.Context) { w.Announce(ctx, p.log) })

	m := &Media{programs: programs, workers: w,
		Engine: convert.New(convert.Options{Engine: w, Sandbox: programs, Identify: metadata.Identify,
			MaxPixels: p.MaxPixels}),
		Options: RenderLimits(p.Config)}
	m.Options.Workers, m.Options.Gate = runtime.GOMAXPROCS(0), rendition.NewGate(48_000_000)
	small := adhoc{m.Engine, m.Options}
	m.Similarity = &similarity.Service{Catalog: d.Catalog, Store: o.Store, Jobs: p.queue,
		Analyser: similarity.Analyser{Revision: visual.Revision, Read: visual.Read},
		Small: func(ctx context.Context, original io.ReadSeeker) ([]byte, error) {
			return small.Render(ctx, original, delivery.Transform{Width: 320, Height: 320, Fit: dam.FitContain,
				Format: dam.JPEG, Quality: 85})
		}}
	m.Renditions = &rendition.Service{Catalog: d.Catalog, Store: o.Store, Engine: m.Engine, Jobs: p.queue,
		Options: m.Options, Ready: m.Similarity.Plan}
	if err := p.once(ctx, "presets", m.Renditions.SeedPresets); err != nil {
		return nil, err
	}
	m.Copies = &writeback.Service{Catalog: d.Catalog, Store: o.Store, Jobs: p.queue,
		Writer: writeback.Writer{Carried: metadata.Carried, Wanted: metadata.Wanted(), Tags: metadata.Tags,
			Sidecar: metadata.Sidecar,
			Able:    m.Engine.CanWrite,
			Write:   m.Engine.WriteTags}}

	jobs.Handle(p.queue, renderTimeout, m.Renditions.Make)
	jobs.Handle(p.queue, runTimeout, m.Renditions.Rerender)
	jobs.Handle(p.queue, rendition.VideoTimeout, m.Renditions.MakeVideo)
	jobs.Handle(p.queue, writeback.Timeout, m.Copies.Make)
	jobs.Handle(p.queue, similarity.AnalyzeTimeout, m.Similarity.Analyze)
	jobs.Handle(p.queue, similarity.SweepTimeout, m.Similarity.Sweep)
	p.queue.Every(similarity.SweepEvery, func() jobs.Args { return similarity.SweepArgs{} })
	return m, nil
}
