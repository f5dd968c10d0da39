package main

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"vitrine/cmd/vitrine/client"
	"vitrine/dam"
	"vitrine/dam/catalog/catalogtest"
)

func TestImport(t *testing.T) {
	h, dir := newHouse(t), t.TempDir()
	write(t, filepath.Join(dir, "a.png"), blank(t, 40, 30))
	write(t, filepath.Join(dir, "deep", "er", "b.png"), blank(t, 50, 30))
	write(t, filepath.Join(dir, "huge.png"), claiming(t, 50_000, 50_000))
	write(t, filepath.Join(dir, "empty.jpg"), nil)
	write(t, filepath.Join(dir, ".hidden.png"), blank(t, 60, 30))
	write(t, filepath.Join(dir, ".hidden", "c.png"), blank(t, 70, 30))
	write(t, filepath.Join(dir, "Thumbs.db"), []byte("x"))
	write(t, filepath.Join(dir, "@eaDir", "a.png", "thumb.png"), blank(t, 80, 30))
	write(t, filepath.Join(dir, "deep.part", "..", "d.xmp"), []byte("<x:xmpmeta/>"))
	write(t, filepath.Join(dir, "a.xmp"), sidecar("Chair"))
	write(t, filepath.Join(dir, "deep", "er", "b.png.xmp"), []byte("<x:xmpmeta/>"))
	write(t, filepath.Join(dir, "c.png.part"), blank(t, 90, 30))
	for name, target := range map[string]string{"loop": dir, "again.png": filepath.Join(dir, "a.png"),
		"nowhere.png": filepath.Join(dir, "gone")} {
		if err := os.Symlink(target, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}

	status, lines, diagnostics := h.imports(h.server.URL, dir)
	if status != 1 {
		t.Errorf("status %d although files were rejected: %s", status, diagnostics)
	}
	want := map[string]string{"a.png": client.StatusCreated, "b.png": client.StatusCreated,
		"huge.png": client.StatusCreated, "empty.jpg": client.StatusRejected, "nowhere.png": client.StatusRejected}
	for name, s := range want {
		if lines[name].Status != s {
			t.Errorf("%s: %+v, want %s", name, lines[name], s)
		}
	}
	if len(lines) != len(want) {
		t.Errorf("%d files, want %d: %v", len(lines), len(want), lines)
	}
	if !strings.Contains(lines["empty.jpg"].Reason, "empty") {
		t.Errorf("reason: %q", lines["empty.jpg"].Reason)
	}
	if !strings.Contains(diagnostics, "3 created, 0 already there, 2 rejected") {
		t.Errorf("summary: %q", diagnostics)
	}
	a := h.asset(lines["a.png"].Asset)
	sum := sha256.Sum256(blank(t, 40, 30))
	if a.Latest.ID != lines["a.png"].Version || a.Latest.SHA256 != hex.EncodeToString(sum[:]) ||
		lines["a.png"].SHA256 != a.Latest.SHA256 || a.Latest.FileName != "a.png" || a.Latest.Status != dam.Draft {
		t.Errorf("asset %+v for line %+v", a.Latest, lines["a.png"])
	}
	// Sidecars go with their files, and are refused without them.
	if s := a.Latest.Sidecar; s == nil || s.FileName != "a.xmp" || a.Title["en"] != "Chair" ||
		filepath.Base(lines["a.png"].Sidecar) != "a.xmp" {
		t.Errorf("with a sidecar: %+v, %+v", a, lines["a.png"])
	}
	if r := lines["b.png"].Reason; !strings.Contains(r, "stored") || !strings.Contains(r, "no XMP") {
		t.Errorf("with a sidecar that is none: %q", r)
	}
	if !strings.Contains(diagnostics, "left out: "+filepath.Join(dir, "d.xmp")) {
		t.Errorf("a sidecar alone is not named: %s", diagnostics)
	}
	if got := h.must("sidecar", "get", a.ID, "--server", h.server.URL, "--token", h.token); got != string(
		sidecar("Chair")) {
		t.Errorf("the sidecar came back as %q", got)
	}
	write(t, filepath.Join(dir, "deep", "er", "b.png.xmp"), sidecar("Table"))
	write(t, filepath.Join(dir, "a.xmp"), sidecar("Another chair"))

	// The same again, now with approval: nothing is made twice, what is a draft is approved.
	status, again, diagnostics := h.imports(h.server.URL, "--approve", filepath.Join(dir, "a.png"),
		filepath.Join(dir, "deep"))
	if status != 0 {
		t.Errorf("status %d: %s", status, diagnostics)
	}
	for _, name := range []string{"a.png", "b.png"} {
		if again[name].Status != client.StatusDuplicate || again[name].Asset != lines[name].Asset ||
			again[name].Version != lines[name].Version {
			t.Errorf("%s: %+v", name, again[name])
		}
		if s := h.asset(lines[name].Asset).Latest.Status; s != dam.Approved {
			t.Errorf("%s is %s", name, s)
		}
	}
	if a := h.asset(lines["b.png"].Asset); a.Title["en"] != "Table" {
		t.Errorf("a sidecar that was written after its file came: %+v", a.Title)
	}
	// What is there keeps its sidecar.
	if a := h.asset(lines["a.png"].Asset); a.Title["en"] != "Chair" || again["a.png"].Sidecar != "" ||
		!strings.Contains(again["a.png"].Note, "a.xmp was not sent") {
		t.Errorf("another sidecar for what is there: %+v, %+v", a.Title, again["a.png"])
	}
}

// sidecar is an XMP file that says a title.
func sidecar(title string) []byte {
	return []byte(`<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
		<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title><rdf:Alt>
		<rdf:li xml:lang="x-default">` + title + `</rdf:li></rdf:Alt></dc:title></rdf:Description></rdf:RDF></x:xmpmeta>`)
}

// Two files with the same bytes in one run: the server decides which is first.
func TestImportTwins(t *testing.T) {
	h, dir := newHouse(t), t.TempDir()
	write(t, filepath.Join(dir, "a.png"), blank(t, 40, 30))
	write(t, filepath.Join(dir, "b.png"), blank(t, 40, 30))
	status, lines, diagnostics := h.imports(h.server.URL, "--approve", dir)
	got := []string{lines["a.png"].Status, lines["b.png"].Status}
	slices.Sort(got)
	if status != 0 || !slices.Equal(got, []string{client.StatusCreated, client.StatusDuplicate}) ||
		lines["a.png"].Asset != lines["b.png"].Asset {
		t.Errorf("status %d: %v %s", status, lines, diagnostics)
	}
	if s := h.asset(lines["a.png"].Asset).Latest.Status; s != dam.Approved {
		t.Errorf("it is %s", s)
	}
}

const bigSize = 3 << 20

func bigFile(t *testing.T) string {
	t.Helper()
	b := make([]byte, bigSize)
	_, _ = rand.Read(b)
	path := filepath.Join(t.TempDir(), "big.bin")
	write(t, path, b)
	return path
}

// Connections that die and a server that is away for a while: the upload goes on where the server has it.
func TestImportResumes(t *testing.T) {
	h, path := newHouse(t), bigFile(t)
	proxy := newProxy(t, h.server.Listener.Addr().String(), 900<<10, 0, 0, 1<<20)
	status, lines, diagnostics := h.imports(proxy.address(), path)
	if status != 0 || lines["big.bin"].Status != client.StatusCreated {
		t.Fatalf("status %d: %v %s", status, lines, diagnostics)
	}
	if a := h.asset(lines["big.bin"].Asset); a.Latest.Size != bigSize || a.Latest.SHA256 != lines["big.bin"].SHA256 {
		t.Errorf("stored %+v", a.Latest)
	}
	if h.count(http.MethodPost) != 1 || h.count(http.MethodHead) < 2 || proxy.cut() < 4 {
		t.Errorf("%d creations, %d questions for the offset, %d connections cut", h.count(http.MethodPost),
			h.count(http.MethodHead), proxy.cut())
	}
	// What was in flight at a cut is sent twice, the rest once.
	if sent := proxy.sent(); sent > bigSize+bigSize/2 {
		t.Errorf("%d bytes sent for a file of %d", sent, bigSize)
	}
}

// The server has made the asset, and its answer is lost.
func TestImportLostAnswer(t *testing.T) {
	h, path := newHouse(t), bigFile(t)
	var once sync.Once
	h.front = func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if r.Method != http.MethodPatch {
			next.ServeHTTP(w, r)
			return
		}
		muted := false
		once.Do(func() { muted = true })
		if muted {
			next.ServeHTTP(mute{w, http.Header{}}, r)
			panic(http.ErrAbortHandler) // the connection dies without an answer
		}
		next.ServeHTTP(w, r)
	}
	status, lines, diagnostics := h.imports(h.server.URL, "--approve", path)
	if status != 0 || lines["big.bin"].Status != client.StatusCreated {
		t.Fatalf("status %d: %v %s", status, lines, diagnostics)
	}
	if n := h.count(http.MethodPatch); n != 1 {
		t.Errorf("sent %d times", n)
	}
	if n, err := h.cat.Assets().CountAssets(catalogtest.Context(t), dam.DefaultLibrary); err != nil || n != 1 {
		t.Errorf("%d assets, %v", n, err)
	}
	if s := h.asset(lines["big.bin"].Asset).Latest.Status; s != dam.Approved {
		t.Errorf("it is %s", s)
	}
}

