package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"vitrine/dam"
	"vitrine/dam/assets"
	"vitrine/dam/bulk"
	"vitrine/dam/catalog"
	"vitrine/dam/collect"
	"vitrine/dam/delivery"
	"vitrine/dam/epoch"
	"vitrine/dam/erasure"
	"vitrine/dam/events"
	"vitrine/dam/export"
	"vitrine/dam/ingest"
	"vitrine/dam/integrity"
	"vitrine/dam/jobs"
	"vitrine/dam/metadata"
	"vitrine/dam/mirror"
	"vitrine/dam/notices"
	"vitrine/dam/people"
	"vitrine/dam/products"
	"vitrine/dam/rendition"
	"vitrine/dam/rendition/convert"
	"vitrine/dam/review"
	"vitrine/dam/searches"
	"vitrine/dam/signage"
	"vitrine/dam/similarity"
	"vitrine/dam/tracing"
	"vitrine/dam/writeback"
	"vitrine/search"
	"vitrine/search/bleve"
	"vitrine/storage"
	"vitrine/storage/observed"
	"vitrine/web/api"
	webdelivery "vitrine/web/delivery"
	"vitrine/web/portal"
	websignage "vitrine/web/signage"
)

const (
	// renderTimeout is of a job, waiting for its turn included; each picture and each program has a deadline of its own.
	renderTimeout = 15 * time.Minute
	runTimeout    = 10 * time.Minute // its share of the work is a minute
	sweepEvery    = time.Hour
	stopTimeout   = 20 * time.Second

	stepEvery      = 5 * time.Second // between attempts at a step that a full disk holds up
	bulkSweepEvery = 5 * time.Minute // what can't be undone any more is not kept
)

// process is a server's parts, wired.
type process struct {
	handler http.Handler
	// closers run in reverse order.
	closers []func(context.Context) error
	api     *api.API
	// stopWaits ends the requests that wait for news, so that they don't hold the server up.
	stopWaits func()
	// stopping: the server ends soon and is not to be sent more; /readyz says so.
	stopping atomic.Bool
}

func (p *process) close(ctx context.Context) error {
	var errs []error
	for i := len(p.closers) - 1; i >= 0; i-- {
		errs = append(errs, p.closers[i](ctx))
	}
	return errors.Join(errs...)
}

func (p *process) onClose(f func(context.Context) error) { p.closers = append(p.closers, f) }

// background runs f until the process closes.
func (p *process) background(ctx context.Context, f func(context.Context)) {
	ctx, stop := context.WithCancel(ctx)
	var wg sync.WaitGroup
	wg.Go(func() { dam.Loop(ctx, "background work", f) })
	p.onClose(func(context.Context) error { stop(); wg.Wait(); return nil })
}

// once does a step of the start. When the database or a disk takes no writing the server starts all the same, for those
// who read, and the step is tried again until it succeeds.
func (p *process) once(ctx context.Context, log *slog.Logger, name string, step func(context.Context) error) error {
	err := step(ctx)
	if code := dam.CodeOf(err); code != dam.NoSpace && code != dam.Unavailable {
		if err != nil {
			err = fmt.Errorf("%s: %w", name, err)
		}
		return err
	}
	log.Error("starting read-only: a step of the start can't be done yet", "step", name, "err", err)
	p.background(ctx, func(ctx context.Context) {
		for err != nil && ctx.Err() == nil {
			select {
			case <-ctx.Done():
			case <-time.After(stepEvery):
				err = step(ctx)
			}
		}
		if err == nil {
			log.Info("done at last", "step", name)
		}
	})
	return nil
}

