package main

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vitrine/cmd/vitrine/cli"
	"vitrine/cmd/vitrine/config"
	"vitrine/cmd/vitrine/server"
	"vitrine/dam"
)

// starts builds a server on a folder, as vitrine serve does, and ends it.
func starts(t *testing.T, data string, environment ...string) error {
	t.Helper()
	c, err := config.Parse([]string{"--data", data}, append(environment, "VITRINE_ADMIN_PASSWORD=a long enough one"))
	if err != nil {
		t.Fatal(err)
	}
	s, err := server.New(t.Context(), c, server.Options{Log: slog.New(slog.DiscardHandler), Notice: io.Discard,
		Version: "test"})
	if err != nil {
		return err
	}
	ctx := context.WithoutCancel(t.Context())
	return errors.Join(s.Start(ctx), s.Close(ctx))
}

// A key that is not where it was is never replaced silently: not by the server, not by a command, not by another key.
func TestLostKey(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	if err := starts(t, data); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(data, "secret.key")
	key, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	refused := func(what string, err error) {
		t.Helper()
		if dam.CodeOf(err) != dam.Conflict || !strings.Contains(cli.Explain(err), "secret.key") ||
			!strings.Contains(cli.Explain(err), "vitrine secrets reset") {
			t.Errorf("%s: %v", what, err)
		}
		if exists(path) {
			t.Errorf("%s: a key file was made", what)
		}
	}
	refused("no key", starts(t, data))
	refused("another key", starts(t, data, "VITRINE_SECRET_KEY="+strings.Repeat("another ", 8)))
	if status, _, diagnostics := vitrine(t.Context(), "token", "create", "--data", data, "--role", "viewer", "--name",
		"x"); status != 1 || exists(path) {
		t.Errorf("a command: status %d: %s", status, diagnostics)
	}
	if status, _, diagnostics := vitrine(t.Context(), "sign", "--data", data, "/t/x/y.webp"); status != 1 ||
		exists(path) || !strings.Contains(diagnostics, "no key file") {
		t.Errorf("sign: status %d: %s", status, diagnostics)
	}

	if status, out, _ := vitrine(t.Context(), "doctor", "--data", data); status != 1 ||
		!strings.Contains(out, "fail  key") {
		t.Errorf("doctor: status %d: %s", status, out)
	}

	// The copy of the key is the remedy.
	write(t, path, key)
	if err := starts(t, data); err != nil {
		t.Fatalf("with the key again: %v", err)
	}
	if status, out, _ := vitrine(t.Context(), "secrets", "reset", "--data", data, "--yes"); status != 0 ||
		!strings.Contains(out, "nothing to reset") {
		t.Errorf("reset with the key there: status %d: %s", status, out)
	}

	// Else giving it up is an act of its own, which says first what is lost.
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if status, out, diagnostics := vitrine(t.Context(), "secrets", "reset", "--data", data); status != 1 ||
		exists(path) || !strings.Contains(out, "0 channels, the secrets of 0 webhooks") {
		t.Errorf("reset without --yes: status %d: %s%s", status, out, diagnostics)
	}
	if status, out, diagnostics := vitrine(t.Context(), "secrets", "reset", "--data", data, "--yes"); status != 0 ||
		!exists(path) {
		t.Errorf("reset: status %d: %s%s", status, out, diagnostics)
	}
	if err := starts(t, data); err != nil {
		t.Errorf("after the reset: %v", err)
	}
}
