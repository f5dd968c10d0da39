package publishers_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"vitrine/publishers"
)

// TestCall tests what every kind relies on when it calls its remote.
func TestCall(t *testing.T) {
	var got *http.Request
	var sent string
	status, answer := http.StatusOK, `{"id": "7"}`
	remote := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		got, sent = r, string(b)
		w.WriteHeader(status)
		_, _ = io.WriteString(w, answer)
	}))
	defer remote.Close()
	client := remote.Client()
	var out struct{ ID string }
	call := publishers.Call{Method: http.MethodPost, URL: remote.URL + "/posts", Token: "secret",
		JSON: map[string]string{"text": "a"}, Out: &out}
	if _, err := call.Do(t.Context(), client); err != nil || out.ID != "7" || sent != `{"text":"a"}` ||
		got.Header.Get("Content-Type") != "application/json" || got.Header.Get("Authorization") != "Bearer secret" {
		t.Errorf("%v, %q, sent %q with %v", err, out.ID, sent, got.Header)
	}

	var raw []byte
	file := publishers.Call{Method: http.MethodPut, URL: remote.URL, Header: http.Header{"Content-Type": {"image/png"}},
		Body: io.LimitReader(strings.NewReader("picture"), 3), Size: 3, Out: &raw}
	if _, err := file.Do(t.Context(), client); err != nil || sent != "pic" || got.ContentLength != 3 ||
		string(raw) != answer {
		t.Errorf("%v: sent %q of %d bytes, got %q", err, sent, got.ContentLength, raw)
	}

	answer = "<html>"
	var bad *json.SyntaxError
	if _, err := call.Do(t.Context(), client); !errors.As(err, &bad) || strings.Contains(err.Error(), "secret") {
		t.Errorf("an answer that is no JSON: %v", err)
	}
	answer = `{"id": "` + strings.Repeat("x", publishers.AnswerLimit) + `"}`
	if _, err := call.Do(t.Context(), client); err == nil {
		t.Error("an answer without an end was read")
	}

	answer = `{"name": "Busy"}`
	for status = range map[int]bool{http.StatusBadGateway: true, http.StatusTooManyRequests: true,
		http.StatusForbidden: true} {
		for _, commit := range []bool{false, true} {
			call.Commit = commit
			res, err := call.Do(t.Context(), client)
			if want := publishers.Answered(res.Response, commit); publishers.ClassOf(err,
				publishers.ClassPermanent) != want.Class || res.StatusCode != status {
				t.Errorf("%d, commit %t: %v, want %v", status, commit, err, want)
			}
		}
	}
	told := errors.New("told")
	call.Refused = func(res *http.Response, body []byte, commit bool) error {
		if !commit || res.StatusCode != status || string(body) != answer {
			t.Errorf("%d %q %t", res.StatusCode, body, commit)
		}
		return told
	}
	if _, err := call.Do(t.Context(), client); !errors.Is(err, told) {
		t.Errorf("the kind's own word: %v", err)
	}

	// A refusal counts even if the rest of the answer is lost.
	cut := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100")
		w.WriteHeader(http.StatusTooManyRequests)
		_, _ = io.WriteString(w, "half")
	}))
	defer cut.Close()
	if _, err := (publishers.Call{URL: cut.URL, Commit: true}).Do(t.Context(), client); publishers.ClassOf(err,
		publishers.ClassUnknown) != publishers.ClassThrottled {
		t.Errorf("a refusal that is cut off: %v", err)
	}

	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if res, err := call.Do(ended, client); res.Response != nil || !errors.Is(err, context.Canceled) {
		t.Errorf("%v %v", res, err)
	}
	for _, address := range []string{"http://127.0.0.1:1/upload?key=", "http://[/upload?key="} {
		if _, err := (publishers.Call{URL: address + "c0ffee"}).Do(t.Context(), client); err == nil ||
			strings.Contains(err.Error(), "c0ffee") {
			t.Errorf("the query of an upload: %v", err)
		}
	}
	if _, err := (publishers.Call{URL: remote.URL, JSON: func() {}}).Do(t.Context(), client); publishers.ClassOf(err,
		publishers.ClassRetry) != publishers.ClassPermanent || bytes.Contains([]byte(err.Error()), []byte("json:")) {
		t.Errorf("what can't be written: %v", err)
	}
}
