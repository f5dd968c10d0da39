package api_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/catalog/catalogtest"
	"vitrine/dam/vocabularies"
	"vitrine/search"
)

// vocabulary makes one with furniture › chairs › stools, a field that holds a term of it and one that holds several.
func (f *fixture) vocabulary() string {
	f.Helper()
	v := into[dam.Vocabulary](f, f.want(201, f.do(dam.Admin, "POST", "/api/vocabularies", `{"name": "Objects"}`)))
	at := "/api/vocabularies/" + v.ID + "/terms"
	for _, body := range []string{
		`{"id": "furniture", "labels": {"en": "Furniture", "fr": "Meubles"}}`,
		`{"id": "chair", "parent": "furniture", "labels": {"en": "Chairs", "fr": "Chaises"},
			"synonyms": {"en": ["seat", "Side chair"]}}`,
		`{"id": "stool", "parent": "chair", "labels": {"en": "Stools", "fr": "Tabourets élevés"}}`,
		`{"id": "table", "parent": "furniture", "labels": {"en": "Tables"}}`,
		`{"id": "games", "labels": {"en": "Games"}}`,
		`{"id": "chess", "parent": "games", "labels": {"en": "Tables"}}`,
	} {
		f.want(201, f.do(dam.Admin, "POST", at, body))
	}
	f.want(200, f.do(dam.Admin, "PUT", "/api/fields", `{"items": [
		{"key": "object", "type": "tree", "vocabulary": "`+v.ID+`"},
		{"key": "things", "type": "tree", "multi": true, "vocabulary": "`+v.ID+`"}]}`))
	return v.ID
}