// mute drops an answer.
type mute struct {
	http.ResponseWriter
	header http.Header
}

func (m mute) Header() http.Header         { return m.header }
func (m mute) WriteHeader(int)             {}
func (m mute) Write(p []byte) (int, error) { return len(p), nil }
func (m mute) Unwrap() http.ResponseWriter { return m.ResponseWriter }

// The node that held an unfinished upload is gone for good: it starts again by itself.
func TestImportStartsAgain(t *testing.T) {
	h, path := newHouse(t), bigFile(t)
	var once sync.Once
	var sending sync.WaitGroup
	h.front = func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		switch r.Method {
		case http.MethodPatch:
			sending.Add(1)
			defer sending.Done()
		case http.MethodHead:
			once.Do(func() {
				sending.Wait() // what was cut off notes how far it came
				left, err := filepath.Glob(filepath.Join(h.data, "uploads", "tus", "up_*"))
				if err != nil || len(left) == 0 {
					t.Errorf("nothing was spooled: %v", err)
				}
				for _, f := range left {
					if err := os.RemoveAll(f); err != nil {
						t.Error(err)
					}
				}
			})
		}
		next.ServeHTTP(w, r)
	}
	proxy := newProxy(t, h.server.Listener.Addr().String(), 900<<10)
	status, lines, diagnostics := h.imports(proxy.address(), path)
	if status != 0 || lines["big.bin"].Status != client.StatusCreated || h.count(http.MethodPost) != 2 {
		t.Errorf("status %d, %d creations: %v %s", status, h.count(http.MethodPost), lines, diagnostics)
	}
}

