package api_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/catalog/catalogtest"
	"vitrine/dam/people"
)

// person makes a token with a role and returns a function that asks with it.
func (f *fixture) person(role dam.Role) (id string, ask func(method, path, body string, headers ...string) answer) {
	f.Helper()
	t, secret, err := f.people.CreateToken(f.Context(), dam.DefaultLibrary,
		people.NewToken{Name: "somebody", Role: role})
	if err != nil {
		f.Fatal(err)
	}
	return t.ID, func(method, path, body string, headers ...string) answer {
		f.Helper()
		return f.do("", method, path, body, append(headers, "Authorization", "Bearer "+secret)...)
	}
}

// found asks for everything that a query finds, as of now.
func (f *fixture) found(ask func(string, string, string, ...string) answer, query string) (total int, ids string) {
	f.Helper()
	head, err := f.catalog.Log().Head(f.Context())
	if err != nil {
		f.Fatal(err)
	}
	page := into[struct {
		Total int
		Items []dam.Asset
	}](f, f.want(200, ask("GET", fmt.Sprintf("/api/assets?q=%s&wait=%d", url.QueryEscape(query), head), "")))
	for _, a := range page.Items {
		ids += a.ID + " "
	}
	return page.Total, ids
}

// A viewer sees what is approved and within its rights, everywhere, and of a newer version nothing.
func TestViewersSeeWhatIsApproved(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, c *catalog.Catalog) {
		f := start(t, c)
		shown, draft := f.photograph(dam.Editor, 1), f.photograph(dam.Editor, 2)
		f.want(200, f.do(dam.Editor, "PATCH", "/api/assets/"+draft.ID, `{"title": {"en": "Hidden chair"}}`))
		f.want(200, f.do(dam.Editor, "PATCH", "/api/assets/"+shown.ID, `{"title": {"en": "Chair"}, "tags": ["oak"]}`))
		f.want(200, f.do(dam.Publisher, "POST", "/api/assets/"+shown.ID+"/approve", ""))
		next := f.want(201, f.upload(dam.Editor, "/api/assets/"+shown.ID+"/versions", "new.jpg", photo(t, 3), nil)).
			Header.Get("Vitrine-Version")
		id, viewer := f.person(dam.Viewer)

		leaks := func(what string, a answer) {
			t.Helper()
			f.want(200, a)
			if s := string(a.body); strings.Contains(s, draft.ID) || strings.Contains(s, next) ||
				strings.Contains(s, "Hidden") {
				t.Errorf("%s tells of what is not approved: %s", what, s)
			}
			if what != "suggestions" && !strings.Contains(string(a.body), shown.ID) {
				t.Errorf("%s doesn't tell of what is: %s", what, a.body)
			}
		}
		if n, ids := f.found(viewer, ""); n != 1 || ids != shown.ID+" " {
			t.Errorf("found %d: %s", n, ids)
		}
		leaks("the search", viewer("GET", "/api/assets?facets=status,tag,type", ""))
		leaks("suggestions", viewer("GET", "/api/suggest?q=chair", ""))
		leaks("the export", viewer("GET", "/api/assets/export?format=jsonl", ""))
		leaks("the snapshot", viewer("GET", "/api/snapshot", ""))
		leaks("the asset", viewer("GET", "/api/assets/"+shown.ID, ""))
		if a := viewer("GET", "/api/events?limit=1000", ""); strings.Contains(string(f.want(200, a).body), draft.ID) {
			t.Errorf("the log tells of it: %s", a.body)
		}
		if list := into[struct{ Items []dam.Version }](f,
			f.want(200, viewer("GET", "/api/assets/"+shown.ID+"/versions", ""))).Items; len(list) != 1 ||
			list[0].ID != shown.Latest.ID {
			t.Errorf("versions: %+v", list)
		}
		for _, path := range []string{draft.ID, draft.ID + "/versions", draft.ID + "/events",
			draft.ID + "/preview/thumb",
			draft.ID + "/download", shown.ID + "/preview/thumb?version=" + next,
			shown.ID + "/download?version=" + next} {
			f.want(404, viewer("GET", "/api/assets/"+path, ""))
		}
		f.want(200, viewer("GET", "/api/assets/"+shown.ID+"/download", ""))

		// Time alone ends it: nothing is written when the last day is over.
		yesterday := time.Now().UTC().AddDate(0, 0, -1).Format(time.DateOnly)
		f.want(200, f.do(dam.Publisher, "PATCH", "/api/assets/"+shown.ID, `{"rights": {"until": "`+yesterday+`"}}`))
		if n, ids := f.found(viewer, ""); n != 0 {
			t.Errorf("out of its rights: %d %s", n, ids)
		}
		f.want(404, viewer("GET", "/api/assets/"+shown.ID, ""))
		if a := viewer("GET", "/api/events?limit=1000", ""); strings.Contains(string(a.body), shown.ID) {
			t.Errorf("the log still tells of it: %s", a.body)
		}
		// and that can be asked
		why := into[people.Explained](f, f.want(200, f.do(dam.Admin, "GET", "/api/assets/"+shown.ID+"/access?of="+id,
			""))).Permissions[0]
		if why.Permission != dam.MaySee || why.Allowed || why.Reason.ReasonCode != "unapproved_not_shown" ||
			!strings.Contains(why.Text, "past its rights") || why.Remedy == "" {
			t.Errorf("%+v", why)
		}
	})
}

