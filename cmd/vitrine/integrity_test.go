package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"vitrine/cmd/vitrine/local"
	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/catalog/catalogtest"
	"vitrine/storage"
	"vitrine/storage/storagetest"
	"vitrine/web/api"
)

// flip changes one bit of a stored object.
func (h *house) flip(key string, bit int64) {
	h.Helper()
	path := filepath.Join(h.data, "objects", key)
	b, err := os.ReadFile(path)
	if err != nil {
		h.Fatal(err)
	}
	b[bit/8] ^= 1 << (bit % 8)
	if err := os.WriteFile(path, b, 0o600); err != nil {
		h.Fatal(err)
	}
}

// reads asks the server; the body is what came before err.
func (h *house) reads(path string, header ...string) (status int, head http.Header, body []byte, err error) {
	h.Helper()
	r, err := http.NewRequestWithContext(h.Context(), http.MethodGet, h.server.URL+path, nil)
	if err != nil {
		h.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+h.token)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		h.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	body, err = io.ReadAll(answer.Body)
	return answer.StatusCode, answer.Header, body, err
}

// sends uploads bytes as a form does.
func (h *house) sends(name string, data []byte, fields ...string) (status int, body []byte) {
	h.Helper()
	var b bytes.Buffer
	m := multipart.NewWriter(&b)
	for i := 0; i < len(fields); i += 2 {
		if err := m.WriteField(fields[i], fields[i+1]); err != nil {
			h.Fatal(err)
		}
	}
	w, err := m.CreateFormFile("file", name)
	if err == nil {
		_, err = w.Write(data)
	}
	if err == nil {
		err = m.Close()
	}
	if err != nil {
		h.Fatal(err)
	}
	r, err := http.NewRequestWithContext(h.Context(), http.MethodPost, h.server.URL+"/api/assets", &b)
	if err != nil {
		h.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+h.token)
	r.Header.Set("Content-Type", m.FormDataContentType())
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		h.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	if body, err = io.ReadAll(answer.Body); err != nil {
		h.Fatal(err)
	}
	return answer.StatusCode, body
}

// until polls until a condition holds.
func (h *house) until(what string, holds func() bool) {
	h.Helper()
	for end := time.Now().Add(30 * time.Second); !holds(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			h.Fatalf("in 30 s: not %s", what)
		}
	}
}

func (h *house) damages(state dam.DamageState) []string {
	h.Helper()
	return h.recorded(state, func(dam.Damage) bool { return true })
}

// recordedBy are the keys of what one part has noticed: the scrub of the server may come by at any moment.
func (h *house) recordedBy(part string) []string {
	h.Helper()
	return h.recorded(dam.DamageOpen, func(d dam.Damage) bool { return d.FoundBy == part })
}

func (h *house) recorded(state dam.DamageState, which func(dam.Damage) bool) []string {
	h.Helper()
	list, err := h.cat.Objects().Damages(h.Context(), state, "", 1000)
	if err != nil {
		h.Fatal(err)
	}
	keys := []string{}
	for _, d := range list {
		if which(d) {
			keys = append(keys, d.Key)
		}
	}
	return keys
}

