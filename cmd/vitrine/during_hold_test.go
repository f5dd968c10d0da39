package main

import (
	"bytes"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/catalog/catalogtest"
	"vitrine/storage"
	"vitrine/storage/storagetest"
)

// During a hold another server may use the same store: nothing changes or deletes what it has, unless an administrator
// asks for it after being told. Uploads go on: they only add.
func TestStoreDuringHold(t *testing.T) {
	h, assets := stocked(t)
	second := "disk:" + t.TempDir()
	h.must("storage", "copy", "--data", h.data, "--to", second)
	key := storage.OriginalKey(assets[0].Latest.SHA256)
	path := filepath.Join(h.data, "objects", key)
	right, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	orphan := blank(t, 77, 55)
	write(t, filepath.Join(h.data, "objects", storage.OriginalKey(storagetest.Sum(orphan))), orphan)
	h.flip(key, 77)
	wrong, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.cat.BeginEpoch(catalogtest.Context(t), catalog.EpochStart{Reason: dam.EpochRestored}); err != nil {
		t.Fatal(err)
	}
	store := filepath.Join(h.data, "objects")
	untouched := func(what string) {
		t.Helper()
		if got, err := os.ReadFile(path); err != nil || !bytes.Equal(got, wrong) {
			t.Errorf("%s changed the object: %v", what, err)
		}
	}
	for _, args := range [][]string{{"--from", second}, {"--from", second, "--known"}, {"--orphans", "adopt"},
		{"--orphans", "remove", "--yes"}} {
		status, _, diagnostics := vitrine(t.Context(), append([]string{"repair", "--data", h.data}, args...)...)
		known := len(args) == 3 && args[2] == "--known" // nothing is: a rehearsal records nothing
		if want := map[bool]int{true: 0, false: 1}[known]; status != want && status != 3 || !known && status == 1 &&
			(!strings.Contains(diagnostics, store) || !strings.Contains(diagnostics, "nothing was changed") ||
				!strings.Contains(diagnostics, "--during-hold")) {
			t.Errorf("%v: %d %s", args, status, diagnostics)
		}
		untouched(strings.Join(args, " "))
	}
	if list, err := h.cat.Assets().AssetWithBytes(catalogtest.Context(t), dam.DefaultLibrary,
		storagetest.Sum(orphan)); err == nil && list != "" {
		t.Error("an orphan was adopted")
	}
	if status, body := h.sends("again.bin", right, "on_duplicate", "keep"); status != http.StatusServiceUnavailable ||
		!bytes.Contains(body, []byte("vitrine hold release")) {
		t.Errorf("an upload of the damaged original: %d %s", status, body)
	}
	untouched("an upload")
	if status, body := h.sends("new.png", blank(t, 91, 17)); status != http.StatusCreated {
		t.Errorf("an upload of something new: %d %s", status, body)
	}
	if status, _, diagnostics := vitrine(t.Context(), "erase", "asset", assets[1].ID, "--data", h.data,
		"--yes"); status != 1 || !strings.Contains(diagnostics, store) || !strings.Contains(diagnostics,
		"--during-hold") {
		t.Errorf("erase: %d %s", status, diagnostics)
	}
	if _, err := os.Stat(filepath.Join(store, "erasures")); !os.IsNotExist(err) {
		t.Errorf("a refused erasure left its record: %v", err)
	}

	status, _, diagnostics := vitrine(t.Context(), "repair", "--data", h.data, "--from", second, "--orphans", "adopt",
		"--during-hold")
	if got, err := os.ReadFile(path); err != nil || status != 0 || !bytes.Equal(got, right) ||
		!strings.Contains(diagnostics, "replaces damaged objects in disk:"+store) {
		t.Errorf("asked for: %d %s %v", status, diagnostics, err)
	}
	if id, err := h.cat.Assets().AssetWithBytes(catalogtest.Context(t), dam.DefaultLibrary,
		storagetest.Sum(orphan)); err != nil || id == "" {
		t.Errorf("the orphan was not adopted: %v", err)
	}
	h.must("erase", "asset", assets[1].ID, "--data", h.data, "--yes", "--during-hold")
	if !exists(filepath.Join(store, storage.OriginalKey(assets[1].Latest.SHA256))) {
		t.Error("an erasure deleted an object during the hold")
	}
}