// A role on a collection holds for what is in there, for who has it by a group, too; and nobody gets at more by it.
func TestGrantsOnCollections(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, c *catalog.Catalog) {
		f := start(t, c)
		inside, outside := f.photograph(dam.Editor, 1), f.photograph(dam.Editor, 2)
		open := into[dam.Collection](f,
			f.want(201, f.do(dam.Editor, "POST", "/api/collections", `{"name": "Open"}`))).ID
		f.want(200, f.do(dam.Editor, "PUT", "/api/collections/"+open+"/assets", `{"assets": ["`+inside.ID+`"]}`))
		id, agency := f.person(dam.NoRole)
		f.want(403, agency("GET", "/api/assets", ""))

		group := into[dam.AccessGroup](f, f.want(201, f.do(dam.Admin, "POST", "/api/groups",
			`{"name": "Agency", "members": ["`+id+`"]}`)))
		grant := into[dam.FurtherGrant](f, f.want(201, f.do(dam.Admin, "POST", "/api/grants",
			`{"holder": "`+group.ID+`", "role": "publisher", "collection": "`+open+`"}`)))
		f.want(409, f.do(dam.Admin, "POST", "/api/grants",
			`{"holder": "`+group.ID+`", "role": "publisher", "collection": "`+open+`"}`))

		if n, ids := f.found(agency, ""); n != 1 || ids != inside.ID+" " {
			t.Errorf("found %d: %s", n, ids)
		}
		f.want(200, agency("PATCH", "/api/assets/"+inside.ID, `{"title": {"en": "Theirs"}}`))
		f.want(200, agency("POST", "/api/assets/"+inside.ID+"/approve", ""))
		for _, path := range []string{"", "/events", "/versions"} {
			f.want(404, agency("GET", "/api/assets/"+outside.ID+path, ""))
		}
		f.want(404, agency("POST", "/api/assets/"+outside.ID+"/approve", ""))
		for _, path := range []string{"/api/jobs", "/api/users", "/api/products", "/api/groups"} {
			f.want(403, agency("GET", path, ""))
		}

		// Who sees the whole library gets no further with what they only see: not by putting it where they may more.
		see := into[dam.FurtherGrant](f, f.want(201, f.do(dam.Admin, "POST", "/api/grants",
			`{"holder": "`+id+`", "role": "viewer_all"}`)))
		f.want(200, agency("GET", "/api/assets/"+outside.ID, ""))
		f.want(403, agency("PATCH", "/api/assets/"+outside.ID, `{"title": {"en": "Theirs"}}`))
		f.want(403, agency("POST", "/api/assets/"+outside.ID+"/approve", ""))
		f.want(403, agency("DELETE", "/api/assets/"+outside.ID, ""))
		f.want(403, agency("PUT", "/api/collections/"+open+"/assets", `{"assets": ["`+outside.ID+`"]}`))
		bulk := into[dam.Bulk](f, f.want(202, agency("POST", "/api/assets/bulk", fmt.Sprintf(
			`{"filter": {"q": ""}, "change": {"add_collection": "%s"}}`, open))))
		f.until("the bulk job has ended", func() bool {
			bulk = into[dam.Bulk](f, f.want(200, agency("GET", "/api/bulk/"+bulk.ID, "")))
			return bulk.Ended()
		})
		if a := into[dam.Asset](f, f.do(dam.Admin, "GET", "/api/assets/"+outside.ID, "")); len(a.Collections) > 0 {
			t.Errorf("a bulk job has put it there: %+v", bulk)
		}

		// What holds grants is not removed unasked; a grant that ends ends at once.
		if p := f.want(409, f.do(dam.Admin, "DELETE", "/api/groups/"+group.ID, "")).problem(); p.Detail == "" {
			t.Error("no reason")
		}
		f.want(204, f.do(dam.Admin, "DELETE", "/api/grants/"+see.ID, ""))
		f.want(404, agency("GET", "/api/assets/"+outside.ID, ""))
		f.want(204, f.do(dam.Admin, "DELETE", "/api/grants/"+grant.ID, ""))
		f.want(403, agency("GET", "/api/assets/"+inside.ID, ""))
		f.want(412, f.do(dam.Admin, "PATCH", "/api/groups/"+group.ID, `{"members": []}`, "If-Match", `"9"`))
		f.want(200, f.do(dam.Admin, "PATCH", "/api/groups/"+group.ID, `{"members": []}`))
		f.want(204, f.do(dam.Admin, "DELETE", "/api/groups/"+group.ID, ""))
	})
}

