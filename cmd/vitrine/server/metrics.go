package server

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"math"
	"net/http"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"vitrine/cmd/vitrine/config"
	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/jobs"
	"vitrine/dam/rendition/isolate"
	"vitrine/dam/tracing"
	"vitrine/storage/observed"
)

// All metrics except those of the HTTP API (web/api/metrics.go) and of delivery (web/delivery/metrics.go) are defined
// here. docs/operations.md lists every one of them; a test compares it with a scrape.

const (
	// figuresKept is how long values from the catalogue are cached, so that many scrapers cost as much as one.
	figuresKept    = 10 * time.Second
	figuresTimeout = 5 * time.Second
)

// newMetrics returns a registry with the metrics of every process.
func newMetrics(c config.Config, version string) *prometheus.Registry {
	r := prometheus.NewRegistry()
	info := prometheus.NewGauge(prometheus.GaugeOpts{Name: "vitrine_build_info",
		Help:        "1; the labels say what is running.",
		ConstLabels: prometheus.Labels{"version": version, "engine": c.Engine, "node": c.Node}})
	info.Set(1)
	r.MustRegister(info, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return r
}

// panicMetrics exports the panics that were recovered.
type panicMetrics struct{}

var survived = prometheus.NewDesc("vitrine_panics_total",
	"Panics that were survived, in requests, jobs and other goroutines; the log has their stacks.", []string{"where"},
	nil)

// Describe implements prometheus.Collector.
func (panicMetrics) Describe(out chan<- *prometheus.Desc) { out <- survived }

// Collect implements prometheus.Collector.
func (panicMetrics) Collect(out chan<- prometheus.Metric) {
	for where, n := range dam.Panics() {
		out <- counter(survived, float64(n), where)
	}
}

// countPanics counts the panics of handlers outside the API; net/http logs them and closes the connection.
func countPanics(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			v := recover()
			if v == nil {
				return
			}
			// http.ErrAbortHandler cuts an answer off on purpose, or after the panic was counted
			if err, ok := v.(error); !ok || !errors.Is(err, http.ErrAbortHandler) {
				dam.CountPanic(dam.PanicHTTP)
			}
			panic(v)
		}()
		h.ServeHTTP(w, r)
	})
}

// catalogMetrics are metrics that query the catalogue at every scrape.
func catalogMetrics(cat *catalog.Catalog) []prometheus.Collector {
	return []prometheus.Collector{
		panicMetrics{},
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "vitrine_clock_offset_seconds",
			Help: "How far this node's clock is ahead of the database's."},
			func() float64 { return cat.Database().ClockOff().Seconds() }),
		backupMetrics{cat}, mirrorMetrics{cat}, holdMetric(cat),
	}
}

// storageMetrics counts the operations of a store, and records them in traces.
func storageMetrics(r *prometheus.Registry) observed.Observer {
	errs := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "vitrine_storage_errors_total",
		Help: "Operations that the store failed. Objects that are not there are no failure."}, []string{"operation"})
	seconds := prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "vitrine_storage_operation_seconds",
		Help:    "Time of operations on the store; open is until the object can be read.",
		Buckets: []float64{.001, .005, .025, .1, .5, 2.5, 10, 60}}, []string{"operation"})
	for _, o := range observed.Operations() {
		errs.WithLabelValues(o)
		if o != "read" { // only failed reads are reported
			seconds.WithLabelValues(o)
		}
	}
	r.MustRegister(errs, seconds)
	return func(ctx context.Context, operation string, took time.Duration, err error) {
		if observed.Failed(err) {
			errs.WithLabelValues(operation).Inc()
		}
		if operation != "read" {
			seconds.WithLabelValues(operation).Observe(took.Seconds())
			if !observed.Failed(err) {
				err = nil
			}
			tracing.Took(ctx, "storage "+operation, took, err)
		}
	}
}

