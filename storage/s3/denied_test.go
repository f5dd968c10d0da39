package s3_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"vitrine/storage"
	"vitrine/storage/s3"
)

// MinIO denies access to a folder for the moment in which a concurrent Delete removes it; a denial that stays is
// reported soon.
func TestDenied(t *testing.T) {
	for _, x := range []struct {
		denials int32
		stored  bool
	}{{2, true}, {1000, false}} {
		t.Run(fmt.Sprint(x.denials), func(t *testing.T) {
			var puts atomic.Int32
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.Method != http.MethodPut {
					return // the bucket exists
				}
				if puts.Add(1) > x.denials {
					w.Header().Set("ETag", `"e"`)
					return
				}
				w.Header().Set("Content-Type", "application/xml")
				w.WriteHeader(http.StatusForbidden)
				_, _ = fmt.Fprint(w, "<Error><Code>AccessDenied</Code><Message>Access Denied.</Message></Error>")
			}))
			defer server.Close()
			s, err := s3.Open(t.Context(), url.URL{Scheme: "s3", Host: "media",
				RawQuery: "region=x&tls=false&endpoint=" + strings.TrimPrefix(server.URL, "http://")},
				s3.Credentials{AccessKey: "a", SecretKey: "b"})
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = s.Close() }()
			before := puts.Load()
			err = s.Put(t.Context(), "a/k", strings.NewReader("x"), storage.PutOptions{Size: 1})
			if x.stored != (err == nil) || err != nil && !strings.Contains(err.Error(), "Access Denied") {
				t.Errorf("Put: %v", err)
			}
			if n := puts.Load() - before; n > 6 {
				t.Errorf("%d requests", n)
			}
		})
	}
}
