package api_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/catalog/catalogtest"
	"vitrine/publishers/planning"
)

type drafts struct {
	Items []planning.Draft `json:"items"`
	Next  string           `json:"next"`
}

// A draft is kept as it is written, shared, with its history; planned, it is one no longer, and is planned once.
func TestDrafts(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, c *catalog.Catalog) {
		f := start(t, c)
		const list = "/api/publications/drafts"
		open := func() []planning.Draft {
			t.Helper()
			return into[drafts](f, f.want(200, f.do(dam.Publisher, "GET", list, ""))).Items
		}
		shoe := f.photograph(dam.Editor, 1)
		channel := into[dam.Channel](f, f.want(201, f.do(dam.Admin, "POST", "/api/channels", `{"name": "Site",
			"kind": "bucket", "config": {"folder": "site"}}`))).ID
		f.want(403, f.do(dam.Editor, "POST", "/api/publications", `{"draft": true}`))
		f.want(403, f.do(dam.Viewer, "GET", list, ""))

		// Nothing is checked: neither that there is a file nor that it is approved.
		a := f.want(201, f.do(dam.Publisher, "POST", "/api/publications", `{"draft": true, "caption": "N"}`))
		made := into[struct {
			dam.Publication
			Draft planning.Draft    `json:"draft"`
			Items []dam.Publication `json:"items"`
		}](f, a)
		d := made.Draft
		if d.ID == "" || made.ID != d.ID || made.State != "draft" || len(made.Items) != 0 || d.Post.Caption != "N" ||
			a.Header.Get("ETag") != `"1"` {
			t.Fatalf("made: %s", a.body)
		}
		one := list + "/" + d.ID
		post := fmt.Sprintf(`{"asset": %q, "caption": "New", "channels": [{"channel": %q, "presets": ["thumb"]}],
			"at": "2100-01-01T09:00:00Z"}`, shoe.ID, channel)
		f.want(200, f.do(dam.Publisher, "PUT", one, post, "If-Match", `"1"`))
		stale := f.want(412, f.do(dam.Admin, "PUT", one, `{"caption": "Mine"}`, "If-Match", `"1"`))
		if !strings.Contains(string(stale.body), `"draft_changed_meanwhile"`) {
			t.Errorf("stale: %s", stale.body)
		}
		f.want(200, f.do(dam.Admin, "PUT", one, strings.Replace(post, "New", "Newer", 1), "If-Match", `"2"`))
		f.want(200, f.do(dam.Admin, "PUT", one, strings.Replace(post, "New", "Newest", 1)))
		history := into[struct{ Items []planning.DraftRevision }](f,
			f.want(200, f.do(dam.Publisher, "GET", one+"/history", ""))).Items
		said := ""
		for _, h := range history {
			said += fmt.Sprintf("%d %s %s\n", h.Revision, h.Change, h.Post.Caption)
		}
		// What the administrator changed in a row is one entry.
		if said != "4 updated Newest\n2 updated New\n1 created N\n" || history[0].By == history[1].By {
			t.Errorf("history:\n%s", said)
		}

		// Deleted and brought back.
		f.want(412, f.do(dam.Publisher, "DELETE", one, "", "If-Match", `"1"`))
		f.want(200, f.do(dam.Publisher, "DELETE", one, ""))
		f.want(409, f.do(dam.Publisher, "DELETE", one, ""))
		f.want(409, f.do(dam.Publisher, "PUT", one, post))
		if n := len(open()); n != 0 {
			t.Errorf("%d drafts are left", n)
		}
		f.want(409, f.do(dam.Publisher, "POST", "/api/publications", strings.Replace(post, "{", `{"from_draft": "`+
			d.ID+`",`, 1)))
		f.want(200, f.do(dam.Publisher, "POST", one+"/restore", ""))
		f.want(409, f.do(dam.Publisher, "POST", one+"/restore", ""))

		// What can't be planned stays a draft.
		f.want(412, f.do(dam.Publisher, "POST", "/api/publications", strings.Replace(post, "{", `{"from_draft": "`+
			d.ID+`", "draft_revision": 1,`, 1))) // somebody else has changed it
		plan := strings.Replace(post, "{", `{"from_draft": "`+d.ID+`",`, 1)
		f.want(409, f.do(dam.Publisher, "POST", "/api/publications", plan)) // not approved
		if n := len(open()); n != 1 {
			t.Fatalf("%d drafts after a refused plan", n)
		}
		f.want(200, f.do(dam.Publisher, "POST", "/api/assets/"+shoe.ID+"/approve", ""))
		f.ready(shoe.ID)

		// An asset in the bin is said; out of it, it is there again.
		f.want(204, f.do(dam.Editor, "DELETE", "/api/assets/"+shoe.ID, ""))
		if got := open(); len(got) != 1 || len(got[0].Missing) != 1 || got[0].Missing[0] != shoe.ID {
			t.Errorf("without its asset: %+v", got)
		}
		f.want(200, f.do(dam.Editor, "POST", "/api/assets/"+shoe.ID+"/undelete", ""))

		// Eight people plan it at once: one post.
		var group sync.WaitGroup
		status := make([]int, 8)
		for i := range status {
			group.Go(func() { status[i] = f.do(dam.Publisher, "POST", "/api/publications", plan).StatusCode })
		}
		group.Wait()
		planned := into[struct{ Items []dam.Publication }](f,
			f.want(200, f.do(dam.Publisher, "GET", "/api/publications", ""))).Items
		if len(planned) != 1 {
			t.Fatalf("%d publications, answers %v", len(planned), status)
		}
		ended := into[planning.Draft](f, f.want(200, f.do(dam.Publisher, "GET", one, "")))
		if ended.State != dam.DraftPlanned || len(ended.Became) != 1 || ended.Became[0] != planned[0].ID ||
			len(open()) != 0 {
			t.Errorf("planned: %+v", ended)
		}
		f.want(409, f.do(dam.Publisher, "PUT", one, post))
		f.want(409, f.do(dam.Publisher, "POST", one+"/restore", ""))

		// A draft of a series, and what is too much.
		f.want(201, f.do(dam.Publisher, "POST", "/api/publications", `{"draft": true, "repeat":
			{"start": "2100-01-01T09:00", "every": "week"}}`))
		f.want(422, f.do(dam.Publisher, "POST", "/api/publications", strings.Replace(post, "{", `{"repeat":
			{"start": "2100-01-01T09:00", "every": "week"},`, 1)))
		f.want(422, f.do(dam.Publisher, "POST", "/api/publications", `{"draft": true, "caption": "`+
			strings.Repeat("a", 10_001)+`"}`))
		f.want(422, f.do(dam.Publisher, "POST", "/api/publications", `{"draft": true, "channels": [`+
			strings.Repeat(`{"channel": "`+channel+`", "caption": "`+strings.Repeat("é", 9000)+`"},`, 4)+
			`{"channel": "x"}]}`))
		f.want(422, f.do(dam.Publisher, "POST", "/api/publications", `{"from_draft": "dr_none", "channel": "x"}`))
		f.want(422, f.do(dam.Publisher, "POST", "/api/publications", `{"channel": "`+channel+`"}`))
		f.want(404, f.do(dam.Publisher, "GET", list+"/dr_none", ""))

		// Erasing an asset erases what was being written about it, also what is about another one now.
		was := into[dam.Publication](f, f.want(201, f.do(dam.Publisher, "POST", "/api/publications",
			`{"draft": true, "caption": "of the shoe", "asset": "`+shoe.ID+`"}`))).ID
		f.want(200, f.do(dam.Admin, "PUT", list+"/"+was, `{"caption": "of nothing"}`))
		f.want(201, f.do(dam.Publisher, "POST", "/api/publications", `{"draft": true, "asset": "`+shoe.ID+`"}`))
		before := len(open())
		if err := c.Write(f.Context(), func(tx *catalog.Tx) error {
			return tx.Publications().ErasePublications(f.Context(), shoe.ID)
		}); err != nil || len(open()) != before-1 {
			t.Errorf("%v, %d drafts of %d", err, len(open()), before)
		}
		if past := string(f.want(200, f.do(dam.Admin, "GET", list+"/"+was+"/history", "")).body); strings.Contains(past,
			"of the shoe") || !strings.Contains(past, "of nothing") {
			t.Errorf("the history keeps what was erased: %s", past)
		}
	})
}

