package storage_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"testing/iotest"

	"vitrine/storage"
	"vitrine/storage/storagetest"
)

// ledger is a record in memory.
type ledger struct {
	mu      sync.Mutex
	sums    map[string]storage.Sums
	damaged []string
	away    error
}

func (l *ledger) Expect(_ context.Context, key string) (storage.Sums, bool, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	s, ok := l.sums[key]
	return s, ok, l.away
}

func (l *ledger) Damaged(_ context.Context, key string, cause error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !errors.Is(cause, storage.ErrDamaged) && !errors.Is(cause, storage.ErrNotFound) {
		panic(cause)
	}
	l.damaged = append(l.damaged, key)
}

func (l *ledger) reported() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.damaged)
}

// recording records the sums of what is stored, as the catalogue does.
type recording struct {
	*storage.Verified
	*ledger
	replacing *sync.Mutex // held so that the last object and the last record are of the same Replace
}

func (r recording) Put(ctx context.Context, key string, body io.Reader, o storage.PutOptions) error {
	return r.note(key, o, func(o storage.PutOptions) error { return r.Verified.Put(ctx, key, body, o) })
}

func (r recording) Replace(ctx context.Context, key string, body io.Reader, o storage.PutOptions) error {
	r.replacing.Lock()
	defer r.replacing.Unlock()
	return r.note(key, o, func(o storage.PutOptions) error { return r.Verified.Replace(ctx, key, body, o) })
}

func (r recording) note(key string, o storage.PutOptions, do func(storage.PutOptions) error) error {
	given := o.Sums
	var sums storage.Sums
	o.Sums = &sums
	err := do(o)
	if err == nil {
		r.mu.Lock()
		r.sums[key] = sums
		r.mu.Unlock()
		if given != nil {
			*given = sums
		}
	}
	return err
}

func verified(t *testing.T) (recording, string) {
	t.Helper()
	s, dir := openDisk(t)
	l := &ledger{sums: map[string]storage.Sums{}}
	return recording{storage.NewVerified(s, nil, l), l, &sync.Mutex{}}, dir
}

// A verifying store conforms to storage.Store.
func TestVerifiedConforms(t *testing.T) {
	storagetest.Run(t, func(t *testing.T) storage.Store {
		s, _ := verified(t)
		return s
	}, storagetest.Options{Files: true})
}

func flip(t *testing.T, path string, bit int64) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	b := make([]byte, 1)
	if _, err := f.ReadAt(b, bit/8); err != nil {
		t.Fatal(err)
	}
	b[0] ^= 1 << (bit % 8)
	if _, err := f.WriteAt(b, bit/8); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

// However it is read, no byte of a damaged block is returned; the other blocks are.
func TestVerifiedGivesNoDamagedByte(t *testing.T) {
	s, dir := verified(t)
	data := storagetest.Bytes(3*storage.BlockSize+1000, 1)
	put(t, s, "a/k", data)
	const bad = 1 // the block
	flip(t, filepath.Join(dir, "a/k"), 8*(bad*storage.BlockSize+777)+3)
	open := func() storage.Object {
		o, err := s.Open(t.Context(), "a/k")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = o.Close() })
		return o
	}
	shapes := map[string]func(io.Reader) io.Reader{
		"plain": func(r io.Reader) io.Reader { return r }, "halves": iotest.HalfReader,
		"buffered": func(r io.Reader) io.Reader { return struct{ io.Reader }{r} },
	}
	for name, shape := range shapes {
		got, err := io.ReadAll(shape(open()))
		if !errors.Is(err, storage.ErrDamaged) || !bytes.Equal(got, data[:storage.BlockSize]) {
			t.Errorf("%s: %d bytes, %v; want the first block and ErrDamaged", name, len(got), err)
		}
	}
	whole := make([]byte, storage.BlockSize)
	if n, err := open().Read(whole); n != storage.BlockSize || err != nil || !bytes.Equal(whole, data[:n]) {
		t.Errorf("a block at once: %d, %v", n, err)
	}
	for _, test := range []struct {
		from, n int64
		damaged bool
	}{{0, 100, false}, {storage.BlockSize - 1, 2, true}, {storage.BlockSize + 5, 1, true},
		{2 * storage.BlockSize, 500, false}, {3 * storage.BlockSize, 1000, false}, {2*storage.BlockSize - 1, 1, true},
		{0, int64(len(data)), true}} {
		o := open()
		p := make([]byte, test.n)
		n, err := o.ReadAt(p, test.from)
		if errors.Is(err, storage.ErrDamaged) != test.damaged ||
			!bytes.Equal(p[:n], data[test.from:test.from+int64(n)]) || !test.damaged && int64(n) != test.n {
			t.Errorf("ReadAt %d+%d: %d bytes, %v", test.from, test.n, n, err)
		}
		if _, err := o.Seek(test.from, io.SeekStart); err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(io.LimitReader(o, test.n))
		if errors.Is(err, storage.ErrDamaged) != test.damaged ||
			!bytes.Equal(got, data[test.from:test.from+int64(len(got))]) {
			t.Errorf("Seek and read %d+%d: %d bytes, %v", test.from, test.n, len(got), err)
		}
	}
	if s.reported() == 0 {
		t.Error("the record was not told")
	}
	if s.Unverified() != 0 {
		t.Error("counted as unverified")
	}
}

