package catalog

import (
	"context"
	"strconv"
	"strings"
	"time"

	"vitrine/dam"
	"vitrine/dam/reasons"
)

// Reprocessings reads what is done again because earlier versions did it wrongly or not at all.
func (s Uploads) Reprocessings() Reprocessings { return Reprocessings(s) }

// Reprocessings reads and writes what is done again because earlier versions did it wrongly or not at all.
func (s UploadsTx) Reprocessings() ReprocessingsTx {
	return ReprocessingsTx{s.Uploads.Reprocessings(), s.tx}
}

// ReprocessingRow is a reprocessing with the last file that was examined, "" for none.
type ReprocessingRow struct {
	dam.Reprocessing
	Position string
}

// ReprocessingItemRow is one file of a reprocessing, with what its content says today.
type ReprocessingItemRow struct {
	dam.ReprocessingItem
	Facts dam.FileFacts
	// Attempts counts how often it was begun, without those that ended for no fault of its own.
	Attempts int
}

// ReprocessingAttempts is how often a file is begun before it counts as failed. What failed by them may succeed another
// time, so the next examination looks at it again.
const ReprocessingAttempts = 5

// Candidate is a version that may have to be reprocessed.
type Candidate struct {
	dam.Version
	Kind dam.Kind // of its asset
}

const reprocessingColumns = `id,library,revision,state,position,examined,total,done,failed,note,created_at,created_by,confirmed_at,confirmed_by,finished_at`

func scanReprocessing(r row) (x ReprocessingRow, err error) {
	var created int64
	var confirmed, finished *int64
	err = r.Scan(&x.ID, &x.Library, &x.Revision, (*string)(&x.State), &x.Position, &x.Examined, &x.Total, &x.Done,
		&x.Failed, asNote{&x.Note, &x.NoteReasons}, &created, &x.CreatedBy, &confirmed, &x.ConfirmedBy, &finished)
	x.CreatedAt, x.ConfirmedAt, x.FinishedAt = instant(created), instantPtr(confirmed), instantPtr(finished)
	return x, err
}

// Insert stores a new reprocessing.
func (s ReprocessingsTx) Insert(ctx context.Context, x *ReprocessingRow) error {
	x.CreatedAt, x.CreatedBy = s.tx.now, s.tx.actor.ID
	_, err := s.tx.exec(ctx, `INSERT INTO reprocessings(`+reprocessingColumns+
		`) VALUES($1,$2,$3,$4,'',0,0,0,0,'',$5,$6,NULL,'',$7)`,
		x.ID, x.Library, x.Revision, string(x.State), micros(x.CreatedAt), x.CreatedBy, microsPtr(x.FinishedAt))
	return err
}

// Update writes the state and the counts. The caller holds the row's lock.
func (s ReprocessingsTx) Update(ctx context.Context, x *ReprocessingRow) error {
	_, err := s.tx.exec(ctx,
		`UPDATE reprocessings SET state=$2,position=$3,examined=$4,total=$5,done=$6,failed=$7,note=$8,confirmed_at=$9,confirmed_by=$10,finished_at=$11 WHERE id=$1`,
		x.ID, string(x.State), x.Position, x.Examined, x.Total, x.Done, x.Failed, asNote{&x.Note, &x.NoteReasons},
		microsPtr(x.ConfirmedAt), x.ConfirmedBy, microsPtr(x.FinishedAt))
	return err
}

// Get returns a reprocessing; an empty library means any.
func (s Reprocessings) Get(ctx context.Context, library, id string) (ReprocessingRow, error) {
	return s.db.reprocessing(ctx, library, id, "")
}

// Lock returns a reprocessing and locks its row until the commit.
func (s ReprocessingsTx) Lock(ctx context.Context, library, id string) (ReprocessingRow, error) {
	return s.tx.reprocessing(ctx, library, id, s.tx.forUpdate())
}

func (c Conn) reprocessing(ctx context.Context, library, id, suffix string) (ReprocessingRow, error) {
	x, err := one(ctx, c, scanReprocessing, `SELECT `+reprocessingColumns+
		` FROM reprocessings WHERE id=$1 AND (library=$2 OR $2='')`+suffix, id, library)
	return oneOr(x, err, "reprocessing", id)
}

// List returns a library's reprocessings, newest first.
func (s Reprocessings) List(ctx context.Context, library string, limit int) ([]ReprocessingRow, error) {
	return all(ctx, s.db, scanReprocessing, `SELECT `+reprocessingColumns+
		` FROM reprocessings WHERE library=$1 ORDER BY created_at DESC,id DESC LIMIT $2`, library, limit)
}

