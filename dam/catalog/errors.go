package catalog

import (
	"context"
	"errors"
	"io"
	"net"

	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"vitrine/dam"
	"vitrine/dam/reasons"
)

// explained turns a database error that an operator can act on (disk full, read-only, unreachable, out of connections)
// into a dam.Error for people. Other errors, and a dam.Error, are returned unchanged.
func explained(err error) error {
	if err == nil || errors.As(err, new(*dam.Error)) || errors.Is(err, context.Canceled) ||
		errors.Is(err, context.DeadlineExceeded) || errors.Is(err, errNoRow) {
		return err
	}
	e := &dam.Error{Code: dam.Unavailable, Err: err}
	var lite *sqlite.Error
	var pg *pgconn.PgError
	var connect *pgconn.ConnectError
	var network net.Error
	switch {
	case errors.As(err, &lite):
		switch lite.Code() & 0xff {
		case sqlite3.SQLITE_FULL:
			e.Code, e.Reason = dam.NoSpace, reasons.DatabaseDiskFull()
		case sqlite3.SQLITE_READONLY:
			e.Reason = reasons.DatabaseReadOnly()
		case sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN:
			e.Reason = reasons.DatabaseDiskErrors()
		case sqlite3.SQLITE_BUSY:
			e.Reason = reasons.DatabaseBusy()
		default:
			return err
		}
	case errors.As(err, &pg):
		switch {
		case pg.Code == "53100":
			e.Code, e.Reason = dam.NoSpace, reasons.DatabaseDiskFull()
		case pg.Code == "53300":
			e.Reason = reasons.DatabaseNoConnection()
		case pg.Code == "25006":
			e.Reason = reasons.DatabaseReadOnly()
		case pg.Code[:min(2, len(pg.Code))] == "53", pg.Code[:min(2, len(pg.Code))] == "08",
			pg.Code[:min(3, len(pg.Code))] == "57P":
			e.Reason = reasons.DatabaseSilent()
		default:
			return err
		}
	case errors.As(err, &connect), errors.As(err, &network), errors.Is(err, io.EOF),
		errors.Is(err, io.ErrUnexpectedEOF), pgconn.SafeToRetry(err):
		e.Reason = reasons.DatabaseSilent()
	default:
		if system := dam.SystemError(err); system != nil {
			return system
		}
		return err
	}
	return e
}

// Explain is explained for errors of the job queue, which accesses the database itself.
func Explain(err error) error { return explained(err) }

// readOnly reports whether the connection was opened while the file could not be written.
func readOnly(err error) bool {
	var lite *sqlite.Error
	return errors.As(err, &lite) && lite.Code()&0xff == sqlite3.SQLITE_READONLY
}

// reopen closes idle connections, so that new ones can write to a volume that has become writable again.
func (c *Catalog) reopen() {
	c.writer.SetMaxIdleConns(0)
	c.writer.SetMaxIdleConns(1)
	c.reader.SetMaxIdleConns(0)
	c.reader.SetMaxIdleConns(readers)
}

// wording is a querier that passes its errors through explained.
type wording struct{ querier }

func (w wording) exec(ctx context.Context, sql string, args ...any) (int64, error) {
	n, err := w.querier.exec(ctx, sql, args...)
	return n, explained(err)
}

func (w wording) query(ctx context.Context, sql string, args ...any) (rows, error) {
	r, err := w.querier.query(ctx, sql, args...)
	if err != nil {
		return nil, explained(err)
	}
	return wordedRows{r}, nil
}

type wordedRows struct{ rows }

func (r wordedRows) Err() error { return explained(r.rows.Err()) }
