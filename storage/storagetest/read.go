package storagetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/iotest"

	"vitrine/storage"
)

func missing(t *testing.T, s suite) {
	s.put(t, "a/b/c", []byte("x"))
	// Neither a folder nor a path below an object is an object.
	for _, key := range []string{"x", "x/y", "a", "a/b", "a/b/c/d", "a/b/c/d/e"} {
		_, err := s.store.Open(t.Context(), key)
		wantError(t, "Open "+key, err, storage.ErrNotFound)
		_, err = s.store.Stat(t.Context(), key)
		wantError(t, "Stat "+key, err, storage.ErrNotFound)
		if err := s.store.Delete(t.Context(), key); err != nil {
			t.Errorf("Delete %s: %v, want success", key, err)
		}
	}
	s.wantBytes(t, "a/b/c", []byte("x"))
}

func deleting(t *testing.T, s suite) {
	for range 2 {
		s.put(t, "a/b", []byte("x"))
		s.put(t, "a/c", []byte("y"))
		for range 2 {
			if err := s.store.Delete(t.Context(), "a/b"); err != nil {
				t.Fatal(err)
			}
			s.wantNothing(t, "a/b")
		}
		s.wantBytes(t, "a/c", []byte("y"))
		if err := s.store.Delete(t.Context(), "a/c"); err != nil {
			t.Fatal(err)
		}
	}
	if keys := s.keys(t, ""); len(keys) > 0 {
		t.Errorf("List shows %v after all was deleted", keys)
	}
}

// deleteWhileRead tests that a reader of an object that is deleted gets all of it or an error, never a part that looks
// whole.
func deleteWhileRead(t *testing.T, s suite) {
	data := Bytes(300_000, 1)
	var wait sync.WaitGroup
	done := make(chan struct{})
	for range 4 {
		wait.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				got, _, err := read(t.Context(), s.store, "k")
				if err == nil && !bytes.Equal(got, data) {
					t.Errorf("read %d bytes with hash %s without an error", len(got), Sum(got))
				}
			}
		})
	}
	for range 20 {
		s.put(t, "k", data)
		if err := s.store.Delete(t.Context(), "k"); err != nil {
			t.Error(err)
		}
	}
	close(done)
	wait.Wait()

	s.put(t, "open", data)
	o, err := s.store.Open(t.Context(), "open")
	if err != nil {
		t.Fatal(err)
	}
	if err := s.store.Delete(t.Context(), "open"); err != nil {
		t.Fatal(err)
	}
	s.put(t, "open", Bytes(300_000, 2)) // a new object must not show through the old handle
	if got, err := io.ReadAll(o); err == nil && !bytes.Equal(got, data) {
		t.Errorf("read another object's bytes through an open one")
	}
	if err := o.Close(); err != nil {
		t.Error(err)
	}
}

