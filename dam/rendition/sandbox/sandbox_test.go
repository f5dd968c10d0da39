package sandbox_test

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"vitrine/dam"
	"vitrine/dam/rendition/sandbox"
)

func open(t *testing.T, content string) *sandbox.Desk {
	t.Helper()
	d, err := sandbox.New(sandbox.Options{Temp: t.TempDir()}).Open(strings.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Close)
	return d
}

func shell(script string) sandbox.Command {
	return sandbox.Command{Program: "bash", Args: []string{"-c", script}}
}

func TestAProgramSeesItsFileAndWritesItsFolder(t *testing.T) {
	d := open(t, "hello")
	out, err := d.Run(t.Context(), shell("cat /in/original; cp /in/original /out/copy"))
	if err != nil || string(out) != "hello" {
		t.Fatalf("got %q, %v", out, err)
	}
	if b, err := os.ReadFile(filepath.Join(d.Out, "copy")); err != nil || string(b) != "hello" {
		t.Errorf("copy: %q, %v", b, err)
	}
	d.Close()
	if _, err := os.Stat(d.Out); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the folder is still there: %v", err)
	}
}

func TestAFileOnTheDiskIsNotCopied(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "original")
	if err := os.WriteFile(path, []byte("here"), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	temp := t.TempDir()
	d, err := sandbox.New(sandbox.Options{Temp: temp}).Open(f)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if out, err := d.Run(t.Context(), shell("cat /in/original; echo x >/in/original || echo -ro")); err != nil || string(out) != "here-ro\n" {
		t.Errorf("got %q, %v", out, err)
	}
	if list, _ := os.ReadDir(temp); len(list) != 1 {
		t.Errorf("%d things in the temporary folder, want the output folder only", len(list))
	}
	// A file without a name is copied.
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	gone, err := sandbox.New(sandbox.Options{Temp: temp}).Open(f)
	if err != nil {
		t.Fatal(err)
	}
	defer gone.Close()
	if out, err := gone.Run(t.Context(), shell("cat /in/original")); err != nil || string(out) != "here" {
		t.Errorf("nameless: %q, %v", out, err)
	}
}

func TestNothingElseIsInReach(t *testing.T) {
	t.Setenv("VITRINE_SECRET_KEY", "do not tell")
	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, []byte("secret"), 0o644); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	d := open(t, "x")
	for name, script := range map[string]string{
		"file":        "cat " + secret,
		"passwords":   "cat /etc/passwd",
		"network":     "exec 3<>/dev/tcp/127.0.0.1/" + port,
		"environment": `[ -n "$VITRINE_SECRET_KEY" ]`,
		"processes":   "kill -0 " + itoa(os.Getpid()),
	} {
		if out, err := d.Run(t.Context(), shell(script)); dam.CodeOf(err) != dam.Invalid {
			t.Errorf("%s: got %q, %v, want a refusal", name, out, err)
		}
	}
}

func itoa(n int) string {
	var b []byte
	for ; n > 0; n /= 10 {
		b = append([]byte{byte('0' + n%10)}, b...)
	}
	return string(b)
}

func TestLimits(t *testing.T) {
	for name, c := range map[string]sandbox.Command{
		"deadline": {Program: "sleep", Args: []string{"600"}, Limits: sandbox.Limits{Time: 300 * time.Millisecond}},
		"memory":   {Program: "perl", Args: []string{"-e", "my $x = 'x' x (1<<29); print length $x"}, Limits: sandbox.Limits{Memory: 200 << 20}},
		"file":     {Program: "bash", Args: []string{"-c", "exec head -c 2000000 /dev/zero >/out/big"}, Limits: sandbox.Limits{Output: 1 << 20}},
		"output":   {Program: "head", Args: []string{"-c", "2000000", "/dev/zero"}, Limits: sandbox.Limits{Output: 1 << 20}},
	} {
		d := open(t, "x")
		_, err := d.Run(t.Context(), c)
		if dam.CodeOf(err) != dam.TooLarge {
			t.Errorf("%s: got %v, want %s", name, err, dam.TooLarge)
		}
		if info, err := os.Stat(filepath.Join(d.Out, "big")); err == nil && info.Size() > 1<<20 {
			t.Errorf("%s: %d bytes were written", name, info.Size())
		}
	}
}

// TestAnEndedCommandLeavesNothingRunning: a grandchild writes until its namespace goes.
func TestAnEndedCommandLeavesNothingRunning(t *testing.T) {
	d := open(t, "x")
	fifo := filepath.Join(d.Out, "alive")
	ctx, cancel := context.WithCancel(t.Context())
	started := make(chan struct{})
	done := make(chan error, 1)
	go func() {
		c := shell("mkfifo /out/alive; (sleep 600 >/out/alive) & echo go; cat /out/alive & wait")
		c.Line = func(string) { close(started) }
		_, err := d.Run(ctx, c)
		done <- err
	}()
	<-started
	// Opened here too, so that the pipe ends when the last writer inside does.
	f, err := os.OpenFile(fifo, os.O_RDONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	_ = f.SetReadDeadline(time.Now().Add(10 * time.Second))
	if _, err := io.ReadAll(f); err != nil {
		t.Errorf("something still holds the pipe: %v", err)
	}
}

func TestMissingPrograms(t *testing.T) {
	d := open(t, "x")
	_, err := d.Run(t.Context(), sandbox.Command{Program: "no-such-program"})
	if dam.CodeOf(err) != dam.Unsupported || !strings.Contains(err.Error(), "no-such-program") {
		t.Errorf("got %v", err)
	}
	// A machine without bubblewrap opens nothing at all.
	_, err = sandbox.New(sandbox.Options{Programs: t.TempDir()}).Open(strings.NewReader("x"))
	if dam.CodeOf(err) != dam.Unsupported || !strings.Contains(err.Error(), "bwrap") {
		t.Errorf("without bwrap: %v", err)
	}
	// Nor does one where it can't work.
	dir := t.TempDir()
	for _, p := range []string{"bwrap", "prlimit"} {
		if err := os.WriteFile(filepath.Join(dir, p), []byte("#!/bin/sh\necho no namespaces >&2\nexit 1\n"), 0o755); err != nil { //nolint:gosec // a program
			t.Fatal(err)
		}
	}
	err = sandbox.New(sandbox.Options{Programs: dir}).Works()
	if dam.CodeOf(err) != dam.Unsupported || !strings.Contains(err.Error(), "bubblewrap") {
		t.Errorf("without namespaces: %v", err)
	}
}
