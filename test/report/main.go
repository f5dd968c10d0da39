// Report reads the stream of `go test -json` and prints what a person wants from
// it: a line per package, the output of what failed, the slowest tests. It ends
// with status 1 when a test failed, was skipped, or when nothing was tested.
package main

import (
	"bufio"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
)

// event is a line of `go doc test2json`.
type event struct {
	Action     string
	Package    string
	ImportPath string // of build output
	Test       string
	Elapsed    float64 // seconds
	Output     string
}

// slowest is how many of the slowest tests are named.
const slowest = 20

type timed struct {
	name    string
	seconds float64
}

type report struct {
	out      io.Writer
	output   map[string]*strings.Builder // by package and test, of what hasn't passed yet
	tests    map[string]int              // by package
	slowest  []timed
	passed   int
	failed   int
	skipped  int
	broken   int // packages that failed outside a test: build errors, panics, timeouts
	failures map[string]bool
}

func newReport(out io.Writer) *report {
	return &report{out: out, output: map[string]*strings.Builder{}, tests: map[string]int{},
		failures: map[string]bool{}}
}

func main() {
	r := newReport(os.Stdout)
	if err := r.read(os.Stdin); err != nil {
		fmt.Fprintln(os.Stderr, "report:", err)
		os.Exit(1)
	}
	if !r.summary() {
		os.Exit(1)
	}
}

func (r *report) read(in io.Reader) error {
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var e event
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			_, _ = fmt.Fprintln(r.out, lines.Text()) // go's own words, not the stream's
			continue
		}
		r.take(e)
	}
	return lines.Err()
}

func (r *report) take(e event) {
	name := cmp.Or(e.Package, e.ImportPath)
	if e.Test != "" {
		name += " " + e.Test
	}
	switch e.Action {
	case "output", "build-output":
		if r.output[name] == nil {
			r.output[name] = &strings.Builder{}
		}
		r.output[name].WriteString(e.Output)
	case "build-fail":
		r.print(name)
	case "pass", "fail", "skip":
		if e.Test == "" {
			r.endPackage(e)
		} else {
			r.endTest(e, name)
		}
	}
}

func (r *report) endTest(e event, name string) {
	// A parent of subtests is counted too: it is a test of its own.
	r.tests[e.Package]++
	switch e.Action {
	case "pass":
		r.passed++
		if !strings.Contains(e.Test, "/") {
			r.slowest = append(r.slowest, timed{name, e.Elapsed})
		}
		delete(r.output, name)
	case "skip":
		r.skipped++
		r.print(name)
	case "fail":
		r.failed++
		r.failures[e.Package] = true
		r.print(name)
	}
}

func (r *report) endPackage(e event) {
	word := map[string]string{"pass": "ok  ", "fail": "FAIL", "skip": "none"}[e.Action]
	_, _ = fmt.Fprintf(r.out, "%s %-40s %4d tests %7.1f s\n", word, e.Package, r.tests[e.Package], e.Elapsed)
	if e.Action == "fail" && !r.failures[e.Package] {
		r.broken++
		// A test that a panic or the timeout cut off never ends: what it wrote says why.
		for name := range r.output {
			if strings.HasPrefix(name, e.Package+" ") {
				r.print(name)
			}
		}
		r.print(e.Package)
	}
	delete(r.output, e.Package)
}

func (r *report) print(name string) {
	if b := r.output[name]; b != nil {
		_, _ = fmt.Fprintf(r.out, "\n----- %s\n%s-----\n", name, b.String())
		delete(r.output, name)
	}
}

func (r *report) summary() bool {
	slices.SortFunc(r.slowest, func(a, b timed) int { return cmp.Compare(b.seconds, a.seconds) })
	for _, t := range r.slowest[:min(slowest, len(r.slowest))] {
		_, _ = fmt.Fprintf(r.out, "slow %6.1f s  %s\n", t.seconds, t.name)
	}
	if r.skipped > 0 {
		_, _ = fmt.Fprintln(r.out, "a skipped test counts as a failure: make what it needs part of scripts/setup")
	}
	if r.broken > 0 {
		_, _ = fmt.Fprintf(r.out, "packages that failed outside a test: %d\n", r.broken)
	}
	_, _ = fmt.Fprintf(r.out, "%d passed, %d failed, %d skipped\n", r.passed, r.failed+r.broken, r.skipped)
	return r.passed > 0 && r.failed+r.broken+r.skipped == 0
}
