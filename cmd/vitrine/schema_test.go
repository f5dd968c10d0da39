package main

import (
	"bytes"
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vitrine/cmd/vitrine/config"
	"vitrine/cmd/vitrine/server"
	"vitrine/dam/catalog/catalogtest"

	_ "modernc.org/sqlite" // to look at the tables as another version would leave them
)

// tables runs a statement on a data folder's SQLite file and returns the schema's version after it.
func tables(t *testing.T, dir string, statements ...string) (version int64) {
	t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(dir, "vitrine.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	for _, s := range statements {
		if _, err := db.Exec(s); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.QueryRow(`SELECT max(version_id) FROM goose_db_version`).Scan(&version); err != nil {
		t.Fatal(err)
	}
	return version
}

// Commands touch no tables of another version, a server none that are newer, and both say what to do.
func TestTablesOfAnotherVersion(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("VITRINE_DATA", dir)
	do := func(want int, args ...string) string {
		t.Helper()
		var out bytes.Buffer
		if got := run(t.Context(), args, &out, &out); got != want {
			t.Fatalf("vitrine %s: status %d, want %d\n%s", strings.Join(args, " "), got, want, &out)
		}
		return out.String()
	}
	// Only a server makes a catalogue: a command that names the wrong folder says so, and leaves it as it was.
	for _, args := range [][]string{{"token", "create", "--role", "admin", "--name", "first"}, {"user", "list"},
		{"field", "list"}, {"secrets", "reset", "--yes"}, {"verify"}, {"migrate", "--changes"}} {
		if said := do(1, args...); !strings.Contains(said, "no catalogue at") || !strings.Contains(said, "--data") {
			t.Errorf("vitrine %s: %s", strings.Join(args, " "), said)
		}
		if made, err := os.ReadDir(dir); err != nil || len(made) > 0 {
			t.Fatalf("vitrine %s made %v, %v", strings.Join(args, " "), made, err)
		}
	}
	cat, err := server.OpenCatalog(catalogtest.Context(t),
		config.Config{Database: "sqlite:" + filepath.Join(dir, "vitrine.db")})
	if err == nil {
		err = cat.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	current := tables(t, dir)
	older := tables(t, dir,
		`DELETE FROM goose_db_version WHERE version_id=(SELECT max(version_id) FROM goose_db_version)`)
	if older >= current {
		t.Fatal("the tables are not older")
	}
	for _, args := range [][]string{{"token", "list"}, {"verify"}, {"user", "list"}} {
		if said := do(1, args...); !strings.Contains(said, "older version") ||
			!strings.Contains(said, "vitrine migrate") {
			t.Errorf("vitrine %s: %s", strings.Join(args, " "), said)
		}
	}
	if said := do(1, "migrate"); !strings.Contains(said, "--yes") {
		t.Errorf("migrate says nothing beforehand: %s", said)
	}
	if now := tables(t, dir); now != older {
		t.Fatalf("a command changed the tables from schema %d to %d", older, now)
	}

	newer := tables(t, dir, `INSERT INTO goose_db_version(version_id,is_applied) VALUES(9999,1)`)
	for _, args := range [][]string{{"token", "list"}, {"migrate", "--yes"}, {"serve", "--listen", "127.0.0.1:0"}} {
		if said := do(1, args...); !strings.Contains(said, "newer version") || !strings.Contains(said, "backup") {
			t.Errorf("vitrine %s: %s", strings.Join(args, " "), said)
		}
	}
	if now := tables(t, dir); now != newer {
		t.Fatal("newer tables were changed")
	}
}
