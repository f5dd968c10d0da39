package e2e

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"unicode"
	"unicode/utf8"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/test/upgrade"
)

// hostile starts a server that guards what it connects to, as one in use does.
func hostile(t *testing.T) *server {
	t.Helper()
	return start(t, setup{env: []string{"VITRINE_WEBHOOKS_ALLOW_PRIVATE=false"}})
}

// some are every nth in a short run, all in a long one.
func some[T any](list []T, short int) []T {
	every := soak(max(len(list)/short, 1), 1)
	var out []T
	for i := 0; i < len(list); i += every {
		out = append(out, list[i])
	}
	return out
}

// tokenFor is a token of a role in a library.
func tokenFor(x *server, library string, role dam.Role) string {
	x.Helper()
	out, err := vitrine(x.TB, x.setup, "token", "create", "--role", string(role), "--library", library, "--name",
		library+" "+string(role)).Output()
	if err != nil {
		x.Fatalf("token create: %v%s", err, stderr(err))
	}
	return strings.TrimSpace(string(out))
}

// as sends a request with another token.
func (x *server) as(token, method, path string, body []byte, header ...string) answer {
	y := *x
	y.token = token
	return y.try(method, path, bytes.NewReader(body), header...)
}

// No way in: each part of the suite runs on the one server, which at the end is alive, whole and of a decent size.
func TestHostile(t *testing.T) {
	x := hostile(t)
	t.Run("names", func(t *testing.T) { hostileNamesStayNames(t, x) })
	t.Run("active contents", func(t *testing.T) { activeContentsStayAsleep(t, x) })
	t.Run("bombs", func(t *testing.T) { bombsDoNotGoOff(t, x) })
	t.Run("addresses", func(t *testing.T) { nobodyIsSentInside(t, x) })
	t.Run("tricks", func(t *testing.T) { tricksOpenNothing(t, x) })
	t.Run("owners and libraries", func(t *testing.T) { bordersHold(t, x) })
	if got := x.try("GET", "/readyz", nil); got.err != nil || got.StatusCode != http.StatusOK {
		t.Errorf("the server afterwards: %v %s\n%s", got.err, got.body, x.log)
	}
}

// answered says that a request was answered by the server's rules: no 5xx but a stated 503, and no inner text.
func answered(t *testing.T, what string, a answer) {
	t.Helper()
	if a.err != nil {
		t.Errorf("%s: %v", what, a.err)
		return
	}
	if a.StatusCode >= 500 && a.StatusCode != http.StatusServiceUnavailable &&
		a.StatusCode != http.StatusInsufficientStorage {
		t.Errorf("%s: %d %s", what, a.StatusCode, a.body)
	}
	for _, inner := range []string{"panic", "goroutine ", "SQLSTATE", "sql: ", "/tmp/", ".go:"} {
		if a.StatusCode >= 400 && strings.Contains(string(a.body), inner) {
			t.Errorf("%s: the answer tells of the inside: %s", what, a.body)
		}
	}
}

func hostileNamesStayNames(t *testing.T, x *server) {
	names := some(hostileNames(), 15)
	t.Logf("%d names", len(names))
	for i, name := range names {
		body, ct := form(t, name, fmt.Appendf(nil, "file %d", i))
		got := x.try("POST", "/api/assets", body, "Content-Type", ct)
		answered(t, fmt.Sprintf("a file called %.60q", name), got)
		var made struct{ Asset dam.Asset }
		if got.StatusCode == http.StatusCreated && json.Unmarshal(got.body, &made) == nil {
			stored := made.Asset.Latest.FileName
			if stored == "" || stored == "." || stored == ".." || len(stored) > 255 || !utf8.ValidString(stored) ||
				strings.ContainsAny(stored, "/\\\x00\r\n\u202e\u2066") ||
				strings.ContainsFunc(stored, unicode.IsControl) {
				t.Errorf("%.60q is stored as %.60q", name, stored)
			}
			file := x.try("GET", "/api/assets/"+made.Asset.ID+"/download", nil)
			if d := file.Header.Get("Content-Disposition"); file.StatusCode != http.StatusOK ||
				!strings.HasPrefix(d, "attachment") || file.Header.Get("Set-Cookie") != "" {
				t.Errorf("%.60q is downloaded as %q (%d)", name, d, file.StatusCode)
			}
			patch, _ := json.Marshal(map[string]any{"tags": []string{name}, "title": map[string]string{"en": name}})
			answered(t, fmt.Sprintf("the tag %.60q", name), x.as(x.token, "PATCH", "/api/assets/"+made.Asset.ID, patch,
				"Content-Type", "application/json"))
		}
		in, _ := json.Marshal(map[string]string{"name": name})
		answered(t, fmt.Sprintf("a collection called %.60q", name), x.as(x.token, "POST", "/api/collections", in,
			"Content-Type", "application/json"))
		for _, path := range []string{"/api/assets?q=", "/api/products/", "/p/", "/r/", "/api/suggest?q=",
			"/api/presets/"} {
			answered(t, fmt.Sprintf("%s%.60q", path, name), x.try("GET", path+url.PathEscape(name), nil))
		}
	}
}