// A file with a damaged block is never returned as a file, and the damage is reported. With a second store the reader
// gets the correct bytes, but not as a file. Without checksums the file is returned as it is.
func TestVerifiedWholeFile(t *testing.T) {
	s, dir := verified(t)
	data := storagetest.Bytes(6*storage.BlockSize+1000, 1)
	open := func(key string) storage.Filer {
		t.Helper()
		o, err := s.Open(t.Context(), key)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = o.Close() })
		return o.(storage.Filer)
	}
	for _, block := range []int64{0, 4, 6} {
		key := fmt.Sprint("damaged/", block)
		put(t, s, key, data)
		flip(t, filepath.Join(dir, key), 8*(block*storage.BlockSize+777)+3)
		o, before := open(key), s.reported()
		for range 2 {
			if f, err := o.Whole(t.Context()); !errors.Is(err, storage.ErrDamaged) || f != nil {
				t.Errorf("block %d: %v, %v", block, f, err)
			}
		}
		if s.reported() != before+2 || s.damaged[before] != key {
			t.Errorf("block %d: the record was told of %v", block, s.damaged)
		}
		if _, err := io.ReadAll(o); !errors.Is(err, storage.ErrDamaged) {
			t.Errorf("block %d, read: %v", block, err)
		}
	}
	second, _ := openDisk(t)
	s.Second = second
	put(t, second, "damaged/4", data)
	o := open("damaged/4")
	for range 2 {
		if f, err := o.Whole(t.Context()); !errors.Is(err, errors.ErrUnsupported) || f != nil {
			t.Errorf("with a second store: %v, %v", f, err)
		}
	}
	if got, err := io.ReadAll(o); err != nil || !bytes.Equal(got, data) {
		t.Errorf("with a second store: %d bytes, %v", len(got), err)
	}
	put(t, s.Unwrap(), "unknown", data)
	if f, err := open("unknown").Whole(t.Context()); err != nil || s.Unverified() != 1 {
		t.Errorf("without a record: %v, %v, %d counted", f, err, s.Unverified())
	}
	put(t, s, "cancelled", data)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := open("cancelled").Whole(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

// Another length, nothing at all, and an object without a record.
func TestVerifiedOpen(t *testing.T) {
	s, dir := verified(t)
	data := storagetest.Bytes(300_000, 1)
	put(t, s, "short", data)
	put(t, s, "gone", data)
	put(t, s.Unwrap(), "unknown", data)
	if err := os.Truncate(filepath.Join(dir, "short"), 262_144); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(dir, "gone")); err != nil {
		t.Fatal(err)
	}
	_, err := s.Open(t.Context(), "short")
	if !errors.Is(err, storage.ErrDamaged) || s.reported() != 1 {
		t.Errorf("a shorter object: %v, %v", err, s.damaged)
	}
	_, err = s.Open(t.Context(), "gone")
	if !errors.Is(err, storage.ErrNotFound) || s.reported() != 2 {
		t.Errorf("a missing object: %v, %v", err, s.damaged)
	}
	if _, err = s.Open(t.Context(), "nobody-knows"); !errors.Is(err, storage.ErrNotFound) || s.reported() != 2 {
		t.Errorf("an unknown object: %v, %v", err, s.damaged)
	}
	o, err := s.Open(t.Context(), "unknown")
	if err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(o); err != nil || !bytes.Equal(got, data) || s.Unverified() != 1 {
		t.Errorf("without a record: %d bytes, %v, %d counted", len(got), err, s.Unverified())
	}
	if err := o.Close(); err != nil {
		t.Error(err)
	}
}

// What is damaged or lost is read from the second store, and reported nevertheless.
func TestVerifiedSecond(t *testing.T) {
	s, dir := verified(t)
	second, secondDir := openDisk(t)
	s.Second = second
	data := storagetest.Bytes(3*storage.BlockSize+1000, 1)
	for _, key := range []string{"flipped", "gone", "short", "both"} {
		put(t, s, key, data)
		put(t, second, key, data)
	}
	flip(t, filepath.Join(dir, "flipped"), 8*storage.BlockSize+1)
	flip(t, filepath.Join(dir, "both"), 8*storage.BlockSize+1)
	flip(t, filepath.Join(secondDir, "both"), 8*storage.BlockSize+2)
	if err := errors.Join(os.Remove(filepath.Join(dir, "gone")), os.Truncate(filepath.Join(dir, "short"),
		1)); err != nil {
		t.Fatal(err)
	}
	for i, key := range []string{"flipped", "gone", "short"} {
		got, info, err := readAll(t.Context(), s, key)
		if err != nil || !bytes.Equal(got, data) || info.Size != int64(len(data)) {
			t.Errorf("%s: %d bytes, %+v, %v", key, len(got), info, err)
		}
		if s.reported() != i+1 || s.damaged[i] != key {
			t.Errorf("%s: the record was told of %v", key, s.damaged)
		}
	}
	if got, _, err := readAll(t.Context(), s, "both"); !errors.Is(err, storage.ErrDamaged) ||
		!bytes.Equal(got, data[:len(got)]) {
		t.Errorf("both: %d bytes, %v", len(got), err)
	}
	b, err := storage.ReadWhole(t.Context(), s, "gone", s.sums["gone"])
	if err != nil || !bytes.Equal(b, data) {
		t.Errorf("ReadWhole: %d bytes, %v", len(b), err)
	}
}

