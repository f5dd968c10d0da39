// Package api is the HTTP API: gin routes, OpenAPI 3.1, authentication and
// authorisation. Handlers bind, call one service and write; they hold no rules.
//
// The page to read first is routes.go: every address, the permission it needs and its handler.
package api

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"
	"github.com/gin-gonic/gin"
	"github.com/prometheus/client_golang/prometheus"

	"vitrine/dam"
	"vitrine/dam/assets"
	"vitrine/dam/delivery"
	"vitrine/dam/downloads"
	"vitrine/dam/events"
	"vitrine/dam/ingest"
	"vitrine/dam/integrity"
	"vitrine/dam/jobs"
	"vitrine/dam/libraries"
	"vitrine/dam/people"
	"vitrine/dam/products"
	"vitrine/dam/reasons"
	"vitrine/dam/review"
	"vitrine/dam/sheets"
	"vitrine/dam/similarity"
	"vitrine/dam/vocabularies"
	"vitrine/search"
	"vitrine/storage"
	"vitrine/web/problem"
)

// Searcher answers queries.
type Searcher interface {
	Query(ctx context.Context, r search.Request) (search.Result, error)
	Suggest(ctx context.Context, library, typed string) ([]search.Suggestion, error)
	Duplicates(ctx context.Context, r search.Request, least float64) (groups []search.Group, seq int64, err error)
}

// Uploads takes resumable uploads (see ingest.Tus).
type Uploads interface {
	http.Handler
	Result(ctx context.Context, library, id string) (ingest.Outcome, error)
	Resolve(ctx context.Context, library, id, choice, asset string) (ingest.Outcome, error)
}

// Renditions makes pictures again.
type Renditions interface {
	Retry(ctx context.Context, library, asset string) (dam.Asset, error)
	// CancelVideo ends the making of a video rendition of the newest version.
	CancelVideo(ctx context.Context, library, asset, preset string) error
	// Demand asks for a rendition that is made on demand; false when there is none to be made.
	Demand(ctx context.Context, version, preset string) (bool, error)
	Presets(ctx context.Context, library string) ([]dam.Preset, error)
	Renditions(ctx context.Context, version string) ([]dam.Rendition, error)
	Videos(ctx context.Context, version string) ([]dam.VideoRendition, error)
	Presets
}

// Jobs shows the queue.
type Jobs interface {
	List(ctx context.Context, s jobs.State, limit int) ([]jobs.Job, error)
	Get(ctx context.Context, id int64) (jobs.Job, error)
	Counts(ctx context.Context, library string) (map[jobs.State]int, error)
	Retry(ctx context.Context, id int64) error
	// Held counts the jobs of a kind that wait for the release of a hold.
	Held(ctx context.Context, kind string) (int, error)
	// LibrariesOf returns the libraries of what jobs are about, by id.
	LibrariesOf(ctx context.Context, ids []string) (map[string]string, error)
}

// Services do the API's work. A server sets them all; a description of the API needs none.
type Services struct {
	Events       events.Reader
	Store        storage.Store
	Integrity    *integrity.Service
	People       *people.Service
	Assets       *assets.Service
	Collections  Collections
	Review       *review.Service
	Ingest       *ingest.Service
	Uploads      Uploads
	Renditions   Renditions
	Similarity   *similarity.Service
	Pages        Pages
	Copies       Copies
	Search       Searcher
	Jobs         Jobs
	Channels     Channels
	Proofs       Proofs
	Publications Publications
	Drafts       Drafts
	Webhooks     Webhooks
	Signage      Signage
	Bulk         Bulk
	Export       Exporter
	Sheets       *sheets.Service
	Downloads    *downloads.Service
	Searches     Searches
	Vocabularies *vocabularies.Service
	Products     *products.Service
	Reprocessing Reprocessing
	Libraries    *libraries.Service
	Rights       Rights
	Relations    Relations
}

// Config is what the API stands on.
type Config struct {
	Services

	// Log gets one line for each request, and the causes of internal errors.
	Log *slog.Logger
	// Metrics is the registry behind /metrics; nil makes one.
	Metrics *prometheus.Registry
	// Checks are the parts that must work for /readyz to say yes.
	Checks []Check
	// System describes the installation; what the API knows itself is added.
	System System
	// Formats tries which files the server shows; it may take seconds.
	Formats func(context.Context) (Formats, error)
	// Followers adds projections that keep their own cursor, such as the search index: name → seq.
	Followers func() map[string]int64
	// Building tells how much of this node's search index is built, in percent, while it is being built; nil when there
	// is none.
	Building func() (percent int, ok bool)

	Version string
	// PublicURL is the address people use, such as https://media.example.com; "" when unknown.
	PublicURL string
	// TrustedProxies are the addresses or networks whose X-Forwarded-For is believed; none by default.
	TrustedProxies []string
	// RateLimit is how many requests a principal may make in a minute; 0 is 60,000, negative no limit.
	RateLimit int
	// Fallback serves what is not the API's, such as the portal; nil answers 404.
	Fallback http.Handler
}

