package api_test

import (
	"testing"

	"vitrine/dam"
	"vitrine/dam/catalog/catalogtest"
	"vitrine/search"
)

func TestSearches(t *testing.T) {
	f := start(t, catalogtest.SQLite(t))
	a := f.want(201, f.do(dam.Viewer, "POST", "/api/searches",
		`{"name": "Summer pictures", "query": "tag:summer", "alert": true}`))
	x := into[dam.SavedSearch](f, a)
	if x.ID == "" || !x.Alert || a.Header.Get("ETag") != `"1"` {
		t.Errorf("saved: %s", a.body)
	}
	f.want(403, f.do(dam.Viewer, "PATCH", "/api/searches/"+x.ID, `{"shared": true}`))
	f.want(412, f.do(dam.Viewer, "PATCH", "/api/searches/"+x.ID, `{"name": "Summer"}`, "If-Match", `"7"`))
	f.want(200, f.do(dam.Viewer, "PATCH", "/api/searches/"+x.ID, `{"name": "Summer"}`, "If-Match", `"1"`))
	f.want(404, f.do(dam.Editor, "PATCH", "/api/searches/"+x.ID, `{"name": "Mine"}`))
	type found struct{ Items []search.Suggestion }
	if got := into[found](f, f.want(200, f.do(dam.Viewer, "GET", "/api/suggest?q=sum", ""))).Items; len(got) != 1 ||
		got[0].Field != "search" || got[0].Query != "tag:summer" {
		t.Errorf("suggested: %+v", got)
	}
	if got := into[found](f, f.want(200, f.do(dam.Editor, "GET", "/api/suggest?q=sum", ""))).Items; len(got) != 0 {
		t.Errorf("suggested to another: %+v", got)
	}
	f.want(204, f.do(dam.Viewer, "POST", "/api/searches/recent", `{"query": "chair"}`))
	if got := into[struct {
		Items []dam.RecentSearch
	}](f, f.want(200, f.do(dam.Viewer, "GET", "/api/searches/recent", ""))).Items; len(got) != 1 ||
		got[0].Query != "chair" {
		t.Errorf("recent: %+v", got)
	}
	f.want(204, f.do(dam.Viewer, "DELETE", "/api/searches/recent", ""))
	f.want(204, f.do(dam.Viewer, "DELETE", "/api/searches/"+x.ID, ""))
}