// Stored reports whether a library has any file: a version, or one in quarantine.
func (s Reprocessings) Stored(ctx context.Context, library string) (bool, error) {
	n, err := one(ctx, s.db, value[int64],
		`SELECT (SELECT count(*) FROM (SELECT 1 FROM assets WHERE library=$1 LIMIT 1) AS stored)+(SELECT count(*) FROM (SELECT 1 FROM quarantine WHERE library=$1 LIMIT 1) AS held)`, library)
	return n > 0, err
}

// Candidates returns versions of the library that may have to be reprocessed, by id, those after the given one: without
// renditions, or of the media types and rendered by a recipe before the revision. What was tried at that revision
// already, and was done or can't be done, is left out.
func (s Reprocessings) Candidates(ctx context.Context, x *ReprocessingRow, mediaTypes []string, after string,
	limit int) ([]Candidate, error) {
	args := []any{x.Library, x.Revision, after, limit, ReprocessingAttempts}
	marks := make([]string, len(mediaTypes))
	for i, t := range mediaTypes {
		args = append(args, t)
		marks[i] = "$" + strconv.Itoa(len(args))
	}
	wrong := ""
	if len(marks) > 0 {
		wrong = ` OR v.renditions='ready' AND v.recipe<$2 AND v.media_type IN (` + strings.Join(marks, ",") + `)`
	}
	return all(ctx, s.db, func(r row) (c Candidate, err error) {
		scan := versionScan{v: &c.Version}
		err = r.Scan(append(scan.dst(), (*string)(&c.Kind))...)
		scan.finish()
		return c, err
	}, `SELECT `+versionColumns+`,a.kind FROM versions v JOIN assets a ON a.id=v.asset_id
		WHERE a.library=$1 AND v.id>$3 AND (v.renditions IN ('none','failed')`+wrong+`)
		AND NOT EXISTS (SELECT 1 FROM reprocessing_items i JOIN reprocessings j ON j.id=i.job
			WHERE i.subject=v.id AND j.revision>=$2 AND (i.state='done' OR i.state='failed' AND i.attempts<$5))
		ORDER BY v.id LIMIT $4`, args...)
}

const reprocessingItemColumns = `n,action,subject,asset,file_name,media_type,reason,file,state,note,attempts`

func scanReprocessingItem(r row) (x ReprocessingItemRow, err error) {
	err = r.Scan(&x.N, (*string)(&x.Action), &x.Subject, &x.Asset, &x.FileName, &x.MediaType,
		asNote{&x.Reason, &x.Reasons}, asJSON{&x.Facts}, &x.State, asNote{&x.Note, &x.NoteReasons}, &x.Attempts)
	return x, err
}

// AddItem records a file that is to be reprocessed; one that is recorded already stays as it is.
func (s ReprocessingsTx) AddItem(ctx context.Context, job string, x *ReprocessingItemRow) (added bool, err error) {
	n, err := s.tx.exec(ctx, `INSERT INTO reprocessing_items(job,`+reprocessingItemColumns+
		`) VALUES($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,'',0) ON CONFLICT DO NOTHING`,
		job, x.N, string(x.Action), x.Subject, x.Asset, x.FileName, x.MediaType, asNote{&x.Reason, &x.Reasons},
		asJSON{x.Facts}, x.State)
	return n > 0, err
}

// NextItem returns the pending item of a reprocessing that was begun least often; found is false if there is none.
func (s Reprocessings) NextItem(ctx context.Context, job string) (x ReprocessingItemRow, found bool, err error) {
	list, err := all(ctx, s.db, scanReprocessingItem, `SELECT `+reprocessingItemColumns+
		` FROM reprocessing_items WHERE job=$1 AND state='pending' ORDER BY attempts,n LIMIT 1`, job)
	if err != nil || len(list) == 0 {
		return x, false, err
	}
	return list[0], true, nil
}

// SetAttempts records how often a pending item was begun; false if it has ended before, or is gone.
func (s ReprocessingsTx) SetAttempts(ctx context.Context, job string, x *ReprocessingItemRow) (bool, error) {
	n, err := s.tx.exec(ctx,
		`UPDATE reprocessing_items SET attempts=$3 WHERE job=$1 AND subject=$2 AND state='pending'`, job, x.Subject,
		x.Attempts)
	return n > 0, err
}

// EndItem records what became of a pending item; false if it has ended before or is gone.
func (s ReprocessingsTx) EndItem(ctx context.Context, job string, x *ReprocessingItemRow) (bool, error) {
	n, err := s.tx.exec(ctx,
		`UPDATE reprocessing_items SET state=$3,note=$4,asset=$5,done_at=$6,attempts=$7 WHERE job=$1 AND subject=$2 AND state='pending'`,
		job, x.Subject, x.State, asNote{&x.Note, &x.NoteReasons}, x.Asset, micros(s.tx.now), x.Attempts)
	return n > 0, err
}

