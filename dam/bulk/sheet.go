package bulk

import (
	"context"
	"encoding/json"
	"errors"
	"slices"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/jobs"
	"vitrine/dam/reasons"
)

// StartSheet begins a job that changes assets as the rows of a table say, on behalf of the context's actor. A dry run
// is a job, too: it tries every row, and its report counts what would change.
func (s *Service) StartSheet(ctx context.Context, library string, rows []dam.SheetRow, dry bool) (dam.Bulk, error) {
	b := catalog.BulkRow{Bulk: dam.Bulk{Library: library, State: dam.BulkCollecting,
		Change: dam.BulkChange{Action: dam.BulkImport}, DryRun: dry, Report: dam.NewBulkReport()}}
	if err := may(catalog.ActorOf(ctx), library, b.Change); err != nil {
		return dam.Bulk{}, err
	}
	items := make([]catalog.SheetItem, len(rows))
	for i, r := range rows {
		raw, err := json.Marshal(undo{Patch: r.Patch, Row: r.Row})
		if err != nil {
			return dam.Bulk{}, err
		}
		items[i] = catalog.SheetItem{Number: r.Number, Asset: r.Asset, Data: raw}
	}
	return catalog.Do(ctx, s.Catalog, func(tx *catalog.Tx) (dam.Bulk, error) {
		row := b
		row.ID, row.Total, row.State = dam.NewID(dam.BulkPrefix), len(items), dam.BulkRunning
		if err := tx.BulkJobs().InsertBulk(ctx, &row); err != nil {
			return row.Bulk, err
		}
		for chunk := range slices.Chunk(items, recordSize) {
			if err := tx.BulkJobs().AddSheetItems(ctx, row.ID, chunk); err != nil {
				return row.Bulk, err
			}
		}
		return row.Bulk, s.Jobs.Enqueue(ctx, tx, RunArgs{Bulk: row.ID}, jobs.Options{Max: attempts})
	})
}

// sheetPatch is what a row does to its asset, or why it can't be read.
type sheetPatch struct {
	patch map[string]any
	err   error
}

// sheetPatches reads the rows of the next assets, if the job is of a table, before a transaction holds up others.
func (s *Service) sheetPatches(ctx context.Context, id string, undos map[uint32]readUndo) (map[uint32]sheetPatch,
	error) {
	b, err := s.Catalog.BulkJobs().Bulk(ctx, "", id)
	if err != nil || b.Change.Action != dam.BulkImport || b.Undoes != "" {
		return nil, err
	}
	out := make(map[uint32]sheetPatch, len(undos))
	for number, u := range undos {
		patch, err := s.Assets.ReadPatch(ctx, b.Library, u.Patch)
		if err != nil && dam.CodeOf(err) != dam.Invalid {
			return nil, err
		}
		out[number] = sheetPatch{patch, err}
	}
	return out, nil
}

// errTried takes back what a dry run has done to an asset.
var errTried = errors.New("this was a dry run")

// sheet changes an asset as its row says.
func (w *work) sheet(ctx context.Context, a *dam.Asset, item catalog.BulkItem, u *undo) error {
	row, ok := w.sheets[item.Number]
	if !ok {
		return &dam.Error{Code: dam.Gone, Reason: reasons.UndoForgotten()}
	}
	if row.err != nil {
		return row.err
	}
	changes, err := w.Assets.EditIn(ctx, w.tx, w.bulk.Library, a.ID, row.patch)
	if err != nil {
		return err
	}
	u.Changes = changes
	if w.bulk.DryRun {
		return errTried
	}
	return nil
}