// runs reports whether a browser would run what an answer carries, if it is opened by its address.
func runs(a answer) bool {
	media, _, _ := strings.Cut(a.Header.Get("Content-Type"), ";")
	passive := slices.Contains([]string{"image/jpeg", "image/png", "image/webp", "image/avif", "image/gif",
		"application/octet-stream", "application/problem+json", "application/json", "video/mp4"}, media)
	kept := strings.HasPrefix(a.Header.Get("Content-Disposition"), "attachment") &&
		strings.Contains(a.Header.Get("Content-Security-Policy"), "sandbox")
	return a.Header.Get("X-Content-Type-Options") != "nosniff" || !passive && !kept
}

func activeContentsStayAsleep(t *testing.T, x *server) {
	all := activeContents()
	names := some(slices.Sorted(maps.Keys(all)), 10)
	t.Logf("%d active contents", len(names))
	for _, name := range names {
		body, ct := form(t, name, all[name], "approve", "true")
		got := x.try("POST", "/api/assets", body, "Content-Type", ct)
		answered(t, name, got)
		var made struct{ Asset dam.Asset }
		if got.StatusCode != http.StatusCreated || json.Unmarshal(got.body, &made) != nil {
			continue // refused is well
		}
		id := made.Asset.ID
		for _, path := range []string{"/api/assets/" + id + "/download", "/api/assets/" + id + "/preview/medium",
			"/r/" + id + "/medium", "/r/" + id + "/thumb", "/oembed?url=" + url.QueryEscape(x.url+"/r/"+id+"/medium")} {
			a := x.try("GET", path, nil, "Accept", "text/html,image/svg+xml,*/*")
			answered(t, name+" at "+path, a)
			if a.err == nil && (a.StatusCode == http.StatusOK && runs(a) || a.StatusCode != http.StatusOK &&
				strings.Contains(string(a.body), marker)) {
				t.Errorf("%s is live at %s: %d %v", name, path, a.StatusCode, a.Header)
			}
		}
	}
}

func bombsDoNotGoOff(t *testing.T, x *server) {
	all := bombs()
	if len(all) != 60 {
		t.Fatalf("%d bombs", len(all))
	}
	names := some(slices.Sorted(maps.Keys(all)), 2)
	t.Logf("%d bombs", len(names))
	for _, name := range names {
		body, ct := form(t, name, all[name], "on_duplicate", "keep")
		answered(t, name, x.try("POST", "/api/assets", body, "Content-Type", ct))
	}
	for what, body := range map[string]string{
		"nested JSON": strings.Repeat(`{"title":`, 5000), "many members": `{` + strings.Repeat(`"x":1,`, 50_000) +
			`"y":1}`, "a number": `{"rating":` + strings.Repeat("9", 100_000) + `}`,
		"escapes": `{"title":{"en":"` + strings.Repeat(`\u0000`, 20_000) + `"}}`, "many tags": `{"tags":["a"` +
			strings.Repeat(`,"a"`, 40_000) + `]}`,
	} {
		answered(t, what, x.as(x.token, "PATCH", "/api/assets/a_none", []byte(body), "Content-Type",
			"application/json"))
	}
	for _, q := range []string{strings.Repeat("(", 1900), strings.Repeat("-", 1900) + "a", strings.Repeat("a* ", 600),
		strings.Repeat("a OR ", 390) + "a", "near:" + strings.Repeat("9", 1900)} {
		answered(t, "a query", x.try("GET", "/api/assets?q="+url.QueryEscape(q), nil))
	}
	// An honest picture is served beside them; a long run waits until decoders have given up on the last of them.
	if a := x.ready(x.upload("Honest.jpg", photo(t, 11, 640, 480)).ID); a.Latest.Renditions != dam.RenditionsReady {
		t.Errorf("a picture beside the bombs: %s %s", a.Latest.Renditions, a.Latest.RenditionNote)
	}
	if soak(0, 1) == 1 {
		x.workDone()
	}
	status, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(x.cmd.Process.Pid), "status"))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(status)) {
		if f := strings.Fields(line); len(f) > 1 && f[0] == "VmHWM:" {
			if kib, err := strconv.Atoi(f[1]); err != nil || kib > 1<<20 {
				t.Errorf("the server took %d MiB at its most", kib>>10)
			}
		}
	}
}

