package api_test

import (
	"encoding/json"
	"strings"
	"testing"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/catalog/catalogtest"
)

// What lets the public see more of an approved asset is a publisher's to decide, by
// whatever way it comes; narrowing is free to who may edit.
func TestWideningRights(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, c *catalog.Catalog) {
		f := start(t, c)
		const set = `{"rights": {"from": "2099-01-01", "until": "2099-06-30", "territories": ["FR", "BE"]}}`
		a := f.photograph(dam.Contributor, 1)
		path := "/api/assets/" + a.ID
		other := f.photograph(dam.Publisher, 2)
		f.want(200, f.do(dam.Contributor, "PATCH", path, set))
		// nothing is approved yet
		f.want(200, f.do(dam.Contributor, "PATCH", path, `{"rights": {"until": "2099-12-31"}}`))
		f.want(200, f.do(dam.Contributor, "PATCH", path, set))
		f.want(200, f.do(dam.Publisher, "POST", path+"/approve", ""))
		read := func() dam.Asset {
			t.Helper()
			return into[dam.Asset](f, f.want(200, f.do(dam.Viewer, "GET", path, "")))
		}
		approved := read()
		unchanged := func(what string) {
			t.Helper()
			if now := read(); now.Live != approved.Live || now.Latest.Status != dam.Approved ||
				now.Rights.Widens(approved.Rights) != "" || now.Revision != approved.Revision {
				t.Errorf("%s: %+v %s", what, now.Rights, now.Latest.Status)
			}
		}
		for patch, field := range map[string]string{
			`{"from": null}`: "from", `{"from": "2020-01-01"}`: "from", `{"from": ""}`: "from",
			`{"until": null}`: "until", `{"until": "2099-07-01"}`: "until",
			`{"territories": null}`: "territories", `{"territories": []}`: "territories",
			`{"territories": ["FR", "DE"]}`:     "territories",
			`{"successor": "` + other.ID + `"}`: "successor",
			`null`:                              "from",
		} {
			for _, role := range []dam.Role{dam.Contributor, dam.Editor} {
				p := f.want(403, f.do(role, "PATCH", path, `{"rights": `+patch+`, "title": "Another"}`)).problem()
				if len(p.Errors) != 1 || p.Errors[0].Location != "rights."+field ||
					!strings.Contains(p.Remedy, "publisher") {
					t.Errorf("%s by %s: %+v", patch, role, p)
				}
				bulk := into[dam.Bulk](f,
					f.want(202, f.do(role, "POST", "/api/assets/bulk", `{"filter": {"assets": ["`+a.ID+
						`"]}, "change": {"set": {"rights": `+patch+`}}}`)))
				f.until("the job ends", func() bool {
					bulk = into[dam.Bulk](f, f.want(200, f.do(role, "GET", "/api/bulk/"+bulk.ID, "")))
					return bulk.Ended()
				})
				why := into[struct {
					Items []dam.BulkFailure
				}](f, f.want(200, f.do(role, "GET", "/api/bulk/"+bulk.ID+"/failures", ""))).Items
				if bulk.Failed != 1 || len(why) != 1 || why[0].Code != dam.Forbidden ||
					why[0].Field != "rights."+field {
					t.Errorf("%s by %s in bulk: %+v %+v", patch, role, bulk, why)
				}
			}
			unchanged(patch)
		}
		for _, patch := range []string{`{"from": "2099-02-01"}`, `{"until": "2099-05-31"}`, `{"territories": ["FR"]}`} {
			f.want(200, f.do(dam.Contributor, "PATCH", path, `{"rights": `+patch+`}`))
		}
		// Taking back what narrowed is widening, too.
		narrowed := into[dam.Bulk](f,
			f.want(202, f.do(dam.Editor, "POST", "/api/assets/bulk", `{"filter": {"assets": ["`+a.ID+
				`"]}, "change": {"set": {"rights": {"until": "2099-04-30"}}}}`)))
		ended := func(id string) (b dam.Bulk) {
			f.until("the job ends", func() bool {
				b = into[dam.Bulk](f, f.want(200, f.do(dam.Editor, "GET", "/api/bulk/"+id, "")))
				return b.Ended()
			})
			return b
		}
		ended(narrowed.ID)
		undo := into[dam.Bulk](f, f.want(202, f.do(dam.Editor, "POST", "/api/bulk/"+narrowed.ID+"/undo", "")))
		if b := ended(undo.ID); b.Failed != 1 || read().Rights.Until != "2099-04-30" {
			t.Errorf("an editor undoes the narrowing: %+v", b)
		}
		f.want(200, f.do(dam.Publisher, "PATCH", path, `{"rights": null}`))
		if now := read(); now.Live != approved.Live || now.Rights.From != "" {
			t.Errorf("a publisher's change: %+v", now)
		}
	})
}

// What comes out of the bin is public again when a publisher takes it back, or when one
// undoes one's own doing at once; otherwise it waits for review.
func TestBackFromTheBin(t *testing.T) {
	f := start(t, catalogtest.SQLite(t))
	for i, x := range []struct {
		in, out dam.Role
		public  bool
	}{{dam.Publisher, dam.Editor, false}, {dam.Editor, dam.Editor, true}, {dam.Editor, dam.Publisher, true}} {
		a := f.photograph(dam.Editor, uint8(i))
		path := "/api/assets/" + a.ID
		f.want(200, f.do(dam.Publisher, "POST", path+"/approve", ""))
		f.want(204, f.do(x.in, "DELETE", path, ""))
		back := into[dam.Asset](f, f.want(200, f.do(x.out, "POST", path+"/undelete", "")))
		if public := back.Live != ""; public != x.public || public != (back.Latest.Status == dam.Approved) || !public &&
			back.Latest.Status != dam.InReview {
			t.Errorf("%s takes back what %s binned: live %q, %s", x.out, x.in, back.Live, back.Latest.Status)
		}
		raw, err := json.Marshal(into[dam.Asset](f, f.want(200, f.do(dam.Viewer, "GET", path, ""))).Latest.Status)
		if err != nil || string(raw) != `"`+string(back.Latest.Status)+`"` {
			t.Errorf("stored as %s, answered as %s", raw, back.Latest.Status)
		}
	}
}
