package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"vitrine/dam"
	"vitrine/dam/catalog/catalogtest"
	"vitrine/test/golden"
)

// One server lives through the scenario; what it answers then, holds and has told is compared with the recording. A
// long run has another on PostgreSQL, which is no different.
func TestGoldenServer(t *testing.T) {
	databases := map[string]func() string{"sqlite": func() string { return "" }}
	if os.Getenv("VITRINE_SOAK") != "" {
		databases["postgres"] = func() string { return catalogtest.PostgresURL(t) }
	}
	for name, database := range databases {
		t.Run(name, func(t *testing.T) {
			args := []string{"--public-url", publicAddress, "--engine", "imaging", "--webhooks-allow-private", "true",
				"--node", "golden", "--min-free", "0"}
			url := database()
			if url != "" {
				args = append(args, "--database", url)
			}
			goldenServer(newScenario(newHouse(t, args...), url))
		})
	}
}

func goldenServer(s *scenario) {
	golden.Compare(s, "objects.txt", s.objects())
	golden.Compare(s, "public.txt", s.public())
	golden.Compare(s, "roles.txt", s.roles())
	s.aftermath()
	s.libraries()
	golden.Compare(s, "events.txt", s.eventPayloads())
	golden.Compare(s, "metrics.txt", s.metrics())
}

// objects are the keys of everything in the store. Those of originals and renditions are of fixed pictures and
// recipes, so that they are what they were.
func (s *scenario) objects() []byte {
	s.Helper()
	root := filepath.Join(s.data, "objects")
	var keys []string
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			path, err = filepath.Rel(root, path)
			keys = append(keys, path)
		}
		return err
	})
	if err != nil {
		s.Fatal(err)
	}
	slices.Sort(keys)
	n := s.names()
	n.Hide("seq", `epochs/.*/(\d{20})-`)
	return []byte(n.In(strings.Join(keys, "\n")))
}

// eventPayloads has one event of every type, with what it carries.
func (s *scenario) eventPayloads() []byte {
	s.Helper()
	first := map[dam.EventType]string{}
	for _, e := range s.events() {
		e.Seq = 0 // depends on what else happened
		raw, err := json.MarshalIndent(e, "", " ")
		if err != nil {
			s.Fatal(err)
		}
		n := s.names()
		if strings.HasPrefix(string(e.Type), "rendition_run.") { // how far a run was depends on what ran beside it
			var run struct{ Presets []string }
			if err := json.Unmarshal(e.Data, &run); err != nil {
				s.Fatal(err)
			}
			if !slices.Equal(run.Presets, []string{"shop"}) || bytes.Contains(raw, []byte(`"superseded"`)) {
				continue
			}
			for _, count := range []string{"done", "failed", "made", "total"} {
				n.Hide(count, `"`+count+`": (\d+)`)
			}
		}
		text := n.In(string(raw))
		if was, ok := first[e.Type]; !ok || text < was {
			first[e.Type] = text
		}
	}
	var b bytes.Buffer
	for _, typ := range eventTypes(s.T) {
		if first[typ] == "" {
			s.Errorf("the scenario has no event %s", typ)
		}
		fmt.Fprintf(&b, "=== %s\n\n%s\n\n", typ, first[typ])
	}
	for typ := range first {
		if !slices.Contains(eventTypes(s.T), typ) {
			s.Errorf("%s is not among the constants of package dam", typ)
		}
	}
	return b.Bytes()
}

// eventTypes are the constants of the type EventType in package dam.
func eventTypes(t *testing.T) (out []dam.EventType) {
	t.Helper()
	paths, err := filepath.Glob("../../dam/*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if v, ok := n.(*ast.ValueSpec); ok {
				if typ, ok := v.Type.(*ast.Ident); ok && typ.Name == "EventType" && len(v.Values) == 1 {
					out = append(out, dam.EventType(strings.Trim(v.Values[0].(*ast.BasicLit).Value, `"`)))
				}
			}
			return true
		})
	}
	slices.Sort(out)
	if len(out) < 60 {
		t.Fatalf("only %d types of events found", len(out))
	}
	return out
}

// metrics are the product's: name, type, help, names of labels, and a histogram's buckets.
func (s *scenario) metrics() []byte {
	s.Helper()
	_, text := s.scrape()
	head, labels, buckets := map[string]string{}, map[string]map[string]bool{}, map[string][]string{}
	sample := regexp.MustCompile(`^(vitrine_[a-z0-9_]+?)(_bucket|_sum|_count)?(?:\{(.*)\})? `)
	label := regexp.MustCompile(`([a-z_]+)="((?:[^"\\]|\\.)*)"`)
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if f := strings.SplitN(line, " ", 4); len(f) == 4 && f[0] == "#" && strings.HasPrefix(f[2], "vitrine_") {
			head[f[2]] += "\n " + strings.ToLower(f[1]) + ": " + f[3]
			continue
		}
		m := sample.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		name := m[1]
		if head[name] == "" {
			name += m[2]
		}
		if labels[name] == nil {
			labels[name] = map[string]bool{}
		}
		for _, l := range label.FindAllStringSubmatch(m[3], -1) {
			if l[1] == "le" {
				if !slices.Contains(buckets[name], l[2]) {
					buckets[name] = append(buckets[name], l[2])
				}
			} else {
				labels[name][l[1]] = true
			}
		}
	}
	var b bytes.Buffer
	for _, name := range slices.Sorted(maps.Keys(head)) {
		fmt.Fprintf(&b, "%s%s\n labels: %s\n", name, head[name], strings.Join(slices.Sorted(maps.Keys(labels[name])),
			" "))
		if len(buckets[name]) > 0 {
			fmt.Fprintf(&b, " buckets: %s\n", strings.Join(buckets[name], " "))
		}
		b.WriteByte('\n')
	}
	return b.Bytes()
}