// build opens what the configuration names and wires it. ctx ends with the process.
func build(ctx context.Context, c Config, log *slog.Logger, notice io.Writer) (p *process, err error) {
	p = &process{}
	defer func() {
		if err != nil {
			err = errors.Join(err, p.close(context.WithoutCancel(ctx)))
		}
	}()
	release, err := holdData(c)
	if err != nil {
		return p, err
	}
	p.onClose(func(context.Context) error { return release() })
	tracer, err := p.openTracing(ctx, c, log)
	if err != nil {
		return p, err
	}
	if tracer != nil {
		ctx = tracing.With(ctx, tracer)
	}
	cat, err := upgradeCatalog(ctx, c)
	if err != nil {
		return p, err
	}
	p.onClose(func(context.Context) error { return cat.Close() })
	metrics := newMetrics(c)
	opened, err := openStore(ctx, c.Storage, c.S3)
	if err != nil {
		return p, err
	}
	p.onClose(func(context.Context) error { return opened.Close() })
	objects := observed.New(opened, storageMetrics(metrics))
	// Before anything acts on the catalogue: is it the one it was?
	watch := &epoch.Service{Catalog: cat, Store: objects, Dir: c.Data, Log: log}
	if err := watch.Open(ctx); err != nil {
		return p, err
	}
	p.background(ctx, func(ctx context.Context) { runUntil(ctx, log, "epochs", watch.Run) })
	// What remembers the log is this installation's own. Everything else in the store may be another server's too.
	guarded := storage.Guard(objects, cat.RefuseHeld)
	box, err := openKeys(ctx, c, cat)
	if err != nil {
		return p, err
	}
	if cat.Postgres() && c.SecretKey == "" {
		log.Warn("VITRINE_SECRET_KEY is not set: nodes that share this database must be given the same key", "key_file", filepath.Join(c.Data, "secret.key"))
	}
	volumes := c.volumes()
	metrics.MustRegister(panicMetrics{},
		freeSpace{volumes}, prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "vitrine_clock_offset_seconds", Help: "How far this node's clock is ahead of the database's."}, func() float64 { return cat.ClockOff().Seconds() }),
		backupMetrics{cat}, mirrorMetrics{cat}, holdMetric(cat))

	queue, err := jobs.New(cat, c.Node+"/"+dam.NewID("n"), log)
	if err != nil {
		return p, err
	}
	if err := p.once(ctx, log, "job tables", queue.Migrate); err != nil {
		return p, err
	}
	// Every service reads through the store that verifies.
	record := &integrity.Record{Catalog: cat, Jobs: queue, Log: log}
	store := storage.NewVerified(guarded, record)
	second, err := p.mirror(ctx, c, cat, guarded, record, log)
	if err != nil {
		return p, err
	}
	if second != nil {
		store.Second = second
	}
	programs, err := openSandbox(c)
	if err != nil {
		return p, err
	}
	plain := openEngine(c, programs, log)
	p.onClose(func(context.Context) error { return plain.Close() })
	workerMetrics(metrics, plain.Pool)
	p.background(ctx, func(ctx context.Context) { plain.announce(ctx, log) })
	engine := convert.New(convert.Options{Engine: plain, Sandbox: programs, Sniff: metadata.Sniff})
	pictures := &rendition.Service{Catalog: cat, Store: store, Engine: engine, Jobs: queue,
		Options: rendition.Options{MaxPixels: rendition.DefaultMaxPixels, Workers: runtime.GOMAXPROCS(0), Gate: rendition.NewGate(48_000_000)}}
	if err := p.once(ctx, log, "presets", pictures.SeedPresets); err != nil {
		return p, err
	}
	alike := looking(cat, store, queue, pictures)
	asset := &assets.Service{Catalog: cat, Renditions: pictures, Reserved: search.Reserved()}
	intake := &ingest.Service{Catalog: cat, Store: store, Renditions: pictures, Log: log, Dir: filepath.Join(c.Data, "uploads"),
		MaxSize: c.Edge.MaxUpload, Room: volumes.Room, Unfinished: c.Edge.Unfinished, Inspector: contentInspector{engine, rendition.DefaultMaxPixels, log}}
	goods := &products.Service{Catalog: cat, Store: store, Jobs: queue, Log: log, Dir: filepath.Join(c.Data, "uploads")}
	intake.Products = goods
	uploads, err := ingest.NewTus(intake, "/api/uploads", api.RenderProblem)
	if err != nil {
		return p, err
	}
	folk := people.New(cat, box)
	if err := firstAdmin(ctx, folk, c, notice); err != nil {
		return p, err
	}
	forgotten := &erasure.Service{Catalog: cat, Store: store, Second: second}
	if err := replayErasures(ctx, forgotten, log); err != nil {
		return p, err
	}
	p.background(ctx, func(ctx context.Context) { lookAtErasures(ctx, forgotten, log) })
	index, err := openIndex(ctx, c, cat, log)
	if err != nil {
		return p, err
	}
	p.onClose(func(context.Context) error { return index.Close() })
	p.background(ctx, func(ctx context.Context) {
		serveReindex(ctx, c.Data, func(ctx context.Context) error { return index.Reindex(ctx, nil) }, log)
	})

	hot, err := p.delivery(cat, store, delivery.Options{Keys: signingKeys(box), Renderer: adhoc{engine, pictures.Options}, Demand: pictures.Demand, Memory: c.Edge.Memory, StaleLimit: c.Edge.StaleLimit, Log: log}, c, metrics)
	if err != nil {
		return p, err
	}
	mail := &notices.Service{Catalog: cat, Jobs: queue, SMTP: c.SMTP, PublicURL: c.PublicURL}
	jobs.Handle(queue, time.Minute, mail.Mail)
	screens := signage.New(signage.Options{Catalog: cat, Store: store, Keys: box.Derive, PublicURL: c.PublicURL, Log: log})
	channels, hooks := publishing(cat, store, box, index, mail, screens, c, log)
	channels.Renditions = pictures
	screens.Edit = ordering{channels}
	p.stopWaits = screens.Stop
	p.background(ctx, func(ctx context.Context) { events.Listen(ctx, cat, log) })
	p.background(ctx, func(ctx context.Context) { runUntil(ctx, log, "publishing", channels.Run) })
	p.background(ctx, func(ctx context.Context) { runUntil(ctx, log, "webhooks", hooks.Run) })
	p.background(ctx, func(ctx context.Context) { runUntil(ctx, log, "signage", screens.Run) })

	health := &integrity.Service{Record: record, Store: guarded, Renditions: pictures, LostErasures: forgotten.LostRecords, Rate: c.ScrubRate, Within: time.Duration(c.ScrubDays) * 24 * time.Hour}
	if second != nil {
		health.Sources = append(health.Sources, second)
	}
	metrics.MustRegister(health.Collector(store.Unverified))
	jobs.Handle(queue, rendition.FilmTimeout, health.Repair)
	jobs.Handle(queue, integrity.ScrubTimeout, health.Scrub)
	queue.Every(integrity.ScrubEvery, func() jobs.Args { return integrity.ScrubArgs{} })
	house := &collect.Service{Catalog: cat, Store: store, Assets: asset, Log: log,
		Bin: c.Retention["bin"], Quarantine: c.Retention["quarantine"], Events: c.Retention["events"], Publications: c.Retention["publications"], Runs: c.Retention["imports"]}
	jobs.Handle(queue, renderTimeout, pictures.Make)
	jobs.Handle(queue, runTimeout, pictures.Rerender)
	jobs.Handle(queue, rendition.FilmTimeout, pictures.MakeFilm)
	jobs.Handle(queue, time.Hour, house.Sweep)
	decisions := &review.Service{Catalog: cat}
	find := &searches.Service{Catalog: cat, Index: index}
	mass := &bulk.Service{Catalog: cat, Find: find, Assets: asset, Review: decisions, Jobs: queue}
	p.background(ctx, func(ctx context.Context) { runUntil(ctx, log, "search alerts", find.Run) })
	jobs.Handle(queue, bulk.Timeout, mass.Run)
	jobs.Handle(queue, time.Hour, mass.Sweep)
	queue.Every(bulkSweepEvery, func() jobs.Args { return bulk.SweepArgs{} })
	jobs.Handle(queue, time.Hour, goods.Run)
	jobs.Handle(queue, time.Hour, goods.MatchAll)
	copies := &writeback.Service{Catalog: cat, Store: store, Jobs: queue, Writer: writeback.Writer{Carried: metadata.Carried, Tags: metadata.Tags, Able: engine.CanWrite, Write: engine.WriteTags}}
	jobs.Handle(queue, writeback.Timeout, copies.Make)
	jobs.Handle(queue, similarity.LookTimeout, alike.Look)
	jobs.Handle(queue, similarity.SweepTimeout, alike.Sweep)
	queue.Every(sweepEvery, func() jobs.Args { return collect.SweepArgs{} })
	queue.Every(similarity.SweepEvery, func() jobs.Args { return similarity.SweepArgs{} })
	if c.Edge.Hook.URL != "" {
		cdn := &delivery.Purger{Catalog: cat, Jobs: queue, Hook: c.Edge.Hook, Log: log}
		jobs.Handle(queue, time.Minute, cdn.Purge)
		p.background(ctx, func(ctx context.Context) { runUntil(ctx, log, "CDN purges", cdn.Follow) })
	}
	p.onClose(func(ctx context.Context) error {
		ctx, cancel := context.WithTimeout(ctx, stopTimeout)
		defer cancel()
		return queue.Stop(ctx)
	})
	if err := p.once(ctx, log, "background work", func(ctx context.Context) error {
		return queue.Start(ctx, map[string]int{"": max(2, runtime.GOMAXPROCS(0)), rendition.RunQueue: 1, rendition.FilmQueue: 1})
	}); err != nil {
		return p, err
	}
	p.background(ctx, func(ctx context.Context) { recoverUploads(ctx, uploads, log) })

	local := func() map[string]int64 { return map[string]int64{"search": index.Seq()} }
	metrics.MustRegister(newFigures(cat, queue, local, log))
	p.api, err = api.New(api.Config{
		Catalog: cat, Store: store, Integrity: health, People: folk, Assets: asset, Review: decisions, Ingest: intake, Uploads: uploads,
		Renditions: pictures, Pages: pictures, Copies: copies, Similarity: alike, Search: index, Jobs: queue, Publishing: channels, Webhooks: hooks, Signage: screens, Products: goods, Bulk: mass, Searches: find, Export: &export.Service{Catalog: cat, Find: find},
		Log: log, Metrics: metrics, Version: buildVersion(), PublicURL: c.PublicURL, TrustedProxies: c.Edge.proxies(), Fallback: portal.Handler(),
		Checks: append(checks(cat, store, index), p.stopCheck(),
			api.Check{Name: "space", Advisory: true, Check: func(context.Context) error { return volumes.Advice() }}, api.Check{Name: "objects", Advisory: true, Check: health.Check}),
		System:    api.System{Storage: store.String(), Database: databaseName(cat), Engine: plain.describe(), Tools: tools(programs, plain)},
		Followers: local, Building: index.Building,
	})
	if err != nil {
		return p, err
	}
	player, err := websignage.New(screens, log)
	if err != nil {
		return p, err
	}
	mux := http.NewServeMux()
	mux.Handle("/signage/", player)
	mux.Handle("/r/", hot)
	mux.Handle("/t/", hot)
	mux.Handle("/p/", hot)
	mux.HandleFunc("/oembed", hot.OEmbed)
	// Stock upload clients are often given their endpoint with a slash at the end.
	mux.Handle("/api/uploads", p.api)
	mux.HandleFunc("/api/uploads/{$}", func(w http.ResponseWriter, r *http.Request) {
		r.URL.Path = "/api/uploads"
		p.api.ServeHTTP(w, r)
	})
	mux.Handle("/", p.api)
	pattern := func(r *http.Request) string { _, s := mux.Handler(r); return s }
	p.handler = traced(tracer, pattern, countPanics(paced(mux, pace{silence: bodySilence, grace: bodyGrace, rate: bodyPace})))
	return p, nil
}

