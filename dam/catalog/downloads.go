package catalog

import (
	"context"
	"errors"
	"time"

	"vitrine/dam"
)

const downloadColumns = `id,library,state,request,left_out,total,files,bytes,to_make,estimated,note,terms,reason,sent_files,sent_bytes,fetched,round,fetched_at,created_at,created_by,ended_at,expires_at`

func scanDownload(r row) (d dam.Download, err error) {
	var created, expires int64
	var fetched, ended *int64
	err = r.Scan(&d.ID, &d.Library, (*string)(&d.State), asJSON{&d.Request}, asJSON{&d.LeftOut}, &d.Total, &d.Files,
		&d.Bytes, &d.ToMake, &d.Estimated, asNote{&d.Note, &d.NoteReasons}, &d.Terms, &d.Request.Reason, &d.SentFiles,
		&d.SentBytes, &d.Fetched, &d.Round, &fetched, &created, &d.CreatedBy, &ended, &expires)
	d.FetchedAt, d.EndedAt, d.CreatedAt, d.ExpiresAt = instantPtr(fetched), instantPtr(ended), instant(created),
		instant(expires)
	for i := range d.LeftOut {
		d.LeftOut[i].Message = d.LeftOut[i].Reason.Text()
	}
	return d, err
}

// Took reports whether somebody has begun to take a version's file since an instant.
func (s Downloads) Took(ctx context.Context, asset, version, who string, since time.Time) (bool, error) {
	data := `data->>'version'`
	if s.db.pg {
		data = `data::jsonb->>'version'`
	}
	n, err := one(ctx, s.db, value[int], `SELECT count(*) FROM events WHERE asset=$1 AND type=$2 AND actor=$3 AND at>=$4
		AND `+data+`=$5`, asset, string(dam.AssetDownloaded), who, micros(since), version)
	return n > 0, err
}

// InsertDownload stores a new download.
func (s DownloadsTx) InsertDownload(ctx context.Context, d *dam.Download) error {
	d.CreatedAt, d.CreatedBy = s.tx.now, s.tx.actor.ID
	_, err := s.tx.exec(ctx, `INSERT INTO downloads(`+downloadColumns+
		`) VALUES($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15,$16,$17,$18,$19,$20,$21,$22)`,
		d.ID, d.Library, string(d.State), asJSON{d.Request}, asJSON{d.LeftOut}, d.Total, d.Files, d.Bytes, d.ToMake,
		d.Estimated, asNote{&d.Note, &d.NoteReasons}, d.Terms, d.Request.Reason, d.SentFiles, d.SentBytes, d.Fetched,
		d.Round, microsPtr(d.FetchedAt), micros(d.CreatedAt), d.CreatedBy, microsPtr(d.EndedAt), micros(d.ExpiresAt))
	return err
}

// UpdateDownload writes what changes of a download whose row the transaction has locked (LockDownload).
func (s DownloadsTx) UpdateDownload(ctx context.Context, d *dam.Download) error {
	_, err := s.tx.exec(ctx,
		`UPDATE downloads SET state=$2,left_out=$3,total=$4,files=$5,bytes=$6,to_make=$7,estimated=$8,note=$9,sent_files=$10,sent_bytes=$11,fetched=$12,round=$13,fetched_at=$14,ended_at=$15,expires_at=$16 WHERE id=$1`,
		d.ID, string(d.State), asJSON{d.LeftOut}, d.Total, d.Files, d.Bytes, d.ToMake, d.Estimated,
		asNote{&d.Note, &d.NoteReasons}, d.SentFiles, d.SentBytes, d.Fetched, d.Round, microsPtr(d.FetchedAt),
		microsPtr(d.EndedAt), micros(d.ExpiresAt))
	return err
}

// Download returns a download; an empty library means any.
func (s Downloads) Download(ctx context.Context, library, id string) (dam.Download, error) {
	return s.db.download(ctx, library, id, "")
}

// LockDownload returns a download and locks its row until the commit.
func (s DownloadsTx) LockDownload(ctx context.Context, id string) (dam.Download, error) {
	return s.tx.download(ctx, "", id, s.tx.forUpdate())
}

func (c Conn) download(ctx context.Context, library, id, suffix string) (dam.Download, error) {
	d, err := one(ctx, c, scanDownload, `SELECT `+downloadColumns+
		` FROM downloads WHERE id=$1 AND (library=$2 OR $2='')`+suffix, id, library)
	return oneOr(d, err, "download", id)
}

// List returns the newest downloads of a principal in a library.
func (s Downloads) List(ctx context.Context, library, principal string, limit int) ([]dam.Download, error) {
	return all(ctx, s.db, scanDownload, `SELECT `+downloadColumns+
		` FROM downloads WHERE library=$1 AND created_by=$2 ORDER BY created_at DESC, id DESC LIMIT $3`, library,
		principal, limit)
}

// DownloadsOpen is what somebody has under way.
type DownloadsOpen struct {
	Planning int   // downloads whose files are being listed
	Files    int64 // files of all whose link has not expired
}

