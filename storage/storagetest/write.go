package storagetest

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"sync"
	"testing"
	"testing/iotest"

	"vitrine/storage"
)

func roundTrip(t *testing.T, s suite) {
	for key, data := range map[string][]byte{
		"empty":               {},
		"one":                 {0},
		"deep/er/and-deeper/": nil,
		"names/a_b-c.d..e":    []byte("dots and dashes"),
		"mib":                 Bytes(1<<20, 1),
		"mib-and-one":         Bytes(1<<20+1, 2),
		"part":                Bytes(5<<20, 3),
		"large":               Bytes(Large, 4),
	} {
		if data == nil {
			key += "x"
		}
		s.put(t, key, data)
		s.wantBytes(t, key, data)
	}
	// Neither size nor hash is known, and the reader returns short or unusual reads.
	for key, r := range map[string]func(io.Reader) io.Reader{
		"unknown/half": iotest.HalfReader, "unknown/eof": iotest.DataErrReader,
	} {
		for name, n := range map[string]int{"small": 1000, "large": Large, "none": 0} {
			data := Bytes(n, 5)
			if err := s.store.Put(t.Context(), key+name, r(bytes.NewReader(data)), unknown); err != nil {
				t.Fatalf("Put %s: %v", key+name, err)
			}
			s.wantBytes(t, key+name, data)
		}
	}
	if strings.Contains(s.store.String(), "secret") || s.store.String() == "" {
		t.Errorf("String is %q", s.store.String())
	}
}

func neverOverwrites(t *testing.T, s suite) {
	for name, n := range map[string]int{"small": 100, "large": Large} {
		first, second := Bytes(n, 1), Bytes(n, 2)
		s.put(t, name, first)
		for _, o := range []storage.PutOptions{promise(second), unknown} {
			err := s.store.Put(t.Context(), name, bytes.NewReader(second), o)
			wantError(t, "second Put "+name, err, storage.ErrExists)
		}
		err := s.store.Put(t.Context(), name, bytes.NewReader(first), promise(first))
		wantError(t, "the same bytes again "+name, err, storage.ErrExists)
		s.wantBytes(t, name, first)
		if s.Leftovers != nil {
			if left := s.Leftovers(t, s.store, name); len(left) > 0 {
				t.Errorf("left behind: %s", strings.Join(left, ", "))
			}
		}
	}
}

func race(t *testing.T, s suite) {
	for _, key := range []string{"race", "new/folder/race"} {
		Race(t, key, 32, 200_000, s.store)
	}
}

func raceLarge(t *testing.T, s suite) { Race(t, "large", 32, Large, s.store) }

// Race lets n goroutines put different bytes under one key, alternating between stores, which must share their objects.
// It fails unless exactly one wins, the others get ErrExists and the winner's bytes are stored.
func Race(t *testing.T, key string, n, size int, stores ...storage.Store) {
	t.Helper()
	var wait sync.WaitGroup
	ready := make(chan struct{})
	errs := make([]error, n)
	for i := range n {
		wait.Go(func() {
			data := Bytes(size, uint64(i))
			<-ready
			errs[i] = stores[i%len(stores)].Put(t.Context(), key, bytes.NewReader(data),
				storage.PutOptions{Size: int64(size)})
		})
	}
	close(ready)
	wait.Wait()
	winner, winners := -1, 0
	for i, err := range errs {
		if err == nil {
			winner = i
			winners++
		} else if !errors.Is(err, storage.ErrExists) {
			t.Errorf("a loser got %v, want ErrExists", err)
		}
	}
	if winners != 1 {
		t.Fatalf("%d winners for %s, want 1", winners, key)
	}
	for _, store := range stores {
		suite{store: store}.wantBytes(t, key, Bytes(size, uint64(winner)))
	}
}

func unpromised(t *testing.T, s suite) {
	for name, n := range map[string]int{"small": 100, "large": Large} {
		data := Bytes(n, 1)
		sum, size := Sum(data), int64(n)
		for why, o := range map[string]storage.PutOptions{
			"wrong hash":       {Size: size, SHA256: Sum([]byte("other"))},
			"wrong hash alone": {Size: -1, SHA256: Sum([]byte("other"))},
			"no hash":          {Size: size, SHA256: "abc"},
			"upper-case hash":  {Size: size, SHA256: strings.ToUpper(sum)},
			"short by one":     {Size: size + 1, SHA256: sum},
			"long by one":      {Size: size - 1, SHA256: sum},
			"not empty":        {SHA256: sum},
			"size below -1":    {Size: -2},
		} {
			err := s.store.Put(t.Context(), name, bytes.NewReader(data), o)
			wantError(t, why, err, storage.ErrChecksum)
			s.wantNothing(t, name)
		}
		s.put(t, name, data)
		s.wantBytes(t, name, data)
	}
}

