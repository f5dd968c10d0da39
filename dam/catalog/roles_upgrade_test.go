package catalog_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/catalog/catalogtest"
)

// Viewers of an installation from before see_unapproved was a permission go on seeing everything, limited or not; new
// viewers don't. Nobody else's role changes.
func TestUpgradeViewers(t *testing.T) {
	sql, err := os.ReadFile("migrations/0031_roles.sql")
	if err != nil {
		t.Fatal(err)
	}
	_, data, ok := strings.Cut(string(sql), "-- The viewer of before")
	if !ok {
		t.Fatal("the migration has another form")
	}
	_, data, _ = strings.Cut(data, "\n")
	catalogtest.Each(t, func(t *testing.T, c *catalog.Catalog) {
		ctx := catalogtest.Context(t)
		grant := func(id, role, limit string) []string {
			return []string{
				`INSERT INTO users(id,email,name,locale,password,disabled,created_at) VALUES('` + id + `','` + id +
					`@example.com','Old','','',false,1)`,
				`INSERT INTO grants(principal,library,role,collections) VALUES('` + id + `','main','` + role + `','` +
					limit + `')`}
		}
		run(t, c, slices.Concat(grant("u_all", "viewer", "[]"), grant("u_some", "viewer", `["c_1"]`),
			grant("u_editor", "editor", "[]"))...)
		run(t, c, strings.Split(strings.TrimSuffix(strings.TrimSpace(data), ";"), ";")...)
		run(t, c, grant("u_new", "viewer", "[]")...)
		draft := dam.Asset{ID: "a_1", Library: "main", Collections: []string{"c_1"}, CreatedBy: "u_editor"}
		other := dam.Asset{ID: "a_2", Library: "main", CreatedBy: "u_editor"}
		for id, want := range map[string]struct {
			role      dam.Role
			in, out   bool
			download  bool
			mayUpload bool
		}{
			"u_all": {"viewer_all", true, true, true, false}, "u_some": {"viewer_all", true, false, true, false},
			"u_editor": {dam.Editor, true, true, true, true}, "u_new": {dam.Viewer, false, false, false, false},
		} {
			p, err := c.People().Principal(ctx, id)
			if err != nil {
				t.Fatal(err)
			}
			if p.Grants["main"] != want.role || p.Sees(&draft) != want.in || p.Sees(&other) != want.out ||
				(p.NeedOn(&draft, dam.MayDownloadOriginals) == nil) != want.download ||
				p.Can("main", dam.MayUpload) != want.mayUpload {
				t.Errorf("%s: %+v", id, p)
			}
		}
		if list, err := c.People().Roles(ctx, "main"); err != nil || len(list) != 1 || list[0].Name != "viewer_all" {
			t.Errorf("roles: %+v, %v", list, err)
		}
	})
}
