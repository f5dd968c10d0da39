// Package tracing carries OpenTelemetry spans through the product: from requests into jobs, events and the ledger, and
// on from there. The process that exports spans puts a tracer into its contexts with With; under any other context
// nothing is recorded and nothing allocated. Spans have ids, routes, counts and error codes, never titles, file names,
// paths or tokens.
package tracing

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	"vitrine/dam"
)

// Field is the name of a W3C trace context in headers, in the metadata of jobs and in the data of events.
const Field = "traceparent"

// Span is a span; where nothing is recorded it does nothing.
type Span = trace.Span

type key struct{}

// none is the span of where nothing is recorded.
var none = trace.SpanFromContext(context.Background())

// With makes spans under the context go to a tracer.
func With(ctx context.Context, t trace.Tracer) context.Context {
	return context.WithValue(ctx, key{}, t)
}

// tracer is where spans under the context go, nil where nothing is recorded.
func tracer(ctx context.Context) trace.Tracer {
	t, _ := ctx.Value(key{}).(trace.Tracer)
	return t
}

// below is the tracer of a context whose span is recorded, nil under any other.
func below(ctx context.Context) trace.Tracer {
	if t := tracer(ctx); t != nil && trace.SpanFromContext(ctx).IsRecording() {
		return t
	}
	return nil
}

// Parent is the context's span as a W3C traceparent, "" without one.
func Parent(ctx context.Context) string {
	if !trace.SpanContextFromContext(ctx).IsValid() {
		return ""
	}
	m := propagation.MapCarrier{}
	propagation.TraceContext{}.Inject(ctx, m)
	return m[Field]
}

// Serve begins the span of a request. The trace that a known client records is continued. One that it does not record
// is only linked to, so that nobody's work goes unrecorded because of a flag that the client sent; and so is that of a
// stranger, who neither decides what is recorded nor writes into a trace of others. Nothing but the traceparent is read
// of what the client sends, and what is kept of it has a fixed length. Paths and queries are left out: they have
// signatures, tokens and the numbers of products in them.
func Serve(r *http.Request, route string, known bool) (*http.Request, Span) {
	ctx := r.Context()
	t := tracer(ctx)
	if t == nil {
		return r, none
	}
	scheme := "http"
	if r.TLS != nil {
		scheme = "https"
	}
	options := []trace.SpanStartOption{trace.WithSpanKind(trace.SpanKindServer), trace.WithAttributes(
		attribute.String("http.request.method", method(r.Method)), attribute.String("http.route", route),
		attribute.String("url.scheme", scheme))}
	client := resume(ctx, r.Header.Get(Field))
	if c := trace.SpanContextFromContext(client); c.IsValid() && (!known || !c.IsSampled()) {
		options = append(options, trace.WithNewRoot(), trace.WithLinks(trace.Link{SpanContext: c}))
	}
	ctx, span := t.Start(client, method(r.Method)+" "+route, options...)
	return r.WithContext(ctx), span
}

// Answered ends the span of a request with the status of its answer.
func Answered(span Span, status int) {
	if span.IsRecording() {
		span.SetAttributes(attribute.Int("http.response.status_code", status))
		if status >= 500 {
			span.SetStatus(codes.Error, "")
		}
	}
	span.End()
}

// Continue begins the span of work that was asked for earlier, below the one that a traceparent names, in this process
// or another; a trace of its own when that is empty or no traceparent.
func Continue(ctx context.Context, parent, name string, attributes ...string) (context.Context, Span) {
	t := tracer(ctx)
	if t == nil {
		return ctx, none
	}
	return t.Start(resume(ctx, parent), name, trace.WithSpanKind(trace.SpanKindConsumer),
		trace.WithAttributes(pairs(attributes)...))
}

// Batch begins a span of work that several causes share: below the cause when there is one, in a trace of its own that
// links to them when there are more. Without any there is no span.
func Batch(ctx context.Context, parents []string, name string) (context.Context, Span) {
	t := tracer(ctx)
	if t == nil {
		return ctx, none
	}
	var links []trace.Link
	for _, p := range slices.Compact(slices.Sorted(slices.Values(parents))) {
		if c := trace.SpanContextFromContext(resume(ctx, p)); c.IsValid() {
			links = append(links, trace.Link{SpanContext: c})
		}
	}
	switch {
	case len(links) == 0:
		return ctx, none
	case len(links) == 1:
		return t.Start(trace.ContextWithRemoteSpanContext(ctx, links[0].SpanContext), name)
	}
	return t.Start(ctx, name, trace.WithNewRoot(), trace.WithLinks(links...))
}

// resume returns the context with a remote parent, and without any when the traceparent is none.
func resume(ctx context.Context, parent string) context.Context {
	ctx = trace.ContextWithSpanContext(ctx, trace.SpanContext{})
	if parent == "" {
		return ctx
	}
	return propagation.TraceContext{}.Extract(ctx, propagation.MapCarrier{Field: parent})
}

// Child begins a span that calls something outside the process, below the context's span; none where nothing is
// recorded.
func Child(ctx context.Context, name, attribute, value string) Span {
	t := below(ctx)
	if t == nil {
		return none
	}
	_, span := t.Start(ctx, name, trace.WithSpanKind(trace.SpanKindClient),
		trace.WithAttributes(pairs([]string{attribute, value})...))
	return span
}

// Took records, below the context's span, a call that has just ended.
func Took(ctx context.Context, name string, took time.Duration, err error) {
	t := below(ctx)
	if t == nil {
		return
	}
	_, span := t.Start(ctx, name, trace.WithSpanKind(trace.SpanKindClient), trace.WithTimestamp(time.Now().Add(-took)))
	End(span, err)
}

// End ends a span with its outcome. Of an error only the code is told: sentences may name what people entered.
func End(span Span, err error) {
	if err != nil && span.IsRecording() {
		Fail(span, string(dam.CodeOf(err)))
	}
	span.End()
}

// Fail marks a span as failed, for a reason out of a short list.
func Fail(span Span, reason string) {
	if span.IsRecording() {
		span.SetStatus(codes.Error, "")
		span.SetAttributes(attribute.String("error.type", reason))
	}
}

// In is the context's span.
func In(ctx context.Context) Span { return trace.SpanFromContext(ctx) }

// method is a request's method as spans may have it: what clients make up is not.
func method(m string) string {
	switch m {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete,
		http.MethodOptions:
		return m
	}
	return "_OTHER"
}

// Of is the cause that an event carries, "" when it carries none, or where nothing is recorded.
func Of(ctx context.Context, e dam.Event) string {
	if tracer(ctx) == nil || !bytes.Contains(e.Data, []byte(`"`+Field+`"`)) {
		return ""
	}
	var data struct {
		Traceparent string `json:"traceparent"`
	}
	if json.Unmarshal(e.Data, &data) != nil {
		return ""
	}
	return Parent(resume(ctx, data.Traceparent)) // what is no traceparent goes no further
}

// Mark adds a cause to an event's data; without one it stays as it is.
func Mark(data json.RawMessage, parent string) json.RawMessage {
	if parent == "" || len(data) < 2 || data[0] != '{' {
		return data
	}
	out := append([]byte(`{"`+Field+`":"`), parent...)
	if bytes.HasPrefix(bytes.TrimSpace(data[1:]), []byte("}")) {
		return append(out, `"}`...)
	}
	return append(append(out, `",`...), data[1:]...)
}

// pairs makes attributes of names and values.
func pairs(list []string) (out []attribute.KeyValue) {
	for i := 0; i+1 < len(list); i += 2 {
		out = append(out, attribute.String(list[i], list[i+1]))
	}
	return out
}
