package architecture

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestReasonsAreUsed: a code that nothing gives is a sentence that two people translate for nobody. That each is given
// the values that its sentence names is the compiler's to check: the constructors are generated from the sentences.
func TestReasonsAreUsed(t *testing.T) {
	used := map[string]bool{}
	sources(t, func(_ string, f *ast.File) {
		ast.Inspect(f, func(n ast.Node) bool {
			if s, ok := n.(*ast.SelectorExpr); ok {
				if x, ok := s.X.(*ast.Ident); ok && x.Name == "reasons" {
					used[s.Sel.Name] = true
				}
			}
			return true
		})
	})
	text, err := os.ReadFile("../../dam/reasons/codes.go")
	if err != nil {
		t.Fatal(err)
	}
	made := regexp.MustCompile(`(?m)^func (\w+)\(`).FindAllStringSubmatch(string(text), -1)
	if len(made) < 100 || len(used) < 100 {
		t.Fatalf("%d constructors, %d used: this test finds nothing", len(made), len(used))
	}
	for _, m := range made {
		if !used[m[1]] && m[1] != "Legacy" { // what is stored gives that one
			t.Errorf("reasons.%s is used nowhere: take its code out of dam/reasons/reasons.json", m[1])
		}
	}
}

// TestNoDecisionReadsASentence: what is made for people to read is compared with nothing. A decision asks a code.
func TestNoDecisionReadsASentence(t *testing.T) {
	excepted := []string{
		"web/api/validate.go", // the validator of the HTTP framework has no codes: its words are sorted in one place
		"dam/preset.go",       // the notes of versions that an earlier Vitrine wrote as sentences
	}
	prose := []string{"Message", "Detail", "Remedy", "Note", "RenditionNote", "HealthNote", "Answer", "Text", "Advice",
		"Words"}
	sentence := func(e ast.Expr) bool {
		if c, ok := e.(*ast.CallExpr); ok && len(c.Args) == 0 {
			e = c.Fun
		}
		s, ok := e.(*ast.SelectorExpr)
		return ok && slices.Contains(prose, s.Sel.Name)
	}
	sources(t, func(path string, f *ast.File) {
		if slices.Contains(excepted, path) || strings.HasSuffix(filepath.Dir(path), "test") {
			return
		}
		ast.Inspect(f, func(n ast.Node) bool {
			if b, ok := n.(*ast.BinaryExpr); ok && (b.Op == token.EQL || b.Op == token.NEQ) {
				for said, with := range map[ast.Expr]ast.Expr{b.X: b.Y, b.Y: b.X} {
					if sentence(said) && !empty(with) {
						t.Errorf("%s compares a sentence (%s): compare the reasons", path, expression(said))
					}
				}
			}
			c, ok := n.(*ast.CallExpr)
			if !ok || len(c.Args) == 0 || !sentence(c.Args[0]) {
				return true
			}
			if s, ok := c.Fun.(*ast.SelectorExpr); ok {
				if x, ok := s.X.(*ast.Ident); ok && (x.Name == "strings" || x.Name == "regexp") &&
					slices.Contains([]string{"Contains", "HasPrefix", "HasSuffix", "EqualFold", "Index", "MatchString"},
						s.Sel.Name) {
					t.Errorf("%s decides by a sentence (%s.%s of %s): ask the reason's code", path, x.Name, s.Sel.Name,
						expression(c.Args[0]))
				}
			}
			return true
		})
	})
}

// empty reports whether an expression is "" or nil: whether something is said is no question about what.
func empty(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.BasicLit:
		return e.Value == `""`
	case *ast.Ident:
		return e.Name == "nil"
	}
	return false
}

func expression(e ast.Expr) string {
	if s, ok := e.(*ast.SelectorExpr); ok {
		return s.Sel.Name
	}
	return "a call"
}

// sources parses every Go file of the module that is part of the product.
func sources(t *testing.T, each func(path string, f *ast.File)) {
	t.Helper()
	root := filepath.Join("..", "..")
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && slices.Contains([]string{"node_modules", "bin", "data", ".git", "testdata"}, d.Name()) {
			return fs.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			return err
		}
		below, err := filepath.Rel(root, path)
		each(filepath.ToSlash(below), f)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
