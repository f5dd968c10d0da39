// Package servertest runs whole servers for tests, put together as the product is.
package servertest

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"sync"
	"testing"

	"vitrine/cmd/vitrine/config"
	"vitrine/cmd/vitrine/server"
	"vitrine/dam/rendition/sandbox"
)

// Password is that of the first administrator, admin@example.com.
const Password = "correct horse battery"

// Main runs a package's tests. Servers start the test's own program to decode pictures, as the product starts itself.
func Main(m *testing.M) {
	sandbox.Launch()
	if asked, err := server.AsWorker(os.Args); asked {
		if err != nil {
			_, _ = fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// App is a server that works until its test ends.
type App struct {
	*server.Server
	Config config.Config
	// Log is what the server logs.
	Log *Log
}

// Start runs a server with settings as flags, such as --node b, or as variables, such as VITRINE_NODE=b. What it keeps
// is in a folder of its own.
func Start(t testing.TB, settings ...string) *App {
	t.Helper()
	return On(t, "", settings...)
}

// On is Start on a database that is there already, such as one of catalogtest.
func On(t testing.TB, database string, settings ...string) *App {
	t.Helper()
	a := New(t, database, settings...)
	a.Begin(t)
	return a
}

// New is On without the work in the background: Begin begins that.
func New(t testing.TB, database string, settings ...string) *App {
	t.Helper()
	flags, variables := []string{"--data", t.TempDir()}, []string{"VITRINE_ADMIN_PASSWORD=" + Password,
		"VITRINE_DATABASE=" + database}
	for _, s := range settings {
		if strings.HasPrefix(s, "VITRINE_") {
			variables = append(variables, s)
		} else {
			flags = append(flags, s)
		}
	}
	c, err := config.Parse(flags, variables)
	if err != nil {
		t.Fatal(err)
	}
	a := &App{Config: c, Log: &Log{}}
	a.Server, err = server.New(t.Context(), c, server.Options{Log: slog.New(slog.NewTextHandler(a.Log, nil)),
		Notice: io.Discard, Version: "test"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		a.EndWaits()
		if err := a.Close(context.WithoutCancel(t.Context())); err != nil {
			t.Error(err)
		}
	})
	return a
}

// Begin starts the work in the background.
func (a *App) Begin(t testing.TB) {
	t.Helper()
	// The test's context ends before its clean-ups.
	if err := a.Start(context.WithoutCancel(t.Context())); err != nil {
		t.Fatal(err)
	}
}

// Log can be read while the server writes.
type Log struct {
	mu sync.Mutex
	b  bytes.Buffer
}

// Write implements io.Writer.
func (l *Log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *Log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}
