package e2e

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"vitrine/storage"
	"vitrine/storage/s3"
	"vitrine/storage/storagetest"
	shards "vitrine/test/soak"
)

// faulty stands before a real S3 server and does harm to the nth request from now, once.
type faulty struct {
	nth  atomic.Int32 // 0: none
	harm atomic.Value // string
}

func newFaulty(t *testing.T, server storagetest.S3Config) (*faulty, storagetest.S3Config) {
	t.Helper()
	f := &faulty{}
	f.harm.Store("")
	target := &url.URL{Scheme: "http", Host: server.Endpoint}
	behind := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(target)
		r.Out.Host = r.In.Host
	}}
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if f.nth.Add(-1) != 0 {
			behind.ServeHTTP(w, r)
			return
		}
		refuse := func(status int, code string) {
			_, _ = io.Copy(io.Discard, r.Body)
			w.Header().Set("Content-Type", "application/xml")
			w.WriteHeader(status)
			_, _ = fmt.Fprintf(w, "<Error><Code>%s</Code><Message>a fault</Message></Error>", code)
		}
		switch f.harm.Load() {
		case "answer lost": // carried out, and nobody hears of it
			behind.ServeHTTP(httptest.NewRecorder(), r)
			panic(http.ErrAbortHandler)
		case "refused before":
			panic(http.ErrAbortHandler)
		case "server error":
			refuse(http.StatusInternalServerError, "InternalError")
		case "slow down":
			refuse(http.StatusServiceUnavailable, "SlowDown")
		case "cut answer":
			rec := httptest.NewRecorder()
			behind.ServeHTTP(rec, r)
			for name, values := range rec.Header() {
				w.Header()[name] = values
			}
			w.Header().Set("Content-Length", fmt.Sprint(rec.Body.Len()))
			w.WriteHeader(rec.Code)
			_, _ = w.Write(rec.Body.Bytes()[:rec.Body.Len()/2])
			panic(http.ErrAbortHandler)
		case "hang up": // half of the request is taken
			_, _ = io.CopyN(io.Discard, r.Body, max(r.ContentLength/2, 1))
			panic(http.ErrAbortHandler)
		}
	}))
	t.Cleanup(front.Close)
	server.Endpoint = strings.TrimPrefix(front.URL, "http://")
	return f, server
}

// TestS3Faults does each harm to each operation: a success is one, an error leaves the object whole or absent, and
// the operation succeeds when it is made again. make soak SHARD=i/n runs a share of them.
func TestS3Faults(t *testing.T) {
	run := shards.Open(t, "s3faults", "minio/put/answer lost/0", "minio/put in parts/cut answer/1",
		"minio/open/cut answer/0", "minio/delete/server error/0")
	for name, server := range map[string]func(testing.TB) storagetest.S3Config{"minio": storagetest.MinIO,
		"versitygw": storagetest.VersityGW} {
		var f *bucket
		for _, operation := range shards.Operations {
			for _, fault := range shards.Faults {
				for round := range shards.Rounds {
					id := fmt.Sprintf("%s/%s/%s/%d", name, operation, fault, round)
					if !run.Wants(id) {
						continue
					}
					if f == nil {
						config := server(t)
						location := config.Location("part=5")
						f = &bucket{clean: openS3(t, config, location)}
						var front storagetest.S3Config
						f.faulty, front = newFaulty(t, config)
						location.RawQuery = strings.Replace(location.RawQuery, config.Endpoint, front.Endpoint, 1)
						f.harmed = openS3(t, config, location)
					}
					result := f.try(t.Context(), operation, fault, round)
					result.Case = id
					run.Ended(t, result)
				}
			}
		}
	}
}

func openS3(t *testing.T, c storagetest.S3Config, location url.URL) storage.Store {
	t.Helper()
	s, err := s3.Open(t.Context(), location, s3.Credentials{AccessKey: c.AccessKey, SecretKey: c.SecretKey})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() }) // releases connections only
	return s
}

// bucket is one bucket, seen through what does harm and without it.
type bucket struct {
	*faulty
	harmed, clean storage.Store
}

// try makes one operation while one request of it goes wrong.
func (f *bucket) try(ctx context.Context, operation, fault string, round int) (r shards.Result) {
	harmed, clean := f.harmed, f.clean
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	key := fmt.Sprintf("soak/%s-%s-%d-%d", strings.ReplaceAll(operation, " ", "-"), strings.ReplaceAll(fault, " ", "-"),
		round, time.Now().UnixNano())
	size := 1000 + round*777
	if operation == "put in parts" || operation == "put of unknown size" {
		size = storagetest.Large + round
	}
	data := storagetest.Bytes(size, uint64(round+1))
	put := func(s storage.Store) error {
		known := int64(size)
		if operation == "put of unknown size" {
			known = -1
		}
		return s.Put(ctx, key, bytes.NewReader(data), storage.PutOptions{Size: known})
	}
	read := func(s storage.Store) ([]byte, error) {
		o, err := s.Open(ctx, key)
		if err != nil {
			return nil, err
		}
		got, err := io.ReadAll(o)
		return got, errors.Join(err, o.Close())
	}
	wrong := func(format string, args ...any) shards.Result {
		r.Wrong = fmt.Sprintf(format, args...)
		return r
	}
	stored := operation == "open" || operation == "stat" || operation == "delete"
	if stored {
		if err := put(clean); err != nil {
			return wrong("put: %v", err)
		}
	}
	f.harm.Store(fault)
	f.nth.Store(int32(round%3 + 1))
	var err error
	switch operation {
	case "put", "put in parts", "put of unknown size":
		err = put(harmed)
	case "open":
		var got []byte
		if got, err = read(harmed); err == nil && !bytes.Equal(got, data) {
			return wrong("%d of %d bytes were read without an error", len(got), len(data))
		}
	case "stat":
		var info storage.Info
		if info, err = harmed.Stat(ctx, key); err == nil && info.Size != int64(size) {
			return wrong("a size of %d", info.Size)
		}
	case "delete":
		err = harmed.Delete(ctx, key)
	}
	f.nth.Store(0)
	got, found := read(clean)
	there := found == nil
	if there && !bytes.Equal(got, data) {
		return wrong("%d of %d bytes are stored", len(got), len(data))
	}
	if found != nil && !errors.Is(found, storage.ErrNotFound) {
		return wrong("reading it: %v", found)
	}
	switch {
	case operation == "delete" && err == nil && there:
		return wrong("it was deleted and is there")
	case operation != "delete" && err == nil && !there, (operation == "open" || operation == "stat") && !there:
		r.Lost++
		return r
	}
	// Made again, it succeeds; what was stored already is the same object.
	switch operation {
	case "put", "put in parts", "put of unknown size":
		if err := put(harmed); err != nil && !errors.Is(err, storage.ErrExists) {
			return wrong("again: %v", err)
		}
	case "delete":
		if err := harmed.Delete(ctx, key); err != nil && !errors.Is(err, storage.ErrNotFound) {
			return wrong("again: %v", err)
		}
		return r
	}
	if got, err := read(harmed); err != nil || !bytes.Equal(got, data) {
		return wrong("read again: %d bytes, %v", len(got), err)
	}
	return r
}
