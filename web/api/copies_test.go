package api_test

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"vitrine/dam"
	"vitrine/dam/catalog/catalogtest"
	"vitrine/dam/writeback"
)

func TestDownloadWithMetadata(t *testing.T) {
	f := start(t, catalogtest.SQLite(t))
	a := f.photograph(dam.Contributor, 7)
	download := "/api/assets/" + a.ID + "/download"
	state := func(method string) writeback.Copy {
		t.Helper()
		return into[writeback.Copy](f, f.want(200, f.do(dam.Viewer, method, download+"/copy", "")))
	}
	if c := state("GET"); c.State != writeback.Absent {
		t.Errorf("before it is asked for: %+v", c)
	}
	f.want(200, f.do(dam.Editor, "PATCH", "/api/assets/"+a.ID, `{"creator": "Zoë", "title": {"fr": "Été"}}`))
	copied := f.want(200, f.do(dam.Viewer, "GET", download+"?metadata=current", ""))
	path := filepath.Join(t.TempDir(), "copy.jpg")
	if err := os.WriteFile(path, copied.body, 0o600); err != nil {
		t.Fatal(err)
	}
	if said, err := exec.CommandContext(t.Context(), "exiftool", "-s3", "-XMP-dc:Creator", "-XMP-dc:Title-fr",
		"-IPTC:By-line", path).Output(); err != nil || string(said) != "Zoë\nÉté\nZoë\n" {
		t.Errorf("the copy says %q: %v", said, err)
	}
	if c := state("GET"); c.State != writeback.Ready || c.Size != int64(len(copied.body)) {
		t.Errorf("after the download: %+v", c)
	}
	if got := copied.Header.Get(
		"Content-Disposition"); got != `attachment; filename="photo-7.jpg"; filename*=UTF-8''photo-7.jpg` {
		t.Errorf("it is called %q", got)
	}
	for _, query := range []string{"", "?metadata=original"} {
		if sum := sha256.Sum256(f.want(200, f.do(dam.Viewer, "GET", download+query, "")).body); hex.EncodeToString(
			sum[:]) != a.Latest.SHA256 {
			t.Error("the original is no longer what was uploaded")
		}
	}
	// An edit makes the copy out of date; asking has it made.
	f.want(200, f.do(dam.Editor, "PATCH", "/api/assets/"+a.ID, `{"creator": "Ann"}`))
	if c := state("POST"); c.State != writeback.Pending {
		t.Errorf("asked for: %+v", c)
	}
	f.until("the copy is made again", func() bool { return state("GET").State == writeback.Ready })
	f.want(422, f.do(dam.Viewer, "GET", download+"?metadata=all", ""))
	f.want(404, f.do(dam.Viewer, "GET", "/api/assets/a_none/download/copy", ""))
	drawing := into[uploaded](f,
		f.want(201, f.upload(dam.Contributor, "/api/assets", "a.svg",
			[]byte(`<svg xmlns="http://www.w3.org/2000/svg"/>`), nil))).Asset
	if p := f.want(415, f.do(dam.Viewer, "GET", "/api/assets/"+drawing.ID+"/download?metadata=current",
		"")).problem(); p.Remedy == "" {
		t.Errorf("what has no room: %+v", p)
	}
}
