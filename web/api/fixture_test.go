package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"vitrine/dam"
	"vitrine/dam/analysis"
	"vitrine/dam/assets"
	"vitrine/dam/bulk"
	"vitrine/dam/catalog"
	"vitrine/dam/export"
	"vitrine/dam/ingest"
	"vitrine/dam/jobs"
	"vitrine/dam/metadata"
	"vitrine/dam/people"
	"vitrine/dam/products"
	"vitrine/dam/rendition"
	"vitrine/dam/rendition/convert"
	"vitrine/dam/rendition/imaging"
	"vitrine/dam/rendition/sandbox"
	"vitrine/dam/review"
	"vitrine/dam/searches"
	"vitrine/dam/secrets"
	"vitrine/dam/similarity"
	"vitrine/dam/writeback"
	"vitrine/search"
	"vitrine/search/bleve"
	"vitrine/storage/disk"
	"vitrine/web/api"
)

const password = "correct horse battery"

// fixture is a server on real parts with a person and a token for every role.
type fixture struct {
	*testing.T
	url     string
	catalog *catalog.Catalog
	people  *people.Service
	api     *api.API
	users   map[dam.Role]dam.User
	tokens  map[dam.Role]string
	log     *logBuffer
}

// logBuffer is read while the server writes.
type logBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// inspector is the real engine's probe without metadata.
type inspector struct{ rendition.Engine }

func (i inspector) Inspect(ctx context.Context, r io.ReadSeeker) (ingest.Inspection, error) {
	info, err := i.Probe(ctx, r)
	if dam.CodeOf(err) == dam.Unsupported {
		return ingest.Inspection{MediaType: "image/svg+xml", Kind: dam.KindOther, Note: "No preview for this type."}, nil
	}
	if err == nil && info.Pixels() > 1_000_000 {
		err = dam.Errorf(dam.TooLarge, "too many pixels")
	}
	w, h := info.Upright()
	return ingest.Inspection{MediaType: info.MediaType, Kind: dam.KindImage, Width: w, Height: h, Frames: info.Frames, Renderable: true}, err
}

// start runs a server; change may alter its configuration.
func start(t *testing.T, cat *catalog.Catalog, change ...func(*api.Config)) *fixture {
	t.Helper()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	quiet := slog.New(slog.DiscardHandler)
	store, err := disk.Open(t.TempDir())
	must(err)
	queue, err := jobs.New(cat, "n1", quiet)
	must(err)
	must(queue.Migrate(t.Context()))
	engine := imaging.New()
	pictures := &rendition.Service{Catalog: cat, Store: store, Engine: engine, Jobs: queue}
	must(pictures.SeedPresets(t.Context()))
	alike := &similarity.Service{Catalog: cat, Store: store, Jobs: queue, Analyser: similarity.Analyser{Revision: analysis.Revision, Read: analysis.Read}}
	pictures.Ready = alike.Plan
	jobs.Handle(queue, time.Minute, pictures.Make)
	edits, decisions, find := &assets.Service{Catalog: cat, Renditions: pictures, Reserved: search.Reserved()}, &review.Service{Catalog: cat}, &searches.Service{Catalog: cat}
	mass := &bulk.Service{Catalog: cat, Find: find, Assets: edits, Review: decisions, Jobs: queue}
	jobs.Handle(queue, bulk.Timeout, mass.Run)
	goods := &products.Service{Catalog: cat, Store: store, Jobs: queue, Log: quiet, Dir: t.TempDir()}
	jobs.Handle(queue, time.Minute, goods.Run)
	jobs.Handle(queue, time.Minute, goods.MatchAll)
	programs := sandbox.New(sandbox.Options{Temp: t.TempDir()})
	files := convert.New(convert.Options{Engine: engine, Sandbox: programs, Sniff: metadata.Sniff})
	copies := &writeback.Service{Catalog: cat, Store: store, Jobs: queue, Writer: writeback.Writer{Carried: metadata.Carried, Tags: metadata.Tags, Able: files.CanWrite, Write: files.WriteTags}}
	jobs.Handle(queue, time.Minute, copies.Make)
	jobs.Handle(queue, similarity.LookTimeout, alike.Look)
	jobs.Handle(queue, time.Minute, pictures.Rerender)
	must(queue.Start(t.Context(), map[string]int{"": 2, rendition.RunQueue: 1}))
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		if err := queue.Stop(ctx); err != nil {
			t.Error(err)
		}
	})
	index, err := search.Open(t.Context(), search.Options{Source: cat, Engine: bleve.Engine{}, Dir: t.TempDir() + "/index", Log: quiet})
	must(err)
	t.Cleanup(func() {
		if err := index.Close(); err != nil {
			t.Error(err)
		}
	})
	find.Index = index
	box, err := secrets.Open(t.TempDir(), "")
	must(err)
	intake := &ingest.Service{Catalog: cat, Store: store, Inspector: inspector{engine}, Renditions: pictures, Products: goods, Log: quiet, Dir: t.TempDir(), MaxSize: 8 << 20}
	uploads, err := ingest.NewTus(intake, "/api/uploads", api.RenderProblem)
	must(err)

	f := &fixture{T: t, catalog: cat, people: people.New(cat, box), users: map[dam.Role]dam.User{}, tokens: map[dam.Role]string{}, log: &logBuffer{}}
	cfg := api.Config{Catalog: cat, Store: store, People: f.people, Assets: edits, Review: decisions, Bulk: mass, Searches: find, Export: &export.Service{Catalog: cat, Find: find},
		Ingest: intake, Uploads: uploads, Renditions: pictures, Copies: copies, Similarity: alike, Search: index, Jobs: queue, Products: goods, Version: "test", Log: slog.New(slog.NewTextHandler(f.log, nil)),
		Checks: []api.Check{{Name: "database", Check: cat.Ping}, {Name: "storage", Check: store.Check}}}
	for _, c := range change {
		c(&cfg)
	}
	f.api, err = api.New(cfg)
	must(err)
	_, _, err = f.people.Bootstrap(t.Context(), "admin@example.com", password)
	must(err)
	for _, role := range dam.Roles {
		u, err := f.people.UserByEmail(t.Context(), "admin@example.com")
		if role != dam.Admin {
			u, _, err = f.people.CreateUser(t.Context(), dam.DefaultLibrary, people.NewUser{Email: string(role) + "@example.com", Name: "The " + string(role), Role: role, Password: password})
		}
		must(err)
		f.users[role] = u
		_, f.tokens[role], err = f.people.CreateToken(t.Context(), dam.DefaultLibrary, people.NewToken{Name: string(role), Role: role})
		must(err)
	}
	srv := httptest.NewServer(f.api)
	f.url = srv.URL
	t.Cleanup(func() { f.api.Close(); srv.Close() })
	return f
}

