package catalog

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"

	"modernc.org/sqlite"
)

// remembering opens SQLite connections that cache their prepared statements: parsing a statement takes longer than
// running most of them. PostgreSQL's driver does the same.
type remembering struct{ driver.Connector }

func sqliteConnector(dsn string) (driver.Connector, error) {
	c, err := sqlite.NewConnector(dsn)
	return remembering{c}, err
}

func (r remembering) Connect(ctx context.Context) (driver.Conn, error) {
	c, err := r.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	inner, ok := c.(sqliteConn)
	if !ok {
		return nil, errors.Join(fmt.Errorf("the SQLite driver has an unknown connection %T", c), c.Close())
	}
	// Keep the WAL files when the database is closed: the next start needs no space for them, and can read from a
	// volume that has become read-only.
	if f, ok := c.(sqlite.FileControl); ok {
		if _, err := f.FileControlPersistWAL("main", 1); err != nil {
			return nil, errors.Join(err, c.Close())
		}
	}
	return &conn{sqliteConn: inner, kept: map[string]*statement{}}, nil
}

// sqliteConn lists the interfaces that database/sql looks for in a connection, and those that backups need.
type sqliteConn interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.ExecerContext
	driver.QueryerContext
	driver.Pinger
	driver.SessionResetter
	driver.Validator
}

// conn is used by one goroutine at a time, as database/sql guarantees.
type conn struct {
	sqliteConn
	kept map[string]*statement
}

type statement struct {
	driver.Stmt
	exec  driver.StmtExecContext
	query driver.StmtQueryContext
	busy  bool // its rows are still being read
}

// maxKept bounds the cache, because statements may contain values instead of parameters.
const maxKept = 500

// statement returns a cached prepared statement, or nil if it is busy.
func (c *conn) statement(ctx context.Context, q string) (*statement, error) {
	if s := c.kept[q]; s != nil {
		if s.busy {
			return nil, nil
		}
		return s, nil
	}
	if len(c.kept) >= maxKept {
		if err := c.forget(); err != nil {
			return nil, err
		}
	}
	p, err := c.PrepareContext(ctx, q)
	if err != nil {
		return nil, err
	}
	s := &statement{Stmt: p}
	var execs, queries bool
	s.exec, execs = p.(driver.StmtExecContext)
	s.query, queries = p.(driver.StmtQueryContext)
	if !execs || !queries {
		return nil, p.Close()
	}
	c.kept[q] = s
	return s, nil
}

// forget closes the statements that are not being read.
func (c *conn) forget() (err error) {
	for q, s := range c.kept {
		if !s.busy {
			err = errors.Join(err, s.Close())
			delete(c.kept, q)
		}
	}
	return err
}

// ExecContext implements driver.ExecerContext.
func (c *conn) ExecContext(ctx context.Context, q string, args []driver.NamedValue) (driver.Result, error) {
	s, err := c.statement(ctx, q)
	if err != nil {
		return nil, err
	}
	if s == nil {
		return c.sqliteConn.ExecContext(ctx, q, args)
	}
	return s.exec.ExecContext(ctx, args)
}

// QueryContext implements driver.QueryerContext.
func (c *conn) QueryContext(ctx context.Context, q string, args []driver.NamedValue) (driver.Rows, error) {
	s, err := c.statement(ctx, q)
	if err != nil {
		return nil, err
	}
	if s == nil {
		return c.sqliteConn.QueryContext(ctx, q, args)
	}
	r, err := s.query.QueryContext(ctx, args)
	if err != nil {
		return nil, err
	}
	s.busy = true
	return reading{r, s}, nil
}

// reading are the rows of a cached statement.
type reading struct {
	driver.Rows
	of *statement
}

func (r reading) Close() error {
	r.of.busy = false
	return r.Rows.Close()
}

// Close implements driver.Conn.
func (c *conn) Close() error { return errors.Join(c.forget(), c.sqliteConn.Close()) }
