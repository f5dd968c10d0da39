package storagetest

import (
	"bytes"
	"context"
	"errors"
	"io"
	"sync"
	"testing"
	"testing/iotest"

	"vitrine/storage"
)

// replacing tests that after a Replace either the new object is there or the old one still is.
func replacing(t *testing.T, s suite) {
	for name, n := range map[string]int{"small": 100, "large": Large, "folder/new": 1000} {
		first, second := Bytes(n, 1), Bytes(n+1, 2)
		if name != "folder/new" { // there is nothing to replace
			s.put(t, name, first)
		}
		var sums storage.Sums
		o := promise(second)
		o.Sums = &sums
		if err := s.store.Replace(t.Context(), name, bytes.NewReader(second), o); err != nil {
			t.Fatalf("Replace %s: %v", name, err)
		}
		s.wantBytes(t, name, second)
		if sums.SHA256 != Sum(second) || sums.Size != int64(len(second)) || !sums.Covered() {
			t.Errorf("%s: the sums are of %d bytes with hash %s", name, sums.Size, sums.SHA256)
		}
		err := s.store.Replace(t.Context(), name, bytes.NewReader(first), promise(second))
		wantError(t, "Replace with other bytes than promised", err, storage.ErrChecksum)
		broken := errors.New("the line is dead")
		err = s.store.Replace(t.Context(), name, io.MultiReader(bytes.NewReader(first), iotest.ErrReader(broken)),
			unknown)
		wantError(t, "Replace by a failing reader", err, broken)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		wantError(t, "Replace when cancelled", s.store.Replace(ctx, name, bytes.NewReader(first), promise(first)),
			context.Canceled)
		s.wantBytes(t, name, second)
		if s.Leftovers != nil {
			if left := s.Leftovers(t, s.store, name); len(left) > 0 {
				t.Errorf("left behind: %v", left)
			}
		}
		wantError(t, "Put after Replace", s.store.Put(t.Context(), name, bytes.NewReader(first), promise(first)),
			storage.ErrExists)
	}
	wantError(t, "Replace a bad key", s.store.Replace(t.Context(), "../a", bytes.NewReader(nil), unknown),
		storage.ErrKey)
}

// replaceRace tests that, whichever Replace is last, the object is one of those given, whole.
func replaceRace(t *testing.T, s suite) {
	const n = 8
	s.put(t, "k", Bytes(200_000, 99))
	var wait sync.WaitGroup
	for i := range n {
		wait.Go(func() {
			data := Bytes(200_000, uint64(i))
			if err := s.store.Replace(t.Context(), "k", bytes.NewReader(data), promise(data)); err != nil {
				t.Errorf("Replace: %v", err)
			}
		})
	}
	wait.Wait()
	got, _, err := read(t.Context(), s.store, "k")
	if err != nil {
		t.Fatal(err)
	}
	for i := range n {
		if bytes.Equal(got, Bytes(200_000, uint64(i))) {
			return
		}
	}
	t.Errorf("the object is none of those that replaced it: %d bytes with hash %s", len(got), Sum(got))
}

// replaceWhileRead tests that a reader gets the old object or the new one, or an error; never none and never a mixture.
func replaceWhileRead(t *testing.T, s suite) {
	versions := [][]byte{Bytes(300_000, 1), Bytes(300_000, 2)}
	s.put(t, "k", versions[0])
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
				if errors.Is(err, storage.ErrNotFound) {
					t.Error("there was no object for a moment")
				}
				if err == nil && !bytes.Equal(got, versions[0]) && !bytes.Equal(got, versions[1]) {
					t.Errorf("read %d bytes with hash %s without an error", len(got), Sum(got))
				}
			}
		})
	}
	for i := range 20 {
		data := versions[i%2]
		if err := s.store.Replace(t.Context(), "k", bytes.NewReader(data), promise(data)); err != nil {
			t.Error(err)
		}
	}
	close(done)
	wait.Wait()
}
