package catalog

import (
	"context"
	"time"

	"vitrine/dam/reasons"
)

// Import is one run of an import of products.
type Import struct {
	ID             string           `json:"id"`
	Library        string           `json:"library"`
	Format         string           `json:"format" enum:"csv,jsonl"`
	DryRun         bool             `json:"dry_run" doc:"Nothing was stored; the counts say what would be"`
	State          string           `json:"state" enum:"waiting,running,done,failed"`
	Problem        string           `json:"problem,omitempty" doc:"Why it failed as a whole"`
	ProblemReasons []reasons.Reason `json:"problem_reasons,omitempty" doc:"What problem says, as codes"`
	Size           int64            `json:"size" doc:"Bytes of the file"`
	Done           int64            `json:"done" doc:"Bytes read so far"`
	Rows           int64            `json:"rows" doc:"Rows read so far"`
	Created        int64            `json:"created"`
	Updated        int64            `json:"updated"`
	Same           int64            `json:"unchanged"`
	Failed         int64            `json:"failed" doc:"Rows with an error; the others are stored all the same"`
	At             time.Time        `json:"created_at"`
	By             string           `json:"created_by"`
	Finished       *time.Time       `json:"finished_at,omitempty"`

	Errors []ImportError `json:"errors" nullable:"false" doc:"The first 1,000"`

	Object string `json:"-"` // key of the stored file
}

// ImportError is an error in one row.
type ImportError struct {
	Line    int64  `json:"line" doc:"Line of the file, from 1"`
	SKU     string `json:"sku,omitempty"`
	Field   string `json:"field,omitempty"`
	Message string `json:"message"`
	Remedy  string `json:"remedy,omitempty"`
	reasons.Reason
}

// MaxImportErrors is how many row errors are kept per import.
const MaxImportErrors = 1000

const importColumns = `id,library,object,format,dry_run,state,problem,size,done,rows,created,updated,unchanged,failed,created_at,created_by,finished_at`

func scanImport(r row) (i Import, err error) {
	var at int64
	var finished *int64
	err = r.Scan(&i.ID, &i.Library, &i.Object, &i.Format, &i.DryRun, &i.State, asNote{&i.Problem, &i.ProblemReasons},
		&i.Size, &i.Done, &i.Rows, &i.Created, &i.Updated, &i.Same, &i.Failed, &at, &i.By, &finished)
	i.At, i.Finished, i.Errors = instant(at), instantPtr(finished), []ImportError{}
	return i, err
}

// Import returns an import with its row errors.
func (s Products) Import(ctx context.Context, library, id string) (Import, error) {
	i, err := one(ctx, s.db, scanImport,
		`SELECT `+importColumns+` FROM product_imports WHERE id=$1 AND (library=$2 OR $2='')`, id, library)
	if err != nil {
		return oneOr(i, err, "import", id)
	}
	i.Errors, err = all(ctx, s.db, func(r row) (e ImportError, err error) {
		err = r.Scan(&e.Line, &e.SKU, &e.Field, asReason{&e.Reason}, &e.Remedy)
		reasons.Complete(&e.Reason, &e.Message, &e.Remedy)
		return
	}, `SELECT line,sku,field,message,remedy FROM product_import_errors WHERE import_id=$1 ORDER BY n`, id)
	return i, err
}

// Imports returns a library's newest imports without their row errors.
func (s Products) Imports(ctx context.Context, library string, limit int) ([]Import, error) {
	return all(ctx, s.db, scanImport,
		`SELECT `+importColumns+` FROM product_imports WHERE library=$1 ORDER BY created_at DESC,id DESC LIMIT $2`,
		library, limit)
}

// InsertImport stores a new import.
func (s ProductsTx) InsertImport(ctx context.Context, i *Import) error {
	i.At, i.By = s.tx.now, s.tx.actor.ID
	_, err := s.tx.exec(ctx, `INSERT INTO product_imports(`+importColumns+
		`) VALUES($1,$2,$3,$4,$5,$6,'',$7,0,0,0,0,0,0,$8,$9,NULL)`,
		i.ID, i.Library, i.Object, i.Format, i.DryRun, i.State, i.Size, micros(i.At), i.By)
	return err
}

// LockImport returns an import without its row errors and locks its row until the commit.
func (s ProductsTx) LockImport(ctx context.Context, id string) (Import, error) {
	i, err := one(ctx, s.db, scanImport, `SELECT `+importColumns+` FROM product_imports WHERE id=$1`+s.tx.forUpdate(),
		id)
	return oneOr(i, err, "import", id)
}

// UpdateImport stores the progress of an import and its new row errors. kept is how many errors were stored before.
func (s ProductsTx) UpdateImport(ctx context.Context, i Import, kept int, errors []ImportError) error {
	if _, err := s.tx.exec(ctx,
		`UPDATE product_imports SET state=$2,problem=$3,done=$4,rows=$5,created=$6,updated=$7,unchanged=$8,failed=$9,finished_at=$10 WHERE id=$1`,
		i.ID, i.State, asNote{&i.Problem, &i.ProblemReasons}, i.Done, i.Rows, i.Created, i.Updated, i.Same, i.Failed,
		microsPtr(i.Finished)); err != nil {
		return err
	}
	for n, e := range errors[:max(0, min(len(errors), MaxImportErrors-kept))] {
		if _, err := s.tx.exec(ctx,
			`INSERT INTO product_import_errors(import_id,n,line,sku,field,message,remedy) VALUES($1,$2,$3,$4,$5,$6,$7)`,
			i.ID, kept+n, e.Line, e.SKU, e.Field, asReason{&e.Reason}, ""); err != nil {
			return err
		}
	}
	return nil
}

// Unpin makes an unreferenced object collectable.
func (s ProductsTx) Unpin(ctx context.Context, key string) error {
	_, err := s.tx.exec(ctx, `UPDATE blobs SET pinned_until=0 WHERE key=$1`, key)
	return err
}
