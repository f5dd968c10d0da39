package api

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode"

	"github.com/gin-gonic/gin"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"vitrine/dam"
)

type metrics struct {
	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
	streams  prometheus.Gauge
	logins   *prometheus.CounterVec
	tokens   prometheus.Counter
	handler  http.Handler
}

func newMetrics(r *prometheus.Registry) *metrics {
	m := &metrics{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "vitrine_http_requests_total",
			Help: "Requests by route and status."}, []string{"method", "route", "status"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "vitrine_http_request_seconds",
			Help:    "Time to answer by route, without event streams.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 10, 60}},
			[]string{"method", "route"}),
		streams: prometheus.NewGauge(prometheus.GaugeOpts{Name: "vitrine_event_streams", Help: "Open event streams."}),
		logins: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "vitrine_login_failures_total",
			Help: "Passwords that were wrong at sign-in (credentials) or at its change (current), and attempts " +
				"refused because there were too many (limited)."}, []string{"reason"}),
		tokens: prometheus.NewCounter(prometheus.CounterOpts{Name: "vitrine_credentials_refused_total",
			Help: "Requests with a token or session that is not, or no longer, valid."}),
		handler: promhttp.HandlerFor(r, promhttp.HandlerOpts{}),
	}
	r.MustRegister(m.requests, m.seconds, m.streams, m.logins, m.tokens)
	for _, reason := range []string{"credentials", "current", "limited"} {
		m.logins.WithLabelValues(reason) // an alert on a rate needs the zero
	}
	return m
}

// login counts an attempt with a password that failed; wrong names what was wrong with it.
func (m *metrics) login(err error, wrong string, code dam.Code) {
	switch dam.CodeOf(err) {
	case code:
		m.logins.WithLabelValues(wrong).Inc()
	case dam.Limited:
		m.logins.WithLabelValues("limited").Inc()
	}
}

func (m *metrics) observe(method, route string, status int, took time.Duration, stream bool) {
	switch method {
	case get, head, post, put, patch, remove, http.MethodOptions:
	default:
		method = "other" // the client's invention must not become a label
	}
	m.requests.WithLabelValues(method, route, strconv.Itoa(status)).Inc()
	if !stream {
		m.seconds.WithLabelValues(method, route).Observe(took.Seconds())
	}
}

func (s *API) getMetrics(c *gin.Context) error {
	s.metrics.handler.ServeHTTP(c.Writer, c.Request)
	return nil
}

// Check is a part that must work for the server to be ready.
type Check struct {
	Name  string
	Check func(context.Context) error
	// Advisory: its trouble is told, and the server stays ready.
	Advisory bool
}

const checkTimeout = 3 * time.Second

func (s *API) healthz(c *gin.Context) error {
	c.JSON(http.StatusOK, gin.H{"status": "ok"})
	return nil
}

// readyz runs every check at once. A cause is only shown when it was written for people. It is polled all the time, so
// the log gets a line when a part's state changes, not with every answer.
func (s *API) readyz(c *gin.Context) error {
	ctx, cancel := context.WithTimeout(dam.AsSystem(c.Request.Context(),
		"checks tell whether the parts work, and nothing of what is in them"), checkTimeout)
	defer cancel()
	found := make([]string, len(s.Checks))
	var wg sync.WaitGroup
	for i, check := range s.Checks {
		wg.Go(func() {
			err := dam.Protect("a check", func() error { return check.Check(ctx) })
			var known *dam.Error
			switch {
			case err == nil:
				found[i] = "ok"
			case errors.As(err, &known):
				found[i] = known.Text()
			default:
				found[i] = "not ready; the log says why"
			}
			if c.Request.Context().Err() == nil { // who left early has learnt nothing of the part
				s.noteReady(ctx, check, err)
			}
		})
	}
	wg.Wait()
	status, parts := http.StatusOK, gin.H{}
	for i, check := range s.Checks {
		parts[check.Name] = found[i]
		if found[i] != "ok" && !check.Advisory {
			status = http.StatusServiceUnavailable
		}
	}
	c.JSON(status, gin.H{"ready": status == http.StatusOK, "parts": parts})
	return nil
}

// noteReady logs what a check found when that is another state than the last time. Figures in the words are none: an
// index that is being built has another percentage at every poll.
func (s *API) noteReady(ctx context.Context, check Check, err error) {
	if err == nil {
		if _, was := s.searchProblem.LoadAndDelete(check.Name); was {
			s.Log.InfoContext(ctx, "ready again", "part", check.Name)
		}
		return
	}
	state := strings.Map(func(r rune) rune {
		if unicode.IsDigit(r) {
			return -1
		}
		return r
	}, err.Error())
	if before, _ := s.searchProblem.Swap(check.Name, state); before == state {
		return
	}
	message := "not ready"
	if check.Advisory {
		message = "ready, with trouble"
	}
	s.Log.WarnContext(ctx, message, "part", check.Name, "err", err)
}
