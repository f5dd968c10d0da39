package storage_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"vitrine/storage"
	"vitrine/storage/disk"
	"vitrine/storage/s3"
	"vitrine/storage/storagetest"
)

func openDisk(t *testing.T) (*disk.Store, string) {
	t.Helper()
	dir := t.TempDir()
	s, err := disk.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s, dir
}

func put(t *testing.T, s storage.Store, key string, data []byte) {
	t.Helper()
	if err := s.Put(t.Context(), key, bytes.NewReader(data), storage.PutOptions{Size: int64(len(data))}); err != nil {
		t.Fatal(err)
	}
}

// fixture fills a store with originals and a rendition and returns their bytes.
func fixture(t *testing.T, s storage.Store) map[string][]byte {
	t.Helper()
	objects := map[string][]byte{"renditions/x/y.webp": storagetest.Bytes(3000, 9), "renditions/x/empty.svg": {}}
	for i := range 5 {
		data := storagetest.Bytes(100_000*i+1, uint64(i))
		objects[storage.OriginalKey(storagetest.Sum(data))] = data
	}
	for key, data := range objects {
		put(t, s, key, data)
	}
	return objects
}

func wantObjects(t *testing.T, s storage.Store, want map[string][]byte) {
	t.Helper()
	n := 0
	for info, err := range s.List(t.Context(), "") {
		if err != nil {
			t.Fatal(err)
		}
		n++
		o, err := s.Open(t.Context(), info.Key)
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(o)
		if err != nil || !bytes.Equal(got, want[info.Key]) {
			t.Errorf("%s: %d bytes, %v; want %d", info.Key, len(got), err, len(want[info.Key]))
		}
		if err := o.Close(); err != nil {
			t.Error(err)
		}
	}
	if n != len(want) {
		t.Errorf("%d objects, want %d", n, len(want))
	}
}

func TestCopyBetweenDiskAndS3(t *testing.T) {
	server := storagetest.MinIO(t)
	bucket, err := s3.Open(t.Context(), server.Location(), s3.Credentials{AccessKey: server.AccessKey,
		SecretKey: server.SecretKey})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = bucket.Close() })
	here, _ := openDisk(t)
	back, _ := openDisk(t)
	objects := fixture(t, here)
	total := int64(0)
	for _, data := range objects {
		total += int64(len(data))
	}
	for _, leg := range [][2]storage.Store{{here, bucket}, {bucket, back}} {
		var seen []int
		report, err := storage.Copy(t.Context(), leg[0], leg[1],
			func(r storage.CopyReport) { seen = append(seen, r.Copied) })
		if err != nil || report.Copied != len(objects) || report.Bytes != total || report.Skipped != 0 {
			t.Fatalf("%s to %s: %+v, %v", leg[0], leg[1], report, err)
		}
		if !slices.Equal(seen, []int{1, 2, 3, 4, 5, 6, 7}) {
			t.Errorf("progress went %v", seen)
		}
		wantObjects(t, leg[1], objects)
		if report, err = storage.Copy(t.Context(), leg[0], leg[1], nil); err != nil || report.Copied != 0 ||
			report.Skipped != len(objects) {
			t.Errorf("again: %+v, %v; want all skipped", report, err)
		}
	}
}

