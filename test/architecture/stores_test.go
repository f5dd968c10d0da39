package architecture

import (
	"go/ast"
	"go/token"
	"testing"
)

// unguarded are the functions that open a store, with what keeps them from changing one that another server uses while
// the catalogue holds (see storage.Guard).
var unguarded = map[string]string{
	"openInstallation": "everything gets it guarded, but what remembers the log (epochs/), which changes only its " +
		"own epoch's objects",
	"Open":           "the commands beside a server get it guarded",
	"OpenMirror":     "opens it when it is first used; the server guards it, and the doctor's probe is its own object",
	"examineStorage": "the doctor writes and removes a probe of its own",
	"runRestore":     "a restore was asked for by name; it has no catalogue yet that could hold",
	"sources":        "a source of vitrine repair is only read",
	"storageCommand": "a copy was asked for by name, into the store that --to names; the other is only read",
}

// Whoever opens a store can change it: every caller is known, and says how it behaves during a hold.
func TestStoresAreGuarded(t *testing.T) {
	set, found := token.NewFileSet(), map[string]bool{}
	for _, file := range parsed(t, set, "cmd/vitrine/*.go", "cmd/vitrine/*/*.go") {
		for _, d := range file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok {
				continue
			}
			ast.Inspect(f, func(n ast.Node) bool {
				call, ok := n.(*ast.CallExpr)
				if !ok {
					return true
				}
				called := func(name string) {
					if name == "OpenStore" {
						found[f.Name.Name] = true
						if unguarded[f.Name.Name] == "" {
							t.Errorf("%s: %s opens a store: guard it with storage.Guard, or say here what it does "+
								"during a hold", set.Position(n.Pos()), f.Name.Name)
						}
					}
				}
				switch fun := call.Fun.(type) {
				case *ast.Ident:
					called(fun.Name)
				case *ast.SelectorExpr:
					called(fun.Sel.Name)
					x, ok := fun.X.(*ast.Ident)
					if ok && fun.Sel.Name == "Open" && (x.Name == "disk" || x.Name == "s3") &&
						f.Name.Name != "OpenStore" {
						t.Errorf("%s: a driver is opened by OpenStore only", set.Position(n.Pos()))
					}
				}
				return true
			})
		}
	}
	for name := range unguarded {
		if !found[name] {
			t.Errorf("%s opens no store any more: take it off the list", name)
		}
	}
}
