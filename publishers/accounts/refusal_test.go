package accounts

import (
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"vitrine/dam"
	"vitrine/publishers"
)

// What people are shown of a remote's refusal has nothing of the remote's but the name of its error.
func TestRemotesAreNotQuoted(t *testing.T) {
	const body = "root:x:0:0 inside-secret"
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Secret", body)
		w.WriteHeader(http.StatusTeapot)
		_, _ = w.Write([]byte(body))
	}))
	t.Cleanup(s.Close)
	res, err := http.Get(s.URL + "/path")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	res.Status = "418 " + body // the remote chooses the reason phrase
	for what, err := range map[string]error{
		"an answer":     publishers.Answered(res, false),
		"one in commit": publishers.Answered(res, true),
		"its own words": publishers.Retry(0, errors.New(body)),
		"a named error": publishers.Retry(0, &publishers.Answer{Status: 500, Name: body}),
		"a broken protocol": publishers.Retry(0, &url.Error{Op: "Get", URL: "http://x",
			Err: errors.New(`malformed HTTP response "` + body + `"`)}),
		"a connection": publishers.Unknown(&net.OpError{Op: "read", Err: errors.New(body)}),
	} {
		told := refusal(publishers.Kind{Title: "The board"}, err)
		var e *dam.Error
		if !errors.As(told, &e) || strings.Contains(e.Text()+e.Advice(), "secret") || e.Advice() == "" {
			t.Errorf("%s: %v", what, told)
		}
	}
	if got := (&publishers.Answer{Method: "PUT", Path: "/a", Status: 403,
		Name: "AccessDenied"}).Error(); got != "PUT /a answered 403 Forbidden (AccessDenied)" {
		t.Error(got)
	}
	for name, want := range map[string]string{"rest_invalid_param": "rest_invalid_param", "a b": "", "<x>": "",
		strings.Repeat("a", 65): "", "": ""} {
		if publishers.Named(name) != want {
			t.Errorf("%q is named %q", name, publishers.Named(name))
		}
	}
}
