package api_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/catalog/catalogtest"
	"vitrine/web/api"
)

// schema is what the tests read of a JSON Schema.
type schema struct {
	Ref                  string `json:"$ref"`
	Type                 any
	Format               string
	Enum                 []any
	Pattern              string
	MaxLength, MaxItems  *int
	MinItems             *int
	Minimum, Maximum     *float64
	Required             []string
	Properties           map[string]*schema
	Items                *schema
	AdditionalProperties any
}

func (s *schema) is(name string) bool {
	if list, ok := s.Type.([]any); ok {
		return slices.Contains(list, any(name))
	}
	return s.Type == name
}

type writeRoute struct {
	method, path, media string
	body                *schema
}

// described reads every write that takes JSON out of the description.
func described(f *fixture) (routes []writeRoute, resolve func(*schema) *schema) {
	f.Helper()
	doc := into[struct {
		Paths map[string]map[string]struct {
			RequestBody struct {
				Content map[string]struct{ Schema *schema }
			} `json:"requestBody"`
		}
		Components struct{ Schemas map[string]*schema }
	}](f, f.want(200, f.do("", "GET", "/api/openapi.json", "")))
	resolve = func(s *schema) *schema {
		for s != nil && s.Ref != "" {
			s = doc.Components.Schemas[s.Ref[strings.LastIndexByte(s.Ref, '/')+1:]]
		}
		return s
	}
	for _, path := range slices.Sorted(maps.Keys(doc.Paths)) {
		for _, method := range []string{"post", "put", "patch", "delete"} {
			o, ok := doc.Paths[path][method]
			if !ok {
				continue
			}
			for _, media := range []string{"application/json", "application/merge-patch+json"} {
				if c, ok := o.RequestBody.Content[media]; ok && c.Schema != nil {
					routes = append(routes, writeRoute{strings.ToUpper(method), path, media, c.Schema})
					break
				}
			}
		}
	}
	return routes, resolve
}

// bound is a place of a body that takes text or a list.
type bound struct {
	at     []string // names; "[]" is an item, "*" a member of any name
	schema *schema
}

func boundsOf(s *schema, resolve func(*schema) *schema, at []string, seen int) (out []bound) {
	if s = resolve(s); s == nil || seen > 8 {
		return nil
	}
	switch {
	case s.is("string"):
		if len(s.Enum) == 0 {
			out = append(out, bound{slices.Clone(at), s})
		}
	case s.is("array"):
		out = append(out, bound{slices.Clone(at), s})
		out = append(out, boundsOf(s.Items, resolve, append(slices.Clone(at), "[]"), seen+1)...)
	case s.is("object"):
		for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
			out = append(out, boundsOf(s.Properties[name], resolve, append(slices.Clone(at), name), seen+1)...)
		}
	}
	return out
}

// sample is the least value of a schema, as far as the tests need one.
func sample(s *schema, resolve func(*schema) *schema) any {
	s = resolve(s)
	switch {
	case s == nil:
		return nil
	case len(s.Enum) > 0:
		return s.Enum[0]
	case s.is("string") && s.Format == "date-time":
		return "2030-01-01T00:00:00Z"
	case s.is("string"):
		return "x"
	case s.is("array"):
		if s.MinItems != nil {
			return slices.Repeat([]any{sample(s.Items, resolve)}, *s.MinItems)
		}
		return []any{}
	case s.is("object"):
		out := map[string]any{}
		for _, name := range s.Required {
			out[name] = sample(s.Properties[name], resolve)
		}
		return out
	case s.is("boolean"):
		return false
	}
	return 1
}

// beyond is a value just over a bound; nil when there is no bound to be over.
func beyond(s *schema, resolve func(*schema) *schema) any {
	switch {
	case s.is("string") && s.MaxLength != nil:
		return strings.Repeat("x", *s.MaxLength+1)
	case s.is("array") && s.MaxItems != nil:
		item := sample(s.Items, resolve)
		if item == "x" {
			return numbered(*s.MaxItems + 1)
		}
		return slices.Repeat([]any{item}, *s.MaxItems+1)
	}
	return nil
}

// numbered is a list of texts that differ.
func numbered(n int) []any {
	out := make([]any, n)
	for i := range out {
		out[i] = fmt.Sprint("x", i)
	}
	return out
}

// put is a body with a value at a place and whatever is required beside it.
func put(s *schema, at []string, v any, resolve func(*schema) *schema) any {
	if s = resolve(s); len(at) == 0 {
		return v
	}
	if at[0] == "[]" {
		return []any{put(s.Items, at[1:], v, resolve)}
	}
	body, _ := sample(s, resolve).(map[string]any)
	body[at[0]] = put(s.Properties[at[0]], at[1:], v, resolve)
	return body
}

func (b bound) location() string {
	return strings.ReplaceAll(strings.Join(b.at, "."), ".[]", "[0]")
}

var someIDs = strings.NewReplacer("{id}", "a_none", "{version}", "v_none", "{preset}", "thumb", "{delivery}", "d_none",
	"{sku}", "A", "{slot}", "hero", "{n}", "1", "{name}", "thumb", "{screen}", "s_none")

