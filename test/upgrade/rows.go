package upgrade

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"vitrine/dam/catalog"
)

// Rows are the rows of a table as texts: column → value.
type Rows []map[string]string

// ours leaves out the queue's tables, which its library migrates, and the record of migrations.
func ours(table string) bool {
	return !strings.HasPrefix(table, "river_") && !strings.HasPrefix(table, "sqlite_") &&
		!strings.HasPrefix(table, "goose_")
}

// Tables are the catalogue's tables with the columns of each.
func Tables(ctx context.Context, c *catalog.Catalog) (map[string][]string, error) {
	q := `SELECT m.name, p.name FROM sqlite_master m JOIN pragma_table_info(m.name) p WHERE m.type='table'`
	if c.Postgres() {
		q = `SELECT table_name, column_name FROM information_schema.columns WHERE table_schema='public'`
	}
	list, err := Query(ctx, c, q)
	out := map[string][]string{}
	for _, r := range list {
		if ours(r[0]) {
			out[r[0]] = append(out[r[0]], r[1])
		}
	}
	return out, err
}

// Dump reads every row of the tables, of each the named columns.
func Dump(ctx context.Context, c *catalog.Catalog, tables map[string][]string) (map[string]Rows, error) {
	out := map[string]Rows{}
	for _, table := range slices.Sorted(maps.Keys(tables)) {
		columns := tables[table]
		casts := make([]string, len(columns))
		for i, name := range columns {
			casts[i] = "COALESCE(CAST(" + name + " AS TEXT),'NULL')"
		}
		list, err := Query(ctx, c, "SELECT "+strings.Join(casts, ",")+" FROM "+table)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", table, err)
		}
		for _, values := range list {
			row := map[string]string{}
			for i, name := range columns {
				row[name] = values[i]
			}
			out[table] = append(out[table], row)
		}
	}
	return out, nil
}

// Shift moves every instant in the catalogue by d, so that what was made long ago is as
// old as it was when it was recorded: nothing has expired meanwhile. What is planned
// for the end of the century stays there.
func Shift(ctx context.Context, c *catalog.Catalog, d time.Duration) error {
	tables, err := Tables(ctx, c)
	if err != nil {
		return err
	}
	// Microseconds of 2017 to 2049: no count or size comes near.
	for table, columns := range tables {
		for _, name := range columns {
			typ, err := Query(ctx, c, columnType(c, table, name))
			if err != nil {
				return err
			}
			if len(typ) != 1 || !strings.EqualFold(typ[0][0], "bigint") {
				continue
			}
			if err := Exec(ctx, c,
				fmt.Sprintf("UPDATE %s SET %s=%s+%d WHERE %s BETWEEN 1500000000000000 AND 2500000000000000", table,
					name, name, d.Microseconds(), name)); err != nil {
				return fmt.Errorf("%s.%s: %w", table, name, err)
			}
		}
	}
	return nil
}

func columnType(c *catalog.Catalog, table, column string) string {
	if c.Postgres() {
		return fmt.Sprintf("SELECT data_type FROM information_schema.columns WHERE table_schema='public' AND "+
			"table_name='%s' AND column_name='%s'", table, column)
	}
	return fmt.Sprintf("SELECT type FROM pragma_table_info('%s') WHERE name='%s'", table, column)
}

// Exec runs a statement on either database.
func Exec(ctx context.Context, c *catalog.Catalog, q string) (err error) {
	if c.Postgres() {
		_, err = c.Database().Pool().Exec(ctx, q)
		return err
	}
	_, err = c.Database().Writer().ExecContext(ctx, q)
	return err
}

// Query returns the rows that a statement selects, all as texts.
func Query(ctx context.Context, c *catalog.Catalog, q string) (out [][]string, err error) {
	scan := func(n int, scan func(...any) error) error {
		values := make([]string, n)
		into := make([]any, n)
		for i := range values {
			into[i] = &values[i]
		}
		out = append(out, values)
		return scan(into...)
	}
	if c.Postgres() {
		rows, err := c.Database().Pool().Query(ctx, q)
		if err != nil {
			return nil, err
		}
		defer rows.Close()
		for rows.Next() {
			if err := scan(len(rows.FieldDescriptions()), rows.Scan); err != nil {
				return nil, err
			}
		}
		return out, rows.Err()
	}
	rows, err := c.Database().Writer().QueryContext(ctx, q)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }() // Err tells what matters
	columns, err := rows.Columns()
	if err != nil {
		return nil, err
	}
	for rows.Next() {
		if err := scan(len(columns), rows.Scan); err != nil {
			return nil, err
		}
	}
	return out, rows.Err()
}
