package api_test

import (
	"net/url"
	"testing"
	"time"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/catalog/catalogtest"
)

type seen struct {
	At    time.Time
	SKU   string
	Items []struct {
		Slot, Linked, State, Reason, Asset, Version, SHA256 string
		N                                                   int
		LinkedByName                                        string     `json:"linked_by_name"`
		ApprovedByName                                      string     `json:"approved_by_name"`
		ApprovedAt                                          *time.Time `json:"approved_at"`
		Renditions                                          []struct{ Preset, Format, Hash, ExactURL string }
	}
}

// now returns an instant between what has happened and what will.
func now() time.Time {
	at := time.Now()
	for !time.Now().After(at.Add(2 * time.Microsecond)) { // the history's resolution is a microsecond
	}
	return at.Add(time.Microsecond).Truncate(time.Microsecond)
}

// What the customer saw, at every moment of a story with changes.
func TestLookup(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, cat *catalog.Catalog) {
		f := start(t, cat)
		look := func(query string, at time.Time) seen {
			t.Helper()
			return into[seen](f,
				f.want(200,
					f.do(dam.Viewer, "GET", "/api/lookup?"+query+"&at="+url.QueryEscape(at.Format(time.RFC3339Nano)),
						"")))
		}
		ready := func(id string) {
			t.Helper()
			f.until("the pictures are made", func() bool {
				return f.asset(id).Latest.Renditions == dam.RenditionsReady
			})
		}
		a, b := f.photograph(dam.Editor, 1), f.photograph(dam.Editor, 2)
		ready(a.ID)
		ready(b.ID)
		f.want(201, f.do(dam.Editor, "POST", "/api/products", `{"sku":"A 1"}`))
		empty := now()
		f.want(200, f.do(dam.Editor, "PUT", "/api/products/A%201/slots/hero/1", `{"asset":"`+a.ID+`"}`))
		linked := now()
		f.want(200, f.do(dam.Publisher, "POST", "/api/assets/"+a.ID+"/approve", ""))
		f.want(200, f.do(dam.Publisher, "POST", "/api/assets/"+b.ID+"/approve", ""))
		approved := now()
		f.want(200, f.do(dam.Editor, "PATCH", "/api/assets/"+a.ID, `{"focal":{"x":0.1,"y":0.1}}`))
		ready(a.ID)
		moved := now()
		f.want(200, f.do(dam.Editor, "PUT", "/api/products/A%201/slots/hero/1", `{"asset":"`+b.ID+`"}`))
		swapped := now()
		f.want(200, f.do(dam.Publisher, "POST", "/api/assets/"+b.ID+"/archive", ""))
		archived := now()
		f.want(200, f.do(dam.Editor, "PATCH", "/api/assets/"+b.ID, `{"rights":{"successor":"`+a.ID+`"}}`))
		succeeded := now()
		f.want(204, f.do(dam.Editor, "DELETE", "/api/products/A%201", ""))
		deleted := now()

		hash := func(s seen, preset string) string {
			t.Helper()
			for _, r := range s.Items[0].Renditions {
				if r.Preset == preset && r.Format == "jpeg" {
					return r.Hash
				}
			}
			return ""
		}
		const query = "sku=a+1"
		if s := look(query, empty); len(s.Items) != 0 {
			t.Errorf("before the slot was filled: %+v", s)
		}
		for _, c := range []struct {
			name                 string
			at                   time.Time
			state, linked, shown string
		}{
			{"linked", linked, "hidden", a.ID, ""},
			{"approved", approved, "shown", a.ID, a.ID},
			{"moved", moved, "shown", a.ID, a.ID},
			{"swapped", swapped, "shown", b.ID, b.ID},
			{"archived", archived, "gone", b.ID, ""},
			{"succeeded", succeeded, "shown", b.ID, a.ID},
		} {
			s := look(query, c.at)
			if len(s.Items) != 1 {
				t.Fatalf("%s: %+v", c.name, s)
			}
			x := s.Items[0]
			if s.SKU != "A 1" || x.Slot != "hero" || x.N != 1 || x.State != c.state || x.Linked != c.linked ||
				x.Asset != c.shown || x.LinkedByName == "" {
				t.Errorf("%s: %+v", c.name, s)
			}
			if c.state == "shown" && (x.ApprovedAt == nil || x.ApprovedByName == "" || x.SHA256 == "" ||
				len(x.Renditions) == 0) {
				t.Errorf("%s: %+v", c.name, x)
			}
		}
		if s := look(query, deleted); len(s.Items) != 0 {
			t.Errorf("after the product is gone: %+v", s)
		}
		before, after := hash(look(query, approved), "square"), hash(look(query, moved), "square")
		if before == "" || before == after {
			t.Errorf("the focal point moved, and the pictures were %s and %s", before, after)
		}
		if got := hash(look(query, succeeded), "square"); got != after {
			t.Errorf("the successor's picture was %s, want %s", got, after)
		}

		// By URL.
		exact := "url=" + url.QueryEscape("https://cdn.example.com/media/r/"+a.ID+"/"+before+"/square.jpg?x=1")
		if s := look(exact, approved); s.Items[0].State != "shown" || hash(s, "square") != before ||
			len(s.Items[0].Renditions) != 1 {
			t.Errorf("an exact URL while it was there: %+v", s)
		}
		if s := look(exact, moved); s.Items[0].State != "redirected" || hash(s, "square") != after {
			t.Errorf("an exact URL after its time: %+v", s)
		}
		if s := look("url="+url.QueryEscape("/r/"+a.ID+"/square"), moved); s.Items[0].State != "shown" ||
			hash(s, "square") != after {
			t.Errorf("a live URL: %+v", s)
		}
		if s := look("url="+url.QueryEscape("/p/A%201/hero/square"), swapped); s.Items[0].Asset != b.ID {
			t.Errorf("a product's URL: %+v", s)
		}
		if s := look("url="+url.QueryEscape("/r/"+b.ID+"/square"), archived); s.Items[0].State != "gone" {
			t.Errorf("an archived asset's URL: %+v", s)
		}

		// What was seen stays known when the asset is purged.
		f.want(204, f.do(dam.Editor, "DELETE", "/api/assets/"+a.ID, ""))
		if err := f.purge(a.ID); err != nil {
			t.Fatal(err)
		}
		if s := look(query, approved); s.Items[0].State != "shown" || hash(s, "square") != before {
			t.Errorf("after a purge: %+v", s)
		}
		if s := look("url="+url.QueryEscape("/r/"+a.ID+"/square"), now()); s.Items[0].State != "gone" {
			t.Errorf("a purged asset today: %+v", s)
		}
		for _, bad := range []string{"", "sku=x&url=/r/x/y", "sku=x&at=yesterday", "sku=x&at=2999-01-01T00:00:00Z",
			"url=https://example.com/"} {
			f.want(422, f.do(dam.Viewer, "GET", "/api/lookup?"+bad, ""))
		}
		f.want(404, f.do(dam.Viewer, "GET", "/api/lookup?sku=none", ""))
	})
}
