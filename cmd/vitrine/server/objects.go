package server

import (
	"context"
	"time"

	"vitrine/dam"
	"vitrine/dam/integrity"
	"vitrine/dam/jobs"
	"vitrine/dam/mirror"
	"vitrine/dam/reasons"
	"vitrine/dam/rendition"
	"vitrine/dam/retention"
	"vitrine/storage"
)

// Objects has the store that every service reads from, which verifies objects against the catalogue.
type Objects struct {
	Store *storage.Verified
	// Second is the mirror; nil if there is none.
	Second storage.Store
	Record *integrity.Record
}

func newObjects(ctx context.Context, p *parts, d *Installation) (*Objects, error) {
	o := &Objects{Record: &integrity.Record{Catalog: d.Catalog, Jobs: p.queue, Log: p.log}}
	var err error
	if o.Second, err = newMirror(ctx, p, d, o.Record); err != nil {
		return nil, err
	}
	o.Store = storage.NewVerified(d.Store, o.Second, o.Record)
	return o, nil
}

// newMirror starts copying objects to the mirror; it returns nil if there is none.
func newMirror(ctx context.Context, p *parts, d *Installation, record storage.Record) (storage.Store, error) {
	second, err := OpenMirror(p.Config)
	if err != nil {
		return nil, err
	}
	if second == nil {
		return nil,
			p.once(ctx, "second store", func(ctx context.Context) error {
				return d.Catalog.Mirror().UseMirror(ctx, "")
			})
	}
	if second.String() == d.Store.String() {
		return nil, dam.InvalidInput("storage_mirror", reasons.MirrorIsFirstStore())
	}
	p.onClose(func(context.Context) error { return second.Close() })
	follower := storage.Guard(second, d.Catalog.Epochs().RefuseHeld)
	s := &mirror.Service{Catalog: d.Catalog, First: d.Store, Second: follower, Record: record, Node: p.Node, Log: p.log}
	if err := p.once(ctx, "second store", s.Start); err != nil {
		return nil, err
	}
	p.loop("second store", s.Run)
	return follower, nil
}

// newHealth returns the service that scrubs and repairs the stored objects.
func newHealth(p *parts, d *Installation, o *Objects, m *Media, erasures *retention.Eraser) *integrity.Service {
	s := &integrity.Service{Record: o.Record, Store: d.Store, Renditions: m.Renditions,
		LostErasures: erasures.LostRecords, Rate: p.ScrubRate, Within: time.Duration(p.ScrubDays) * 24 * time.Hour}
	if o.Second != nil {
		s.Sources, s.Second = []storage.Store{o.Second}, o.Second
	}
	p.metrics.MustRegister(s.Collector(o.Store.Unverified))
	jobs.Handle(p.queue, rendition.VideoTimeout, s.Repair)
	jobs.Handle(p.queue, integrity.ScrubTimeout, s.Scrub)
	p.queue.Every(integrity.ScrubEvery, func() jobs.Args { return integrity.ScrubArgs{} })
	return s
}