// A term is given by id, label, synonym or path, and found by each of them and by what it is below of, whatever it is
// called meanwhile.
func TestVocabulary(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, c *catalog.Catalog) {
		f := start(t, c)
		id := f.vocabulary()
		at := "/api/vocabularies/" + id
		a, b := f.photograph(dam.Editor, 1), f.photograph(dam.Editor, 2)
		set := func(asset, custom string) answer {
			return f.do(dam.Editor, "PATCH", "/api/assets/"+asset, `{"custom": `+custom+`}`)
		}
		for value, want := range map[string]string{"chair": "chair", " CHAISES": "chair", "side  CHAIR": "chair",
			"Furniture > Chairs > Stools": "stool", "tabourets eleves": "stool", "meubles>Tables": "table",
			"Games > Tables": "chess"} {
			got := into[dam.Asset](f, f.want(200, set(a.ID, `{"object": "`+value+`"}`)))
			if got.Custom["object"] != want {
				t.Errorf("%q is kept as %v, want %s", value, got.Custom["object"], want)
			}
		}
		for value, code := range map[string]string{"Tables": "term_ambiguous", "sofa": "no_term_of_field"} {
			p := f.want(422, set(a.ID, `{"object": "`+value+`"}`)).problem()
			if p.Errors[0].Location != "custom.object" || p.ReasonCode != code || p.Remedy == "" {
				t.Errorf("%s: %+v", value, p)
			}
		}
		f.want(200, set(a.ID, `{"object": "stool", "things": ["seat", "chair", "Games"]}`))
		f.want(200, set(b.ID, `{"object": "furniture"}`))
		finds := func(q string, want ...string) {
			t.Helper()
			got := f.find(q, "facets=object,things")
			ids := map[string]bool{}
			for _, x := range got.Items {
				ids[x.ID] = true
			}
			ok := len(ids) == len(want)
			for _, w := range want {
				ok = ok && ids[w]
			}
			if !ok {
				t.Errorf("%s finds %v, want %v", q, ids, want)
			}
		}
		finds("object:chair", a.ID)
		finds(`object:"side chair"`, a.ID)
		finds("object:meubles", a.ID, b.ID)
		finds("object:tabou*", a.ID)
		finds("object:table")
		finds("-object:chaises object:furniture", b.ID)
		finds("things:games", a.ID)
		finds("missing:things", b.ID)
		seq := f.want(200, f.do(dam.Admin, "PATCH", at+"/terms/chair", `{"labels": {"en": "Armchairs", "fr": ""},
			"synonyms": {"de": ["Stuhl"]}}`)).Header.Get("X-Vitrine-Seq")
		if seq == "" {
			t.Error("no seq")
		}
		finds("object:armchairs", a.ID)
		finds("object:stuhl", a.ID)
		finds("object:chaises")
		facets := f.find("", "facets=object,things").Facets
		if l := facets["object"][0].Label; l == nil || (*l)["en"] == "" {
			t.Errorf("facets: %+v", facets)
		}
		csv := string(f.want(200, f.do(dam.Viewer, "GET",
			"/api/assets/export?fields=id,custom.object,custom.things&q=object:stool", "")).body)
		if !strings.Contains(csv, a.ID+",Furniture > Armchairs > Stools,Furniture > Armchairs; Games") {
			t.Errorf("exported: %s", csv)
		}
		if page := into[struct{ Items []dam.Term }](f, f.want(200, f.do(dam.Viewer, "GET", at+"/terms?q=tab",
			""))); len(page.Items) != 3 || page.Items[1].Path[0].ID != "furniture" {
			t.Errorf("searched: %+v", page.Items)
		}
		first := into[struct {
			Items []dam.Term
			Next  string
		}](f, f.want(200, f.do(dam.Viewer, "GET", at+"/terms?parent=furniture&limit=1", "")))
		if len(first.Items) != 1 || first.Items[0].ID != "chair" || first.Items[0].Children != 1 ||
			first.Next != "chair" {
			t.Errorf("a level: %+v", first)
		}
		f.want(200, f.do(dam.Admin, "POST", at+"/terms/table/move", `{"parent": "furniture", "before": "chair"}`))
		f.want(422, f.do(dam.Admin, "POST", at+"/terms/chair/move", `{"parent": "stool"}`))
		f.want(422, f.do(dam.Admin, "POST", at+"/terms/chair/move", `{"parent": "nowhere"}`))

		// What is archived stays where it is, and comes nowhere else.
		f.want(200, f.do(dam.Admin, "PATCH", at+"/terms/stool", `{"archived": true}`))
		f.want(200, set(a.ID, `{"object": "stool"}`))
		f.want(422, set(b.ID, `{"object": "stool"}`))

		// What is held is not deleted.
		if u := into[dam.TermUse](f, f.want(200, f.do(dam.Admin, "GET", at+"/terms/chair/use", ""))); u.Assets != 1 ||
			u.Terms != 1 || len(u.Examples) != 1 || u.Examples[0] != a.ID {
			t.Errorf("use: %+v", u)
		}
		f.want(409, f.do(dam.Admin, "DELETE", at+"/terms/chair", ""))
		f.want(409, f.do(dam.Admin, "DELETE", at+"/terms/chair?below=true", ""))
		f.want(409, f.do(dam.Admin, "DELETE", at+"/terms/games", ""))
		f.want(204, f.do(dam.Admin, "DELETE", at+"/terms/chess", ""))
		f.want(409, f.do(dam.Admin, "DELETE", at, ""))

		for _, role := range []dam.Role{dam.Viewer, dam.Editor, dam.Publisher} {
			f.want(403, f.do(role, "POST", at+"/terms", `{"labels": {"en": "X"}}`))
			f.want(403, f.do(role, "POST", at+"/terms/chair/merge", `{"into": "table"}`))
			f.want(403, f.do(role, "DELETE", at+"/terms/chair", ""))
		}
		f.want(404, f.do(dam.Admin, "GET", "/api/vocabularies/vb_other/terms", ""))
		for _, body := range []string{`{"labels": {}}`, `{"labels": {"en": "` + strings.Repeat("x", 201) + `"}}`,
			`{"id": "Ünicode", "labels": {"en": "X"}}`, `{"id": "-x", "labels": {"en": "X"}}`,
			`{"labels": {"en": "X"}, "synonyms": {"en": ["` + strings.Repeat(`a", "`, 5) + strings.Repeat("b", 300) + `"]}}`} {
			f.want(422, f.do(dam.Admin, "POST", at+"/terms", body))
		}
		f.want(409, f.do(dam.Admin, "POST", at+"/terms", `{"id": "chair", "labels": {"en": "X"}}`))
		f.want(409, f.do(dam.Admin, "POST", "/api/vocabularies", `{"name": "objects"}`))
		f.want(422, f.do(dam.Admin, "PUT", "/api/fields", `{"items": [{"key": "object", "type": "tree"}]}`))
		f.want(422, f.do(dam.Admin, "PUT", "/api/fields",
			`{"items": [{"key": "other", "type": "tree", "vocabulary": "vb_x"}]}`))
	})
}

