package rights

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"vitrine/dam"
	"vitrine/dam/canon"
	"vitrine/dam/catalog"
	"vitrine/dam/reasons"
)

// MaxRows is how many rows one import has.
const MaxRows = 200

// LicenceRow is a licence by its number, and assets that it is linked to.
type LicenceRow struct {
	Line    int         `json:"line" minimum:"0" doc:"Of the file; errors name it"`
	Licence LicenceEdit `json:"licence" doc:"Its number is needed. A licence with the number is edited, and one that isn't there is made"`
	// Asset names what it is linked to, in one of the ways; none links nothing.
	Asset AssetRef `json:"asset,omitzero"`
}

// ConsentRow is a consent by its number, and assets that it is linked to.
type ConsentRow struct {
	Line    int         `json:"line" minimum:"0" doc:"Of the file; errors name it"`
	Consent ConsentEdit `json:"consent" doc:"Its number is needed. A consent with the number is edited, and one that isn't there is made"`
	// Asset names what it is linked to, in one of the ways; none links nothing.
	Asset AssetRef `json:"asset,omitzero"`
}

// row is a row of either kind.
type row struct {
	line   int
	number *string
	edit   func(*catalog.RightsRow) error
	asset  AssetRef
	found  []string // the assets that it names, sorted
}

// AssetRef names assets in one way.
type AssetRef struct {
	ID       string `json:"id,omitempty" maxLength:"64"`
	FileName string `json:"file_name,omitempty" maxLength:"500" doc:"As it was uploaded; it must be that of one asset only"`
	SKU      string `json:"sku,omitempty" maxLength:"200" doc:"Every asset of the product"`
	SHA256   string `json:"sha256,omitempty" maxLength:"64" doc:"Of the bytes of any version"`
}

// RecordsImported is what an import did, or as a dry run would do.
type RecordsImported struct {
	Created int `json:"created"`
	Updated int `json:"updated"`
	Linked  int `json:"linked" doc:"Links that were not there before"`
	// Impact is that of all rows of a dry run together.
	Impact *dam.RightsImpact `json:"impact,omitempty" doc:"Of a dry run: what it would touch"`
	Errors []RecordRowError  `json:"errors" nullable:"false" doc:"Rows that were left out; the others count"`
}

// RecordRowError is why a row was left out.
type RecordRowError struct {
	Line    int    `json:"line"`
	Field   string `json:"field,omitempty"`
	Message string `json:"message"`
	Remedy  string `json:"remedy,omitempty"`
	reasons.Reason
}

// Import makes and edits licences by their numbers, and links them. Each row counts or fails by itself.
func (s *Service) Import(ctx context.Context, library string, rows []LicenceRow, dry bool) (RecordsImported, error) {
	list := make([]row, len(rows))
	for i, r := range rows {
		list[i] = row{line: r.Line, number: r.Licence.Number, edit: r.Licence.apply, asset: r.Asset}
	}
	return s.importRows(ctx, library, dam.LicenceRecord, list, dry)
}

// ImportConsents is Import for consents.
func (s *Service) ImportConsents(ctx context.Context, library string, rows []ConsentRow,
	dry bool) (RecordsImported, error) {
	list := make([]row, len(rows))
	for i, r := range rows {
		list[i] = row{line: r.Line, number: r.Consent.Number, edit: r.Consent.apply, asset: r.Asset}
	}
	return s.importRows(ctx, library, dam.ConsentRecord, list, dry)
}