// Drafts of assets that somebody may not publish, and those of another library, are not there for them.
func TestDraftsOfOthers(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, c *catalog.Catalog) {
		f := start(t, c)
		const list = "/api/publications/drafts"
		inside, outside := f.photograph(dam.Editor, 1), f.photograph(dam.Editor, 2)
		open := into[dam.Collection](f, f.want(201, f.do(dam.Editor, "POST", "/api/collections",
			`{"name": "Open"}`))).ID
		f.want(200, f.do(dam.Editor, "PUT", "/api/collections/"+open+"/assets", `{"assets": ["`+inside.ID+`"]}`))
		id, agency := f.person(dam.NoRole)
		f.want(201, f.do(dam.Admin, "POST", "/api/grants", `{"holder": "`+id+`", "role": "publisher",
			"collection": "`+open+`"}`))
		draft := func(body string) string {
			t.Helper()
			return into[dam.Publication](f, f.want(201, f.do(dam.Publisher, "POST", "/api/publications",
				`{"draft": true`+body+`}`))).ID
		}
		theirs := draft(`, "asset": "` + inside.ID + `"`)
		for _, other := range []string{draft(`, "asset": "` + outside.ID + `"`), draft(``)} {
			for _, ask := range [][2]string{{"GET", ""}, {"PUT", ""}, {"DELETE", ""}, {"POST", "/restore"},
				{"GET", "/history"}} {
				body := ""
				if ask[0] == "PUT" {
					body = `{}`
				}
				f.want(404, agency(ask[0], list+"/"+other+ask[1], body))
			}
			f.want(422, agency("POST", "/api/publications", `{"asset": "`+inside.ID+`", "channel": "x",
				"from_draft": "`+other+`"}`))
		}
		f.want(200, agency("GET", list+"/"+theirs, ""))
		moved := draft(`, "caption": "a secret", "asset": "` + outside.ID + `"`)
		f.want(200, f.do(dam.Admin, "PUT", list+"/"+moved, `{"asset": "`+inside.ID+`"}`))
		past := f.want(200, agency("GET", list+"/"+moved+"/history", "")).body
		if strings.Contains(string(past), "a secret") || !strings.Contains(string(past), inside.ID) {
			t.Errorf("the history of a draft that had another asset: %s", past)
		}
		f.want(200, f.do(dam.Admin, "DELETE", list+"/"+moved, ""))
		own := into[dam.Publication](f, f.want(201, agency("POST", "/api/publications", `{"draft": true}`))).ID
		got := into[drafts](f, f.want(200, agency("GET", list, ""))).Items
		if len(got) != 2 || got[0].ID != own || got[1].ID != theirs {
			t.Errorf("seen: %+v", got)
		}

		shoes := f.second()
		for _, path := range []string{list + "/" + theirs, list + "/" + theirs + "/history"} {
			f.want(404, shoes("GET", path, ""))
		}
		if got := into[drafts](f, f.want(200, shoes("GET", list, ""))).Items; len(got) != 0 {
			t.Errorf("of another library: %+v", got)
		}
	})
}
