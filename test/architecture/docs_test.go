package architecture

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// The trees in the documents name every folder with code, and no other. A row stands for the folders below it that have
// no row.
func TestTrees(t *testing.T) {
	root := "../.."
	code := codeFolders(t, root)
	for _, doc := range []string{"README.md", "docs/architecture.md"} {
		named := treeOf(t, filepath.Join(root, doc))
		for _, name := range named {
			if info, err := os.Stat(filepath.Join(root, name)); err != nil || !info.IsDir() {
				t.Errorf("%s names %s, which is no folder", doc, name)
			}
		}
		for _, dir := range code {
			if !slices.ContainsFunc(named, func(name string) bool { return covers(name, dir) }) {
				t.Errorf("%s has no row for %s", doc, dir)
			}
		}
	}
}

// covers: a top-level folder stands for itself only, for those below it are what a reader looks for.
func covers(name, dir string) bool {
	return name == dir || strings.HasPrefix(dir, name+"/") && strings.Contains(name, "/")
}

var folder = regexp.MustCompile("`([a-z][a-z0-9/]*)`")

// treeOf are the folders in the first column of the table under “The tree”; a name without a slash after one with is
// its sibling.
func treeOf(t *testing.T, path string) []string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	_, section, found := strings.Cut(string(b), "\n## The tree\n")
	if !found {
		t.Fatalf("%s has no section “The tree”", path)
	}
	section, _, _ = strings.Cut(section, "\n## ")
	var out []string
	for line := range strings.Lines(section) {
		cells := strings.Split(line, "|")
		if len(cells) < 3 {
			continue
		}
		parent := ""
		for _, m := range folder.FindAllStringSubmatch(cells[1], -1) {
			name := m[1]
			if strings.Contains(name, "/") {
				parent = filepath.Dir(name)
			} else if parent != "" {
				name = parent + "/" + name
			}
			out = append(out, name)
		}
	}
	return out
}

// codeFolders are the folders with Go code that is not a suite, an engine below rendition, or a tool of the tests.
func codeFolders(t *testing.T, root string) []string {
	t.Helper()
	var out []string
	for _, top := range []string{"cmd", "dam", "publishers", "search", "storage", "web"} {
		err := filepath.WalkDir(filepath.Join(root, top), func(path string, d fs.DirEntry, err error) error {
			if err != nil || !d.IsDir() {
				return err
			}
			if n := d.Name(); n == "node_modules" || n == "testdata" || n == "migrations" ||
				strings.HasSuffix(n, "test") || n == "searchbench" {
				return filepath.SkipDir
			}
			files, err := filepath.Glob(filepath.Join(path, "*.go"))
			if err == nil &&
				slices.ContainsFunc(files, func(f string) bool { return !strings.HasSuffix(f, "_test.go") }) {
				name, err := filepath.Rel(root, path)
				out = append(out, filepath.ToSlash(name))
				return err
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return out
}

// Every decision says since when it holds, and stands in the index.
func TestDecisions(t *testing.T) {
	dir := "../../docs/adr"
	b, err := os.ReadFile(filepath.Join(dir, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	index := string(b)
	files, err := filepath.Glob(filepath.Join(dir, "[0-9]*.md"))
	if err != nil || len(files) == 0 {
		t.Fatal("no decisions: ", err)
	}
	form := regexp.MustCompile(`^# (\d+)\. (.+)\n\nStatus: (accepted|superseded by \d+), (\d{4}-\d\d-\d\d)\n\n`)
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		m := form.FindStringSubmatch(string(b))
		if m == nil {
			t.Errorf("%s doesn't begin with its number, title, status and date", filepath.Base(f))
			continue
		}
		if row := fmt.Sprintf("| %s | [%s](%s) | %s | %s |", m[1], m[2], filepath.Base(f), m[3],
			m[4]); !strings.Contains(index, row) {
			t.Errorf("the index lacks the row\n%s", row)
		}
	}
}
