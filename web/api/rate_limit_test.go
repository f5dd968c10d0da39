package api_test

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/catalog/catalogtest"
	"vitrine/dam/people"
)

// limited is a library with one asset that somebody may see and one they may not.
type limited struct {
	*fixture
	open, closed string // collections
	seen, hidden dam.Asset
	job, search  string // a bulk job and a shared search of an editor who sees everything
	tokens       map[dam.Role]string
	ids          map[dam.Role]string // of the tokens
}

const secretTitle = "Unreleased zeppelin"

func limitedLibrary(t *testing.T, c *catalog.Catalog) *limited {
	f := start(t, c)
	l := &limited{fixture: f, tokens: map[dam.Role]string{}, ids: map[dam.Role]string{}}
	made := func(name string) string {
		return into[dam.Collection](f,
			f.want(201, f.do(dam.Editor, "POST", "/api/collections", `{"name": "`+name+`"}`))).ID
	}
	l.open, l.closed = made("For the agency"), made("Zeppelins")
	l.seen, l.hidden = f.photograph(dam.Editor, 1), f.photograph(dam.Editor, 2)
	f.want(200, f.do(dam.Editor, "PATCH", "/api/assets/"+l.seen.ID, `{"title": "Public chair", "tags": ["chair"]}`))
	f.want(200, f.do(dam.Editor, "PATCH", "/api/assets/"+l.hidden.ID,
		`{"title": "`+secretTitle+`", "tags": ["zeppelin"], "creator": "Zelda"}`))
	f.want(200, f.do(dam.Editor, "PUT", "/api/collections/"+l.open+"/assets", `{"assets": ["`+l.seen.ID+`"]}`))
	f.want(200, f.do(dam.Editor, "PUT", "/api/collections/"+l.closed+"/assets", `{"assets": ["`+l.seen.ID+`", "`+
		l.hidden.ID+`"]}`))
	l.search = into[dam.SavedSearch](f,
		f.want(201, f.do(dam.Editor, "POST", "/api/searches",
			`{"name": "All zeppelins", "query": "zeppelin", "shared": true}`))).ID
	l.job = into[dam.Bulk](f,
		f.want(202, f.do(dam.Editor, "POST", "/api/assets/bulk",
			`{"filter": {"q": "zeppelin"}, "change": {"add_tags": ["flying"]}}`))).ID
	for _, role := range dam.Roles {
		if role == dam.Admin {
			continue
		}
		tok, secret, err := f.people.CreateToken(catalogtest.Context(t), dam.DefaultLibrary,
			people.NewToken{Name: "limited " + string(role), Role: held(role), Collections: []string{l.open}})
		if err != nil {
			t.Fatal(err)
		}
		l.tokens[role], l.ids[role] = secret, tok.ID
	}
	return l
}

func (l *limited) as(role dam.Role, method, path, body string) answer {
	l.Helper()
	return l.do("", method, path, body, "Authorization", "Bearer "+l.tokens[role], "X-Request-Id", "same")
}

// leaks fails when an answer tells of what is hidden; asked is an id the request itself named.
func (l *limited) leaks(what string, a answer, asked string) {
	l.Helper()
	text := strings.ReplaceAll(fmt.Sprint(string(a.body), a.Header), asked, "")
	for _, secret := range []string{l.job, l.search, l.hidden.ID, l.hidden.Latest.ID, l.hidden.Latest.SHA256, l.closed,
		secretTitle, "zeppelin", "Zelda", "photo-2.jpg"} {
		if strings.Contains(text, secret) {
			l.Errorf("%s tells of %s: %s", what, secret, a.body)
		}
	}
}