// Damaged originals: no byte of a damaged block goes out, the damage is known, and an upload of the same bytes ends it.
func TestDamagedOriginal(t *testing.T) {
	h := newHouse(t)
	data := storagetest.Bytes(3*storage.BlockSize-10, 1)
	status, body := h.sends("noise.bin", data)
	var sent struct{ Asset dam.Asset }
	if err := json.Unmarshal(body, &sent); err != nil || status != http.StatusCreated {
		t.Fatalf("%d %s", status, body)
	}
	key, download := storage.OriginalKey(storagetest.Sum(data)), "/api/assets/"+sent.Asset.ID+"/download"
	h.flip(key, 8*(storage.BlockSize+5))

	// The damage is in the second of three blocks: the answer breaks off before it.
	_, _, got, err := h.reads(download)
	if err == nil || !bytes.Equal(got, data[:storage.BlockSize]) {
		t.Errorf("the whole file: %d bytes, %v; want the first block and a broken connection", len(got), err)
	}
	if status, _, got, err := h.reads(download, "Range", "bytes=600000-600099"); status != http.StatusPartialContent ||
		err != nil || !bytes.Equal(got, data[600_000:600_100]) {
		t.Errorf("a range of a good block: %d, %d bytes, %v", status, len(got), err)
	}
	status, head, got, err := h.reads(download, "Range", "bytes=300000-300099")
	var p api.Problem
	if status != http.StatusInternalServerError || err != nil || json.Unmarshal(got, &p) != nil ||
		p.Code != dam.Damaged || !strings.Contains(p.Remedy, "vitrine repair") {
		t.Errorf("a range of the damaged block: %d %s, %v", status, got, err)
	}
	if head.Get("Content-Disposition") != "" || head.Get("Content-Range") != "" {
		t.Errorf("the problem has a file's headers: %v", head)
	}
	if list := h.damages(dam.DamageOpen); len(list) != 1 || list[0] != key {
		t.Errorf("known damages: %v", list)
	}

	// The same bytes once more are not taken for stored: by one who keeps both, and by one who is told of the
	// duplicate.
	for i, choice := range []string{"keep", "ask"} {
		status, body := h.sends("again.bin", data, "on_duplicate", choice)
		if want := []int{http.StatusCreated, http.StatusConflict}[i]; status != want {
			t.Fatalf("%s: %d %s", choice, status, body)
		}
		if status, _, got, err := h.reads(download); status != http.StatusOK || err != nil || !bytes.Equal(got, data) {
			t.Errorf("%s: the file is %d, %d bytes, %v", choice, status, len(got), err)
		}
		if list := h.damages(dam.DamageOpen); len(list) != 0 {
			t.Errorf("%s: still damaged: %v", choice, list)
		}
		if err := os.Remove(filepath.Join(h.data, "objects", key)); err != nil { // for the next
			t.Fatal(err)
		}
	}
	if status, _, got, _ := h.reads(download); status != http.StatusInternalServerError ||
		!bytes.Contains(got, []byte(`"damaged"`)) {
		t.Errorf("a lost original: %d %s", status, got)
	}
}

// Renditions that are lost or damaged are made again when somebody asks for them, with the bytes they had.
func TestRenditionComesBack(t *testing.T) {
	h, assets := stocked(t)
	list, err := h.cat.Renditions().List(catalogtest.Context(t), assets[0].Latest.ID)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, r := range list {
		if r.Preset != "medium" && r.Preset != "large" {
			continue
		}
		n++
		key := dam.RenditionKey(assets[0].Latest.SHA256, r.Hash, r.Format)
		path := filepath.Join(h.data, "objects", key)
		before, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if n%2 == 0 {
			h.flip(key, 100)
		} else if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
		status, head, body, err := h.reads("/r/" + assets[0].ID + "/" + r.Hash + "/" + r.Preset + "." + r.Format.Ext())
		if status != http.StatusServiceUnavailable || err != nil || head.Get("Retry-After") == "" ||
			!bytes.Contains(body, []byte("made again")) {
			t.Errorf("%s %s: %d %s, %v", r.Preset, r.Format, status, body, err)
		}
		h.until("served again", func() bool {
			status, _, body, err := h.reads("/r/" + assets[0].ID + "/" + r.Hash + "/" + r.Preset + "." + r.Format.Ext())
			return status == http.StatusOK && err == nil && bytes.Equal(body, before)
		})
	}
	if n < 2 {
		t.Fatalf("%d renditions tried", n)
	}
	// The object is there a moment before its record is.
	h.until("recorded as repaired", func() bool { return len(h.damages(dam.DamageRepaired)) == n })
	if open := h.damages(dam.DamageOpen); len(open) != 0 {
		t.Errorf("still damaged: %v", open)
	}
}

// repairs runs vitrine repair --json and returns what became of each object, and the sums.
func (h *house) repairs(args ...string) (status int, actions map[string]string, sum local.RepairSum,
	diagnostics string) {
	h.Helper()
	status, out, diagnostics := vitrine(h.Context(), append([]string{"repair", "--data", h.data, "--json"}, args...)...)
	actions = map[string]string{}
	lines := strings.Split(strings.TrimSpace(out), "\n")
	for i, line := range lines {
		var l local.RepairLine
		err := json.Unmarshal([]byte(line), &l)
		if i == len(lines)-1 {
			err = json.Unmarshal([]byte(line), &sum)
		} else {
			actions[l.Key] = l.Action
		}
		if err != nil {
			h.Fatalf("%v in %q %s", err, line, diagnostics)
		}
	}
	return status, actions, sum, diagnostics
}

