package content_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"vitrine/web/content"
)

// A range that doesn't exist is refused in the form of every other error, from memory and from the store.
func TestRangeRefused(t *testing.T) {
	body := []byte("0123456789")
	for name, serve := range map[string]http.HandlerFunc{
		"memory": func(w http.ResponseWriter, r *http.Request) { content.Bytes(w, r, time.Time{}, body) },
		"store": func(w http.ResponseWriter, r *http.Request) {
			if err := content.Serve(w, r, time.Time{}, bytes.NewReader(body)); err != nil {
				t.Error(err)
			}
		},
	} {
		for ranges, of := range map[string]string{"bytes=99-": "bytes */10", "bytes=9-1": ""} {
			for _, method := range []string{http.MethodGet, http.MethodHead} {
				r := httptest.NewRequest(method, "/", nil)
				r.Header.Set("Range", ranges)
				w := httptest.NewRecorder()
				w.Header().Set("X-Request-Id", "r1")
				w.Header().Set("Content-Type", "image/jpeg")
				serve(w, r)
				if w.Code != http.StatusRequestedRangeNotSatisfiable ||
					w.Header().Get("Content-Type") != "application/problem+json" ||
					w.Header().Get("Content-Range") != of {
					t.Errorf("%s, %s %s: %d %v", name, method, ranges, w.Code, w.Header())
				}
				if method == http.MethodHead {
					if w.Body.Len() > 0 {
						t.Errorf("%s: HEAD has a body: %s", name, w.Body)
					}
					continue
				}
				var p struct {
					Type, Title, Detail, Instance, Code, Remedy string
					Status                                      int
				}
				if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil || p.Type != "urn:vitrine:problem:invalid" ||
					p.Status != w.Code || p.Instance != "r1" || p.Title == "" || p.Remedy == "" ||
					!strings.HasSuffix(p.Detail, ".") {
					t.Errorf("%s, %s: %v %s", name, ranges, err, w.Body)
				}
				if w.Header().Get("Content-Length") != strconv.Itoa(w.Body.Len()) {
					t.Errorf("%s, %s: %d bytes, said to be %s", name, ranges, w.Body.Len(),
						w.Header().Get("Content-Length"))
				}
			}
		}
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Header.Set("Range", "bytes=2-4")
		w := httptest.NewRecorder()
		if serve(w, r); w.Code != http.StatusPartialContent || w.Body.String() != "234" {
			t.Errorf("%s: a range that is there: %d %s", name, w.Code, w.Body)
		}
	}
}
