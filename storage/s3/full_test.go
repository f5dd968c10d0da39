package s3_test

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"syscall"
	"testing"
	"time"

	"vitrine/dam"
	"vitrine/dam/space/spacetest"
	"vitrine/storage"
	"vitrine/storage/s3"
	"vitrine/storage/storagetest"
)

// A server whose disk is full returns the error of a full disk for every request that it refuses, still serves readers,
// and accepts objects again when there is space.
func TestFull(t *testing.T) {
	if !spacetest.Namespace(t) {
		return
	}
	for name, serve := range map[string]func(testing.TB) storagetest.S3Config{"MinIO": storagetest.MinIO,
		"versitygw": storagetest.VersityGW} {
		volume := spacetest.Mount(t, 64<<20)
		t.Setenv("TMPDIR", volume)
		t.Run(name, func(t *testing.T) {
			server := serve(t)
			s := open(t, server, server.Location("part=5"))
			small, large := storagetest.Bytes(2<<20, 1), storagetest.Bytes(12<<20, 2)
			put := func(key string, data []byte) error {
				return s.Put(t.Context(), key, bytes.NewReader(data), storage.PutOptions{Size: int64(len(data)),
					SHA256: storagetest.Sum(data)})
			}
			if err := put("before", small); err != nil {
				t.Fatal(err)
			}
			spacetest.Fill(t, volume)
			for key, data := range map[string][]byte{"small": small, "large": large} {
				if err := put(key, data); !errors.Is(err, syscall.ENOSPC) ||
					dam.CodeOf(dam.SystemError(err)) != dam.NoSpace {
					t.Errorf("Put of the %s object: %v", key, err)
				}
			}
			if got, err := storage.SumObject(t.Context(), s, "before"); err != nil ||
				got.SHA256 != storagetest.Sum(small) {
				t.Errorf("reading while full: %v", err)
			}
			spacetest.Free(t, volume)
			var err error
			// MinIO checks its disk once a second
			for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
				if err = put("small", small); err == nil {
					return
				}
			}
			t.Errorf("with room again: %v", err)
		})
	}
}

// The answers of servers without space.
func TestFullAnswers(t *testing.T) {
	for _, x := range []struct {
		status int
		code   string
		full   bool
	}{
		{507, "XMinioStorageFull", true},              // MinIO, cmd/api-errors.go
		{400, "XMinioAdminBucketQuotaExceeded", true}, // MinIO, a bucket's hard quota
		{403, "QuotaExceeded", true},                  // Ceph RGW, src/rgw/rgw_common.cc; versitygw, s3err/s3err.go
		{507, "", true},                               // RFC 4918, 11.5
		{403, "AccessDenied", false},
		{400, "EntityTooLarge", false},
	} {
		t.Run(fmt.Sprint(x.status, x.code), func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.Method != http.MethodPut {
					return // the bucket exists
				}
				w.Header().Set("Content-Type", "application/xml")
				w.WriteHeader(x.status)
				if x.code != "" {
					_, _ = fmt.Fprintf(w, "<Error><Code>%s</Code><Message>no</Message></Error>", x.code)
				}
			}))
			defer server.Close()
			s, err := s3.Open(t.Context(), url.URL{Scheme: "s3", Host: "media",
				RawQuery: "region=x&tls=false&endpoint=" + strings.TrimPrefix(server.URL, "http://")},
				s3.Credentials{AccessKey: "a", SecretKey: "b"})
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = s.Close() }()
			for name, err := range map[string]error{"put": s.Put(t.Context(), "k", strings.NewReader("x"),
				storage.PutOptions{Size: 1}), "check": s.Check(t.Context())} {
				if err == nil || errors.Is(err, syscall.ENOSPC) != x.full {
					t.Errorf("%s: %v", name, err)
				}
			}
		})
	}
}
