package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"time"

	"vitrine/storage"
	"vitrine/storage/disk"
	"vitrine/web/content"
)

const (
	originalSize   = 64 << 20 // bytes, a raw photograph or a short video
	originalRounds = 15
	renditionSize  = 60 << 10 // bytes, a picture on a product page
	renditionReads = 4000
)

// sumsInMemory is a record that costs nothing, so that the reading alone is compared.
type sumsInMemory map[string]storage.Sums

func (m sumsInMemory) Expect(_ context.Context, key string) (storage.Sums, bool, error) {
	s, ok := m[key]
	return s, ok, nil
}

func (m sumsInMemory) Damaged(_ context.Context, key string, cause error) {
	panic(fmt.Sprint(key, ": ", cause))
}

// storageVerified compares what is read through the store that verifies with the same bytes read as they are: originals
// downloaded over HTTP from this machine, and renditions read on their way into delivery's memory, where the hot ones
// are served from without being looked at again.
func storageVerified(ctx context.Context, b *bench) (rows []row, err error) {
	store, err := disk.Open(filepath.Join(b.dir, "objects"))
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	record := sumsInMemory{}
	put := func(size int) (string, error) {
		data := make([]byte, size)
		_, _ = rand.Read(data) // never fails
		sum := storage.NewSummer()
		_, _ = sum.Write(data)
		key := storage.OriginalKey(sum.SHA256())
		record[key] = sum.Sums()
		return key, store.Put(ctx, key, bytes.NewReader(data), storage.PutOptions{Size: int64(size)})
	}
	verified := storage.NewVerified(store, nil, record)
	originals, err := downloads(ctx, store, verified, put)
	if err != nil {
		return nil, err
	}
	renditions, err := wholeReads(ctx, store, verified, record, put)
	return []row{
		{Name: "storage.verified_originals", Value: originals, Unit: "× unverified", Target: 0.85, Op: ">="},
		{Name: "storage.verified_renditions", Value: renditions, Unit: "× unverified", Target: 0.95, Op: ">="},
	}, err
}

// downloads is the throughput of verified downloads as a part of that of plain ones.
func downloads(ctx context.Context, plain storage.Store, verified *storage.Verified,
	put func(int) (string, error)) (ratio float64, err error) {
	key, err := put(originalSize)
	if err != nil {
		return 0, err
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// As behind the API's router, whose writer is not asked to send files by itself.
		w = struct{ http.ResponseWriter }{w}
		w.Header().Set("Content-Type", "application/octet-stream")
		s := plain
		if r.URL.Path == "/verified" {
			s = verified
		}
		o, err := s.Open(r.Context(), key)
		if err != nil {
			panic(err)
		}
		defer func() { _ = o.Close() }()
		if s == plain {
			http.ServeContent(w, r, "", time.Time{}, o)
		} else if err := content.Serve(w, r, time.Time{}, o); err != nil {
			panic(err)
		}
	}))
	defer server.Close()
	fetch := func(path string) (time.Duration, error) {
		began := time.Now()
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, server.URL+path, nil)
		if err != nil {
			return 0, err
		}
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			return 0, err
		}
		n, err := io.Copy(io.Discard, answer.Body)
		if err == nil && n != originalSize {
			err = fmt.Errorf("%d bytes came", n)
		}
		return time.Since(began), errors.Join(err, answer.Body.Close())
	}
	var took [2][]time.Duration
	for range originalRounds { // alternating, so that both see the same machine
		for i, path := range []string{"/plain", "/verified"} {
			d, err := fetch(path)
			if err != nil {
				return 0, err
			}
			took[i] = append(took[i], d)
		}
	}
	return median(took[0]).Seconds() / median(took[1]).Seconds(), nil
}

// wholeReads compares reading a rendition into memory with reading and hashing the file.
func wholeReads(ctx context.Context, plain storage.Store, verified *storage.Verified, record sumsInMemory,
	put func(int) (string, error)) (ratio float64, err error) {
	key, err := put(renditionSize)
	if err != nil {
		return 0, err
	}
	hashed := func() error {
		o, err := plain.Open(ctx, key)
		if err != nil {
			return err
		}
		b := make([]byte, renditionSize)
		_, err = io.ReadFull(o, b)
		_ = sha256.Sum256(b)
		return errors.Join(err, o.Close())
	}
	whole := func() error {
		_, err := storage.ReadWhole(ctx, verified, key, record[key])
		return err
	}
	var took [2][]time.Duration
	for range renditionReads {
		for i, read := range []func() error{hashed, whole} {
			began := time.Now()
			if err := read(); err != nil {
				return 0, err
			}
			took[i] = append(took[i], time.Since(began))
		}
	}
	return median(took[0]).Seconds() / median(took[1]).Seconds(), nil
}
