package api_test

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/catalog/catalogtest"
	"vitrine/dam/people"
	"vitrine/web/api"
)

// Every address of the table × every role and nobody: 401 without a principal, 403
// below the role, neither from the role on. What concerns every library is refused to those who
// have the role in another one. People sign in, so that what only people may do is covered too.
func TestEveryRouteAndRole(t *testing.T) {
	f := start(t, catalogtest.SQLite(t))
	cookies := map[dam.Role]string{}
	for role, u := range f.users {
		secret, _, err := f.people.StartSession(catalogtest.Context(t), u.ID)
		if err != nil {
			t.Fatal(err)
		}
		cookies[role] = "vitrine_session=" + secret
	}
	owner := branch(t, f)
	status := func(l api.Line, cookie, library string) int {
		ctx, cancel := context.WithTimeout(catalogtest.Context(t), 20*time.Second)
		defer cancel() // ends streams: their headers are enough
		path := strings.NewReplacer("{id}", "a_none", "{version}", "v_none", "{preset}", "thumb", "{delivery}",
			"d_none").Replace(l.Path)
		r, err := http.NewRequestWithContext(ctx, l.Method, f.url+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		if cookie != "" {
			r.Header.Set("Cookie", cookie)
		}
		if library != "" {
			r.Header.Set("Vitrine-Library", library)
		}
		res, err := http.DefaultTransport.RoundTrip(r)
		if err != nil {
			t.Fatal(l.Method, l.Path, err)
		}
		_ = res.Body.Close()
		return res.StatusCode
	}
	lines := f.api.Lines()
	if len(lines) < 80 {
		t.Fatalf("only %d routes", len(lines))
	}
	for _, l := range lines {
		name := l.Method + " " + l.Path
		if l.Path == "/api/logout" {
			continue // public, and it would sign the roles out: TestSession has it
		}
		got := status(l, "", "")
		switch {
		case l.Public && (got == 401 || got == 403):
			// A sign-in without a body is refused for that, not for want of a role.
			t.Errorf("%s: %d for nobody, but it is public", name, got)
		case !l.Public && got != 401:
			t.Errorf("%s: %d for nobody, want 401", name, got)
		}
		if l.Public {
			continue
		}
		if !dam.Admin.Has(l.May) {
			t.Errorf("%s: the table has no permission", name)
		}
		for _, role := range dam.Roles {
			got := status(l, cookies[role], "")
			if role.Has(l.May) && (got == 401 || got == 403) {
				t.Errorf("%s: %d for %s, who may", name, got, role)
			}
			if !role.Has(l.May) && got != 403 {
				t.Errorf("%s: %d for %s, want 403", name, got, role)
			}
		}
		if got := status(l, cookies[dam.Admin], "other"); got != 403 {
			t.Errorf("%s: %d in another library, want 403", name, got)
		}
		if got := status(l, owner, "branch"); (got == 403) != l.Installation || got == 401 {
			t.Errorf("%s: %d for an administrator of another library", name, got)
		}
		if got := status(l, owner, dam.DefaultLibrary); got != 403 {
			t.Errorf("%s: %d for an administrator of another library in this one, want 403", name, got)
		}
		if got := status(l, "vitrine_session=forged", ""); got != 401 {
			t.Errorf("%s: %d with a forged session, want 401", name, got)
		}
	}
}

// branch makes the library branch and returns the cookie of its administrator.
func branch(t *testing.T, f *fixture) string {
	t.Helper()
	u, _, err := f.people.CreateUser(catalogtest.Context(t), dam.DefaultLibrary,
		people.NewUser{Email: "branch@example.com", Name: "The branch", Role: dam.Viewer, Password: password})
	if err != nil {
		t.Fatal(err)
	}
	if err := f.catalog.Write(catalogtest.Context(t), func(tx *catalog.Tx) error {
		if err := tx.Libraries().PutLibrary(catalogtest.Context(t), dam.Library{ID: "branch", Name: "Branch",
			Locale: "en", Zone: "UTC"}); err != nil {
			return err
		}
		_, err := tx.SQLite().ExecContext(catalogtest.Context(t),
			`UPDATE grants SET library='branch', role='admin' WHERE principal='`+u.ID+`'`)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	secret, _, err := f.people.StartSession(catalogtest.Context(t), u.ID)
	if err != nil {
		t.Fatal(err)
	}
	return "vitrine_session=" + secret
}

// What is told of the whole installation is told to administrators of the library that it began with.
func TestInstallation(t *testing.T) {
	f := start(t, catalogtest.SQLite(t), func(c *api.Config) { c.System.Database = "sqlite:here" })
	if err := f.catalog.Mirror().UseMirror(catalogtest.Context(t), "s3://elsewhere"); err != nil {
		t.Fatal(err)
	}
	owner := branch(t, f)
	if body := string(f.want(200, f.do("", "GET", "/api/system", "", "Cookie", owner, "Vitrine-Library",
		"branch")).body); strings.Contains(body, "elsewhere") || strings.Contains(body, "sqlite:here") {
		t.Errorf("an administrator of another library sees %s", body)
	}
	if body := string(f.want(200, f.do(dam.Admin, "GET", "/api/system", "")).body); !strings.Contains(body,
		"elsewhere") || !strings.Contains(body, "sqlite:here") {
		t.Errorf("an administrator sees %s", body)
	}
}

// description is what the test reads of the OpenAPI document.
type description struct {
	OpenAPI string
	Paths   map[string]map[string]struct {
		OperationID string
		Summary     string
		Responses   map[string]json.RawMessage
	}
	Components struct{ Schemas map[string]json.RawMessage }
}

// The router knows nothing that the table does not, and the description has it all.
func TestTableIsComplete(t *testing.T) {
	f := start(t, catalogtest.SQLite(t))
	var table []string
	for _, l := range f.api.Lines() {
		table = append(table, l.Method+" "+api.GinPath(l.Path))
	}
	slices.Sort(table)
	mounted := f.api.Mounted()
	slices.Sort(mounted)
	if !slices.Equal(table, mounted) {
		t.Errorf("table and router differ:\n%v\n%v", table, mounted)
	}
	doc := into[description](f, f.want(200, f.do("", "GET", "/api/openapi.json", "")))
	if !strings.HasPrefix(doc.OpenAPI, "3.1") || doc.Components.Schemas["Problem"] == nil ||
		doc.Components.Schemas["Asset"] == nil || doc.Components.Schemas["ErrorModel"] != nil {
		t.Errorf("openapi %s with %d schemas", doc.OpenAPI, len(doc.Components.Schemas))
	}
	seen := map[string]bool{}
	for _, l := range f.api.Lines() {
		if !strings.HasPrefix(l.Path, "/api/") || l.Method == "HEAD" || l.Method == "OPTIONS" {
			continue
		}
		o, ok := doc.Paths[l.Path][strings.ToLower(l.Method)]
		if !ok || o.Summary == "" || seen[o.OperationID] || o.Responses["default"] == nil {
			t.Errorf("%s %s is described badly: %+v", l.Method, l.Path, o)
		}
		seen[o.OperationID] = true
	}
}
