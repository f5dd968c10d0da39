package s3_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"

	"vitrine/storage"
	"vitrine/storage/storagetest"
)

// proxy is a reverse proxy of a real server that tampers with answers. It keeps the Host header, so that signatures
// stay valid.
func proxy(t *testing.T, server storagetest.S3Config, modify func(*http.Response) error,
	errs func(http.ResponseWriter, *http.Request, error)) storagetest.S3Config {
	t.Helper()
	target := &url.URL{Scheme: "http", Host: server.Endpoint}
	front := httptest.NewServer(&httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(target)
			r.Out.Host = r.In.Host
		},
		ModifyResponse: modify,
		ErrorHandler:   errs,
	})
	t.Cleanup(front.Close)
	server.Endpoint = strings.TrimPrefix(front.URL, "http://")
	return server
}

// The client repeats a request that was executed and whose answer was lost. It then finds the object that it stored
// itself, which is a success.
func TestLostAnswer(t *testing.T) {
	server := storagetest.MinIO(t)
	for name, test := range map[string]struct {
		size int
		lose func(*http.Request) bool
	}{
		"single": {1000, func(r *http.Request) bool { return r.Method == http.MethodPut && r.URL.RawQuery == "" }},
		"complete": {storagetest.Large, func(r *http.Request) bool {
			return r.Method == http.MethodPost && r.URL.Query().Has("uploadId")
		}},
	} {
		t.Run(name, func(t *testing.T) {
			var armed atomic.Bool
			var lost atomic.Int32
			faulty := proxy(t, server, func(answer *http.Response) error {
				if test.lose(answer.Request) && strings.HasSuffix(answer.Request.URL.Path, "/key") &&
					armed.CompareAndSwap(true, false) {
					// Read all of it: the server sends the end of its answer only when it is finished.
					_, err := io.Copy(io.Discard, answer.Body)
					lost.Add(1)
					if err == nil {
						err = io.ErrClosedPipe
					}
					return err
				}
				return nil
			}, func(_ http.ResponseWriter, _ *http.Request, _ error) { panic(http.ErrAbortHandler) })
			s := open(t, faulty, faulty.Location("part=5"))
			armed.Store(true)
			data := storagetest.Bytes(test.size, 1)
			if err := s.Put(t.Context(), "key", bytes.NewReader(data),
				storage.PutOptions{Size: int64(test.size)}); err != nil {
				t.Fatalf("Put: %v, want success: the object is ours", err)
			}
			if lost.Load() != 1 {
				t.Fatalf("%d answers were lost, want 1", lost.Load())
			}
			wantObject(t, s, "key", data)
			if left := uploads(t, server, s, "key"); len(left) > 0 {
				t.Errorf("left behind: %v", left)
			}
		})
	}
}

// A download that is cut continues where it stopped; one that returns nothing more ends in an error.
func TestCutDownload(t *testing.T) {
	server := storagetest.MinIO(t)
	var cuts, limit atomic.Int32
	faulty := proxy(t, server, func(answer *http.Response) error {
		if answer.Request.Method == http.MethodGet && strings.HasSuffix(answer.Request.URL.Path, "/key") &&
			cuts.Add(-1) >= 0 {
			answer.Body = io.NopCloser(io.LimitReader(answer.Body, int64(limit.Load())))
		}
		return nil
	}, nil)
	s := open(t, faulty, faulty.Location())
	data := storagetest.Bytes(1<<20, 1)
	if err := s.Put(t.Context(), "key", bytes.NewReader(data), storage.PutOptions{Size: 1 << 20}); err != nil {
		t.Fatal(err)
	}
	cuts.Store(3)
	limit.Store(100_000)
	wantObject(t, s, "key", data)

	cuts.Store(1000)
	limit.Store(0)
	o, err := s.Open(t.Context(), "key")
	if err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(o)
	if err == nil {
		t.Errorf("read %d of %d bytes without an error", len(got), len(data))
	}
	if err := o.Close(); err != nil {
		t.Error(err)
	}
}

func wantObject(t *testing.T, s storage.Store, key string, want []byte) {
	t.Helper()
	o, err := s.Open(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = o.Close() }()
	got, err := io.ReadAll(o)
	if err != nil || !bytes.Equal(got, want) {
		t.Fatalf("%s: %d bytes, %v; want %d", key, len(got), err, len(want))
	}
}

// Several nodes complete a multipart upload of the same key at once: the server decides, because each node found the
// key free.
func TestRaceOfNodes(t *testing.T) {
	for name, server := range map[string]storagetest.S3Config{"minio": storagetest.MinIO(t),
		"versitygw": storagetest.VersityGW(t)} {
		t.Run(name, func(t *testing.T) {
			location := server.Location("part=5")
			var nodes []storage.Store
			for range 4 {
				nodes = append(nodes, open(t, server, location))
			}
			storagetest.Race(t, "large", 12, storagetest.Large, nodes...)
			if left := uploads(t, server, nodes[0], "large"); len(left) > 0 {
				t.Errorf("left behind: %v", left)
			}
		})
	}
}

// TestMemory sends parts of the default size, and measures what sending many of them allocates.
func TestMemory(t *testing.T) {
	server := storagetest.MinIO(t)
	s := open(t, server, server.Location())
	const size, part = 64<<20 + 1, 16 << 20
	for _, known := range []bool{true, false} {
		o, key := storage.PutOptions{Size: -1}, "unknown"
		if known {
			o.Size, key = size, "known"
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		if err := s.Put(context.Background(), key, io.LimitReader(endless{}, size), o); err != nil {
			t.Fatal(err)
		}
		runtime.ReadMemStats(&after)
		if got := after.TotalAlloc - before.TotalAlloc; got > 2*part {
			t.Errorf("sending %d MiB allocated %d MiB, want at most two parts (%d MiB)", size>>20, got>>20, 2*part>>20)
		}
		if info, err := s.Stat(context.Background(), key); err != nil || info.Size != size {
			t.Errorf("Stat: %+v, %v", info, err)
		}
	}
	data := storagetest.Bytes(part+1, 1)
	if err := s.Put(t.Context(), "real", bytes.NewReader(data), storage.PutOptions{Size: part + 1}); err != nil {
		t.Fatal(err)
	}
	wantObject(t, s, "real", data)
}

// endless reads zeros without allocating.
type endless struct{}

func (endless) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}