// delivery is the public hot path; it has its own mux entry so that nothing of the API is in its way.
func (p *process) delivery(cat *catalog.Catalog, store storage.Store, o delivery.Options, c Config, metrics *prometheus.Registry) (*webdelivery.Handler, error) {
	if strings.HasPrefix(c.Storage, "s3:") {
		o.Disk = filepath.Join(c.Data, "delivery")
	}
	s, err := delivery.New(cat, store, o)
	if err != nil {
		return nil, err
	}
	h, err := webdelivery.New(s, webdelivery.Options{URLs: delivery.NewURLs(c.PublicURL), TrustedProxies: c.Edge.Proxies, TagHeader: c.Edge.TagHeader, Referers: c.Edge.Referers, Log: o.Log})
	if err != nil {
		return nil, err
	}
	metrics.MustRegister(h.Collectors()...)
	s.Start()
	p.onClose(func(context.Context) error { s.Stop(); return nil })
	return h, nil
}

// mirror has the second store follow the first; nil when there is none.
func (p *process) mirror(ctx context.Context, c Config, cat *catalog.Catalog, first storage.Store, record storage.Record, log *slog.Logger) (storage.Store, error) {
	second, err := openMirror(c)
	if err != nil {
		return nil, err
	}
	if second == nil {
		return nil, p.once(ctx, log, "second store", func(ctx context.Context) error { return cat.UseMirror(ctx, "") })
	}
	if second.String() == first.String() {
		return nil, dam.InvalidField("storage_mirror", "this is the first store", "name another place, on another disk or machine")
	}
	p.onClose(func(context.Context) error { return second.Close() })
	follower := storage.Guard(second, cat.RefuseHeld)
	s := &mirror.Service{Catalog: cat, First: first, Second: follower, Record: record, Node: c.Node, Log: log}
	if err := p.once(ctx, log, "second store", s.Start); err != nil {
		return nil, err
	}
	p.background(ctx, func(ctx context.Context) { runUntil(ctx, log, "second store", s.Run) })
	return follower, nil
}

