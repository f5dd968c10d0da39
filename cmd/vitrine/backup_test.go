package main

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"vitrine/dam/backup"
	"vitrine/dam/catalog"
	"vitrine/dam/catalog/catalogtest"
	"vitrine/storage"
)

// Damage in the store ends neither backup nor restore: both say what is lost, in words, as JSON and in a file, and have
// an exit status of their own.
func TestBackupPastDamage(t *testing.T) {
	h, assets := stocked(t)
	dir, restored := filepath.Join(t.TempDir(), "backup"), filepath.Join(t.TempDir(), "new")
	original, err := os.ReadFile(h.object(assets[0]))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(h.object(assets[0])); err != nil {
		t.Fatal(err)
	}
	write(t, h.object(assets[0]), []byte("something else"))
	key := storage.OriginalKey(assets[0].Latest.SHA256)

	status, out, diagnostics := vitrine(t.Context(), "backup", "--data", h.data, dir)
	if status != 3 || !strings.Contains(out, "; 1 lost") || !strings.Contains(diagnostics, "altered    "+key) {
		t.Errorf("backup: status %d: %s%s", status, out, diagnostics)
	}
	status, out, _ = vitrine(t.Context(), "backup", "--data", h.data, "--json", dir)
	var result backup.Result
	if err := json.Unmarshal([]byte(out), &result); err != nil || status != 3 || len(result.Lost) != 1 ||
		result.Lost[0].Key != key {
		t.Errorf("backup --json: status %d: %v %s", status, err, out)
	}
	if report, err := os.ReadFile(filepath.Join(dir, "generations", result.Generation, "report.json")); err != nil ||
		!strings.Contains(string(report), key) {
		t.Errorf("report: %v %s", err, report)
	}
	if status, out, _ := vitrine(t.Context(), "verify", dir); status != 3 || !strings.Contains(out, key) ||
		!strings.Contains(out, "2 generations") {
		t.Errorf("verify: status %d: %s", status, out)
	}
	if status, out, diagnostics := vitrine(t.Context(), "restore", "--data", restored, dir); status != 3 ||
		!strings.Contains(diagnostics, key) || !strings.Contains(out, "1 lost") {
		t.Errorf("restore: status %d: %s%s", status, out, diagnostics)
	}
	if report, err := os.ReadFile(filepath.Join(restored, "restore-report.json")); err != nil ||
		!strings.Contains(string(report), key) {
		t.Errorf("restore's report: %v %s", err, report)
	}
	if status, findings, _ := verifies(t, restored); status != 3 || len(findings) != 1 ||
		len(findings["missing"]) != 1 {
		t.Errorf("the restored one: status %d: %v", status, findings)
	}
	if status, out, _ := vitrine(t.Context(), "doctor", "--data", h.data); !strings.Contains(out,
		"warn  backup        no backup to") {
		t.Errorf("doctor: status %d: %s", status, out)
	}

	// Mended, the next one is good, and everybody knows.
	write(t, h.object(assets[0]), original)
	if out := h.must("backup", "--data", h.data, "--keep", "1", dir); !strings.Contains(out, "removed: 2 generations") {
		t.Errorf("mended: %s", out)
	}
	if out := h.must("verify", dir); !strings.Contains(out, "0 missing, 0 altered, 0 unreadable, 0 unneeded") {
		t.Errorf("verify: %s", out)
	}
	// What somebody else wrote into the folder doesn't reach the terminal.
	for _, path := range []string{"generations/2020\x1b[2J", "generations/2021\u202e"} {
		if err := os.Mkdir(filepath.Join(dir, path), 0o750); err != nil {
			t.Fatal(err)
		}
	}
	forged := filepath.Join(dir, "generations", "2022")
	if err := os.Mkdir(forged, 0o750); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(forged, "manifest.json"),
		[]byte(`{"vitrine":"\u001b]0;title\u0007\nnext","list":{"name":"objects.jsonl.gz"}}`))
	_, shown, more := vitrine(t.Context(), "backup", "list", dir)
	_, verified, more2 := vitrine(t.Context(), "verify", dir)
	_, _, named := vitrine(t.Context(), "restore", "--data", t.TempDir(), "--generation", "2020", dir)
	if all := shown + more + verified + more2 + named; strings.ContainsAny(all, "\x1b\a\u202e") ||
		strings.Count(shown, "\n") != 5 || !strings.Contains(named, "2020\ufffd[2J") {
		t.Errorf("terminal: %q", all)
	}

	list, err := h.cat.Maintenance().Backups(catalogtest.Context(t))
	if err != nil || len(list) != 1 || list[0].Good == nil || time.Since(*list[0].Good) > time.Minute ||
		list[0].Damaged != 0 {
		t.Errorf("%+v, %v", list, err)
	}
	if metrics := h.get("/metrics"); !strings.Contains(metrics, "\nvitrine_backup_age_seconds{target=") ||
		!strings.Contains(metrics, "\nvitrine_backup_damaged_objects{target=") {
		t.Error("the server has no age of the backup")
	}
	if status, out, _ := vitrine(t.Context(), "doctor", "--data", h.data); !strings.Contains(out, "ok    backup ") ||
		!strings.Contains(out, "ok    integrity ") {
		t.Errorf("doctor: status %d: %s", status, out)
	}
}