func TestImportRefuses(t *testing.T) {
	h := newHouse(t)
	h.token = h.newToken("contributor")
	path := filepath.Join(t.TempDir(), "a.png")
	write(t, path, blank(t, 40, 30))
	for name, c := range map[string]struct {
		args []string
		want string
	}{
		"wrong token": {[]string{"--server", h.server.URL, "--token", "wrong", path}, "vitrine token create"},
		"role too small": {[]string{"--server", h.server.URL, "--token", h.token, "--approve", path},
			"it lacks the permission to approve"},
		"no server there":    {[]string{"--server", "http://127.0.0.1:1", path}, "is the server running?"},
		"not an address":     {[]string{"--server", "127.0.0.1", path}, "http://HOST:PORT"},
		"no server":          {[]string{path}, "--server"},
		"no path":            {[]string{"--server", h.server.URL}, "name the files"},
		"absurd parallelism": {[]string{"--server", h.server.URL, "--parallel", "1000", path}, "1 to 32"},
	} {
		t.Run(name, func(t *testing.T) {
			status, out, diagnostics := vitrine(t.Context(), append([]string{"import"}, c.args...)...)
			if status == 0 || out != "" || !strings.Contains(diagnostics, c.want) {
				t.Errorf("status %d, %q, want %q in it", status, diagnostics, c.want)
			}
		})
	}
}

