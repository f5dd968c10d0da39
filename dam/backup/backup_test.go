package backup_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"vitrine/dam"
	"vitrine/dam/backup"
	"vitrine/dam/catalog"
	"vitrine/dam/catalog/catalogtest"
	"vitrine/dam/retention"
	"vitrine/storage"
	"vitrine/storage/disk"
)

// Every generation restores to its state, and each object is stored once.
func TestGenerations(t *testing.T) {
	kinds(t, func(t *testing.T, w *world) {
		r := w.open()
		w.add(6)
		first := w.run(r, w.source(), backup.Options{})
		w.add(3)
		second := w.run(r, w.source(), backup.Options{})
		if !first.Good() || first.Copied != 6 || first.Objects != 6 || !second.Good() || second.Copied != 3 ||
			second.Objects != 9 {
			t.Fatalf("first %+v, second %+v", first, second)
		}
		list, err := r.Generations()
		if err != nil || len(list) != 2 || list[0].Name != second.Generation || list[1].Name != first.Generation {
			t.Fatalf("%+v, %v", list, err)
		}
		if sum, damage := w.verify(r); !sum.Clean() || sum.Files != 9 || sum.Objects != first.Objects+second.Objects ||
			sum.Generations != 2 || sum.Unneeded != 0 {
			t.Errorf("verify: %+v %v", sum, damage)
		}
		for name, want := range map[string]map[int]bool{first.Generation: all(6), second.Generation: all(9),
			"": all(9)} {
			if out, has := w.restore(r, name); !maps.Equal(has, want) || !out.Good() {
				t.Errorf("restore %q: %v %+v", name, has, out)
			}
		}
		if _, err := r.Find(catalogtest.Context(t), "yesterday"); dam.CodeOf(err) != dam.Invalid ||
			!strings.Contains(err.Error(), "yesterday") {
			t.Errorf("no such generation: %v", err)
		}
	})
}

// An encrypted backup reveals nothing of its content, and can't be read without its key.
func TestEncrypted(t *testing.T) {
	t.Parallel()
	w := newWorld(t, true)
	r := w.open()
	w.add(4)
	w.run(r, w.source(), backup.Options{})
	for name, b := range files(t, w.dir) {
		for i := range w.assets {
			if bytes.Contains(b, content(i)[:10]) {
				t.Errorf("%s shows an original's bytes", name)
			}
			if bytes.Contains(b, []byte(w.assets[i].ID)) {
				t.Errorf("%s shows an asset's id", name)
			}
		}
		if bytes.Contains(b, []byte("SQLite format")) {
			t.Errorf("%s is a readable catalogue", name)
		}
	}
	other, err := backup.NewKey()
	if err != nil {
		t.Fatal(err)
	}
	wrong, err := backup.ParseKey(other)
	if err != nil {
		t.Fatal(err)
	}
	for what, key := range map[string]*backup.Key{"none": nil, "another": wrong} {
		for _, open := range []func(string, *backup.Key) (*backup.Repository, error){backup.Open, backup.Create} {
			if _, err := open(w.dir, key); dam.CodeOf(err) != dam.Invalid ||
				!strings.Contains(err.Error(), "encrypted") {
				t.Errorf("with key %s: %v", what, err)
			}
		}
	}
	for _, bad := range []string{"", "x", other + "\n" + other, strings.Repeat("p", 40)} {
		if _, err := backup.ParseKey(bad); dam.CodeOf(err) != dam.Invalid ||
			strings.Contains(err.Error(), "AGE-SECRET-KEY-1Q") {
			t.Errorf("key %q: %v", bad, err)
		}
	}
	// One flipped bit of the stored bytes is detected.
	flip(t, w.saved(1))
	if sum, damage := w.verify(r); sum.Altered != 1 ||
		damage[storage.OriginalKey(w.assets[1].Latest.SHA256)] != backup.Altered {
		t.Errorf("%+v %v", sum, damage)
	}
	// A key does not turn a plain backup into an encrypted one.
	plain := newWorld(t, false)
	plain.add(1)
	plain.run(plain.open(), plain.source(), backup.Options{})
	if _, err := backup.Create(plain.dir, wrong); dam.CodeOf(err) != dam.Invalid {
		t.Errorf("a key for a plain backup: %v", err)
	}
}

