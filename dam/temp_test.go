package dam_test

import (
	"os"
	"path/filepath"
	"testing"

	"vitrine/dam"
)

// RemoveTemp deletes what dead processes left, and nothing else.
func TestRemoveTemp(t *testing.T) {
	parent := t.TempDir()
	used, remove, err := dam.TempDir(parent, "adopt-")
	if err != nil {
		t.Fatal(err)
	}
	left, other := filepath.Join(parent, "adopt-123"), filepath.Join(parent, "objects")
	for _, dir := range []string{left, other} {
		if err := os.MkdirAll(filepath.Join(dir, "deep"), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if n, err := dam.RemoveTemp(parent, "adopt-", ".other-"); n != 1 || err != nil {
		t.Errorf("%d removed, %v", n, err)
	}
	for dir, want := range map[string]bool{left: false, used: true, other: true} {
		if _, err := os.Stat(dir); (err == nil) != want {
			t.Errorf("%s: %v", dir, err)
		}
	}
	if err := remove(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(used); err == nil {
		t.Error("the folder is there after its work")
	}
	if n, err := dam.RemoveTemp(filepath.Join(parent, "nowhere"), "adopt-"); n != 0 || err != nil {
		t.Error(n, err)
	}
}