// Roles of the library: made, changed for all who have them, kept while somebody does. Nobody gives what they don't
// have.
func TestRolesOfTheLibrary(t *testing.T) {
	f := start(t, catalogtest.SQLite(t))
	admin := func(method, path, body string, headers ...string) answer {
		return f.do(dam.Admin, method, path, body, headers...)
	}
	for body, status := range map[string]int{`{"name": "Big Boss", "permissions": []}`: 422,
		`{"name": "admin", "permissions": []}`: 409, `{"name": "none", "permissions": []}`: 409,
		`{"name": "pilot", "permissions": ["fly"]}`: 422} {
		f.want(status, admin("POST", "/api/roles", body))
	}
	f.want(201, admin("POST", "/api/roles",
		`{"name": "hr", "title": "Human resources", "permissions": ["see", "manage_people", "upload"]}`))
	f.want(409, admin("POST", "/api/roles", `{"name": "hr", "permissions": []}`))
	for _, method := range []string{"PATCH", "DELETE"} {
		f.want(403, admin(method, "/api/roles/admin", `{}`))
	}
	id, hr := f.person("hr")
	f.want(200, hr("GET", "/api/users", ""))
	f.want(403, hr("GET", "/api/webhooks", ""))

	// What they may not do themselves they give to nobody, take from nobody, and get at through nobody.
	bob := into[struct{ User dam.User }](f, f.want(201, hr("POST", "/api/users",
		`{"email": "bob@example.com", "name": "Bob", "role": "hr", "password": "a long enough one"}`))).User
	root := f.users[dam.Admin].ID
	for _, x := range []struct{ method, path, body string }{
		{"POST", "/api/users", `{"email": "eve@example.com", "name": "Eve", "role": "admin"}`},
		{"POST", "/api/tokens", `{"name": "eve", "role": "publisher"}`},
		{"PATCH", "/api/users/" + bob.ID, `{"role": "admin"}`},
		{"PATCH", "/api/users/" + root, `{"role": "viewer"}`},
		{"PATCH", "/api/users/" + root, `{"disabled": true}`},
		{"POST", "/api/users/" + root + "/password", `{"password": "a long enough one"}`},
		{"POST", "/api/roles", `{"name": "boss", "permissions": ["see", "manage_system"]}`},
		{"PATCH", "/api/roles/hr", `{"permissions": ["see", "manage_people", "manage_system"]}`},
		{"POST", "/api/grants", `{"holder": "` + id + `", "role": "admin"}`},
	} {
		f.want(403, hr(x.method, x.path, x.body))
	}
	group := into[dam.AccessGroup](f, f.want(201, admin("POST", "/api/groups", `{"name": "Bosses"}`))).ID
	f.want(201, admin("POST", "/api/grants", `{"holder": "`+group+`", "role": "admin"}`))
	f.want(403, hr("PATCH", "/api/groups/"+group, `{"members": ["`+id+`"]}`))
	for _, body := range []string{`{"holder": "u_none", "role": "viewer"}`, `{"holder": "` + id + `", "role": "none"}`,
		`{"holder": "` + id + `", "role": "viewer", "collection": "c_none"}`} {
		f.want(422, admin("POST", "/api/grants", body))
	}

	// A change counts for everybody who has the role, from the next request on.
	f.want(412, admin("PATCH", "/api/roles/hr", `{"title": "HR"}`, "If-Match", `"9"`))
	f.want(200, admin("PATCH", "/api/roles/hr", `{"permissions": ["see"]}`, "If-Match", `"1"`))
	f.want(403, hr("GET", "/api/users", ""))
	if p := f.want(409, admin("DELETE", "/api/roles/hr", "")).problem(); !strings.Contains(p.Detail, "Bob") ||
		!strings.Contains(p.Detail, "somebody") {
		t.Errorf("it doesn't say who has it: %+v", p)
	}
	f.want(200, admin("PATCH", "/api/users/"+bob.ID, `{"role": "none"}`))
	f.want(204, admin("DELETE", "/api/tokens/"+id, ""))
	f.want(204, admin("DELETE", "/api/roles/hr", ""))
	f.want(404, admin("DELETE", "/api/roles/hr", ""))
}

