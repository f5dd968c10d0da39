package api_test

import (
	"fmt"
	"strings"
	"testing"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/catalog/catalogtest"
)

const everyType = `{"items": [
	{"key": "story", "type": "long_text", "help": {"en": "Two lines"}, "group": {"en": "Text"}},
	{"key": "slogan", "type": "localized_text"},
	{"key": "length", "type": "number", "unit": "cm", "default": 12.5},
	{"key": "shot_at", "type": "date_time"},
	{"key": "model", "type": "person", "multi": true},
	{"key": "cover_of", "type": "asset"},
	{"key": "shows", "type": "product"},
	{"key": "source", "type": "url", "pattern": "https://.*"},
	{"key": "job", "type": "text", "pattern": "[A-Z]{3}-\\d+"},
	{"key": "dub", "type": "text", "kinds": ["video"]}]}`

// Every type of a library's own fields is checked at one place, kept in one form, found and exported.
func TestFieldTypes(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, c *catalog.Catalog) {
		f := start(t, c)
		f.want(200, f.do(dam.Admin, "PUT", "/api/fields", everyType))
		a, b := f.photograph(dam.Editor, 1), f.photograph(dam.Editor, 2)
		if a.Custom["length"] != 12.5 {
			t.Errorf("the default of a new asset: %v", a.Custom)
		}
		f.want(201, f.do(dam.Editor, "POST", "/api/products", `{"sku": "DRS-1", "names": {"en": "Dress"}}`))
		patch := func(body string) answer { return f.do(dam.Editor, "PATCH", "/api/assets/"+a.ID, body) }
		set := into[dam.Asset](f, f.want(200, patch(`{"custom": {"story": "One\nTwo", "shot_at": "2026-03-01T10:00:00+02:00",
			"slogan": {"fr-fr": "Chaise bleue", "en": "Blue chair"}, "cover_of": "`+b.ID+`", "shows": "drs-1",
			"source": "https://example.com/x", "job": "ABC-12", "model": ["`+f.users[dam.Editor].Email+`"]}}`)))
		for key, want := range map[string]string{"shot_at": "2026-03-01T08:00:00Z", "shows": "DRS-1", "cover_of": b.ID,
			"model":  "[" + f.users[dam.Editor].ID + "]",
			"slogan": "map[en:Blue chair fr-FR:Chaise bleue]", "story": "One\nTwo"} {
			if got := fmt.Sprint(set.Custom[key]); got != want {
				t.Errorf("%s is kept as %q, want %q", key, got, want)
			}
		}
		set = into[dam.Asset](f, f.want(200, patch(`{"custom": {"slogan": {"fr-FR": null, "de": "Blauer Stuhl"}}}`)))
		if got := fmt.Sprint(set.Custom["slogan"]); got != "map[de:Blauer Stuhl en:Blue chair]" {
			t.Errorf("a merged text: %s", got)
		}
		for _, q := range []string{"stuhl", "has:story", "length:12.5", "shot_at:2026-03-01", "cover_of:" + b.ID,
			"shows:DRS-1", "source:example.com", "job:ABC-12", "two",
			"model:" + f.users[dam.Editor].Email} {
			if got := f.find(q+" id:"+a.ID, "facets=job,shot_at:year"); got.Total != 1 {
				t.Errorf("%s finds %d", q, got.Total)
			}
		}
		for body, at := range map[string]string{
			`{"shot_at": "2026-03-01"}`: "custom.shot_at", `{"slogan": {"en": 1}}`: "custom.slogan",
			`{"model": ["u_nobody"]}`: "custom.model", `{"cover_of": "a_nothing"}`: "custom.cover_of",
			`{"shows": "none"}`: "custom.shows", `{"source": "javascript:alert(1)"}`: "custom.source",
			`{"source": "http://example.com"}`: "custom.source", `{"job": "abc-1"}`: "custom.job",
			`{"job": "ABC-1 "}`: "", `{"dub": "Anna"}`: "custom.dub",
			`{"slogan": {"en": "` + strings.Repeat("x", 10_001) + `"}}`: "custom.slogan.en",
		} {
			got := patch(`{"custom": ` + body + `}`)
			if at == "" {
				f.want(200, got)
			} else if p := f.want(422, got).problem(); p.Errors[0].Location != at || p.Remedy == "" {
				t.Errorf("%.60s: %+v", body, p)
			}
		}
		csv := string(f.want(200, f.do(dam.Viewer, "GET",
			"/api/assets/export?format=csv&fields=id,custom.slogan,custom.shows", "")).body)
		if !strings.Contains(csv, "custom.slogan.de") || !strings.Contains(csv, "Blauer Stuhl") {
			t.Errorf("exported: %s", csv)
		}
	})
}

