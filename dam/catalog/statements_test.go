package catalog

import (
	"database/sql"
	"fmt"
	"testing"
)

// Cached statements answer as new ones do: while the same statement is being read, after the tables have changed, after
// an error, and when there are too many to cache.
func TestKeptStatements(t *testing.T) {
	c, err := sqliteConnector("file:" + t.TempDir() + "/x.db")
	if err != nil {
		t.Fatal(err)
	}
	db := sql.OpenDB(c)
	db.SetMaxOpenConns(1)
	defer func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}()
	exec := func(q string, args ...any) {
		t.Helper()
		if _, err := db.ExecContext(t.Context(), q, args...); err != nil {
			t.Fatal(err)
		}
	}
	exec(`CREATE TABLE a(n INTEGER PRIMARY KEY); CREATE TABLE b(n INTEGER)`)
	for n := range 3 {
		exec(`INSERT INTO a VALUES(?1)`, n)
	}
	if _, err := db.ExecContext(t.Context(), `INSERT INTO a VALUES(?1)`, 1); err == nil {
		t.Error("a key is there twice")
	}
	exec(`INSERT INTO a VALUES(?1)`, 3)

	tx, err := db.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	var sum func(depth, from int) int
	sum = func(depth, from int) (total int) {
		rows, err := tx.QueryContext(t.Context(), `SELECT n FROM a WHERE n>=?1 ORDER BY n`, from)
		if err != nil {
			t.Fatal(err)
		}
		for rows.Next() {
			var n int
			if err := rows.Scan(&n); err != nil {
				t.Fatal(err)
			}
			total += n
			if depth > 0 {
				total += sum(depth-1, n)
			}
		}
		if err := rows.Close(); err != nil {
			t.Error(err)
		}
		return total
	}
	if got := sum(1, 1); got != 6+6+5+3 {
		t.Errorf("read while it is read: %d", got)
	}
	if got := sum(0, 0); got != 6 {
		t.Errorf("read again: %d", got)
	}
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}

	read := func() (values []any) {
		t.Helper()
		rows, err := db.QueryContext(t.Context(), `SELECT * FROM a WHERE n=2`)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = rows.Close() }()
		names, err := rows.Columns()
		if err != nil || !rows.Next() {
			t.Fatal(err, rows.Err())
		}
		values = make([]any, len(names))
		at := make([]any, len(names))
		for i := range values {
			at[i] = &values[i]
		}
		if err := rows.Scan(at...); err != nil {
			t.Fatal(err)
		}
		return values
	}
	before := read()
	exec(`ALTER TABLE a ADD COLUMN word TEXT DEFAULT 'two'`)
	if after := read(); len(before) != 1 || len(after) != 2 || fmt.Sprint(after[1]) != "two" {
		t.Errorf("%v, then with one more column %v", before, after)
	}

	for n := range 2*maxKept + 10 {
		exec(fmt.Sprintf(`INSERT INTO b VALUES(%d)`, n))
	}
	var n int
	if err := db.QueryRowContext(t.Context(), `SELECT count(*) FROM b`).Scan(&n); err != nil || n != 2*maxKept+10 {
		t.Errorf("%d rows, %v", n, err)
	}
}
