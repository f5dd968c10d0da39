package catalog

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"os"
	"slices"
	"time"

	"modernc.org/sqlite"

	"vitrine/dam"
	"vitrine/dam/reasons"
)

// Backup writes a consistent copy of a SQLite catalogue to a file that must not exist yet; other connections may read
// and write meanwhile. The copy is marked as one: a server that starts on it, in any place, begins a new epoch and
// holds. On PostgreSQL, Backup returns dam.Unsupported: pg_dump does the job there.
func (s Database) Backup(ctx context.Context, path string) error {
	taken := time.Now()
	if err := s.Compact(ctx, path); err != nil {
		return err
	}
	if err := markCopy(ctx, path, taken); err != nil {
		return err
	}
	return syncFile(path)
}

// Compact is Backup for a catalogue that is itself a copy: it keeps the copy's own time. The result contains no deleted
// data.
func (s Database) Compact(ctx context.Context, path string) error {
	if s.c.pg {
		return errPostgresBackup()
	}
	if err := dam.RequireActor(ctx); err != nil {
		return err
	}
	if _, err := s.c.writer.ExecContext(ctx, `VACUUM INTO ?`, path); err != nil {
		return err
	}
	return syncFile(path)
}

// markCopy records in a copy of the catalogue when it was made. It uses a rollback journal, so that no other file
// remains beside the copy.
func markCopy(ctx context.Context, path string, taken time.Time) error {
	c, err := sqliteConnector("file:" + (&url.URL{Path: path}).EscapedPath() + "?_pragma=journal_mode(DELETE)")
	if err != nil {
		return err
	}
	db := sql.OpenDB(c)
	// A copy of a copy keeps the older time; a catalogue from before epochs has no column for it.
	var able int
	err = db.QueryRowContext(ctx, `SELECT count(*) FROM pragma_table_info('log_head') WHERE name='backup_at'`).Scan(
		&able)
	if err == nil && able > 0 {
		_, err = db.ExecContext(ctx, `UPDATE log_head SET backup_at=COALESCE(backup_at,?1) WHERE id=1`, micros(taken))
	}
	return errors.Join(err, db.Close())
}

// CopyPages is Backup for a damaged SQLite file: it copies the pages as they are, including damaged ones. VACUUM parses
// every page and fails at the first that it can't read.
func (s Database) CopyPages(ctx context.Context, path string) error {
	if s.c.pg {
		return errPostgresBackup()
	}
	taken := time.Now()
	held, err := s.c.reader.Conn(ctx)
	if err != nil {
		return err
	}
	err = held.Raw(func(dc any) error {
		wrapped, ok := dc.(*conn)
		if !ok {
			return fmt.Errorf("unknown SQLite connection %T", dc)
		}
		source, ok := wrapped.sqliteConn.(interface {
			NewBackup(string) (*sqlite.Backup, error)
		})
		if !ok {
			return fmt.Errorf("the SQLite driver makes no copies of pages: %T", wrapped.sqliteConn)
		}
		b, err := source.NewBackup(path)
		if err != nil {
			return err
		}
		for more := true; more && err == nil; {
			if more, err = b.Step(1 << 12); ctx.Err() != nil {
				err = errors.Join(err, ctx.Err())
			}
		}
		return errors.Join(err, b.Finish())
	})
	if err := errors.Join(err, held.Close()); err != nil {
		return err
	}
	// A file too damaged to be marked is still recognized as a copy by its identity.
	if err := markCopy(ctx, path, taken); err != nil && !Corrupt(err) {
		return err
	}
	return syncFile(path)
}

func errPostgresBackup() error {
	return &dam.Error{Code: dam.Unsupported, Reason: reasons.BackupByPostgresql()}
}

func syncFile(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Chmod(0o600), f.Close())
}

// OpenSnapshot opens a SQLite file that nobody writes, such as a backup's, read-only. It changes neither the file nor
// its folder, so both may be read-only. Writing methods must not be called.
func OpenSnapshot(ctx context.Context, path string) (*Catalog, error) {
	v := url.Values{"mode": {"ro"}, "immutable": {"1"}, "_pragma": {"query_only(1)"}}
	connector, err := sqliteConnector("file:" + (&url.URL{Path: path}).EscapedPath() + "?" + v.Encode())
	if err != nil {
		return nil, err
	}
	db := sql.OpenDB(connector)
	if err := db.PingContext(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("open %s: %w", path, err), db.Close())
	}
	db.SetMaxOpenConns(2)
	c := &Catalog{writer: db, reader: db, path: path, signal: newSignal()}
	c.Conn = Conn{q: sqlConn{db}}
	return c, nil
}

// Needed returns up to limit objects that the catalogue refers to, with a key above after, ordered by key. Objects that
// are referred to only by a version's hash are returned by UnrecordedOriginals.
func (s Objects) Needed(ctx context.Context, after string, limit int) ([]Blob, error) {
	return all(ctx, s.db, scanBlob, `SELECT b.key,b.sha256,b.size FROM blobs b WHERE b.key>$1 AND NOT (`+unreferenced+
		`) ORDER BY b.key LIMIT $2`, after, limit)
}