// A merge counts first; then the term that stays means both at once, and a job gives it to the assets.
func TestMergeTerms(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, c *catalog.Catalog) {
		f := start(t, c)
		at := "/api/vocabularies/" + f.vocabulary()
		a, b := f.photograph(dam.Editor, 1), f.photograph(dam.Editor, 2)
		f.want(200, f.do(dam.Editor, "PATCH", "/api/assets/"+a.ID,
			`{"custom": {"object": "chair", "things": ["games", "chair", "table"]}}`))
		f.want(200, f.do(dam.Editor, "PATCH", "/api/assets/"+b.ID, `{"custom": {"object": "stool"}}`))
		for _, into := range []string{"chair", "stool", "nowhere"} {
			f.want(422, f.do(dam.Admin, "POST", at+"/terms/chair/merge", `{"into": "`+into+`"}`))
		}
		dry := into[dam.TermMerge](f, f.want(202, f.do(dam.Admin, "POST", at+"/terms/chair/merge",
			`{"into": "table", "dry_run": true}`)))
		if dry.Total != 1 || !dry.DryRun || f.find("object:chair", "").Total != 2 {
			t.Errorf("a dry run: %+v", dry)
		}
		f.want(202, f.do(dam.Admin, "POST", at+"/terms/chair/merge", `{"into": "table"}`))
		if got := f.find("object:table", ""); got.Total != 2 {
			t.Errorf("right after a merge table finds %d", got.Total)
		}
		f.until("the merge ends", func() bool {
			list := into[struct{ Items []dam.TermMerge }](f, f.want(200, f.do(dam.Admin, "GET", at+"/merges", "")))
			return len(list.Items) == 1 && list.Items[0].EndedAt != nil && list.Items[0].Done == 1
		})
		got := into[dam.Asset](f, f.want(200, f.do(dam.Viewer, "GET", "/api/assets/"+a.ID, "")))
		if fmt.Sprint(got.Custom) != "map[object:table things:[games table]]" {
			t.Errorf("merged: %v", got.Custom)
		}
		// The old id and the old words still mean the term.
		f.want(200, f.do(dam.Editor, "PATCH", "/api/assets/"+b.ID, `{"custom": {"object": "chair", "things": ["seat"]}}`))
		got = into[dam.Asset](f, f.want(200, f.do(dam.Viewer, "GET", "/api/assets/"+b.ID, "")))
		if fmt.Sprint(got.Custom) != "map[object:table things:[table]]" {
			t.Errorf("by the old id: %v", got.Custom)
		}
		if got := f.find("object:chaises", ""); got.Total != 2 {
			t.Errorf("by the old word: %d", got.Total)
		}
		stool := into[dam.Term](f, f.want(200, f.do(dam.Viewer, "GET", at+"/terms/stool", "")))
		if stool.Parent != "table" || len(stool.Path) != 2 {
			t.Errorf("below the merged term: %+v", stool)
		}
		f.want(410, f.do(dam.Admin, "PATCH", at+"/terms/chair", `{"labels": {"en": "X"}}`))
		// What stood beside the merged term doesn't take its id along.
		if u := into[dam.TermUse](f, f.want(200, f.do(dam.Admin, "GET", at+"/terms/furniture/use", ""))); u.Terms != 2 {
			t.Errorf("below furniture: %+v", u)
		}
		f.want(200, f.do(dam.Admin, "POST", at+"/terms/table/move", `{"parent": "games"}`))
		f.want(204, f.do(dam.Admin, "DELETE", at+"/terms/furniture?below=true", ""))
		if got := f.find("object:chair", ""); got.Total != 2 {
			t.Errorf("by the id of a merged term whose old parent is gone: %d", got.Total)
		}
		// A removed field keeps its values, so that their terms stay.
		f.want(200, f.do(dam.Admin, "PUT", "/api/fields", `{"items": []}`))
		f.want(409, f.do(dam.Admin, "DELETE", at+"/terms/table?below=true", ""))
	})
}

