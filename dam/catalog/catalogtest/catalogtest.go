// Package catalogtest gives tests real catalogues: a SQLite file, and a PostgreSQL server that the test process starts
// itself, on a port and in a folder of its own, as an unprivileged user.
package catalogtest

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/test/ports"
)

// Each runs a test on both dialects, each with an empty, migrated catalogue.
func Each(t *testing.T, test func(t *testing.T, c *catalog.Catalog)) {
	t.Run("sqlite", func(t *testing.T) { test(t, SQLite(t)) })
	if os.Getenv("VITRINE_TEST_DATABASES") != "sqlite" { // make test-unit sets it; make test runs both
		t.Run("postgres", func(t *testing.T) { test(t, Postgres(t)) })
	}
}

// Context returns the test's context with the system as actor. A test of what a principal sees or may do names that
// principal with dam.WithActor.
func Context(t testing.TB) context.Context { return dam.AsSystem(t.Context(), "a test's own steps") }

// SQLite returns an empty, migrated catalogue in a temporary file.
func SQLite(t testing.TB) *catalog.Catalog {
	t.Helper()
	return open(t, "sqlite:"+filepath.Join(t.TempDir(), "catalog.db"))
}

// Postgres returns an empty, migrated catalogue in a database of its own.
func Postgres(t testing.TB) *catalog.Catalog {
	t.Helper()
	return open(t, PostgresURL(t))
}

func open(t testing.TB, dsn string) *catalog.Catalog {
	t.Helper()
	c, err := catalog.Open(Context(t), dsn)
	if err != nil {
		t.Fatal(err)
	}
	urls.Store(c, dsn)
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := c.Migrate(Context(t)); err != nil {
		t.Fatal(err)
	}
	return c
}

// urls maps each *catalog.Catalog of this process to its URL.
var urls sync.Map

// URL returns the URL of a catalogue of this package, for another process or a whole server to open.
func URL(c *catalog.Catalog) string {
	url, _ := urls.Load(c)
	return url.(string)
}

var databases atomic.Int64

// PostgresURL returns the URL of an empty database on the test's own server.
func PostgresURL(t testing.TB) string {
	t.Helper()
	return database(t, server)
}

// PostgresAhead returns a catalogue whose database clock is ahead of this machine's by a duration, as when the
// machine's is behind. Only clock_timestamp, which the catalogue reads, is ahead.
func PostgresAhead(t testing.TB, by time.Duration) *catalog.Catalog {
	t.Helper()
	dsn := PostgresURL(t)
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(ctx) }()
	for _, q := range []string{
		fmt.Sprintf(
			`CREATE FUNCTION public.clock_timestamp() RETURNS timestamptz LANGUAGE sql AS 'SELECT pg_catalog.clock_timestamp() + interval ''%d milliseconds'''`, by.Milliseconds()),
		`DO $$ BEGIN EXECUTE 'ALTER DATABASE ' || current_database() || ' SET search_path = public, pg_catalog'; END $$`,
	} {
		if _, err := conn.Exec(ctx, q); err != nil {
			t.Fatal(err)
		}
	}
	return open(t, dsn)
}

// DurableURL is PostgresURL on a server that syncs each commit to disk, as in production: for benchmarks.
func DurableURL(t testing.TB) string {
	t.Helper()
	return database(t, durableServer)
}

// Measured returns the dialects for benchmarks, in which every commit reaches the disk.
func Measured() map[string]func(testing.TB) *catalog.Catalog {
	return map[string]func(testing.TB) *catalog.Catalog{
		"sqlite":   SQLite,
		"postgres": func(t testing.TB) *catalog.Catalog { t.Helper(); return open(t, DurableURL(t)) },
	}
}

