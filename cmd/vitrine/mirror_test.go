package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"vitrine/storage"
)

// The second store gets what is uploaded, gives it when the first has lost it, and forgets what is erased.
func TestStorageMirror(t *testing.T) {
	second, dir := t.TempDir(), t.TempDir()
	h := newHouse(t, "--storage-mirror", "disk:"+second)
	picture := blank(t, 410, 300)
	write(t, filepath.Join(dir, "a.png"), picture)
	status, lines, diagnostics := h.imports(h.server.URL, "--approve", dir)
	if status != 0 {
		t.Fatalf("status %d: %s", status, diagnostics)
	}
	a := h.rendered(lines["a.png"].Asset)
	copied := filepath.Join(second, storage.OriginalKey(a.Latest.SHA256))
	admin := h.newToken("admin")
	lag := func() int64 {
		var system struct {
			Mirror *struct {
				Location string
				Objects  int64
				Filling  bool
			}
		}
		h.token = admin
		if err := json.Unmarshal([]byte(h.get("/api/system")), &system); err != nil || system.Mirror == nil ||
			system.Mirror.Location != "disk:"+second {
			t.Fatalf("system: %v %+v", err, system.Mirror)
		}
		if system.Mirror.Filling {
			return 1
		}
		return system.Mirror.Objects
	}
	settled := func(what string, done func() bool) {
		t.Helper()
		for end := time.Now().Add(time.Minute); !done() || lag() > 0; time.Sleep(20 * time.Millisecond) {
			if time.Now().After(end) {
				t.Fatalf("%s: %d objects behind", what, lag())
			}
		}
	}
	settled("upload", func() bool { return exists(copied) })

	if err := os.Remove(h.object(a)); err != nil {
		t.Fatal(err)
	}
	if got := h.get("/api/assets/" + a.ID + "/download"); got != string(picture) {
		t.Errorf("%d bytes from the second store, want %d", len(got), len(picture))
	}
	if metrics := h.get("/metrics"); !strings.Contains(metrics, "\nvitrine_mirror_lag_objects 0") {
		t.Error("metrics don't tell the lag")
	}
	// Reading it is noticed, and the first store gets it back.
	settled("repair", func() bool { return exists(h.object(a)) })

	if _, out, _ := vitrine(t.Context(), "doctor", "--data", h.data, "--storage-mirror",
		"disk:"+second); !strings.Contains(out, "ok    mirror ") {
		t.Errorf("doctor: %s", out)
	}
	h.must("erase", "asset", a.ID, "--data", h.data, "--yes")
	settled("erasure", func() bool { return !exists(copied) })

	if status, _, diagnostics := vitrine(t.Context(), "serve", "--data", t.TempDir(), "--storage-mirror",
		"nowhere"); status != 1 || !strings.Contains(diagnostics, "storage_mirror") {
		t.Errorf("a bad location: status %d: %s", status, diagnostics)
	}
}
