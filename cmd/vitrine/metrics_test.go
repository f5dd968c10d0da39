package main

import (
	"bufio"
	"io"
	"maps"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/catalog/catalogtest"
)

// scrape reads the product's metrics as Prometheus does: name → the names of its labels.
func (h *house) scrape() (metrics map[string][]string, text string) {
	h.Helper()
	res, err := http.Get(h.server.URL + "/metrics")
	if err != nil {
		h.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	b, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		h.Fatalf("scrape: %v %s", err, res.Status)
	}
	metrics = map[string][]string{}
	kinds := map[string]string{}
	sample := regexp.MustCompile(`^(vitrine_[a-z0-9_]+)(?:\{(.*)\})? `)
	label := regexp.MustCompile(`([a-z_]+)="(?:[^"\\]|\\.)*"`)
	for lines := bufio.NewScanner(strings.NewReader(string(b))); lines.Scan(); {
		line := lines.Text()
		if f := strings.Fields(line); len(f) == 4 && f[1] == "TYPE" {
			kinds[f[2]] = f[3]
		}
		m := sample.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		name := m[1]
		for _, suffix := range []string{"_bucket", "_sum", "_count"} {
			if base := strings.TrimSuffix(name, suffix); kinds[base] == "histogram" {
				name = base
			}
		}
		if !strings.HasSuffix(name, "_total") && kinds[name] == "counter" || strings.HasSuffix(name, "_total") &&
			kinds[name] != "counter" {
			h.Errorf("%s is a %s: counters and only counters end in _total", name, kinds[name])
		}
		labels := []string{}
		for _, l := range label.FindAllStringSubmatch(m[2], -1) {
			if l[1] != "le" {
				labels = append(labels, l[1])
			}
		}
		slices.Sort(labels)
		if before, known := metrics[name]; known && !slices.Equal(before, labels) {
			h.Errorf("%s has the labels %v and %v", name, before, labels)
		}
		metrics[name] = labels
	}
	return metrics, string(b)
}

// documented is the table of docs/operations.md, in the same form.
func documented(t *testing.T) map[string][]string {
	t.Helper()
	b, err := os.ReadFile("../../docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	out := map[string][]string{}
	for _, m := range regexp.MustCompile("(?m)^\\| `(vitrine_[a-z0-9_]+)` \\| ([^|]*)\\|").FindAllStringSubmatch(
		string(b), -1) {
		labels := []string{}
		for _, l := range regexp.MustCompile("`([a-z_]+)`").FindAllStringSubmatch(m[2], -1) {
			labels = append(labels, l[1])
		}
		slices.Sort(labels)
		if _, twice := out[m[1]]; twice {
			t.Errorf("%s is documented twice", m[1])
		}
		out[m[1]] = labels
	}
	return out
}

// The table of metrics says what a scrape has, neither less nor more, and its labels.
func TestMetricsAreDocumented(t *testing.T) {
	h := newHouse(t)
	h.pictures(1)
	h.must("channel", "add", "Site", "--kind", "bucket", "--config", `{"folder":"site"}`, "--preset", "thumb",
		"--server", h.server.URL, "--token", h.newToken("admin"))
	now := time.Now()
	if err := h.cat.Write(catalogtest.Context(t), func(tx *catalog.Tx) error {
		return tx.Maintenance().RecordBackup(catalogtest.Context(t), catalog.BackupRecord{Target: "/mnt/backup",
			Ended: now, Good: &now, Verified: &now})
	}); err != nil {
		t.Fatal(err)
	}
	got, _ := h.scrape()
	want := documented(t)
	for name, labels := range got {
		if said, ok := want[name]; !ok {
			t.Errorf("%s %v is missing in docs/operations.md", name, labels)
		} else if !slices.Equal(said, labels) {
			t.Errorf("%s has the labels %v, docs/operations.md says %v", name, labels, said)
		}
	}
	for name := range maps.Keys(want) {
		if _, ok := got[name]; !ok {
			t.Errorf("docs/operations.md has %s, which no scrape has", name)
		}
	}
}

// What fails is counted, and what has not happened yet is there with zero, so that alerts can be made of it.
func TestScrapeCounts(t *testing.T) {
	h := newHouse(t)
	for range 2 {
		res, err := http.Post(h.server.URL+"/api/login", "application/json",
			strings.NewReader(`{"email":"admin@example.com","password":"a wrong one"}`))
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, h.server.URL+"/api/me", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer of bad news")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	_, text := h.scrape()
	for _, line := range []string{`vitrine_login_failures_total{reason="credentials"} 2`,
		`vitrine_login_failures_total{reason="limited"} 0`, `vitrine_credentials_refused_total 1`,
		`vitrine_jobs{queue="default",state="parked"} 0`, `vitrine_storage_errors_total{operation="put"} 0`,
		`vitrine_channels{health="healthy"} 0`} {
		if !strings.Contains(text, line+"\n") {
			t.Errorf("the scrape has no line %s", line)
		}
	}
	for where := range dam.Panics() { // of the process, so other tests count too
		if !strings.Contains(text, `vitrine_panics_total{where="`+where+`"} `) {
			t.Errorf("the scrape has no panics of %s", where)
		}
	}
}
