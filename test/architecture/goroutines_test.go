package architecture

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
)

// unprotected are the files whose goroutines need no dam.Protect, with the reason.
var unprotected = map[string]string{
	"cmd/vitrine/remote/import.go":   "a command: its panic ends only itself",
	"cmd/vitrine/local/verify.go":    "a command: its panic ends only itself",
	"cmd/vitrine/remote/progress.go": "a command: its panic ends only itself",
	"cmd/vitrine/main.go":            "the signal's own function",
	"dam/backup/":                    "a command: its panic ends only itself",
	"dam/rendition/icc/":             "arithmetic in the engines' processes",
	"dam/rendition/imaging/":         "runs in the engines' processes",
	"dam/rendition/cascade.go":       "runs in the engines' processes",
	"dam/rendition/isolate/":         "waits for and kills the engines' processes: one call each",
	"publishers/site/bucket/sftp.go": "closes a connection: one call each",
}

// A panic in a goroutine that doesn't begin with dam.Protect or dam.Loop ends the server.
func TestGoroutinesSurvivePanics(t *testing.T) {
	root := filepath.Join("..", "..")
	found := 0
	for _, top := range []string{"cmd", "dam", "publishers", "search", "storage", "web"} {
		err := filepath.WalkDir(filepath.Join(root, top), func(path string, d fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			name := filepath.ToSlash(strings.TrimPrefix(path, root+string(filepath.Separator)))
			if d.IsDir() {
				if strings.HasSuffix(d.Name(), "test") || d.Name() == "node_modules" || d.Name() == "searchbench" {
					return filepath.SkipDir
				}
				return nil
			}
			if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
				return nil
			}
			for allowed := range unprotected {
				if name == allowed || strings.HasSuffix(allowed, "/") && strings.HasPrefix(name, allowed) {
					return nil
				}
			}
			set := token.NewFileSet()
			file, err := parser.ParseFile(set, path, nil, parser.SkipObjectResolution)
			if err != nil {
				return err
			}
			ast.Inspect(file, func(n ast.Node) bool {
				var body ast.Node
				switch n := n.(type) {
				case *ast.GoStmt:
					body = n.Call.Fun
				case *ast.CallExpr:
					// Methods named Go take a goroutine's function; AfterFunc one that runs in its own.
					if s, ok := n.Fun.(*ast.SelectorExpr); ok && len(n.Args) > 0 &&
						(s.Sel.Name == "Go" || s.Sel.Name == "AfterFunc") {
						body = n.Args[len(n.Args)-1]
					}
				}
				if body == nil {
					return true
				}
				found++
				if !protects(body) {
					t.Errorf("%s starts a goroutine that a panic carries the server away with: begin it with "+
						"dam.Protect or dam.Loop", set.Position(n.Pos()))
				}
				return true
			})
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if found < 20 {
		t.Errorf("only %d goroutines found: the test looks past them", found)
	}
}

// protects reports whether a function literal calls one of the two itself.
func protects(n ast.Node) bool {
	literal, ok := n.(*ast.FuncLit)
	if !ok {
		return false
	}
	yes := false
	ast.Inspect(literal.Body, func(n ast.Node) bool {
		if s, ok := n.(*ast.SelectorExpr); ok {
			if x, ok := s.X.(*ast.Ident); ok && x.Name == "dam" && (s.Sel.Name == "Protect" || s.Sel.Name == "Loop") {
				yes = true
			}
		}
		return !yes
	})
	return yes
}
