package api_test

import (
	"context"
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"vitrine/dam"
	"vitrine/dam/catalog/catalogtest"
	"vitrine/dam/ingest"
	"vitrine/dam/reasons"
	"vitrine/dam/space"
	"vitrine/dam/space/spacetest"
	"vitrine/storage/s3"
	"vitrine/storage/storagetest"
	"vitrine/web/api"
)

// spoolIn makes uploads go through a folder, whose volume is watched by w.
func spoolIn(t *testing.T, dir string, w *space.Watch) func(*api.Config) {
	return func(c *api.Config) {
		c.Ingest.Dir, c.Ingest.Room = dir, w.Room
		var err error
		if c.Uploads, err = ingest.NewTus(c.Ingest, "/api/uploads", api.RenderProblem); err != nil {
			t.Fatal(err)
		}
		c.Checks = append(c.Checks, api.Check{Name: "space", Advisory: true,
			Check: func(context.Context) error { return w.Advice() }})
	}
}

// refusal is an upload's answer that blames neither sender nor file, and names no path.
func (f *fixture) refusal(status int, code dam.Code, dir string, a answer) {
	f.Helper()
	f.want(status, a)
	if p := a.problem(); p.Code != code || p.Remedy == "" || strings.Contains(string(a.body), dir) {
		f.Errorf("%s %s: %s", a.Request.Method, a.Request.URL.Path, a.body)
	}
}

func (f *fixture) tusBegin(size int) answer {
	f.Helper()
	return f.do(dam.Contributor, "POST", "/api/uploads", "", "Tus-Resumable", "1.0.0", "Upload-Length",
		fmt.Sprint(size),
		"Upload-Metadata", "filename "+base64.StdEncoding.EncodeToString([]byte("tus.jpg")))
}

func (f *fixture) tusSend(url string, from int, part []byte) answer {
	f.Helper()
	return f.do(dam.Contributor, "PATCH", url, string(part), "Tus-Resumable", "1.0.0", "Upload-Offset",
		fmt.Sprint(from), "Content-Type", "application/offset+octet-stream")
}

// A spool without a block left refuses uploads with the reason, whichever way they come, and goes on when there is
// room.
func TestUploadsToAFullSpool(t *testing.T) {
	if !spacetest.Namespace(t) {
		return
	}
	dir := spacetest.Mount(t, 4<<20)
	f := start(t, catalogtest.SQLite(t), spoolIn(t, dir, space.New(space.Floor{})))
	data := photo(t, 9)
	url := f.want(201, f.tusBegin(len(data))).Header.Get("Location")
	f.want(204, f.tusSend(url, 0, data[:100]))

	spacetest.Fill(t, dir)
	f.refusal(507, dam.NoSpace, dir, f.upload(dam.Contributor, "/api/assets", "a.jpg", photo(t, 1), nil))
	sent := f.tusSend(url, 100, data[100:])
	f.refusal(507, dam.NoSpace, dir, sent)
	f.refusal(507, dam.NoSpace, dir, f.tusBegin(len(data)))

	spacetest.Free(t, dir)
	f.want(201, f.upload(dam.Contributor, "/api/assets", "a.jpg", photo(t, 1), nil))
	at := 0
	if _, err := fmt.Sscan(f.want(200, f.do(dam.Contributor, "HEAD", url, "", "Tus-Resumable",
		"1.0.0")).Header.Get("Upload-Offset"), &at); err != nil || at < 100 {
		t.Fatal("the offset after the disk was full: ", at, err)
	}
	if end := f.want(204, f.tusSend(url, at, data[at:])); end.Header.Get("Vitrine-Status") != "created" {
		t.Errorf("the upload that met a full disk: %v", end.Header)
	}
}

