package api_test

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"

	"vitrine/dam/catalog/catalogtest"
)

// A browser that comes back from an account's service without a connection is sent to the portal, which says why from a
// cookie that no link can set; a program gets the problem.
func TestConnectionThatFailed(t *testing.T) {
	f := start(t, catalogtest.SQLite(t))
	session := []string{"Cookie", "vitrine_session=" + cookieOf(signIn(f, "admin@example.com", password)).Value}
	const back = "/api/oauth/callback?state=forged&error_description=Call+0800"
	f.want(409, f.do("", "GET", back, "", session...))
	a := f.want(303, f.do("", "GET", back, "", append(session, "Accept", "text/html,*/*")...))
	if to := a.Header.Get("Location"); to != "/channels?connected=" {
		t.Errorf("sent to %q", to)
	}
	list := a.Cookies()
	if len(list) != 1 || list[0].Name != "vitrine_connect_failure" || list[0].Path != "/channels" ||
		list[0].MaxAge != 60 {
		t.Fatalf("cookies: %v", list)
	}
	raw, err := base64.RawURLEncoding.DecodeString(list[0].Value)
	var said struct{ Detail, Reason string }
	if err == nil {
		err = json.Unmarshal(raw, &said)
	}
	if err != nil || said.Detail == "" || said.Reason != "connection_not_started" ||
		strings.Contains(string(raw), "0800") {
		t.Errorf("said: %s %v", raw, err)
	}
	f.want(401, f.do("", "GET", back, "", "Accept", "text/html"))
}
