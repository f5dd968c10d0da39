package architecture

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// What a reader can hold in mind at once.
const (
	maxMethods    = 40 // of an exported type, promoted ones included
	maxParameters = 6  // of a function; its receiver and a test's T are not counted
	maxFields     = 25 // of a struct that configures something
)

// TestTypesAreNarrow: an exported type with very many methods is several things under one name.
func TestTypesAreNarrow(t *testing.T) {
	exports := exportData(t)
	imports := importer.ForCompiler(token.NewFileSet(), "gc", func(path string) (io.ReadCloser, error) {
		if exports[path] == "" {
			return nil, fmt.Errorf("no export data of %s", path)
		}
		return os.Open(exports[path])
	})
	for path := range exports {
		if !strings.HasPrefix(path, "vitrine/") || exports[path] == "" { // a package of tests has none
			continue
		}
		p, err := imports.Import(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range p.Scope().Names() {
			o, ok := p.Scope().Lookup(name).(*types.TypeName)
			if !ok || !o.Exported() || o.IsAlias() {
				continue
			}
			set, n := types.NewMethodSet(types.NewPointer(o.Type())), 0
			if types.IsInterface(o.Type()) {
				set = types.NewMethodSet(o.Type())
			}
			for m := range set.Methods() {
				if m.Obj().Exported() {
					n++
				}
			}
			if n > maxMethods {
				t.Errorf("%s.%s has %d methods, promoted ones included: at most %d", path, name, n, maxMethods)
			}
		}
	}
}

// exportData returns the compiled form of every package that the product is made of, by import path.
func exportData(t *testing.T) map[string]string {
	t.Helper()
	var out, diagnostics bytes.Buffer
	cmd := exec.CommandContext(t.Context(), "go", "list", "-export", "-deps", "-f", "{{.ImportPath}}\t{{.Export}}",
		"vitrine/...")
	cmd.Stdout, cmd.Stderr = &out, &diagnostics
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v: %s", err, &diagnostics)
	}
	found := map[string]string{}
	for lines := bufio.NewScanner(&out); lines.Scan(); {
		path, export, _ := strings.Cut(lines.Text(), "\t")
		found[path] = export
	}
	return found
}

// TestFunctionsAreNarrow: a call with very many arguments can't be read without the declaration beside it, and what
// configures with very many loose fields can't be filled in without forgetting one.
func TestFunctionsAreNarrow(t *testing.T) {
	root := filepath.Join("..", "..")
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == "node_modules" || d.Name() == "bin" || strings.HasPrefix(d.Name(), ".") &&
			path != root):
			return fs.SkipDir
		case d.IsDir() || !strings.HasSuffix(path, ".go"):
			return nil
		}
		return narrow(t, path)
	})
	if err != nil {
		t.Fatal(err)
	}
}

func narrow(t *testing.T, path string) error {
	t.Helper()
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, path, nil, parser.SkipObjectResolution)
	if err != nil {
		return errors.Join(fmt.Errorf("parse %s", path), err)
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncDecl:
			params := n.Type.Params.NumFields()
			if params > 0 && takesT(n.Type.Params.List[0].Type) {
				params--
			}
			if params > maxParameters {
				t.Errorf("%s: %s takes %d parameters, at most %d", set.Position(n.Pos()), n.Name.Name, params,
					maxParameters)
			}
		case *ast.TypeSpec:
			s, ok := n.Type.(*ast.StructType)
			configures := strings.HasSuffix(n.Name.Name, "Config") || strings.HasSuffix(n.Name.Name, "Options") ||
				strings.HasSuffix(n.Name.Name, "Settings")
			if ok && configures && s.Fields.NumFields() > maxFields {
				t.Errorf("%s: %s has %d fields, at most %d", set.Position(n.Pos()), n.Name.Name, s.Fields.NumFields(),
					maxFields)
			}
		}
		return true
	})
	return nil
}

// takesT reports whether a type is *testing.T, or testing.TB and the like.
func takesT(x ast.Expr) bool {
	if p, ok := x.(*ast.StarExpr); ok {
		x = p.X
	}
	s, ok := x.(*ast.SelectorExpr)
	if !ok {
		return false
	}
	from, ok := s.X.(*ast.Ident)
	return ok && from.Name == "testing"
}
