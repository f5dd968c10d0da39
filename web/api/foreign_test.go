package api_test

import (
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/catalog/catalogtest"
	"vitrine/web/api"
)

// secretWord is in every name that the library main of these tests has.
const secretWord = "zanzibar"

// furnish makes one of every noun in the library main, and returns the ids by the noun of their addresses.
func (f *fixture) furnish() map[string]string {
	f.Helper()
	ids := map[string]string{}
	made := func(noun, path, body string) string {
		f.Helper()
		x := into[struct {
			ID                   string
			User, Token, Webhook struct{ ID string }
		}](f, f.do(dam.Admin, "POST", path, strings.ReplaceAll(body, "WORD", secretWord)))
		if ids[noun] = x.ID + x.User.ID + x.Token.ID + x.Webhook.ID; ids[noun] == "" {
			f.Fatalf("%s was not made", noun)
		}
		return ids[noun]
	}
	a := f.photograph(dam.Editor, 1)
	ids["assets"], ids["version"] = a.ID, a.Latest.ID
	f.want(200, f.do(dam.Admin, "PATCH", "/api/assets/"+a.ID, `{"title": {"en": "`+secretWord+`"}, "tags": ["`+
		secretWord+`"]}`))
	f.want(200, f.do(dam.Publisher, "POST", "/api/assets/"+a.ID+"/approve", ""))
	made("collections", "/api/collections", `{"name": "WORD"}`)
	made("searches", "/api/searches", `{"name": "WORD", "query": "tag:WORD", "shared": true}`)
	made("users", "/api/users", `{"email": "WORD@example.com", "name": "WORD", "role": "viewer"}`)
	made("tokens", "/api/tokens", `{"name": "WORD", "role": "viewer"}`)
	group := made("groups", "/api/groups", `{"name": "WORD"}`)
	made("grants", "/api/grants", `{"holder": "`+group+`", "role": "viewer"}`)
	made("webhooks", "/api/webhooks", `{"url": "https://`+secretWord+`.example.com/", "types": ["asset.*"]}`)
	channel := made("channels", "/api/channels", `{"name": "WORD", "kind": "bucket", "config": {"folder": "WORD"},
		"rule": {"query": "", "presets": [], "enabled": false}}`)
	made("campaigns", "/api/campaigns", `{"name": "WORD"}`)
	made("publications", "/api/publications", fmt.Sprintf(
		`{"asset": %q, "channel": %q, "presets": ["thumb"], "at": "2100-01-01T09:00:00Z"}`, a.ID, channel))
	f.want(201, f.do(dam.Admin, "POST", "/api/publications", `{"draft": true, "caption": "`+secretWord+`"}`))
	made("bulk", "/api/assets/bulk", `{"filter": {"assets": ["`+a.ID+`"]}, "change": {"add_tags": ["WORD2"]}}`)
	made("downloads", "/api/downloads", `{"filter": {"assets": ["`+a.ID+`"]}}`)
	f.want(201, f.do(dam.Admin, "POST", "/api/products",
		`{"sku": "`+secretWord+`", "names": {"en": "`+secretWord+`"}}`))
	f.want(201, f.do(dam.Admin, "POST", "/api/roles", `{"name": "`+secretWord+`", "permissions": ["see"]}`))
	f.want(200, f.do(dam.Admin, "PUT", "/api/synonyms", `{"lines": ["`+secretWord+`, tanzania"]}`))
	f.want(200, f.do(dam.Admin, "PUT", "/api/presets/"+secretWord,
		`{"name": "`+secretWord+`", "width": 10, "height": 10, "fit": "contain",
			"formats": [{"format": "jpeg", "quality": 80}]}`))
	f.upload(dam.Editor, "/api/assets", secretWord+".jpg", []byte{}, nil) // quarantined
	f.until("the bulk job has ended", func() bool {
		b := into[dam.Bulk](f, f.do(dam.Admin, "GET", "/api/bulk/"+ids["bulk"], ""))
		return b.Ended()
	})
	events, err := f.catalog.Log().Events(f.Context(), dam.DefaultLibrary, 0, 10_000)
	if err != nil {
		f.Fatal(err)
	}
	for _, e := range events {
		if strings.Contains(e.Subject, "_") { // ids; SKUs, presets and roles have the secret word
			ids[string(e.Type)+" "+e.Subject] = e.Subject
		}
	}
	return ids
}

var parameter = regexp.MustCompile(`\{[a-z]+\}`)

