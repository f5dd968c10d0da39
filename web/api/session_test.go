package api_test

import (
	"net/http"
	"strings"
	"testing"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/catalog/catalogtest"
	"vitrine/web/api"
)

func signIn(f *fixture, email, pw string, headers ...string) answer {
	f.Helper()
	return f.do("", "POST", "/api/login", `{"email": "`+email+`", "password": "`+pw+`"}`, headers...)
}

func cookieOf(a answer) *http.Cookie {
	for _, c := range a.Cookies() {
		if c.Name == "vitrine_session" {
			return c
		}
	}
	return &http.Cookie{}
}

func TestSession(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, c *catalog.Catalog) {
		f := start(t, c)
		if p := f.want(401, signIn(f, "editor@example.com", "wrong")).problem(); p.Code != dam.Unauthorized ||
			p.Remedy == "" {
			t.Errorf("%+v", p)
		}
		in := f.want(200, signIn(f, "Editor@example.com", password))
		who := into[struct {
			User    dam.User
			Library dam.Library
			Role    dam.Role
		}](f, in)
		if who.User.Email != "editor@example.com" || who.Library.ID != "main" || who.Role != dam.Editor {
			t.Errorf("%+v", who)
		}
		cookie := cookieOf(in)
		if cookie.Value == "" || !cookie.HttpOnly || cookie.SameSite != http.SameSiteLaxMode || cookie.Secure ||
			cookie.Path != "/" || cookie.Expires.IsZero() {
			t.Errorf("cookie: %+v", cookie)
		}
		session := []string{"Cookie", "vitrine_session=" + cookie.Value}
		as := func(method, path, body string, headers ...string) answer {
			return f.do("", method, path, body, append(session, headers...)...)
		}
		f.want(200, as("GET", "/api/me", ""))

		// A page of another site may not use the cookie; our own pages and plain clients may.
		made := `{"name": "Spring"}`
		for _, h := range [][]string{{"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "same-site"},
			{"Origin", "https://evil.example"}} {
			f.want(403, as("POST", "/api/collections", made, h...))
			f.want(403, signIn(f, "editor@example.com", password, h...))
		}
		f.want(201, as("POST", "/api/collections", made, "Sec-Fetch-Site", "same-origin"))
		f.want(200, as("GET", "/api/collections", "", "Sec-Fetch-Site", "cross-site")) // a link from elsewhere
		f.want(201, f.do(dam.Editor, "POST", "/api/collections", `{"name": "Summer"}`, "Sec-Fetch-Site", "cross-site"))

		// A new password ends the other sessions.
		other := "vitrine_session=" + cookieOf(f.want(200, signIn(f, "editor@example.com", password))).Value
		if p := f.want(422,
			as("POST", "/api/me/password",
				`{"current": "wrong", "new": "another long one"}`)).problem(); p.Errors[0].Location != "current" {
			t.Errorf("%+v", p)
		}
		if p := f.want(422,
			as("POST", "/api/me/password",
				`{"current": "`+password+`", "new": "short"}`)).problem(); p.Errors[0].Location != "new" {
			t.Errorf("%+v", p)
		}
		f.want(204, as("POST", "/api/me/password", `{"current": "`+password+`", "new": "another long one"}`))
		f.want(200, as("GET", "/api/me", ""))
		f.want(401, f.do("", "GET", "/api/me", "", "Cookie", other))

		// Signing out, and signing in over an old session.
		renewed := f.want(200, signIn(f, "editor@example.com", "another long one", session...))
		f.want(401, as("GET", "/api/me", ""))
		session[1] = "vitrine_session=" + cookieOf(renewed).Value
		out := f.want(204, as("POST", "/api/logout", ""))
		if c := cookieOf(out); c.MaxAge >= 0 {
			t.Errorf("signing out leaves the cookie: %+v", c)
		}
		f.want(401, as("GET", "/api/me", ""))
		f.want(204, f.do("", "POST", "/api/logout", ""))

		// Guessing is slowed down.
		var refused answer
		for range 12 {
			refused = signIn(f, "publisher@example.com", "guess")
		}
		if p := f.want(429, refused).problem(); p.Code != dam.Limited || refused.Header.Get("Retry-After") == "" {
			t.Errorf("%+v %v", p, refused.Header)
		}
	})
}

