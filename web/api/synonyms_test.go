package api_test

import (
	"strings"
	"testing"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/catalog/catalogtest"
)

// Synonyms count from the answer on, and are nobody's to change but editors'.
func TestSynonyms(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, c *catalog.Catalog) {
		f := start(t, c)
		one, two := f.photograph(dam.Editor, 1), f.photograph(dam.Editor, 2)
		f.want(200, f.do(dam.Editor, "PATCH", "/api/assets/"+one.ID, `{"title": "Velvet sofa"}`))
		f.want(200, f.do(dam.Editor, "PATCH", "/api/assets/"+two.ID, `{"title": {"fr": "Canapés d'angle"}}`))
		get := func() (answer, dam.Synonyms) {
			a := f.want(200, f.do(dam.Viewer, "GET", "/api/synonyms", ""))
			return a, into[dam.Synonyms](f, a)
		}
		if a, s := get(); s.Revision != 0 || s.Lines == nil || len(s.Lines) != 0 {
			t.Errorf("at first: %s", a.body)
		}
		if p := f.find("couch", ""); p.Total != 0 {
			t.Errorf("before: %+v", p)
		}
		body := `{"lines": ["# furniture", "sofa, couch, canapé"]}`
		f.want(403, f.do(dam.Contributor, "PUT", "/api/synonyms", body))
		a := f.want(200, f.do(dam.Editor, "PUT", "/api/synonyms", body, "If-Match", `"0"`))
		f.want(412, f.do(dam.Editor, "PUT", "/api/synonyms", body, "If-Match", `"0"`))
		if into[dam.Synonyms](f, a).Revision != 1 || a.Header.Get("ETag") != `"1"` ||
			a.Header.Get("X-Vitrine-Seq") == "" {
			t.Errorf("set: %v %s", a.Header, a.body)
		}
		// wait= the seq of the answer is enough.
		got := into[page](f,
			f.want(200, f.do(dam.Viewer, "GET", "/api/assets?q=couch&wait="+a.Header.Get("X-Vitrine-Seq"), "")))
		if got.Total != 2 {
			t.Errorf("found %+v", got)
		}
		f.want(412, f.do(dam.Editor, "PUT", "/api/synonyms", `{"lines": []}`, "If-Match", `"7"`))
		p := f.want(422, f.do(dam.Editor, "PUT", "/api/synonyms", `{"lines": ["sofa, couch", "", "gsm =>"]}`)).problem()
		if len(p.Errors) != 1 || p.Errors[0].Location != "lines[2]" || !strings.HasPrefix(p.Errors[0].Message,
			"line 3: ") || p.Remedy == "" {
			t.Errorf("a mistake: %+v", p)
		}
		if a, s := get(); s.Revision != 1 || strings.Join(s.Lines, "|") != "# furniture|sofa, couch, canapé" {
			t.Errorf("kept: %s", a.body)
		}
		f.want(200, f.do(dam.Editor, "PUT", "/api/synonyms", `{"lines": []}`, "If-Match", `"1"`))
		if p := f.find("couch", ""); p.Total != 0 {
			t.Errorf("taken away: %+v", p)
		}
	})
}
