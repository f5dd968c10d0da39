package catalog

import (
	"context"
	"errors"
	"os"

	"vitrine/dam"
)

// Backup writes a consistent copy of a SQLite catalogue to a file that must not
// exist yet; others may read and write meanwhile. On PostgreSQL it gives
// dam.Unsupported: pg_dump does that.
func (c *Catalog) Backup(ctx context.Context, path string) error {
	if c.pg {
		return &dam.Error{Code: dam.Unsupported, Message: "a PostgreSQL catalogue is backed up by PostgreSQL", Remedy: "use pg_dump --format=custom"}
	}
	if _, err := c.writer.ExecContext(ctx, `VACUUM INTO ?`, path); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Chmod(0o600), f.Close())
}