// folders tests that deleting the last object of a folder doesn't interfere with storing the next.
func folders(t *testing.T, s suite) {
	var wait sync.WaitGroup
	for i := range 8 {
		wait.Go(func() {
			key := fmt.Sprintf("deep/folder/%d", i)
			for range 10 {
				if err := s.store.Put(t.Context(), key, strings.NewReader("x"), unknown); err != nil {
					t.Error(err)
				}
				if err := s.store.Delete(t.Context(), key); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wait.Wait()
	if keys := s.keys(t, ""); len(keys) > 0 {
		t.Errorf("List shows %v", keys)
	}
}

func ranges(t *testing.T, s suite) {
	data := Bytes(200, 1) // TestReader tries nearly every range
	s.put(t, "k", data)
	s.put(t, "empty", nil)
	for key, want := range map[string][]byte{"k": data, "empty": nil} {
		o, err := s.store.Open(t.Context(), key)
		if err != nil {
			t.Fatal(err)
		}
		// Sequential reads, seeks from every side, ReadAt past the end.
		if err := iotest.TestReader(o, want); err != nil {
			t.Errorf("%s: %v", key, err)
		}
		if err := o.Close(); err != nil {
			t.Errorf("Close %s: %v", key, err)
		}
		if _, err := o.Read(make([]byte, 1)); err == nil || err == io.EOF {
			t.Errorf("Read after Close: %v", err)
		}
		if _, err := o.ReadAt(make([]byte, 1), 0); err == nil || err == io.EOF {
			t.Errorf("ReadAt after Close: %v", err)
		}
	}
	large := Bytes(Large, 2)
	s.put(t, "large", large)
	o, err := s.store.Open(t.Context(), "large")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = o.Close() }()
	// Concurrent ReadAt calls, across the borders of parts, don't affect Read.
	head := make([]byte, 10)
	if _, err := io.ReadFull(o, head); err != nil || !bytes.Equal(head, large[:10]) {
		t.Fatalf("Read: %v", err)
	}
	var wait sync.WaitGroup
	for _, offset := range []int{0, 5<<20 - 3, 10<<20 - 3, Large - 6, 1000, 7 << 20} {
		wait.Go(func() {
			got := make([]byte, 6)
			if n, err := o.ReadAt(got, int64(offset)); n != 6 || err != nil && err != io.EOF ||
				!bytes.Equal(got, large[offset:offset+6]) {
				t.Errorf("ReadAt %d: %d, %v, %x", offset, n, err, got)
			}
		})
	}
	wait.Wait()
	got := make([]byte, 10)
	if n, err := o.ReadAt(got, Large-4); n != 4 || err != io.EOF {
		t.Errorf("ReadAt over the end: %d, %v; want 4, EOF", n, err)
	}
	if _, err := io.ReadFull(o, head); err != nil || !bytes.Equal(head, large[10:20]) {
		t.Errorf("Read after ReadAt: %v", err)
	}
	if _, err := o.Seek(-5, io.SeekEnd); err != nil {
		t.Error(err)
	}
	if tail, err := io.ReadAll(o); err != nil || !bytes.Equal(tail, large[Large-5:]) {
		t.Errorf("the last five: %v, %x", err, tail)
	}
	if _, err := o.Seek(-1, io.SeekStart); err == nil {
		t.Error("Seek before the start succeeded")
	}
}

func list(t *testing.T, s suite) {
	// In the order of keys, which isn't that of folders: - . / 0 _ a
	keys := []string{
		"a-b", "a.b", "a/b", "a/b-c", "a/bb/c", "a/c", "a0", "a_b", "ab",
		"b/c/d/e", "b/c/d0", "c",
	}
	stored := slices.Clone(keys)
	slices.Reverse(stored)
	for i, key := range stored {
		s.put(t, key, Bytes(i, 1))
	}
	for _, prefix := range []string{"", "a", "a/", "a/b", "a/b-", "a/bb/", "b/c/d", "b/c/d/", "b", "c", "c/", "d",
		"a/b/c", "a-", "a."} {
		want := slices.DeleteFunc(slices.Clone(keys), func(k string) bool { return !strings.HasPrefix(k, prefix) })
		if got := s.keys(t, prefix); !slices.Equal(got, want) {
			t.Errorf("List %q:\n got %v\nwant %v", prefix, got, want)
		}
	}
	for info, err := range s.store.List(t.Context(), "a/b") {
		if err != nil || info.ModTime.IsZero() || info.Size != int64(slices.Index(stored, info.Key)) {
			t.Errorf("List gave %+v, %v", info, err)
		}
	}
}

func listMany(t *testing.T, s suite) {
	want := make([]string, s.Many)
	var wait sync.WaitGroup
	limit := make(chan struct{}, 16)
	for i := range want {
		want[i] = fmt.Sprintf("many/%02d/%04d", i%7, i)
		wait.Go(func() {
			limit <- struct{}{}
			defer func() { <-limit }()
			if err := s.store.Put(t.Context(), want[i], strings.NewReader("x"),
				storage.PutOptions{Size: 1}); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	slices.Sort(want)
	if got := s.keys(t, ""); !slices.Equal(got, want) {
		t.Errorf("List gave %d keys, want %d in order", len(got), len(want))
	}
}

func listCutShort(t *testing.T, s suite) {
	for i := range 20 {
		s.put(t, fmt.Sprintf("k/%02d", i), nil)
	}
	n := 0
	for _, err := range s.store.List(t.Context(), "") {
		if err != nil {
			t.Fatal(err)
		}
		if n++; n == 3 {
			break
		}
	}
	if n != 3 {
		t.Errorf("the loop ran %d times, want 3", n)
	}
	for _, at := range []int{0, 3} {
		ctx, cancel := context.WithCancel(t.Context())
		n, errs := 0, []error(nil)
		if at == 0 {
			cancel()
		}
		for _, err := range s.store.List(ctx, "") {
			if err != nil {
				errs = append(errs, err)
				continue
			}
			if n++; n == at {
				cancel()
			}
		}
		cancel()
		if n != at || len(errs) != 1 || !errors.Is(errs[0], context.Canceled) {
			t.Errorf("cancelled after %d: %d objects, errors %v; want one error, that it was cancelled", at, n, errs)
		}
	}
}

// wholeFile tests that an object that is a local file can be had as one, at its start, whatever was read of it before,
// and that it can still be read while others move the file's offset.
func wholeFile(t *testing.T, s suite) {
	for _, size := range []int{0, 1000, 3*storage.BlockSize + 17, 9 * storage.BlockSize} {
		data := Bytes(size, uint64(size))
		key := fmt.Sprint("files/", size)
		s.put(t, key, data)
		o, err := s.store.Open(t.Context(), key)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadFull(o, make([]byte, size/2)); err != nil {
			t.Fatal(err)
		}
		filer, is := o.(storage.Filer)
		if is {
			_, err := filer.Whole(t.Context())
			is = !errors.Is(err, errors.ErrUnsupported)
		}
		if is != s.Files {
			t.Fatalf("%d bytes: is a file: %v, want %v", size, is, s.Files)
		}
		for n := 0; is && n < 2; n++ {
			f, err := filer.Whole(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if got, err := io.ReadAll(f); err != nil || !bytes.Equal(got, data) {
				t.Fatalf("the file of %d bytes has %d others: %v", size, len(got), err)
			}
		}
		got, err := io.ReadAll(o) // continues at its own offset, or at the file's, whose end was reached
		if err != nil || len(got) > 0 && !bytes.Equal(got, data[size/2:]) {
			t.Errorf("read on: %d bytes, %v", len(got), err)
		}
		if _, err := o.Seek(0, io.SeekStart); err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(o); err != nil || !bytes.Equal(got, data) {
			t.Errorf("read again: %d bytes, %v", len(got), err)
		}
		if err := o.Close(); err != nil {
			t.Error(err)
		}
		if is {
			if f, err := filer.Whole(t.Context()); err == nil {
				t.Errorf("a closed object gives its file %v", f)
			}
		}
	}
}
