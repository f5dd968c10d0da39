package api_test

import (
	"cmp"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/catalog/catalogtest"
)

// Fields that publishers see and edit: what they are called and what they hold is in no answer to anybody else.
const someSee = `{"items": [
	{"key": "season", "type": "text"},
	{"key": "quuxprice", "type": "number", "seen_by": ["publisher"]},
	{"key": "quuxsource", "type": "text", "multi": true, "seen_by": ["publisher"]},
	{"key": "quuxstory", "type": "long_text", "seen_by": ["publisher"], "required": "save"},
	{"key": "legal", "type": "text", "edited_by": ["publisher"], "required": "save"},
	{"key": "quuxshape", "type": "choice", "choices": ["zyxwround"], "seen_by": ["editor"],
		"edited_by": ["publisher"]}]}`

// fieldLibrary has an asset with values that not everybody sees, and a job and a history that speak of them.
func fieldLibrary(t *testing.T, c *catalog.Catalog) (f *fixture, a dam.Asset, job string) {
	f = start(t, c)
	a = f.photograph(dam.Editor, 1)
	f.want(200, f.do(dam.Admin, "PUT", "/api/fields", strings.Replace(someSee, `"seen_by": ["editor"]`,
		`"seen_by": ["publisher"]`, 1)))
	set := `{"quuxprice": 4711.25, "quuxsource": ["zyxwvendor"], "quuxstory": "zyxwvtale", "legal": "cleared",
		"season": "spring", "quuxshape": "zyxwround"}`
	f.want(200, f.do(dam.Publisher, "PATCH", "/api/assets/"+a.ID, `{"custom": `+set+`}`))
	f.want(200, f.do(dam.Publisher, "PATCH", "/api/assets/"+a.ID, `{"custom": {"quuxsource": ["zyxwvother"]}}`))
	b := into[dam.Bulk](f, f.want(202, f.do(dam.Publisher, "POST", "/api/assets/bulk",
		`{"filter": {"assets": ["`+a.ID+`"]}, "change": {"set": {"custom":
			{"quuxprice": 4711.5, "season": "summer"}}}}`)))
	bad := into[dam.Bulk](f, f.want(202, f.do(dam.Publisher, "POST", "/api/assets/bulk",
		`{"filter": {"assets": ["`+a.ID+`"]}, "change": {"set": {"custom": {"quuxshape": "zyxwbad"}}}}`)))
	for _, id := range []string{b.ID, bad.ID} {
		f.until("the job ends", func() bool {
			return into[dam.Bulk](f, f.want(200, f.do(dam.Publisher, "GET", "/api/bulk/"+id, ""))).State == dam.BulkDone
		})
	}
	return f, a, bad.ID
}

// No route tells anybody of fields that they don't see: neither what they are called nor what they hold.
func TestHiddenFieldsOnEveryRoute(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, c *catalog.Catalog) {
		f, a, job := fieldLibrary(t, c)
		head, err := c.Log().Head(catalogtest.Context(t))
		if err != nil {
			t.Fatal(err)
		}
		asked, seen := 0, 0
		for _, line := range f.api.Lines() {
			if line.Public || line.Method == http.MethodDelete || strings.HasSuffix(line.Path, "/stream") ||
				line.Path == "/api/suggest" { // which repeats what is typed
				continue
			}
			id := a.ID
			if strings.HasPrefix(line.Path, "/api/bulk") {
				id = job
			}
			path := strings.NewReplacer("{id}", id, "{version}", a.Latest.ID, "{preset}", "thumb", "{name}", "legal").
				Replace(line.Path)
			if line.Method == "GET" && line.Path == "/api/assets" {
				path += fmt.Sprintf("?q=season:summer&facets=season&wait=%d", head)
			}
			for _, role := range []dam.Role{dam.Viewer, dam.Editor} {
				got := f.do(role, line.Method, path, "")
				for _, secret := range []string{"quuxprice", "quuxs", "zyxw", "4711."} {
					if strings.Contains(string(got.body), secret) {
						t.Errorf("%s %s as %s says %q: %.2000s", line.Method, path, role, secret, got.body)
					}
				}
				asked++
			}
			if line.Method == "GET" && strings.Contains(string(f.do(dam.Publisher, "GET", path, "").body), "zyxw") {
				seen++
			}
		}
		if asked < 250 || seen < 6 {
			t.Errorf("%d questions; a publisher sees values in %d answers", asked, seen)
		}
	})
}

