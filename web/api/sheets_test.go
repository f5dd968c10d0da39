package api_test

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/catalog/catalogtest"
	"vitrine/dam/sheets"
)

// sheet sends a table and waits for its job.
func (f *fixture) sheet(as dam.Role, query, table string) (sheets.SheetResult, dam.Bulk, []dam.BulkFailure) {
	f.Helper()
	out := into[sheets.SheetResult](f, f.want(202, f.do(as, "POST", "/api/assets/import"+query, table, "Content-Type",
		"text/csv")))
	if out.Bulk == nil {
		return out, dam.Bulk{}, nil
	}
	b := f.ended(as, *out.Bulk)
	failures := into[struct{ Items []dam.BulkFailure }](f, f.want(200, f.do(as, "GET", "/api/bulk/"+b.ID+"/failures",
		""))).Items
	return out, b, failures
}

func (f *fixture) ended(as dam.Role, b dam.Bulk) dam.Bulk {
	f.Helper()
	f.until("the bulk job ends", func() bool {
		b = into[dam.Bulk](f, f.want(200, f.do(as, "GET", "/api/bulk/"+b.ID, "")))
		return b.Ended()
	})
	return b
}

// What was exported and edited comes back by id, as one bulk job that is tried first and can be taken back.
func TestSheetRoundTrip(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, c *catalog.Catalog) {
		f := start(t, c)
		f.vocabulary()
		fields := `{"key": "season", "type": "choice", "choices": ["summer", "winter"]},
			{"key": "price", "type": "number"}, {"key": "retouched", "type": "boolean"},
			{"key": "slogan", "type": "localized_text"}`
		was := string(f.want(200, f.do(dam.Admin, "GET", "/api/fields", "")).body)
		was = was[strings.Index(was, "[")+1 : strings.LastIndex(was, "]")]
		f.want(200, f.do(dam.Admin, "PUT", "/api/fields", `{"items": [`+was+","+fields+`]}`))
		a, b := f.photograph(dam.Editor, 1), f.photograph(dam.Editor, 2)
		f.want(200, f.do(dam.Editor, "PATCH", "/api/assets/"+a.ID, `{"title": {"en": "=Blue", "fr": "Bleu"},
			"tags": ["oak", "-sale"], "rating": 4, "place": {"lat": 48.5, "lon": 2.25}, "creator": "Ann",
			"captured": {"wall": "2026-03-01T10:00:00", "offset": "+02:00"},
			"rights": {"from": "2026-01-01", "until": "2030-12-31", "territories": ["FR", "DE"]},
			"custom": {"object": "stool", "things": ["chair", "games"], "season": "summer", "price": 12.5,
				"retouched": false, "slogan": {"en": "Sit", "fr": "Assis"}}}`))
		export := func(format string) []byte {
			return f.want(200, f.do(dam.Editor, "GET", "/api/assets/export?format="+format+"&q=id:"+a.ID+","+b.ID,
				"")).body
		}
		f.find("oak", "")
		for _, format := range []string{"csv", "xlsx"} {
			out, job, failures := f.sheet(dam.Editor, "?format="+format, string(export(format)))
			if out.Rows != 2 || out.Assets != 2 || out.By != "id" || len(out.Errors)+len(failures) != 0 ||
				job.Done != 2 || job.Report.Changed != 0 {
				t.Errorf("%s as it was: %+v %+v %+v", format, out, job.Report, failures)
			}
		}
		rows, err := csv.NewReader(bytes.NewReader(export("csv"))).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		at := func(column string) int { return slices.Index(rows[0], column) }
		for _, row := range rows[1:] {
			row[at("title.en")] = "Chair"
			row[at("custom.object")] = "Furniture > Chairs"
			row[at("custom.season")] = map[bool]string{true: "winter", false: "spring"}[row[0] == a.ID]
			row[at("rating")] = ""
		}
		var edited bytes.Buffer
		if err := csv.NewWriter(&edited).WriteAll(rows); err != nil {
			t.Fatal(err)
		}
		get := func(id string) dam.Asset {
			return into[dam.Asset](f, f.want(200, f.do(dam.Editor, "GET", "/api/assets/"+id, "")))
		}
		_, dry, failures := f.sheet(dam.Editor, "?dry_run=true", edited.String())
		if dry.Done != 1 || dry.Failed != 1 || dry.Report.Changed != 1 || dry.Report.Fields["custom"] != 1 ||
			get(a.ID).Title["en"] != "=Blue" || dry.UndoUntil != nil {
			t.Errorf("a dry run: %+v", dry)
		}
		if len(failures) != 1 || failures[0].Asset != b.ID || failures[0].Field != "custom.season" ||
			rows[failures[0].Row-1][0] != b.ID {
			t.Errorf("its failures: %+v", failures)
		}
		_, job, _ := f.sheet(dam.Editor, "", edited.String())
		if got := get(a.ID); got.Title["en"] != "Chair" || got.Rating != 0 || got.Custom["object"] != "chair" ||
			got.Custom["season"] != "winter" || got.Title["fr"] != "Bleu" {
			t.Errorf("imported: %+v", got)
		}
		f.ended(dam.Editor, into[dam.Bulk](f, f.want(202, f.do(dam.Editor, "POST", "/api/bulk/"+job.ID+"/undo", ""))))
		if got := get(a.ID); got.Title["en"] != "=Blue" || got.Rating != 4 || got.Custom["object"] != "stool" {
			t.Errorf("taken back: %+v", got)
		}
	})
}