// Open returns what a principal has under way, in all libraries.
func (s Downloads) Open(ctx context.Context, principal string, now time.Time) (DownloadsOpen, error) {
	return one(ctx, s.db, func(r row) (o DownloadsOpen, err error) {
		err = r.Scan(&o.Planning, &o.Files)
		return
	}, `SELECT count(CASE WHEN state='planning' THEN 1 END), CAST(coalesce(sum(files),0) AS BIGINT) FROM downloads
		WHERE created_by=$1 AND expires_at>$2 AND state IN ('planning','ready')`, principal, micros(now))
}

// PutFiles stores the n-th part of a download's files.
func (s DownloadsTx) PutFiles(ctx context.Context, id string, n int, files []dam.DownloadFile) error {
	_, err := s.tx.exec(ctx, `INSERT INTO download_files(download_id,n,files) VALUES($1,$2,$3)
		ON CONFLICT(download_id,n) DO UPDATE SET files=excluded.files`, id, n, asJSON{files})
	return err
}

// ClearFiles removes what was listed of a download whose listing was cut off.
func (s DownloadsTx) ClearFiles(ctx context.Context, id string) error {
	_, err := s.tx.exec(ctx, `DELETE FROM download_files WHERE download_id=$1`, id)
	return err
}

// Files returns the n-th part of a download's files, counted from 0; found is false after the last.
func (s Downloads) Files(ctx context.Context, id string, n int) (files []dam.DownloadFile, found bool, err error) {
	files, err = one(ctx, s.db, func(r row) (list []dam.DownloadFile, err error) {
		err = r.Scan(asJSON{&list})
		return
	}, `SELECT files FROM download_files WHERE download_id=$1 AND n=$2`, id, n)
	if errors.Is(err, errNoRow) {
		return nil, false, nil
	}
	return files, err == nil, err
}

// ExpireDownloads removes the files of downloads whose link is over, and the records of those that expired before an
// instant: some of each, so that no transaction is long.
func (s DownloadsTx) ExpireDownloads(ctx context.Context, records time.Time) error {
	if _, err := s.tx.exec(ctx, `DELETE FROM download_files WHERE download_id IN (SELECT d.id FROM downloads d WHERE
		(d.expires_at<=$1 OR d.state IN ('cancelled','failed')) AND EXISTS (SELECT 1 FROM download_files f WHERE f.download_id=d.id) LIMIT $2)`,
		micros(s.tx.now), expireAtOnce/10); err != nil {
		return err
	}
	_, err := s.tx.exec(ctx,
		`DELETE FROM downloads WHERE id IN (SELECT id FROM downloads WHERE expires_at<$1 LIMIT $2)`, micros(records),
		expireAtOnce)
	return err
}

// Terms returns what a library wants agreed to, and when a principal accepted it.
func (s Downloads) Terms(ctx context.Context, library, principal string) (dam.DownloadTerms, error) {
	t, err := one(ctx, s.db, func(r row) (t dam.DownloadTerms, err error) {
		var accepted *int64
		err = r.Scan(&t.Text, &t.ReasonRequired, &t.Revision, &accepted)
		t.Accepted = instantPtr(accepted)
		return
	}, `SELECT t.text,t.reason_required,t.revision,a.accepted_at FROM download_terms t
		LEFT JOIN download_acceptances a ON a.library=t.library AND a.revision=t.revision AND a.principal=$2
		WHERE t.library=$1 ORDER BY t.revision DESC LIMIT 1`, library, principal)
	if errors.Is(err, errNoRow) {
		return dam.DownloadTerms{}, nil
	}
	return t, err
}

// TermsText returns the text of a revision of a library's terms; "" if there is none.
func (s Downloads) TermsText(ctx context.Context, library string, revision int64) (string, error) {
	text, err := one(ctx, s.db, value[string], `SELECT text FROM download_terms WHERE library=$1 AND revision=$2`,
		library, revision)
	if errors.Is(err, errNoRow) {
		return "", nil
	}
	return text, err
}

// PutTerms stores the next revision of a library's terms. Earlier ones stay: somebody has accepted them.
func (s DownloadsTx) PutTerms(ctx context.Context, library string, t *dam.DownloadTerms) error {
	t.Revision++
	_, err := s.tx.exec(ctx, `INSERT INTO download_terms(library,revision,text,reason_required,created_at,created_by)
		VALUES($1,$2,$3,$4,$5,$6)`, library, t.Revision, t.Text, t.ReasonRequired, micros(s.tx.now), s.tx.actor.ID)
	return err
}

// AcceptTerms records that the actor accepts a revision of a library's terms; first is false if that is known.
func (s DownloadsTx) AcceptTerms(ctx context.Context, library string, revision int64) (first bool, err error) {
	n, err := s.tx.exec(ctx, `INSERT INTO download_acceptances(library,principal,revision,accepted_at)
		VALUES($1,$2,$3,$4) ON CONFLICT DO NOTHING`, library, s.tx.actor.ID, revision, micros(s.tx.now))
	return n > 0, err
}