// A search answers as if a field were not there to who doesn't see it, and its words are found by nobody who doesn't
// name it.
func TestHiddenFieldsInSearch(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, c *catalog.Catalog) {
		f, a, _ := fieldLibrary(t, c)
		if got := f.find("season:summer", ""); got.Total != 1 {
			t.Fatalf("%+v", got)
		}
		ask := func(role dam.Role, query string) answer { return f.do(role, "GET", "/api/assets?"+query, "") }
		for _, query := range []string{"q=quuxprice:4711.5", "q=quuxprice:>1", "q=has:quuxsource",
			"q=missing:quuxsource", "q=quuxsource:zyxwvother", "q=-quuxshape:zyxwround", "sort=quuxprice",
			"facets=quuxshape", "facets=quuxprice"} {
			missing := strings.NewReplacer("quuxprice", "nonsense", "quuxsource", "nonsense", "quuxshape", "nonsense").
				Replace(query)
			got, want := ask(dam.Editor, query), ask(dam.Editor, missing)
			if got.StatusCode != 422 || want.StatusCode != 422 || got.problem().Code != want.problem().Code ||
				got.problem().ReasonCode != want.problem().ReasonCode {
				t.Errorf("%s: %d %s, for none %d %s", query, got.StatusCode, got.body, want.StatusCode, want.body)
			}
			if got := into[page](f, f.want(200, ask(dam.Publisher, query))); got.Total != 1 &&
				!strings.Contains(query, "-quux") && !strings.Contains(query, "missing") {
				t.Errorf("%s as a publisher: %+v", query, got)
			}
		}
		words := func(want int) {
			t.Helper()
			for _, q := range []string{"zyxwvother", "zyxwvtale", "zyxwround"} {
				for _, role := range []dam.Role{dam.Viewer, dam.Publisher} {
					f.find("season:summer", "")
					if got := into[page](f, f.want(200, ask(role, "q="+q))); got.Total != want {
						t.Errorf("%s as %s finds %d, want %d", q, role, got.Total, want)
					}
				}
			}
		}
		words(0)
		// Whom it is opened to finds its words at once, and no longer once it is closed again.
		f.want(200, f.do(dam.Admin, "PUT", "/api/fields", strings.ReplaceAll(someSee, `"seen_by"`, `"edited_by"`)))
		words(1)
		f.want(200, f.do(dam.Admin, "PUT", "/api/fields", someSee))
		for _, q := range []string{"zyxwvother", "zyxwvtale"} {
			f.find("season:summer", "")
			if got := into[page](f, f.want(200, ask(dam.Viewer, "q="+q))); got.Total != 0 {
				t.Errorf("%s finds %d after it is closed", q, got.Total)
			}
		}
		got := into[dam.Asset](f, f.want(200, f.do(dam.Editor, "GET", "/api/assets/"+a.ID, "")))
		if len(got.Custom) != 3 || got.Custom["quuxshape"] != "zyxwround" {
			t.Errorf("an editor sees %v", got.Custom)
		}
	})
}