// Rows are found by file name, SKU and bytes, too; what names no asset, several or one twice is refused by its row.
func TestSheetKeys(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, c *catalog.Catalog) {
		f := start(t, c)
		a, b := f.photograph(dam.Editor, 1), f.photograph(dam.Editor, 2)
		f.want(201, f.upload(dam.Editor, "/api/assets", "Twin.jpg", photo(t, 3), nil))
		f.want(201, f.upload(dam.Editor, "/api/assets", "twin.jpg", photo(t, 4), nil))
		mine := f.photograph(dam.Contributor, 5)
		for _, x := range []dam.Asset{a, b} {
			f.want(200, f.do(dam.Editor, "PATCH", "/api/assets/"+x.ID, `{"skus": ["DRS-1"]}`))
		}
		title := func(id string) string {
			return into[dam.Asset](f, f.want(200, f.do(dam.Editor, "GET", "/api/assets/"+id, ""))).Title["en"]
		}
		out, _, _ := f.sheet(dam.Editor, "",
			"file_name;title.en\nPHOTO-1.jpg;One\ntwin.jpg;Two\nnone.jpg;X\nphoto-1.jpg;Y\n;Z\n")
		codes := []string{}
		for _, e := range out.Errors {
			codes = append(codes, fmt.Sprint(e.Row, " ", e.ReasonCode))
		}
		if slices.Sort(codes); fmt.Sprint(codes) !=
			"[3 sheet_ambiguous 4 sheet_no_asset 5 sheet_twice 6 sheet_key_missing]" || title(a.ID) != "One" {
			t.Errorf("by file name: %v, %s", codes, title(a.ID))
		}
		if out, _, _ := f.sheet(dam.Editor, "", "sku,title.en\ndrs-1,Dress\n"); out.Assets != 2 ||
			title(b.ID) != "Dress" {
			t.Errorf("by SKU: %+v", out)
		}
		sum := strings.ToUpper(a.Latest.SHA256)
		if out, _, _ := f.sheet(dam.Editor, "?by=sha256", "id,sha256,title.en\nx,"+sum+",Sum\n"); out.By != "sha256" ||
			title(a.ID) != "Sum" {
			t.Errorf("by bytes: %+v", out)
		}
		_, job, failures := f.sheet(dam.Contributor, "", "id,title.en\n"+mine.ID+",Mine\n"+a.ID+",Theirs\n")
		if job.Done != 1 || len(failures) != 1 || failures[0].Code != dam.Forbidden || title(a.ID) != "Sum" {
			t.Errorf("a contributor: %+v %+v", job, failures)
		}
		f.want(403, f.do(dam.Viewer, "POST", "/api/assets/import", "id,title\nx,y\n", "Content-Type", "text/csv"))
		book := excelize.NewFile()
		for cell, v := range map[string]any{"A1": "id", "B1": "title.en", "C1": "rating", "A2": b.ID,
			"B2": "Book", "C2": 3} {
			if err := book.SetCellValue("Sheet1", cell, v); err != nil {
				t.Fatal(err)
			}
		}
		var raw bytes.Buffer
		if err := book.Write(&raw); err != nil {
			t.Fatal(err)
		}
		if _, job, _ := f.sheet(dam.Editor, "?format=xlsx", raw.String()); job.Done != 1 || title(b.ID) != "Book" {
			t.Errorf("a spreadsheet: %+v", job)
		}
		for _, bad := range []string{" ", "id,nope\n1,2\n", "id,id\n1,2\n", "title.en\nx\n", "id,\xff\n1,2\n",
			"id,custom.none\n1,2\n"} {
			f.want(422, f.do(dam.Editor, "POST", "/api/assets/import", bad, "Content-Type", "text/csv"))
		}
		f.want(422, f.do(dam.Editor, "POST", "/api/assets/import?format=xlsx", "PK\x03\x04", "Content-Type",
			"text/csv"))
		f.want(422, f.do(dam.Editor, "POST", "/api/assets/import?by=nope", "id\nx\n", "Content-Type", "text/csv"))
		f.want(422, f.do(dam.Editor, "POST", "/api/assets/bulk",
			`{"filter": {"q": "oak"}, "change": {"action": "import"}}`))
	})
}