// vitrine repair beside the running server: from a backup and from another store; what has no source is named; a
// rehearsal changes nothing.
func TestRepair(t *testing.T) {
	h, assets := stocked(t)
	if status, actions, sum, diagnostics := h.repairs(); status != 0 || len(actions) != 0 || sum.Objects < 9 {
		t.Fatalf("nothing to do: %d, %v, %+v %s", status, actions, sum, diagnostics)
	}
	backup, second := t.TempDir(), "disk:"+t.TempDir()
	h.must("backup", "--data", h.data, backup)
	h.must("storage", "copy", "--data", h.data, "--to", second)
	flipped, gone := storage.OriginalKey(assets[0].Latest.SHA256), storage.OriginalKey(assets[1].Latest.SHA256)
	list, err := h.cat.Renditions().List(catalogtest.Context(t), assets[2].Latest.ID)
	if err != nil {
		t.Fatal(err)
	}
	made := dam.RenditionKey(assets[2].Latest.SHA256, list[0].Hash, list[0].Format)
	want := map[string][]byte{}
	for _, key := range []string{flipped, gone, made} {
		if want[key], err = os.ReadFile(filepath.Join(h.data, "objects", key)); err != nil {
			t.Fatal(err)
		}
	}
	harm := func() {
		t.Helper()
		h.flip(flipped, 77)
		if err := errors.Join(os.Remove(filepath.Join(h.data, "objects", gone)),
			os.Remove(filepath.Join(h.data, "objects", made))); err != nil {
			t.Fatal(err)
		}
	}
	whole := func() bool {
		for key, data := range want {
			if got, err := os.ReadFile(filepath.Join(h.data, "objects", key)); err != nil || !bytes.Equal(got, data) {
				return false
			}
		}
		return true
	}
	harm()
	status, actions, sum, _ := h.repairs("--dry-run", "--from", second)
	if status != 0 || actions[flipped] != local.Repaired || actions[gone] != local.Repaired ||
		actions[made] != local.Repaired || !sum.DryRun || whole() || len(h.recordedBy(dam.FoundByRepair)) != 0 {
		t.Errorf("rehearsed: %d, %v, %+v, recorded %v", status, actions, sum, h.recordedBy(dam.FoundByRepair))
	}
	if status, out, _ := vitrine(t.Context(), "repair", "--data", h.data, "--dry-run", "--from", second); status != 0 ||
		!strings.Contains(out, "would be repaired "+flipped) ||
		!strings.Contains(out, ": 3 would be repaired, 0 would be queued, 0 lost; nothing was changed") {
		t.Errorf("rehearsed in words: %d %s", status, out)
	}
	status, actions, sum, _ = h.repairs()
	if status != 3 || actions[flipped] != local.Lost || actions[gone] != local.Lost || actions[made] != local.Queued ||
		sum.Lost != 2 {
		t.Errorf("without a source: %d, %v, %+v", status, actions, sum)
	}
	h.until("the rendition made again", func() bool {
		got, err := os.ReadFile(filepath.Join(h.data, "objects", made))
		// The object is there a moment before its record is.
		return err == nil && bytes.Equal(got, want[made]) && len(h.damages(dam.DamageOpen)) == 2
	})
	if status, actions, sum, diagnostics := h.repairs("--known", "--from", backup); status != 0 || len(actions) != 2 ||
		sum.Repaired != 2 || !whole() {
		t.Errorf("from the backup: %d, %v, %+v %s", status, actions, sum, diagnostics)
	}
	harm()
	if status, actions, sum, diagnostics := h.repairs("--from", second); status != 0 || sum.Repaired != 3 || !whole() ||
		len(h.damages(dam.DamageOpen)) != 0 {
		t.Errorf("from the store: %d, %v, %+v %s", status, actions, sum, diagnostics)
	}
	for _, args := range [][]string{{"--from", "disk:" + filepath.Join(h.data, "nowhere")},
		{"--from", "disk:" + filepath.Join(h.data, "objects")}, {"--from", t.TempDir()}} {
		if status, _, _ := vitrine(t.Context(), append([]string{"repair", "--data", h.data}, args...)...); status != 1 {
			t.Errorf("%v: status %d", args, status)
		}
	}
	if status, _, _ := vitrine(t.Context(), "repair", "--data", h.data, "--orphans", "eat"); status != 2 {
		t.Errorf("an unknown word: status %d", status)
	}
}

