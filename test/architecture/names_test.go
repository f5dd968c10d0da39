package architecture

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// storedNames are packages whose exported names are made from codes that databases hold.
var storedNames = map[string]bool{"dam/reasons": true}

// apiNames are exported names that a public name decides: the API's field or the vendor's own word.
var apiNames = map[string]bool{"Films": true}

// TestNames compares file names and exported names with the words that the glossary says are not used.
func TestNames(t *testing.T) {
	root := "../.."
	banned := bannedWords(t, filepath.Join(root, "docs", "glossary.md"))
	files := 0
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, _ := filepath.Rel(root, path)
		rel = filepath.ToSlash(rel)
		if d.IsDir() {
			switch d.Name() {
			case ".git", "node_modules", "dist", "bin", "data", "testdata", "paraglide":
				return fs.SkipDir
			}
			return nil
		}
		ext := filepath.Ext(rel)
		if ext != ".go" && ext != ".ts" && ext != ".svelte" {
			return nil
		}
		files++
		for _, w := range wordsOf(strings.TrimSuffix(d.Name(), ext)) {
			if say := banned[w]; say != "" {
				t.Errorf("%s: the file's name has %q; say %s", rel, w, say)
			}
		}
		if ext != ".go" || storedNames[filepath.ToSlash(filepath.Dir(rel))] {
			return nil
		}
		for _, name := range exportedNames(t, path) {
			for _, w := range wordsOf(name) {
				if say := banned[w]; say != "" && !apiNames[name] {
					t.Errorf("%s: %s has %q; say %s", rel, name, w, say)
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if files < 500 || len(banned) < 20 {
		t.Fatalf("%d files and %d words were compared", files, len(banned))
	}
}

// bannedWords reads the glossary's last table: what is not said, and what is said instead.
func bannedWords(t *testing.T, path string) map[string]string {
	t.Helper()
	page, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	_, table, found := strings.Cut(string(page), "| Not | But |\n|---|---|\n")
	if !found {
		t.Fatal("the glossary has no table of words that are not used")
	}
	banned := map[string]string{}
	for line := range strings.Lines(table) {
		cells := strings.Split(line, "|")
		if len(cells) != 4 {
			break
		}
		for word := range strings.SplitSeq(cells[1], ",") {
			banned[strings.TrimSpace(word)] = strings.TrimSpace(cells[2])
		}
	}
	return banned
}

var wordPattern = regexp.MustCompile(`[A-Z]+(?:[^A-Za-z]|$)|[A-Z]?[a-z]+|[A-Z]+`)

// wordsOf splits a name in snake, kebab or camel case.
func wordsOf(name string) []string {
	var out []string
	for _, w := range wordPattern.FindAllString(name, -1) {
		out = append(out, strings.ToLower(w))
	}
	return out
}

// exportedNames returns the exported types, functions, methods, fields, constants and variables of a file.
func exportedNames(t *testing.T, path string) (names []string) {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	add := func(ids ...*ast.Ident) {
		for _, id := range ids {
			if id.IsExported() {
				names = append(names, id.Name)
			}
		}
	}
	for _, decl := range file.Decls {
		switch d := decl.(type) {
		case *ast.FuncDecl:
			if !strings.HasPrefix(d.Name.Name, "Test") { // a test's name is a sentence
				add(d.Name)
			}
		case *ast.GenDecl:
			ast.Inspect(d, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.TypeSpec:
					add(n.Name)
				case *ast.ValueSpec:
					add(n.Names...)
				case *ast.Field:
					add(n.Names...)
				}
				return true
			})
		}
	}
	return names
}
