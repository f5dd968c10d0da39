package main

import (
	"encoding/json"
	"errors"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"vitrine/cmd/vitrine/config"
	"vitrine/cmd/vitrine/local"
	"vitrine/cmd/vitrine/server"
	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/catalog/catalogtest"
	"vitrine/storage"
)

// stocked is a server with three approved pictures whose renditions are made.
func stocked(t *testing.T) (*house, []dam.Asset) {
	t.Helper()
	h, dir := newHouse(t), t.TempDir()
	for i, name := range []string{"a.png", "b.png", "c.png"} {
		write(t, filepath.Join(dir, name), blank(t, 400+i, 300))
	}
	status, lines, diagnostics := h.imports(h.server.URL, "--approve", dir)
	if status != 0 {
		t.Fatalf("status %d: %s", status, diagnostics)
	}
	var assets []dam.Asset
	for _, name := range []string{"a.png", "b.png", "c.png"} {
		assets = append(assets, h.rendered(lines[name].Asset))
	}
	return h, assets
}

// rendered waits until an asset's renditions are made.
func (h *house) rendered(id string) dam.Asset {
	h.Helper()
	for end := time.Now().Add(30 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		a := h.asset(id)
		if a.Latest.Renditions == dam.RenditionsReady {
			return a
		}
		if time.Now().After(end) {
			h.Fatalf("the renditions of %s are %s: %s", id, a.Latest.Renditions, a.Latest.RenditionNote)
		}
	}
}

func (h *house) object(a dam.Asset) string {
	return filepath.Join(h.data, "objects", storage.OriginalKey(a.Latest.SHA256))
}

// verifies runs vitrine verify and returns its findings by problem, and its sums.
func verifies(t *testing.T, data string) (status int, findings map[string][]string, sum local.Verification) {
	t.Helper()
	status, out, diagnostics := vitrine(t.Context(), "verify", "--data", data, "--json")
	findings = map[string][]string{}
	lines := strings.Split(strings.TrimSpace(out), "\n")
	for i, line := range lines {
		var f local.Finding
		err := json.Unmarshal([]byte(line), &f)
		if i == len(lines)-1 {
			err = json.Unmarshal([]byte(line), &sum)
		} else {
			findings[f.Problem] = append(findings[f.Problem], f.Key)
		}
		if err != nil {
			t.Fatalf("%v in %q %s", err, line, diagnostics)
		}
	}
	return status, findings, sum
}

func TestVerify(t *testing.T) {
	h, assets := stocked(t)
	status, findings, sum := verifies(t, h.data)
	if status != 0 || len(findings) != 0 || sum.Objects < 3+3*2 {
		t.Fatalf("status %d beside an untouched server: %v %+v", status, findings, sum)
	}

	// One object changed in place, one gone, one that nobody knows.
	altered, missing := h.object(assets[0]), h.object(assets[1])
	b, err := os.ReadFile(altered)
	if err != nil {
		t.Fatal(err)
	}
	b[len(b)/2] ^= 1
	if err := os.Chmod(altered, 0o600); err != nil {
		t.Fatal(err)
	}
	write(t, altered, b)
	if err := os.Remove(missing); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(h.data, "objects", "originals", "zz", "nobody"), []byte("x"))

	status, findings, sum = verifies(t, h.data)
	want := map[string]string{"altered": storage.OriginalKey(assets[0].Latest.SHA256),
		"missing": storage.OriginalKey(assets[1].Latest.SHA256), "orphaned": "originals/zz/nobody"}
	for problem, key := range want {
		if len(findings[problem]) != 1 || findings[problem][0] != key {
			t.Errorf("%s: %v, want %s", problem, findings[problem], key)
		}
	}
	if status != 3 || len(findings) != len(want) || sum.Altered != 1 || sum.Missing != 1 || sum.Orphaned != 1 {
		t.Errorf("status %d: %v %+v", status, findings, sum)
	}
}

// An object that is pinned and not yet written is nobody's fault; nor is the record of an erasure unknown.
func TestVerifyLeavesWorkInProgress(t *testing.T) {
	h, assets := stocked(t)
	if status, _, _ := vitrine(t.Context(), "erase", "asset", assets[2].ID, "--data", h.data); status != 1 {
		t.Errorf("erased without --yes: status %d", status)
	}
	h.must("erase", "asset", assets[2].ID, "--data", h.data, "--yes")
	if exists(h.object(assets[2])) {
		t.Error("the erased original is still there")
	}
	inFlight := catalog.Blob{Key: "originals/00/00/" + strings.Repeat("0", 64), SHA256: strings.Repeat("0", 64),
		Size: 1}
	if err := h.cat.Pin(catalogtest.Context(t), time.Hour, inFlight); err != nil {
		t.Fatal(err)
	}
	if status, findings, _ := verifies(t, h.data); status != 0 {
		t.Errorf("status %d: %v", status, findings)
	}
}