// Orphaned originals become drafts, and nothing is deleted without --yes.
func TestRepairOrphans(t *testing.T) {
	h := newHouse(t)
	picture := blank(t, 123, 45)
	key := storage.OriginalKey(storagetest.Sum(picture))
	write(t, filepath.Join(h.data, "objects", key), picture)
	stray := "renditions/" + strings.Repeat("a", 64) + "/x.webp"
	write(t, filepath.Join(h.data, "objects", stray), []byte("x"))
	wrong := storage.OriginalKey(strings.Repeat("0", 64))
	write(t, filepath.Join(h.data, "objects", wrong), []byte("not what its name says"))

	left := filepath.Join(h.data, "adopt-123") // by a run that was killed
	write(t, filepath.Join(left, "work"), []byte("x"))
	if status, actions, sum, _ := h.repairs("--orphans", "list"); status != 0 || len(actions) != 3 ||
		sum.Orphaned != 3 || exists(left) {
		t.Errorf("list: %d, %v, %+v", status, actions, sum)
	}
	if status, _, _, diagnostics := h.repairs("--orphans", "remove"); status != 1 ||
		!strings.Contains(diagnostics, "3 objects") || !exists(filepath.Join(h.data, "objects", stray)) {
		t.Errorf("remove without --yes: %d %s", status, diagnostics)
	}
	status, actions, sum, diagnostics := h.repairs("--orphans", "adopt")
	if status != 0 || actions[key] != local.Adopted || actions[stray] != local.Orphaned ||
		actions[wrong] != local.Orphaned || sum.Adopted != 1 {
		t.Fatalf("adopt: %d, %v, %+v %s", status, actions, sum, diagnostics)
	}
	id, err := h.cat.Assets().AssetWithBytes(catalogtest.Context(t), dam.DefaultLibrary, storagetest.Sum(picture))
	if err != nil || id == "" {
		t.Fatalf("no asset: %v", err)
	}
	if a := h.rendered(id); a.Latest.Status != dam.Draft || a.Live != "" || a.Latest.Width != 123 {
		t.Errorf("adopted: %+v", a)
	}
	if status, actions, _, _ := h.repairs("--orphans", "remove", "--yes"); status != 0 ||
		actions[stray] != local.Removed || actions[wrong] != local.Removed || actions[key] != "" {
		t.Errorf("remove: %d, %v", status, actions)
	}
	if exists(filepath.Join(h.data, "objects", stray)) || !exists(filepath.Join(h.data, "objects", key)) {
		t.Error("the wrong ones were removed")
	}

	// Nobody can tell which of several libraries an object was of.
	if err := h.cat.Write(catalogtest.Context(t), func(tx *catalog.Tx) error {
		return tx.Libraries().PutLibrary(catalogtest.Context(t), dam.Library{ID: "other", Name: "Other", Locale: "en",
			Zone: "UTC"})
	}); err != nil {
		t.Fatal(err)
	}
	second := blank(t, 45, 67)
	write(t, filepath.Join(h.data, "objects", storage.OriginalKey(storagetest.Sum(second))), second)
	for library, want := range map[string]string{"": "main, other", "gone": "there is no library gone"} {
		if status, _, diagnostics := vitrine(t.Context(), "repair", "--data", h.data, "--orphans", "adopt", "--library",
			library); status != 1 || !strings.Contains(diagnostics, "--library") || !strings.Contains(diagnostics,
			want) {
			t.Errorf("adopted into %q: %d %s", library, status, diagnostics)
		}
	}
	if status, _, sum, diagnostics := h.repairs("--orphans", "adopt", "--library", "other"); status != 0 ||
		sum.Adopted != 1 {
		t.Errorf("adopted into the other: %d %+v %s", status, sum, diagnostics)
	}
	if id, err := h.cat.Assets().AssetWithBytes(catalogtest.Context(t), "other", storagetest.Sum(second)); err != nil ||
		id == "" {
		t.Errorf("the other library doesn't have it: %v", err)
	}

	// While the server holds nothing is removed, and what was to be can still be adopted.
	if _, err := h.cat.BeginEpoch(catalogtest.Context(t), catalog.EpochStart{Reason: dam.EpochRestored}); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(h.data, "objects", stray), []byte("x"))
	if status, _, diagnostics := vitrine(t.Context(), "repair", "--data", h.data, "--orphans", "remove",
		"--yes"); status != 1 || !strings.Contains(diagnostics, "release the hold first, or adopt") {
		t.Errorf("remove during a hold: %d %s", status, diagnostics)
	}
	if status, actions, _, _ := h.repairs("--orphans", "list"); status != 0 || actions[stray] != local.Orphaned {
		t.Errorf("list during a hold: %d, %v", status, actions)
	}
}