// What is required is asked for when an asset is saved, submitted and approved, and not before.
func TestRequiredFields(t *testing.T) {
	f := start(t, catalogtest.SQLite(t))
	a := f.photograph(dam.Editor, 1)
	f.want(200, f.do(dam.Admin, "PUT", "/api/fields", `{"items": [
			{"key": "one", "type": "text", "required": "save"}, {"key": "two", "type": "text", "required": "save"},
			{"key": "three", "type": "text", "required": "submit"}, {"key": "four", "type": "text", "required": "publish"},
			{"key": "five", "type": "text", "required": "save", "kinds": ["video"]}]}`))
	patch := func(body string) answer { return f.do(dam.Editor, "PATCH", "/api/assets/"+a.ID, body) }
	refused := func(got answer, at string) {
		t.Helper()
		if p := f.want(422, got).problem(); len(p.Errors) != 1 || p.Errors[0].Location != at {
			t.Errorf("refused with %+v, want %s", p, at)
		}
	}
	refused(patch(`{"title": {"en": "Chair"}}`), "custom.one")
	f.want(200, patch(`{"custom": {"two": "x"}}`)) // one of two: a form saves field by field
	refused(patch(`{"rating": 3}`), "custom.one")
	f.want(200, patch(`{"custom": {"one": "x"}}`))
	f.want(200, patch(`{"rating": 3}`))
	refused(patch(`{"custom": {"one": ""}}`), "custom.one")
	decide := func(role dam.Role, action string) answer {
		return f.do(role, "POST", "/api/assets/"+a.ID+"/"+action, `{}`)
	}
	refused(decide(dam.Editor, "submit"), "custom.three")
	refused(decide(dam.Publisher, "approve"), "custom.three")
	f.want(200, patch(`{"custom": {"three": "x"}}`))
	f.want(200, decide(dam.Editor, "submit"))
	refused(decide(dam.Publisher, "approve"), "custom.four")
	f.want(200, patch(`{"custom": {"four": "x"}}`))
	f.want(200, decide(dam.Publisher, "approve"))
}

// Definitions that would cost too much, or mean nothing, are refused with the member that is wrong.
func TestFieldDefinitionsAreRefused(t *testing.T) {
	f := start(t, catalogtest.SQLite(t))
	many := strings.TrimSuffix(strings.Repeat(`{"key": "x", "type": "text"},`, 10_000), ",")
	long := strings.Repeat("l", 10_240)
	for items, at := range map[string]string{
		`{"key": "x", "type": "text", "pattern": "(a+"}`:                                      "items[0].pattern",
		`{"key": "x", "type": "text", "pattern": "(((a{9}){9}){9}){9}"}`:                      "items[0].pattern",
		`{"key": "x", "type": "text", "pattern": "` + strings.Repeat("[a-z]{900}", 40) + `"}`: "items[0].pattern",
		`{"key": "x", "type": "text", "pattern": "` + strings.Repeat("a", 501) + `"}`:         "items[0].pattern",
		`{"key": "x", "type": "number", "pattern": "1"}`:                                      "items[0].pattern",
		`{"key": "x", "type": "text", "unit": "cm"}`:                                          "items[0].unit",
		`{"key": "x", "type": "text", "required": "often"}`:                                   "items[0].required",
		`{"key": "x", "type": "text", "kinds": ["hologram"]}`:                                 "items[0].kinds[0]",
		`{"key": "x", "type": "number", "default": "many"}`:                                   "items[0].default",
		`{"key": "x", "type": "asset", "default": "a_1"}`:                                     "items[0].default",
		`{"key": "x", "type": "long_text", "multi": true}`:                                    "items[0].multi",
		`{"key": "x", "type": "text", "label": {"en": "` + long + `"}}`:                       "items[0].label.en",
		many: "items",
	} {
		p := f.want(422, f.do(dam.Admin, "PUT", "/api/fields", `{"items": [`+items+`]}`)).problem()
		if len(p.Errors) == 0 || strings.TrimPrefix(p.Errors[0].Location, "body.") != at {
			t.Errorf("%.80s: %+v, want %s", items, p.Errors, at)
		}
	}
}

