package architecture

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// asSystem are the places where the product acts as the system (dam.AsSystem), which sees everything and may do
// everything, with the reason that stands in the code.
var asSystem = map[string][]string{
	// What nobody's request asked for.
	"cmd/vitrine/server/server.go": {"the server's start, its loops and its end are nobody's request"},
	"dam/jobs/jobs.go":             {"jobs run after the requests that asked for them"},
	"publishers/planning/hold.go":  {"whoever begins a hold, the question is the server's"},
	"publishers/planning/plan.go":  {"whoever ended the rights, the server takes it back"},

	// Who has the data folder has everything in it.
	"cmd/vitrine/local/open.go":   {"who runs a command on the data folder may read and write all of it"},
	"cmd/vitrine/local/doctor.go": {"who runs doctor on the data folder may read all of it"},

	// Before it is known who asks, and those who have no account.
	"dam/people/session.go":   {"who asks is only found out by reading accounts, sessions and tokens"},
	"dam/delivery/service.go": {"the public has no account; delivery decides what it is shown"},
	"dam/downloads/downloads.go": {
		"whoever has the link may fetch the archive; what is in it goes by who asked for it"},
	"web/signage/signage.go": {"a screen has no account; its token lets it read one group"},

	// Counts, checks and what is read of the database itself.
	"cmd/vitrine/server/backup_metrics.go": {"figures count everything"},
	"cmd/vitrine/server/hold_metric.go":    {"figures count everything"},
	"cmd/vitrine/server/metrics.go":        {"figures count everything"},
	"cmd/vitrine/server/mirror.go":         {"figures count everything"},
	"dam/integrity/metrics.go":             {"figures count everything"},
	"dam/jobs/figures.go":                  {"one counting is shared by all who ask"},
	"web/api/metrics.go":                   {"checks tell whether the parts work, and nothing of what is in them"},
	"dam/catalog/catalog.go":               {"which database this is concerns no account"},
	"dam/savedsearch/collections.go":       {"which assets a smart collection has doesn't depend on who asks"},
}

// makesPrincipals are the files that say who somebody is and what they may do.
var makesPrincipals = map[string]string{
	"dam/principal.go":    "the system",
	"dam/catalog/bulk.go": "who an id stands for, with the roles held now",
}

func TestWhoActsIsNamed(t *testing.T) {
	system, principals := map[string][]string{}, map[string]bool{}
	err := product(func(name string, f *ast.File) {
		whys, makes := actors(f)
		if len(whys) > 0 {
			system[name] = whys
		}
		if makes {
			principals[name] = true
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range slices.Sorted(maps.Keys(system)) {
		if !slices.Equal(system[name], asSystem[name]) {
			t.Errorf("%s acts as the system for %q, and %q is listed: pass on the context of who asked; where nobody "+
				"did, list it", name, system[name], asSystem[name])
		}
	}
	for name := range asSystem {
		if system[name] == nil {
			t.Errorf("%s does not act as the system: take it off the list", name)
		}
	}
	for name := range principals {
		if makesPrincipals[name] == "" {
			t.Errorf("%s makes a principal by itself: take the one who asked, or catalog.Principal", name)
		}
	}
	for name := range makesPrincipals {
		if !principals[name] {
			t.Errorf("%s makes no principal: take it off the list", name)
		}
	}
}

// product hands over every file of the product, without tests and what only they use.
func product(visit func(name string, f *ast.File)) error {
	root := filepath.Join("..", "..")
	return filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		name = filepath.ToSlash(name)
		if d.IsDir() {
			if n := d.Name(); n == "node_modules" || n == "bin" || n == "data" || n == ".git" || name == "tools" ||
				name == "test" || name != "." && strings.HasSuffix(n, "test") {
				return fs.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err == nil {
			visit(name, f)
		}
		return err
	})
}

// actors returns the reasons of a file's calls of AsSystem, "?" for one that is no literal, and whether it makes a
// principal with an id.
func actors(f *ast.File) (whys []string, makes bool) {
	called := func(e ast.Expr) string {
		switch e := e.(type) {
		case *ast.Ident:
			return e.Name
		case *ast.SelectorExpr:
			return e.Sel.Name
		}
		return ""
	}
	fun := map[ast.Node]bool{}
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncDecl:
			fun[n.Name] = true // the function itself
		case *ast.CallExpr:
			if called(n.Fun) != "AsSystem" {
				return true
			}
			fun[n.Fun] = true
			if s, ok := n.Fun.(*ast.SelectorExpr); ok {
				fun[s.Sel] = true
			}
			why := "?"
			if len(n.Args) == 2 {
				if lit, ok := n.Args[1].(*ast.BasicLit); ok && lit.Kind == token.STRING {
					why, _ = strconv.Unquote(lit.Value) // it has been parsed
				}
			}
			whys = append(whys, why)
		case *ast.Ident:
			if n.Name == "AsSystem" && !fun[n] { // kept for later, where nobody would see the reason
				whys = append(whys, "?")
			}
		case *ast.CompositeLit:
			makes = makes || called(n.Type) == "Principal" && len(n.Elts) > 0
		}
		return true
	})
	return whys, makes
}

func TestActorsAreFound(t *testing.T) {
	for code, want := range map[string]string{
		`var c = dam.AsSystem(ctx, "x")`: "x", `var c = AsSystem(ctx, "x")`: "x", `var c = dam.AsSystem(ctx, why)`: "?",
		`var f = dam.AsSystem`: "?",
		`func AsSystem() {}`:   "", `var p = dam.Principal{ID: "u"}`: "principal", `var p = dam.Principal{}`: "",
		`var p dam.Principal`: "", `var p = &Principal{Name: "x"}`: "principal",
	} {
		f, err := parser.ParseFile(token.NewFileSet(), "p.go", "package p\n"+code, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		whys, makes := actors(f)
		if makes {
			whys = append(whys, "principal")
		}
		if got := strings.Join(whys, ","); got != want {
			t.Errorf("%s: found %q, want %q", code, got, want)
		}
	}
}
