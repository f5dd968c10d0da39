package e2e

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"vitrine/dam"
)

const (
	traceID = "4bf92f3577b34da6a3ce929d0e0e4736"
	// The client's own spans, of the requests that begin something, and those of strangers.
	uploading, approving, fetching, guessing = "00f067aa0ba902b7", "00f067aa0ba902b8", "00f067aa0ba902b9",
		"00f067aa0ba902ba"
)

func traceparent(span string) string { return "00-" + traceID + "-" + span + "-01" }

// traces is a collector: what it is sent, as OTLP over HTTP.
type traces struct {
	*httptest.Server
	mu       sync.Mutex
	raw      bytes.Buffer
	requests int
	services map[string]bool
	spans    map[string]*tracepb.Span // by id, of the client's trace
	linked   map[string]string        // the client's span → the name of one in another trace that links to it
	linking  map[string]bool          // the names of all that link to the client's
}

func collect(t *testing.T) *traces {
	c := &traces{services: map[string]bool{}, spans: map[string]*tracepb.Span{}, linked: map[string]string{},
		linking: map[string]bool{}}
	c.Server = httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		var e collector.ExportTraceServiceRequest
		if err == nil {
			err = proto.Unmarshal(body, &e)
		}
		c.mu.Lock()
		defer c.mu.Unlock()
		c.requests++
		if err != nil || r.URL.Path != "/v1/traces" {
			t.Errorf("%s: %v", r.URL, err)
		}
		c.raw.Write(body)
		for _, of := range e.ResourceSpans {
			for _, a := range of.Resource.Attributes {
				if a.Key == "service.name" {
					c.services[a.Value.GetStringValue()] = true
				}
			}
			for _, scope := range of.ScopeSpans {
				for _, s := range scope.Spans {
					if hex.EncodeToString(s.TraceId) == traceID {
						c.spans[hex.EncodeToString(s.SpanId)] = s
						continue
					}
					for _, l := range s.Links {
						if hex.EncodeToString(l.TraceId) == traceID {
							c.linked[hex.EncodeToString(l.SpanId)] = s.Name
							c.linking[s.Name] = true
						}
					}
				}
			}
		}
	}))
	t.Cleanup(c.Close)
	return c
}

// below reports whether a span of the name is in the trace, under the given span of the client.
func (c *traces) below(name, ancestor string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, s := range c.spans {
		if s.Name != name {
			continue
		}
		for range c.spans {
			parent := hex.EncodeToString(s.ParentSpanId)
			if parent == ancestor {
				return true
			}
			if s = c.spans[parent]; s == nil {
				break
			}
		}
	}
	return false
}

// links reports whether a span of the name, in another trace, links to one of the client's.
func (c *traces) links(name string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.linking[name]
}

// traced uploads a picture as a client with a trace of its own does.
func (x *server) traced(name string) dam.Asset {
	x.Helper()
	body, ct := form(x.TB, name, photo(x.TB, 5, 300, 200))
	a := x.try("POST", "/api/assets", body, "Content-Type", ct, "Traceparent", traceparent(uploading))
	var out struct{ Asset dam.Asset }
	if a.err != nil || a.StatusCode != http.StatusCreated || json.Unmarshal(a.body, &out) != nil {
		x.Fatalf("upload: %v %s", a.err, a.body)
	}
	return out.Asset
}

// What a client's span begins is in its trace: upload and renditions, approval and publishing by rule. A stranger's
// fetch has a trace of its own that links to the stranger's, and who gets no answer has none.
func TestTraceFromUploadToFetch(t *testing.T) {
	t.Parallel()
	c, out := collect(t), t.TempDir()
	x := start(t, setup{env: []string{"VITRINE_CHANNEL_FOLDERS=" + out, "OTEL_EXPORTER_OTLP_ENDPOINT=" + c.URL,
		"OTEL_BSP_SCHEDULE_DELAY=50"}})
	x.do(http.StatusCreated, "POST", "/api/channels", map[string]any{"name": "Site", "kind": "bucket",
		"config": map[string]any{"folder": filepath.Join(out, "site")},
		"rule":   map[string]any{"query": "type:image", "presets": []string{"thumb"}, "enabled": true}}, nil)
	a := x.traced("Unannounced lamp.jpg")
	x.ready(a.ID)
	x.do(http.StatusOK, "POST", "/api/assets/"+a.ID+"/approve", struct{}{}, nil, "Traceparent", traceparent(approving))
	x.until("the picture is public", func() bool {
		a := x.try("GET", "/r/"+a.ID+"/thumb", nil, "Traceparent", traceparent(fetching))
		return a.err == nil && a.StatusCode == http.StatusOK
	})
	if a := x.try("GET", "/api/assets", nil, "Authorization", "Bearer guessed", "Traceparent",
		traceparent(guessing)); a.StatusCode != http.StatusUnauthorized {
		t.Errorf("a guessed token is answered %d", a.StatusCode)
	}
	for _, want := range []struct{ name, under string }{
		{"POST /api/assets", uploading}, {"storage put", uploading}, {"transaction", uploading},
		{"job rendition.make", uploading},
		{"POST /api/assets/:id/approve", approving}, {"plan publications", approving}, {"publish", approving},
	} {
		x.until("a span "+want.name+" in the trace", func() bool {
			// A batch of several causes, such as the renditions and the approval, has a trace of its own that links to
			// them.
			return c.below(want.name, want.under) || want.name == "plan publications" && c.links(want.name)
		})
	}
	x.terminate()
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.linked[fetching] != "GET /r/" || c.linked[guessing] != "" {
		t.Errorf("strangers: %v", c.linked)
	}
	for _, s := range c.spans {
		if p := hex.EncodeToString(s.ParentSpanId); p == fetching || p == guessing {
			t.Errorf("a stranger wrote %s into the trace", s.Name)
		}
	}
	if !c.services["vitrine"] || len(c.services) != 1 {
		t.Errorf("services %v", c.services)
	}
	for _, secret := range []string{x.token, "Unannounced", "/thumb"} {
		if strings.Contains(c.raw.String(), secret) {
			t.Errorf("the traces tell %q", secret)
		}
	}
}

// Without the variables, or with those that switch traces off, nothing is sent and nothing is remembered of the
// client's trace.
func TestNoTraces(t *testing.T) {
	t.Parallel()
	c := collect(t)
	x := start(t, setup{env: []string{"OTEL_SDK_DISABLED=true", "OTEL_EXPORTER_OTLP_ENDPOINT=" + c.URL,
		"OTEL_BSP_SCHEDULE_DELAY=50"}})
	x.ready(x.traced("lamp.jpg").ID)
	if events := x.do(http.StatusOK, "GET", "/api/events", nil, nil); !bytes.Contains(events.body,
		[]byte("asset.created")) || bytes.Contains(events.body, []byte(traceID)) {
		t.Errorf("events: %s", events.body)
	}
	x.terminate()
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.requests > 0 {
		t.Errorf("%d exports: %s", c.requests, c.raw.String())
	}
}
