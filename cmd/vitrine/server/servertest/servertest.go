// Package servertest runs whole servers for tests, put together as the product is.
package servertest

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"sync"
	"testing"

	"vitrine/cmd/vitrine/config"
	"vitrine/cmd/vitrine/server"
)

// Password is that of the first administrator, admin@example.com.
const Password = "correct horse battery"

// Main runs a package's tests. Servers start the test's own program to decode pictures, as the product starts itself.
func Main(m *testing.M) {
	if len(os.Args) > 2 && os.Args[1] == server.RenderCommand {
		unsealed := len(os.Args) > 3 && os.Args[3] == "--"+server.UnsealedFlag
		if err := server.ServeRenders(os.Args[2], unsealed); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
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

// Start runs a server with settings as flags, such as --node b. What it keeps is in a folder of its own.
func Start(t testing.TB, settings ...string) *App {
	t.Helper()
	c, err := config.Parse(append([]string{"--data", t.TempDir()}, settings...), []string{"VITRINE_ADMIN_PASSWORD=" + Password})
	if err != nil {
		t.Fatal(err)
	}
	return StartConfig(t, c)
}

// StartConfig is Start for a configuration.
func StartConfig(t testing.TB, c config.Config) *App {
	t.Helper()
	a := &App{Config: c, Log: &Log{}}
	var err error
	a.Server, err = server.New(t.Context(), c, server.Options{Log: slog.New(slog.NewTextHandler(a.Log, nil)), Notice: io.Discard, Version: "test"})
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.WithoutCancel(t.Context()) // the test's ends before its clean-ups
	t.Cleanup(func() {
		a.EndWaits()
		if err := a.Close(ctx); err != nil {
			t.Error(err)
		}
	})
	if err := a.Start(ctx); err != nil {
		t.Fatal(err)
	}
	return a
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
