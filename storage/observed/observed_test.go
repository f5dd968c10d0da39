package observed_test

import (
	"context"
	"errors"
	"io"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	"vitrine/storage"
	"vitrine/storage/disk"
	"vitrine/storage/observed"
	"vitrine/storage/storagetest"
)

type tally struct {
	mu           sync.Mutex
	told, failed map[string]int
}

func (y *tally) hear(_ context.Context, operation string, _ time.Duration, err error) {
	y.mu.Lock()
	defer y.mu.Unlock()
	y.told[operation]++
	if observed.Failed(err) {
		y.failed[operation]++
	}
}

func open(t *testing.T) (*observed.Store, *tally) {
	t.Helper()
	s, err := disk.Open(filepath.Join(t.TempDir(), "store"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	y := &tally{told: map[string]int{}, failed: map[string]int{}}
	return observed.New(s, y.hear), y
}

// An observed store conforms to storage.Store.
func TestStore(t *testing.T) {
	storagetest.Run(t, func(t *testing.T) storage.Store { s, _ := open(t); return s }, storagetest.Options{Files: true})
}

// Answers and cancellations by the caller are not counted as failures of the store; failures are.
func TestWhatFails(t *testing.T) {
	s, y := open(t)
	ctx := t.Context()
	ended, end := context.WithCancel(ctx)
	end()
	put := func(ctx context.Context, r io.Reader) error { return s.Put(ctx, "a/b", r, storage.PutOptions{Size: 5}) }
	broken := errors.New("the sender went away")
	if err := put(ctx, io.MultiReader(strings.NewReader("he"), iotest.ErrReader(broken))); !errors.Is(err, broken) {
		t.Errorf("put: %v", err)
	}
	if err := put(ctx, strings.NewReader("hello")); err != nil {
		t.Error(err)
	}
	if err := put(ctx, strings.NewReader("hello")); !errors.Is(err, storage.ErrExists) {
		t.Errorf("again: %v", err)
	}
	if _, err := s.Stat(ctx, "nothing"); !errors.Is(err, storage.ErrNotFound) {
		t.Errorf("stat: %v", err)
	}
	if _, err := s.Open(ended, "a/b"); err == nil {
		t.Error("opened for somebody who has gone")
	}
	if o, err := s.Open(ctx, "a/b"); err != nil {
		t.Error(err)
	} else if err := o.Close(); err != nil {
		t.Error(err)
	}
	if len(y.failed) != 0 || y.told["put"] != 3 || y.told["stat"] != 1 || y.told["open"] != 2 {
		t.Errorf("told %v, failed %v", y.told, y.failed)
	}
	if err := s.Put(ctx, "a/c", strings.NewReader("four"), storage.PutOptions{Size: 5}); err == nil {
		t.Error("stored other bytes than promised")
	}
	if y.failed["put"] != 1 {
		t.Errorf("failed %v, want the put of other bytes", y.failed)
	}
}