// workerMetrics exports the state of the processes that decode pictures.
func workerMetrics(r *prometheus.Registry, pool *isolate.Pool) {
	number := func(name, help string, value func(isolate.Stats) float64, labels ...string) prometheus.Collector {
		l := prometheus.Labels{}
		for i := 0; i+1 < len(labels); i += 2 {
			l[labels[i]] = labels[i+1]
		}
		read := func() float64 { return value(pool.Stats()) }
		if len(name) > 6 && name[len(name)-6:] == "_total" {
			return prometheus.NewCounterFunc(prometheus.CounterOpts{Name: name, Help: help, ConstLabels: l}, read)
		}
		return prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help, ConstLabels: l}, read)
	}
	const workers, deaths = "vitrine_render_workers", "vitrine_render_worker_deaths_total"
	workersHelp, deathsHelp := "Processes that decode pictures, by what they do.",
		"Processes that decode pictures and ended before their answer, by reason."
	r.MustRegister(
		number(workers, workersHelp, func(s isolate.Stats) float64 { return float64(s.Busy) }, "state", "busy"),
		number(workers, workersHelp, func(s isolate.Stats) float64 { return float64(s.Idle) }, "state", "idle"),
		number("vitrine_render_workers_max", "Processes that may decode pictures at once.",
			func(s isolate.Stats) float64 { return float64(s.Size) }),
		number("vitrine_render_worker_starts_total", "Processes started to decode pictures.",
			func(s isolate.Stats) float64 { return float64(s.Starts) }),
		number(deaths, deathsHelp, func(s isolate.Stats) float64 { return float64(s.Crashes) }, "reason", "crash"),
		number(deaths, deathsHelp, func(s isolate.Stats) float64 { return float64(s.Timeouts) }, "reason", "timeout"),
	)
}

// figures exports what an operator watches in the catalogue, and reads it at most once in figuresKept.
type figures struct {
	cat   *catalog.Catalog
	queue *jobs.Queue
	// local returns the cursors of followers in this process, such as the search index.
	local  func() map[string]int64
	log    *slog.Logger
	failed prometheus.Counter

	mu   sync.Mutex
	at   time.Time
	kept []prometheus.Metric

	descriptions []*prometheus.Desc
	depth, age, lagEvents, lagSeconds, head, publications, overdue, channels, waiting, oldest, connections,
	connectionsMax, waits,
	waited *prometheus.Desc
}

func newFigures(cat *catalog.Catalog, queue *jobs.Queue, local func() map[string]int64, log *slog.Logger) *figures {
	f := &figures{cat: cat, queue: queue, local: local, log: log,
		failed: prometheus.NewCounter(prometheus.CounterOpts{Name: "vitrine_metrics_errors_total",
			Help: "Scrapes for which the database could not be asked; what it knows is missing from them."})}
	describe := func(name, help string, labels ...string) *prometheus.Desc {
		d := prometheus.NewDesc(name, help, labels, nil)
		f.descriptions = append(f.descriptions, d)
		return d
	}
	f.depth = describe("vitrine_jobs",
		"Jobs of the background queue that are waiting, running, or parked after their last attempt.", "queue", "state")
	f.age = describe("vitrine_jobs_oldest_seconds",
		"How long the first job has been due (waiting) or at work (running).", "queue", "state")
	f.head = describe("vitrine_log_head", "Newest seq of the event log.")
	f.lagEvents = describe("vitrine_follower_lag_events", "Events that a follower of the log has not seen.", "follower")
	f.lagSeconds = describe("vitrine_follower_lag_seconds",
		"Age of the first event that a follower has not seen; 0 when it has seen all.", "follower")
	f.publications = describe("vitrine_publications", "Publications that are not at rest, by state.", "state")
	f.overdue = describe("vitrine_publications_overdue_seconds",
		"How long the first publication of a channel that may send has been due.", "channel")
	f.channels = describe("vitrine_channels", "Channels by health.", "health")
	f.waiting = describe("vitrine_webhook_deliveries_waiting", "Webhook messages that wait to be sent or sent again.")
	f.oldest = describe("vitrine_webhook_deliveries_overdue_seconds", "How long the first of them has been due.")
	f.connections = describe("vitrine_database_connections", "Connections to the database, by pool and state.",
		"pool", "state")
	f.connectionsMax = describe("vitrine_database_connections_max",
		"Connections to the database that may be open at once.", "pool")
	f.waits = describe("vitrine_database_waits_total", "How often a connection had to be waited for.", "pool")
	f.waited = describe("vitrine_database_wait_seconds_total", "How long connections were waited for.", "pool")
	return f
}

// Describe implements prometheus.Collector.
func (f *figures) Describe(out chan<- *prometheus.Desc) {
	for _, d := range f.descriptions {
		out <- d
	}
	f.failed.Describe(out)
}

