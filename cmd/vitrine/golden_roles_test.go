package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"

	"vitrine/dam"
	"vitrine/test/upgrade"
)

// holder is somebody who asks: with a token, a session's cookie or nothing, in a library.
type holder struct{ name, secret, library string }

// holders are everybody who differs in what they may: the roles, those who see a part only, those who are not
// let in, and administrators of another library there and here.
func (s *scenario) holders() []holder {
	s.Helper()
	out := []holder{{name: "nobody"}, {name: "forged", secret: s.admin[:len(s.admin)-4] + "0000"},
		{name: "revoked", secret: s.tokens["token revoked"]}}
	for _, role := range dam.Roles {
		out = append(out, holder{name: string(role), secret: s.tokens["token "+string(role)]})
	}
	for _, name := range []string{"limited", "agency"} {
		out = append(out, holder{name: name, secret: s.tokens["token "+name]})
	}
	if err := upgrade.Exec(s.Context(), s.cat,
		"INSERT INTO libraries(id,name,locale,zone) VALUES('other','Other','en','UTC')"); err != nil {
		s.Fatal(err)
	}
	stranger := strings.TrimSpace(s.beside("token", "create", "--role", "admin", "--library", "other", "--name",
		"stranger"))
	return append(out, holder{"person", s.person, ""}, holder{"stranger-there", stranger, "other"},
		holder{"stranger-here", stranger, "main"})
}

// session signs the first administrator in.
func (s *scenario) session() string {
	s.Helper()
	body, err := json.Marshal(map[string]string{"email": "admin@example.com", "password": "a long enough one"})
	if err != nil {
		s.Fatal(err)
	}
	res, err := http.Post(s.base+"/api/login", "application/json", bytes.NewReader(body))
	if err != nil {
		s.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	for _, c := range res.Cookies() {
		if c.Name == "vitrine_session" {
			return c.Name + "=" + c.Value
		}
	}
	s.Fatalf("sign-in: %s", res.Status)
	return ""
}

// asked are every route with ids that nothing has, then what is somebody's own: an ETag that never matches
// tells who may from who may not, and changes nothing.
func (s *scenario) asked() []upgrade.Call {
	s.Helper()
	var doc upgrade.Description
	s.do("GET", "/api/openapi.json", nil, &doc)
	calls := upgrade.Calls(doc, "/api/login", "/api/logout", "/api/events", "/api/events/stream")
	for _, path := range []string{"/api/events?wait=0", "/metrics", "/healthz", "/readyz"} {
		calls = append(calls, upgrade.Call{Method: "GET", Path: path})
	}
	for _, method := range []string{"HEAD", "PATCH", "DELETE"} {
		calls = append(calls, upgrade.Call{Method: method, Path: "/api/uploads/none"})
	}
	for _, name := range []string{"chair", "own", "draft"} {
		at := "/api/assets/" + s.ids[name]
		for _, c := range []upgrade.Call{
			{Method: "GET"}, {Method: "GET", Path: "/download"}, {Method: "GET", Path: "/events"},
			{Method: "PATCH", Body: `{}`}, {Method: "DELETE"}, {Method: "POST", Path: "/submit", Body: `{}`},
			{Method: "POST", Path: "/approve", Body: `{}`},
			{Method: "POST", Path: "/reject", Body: `{"comment":"no no no no"}`},
			{Method: "POST", Path: "/archive", Body: `{}`},
		} {
			c.Path = at + c.Path
			calls = append(calls, c)
		}
	}
	return calls
}

// roles are the statuses by who asks, one call a line.
func (s *scenario) roles() []byte {
	s.Helper()
	holders, calls := s.holders(), s.asked()
	lines := make([]string, len(calls))
	var wg sync.WaitGroup
	next := make(chan int)
	for range 4 {
		wg.Go(func() {
			for i := range next {
				lines[i] = s.statuses(calls[i], holders)
			}
		})
	}
	for i := range calls {
		next <- i
	}
	close(next)
	wg.Wait()
	var b strings.Builder
	for i, c := range calls {
		fmt.Fprintf(&b, "%s\n%s\n", c, lines[i])
	}
	return []byte(s.names().In(b.String()))
}

func (s *scenario) statuses(c upgrade.Call, holders []holder) string {
	by := map[int][]string{}
	for _, h := range holders {
		header := []string{"If-Match", `"0"`}
		if h.library != "" {
			header = append(header, "Vitrine-Library", h.library)
		}
		status, _, err := c.Send(s.base, h.secret, header...)
		if err != nil {
			s.Errorf("%s as %s: %v", c, h.name, err)
		}
		by[status] = append(by[status], h.name)
	}
	var b strings.Builder
	for _, status := range slices.Sorted(maps.Keys(by)) {
		fmt.Fprintf(&b, "  %d %s\n", status, strings.Join(by[status], " "))
	}
	return b.String()
}
