package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"vitrine/cmd/vitrine/server/servertest"
	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/catalog/catalogtest"
	"vitrine/dam/people"
	"vitrine/web/api"
)

const password = servertest.Password

// fixture is a server with a person and a token for every role.
type fixture struct {
	*testing.T
	url     string
	app     *servertest.App
	catalog *catalog.Catalog
	people  *people.Service
	api     *api.API
	users   map[dam.Role]dam.User
	tokens  map[dam.Role]string
	log     *servertest.Log
}

// Context is one in which the system acts.
func (f *fixture) Context() context.Context { return catalogtest.Context(f.T) }

func TestMain(m *testing.M) { servertest.Main(m) }

// start runs a server on a catalogue; change may alter what its API stands on.
func start(t *testing.T, cat *catalog.Catalog, change ...func(*api.Config)) *fixture {
	t.Helper()
	return startWith(t, cat, nil, change...)
}

// startWith is start with settings, such as --upload-unfinished 3.
func startWith(t *testing.T, cat *catalog.Catalog, settings []string, change ...func(*api.Config)) *fixture {
	t.Helper()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	app := servertest.On(t, catalogtest.URL(cat), append([]string{"--engine", "imaging", "--upload-limit", "8MiB"},
		settings...)...)
	f := &fixture{T: t, app: app, catalog: app.Data.Catalog, people: app.Library.People, api: app.API,
		users: map[dam.Role]dam.User{}, tokens: map[dam.Role]string{}, log: app.Log}
	handler := app.Handler
	if len(change) > 0 {
		cfg := app.APIConfig()
		cfg.Metrics = nil // each API registers its own
		for _, c := range change {
			c(&cfg)
		}
		var err error
		f.api, err = api.New(cfg)
		must(err)
		handler = f.api
	}
	_, err := f.people.CreateRole(catalogtest.Context(t), dam.DefaultLibrary, people.RoleInput{Name: "viewer_all",
		Permissions: &[]dam.Permission{dam.MaySee, dam.MaySeeUnapproved, dam.MayDownloadPresets,
			dam.MayDownloadOriginals}})
	must(err)
	for _, role := range dam.Roles {
		u, err := f.people.UserByEmail(catalogtest.Context(t), "admin@example.com")
		if role != dam.Admin {
			u, _, err = f.people.CreateUser(catalogtest.Context(t), dam.DefaultLibrary,
				people.NewUser{Email: string(role) + "@example.com", Name: "The " + string(role), Role: held(role),
					Password: password})
		}
		must(err)
		f.users[role] = u
		_, f.tokens[role], err = f.people.CreateToken(catalogtest.Context(t), dam.DefaultLibrary,
			people.NewToken{Name: string(role), Role: held(role)})
		must(err)
	}
	srv := httptest.NewServer(handler)
	f.url = srv.URL
	t.Cleanup(func() { f.api.Close(); srv.Close() })
	return f
}

// held is the role that a fixture's person has: as a viewer that of an upgraded installation, who sees everything.
func held(role dam.Role) dam.Role {
	if role == dam.Viewer {
		return "viewer_all"
	}
	return role
}

// answer is what a request came back with.
type answer struct {
	*http.Response
	body []byte
}

func (a answer) problem() (p api.Problem) {
	_ = json.Unmarshal(a.body, &p) // what is not a problem compares as an empty one
	return p
}

// into decodes the body.
func into[T any](f *fixture, a answer) (v T) {
	f.Helper()
	if err := json.Unmarshal(a.body, &v); err != nil {
		f.Fatalf("%v in %s", err, a.body)
	}
	return v
}

// do sends a request. as is a role (its token is sent) or "". headers come in pairs.
func (f *fixture) do(as dam.Role, method, path, body string, headers ...string) answer {
	f.Helper()
	r, err := http.NewRequestWithContext(f.Context(), method, f.url+path, strings.NewReader(body))
	if err != nil {
		f.Fatal(err)
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	if as != "" {
		r.Header.Set("Authorization", "Bearer "+f.tokens[as])
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	return f.send(r)
}

func (f *fixture) send(r *http.Request) answer {
	f.Helper()
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := client.Do(r)
	if err != nil {
		f.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		f.Fatal(err)
	}
	return answer{res, b}
}

// want fails unless the answer has the status.
func (f *fixture) want(status int, a answer) answer {
	f.Helper()
	if a.StatusCode != status {
		f.Fatalf("%s %s: %d, want %d: %s", a.Request.Method, a.Request.URL.Path, a.StatusCode, status, a.body)
	}
	return a
}

// upload posts a file with fields in pairs.
func (f *fixture) upload(as dam.Role, path, name string, data []byte, headers map[string]string,
	fields ...string) answer {
	f.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	part, err := w.CreateFormFile("file", name)
	if err != nil {
		f.Fatal(err)
	}
	if _, err := part.Write(data); err != nil {
		f.Fatal(err)
	}
	for i := 0; i+1 < len(fields); i += 2 {
		if err := w.WriteField(fields[i], fields[i+1]); err != nil {
			f.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		f.Fatal(err)
	}
	list := []string{"Content-Type", w.FormDataContentType()}
	for k, v := range headers {
		list = append(list, k, v)
	}
	return f.do(as, "POST", path, b.String(), list...)
}

// photo is a small JPEG that differs by seed.
func photo(t *testing.T, seed uint8) []byte {
	t.Helper()
	m := image.NewRGBA(image.Rect(0, 0, 400, 300))
	for y := range 300 {
		for x := range 400 {
			m.Set(x, y, color.RGBA{uint8(x) + seed, uint8(y), seed, 255})
		}
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

type uploaded struct {
	Status, Version, SHA256 string
	Asset                   dam.Asset
}

// photograph uploads a photo as the role and returns the asset.
func (f *fixture) photograph(as dam.Role, seed uint8) dam.Asset {
	f.Helper()
	return into[uploaded](f, f.want(201, f.upload(as, "/api/assets", fmt.Sprintf("photo-%d.jpg", seed),
		photo(f.T, seed), nil))).Asset
}

// until repeats a look until it is content.
func (f *fixture) until(what string, ok func() bool) {
	f.Helper()
	for deadline := time.Now().Add(20 * time.Second); !ok(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			f.Fatalf("waited in vain: %s", what)
		}
	}
}
