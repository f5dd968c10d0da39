package server

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
	"golang.org/x/time/rate"

	"vitrine/dam"
	"vitrine/dam/reasons"
	"vitrine/dam/tracing"
)

// flushTimeout is how long the process waits at its end for a collector that doesn't answer.
const flushTimeout = 3 * time.Second

// largestBatching bounds the numbers in the OTEL_BSP_… variables: spans, and milliseconds.
const largestBatching = 1_000_000

// longestError is how much of an exporter's error is logged, in bytes.
const longestError = 300

// openTracing returns the tracer that the OTEL_… environment variables configure, nil if they configure none. The SDK
// itself reads the variables that openTracing doesn't read.
func openTracing(ctx context.Context, p *parts) (trace.Tracer, error) {
	either := func(name string) (string, string) {
		if specific := strings.Replace(name, "OTLP_", "OTLP_TRACES_", 1); os.Getenv(specific) != "" {
			return specific, os.Getenv(specific)
		}
		return name, os.Getenv(name)
	}
	name, endpoint := either("OTEL_EXPORTER_OTLP_ENDPOINT")
	if endpoint == "" || os.Getenv("OTEL_TRACES_EXPORTER") == "none" ||
		strings.EqualFold(os.Getenv("OTEL_SDK_DISABLED"), "true") {
		return nil, nil
	}
	if exporter := os.Getenv("OTEL_TRACES_EXPORTER"); exporter != "" && exporter != "otlp" {
		return nil, dam.InvalidInput("OTEL_TRACES_EXPORTER", reasons.NoTraceExporter(exporter))
	}
	// With an invalid address, the SDK would send to another one than intended.
	if u, err := url.Parse(endpoint); err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return nil, dam.InvalidInput(name, reasons.NotACollectorAddress())
	}
	if name, protocol := either("OTEL_EXPORTER_OTLP_PROTOCOL"); protocol != "" && protocol != "http/protobuf" {
		return nil, dam.InvalidInput(name, reasons.TracesProtocolUnsupported(protocol))
	}
	// The SDK allocates whatever the variables say, never pauses with a delay of 0, and ignores values that are not
	// numbers.
	for _, name := range []string{"OTEL_BSP_MAX_QUEUE_SIZE", "OTEL_BSP_MAX_EXPORT_BATCH_SIZE",
		"OTEL_BSP_SCHEDULE_DELAY", "OTEL_BSP_EXPORT_TIMEOUT"} {
		v := os.Getenv(name)
		if n, err := strconv.Atoi(v); v != "" && (err != nil || n < 1 || n > largestBatching) {
			return nil, dam.InvalidInput(name, reasons.NotATraceNumber())
		}
	}
	otel.SetErrorHandler(exportErrors(p.log))
	exporter, err := otlptracehttp.New(ctx)
	if err != nil {
		return nil, err
	}
	about, err := resource.New(ctx, resource.WithTelemetrySDK(),
		resource.WithAttributes(attribute.String("service.name", "vitrine"),
			attribute.String("service.version", p.version), attribute.String("service.instance.id", p.Node)),
		resource.WithFromEnv())
	if err != nil {
		return nil, dam.InvalidInput("OTEL_RESOURCE_ATTRIBUTES", reasons.NotKeyValueList(err.Error()))
	}
	provider := sdktrace.NewTracerProvider(sdktrace.WithBatcher(exporter), sdktrace.WithResource(about))
	p.onClose(func(ctx context.Context) error {
		ctx, cancel := context.WithTimeout(ctx, flushTimeout)
		defer cancel()
		if err := provider.Shutdown(ctx); err != nil {
			p.log.Warn("the last traces were not sent", "err", err) // not a reason for the server to fail
		}
		return nil
	})
	return provider.Tracer("vitrine", trace.WithInstrumentationVersion(p.version)), nil
}

// exportErrors logs errors of exporting traces. Every batch fails while a collector is unavailable, so they are logged
// at most once a minute; answers are cut, because they can be whole pages.
func exportErrors(log *slog.Logger) otel.ErrorHandlerFunc {
	now := rate.Sometimes{Interval: time.Minute}
	return func(err error) {
		now.Do(func() {
			text := err.Error()
			log.Warn("traces are lost", "err", text[:min(len(text), longestError)])
		})
	}
}

// traced records requests outside the API under their pattern in the mux. Their clients are not authenticated. The API
// authenticates its clients and records its own requests.
func traced(t trace.Tracer, pattern func(*http.Request) string, h http.Handler) http.Handler {
	if t == nil {
		return h
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r = r.WithContext(tracing.With(r.Context(), t))
		route := pattern(r)
		if route == "/" || strings.HasPrefix(route, "/api/") {
			h.ServeHTTP(w, r)
			return
		}
		r, span := tracing.Serve(r, route, false)
		answer := &answer{ResponseWriter: w, status: http.StatusInternalServerError} // if the handler panics
		defer func() { tracing.Answered(span, answer.status) }()
		h.ServeHTTP(answer, r)
		if !answer.begun {
			answer.status = http.StatusOK
		}
	})
}

// answer records the status of an answer. Other methods of the server's own writer are available through Unwrap.
type answer struct {
	http.ResponseWriter
	status int
	begun  bool
}

// WriteHeader implements http.ResponseWriter.
func (a *answer) WriteHeader(status int) {
	if !a.begun && (status >= 200 || status == http.StatusSwitchingProtocols) {
		a.status, a.begun = status, true
	}
	a.ResponseWriter.WriteHeader(status)
}

// ReadFrom lets the operating system send files directly.
func (a *answer) ReadFrom(r io.Reader) (int64, error) { return io.Copy(a.ResponseWriter, r) }

// Unwrap is for http.ResponseController.
func (a *answer) Unwrap() http.ResponseWriter { return a.ResponseWriter }

// Flush implements http.Flusher, for handlers that assert that type. A writer that can't flush buffers nothing, so the
// error is ignored.
func (a *answer) Flush() { _ = http.NewResponseController(a.ResponseWriter).Flush() }
