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

// flushTimeout is how long the end of the process waits for a collector that doesn't answer.
const flushTimeout = 3 * time.Second

// largestBatching bounds the numbers of the OTEL_BSP_… variables: spans, and milliseconds.
const largestBatching = 1_000_000

// longestError is how much of an error of the exporter is logged, in bytes.
const longestError = 300

// openTracing returns the tracer that the OTEL_… variables of the environment ask for, nil when they ask for none.
// Those that it does not read itself are read by the SDK.
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
	// The SDK would send to another address than the one meant.
	if u, err := url.Parse(endpoint); err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return nil, dam.InvalidInput(name, reasons.NotACollectorAddress())
	}
	if name, protocol := either("OTEL_EXPORTER_OTLP_PROTOCOL"); protocol != "" && protocol != "http/protobuf" {
		return nil, dam.InvalidInput(name, reasons.TracesProtocolUnsupported(protocol))
	}
	// The SDK allocates what it is told, with a delay of 0 it never rests, and it passes over what is no number.
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
			p.log.Warn("the last traces were not sent", "err", err) // no reason for the server to fail
		}
		return nil
	})
	return provider.Tracer("vitrine", trace.WithInstrumentationVersion(p.version)), nil
}

// exportErrors logs what goes wrong with traces. A collector that is away fails every batch, which is said once a
// minute; what it answers is cut, as it can be a page.
func exportErrors(log *slog.Logger) otel.ErrorHandlerFunc {
	now := rate.Sometimes{Interval: time.Minute}
	return func(err error) {
		now.Do(func() {
			text := err.Error()
			log.Warn("traces are lost", "err", text[:min(len(text), longestError)])
		})
	}
}

// traced records the requests that are not the API's under their pattern in the mux. They come from strangers. The API,
// which finds out who asks, records its own.
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
		answer := &answer{ResponseWriter: w, status: http.StatusInternalServerError} // in case of a panic
		defer func() { tracing.Answered(span, answer.status) }()
		h.ServeHTTP(answer, r)
		if !answer.begun {
			answer.status = http.StatusOK
		}
	})
}

// answer remembers the status of an answer. What else the server's own writer can do is reached by Unwrap.
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

// ReadFrom keeps the way open for the system to send a file by itself.
func (a *answer) ReadFrom(r io.Reader) (int64, error) { return io.Copy(a.ResponseWriter, r) }

// Unwrap is for http.ResponseController.
func (a *answer) Unwrap() http.ResponseWriter { return a.ResponseWriter }

// Flush implements http.Flusher, for those who ask for it by its type.
// a writer that can't has nothing held back
func (a *answer) Flush() { _ = http.NewResponseController(a.ResponseWriter).Flush() }
