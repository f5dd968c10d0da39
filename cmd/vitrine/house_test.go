package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"image"
	"image/png"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/catalog/catalogtest"
	"vitrine/dam/ingest"
	"vitrine/dam/jobs"
	"vitrine/dam/rendition"
	"vitrine/dam/rendition/imaging"
	"vitrine/dam/review"
	"vitrine/storage/disk"
)

const (
	testToken = "vtr_test"
	maxPixels = 1_000_000
)

// inspector is the real engine's probe without metadata.
type inspector struct{ rendition.Engine }

func (i inspector) Inspect(ctx context.Context, r io.ReadSeeker) (ingest.Inspection, error) {
	info, err := i.Probe(ctx, r)
	if dam.CodeOf(err) == dam.Unsupported {
		return ingest.Inspection{MediaType: "application/octet-stream", Kind: dam.KindOther}, nil
	}
	if err == nil && info.Pixels() > maxPixels {
		err = dam.Errorf(dam.TooLarge, "too many pixels")
	}
	w, h := info.Upright()
	return ingest.Inspection{MediaType: info.MediaType, Kind: dam.KindImage, Width: w, Height: h, Frames: info.Frames, Renderable: true}, err
}

// house is the real services behind as much of the API as an import needs: the
// commands' partner over HTTP, with a place (front) for faults in between.
type house struct {
	*testing.T
	cat     *catalog.Catalog
	objects *disk.Store
	root    string // of the objects
	spool   string
	role    dam.Role
	server  *httptest.Server

	mu       sync.Mutex
	requests map[string]int // by method
	front    func(w http.ResponseWriter, r *http.Request, next http.Handler)
}

func newHouse(t *testing.T) *house {
	t.Helper()
	h := &house{T: t, cat: catalogtest.SQLite(t), root: t.TempDir(), spool: t.TempDir(), role: dam.Publisher, requests: map[string]int{}}
	var err error
	if h.objects, err = disk.Open(h.root); err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.DiscardHandler)
	queue, err := jobs.New(h.cat, "n1", log)
	if err != nil {
		t.Fatal(err)
	}
	if err := queue.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	engine := imaging.New()
	pictures := &rendition.Service{Catalog: h.cat, Store: h.objects, Engine: engine, Jobs: queue}
	if err := pictures.SeedPresets(t.Context()); err != nil {
		t.Fatal(err)
	}
	in := &ingest.Service{Catalog: h.cat, Store: h.objects, Inspector: inspector{engine}, Renditions: pictures, Log: log, Dir: h.spool}
	tus, err := ingest.NewTus(in, "/api/uploads/", render)
	if err != nil {
		t.Fatal(err)
	}
	decide := &review.Service{Catalog: h.cat}

	mux := http.NewServeMux()
	answer := func(w http.ResponseWriter, v any, err error) {
		w.Header().Set("Content-Type", "application/json")
		if err == nil {
			err = json.NewEncoder(w).Encode(v)
		} else {
			status, contentType, body := render(err)
			w.Header().Set("Content-Type", contentType)
			w.WriteHeader(status)
			_, err = io.WriteString(w, body)
		}
		if err != nil {
			t.Error(err)
		}
	}
	mux.HandleFunc("GET /api/me", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, map[string]any{"role": h.role}, nil)
	})
	mux.HandleFunc("GET /api/assets", func(w http.ResponseWriter, r *http.Request) {
		items := []dam.Asset{}
		id, err := h.cat.AssetWithBytes(r.Context(), dam.DefaultLibrary, r.URL.Query().Get("sha256"))
		if err == nil && id != "" {
			items, err = h.cat.Assets(r.Context(), []string{id})
		}
		answer(w, map[string]any{"items": items}, err)
	})
	mux.HandleFunc("GET /api/assets/{id}", func(w http.ResponseWriter, r *http.Request) {
		a, err := h.cat.Asset(r.Context(), dam.DefaultLibrary, r.PathValue("id"))
		answer(w, a, err)
	})
	mux.HandleFunc("POST /api/assets/{id}/approve", func(w http.ResponseWriter, r *http.Request) {
		var body struct{ Version string }
		if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
			answer(w, nil, err)
			return
		}
		a, err := decide.Decide(r.Context(), dam.DefaultLibrary, r.PathValue("id"), 0, dam.Approve, body.Version, "")
		answer(w, a, err)
	})
	mux.HandleFunc("GET /api/uploads/{id}/result", func(w http.ResponseWriter, r *http.Request) {
		o, err := tus.Result(r.Context(), r.PathValue("id"))
		answer(w, o, err)
	})
	mux.Handle("/api/uploads/", tus)
	h.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h.mu.Lock()
		h.requests[r.Method]++
		front := h.front
		h.mu.Unlock()
		switch {
		case r.Header.Get("Authorization") != "Bearer "+testToken:
			answer(w, nil, dam.Errorf(dam.Unauthorized, "who are you?"))
		case front != nil:
			front(w, r, mux)
		default:
			mux.ServeHTTP(w, r)
		}
	}))
	t.Cleanup(h.server.Close)
	return h
}

func render(err error) (status int, contentType, body string) {
	statuses := map[dam.Code]int{dam.Duplicate: 409, dam.Conflict: 409, dam.NotFound: 404, dam.Unauthorized: 401, dam.TooLarge: 413, dam.Invalid: 422}
	p := map[string]any{"status": statuses[dam.CodeOf(err)], "code": dam.CodeOf(err), "detail": err.Error()}
	var duplicate *ingest.DuplicateError
	if errors.As(err, &duplicate) {
		p["duplicate"] = map[string]string{"asset": duplicate.Asset}
	}
	status = statuses[dam.CodeOf(err)]
	if status == 0 {
		status = http.StatusInternalServerError
	}
	b, _ := json.Marshal(p) // strings only
	return status, "application/problem+json", string(b)
}

func (h *house) count(method string) int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.requests[method]
}

// vitrine runs a command as the process would.
func vitrine(t *testing.T, ctx context.Context, args ...string) (status int, out, diagnostics string) {
	t.Helper()
	var o, d bytes.Buffer
	status = run(ctx, args, &o, &d)
	return status, o.String(), d.String()
}

// imports runs vitrine import --json against the server.
func (h *house) imports(server string, args ...string) (status int, lines map[string]imported, diagnostics string) {
	h.Helper()
	status, out, diagnostics := vitrine(h.T, h.Context(), append([]string{"import", "--server", server, "--token", testToken, "--json", "--patience", "20s"}, args...)...)
	lines = map[string]imported{}
	for line := range strings.Lines(out) {
		var i imported
		if err := json.Unmarshal([]byte(line), &i); err != nil {
			h.Fatalf("%v in %q", err, line)
		}
		lines[filepath.Base(i.Path)] = i
	}
	return status, lines, diagnostics
}

func (h *house) asset(id string) dam.Asset {
	h.Helper()
	a, err := h.cat.Asset(h.Context(), dam.DefaultLibrary, id)
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

func write(t *testing.T, path string, data []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
}