// Every bound that the description gives is a bound: each write is sent each text and
// list one longer than it may be, and each text with a control character in it.
func TestEveryDescribedBound(t *testing.T) {
	f := start(t, catalogtest.SQLite(t))
	routes, resolve := described(f)
	a := f.photograph(dam.Admin, 1)
	asked := map[string]int{}
	for _, r := range routes {
		for _, b := range boundsOf(r.body, resolve, nil, 0) {
			name := r.method + " " + r.path + " " + b.location()
			path := someIDs.Replace(strings.ReplaceAll(r.path, "/api/assets/{id}", "/api/assets/"+a.ID))
			ask := func(what string, v any) {
				t.Helper()
				body, err := json.Marshal(put(r.body, b.at, v, resolve))
				if err != nil {
					t.Fatal(err)
				}
				res := f.do(dam.Admin, r.method, path, string(body), "Content-Type", r.media)
				p := res.problem()
				if res.StatusCode != 422 || !slices.ContainsFunc(p.Errors, func(e api.FieldError) bool {
					return e.Location != "" && (strings.HasPrefix(e.Location, b.location()) ||
						strings.HasPrefix(b.location(), e.Location))
				}) || p.Remedy == "" {
					t.Errorf("%s, %s: %d %.300s", name, what, res.StatusCode, res.body)
				}
				asked[what]++
			}
			if v := beyond(b.schema, resolve); v != nil {
				ask("beyond its bound", v)
			} else if b.schema.Format != "date-time" && b.schema.Pattern == "" {
				t.Errorf("%s has no bound: %+v", name, *b.schema)
			}
			if b.schema.is("string") && (b.schema.MaxLength == nil || *b.schema.MaxLength > 2) {
				ask("with a control character", "a\x00b")
			}
		}
	}
	t.Log(asked)
	if asked["beyond its bound"] < 150 || asked["with a control character"] < 120 {
		t.Errorf("only %v were asked", asked)
	}
}

// What a body is read raw for is bounded before anything is locked.
func TestRawBounds(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, c *catalog.Catalog) {
		f := start(t, c)
		a := f.photograph(dam.Editor, 1)
		list := func(n int, each string) string {
			out := make([]string, n)
			for i := range out {
				out[i] = fmt.Sprintf("%q", fmt.Sprint(each, i))
			}
			return "[" + strings.Join(out, ",") + "]"
		}
		languages := make([]string, 51)
		for i := range languages {
			languages[i] = fmt.Sprintf(`"x%c-y%c": "t"`, 'a'+i%26, 'a'+i/26)
		}
		for body, field := range map[string]string{
			`{"tags": ` + list(40_000, "t") + `}`:                          "tags",
			`{"tags": ["` + strings.Repeat("x", 201) + `"]}`:               "tags[0]",
			`{"tags": ["a\tb"]}`:                                           "tags[0]",
			`{"skus": ` + list(501, "s") + `}`:                             "skus",
			`{"title": {` + strings.Join(languages, ",") + `}}`:            "title",
			`{"title": {"` + strings.Repeat("x", 36) + `": "t"}}`:          "title",
			`{"title": "a\u0000b"}`:                                        "title.en",
			`{"caption": {"fr": "a\u001bb"}}`:                              "caption.fr",
			`{"creator": "` + strings.Repeat("x", 501) + `"}`:              "creator",
			`{"copyright": "` + strings.Repeat("x", 1001) + `"}`:           "copyright",
			`{"custom": {"season": "a\u0000"}}`:                            "custom.season",
			`{"rights": {"territories": ` + list(301, "A") + `}}`:          "rights.territories",
			`{"rights": {"successor": "` + strings.Repeat("a", 65) + `"}}`: "rights.successor",
		} {
			if p := f.want(422, f.do(dam.Editor, "PATCH", "/api/assets/"+a.ID, body)).problem(); len(p.Errors) != 1 ||
				p.Errors[0].Location != field {
				t.Errorf("%.60s: %+v", body, p)
			}
			if strings.HasPrefix(body, `{"custom"`) {
				continue
			}
			start := f.do(dam.Editor, "POST", "/api/assets/bulk", `{"filter": {"q": "x"}, "change": {"set": `+body+`}}`)
			if p := start.problem(); start.StatusCode != 422 || len(p.Errors) != 1 ||
				p.Errors[0].Location != "change.set."+field && p.Errors[0].Location != "change.set."+
					strings.TrimSuffix(field, ".en") {
				t.Errorf("in bulk, %.60s: %d %+v", body, start.StatusCode, p)
			}
		}
		f.want(422, f.do(dam.Editor, "PATCH", "/api/assets/"+a.ID, "{\"title\": \"a\xffb\"}"))
		for path, field := range map[string]string{
			"/api/assets?q=a%00b": "q", "/api/assets?q=%ff": "q", "/api/assets/a%00b": "id",
			"/api/products/A%00B": "sku", "/api/assets?sort=%1b": "sort",
			"/api/assets/" + a.ID + "/download?version=%00": "version", "/api/products?q=%00": "q",
			"/api/lookup?sku=%00": "sku", "/api/suggest?q=%7f": "q",
		} {
			if p := f.want(422, f.do(dam.Editor, "GET", path, "")).problem(); len(p.Errors) != 1 ||
				p.Errors[0].Location != field {
				t.Errorf("%s: %+v", path, p)
			}
		}
		for body, field := range map[string]string{`{"email": "a\u0000@example.com", "password": "x"}`: "email",
			`{"email": "a@example.com", "password": "\u0000"}`: "password"} {
			p := f.want(422, f.do("", "POST", "/api/login", body)).problem()
			if len(p.Errors) != 1 || p.Errors[0].Location != field || p.Errors[0].Value != nil {
				t.Errorf("%s: %+v", body, p)
			}
		}
		if p := f.want(422, f.upload(dam.Editor, "/api/assets", "x.jpg", photo(t, 2), nil, "title",
			"a\x00b")).problem(); p.Errors[0].Location != "title" {
			t.Errorf("%+v", p)
		}
		named := into[uploaded](f, f.want(201, f.upload(dam.Editor, "/api/assets", "invoice\u202egpj.exe.jpg",
			photo(t, 3), nil))).Asset
		if named.Latest.FileName != "invoicegpj.exe.jpg" {
			t.Errorf("the file is called %q", named.Latest.FileName)
		}
	})
}
