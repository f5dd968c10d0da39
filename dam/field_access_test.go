package dam_test

import (
	"testing"

	"vitrine/dam"
)

// One decision says who sees and who edits a field; a role on collections counts where nothing else is seen.
func TestDecideField(t *testing.T) {
	rules := []dam.FieldRule{{Key: "price", SeenBy: []dam.Role{dam.Publisher}},
		{Key: "legal", EditedBy: []dam.Role{"buyer"}},
		{Key: "cost", SeenBy: []dam.Role{dam.Editor, "buyer"}, EditedBy: []dam.Role{"buyer"}}}
	grant := func(r dam.Role, collections ...string) dam.Grant {
		return dam.Grant{Role: r, May: dam.SetOf(dam.MaySee, dam.MayEditAll), Whole: len(collections) == 0,
			Collections: collections}
	}
	person := func(role dam.Role, grants ...dam.Grant) dam.Principal {
		return dam.Principal{ID: "u_1", Grants: map[string]dam.Role{"l": role},
			Access: map[string]dam.Access{"l": {Fields: rules, Grants: grants}}}
	}
	limited := person(dam.Publisher)
	limited.Collections = map[string][]string{"l": {"c_1"}}
	archived := person(dam.Admin)
	archived.Access = map[string]dam.Access{"l": {Fields: rules, Archived: true}}
	for name, c := range map[string]struct {
		who                        dam.Principal
		price, legal, cost, season string // what they do with the field: "", "see", "edit"
	}{
		"nobody else's rules":           {person(dam.Viewer), "", "see", "", "edit"},
		"an editor":                     {person(dam.Editor), "", "see", "see", "edit"},
		"a publisher":                   {person(dam.Publisher), "edit", "see", "see", "edit"},
		"an administrator defines them": {person(dam.Admin), "edit", "edit", "edit", "edit"},
		"also of an archived library":   {archived, "edit", "edit", "edit", "edit"},
		"a role of the library":         {person(dam.Viewer, grant("buyer")), "", "edit", "edit", "edit"},
		"a role on a part of what is":   {person(dam.Editor, grant("buyer", "c_1")), "", "see", "see", "edit"},
		"a role on all that they see": {person(dam.NoRole, grant("buyer", "c_1", "c_2")),
			"", "edit", "edit", "edit"},
		"roles on different parts": {person(dam.NoRole, grant("buyer", "c_1"), grant("x", "c_2")),
			"", "see", "", "edit"},
		"roles that count on all parts": {person(dam.NoRole, grant("buyer", "c_1"), grant(dam.Editor, "c_2")),
			"", "see", "see", "edit"},
		"somebody limited to collections": {limited, "edit", "see", "see", "edit"},
	} {
		for key, want := range map[string]string{"price": c.price, "legal": c.legal, "cost": c.cost,
			"season": c.season} {
			got := ""
			if sees, edits := c.who.DecideField("l", key); edits {
				got = "edit"
			} else if sees {
				got = "see"
			}
			if got != want {
				t.Errorf("%s: %q of %s, want %q", name, got, key, want)
			}
		}
	}
}