// Items returns a reprocessing's items in their order, those after a number; an empty state means any.
func (s Reprocessings) Items(ctx context.Context, job, state string, after, limit int) ([]dam.ReprocessingItem,
	error) {
	rows, err := all(ctx, s.db, scanReprocessingItem, `SELECT `+reprocessingItemColumns+
		` FROM reprocessing_items WHERE job=$1 AND n>$2 AND (state=$3 OR $3='') ORDER BY n LIMIT $4`, job, after, state,
		limit)
	out := make([]dam.ReprocessingItem, len(rows))
	for i, x := range rows {
		out[i] = x.ReprocessingItem
	}
	return out, err
}

// Groups counts a reprocessing's items by action, reason and media type, the most frequent first, with the first few
// of each as examples.
func (s Reprocessings) Groups(ctx context.Context, job string, examples int) ([]dam.ReprocessingGroup, error) {
	type group struct {
		dam.ReprocessingGroup
		stored string
	}
	list, err := all(ctx, s.db, func(r row) (g group, err error) {
		err = r.Scan((*string)(&g.Action), &g.stored, &g.MediaType, &g.Count, &g.Done, &g.Failed)
		g.Reasons = reasons.Decode(g.stored)
		g.Reason = reasons.Join(g.Reasons)
		return g, err
	},
		`SELECT action,reason,media_type,count(*),COALESCE(sum(CASE WHEN state='done' THEN 1 ELSE 0 END),0),COALESCE(sum(CASE WHEN state='failed' THEN 1 ELSE 0 END),0)
		FROM reprocessing_items WHERE job=$1 GROUP BY action,reason,media_type ORDER BY count(*) DESC,action,media_type,reason LIMIT 100`, job)
	out := make([]dam.ReprocessingGroup, len(list))
	for i, g := range list {
		rows, err := all(ctx, s.db, scanReprocessingItem, `SELECT `+reprocessingItemColumns+
			` FROM reprocessing_items WHERE job=$1 AND action=$2 AND reason=$3 AND media_type=$4 ORDER BY n LIMIT $5`,
			job,
			string(g.Action), g.stored, g.MediaType, examples)
		if err != nil {
			return nil, err
		}
		out[i] = g.ReprocessingGroup
		out[i].Examples = make([]dam.ReprocessingItem, len(rows))
		for k, x := range rows {
			out[i].Examples[k] = x.ReprocessingItem
		}
	}
	return out, err
}

// onChannels selects the publications that show a picture which a reprocessing replaces: delivered, and not sent again
// since.
const onChannels = ` FROM publications p JOIN reprocessing_items i ON i.subject=p.version_id
	WHERE i.job=$1 AND i.action='rerender' AND p.state='delivered' AND (i.done_at IS NULL OR COALESCE(p.committed_at,0)<i.done_at)`

// CountPublications counts the publications whose channel has a picture that a reprocessing replaces.
func (s Reprocessings) CountPublications(ctx context.Context, job string) (int, error) {
	return one(ctx, s.db, value[int], `SELECT count(*)`+onChannels, job)
}

// Publications returns the ids of those publications, those after the given one.
func (s Reprocessings) Publications(ctx context.Context, job, after string, limit int) ([]string, error) {
	return all(ctx, s.db, value[string], `SELECT p.id`+onChannels+` AND p.id>$2 ORDER BY p.id LIMIT $3`, job, after,
		limit)
}

// ForgetGone deletes the items of files that have left quarantine and became no asset, with their names, and counts
// again what there is to do where it waits for a person. A reprocessing that runs ends such items itself. An empty
// library means all.
func (s ReprocessingsTx) ForgetGone(ctx context.Context, library string) error {
	for _, q := range []string{
		// locks them: none is confirmed meanwhile
		`UPDATE reprocessings SET total=total WHERE state='ready' AND (library=$1 OR $1='')`,
		`DELETE FROM reprocessing_items WHERE action IN ('take_in','upload_again') AND asset='' AND state<>'failed'
			AND job IN (SELECT id FROM reprocessings WHERE state<>'running' AND (library=$1 OR $1=''))
			AND NOT EXISTS (SELECT 1 FROM quarantine q WHERE q.id=reprocessing_items.subject)`,
		`UPDATE reprocessings SET total=(SELECT count(*) FROM reprocessing_items i
			WHERE i.job=reprocessings.id AND i.action<>'upload_again') WHERE state='ready' AND (library=$1 OR $1='')`,
	} {
		if _, err := s.tx.exec(ctx, q, library); err != nil {
			return err
		}
	}
	return nil
}

// Sweep deletes the items of reprocessings that ended before an instant, except what tells which versions were tried.
func (s ReprocessingsTx) Sweep(ctx context.Context, before time.Time) error {
	_, err := s.tx.exec(ctx,
		`DELETE FROM reprocessing_items WHERE (action IN ('take_in','upload_again') OR state='pending')
			AND job IN (SELECT id FROM reprocessings WHERE finished_at<$1)`,
		micros(before))
	return err
}
