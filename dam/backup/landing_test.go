package backup_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"vitrine/dam"
	"vitrine/dam/backup"
	"vitrine/dam/catalog"
	"vitrine/dam/erasure"
	"vitrine/storage/disk"
)

// What is done to a restored catalogue is done before it has its name: there is none when that fails, or is left beside the file.
func TestLanding(t *testing.T) {
	t.Parallel()
	w := newWorld(t, false)
	w.add(1)
	r := w.open()
	w.run(r, w.source(), backup.Options{})
	g, err := r.Find(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	to, err := disk.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = to.Close() }()
	path := filepath.Join(t.TempDir(), "new.db")
	full := errors.New("no space")
	for name, landing := range map[string]func(context.Context, string, bool) error{
		"fails":         func(context.Context, string, bool) error { return full },
		"stays outside": func(_ context.Context, at string, _ bool) error { return os.WriteFile(at+"-wal", []byte("x"), 0o600) },
	} {
		if _, err := r.Restore(t.Context(), g, backup.Restore{Store: to, Database: path, Landing: landing}); err == nil {
			t.Errorf("%s: no error", name)
		}
		if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: there is a catalogue: %v", name, err)
		}
	}
	if _, err := r.Restore(t.Context(), g, backup.Restore{Store: to, Database: path, Landing: func(ctx context.Context, at string, damaged bool) error {
		if damaged {
			t.Error("damaged?")
		}
		cat, err := catalog.Open(ctx, "sqlite:"+at)
		if err != nil {
			return err
		}
		_, err = cat.BeginEpoch(ctx, catalog.EpochStart{Reason: dam.EpochRestored})
		return errors.Join(err, cat.Close())
	}}); err != nil {
		t.Fatal(err)
	}
	cat, err := catalog.OpenSnapshot(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = cat.Close() }()
	if h, err := cat.Hold(t.Context()); h == nil || err != nil {
		t.Errorf("hold %v, %v", h, err)
	}
}

// The record of an erasure that rots in the backup stops neither a restore nor what is left of it, and is replaced from the store.
func TestRottenErasure(t *testing.T) {
	kinds(t, func(t *testing.T, w *world) {
		w.add(2)
		r := w.open()
		before := w.run(r, w.source(), backup.Options{})
		eraser := &erasure.Service{Catalog: w.cat, Store: w.store}
		if err := eraser.Asset(t.Context(), dam.DefaultLibrary, w.assets[0].ID); err != nil {
			t.Fatal(err)
		}
		w.run(r, w.source(), backup.Options{})
		rot := func() {
			t.Helper()
			list, err := filepath.Glob(filepath.Join(w.dir, "erasures", "*"))
			if err != nil || len(list) != 1 {
				t.Fatal(list, err)
			}
			if err := os.WriteFile(list[0], []byte("rotten"), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		rot()
		// The generation has seen it: nothing is lost.
		if out, has := w.restore(r, before.Generation); len(out.Lost) != 0 || has[0] || !has[1] {
			t.Errorf("%+v %v", out, has)
		}
		if _, err := r.Prune(t.Context(), backup.Keep{}, false); err != nil {
			t.Error(err)
		}
		w.run(r, w.source(), backup.Options{})
		// One that no generation has seen is named.
		body := []byte("rotten")
		name := filepath.Join(w.dir, "erasures", "x_unknown.json")
		if w.key != nil {
			name += ".age"
		}
		if err := os.WriteFile(name, body, 0o600); err != nil {
			t.Fatal(err)
		}
		out, _ := w.restore(r, "")
		if len(out.Lost) != 1 || out.Lost[0].Key != "erasures/x_unknown.json" || out.Lost[0].Problem != backup.Unreadable {
			t.Errorf("%+v", out)
		}
	})
}