func TestStorageCopy(t *testing.T) {
	h, _ := stocked(t)
	to := "disk:" + t.TempDir()
	if out := h.must("storage", "copy", "--data", h.data, "--to", to); !strings.Contains(out,
		"; 0 there already; 0 failed") {
		t.Errorf("first: %s", out)
	}
	// The server goes on, and may write down how far its log has come.
	for end := time.Now().Add(30 * time.Second); ; {
		out := h.must("storage", "copy", "--data", h.data, "--to", to)
		if strings.HasPrefix(out, "0 objects copied") {
			break
		}
		if !strings.HasPrefix(out, "1 objects copied") || time.Now().After(end) {
			t.Fatalf("again: %s", out)
		}
	}
	if status, out, _ := vitrine(t.Context(), "verify", "--data", h.data, "--storage", to); status != 0 {
		t.Errorf("the copy: status %d: %s", status, out)
	}
	if status, _, diagnostics := vitrine(t.Context(), "storage", "copy", "--data", h.data, "--to",
		"disk:"+filepath.Join(h.data, "objects")); status != 1 || !strings.Contains(diagnostics, "the same") {
		t.Errorf("onto itself: status %d: %s", status, diagnostics)
	}
}

// A backup made beside the running server, brought up to date, and restored into an empty folder: the same assets, and
// every object as the catalogue says.
func TestBackupRestore(t *testing.T) {
	h, assets := stocked(t)
	backup, restored := t.TempDir(), filepath.Join(t.TempDir(), "new")
	h.must("backup", "--data", h.data, backup)
	more := filepath.Join(t.TempDir(), "d.png")
	write(t, more, blank(t, 500, 300))
	_, lines, _ := h.imports(h.server.URL, more)
	assets = append(assets, h.rendered(lines["d.png"].Asset))
	if out := h.must("backup", "--data", h.data, backup); strings.HasPrefix(out, "0 objects") ||
		strings.Contains(out, "; 0 there already") {
		t.Errorf("the second backup: %s", out)
	}

	uid := os.Geteuid()
	if err := os.Mkdir(restored, 0o750); err != nil {
		t.Fatal(err)
	}
	if uid == 0 { // who runs it for a server with a user of its own
		uid = 12345
		if err := os.Chown(restored, uid, uid); err != nil {
			t.Fatal(err)
		}
	}
	h.must("restore", "--data", restored, backup)
	if err := filepath.WalkDir(restored, func(path string, _ fs.DirEntry, err error) error {
		var st syscall.Stat_t
		if err = errors.Join(err, syscall.Lstat(path, &st)); err == nil && int(st.Uid) != uid {
			t.Errorf("%s belongs to %d, not %d", path, st.Uid, uid)
		}
		if strings.HasPrefix(filepath.Base(path), "vitrine.db.new") {
			t.Errorf("%s is left", path)
		}
		return err
	}); err != nil {
		t.Error(err)
	}
	if status, findings, sum := verifies(t, restored); status != 0 || sum.Objects == 0 {
		t.Errorf("restored: status %d: %v %+v", status, findings, sum)
	}
	c, err := config.Parse([]string{"--data", restored}, nil)
	if err != nil {
		t.Fatal(err)
	}
	cat, err := server.OpenCatalog(catalogtest.Context(t), c)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := cat.Close(); err != nil {
			t.Error(err)
		}
	}()
	for _, a := range assets {
		got, err := cat.Assets().Asset(catalogtest.Context(t), dam.DefaultLibrary, a.ID)
		if err != nil || got.Latest.SHA256 != a.Latest.SHA256 || got.Live != a.Live {
			t.Errorf("%s: %+v, %v", a.ID, got.Latest, err)
		}
	}

	if status, _, diagnostics := vitrine(t.Context(), "restore", "--data", h.data, backup); status != 1 ||
		!strings.Contains(diagnostics, "there is a catalogue") {
		t.Errorf("over a live folder: status %d: %s", status, diagnostics)
	}
	if status, _, diagnostics := vitrine(t.Context(), "restore", "--data", filepath.Join(restored, "x"),
		t.TempDir()); status != 1 || !strings.Contains(diagnostics, "this is no backup") {
		t.Errorf("from nothing: status %d: %s", status, diagnostics)
	}
}

func TestReindex(t *testing.T) {
	h := newHouse(t)
	if out := h.must("reindex", "--data", h.data); !strings.Contains(out, "was rebuilt") {
		t.Errorf("beside the server: %s", out)
	}
}

// A command with a mistyped folder must not make an empty catalogue there.
func TestWrongFolder(t *testing.T) {
	nowhere := filepath.Join(t.TempDir(), "typo")
	for _, args := range [][]string{{"verify"}, {"backup", t.TempDir()}, {"erase", "asset", "a_1"}} {
		status, _, diagnostics := vitrine(t.Context(), append(args, "--data", nowhere)...)
		if status != 1 || !strings.Contains(diagnostics, "--data") || exists(nowhere) {
			t.Errorf("%s: status %d: %s", args[0], status, diagnostics)
		}
	}
}

