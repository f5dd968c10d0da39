package backup_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vitrine/dam"
	"vitrine/dam/backup"
	"vitrine/dam/catalog"
	"vitrine/dam/catalog/catalogtest"
	"vitrine/dam/retention"
	"vitrine/storage"
	"vitrine/storage/disk"
)

// Landing changes a restored catalogue before it gets its name: if that fails, or leaves something beside the file,
// there is no catalogue.
func TestLanding(t *testing.T) {
	t.Parallel()
	w := newWorld(t, false)
	w.add(1)
	r := w.open()
	w.run(r, w.source(), backup.Options{})
	g, err := r.Find(catalogtest.Context(t), "")
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
		"fails": func(context.Context, string, bool) error { return full },
		"stays outside": func(_ context.Context, at string, _ bool) error {
			return os.WriteFile(at+"-wal", []byte("x"), 0o600)
		},
	} {
		if _, err := r.Restore(catalogtest.Context(t), g, backup.Restore{Store: to, Database: path,
			Landing: landing}); err == nil {
			t.Errorf("%s: no error", name)
		}
		if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: there is a catalogue: %v", name, err)
		}
	}
	if _, err := r.Restore(catalogtest.Context(t), g, backup.Restore{Store: to, Database: path,
		Landing: func(ctx context.Context, at string, damaged bool) error {
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
	cat, err := catalog.OpenSnapshot(catalogtest.Context(t), path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = cat.Close() }()
	if h, err := cat.Epochs().Hold(catalogtest.Context(t)); h == nil || err != nil {
		t.Errorf("hold %v, %v", h, err)
	}
}

// A damaged record of an erasure in the backup stops neither a restore nor the rest of it, and is replaced from the
// store.
func TestRottenErasure(t *testing.T) {
	kinds(t, func(t *testing.T, w *world) {
		w.add(2)
		r := w.open()
		before := w.run(r, w.source(), backup.Options{})
		eraser := &retention.Eraser{Catalog: w.cat, Store: w.store}
		if err := eraser.Asset(catalogtest.Context(t), dam.DefaultLibrary, w.assets[0].ID); err != nil {
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
		// The generation has seen the erasure: nothing is lost.
		if out, has := w.restore(r, before.Generation); len(out.Lost) != 0 || has[0] || !has[1] {
			t.Errorf("%+v %v", out, has)
		}
		if _, err := r.Prune(catalogtest.Context(t), backup.Keep{}, false); err != nil {
			t.Error(err)
		}
		w.run(r, w.source(), backup.Options{})
		// A record that no generation has seen is reported.
		body := []byte("rotten")
		name := filepath.Join(w.dir, "erasures", "x_unknown.json")
		if w.key != nil {
			name += ".age"
		}
		if err := os.WriteFile(name, body, 0o600); err != nil {
			t.Fatal(err)
		}
		out, _ := w.restore(r, "")
		if len(out.Lost) != 1 || out.Lost[0].Key != "erasures/x_unknown.json" ||
			out.Lost[0].Problem != backup.Unreadable {
			t.Errorf("%+v", out)
		}
		if sum, damage := w.verify(r); sum.Clean() || damage["erasures/x_unknown.json"] != backup.Unreadable {
			t.Errorf("verify: %+v %v", sum, damage)
		}
		if out := w.run(r, w.source(), backup.Options{}); out.Good() || len(out.Lost) != 1 ||
			out.Lost[0].Key != "erasures/x_unknown.json" {
			t.Errorf("backup: %+v", out)
		}
	})
}

// What was erased since the backup is not restored to a store that has the record, nor what only the second store has
// the record of; but objects that another asset has too are restored.
func TestRestoreLeavesOutWhatWasErased(t *testing.T) {
	kinds(t, func(t *testing.T, w *world) {
		w.add(4)
		same := *w.assets[3]
		same.ID, same.Latest.ID = dam.NewID(dam.AssetPrefix), dam.NewID(dam.VersionPrefix)
		same.Latest.Asset = same.ID
		if err := w.cat.Write(catalogtest.Context(t), func(tx *catalog.Tx) error {
			return tx.Assets().InsertAsset(catalogtest.Context(t), &same, dam.Metadata{})
		}); err != nil {
			t.Fatal(err)
		}
		r := w.open()
		w.run(r, w.source(), backup.Options{})
		eraser := &retention.Eraser{Catalog: w.cat, Store: w.store}
		for _, i := range []int{1, 2, 3} {
			if err := eraser.Asset(catalogtest.Context(t), dam.DefaultLibrary, w.assets[i].ID); err != nil {
				t.Fatal(err)
			}
		}
		second, err := disk.Open(filepath.Join(t.TempDir(), "second"))
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = second.Close() }()
		if _, err := storage.Copy(catalogtest.Context(t), w.store, second, nil); err != nil {
			t.Fatal(err)
		}
		keys := []string{}
		for info, err := range w.store.List(catalogtest.Context(t), "erasures/") {
			if err != nil {
				t.Fatal(err)
			}
			keys = append(keys, info.Key)
		}
		if len(keys) != 3 {
			t.Fatal(keys)
		}
		if err := w.store.Delete(catalogtest.Context(t), keys[1]); err != nil { // now only the second store has it
			t.Fatal(err)
		}
		if err := w.store.Put(catalogtest.Context(t), "erasures/x_torn.json", strings.NewReader("{"),
			storage.PutOptions{Size: 1}); err != nil {
			t.Fatal(err)
		}
		g, err := r.Find(catalogtest.Context(t), "")
		if err != nil {
			t.Fatal(err)
		}
		out, err := r.Restore(catalogtest.Context(t), g, backup.Restore{Store: w.store, Second: second,
			Database: filepath.Join(t.TempDir(), "new.db")})
		if err != nil {
			t.Fatal(err)
		}
		if out.Erased != 3 || out.LeftOut != 2 || out.Copied != 0 || out.Present != 2 || len(out.Lost) != 1 ||
			out.Lost[0].Key != "erasures/x_torn.json" {
			t.Errorf("%+v", out)
		}
		// From now on the store has the record: it may be used without the second store.
		if _, err := w.store.Stat(catalogtest.Context(t), keys[1]); err != nil {
			t.Errorf("the record that only the second store had: %v", err)
		}
		for i, want := range []bool{true, false, false, true} {
			if _, err := os.Stat(w.path(i)); (err == nil) != want {
				t.Errorf("the original of asset %d: %v", i, err)
			}
		}
	})
}