// Nobody gives a role that sees or edits fields which they don't, nor gets at these through somebody who has it.
func TestRolesOfFieldsAreNotGiven(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, c *catalog.Catalog) {
		f := start(t, c)
		admin := func(path, body string) answer { return f.want(201, f.do(dam.Admin, "POST", path, body)) }
		admin("/api/roles", `{"name": "hr", "permissions": ["see", "manage_people"]}`)
		admin("/api/roles", `{"name": "buyer", "permissions": ["see"]}`)
		f.want(200, f.do(dam.Admin, "PUT", "/api/fields", `{"items": [
			{"key": "price", "type": "number", "seen_by": ["buyer"]},
			{"key": "legal", "type": "text", "edited_by": ["viewer"]}]}`))
		id, hr := f.person("hr")
		bob := into[struct{ User dam.User }](f, admin("/api/users",
			`{"email": "bob@example.com", "name": "Bob", "role": "buyer", "password": "a long enough one"}`)).User
		group := into[dam.AccessGroup](f, admin("/api/groups", `{"name": "Buyers"}`)).ID
		grant := into[dam.FurtherGrant](f, admin("/api/grants", `{"holder": "`+group+`", "role": "buyer"}`)).ID
		for _, x := range []struct{ method, path, body string }{
			{"POST", "/api/grants", `{"holder": "` + id + `", "role": "buyer"}`},
			{"POST", "/api/grants", `{"holder": "` + id + `", "role": "viewer"}`},
			{"POST", "/api/users", `{"email": "eve@example.com", "name": "Eve", "role": "buyer"}`},
			{"POST", "/api/tokens", `{"name": "eve", "role": "buyer"}`},
			{"PATCH", "/api/groups/" + group, `{"members": ["` + id + `"]}`},
			{"DELETE", "/api/grants/" + grant, ""},
			{"PATCH", "/api/users/" + bob.ID, `{"role": "hr"}`},
			{"POST", "/api/users/" + bob.ID + "/password", `{"password": "another long one"}`},
		} {
			f.want(403, hr(x.method, x.path, x.body))
		}
		f.want(201, hr("POST", "/api/users", `{"email": "eve@example.com", "name": "Eve", "role": "hr"}`))
		// Who has it gives it.
		admin("/api/grants", `{"holder": "`+id+`", "role": "buyer"}`)
		f.want(201, hr("POST", "/api/tokens", `{"name": "eve", "role": "buyer"}`))
		f.want(200, hr("PATCH", "/api/groups/"+group, `{"members": ["`+bob.ID+`"]}`))
	})
}

