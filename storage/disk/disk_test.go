package disk_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"vitrine/storage"
	"vitrine/storage/disk"
	"vitrine/storage/storagetest"
)

func open(t *testing.T, path string) *disk.Store {
	t.Helper()
	s, err := disk.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func TestStore(t *testing.T) {
	storagetest.Run(t, func(t *testing.T) storage.Store { return open(t, filepath.Join(t.TempDir(), "new", "store")) },
		storagetest.Options{Files: true, Leftovers: func(t *testing.T, s storage.Store, _ string) []string {
			return files(t, filepath.Join(strings.TrimPrefix(s.String(), "disk:"), ".tmp"))
		}, Abandon: func(t *testing.T, s storage.Store, key string) {
			dir := strings.TrimPrefix(s.String(), "disk:")
			write(t, filepath.Join(dir, ".tmp", "half"))
			if err := os.MkdirAll(filepath.Join(dir, filepath.Dir(key)), 0o750); err != nil {
				t.Fatal(err)
			}
		}})
}

func files(t *testing.T, folder string) (names []string) {
	t.Helper()
	err := filepath.WalkDir(folder, func(path string, _ fs.DirEntry, err error) error {
		if err == nil && path != folder {
			names = append(names, strings.TrimPrefix(path, folder+"/"))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func write(t *testing.T, name string) {
	t.Helper()
	if err := os.WriteFile(name, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestOpenRemovesWhatACrashLeft(t *testing.T) {
	dir := t.TempDir()
	open(t, dir)
	old, young := filepath.Join(dir, ".tmp", "old"), filepath.Join(dir, ".tmp", "young")
	write(t, old)
	write(t, young)
	yesterday := time.Now().Add(-25 * time.Hour)
	if err := os.Chtimes(old, yesterday, yesterday); err != nil {
		t.Fatal(err)
	}
	open(t, dir)
	if got := files(t, filepath.Join(dir, ".tmp")); !slices.Equal(got, []string{"young"}) {
		t.Errorf("Open left %v, want only the young file, which another process may be writing", got)
	}
}

func TestDeleteRemovesEmptyFolders(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	for _, key := range []string{"a/b/c/d", "a/e"} {
		if err := s.Put(t.Context(), key, strings.NewReader("x"), storage.PutOptions{Size: 1}); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Delete(t.Context(), "a/b/c/d"); err != nil {
		t.Fatal(err)
	}
	if got := files(t, dir); !slices.Equal(got, []string{".tmp", "a", "a/e"}) {
		t.Errorf("the folder holds %v", got)
	}
}

// Two keys of which one is a folder of the other can't both be stored: the second is refused, and the first stays.
func TestKeyAndFolder(t *testing.T) {
	for _, keys := range [][2]string{{"a", "a/b"}, {"a", "a/b/c"}, {"a/b", "a"}} {
		s := open(t, t.TempDir())
		if err := s.Put(t.Context(), keys[0], strings.NewReader("x"), storage.PutOptions{Size: 1}); err != nil {
			t.Fatal(err)
		}
		err := s.Put(t.Context(), keys[1], strings.NewReader("x"), storage.PutOptions{Size: 1})
		if err == nil || !strings.Contains(err.Error(), storage.ErrKey.Error()) {
			t.Errorf("Put %s beside %s: %v, want ErrKey", keys[1], keys[0], err)
		}
		if _, err := s.Stat(t.Context(), keys[0]); err != nil {
			t.Error(err)
		}
	}
}

// Foreign files in the folder are neither listed nor followed.
func TestForeignFiles(t *testing.T) {
	dir, outside := t.TempDir(), t.TempDir()
	s := open(t, dir)
	write(t, filepath.Join(outside, "secret"))
	write(t, filepath.Join(dir, "Notes.TXT"))
	if err := os.Mkdir(filepath.Join(dir, "lost+found"), 0); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(outside, filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	for info, err := range s.List(t.Context(), "") {
		t.Errorf("List gave %+v, %v", info, err)
	}
	if o, err := s.Open(t.Context(), "link/secret"); err == nil {
		t.Error("Open followed a symbolic link out of the store")
		_ = o.Close()
	}
	if err := s.Put(t.Context(), "link/mine", strings.NewReader("x"), storage.PutOptions{Size: 1}); err == nil {
		t.Error("Put followed a symbolic link out of the store")
	}
}

func TestCheckNoticesAMissingFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "store")
	s := open(t, dir)
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	if err := s.Check(t.Context()); err == nil {
		t.Error("Check is content without the folder")
	}
}

// What a command run by root writes gets the owner of the folder; otherwise the server could not read it.
func TestFilesBelongToTheFoldersOwner(t *testing.T) {
	dir := t.TempDir()
	uid := os.Geteuid()
	if uid == 0 {
		uid = 12345
		if err := os.Chown(dir, uid, uid); err != nil {
			t.Fatal(err)
		}
	}
	s, err := disk.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	key := "originals/ab/cd"
	if err := s.Put(t.Context(), key, strings.NewReader("x"), storage.PutOptions{Size: 1}); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"originals", "originals/ab", key} {
		var st syscall.Stat_t
		if err := syscall.Stat(filepath.Join(dir, name), &st); err != nil || int(st.Uid) != uid {
			t.Errorf("%s belongs to %d, not %d: %v", name, st.Uid, uid, err)
		}
	}
}
