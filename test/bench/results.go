package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// result is a row as docs/benchmarks.json keeps it.
type result struct {
	Name    string  `json:"name"`
	Value   float64 `json:"value"`
	Unit    string  `json:"unit"`
	Target  float64 `json:"target"`
	Op      string  `json:"op"`
	Holds   bool    `json:"holds"`
	Command string  `json:"command"`
	Date    string  `json:"date"`
}

func (r row) holds() bool {
	if r.Op == "<=" {
		return r.Value <= r.Target
	}
	return r.Value >= r.Target
}

// check refuses rows that would be filed under another benchmark, or that promise nothing.
func (r row) check(benchmark string) error {
	switch {
	case !strings.HasPrefix(r.Name, benchmark):
		return fmt.Errorf("the row %s doesn't begin with %s", r.Name, benchmark)
	case r.Op != "<=" && r.Op != ">=":
		return fmt.Errorf("%s: the relation %q isn't <= or >=", r.Name, r.Op)
	case r.Unit == "":
		return fmt.Errorf("%s has no unit", r.Name)
	}
	return nil
}

// record replaces a benchmark's rows in both files.
func record(docs, benchmark string, rows []row, at time.Time) error {
	path := filepath.Join(docs, "benchmarks.json")
	all, err := read(path)
	if err != nil {
		return err
	}
	if all, err = merge(all, benchmark, rows, at); err != nil {
		return err
	}
	b, err := json.MarshalIndent(all, "", "  ")
	if err != nil {
		return err
	}
	if err := os.WriteFile(path, append(b, '\n'), 0o644); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(docs, "benchmarks.md"), []byte(table(all)), 0o644)
}

func read(path string) ([]result, error) {
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var all []result
	if err := json.Unmarshal(b, &all); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return all, nil
}

// merge puts a benchmark's new rows where its old ones were. All of them were made by the command of that benchmark.
func merge(all []result, benchmark string, rows []row, at time.Time) ([]result, error) {
	command := "make bench-" + benchmark
	all = slices.DeleteFunc(all, func(r result) bool { return r.Command == command })
	for _, r := range rows {
		if err := r.check(benchmark); err != nil {
			return nil, err
		}
		all = append(all, result{r.Name, r.Value, r.Unit, r.Target, r.Op, r.holds(), command, at.UTC().Format(time.DateOnly)})
	}
	place := map[string]int{}
	for i, b := range benchmarks() {
		place["make bench-"+b.name] = i
	}
	slices.SortStableFunc(all, func(a, b result) int { return place[a.Command] - place[b.Command] })
	return all, nil
}

// table is the same for people.
func table(all []result) string {
	var s strings.Builder
	s.WriteString("# Benchmarks\n\nWritten by `make bench`. Each row has the command that measures it again; a ratio compares with a yardstick\nthat ran in the same process, alternating with the subject.\n\n")
	s.WriteString("| What | Measured | Promised | Holds | Measured by | On |\n|---|---|---|---|---|---|\n")
	for _, r := range all {
		holds := "yes"
		if !r.Holds {
			holds = "**no**"
		}
		_, _ = fmt.Fprintf(&s, "| `%s` | %.4g %s | %s %g | %s | `%s` | %s |\n", r.Name, r.Value, r.Unit, strings.NewReplacer("<=", "≤", ">=", "≥").Replace(r.Op), r.Target, holds, r.Command, r.Date)
	}
	return s.String()
}
