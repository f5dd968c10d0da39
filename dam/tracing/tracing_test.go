package tracing_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"vitrine/dam"
	"vitrine/dam/reasons"
	"vitrine/dam/tracing"
)

// Where nothing is recorded, nothing is allocated.
func TestOffAllocatesNothing(t *testing.T) {
	ctx, failed, asked := context.Background(), errors.New("x"), httptest.NewRequest("GET", "/r/", nil)
	data := json.RawMessage(`{"state":"live"}`)
	if n := testing.AllocsPerRun(100, func() {
		r, span := tracing.Serve(asked, "/r/", false)
		tracing.Answered(span, r.ProtoMajor)
		tracing.Took(ctx, "storage open", time.Second, failed)
		tracing.End(tracing.Child(ctx, "transaction", "db.system.name", "sqlite"), failed)
		if tracing.Of(ctx, dam.Event{Data: tracing.Mark(data, tracing.Parent(ctx))}) != "" {
			t.Error("a cause out of nothing")
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// An event's data takes a cause and gives it back; what isn't a traceparent begins a trace of its own.
func TestCauses(t *testing.T) {
	r := tracetest.NewSpanRecorder()
	ctx := tracing.With(t.Context(), sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(r)).Tracer("test"))
	begin := func(parent string) string {
		ctx, span := tracing.Continue(ctx, parent, "work")
		defer span.End()
		return tracing.Parent(ctx)
	}
	first, other := begin(""), begin("nonsense")
	if len(first) != 55 || first[:36] == other[:36] {
		t.Fatalf("%q and %q", first, other)
	}
	for _, data := range []string{`{}`, `{ }`, `{"a":1}`} {
		marked := tracing.Mark(json.RawMessage(data), first)
		if !json.Valid(marked) || tracing.Of(ctx, dam.Event{Data: marked}) != first {
			t.Errorf("%s became %s", data, marked)
		}
	}
	if second := begin(first); second[:36] != first[:36] || second == first {
		t.Errorf("%s is not below %s", second, first)
	}
	// An event's data may have such a field from elsewhere: it goes no further.
	for _, data := range []string{`{"traceparent":"x\",\"admin\":\"yes"}`, `{"traceparent":7}`,
		`{"traceparent":"` + first + first + `"}`} {
		if cause := tracing.Of(ctx, dam.Event{Data: json.RawMessage(data)}); cause != "" {
			t.Errorf("%s is taken as the cause %s", data, cause)
		}
	}
	// Several causes are linked to, one is the parent, none makes no span.
	before := len(r.Ended())
	for _, parents := range [][]string{{first, other, first}, {other, other}, {""}} {
		_, span := tracing.Batch(ctx, parents, "batch")
		tracing.End(span, &dam.Error{Code: dam.Conflict, Reason: reasons.AssetChangedDecideAgain()})
	}
	ended := r.Ended()[before:]
	if len(ended) != 2 || len(ended[0].Links()) != 2 || ended[0].Parent().IsValid() || len(ended[1].Links()) != 0 ||
		ended[1].Parent().TraceID().String() != other[3:35] {
		t.Errorf("%v", ended)
	}
	if s := ended[0]; s.Status().Description != "" ||
		!slices.ContainsFunc(s.Attributes(), func(a attribute.KeyValue) bool {
			return a.Key == "error.type" && a.Value.AsString() == "conflict"
		}) {
		t.Errorf("the error is told as %v %v", s.Status(), s.Attributes())
	}
}

// A client that is known has the trace that it records continued, and can't have its work left out of what is recorded;
// a stranger's neither makes a span nor reaches what is kept, however it is written.
func TestStrangersDecideNothing(t *testing.T) {
	const sampled = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
	unsampled := strings.TrimSuffix(sampled, "1") + "0"
	long := "01" + sampled[2:] + "-" + strings.Repeat("x", 4000)
	for _, c := range []struct {
		name, header   string
		known, always  bool
		recorded, same bool
		links          int
	}{
		{"known", sampled, true, false, true, true, 0},
		{"known, a later version", long, true, false, true, true, 0},
		{"known, not recorded by the client", unsampled, true, true, true, false, 1},
		{"known, nor recorded here", unsampled, true, false, false, false, 0},
		{"known, no trace", "", true, false, false, false, 0},
		{"stranger", sampled, false, false, false, false, 0},
		{"stranger, everything recorded", sampled, false, true, true, false, 1},
		{"stranger, a later version", long, false, true, true, false, 1},
		{"stranger, nonsense", "x\",\"", false, true, true, false, 0},
	} {
		root := sdktrace.NeverSample()
		if c.always {
			root = sdktrace.AlwaysSample()
		}
		recorder := tracetest.NewSpanRecorder()
		tracer := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(recorder),
			sdktrace.WithSampler(sdktrace.ParentBased(root))).Tracer("test")
		r := httptest.NewRequestWithContext(tracing.With(t.Context(), tracer), "GET", "/r/a1/secret?sig=1", nil)
		r.Header.Set(tracing.Field, c.header)
		r.Header.Set("tracestate", "a="+strings.Repeat("x", 200))
		r, span := tracing.Serve(r, "/r/", c.known)
		cause := tracing.Parent(r.Context())
		tracing.Answered(span, 500)
		if len(cause) != 55 || (cause[3:35] == sampled[3:35]) != c.same || len(recorder.Ended()) > 0 != c.recorded {
			t.Errorf("%s: the cause %q, %d spans", c.name, cause, len(recorder.Ended()))
			continue
		}
		for _, s := range recorder.Ended() {
			if len(s.Links()) != c.links || s.SpanContext().TraceState().Len() > 0 || s.Name() != "GET /r/" ||
				s.Status().Code != codes.Error {
				t.Errorf("%s: %v", c.name, s)
			}
		}
	}
}
