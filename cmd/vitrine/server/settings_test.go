package server

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"testing"

	"vitrine/cmd/vitrine/config"
)

const configPath = "vitrine/cmd/vitrine/config"

// TestEverySettingIsUsed tests that every setting is used, because an unused one would seem to work.
func TestEverySettingIsUsed(t *testing.T) {
	users := []string{"vitrine/cmd/vitrine/server", "vitrine/cmd/vitrine/local", "vitrine/cmd/vitrine/remote",
		"vitrine/cmd/vitrine"}
	p := listPackages(t, append(users, configPath)...)
	used := map[string]bool{}
	for _, path := range users {
		p.uses(path, func(*ast.FuncDecl) bool { return true }, used)
	}
	// What a method of the configuration reads is used wherever the method is used.
	p.uses(configPath, func(f *ast.FuncDecl) bool { return f.Recv != nil && used[f.Name.Name] }, used)
	for _, settings := range []any{config.Config{}, config.Objects{}, config.Publishing{}, config.Stopping{},
		config.Edge{}, config.Admin{}} {
		for f := range reflect.TypeOf(settings).Fields() {
			if f.IsExported() && !f.Anonymous && !used[f.Name] {
				t.Errorf("%T.%s is read from the settings and used by nothing", settings, f.Name)
			}
		}
	}
}

// checked has packages and the export data of their imports.
type checked struct {
	t       *testing.T
	sources map[string][]string // files by package
	fset    *token.FileSet
	imports types.Importer
}

func listPackages(t *testing.T, paths ...string) *checked {
	t.Helper()
	var out, diagnostics bytes.Buffer
	cmd := exec.CommandContext(t.Context(), "go",
		append([]string{"list", "-export", "-deps", "-json=ImportPath,Dir,GoFiles,CgoFiles,Export"}, paths...)...)
	cmd.Stdout, cmd.Stderr = &out, &diagnostics
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v: %s", err, &diagnostics)
	}
	p := &checked{t: t, sources: map[string][]string{}, fset: token.NewFileSet()}
	exports := map[string]string{}
	for d := json.NewDecoder(&out); ; {
		var l struct {
			ImportPath, Dir, Export string
			GoFiles                 []string
		}
		if err := d.Decode(&l); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		exports[l.ImportPath] = l.Export
		for _, f := range l.GoFiles {
			p.sources[l.ImportPath] = append(p.sources[l.ImportPath], filepath.Join(l.Dir, f))
		}
	}
	p.imports = importer.ForCompiler(p.fset, "gc", func(path string) (io.ReadCloser, error) {
		if exports[path] == "" {
			return nil, fmt.Errorf("no export data of %s", path)
		}
		return os.Open(exports[path])
	})
	return p
}

// uses adds the names of the configuration's fields and methods that a package's functions refer to.
func (p *checked) uses(path string, within func(*ast.FuncDecl) bool, used map[string]bool) {
	p.t.Helper()
	var files []*ast.File
	for _, name := range p.sources[path] {
		f, err := parser.ParseFile(p.fset, name, nil, 0)
		if err != nil {
			p.t.Fatal(err)
		}
		files = append(files, f)
	}
	info := &types.Info{Uses: map[*ast.Ident]types.Object{}}
	if _, err := (&types.Config{Importer: p.imports}).Check(path, p.fset, files, info); err != nil {
		p.t.Fatal(err)
	}
	for _, f := range files {
		for _, decl := range f.Decls {
			fn, ok := decl.(*ast.FuncDecl)
			if !ok || !within(fn) {
				continue
			}
			ast.Inspect(fn, func(n ast.Node) bool {
				if id, ok := n.(*ast.Ident); ok {
					if o := info.Uses[id]; o != nil && o.Pkg() != nil && o.Pkg().Path() == configPath {
						used[o.Name()] = true
					}
				}
				return true
			})
		}
	}
}