func failingReader(t *testing.T, s suite) {
	broken := errors.New("the line is dead")
	for name, n := range map[string]int{"nothing": 0, "small": 100, "large": Large} {
		// A failing source may call its failure an unexpected EOF.
		for _, cause := range []error{broken, io.ErrUnexpectedEOF} {
			for why, o := range map[string]storage.PutOptions{
				"known": {Size: int64(n) + 100}, "exact": {Size: int64(n)}, "unknown": unknown,
			} {
				r := io.MultiReader(bytes.NewReader(Bytes(n, 1)), iotest.ErrReader(cause))
				wantError(t, name+" "+why, s.store.Put(t.Context(), name, r, o), cause)
				s.wantNothing(t, name)
			}
		}
	}
}

// cutter cancels the context after some bytes and keeps returning bytes.
type cutter struct {
	io.Reader
	left   int
	cancel context.CancelFunc
}

func (c *cutter) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	if c.left -= n; c.left <= 0 {
		c.cancel()
	}
	return n, err
}

func cancelled(t *testing.T, s suite) {
	for name, n := range map[string]int{"small": 200_000, "large": Large} {
		for _, after := range []int{0, n / 2, n} {
			ctx, cancel := context.WithCancel(t.Context())
			if after == 0 {
				cancel()
			}
			r := &cutter{bytes.NewReader(Bytes(n, 1)), after, cancel}
			err := s.store.Put(ctx, name, r, storage.PutOptions{Size: int64(n)})
			wantError(t, "Put "+name, err, context.Canceled)
			s.wantNothing(t, name)
			cancel()
		}
	}
	s.put(t, "there", []byte("bytes"))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := s.store.Open(ctx, "there")
	wantError(t, "Open", err, context.Canceled)
	_, err = s.store.Stat(ctx, "there")
	wantError(t, "Stat", err, context.Canceled)
	wantError(t, "Delete", s.store.Delete(ctx, "there"), context.Canceled)
	wantError(t, "Check", s.store.Check(ctx), context.Canceled)
	s.wantBytes(t, "there", []byte("bytes"))
}

func badKeys(t *testing.T, s suite) {
	for _, key := range []string{
		"", "/", "/a", "a/", "a//b", ".", "..", "../a", "a/../b", "a/..", "a/./b", ".a", "a/.b", ".tmp/x",
		"A", "a b", "a\x00b", "a\\b", "a%2fb", "é", "a*", "a\n", "a:b",
		strings.Repeat("a", 256), strings.Repeat("a/", 256) + "b",
	} {
		wantError(t, "Put "+key, s.store.Put(t.Context(), key, strings.NewReader("x"), unknown), storage.ErrKey)
		_, err := s.store.Open(t.Context(), key)
		wantError(t, "Open "+key, err, storage.ErrKey)
		_, err = s.store.Stat(t.Context(), key)
		wantError(t, "Stat "+key, err, storage.ErrKey)
		wantError(t, "Delete "+key, s.store.Delete(t.Context(), key), storage.ErrKey)
	}
	for _, prefix := range []string{"/", "../", "a/../", "a//", ".tmp", "a/.", "A", "*"} {
		var last error
		for info, err := range s.store.List(t.Context(), prefix) {
			if last = err; err == nil {
				t.Errorf("List %q gave %+v", prefix, info)
			}
		}
		wantError(t, "List "+prefix, last, storage.ErrKey)
	}
	long := strings.Repeat("a", 250) + "/" + strings.Repeat("b", 255)
	s.put(t, long, []byte("the longest segments are fine"))
	s.wantBytes(t, long, []byte("the longest segments are fine"))
}

func check(t *testing.T, s suite) {
	for range 2 {
		if err := s.store.Check(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if keys := s.keys(t, ""); len(keys) > 0 {
		t.Errorf("Check left %v", keys)
	}
}