// Uploads are refused before their bytes travel while a volume is below its floor; /readyz says so and the server stays
// ready.
func TestUploadsBelowTheFloor(t *testing.T) {
	if !spacetest.Namespace(t) {
		return
	}
	dir := spacetest.Mount(t, 12<<20)
	floor, err := space.ParseFloor("8MiB")
	if err != nil {
		t.Fatal(err)
	}
	w := space.New(floor, space.Volume{Name: "spool", Path: dir, Copies: 1})
	f := start(t, catalogtest.SQLite(t), spoolIn(t, dir, w))
	f.refusal(507, dam.NoSpace, dir, f.tusBegin(5<<20))
	url := f.want(201, f.tusBegin(2<<20)).Header.Get("Location")
	f.want(204, f.tusSend(url, 0, make([]byte, 100)))

	ballast := filepath.Join(dir, "ballast")
	if err := os.WriteFile(ballast, make([]byte, 5<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	f.refusal(507, dam.NoSpace, dir, f.tusBegin(1))
	f.refusal(507, dam.NoSpace, dir, f.tusSend(url, 100, []byte("more")))
	f.refusal(507, dam.NoSpace, dir, f.upload(dam.Contributor, "/api/assets", "a.jpg", photo(t, 1), nil))
	ready := f.want(200, f.do("", "GET", "/readyz", ""))
	if !strings.Contains(string(ready.body), "spool: ") || strings.Contains(string(ready.body), dir) {
		t.Errorf("low space is not told: %s", ready.body)
	}
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	f.want(204, f.tusSend(url, 100, []byte("more")))
	f.want(201, f.upload(dam.Contributor, "/api/assets", "a.jpg", photo(t, 1), nil))
}

// Without a file descriptor left the answer says so.
func TestUploadsWithoutFileDescriptors(t *testing.T) {
	if !spacetest.Namespace(t) { // the limit is the process's
		return
	}
	dir := t.TempDir()
	f := start(t, catalogtest.SQLite(t), spoolIn(t, dir, space.New(space.Floor{})))
	data := photo(t, 9)
	url := f.want(201, f.tusBegin(len(data))).Header.Get("Location")
	f.want(201, f.upload(dam.Contributor, "/api/assets", "a.jpg", photo(t, 1), nil)) // every connection is open now

	// A limit of zero refuses every new descriptor, those that a finishing job gives back too; open ones stay open.
	descriptors := func(n uint64) {
		t.Helper()
		if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &syscall.Rlimit{Cur: n, Max: 4096}); err != nil {
			t.Fatal(err)
		}
	}
	descriptors(0)
	f.refusal(503, dam.Unavailable, dir, f.upload(dam.Contributor, "/api/assets", "b.jpg", photo(t, 2), nil))
	f.refusal(503, dam.Unavailable, dir, f.tusSend(url, 0, data))
	f.refusal(503, dam.Unavailable, dir, f.tusBegin(len(data)))
	descriptors(4096)
	f.want(201, f.upload(dam.Contributor, "/api/assets", "b.jpg", photo(t, 2), nil))
}

// A full bucket refuses uploads like a full disk, with the reason, and the file is taken when there is room.
func TestUploadsToAFullBucket(t *testing.T) {
	if !spacetest.Namespace(t) {
		return
	}
	volume := spacetest.Mount(t, 64<<20)
	t.Setenv("TMPDIR", volume)
	t.Run("versitygw", func(t *testing.T) {
		server := storagetest.VersityGW(t)
		bucket, err := s3.Open(t.Context(), server.Location(), s3.Credentials{AccessKey: server.AccessKey,
			SecretKey: server.SecretKey})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = bucket.Close() }()
		t.Setenv("TMPDIR", "/tmp") // the rest of the server has room
		t.Run("api", func(t *testing.T) {
			f := start(t, catalogtest.SQLite(t), func(c *api.Config) { c.Ingest.Store = bucket })
			spacetest.Fill(t, volume)
			a := f.upload(dam.Contributor, "/api/assets", "a.jpg", photo(t, 1), nil)
			f.refusal(507, dam.NoSpace, volume, a)
			if !strings.Contains(a.problem().Detail, "object storage is full") {
				t.Errorf("the reason: %s", a.body)
			}
			spacetest.Free(t, volume)
			f.want(201, f.upload(dam.Contributor, "/api/assets", "a.jpg", photo(t, 1), nil))
		})
	})
}

// What a program leaves behind is refused whichever way it comes, and is not kept in quarantine.
func TestUploadsOfLeftovers(t *testing.T) {
	f := start(t, catalogtest.SQLite(t))
	for _, name := range []string{"Thumbs.db", "chair.jpg.part", "chair.thm", "._chair.xmp"} {
		p := f.want(415, f.upload(dam.Contributor, "/api/assets", name, []byte("<x:xmpmeta/>"), nil)).problem()
		if p.ReasonCode != reasons.CodeFileLeftover || p.Quarantine != "" {
			t.Errorf("%s: %+v", name, p)
		}
		meta := "filename " + base64.StdEncoding.EncodeToString([]byte(name))
		f.want(415, f.do(dam.Contributor, "POST", "/api/uploads", "", "Tus-Resumable", "1.0.0", "Upload-Length", "12",
			"Upload-Metadata", meta))
	}
	if n, err := f.catalog.Assets().CountAssets(catalogtest.Context(t), dam.DefaultLibrary); err != nil || n != 0 {
		t.Errorf("%d assets: %v", n, err)
	}
}