// Damage to objects of the source does not stop the run: the others and the catalogue are saved, and the report names
// what isn't.
func TestGoesOnPastDamage(t *testing.T) {
	kinds(t, func(t *testing.T, w *world) {
		r := w.open()
		w.add(12)
		flip(t, w.path(1))
		if err := os.Truncate(w.path(3), 5); err != nil {
			t.Fatal(err)
		}
		if err := os.Remove(w.path(5)); err != nil {
			t.Fatal(err)
		}
		if err := os.Remove(w.path(7)); err != nil {
			t.Fatal(err)
		}
		if err := os.Mkdir(w.path(7), 0o750); err != nil {
			t.Fatal(err)
		}
		sector := storage.OriginalKey(w.assets[9].Latest.SHA256)
		src := w.source()
		src.Store = &faulty{Store: w.store, broken: map[string]error{sector: syscall.EIO}}
		out := w.run(r, src, backup.Options{})
		problems := map[string]string{}
		for _, d := range out.Lost {
			problems[d.Key] = d.Problem
		}
		want := map[string]string{}
		for i, p := range map[int]string{1: backup.Altered, 3: backup.Altered, 5: backup.Missing, 7: backup.Missing,
			9: backup.Unreadable} {
			want[storage.OriginalKey(w.assets[i].Latest.SHA256)] = p
		}
		if !maps.Equal(problems, want) || out.Copied != 7+5 && out.Copied != 7 || out.Good() || !out.Whole() ||
			out.Objects != 12 {
			t.Fatalf("lost %v, want %v: %+v", problems, want, out)
		}
		if sum, _ := w.verify(r); sum.Missing != 5 || sum.Files != 7 {
			t.Errorf("verify: %+v", sum)
		}
		restored, has := w.restore(r, "")
		if !maps.Equal(has, all(12, 1, 3, 5, 7, 9)) || len(restored.Lost) != 5 {
			t.Errorf("restored %v: %+v", has, restored)
		}
		if _, ok := files(t, w.dir)["generations/"+out.Generation+"/report.json"+
			map[bool]string{true: ".age"}[w.key != nil]]; !ok {
			t.Error("there is no report")
		}

		// The store is repaired, and so is the next backup.
		for _, i := range []int{1, 3, 5, 7} {
			if err := os.RemoveAll(w.path(i)); err != nil {
				t.Fatal(err)
			}
			overwrite(t, w.path(i), content(i))
		}
		if out := w.run(r, w.source(), backup.Options{}); !out.Good() || out.Copied != 5 {
			t.Errorf("mended: %+v", out)
		}
	})
}

// A store that fails as a whole ends the run, so that there is no generation full of lost objects.
func TestStoreFails(t *testing.T) {
	t.Parallel()
	w := newWorld(t, false)
	w.add(30)
	broken := map[string]error{}
	for _, a := range w.assets {
		broken[storage.OriginalKey(a.Latest.SHA256)] = syscall.EIO
	}
	r := w.open()
	src := w.source()
	src.Store = dead{&faulty{Store: w.store, broken: broken}}
	if out, err := r.Run(catalogtest.Context(t), src, backup.Options{}); err == nil ||
		!strings.Contains(err.Error(), "the store has failed") {
		t.Errorf("%+v, %v", out, err)
	}
	if list, err := r.Generations(); err != nil || len(list) != 0 {
		t.Errorf("%+v, %v", list, err)
	}
}

type dead struct{ storage.Store }

func (dead) Check(context.Context) error { return syscall.EIO }

