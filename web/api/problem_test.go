package api_test

import (
	"context"
	"errors"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"vitrine/dam"
	"vitrine/dam/catalog/catalogtest"
	"vitrine/dam/reasons"
	"vitrine/search"
	"vitrine/web/api"
)

// Bad input is refused with the field and what to do, in one shape.
func TestBadInput(t *testing.T) {
	f := start(t, catalogtest.SQLite(t))
	a := f.photograph(dam.Editor, 1)
	long := strings.Repeat("x", 10_001)
	for _, c := range []struct {
		what, method, path, body string
		headers                  []string
		status                   int
		field, says              string
	}{
		{what: "bad JSON", method: "POST", path: "/api/collections", body: `{"name": `, status: 400, field: "body",
			says: "JSON"},
		{what: "bad JSON in a patch", method: "PATCH", path: "/api/assets/" + a.ID, body: `{"title"`, status: 400,
			field: "body", says: "JSON"},
		{what: "not an object", method: "PATCH", path: "/api/assets/" + a.ID, body: `[1]`, status: 422, field: "body",
			says: "object"},
		{what: "no body", method: "POST", path: "/api/collections", status: 400, says: "body"},
		{what: "an unknown field", method: "POST", path: "/api/collections", body: `{"name": "x", "nameX": "y"}`,
			status: 422, field: "nameX", says: "did you mean “name”"},
		{what: "an unknown nested field", method: "POST", path: "/api/channels",
			body: `{"name": "x", "kind": "y", "config": {}, "rule": {"query": "", "presets": [], "enabled": false, "enabld": true}}`, status: 422, field: "rule.enabld", says: "did you mean “enabled”"},
		{what: "an unknown field of an asset", method: "PATCH", path: "/api/assets/" + a.ID, body: `{"colour": 1}`,
			status: 422, field: "colour", says: "editable fields"},
		{what: "a missing field", method: "POST", path: "/api/tokens", body: `{"name": "x"}`, status: 422,
			field: "role", says: "required"},
		{what: "a wrong type", method: "POST", path: "/api/collections", body: `{"name": 1}`, status: 422,
			field: "name", says: "string"},
		{what: "a wrong type in an asset", method: "PATCH", path: "/api/assets/" + a.ID, body: `{"rating": "five"}`,
			status: 422, field: "rating"},
		{what: "an unknown role", method: "POST", path: "/api/tokens", body: `{"name": "x", "role": "boss"}`,
			status: 422, field: "role", says: "publisher"},
		{what: "too long a name", method: "POST", path: "/api/collections", body: `{"name": "` + long[:201] + `"}`,
			status: 422, field: "name", says: "200"},
		{what: "too long a text", method: "PATCH", path: "/api/assets/" + a.ID, body: `{"title": "` + long + `"}`,
			status: 422, field: "title.en", says: "10,000"},
		{what: "too large a body", method: "PATCH", path: "/api/assets/" + a.ID,
			body: `{"title": "` + strings.Repeat("x", 1<<20) + `"}`, status: 413},
		{what: "too large a body with a key", method: "PATCH", path: "/api/assets/" + a.ID,
			body: `{"title": "` + strings.Repeat("x", 1<<20) + `"}`, headers: []string{"Idempotency-Key", "k"},
			status: 413},
		{what: "a wrong media type", method: "POST", path: "/api/collections", body: `name=x`,
			headers: []string{"Content-Type", "text/plain"}, status: 415, field: "Content-Type",
			says: "application/json"},
		{what: "no multipart", method: "POST", path: "/api/assets", body: `{}`, status: 415, field: "Content-Type",
			says: "multipart/form-data"},
		{what: "an unknown parameter", method: "GET", path: "/api/assets?statsu=draft", status: 422, field: "statsu",
			says: "did you mean “status”"},
		{what: "a parameter of the wrong type", method: "GET", path: "/api/assets?limit=many", status: 422,
			field: "limit"},
		{what: "too large a page", method: "GET", path: "/api/assets?limit=201", status: 422, field: "limit",
			says: "200"},
		{what: "an unknown status", method: "GET", path: "/api/assets?status=drft", status: 422, field: "status",
			says: "did you mean “draft”"},
		{what: "an unknown sort", method: "GET", path: "/api/assets?sort=size2", status: 422, field: "sort"},
		{what: "a mistake in a query", method: "GET", path: "/api/assets?q=colour:(", status: 422, field: "q"},
		{what: "a forged cursor", method: "GET", path: "/api/assets?after=nonsense", status: 422, field: "after"},
		{what: "a bad If-Match", method: "PATCH", path: "/api/assets/" + a.ID, body: `{}`,
			headers: []string{"If-Match", "7"}, status: 422, field: "If-Match", says: "ETag"},
		{what: "nothing there", method: "GET", path: "/api/assets/a_none", status: 404, says: "a_none"},
		{what: "no such address", method: "GET", path: "/api/asets", status: 404, says: "/api/openapi.json"},
		{what: "no such method", method: "PUT", path: "/api/assets", status: 405, says: "GET"},
		{what: "a bad cursor of a stream", method: "GET", path: "/api/events/stream",
			headers: []string{"Last-Event-ID", "x"}, status: 422, field: "Last-Event-ID"},
	} {
		got := f.do(dam.Admin, c.method, c.path, c.body, c.headers...)
		p := got.problem()
		if got.StatusCode != c.status || got.Header.Get("Content-Type") != "application/problem+json" ||
			p.Status != c.status || p.Code == "" || p.Title == "" || p.Detail == "" || p.Remedy == "" ||
			p.Type == "" || p.Instance == "" || p.Instance != got.Header.Get("X-Request-Id") {
			t.Errorf("%s: %d %s", c.what, got.StatusCode, got.body)
			continue
		}
		if c.field != "" && (len(p.Errors) == 0 || p.Errors[0].Location != c.field) {
			t.Errorf("%s: want the field %s: %s", c.what, c.field, got.body)
		}
		if !strings.Contains(strings.ToLower(string(got.body)), strings.ToLower(c.says)) {
			t.Errorf("%s: want it to say %q: %s", c.what, c.says, got.body)
		}
	}
	if again := into[dam.Asset](f,
		f.want(200, f.do(dam.Viewer, "GET", "/api/assets/"+a.ID, ""))); again.Revision != a.Revision {
		t.Errorf("bad input changed the asset: revision %d → %d", a.Revision, again.Revision)
	}
	for what, a := range map[string]answer{
		"two files or a wrong field": f.upload(dam.Editor, "/api/assets", "x.jpg", photo(t, 2), nil, "titel", "x"),
		"a wrong choice": f.upload(dam.Editor, "/api/assets", "x.jpg", photo(t, 2), nil, "on_duplicate",
			"maybe"),
		"a wrong truth": f.upload(dam.Publisher, "/api/assets", "x.jpg", photo(t, 2), nil, "approve",
			"yes"),
		"too long a title": f.upload(dam.Editor, "/api/assets", "x.jpg", photo(t, 2), nil, "title", long),
		"a broken multipart": f.do(dam.Editor, "POST", "/api/assets", "--x\r\n", "Content-Type",
			"multipart/form-data; boundary=x"),
	} {
		if p := a.problem(); a.StatusCode != 422 || len(p.Errors)+len(p.Remedy) == 0 {
			t.Errorf("%s: %d %s", what, a.StatusCode, a.body)
		}
	}
	// What people type into password fields is not sent back.
	for _, body := range []string{`{"email": 1, "password": "hunter2hunter2"}`,
		`{"email": "a@b.example", "password": "hunter2hunter2", "x": "hunter2hunter2"}`,
		`{"email": "a@b.example", "password": ["hunter2hunter2"]}`, `{"password": "hunter2hunter2"`} {
		if a := f.do("", "POST", "/api/login", body); strings.Contains(string(a.body), "hunter2") ||
			a.StatusCode/100 != 4 {
			t.Errorf("%d %s", a.StatusCode, a.body)
		}
	}
}

