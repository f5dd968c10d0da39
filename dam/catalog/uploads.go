package catalog

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"vitrine/dam"
)

const quarantineColumns = `id,library,file_name,size,media_type,sha256,reason,at,by_id`

func scanQuarantined(r row) (q dam.Quarantined, err error) {
	var at int64
	err = r.Scan(&q.ID, &q.Library, &q.FileName, &q.Size, &q.MediaType, &q.SHA256, asNote{&q.Reason, &q.Reasons},
		&at, &q.By)
	q.At = instant(at)
	return
}

// Quarantine records a rejected file; key names its stored bytes, "" if they were not kept.
func (s UploadsTx) Quarantine(ctx context.Context, q *dam.Quarantined, key string) error {
	q.At, q.By = s.tx.now, s.tx.actor.ID
	_, err := s.tx.exec(ctx, `INSERT INTO quarantine(`+quarantineColumns+`,key) VALUES($1,$2,$3,$4,$5,$6,$7,$8,$9,$10)`,
		q.ID, q.Library, q.FileName, q.Size, q.MediaType, q.SHA256, asNote{&q.Reason, &q.Reasons}, micros(q.At), q.By,
		key)
	return err
}

// Quarantined returns a library's rejected files, newest first.
func (s Uploads) Quarantined(ctx context.Context, library string, limit int) ([]dam.Quarantined, error) {
	return all(ctx, s.db, scanQuarantined, `SELECT `+quarantineColumns+
		` FROM quarantine WHERE library=$1 ORDER BY at DESC LIMIT $2`, library, limit)
}

// HeldFile is a rejected file and the key of its stored bytes, "" if they were not kept.
type HeldFile struct {
	dam.Quarantined
	Key string
}

func scanHeld(r row) (h HeldFile, err error) {
	var at int64
	err = r.Scan(&h.ID, &h.Library, &h.FileName, &h.Size, &h.MediaType, &h.SHA256, asNote{&h.Reason, &h.Reasons}, &at,
		&h.By, &h.Key)
	h.At = instant(at)
	return
}

// HeldFile returns a rejected file.
func (s Uploads) HeldFile(ctx context.Context, library, id string) (HeldFile, error) {
	h, err := one(ctx, s.db, scanHeld, `SELECT `+quarantineColumns+`,key FROM quarantine WHERE library=$1 AND id=$2`,
		library, id)
	return oneOr(h, err, "quarantined file", id)
}

// HeldFiles returns a library's rejected files by id, those after the given one.
func (s Uploads) HeldFiles(ctx context.Context, library, after string, limit int) ([]HeldFile, error) {
	return all(ctx, s.db, scanHeld, `SELECT `+quarantineColumns+
		`,key FROM quarantine WHERE library=$1 AND id>$2 ORDER BY id LIMIT $3`, library, after, limit)
}

// Unquarantine deletes the record of a rejected file; the collector removes its bytes later.
func (s UploadsTx) Unquarantine(ctx context.Context, library, id string) error {
	n, err := s.tx.exec(ctx, `DELETE FROM quarantine WHERE library=$1 AND id=$2`, library, id)
	if err == nil && n == 0 {
		err = notFound("quarantined file", id)
	}
	if err != nil {
		return err
	}
	return s.Reprocessings().ForgetGone(ctx, library)
}

// ExpireQuarantine deletes the records of files rejected before an instant.
func (s UploadsTx) ExpireQuarantine(ctx context.Context, before time.Time) error {
	_, err := s.tx.exec(ctx, `DELETE FROM quarantine WHERE at<$1`, micros(before))
	if err != nil {
		return err
	}
	return s.Reprocessings().ForgetGone(ctx, "")
}

// PutUploadResult stores the result of a resumable upload.
func (s UploadsTx) PutUploadResult(ctx context.Context, id string, result any) error {
	_, err := s.tx.exec(ctx,
		`INSERT INTO upload_results(id,result,at) VALUES($1,$2,$3) ON CONFLICT(id) DO UPDATE SET result=excluded.result, at=excluded.at`, id, asJSON{result}, micros(s.tx.now))
	return err
}

// UploadResult returns the result stored by PutUploadResult; nil if the upload has not ended.
func (in Uploads) UploadResult(ctx context.Context, id string) (json.RawMessage, error) {
	s, err := one(ctx, in.db, value[string], `SELECT result FROM upload_results WHERE id=$1`, id)
	if errors.Is(err, errNoRow) {
		return nil, nil
	}
	return json.RawMessage(s), err
}

// Sweep deletes idempotency keys and upload results from before an instant.
func (s UploadsTx) Sweep(ctx context.Context, before time.Time) error {
	for _, q := range []string{`DELETE FROM idempotency WHERE at<$1`, `DELETE FROM upload_results WHERE at<$1`} {
		if _, err := s.tx.exec(ctx, q, micros(before)); err != nil {
			return err
		}
	}
	return nil
}

// Heartbeat records that a node is alive, and returns the nodes that have been silent for longer than dead.
func (s JobsTx) Heartbeat(ctx context.Context, node string, started time.Time, dead time.Duration) ([]string, error) {
	if _, err := s.tx.exec(ctx,
		`INSERT INTO nodes(id,started_at,seen_at) VALUES($1,$2,$3) ON CONFLICT(id) DO UPDATE SET seen_at=excluded.seen_at`, node, micros(started), micros(s.tx.now)); err != nil {
		return nil, err
	}
	return all(ctx, s.db, value[string], `SELECT id FROM nodes WHERE seen_at<$1 AND id<>$2`,
		micros(s.tx.now.Add(-dead)), node)
}

// Nodes returns the known nodes and when each one's last heartbeat was, by the database's clock.
func (s Jobs) Nodes(ctx context.Context) (map[string]time.Time, error) {
	type beat struct {
		id string
		at int64
	}
	list, err := all(ctx, s.db, func(r row) (b beat, err error) {
		err = r.Scan(&b.id, &b.at)
		return
	}, `SELECT id, seen_at FROM nodes`)
	out := make(map[string]time.Time, len(list))
	for _, b := range list {
		out[b.id] = instant(b.at)
	}
	return out, err
}

// RemoveNode deletes a node whose work has been taken over.
func (s JobsTx) RemoveNode(ctx context.Context, node string) error {
	_, err := s.tx.exec(ctx, `DELETE FROM nodes WHERE id=$1`, node)
	return err
}