// Who doesn't edit a field changes it in no way, loses nothing by that, and is not asked for what others fill in.
func TestFieldsOfOthers(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, c *catalog.Catalog) {
		f, a, _ := fieldLibrary(t, c)
		patch := func(role dam.Role, body string) answer { return f.do(role, "PATCH", "/api/assets/"+a.ID, body) }
		for body, want := range map[string]int{
			`{"custom": {"quuxprice": 1}}`: 422, `{"custom": {"quuxprice": null}}`: 422,
			`{"custom": {"quuxshape": "x"}}`: 422,
			`{"custom": {"legal": "mine"}}`:  403, `{"custom": {"legal": null}}`: 403, `{"custom": {"legal": ""}}`: 403,
			`{"custom": {"legal": "cleared", "season": "autumn"}}`: 200, `{"custom": {"season": "winter"}}`: 200,
			`{"custom": null}`: 200, `{"custom": {}}`: 200, `{"rating": 3}`: 200,
		} {
			got := patch(dam.Editor, body)
			if got.StatusCode != want {
				t.Errorf("%s: %d %s", body, got.StatusCode, got.body)
			}
			if strings.Contains(string(got.body), "zyxw") {
				t.Errorf("%s says %s", body, got.body)
			}
		}
		f.want(200, patch(dam.Editor, `{"custom": null}`))
		whole := into[dam.Asset](f, f.want(200, f.do(dam.Publisher, "GET", "/api/assets/"+a.ID, "")))
		if len(whole.Custom) != 5 || whole.Custom["quuxstory"] != "zyxwvtale" || whole.Custom["legal"] != "cleared" ||
			whole.Custom["quuxprice"] != 4711.5 {
			t.Errorf("after edits of others: %v", whole.Custom)
		}
		// What they can't fill in doesn't keep them from saving.
		b := f.photograph(dam.Editor, 2)
		f.want(200, f.do(dam.Editor, "PATCH", "/api/assets/"+b.ID, `{"rating": 2}`))
		f.want(422, f.do(dam.Publisher, "PATCH", "/api/assets/"+b.ID, `{"rating": 4}`))
		if p := f.want(422, f.do(dam.Editor, "POST", "/api/assets/"+b.ID+"/submit", `{}`)).problem(); !strings.Contains(
			p.Errors[0].Location, "legal") || strings.Contains(p.Detail, "quux") {
			t.Errorf("submitted: %+v", p)
		}
		// A table with columns that are hidden is refused as one with columns that are not there; a job fails alike.
		sheet := func(role dam.Role, table string) answer {
			return f.do(role, "POST", "/api/assets/import?format=csv&dry_run=true", table, "Content-Type", "text/csv")
		}
		f.want(422, sheet(dam.Editor, "id,custom.quuxprice\n"+a.ID+",1\n"))
		f.want(202, sheet(dam.Publisher, "id,custom.quuxprice\n"+a.ID+",1\n"))
		csv := string(f.want(200, f.do(dam.Editor, "GET", "/api/assets/export?format=csv", "")).body)
		if strings.Contains(csv, "quux") || !strings.Contains(csv, "custom.legal") {
			t.Errorf("exported: %s", csv)
		}
		f.want(422, f.do(dam.Editor, "GET", "/api/assets/export?format=csv&fields=id,custom.quuxprice", ""))
		// Fields say who edits them, and name roles that there are.
		fields := into[struct {
			Items []struct {
				Key      string
				ReadOnly bool `json:"read_only"`
			}
		}](f, f.want(200, f.do(dam.Editor, "GET", "/api/fields", "")))
		if len(fields.Items) != 2 || fields.Items[0].ReadOnly || !fields.Items[1].ReadOnly {
			t.Errorf("fields of an editor: %+v", fields)
		}
		if p := f.want(422, f.do(dam.Admin, "PUT", "/api/fields",
			`{"items": [{"key": "x", "type": "text", "seen_by": ["nobody"]}]}`)).problem(); p.Errors[0].Location !=
			"items[0].seen_by[0]" {
			t.Errorf("%+v", p)
		}
		f.want(201, f.do(dam.Admin, "POST", "/api/roles", `{"name": "buyer", "title": "Buyer",
			"permissions": ["see"]}`))
		f.want(200, f.do(dam.Admin, "PATCH", "/api/fields/legal", `{"edited_by": ["buyer"]}`))
		f.want(409, f.do(dam.Admin, "DELETE", "/api/roles/buyer", ""))
		f.want(403, patch(dam.Publisher, `{"custom": {"legal": "mine"}}`))
		f.want(200, patch(dam.Admin, `{"custom": {"legal": "ours"}}`))
	})
}

// What is answered with another asset hides its values, too, also where a transaction has read it whole.
func TestHiddenFieldsOfOtherAssets(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, c *catalog.Catalog) {
		f, a, _ := fieldLibrary(t, c)
		b := f.photograph(dam.Editor, 2)
		ask := func(status int, method, path, body string) answer {
			got := f.want(status, f.do(dam.Editor, method, path, body))
			if strings.Contains(string(got.body), "quux") || !strings.Contains(string(got.body), "cleared") {
				t.Errorf("%s %s %s says %s", method, path, body, got.body)
			}
			return got
		}
		path := "/api/assets/" + b.ID + "/relations"
		ask(201, "POST", path, `{"kind": "derived_from", "to": "`+a.ID+`", "dry_run": true}`)
		made := into[dam.Related](f, ask(201, "POST", path, `{"kind": "derived_from", "to": "`+a.ID+`"}`))
		ask(201, "POST", path, `{"kind": "derived_from", "to": "`+a.ID+`"}`)
		ask(200, "POST", path+"/"+made.ID+"/confirm", `{}`)

		f.want(200, f.do(dam.Publisher, "PATCH", "/api/assets/"+a.ID,
			`{"zones": [{"kind": "logo", "x": 0, "y": 0, "w": 1, "h": 1}]}`))
		f.want(200, f.do(dam.Publisher, "POST", "/api/assets/"+a.ID+"/approve", ""))
		if err := c.Write(f.Context(), func(tx *catalog.Tx) error { // as an upgrade leaves them
			v, err := tx.Versions().Version(f.Context(), a.Latest.ID)
			v.CropExempt = true
			return cmp.Or(err, tx.Versions().UpdateVersion(f.Context(), v))
		}); err != nil {
			t.Fatal(err)
		}
		ask(200, "GET", "/api/renditions/cuts", "")
	})
}

