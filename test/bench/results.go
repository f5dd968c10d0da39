package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
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
	Cores   int     `json:"cores,omitempty"`
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
		all = append(all, result{r.Name, r.Value, r.Unit, r.Target, r.Op, r.holds(), command,
			at.UTC().Format(time.DateOnly), runtime.NumCPU()})
	}
	place := map[string]int{}
	for i, b := range benchmarks() {
		place["make bench-"+b.name] = i
	}
	slices.SortStableFunc(all, func(a, b result) int { return place[a.Command] - place[b.Command] })
	return all, nil
}

// rivals says what the ratios of a benchmark compare with, for those who want to run that by hand.
var rivals = [...][2]string{
	{"ingest.large",
		"Nothing: a JPEG, an uncompressed TIFF of 16 bits, a TIFF of floating point, a PSD, a PNG of noise " +
			"and a video, 43 to 50 MB each, one after the other with a server on SQLite and disk."},
	{"rendition.set", "**libvips' thumbnail** decodes once per rendition, as an image proxy does for each URL: " +
		"`vipsthumbnail IN --size 2048x -o out.webp[Q=80,effort=4,strip]`, and so on " +
		"for 1280 and 640 wide as WebP, 320 wide, 1080 × 1080 and 1200 × 630 (`--smartcrop centre`) as " +
		"`.jpg[Q=80,strip]`; by `vips_thumbnail_buffer` in a process of its own, concurrency 1, no cache. " +
		"**The floor** is one decode with libvips (shrunk by the power of two that leaves 2,048 pixels) and the six " +
		"encodes of pictures that are there beforehand. What counts is user and system time. " +
		"The likeness rows hold both sides' files against the same pixels made of the whole original without a " +
		"codec. Every sample is in `benchmarks-rendition.json`."},
	{"rendition.mixed_200", "Nothing: 200 JPEG, PNG and WebP files of 0.6 to 24 megapixels, the default presets, two " +
		"at a time in one process; the resident peaks of the first and the second hundred."},
	{"rendition.photographs", "**The floor** is two workers that decode a photograph of 12 megapixels and encode the " +
		"default set of pictures that are there beforehand. The product gets 40 by HTTP, four at a time, " +
		"and is done with the fortieth `asset.renditions_ready`. Rates are wall time, so whatever else runs on the " +
		"machine shows; the row of CPU time does not depend on that."},
	{"rendition.walls", "**The same workers without walls**, which the server has no setting for: the default set of " +
		"photographs of 12 and 24 megapixels from a store on disk, one after the other in turn. " +
		"What counts is user and system time of the process that hands out the work and of all of the worker's, " +
		"bubblewrap included; the lowest quarter of the samples counts, and a worker's start is spread over 20 " +
		"pictures (the server's make up to 200)."},
	{"delivery.hot", "**nginx** with `sendfile` and a static file of the same bytes; `wrk -t1 -c64 -d3s --latency " +
		"URL` for both in turn, five times."},
	{"download.archive", "**The same 40 files of 50 MB one by one**, over one connection from the same server, in " +
		"turn with the archive, three times; the resident peak of the server before and after."},
	{"search.", "**SQLite** with FTS5 (`unicode61`, diacritics removed, ordered by rank) and **PostgreSQL** with a " +
		"weighted `tsvector` (`simple`) under GIN, ordered by `ts_rank`, over the same 100,000 generated assets; " +
		"a page of 50, medians. Filters and facets are plain SQL with indexes on what is filtered. The index counts " +
		"a total with each page, which they do not."},
	{"permission.cost", "**The same searches without a limit**, in turn with those of somebody with 200 grants on " +
		"collections, over 100,000 generated assets; every twentieth follows an edit."},
	{"collection.", "Nothing: a smart collection of 100,000 assets that an edit of one leaves or joins, until a " +
		"query of the collection says so; 100 children of a tree of 100,000 collections."},
	{"upgrade_1m.", "Nothing: 1,000,000 assets with a version, three renditions and a collection each, in a " +
		"catalogue from before libraries, roles, rights and vocabularies. Not part of `make bench`."},
	{"search_1m.", "Nothing: 1,000,000 assets of the same generator. Not part of `make bench`, since it takes some 4 " +
		"GB of memory and a quarter of an hour."},
}

// table is the same for people.
func table(all []result) string {
	var s strings.Builder
	s.WriteString("# Benchmarks\n\nWritten by `make bench`. Each row has the command that measures it again; a ratio " +
		"compares with a yardstick\nthat ran in the same process, alternating with the subject.\n\n")
	s.WriteString("| What | Measured | Promised | Holds | Measured by | On | Cores |\n|---|---|---|---|---|---|---|\n")
	for _, r := range all {
		holds := "yes"
		if !r.Holds {
			holds = "**no**"
		}
		cores := "–"
		if r.Cores > 0 {
			cores = strconv.Itoa(r.Cores)
		}
		_, _ = fmt.Fprintf(&s, "| `%s` | %.4g %s | %s %g | %s | `%s` | %s | %s |\n", r.Name, r.Value, r.Unit,
			strings.NewReplacer("<=", "≤", ">=", "≥").Replace(r.Op), r.Target, holds, r.Command, r.Date, cores)
	}
	s.WriteString("\n## Beside what\n\n")
	for _, r := range rivals {
		_, _ = fmt.Fprintf(&s, "- `%s` %s\n", r[0], r[1])
	}
	return s.String()
}
