// Package sheets changes assets by a table: CSV or XLSX, with the columns that exports have. Rows are found by the
// asset's id, file name, bytes or SKU; each becomes an item of a bulk job, which can be tried first and undone.
package sheets

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"slices"
	"strings"

	"vitrine/dam"
	"vitrine/dam/canon"
	"vitrine/dam/catalog"
	"vitrine/dam/reasons"
)

// Catalog is what this package reads of the catalogue.
type Catalog interface {
	Assets() catalog.Assets
	Libraries() catalog.Libraries
}

// Bulk runs the changes.
type Bulk interface {
	StartSheet(ctx context.Context, library string, rows []dam.SheetRow, dry bool) (dam.Bulk, error)
}

// Service imports tables.
type Service struct {
	Catalog Catalog
	Bulk    Bulk
	// XLSX returns the rows of a spreadsheet's first sheet, which has at most so many bytes when it is unpacked.
	XLSX func(raw []byte, most int64) ([][]string, error)
}

// Bounds of a table.
const (
	MaxSize = 64 << 20 // bytes
	maxRows = 100_000
)

// Request is a table and how to read it.
type Request struct {
	Body   io.Reader
	Format string // csv or xlsx
	By     string // id, file_name, sha256 or sku; "" is the first of these that the table has as a column
	DryRun bool
}

// SheetResult says which rows name assets; the job says what became of these.
type SheetResult struct {
	Rows   int          `json:"rows"`
	By     string       `json:"by" enum:"id,file_name,sha256,sku" doc:"What rows were found by"`
	Assets int          `json:"assets" doc:"Assets that rows name"`
	Failed int          `json:"failed" doc:"Rows that name no asset, or can't be read; the others are done all the same"`
	Errors []SheetError `json:"errors" nullable:"false" doc:"The first 100 of these"`
	Bulk   *dam.Bulk    `json:"bulk,omitempty" doc:"The job that changes the assets or, in a dry run, tries to; its failures name the rows"`
}

// SheetError is what is wrong with one row.
type SheetError struct {
	Row     int      `json:"row" doc:"From 1, the heading"`
	Field   string   `json:"field,omitempty"`
	Code    dam.Code `json:"code"`
	Message string   `json:"message"`
	Remedy  string   `json:"remedy,omitempty"`
	reasons.Reason
}

const maxErrors = 100

func (o *SheetResult) refuse(row int, err error) {
	o.Failed++
	var e *dam.Error
	if len(o.Errors) < maxErrors && errors.As(err, &e) {
		r := SheetError{Row: row, Field: e.Field, Code: e.Code, Reason: e.Why()}
		reasons.Complete(&r.Reason, &r.Message, &r.Remedy)
		o.Errors = append(o.Errors, r)
	}
}

// keys are what rows can be found by, the first that a table has counting.
var keys = []string{"id", "sha256", "file_name", "sku"}

// Import reads a table and starts the job that changes the assets that its rows name. A column that is not there leaves
// what it is about alone, and an empty cell clears.
func (s *Service) Import(ctx context.Context, library string, r Request) (SheetResult, error) {
	rows, err := s.read(io.LimitReader(r.Body, MaxSize+1), r.Format)
	if err != nil {
		return SheetResult{}, err
	}
	lib, err := s.Catalog.Libraries().Library(ctx, library)
	if err != nil {
		return SheetResult{}, err
	}
	fields, err := s.Catalog.Libraries().ShownFields(ctx, library)
	if err != nil {
		return SheetResult{}, err
	}
	t, err := newTable(rows[0], fields, r.By)
	if err != nil {
		return SheetResult{}, err
	}
	t.locale = lib.Locale
	out := SheetResult{By: t.by, Errors: []SheetError{}}
	wanted := map[string][]int{} // rows by what their asset is found by
	patches := map[int]map[string]json.RawMessage{}
	for i, cells := range rows[1:] {
		n := i + 2
		if empty(cells) {
			continue
		}
		out.Rows++
		key := t.key(cells)
		if key == "" {
			out.refuse(n, dam.InvalidInput(t.by, reasons.SheetKeyMissing(t.by)))
			continue
		}
		patch, err := t.members(cells)
		if err != nil {
			out.refuse(n, err)
			continue
		}
		wanted[key], patches[n] = append(wanted[key], n), patch
	}
	items, err := s.find(ctx, library, &out, wanted, patches)
	if err != nil {
		return out, err
	}
	if out.Assets = len(items); len(items) == 0 {
		return out, nil
	}
	b, err := s.Bulk.StartSheet(ctx, library, items, r.DryRun)
	out.Bulk = &b
	return out, err
}

// find returns the assets that rows name, each once.
func (s *Service) find(ctx context.Context, library string, out *SheetResult, wanted map[string][]int,
	patches map[int]map[string]json.RawMessage) ([]dam.SheetRow, error) {
	found := map[string][]catalog.SheetAsset{}
	if err := s.Catalog.Assets().EachForSheet(ctx, library, func(a catalog.SheetAsset) {
		for _, key := range keysOf(out.By, a) {
			if wanted[key] != nil {
				found[key] = append(found[key], a)
			}
		}
	}); err != nil {
		return nil, err
	}
	taken := map[uint32]int{}
	var items []dam.SheetRow
	byRow := map[int]string{}
	for key, rows := range wanted {
		for _, n := range rows {
			byRow[n] = key
		}
	}
	for _, n := range slices.Sorted(maps.Keys(byRow)) {
		list := found[byRow[n]]
		switch {
		case len(list) == 0:
			out.refuse(n, dam.InvalidInput(out.By, reasons.SheetNoAsset(dam.Cut(byRow[n], 100))))
			continue
		case len(list) > 1 && out.By != "sku":
			out.refuse(n, dam.InvalidInput(out.By, reasons.SheetAmbiguous(dam.Cut(byRow[n], 100), len(list))))
			continue
		}
		for _, a := range list {
			if first := taken[a.Number]; first > 0 {
				out.refuse(n, dam.InvalidInput(out.By, reasons.SheetTwice(first)))
				continue
			}
			taken[a.Number] = n
			items = append(items, dam.SheetRow{Number: a.Number, Asset: a.ID, Row: n, Patch: patches[n]})
		}
	}
	return items, nil
}

func keysOf(by string, a catalog.SheetAsset) []string {
	switch by {
	case "id":
		return []string{a.ID}
	case "sha256":
		return []string{a.SHA256}
	case "file_name":
		return []string{canon.Key(a.FileName)}
	}
	out := make([]string, 0, len(a.SKUs))
	for _, sku := range a.SKUs {
		if k := canon.ProductKey(sku); !slices.Contains(out, k) {
			out = append(out, k)
		}
	}
	return out
}

func empty(cells []string) bool {
	return !slices.ContainsFunc(cells, func(c string) bool { return strings.TrimSpace(c) != "" })
}
