package catalog

import (
	"context"
	"io/fs"
	"strconv"
	"strings"

	"vitrine/dam"
	"vitrine/dam/reasons"
)

// Schema holds the schema version of a database and the one that this program requires.
type Schema struct {
	Have int64 // 0: there are no tables yet
	Want int64
	// Unfinished means that what the last migration has to do beyond its script was cut off. Migrate goes on with it.
	Unfinished bool
}

// Schema reads the schema version without changing anything.
func (in Database) Schema(ctx context.Context) (Schema, error) {
	var s Schema
	names, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		return s, err
	}
	for _, name := range names {
		number, _, _ := strings.Cut(strings.TrimPrefix(name, "migrations/"), "_")
		n, err := strconv.ParseInt(number, 10, 64)
		if err != nil {
			return s, err
		}
		s.Want = max(s.Want, n)
	}
	find := `SELECT count(*) FROM sqlite_master WHERE type='table' AND name='goose_db_version'`
	if in.c.pg {
		find = `SELECT count(*) FROM pg_tables WHERE schemaname=current_schema() AND tablename='goose_db_version'`
	}
	there, err := one(ctx, in.c.Conn, value[int64], find)
	if err != nil || there == 0 {
		return s, err
	}
	s.Have, err = one(ctx, in.c.Conn, value[int64],
		`SELECT COALESCE(max(version_id),0) FROM goose_db_version WHERE is_applied`)
	if err != nil || s.Have < nameMigration {
		return s, err
	}
	left, err := one(ctx, in.c.Conn, value[int64], `SELECT count(*) FROM name_work`)
	s.Unfinished = left > 0
	return s, err
}

// nameMigration is the migration whose table name_work says what is left to do.
const nameMigration = 24

// Due reports whether Migrate has something to do.
func (s Schema) Due() bool { return s.Have != s.Want || s.Unfinished }

// Newer returns an error if the schema is newer than this program, which would misread it.
func (s Schema) Newer() error {
	if s.Have <= s.Want {
		return nil
	}
	return &dam.Error{Code: dam.Conflict, Field: "database", Reason: reasons.SchemaNewer(s.Have, s.Want)}
}

// Current returns an error if the schema is of any other version. Only a starting server and `vitrine migrate` migrate
// it, because a running server of the older version would fail.
func (s Schema) Current() error {
	if err := s.Newer(); err != nil || !s.Due() {
		return err
	}
	if s.Have == s.Want {
		return &dam.Error{Code: dam.Conflict, Field: "database", Reason: reasons.MigrationUnfinished(s.Have)}
	}
	return &dam.Error{Code: dam.Conflict, Field: "database", Reason: reasons.SchemaOlder(s.Have, s.Want)}
}