func nobodyIsSentInside(t *testing.T, x *server) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var calls atomic.Int32
	inside := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		calls.Add(1)
		_, _ = w.Write([]byte("inside-secret"))
	})}
	go func() { _ = inside.Serve(l) }() // ends with Close
	t.Cleanup(func() { _ = inside.Close() })
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	all := insideAddresses()
	if len(all) != 60 {
		t.Fatalf("%d addresses", len(all))
	}
	addresses, requests := some(all, 30), 0
	defer func() { t.Logf("%d addresses in %d requests", len(addresses), requests) }()
	for i, address := range addresses {
		address = strings.Replace(address, "%s", port, 1)
		host := address
		if u, err := url.Parse(address); err == nil {
			host = u.Host
		}
		tries := []struct{ path, body string }{
			{"/api/webhooks", `{"url":%q}`},
			{"/api/channels",
				`{"name":"x","kind":"json","config":{"url":%q},"rule":{"query":"","presets":[],"enabled":false}}`},
			{"/api/channels",
				`{"name":"x","kind":"plugin","config":{"url":%q,"secret":"whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="},"rule":{"query":"","presets":[],"enabled":false}}`},
			{"/api/channels",
				`{"name":"x","kind":"bucket","config":{"endpoint":%q,"bucket":"b","plain":true,"access_key":"a","secret_key":"s"},"rule":{"query":"","presets":[],"enabled":false}}`},
			{"/api/channels",
				`{"name":"x","kind":"wordpress","config":{"url":%q,"user":"u","password":"p"},"rule":{"query":"","presets":[],"enabled":false}}`},
			{"/api/channels",
				`{"name":"x","kind":"mastodon","config":{"server":%q,"token":"t"},"rule":{"query":"","presets":[],"enabled":false}}`},
			{"/api/channels",
				`{"name":"x","kind":"bluesky","config":{"service":%q,"handle":"a.example.com","password":"p"},"rule":{"query":"","presets":[],"enabled":false}}`},
			{"/api/channels",
				`{"name":"x","kind":"anthias","config":{"url":%q,"zone":"UTC"},"rule":{"query":"","presets":[],"enabled":false}}`},
			{"/api/channels",
				`{"name":"x","kind":"xibo","config":{"url":%q,"client_id":"a","client_secret":"b","playlist":1},"rule":{"query":"","presets":[],"enabled":false}}`},
			{"/api/channels",
				`{"name":"x","kind":"sftp","config":{"host":%q,"user":"u","password":"p","host_key":"?"},"rule":{"query":"","presets":[],"enabled":false}}`},
			{"/api/channels",
				`{"name":"x","kind":"woocommerce","config":{"url":%q,"user":"u","password":"p"},"rule":{"query":"","presets":[],"enabled":false}}`},
		}
		if soak(0, 1) == 0 { // each way in, and each address, but not each with each
			tries = []struct{ path, body string }{tries[i%len(tries)], tries[(i+3)%len(tries)]}
		}
		for _, in := range tries {
			requests++
			to := address
			if strings.Contains(in.body, `"endpoint"`) || strings.Contains(in.body, `"host"`) {
				to = host
			}
			got := x.as(x.token, "POST", in.path, fmt.Appendf(nil, in.body, to), "Content-Type", "application/json")
			// A name that no resolver knows may be a webhook's address: it is looked at again when it is dialled.
			named := in.path == "/api/webhooks" && got.StatusCode == http.StatusCreated
			answeredRefusal := got.err == nil && (got.StatusCode >= 400 || named)
			if !answeredRefusal || strings.Contains(string(got.body), "inside-secret") {
				t.Errorf("%s %s: %v %d %s", in.path, fmt.Sprintf(in.body, to), got.err, got.StatusCode, got.body)
			}
			if named {
				var made struct{ Webhook dam.Webhook }
				if err := json.Unmarshal(got.body, &made); err != nil {
					t.Error(err)
				}
				sent := x.as(x.token, "POST", "/api/webhooks/"+made.Webhook.ID+"/test", nil)
				if sent.err != nil || strings.Contains(string(sent.body), "inside-secret") ||
					strings.Contains(string(sent.body), `"delivered"`) {
					t.Errorf("a webhook to %s: %v %s", to, sent.err, sent.body)
				}
				answered(t, "removing it", x.as(x.token, "DELETE", "/api/webhooks/"+made.Webhook.ID, nil))
			}
		}
	}
	if n := calls.Load(); n > 0 {
		t.Errorf("the service on this machine was called %d times", n)
	}
}

