package catalog

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"

	"vitrine/dam"
	"vitrine/dam/reasons"
)

// maxProblems is the most problems that Integrity reports.
const maxProblems = 100

// Integrity is the result of a database's check of its own pages.
type Integrity struct {
	// Problems are the damages found, in the database's words.
	Problems []string
	// Unchecked says what could not be checked and why; "" if everything was.
	Unchecked string
}

// Integrity reads every page of a SQLite catalogue and compares indexes with tables (PRAGMA integrity_check). quick
// skips the comparison, which makes it several times faster but misses damage to the contents of indexes. Unused
// content of a page on the free list is not damage.
//
// On PostgreSQL it reads the count of failed data checksums, which are verified whenever a page is read, and, unless
// quick, checks every B-tree with the extension amcheck if it is installed.
func (s Database) Integrity(ctx context.Context, quick bool) (Integrity, error) {
	if s.c.pg {
		return s.c.postgresIntegrity(ctx, quick)
	}
	check := "integrity_check"
	if quick {
		check = "quick_check"
	}
	lines, err := all(ctx, s.c.Conn, value[string], fmt.Sprintf("PRAGMA %s(%d)", check, maxProblems))
	if ctx.Err() != nil {
		return Integrity{}, ctx.Err()
	}
	if err != nil {
		// A file that is too damaged to be opened is a finding too.
		if Corrupt(err) {
			return Integrity{Problems: append(lines, err.Error())}, nil
		}
		return Integrity{}, err
	}
	if len(lines) == 1 && lines[0] == "ok" {
		return Integrity{}, nil
	}
	return Integrity{Problems: lines}, nil
}

// OnlyData returns an error if a SQLite file has anything but tables and indexes. The schema defines no triggers or
// views, so any of them is foreign and would run as part of the server's own statements.
func (s Database) OnlyData(ctx context.Context) error {
	if s.c.pg {
		return nil
	}
	// SQLite takes what a schema row means from its statement, and writes the beginning of that statement itself.
	foreign, err := all(ctx, s.c.Conn, value[string],
		`SELECT name FROM sqlite_schema WHERE type NOT IN ('table','index')
		OR sql IS NOT NULL AND NOT (sql GLOB 'CREATE TABLE *' OR sql GLOB 'CREATE INDEX *' OR sql GLOB 'CREATE UNIQUE INDEX *')`)
	if err != nil || len(foreign) == 0 {
		return err
	}
	return &dam.Error{Code: dam.Conflict, Reason: reasons.CatalogHoldsPrograms(strings.Join(foreign, ", "))}
}

// Corrupt reports whether an error means that a SQLite file is damaged or is not a database.
func Corrupt(err error) bool {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return false
	}
	const corrupt, notADatabase = 11, 26 // SQLITE_CORRUPT, SQLITE_NOTADB
	return e.Code()&0xff == corrupt || e.Code()&0xff == notADatabase
}

func (c *Catalog) postgresIntegrity(ctx context.Context, quick bool) (out Integrity, err error) {
	checksums, err := one(ctx, c.Conn, value[string], `SELECT setting FROM pg_settings WHERE name='data_checksums'`)
	if err != nil {
		return out, err
	}
	failures, err := one(ctx, c.Conn, value[int64],
		`SELECT coalesce(checksum_failures,0) FROM pg_stat_database WHERE datname=current_database()`)
	if err != nil {
		return out, err
	}
	if failures > 0 {
		out.Problems = append(out.Problems,
			fmt.Sprintf("%d pages failed their data checksum since the statistics were reset", failures))
	}
	if checksums != "on" {
		out.Unchecked = "data checksums are off: pg_checksums --enable switches them on while PostgreSQL is stopped"
	}
	if quick {
		return out, nil
	}
	amcheck, err := one(ctx, c.Conn, value[int64], `SELECT count(*) FROM pg_extension WHERE extname='amcheck'`)
	if err != nil {
		return out, err
	}
	if amcheck == 0 {
		if out.Unchecked == "" {
			out.Unchecked = "indexes were not looked at: CREATE EXTENSION amcheck lets verify do that"
		}
		return out, nil
	}
	indexes, err := all(ctx, c.Conn, value[string],
		`SELECT i.indexrelid::regclass::text FROM pg_index i JOIN pg_class k ON k.oid=i.indexrelid JOIN pg_am a ON a.oid=k.relam
		JOIN pg_namespace n ON n.oid=k.relnamespace WHERE a.amname='btree' AND n.nspname=current_schema() AND i.indisvalid ORDER BY 1`)
	if err != nil {
		return out, err
	}
	for _, index := range indexes {
		if len(out.Problems) >= maxProblems {
			break
		}
		// heapallindexed: every row of the table must be in its index.
		if _, err := c.exec(ctx, `SELECT bt_index_check($1::text::regclass, true)`, index); ctx.Err() != nil {
			return out, ctx.Err()
		} else if denied(err) {
			out.Unchecked = "indexes were not looked at: the database user may not run amcheck"
			break
		} else if err != nil {
			out.Problems = append(out.Problems, index+": "+err.Error())
		}
	}
	return out, nil
}

// denied reports whether the database user lacks a privilege.
func denied(err error) bool {
	var pe *pgconn.PgError
	return errors.As(err, &pe) && pe.Code == "42501"
}