// Every route with an id of another library answers that there is no such thing, and changes nothing; no list, export,
// event, job or figure names anything of it. The routes are those of the table, so that a new one is asked, too.
func TestForeignIDs(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, c *catalog.Catalog) {
		f := start(t, c)
		f.second()
		theirs := f.member(dam.Admin)
		ids, token := f.furnish(), f.foreignToken()
		before := into[dam.Asset](f, f.want(200, f.do(dam.Admin, "GET", "/api/assets/"+ids["assets"], "")))
		head, err := c.Log().Head(f.Context())
		if err != nil {
			t.Fatal(err)
		}
		values := slices.Compact(slices.Sorted(maps.Values(ids)))
		members := string(f.want(200, theirs("GET", "/api/tokens", "")).body) // who has made the library is in both
		values = slices.DeleteFunc(values, func(id string) bool {
			return strings.Contains(members, `"id":"`+id+`"`) ||
				strings.Contains(members, `"created_by":"`+id+`"`)
		})
		silent := func(what, body string) {
			t.Helper()
			for _, id := range append(values, secretWord) {
				if strings.Contains(strings.ToLower(body), id) {
					t.Errorf("%s names %s of another library: %.300s", what, id, body)
				}
			}
		}
		for _, l := range f.api.Lines() {
			what := l.Method + " " + l.Path
			switch {
			case l.Public && l.Path != "/metrics", l.Method == http.MethodOptions, l.Path == "/api/me/password":
				continue
			case strings.Contains(l.Path, "{"):
				f.foreign(theirs, l, ids)
			case l.Method == http.MethodGet:
				body := f.some(l, token)
				if l.Public { // what runs the machine reads channels by their ids, which nobody can read a name from
					body = regexp.MustCompile(`channel="[^"]*"`).ReplaceAllString(body, "")
				}
				silent(what, body)
			}
		}
		for _, id := range values { // what is named in a query or in a body is no way either
			if dam.IsID(dam.AssetPrefix, id) {
				if n, _ := f.found(theirs, "id:"+id); n != 0 {
					t.Errorf("a search finds %s", id)
				}
			}
			f.want(404, theirs("GET", "/api/assets/"+ids["assets"]+"/access?of="+id, ""))
		}
		after := into[dam.Asset](f, f.want(200, f.do(dam.Admin, "GET", "/api/assets/"+ids["assets"], "")))
		if after.Revision != before.Revision || after.Latest.Status != before.Latest.Status || after.Recall != nil {
			t.Errorf("the asset has changed: %+v", after)
		}
		events, err := c.Log().Events(f.Context(), dam.DefaultLibrary, head, 1000)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range events {
			if e.Type != dam.RenditionsMade && e.Type != dam.AssetAnalysed && e.Actor != dam.SystemID {
				t.Errorf("something has happened in the other library: %+v", e)
			}
		}
	})
}

// foreign asks for a route with the ids of another library.
func (f *fixture) foreign(ask func(method, path, body string, headers ...string) answer, l api.Line,
	ids map[string]string) {
	f.Helper()
	noun := strings.Split(strings.TrimPrefix(l.Path, "/api/"), "/")[0]
	id, ok := ids[noun]
	if !ok {
		id = ids["assets"]
	}
	path := strings.NewReplacer("{id}", id, "{version}", ids["version"], "{sku}", secretWord, "{name}", secretWord,
		"{preset}", "thumb", "{slot}", "hero").Replace(l.Path)
	path = parameter.ReplaceAllString(path, "1")
	if l.Path == "/api/libraries/{id}" || strings.HasPrefix(l.Path, "/api/libraries/{id}/") {
		path = strings.Replace(l.Path, "{id}", dam.DefaultLibrary, 1)
	}
	body := ""
	if l.Method == http.MethodPatch || l.Method == http.MethodPut {
		body = "{}"
	}
	a := ask(l.Method, path, body)
	switch {
	case a.StatusCode == 404, l.Installation && a.StatusCode == 403:
	case a.StatusCode == 422 && l.Method != http.MethodDelete, a.StatusCode == 400, a.StatusCode == 415:
		// The request is wrong before anything is looked for; its answer tells nothing.
	default:
		f.Errorf("%s %s in another library: %d %.200s", l.Method, path, a.StatusCode, a.body)
	}
}

// some returns what a route answers to the administrator of the other library, of a stream its beginning.
func (f *fixture) some(l api.Line, token string) string {
	f.Helper()
	ctx, cancel := context.WithTimeout(f.Context(), 60*time.Second)
	defer cancel()
	path := l.Path
	switch path {
	case "/api/events", "/api/events/stream":
		path += "?after=0"
	case "/api/assets/export":
		path += "?format=jsonl"
	}
	if l.Path == "/api/events/stream" {
		ctx, cancel = context.WithTimeout(f.Context(), 2*time.Second)
		defer cancel()
	}
	r, err := http.NewRequestWithContext(ctx, l.Method, f.url+path, nil)
	if err != nil {
		f.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	r.Header.Set("Vitrine-Library", "shoes")
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		return ""
	}
	defer func() { _ = res.Body.Close() }()
	raw, _ := io.ReadAll(res.Body) // of a stream what came before the end of the context
	return string(raw)
}

// foreignToken returns the secret of an administrator's token of the library shoes.
func (f *fixture) foreignToken() string {
	f.Helper()
	return into[struct{ Secret string }](f, f.want(201, f.do(dam.Admin, "POST", "/api/tokens",
		`{"name": "theirs", "role": "admin"}`, "Vitrine-Library", "shoes"))).Secret
}
