package server

import (
	"vitrine/dam/downloads"
	"vitrine/dam/jobs"
	"vitrine/dam/savedsearch"
)

func newDownloads(p *parts, d *Installation, o *Objects, m *Media, find *savedsearch.Service) *downloads.Service {
	s := &downloads.Service{Catalog: d.Catalog, Store: o.Store, Find: find, Pictures: m.Renditions, Jobs: p.queue,
		MaxFiles: p.Downloads.Files, Life: p.Downloads.Link, Streams: p.Downloads.Streams,
		Records: p.Retention["events"]}
	for i := 0; ; i++ {
		k, ok := d.Keys.Derive(i, "download links")
		if !ok {
			break
		}
		s.Keys = append(s.Keys, k)
	}
	jobs.Handle(p.queue, downloads.Timeout, s.Run)
	jobs.Handle(p.queue, downloads.Timeout, s.Sweep)
	p.queue.Every(sweepEvery, func() jobs.Args { return downloads.SweepArgs{} })
	return s
}