// Damage in the backup is found and repaired from the store; what is damaged in both is left as it is.
func TestHeals(t *testing.T) {
	kinds(t, func(t *testing.T, w *world) {
		r := w.open()
		w.add(6)
		w.run(r, w.source(), backup.Options{})
		flip(t, w.saved(0))
		if err := os.Truncate(w.saved(1), 7); err != nil {
			t.Fatal(err)
		}
		if err := os.Remove(w.saved(2)); err != nil {
			t.Fatal(err)
		}
		flip(t, w.saved(3))
		flip(t, w.path(3))
		rotten, err := os.ReadFile(w.saved(3))
		if err != nil {
			t.Fatal(err)
		}
		// Without reading, only sizes are checked.
		if out := w.run(r, w.source(), backup.Options{}); !out.Good() || out.Copied != 2 || len(out.Healed) != 1 {
			t.Errorf("unread: %+v", out)
		}
		out := w.run(r, w.source(), backup.Options{CheckAge: -1})
		if len(out.Healed) != 1 || out.Healed[0] != storage.OriginalKey(w.assets[0].Latest.SHA256) ||
			len(out.Lost) != 1 || out.Lost[0].Problem != backup.Altered {
			t.Errorf("%+v", out)
		}
		if b, err := os.ReadFile(w.saved(3)); err != nil || !bytes.Equal(b, rotten) {
			t.Errorf("what is left of it: %v", err)
		}
		if _, has := w.restore(r, ""); !maps.Equal(has, all(6, 3)) {
			t.Errorf("%v", has)
		}
	})
}

// An object that was last read long ago is read again by default.
func TestReadsAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t, false)
	r := w.open()
	w.add(3)
	w.run(r, w.source(), backup.Options{})
	flip(t, w.saved(1))
	long := time.Now().Add(-40 * 24 * time.Hour)
	for i := range 2 {
		if err := os.Chtimes(w.saved(i), long, long); err != nil {
			t.Fatal(err)
		}
	}
	if out := w.run(r, w.source(), backup.Options{}); len(out.Healed) != 1 || out.Checked != 1 || !out.Good() {
		t.Errorf("%+v", out)
	}
	if out := w.run(r, w.source(), backup.Options{}); out.Checked != 0 {
		t.Errorf("read again at once: %+v", out)
	}
}

// What is erased during or after a backup is in none of its generations, and its bytes leave the folder.
func TestErased(t *testing.T) {
	kinds(t, func(t *testing.T, w *world) {
		r := w.open()
		w.add(8)
		before := w.run(r, w.source(), backup.Options{})
		src := w.source()
		eraser := &retention.Eraser{Catalog: w.cat, Store: w.store}
		w.add(2)
		src.Store = &faulty{Store: w.store, first: func(ctx context.Context) {
			for _, i := range []int{2, 9} {
				if err := eraser.Asset(ctx, dam.DefaultLibrary, w.assets[i].ID); err != nil {
					t.Error(err)
				}
			}
		}}
		out := w.run(r, src, backup.Options{})
		if len(out.Lost) != 0 || len(out.Unforgotten) != 0 {
			t.Fatalf("%+v", out)
		}
		want := all(10)
		delete(want, 2)
		delete(want, 9)
		if restored, has := w.restore(r, out.Generation); !maps.Equal(has, want) || !restored.Good() {
			t.Errorf("erased meanwhile: %v %+v", has, restored)
		}
		want = all(8)
		delete(want, 2)
		if restored, has := w.restore(r, before.Generation); !maps.Equal(has, want) || !restored.Good() {
			t.Errorf("the generation before: %v %+v", has, restored)
		}
		for name, b := range files(t, w.dir) {
			if strings.Contains(name, w.assets[2].Latest.SHA256) ||
				bytes.Contains(b, []byte(w.assets[2].Latest.SHA256)) {
				t.Errorf("%s still has the erased original", name)
			}
		}
		if sum, damage := w.verify(r); !sum.Clean() || sum.Unneeded != 0 {
			t.Errorf("verify: %+v %v", sum, damage)
		}
		// A second run has nothing left to erase.
		if again := w.run(r, w.source(), backup.Options{}); again.Revision != 0 || again.Removed.Files != 0 {
			t.Errorf("%+v", again)
		}
	})
}