// Collect implements prometheus.Collector.
func (f *figures) Collect(out chan<- prometheus.Metric) {
	for _, p := range f.cat.Database().Connections() {
		out <- gauge(f.connections, float64(p.InUse), p.Pool, "in_use")
		out <- gauge(f.connections, float64(p.Idle), p.Pool, "idle")
		out <- gauge(f.connectionsMax, float64(p.Max), p.Pool)
		out <- counter(f.waits, float64(p.Waits), p.Pool)
		out <- counter(f.waited, p.Waited.Seconds(), p.Pool)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if time.Since(f.at) >= figuresKept {
		ctx, cancel := context.WithTimeout(dam.AsSystem(context.Background(), "figures count everything"),
			figuresTimeout)
		defer cancel()
		list, err := f.read(ctx)
		if err != nil {
			f.failed.Inc()
			f.log.Warn("metrics: the database could not be asked", "err", err)
		}
		f.kept, f.at = list, time.Now()
	}
	for _, m := range f.kept {
		out <- m
	}
	f.failed.Collect(out)
}

// read queries the catalogue. If a query fails it returns no metrics at all, because missing is different from zero.
func (f *figures) read(ctx context.Context) (list []prometheus.Metric, err error) {
	depths, err := f.queue.Depths(ctx)
	if err != nil {
		return nil, err
	}
	for _, d := range depths {
		list = append(list, gauge(f.depth, float64(d.Count), d.Queue, string(d.State)))
		if d.State != jobs.Parked {
			list = append(list, gauge(f.age, d.Oldest.Seconds(), d.Queue, string(d.State)))
		}
	}
	for _, part := range []func(context.Context, []prometheus.Metric) ([]prometheus.Metric, error){f.readLags,
		f.readPublishing} {
		if list, err = part(ctx, list); err != nil {
			return nil, err
		}
	}
	return list, nil
}

func (f *figures) readLags(ctx context.Context, list []prometheus.Metric) ([]prometheus.Metric, error) {
	cursors, err := f.cat.Log().Followers(ctx)
	if err != nil {
		return nil, err
	}
	maps.Copy(cursors, f.local())
	head, err := f.cat.Log().Head(ctx)
	if err != nil {
		return nil, err
	}
	list = append(list, gauge(f.head, float64(head)))
	for name, seq := range cursors {
		at, err := f.cat.Log().EventAt(ctx, seq)
		if err != nil {
			return nil, err
		}
		list = append(list, gauge(f.lagEvents, float64(max(head-seq, 0)), name), gauge(f.lagSeconds, since(at), name))
	}
	return list, nil
}

func (f *figures) readPublishing(ctx context.Context, list []prometheus.Metric) ([]prometheus.Metric, error) {
	states, err := f.cat.Publications().PublicationFigures(ctx)
	if err != nil {
		return nil, err
	}
	for s, n := range states {
		list = append(list, gauge(f.publications, float64(n), string(s)))
	}
	dues, err := f.cat.Channels().DueChannels(ctx)
	if err != nil {
		return nil, err
	}
	for _, d := range dues {
		late := 0.0
		if now := time.Now(); d.Send != nil && !d.HeldUntil.After(now) {
			late = since(*d.Send)
		}
		if d.Reconcile != nil {
			late = math.Max(late, since(*d.Reconcile))
		}
		list = append(list, gauge(f.overdue, late, d.Channel))
	}
	channels, err := f.cat.Channels().ChannelFigures(ctx)
	if err != nil {
		return nil, err
	}
	for _, h := range []dam.Health{dam.Healthy, dam.Degraded, dam.Reconnect} {
		list = append(list, gauge(f.channels, float64(channels[h]), string(h)))
	}
	n, due, err := f.cat.Webhooks().WebhookFigures(ctx)
	if err != nil {
		return nil, err
	}
	return append(list, gauge(f.waiting, float64(n)), gauge(f.oldest, since(due))), nil
}

// since returns the age of an instant in seconds, 0 for a zero or future instant.
func since(t time.Time) float64 {
	if t.IsZero() {
		return 0
	}
	return math.Max(time.Since(t).Seconds(), 0)
}

func gauge(d *prometheus.Desc, v float64, labels ...string) prometheus.Metric {
	return prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
}

func counter(d *prometheus.Desc, v float64, labels ...string) prometheus.Metric {
	return prometheus.MustNewConstMetric(d, prometheus.CounterValue, v, labels...)
}
