package dam

import (
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the generated tables of docs/")

// declared finds the constants of a type in a file of this package, by their values.
func declared(t *testing.T, file, typ string) (values []string) {
	t.Helper()
	tree, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(tree, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		if name, ok := spec.Type.(*ast.Ident); ok && name.Name == typ {
			for _, v := range spec.Values {
				if lit, ok := v.(*ast.BasicLit); ok {
					s, err := strconv.Unquote(lit.Value)
					if err != nil {
						t.Fatal(err)
					}
					values = append(values, s)
				}
			}
		}
		return true
	})
	return values
}

// Every event type that is declared has one entry in the table, whole.
func TestEventTypes(t *testing.T) {
	files, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range files {
		if strings.HasSuffix(f.Name(), ".go") && !strings.HasSuffix(f.Name(), "_test.go") {
			names = append(names, declared(t, f.Name(), "EventType")...)
		}
	}
	entries := map[string]int{}
	members := regexp.MustCompile(`^([a-z0-9_]+\??( |$))*$`)
	for _, e := range EventTypes() {
		entries[string(e.Type)]++
		if e.Subject == "" || e.Doc == "" || strings.HasSuffix(e.Doc, ".") || !members.MatchString(e.Data) {
			t.Errorf("%s: subject %q, doc %q, data %q", e.Type, e.Subject, e.Doc, e.Data)
		}
		if (e.English == "") != (e.French == "") || strings.Contains(e.English, "{who}") != strings.Contains(e.French, "{who}") {
			t.Errorf("%s: the sentences %q and %q don't say the same", e.Type, e.English, e.French)
		}
	}
	for _, n := range names {
		if entries[n] != 1 {
			t.Errorf("%s has %d entries in EventTypes", n, entries[n])
		}
	}
	if len(names) != len(entries) || len(names) < 60 {
		t.Errorf("%d event types are declared, %d in the table", len(names), len(entries))
	}
}

// The documentation's table of event types is EventTypes.
func TestEventDocumentation(t *testing.T) {
	var b strings.Builder
	b.WriteString("| Type | Subject | Data | When |\n|---|---|---|---|\n")
	for _, e := range EventTypes() {
		var data []string
		for _, m := range strings.Fields(e.Data) {
			if name, optional := strings.CutSuffix(m, "?"); optional {
				data = append(data, "(`"+name+"`)")
			} else {
				data = append(data, "`"+m+"`")
			}
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", e.Type, e.Subject, strings.Join(data, " "), e.Doc)
	}
	documented(t, "../docs/api.md", "events", b.String())
}

// The events that the server is recorded to emit carry what the table says of their data.
func TestEventData(t *testing.T) {
	golden, err := os.ReadFile("../cmd/vitrine/testdata/golden/events.txt")
	if err != nil {
		t.Fatal(err)
	}
	member, seen := regexp.MustCompile(`(?m)^  "([a-z0-9_]+)":`), 0
	for _, text := range strings.Split(string(golden), "\n=== ") {
		name, body, _ := strings.Cut(strings.TrimPrefix(text, "=== "), "\n")
		info, ok := eventInfo[EventType(name)]
		if !ok {
			t.Errorf("%q is not in EventTypes", name)
			continue
		}
		seen++
		_, data, _ := strings.Cut(body, "\n \"data\": {")
		has := map[string]bool{}
		for _, m := range member.FindAllStringSubmatch(data, -1) {
			has[m[1]] = true
		}
		for _, m := range strings.Fields(info.Data) {
			key, optional := strings.CutSuffix(m, "?")
			if !has[key] && !optional {
				t.Errorf("%s has no %s in its data", name, key)
			}
			delete(has, key)
		}
		for key := range has {
			t.Errorf("%s has %s in its data, which EventTypes does not name", name, key)
		}
	}
	if seen < 50 {
		t.Errorf("only %d events are recorded", seen)
	}
}

// documented compares the part of a page between <!-- name --> and <!-- /name --> with what it should be, or writes it.
func documented(t *testing.T, path, name, want string) {
	t.Helper()
	page, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	begin, end := "<!-- "+name+" -->\n", "<!-- /"+name+" -->\n"
	head, rest, ok := strings.Cut(string(page), begin)
	_, tail, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		t.Fatalf("%s has lost the marks of its table %s", path, name)
	}
	if want = head + begin + want + end + tail; want == string(page) {
		return
	}
	if !*update {
		t.Fatalf("%s is out of date: go test ./dam -run Documentation -update", path)
	}
	if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
		t.Fatal(err)
	}
}
