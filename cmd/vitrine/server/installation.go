package server

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"runtime"

	"vitrine/cmd/vitrine/config"
	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/epoch"
	"vitrine/dam/ingest"
	"vitrine/dam/jobs"
	"vitrine/dam/metadata"
	"vitrine/dam/rendition"
	"vitrine/dam/rendition/convert"
	"vitrine/dam/rendition/sandbox"
	"vitrine/dam/secrets"
	"vitrine/storage"
	"vitrine/storage/observed"
)

// Installation is what a configuration refers to, opened: the catalogue, the store and the keys.
type Installation struct {
	config.Config
	Catalog *catalog.Catalog
	// Store is the store without verification against the catalogue. During a hold it doesn't change stored objects,
	// which may also belong to another server.
	Store *storage.Guarded
	Keys  *secrets.Box

	close func() error
}

// Open opens an existing installation for a command, beside its server. It doesn't open the keys.
func Open(ctx context.Context, c config.Config) (*Installation, error) {
	cat, err := OpenExisting(ctx, c)
	if err != nil {
		return nil, err
	}
	s, err := OpenStore(ctx, c.Storage, c.S3)
	if err != nil {
		return nil, errors.Join(err, cat.Close())
	}
	return &Installation{Config: c, Catalog: cat, Store: storage.Guard(s, cat.Epochs().RefuseHeld),
		close: func() error { return errors.Join(s.Close(), cat.Close()) }}, nil
}

// Close closes what Open opened.
func (d *Installation) Close() error { return d.close() }

// Uploads returns a service that uploads files to a store, beside the server. It spools them in dir, which nothing else
// may use.
func (d *Installation) Uploads(store storage.Store, queue *jobs.Queue, dir string) (intake *ingest.Service,
	closing func() error) {
	quiet := slog.New(slog.DiscardHandler)
	programs := sandbox.New(SandboxOptions(d.Config, dir))
	w := OpenWorkers(d.Config, programs, quiet)
	engine := convert.New(convert.Options{Engine: w, Sandbox: programs, Identify: metadata.Identify,
		MaxPixels: d.MaxPixels})
	pictures := &rendition.Service{Catalog: d.Catalog, Store: store, Engine: engine, Jobs: queue}
	return &ingest.Service{Catalog: d.Catalog, Store: store, Renditions: pictures, Log: quiet, Dir: dir,
		Prober: contentProber{engine, RenderLimits(d.Config), quiet}}, w.Close
}

// openInstallation locks the data folder for this process, and upgrades the catalogue's tables.
func openInstallation(ctx context.Context, p *parts) (*Installation, error) {
	d := &Installation{Config: p.Config}
	release, err := LockData(p.Config)
	if err != nil {
		return nil, err
	}
	p.onClose(func(context.Context) error { return release() })
	if d.Catalog, err = UpgradeCatalog(ctx, p.Config); err != nil {
		return nil, err
	}
	p.onClose(func(context.Context) error { return d.Catalog.Close() })
	store, err := OpenStore(ctx, p.Storage, p.S3)
	if err != nil {
		return nil, err
	}
	p.onClose(func(context.Context) error { return store.Close() })
	objects := observed.New(store, storageMetrics(p.metrics))
	d.Store = storage.Guard(objects, d.Catalog.Epochs().RefuseHeld)
	// Before anything uses the catalogue, check that it is the same one as before. The record of the log in the store
	// belongs to this installation alone, so writing it is not guarded.
	watch := &epoch.Service{Catalog: d.Catalog, Store: objects, Dir: p.Data, Log: p.log}
	if err := watch.Open(ctx); err != nil {
		return nil, err
	}
	p.loop("epochs", watch.Run)
	if d.Keys, err = OpenKeys(ctx, p.Config, d.Catalog); err != nil {
		return nil, err
	}
	if d.Catalog.Postgres() && p.SecretKey == "" {
		p.log.Warn("VITRINE_SECRET_KEY is not set: nodes that share this database must be given the same key",
			"key_file", filepath.Join(p.Data, "secret.key"))
	}
	p.metrics.MustRegister(catalogMetrics(d.Catalog)...)
	return d, nil
}

// DatabaseName returns the name of the database system for people.
func (d *Installation) DatabaseName() string {
	if d.Catalog.Postgres() {
		return "PostgreSQL"
	}
	return "SQLite at " + d.Catalog.Database().Path()
}

// newQueue returns the queue of background jobs; startQueue starts it.
func newQueue(ctx context.Context, p *parts, d *Installation) (*jobs.Queue, error) {
	q, err := jobs.New(d.Catalog, d.Node+"/"+dam.NewID("n"), p.log)
	if err != nil {
		return nil, err
	}
	return q, p.once(ctx, "job tables", q.Migrate)
}

// startQueue runs the queue from Start to Close.
func startQueue(p *parts) {
	p.onClose(func(ctx context.Context) error {
		ctx, cancel := context.WithTimeout(ctx, stopTimeout)
		defer cancel()
		return p.queue.Stop(ctx)
	})
	p.onStart(func(ctx context.Context) error {
		return p.once(ctx, "background work", func(ctx context.Context) error {
			return p.queue.Start(ctx, map[string]int{"": max(2, runtime.GOMAXPROCS(0)), rendition.RunQueue: 1,
				rendition.VideoQueue: 1})
		})
	})
}
