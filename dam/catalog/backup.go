package catalog

import (
	"context"
	"database/sql"
	"errors"
	"net/url"
	"os"
	"time"

	"vitrine/dam"
)

// Backup writes a consistent copy of a SQLite catalogue to a file that must not
// exist yet; others may read and write meanwhile. The copy knows that it is one: a server that
// starts on it, wherever it was put, begins a new epoch and holds. On PostgreSQL it gives
// dam.Unsupported: pg_dump does that.
func (c *Catalog) Backup(ctx context.Context, path string) error {
	if c.pg {
		return &dam.Error{Code: dam.Unsupported, Message: "a PostgreSQL catalogue is backed up by PostgreSQL", Remedy: "use pg_dump --format=custom"}
	}
	taken := time.Now()
	if _, err := c.writer.ExecContext(ctx, `VACUUM INTO ?`, path); err != nil {
		return err
	}
	if err := markCopy(ctx, path, taken); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Chmod(0o600), f.Close())
}

// markCopy writes into a copy of the catalogue when it was taken. The journal is a plain one, so that nothing is left beside the file.
func markCopy(ctx context.Context, path string, taken time.Time) error {
	c, err := sqliteConnector("file:" + (&url.URL{Path: path}).EscapedPath() + "?_pragma=journal_mode(DELETE)")
	if err != nil {
		return err
	}
	db := sql.OpenDB(c)
	_, err = db.ExecContext(ctx, `UPDATE log_head SET backup_at=?1 WHERE id=1`, micros(taken))
	return errors.Join(err, db.Close())
}