// A smart collection on a hidden field tells nothing of it, is not kept by who doesn't see the field, and doesn't keep
// them from searching what is beside it.
func TestHiddenFieldsInSmartCollections(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, c *catalog.Catalog) {
		f, _, _ := fieldLibrary(t, c)
		b := f.photograph(dam.Editor, 2)
		add := func(body string) string {
			return into[dam.Collection](f, f.want(201, f.do(dam.Admin, "POST", "/api/collections", body))).ID
		}
		top := add(`{"name": "Marketing"}`)
		add(`{"name": "Hand", "parent": "` + top + `", "assets": ["` + b.ID + `"]}`)
		costly := "/api/collections/" + add(`{"name": "Costly", "parent": "`+top+`", "query": "quuxprice:>1000"}`)
		editor := func(method, path, body string) answer {
			got := f.do(dam.Editor, method, path, body)
			if strings.Contains(string(got.body), "quux") {
				t.Errorf("%s %s says %s", method, path, got.body)
			}
			return got
		}
		f.find("season:summer", "")
		if got := into[page](f, f.want(200, f.do(dam.Publisher, "GET", "/api/assets?q=collection:Marketing/*",
			""))); got.Total != 2 {
			t.Errorf("a publisher finds %+v", got)
		}
		below := func(role dam.Role) int {
			n := into[dam.Collection](f, f.want(200, f.do(role, "GET", "/api/collections/"+top, ""))).Below
			if n == nil {
				return -1
			}
			return *n
		}
		if e, p := below(dam.Editor), below(dam.Publisher); e != 1 || p != 2 {
			t.Errorf("an editor counts %d below, a publisher %d", e, p)
		}
		got := into[page](f, f.want(200, editor("GET", "/api/assets?q=collection:Marketing/*", "")))
		if got.Total != 1 || got.Items[0].ID != b.ID {
			t.Errorf("an editor finds %+v", got)
		}
		f.want(422, editor("GET", "/api/assets?q=collection:Costly", ""))
		f.want(200, editor("GET", "/api/collections", ""))
		f.want(200, editor("GET", costly, ""))
		for _, body := range []string{`{"frozen": true}`, `{"query": ""}`} {
			f.want(422, editor("PATCH", costly, body))
		}
		// What others have kept is open.
		f.want(200, f.do(dam.Publisher, "PATCH", costly, `{"frozen": true}`))
		f.want(200, editor("GET", costly, ""))
		f.want(200, editor("GET", "/api/assets?q=collection:Costly", ""))
		f.want(200, f.do(dam.Publisher, "PATCH", costly, `{"frozen": false}`))
		f.want(204, f.do(dam.Admin, "DELETE", costly, ""))
		f.want(200, editor("GET", "/api/collections/bin", ""))
	})
}

// A job over a query on a hidden field says neither the query nor what it found.
func TestHiddenFieldsInFilters(t *testing.T) {
	f, _, _ := fieldLibrary(t, catalogtest.SQLite(t))
	f.find("season:summer", "")
	job := into[dam.Bulk](f, f.want(202, f.do(dam.Publisher, "POST", "/api/assets/bulk",
		`{"filter": {"q": "QuuxPrice:>1000"}, "change": {"set": {"rating": 4}}}`)))
	get := func(role dam.Role) dam.Bulk {
		return into[dam.Bulk](f, f.want(200, f.do(role, "GET", "/api/bulk/"+job.ID, "")))
	}
	f.until("the job ends", func() bool { return get(dam.Publisher).State == dam.BulkDone })
	if b := get(dam.Publisher); b.Total != 1 || b.Filter.Q == "" {
		t.Errorf("its author sees %+v", b)
	}
	if b := get(dam.Editor); b.Total != 0 || b.Done != 0 || b.Filter.Q != "" {
		t.Errorf("an editor sees %+v", b)
	}
}

// A new field takes no name that queries have a meaning for, also where an old one of that name is meant instead.
func TestNamesOfProductFieldsAreTaken(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, c *catalog.Catalog) {
		f := start(t, c)
		put := func(status int, items string) {
			t.Helper()
			f.want(status, f.do(dam.Admin, "PUT", "/api/fields", `{"items": [`+items+`]}`))
		}
		const brand, season = `{"key": "brand", "type": "text"}`, `{"key": "season", "type": "text"}`
		put(422, brand)
		if err := c.Write(f.Context(), func(tx *catalog.Tx) error {
			return tx.Libraries().SetCustomFields(f.Context(), dam.DefaultLibrary,
				[]dam.CustomField{{Key: "brand", Type: dam.FieldText}})
		}); err != nil {
			t.Fatal(err)
		}
		put(200, brand+","+season)
		put(200, season)
		put(422, brand+","+season)
	})
}