func openIndex(ctx context.Context, c Config, cat *catalog.Catalog, log *slog.Logger) (*search.Index, error) {
	libraries, err := cat.Libraries(ctx)
	if err != nil {
		return nil, err
	}
	locales := map[string]string{}
	for _, l := range libraries {
		locales[l.ID] = l.Locale
	}
	return search.Open(ctx, search.Options{Source: cat, Engine: bleve.Engine{}, Dir: c.indexDir(), Log: log,
		Locale: func(library string) string { return locales[library] }})
}

func checks(cat *catalog.Catalog, store storage.Store, index *search.Index) []api.Check {
	return []api.Check{
		{Name: "database", Check: cat.Ping},
		{Name: "storage", Check: func(ctx context.Context) error {
			if err := store.Check(ctx); dam.SystemError(err) == nil {
				return err
			}
			return nil // a full or read-only disk serves those who read
		}},
		{Name: "storage_writes", Advisory: true, Check: func(ctx context.Context) error {
			if e := dam.SystemError(store.Check(ctx)); e != nil {
				return e
			}
			return nil
		}},
		{Name: "search", Check: func(context.Context) error {
			if !index.Ready() && index.Trouble() != nil {
				return &dam.Error{Code: dam.Unavailable, Message: index.Notice(), Remedy: "make room on the disk of the index", Err: index.Trouble().Cause}
			}
			if !index.Ready() {
				percent, _ := index.Building()
				return &dam.Error{Code: dam.Unavailable, Message: indexBuilding(percent), Remedy: "wait; everything but search goes on"}
			}
			return nil
		}},
		{Name: "search_index", Advisory: true, Check: func(context.Context) error {
			if percent, ok := index.Building(); ok && index.Ready() {
				return &dam.Error{Code: dam.Unavailable, Message: indexBuilding(percent) + "; words find what is in it already", Remedy: "wait; everything but words goes on"}
			}
			return nil
		}},
		{Name: "clock", Advisory: true, Check: func(context.Context) error {
			if by := cat.ClockOff(); by.Abs() > catalog.ClockTolerance {
				return dam.Errorf(dam.Unavailable, "this node's clock differs from the database's by %s", by.Round(time.Millisecond))
			}
			return nil
		}},
		{Name: "search_follows", Advisory: true, Check: func(context.Context) error {
			if t := index.Trouble(); t != nil {
				return &dam.Error{Code: dam.Unavailable, Message: index.Notice(), Remedy: "make room on the disk of the index; it goes on by itself", Err: t.Cause}
			}
			return nil
		}},
	}
}

