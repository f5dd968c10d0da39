package catalog

import (
	"context"
	"encoding/json"
	"time"

	"vitrine/dam"
)

// Drafts reads drafts of publications and their history.
type Drafts struct{ db Conn }

// DraftsTx reads and writes drafts of publications and their history.
type DraftsTx struct {
	Drafts
	tx *Tx
}

// Drafts reads drafts of publications and their history.
func (s Schedule) Drafts() Drafts { return Drafts(s) }

// Drafts reads and writes drafts of publications and their history.
func (s ScheduleTx) Drafts() DraftsTx { return DraftsTx{Drafts(s.Schedule), s.tx} }

// DraftRow is a draft with what it says as JSON, which only package planning reads.
type DraftRow struct {
	dam.DraftFacts
	Post json.RawMessage
}

// DraftRevision is what a draft was after a change.
type DraftRevision struct {
	dam.DraftChange
	Post json.RawMessage
}

const draftColumns = `id,library,state,revision,post,became,created_at,created_by,updated_at,updated_by`

func scanDraft(r row) (d DraftRow, err error) {
	var post string
	var created, updated int64
	err = r.Scan(&d.ID, &d.Library, (*string)(&d.State), &d.Revision, &post, asJSON{&d.Became}, &created, &d.CreatedBy,
		&updated, &d.UpdatedBy)
	d.Post, d.CreatedAt, d.UpdatedAt = json.RawMessage(post), instant(created), instant(updated)
	return d, err
}

// Draft returns a draft of a library.
func (s Drafts) Draft(ctx context.Context, library, id string) (DraftRow, error) {
	return s.db.draft(ctx, library, id, "")
}

// LockDraft returns a draft of a library and locks its row until the commit.
func (s DraftsTx) LockDraft(ctx context.Context, library, id string) (DraftRow, error) {
	return s.tx.draft(ctx, library, id, s.tx.forUpdate())
}

func (c Conn) draft(ctx context.Context, library, id, suffix string) (DraftRow, error) {
	d, err := one(ctx, c, scanDraft, `SELECT `+draftColumns+` FROM drafts WHERE id=$1 AND library=$2`+suffix, id,
		library)
	return oneOr(d, err, "draft", id)
}

// List returns a page of a library's drafts in a state, newest first, after the one with an id.
func (s Drafts) List(ctx context.Context, library string, state dam.DraftState, after string,
	limit int) ([]DraftRow, error) {
	return all(ctx, s.db, scanDraft, `SELECT `+draftColumns+
		` FROM drafts WHERE library=$1 AND state=$2 AND ($3='' OR id<$3) ORDER BY id DESC LIMIT $4`, library,
		string(state), after, limit)
}

// Count returns how many drafts of a library are in a state.
func (s Drafts) Count(ctx context.Context, library string, state dam.DraftState) (int, error) {
	return one(ctx, s.db, value[int], `SELECT count(*) FROM drafts WHERE library=$1 AND state=$2`, library,
		string(state))
}

// History returns a draft's changes, newest first.
func (s Drafts) History(ctx context.Context, id string) ([]DraftRevision, error) {
	return all(ctx, s.db, func(r row) (x DraftRevision, err error) {
		var at int64
		var post string
		err = r.Scan(&x.Revision, &at, &x.By, &x.Change, &post)
		x.At, x.Post = instant(at), json.RawMessage(post)
		return
	}, `SELECT revision,at,by_id,change,post FROM draft_revisions WHERE draft_id=$1 ORDER BY revision DESC`, id)
}

const (
	// draftRun is how long a person's edits of a draft are one entry of its history.
	draftRun = 2 * time.Minute
	// draftRevisions is how many entries the history of a draft keeps.
	draftRevisions = 200
)

// PutDraft stores a draft, which the transaction has locked if it is there, increments its revision and writes its
// history: change is that of a dam.DraftChange. assets are those of its files.
func (s DraftsTx) PutDraft(ctx context.Context, d *DraftRow, change string, assets []string) error {
	d.Revision++
	d.UpdatedAt, d.UpdatedBy = s.tx.now, s.tx.actor.ID
	if d.CreatedBy == "" {
		d.CreatedAt, d.CreatedBy = s.tx.now, s.tx.actor.ID
	}
	if d.Became == nil {
		d.Became = []string{}
	}
	if _, err := s.tx.exec(ctx, `INSERT INTO drafts(`+draftColumns+`) VALUES($1,$2,$3,$4,$5,$6,$7,$8,$9,$10)
		ON CONFLICT(id) DO UPDATE SET state=excluded.state,revision=excluded.revision,post=excluded.post,became=excluded.became,updated_at=excluded.updated_at,updated_by=excluded.updated_by`,
		d.ID, d.Library, string(d.State), d.Revision, string(d.Post), asJSON{d.Became}, micros(d.CreatedAt),
		d.CreatedBy, micros(d.UpdatedAt), d.UpdatedBy); err != nil {
		return err
	}
	if _, err := s.tx.exec(ctx, `DELETE FROM draft_assets WHERE draft_id=$1`, d.ID); err != nil {
		return err
	}
	rows := make([][]any, len(assets))
	for i, a := range assets {
		rows[i] = []any{d.ID, a}
	}
	if err := insertRows(ctx, s.tx, `INSERT INTO draft_assets(draft_id,asset_id) VALUES `, rows,
		` ON CONFLICT DO NOTHING`); err != nil {
		return err
	}
	if change == "updated" {
		n, err := s.tx.exec(ctx, `UPDATE draft_revisions SET revision=$2,post=$3 WHERE draft_id=$1
			AND revision=(SELECT max(revision) FROM draft_revisions WHERE draft_id=$1) AND by_id=$4 AND at>=$5
			AND change='updated'`, d.ID, d.Revision, string(d.Post), s.tx.actor.ID, micros(s.tx.now.Add(-draftRun)))
		if err != nil || n > 0 {
			return err
		}
	}
	if _, err := s.tx.exec(ctx, `INSERT INTO draft_revisions(draft_id,revision,at,by_id,change,post)
		VALUES($1,$2,$3,$4,$5,$6)`, d.ID, d.Revision, micros(s.tx.now), s.tx.actor.ID, change,
		string(d.Post)); err != nil {
		return err
	}
	_, err := s.tx.exec(ctx, `DELETE FROM draft_revisions WHERE draft_id=$1 AND revision<(SELECT min(revision) FROM
		(SELECT revision FROM draft_revisions WHERE draft_id=$1 ORDER BY revision DESC LIMIT $2) kept)`, d.ID,
		draftRevisions)
	return err
}

// ExpireDrafts removes for good what was deleted or planned before an instant.
func (s DraftsTx) ExpireDrafts(ctx context.Context, before time.Time) error {
	_, err := s.tx.exec(ctx, `DELETE FROM drafts WHERE id IN (SELECT id FROM drafts WHERE state<>'draft'
		AND updated_at<$1 LIMIT $2)`, micros(before), expireAtOnce)
	return err
}