// A backup that is encrypted by a key of the configuration file, its list, and what prune says before it does anything.
func TestBackupEncrypted(t *testing.T) {
	h, _ := stocked(t)
	dir, config := filepath.Join(t.TempDir(), "backup"), filepath.Join(t.TempDir(), "vitrine.yaml")
	write(t, config, []byte("backup_key: "+h.must("backup", "key")))
	for range 2 {
		h.must("backup", "--data", h.data, "--config", config, dir)
	}
	for _, args := range [][]string{{"backup", "list", dir}, {"verify", dir}, {"restore", "--data", t.TempDir(), dir},
		{"backup", "--data", h.data, dir}} {
		if status, _, diagnostics := vitrine(t.Context(), args...); status != 1 ||
			!strings.Contains(diagnostics, "VITRINE_BACKUP_KEY") {
			t.Errorf("%v without the key: status %d: %s", args, status, diagnostics)
		}
	}
	var generations []backup.Generation
	if err := json.Unmarshal([]byte(h.must("backup", "list", "--config", config, "--json", dir)),
		&generations); err != nil || len(generations) != 2 {
		t.Fatalf("%v %+v", err, generations)
	}
	if out := h.must("backup", "list", "--config", config, dir); strings.Count(out, "\n") != 3 ||
		!strings.Contains(out, generations[1].Name) {
		t.Errorf("list: %s", out)
	}
	if status, out, diagnostics := vitrine(t.Context(), "backup", "prune", "--config", config, "--keep", "1",
		dir); status != 1 || !strings.Contains(out, "would be removed: 1 generations ("+generations[1].Name+")") ||
		!strings.Contains(diagnostics, "--yes") {
		t.Errorf("prune: status %d: %s%s", status, out, diagnostics)
	}
	for _, args := range [][]string{{"backup", "prune", "--config", config, "--keep", "-1", "--yes", dir},
		{"backup", "--data", h.data, "--config", config, "--keep", "-1", dir}} {
		if status, _, diagnostics := vitrine(t.Context(), args...); status != 1 ||
			!strings.Contains(diagnostics, "-1 generations can't be kept") ||
			!strings.Contains(diagnostics, "leave it out") {
			t.Errorf("%v: status %d: %s", args, status, diagnostics)
		}
	}
	if out := h.must("backup", "list", "--config", config, dir); strings.Count(out, "\n") != 3 {
		t.Errorf("refused, and yet: %s", out)
	}
	restored := filepath.Join(t.TempDir(), "new")
	h.must("restore", "--data", restored, "--config", config, "--generation", generations[1].Name, dir)
	if status, findings, sum := verifies(t, restored); status != 0 || sum.Objects == 0 {
		t.Errorf("restored: status %d: %v", status, findings)
	}
	if out := h.must("backup", "prune", "--config", config, "--keep", "1", "--yes", dir); !strings.Contains(out,
		"removed: 1 generations") {
		t.Errorf("prune --yes: %s", out)
	}
	if out := h.must("verify", "--config", config, dir); !strings.Contains(out, "1 generations") {
		t.Errorf("verify: %s", out)
	}
	if out := h.must("config", "--config", config); strings.Contains(out, "AGE-SECRET") {
		t.Errorf("config shows the key: %s", out)
	}
}

// Damaged pages of the database are found by every command that is asked whether all is well.
func TestDamagedDatabase(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	if err := starts(t, data); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(data, "vitrine.db")
	cat, err := catalog.Open(catalogtest.Context(t), "sqlite:"+path)
	if err != nil {
		t.Fatal(err)
	}
	var page int64
	if err := cat.Database().Writer().QueryRowContext(catalogtest.Context(t),
		`SELECT pageno FROM dbstat WHERE name='events_at' LIMIT 1`).Scan(&page); err != nil {
		t.Fatal(err)
	}
	if _, err := cat.Database().Writer().ExecContext(catalogtest.Context(t),
		`PRAGMA wal_checkpoint(TRUNCATE)`); err != nil {
		t.Fatal(err)
	}
	if err := cat.Close(); err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteAt(make([]byte, 4096), (page-1)*4096); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if status, findings, sum := verifies(t, data); status != 3 || sum.Database == 0 ||
		len(findings["database"]) != sum.Database {
		t.Errorf("verify: status %d: %v %+v", status, findings, sum)
	}
	if status, out, _ := vitrine(t.Context(), "doctor", "--data", data); status != 1 ||
		!strings.Contains(out, "fail  integrity") {
		t.Errorf("doctor: status %d: %s", status, out)
	}
	dir := t.TempDir()
	if status, out, diagnostics := vitrine(t.Context(), "backup", "--data", data, dir); status != 3 ||
		!strings.Contains(diagnostics, "catalogue  live catalogue:") {
		t.Errorf("backup: status %d: %s%s", status, out, diagnostics)
	}
}

// get is what the server answers.
func (h *house) get(path string) string {
	h.Helper()
	r, err := http.NewRequestWithContext(h.Context(), http.MethodGet, h.server.URL+path, nil)
	if err != nil {
		h.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+h.token)
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		h.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	b, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		h.Fatalf("%s: status %d: %v %s", path, answer.StatusCode, err, b)
	}
	return string(b)
}