// API is an http.Handler for everything under /api, /healthz, /readyz and /metrics.
type API struct {
	Config
	engine  *gin.Engine
	huma    huma.API
	routes  map[string]route // by method and gin path
	csrf    *http.CrossOriginProtection
	limiter *limiter
	metrics *metrics
	urls    delivery.URLs
	secure  bool // cookies only over https
	spec    []byte

	heartbeat time.Duration // the longest silence of an event stream
	closing   chan struct{}
	// proxyWarned: the operator has been told of a proxy that is not trusted.
	proxyWarned sync.Once
	// searchProblem has what was wrong when /readyz last asked, by the name of the check.
	searchProblem sync.Map
	once          sync.Once
}

// New builds the API. It fails when a proxy address or the public URL cannot be read.
func New(cfg Config) (*API, error) {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Metrics == nil {
		cfg.Metrics = prometheus.NewRegistry()
	}
	if cfg.RateLimit == 0 {
		cfg.RateLimit = 60_000
	}
	gin.SetMode(gin.ReleaseMode)
	s := &API{Config: cfg, engine: gin.New(), routes: map[string]route{}, csrf: http.NewCrossOriginProtection(),
		limiter: newLimiter(cfg.RateLimit), metrics: newMetrics(cfg.Metrics), urls: delivery.NewURLs(cfg.PublicURL),
		heartbeat: heartbeatGap, closing: make(chan struct{})}
	if cfg.PublicURL != "" {
		u, err := url.Parse(cfg.PublicURL)
		if err != nil {
			return nil, err
		}
		if err := s.csrf.AddTrustedOrigin(u.Scheme + "://" + u.Host); err != nil {
			return nil, err
		}
		s.secure = u.Scheme == "https"
	}
	e := s.engine
	if err := e.SetTrustedProxies(cfg.TrustedProxies); err != nil {
		return nil, err
	}
	e.RemoteIPHeaders = []string{"X-Forwarded-For"} // others a proxy may pass on as the client sent them
	e.RedirectTrailingSlash, e.RedirectFixedPath, e.HandleMethodNotAllowed, e.ContextWithFallback = false, false, true,
		true
	e.Use(s.identify, s.observe, s.recover, s.guard, s.authorise, s.trace, s.prepareWrite)
	e.NoRoute(s.noRoute)
	e.NoMethod(s.noMethod)

	s.huma = humagin.New(e, s.openAPI())
	for _, r := range s.table() {
		r.endpoint.mount(s, r)
		s.routes[r.method+" "+ginPath(r.path)] = r
	}
	var err error
	s.spec, err = json.Marshal(s.document())
	return s, err
}

func (s *API) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.engine.ServeHTTP(w, r) }

// Close ends the open event streams, which otherwise keep a server from shutting
// down; clients come back with their last seq.
func (s *API) Close() { s.once.Do(func() { close(s.closing) }) }

func ginPath(p string) string {
	return strings.ReplaceAll(strings.ReplaceAll(p, "{", ":"), "}", "")
}

func (s *API) noRoute(c *gin.Context) {
	if s.Fallback != nil && c.Request.URL.Path != "/api" && !strings.HasPrefix(c.Request.URL.Path, "/api/") {
		c.Status(http.StatusOK) // gin has put 404 there
		s.Fallback.ServeHTTP(c.Writer, c.Request)
		return
	}
	s.fail(c, &dam.Error{Code: dam.NotFound, Reason: reasons.NothingAtPath(c.Request.URL.Path)})
}

func (s *API) noMethod(c *gin.Context) {
	p := problemOf(problem.NotPossible(c.Request.Method, c.Writer.Header().Get("Allow")))
	p.Status, p.Title = http.StatusMethodNotAllowed, http.StatusText(http.StatusMethodNotAllowed)
	s.fail(c, p)
}

// fail answers with a problem and ends the request.
func (s *API) fail(c *gin.Context, err error) {
	ctx := c.Request.Context()
	req := requestOf(ctx)
	logged(ctx, s.Log, req.id, err)
	p := s.problem(req, err)
	if c.Writer.Written() {
		c.Abort()
		return
	}
	h := c.Writer.Header()
	for _, name := range []string{"Content-Disposition", "Content-Length", "ETag", "Cache-Control", "Last-Modified"} {
		h.Del(name)
	}
	h.Set("Content-Type", problemType)
	for k, v := range p.GetHeaders() {
		h[k] = v
	}
	c.Abort()
	c.Status(p.Status)
	if c.Request.Method != http.MethodHead {
		_ = json.NewEncoder(c.Writer).Encode(p) // the client went away: nothing to do
	}
}

// problem is the one that is sent, with the request's id.
func (s *API) problem(req *request, err error) *Problem {
	p := *problemOf(err)
	p.Instance = req.id
	return &p
}
