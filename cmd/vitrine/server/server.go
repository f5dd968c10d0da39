// Package server builds a complete Vitrine server from its configuration. It is the only place that names drivers and
// connects the services: the command serve, the commands beside a server, tests and benchmarks all use it.
package server

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/otel/trace"

	"vitrine/cmd/vitrine/config"
	"vitrine/dam"
	"vitrine/dam/jobs"
	"vitrine/dam/reprocess"
	"vitrine/dam/tracing"
	"vitrine/web/api"
)

// stopTimeout is how long running jobs may take to end.
const stopTimeout = 20 * time.Second

// Options are what a server gets besides its configuration.
type Options struct {
	Log *slog.Logger
	// Notice is where messages for people are written that appear once: the password of the first administrator.
	Notice io.Writer
	// Version is the version of the program.
	Version string
}

// Server is a Vitrine server. New opens what the configuration refers to, Start starts the background work, Handler
// answers requests, Close ends everything.
type Server struct {
	Handler http.Handler
	API     *api.API

	Data     *Installation
	Objects  *Objects
	Media    *Media
	Library  *Library
	Channels *Channels
	// Reprocessing does again what earlier versions did wrongly or not at all.
	Reprocessing *reprocess.Service

	system  api.Config
	tracer  trace.Tracer
	life    *lifecycle
	stopped atomic.Bool
}

// parts is what all parts of a server are built with.
type parts struct {
	config.Config
	*lifecycle
	version string
	metrics *prometheus.Registry
	tracer  trace.Tracer // nil if tracing is off
	queue   *jobs.Queue
}

// New builds a server. It starts no background work; Start does. If it fails, everything is closed.
func New(ctx context.Context, c config.Config, o Options) (s *Server, err error) {
	life := &lifecycle{log: o.Log}
	s = &Server{life: life}
	defer func() {
		if err != nil {
			err = errors.Join(err, life.close(context.WithoutCancel(ctx)))
		}
	}()
	p := &parts{Config: c, lifecycle: life, version: o.Version, metrics: newMetrics(c, o.Version)}
	if p.tracer, err = openTracing(ctx, p); err != nil {
		return nil, err
	}
	s.tracer = p.tracer
	ctx = s.own(ctx)
	if s.Data, err = openInstallation(ctx, p); err != nil {
		return nil, err
	}
	if p.queue, err = newQueue(ctx, p, s.Data); err != nil {
		return nil, err
	}
	if s.Objects, err = newObjects(ctx, p, s.Data); err != nil {
		return nil, err
	}
	if s.Media, err = newMedia(ctx, p, s.Data, s.Objects); err != nil {
		return nil, err
	}
	if s.Library, err = newLibrary(ctx, p, s.Data, s.Objects, s.Media, o.Notice); err != nil {
		return nil, err
	}
	public, err := newDelivery(p, s.Data, s.Objects, s.Media)
	if err != nil {
		return nil, err
	}
	s.Channels = newChannels(p, s.Data, s.Objects, s.Media, s.Library)
	if s.Reprocessing, err = newReprocessing(ctx, p, s); err != nil {
		return nil, err
	}
	health := newHealth(p, s.Data, s.Objects, s.Media, s.Library.erasures)
	startQueue(p)
	s.system = s.apiConfig(p, health)
	if s.API, err = api.New(s.system); err != nil {
		return nil, err
	}
	s.Handler, err = routes(p, s.API, public, s.Channels)
	return s, err
}

// Start starts the background work, which ends with ctx or with Close.
func (s *Server) Start(ctx context.Context) error { return s.life.start(s.own(ctx)) }

// own returns a context in which the server itself acts, for work that no request asks for. Spans in it are recorded,
// if tracing is on.
func (s *Server) own(ctx context.Context) context.Context {
	ctx = dam.AsSystem(ctx, "the server's start, its loops and its end are nobody's request")
	if s.tracer == nil {
		return ctx
	}
	return tracing.With(ctx, s.tracer)
}

// Drain makes /readyz report that the server is stopping, so that load balancers send it no more requests.
func (s *Server) Drain() { s.stopped.Store(true) }

// EndWaits ends the requests that wait for events, which never end by themselves: their clients reconnect with their
// cursor.
func (s *Server) EndWaits() {
	s.API.Close()
	s.Channels.Screens.Stop()
}

// Close ends the background work and closes what New opened.
func (s *Server) Close(ctx context.Context) error { return s.life.close(s.own(ctx)) }

// APIConfig returns the configuration of the API, for building another API on the same services.
func (s *Server) APIConfig() api.Config { return s.system }
