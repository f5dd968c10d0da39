package catalog

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"vitrine/dam"
	"vitrine/dam/reasons"
)

// BulkRow is a bulk job with the assets it excludes, which only its runner needs.
type BulkRow struct {
	dam.Bulk
	Excepted []string
}

const bulkColumns = `id,library,state,filter,except_ids,change,seq,total,done,failed,note,undoes,undone_by,created_at,created_by,ended_at,dry_run,report`

func scanBulk(r row) (b BulkRow, err error) {
	var created int64
	var ended *int64
	err = r.Scan(&b.ID, &b.Library, (*string)(&b.State), asJSON{&b.Filter}, asJSON{&b.Excepted}, asJSON{&b.Change},
		&b.Seq, &b.Total, &b.Done, &b.Failed, asNote{&b.Note, &b.NoteReasons}, &b.Undoes, &b.UndoneBy, &created,
		&b.CreatedBy, &ended, &b.DryRun, asJSON{&b.Report})
	b.CreatedAt, b.EndedAt, b.Except = instant(created), instantPtr(ended), len(b.Excepted)
	if b.EndedAt != nil && b.Done > 0 && !b.DryRun && b.Undoes == "" && b.UndoneBy == "" {
		until := b.EndedAt.Add(dam.BulkUndoFor)
		b.UndoUntil = &until
	}
	return b, err
}

// InsertBulk stores a new bulk job.
func (s BulkJobsTx) InsertBulk(ctx context.Context, b *BulkRow) error {
	b.CreatedAt, b.CreatedBy, b.Except = s.tx.now, s.tx.actor.ID, len(b.Excepted)
	if b.Excepted == nil {
		b.Excepted = []string{}
	}
	_, err := s.tx.exec(ctx, `INSERT INTO bulk_jobs(`+bulkColumns+
		`) VALUES($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15,$16,$17,$18)`,
		b.ID, b.Library, string(b.State), asJSON{b.Filter}, asJSON{b.Excepted}, asJSON{b.Change}, b.Seq, b.Total,
		b.Done, b.Failed, asNote{&b.Note, &b.NoteReasons}, b.Undoes, b.UndoneBy, micros(b.CreatedAt), b.CreatedBy,
		microsPtr(b.EndedAt), b.DryRun, asJSON{b.Report})
	return err
}

// UpdateBulk writes the state and counts of a job whose row the transaction has locked (LockBulk).
func (s BulkJobsTx) UpdateBulk(ctx context.Context, b *BulkRow) error {
	_, err := s.tx.exec(ctx,
		`UPDATE bulk_jobs SET state=$2,total=$3,done=$4,failed=$5,note=$6,undone_by=$7,ended_at=$8,report=$9 WHERE id=$1`,
		b.ID, string(b.State), b.Total, b.Done, b.Failed, asNote{&b.Note, &b.NoteReasons}, b.UndoneBy,
		microsPtr(b.EndedAt), asJSON{b.Report})
	return err
}

// Bulk returns a bulk job; an empty library means any.
func (s BulkJobs) Bulk(ctx context.Context, library, id string) (BulkRow, error) {
	return s.db.bulk(ctx, library, id, "")
}

// LockBulk returns a bulk job and locks its row until the commit.
func (s BulkJobsTx) LockBulk(ctx context.Context, library, id string) (BulkRow, error) {
	return s.tx.bulk(ctx, library, id, s.tx.forUpdate())
}

func (c Conn) bulk(ctx context.Context, library, id, suffix string) (BulkRow, error) {
	b, err := one(ctx, c, scanBulk, `SELECT `+bulkColumns+` FROM bulk_jobs WHERE id=$1 AND (library=$2 OR $2='')`+
		suffix, id, library)
	return oneOr(b, err, "bulk job", id)
}

// Bulks returns a library's newest bulk jobs: those of a principal, or all if principal is "".
func (s BulkJobs) Bulks(ctx context.Context, library, principal string, limit int) ([]BulkRow, error) {
	return all(ctx, s.db, scanBulk,
		`SELECT `+bulkColumns+
			` FROM bulk_jobs WHERE library=$1 AND (created_by=$2 OR $2='') ORDER BY created_at DESC, id DESC LIMIT $3`,
		library, principal, limit)
}

// BulkItem is one asset of a bulk job.
type BulkItem struct {
	Number uint32
	Asset  string
	Undo   json.RawMessage
}

// States of a bulk job's items.
const (
	bulkPending = "pending"
	bulkDone    = "done"
	bulkFailed  = "failed"
)

// ClearBulkItems deletes the items of a job whose recording was interrupted.
func (s BulkJobsTx) ClearBulkItems(ctx context.Context, id string) error {
	_, err := s.tx.exec(ctx, `DELETE FROM bulk_items WHERE bulk_id=$1`, id)
	return err
}

// AddBulkItems records up to 500 assets of the library as a job's items. Assets that no longer exist are left out, and
// so are those that the job excludes.
func (s BulkJobsTx) AddBulkItems(ctx context.Context, b *BulkRow, assets []string) error {
	in, args := inList(assets, 3)
	_, err := s.tx.exec(ctx,
		`INSERT INTO bulk_items(bulk_id,n,asset_id,state,problem,undo) SELECT $1, number, id, 'pending', '', '' FROM assets WHERE library=$2 AND id IN `+in+` ON CONFLICT DO NOTHING`,
		append([]any{b.ID, b.Library}, args...)...)
	return err
}

