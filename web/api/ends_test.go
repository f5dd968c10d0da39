package api_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/catalog/catalogtest"
	"vitrine/dam/jobs"
	"vitrine/dam/people"
	"vitrine/dam/products"
	"vitrine/dam/rendition"
	"vitrine/web/api"
)

// listen opens an event stream; the channel is closed at its end.
func (f *fixture) listen(headers ...string) (ended <-chan struct{}) {
	f.Helper()
	r, err := http.NewRequestWithContext(f.Context(), "GET", f.url+"/api/events/stream", nil)
	if err != nil {
		f.Fatal(err)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		f.Fatal(err)
	}
	if res.StatusCode != 200 {
		f.Fatalf("the stream: %d", res.StatusCode)
	}
	f.Cleanup(func() { _ = res.Body.Close() })
	body := bufio.NewReader(res.Body)
	if _, err := body.ReadString('\n'); err != nil { // it has begun
		f.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		_, _ = io.Copy(io.Discard, body)
		close(done)
	}()
	return done
}

func (f *fixture) ends(what string, ended <-chan struct{}) {
	f.Helper()
	select {
	case <-ended:
	case <-time.After(20 * time.Second): // far less than its next heartbeat would be without an end
		f.Errorf("the stream goes on after %s", what)
	}
}

// Who may no longer listen hears no more: a stream ends with its token, its session and
// its person, long before its next heartbeat.
func TestStreamsEnd(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, c *catalog.Catalog) {
		f := start(t, c)
		f.api.SetHeartbeat(time.Hour)
		tok, secret, err := f.people.CreateToken(catalogtest.Context(t), dam.DefaultLibrary,
			people.NewToken{Name: "x", Role: dam.Viewer})
		if err != nil {
			t.Fatal(err)
		}
		soon := time.Now().Add(1500 * time.Millisecond)
		_, short, err := f.people.CreateToken(catalogtest.Context(t), dam.DefaultLibrary,
			people.NewToken{Name: "y", Role: dam.Viewer, ExpiresAt: &soon})
		if err != nil {
			t.Fatal(err)
		}
		session := func(role dam.Role) string {
			secret, _, err := f.people.StartSession(catalogtest.Context(t), f.users[role].ID)
			if err != nil {
				t.Fatal(err)
			}
			return "vitrine_session=" + secret
		}
		out := session(dam.Viewer)
		streams := map[string]<-chan struct{}{
			"the token was revoked": f.listen("Authorization", "Bearer "+secret),
			"the token expired":     f.listen("Authorization", "Bearer "+short),
			"signing out":           f.listen("Cookie", out), "the person was disabled": f.listen("Cookie",
				session(dam.Editor)),
			"the password was reset": f.listen("Cookie", session(dam.Contributor)),
		}
		stays := f.listen("Cookie", session(dam.Publisher))
		f.want(204, f.do(dam.Admin, "DELETE", "/api/tokens/"+tok.ID, ""))
		f.want(204, f.do("", "POST", "/api/logout", "", "Cookie", out, "Sec-Fetch-Site", "same-origin"))
		f.want(200, f.do(dam.Admin, "PATCH", "/api/users/"+f.users[dam.Editor].ID, `{"disabled": true}`))
		f.want(200, f.do(dam.Admin, "POST", "/api/users/"+f.users[dam.Contributor].ID+"/password", `{}`))
		for what, ended := range streams {
			f.ends(what, ended)
		}
		select {
		case <-stays:
			t.Error("a stream ended for nothing")
		default:
		}
	})
}

// The tokens that a person has made, and those made with them, end while the person is disabled.
func TestTokensEndWithTheirPerson(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, c *catalog.Catalog) {
		f := start(t, c)
		boss, _, err := f.people.CreateUser(catalogtest.Context(t), dam.DefaultLibrary,
			people.NewUser{Email: "boss@example.com", Name: "Boss", Role: dam.Admin, Password: password})
		if err != nil {
			t.Fatal(err)
		}
		made := func(headers ...string) string {
			t.Helper()
			return into[struct {
				Secret string
			}](f, f.want(201, f.do("", "POST", "/api/tokens", `{"name": "x", "role": "admin"}`, headers...))).Secret
		}
		session, _, err := f.people.StartSession(catalogtest.Context(t), boss.ID)
		if err != nil {
			t.Fatal(err)
		}
		first := made("Cookie", "vitrine_session="+session, "Sec-Fetch-Site", "same-origin")
		second := made("Authorization", "Bearer "+first)
		me := func(status int, when string) {
			t.Helper()
			for _, secret := range []string{first, second} {
				if a := f.do("", "GET", "/api/assets", "", "Authorization", "Bearer "+secret); a.StatusCode != status {
					t.Errorf("%s: %d, want %d", when, a.StatusCode, status)
				}
			}
		}
		me(200, "before")
		f.want(200, f.do(dam.Admin, "PATCH", "/api/users/"+boss.ID, `{"disabled": true}`))
		me(401, "the person is disabled")
		f.want(200, f.do(dam.Admin, "GET", "/api/assets", "")) // a token of nobody's
		f.want(200, f.do(dam.Admin, "PATCH", "/api/users/"+boss.ID, `{"disabled": false}`))
		me(200, "the person is back")
		f.want(200, f.do(dam.Admin, "PATCH", "/api/users/"+boss.ID, `{"disabled": true}`))
		f.catalog.KeepTokens()
		me(200, "the setting lets them go on")
	})
}