func (s *Service) importRows(ctx context.Context, library string, kind dam.RecordKind, rows []row,
	dry bool) (RecordsImported, error) {
	if len(rows) > MaxRows {
		return RecordsImported{}, dam.InvalidInput("rows", reasons.TooManyEntriesInPatch(MaxRows))
	}
	failed := make([]error, len(rows))
	for i, r := range rows {
		if rows[i].found, failed[i] = s.assets(ctx, library, r.asset); failed[i] != nil && !said(failed[i]) {
			return RecordsImported{}, failed[i]
		}
	}
	var out RecordsImported
	would := plan{records: map[string]catalog.RightsRow{},
		shift: dam.RightsShift{Added: map[string][]string{}, Gone: map[string][]string{}}}
	_, err := catalog.Do(ctx, s.Catalog, func(tx *catalog.Tx) (RecordsImported, error) {
		out = RecordsImported{Errors: []RecordRowError{}}
		if err := tx.Libraries().LockFields(ctx, library); err != nil {
			return out, err
		}
		for i, r := range rows {
			err := failed[i]
			if err == nil {
				done := out
				err = tx.Savepoint(ctx, func() error {
					return s.importRow(ctx, tx, address{library: library, kind: kind}, r, &done, &would)
				})
				if err == nil {
					out = done
				}
			}
			if err != nil && !said(err) {
				return out, err
			}
			var e *dam.Error
			if errors.As(err, &e) {
				x := RecordRowError{Line: r.line, Field: e.Field, Reason: e.Reason}
				reasons.Complete(&x.Reason, &x.Message, &x.Remedy)
				out.Errors = append(out.Errors, x)
			}
		}
		if dry {
			return out, errDry
		}
		return out, nil
	})
	if errors.Is(err, errDry) {
		out.Impact, err = s.impactWith(ctx, library, would.shift, would.records)
	}
	return out, err
}

// plan is what the rows of an import change: records as they are then, and what binds assets.
type plan struct {
	records map[string]catalog.RightsRow
	shift   dam.RightsShift
}

// said reports whether an error is about the row.
func said(err error) bool {
	code := dam.CodeOf(err)
	return code == dam.Invalid || code == dam.NotFound || code == dam.Conflict
}

func (s *Service) importRow(ctx context.Context, tx *catalog.Tx, at address, r row, out *RecordsImported,
	would *plan) error {
	if r.number == nil || canon.Name(*r.number) == "" {
		return dam.InvalidInput("number", reasons.RightsNumberNeeded())
	}
	id, err := tx.Assets().Rights().Numbered(ctx, at.library, at.kind, *r.number)
	if err != nil {
		return err
	}
	var x catalog.RightsRow
	if id == "" {
		out.Created++
		x, err = s.createIn(ctx, tx, at.library, at.kind, r.edit)
	} else if x, err = tx.Assets().Rights().LockRecord(ctx, at.library, at.kind, id); err == nil {
		var changed bool
		if changed, err = s.changeIn(ctx, tx, &x, r.edit); changed {
			out.Updated++
		}
	}
	if err != nil {
		return err
	}
	var shift dam.RightsShift
	if len(r.found) > 0 {
		var linked Linked
		if linked, shift, err = s.linkIn(ctx, tx, &x, r.found); err != nil {
			return err
		}
		out.Linked += linked.Assets
	}
	would.records[x.ID] = x
	for id, of := range shift.Added { // links add only
		would.shift.Added[id] = append(would.shift.Added[id], of...)
	}
	return nil
}

// assets returns what a row names, sorted by id.
func (s *Service) assets(ctx context.Context, library string, r AssetRef) ([]string, error) {
	switch {
	case r.ID != "":
		return s.find(ctx, library, dam.BulkFilter{Assets: []string{r.ID}}, true)
	case r.SKU != "":
		if strings.ContainsAny(r.SKU, `"\*`) {
			return nil, dam.InvalidInput("asset.sku", reasons.RightsNoAsset(r.SKU))
		}
		ids, err := s.find(ctx, library, dam.BulkFilter{Q: fmt.Sprintf(`sku:"%s"`, canon.SKU(r.SKU))}, true)
		if err == nil && len(ids) == 0 {
			err = dam.InvalidInput("asset.sku", reasons.RightsNoAsset(r.SKU))
		}
		return ids, err
	case r.FileName == "" && r.SHA256 == "":
		return nil, nil
	}
	ids, err := s.Catalog.Assets().Rights().WithFile(ctx, library, r.FileName, strings.ToLower(r.SHA256))
	field, named := "asset.file_name", r.FileName
	if r.FileName == "" {
		field, named = "asset.sha256", r.SHA256
	}
	switch {
	case err != nil:
		return nil, err
	case len(ids) == 0:
		return nil, dam.InvalidInput(field, reasons.RightsNoAsset(named))
	case len(ids) > 1:
		return nil, dam.InvalidInput(field, reasons.RightsSeveralAssets(named))
	}
	slices.Sort(ids)
	return ids, nil
}
