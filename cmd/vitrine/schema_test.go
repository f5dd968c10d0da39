package main

import (
	"bytes"
	"database/sql"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	_ "modernc.org/sqlite" // to look at the tables as another version would leave them

	"vitrine/cmd/vitrine/config"
	"vitrine/cmd/vitrine/server"
	"vitrine/dam/catalog/catalogtest"
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
	do(0, "token", "create", "--role", "admin", "--name", "first") // the first use makes the tables
	current := tables(t, dir)
	older := tables(t, dir, `DELETE FROM goose_db_version WHERE version_id=(SELECT max(version_id) FROM goose_db_version)`)
	if older >= current {
		t.Fatal("the tables are not older")
	}
	for _, args := range [][]string{{"token", "list"}, {"verify"}, {"user", "list"}} {
		if said := do(1, args...); !strings.Contains(said, "older version") || !strings.Contains(said, "vitrine migrate") {
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

// Without --listen doctor speaks to the server of the data folder.
func TestDoctorFindsTheServerOfTheFolder(t *testing.T) {
	dir := t.TempDir()
	answer := func(body string) net.Listener {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(body)) }))
		t.Cleanup(s.Close)
		return s.Listener
	}
	ours := answer(`{"ready":true,"parts":{"database":"ok","search_follows":"ok","space":"spool: 3 MB free"}}`)
	stranger := answer(`hello`)
	c := config.Config{Data: dir, Listen: stranger.Addr().String()}
	said := func() string {
		var b strings.Builder
		for _, s := range examineServer(catalogtest.Context(t), c) {
			b.WriteString(s.Status + " " + s.Name + " " + s.Detail + "\n")
		}
		return b.String()
	}
	if out := said(); !strings.Contains(out, "no server runs on "+dir) {
		t.Errorf("no server runs: %s", out)
	}
	if err := server.Announce(c, ours.Addr().String()); err != nil {
		t.Fatal(err)
	}
	if out := said(); !strings.Contains(out, "no server runs on "+dir) {
		t.Errorf("the address of a server that ended is believed: %s", out)
	}
	release, err := server.LockData(c)
	if err != nil {
		t.Fatal(err)
	}
	if out := said(); !strings.Contains(out, "ok server ready at "+ours.Addr().String()) || !strings.Contains(out, "warn space spool: 3 MB free") {
		t.Errorf("the server of the folder: %s", out)
	}
	if err := server.Withdraw(c); err != nil {
		t.Fatal(err)
	}
	if out := said(); !strings.Contains(out, "is not Vitrine") {
		t.Errorf("a stranger is taken for the server: %s", out)
	}
	if err := release(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(dir, "server.address")); !os.IsNotExist(err) {
		t.Error("the address stays: ", err)
	}
}