// Background work is told of in the library it is about.
func TestJobsStayInTheirLibrary(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, c *catalog.Catalog) {
		var queue *jobs.Queue
		f := start(t, c, func(cfg *api.Config) { queue = cfg.Jobs.(*jobs.Queue) })
		if err := c.Write(catalogtest.Context(t), func(tx *catalog.Tx) error {
			return tx.Libraries().PutLibrary(catalogtest.Context(t), dam.Library{ID: "shoes", Name: "Shoes",
				Locale: "en", Zone: "UTC"})
		}); err != nil {
			t.Fatal(err)
		}
		_, secret, err := f.people.CreateToken(catalogtest.Context(t), "shoes",
			people.NewToken{Name: "x", Role: dam.Editor})
		if err != nil {
			t.Fatal(err)
		}
		f.photograph(dam.Editor, 1)
		type list struct {
			Items []struct {
				ID      int64
				Subject string
			}
			Counts map[string]int
		}
		var before map[string]int
		f.until("the jobs are done", func() bool { // asked of the catalogue, as figures of the API are kept for a while
			of, err := c.Jobs().JobCountsOfLibraries(catalogtest.Context(t))
			if err != nil {
				t.Fatal(err)
			}
			before = of[dam.DefaultLibrary]
			return before["completed"] == 2
		})
		waiting := before["available"] + before["scheduled"] + before["retryable"] + before["pending"]
		if err := c.Write(catalogtest.Context(t), func(tx *catalog.Tx) error {
			at := jobs.Options{At: time.Now().Add(time.Hour)}
			return errors.Join(queue.Enqueue(catalogtest.Context(t), tx, products.MatchArgs{Library: "shoes"}, at),
				queue.Enqueue(catalogtest.Context(t), tx, rendition.MakeArgs{Version: "gone"}, at))
		}); err != nil {
			t.Fatal(err)
		}
		own := into[list](f, f.want(200, f.do(dam.Editor, "GET", "/api/jobs?state=done", "")))
		if len(own.Items) != 2 {
			t.Fatalf("%+v", own)
		}
		other := f.want(200, f.do("", "GET", "/api/jobs?state=done", "", "Authorization", "Bearer "+secret,
			"Vitrine-Library", "shoes"))
		if n := len(into[list](f, other).Items); n != 0 || strings.Contains(string(other.body), own.Items[0].Subject) {
			t.Errorf("the other library is told of %d jobs: %s", n, other.body)
		}
		// So are the figures; who administers the installation has those of everything.
		for _, path := range []string{"/api/jobs", "/api/system"} {
			counts := func(a answer) map[string]int {
				l := into[struct{ Counts, Jobs map[string]int }](f, f.want(200, a))
				if l.Jobs != nil {
					return l.Jobs
				}
				return l.Counts
			}
			if n := counts(f.do("", "GET", path, "", "Authorization", "Bearer "+secret, "Vitrine-Library",
				"shoes")); n["done"] != 0 || n["waiting"] != 1 {
				t.Errorf("%s in the other library: %v", path, n)
			}
			if n := counts(f.do(dam.Editor, "GET", path, "")); n["done"] != 2 || n["waiting"] != waiting {
				t.Errorf("%s in its own library: %v", path, n)
			}
			if n := counts(f.do(dam.Admin, "GET", path, "")); n["done"] < 2 || n["waiting"] < waiting+2 {
				t.Errorf("%s of the installation: %v", path, n)
			}
		}
		f.want(404, f.do("", "POST", "/api/jobs/"+fmt.Sprint(own.Items[0].ID)+"/retry", "", "Authorization",
			"Bearer "+secret, "Vitrine-Library", "shoes"))
	})
}
