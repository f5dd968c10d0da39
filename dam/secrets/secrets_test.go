package secrets_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vitrine/dam/secrets"
)

func TestSealOpenRotate(t *testing.T) {
	dir := t.TempDir()
	box, err := secrets.Open(dir, "")
	if err != nil {
		t.Fatal(err)
	}
	st, err := os.Stat(filepath.Join(dir, "secret.key"))
	if err != nil || st.Mode().Perm() != 0o600 {
		t.Fatalf("key file: %v %v, want 0600", st.Mode(), err)
	}
	sealed := box.Seal([]byte("token"), "channel:1")
	if strings.Contains(sealed, "token") {
		t.Error("the secret is readable")
	}
	if _, _, err := box.Open(sealed, "channel:2"); err == nil {
		t.Error("a secret opened for another purpose")
	}
	if err := secrets.AddKey(dir); err != nil {
		t.Fatal(err)
	}
	newer, err := secrets.Open(dir, "")
	if err != nil {
		t.Fatal(err)
	}
	plain, stale, err := newer.Open(sealed, "channel:1")
	if err != nil || string(plain) != "token" || !stale {
		t.Errorf("after rotation: %q stale=%v %v", plain, stale, err)
	}
	resealed := newer.Seal(plain, "channel:1")
	if _, stale, err := newer.Open(resealed, "channel:1"); err != nil || stale {
		t.Errorf("resealed: stale=%v %v", stale, err)
	}
	if _, _, err := box.Open(resealed, "channel:1"); err == nil {
		t.Error("a box without the new key opened it")
	}
}

func TestKeysAreRefused(t *testing.T) {
	if _, err := secrets.Open(t.TempDir(), "short"); err == nil {
		t.Error("a short key was taken")
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "secret.key"), []byte(strings.Repeat("k", 40)), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := secrets.Open(dir, ""); err == nil {
		t.Error("a key file that others can read was taken")
	}
}