// broken is a search that fails in the way it is told to.
type broken func() error

func (b broken) Query(context.Context, search.Request) (search.Result, error) {
	return search.Result{}, b()
}

func (b broken) Suggest(context.Context, string, string) ([]search.Suggestion, error) {
	return nil, b()
}

func (b broken) Duplicates(context.Context, search.Request, float64) ([]search.Group, int64, error) {
	return nil, 0, b()
}

// The causes of internal errors and panics go to the log, under the request's id, and to nobody else.
func TestInternalErrors(t *testing.T) {
	for what, fail := range map[string]broken{
		"error": func() error { return errors.New("dial tcp db.internal: secret detail") },
		"panic": func() error { panic("secret detail") },
		"known": func() error {
			return &dam.Error{Code: dam.Internal, Reason: reasons.Said("secret detail", ""),
				Err: errors.New("secret detail")}
		},
	} {
		f := start(t, catalogtest.SQLite(t), func(c *api.Config) { c.Search = fail })
		panics := dam.Panics()
		if what == "panic" {
			panics[dam.PanicHTTP]++
		}
		a := f.want(500, f.do(dam.Viewer, "GET", "/api/assets", "", "X-Request-Id", "trace-"+what))
		p := a.problem()
		if strings.Contains(string(a.body), "secret") || p.Code != dam.Internal || p.Instance != "trace-"+what {
			t.Errorf("%s: %s", what, a.body)
		}
		if log := f.log.String(); !strings.Contains(log, "secret detail") || !strings.Contains(log, "trace-"+what) {
			t.Errorf("%s: the log does not say why: %s", what, log)
		}
		if after := dam.Panics(); !maps.Equal(after, panics) {
			t.Errorf("%s: panics %v, want %v", what, after, panics)
		}
	}
}