// UnrecordedOriginals returns the originals of versions whose object has no row in blobs: no other query finds them.
func (s Objects) UnrecordedOriginals(ctx context.Context) ([]Blob, error) {
	return all(ctx, s.db, scanBlob,
		`SELECT DISTINCT 'originals/'||substr(v.sha256,1,2)||'/'||substr(v.sha256,3,2)||'/'||v.sha256, v.sha256, v.size FROM versions v
		WHERE NOT EXISTS (SELECT 1 FROM blobs b WHERE b.key='originals/'||substr(v.sha256,1,2)||'/'||substr(v.sha256,3,2)||'/'||v.sha256) ORDER BY 1`)
}

func scanBlob(r row) (b Blob, err error) {
	err = r.Scan(&b.Key, &b.SHA256, &b.Size)
	return
}

// Mentions reports whether the catalogue still holds anything about the subject of an erasure.
func (s Objects) Mentions(ctx context.Context, subject string) (bool, error) {
	n, err := one(ctx, s.db, value[int64],
		`SELECT (SELECT count(*) FROM assets WHERE id=$1)+(SELECT count(*) FROM users WHERE id=$1)+(SELECT count(*) FROM events WHERE asset=$1 OR subject=$1)`, subject)
	return n > 0, err
}

// OnlyOf returns the hashes of the originals that belong to versions of these assets and to no other asset or preset.
func (s Objects) OnlyOf(ctx context.Context, assets []string) ([]string, error) {
	of, only := map[string]bool{}, map[string]bool{}
	for _, a := range assets {
		of[a] = true
	}
	for _, a := range assets {
		hashes, err := all(ctx, s.db, value[string], `SELECT DISTINCT sha256 FROM versions WHERE asset_id=$1`, a)
		if err != nil {
			return nil, err
		}
		for _, h := range hashes {
			if only[h] {
				continue
			}
			others, err := all(ctx, s.db, value[string],
				`SELECT DISTINCT asset_id FROM versions WHERE sha256=$1 UNION ALL SELECT 'a preset' FROM presets WHERE spec LIKE '%"sha256":"' || $1 || '"%'`, h)
			if err != nil {
				return nil, err
			}
			only[h] = !slices.ContainsFunc(others, func(a string) bool { return !of[a] })
		}
	}
	maps.DeleteFunc(only, func(_ string, yes bool) bool { return !yes })
	return slices.Sorted(maps.Keys(only)), nil
}

// BackupRecord describes how the last backup to one target ended.
type BackupRecord struct {
	Target     string // machine and folder
	Generation string
	Ended      time.Time
	// Good is when the last backup with a whole catalogue and every object ended; nil if there has been none.
	Good     *time.Time
	Verified *time.Time // when every object of the target was last read and found intact
	Objects  int64
	Bytes    int64
	Damaged  int64 // objects of the backup that are missing or damaged
}

// RecordBackup records how a backup ended. It keeps the time of the last good one if this one wasn't good.
func (s MaintenanceTx) RecordBackup(ctx context.Context, b BackupRecord) error {
	_, err := s.tx.exec(ctx,
		`INSERT INTO backups(target,generation,ended_at,good_at,verified_at,objects,bytes,damaged) VALUES($1,$2,$3,$4,$5,$6,$7,$8)
		ON CONFLICT(target) DO UPDATE SET generation=excluded.generation, ended_at=excluded.ended_at, good_at=coalesce(excluded.good_at,backups.good_at),
		verified_at=coalesce(excluded.verified_at,backups.verified_at), objects=excluded.objects, bytes=excluded.bytes, damaged=excluded.damaged`,
		b.Target, b.Generation, micros(b.Ended), microsPtr(b.Good), microsPtr(b.Verified), b.Objects,
		b.Bytes, b.Damaged)
	return err
}

// Backups returns the record of each target, the most recently used first.
func (s Maintenance) Backups(ctx context.Context) ([]BackupRecord, error) {
	return all(ctx, s.db, func(r row) (b BackupRecord, err error) {
		var ended int64
		var good, verified *int64
		err = r.Scan(&b.Target, &b.Generation, &ended, &good, &verified, &b.Objects, &b.Bytes, &b.Damaged)
		b.Ended, b.Good, b.Verified = instant(ended), instantPtr(good), instantPtr(verified)
		return
	},
		`SELECT target,generation,ended_at,good_at,verified_at,objects,bytes,damaged FROM backups ORDER BY ended_at DESC`)
}

// VersionsOf counts the versions whose original has a hash.
func (s Versions) VersionsOf(ctx context.Context, sha256 string) (int64, error) {
	return one(ctx, s.db, value[int64], `SELECT count(*) FROM versions WHERE sha256=$1`, sha256)
}
