package architecture

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"
	"testing"
)

// What is asked or changed over HTTP goes through a service, where its rules are: a handler has no catalogue to go past
// it.
func TestHandlersHaveNoCatalogue(t *testing.T) {
	set := token.NewFileSet()
	for _, file := range parsed(t, set, "web/*/*.go") {
		ast.Inspect(file, func(n ast.Node) bool {
			s, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			from, ok := s.X.(*ast.Ident)
			if ok && from.Name == "catalog" && (s.Sel.Name == "Catalog" || s.Sel.Name == "Writer" ||
				s.Sel.Name == "Do" || s.Sel.Name == "Open") {
				t.Errorf("%s: catalog.%s: ask a service", set.Position(n.Pos()), s.Sel.Name)
			}
			return true
		})
	}
}

// parsed returns the source files that match patterns below the module, tests excepted.
func parsed(t *testing.T, set *token.FileSet, patterns ...string) (files []*ast.File) {
	t.Helper()
	for _, pattern := range patterns {
		paths, err := filepath.Glob(filepath.Join("..", "..", filepath.FromSlash(pattern)))
		if err != nil || len(paths) == 0 {
			t.Fatalf("%s: %d files, %v", pattern, len(paths), err)
		}
		for _, path := range paths {
			if strings.HasSuffix(path, "_test.go") {
				continue
			}
			file, err := parser.ParseFile(set, path, nil, parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			files = append(files, file)
		}
	}
	return files
}