// Every address of the table, as every role: what is hidden answers as what is not there.
func TestLimitedOnEveryRoute(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, c *catalog.Catalog) {
		l := limitedLibrary(t, c)
		head, err := c.Log().Head(catalogtest.Context(t))
		if err != nil {
			t.Fatal(err)
		}
		absent := dam.NewID(dam.AssetPrefix)
		asked := 0
		for _, line := range l.api.Lines() {
			if line.Public || strings.HasSuffix(line.Path, "/stream") || line.Method == http.MethodDelete &&
				!strings.Contains(line.Path, "{id}") {
				continue
			}
			for _, role := range dam.Roles[:4] {
				name := fmt.Sprintf("%s %s as %s", line.Method, line.Path, role)
				if !strings.Contains(line.Path, "{id}") {
					path := line.Path
					if path == "/api/assets" && line.Method == "GET" {
						path += fmt.Sprintf("?facets=tag,collection,creator&wait=%d", head)
					}
					if path == "/api/suggest" {
						path += "?q=zep"
					}
					l.leaks(name, l.as(role, line.Method, path, ""), "")
					continue
				}
				hidden := l.hidden.ID
				switch {
				case strings.HasPrefix(line.Path, "/api/collections"):
					hidden = l.closed
				case strings.HasPrefix(line.Path, "/api/bulk"):
					hidden = l.job
				case strings.HasPrefix(line.Path, "/api/searches"):
					hidden = l.search
				}
				ask := func(id string) (int, string) {
					path := strings.NewReplacer("{id}", id, "{version}", l.hidden.Latest.ID, "{preset}", "thumb",
						"{delivery}", "d_none").Replace(line.Path)
					a := l.as(role, line.Method, path, "")
					l.leaks(name, a, id)
					return a.StatusCode, strings.ReplaceAll(string(a.body), id, "ID")
				}
				gotStatus, got := ask(hidden)
				wantStatus, want := ask(absent)
				if gotStatus != wantStatus || got != want {
					t.Errorf("%s: %d %s; for what is not there %d %s", name, gotStatus, got, wantStatus, want)
				}
				if gotStatus < 400 {
					t.Errorf("%s: %d", name, gotStatus)
				}
				asked++
			}
		}
		if asked < 80 {
			t.Fatalf("only %d questions", asked)
		}
		if a := into[dam.Asset](l.fixture,
			l.want(200, l.do(dam.Editor, "GET", "/api/assets/"+l.hidden.ID, ""))); a.DeletedAt != nil ||
			a.Latest.Status != dam.Draft {
			t.Errorf("the hidden asset was changed: %+v", a)
		}
	})
}

// Work on everything that was found, and what was found as a file, end where somebody's sight does.
func TestLimitedBulk(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, c *catalog.Catalog) {
		l := limitedLibrary(t, c)
		run := func(filter string) (b dam.Bulk, failures string) {
			b = into[dam.Bulk](l.fixture,
				l.want(202, l.as(dam.Editor, "POST", "/api/assets/bulk",
					`{"filter": `+filter+`, "change": {"add_tags": ["touched"]}}`)))
			l.until("the job ends", func() bool {
				b = into[dam.Bulk](l.fixture, l.want(200, l.as(dam.Editor, "GET", "/api/bulk/"+b.ID, "")))
				return b.Ended()
			})
			return b, string(l.want(200, l.as(dam.Editor, "GET", "/api/bulk/"+b.ID+"/failures", "")).body)
		}
		dry := into[dam.Bulk](l.fixture,
			l.want(202, l.as(dam.Editor, "POST", "/api/assets/bulk",
				`{"filter": {}, "change": {"add_tags": ["x"]}, "dry_run": true}`)))
		if b, _ := run(`{}`); dry.Total != 1 || b.Total != 1 || b.Done != 1 {
			t.Errorf("everything: %+v, dry %+v", b, dry)
		}
		absent := dam.NewID(dam.AssetPrefix)
		gone, want := run(`{"assets": ["` + absent + `"]}`)
		b, got := run(`{"assets": ["` + l.hidden.ID + `"]}`)
		if b.Done != 0 || b.Total != gone.Total || b.Failed != gone.Failed ||
			strings.ReplaceAll(got, l.hidden.ID, absent) != want {
			t.Errorf("by its id: %+v %s, want %+v %s", b, got, gone, want)
		}
		if a := into[dam.Asset](l.fixture,
			l.want(200, l.do(dam.Editor, "GET", "/api/assets/"+l.hidden.ID, ""))); slices.Contains(a.Tags, "touched") {
			t.Errorf("the hidden asset was changed: %v", a.Tags)
		}
		list := l.want(200, l.as(dam.Editor, "GET", "/api/bulk", ""))
		l.leaks("the list of jobs", list, l.hidden.ID)
		if n := len(into[struct{ Items []dam.Bulk }](l.fixture, list).Items); n != 3 {
			t.Errorf("%d own jobs", n)
		}
		file := l.want(200, l.as(dam.Viewer, "GET", "/api/assets/export?format=jsonl", ""))
		l.leaks("the export", file, "")
		if strings.Count(string(file.body), "\n") != 1 || !strings.Contains(string(file.body), l.seen.ID) {
			t.Errorf("the export: %s", file.body)
		}
		own := into[dam.SavedSearch](l.fixture,
			l.want(201, l.as(dam.Viewer, "POST", "/api/searches", `{"name": "Chairs", "query": "chair"}`)))
		kept := into[struct {
			Items []dam.SavedSearch
		}](l.fixture, l.want(200, l.as(dam.Viewer, "GET", "/api/searches", ""))).Items
		if len(kept) != 1 || kept[0].ID != own.ID {
			t.Errorf("searches: %+v", kept)
		}
		l.want(204, l.as(dam.Viewer, "DELETE", "/api/searches/"+own.ID, ""))
	})
}

