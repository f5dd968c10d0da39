package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"hash/crc32"
	"image"
	"image/png"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"vitrine/cmd/vitrine/config"
	"vitrine/cmd/vitrine/remote"
	"vitrine/cmd/vitrine/server"
	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/catalog/catalogtest"
)

// house is a whole server on a data folder of its own, with a place (front) for
// faults between it and the commands.
type house struct {
	*testing.T
	data   string
	cat    *catalog.Catalog // a second handle on the server's catalogue, as another process has it
	server *httptest.Server
	token  string // of a publisher

	mu       sync.Mutex
	requests map[string]int // by method
	front    func(w http.ResponseWriter, r *http.Request, next http.Handler)
}

// Context is one in which the system acts.
func (h *house) Context() context.Context { return catalogtest.Context(h.T) }

func newHouse(t *testing.T, extra ...string) *house {
	t.Helper()
	t.Parallel() // most of a server's time here is waiting for the disk
	h := &house{T: t, data: t.TempDir(), requests: map[string]int{}}
	c, err := config.Parse(append([]string{"--data", h.data}, extra...),
		[]string{"VITRINE_ADMIN_PASSWORD=a long enough one"})
	if err != nil {
		t.Fatal(err)
	}
	var notice bytes.Buffer
	srv, err := server.New(t.Context(), c, server.Options{Log: slog.New(slog.DiscardHandler), Notice: &notice,
		Version: "test"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := srv.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	if err := srv.Start(context.WithoutCancel(t.Context())); err != nil {
		t.Fatal(err)
	}
	if h.cat, err = server.OpenCatalog(catalogtest.Context(t), c); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := h.cat.Close(); err != nil {
			t.Error(err)
		}
	})
	h.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h.mu.Lock()
		h.requests[r.Method]++
		front := h.front
		h.mu.Unlock()
		if front == nil {
			srv.Handler.ServeHTTP(w, r)
		} else {
			front(w, r, srv.Handler)
		}
	}))
	t.Cleanup(h.server.Close)
	h.token = h.newToken("publisher")
	return h
}

// newToken makes a token beside the running server.
func (h *house) newToken(role string) string {
	h.Helper()
	return strings.TrimSpace(h.must("token", "create", "--data", h.data, "--role", role, "--name", "test "+role))
}

func (h *house) count(method string) int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.requests[method]
}

// vitrine runs a command as the process would.
func vitrine(ctx context.Context, args ...string) (status int, out, diagnostics string) {
	var o, d bytes.Buffer
	status = run(ctx, args, &o, &d)
	return status, o.String(), d.String()
}

// must is a command that has to succeed; it returns what was printed.
func (h *house) must(args ...string) string {
	h.Helper()
	status, out, diagnostics := vitrine(h.Context(), args...)
	if status != 0 {
		h.Fatalf("vitrine %s: status %d: %s%s", strings.Join(args, " "), status, out, diagnostics)
	}
	return out
}

// imports runs vitrine import --json against the server.
func (h *house) imports(server string, args ...string) (status int, lines map[string]remote.Imported,
	diagnostics string) {
	h.Helper()
	status, out, diagnostics := vitrine(h.Context(),
		append([]string{"import", "--server", server, "--token", h.token, "--json", "--patience", "20s",
			"--look-alikes", "0"}, args...)...)
	lines = map[string]remote.Imported{}
	for line := range strings.Lines(out) {
		var i remote.Imported
		if err := json.Unmarshal([]byte(line), &i); err != nil {
			h.Fatalf("%v in %q", err, line)
		}
		lines[filepath.Base(i.Path)] = i
	}
	return status, lines, diagnostics
}

func (h *house) asset(id string) dam.Asset {
	h.Helper()
	a, err := h.cat.Assets().Asset(h.Context(), dam.DefaultLibrary, id)
	if err != nil {
		h.Fatal(err)
	}
	return a
}

// blank is a PNG of the given size.
func blank(t *testing.T, w, h int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, w, h))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// claiming is a small PNG whose header claims another size.
func claiming(t *testing.T, w, h uint32) []byte {
	t.Helper()
	b := blank(t, 1, 1)
	const header = 12 // of the chunk IHDR: its name, then 13 bytes, then their checksum
	binary.BigEndian.PutUint32(b[header+4:], w)
	binary.BigEndian.PutUint32(b[header+8:], h)
	binary.BigEndian.PutUint32(b[header+17:], crc32.ChecksumIEEE(b[header:header+17]))
	return b
}

func write(t *testing.T, path string, data []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