// Generations are pruned by number or age, and objects when no generation needs them; a generation that can't be read
// keeps all objects.
func TestPrune(t *testing.T) {
	kinds(t, func(t *testing.T, w *world) {
		r := w.open()
		var names []string
		for range 4 {
			w.add(2)
			names = append(names, w.run(r, w.source(), backup.Options{}).Generation)
			// The oldest asset is deleted from the catalogue, so that only older generations need its original.
			if err := w.cat.Write(catalogtest.Context(t), func(tx *catalog.Tx) error {
				return tx.Assets().DeleteAsset(catalogtest.Context(t), w.assets[len(names)-1].ID)
			}); err != nil {
				t.Fatal(err)
			}
		}
		before := files(t, w.dir)
		out, err := r.Prune(catalogtest.Context(t), backup.Keep{Last: 2}, true)
		if err != nil || strings.Join(out.Generations, " ") != names[1]+" "+names[0] || out.Files != 2 {
			t.Fatalf("dry: %+v, %v", out, err)
		}
		if !maps.EqualFunc(before, files(t, w.dir), bytes.Equal) {
			t.Error("a dry run changed something")
		}
		if done, err := r.Prune(catalogtest.Context(t), backup.Keep{Last: 2}, false); err != nil || done.Files != 2 ||
			len(done.Generations) != 2 || done.Bytes != out.Bytes {
			t.Errorf("%+v, %v", done, err)
		}
		if sum, damage := w.verify(r); !sum.Clean() || sum.Generations != 2 || sum.Unneeded != 0 {
			t.Errorf("verify: %+v %v", sum, damage)
		}
		// All are young enough to stay.
		if done, err := r.Prune(catalogtest.Context(t), backup.Keep{Within: time.Hour}, false); err != nil ||
			len(done.Generations) != 0 {
			t.Errorf("%+v, %v", done, err)
		}
		// A generation whose manifest is damaged may need any object.
		for name := range files(t, w.dir) {
			if strings.HasPrefix(name, "generations/"+names[3]+"/manifest") {
				overwrite(t, filepath.Join(w.dir, name), []byte("{"))
			}
		}
		orphan := filepath.Join(w.dir, "objects", "ab", "cd", "abcd"+strings.Repeat("0", 60))
		if err := os.MkdirAll(filepath.Dir(orphan), 0o750); err != nil {
			t.Fatal(err)
		}
		overwrite(t, orphan, []byte("x"))
		done, err := r.Prune(catalogtest.Context(t), backup.Keep{Last: 1}, false)
		if err != nil || done.Withheld == "" || done.Files != 0 || len(done.Generations) != 0 {
			t.Errorf("%+v, %v", done, err)
		}
		if g, err := r.Find(catalogtest.Context(t), ""); err != nil || g.Name != names[2] {
			t.Errorf("the newest whole one is %s, %v", g.Name, err)
		}
	})
}

