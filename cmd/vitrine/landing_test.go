package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"vitrine/dam/backup"
	"vitrine/dam/catalog"
	"vitrine/dam/catalog/catalogtest"
)

// A backup of the old format says of itself that it is one only by how it was restored: whole or damaged, the server
// holds.
func TestRestoredOldFormatHolds(t *testing.T) {
	t.Parallel()
	data, dir := t.TempDir(), t.TempDir()
	if err := starts(t, data); err != nil {
		t.Fatal(err)
	}
	copied := filepath.Join(dir, "vitrine.db")
	cat, err := catalog.Open(catalogtest.Context(t), "sqlite:"+filepath.Join(data, "vitrine.db"))
	if err != nil {
		t.Fatal(err)
	}
	var page int64
	if err := cat.Database().Writer().QueryRowContext(catalogtest.Context(t),
		`SELECT pageno FROM dbstat WHERE name='campaigns_name' LIMIT 1`).Scan(&page); err != nil {
		t.Fatal(err)
	}
	if err := cat.Close(); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(filepath.Join(data, "vitrine.db"))
	if err != nil {
		t.Fatal(err)
	}
	damaged := append([]byte(nil), whole...)
	clear(damaged[(page-1)*4096 : page*4096])
	if err := os.Mkdir(filepath.Join(dir, "objects"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, x := range []struct {
		name   string
		file   []byte
		status int
	}{{"whole", whole, 0}, {"damaged", damaged, 3}} {
		if err := os.WriteFile(copied, x.file, 0o600); err != nil {
			t.Fatal(err)
		}
		to := t.TempDir()
		_, list, _ := vitrine(t.Context(), "backup", "list", "--json", dir)
		var generations []backup.Generation
		if err := json.Unmarshal([]byte(list), &generations); err != nil || len(generations) != 1 {
			t.Fatal(list, err)
		}
		if status, out, diagnostics := vitrine(t.Context(), "restore", "--data", to, "--generation",
			generations[0].Name, dir); status != x.status {
			t.Fatalf("%s: status %d: %s%s", x.name, status, out, diagnostics)
		}
		key, err := os.ReadFile(filepath.Join(data, "secret.key"))
		if err == nil {
			err = os.WriteFile(filepath.Join(to, "secret.key"), key, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
		if x.status == 3 {
			if err := starts(t, to); err != nil {
				t.Fatalf("%s: %v", x.name, err)
			}
		}
		cat, err := catalog.OpenSnapshot(catalogtest.Context(t), filepath.Join(to, "vitrine.db"))
		if err != nil {
			t.Fatal(err)
		}
		if h, err := cat.Epochs().Hold(catalogtest.Context(t)); h == nil || err != nil {
			t.Errorf("%s: hold %v, %v", x.name, h, err)
		}
		if err := cat.Close(); err != nil {
			t.Error(err)
		}
	}
}