// AddUndoItems records the items that another job has changed as items of a job that undoes it.
func (s BulkJobsTx) AddUndoItems(ctx context.Context, id, undoes string) error {
	_, err := s.tx.exec(ctx,
		`INSERT INTO bulk_items(bulk_id,n,asset_id,state,problem,undo) SELECT $1, n, asset_id, 'pending', '', undo FROM bulk_items WHERE bulk_id=$2 AND state='done' AND undo<>''`, id, undoes)
	return err
}

// CountBulkItems returns how many assets a job has.
func (s BulkJobs) CountBulkItems(ctx context.Context, id string) (int, error) {
	return one(ctx, s.db, value[int], `SELECT count(*) FROM bulk_items WHERE bulk_id=$1`, id)
}

// PendingBulkItems returns the next pending items of a job.
func (s BulkJobs) PendingBulkItems(ctx context.Context, id string, limit int) ([]BulkItem, error) {
	return all(ctx, s.db, func(r row) (x BulkItem, err error) {
		var undo string
		err = r.Scan(&x.Number, &x.Asset, &undo)
		x.Undo = json.RawMessage(undo)
		return
	}, `SELECT n, asset_id, undo FROM bulk_items WHERE bulk_id=$1 AND state=$2 ORDER BY n LIMIT $3`, id, bulkPending,
		limit)
}

// BulkItemDone records that an asset was changed, and the data that undoes the change ("" for nothing).
func (s BulkJobsTx) BulkItemDone(ctx context.Context, id string, number uint32, undo string) error {
	_, err := s.tx.exec(ctx, `UPDATE bulk_items SET state=$3, undo=$4, problem='' WHERE bulk_id=$1 AND n=$2`, id,
		int64(number), bulkDone, undo)
	return err
}

// BulkItemFailed records why an asset was not changed.
func (s BulkJobsTx) BulkItemFailed(ctx context.Context, id string, number uint32, f dam.BulkFailure) error {
	_, err := s.tx.exec(ctx, `UPDATE bulk_items SET state=$3, problem=$4 WHERE bulk_id=$1 AND n=$2`, id, int64(number),
		bulkFailed, asJSON{f})
	return err
}

// BulkFailures returns the assets that a job did not change, ordered by number.
func (s BulkJobs) BulkFailures(ctx context.Context, id string, limit int) ([]dam.BulkFailure, error) {
	return all(ctx, s.db, func(r row) (f dam.BulkFailure, err error) {
		err = r.Scan(asJSON{&f})
		reasons.Complete(&f.Reason, &f.Message, &f.Remedy)
		return
	}, `SELECT problem FROM bulk_items WHERE bulk_id=$1 AND state=$2 ORDER BY n LIMIT $3`, id, bulkFailed, limit)
}

// RetryBulkItems makes failed items pending again and returns how many there were.
func (s BulkJobsTx) RetryBulkItems(ctx context.Context, id string) (int64, error) {
	return s.tx.exec(ctx, `UPDATE bulk_items SET state=$2, problem='' WHERE bulk_id=$1 AND state=$3`, id, bulkPending,
		bulkFailed)
}

// SweepBulks clears the undo data of jobs that can no longer be undone, and deletes jobs older than keep.
func (s BulkJobsTx) SweepBulks(ctx context.Context, keep time.Duration) error {
	if _, err := s.tx.exec(ctx,
		`UPDATE bulk_items SET undo='' WHERE undo<>'' AND bulk_id IN (SELECT id FROM bulk_jobs WHERE ended_at<$1)`,
		micros(s.tx.now.Add(-dam.BulkUndoFor))); err != nil {
		return err
	}
	_, err := s.tx.exec(ctx, `DELETE FROM bulk_jobs WHERE ended_at<$1`, micros(s.tx.now.Add(-keep)))
	return err
}

// DeliveredSince returns the name of a channel that an asset was delivered to after an instant and not recalled from;
// "" if there is none.
func (s Publications) DeliveredSince(ctx context.Context, asset string, at time.Time) (channel string, err error) {
	channel, err = one(ctx, s.db, value[string],
		`SELECT h.name FROM publications p JOIN channels h ON h.id=p.channel_id
		WHERE (p.asset_id=$1 OR p.id IN (SELECT publication_id FROM publication_files WHERE asset_id=$1)) AND p.committed_at>=$2
		AND p.state IN ('committing','unknown','delivered','unconfirmed') ORDER BY p.committed_at LIMIT 1`, asset,
		micros(at))
	if errors.Is(err, errNoRow) {
		return "", nil
	}
	return channel, err
}

// Principal returns the principal with an id and its current roles. It returns none if the account is disabled, the
// token revoked or expired, or the id unknown.
func (s People) Principal(ctx context.Context, id string) (dam.Principal, error) {
	p := dam.Principal{ID: id}
	with, and := s.db.ofToken("id")
	name, err := one(ctx, s.db, value[string], with+`SELECT name FROM users WHERE id=$1 AND NOT disabled
		UNION ALL SELECT name FROM tokens WHERE id=$1 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at>$2)`+
		and, id, time.Now().UnixMicro())
	if errors.Is(err, errNoRow) {
		return p, nil
	}
	if err != nil {
		return p, err
	}
	p.Name = name
	p.Grants, p.Collections, p.Access, err = s.db.grantsOf(ctx, id)
	return p, err
}
