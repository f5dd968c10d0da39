package server

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"vitrine/cmd/vitrine/config"
	"vitrine/dam/catalog/catalogtest"
	"vitrine/dam/epoch"
	"vitrine/dam/secrets"
	"vitrine/storage/s3"
)

// What root writes into a server's data folder gets the folder's owner; otherwise the server could not read it, and
// would not start.
func TestFilesBelongToTheFoldersOwner(t *testing.T) {
	dir := t.TempDir()
	uid := os.Geteuid()
	if uid == 0 {
		uid = 12345
		if err := os.Chown(dir, uid, uid); err != nil {
			t.Fatal(err)
		}
	}
	c, err := config.Parse([]string{"--data", dir}, nil)
	if err != nil {
		t.Fatal(err)
	}
	release, err := LockData(c)
	if err != nil {
		t.Fatal(err)
	}
	cat, err := OpenCatalog(catalogtest.Context(t), c)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := OpenKeys(catalogtest.Context(t), c, cat); err != nil {
		t.Fatal(err)
	}
	store, err := OpenStore(catalogtest.Context(t), c.Storage, s3.Credentials{})
	if err != nil {
		t.Fatal(err)
	}
	unasked, cancel := context.WithCancel(catalogtest.Context(t))
	cancel() // no server answers
	if _, err := AskReindex(unasked, dir); err == nil {
		t.Error("an index was rebuilt without a server")
	}
	if err := errors.Join(Announce(c, "127.0.0.1:1"), secrets.AddKey(dir), epoch.MarkRestored(dir)); err != nil {
		t.Fatal(err)
	}
	if err := (&epoch.Service{Catalog: cat, Store: store, Dir: dir}).Open(catalogtest.Context(t)); err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	if err := filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		var st syscall.Stat_t
		if err = errors.Join(err, syscall.Lstat(path, &st)); err == nil && int(st.Uid) != uid {
			t.Errorf("%s belongs to %d, not %d", path, st.Uid, uid)
		}
		seen[filepath.Base(path)] = true
		return err
	}); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"server.lock", "server.address", "reindex.asked", "secret.key", "vitrine.db",
		"vitrine.db-wal", "log.json", "objects"} {
		if !seen[name] {
			t.Errorf("there is no %s", name)
		}
	}
	if err := errors.Join(cat.Close(), store.Close(), release()); err != nil {
		t.Error(err)
	}
}
