package server

import (
	"context"
	"maps"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"vitrine/dam/catalog"
	"vitrine/dam/delivery"
	"vitrine/dam/events"
	"vitrine/dam/integrity"
	"vitrine/dam/jobs"
	"vitrine/publishers/proving"
	"vitrine/web/api"
	webdelivery "vitrine/web/delivery"
	"vitrine/web/portal"
	websignage "vitrine/web/signage"
)

// newDelivery returns the handler of public URLs, the hot path; it has its own mux entry, so that it doesn't pass
// through the API.
func newDelivery(p *parts, d *Installation, o *Objects, m *Media) (*webdelivery.Handler, error) {
	opt := delivery.Options{Keys: SigningKeys(d.Keys), Renderer: adhoc{m.Engine, m.Options},
		Demand: m.Renditions.Demand, Memory: p.Edge.Memory, StaleLimit: p.Edge.StaleLimit, Log: p.log}
	if strings.HasPrefix(p.Storage, "s3:") {
		opt.Disk = filepath.Join(p.Data, "delivery")
	}
	s, err := delivery.New(d.Catalog, o.Store, opt)
	if err != nil {
		return nil, err
	}
	h, err := webdelivery.New(s, webdelivery.Options{URLs: delivery.NewURLs(p.PublicURL),
		TrustedProxies: p.Edge.Proxies, TagHeader: p.Edge.TagHeader,
		Referers: p.Edge.Referers, Hosts: p.Hosts, Log: p.log})
	if err != nil {
		return nil, err
	}
	p.metrics.MustRegister(h.Collectors()...)
	p.onStart(func(context.Context) error { s.Start(); return nil })
	p.onStart(func(ctx context.Context) error { checkHosts(ctx, p, d.Catalog); return nil })
	p.onClose(func(context.Context) error { s.Stop(); return nil })
	if p.Edge.Hook.URL != "" {
		cdn := &delivery.Purger{Catalog: d.Catalog, Jobs: p.queue, Hook: p.Edge.Hook, Log: p.log}
		jobs.Handle(p.queue, time.Minute, cdn.Purge)
		p.loop("CDN purges", cdn.Follow)
	}
	return h, nil
}

// checkHosts warns of hosts whose library doesn't exist, because all of their product URLs are answered with 404. The
// server starts nevertheless, because everything else works.
func checkHosts(ctx context.Context, p *parts, c *catalog.Catalog) {
	if len(p.Hosts) == 0 {
		return
	}
	libraries, err := c.Libraries().List(ctx)
	if err != nil {
		p.log.Warn("the libraries of delivery_hosts can't be checked", "err", err)
		return
	}
	var ids []string
	for _, l := range libraries {
		ids = append(ids, l.ID)
	}
	for _, host := range slices.Sorted(maps.Keys(p.Hosts)) {
		if library := p.Hosts[host]; !slices.Contains(ids, library) {
			p.log.Warn("delivery_hosts names a library that isn't there: every product URL under its host is "+
				"answered with 404", "host", host, "library", library,
				"remedy", "correct delivery_hosts; the libraries are "+strings.Join(ids, ", "))
		}
		for _, l := range libraries {
			if slices.Contains(l.Hosts, host) && l.ID != p.Hosts[host] {
				p.log.Warn("delivery_hosts gives a host to another library than the one that has it in its settings",
					"host", host, "library", p.Hosts[host], "instead_of", l.ID,
					"remedy", "take the host out of delivery_hosts, or away from the library")
			}
		}
	}
}

// apiConfig returns the configuration of the API.
func (s *Server) apiConfig(p *parts, health *integrity.Service) api.Config {
	local := func() map[string]int64 { return map[string]int64{"search": s.Library.Index.Seq()} }
	p.metrics.MustRegister(newFigures(s.Data.Catalog, p.queue, local, p.log))
	l, m := s.Library, s.Media
	return api.Config{
		Services: api.Services{
			Events: events.Reader{Catalog: s.Data.Catalog}, Store: s.Objects.Store, Integrity: health, Jobs: p.queue,
			People: l.People, Assets: l.Assets, Collections: l.Collections, Review: l.Review, Ingest: l.Ingest,
			Uploads: l.Uploads, Search: l.Index,
			Searches: l.Searches, Vocabularies: l.Vocabularies, Bulk: l.Bulk, Export: l.Export, Sheets: l.Sheets,
			Downloads: l.Downloads, Products: l.Products, Reprocessing: s.Reprocessing,
			Libraries:  l.Libraries,
			Rights:     l.Rights,
			Relations:  l.Relations,
			Renditions: m.Renditions, Pages: m.Renditions, Copies: m.Copies, Similarity: m.Similarity,
			Channels: s.Channels.Accounts, Proofs: s.Channels.Proving, Publications: s.Channels.Planning,
			Drafts:   s.Channels.Planning.Drafts(),
			Webhooks: s.Channels.Webhooks,
			Signage:  s.Channels.Playlists,
		},
		Log: p.log, Metrics: p.metrics, Version: p.version, PublicURL: p.PublicURL,
		TrustedProxies: p.Edge.TrustedProxies(), Fallback: portal.Handler(),
		Formats: (&trials{try: func(ctx context.Context) []Trial {
			return tryFormats(ctx, m.Engine, m.Options)
		}}).formats,
		Checks: s.checks(health), Followers: local, Building: l.Index.Building,
		System: api.System{Storage: s.Objects.Store.String(), Database: s.Data.DatabaseName(),
			Engine: m.workers.Describe(), Tools: Tools(m.programs, m.workers)},
	}
}

// routes returns the handler of all public paths, including those outside the API and the portal.
func routes(p *parts, a *api.API, public *webdelivery.Handler, c *Channels) (http.Handler, error) {
	player, err := websignage.New(c.Screens, p.log)
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("/signage/", player)
	mux.HandleFunc("GET "+proving.Path, proving.Files)
	mux.Handle("/r/", public)
	mux.Handle("/t/", public)
	mux.Handle("/p/", public)
	mux.HandleFunc("/oembed", public.OEmbed)
	// Common upload clients are often configured with an endpoint that ends in a slash.
	mux.Handle("/api/uploads", a)
	mux.HandleFunc("/api/uploads/{$}", func(w http.ResponseWriter, r *http.Request) {
		r.URL.Path = "/api/uploads"
		a.ServeHTTP(w, r)
	})
	mux.Handle("/", a)
	pattern := func(r *http.Request) string { _, s := mux.Handler(r); return s }
	return traced(p.tracer, pattern,
		countPanics(paced(mux, pace{silence: bodySilence, grace: bodyGrace, rate: bodyPace}))), nil
}
