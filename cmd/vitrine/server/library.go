package server

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"vitrine/cmd/vitrine/config"
	"vitrine/dam"
	"vitrine/dam/assets"
	"vitrine/dam/bulk"
	"vitrine/dam/catalog"
	"vitrine/dam/collections"
	"vitrine/dam/downloads"
	"vitrine/dam/export"
	"vitrine/dam/ingest"
	"vitrine/dam/jobs"
	"vitrine/dam/libraries"
	"vitrine/dam/people"
	"vitrine/dam/products"
	"vitrine/dam/reasons"
	"vitrine/dam/relations"
	"vitrine/dam/retention"
	"vitrine/dam/review"
	"vitrine/dam/rights"
	"vitrine/dam/savedsearch"
	"vitrine/dam/sheets"
	"vitrine/dam/similarity"
	"vitrine/dam/space"
	"vitrine/dam/vocabularies"
	"vitrine/search"
	"vitrine/search/bleve"
	"vitrine/web/api"
)

const (
	sweepEvery     = time.Hour
	bulkSweepEvery = 5 * time.Minute // what can't be undone any more is deleted
	recoverEvery   = 10 * time.Minute
	erasuresEvery  = time.Hour
	matchTimeout   = 10 * time.Second
)

// Library has the services for people's work on assets: uploading, finding, editing, reviewing, and products.
type Library struct {
	People *people.Service
	Assets *assets.Service
	// Collections has the tree of collections.
	Collections *collections.Service
	Review      *review.Service
	Ingest      *ingest.Service
	Uploads     *ingest.Tus
	Products    *products.Service
	Index       *search.Index
	Searches    *savedsearch.Service
	// Vocabularies has the terms that values of fields are taken from.
	Vocabularies *vocabularies.Service
	Bulk         *bulk.Service
	Export       *export.Service
	// Sheets changes assets by tables.
	Sheets *sheets.Service
	// Downloads takes files out, one by one and as archives.
	Downloads *downloads.Service
	Libraries *libraries.Service
	// Rights keeps licences and consents.
	Rights *rights.Service
	// Relations keeps what assets are to each other.
	Relations *relations.Service

	erasures *retention.Eraser
	volumes  *space.Watch
}

