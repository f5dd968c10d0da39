package server

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"vitrine/dam"
	"vitrine/dam/tracing"
)

// A collector that accepts requests and never answers delays neither requests nor the end of the process, and its
// failures are logged.
func TestCollectorAway(t *testing.T) {
	asked, done := make(chan struct{}, 100), make(chan struct{})
	collector := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		asked <- struct{}{}
		<-done
	}))
	defer collector.Close()
	defer close(done)
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.URL)
	t.Setenv("OTEL_BSP_SCHEDULE_DELAY", "1")
	out, err := os.Create(filepath.Join(t.TempDir(), "log"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = out.Close() }()
	p := &parts{lifecycle: &lifecycle{log: slog.New(slog.NewTextHandler(out, nil))}}
	tracer, err := openTracing(t.Context(), p)
	if err != nil || tracer == nil {
		t.Fatal(err)
	}
	h := traced(tracer, func(*http.Request) string {
		return "/r/"
	}, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		tracing.Took(r.Context(), "storage open", time.Millisecond, nil)
		w.WriteHeader(http.StatusNoContent)
	}))
	serve := func() {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest("GET", "/r/1", nil))
		if w.Code != http.StatusNoContent {
			t.Fatal(w.Code)
		}
	}
	serve()
	<-asked              // the exporter waits for the collector,
	for range 3 * 2048 { // and drops what its queue has no room for
		serve()
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := p.close(ctx); err != nil {
		t.Errorf("the end of the process: %v", err)
	}
	if b, err := os.ReadFile(out.Name()); err != nil || !bytes.Contains(b, []byte("the last traces were not sent")) {
		t.Errorf("the log: %v %s", err, b)
	}
}

func TestExportErrors(t *testing.T) {
	var out bytes.Buffer
	say := exportErrors(slog.New(slog.NewTextHandler(&out, nil)))
	for range 100 {
		say(errors.New("refused " + strings.Repeat("x", 1<<12)))
	}
	if n := strings.Count(out.String(), "\n"); n != 1 || !strings.Contains(out.String(), "refused") ||
		out.Len() > 2*longestError {
		t.Errorf("%d lines, %d bytes", n, out.Len())
	}
}

// Invalid settings are refused at the start, by the name of their variable.
func TestTraceSettings(t *testing.T) {
	for _, c := range []struct{ set, field string }{
		{"OTEL_EXPORTER_OTLP_ENDPOINT=collector:4318", "OTEL_EXPORTER_OTLP_ENDPOINT"},
		{"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=grpc://collector", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"},
		{"OTEL_EXPORTER_OTLP_ENDPOINT=http://collector OTEL_EXPORTER_OTLP_PROTOCOL=grpc",
			"OTEL_EXPORTER_OTLP_PROTOCOL"},
		{"OTEL_EXPORTER_OTLP_ENDPOINT=http://collector OTEL_TRACES_EXPORTER=zipkin", "OTEL_TRACES_EXPORTER"},
		{"OTEL_EXPORTER_OTLP_ENDPOINT=http://collector OTEL_BSP_MAX_QUEUE_SIZE=-5 OTEL_BSP_MAX_EXPORT_BATCH_SIZE=-3",
			"OTEL_BSP_MAX_QUEUE_SIZE"},
		{"OTEL_EXPORTER_OTLP_ENDPOINT=http://collector OTEL_BSP_MAX_QUEUE_SIZE=1000000000000",
			"OTEL_BSP_MAX_QUEUE_SIZE"},
		{"OTEL_EXPORTER_OTLP_ENDPOINT=http://collector OTEL_BSP_MAX_EXPORT_BATCH_SIZE=many",
			"OTEL_BSP_MAX_EXPORT_BATCH_SIZE"},
		{"OTEL_EXPORTER_OTLP_ENDPOINT=http://collector OTEL_BSP_SCHEDULE_DELAY=0", "OTEL_BSP_SCHEDULE_DELAY"},
		{"OTEL_EXPORTER_OTLP_ENDPOINT=http://collector OTEL_BSP_EXPORT_TIMEOUT=99999999999999999999",
			"OTEL_BSP_EXPORT_TIMEOUT"},
		{"OTEL_EXPORTER_OTLP_ENDPOINT=collector OTEL_TRACES_EXPORTER=none", ""},
		{"OTEL_SERVICE_NAME=x", ""},
	} {
		t.Run(c.set, func(t *testing.T) {
			for _, s := range strings.Fields(c.set) {
				name, value, _ := strings.Cut(s, "=")
				t.Setenv(name, value)
			}
			tracer, err := openTracing(t.Context(), &parts{lifecycle: &lifecycle{log: slog.New(slog.DiscardHandler)}})
			var e *dam.Error
			switch {
			case c.field == "" && (err != nil || tracer != nil):
				t.Errorf("%v, %v", tracer, err)
			case c.field != "" && (!errors.As(err, &e) || e.Field != c.field):
				t.Errorf("%v", err)
			}
		})
	}
}
