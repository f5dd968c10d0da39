package publishers

import (
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"vitrine/dam"
)

// A stored secret goes to the scheme, host and port it was entered for, and nowhere else before it is entered again.
func TestSecretStaysWithItsDestination(t *testing.T) {
	k := Kind{Name: "test", Schema: json.RawMessage(`{"properties": {"url": {"type": "string", "x-destination": true}, "plain": {"type": "boolean", "x-destination": true}, "title": {"type": "string"},
		"secret": {"type": "string", "writeOnly": true}}}`)}
	stored := map[string]string{"secret": "sealed", "access_token": "of a connected account"}
	again := "typed again"
	for _, c := range []struct {
		before, after string
		sent          map[string]*string
		refused       bool
		forgotten     []string
	}{
		{`{"url":"https://a.example"}`, `{"url":"https://a.example"}`, nil, false, nil},
		{`{"url":"https://a.example"}`, `{"url":"https://A.example:443/other?x=1","title":"new"}`, nil, false, nil},
		{`{"url":"https://a.example"}`, `{"url":"https://a.example","plain":false}`, nil, false, nil},
		{`{"url":"https://a.example"}`, `{"url":"https://b.example"}`, nil, true, nil},
		{`{"url":"https://a.example"}`, `{"url":"http://a.example"}`, nil, true, nil},
		{`{"url":"https://a.example"}`, `{"url":"https://a.example:8443"}`, nil, true, nil},
		{`{"url":"https://a.example"}`, `{"url":"https://a.example.evil.example"}`, nil, true, nil},
		{`{"url":"https://a.example"}`, `{"url":"https://a.example","plain":true}`, nil, true, nil},
		{`{"url":"https://a.example"}`, `{}`, nil, true, nil},
		{`{"url":"host:9000"}`, `{"url":"host:9001"}`, nil, true, nil},
		{`{"url":"https://a.example"}`, `{"url":"https://b.example"}`, map[string]*string{"secret": &again}, false, []string{"access_token"}},
		{`{"url":"https://a.example"}`, `{"url":"https://b.example"}`, map[string]*string{"secret": nil}, false, []string{"access_token"}},
	} {
		forgotten, err := k.resent(json.RawMessage(c.before), json.RawMessage(c.after), stored, c.sent)
		var e *dam.Error
		if c.refused != (errors.As(err, &e) && e.Code == dam.Invalid && e.Field == "config.secret" && e.Remedy != "") || !slices.Equal(forgotten, c.forgotten) {
			t.Errorf("%s → %s: %v, forgotten %v", c.before, c.after, err, forgotten)
		}
	}
}

// What a person is told of a remote's refusal holds nothing that the remote wrote but the name of its error.
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
	res.Status = "418 " + body // the reason phrase is the remote's
	for what, err := range map[string]error{
		"an answer":         Answered(res, false),
		"one in commit":     Answered(res, true),
		"its own words":     Retry(0, errors.New(body)),
		"a named error":     Retry(0, &Answer{Status: 500, Name: body}),
		"a broken protocol": Retry(0, &url.Error{Op: "Get", URL: "http://x", Err: errors.New(`malformed HTTP response "` + body + `"`)}),
		"a connection":      Unknown(&net.OpError{Op: "read", Err: errors.New(body)}),
	} {
		told := refusal(Kind{Title: "The board"}, err)
		var e *dam.Error
		if !errors.As(told, &e) || strings.Contains(e.Message+e.Remedy, "secret") || e.Remedy == "" {
			t.Errorf("%s: %v", what, told)
		}
	}
	if got := (&Answer{Method: "PUT", Path: "/a", Status: 403, Name: "AccessDenied"}).Error(); got != "PUT /a answered 403 Forbidden (AccessDenied)" {
		t.Error(got)
	}
	for name, want := range map[string]string{"rest_invalid_param": "rest_invalid_param", "a b": "", "<x>": "", strings.Repeat("a", 65): "", "": ""} {
		if Named(name) != want {
			t.Errorf("%q is named %q", name, Named(name))
		}
	}
}