func newLibrary(ctx context.Context, p *parts, d *Installation, o *Objects, m *Media, notice io.Writer) (*Library,
	error) {
	files := contentProber{m.Engine, m.Options, p.log}
	spool := filepath.Join(p.Data, "uploads")
	l := &Library{
		People:    people.New(d.Catalog, d.Keys),
		Libraries: &libraries.Service{Catalog: d.Catalog, Presets: m.Renditions},
		Assets: &assets.Service{Catalog: d.Catalog, Renditions: m.Renditions, Store: o.Store, Metadata: files,
			Reserved: search.Reserved()},
		Review:   &review.Service{Catalog: d.Catalog},
		Products: &products.Service{Catalog: d.Catalog, Store: o.Store, Jobs: p.queue, Log: p.log, Dir: spool},
		volumes:  Volumes(p.Config),
	}
	p.metrics.MustRegister(freeSpace{l.volumes})
	l.Ingest = &ingest.Service{Catalog: d.Catalog, Store: o.Store, Renditions: m.Renditions, Products: l.Products,
		Sidecars: l.Assets,
		Log:      p.log, Dir: spool,
		MaxSize: p.Edge.MaxUpload, Room: l.volumes.Room, Unfinished: p.Edge.Unfinished,
		Prober: files}
	var err error
	if l.Uploads, err = ingest.NewTus(l.Ingest, "/api/uploads", api.RenderProblem); err != nil {
		return nil, err
	}
	if err := firstStart(ctx, l, p, notice); err != nil {
		return nil, err
	}
	l.erasures = &retention.Eraser{Catalog: d.Catalog, Store: o.Store, Second: o.Second,
		Lost: func(key string, err error) {
			p.log.Error("the record of an erasure can't be read: what it erased may be back", "key", key, "err", err,
				"remedy", "put the object back from a backup, or erase its subject again")
		}}
	if err := replayErasures(ctx, l.erasures, p.log); err != nil {
		return nil, err
	}
	p.background("erasures", func(ctx context.Context) { checkErasures(ctx, l.erasures, p.log) })
	if l.Index, err = openIndex(ctx, p, d.Catalog); err != nil {
		return nil, err
	}
	p.onClose(func(context.Context) error { return l.Index.Close() })
	p.background("reindexing", func(ctx context.Context) {
		serveReindex(ctx, p.Data, func(ctx context.Context) error { return l.Index.Reindex(ctx, nil) }, p.log)
	})
	p.background("upload recovery", func(ctx context.Context) { recoverUploads(ctx, l.Uploads, p.log) })

	tree := &collections.Tree{Catalog: d.Catalog, Fold: search.Fold}
	l.Searches = &savedsearch.Service{Catalog: d.Catalog, Index: l.Index, Tree: tree}
	l.Collections = &collections.Service{Catalog: d.Catalog, Tree: tree, Search: l.Searches}
	p.loop("search alerts", l.Searches.Run)
	l.Bulk = &bulk.Service{Catalog: d.Catalog, Find: l.Searches, Assets: l.Assets,
		Collections: l.Collections, Metadata: l.Assets,
		Review: l.Review, Jobs: p.queue}
	l.Vocabularies = &vocabularies.Service{Catalog: d.Catalog, Assets: l.Assets, Jobs: p.queue}
	jobs.Handle(p.queue, time.Minute, l.Vocabularies.Run)
	l.Sheets = &sheets.Service{Catalog: d.Catalog, Bulk: l.Bulk, XLSX: export.ReadXLSX}
	l.Export = &export.Service{Catalog: d.Catalog, Find: l.Searches}
	l.Downloads = newDownloads(p, d, o, m, l.Searches)
	l.Rights = &rights.Service{Catalog: d.Catalog, Find: l.Searches, Jobs: p.queue}
	l.Relations = &relations.Service{Catalog: d.Catalog, Rights: l.Rights}
	m.Similarity.Mergers = []similarity.Merger{l.Rights, l.Relations}
	jobs.Handle(p.queue, time.Hour, l.Rights.Apply)
	jobs.Handle(p.queue, time.Hour, l.Rights.Sweep)
	p.queue.Every(sweepEvery, func() jobs.Args { return rights.SweepArgs{} })
	jobs.Handle(p.queue, bulk.Timeout, l.Bulk.Run)
	jobs.Handle(p.queue, time.Hour, l.Bulk.Sweep)
	p.queue.Every(bulkSweepEvery, func() jobs.Args { return bulk.SweepArgs{} })
	jobs.Handle(p.queue, time.Hour, l.Products.Run)
	jobs.Handle(p.queue, time.Hour, l.Products.MatchAll)

	expired := &retention.Service{Catalog: d.Catalog, Store: o.Store, Assets: l.Assets, Log: p.log,
		Bin: p.Retention["bin"], Quarantine: p.Retention["quarantine"], Events: p.Retention["events"],
		Publications: p.Retention["publications"], Runs: p.Retention["imports"]}
	jobs.Handle(p.queue, time.Hour, expired.Sweep)
	p.queue.Every(sweepEvery, func() jobs.Args { return retention.SweepArgs{} })
	return l, nil
}

func openIndex(ctx context.Context, p *parts, cat *catalog.Catalog) (*search.Index, error) {
	known := &locales{list: func() ([]dam.Library, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), matchTimeout)
		defer cancel()
		return cat.Libraries().List(ctx)
	}}
	return search.Open(ctx, search.Options{Source: cat.SearchSource(), Engine: bleve.Engine{}, Dir: p.IndexDir(),
		Log: p.log, Locale: known.of})
}

// locales remembers the libraries' default locales for a while: libraries are made and changed while a server runs.
type locales struct {
	list func() ([]dam.Library, error)

	mu   sync.Mutex
	at   time.Time
	byID map[string]string
}

const localesKept = 30 * time.Second

// of returns the default locale of a library, "" if it isn't known.
func (l *locales) of(library string) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, ok := l.byID[library]; ok && time.Since(l.at) < localesKept {
		return l.byID[library]
	}
	if list, err := l.list(); err == nil {
		l.at, l.byID = time.Now(), map[string]string{}
		for _, x := range list {
			l.byID[x.ID] = x.Locale
		}
	}
	return l.byID[library]
}

