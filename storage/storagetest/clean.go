package storagetest

import (
	"context"
	"testing"
	"time"

	"vitrine/storage"
)

// cleaning tests that what unfinished writes left is removed once it is old enough, and that objects stay.
func cleaning(t *testing.T, s suite) {
	s.put(t, "left/a/object", []byte("x"))
	s.put(t, "other/object", []byte("y"))
	abandoned := 0
	if s.Abandon != nil {
		abandoned = 1
		s.Abandon(t, s.store, "left/b/unfinished")
	}
	clean := func(prefix string, before time.Time) int {
		t.Helper()
		n, err := s.store.Clean(t.Context(), prefix, before)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	if n := clean("left/", time.Now().Add(-time.Hour)); n != 0 {
		t.Errorf("%d removed of what is not old enough", n)
	}
	if n := clean("left/", time.Now().Add(time.Hour)); n < abandoned {
		t.Errorf("%d removed, want %d and more", n, abandoned)
	}
	if s.Leftovers != nil {
		if left := s.Leftovers(t, s.store, "left/b/unfinished"); len(left) > 0 {
			t.Errorf("still there: %v", left)
		}
	}
	s.wantBytes(t, "left/a/object", []byte("x"))
	s.wantBytes(t, "other/object", []byte("y"))
	s.put(t, "left/b/unfinished", []byte("z"))
	s.wantBytes(t, "left/b/unfinished", []byte("z"))
	_, err := s.store.Clean(t.Context(), "../", time.Now())
	wantError(t, "Clean of a bad prefix", err, storage.ErrKey)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = s.store.Clean(ctx, "left/", time.Now())
	wantError(t, "Clean when cancelled", err, context.Canceled)
}
