package export_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/catalog/catalogtest"
	"vitrine/dam/export"
	"vitrine/dam/savedsearch"
)

type world struct {
	*testing.T
	s          *export.Service
	ids        []string
	collection dam.Collection
}

// newWorld has a chair, whose texts a spreadsheet would run, and a table in a collection.
func newWorld(t *testing.T) *world {
	t.Helper()
	cat := catalogtest.SQLite(t)
	w := &world{T: t, collection: dam.Collection{ID: dam.NewID("c"), Library: dam.DefaultLibrary, Name: "Spring, 2026"},
		s: &export.Service{Catalog: cat, Find: &savedsearch.Service{Catalog: cat}}}
	ctx := catalogtest.Context(t)
	if err := cat.Write(ctx, func(tx *catalog.Tx) error {
		if err := tx.Assets().Collections().PutCollection(ctx, &w.collection); err != nil {
			return err
		}
		if err := tx.Libraries().SetCustomFields(ctx, dam.DefaultLibrary, []dam.CustomField{
			{Key: "models", Type: "text", Multi: true}, {Key: "pieces", Type: "number"}}); err != nil {
			return err
		}
		for i, a := range []dam.Asset{
			{Title: dam.Text{"en": `=1+1`, "fr": "Chaise \"bleue\""}, Tags: []string{"-sale", "oak"}, Rating: 4,
				Creator: "\tAnn", Copyright: " @Ann, 2026\nall rights",
				Custom: map[string]any{"models": []any{"Ann", "Bob"}, "pieces": 2.5}},
			{Title: dam.Text{"de-CH": "Tisch"}},
		} {
			a.ID, a.Library, a.Kind = dam.NewID(dam.AssetPrefix), dam.DefaultLibrary, dam.KindImage
			a.Latest = dam.Version{ID: dam.NewID(dam.VersionPrefix), Asset: a.ID, N: 1, Status: dam.Draft,
				SHA256: fmt.Sprintf("%064x", i)}
			if err := tx.Assets().InsertAsset(ctx, &a, dam.Metadata{}); err != nil {
				return err
			}
			if err := tx.Assets().UpdateAsset(ctx, &a); err != nil {
				return err
			}
			w.ids = append(w.ids, a.ID)
		}
		_, err := tx.Assets().Collections().Collect(ctx, w.collection.ID, w.ids[1:], true)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return w
}

// write exports both assets.
func (w *world) write(ctx context.Context, f export.Format, fields ...string) (string, export.File, error) {
	var b bytes.Buffer
	var file export.File
	err := w.s.Write(ctx, dam.DefaultLibrary, export.Request{Filter: dam.BulkFilter{Assets: w.ids}, Format: f,
		Fields: fields}, func(x export.File) (io.Writer, error) { file = x; return &b, nil })
	return b.String(), file, err
}

// table is a CSV export as rows.
func (w *world) table(fields ...string) [][]string {
	w.Helper()
	text, file, err := w.write(catalogtest.Context(w.T), export.CSV, fields...)
	if err != nil || file.Rows != 2 || !strings.HasSuffix(file.Name, ".csv") {
		w.Fatal(file, err)
	}
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		w.Fatal(err)
	}
	return rows
}

// Columns come in the order asked for; a text has one for each locale in use, or the one that is named.
func TestColumns(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	rows := w.table("id", "title", "rating", "collections", "custom.pieces", "custom.models", "title.fr")
	want := [][]string{
		{"id", "title.de-CH", "title.en", "title.fr", "rating", "collections", "custom.pieces", "custom.models",
			"title.fr"},
		{w.ids[0], "", "'=1+1", `Chaise "bleue"`, "4", "", "2.5", "Ann; Bob", `Chaise "bleue"`},
		{w.ids[1], "Tisch", "", "", "", "Spring, 2026", "", "", ""},
	}
	if fmt.Sprintf("%q", rows) != fmt.Sprintf("%q", want) {
		t.Errorf("%q, want\n%q", rows, want)
	}
	all := w.table()
	for _, f := range dam.TextFields() {
		if !strings.Contains(strings.Join(all[0], ","), f.Name) {
			t.Errorf("no column %s: %v", f.Name, all[0])
		}
	}
	for _, field := range []string{"nope", "rating.fr", "custom.nope", ""} {
		_, file, err := w.write(catalogtest.Context(t), export.CSV, field)
		var e *dam.Error
		if !errors.As(err, &e) || e.Code != dam.Invalid || e.Field != "fields" || file.Name != "" {
			t.Errorf("%q: %v, begun as %q", field, err, file.Name)
		}
	}
	if _, _, err := w.write(catalogtest.Context(t), "pdf"); dam.CodeOf(err) != dam.Invalid {
		t.Errorf("another format: %v", err)
	}
}

// What a spreadsheet would run as a formula is text in CSV, in XLSX too, and stays as it is in JSON.
func TestFormulas(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	fields := []string{"title.en", "tags", "creator", "copyright"}
	raw := []string{"=1+1", "-sale; oak", "\tAnn", " @Ann, 2026\nall rights"}
	for i, cell := range w.table(fields...)[1] {
		if cell != "'"+raw[i] {
			t.Errorf("CSV, %s: %q", fields[i], cell)
		}
	}
	text, _, err := w.write(catalogtest.Context(t), export.XLSX, fields...)
	if err != nil {
		t.Fatal(err)
	}
	sheet, err := excelize.OpenReader(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = sheet.Close() }()
	if v, err := sheet.GetCellValue("Sheet1", "A2"); err != nil || v != raw[0] {
		t.Errorf("XLSX: %q, %v", v, err)
	}
	if f, err := sheet.GetCellFormula("Sheet1", "A2"); err != nil || f != "" {
		t.Errorf("XLSX has the formula %q, %v", f, err)
	}
	text, _, err = w.write(catalogtest.Context(t), export.JSONLines, "title", "tags", "custom.pieces")
	first, _, _ := strings.Cut(text, "\n")
	var line struct {
		Title  dam.Text
		Tags   []string
		Pieces float64 `json:"custom.pieces"`
	}
	if err == nil {
		err = json.Unmarshal([]byte(first), &line)
	}
	if err != nil || line.Title["en"] != raw[0] || line.Tags[0] != "-sale" || line.Pieces != 2.5 {
		t.Errorf("JSON: %s, %v", text, err)
	}
}

// stale finds assets as an index does that has not caught up with who may see them.
type stale []string

func (ids stale) Each(_ context.Context, _ string, _ dam.Selection, begin func(int, int64) error,
	block func([]string) error) error {
	if err := begin(len(ids), 0); err != nil {
		return err
	}
	return block(ids)
}

// Somebody limited to a collection gets its assets only, and no column for a locale that only others use.
func TestExportOfACollection(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	limited := dam.WithActor(t.Context(), dam.Principal{ID: "t_1",
		Grants:      map[string]dam.Role{dam.DefaultLibrary: dam.Contributor},
		Collections: map[string][]string{dam.DefaultLibrary: {w.collection.ID}}})
	w.s.Find = stale(w.ids)
	text, _, err := w.write(limited, export.CSV, "id", "title")
	if want := "id,title.de-CH\n" + w.ids[1] + ",Tisch\n"; err != nil || text != want {
		t.Errorf("%q, want %q; %v", text, want, err)
	}
}