// firstStart creates the administrator of a new installation, prints the password once, and gives the library the name,
// locale and zone of the settings.
func firstStart(ctx context.Context, l *Library, c *parts, notice io.Writer) error {
	password, created, err := l.People.Bootstrap(ctx, c.Admin.Email, c.Admin.Password)
	if err != nil || !created {
		return err
	}
	if password == "" {
		password = "as set in VITRINE_ADMIN_PASSWORD"
	}
	if _, err = fmt.Fprintf(notice,
		"\n  Vitrine is new here. Sign in at %s\n\n    e-mail    %s\n    password  %s   (shown once)\n\n", c.PublicURL,
		c.Admin.Email, password); err != nil {
		return err
	}
	if c.First != (config.FirstLibrary{}) {
		given := func(s string) *string {
			if s == "" {
				return nil
			}
			return &s
		}
		if _, err := l.Libraries.Update(ctx, dam.DefaultLibrary, 0, libraries.LibraryEdit{Name: given(c.First.Name),
			Locale: given(c.First.Locale), Zone: given(c.First.Zone)}); err != nil {
			return err
		}
	}
	return nil
}

// replayErasures repeats the erasures that a restored backup lacks. A lost record of erasures doesn't keep the server
// from starting.
func replayErasures(ctx context.Context, s *retention.Eraser, log *slog.Logger) error {
	n, err := s.Replay(ctx)
	if lost := s.LostRecords(); lost > 0 {
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

// checkErasures detects records of erasures that were lost, or restored, since the start.
func checkErasures(ctx context.Context, s *retention.Eraser, log *slog.Logger) {
	for ctx.Err() == nil {
		wait(ctx, erasuresEvery)
		if err := s.Check(ctx); err != nil && ctx.Err() == nil {
			log.Warn("the records of erasures can't be listed", "err", err)
		}
	}
}

// recoverUploads finishes uploads that were complete when a server died, then cleans up the spool from time to time.
func recoverUploads(ctx context.Context, t *ingest.Tus, log *slog.Logger) {
	for ctx.Err() == nil {
		if err := t.Recover(ctx); err != nil && ctx.Err() == nil {
			log.Warn("upload recovery", "err", err)
		}
		wait(ctx, recoverEvery)
	}
}

// indexMatcher evaluates a query on one asset, as it is now, with the index.
type indexMatcher struct {
	cat      *catalog.Catalog
	index    *search.Index
	searches *savedsearch.Service
}

// Matches implements accounts.Matcher and planning.Matcher.
func (m indexMatcher) Matches(ctx context.Context, library string, rule dam.Rule, a dam.Asset) (bool, error) {
	head, err := m.cat.Log().Head(ctx)
	if err != nil {
		return false, err
	}
	lib, err := m.cat.Libraries().Library(ctx, library)
	if err != nil {
		return false, err
	}
	zone, err := time.LoadLocation(lib.Zone)
	if err != nil {
		zone = time.UTC // as everywhere, for a zone that the system's table lacks
	}
	query := strings.TrimSpace(rule.Query)
	var named func(string) ([]search.Collection, bool, error)
	if rule.ByName {
		// A name without a collection must not mean nothing: what a rule leaves out would be published.
		find := m.searches.Collections(ctx, library)
		named = func(written string) ([]search.Collection, bool, error) {
			list, known, err := find(written)
			if err == nil && !known {
				err = dam.InvalidInput("rule.query", reasons.NoCollectionNamed(written))
			}
			return list, known, err
		}
	}
	r := search.Request{Library: library, Q: query, Limit: 1, Exact: true, Own: !rule.Grown, Collections: named}
	if rule.Grown {
		r.Resolve = m.searches.Resolver(ctx, library)
	}
	if a.ID == "" { // only the query is being checked
		_, err := m.index.Query(ctx, r)
		return false, err
	}
	if r.Q = "id:" + a.ID; query != "" {
		r.Q = "(" + query + ") " + r.Q
	}
	ctx, cancel := context.WithTimeout(ctx, matchTimeout)
	defer cancel()
	r.WaitSeq, r.AnyDay, r.Zone = head, true, zone
	found, err := m.index.Query(ctx, r)
	return err == nil && found.Total == 1, err
}