// An interrupted run continues where it was; objects that only the target has don't disturb it.
func TestCopyResumes(t *testing.T) {
	from, _ := openDisk(t)
	to, _ := openDisk(t)
	objects := fixture(t, from)
	for _, key := range []string{"a", "originals/zz", "z"} {
		put(t, to, key, []byte("the target's own"))
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	report, err := storage.Copy(ctx, from, to, func(r storage.CopyReport) {
		if r.Copied == 3 {
			cancel()
		}
	})
	if !errors.Is(err, context.Canceled) || report.Copied != 3 {
		t.Fatalf("stopped: %+v, %v", report, err)
	}
	report, err = storage.Copy(t.Context(), from, to, nil)
	if err != nil || report.Copied != len(objects)-3 || report.Skipped != 3 {
		t.Fatalf("resumed: %+v, %v", report, err)
	}
	for _, key := range []string{"a", "originals/zz", "z"} {
		objects[key] = []byte("the target's own")
	}
	wantObjects(t, to, objects)
}

// A damaged original and a different object in the target are reported and not changed, and everything else is copied.
func TestCopyFindsRotAndConflicts(t *testing.T) {
	from, dir := openDisk(t)
	to, _ := openDisk(t)
	objects := fixture(t, from)
	rotten := storage.OriginalKey(storagetest.Sum(storagetest.Bytes(200_001, 2)))
	path := filepath.Join(dir, rotten)
	flipped := bytes.Clone(objects[rotten])
	flipped[1000] ^= 1
	if err := os.WriteFile(path, flipped, 0o600); err != nil {
		t.Fatal(err)
	}
	put(t, to, "renditions/x/y.webp", []byte("another"))
	report, err := storage.Copy(t.Context(), from, to, nil)
	if err == nil || len(report.Failed) != 2 || report.Copied != len(objects)-2 {
		t.Fatalf("%+v, %v; want two failures", report, err)
	}
	if f := report.Failed[0]; f.Key != rotten || !errors.Is(f.Err, storage.ErrChecksum) {
		t.Errorf("first failure: %+v", f)
	}
	if f := report.Failed[1]; f.Key != "renditions/x/y.webp" || !errors.Is(f.Err, storage.ErrDiffers) {
		t.Errorf("second failure: %+v", f)
	}
	delete(objects, rotten)
	objects["renditions/x/y.webp"] = []byte("another")
	wantObjects(t, to, objects)
}

// rotting is a store whose medium corrupts objects after accepting them.
type rotting struct {
	storage.Store
	dir string
}

func (r rotting) Put(ctx context.Context, key string, body io.Reader, o storage.PutOptions) error {
	if err := r.Store.Put(ctx, key, body, o); err != nil || !strings.HasSuffix(key, ".webp") {
		return err
	}
	return os.WriteFile(filepath.Join(r.dir, key), bytes.Repeat([]byte("x"), 3000), 0o600)
}

// A copy that reads back differently is removed, so that the next run doesn't take it for a finished one.
func TestCopyReadsBack(t *testing.T) {
	from, _ := openDisk(t)
	to, dir := openDisk(t)
	objects := fixture(t, from)
	report, err := storage.Copy(t.Context(), from, rotting{to, dir}, nil)
	if !errors.Is(err, storage.ErrChecksum) || len(report.Failed) != 1 ||
		report.Failed[0].Key != "renditions/x/y.webp" {
		t.Fatalf("%+v, %v", report, err)
	}
	if _, err := to.Stat(t.Context(), "renditions/x/y.webp"); !errors.Is(err, storage.ErrNotFound) {
		t.Errorf("the spoiled copy is still there: %v", err)
	}
	if report, err = storage.Copy(t.Context(), from, to, nil); err != nil || report.Copied != 1 {
		t.Errorf("the next run: %+v, %v", report, err)
	}
	wantObjects(t, to, objects)
}

// An object that can't be read doesn't end the run: the others are copied. A source of which nothing can be read does.
func TestCopyGoesOnPastUnreadable(t *testing.T) {
	from, _ := openDisk(t)
	to, _ := openDisk(t)
	objects := fixture(t, from)
	broken := unreadable{from, map[string]bool{}}
	for _, key := range []string{"renditions/x/empty.svg",
		storage.OriginalKey(storagetest.Sum(storagetest.Bytes(1, 0)))} {
		broken.keys[key] = true
		delete(objects, key)
	}
	report, err := storage.Copy(t.Context(), broken, to, nil)
	if !errors.Is(err, storage.ErrIncomplete) || len(report.Failed) != 2 || report.Copied != len(objects) {
		t.Fatalf("%+v, %v; want 2 failures and %d copies", report, err, len(objects))
	}
	wantObjects(t, to, objects)

	for i := range 60 {
		put(t, from, fmt.Sprintf("many/%02d", i), []byte("x"))
		broken.keys[fmt.Sprintf("many/%02d", i)] = true
	}
	if report, err = storage.Copy(t.Context(), broken, to, nil); errors.Is(err, storage.ErrIncomplete) ||
		!errors.Is(err, syscall.EIO) || len(report.Failed) > 52 {
		t.Errorf("a source that fails: %d failures, %v", len(report.Failed), err)
	}
}

// unreadable is a store on a disk with bad sectors.
type unreadable struct {
	storage.Store
	keys map[string]bool
}

func (u unreadable) Open(ctx context.Context, key string) (storage.Object, error) {
	o, err := u.Store.Open(ctx, key)
	if err == nil && u.keys[key] {
		return badSector{o}, nil
	}
	return o, err
}

type badSector struct{ storage.Object }

func (badSector) Read([]byte) (int, error) { return 0, syscall.EIO }

// A truncated original in the target is damaged, whatever the cause: the next run replaces it.
func TestCopyReplacesTruncated(t *testing.T) {
	from, _ := openDisk(t)
	to, dir := openDisk(t)
	objects := fixture(t, from)
	if _, err := storage.Copy(t.Context(), from, to, nil); err != nil {
		t.Fatal(err)
	}
	key := storage.OriginalKey(storagetest.Sum(storagetest.Bytes(200_001, 2)))
	if err := os.Truncate(filepath.Join(dir, key), 1000); err != nil {
		t.Fatal(err)
	}
	if report, err := storage.Copy(t.Context(), from, to, nil); err != nil || report.Copied != 1 {
		t.Errorf("%+v, %v", report, err)
	}
	wantObjects(t, to, objects)
}