func indexBuilding(percent int) string {
	return fmt.Sprintf("the search index is being built: %d %%", percent)
}

// stopCheck makes balancers look for another node before this one takes no more connections.
func (p *process) stopCheck() api.Check {
	return api.Check{Name: "server", Check: func(context.Context) error {
		if p.stopping.Load() {
			return &dam.Error{Code: dam.Unavailable, Message: "stopping", Remedy: "ask another node, or again in a moment"}
		}
		return nil
	}}
}

func databaseName(cat *catalog.Catalog) string {
	if cat.Postgres() {
		return "PostgreSQL"
	}
	return "SQLite at " + cat.Path()
}

// firstAdmin makes the administrator of a new installation, and says so once.
func firstAdmin(ctx context.Context, s *people.Service, c Config, notice io.Writer) error {
	password, created, err := s.Bootstrap(ctx, c.Admin.Email, c.Admin.Password)
	if err != nil || !created {
		return err
	}
	if password == "" {
		password = "as set in VITRINE_ADMIN_PASSWORD"
	}
	_, err = fmt.Fprintf(notice, "\n  Vitrine is new here. Sign in at %s\n\n    e-mail    %s\n    password  %s   (shown once)\n\n", c.PublicURL, c.Admin.Email, password)
	return err
}

// replayErasures makes a restored backup forget again what had been erased. A record that is lost keeps no server from starting.
func replayErasures(ctx context.Context, s *erasure.Service, log *slog.Logger) error {
	lost := 0
	s.Lost = func(key string, err error) {
		lost++
		log.Error("the record of an erasure can't be read: what it erased may be back", "key", key, "err", err, "remedy", "put the object back from a backup, or erase its subject again")
	}
	n, err := s.Replay(ctx)
	if lost > 0 {
		log.Error("erasures could not be replayed", "lost", lost)
	}
	if n > 0 {
		log.Info("erasures replayed", "erasures", n)
	}
	if err != nil {
		return fmt.Errorf("replaying erasures: %w", err)
	}
	return nil
}