// Ctrl-C in the middle of an upload: a clear last line, no asset, nothing hangs.
func TestImportInterrupted(t *testing.T) {
	h, path := newHouse(t), bigFile(t)
	ctx, interrupt := context.WithCancel(catalogtest.Context(t))
	defer interrupt()
	h.front = func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if r.Method == http.MethodPatch {
			interrupt()
			_, _ = io.Copy(io.Discard, r.Body) // until the client has hung up
			return
		}
		next.ServeHTTP(w, r)
	}
	status, _, diagnostics := vitrine(ctx, "import", "--server", h.server.URL, "--token", h.token, path)
	if status != 1 || !strings.Contains(diagnostics, "run the same command again") {
		t.Errorf("status %d: %q", status, diagnostics)
	}
}

// proxy passes connections on and cuts the first ones after so many bytes to the server; 0 cuts at once.
type proxy struct {
	listener net.Listener
	mu       sync.Mutex
	limits   []int64
	conns    []net.Conn
	bytes    int64
	cuts     int
}

func newProxy(t *testing.T, target string, limits ...int64) *proxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{listener: l, limits: limits}
	var open sync.WaitGroup
	t.Cleanup(func() {
		_ = l.Close()
		p.mu.Lock()
		for _, c := range p.conns {
			_ = c.Close() // idle ones would stay for ever
		}
		p.mu.Unlock()
		open.Wait()
	})
	open.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			open.Go(func() { p.pass(c, target) })
		}
	})
	return p
}

func (p *proxy) address() string { return "http://" + p.listener.Addr().String() }

func (p *proxy) sent() int64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.bytes
}

func (p *proxy) cut() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.cuts
}

func (p *proxy) pass(c net.Conn, target string) {
	defer func() { _ = c.Close() }()
	p.mu.Lock()
	p.conns = append(p.conns, c)
	atOnce := len(p.limits) > 0 && p.limits[0] == 0
	if atOnce {
		p.cuts, p.limits = p.cuts+1, p.limits[1:]
	}
	p.mu.Unlock()
	if atOnce {
		return
	}
	s, err := net.Dial("tcp", target)
	if err != nil {
		return
	}
	back := make(chan struct{})
	go func() {
		defer close(back)
		_, _ = io.Copy(c, s) // ends when either side goes
		_ = c.Close()
	}()
	_, _ = io.Copy(&metered{Writer: s, p: p}, c) // the same
	_, _ = c.Close(), s.Close()
	<-back
}

// metered is one connection's way to the server. The limit that comes next is for the first connection that
// reaches it: the client may open another beside one that is still busy.
type metered struct {
	io.Writer
	p *proxy
	n int64
}

func (c *metered) Write(b []byte) (int, error) {
	c.p.mu.Lock()
	cut := len(c.p.limits) > 0 && c.p.limits[0] > 0 && c.n+int64(len(b)) >= c.p.limits[0]
	if cut {
		b = b[:max(0, c.p.limits[0]-c.n)]
		c.p.cuts, c.p.limits = c.p.cuts+1, c.p.limits[1:]
	}
	c.p.bytes += int64(len(b))
	c.p.mu.Unlock()
	n, err := c.Writer.Write(b)
	c.n += int64(n)
	if cut && err == nil {
		err = io.ErrClosedPipe
	}
	return n, err
}
