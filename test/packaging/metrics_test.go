// Package packaging tests what is shipped beside the binary: units, container, alerts and dashboards.
package packaging

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

const root = "../.."

func read(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(root, path))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// promtool runs Prometheus' own checker.
func promtool(t *testing.T, dir string, args ...string) {
	t.Helper()
	tool, err := filepath.Abs(filepath.Join(root, "bin/tools/promtool"))
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(tool, args...)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("promtool %v: %v (make tools unpacks it)\n%s", args, err, out)
	}
}

func TestAlertRules(t *testing.T) {
	promtool(t, filepath.Join(root, "packaging/prometheus"), "check", "rules", "alerts.yaml")
	promtool(t, filepath.Join(root, "packaging/prometheus"), "test", "rules", "alerts_test.yaml")
}

// documented are the metrics in the table of docs/operations.md, which a test of cmd/vitrine compares with a scrape.
func documented(t *testing.T) map[string]bool {
	t.Helper()
	out := map[string]bool{}
	for _, m := range regexp.MustCompile("(?m)^\\| `(vitrine_[a-z0-9_]+)` \\|").FindAllStringSubmatch(read(t,
		"docs/operations.md"), -1) {
		out[m[1]] = true
	}
	if len(out) < 30 {
		t.Fatalf("only %d metrics found in docs/operations.md", len(out))
	}
	return out
}

var (
	name = regexp.MustCompile(`\b(vitrine|process|go)_[a-z0-9_]+`)
	// standard are the metrics of every Go process that the dashboard shows.
	standard = []string{"process_resident_memory_bytes", "process_cpu_seconds_total", "process_open_fds",
		"process_max_fds"}
)

// namesOf fails for what an expression names and no scrape has.
func namesOf(t *testing.T, where, expr string, known map[string]bool) {
	t.Helper()
	for _, n := range name.FindAllString(expr, -1) {
		base := strings.TrimSuffix(strings.TrimSuffix(strings.TrimSuffix(n, "_bucket"), "_sum"), "_count")
		if !known[n] && !known[base] && !slices.Contains(standard, n) {
			t.Errorf("%s: there is no metric %s", where, n)
		}
	}
}

func TestAlertsNameMetricsThatExist(t *testing.T) {
	var doc struct {
		Groups []struct {
			Rules []struct {
				Alert, Expr string
				Annotations map[string]string
			}
		}
	}
	if err := yaml.Unmarshal([]byte(read(t, "packaging/prometheus/alerts.yaml")), &doc); err != nil {
		t.Fatal(err)
	}
	known, n := documented(t), 0
	for _, g := range doc.Groups {
		for _, r := range g.Rules {
			n++
			namesOf(t, r.Alert, r.Expr+" "+r.Annotations["action"], known)
			if r.Annotations["summary"] == "" || r.Annotations["action"] == "" {
				t.Errorf("%s doesn't say what is wrong and what to do first", r.Alert)
			}
		}
	}
	if n < 15 {
		t.Errorf("%d alerts read", n)
	}
}

// Every expression of the dashboard is PromQL, by Prometheus' own parser, and names metrics that exist.
func TestDashboard(t *testing.T) {
	var board struct {
		Panels []struct {
			ID      int
			Type    string
			Title   string
			GridPos struct{ X, Y, W, H int }
			Targets []struct{ Expr string }
		}
	}
	if err := json.Unmarshal([]byte(read(t, "packaging/grafana/vitrine.json")), &board); err != nil {
		t.Fatal(err)
	}
	known := documented(t)
	var rules strings.Builder
	rules.WriteString("groups:\n  - name: dashboard\n    rules:\n")
	n, ids := 0, map[int]bool{}
	for _, p := range board.Panels {
		if ids[p.ID] || p.GridPos.X+p.GridPos.W > 24 {
			t.Errorf("panel %q: id %d is there twice, or it is wider than the board", p.Title, p.ID)
		}
		ids[p.ID] = true
		if p.Type != "row" && len(p.Targets) == 0 {
			t.Errorf("panel %q shows nothing", p.Title)
		}
		for _, q := range p.Targets {
			n++
			namesOf(t, p.Title, q.Expr, known)
			expr := strings.NewReplacer("$__rate_interval", "5m", "$instance", ".*").Replace(q.Expr)
			fmt.Fprintf(&rules, "      - record: board:%d\n        expr: %q\n", n, expr)
		}
	}
	if n < 30 {
		t.Errorf("%d expressions read", n)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "board.yaml"), []byte(rules.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	promtool(t, dir, "check", "rules", "board.yaml")
}