// A damaged catalogue is saved as it is, page by page, with every original; the earlier generations stay, and are
// restored by default.
func TestDamagedCatalogue(t *testing.T) {
	t.Parallel()
	w := newWorld(t, false)
	r := w.open()
	w.add(40)
	whole := w.run(r, w.source(), backup.Options{})
	w.add(20)
	if _, err := w.cat.Database().Writer().ExecContext(catalogtest.Context(t),
		`PRAGMA wal_checkpoint(TRUNCATE)`); err != nil {
		t.Fatal(err)
	}
	var page int
	if err := w.cat.Database().Writer().QueryRowContext(catalogtest.Context(t),
		`SELECT max(pageno) FROM dbstat WHERE name='blobs' AND pagetype='leaf'`).Scan(&page); err != nil {
		t.Fatal(err)
	}
	if err := w.cat.Close(); err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(w.db, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteAt(bytes.Repeat([]byte{0x7b}, 4096), int64(page-1)*4096); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if w.cat, err = catalog.Open(catalogtest.Context(t), "sqlite:"+w.db); err != nil {
		t.Fatal(err)
	}
	out := w.run(r, w.source(), backup.Options{Keep: backup.Keep{Last: 1}})
	if out.Whole() || out.Catalog == nil || len(out.Removed.Generations) != 0 {
		t.Fatalf("%+v", out)
	}
	for i := range w.assets {
		if b, err := os.ReadFile(w.saved(i)); err != nil || !bytes.Equal(b, content(i)) {
			t.Errorf("original %d is not in the backup: %v", i, err)
		}
	}
	if g, err := r.Find(catalogtest.Context(t), ""); err != nil || g.Name != whole.Generation {
		t.Errorf("to be restored: %s, %v", g.Name, err)
	}
	if sum, _ := w.verify(r, out.Generation); sum.Clean() {
		t.Errorf("verify: %+v", sum)
	}
	if sum, damage := w.verify(r, whole.Generation); !sum.Clean() {
		t.Errorf("verify the one before: %+v %v", sum, damage)
	}
}

// A backup of the old format can be read as it is, and becomes a generation when it is written to.
func TestOldFormat(t *testing.T) {
	t.Parallel()
	w := newWorld(t, false)
	w.add(5)
	if err := (&retention.Eraser{Catalog: w.cat, Store: w.store}).Person(catalogtest.Context(t), "u_gone"); err != nil {
		t.Fatal(err)
	}
	old, err := disk.Open(filepath.Join(w.dir, "objects"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := storage.Copy(catalogtest.Context(t), w.store, old, nil); err != nil {
		t.Fatal(err)
	}
	if err := old.Close(); err != nil {
		t.Fatal(err)
	}
	if err := w.cat.Database().Backup(catalogtest.Context(t), filepath.Join(w.dir, "vitrine.db")); err != nil {
		t.Fatal(err)
	}
	read, err := backup.Open(w.dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	if sum, damage := w.verify(read); !sum.Clean() || sum.Files != 5 || sum.Unneeded != 0 {
		t.Errorf("verify: %+v %v", sum, damage)
	}
	if out, has := w.restore(read, ""); !maps.Equal(has, all(5)) || !out.Good() {
		t.Errorf("restored: %v %+v", has, out)
	}
	if err := read.Close(); err != nil {
		t.Fatal(err)
	}

	w.add(2)
	r := w.open()
	out := w.run(r, w.source(), backup.Options{})
	if !out.Good() || out.Copied != 2 || out.Checked != 5 {
		t.Errorf("%+v", out)
	}
	list, err := r.Generations()
	if err != nil || len(list) != 2 || list[1].Objects != 5 || !list[1].Good() {
		t.Fatalf("%+v, %v", list, err)
	}
	for name, want := range map[string]map[int]bool{list[1].Name: all(5), "": all(7)} {
		if out, has := w.restore(r, name); !maps.Equal(has, want) || !out.Good() {
			t.Errorf("restore %q: %v %+v", name, has, out)
		}
	}
	if sum, damage := w.verify(r); !sum.Clean() || sum.Files != 7 || sum.Unneeded != 0 {
		t.Errorf("verify: %+v %v", sum, damage)
	}
}

// A generation can be read as a store, for repairs.
func TestReadAsStore(t *testing.T) {
	kinds(t, func(t *testing.T, w *world) {
		r := w.open()
		w.add(4)
		w.run(r, w.source(), backup.Options{})
		g, err := r.Find(catalogtest.Context(t), "")
		if err != nil {
			t.Fatal(err)
		}
		s, err := r.Store(catalogtest.Context(t), g)
		if err != nil {
			t.Fatal(err)
		}
		to, err := disk.Open(t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = to.Close() }()
		if report, err := storage.Copy(catalogtest.Context(t), s, to, nil); err != nil || report.Copied != 4 {
			t.Errorf("%+v, %v", report, err)
		}
		if err := s.Delete(catalogtest.Context(t), storage.OriginalKey(w.assets[0].Latest.SHA256)); dam.CodeOf(
			err) != dam.Unsupported {
			t.Errorf("delete: %v", err)
		}
	})
}

// killEnv makes the test binary a backup that kills itself with SIGKILL at its n-th read of the store.
const killEnv = "VITRINE_TEST_BACKUP_KILL"

type deadly struct {
	storage.Store
	left *atomic.Int64
}

func (d deadly) die() {
	if d.left.Add(-1) <= 0 {
		_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
		select {}
	}
}

func (d deadly) Open(ctx context.Context, key string) (storage.Object, error) {
	d.die()
	return d.Store.Open(ctx, key)
}

func TestMain(m *testing.M) {
	if spec := os.Getenv(killEnv); spec != "" {
		os.Exit(killed(spec))
	}
	os.Exit(m.Run())
}

func killed(spec string) int {
	var s struct {
		Database, Objects, Dir string
		After                  int64
	}
	err := json.Unmarshal([]byte(spec), &s)
	ctx := dam.AsSystem(context.Background(), "a test's own steps")
	run := func() error {
		cat, err := catalog.Open(ctx, "sqlite:"+s.Database)
		if err != nil {
			return err
		}
		store, err := disk.Open(s.Objects)
		if err != nil {
			return err
		}
		r, err := backup.Create(s.Dir, nil)
		if err != nil {
			return err
		}
		left := &atomic.Int64{}
		left.Store(s.After)
		_, err = r.Run(ctx, backup.Source{Catalog: cat, Store: deadly{store, left}}, backup.Options{})
		return err
	}
	if err == nil {
		err = run()
	}
	fmt.Fprintln(os.Stderr, err)
	return 1
}

// A run that is killed anywhere leaves the earlier generations whole, and the next run continues with what is there.
func TestKilled(t *testing.T) {
	t.Parallel()
	w := newWorld(t, false)
	w.add(5)
	whole := w.run(w.open(), w.source(), backup.Options{})
	w.add(12)
	for _, after := range []int{1, 3, 5} {
		spec, err := json.Marshal(map[string]any{"Database": w.db, "Objects": w.objects, "Dir": w.dir, "After": after})
		if err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), killEnv+"="+string(spec))
		out, err := cmd.CombinedOutput()
		if status, ok := cmd.ProcessState.Sys().(syscall.WaitStatus); err == nil || !ok ||
			status.Signal() != syscall.SIGKILL {
			t.Fatalf("after %s: %v: %s", strconv.Itoa(after), err, out)
		}
		r, err := backup.Open(w.dir, nil)
		if err != nil {
			t.Fatal(err)
		}
		if list, err := r.Generations(); err != nil || len(list) != 1 || list[0].Name != whole.Generation {
			t.Errorf("after %d: %+v, %v", after, list, err)
		}
		if sum, damage := w.verify(r); !sum.Clean() || sum.Files != 5 {
			t.Errorf("after %d: %+v %v", after, sum, damage)
		}
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
	}
	r := w.open()
	out := w.run(r, w.source(), backup.Options{})
	if !out.Good() || out.Copied >= 12 {
		t.Errorf("a run after the killed ones: %+v", out)
	}
	if sum, damage := w.verify(r); !sum.Clean() || sum.Files != 17 {
		t.Errorf("%+v %v", sum, damage)
	}
	for name := range files(t, w.dir) {
		if strings.Contains(name, "/.new-") {
			t.Errorf("left behind: %s", name)
		}
	}
}
