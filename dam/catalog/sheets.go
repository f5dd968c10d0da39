package catalog

import (
	"context"
	"encoding/json"
	"strings"
)

// SheetAsset is what an asset is found by in a table.
type SheetAsset struct {
	ID               string
	Number           uint32
	FileName, SHA256 string
	SKUs             []string
}

// EachForSheet calls each for the assets of a library outside the bin that the actor sees, ordered by number.
func (s Assets) EachForSheet(ctx context.Context, library string, each func(SheetAsset)) error {
	const page = 5000
	for after := int64(0); ; {
		seen, args := s.db.within(ctx, library, "a.id", []any{library, after, page})
		list, err := all(ctx, s.db, func(r row) (a SheetAsset, err error) {
			err = r.Scan(&a.ID, &a.Number, &a.FileName, &a.SHA256, asJSON{&a.SKUs})
			return
		}, `SELECT a.id,a.number,v.file_name,v.sha256,a.skus FROM assets a JOIN versions v ON v.id=a.latest_version
			WHERE a.library=$1 AND a.number>$2 AND a.deleted_at IS NULL`+seen+` ORDER BY a.number LIMIT $3`, args...)
		if err != nil {
			return err
		}
		for _, a := range list {
			each(a)
			after = int64(a.Number)
		}
		if len(list) < page {
			return nil
		}
	}
}

// SheetItem is a row of a table that changes an asset; Data is what the job needs to know of it.
type SheetItem struct {
	Number uint32
	Asset  string
	Data   json.RawMessage
}

// AddSheetItems records up to 500 rows of a table as a job's items. What undoes one takes the place of its data once it
// is done.
func (s BulkJobsTx) AddSheetItems(ctx context.Context, id string, items []SheetItem) error {
	const width = 6
	var q strings.Builder
	q.WriteString(`INSERT INTO bulk_items(bulk_id,n,asset_id,state,problem,undo) VALUES `)
	args := make([]any, 0, width*len(items))
	for i, r := range items {
		placeholders(&q, i, width)
		args = append(args, id, int64(r.Number), r.Asset, bulkPending, "", string(r.Data))
	}
	_, err := s.tx.exec(ctx, q.String(), args...)
	return err
}
