package dam_test

import (
	"testing"

	"vitrine/dam"
)

func TestNobodyMayDoNothing(t *testing.T) {
	a := dam.Asset{Library: "main"}
	for what, ctx := range map[string]func() dam.Principal{
		"a context without an actor": func() dam.Principal { return dam.ActorOf(t.Context()) },
		"a context of an empty actor": func() dam.Principal {
			return dam.ActorOf(dam.WithActor(t.Context(), dam.Principal{}))
		},
	} {
		p := ctx()
		if p.Sees(&a) || !p.Restricted("main") || p.Can("main", dam.MaySee) || p.IsSystem() {
			t.Errorf("%s sees, or may do, something: %+v", what, p)
		}
		if err := p.MayEdit(&a); dam.CodeOf(err) != dam.Forbidden {
			t.Errorf("%s may edit: %v", what, err)
		}
		if err := p.Need("main", dam.MaySee); dam.CodeOf(err) != dam.Forbidden {
			t.Errorf("%s has a permission: %v", what, err)
		}
	}
	if err := dam.RequireActor(dam.WithActor(t.Context(), dam.Principal{})); dam.CodeOf(err) != dam.Internal {
		t.Errorf("an empty actor counts as one: %v", err)
	}
	if err := dam.RequireActor(dam.AsSystem(t.Context(), "a test")); err != nil {
		t.Error(err)
	}
}
