// Package storagetest has the conformance suite of storage.Store, and starts real S3 servers for tests.
//
// A driver's own test is about twenty lines:
//
//	func TestStore(t *testing.T) {
//		storagetest.Run(t, func(t *testing.T) storage.Store { … an empty store … })
//	}
package storagetest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"vitrine/storage"
)

// Large is the size in bytes of the suite's large objects: more than two of the smallest parts that S3 allows. An S3
// store opened with part=5 sends them in parts.
const Large = 11<<20 + 7

// Options adapt the suite to a driver.
type Options struct {
	// Leftovers returns what a failed Put of key left in the store invisibly: temporary files, unfinished uploads. If
	// it is nil, this isn't checked.
	Leftovers func(t *testing.T, s storage.Store, key string) []string
	// Abandon leaves what a Put of key leaves if its process dies; nil if the server removes that by itself.
	Abandon func(t *testing.T, s storage.Store, key string)
	// Files means that every object is a storage.Filer and a local file.
	Files bool
	// Many is how many objects the list test stores; 0 means 50. Set it to more than a page if lists come in pages.
	Many int
}

// Run runs the suite. open returns an empty store for each test.
func Run(t *testing.T, open func(t *testing.T) storage.Store, options ...Options) {
	t.Helper()
	var o Options
	if len(options) > 0 {
		o = options[0]
	}
	if o.Many == 0 {
		o.Many = 50
	}
	tests := []struct {
		name string
		run  func(*testing.T, suite)
	}{
		{"round trip", roundTrip},
		{"put never overwrites", neverOverwrites},
		{"race for a key", race},
		{"race for a large key", raceLarge},
		{"replace", replacing},
		{"replace in a race", replaceRace},
		{"replace while read", replaceWhileRead},
		{"bytes other than promised", unpromised},
		{"reader fails", failingReader},
		{"cancelled", cancelled},
		{"bad keys", badKeys},
		{"missing", missing},
		{"delete", deleting},
		{"delete while read", deleteWhileRead},
		{"folders come and go", folders},
		{"seek and read at", ranges},
		{"the file itself", wholeFile},
		{"list", list},
		{"list many", listMany},
		{"list cut short", listCutShort},
		{"check", check},
		{"clean", cleaning},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			test.run(t, suite{Options: o, store: open(t)})
		})
	}
}

type suite struct {
	Options
	store storage.Store
}

// Bytes returns n incompressible bytes that depend on seed.
func Bytes(n int, seed uint64) []byte {
	data := make([]byte, n)
	var key [32]byte
	key[0], key[1] = byte(seed), byte(seed>>8)
	_, _ = rand.NewChaCha8(key).Read(data) // never fails
	return data
}

// Sum returns the lower-case hex SHA-256 of data.
func Sum(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

func promise(data []byte) storage.PutOptions {
	return storage.PutOptions{Size: int64(len(data)), SHA256: Sum(data), ContentType: "application/octet-stream"}
}

var unknown = storage.PutOptions{Size: -1}

func (s suite) put(t *testing.T, key string, data []byte) {
	t.Helper()
	if err := s.store.Put(t.Context(), key, bytes.NewReader(data), promise(data)); err != nil {
		t.Fatalf("Put %s: %v", key, err)
	}
}

func (s suite) wantBytes(t *testing.T, key string, want []byte) {
	t.Helper()
	got, info, err := read(t.Context(), s.store, key)
	if err != nil {
		t.Fatalf("read %s: %v", key, err)
	}
	if !bytes.Equal(got, want) {
		t.Fatalf("%s has other bytes: %d with hash %s, want %d with %s", key, len(got), Sum(got), len(want), Sum(want))
	}
	if info.Key != key || info.Size != int64(len(want)) || info.SHA256 != "" && info.SHA256 != Sum(want) ||
		info.ModTime.IsZero() {
		t.Errorf("Info of %s is %+v, want size %d and hash %s or none", key, info, len(want), Sum(want))
	}
	stat, err := s.store.Stat(t.Context(), key)
	if err != nil || stat.Size != info.Size || stat.Key != key || stat.SHA256 != info.SHA256 {
		t.Errorf("Stat %s: %+v, %v; Open said %+v", key, stat, err, info)
	}
}

func read(ctx context.Context, s storage.Store, key string) ([]byte, storage.Info, error) {
	o, err := s.Open(ctx, key)
	if err != nil {
		return nil, storage.Info{}, err
	}
	data, err := io.ReadAll(o)
	return data, o.Info(), errors.Join(err, o.Close())
}

// wantNothing checks that nothing of a failed Put is left.
func (s suite) wantNothing(t *testing.T, key string) {
	t.Helper()
	ctx := context.WithoutCancel(t.Context())
	if _, err := s.store.Stat(ctx, key); !errors.Is(err, storage.ErrNotFound) {
		t.Errorf("Stat %s: %v, want ErrNotFound", key, err)
	}
	if o, err := s.store.Open(ctx, key); !errors.Is(err, storage.ErrNotFound) {
		t.Errorf("Open %s: %v, want ErrNotFound", key, err)
		if err == nil {
			_ = o.Close()
		}
	}
	if keys := s.keys(t, ""); slices.Contains(keys, key) {
		t.Errorf("List shows %s", key)
	}
	if s.Leftovers != nil {
		if left := s.Leftovers(t, s.store, key); len(left) > 0 {
			t.Errorf("left behind: %s", strings.Join(left, ", "))
		}
	}
}

func (s suite) keys(t *testing.T, prefix string) []string {
	t.Helper()
	var keys []string
	for info, err := range s.store.List(t.Context(), prefix) {
		if err != nil {
			t.Fatalf("List %q: %v", prefix, err)
		}
		keys = append(keys, info.Key)
	}
	return keys
}

func wantError(t *testing.T, what string, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("%s: got %v, want an error that is %q", what, err, want)
	}
}