// A change of a field counts first what it breaks, with examples, and leaves the values with their assets.
func TestFieldImpact(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, c *catalog.Catalog) {
		f := start(t, c)
		f.want(200, f.do(dam.Admin, "PUT", "/api/fields", `{"items": [
			{"key": "season", "type": "choice", "choices": ["summer", "winter"]}, {"key": "job", "type": "text"}]}`))
		a, b := f.photograph(dam.Editor, 1), f.photograph(dam.Editor, 2)
		f.photograph(dam.Editor, 3)
		f.want(200, f.do(dam.Editor, "PATCH", "/api/assets/"+a.ID, `{"custom": {"season": "summer", "job": "ABC"}}`))
		f.want(200, f.do(dam.Editor, "PATCH", "/api/assets/"+b.ID, `{"custom": {"season": "winter"}}`))
		count := func(method, path, body string) dam.FieldImpact {
			t.Helper()
			return into[dam.FieldImpact](f, f.want(200, f.do(dam.Admin, method, "/api/fields/"+path, body)))
		}
		got := count("PATCH", "season?dry_run=true", `{"choices": ["winter", "spring"]}`)
		if got.Values != 2 || got.Invalid != 1 || got.Missing != 0 || !got.Complete || !got.DryRun ||
			len(got.Examples) != 1 || got.Examples[0].Asset != a.ID || got.Examples[0].Value != "summer" ||
			got.Examples[0].Message == "" {
			t.Errorf("an option that is taken away: %+v", got)
		}
		f.want(200, f.do(dam.Editor, "PATCH", "/api/assets/"+b.ID, `{"custom": {"season": "summer"}}`))
		for body, want := range map[string][3]int{`{"pattern": "[a-z]+"}`: {1, 1, 0}, `{"kinds": ["video"]}`: {1, 1, 0},
			`{"required": "submit"}`: {1, 0, 2}, `{"label": {"en": "Job"}}`: {1, 0, 0}} {
			if got := count("PATCH", "job?dry_run=true", body); [3]int{got.Values, got.Invalid, got.Missing} != want {
				t.Errorf("%s: %+v, want %v", body, got, want)
			}
		}
		if got := count("PATCH", "job", `{"pattern": "[a-z]+"}`); got.Invalid != 1 || got.DryRun {
			t.Errorf("done: %+v", got)
		}
		f.want(422, f.do(dam.Editor, "PATCH", "/api/assets/"+b.ID, `{"custom": {"job": "ABC"}}`))
		if now := into[dam.Asset](f, f.want(200, f.do(dam.Viewer, "GET", "/api/assets/"+a.ID,
			""))); now.Custom["job"] != "ABC" {
			t.Errorf("a value of before: %v", now.Custom)
		}
		if got := count("DELETE", "season?dry_run=true", ""); got.Invalid != 2 {
			t.Errorf("a removal: %+v", got)
		}
		count("DELETE", "season", "")
		f.want(404, f.do(dam.Admin, "DELETE", "/api/fields/season", ""))
		f.want(409, f.do(dam.Admin, "PATCH", "/api/fields/job", `{"type": "number", "pattern": null}`))
		f.want(422, f.do(dam.Admin, "PATCH", "/api/fields/job", `{"nope": 1}`))
		f.want(422, f.do(dam.Admin, "PATCH", "/api/fields/job", `[]`))
		f.want(403, f.do(dam.Editor, "PATCH", "/api/fields/job?dry_run=true", `{}`))
		f.want(403, f.do(dam.Editor, "DELETE", "/api/fields/job", ""))
	})
}
