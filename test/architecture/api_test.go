package architecture

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"
	"testing"
)

// What is asked or changed over HTTP goes through a service, where its rules are: a handler has no catalogue to go past it.
func TestHandlersHaveNoCatalogue(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("..", "..", "web", "*", "*.go"))
	if err != nil || len(files) == 0 {
		t.Fatal(err, len(files))
	}
	set := token.NewFileSet()
	for _, path := range files {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(set, path, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			s, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			from, ok := s.X.(*ast.Ident)
			if ok && from.Name == "catalog" && (s.Sel.Name == "Catalog" || s.Sel.Name == "Writer" || s.Sel.Name == "Do" || s.Sel.Name == "Open") {
				t.Errorf("%s: catalog.%s: ask a service", set.Position(n.Pos()), s.Sel.Name)
			}
			return true
		})
	}
}