// A table comes back as it was written; with one wrong row nothing is imported.
func TestTermTable(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, c *catalog.Catalog) {
		f := start(t, c)
		at := "/api/vocabularies/" + f.vocabulary()
		send := func(query, table string) vocabularies.Imported {
			t.Helper()
			return into[vocabularies.Imported](f, f.want(200, f.do(dam.Admin, "POST", at+"/import"+query, table,
				"Content-Type", "text/csv")))
		}
		whole := string(f.want(200, f.do(dam.Viewer, "GET", at+"/export", "")).body)
		if got := send("", whole); got.Unchanged != 6 || got.Created+got.Changed+got.Failed != 0 {
			t.Errorf("what was exported: %+v", got)
		}
		table := "id,parent,label:en,label:fr,synonyms:en\nlamp,light,Lamps,Lampes,\"'=torch; lan\\;tern\"\n" +
			"light,,Lights,,\nchair,light,'s Chairs,,\n"
		if got := send("?dry_run=true", table); got.Created != 2 || got.Changed != 1 || !got.DryRun {
			t.Errorf("a dry run: %+v", got)
		}
		f.want(404, f.do(dam.Viewer, "GET", at+"/terms/lamp", ""))
		if got := send("", table); got.Created != 2 || got.Changed != 1 || got.Failed != 0 {
			t.Errorf("imported: %+v", got)
		}
		lamp := into[dam.Term](f, f.want(200, f.do(dam.Viewer, "GET", at+"/terms/lamp", "")))
		if raw, _ := json.Marshal(lamp.Synonyms); lamp.Parent != "light" || string(raw) != `{"en":["=torch","lan;tern"]}` {
			t.Errorf("%+v", lamp)
		}
		again := string(f.want(200, f.do(dam.Viewer, "GET", at+"/export", "")).body)
		if got := send("", again); got.Unchanged != 8 || got.Changed != 0 {
			t.Errorf("exported again: %+v from %s", got, again)
		}
		deep := "id,parent,label:en\n"
		for i := range dam.MaxTermDepth + 1 {
			deep += fmt.Sprintf("d%d,%s,D\n", i, map[bool]string{true: fmt.Sprintf("d%d", i-1)}[i > 0])
		}
		for _, wrong := range []string{"id,parent,label:en\nx,y,X\ny,x,Y\n", "id,parent,label:en\nx,none,X\n",
			"id,label:en\nok,Fine\nBad id,X\n", "id,label:en\nz,\n", "id,label:en\nz,Z\nz,Z\n", deep} {
			if got := send("", wrong); got.Failed == 0 || got.Errors[0].Line < 2 || got.Errors[0].Message == "" {
				t.Errorf("%s: %+v", wrong, got)
			}
		}
		f.want(404, f.do(dam.Viewer, "GET", at+"/terms/ok", ""))
		for _, unreadable := range []string{"", "colour\nred\n", "id,label:en\n\"", "id,id\n1,2\n",
			"id,label:en\n\xff,X\n"} {
			f.want(422, f.do(dam.Admin, "POST", at+"/import", unreadable+" ", "Content-Type", "text/csv"))
		}
		f.want(403, f.do(dam.Editor, "POST", at+"/import", table, "Content-Type", "text/csv"))
	})
}

// What is typed is completed with terms: those of the field that is named, its topmost ones right after the colon, and
// a few for bare words, by any label or synonym; not of a field that somebody doesn't see.
func TestSuggestTerms(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, c *catalog.Catalog) {
		f := start(t, c)
		f.vocabulary()
		suggest := func(as dam.Role, typed string) string {
			var out []string
			for _, s := range into[struct{ Items []search.Suggestion }](f, f.want(200, f.do(as, "GET",
				"/api/suggest?q="+url.QueryEscape(typed), ""))).Items {
				if s.Field == "term" {
					out = append(out, s.Query+" "+s.Labels["fr"])
				}
			}
			return strings.Join(out, ", ")
		}
		for typed, want := range map[string]string{
			"object:":     "object:Furniture Meubles, object:Games ",
			"object:cha":  "object:Chairs Chaises",
			`object:"si`:  "object:Chairs Chaises",
			"things:éle":  "things:Stools Tabourets élevés",
			"seat":        "object:Chairs Chaises",
			"tabou":       "object:Stools Tabourets élevés",
			"s":           "",
			"nothing:cha": "",
			"title:cha":   "",
			"object:%":    "",
		} {
			if got := suggest(dam.Viewer, typed); got != want {
				t.Errorf("%s is completed with %q, want %q", typed, got, want)
			}
		}
		for _, key := range []string{"object", "things"} {
			f.want(200, f.do(dam.Admin, "PATCH", "/api/fields/"+key, `{"seen_by": ["publisher"]}`))
		}
		if got := suggest(dam.Viewer, "object:cha") + suggest(dam.Viewer, "seat"); got != "" {
			t.Errorf("of fields that are not seen: %s", got)
		}
		if got := suggest(dam.Publisher, "object:cha"); got != "object:Chairs Chaises" {
			t.Errorf("as a publisher: %s", got)
		}
	})
}