// What another library has is not there: its roles, groups, grants and people.
func TestRolesOfAnotherLibrary(t *testing.T) {
	f := start(t, catalogtest.SQLite(t))
	owner := branch(t, f)
	other := func(method, path, body string) answer {
		return f.do("", method, path, body, "Cookie", owner, "Vitrine-Library", "branch", "Sec-Fetch-Site",
			"same-origin")
	}
	id, _ := f.person(dam.Viewer)
	group := into[dam.AccessGroup](f, f.want(201, f.do(dam.Admin, "POST", "/api/groups", `{"name": "Ours"}`))).ID
	grant := into[dam.FurtherGrant](f, f.want(201, f.do(dam.Admin, "POST", "/api/grants",
		`{"holder": "`+group+`", "role": "viewer"}`))).ID
	open := into[dam.Collection](f, f.want(201, f.do(dam.Editor, "POST", "/api/collections", `{"name": "Open"}`))).ID
	for _, path := range []string{"/api/groups", "/api/grants"} {
		if s := string(f.want(200, other("GET", path, "")).body); strings.Contains(s, "g_") ||
			strings.Contains(s, "gr_") {
			t.Errorf("%s: %s", path, s)
		}
	}
	if s := string(f.want(200, other("GET", "/api/roles", "")).body); strings.Contains(s, "viewer_all") {
		t.Errorf("roles: %s", s)
	}
	f.want(404, other("PATCH", "/api/groups/"+group, `{"name": "Mine"}`))
	f.want(404, other("DELETE", "/api/groups/"+group, ""))
	f.want(404, other("DELETE", "/api/grants/"+grant, ""))
	f.want(404, other("PATCH", "/api/roles/viewer_all", `{"title": "Mine"}`))
	f.want(404, other("DELETE", "/api/roles/viewer_all", ""))
	f.want(422, other("POST", "/api/groups", `{"name": "Theirs", "members": ["`+id+`"]}`))
	f.want(422, other("POST", "/api/grants", `{"holder": "`+id+`", "role": "viewer"}`))
	f.want(422, other("POST", "/api/grants", `{"holder": "`+group+`", "role": "viewer"}`))
	f.want(422, other("POST", "/api/users", `{"email": "x@example.com", "name": "X", "role": "viewer_all"}`))
	mine := into[dam.AccessGroup](f, f.want(201, other("POST", "/api/groups", `{"name": "Mine"}`))).ID
	f.want(422, other("POST", "/api/grants", `{"holder": "`+mine+`", "role": "viewer", "collection": "`+open+`"}`))
	a := f.photograph(dam.Editor, 1)
	f.want(404, other("GET", "/api/assets/"+a.ID+"/access?of="+id, ""))
}