func TestTokensOverHTTP(t *testing.T) {
	f := start(t, catalogtest.SQLite(t))
	who := into[struct {
		User  *dam.User
		Token struct{ Name string }
		Role  dam.Role
	}](f, f.want(200, f.do(dam.Publisher, "GET", "/api/me", "")))
	if who.User != nil || who.Token.Name != "publisher" || who.Role != dam.Publisher {
		t.Errorf("%+v", who)
	}
	f.want(403, f.do(dam.Publisher, "POST", "/api/me/password", `{"current": "x", "new": "y"}`))
	for _, header := range []string{"Bearer vtr_wrong", "Bearer", "Basic dXNlcjpwYXNz",
		"Bearer " + strings.TrimPrefix(f.tokens[dam.Admin], "vtr_")} {
		a := f.want(401, f.do("", "GET", "/api/assets", "", "Authorization", header))
		if a.Header.Get("WWW-Authenticate") == "" {
			t.Errorf("%s: %v", header, a.Header)
		}
	}
	made := into[struct {
		Token  dam.Token
		Secret string
	}](f,
		f.want(201, f.do(dam.Admin, "POST", "/api/tokens",
			`{"name": "ERP", "role": "viewer", "expires_at": "2999-01-01T00:00:00Z"}`)))
	f.want(200, f.do("", "GET", "/api/assets", "", "Authorization", "bearer "+made.Secret))
	list := into[struct{ Items []dam.Token }](f, f.want(200, f.do(dam.Admin, "GET", "/api/tokens", "")))
	if len(list.Items) != 6 || list.Items[0].LastUsed == nil {
		t.Errorf("%+v", list.Items)
	}
	f.want(204, f.do(dam.Admin, "DELETE", "/api/tokens/"+made.Token.ID, ""))
	f.want(401, f.do("", "GET", "/api/assets", "", "Authorization", "Bearer "+made.Secret))
}

func TestPeopleOverHTTP(t *testing.T) {
	f := start(t, catalogtest.SQLite(t))
	made := into[struct {
		User     dam.User
		Password string
	}](f,
		f.want(201, f.do(dam.Admin, "POST", "/api/users",
			`{"email": "New@example.com", "name": "New", "role": "viewer"}`)))
	session := "vitrine_session=" + cookieOf(f.want(200, signIn(f, "new@example.com", made.Password))).Value
	f.want(409, f.do(dam.Admin, "POST", "/api/users", `{"email": "new@example.com", "name": "New", "role": "viewer"}`))
	if p := f.want(422, f.do(dam.Admin, "POST", "/api/users",
		`{"email": "nobody", "name": "New", "role": "viewer"}`)).problem(); p.Errors[0].Location != "email" {
		t.Errorf("%+v", p)
	}
	// A role holds from the next request on.
	f.want(403, f.do("", "GET", "/api/jobs", "", "Cookie", session))
	f.want(200, f.do(dam.Admin, "PATCH", "/api/users/"+made.User.ID, `{"role": "editor"}`))
	f.want(200, f.do("", "GET", "/api/jobs", "", "Cookie", session))
	f.want(200, f.do(dam.Admin, "PATCH", "/api/users/"+made.User.ID, `{"disabled": true}`))
	f.want(401, f.do("", "GET", "/api/jobs", "", "Cookie", session))
	if p := f.want(409, f.do(dam.Admin, "PATCH", "/api/users/"+f.users[dam.Admin].ID,
		`{"disabled": true}`)).problem(); p.Errors[0].Location != "disabled" {
		t.Errorf("the last administrator: %+v", p)
	}
	if r := into[struct {
		Password string
	}](f, f.want(200, f.do(dam.Admin, "POST", "/api/users/"+made.User.ID+"/password", ""))); len(r.Password) < 20 {
		t.Errorf("%+v", r)
	}
	list := into[struct{ Items []dam.User }](f, f.want(200, f.do(dam.Admin, "GET", "/api/users", "")))
	if len(list.Items) != 6 {
		t.Errorf("%+v", list.Items)
	}
}

// Behind https the cookie says so, and the public address is an origin of our own.
func TestPublicURL(t *testing.T) {
	f := start(t, catalogtest.SQLite(t), func(c *api.Config) { c.PublicURL = "https://media.example.com" })
	in := f.want(200, signIn(f, "admin@example.com", password, "Origin", "https://media.example.com"))
	if !cookieOf(in).Secure {
		t.Errorf("cookie: %+v", cookieOf(in))
	}
	a := f.photograph(dam.Editor, 1)
	f.until("renditions", func() bool {
		r := into[struct {
			Items []struct{ URL string }
		}](f, f.want(200, f.do(dam.Viewer, "GET", "/api/assets/"+a.ID+"/renditions", "")))
		return len(r.Items) > 0 && strings.HasPrefix(r.Items[0].URL, "https://media.example.com/r/"+a.ID+"/")
	})
}