// lookAtErasures notices records that were lost, or put back, since the start.
func lookAtErasures(ctx context.Context, s *erasure.Service, log *slog.Logger) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(time.Hour):
		}
		if err := s.Look(ctx); err != nil && ctx.Err() == nil {
			log.Warn("the records of erasures can't be listed", "err", err)
		}
	}
}

// recoverUploads finishes what a dead server left complete, then keeps the spool tidy.
func recoverUploads(ctx context.Context, t *ingest.Tus, log *slog.Logger) {
	for {
		if err := t.Recover(ctx); err != nil && ctx.Err() == nil {
			log.Warn("upload recovery", "err", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(10 * time.Minute):
		}
	}
}

// runUntil keeps a loop running until the process ends.
func runUntil(ctx context.Context, log *slog.Logger, name string, run func(context.Context) error) {
	for ctx.Err() == nil {
		if err := dam.Protect(name, func() error { return run(ctx) }); err != nil && ctx.Err() == nil {
			log.Error("loop ended; starting it again", "loop", name, "err", err)
			select {
			case <-ctx.Done():
			case <-time.After(time.Second):
			}
		}
	}
}

// indexMatcher asks the index whether a query holds for one asset, as it is now.
type indexMatcher struct {
	cat   *catalog.Catalog
	index *search.Index
}

// Matches implements publishers.Matcher.
func (m indexMatcher) Matches(ctx context.Context, library, query string, a dam.Asset) (bool, error) {
	head, err := m.cat.Head(ctx)
	if err != nil {
		return false, err
	}
	if a.ID == "" { // the question is only whether the query can be read
		_, err := m.index.Query(ctx, search.Request{Library: library, Q: query, Limit: 1, Exact: true})
		return false, err
	}
	q := "id:" + a.ID
	if query = strings.TrimSpace(query); query != "" {
		q = "(" + query + ") " + q
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	r, err := m.index.Query(ctx, search.Request{Library: library, Q: q, Limit: 1, WaitSeq: head, Exact: true})
	return err == nil && r.Total == 1, err
}
