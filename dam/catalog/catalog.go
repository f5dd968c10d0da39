// Package catalog is the system of record: assets, versions, renditions, the
// event log, people, channels and publications, in SQL. One implementation
// serves two dialects, SQLite (embedded, one node) and PostgreSQL (several nodes);
// the statements are the same.
//
// A change, its events and its jobs commit in one transaction (Write, Do), or
// none of them happened. All SQL of the product lives here.
package catalog

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"vitrine/dam"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Catalog is an open system of record. Its reading methods (Conn) see committed
// state; changes go through Write or Do.
type Catalog struct {
	Conn
	writer, reader *sql.DB
	pool           *pgxpool.Pool
	path           string
	signal         *signal
	clock          clock
}

// Open opens the catalogue named by a URL: sqlite:PATH or postgres://…. It does
// not migrate; see Migrate.
func Open(ctx context.Context, dsn string) (*Catalog, error) {
	if path, ok := strings.CutPrefix(dsn, "sqlite:"); ok {
		return openSQLite(path)
	}
	if strings.HasPrefix(dsn, "postgres://") || strings.HasPrefix(dsn, "postgresql://") {
		return openPostgres(ctx, dsn)
	}
	return nil, errors.New("the database is sqlite:PATH or postgres://USER@HOST/NAME")
}

func openSQLite(path string) (*Catalog, error) {
	if err := ownFile(path); err != nil {
		return nil, err
	}
	open := func(conns int, pragmas ...string) (*sql.DB, error) {
		v := url.Values{"_txlock": {"immediate"},
			"_pragma": append([]string{"busy_timeout(20000)", "journal_mode(WAL)", "synchronous(FULL)",
				"foreign_keys(1)"}, pragmas...)}
		c, err := sqliteConnector("file:" + (&url.URL{Path: path}).EscapedPath() + "?" + v.Encode())
		if err != nil {
			return nil, err
		}
		db := sql.OpenDB(c)
		db.SetMaxOpenConns(conns)
		db.SetMaxIdleConns(conns)
		return db, db.Ping()
	}
	w, err := open(1)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	r, err := open(readers, "query_only(1)")
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open %s: %w", path, err), w.Close())
	}
	c := &Catalog{writer: w, reader: r, path: path, signal: newSignal()}
	c.Conn = Conn{q: wording{sqlConn{r}}}
	return c, nil
}

// readers is how many SQLite connections read at once.
const readers = 4

// ownFile makes the database file accessible to its owner only, including a file of an earlier version. SQLite gives
// the files beside it the same mode.
func ownFile(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600) //nolint:gosec // the operator names it
	if errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EROFS) {
		return nil // a read-only file is opened read-only, or SQLite reports why it can't be
	}
	if err != nil {
		return err
	}
	if err := errors.Join(f.Close(), dam.GiveToFolder(path)); err != nil {
		return err
	}
	for _, name := range []string{path, path + "-wal", path + "-shm"} {
		info, err := os.Stat(name)
		if err == nil && info.Mode().Perm()&0o077 != 0 {
			err = os.Chmod(name, 0o600)
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, fs.ErrPermission) &&
			dam.SystemError(err) == nil {
			return err
		}
	}
	return nil
}

func openPostgres(ctx context.Context, dsn string) (*Catalog, error) {
	cfg, err := pgxpool.ParseConfig(dsn)
	if err != nil {
		return nil, errors.New("the PostgreSQL URL can't be read; check it for special characters in the password")
	}
	if cfg.MaxConns < 16 {
		cfg.MaxConns = 16
	}
	pool, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return nil, err
	}
	if err := pool.Ping(ctx); err != nil {
		pool.Close()
		return nil, fmt.Errorf("PostgreSQL does not answer: %w", err)
	}
	c := &Catalog{pool: pool, signal: newSignal()}
	c.Conn = Conn{q: wording{pgConn{pool}}, pg: true}
	if c.home, err = identitySQL(dam.AsSystem(ctx, "which database this is concerns no account"), c.Conn); err != nil {
		pool.Close()
		return nil, fmt.Errorf("PostgreSQL does not answer: %w", err)
	}
	return c, nil
}

// Postgres reports whether the catalogue is in PostgreSQL, which several nodes can share.
func (c *Catalog) Postgres() bool { return c.pg }

// Path is the SQLite file, "" on PostgreSQL.
func (s Database) Path() string { return s.c.path }

// Writer is the single-connection SQLite writer the job queue shares; nil on PostgreSQL.
func (s Database) Writer() *sql.DB { return s.c.writer }

// Pool is the PostgreSQL pool the job queue shares; nil on SQLite.
func (s Database) Pool() *pgxpool.Pool { return s.c.pool }

// system is the database's name in traces.
func (c *Catalog) system() string {
	if c.pg {
		return "postgresql"
	}
	return "sqlite"
}

// Migrate brings the schema up to date. Several nodes may call it at once.
func (c *Catalog) Migrate(ctx context.Context) error {
	dir, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	dialect, db := goose.DialectSQLite3, c.writer
	var opts []goose.ProviderOption
	if c.pg {
		dialect, db = goose.DialectPostgres, stdlib.OpenDBFromPool(c.pool)
		defer func() { _ = db.Close() }() // a view on the pool, which stays open
		l, err := lock.NewPostgresSessionLocker()
		if err != nil {
			return err
		}
		opts = append(opts, goose.WithSessionLocker(l))
	}
	p, err := goose.NewProvider(dialect, db, dir, opts...)
	if err != nil {
		return err
	}
	if _, err = p.Up(ctx); err != nil {
		return explained(err)
	}
	if err := c.firstEpoch(ctx); err != nil {
		return err
	}
	return c.canonicalNames(ctx)
}