func database(t testing.TB, server func() (string, error)) string {
	t.Helper()
	base, err := server()
	if err != nil {
		t.Fatalf("PostgreSQL for tests: %v", err)
	}
	name := fmt.Sprintf("t%d_%d", os.Getpid(), databases.Add(1))
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, base+"postgres")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(ctx) }()
	if _, err := conn.Exec(ctx, "CREATE DATABASE "+name); err != nil {
		t.Fatal(err)
	}
	return base + name
}

// Each server is started once per test process; the durable one is for benchmarks.
var (
	server        = sync.OnceValues(func() (string, error) { return startServer(false) })
	durableServer = sync.OnceValues(func() (string, error) { return startServer(true) })
)

// startServer starts PostgreSQL under a shell. When the test process ends, for whatever reason, the shell's input
// closes, and the shell stops the server and removes the folder.
func startServer(durable bool) (string, error) {
	bins, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if len(bins) == 0 {
		return "", fmt.Errorf("no server programs found; install Debian's package postgresql")
	}
	slices.Sort(bins)
	bin := filepath.Dir(bins[len(bins)-1])
	dir, err := os.MkdirTemp("", "vitrine-pg-")
	if err != nil {
		return "", err
	}
	attr, err := unprivileged(dir)
	if err != nil {
		return "", err
	}
	initdb := exec.Command(filepath.Join(bin, "initdb"), "-D", filepath.Join(dir, "data"), "-U", "vitrine", "-A",
		"trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
	initdb.SysProcAttr, initdb.Dir = attr, dir
	if out, err := initdb.CombinedOutput(); err != nil {
		return "", fmt.Errorf("initdb: %w: %s", err, out)
	}
	return start(bin, dir, attr, durable)
}

// unprivileged gives the folder to a user that may run PostgreSQL, which refuses to run as root.
func unprivileged(dir string) (*syscall.SysProcAttr, error) {
	if os.Getuid() != 0 {
		return nil, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err1 := strconv.Atoi(u.Uid)
		gid, err2 := strconv.Atoi(u.Gid)
		if err1 != nil || err2 != nil {
			continue
		}
		return &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}},
			os.Chown(dir, uid, gid)
	}
	return nil, fmt.Errorf("running as root, and there is no user postgres or nobody to run the server as")
}

func start(bin, dir string, attr *syscall.SysProcAttr, durable bool) (string, error) {
	address, _, err := ports.Hold() // for the life of the process, as the server
	if err != nil {
		return "", err
	}
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		return "", err
	}
	sync := "off"
	if durable {
		sync = "on"
	}
	sh := exec.Command("sh", "-c",
		`"$0" -D "$1/data" -p "$2" -k "$1" -c listen_addresses=127.0.0.1 -c fsync="$3" -c full_page_writes="$3" -c max_connections=200 >"$1/log" 2>&1 & pid=$!
read _; kill -QUIT $pid; wait $pid; rm -rf "$1"`, filepath.Join(bin, "postgres"), dir, port, sync)
	// A group of its own: an interrupted test run does not take the shell with it before it has cleaned up.
	sh.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if attr != nil {
		sh.SysProcAttr.Credential = attr.Credential
	}
	sh.Dir = dir
	hold, err := sh.StdinPipe()
	if err != nil {
		return "", err
	}
	if err := sh.Start(); err != nil {
		return "", err
	}
	holds = append(holds, hold)
	url := fmt.Sprintf("postgres://vitrine@127.0.0.1:%s/", port)
	deadline := time.Now().Add(30 * time.Second)
	for {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		conn, err := pgx.Connect(ctx, url+"postgres")
		if err == nil {
			err = conn.Close(ctx)
		}
		cancel()
		if err == nil {
			return url, nil
		}
		if time.Now().After(deadline) {
			log, _ := os.ReadFile(filepath.Join(dir, "log"))
			return "", fmt.Errorf("no answer in 30 s: %w\n%s", err, log)
		}
		time.Sleep(20 * time.Millisecond) // between polls of a server that has no ready signal
	}
}

// holds keeps the shells' inputs open for the life of the process.
var holds []io.Closer