func TestLimitedSees(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, c *catalog.Catalog) {
		l := limitedLibrary(t, c)
		search := func(q string) (total int, ids []string) {
			head, err := c.Log().Head(catalogtest.Context(t))
			if err != nil {
				t.Fatal(err)
			}
			a := l.want(200, l.as(dam.Publisher, "GET", fmt.Sprintf("/api/assets?q=%s&wait=%d", q, head), ""))
			l.leaks(q, a, "")
			found := into[struct {
				Total int
				Items []dam.Asset
			}](l.fixture, a)
			for _, x := range found.Items {
				ids = append(ids, x.ID)
			}
			return found.Total, ids
		}
		if n, ids := search(""); n != 1 || len(ids) != 1 || ids[0] != l.seen.ID {
			t.Errorf("found %d %v", n, ids)
		}
		if n, _ := search("id:" + l.hidden.ID); n != 0 {
			t.Errorf("found the hidden asset by its id")
		}
		if a := into[dam.Asset](l.fixture, l.want(200, l.as(dam.Viewer, "GET", "/api/assets/"+l.seen.ID, ""))); len(
			a.Collections) != 1 || a.Collections[0] != l.open {
			t.Errorf("collections of the visible asset: %v", a.Collections)
		}

		// What names another asset in its body gets the answer for one that is not there.
		absent := dam.NewID(dam.AssetPrefix)
		for _, body := range []struct{ method, path, json string }{
			{"PUT", "/api/collections/" + l.open + "/assets", `{"assets": ["ID"]}`},
			{"PATCH", "/api/assets/" + l.seen.ID, `{"rights": {"successor": "ID"}}`},
		} {
			hidden := l.as(dam.Publisher, body.method, body.path, strings.ReplaceAll(body.json, "ID", l.hidden.ID))
			none := l.as(dam.Publisher, body.method, body.path, strings.ReplaceAll(body.json, "ID", absent))
			if hidden.StatusCode != 422 || strings.ReplaceAll(string(hidden.body), l.hidden.ID,
				absent) != string(none.body) {
				t.Errorf("%s %s: %d %s, want %s", body.method, body.path, hidden.StatusCode, hidden.body, none.body)
			}
		}
		if _, ids := search("&sha256=" + l.hidden.Latest.SHA256); len(ids) != 0 {
			t.Error("found by its bytes")
		}
		// The same bytes are no duplicate of what one may not know; one's own uploads are seen.
		own := into[uploaded](l.fixture,
			l.want(201, l.upload("", "/api/assets", "mine.jpg", photo(t, 2),
				map[string]string{"Authorization": "Bearer " + l.tokens[dam.Contributor]}))).Asset
		l.want(200, l.as(dam.Contributor, "GET", "/api/assets/"+own.ID, ""))
		l.want(404, l.as(dam.Publisher, "GET", "/api/assets/"+own.ID, ""))

		// Events: the log by page and as a stream, from its beginning.
		a := l.want(200, l.as(dam.Viewer, "GET", "/api/events?limit=1000", ""))
		l.leaks("events", a, "")
		if !strings.Contains(string(a.body), l.seen.ID) {
			t.Error("the log does not tell of the visible asset")
		}
		l.stream(own.ID)

		// A collection that goes away takes what it gave with it, and never opens the library.
		l.want(204, l.do(dam.Editor, "DELETE", "/api/collections/"+l.open, ""))
		if n, ids := search(""); n != 0 {
			t.Errorf("without its collection: %d %v", n, ids)
		}
		l.want(404, l.as(dam.Publisher, "GET", "/api/assets/"+l.seen.ID, ""))
	})
}