// tricksOpenNothing sends raw requests that try to be somebody: each is refused.
func tricksOpenNothing(t *testing.T, x *server) {
	viewer := tokenFor(x, dam.DefaultLibrary, dam.Viewer)
	admin := x.token
	flip := func(s string) string { return s[:len(s)-1] + string('a'+(s[len(s)-1]-'a'+1)%26) }
	tricks := map[string]string{}
	get := func(name, path string, headers ...string) {
		tricks[name] = "GET " + path + " HTTP/1.1\r\nHost: " + x.addr + "\r\nConnection: close\r\n" +
			strings.Join(append(headers, ""), "\r\n") + "\r\n"
	}
	get("nobody", "/api/users")
	for name, value := range map[string]string{"empty": "", "bearer alone": "Bearer", "bearer and spaces": "Bearer    ",
		"another scheme": "Basic " + admin, "token scheme": "Token " + admin, "a changed last letter": "Bearer " +
			flip(admin), "cut": "Bearer " + admin[:len(admin)-3],
		"longer": "Bearer " + admin + "x", "upper case": "Bearer " + strings.ToUpper(admin),
		"two in one": "Bearer x, Bearer " + admin, "quoted": `Bearer "` + admin + `"`,
		"a JWT without signature": "Bearer eyJhbGciOiJub25lIn0.eyJyb2xlIjoiYWRtaW4ifQ.", "the prefix": "Bearer vtr_",
		"a wildcard": "Bearer %", "SQL": "Bearer ' OR 1=1 --", "a NUL escaped": "Bearer " + admin + "%00"} {
		get(name, "/api/users", "Authorization: "+value)
	}
	get("two headers, the wrong one first", "/api/users", "Authorization: Bearer x", "Authorization: Bearer "+admin)
	get("in the query", "/api/users?token="+admin)
	get("as access_token", "/api/users?access_token="+admin)
	get("as a cookie", "/api/users", "Cookie: vitrine_session="+admin)
	get("an empty cookie", "/api/users", "Cookie: vitrine_session=")
	get("its hash as a cookie", "/api/users",
		"Cookie: vitrine_session=0000000000000000000000000000000000000000000000000000000000000000")
	for name, header := range map[string]string{"forwarded user": "X-Forwarded-User: admin",
		"remote user": "Remote-User: admin", "original URL": "X-Original-URL: /api/users",
		"rewrite": "X-Rewrite-URL: /api/users", "real IP": "X-Real-IP: 127.0.0.1",
		"host": "X-Forwarded-Host: localhost", "override": "X-HTTP-Method-Override: DELETE", "role": "X-Role: admin",
		"library": "Vitrine-Library: *"} {
		get("a viewer with "+name, "/api/users", "Authorization: Bearer "+viewer, header)
	}
	for _, path := range []string{"//api/users", "/api//users", "/./api/users", "/x/../api/users", "/api/users/",
		"/API/users", "/api/%75sers", "/api/users%2f", "/api/users;x=y", "/api/users%00", "/api/users?x#y",
		"/api\\users", "/r/../api/users", "/p/..%2fapi/users", "/signage/../api/users", "/api/uploads/../users"} {
		get("a viewer at "+path, path, "Authorization: Bearer "+viewer)
	}
	if len(tricks) < 40 {
		t.Fatalf("%d tricks", len(tricks))
	}
	t.Logf("%d tricks", len(tricks))
	for name, request := range tricks {
		c, err := net.Dial("tcp", x.addr)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.Write([]byte(request)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		res, err := http.ReadResponse(bufio.NewReader(c), nil)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var body bytes.Buffer
		_, err = body.ReadFrom(res.Body)
		if err = errors.Join(err, res.Body.Close(), c.Close()); err != nil ||
			strings.Contains(body.String(), "admin@example.com") {
			t.Errorf("%s: %s %s (%v)", name, res.Status, body.String(), err)
		}
	}
}

// bordersHold: a second library, and everybody else's assets, for each role.
func bordersHold(t *testing.T, x *server) {
	c, err := catalog.Open(t.Context(), "sqlite:"+filepath.Join(x.dir, "vitrine.db"))
	if err != nil {
		t.Fatal(err)
	}
	err = upgrade.Exec(t.Context(), c, "INSERT INTO libraries(id,name,locale,zone) VALUES('other','Other','en','UTC')")
	if closed := c.Close(); err != nil || closed != nil {
		t.Fatal(err, closed)
	}
	mine := x.upload("Ours.txt", []byte("ours"))
	var doc struct{ Paths map[string]map[string]any }
	x.do(http.StatusOK, "GET", "/api/openapi.json", nil, &doc)
	roles, requests := some(dam.Roles[:], 2), 0
	defer func() { t.Logf("%d requests of strangers with %d roles", requests, len(roles)) }()
	for _, role := range roles {
		stranger := tokenFor(x, "other", role)
		for path, methods := range doc.Paths {
			if !strings.Contains(path, "{id}") || !strings.HasPrefix(path, "/api/assets/") {
				continue
			}
			at := strings.NewReplacer("{id}", mine.ID, "{version}", mine.Latest.ID, "{preset}", "medium").Replace(path)
			for method := range methods {
				method = strings.ToUpper(method)
				for library, want := range map[string][]int{"main": {http.StatusForbidden},
					"other": {http.StatusForbidden, http.StatusNotFound, http.StatusUnprocessableEntity,
						http.StatusUnsupportedMediaType, http.StatusBadRequest, http.StatusOK}} {
					requests++
					got := x.as(stranger, method, at, []byte(`{}`), "Content-Type", "application/json",
						"Vitrine-Library", library)
					if got.err != nil || !slices.Contains(want, got.StatusCode) {
						t.Errorf("a %s of another library: %s %s in %s: %v %d %s", role, method, at, library, got.err,
							got.StatusCode, got.body)
					}
					if got.StatusCode == http.StatusOK && (strings.Contains(string(got.body), mine.Latest.SHA256) ||
						strings.Contains(string(got.body), "Ours")) {
						t.Errorf("a %s of another library sees it: %s %s: %s", role, method, at, got.body)
					}
				}
			}
		}
	}
	// Somebody else's asset in one's own library.
	contributor := tokenFor(x, dam.DefaultLibrary, dam.Contributor)
	for _, in := range []struct{ method, path, body string }{
		{"PATCH", "", `{"title":{"en":"taken"}}`}, {"POST", "/submit", `{}`}, {"POST", "/approve", `{}`},
		{"POST", "/reject", `{"comment":"no no no no"}`}, {"POST", "/archive", `{}`}, {"DELETE", "", ""},
		{"POST", "/recall", `{"reason":"x"}`},
		{"POST", "/versions/" + mine.Latest.ID + "/restore", `{}`}, {"POST", "/renditions/retry", ""},
		{"POST", "/undelete", `{}`},
	} {
		if got := x.as(contributor, in.method, "/api/assets/"+mine.ID+in.path, []byte(in.body), "Content-Type",
			"application/json"); got.err != nil || got.StatusCode != http.StatusForbidden {
			t.Errorf("a contributor: %s %s of somebody's: %v %d %s", in.method, in.path, got.err, got.StatusCode,
				got.body)
		}
	}
	if now := x.asset(mine.ID); now.Revision != mine.Revision || now.Latest.Status != mine.Latest.Status {
		t.Errorf("the asset was %+v and is %+v", mine, now)
	}
}