func TestPeople(t *testing.T) {
	h := newHouse(t)
	out := h.must("user", "add", "ana@example.com", "--data", h.data, "--role", "editor", "--name", "Ana Silva")
	if !strings.Contains(out, "password: ") {
		t.Errorf("add: %s", out)
	}
	h.must("user", "disable", "ana@example.com", "--data", h.data)
	out = h.must("user", "list", "--data", h.data)
	if !strings.Contains(out, "Ana Silva") || !strings.Contains(out, "disabled") {
		t.Errorf("list: %s", out)
	}
	h.must("user", "enable", "ana@example.com", "--data", h.data)
	if p := strings.TrimSpace(h.must("user", "passwd", "ana@example.com", "--data", h.data)); p == "" ||
		strings.Contains(p, " ") {
		t.Errorf("passwd printed %q", p)
	}

	// The token alone is printed, works at once beside the running server, and ends at once.
	secret := h.newToken("viewer")
	me := func() int {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, h.server.URL+"/api/me", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+secret)
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		_ = answer.Body.Close()
		return answer.StatusCode
	}
	if s := me(); s != http.StatusOK {
		t.Errorf("status %d with the token", s)
	}
	for line := range strings.Lines(h.must("token", "list", "--data", h.data)) {
		if strings.Contains(line, "test viewer") {
			h.must("token", "revoke", strings.Fields(line)[0], "--data", h.data)
		}
	}
	if s := me(); s != http.StatusUnauthorized {
		t.Errorf("status %d with the revoked token", s)
	}
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"token", "create", "--role", "boss", "--name", "x"},
			"viewer, contributor, editor, publisher or admin"},
		{[]string{"token", "create", "--role", "viewer"}, "name"},
		{[]string{"user", "add", "nobody", "--role", "viewer"}, "name@example.com"},
		{[]string{"user", "disable", "gone@example.com"}, "gone@example.com"},
	} {
		status, _, diagnostics := vitrine(t.Context(), append(c.args, "--data", h.data)...)
		if status == 0 || !strings.Contains(diagnostics, c.want) {
			t.Errorf("%v: status %d: %s", c.args, status, diagnostics)
		}
	}
}

// What no server can tell is said by hand; a restored folder is not said of twice.
func TestHoldBegin(t *testing.T) {
	h, _ := stocked(t)
	epochs := func(data string) int {
		t.Helper()
		c, err := config.Parse([]string{"--data", data}, nil)
		if err != nil {
			t.Fatal(err)
		}
		cat, err := server.OpenCatalog(catalogtest.Context(t), c)
		if err != nil {
			t.Fatal(err)
		}
		list, err := cat.Epochs().List(catalogtest.Context(t))
		if err := errors.Join(err, cat.Close()); err != nil {
			t.Fatal(err)
		}
		return len(list)
	}
	before := epochs(h.data)
	for _, args := range [][]string{{"--note", "two\nlines"}, {"--by", "a\x1b[2J"},
		{"--note", strings.Repeat("x", 201)}} {
		if status, _, diagnostics := vitrine(t.Context(), append([]string{"hold", "begin", "--data", h.data},
			args...)...); status != 1 || !strings.Contains(diagnostics, args[0]) || epochs(h.data) != before {
			t.Errorf("%q: status %d: %s", args, status, diagnostics)
		}
	}
	if out := h.must("hold", "begin", "--data", h.data, "--by", "Ana", "--note",
		"the machine was put back to Friday"); !strings.Contains(out, "vitrine hold release") ||
		epochs(h.data) != before+1 {
		t.Errorf("%s; %d epochs became %d", out, before, epochs(h.data))
	}
	// Whoever sees the hold sees that it is no restore, who began it and why.
	const said = "was declared restored by hand by Ana (the machine was put back to Friday)"
	for what, shown := range map[string]string{"hold status": h.must("hold", "status", "--server", h.server.URL,
		"--token", h.newToken("admin")), "readyz": h.get("/readyz")} {
		if !strings.Contains(shown, said) {
			t.Errorf("%s: %s", what, shown)
		}
	}
	if shown := h.get("/api/system/hold"); !strings.Contains(shown, `"reason":"declared"`) ||
		!strings.Contains(shown, `"by":"Ana"`) ||
		!strings.Contains(shown, `"note":"the machine was put back to Friday"`) {
		t.Errorf("the portal is told %s", shown)
	}
	h.must("hold", "begin", "--data", h.data)
	if shown := h.get("/api/system/hold"); !strings.Contains(shown, ` on `+config.HostName()+`"`) ||
		strings.Contains(shown, "Friday") {
		t.Errorf("begun by whoever is at the terminal: %s", shown)
	}
	before++
	backup, restored := t.TempDir(), filepath.Join(t.TempDir(), "new")
	h.must("backup", "--data", h.data, backup)
	h.must("restore", "--data", restored, backup)
	if n := epochs(restored); n != before+1 { // its mark begins another when a server starts on it
		t.Errorf("%d epochs after the restore, want %d", n, before+1)
	}
	if status, _, diagnostics := vitrine(t.Context(), "hold", "begin", "--data",
		filepath.Join(t.TempDir(), "typo")); status != 1 || !strings.Contains(diagnostics, "--data") {
		t.Errorf("a mistyped folder: status %d: %s", status, diagnostics)
	}
}
