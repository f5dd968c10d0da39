package api_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/catalog/catalogtest"
)

// The same result as a table of each kind; what looks like a formula stays a text.
func TestExport(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, c *catalog.Catalog) {
		f := start(t, c)
		const formula = `=HYPERLINK("http://evil.example","x")`
		for i, patch := range []string{`{"title": {"en": "Chair", "fr": "Chaise"}, "tags": ["oak", "sale"], "rating": 4, "place": {"lat": -12.5, "lon": 3}}`,
			`{"title": {"en": ` + fmt.Sprintf("%q", formula) + `}, "creator": " \t@SUM(1)", "copyright": "-2+3"}`,
			`{"title": {"de": "Stuhl"}}`} {
			a := f.photograph(dam.Editor, uint8(i+1))
			f.want(200, f.do(dam.Editor, "PATCH", "/api/assets/"+a.ID, patch))
		}
		head, err := c.Log().Head(catalogtest.Context(t))
		if err != nil {
			t.Fatal(err)
		}
		f.want(200, f.do(dam.Viewer, "GET", fmt.Sprintf("/api/assets?wait=%d", head), ""))
		get := func(query string) answer {
			return f.want(200, f.do(dam.Viewer, "GET", "/api/assets/export?"+query, ""))
		}

		a := get("sort=created&fields=title,creator,copyright,tags,rating,latitude,title.fr")
		rows, err := csv.NewReader(bytes.NewReader(a.body)).ReadAll()
		want := [][]string{{"title.de", "title.en", "title.fr", "creator", "copyright", "tags", "rating", "latitude",
			"title.fr"},
			{"", "Chair", "Chaise", "", "", "oak; sale", "4", "-12.5", "Chaise"},
			{"", "'" + formula, "", "'@SUM(1)", "'-2+3", "", "", "", ""},
			{"Stuhl", "photo-3", "", "", "", "", "", "", ""}}
		if err != nil || !slices.EqualFunc(rows, want, slices.Equal) {
			t.Errorf("csv: %v %v", err, rows)
		}
		if marked :=
			get("sort=created&fields=title,creator,copyright,tags,rating,latitude,title.fr&bom=true"); !bytes.Equal(
			marked.body, append([]byte("\xef\xbb\xbf"), a.body...)) {
			t.Errorf("with a byte order mark: %.40q", marked.body)
		}
		if jsonl := get("format=jsonl&bom=true"); !bytes.HasPrefix(jsonl.body, []byte("{")) {
			t.Errorf("JSON lines have a byte order mark: %.20q", jsonl.body)
		}
		if d := a.Header.Get("Content-Disposition"); !strings.HasPrefix(d, `attachment; filename="vitrine-main-2`) ||
			!strings.HasSuffix(d, `.csv"`) || a.Header.Get("X-Total-Count") != "3" {
			t.Errorf("headers %v", a.Header)
		}
		if rows, err = csv.NewReader(bytes.NewReader(get("q=chair").body)).ReadAll(); err != nil || len(rows) != 2 ||
			len(rows[0]) < 25 || rows[0][0] != "id" {
			t.Errorf("everything about one: %v %v", rows, err)
		}

		x, err := excelize.OpenReader(bytes.NewReader(get("sort=created&format=xlsx&fields=title.en,rating").body))
		if err != nil {
			t.Fatal(err)
		}
		if rows, err = x.GetRows("Sheet1"); err != nil || len(rows) != 4 ||
			!slices.Equal(rows[1], []string{"Chair", "4"}) || rows[2][0] != formula {
			t.Errorf("xlsx: %v %v", rows, err)
		}
		if s, err := x.GetCellFormula("Sheet1", "A3"); err != nil || s != "" {
			t.Errorf("xlsx holds a formula: %q %v", s, err)
		}

		var first dam.Asset
		lines := bytes.Split(bytes.TrimSpace(get("sort=created&format=jsonl").body), []byte("\n"))
		if err := json.Unmarshal(lines[0], &first); err != nil || len(lines) != 3 || first.Title["fr"] != "Chaise" {
			t.Errorf("jsonl: %v %d %+v", err, len(lines), first)
		}
		// A library's own fields are columns too.
		f.want(200, f.do(dam.Admin, "PUT", "/api/fields",
			`{"items": [{"key": "models", "type": "text", "multi": true}, {"key": "price", "type": "number"}, {"key": "note", "type": "text"}]}`))
		f.want(200, f.do(dam.Editor, "PATCH", "/api/assets/"+first.ID,
			`{"custom": {"models": ["Julie", "Ann"], "price": 12.5, "note": "=1+1"}}`))
		rows, err = csv.NewReader(
			bytes.NewReader(get("sort=created&fields=custom.models,custom.price,id,custom.note").body)).ReadAll()
		want = [][]string{{"custom.models", "custom.price", "id", "custom.note"},
			{"Julie; Ann", "12.5", first.ID, "'=1+1"}}
		if err != nil || len(rows) != 4 || !slices.EqualFunc(rows[:2], want, slices.Equal) || rows[2][0] != "" ||
			rows[2][1] != "" {
			t.Errorf("own fields: %v %v", err, rows)
		}
		if rows, err = csv.NewReader(bytes.NewReader(get("").body)).ReadAll(); err != nil ||
			!slices.Contains(rows[0], "custom.price") {
			t.Errorf("everything has own fields: %v %v", err, rows)
		}
		var line map[string]any
		if err := json.Unmarshal(bytes.SplitN(get("sort=created&format=jsonl&fields=custom.price,custom.models").body,
			[]byte("\n"), 2)[0], &line); err != nil || line["custom.price"] != 12.5 ||
			fmt.Sprint(line["custom.models"]) != "[Julie Ann]" {
			t.Errorf("own fields as JSON: %v %v", err, line)
		}
		for query, field := range map[string]string{"format=pdf": "format", "fields=nope": "fields", "q=(x": "q",
			"sort=nope": "sort", "fields=rating.fr": "fields", "fields=custom.nope": "fields"} {
			p := f.want(422, f.do(dam.Viewer, "GET", "/api/assets/export?"+query, "")).problem()
			if len(p.Errors) != 1 || p.Errors[0].Location != field || p.Remedy == "" {
				t.Errorf("%s: %+v", query, p)
			}
		}
	})
}