// Ping reports whether the database answers.
func (c *Catalog) Ping(ctx context.Context) error {
	if c.pg {
		return c.pool.Ping(ctx)
	}
	return c.reader.PingContext(ctx)
}

// Close releases every connection.
func (c *Catalog) Close() error {
	if c.pg {
		c.pool.Close()
		return nil
	}
	if c.reader == c.writer { // a snapshot
		return c.reader.Close()
	}
	err := c.reader.Close()
	// The write-ahead log stays beside the database and must be empty: if someone replaced the file by an older copy,
	// SQLite would write the newer pages into it. On a full disk the log stays as it is and is replayed at the next
	// start.
	_, _ = c.writer.ExecContext(context.Background(), `PRAGMA wal_checkpoint(TRUNCATE)`)
	return errors.Join(err, c.writer.Close())
}

// Conn runs the reading statements, on the catalogue or inside a transaction.
type Conn struct {
	q  querier
	pg bool
	// home is the expression of a PostgreSQL database's identity.
	home string
	// keepTokens keeps tokens valid when the person who made them is disabled.
	keepTokens bool
}

// KeepTokens keeps the tokens that a person has made valid while that person is disabled. It must be called before the
// catalogue is used.
func (c *Catalog) KeepTokens() { c.keepTokens = true }

type querier interface {
	exec(ctx context.Context, sql string, args ...any) (int64, error)
	query(ctx context.Context, sql string, args ...any) (rows, error)
}

type rows interface {
	Next() bool
	Scan(...any) error
	Err() error
	Close()
}

type row interface{ Scan(...any) error }

func (c Conn) exec(ctx context.Context, sql string, args ...any) (int64, error) {
	if err := dam.RequireActor(ctx); err != nil {
		return 0, err
	}
	return c.q.exec(ctx, sql, args...)
}

// all runs a query and scans every row. Like exec it fails if the context has no actor.
func all[T any](ctx context.Context, c Conn, scan func(row) (T, error), sql string, args ...any) ([]T, error) {
	if err := dam.RequireActor(ctx); err != nil {
		return nil, err
	}
	rs, err := c.q.query(ctx, sql, args...)
	if err != nil {
		return nil, err
	}
	defer rs.Close()
	out := []T{}
	for rs.Next() {
		v, err := scan(rs)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, rs.Err()
}

// errNoRow means that a query for one row found none.
var errNoRow = errors.New("no row")

// one runs a query for a single row; it returns errNoRow if there is none.
func one[T any](ctx context.Context, c Conn, scan func(row) (T, error), sql string, args ...any) (T, error) {
	list, err := all(ctx, c, scan, sql, args...)
	if err == nil && len(list) == 0 {
		err = errNoRow
	}
	if err != nil {
		var zero T
		return zero, err
	}
	return list[0], nil
}

// value scans a single column.
func value[T any](r row) (T, error) {
	var v T
	err := r.Scan(&v)
	return v, err
}

// forUpdate is appended to a select whose rows must stay locked until the commit. SQLite needs no lock: it has one
// writer.
func (c Conn) forUpdate() string {
	if c.pg {
		return " FOR UPDATE"
	}
	return ""
}

// forNoKeyUpdate is forUpdate for rows that others may refer to meanwhile by a foreign key.
func (c Conn) forNoKeyUpdate() string {
	if c.pg {
		return " FOR NO KEY UPDATE"
	}
	return ""
}

type sqlConn struct {
	db interface {
		ExecContext(context.Context, string, ...any) (sql.Result, error)
		QueryContext(context.Context, string, ...any) (*sql.Rows, error)
	}
}

// numbered rewrites PostgreSQL's parameters $1, $2 to SQLite's ?1, ?2. No statement in this package contains a literal
// $.
func numbered(q string) string { return strings.ReplaceAll(q, "$", "?") }

func (c sqlConn) exec(ctx context.Context, q string, args ...any) (int64, error) {
	r, err := c.db.ExecContext(ctx, numbered(q), args...)
	if err != nil {
		return 0, err
	}
	return r.RowsAffected()
}

func (c sqlConn) query(ctx context.Context, q string, args ...any) (rows, error) {
	r, err := c.db.QueryContext(ctx, numbered(q), args...)
	if err != nil {
		return nil, err
	}
	return sqlRows{r}, nil
}

type sqlRows struct{ *sql.Rows }

func (r sqlRows) Close() { _ = r.Rows.Close() } // Err reports what matters

type pgConn struct {
	db interface {
		Query(context.Context, string, ...any) (pgx.Rows, error)
	}
}

func (c pgConn) exec(ctx context.Context, q string, args ...any) (int64, error) {
	r, err := c.db.Query(ctx, q, args...)
	if err != nil {
		return 0, err
	}
	r.Close()
	return r.CommandTag().RowsAffected(), r.Err()
}

func (c pgConn) query(ctx context.Context, q string, args ...any) (rows, error) {
	return c.db.Query(ctx, q, args...)
}

// micros returns the stored form of an instant.
func micros(t time.Time) int64 { return t.UnixMicro() }

func microsPtr(t *time.Time) *int64 {
	if t == nil {
		return nil
	}
	m := t.UnixMicro()
	return &m
}

func instant(m int64) time.Time { return time.UnixMicro(m).UTC() }

func instantPtr(m *int64) *time.Time {
	if m == nil {
		return nil
	}
	t := instant(*m)
	return &t
}