// answer is what a request came back with.
type answer struct {
	*http.Response
	body []byte
}

func (a answer) problem() (p api.Problem) {
	_ = json.Unmarshal(a.body, &p) // what is not a problem compares as an empty one
	return p
}

// into decodes the body.
func into[T any](f *fixture, a answer) (v T) {
	f.Helper()
	if err := json.Unmarshal(a.body, &v); err != nil {
		f.Fatalf("%v in %s", err, a.body)
	}
	return v
}

// do sends a request. as is a role (its token is sent) or "". headers come in pairs.
func (f *fixture) do(as dam.Role, method, path, body string, headers ...string) answer {
	f.Helper()
	r, err := http.NewRequestWithContext(f.Context(), method, f.url+path, strings.NewReader(body))
	if err != nil {
		f.Fatal(err)
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	if as != "" {
		r.Header.Set("Authorization", "Bearer "+f.tokens[as])
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	return f.send(r)
}

func (f *fixture) send(r *http.Request) answer {
	f.Helper()
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := client.Do(r)
	if err != nil {
		f.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		f.Fatal(err)
	}
	return answer{res, b}
}

// want fails unless the answer has the status.
func (f *fixture) want(status int, a answer) answer {
	f.Helper()
	if a.StatusCode != status {
		f.Fatalf("%s %s: %d, want %d: %s", a.Request.Method, a.Request.URL.Path, a.StatusCode, status, a.body)
	}
	return a
}

// upload posts a file with fields in pairs.
func (f *fixture) upload(as dam.Role, path, name string, data []byte, headers map[string]string, fields ...string) answer {
	f.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	part, err := w.CreateFormFile("file", name)
	if err != nil {
		f.Fatal(err)
	}
	if _, err := part.Write(data); err != nil {
		f.Fatal(err)
	}
	for i := 0; i+1 < len(fields); i += 2 {
		if err := w.WriteField(fields[i], fields[i+1]); err != nil {
			f.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		f.Fatal(err)
	}
	list := []string{"Content-Type", w.FormDataContentType()}
	for k, v := range headers {
		list = append(list, k, v)
	}
	return f.do(as, "POST", path, b.String(), list...)
}

// photo is a small JPEG that differs by seed.
func photo(t *testing.T, seed uint8) []byte {
	t.Helper()
	m := image.NewRGBA(image.Rect(0, 0, 400, 300))
	for y := range 300 {
		for x := range 400 {
			m.Set(x, y, color.RGBA{uint8(x) + seed, uint8(y), seed, 255})
		}
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

type uploaded struct {
	Status, Version, SHA256 string
	Asset                   dam.Asset
}

// photograph uploads a photo as the role and returns the asset.
func (f *fixture) photograph(as dam.Role, seed uint8) dam.Asset {
	f.Helper()
	return into[uploaded](f, f.want(201, f.upload(as, "/api/assets", fmt.Sprintf("photo-%d.jpg", seed), photo(f.T, seed), nil))).Asset
}

// until repeats a look until it is content.
func (f *fixture) until(what string, ok func() bool) {
	f.Helper()
	for deadline := time.Now().Add(20 * time.Second); !ok(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			f.Fatalf("waited in vain: %s", what)
		}
	}
}
