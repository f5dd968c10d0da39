package searchtest

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"vitrine/dam"
	"vitrine/search"
)

// firstEpoch: an index of a build before epochs is taken over as it is when the first
// epoch begins; no asset is read again.
func firstEpoch(t *testing.T, e search.TextEngine) {
	w := newWorld(t, e, 41)
	w.cat.Began("")
	w.change(200)
	w.open()
	w.caughtUp()
	w.close()
	w.cat.Scanned()
	w.cat.Began(dam.NewID(dam.EpochPrefix))
	for range 2 { // and what is saved then is of that epoch
		w.open()
		w.caughtUp()
		w.compare(20)
		w.close()
		if n := w.cat.Scanned(); n != 0 {
			t.Errorf("%d assets were read again for an index that was whole", n)
		}
	}
}

// aged is an engine whose indexes are outdated in one folder.
type aged struct {
	search.TextEngine
	dir string
}

func (a *aged) Open(dir string) (search.Text, error) {
	t, err := a.TextEngine.Open(dir)
	if err != nil || dir != a.dir {
		return t, err
	}
	return outdatedText{t}, nil
}

type outdatedText struct{ search.Text }

func (outdatedText) Outdated() bool { return true }

// outdated: an index of an earlier analysis answers and follows, until another has been built beside it.
func outdated(t *testing.T, e search.TextEngine) {
	a := &aged{TextEngine: e}
	w := newWorld(t, a, 43)
	w.change(200)
	w.open()
	w.caughtUp()
	w.close()
	current := func() string {
		name, err := os.ReadFile(filepath.Join(w.dir, "CURRENT"))
		if err != nil {
			t.Fatal(err)
		}
		return filepath.Join(w.dir, strings.TrimSpace(string(name)))
	}
	a.dir = current()
	w.open()
	w.compare(20)
	w.change(50)
	w.until("another index is in use", func() bool { return current() != a.dir })
	w.caughtUp()
	w.compare(20)
	w.until("the outdated index is gone", func() bool {
		_, err := os.Stat(a.dir)
		return os.IsNotExist(err)
	})
	w.close()
	if set, _ := filepath.Glob(filepath.Join(w.dir, "damaged-*")); len(set) > 0 {
		t.Errorf("an index that can be read was set aside: %v", set)
	}
}

// outdatedWithoutRoom: an outdated index goes on answering and following where another can't be made.
func outdatedWithoutRoom(t *testing.T, e search.TextEngine) {
	a := &aged{TextEngine: e}
	w := newWorld(t, a, 44)
	w.change(100)
	w.open()
	w.caughtUp()
	w.close()
	name, err := os.ReadFile(filepath.Join(w.dir, "CURRENT"))
	if err != nil {
		t.Fatal(err)
	}
	a.dir = filepath.Join(w.dir, strings.TrimSpace(string(name)))
	w.e = &noRoom{a}
	w.open()
	for range 3 {
		w.change(20)
		w.compare(10)
	}
	if n := w.x.Notice(); n != "" {
		t.Errorf("people are told %q", n)
	}
	w.close()
}

// noRoom is an engine that opens what is there and creates nothing.
type noRoom struct{ search.TextEngine }

func (n *noRoom) Open(dir string) (search.Text, error) {
	if _, err := os.Stat(dir); err != nil {
		return nil, &os.PathError{Op: "mkdir", Path: dir, Err: syscall.ENOSPC}
	}
	return n.TextEngine.Open(dir)
}

// slow is an engine that applies one batch for each word it gets.
type slow struct {
	search.TextEngine
	next chan struct{}
}

func (s *slow) Open(dir string) (search.Text, error) {
	t, err := s.TextEngine.Open(dir)
	if err != nil {
		return nil, err
	}
	return &slowText{t, s.next}, nil
}

type slowText struct {
	search.Text
	next chan struct{}
}

func (t *slowText) Apply(ctx context.Context, b search.TextBatch) error {
	select {
	case <-t.next:
		return t.Text.Apply(ctx, b)
	case <-ctx.Done():
		return ctx.Err()
	}
}

// building: an index that is being built says how far it is, answers all but words from the start, and
// goes on after a stop where it was.
func building(t *testing.T, e search.TextEngine) {
	s := &slow{e, make(chan struct{})}
	w := newWorld(t, s, 42)
	w.batch = 50
	const batches = 8
	for range batches*w.batch - 1 {
		w.next++
		w.cat.Put(Asset(w.r, w.next))
	}
	w.open()
	w.until("the columns are read", w.x.Ready)
	everything := func() {
		t.Helper()
		found := 0
		for _, library := range libraries {
			res, err := w.x.Query(w.ctx(), search.Request{Library: library, Limit: 1})
			if err != nil {
				t.Fatal(err)
			}
			if found += res.Total; !res.Rebuilding {
				t.Error("an answer doesn't say that the index is being built")
			}
		}
		want := 0
		for _, a := range w.cat.All() {
			if a.DeletedAt == nil {
				want++
			}
		}
		if found != want {
			t.Errorf("%d assets are found while the index is being built, want %d", found, want)
		}
	}
	everything()
	last, ok := w.x.Building()
	if !ok || last >= 50 {
		t.Errorf("built to %d %% (%v) before any words are in", last, ok)
	}
	for range batches / 2 {
		s.next <- struct{}{}
		was := last
		w.until("progress is told", func() bool { last, _ = w.x.Building(); return last > was })
	}
	if last < 50 || last > 70 {
		t.Errorf("%d %% when half the words are in", last)
	}
	early, cancel := context.WithCancel(w.ctx())
	cancel()
	if _, err := w.x.Query(early, search.Request{Library: dam.DefaultLibrary, WaitSeq: 1}); err == nil {
		t.Error("words of an asset that may not be in yet are not waited for")
	}
	w.close()
	w.cat.Scanned()

	w.open()
	w.until("the columns are there again", w.x.Ready)
	if now, ok := w.x.Building(); !ok || now != last {
		t.Errorf("it goes on at %d %% (%v), was at %d", now, ok, last)
	}
	everything()
	for range batches / 2 {
		s.next <- struct{}{}
	}
	w.until("the index is whole", func() bool { _, ok := w.x.Building(); return !ok })
	if n := w.cat.Scanned(); n != batches/2*w.batch-1 {
		t.Errorf("%d assets were read for the second half, want %d", n, batches/2*w.batch-1)
	}
	close(s.next)
	w.caughtUp()
	w.compare(20)
}
