package main

import (
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

var day = time.Date(2026, 5, 4, 23, 0, 0, 0, time.UTC)

// Running a benchmark again replaces its rows, also those it no longer has, and leaves the others.
func TestRecordReplaces(t *testing.T) {
	docs := t.TempDir()
	must := func(benchmark string, rows ...row) {
		t.Helper()
		if err := record(docs, benchmark, rows, day); err != nil {
			t.Fatal(err)
		}
	}
	must("search.text", row{"search.text", 3, "ms", 5, "<="}, row{"search.text_p99", 9, "ms", 5, "<="})
	must("search.text_cold", row{"search.text_cold", 30, "ms", 50, "<="})
	must("search.text", row{"search.text", 4, "ms", 5, "<="})

	all, err := read(filepath.Join(docs, "benchmarks.json"))
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]result{}
	for _, r := range all {
		got[r.Name] = r
	}
	if len(all) != 2 || got["search.text"].Value != 4 || got["search.text_cold"].Value != 30 {
		t.Errorf("kept %+v", all)
	}
	if want := (result{"search.text", 4, "ms", 5, "<=", true, "make bench-search.text", "2026-05-04",
		runtime.NumCPU()}); got["search.text"] != want {
		t.Errorf("got %+v, want %+v", got["search.text"], want)
	}
	md, err := os.ReadFile(filepath.Join(docs, "benchmarks.md"))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(md), "| `search.text` | 4 ms | ≤ 5 | yes | `make bench-search.text` | 2026-05-04 | "+
		strconv.Itoa(runtime.NumCPU())+" |") {
		t.Errorf("table:\n%s", md)
	}
}

func TestHolds(t *testing.T) {
	for _, c := range []struct {
		r    row
		want bool
	}{{row{Value: 5, Target: 5, Op: "<="}, true}, {row{Value: 5.1, Target: 5, Op: "<="}, false},
		{row{Value: 5, Target: 5, Op: ">="}, true}, {row{Value: 4.9, Target: 5, Op: ">="}, false}} {
		if c.r.holds() != c.want {
			t.Errorf("%+v: %v", c.r, c.r.holds())
		}
	}
}

func TestRowsAreChecked(t *testing.T) {
	for name, r := range map[string]row{
		"another's name": {"delivery.hit", 1, "ms", 2, "<="},
		"no relation":    {"search.text", 1, "ms", 2, "<"},
		"no unit":        {"search.text", 1, "", 2, "<="},
	} {
		if err := record(t.TempDir(), "search.text", []row{r}, day); err == nil {
			t.Errorf("%s was recorded", name)
		}
	}
}

// Names are the table's and the make target's, so they must be unique and of a known part.
func TestNames(t *testing.T) {
	seen := map[string]bool{}
	for _, b := range benchmarks() {
		part, _, _ := strings.Cut(b.name, ".")
		if !slices.Contains(
			strings.Fields("ingest rendition delivery search search_1m publish products storage download permission "+
				"collection upgrade_1m"),
			part) || seen[b.name] {
			t.Errorf("the name %s is taken or of no known part", b.name)
		}
		seen[b.name] = true
	}
}

// What takes a machine of its own is measured when it is named, and not with the rest.
func TestWanted(t *testing.T) {
	for _, c := range []struct {
		name     string
		prefixes []string
		want     bool
	}{{"search.", nil, true}, {million, nil, false}, {upgradeMillion, nil, false}, {million, []string{million}, true},
		{million, []string{"search."}, false}} {
		if got := wanted(c.name, c.prefixes); got != c.want {
			t.Errorf("%s with %q: %v", c.name, c.prefixes, got)
		}
	}
}

func TestGoBenchIsRead(t *testing.T) {
	m := parseGoBench([]byte("goos: linux\nBenchmarkApprove/sqlite-2   \t     100\t  12345 ns/op\t     148.2 " +
		"ms-bucket-p99\t 130 ms-webhook-p99\nPASS\n"))
	if got := m["Approve/sqlite"]; got["ms-bucket-p99"] != 148.2 || got["ms-webhook-p99"] != 130 || len(m) != 1 {
		t.Errorf("read %v", m)
	}
}