// stream reads server-sent events as a contributor until their own upload comes by.
func (l *limited) stream(until string) {
	l.Helper()
	ctx, cancel := context.WithTimeout(l.Context(), 20*time.Second)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, "GET", l.url+"/api/events/stream?after=0", nil)
	if err != nil {
		l.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+l.tokens[dam.Contributor])
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		l.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	for lines := bufio.NewScanner(res.Body); lines.Scan(); {
		if strings.Contains(lines.Text(), l.hidden.ID) || strings.Contains(lines.Text(), l.closed) {
			l.Errorf("the stream tells of it: %s", lines.Text())
		}
		if strings.Contains(lines.Text(), until) {
			return
		}
	}
	l.Error("the stream ended before the own upload")
}

func TestLimitsAreGiven(t *testing.T) {
	f := start(t, catalogtest.SQLite(t))
	col := into[dam.Collection](f, f.want(201, f.do(dam.Editor, "POST", "/api/collections", `{"name": "Agency"}`))).ID
	body := func(role, list string) string {
		return `{"email": "agency@example.com", "name": "Agency", "role": "` + role + `", "collections": ` + list + `}`
	}
	for role, list := range map[string]string{"viewer": `["c_none"]`, "admin": `["` + col + `"]`} {
		if p := f.want(422, f.do(dam.Admin, "POST", "/api/users", body(role, list))).problem(); !strings.HasPrefix(
			p.Errors[0].Location, "collections") || p.Remedy == "" {
			t.Errorf("%+v", p)
		}
	}
	made := into[struct {
		User dam.User
	}](f, f.want(201, f.do(dam.Admin, "POST", "/api/users", body("viewer", `["`+col+`"]`)))).User
	if got := made.Collections[dam.DefaultLibrary]; len(got) != 1 || got[0] != col {
		t.Errorf("limit: %v", made.Collections)
	}
	f.want(422, f.do(dam.Admin, "PATCH", "/api/users/"+made.ID, `{"role": "admin"}`)) // would see everything unasked
	if u := into[dam.User](f, f.want(200, f.do(dam.Admin, "PATCH", "/api/users/"+made.ID, `{"role": "editor"}`))); len(
		u.Collections[dam.DefaultLibrary]) != 1 {
		t.Errorf("a new role lifted the limit: %+v", u)
	}
	if u := into[dam.User](f,
		f.want(200, f.do(dam.Admin, "PATCH", "/api/users/"+made.ID, `{"collections": []}`))); u.Collections != nil {
		t.Errorf("the limit was not lifted: %+v", u)
	}
	f.want(201, f.do(dam.Admin, "POST", "/api/tokens", `{"name": "ERP", "role": "viewer", "collections": ["`+col+`"]}`))
}