// /readyz is polled every few seconds: the log has a line for each change of a part's state, not for each answer.
func TestReadyIsLoggedOncePerState(t *testing.T) {
	var down error
	f := start(t, catalogtest.SQLite(t), func(c *api.Config) {
		c.Checks = []api.Check{{Name: "index", Advisory: true, Check: func(context.Context) error { return down }}}
	})
	building := func(percent int) error {
		return &dam.Error{Code: dam.Unavailable, Reason: reasons.SearchIndexBuilding(percent)}
	}
	for _, now := range []error{nil, building(7), building(8), building(99), errors.New("the disk is full"),
		errors.New("the disk is full"), nil, nil, building(5), building(6)} {
		down = now
		f.want(200, f.do("", "GET", "/readyz", ""))
	}
	var got []string
	for line := range strings.Lines(f.log.String()) {
		for _, what := range []string{"7 %", "the disk is full", "ready again", "5 %", "8 %", "99 %", "6 %"} {
			if strings.Contains(line, "part=index") && strings.Contains(line, what) {
				got = append(got, what)
			}
		}
	}
	if want := []string{"7 %", "the disk is full", "ready again", "5 %"}; !slices.Equal(got, want) {
		t.Errorf("logged %v, want %v", got, want)
	}
}

func TestHeadersAndProbes(t *testing.T) {
	var down error
	f := start(t, catalogtest.SQLite(t), func(c *api.Config) {
		c.Checks = append(c.Checks, api.Check{Name: "index", Check: func(context.Context) error { return down }})
		c.Fallback = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, "portal")
		})
	})
	a := f.want(200, f.do(dam.Viewer, "GET", "/api/me", "", "X-Request-Id", "abc-1"))
	for name, want := range map[string]string{"X-Request-Id": "abc-1", "X-Content-Type-Options": "nosniff",
		"Referrer-Policy": "same-origin", "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
		"RateLimit-Limit": "60000", "Cache-Control": "no-store"} {
		if a.Header.Get(name) != want {
			t.Errorf("%s: %q, want %q", name, a.Header.Get(name), want)
		}
	}
	if a.Header.Get("RateLimit-Remaining") == "" || a.Header.Get("RateLimit-Reset") == "" {
		t.Errorf("rate limit: %v", a.Header)
	}
	for _, id := range []string{"", "two words", strings.Repeat("x", 65), "<script>"} {
		if got := f.do("", "GET", "/healthz", "", "X-Request-Id", id).Header.Get("X-Request-Id"); got == id ||
			len(got) < 20 {
			t.Errorf("request id %q became %q", id, got)
		}
	}
	f.want(200, f.do("", "GET", "/healthz", ""))
	f.want(200, f.do("", "GET", "/readyz", ""))
	down = &dam.Error{Code: dam.Unavailable, Reason: reasons.Said("the index is being rebuilt", "")}
	if a := f.want(503, f.do("", "GET", "/readyz", "")); !strings.Contains(string(a.body),
		`"index":"the index is being rebuilt"`) || !strings.Contains(string(a.body), `"database":"ok"`) {
		t.Errorf("readyz: %s", a.body)
	}
	down = errors.New("password of the database: hunter2")
	if a := f.want(503, f.do("", "GET", "/readyz", "")); strings.Contains(string(a.body), "hunter2") {
		t.Errorf("readyz: %s", a.body)
	}
	// A request is counted and logged when it has ended, which may be after its answer has arrived.
	for _, line := range []string{`vitrine_http_requests_total{method="GET",route="/api/me",status="200"} 1`,
		`vitrine_http_requests_total{method="GET",route="/readyz",status="503"} 2`,
		`vitrine_http_request_seconds_count{method="GET",route="/api/me"} 1`} {
		f.until("the metric "+line, func() bool {
			return strings.Contains(string(f.want(200, f.do("", "GET", "/metrics", "")).body), line)
		})
	}
	if a := f.want(200, f.do("", "GET", "/somewhere", "")); string(a.body) != "portal" ||
		a.Header.Get("Content-Security-Policy") != "" {
		t.Errorf("the fallback: %s %v", a.body, a.Header)
	}
	f.want(404, f.do("", "GET", "/api/nowhere", ""))
	f.until("the access log", func() bool {
		log := f.log.String()
		return strings.Contains(log, "path=/api/me") && strings.Contains(log, "request=abc-1") &&
			strings.Contains(log, "by=t_")
	})
}

func TestRateLimit(t *testing.T) {
	f := start(t, catalogtest.SQLite(t), func(c *api.Config) { c.RateLimit = 2 })
	// The minute may turn over in between, once.
	var refused answer
	f.until("a refusal", func() bool {
		refused = f.do(dam.Viewer, "GET", "/api/me", "")
		return refused.StatusCode == 429
	})
	if p := refused.problem(); p.Code != dam.Limited || refused.Header.Get("Retry-After") == "" ||
		refused.Header.Get("RateLimit-Remaining") != "0" {
		t.Errorf("%s %v", refused.body, refused.Header)
	}
	f.want(200, f.do(dam.Editor, "GET", "/api/me", "")) // somebody else's budget
}
