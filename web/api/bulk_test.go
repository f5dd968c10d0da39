package api_test

import (
	"fmt"
	"testing"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/catalog/catalogtest"
)

// Everything that was found, as one job, seen from outside.
func TestBulk(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, c *catalog.Catalog) {
		f := start(t, c)
		one, two := f.photograph(dam.Editor, 1), f.photograph(dam.Editor, 2)
		body := `{"filter": {"q": "type:image"}, "except": ["` + two.ID +
			`"], "change": {"set": {"title": {"fr": "Chaise"}}, "add_tags": ["oak"]}`
		dry := into[dam.Bulk](f, f.want(202, f.do(dam.Editor, "POST", "/api/assets/bulk", body+`, "dry_run": true}`)))
		if dry.Total != 1 || dry.Except != 1 || dry.ID != "" {
			t.Errorf("dry run: %+v", dry)
		}
		job := into[dam.Bulk](f, f.want(202, f.do(dam.Editor, "POST", "/api/assets/bulk", body+"}", "Idempotency-Key",
			"k1")))
		again := into[dam.Bulk](f, f.want(202, f.do(dam.Editor, "POST", "/api/assets/bulk", body+"}", "Idempotency-Key",
			"k1")))
		if job.ID == "" || again.ID != job.ID || job.State != dam.BulkCollecting || job.Seq == 0 {
			t.Errorf("started: %+v, again %+v", job, again)
		}
		ended := func(id string) (b dam.Bulk) {
			f.until("the job ends", func() bool {
				b = into[dam.Bulk](f, f.want(200, f.do(dam.Editor, "GET", "/api/bulk/"+id, "")))
				return b.Ended()
			})
			return b
		}
		if b := ended(job.ID); b.Total != 1 || b.Done != 1 || b.UndoUntil == nil || b.EndedAt == nil {
			t.Errorf("ended: %+v", b)
		}
		titled := func(a dam.Asset) string {
			return into[dam.Asset](f, f.want(200, f.do(dam.Viewer, "GET", "/api/assets/"+a.ID, ""))).Title["fr"]
		}
		if titled(one) != "Chaise" || titled(two) != "" {
			t.Errorf("titles %q, %q", titled(one), titled(two))
		}
		undo := into[dam.Bulk](f, f.want(202, f.do(dam.Editor, "POST", "/api/bulk/"+job.ID+"/undo", "")))
		if b := ended(undo.ID); b.Done != 1 || b.Undoes != job.ID || titled(one) != "" {
			t.Errorf("undone: %+v, %q", b, titled(one))
		}
		f.want(409, f.do(dam.Editor, "POST", "/api/bulk/"+job.ID+"/undo", ""))
		f.want(409, f.do(dam.Editor, "POST", "/api/bulk/"+job.ID+"/cancel", ""))
		f.want(202, f.do(dam.Editor, "POST", "/api/bulk/"+undo.ID+"/retry", ""))
		f.want(403, f.do(dam.Editor, "POST", "/api/assets/bulk",
			`{"filter": {"q": "oak"}, "change": {"action": "approve"}}`))
		f.want(404, f.do(dam.Contributor, "GET", "/api/bulk/"+job.ID, ""))
		list := into[struct{ Items []dam.Bulk }](f, f.want(200, f.do(dam.Editor, "GET", "/api/bulk", ""))).Items
		if len(list) != 2 || list[0].ID != undo.ID || list[1].UndoneBy != undo.ID {
			t.Errorf("jobs: %+v", list)
		}
		// Who may not change an asset hears it asset by asset.
		mine := into[dam.Bulk](f,
			f.want(202, f.do(dam.Contributor, "POST", "/api/assets/bulk",
				fmt.Sprintf(`{"filter": {"assets": [%q]}, "change": {"add_tags": ["x"]}}`, one.ID))))
		f.until("the contributor's job ends", func() bool {
			b := into[dam.Bulk](f, f.want(200, f.do(dam.Contributor, "GET", "/api/bulk/"+mine.ID, "")))
			return b.Ended() && b.Failed == 1
		})
		failures := into[struct {
			Items []dam.BulkFailure
		}](f, f.want(200, f.do(dam.Contributor, "GET", "/api/bulk/"+mine.ID+"/failures", ""))).Items
		if len(failures) != 1 || failures[0].Asset != one.ID || failures[0].Code != dam.Forbidden {
			t.Errorf("failures: %+v", failures)
		}
		p := f.want(422, f.do(dam.Editor, "POST", "/api/assets/bulk",
			`{"filter": {"q": "(oak"}, "change": {"add_tags": ["x"]}}`)).problem()
		if len(p.Errors) != 1 || p.Errors[0].Location != "q" {
			t.Errorf("a mistake in the query: %+v", p)
		}
	})
}