func readAll(ctx context.Context, s storage.Store, key string) ([]byte, storage.Info, error) {
	o, err := s.Open(ctx, key)
	if err != nil {
		return nil, storage.Info{}, err
	}
	defer func() { _ = o.Close() }()
	b, err := io.ReadAll(o)
	return b, o.Info(), err
}

// What was read before can be read while the record is unavailable; nothing else is returned unverified.
func TestVerifiedWithoutItsRecord(t *testing.T) {
	s, _ := verified(t)
	data := storagetest.Bytes(1000, 1)
	put(t, s, "seen", data)
	put(t, s, "unseen", data)
	if _, _, err := readAll(t.Context(), s, "seen"); err != nil {
		t.Fatal(err)
	}
	s.away = errors.New("the database is away")
	if got, _, err := readAll(t.Context(), s, "seen"); err != nil || !bytes.Equal(got, data) {
		t.Errorf("seen: %v", err)
	}
	if _, _, err := readAll(t.Context(), s, "unseen"); !errors.Is(err, s.away) {
		t.Errorf("unseen: %v", err)
	}
	if b, err := storage.ReadWhole(t.Context(), s, "unseen", s.sums["unseen"]); err != nil || !bytes.Equal(b, data) {
		t.Errorf("whole: %v", err)
	}
}

// If a record has been deleted, or has lost its checksums, since the last read, the object is returned as it is and
// counted, and not as an empty one.
func TestVerifiedWhoseRecordChanges(t *testing.T) {
	s, _ := verified(t)
	was, is := storagetest.Bytes(1000, 1), storagetest.Bytes(storage.BlockSize+2000, 2)
	for i, key := range []string{"gone", "uncovered"} {
		put(t, s, key, was)
		if _, _, err := readAll(t.Context(), s, key); err != nil { // cached now
			t.Fatal(err)
		}
		if err := s.Unwrap().Replace(t.Context(), key, bytes.NewReader(is), storage.PutOptions{Size: -1}); err != nil {
			t.Fatal(err)
		}
		if key == "gone" {
			delete(s.sums, key)
		} else {
			s.sums[key] = storage.Sums{Size: int64(len(is)), SHA256: storagetest.Sum(is)}
		}
		got, info, err := readAll(t.Context(), s, key)
		if err != nil || !bytes.Equal(got, is) || info.Size != int64(len(is)) || s.Unverified() != int64(i+1) {
			t.Errorf("%s: %d bytes, %+v, %v, %d counted", key, len(got), info, err, s.Unverified())
		}
	}
	if s.reported() != 0 {
		t.Errorf("told of %v", s.damaged)
	}
}

// An existing object is accepted only if it is the right one.
func TestSave(t *testing.T) {
	s, dir := openDisk(t)
	data, other := storagetest.Bytes(600_000, 1), storagetest.Bytes(600_000, 2)
	o := storage.PutOptions{Size: int64(len(data)), SHA256: storagetest.Sum(data)}
	save := func(accepted func(context.Context) (string, error)) storage.Sums {
		t.Helper()
		sums, err := storage.Save(t.Context(), s, "k", bytes.NewReader(data), o, accepted)
		if err != nil || !sums.Covered() {
			t.Fatalf("%+v, %v", sums, err)
		}
		return sums
	}
	want := save(nil)
	if again := save(nil); again.SHA256 != want.SHA256 || !bytes.Equal(again.Blocks, want.Blocks) {
		t.Error("the same bytes have other sums the second time")
	}
	flip(t, filepath.Join(dir, "k"), 100)
	save(nil)
	wantObjects(t, s, map[string][]byte{"k": data})
	if err := s.Replace(t.Context(), "k", bytes.NewReader(other), storage.PutOptions{Size: -1}); err != nil {
		t.Fatal(err)
	}
	known := func(context.Context) (string, error) { return storagetest.Sum(other), nil }
	if sums := save(known); sums.SHA256 != storagetest.Sum(other) {
		t.Errorf("what is as good was not accepted: %s", sums.SHA256)
	}
	wantObjects(t, s, map[string][]byte{"k": other})
	flip(t, filepath.Join(dir, "k"), 100)
	if sums := save(known); sums.SHA256 != o.SHA256 {
		t.Errorf("damage was accepted: %s", sums.SHA256)
	}
	wantObjects(t, s, map[string][]byte{"k": data})
}
