package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/catalog/catalogtest"
)

// second makes the library shoes and returns a function that asks in it as its administrator, who made it.
func (f *fixture) second() func(method, path, body string, headers ...string) answer {
	f.Helper()
	f.want(201, f.do(dam.Admin, "POST", "/api/libraries", `{"id": "shoes", "name": "Shoes"}`))
	return func(method, path, body string, headers ...string) answer {
		f.Helper()
		return f.do(dam.Admin, method, path, body, append(headers, "Vitrine-Library", "shoes")...)
	}
}

// member makes a token of the library shoes.
func (f *fixture) member(role dam.Role) func(method, path, body string, headers ...string) answer {
	f.Helper()
	made := into[struct{ Secret string }](f, f.want(201, f.do(dam.Admin, "POST", "/api/tokens",
		`{"name": "theirs", "role": "`+string(role)+`"}`, "Vitrine-Library", "shoes")))
	return func(method, path, body string, headers ...string) answer {
		f.Helper()
		return f.do("", method, path, body, append([]string{"Vitrine-Library", "shoes", "Authorization",
			"Bearer " + made.Secret}, headers...)...)
	}
}

// A library is made by who manages the installation, with presets and an administrator, and used at once.
func TestLibraries(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, c *catalog.Catalog) {
		f := start(t, c)
		for body, status := range map[string]int{`{"id": "Shoes", "name": "x"}`: 422, `{"id": "../x", "name": "x"}`: 422,
			`{"id": "main", "name": "x"}`: 409, `{"id": "ok", "name": "\u0000"}`: 422, `{"id": "ok", "name": "  "}`: 422,
			`{"id": "ok", "name": "x", "zone": "Mars/Olympus"}`: 422, `{"id": "ok", "name": "x", "locale": "né"}`: 422,
			`{"id": "ok", "name": "x", "administrator": "u_none"}`:   422,
			`{"id": "` + strings.Repeat("a", 41) + `", "name": "x"}`: 422} {
			f.want(status, f.do(dam.Admin, "POST", "/api/libraries", body))
		}
		f.want(403, f.do(dam.Publisher, "POST", "/api/libraries", `{"id": "shoes", "name": "Shoes"}`))
		shoes := f.second()
		f.want(409, f.do(dam.Admin, "POST", "/api/libraries", `{"id": "shoes", "name": "Shoes"}`))
		ours := into[struct{ Items []dam.Preset }](f, f.want(200, f.do(dam.Admin, "GET", "/api/presets", ""))).Items
		theirs := into[struct{ Items []dam.Preset }](f, f.want(200, shoes("GET", "/api/presets", ""))).Items
		if len(theirs) == 0 || len(theirs) != len(ours) {
			t.Errorf("%d presets, main has %d", len(theirs), len(ours))
		}
		f.want(201, f.upload(dam.Admin, "/api/assets", "shoe.jpg", photo(t, 7),
			map[string]string{"Vitrine-Library": "shoes"}))

		admin := f.member(dam.Admin)
		list := into[struct{ Items []dam.Library }](f, f.want(200, admin("GET", "/api/libraries", ""))).Items
		if len(list) != 1 || list[0].ID != "shoes" || list[0].Used == 0 {
			t.Errorf("%+v", list)
		}
		f.want(404, admin("GET", "/api/libraries/main", ""))
		f.want(404, admin("PATCH", "/api/libraries/main", `{"name": "Mine"}`))
		f.want(403, admin("POST", "/api/libraries", `{"id": "more", "name": "More"}`))
		f.want(403, admin("POST", "/api/libraries/shoes/archive", ""))
		for _, body := range []string{`{"quota": 5}`, `{"hosts": ["shoes.example.com"]}`} {
			f.want(403, admin("PATCH", "/api/libraries/shoes", body))
		}
		f.want(403, f.member(dam.Publisher)("PATCH", "/api/libraries/shoes", `{"name": "Mine"}`))
		for body, status := range map[string]int{`{"colors": {"accent": "red"}}`: 422, `{"name": ""}`: 422,
			`{"locales": ["f r"]}`: 422, `{"zone": "Local"}`: 422, `{"zone": "../../etc/passwd"}`: 422, `{"id": "x"}`: 422} {
			f.want(status, admin("PATCH", "/api/libraries/shoes", body))
		}
		a := f.want(200, admin("PATCH", "/api/libraries/shoes",
			`{"name": "Boots", "locales": ["FR", "fr", "en", "de-ch"], "colors": {"accent": "#0a0B0c"}}`, "If-Match", `"1"`))
		l := into[dam.Library](f, a)
		if l.Name != "Boots" || fmt.Sprint(l.Locales) != "[fr de-CH]" || a.Header.Get("ETag") != `"2"` || l.Revision != 2 {
			t.Errorf("%+v", l)
		}
		theirShoe := into[struct{ Items []dam.Asset }](f, f.want(200, admin("GET", "/api/assets", ""))).Items[0].ID
		ourPicture := into[uploaded](f, f.want(201, f.upload(dam.Admin, "/api/assets", "our.jpg", photo(t, 9),
			nil))).Asset
		for logo, status := range map[string]int{theirShoe: 200, ourPicture.ID: 422, "a_none": 422} {
			f.want(status, admin("PATCH", "/api/libraries/shoes", `{"logo": "`+logo+`"}`))
		}
		if now := into[dam.Library](f, f.want(200, admin("GET", "/api/libraries/shoes", ""))); now.Logo != theirShoe {
			t.Errorf("the logo is %q", now.Logo)
		}
		f.want(412, admin("PATCH", "/api/libraries/shoes", `{"name": "Clogs"}`, "If-Match", `"1"`))
		if me := into[struct{ Libraries []dam.NamedItem }](f, f.want(200, shoes("GET", "/api/me", ""))); len(me.
			Libraries) != 2 {
			t.Errorf("%+v", me)
		}
	})
}

// Where no library is named, main is meant, or the library of somebody who isn't in main. What a browser reads by
// itself names it in the address; a write can't, for any page can make a browser follow an address.
func TestHomeLibrary(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, c *catalog.Catalog) {
		f := start(t, c)
		f.second()
		member := f.member(dam.Editor)
		type me struct {
			Library dam.Library
			Cursor  string
		}
		home := into[me](f, f.want(200, member("GET", "/api/me", "", "Vitrine-Library", "")))
		if home.Library.ID != "shoes" {
			t.Errorf("at home in %+v", home.Library)
		}
		if at := into[me](f, f.want(200, f.do(dam.Admin, "GET", "/api/me", ""))); at.Library.ID != dam.DefaultLibrary {
			t.Errorf("the administrator is at home in %+v", at.Library)
		}
		a := into[uploaded](f, f.want(201, f.upload(dam.Admin, "/api/assets", "shoe.jpg", photo(t, 7),
			map[string]string{"Vitrine-Library": "shoes"}))).Asset
		f.want(404, f.do(dam.Admin, "GET", "/api/assets/"+a.ID, ""))
		file := "/api/assets/" + a.ID + "/download?library="
		f.want(200, f.do(dam.Admin, "GET", file+"shoes", ""))
		f.want(404, f.do(dam.Admin, "GET", file+"shoes", "", "Vitrine-Library", "main")) // the header wins
		f.want(403, member("GET", file+"main", "", "Vitrine-Library", ""))
		f.want(403, f.do(dam.Viewer, "GET", file+"shoes", ""))
		f.want(422, f.do(dam.Admin, "PATCH", "/api/assets/"+a.ID+"?library=shoes", `{"tags": ["x"]}`))

		since := f.want(200, member("GET", "/api/events?after="+home.Cursor, ""))
		news := into[struct{ Items []dam.Event }](f, since).Items
		if len(news) == 0 || news[0].Subject != a.ID {
			t.Errorf("since %s: %+v", home.Cursor, news)
		}
	})
}

// Another zone moves the instants at which days begin and end, not the days; what the public sees more or less at once
// is said before.
func TestLibraryZone(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, c *catalog.Catalog) {
		f := start(t, c)
		ahead, behind := "Pacific/Kiritimati", "Pacific/Pago_Pago" // 25 hours apart: their days always differ
		in := func(zone string) string {
			z, err := dam.Zone(zone)
			if err != nil {
				t.Fatal(err)
			}
			return time.Now().In(z).Format(time.DateOnly)
		}
		f.want(200, f.do(dam.Admin, "PATCH", "/api/libraries/main", `{"zone": "`+behind+`"}`))
		begins, ends, free := f.photograph(dam.Editor, 1), f.photograph(dam.Editor, 2), f.photograph(dam.Editor, 3)
		for id, rights := range map[string]string{begins.ID: `"from": "` + in(ahead) + `"`, ends.ID: `"until": "` +
			in(behind) + `"`, free.ID: `"until": "2090-01-01"`} {
			f.want(200, f.do(dam.Publisher, "PATCH", "/api/assets/"+id, `{"rights": {`+rights+`}}`))
			f.want(200, f.do(dam.Publisher, "POST", "/api/assets/"+id+"/approve", ""))
		}
		public := func(id string) dam.PublicStatus {
			return into[dam.Asset](f, f.want(200, f.do(dam.Admin, "GET", "/api/assets/"+id, ""))).Public.Status
		}
		if b, e := public(begins.ID), public(ends.ID); b != dam.StatusEmbargoed || e != dam.StatusPublic {
			t.Fatalf("%s %s", b, e)
		}
		z := into[dam.ZoneChange](f, f.want(200, f.do(dam.Admin, "GET", "/api/libraries/main/zone?to="+ahead, "")))
		if z.Dated != 3 || z.Shown != 1 || z.Hidden != 1 || len(z.Assets) != 2 || z.Assets[0].ID != begins.ID ||
			!z.Assets[0].Shown || z.Assets[1].ID != ends.ID || z.Assets[1].Shown {
			t.Errorf("%+v", z)
		}
		if b := public(begins.ID); b != dam.StatusEmbargoed {
			t.Error("asking has changed something")
		}
		f.want(422, f.do(dam.Admin, "GET", "/api/libraries/main/zone?to=Nowhere", ""))
		f.want(403, f.do(dam.Publisher, "GET", "/api/libraries/main/zone?to="+ahead, ""))
		f.want(200, f.do(dam.Admin, "PATCH", "/api/libraries/main", `{"zone": "`+ahead+`"}`))
		if b, e := public(begins.ID), public(ends.ID); b != dam.StatusPublic || e != dam.StatusExpired {
			t.Errorf("%s %s", b, e)
		}
		a := into[dam.Asset](f, f.do(dam.Admin, "GET", "/api/assets/"+ends.ID, ""))
		if a.Rights.Until != dam.Moment(in(behind)) {
			t.Errorf("the day has changed: %+v", a.Rights)
		}
		log := string(f.want(200, f.do(dam.Admin, "GET", "/api/assets/"+ends.ID+"/events", "")).body)
		if strings.Count(log, `"asset.updated"`) != 2 {
			t.Errorf("followers don't learn of it: %s", log)
		}
		f.until("the public sees it", func() bool {
			return f.do("", "GET", "/r/"+begins.ID+"/thumb", "").StatusCode == 200 &&
				f.do("", "GET", "/r/"+ends.ID+"/thumb", "").StatusCode == 410
		})
	})
}

// An archived library is read-only: what is public stays so, what was published can be recalled, people lose access.
func TestArchivedLibrary(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, c *catalog.Catalog) {
		f := start(t, c)
		shoes := f.second()
		as := map[string]string{"Vitrine-Library": "shoes"}
		a := into[uploaded](f, f.want(201, f.upload(dam.Admin, "/api/assets", "shoe.jpg", photo(t, 7), as))).Asset
		f.want(200, shoes("POST", "/api/assets/"+a.ID+"/approve", ""))
		f.until("it is public", func() bool { return f.do("", "GET", "/r/"+a.ID+"/thumb", "").StatusCode == 200 })
		f.want(403, f.do(dam.Publisher, "GET", "/api/libraries/shoes/archival", ""))
		what := into[dam.LibraryArchival](f, f.want(200, f.do(dam.Admin, "GET", "/api/libraries/shoes/archival", "")))
		if what.Assets != 1 || what.Public != 1 || what.Planned != 0 {
			t.Errorf("%+v", what)
		}
		f.want(409, f.do(dam.Admin, "POST", "/api/libraries/main/archive", ""))
		f.want(404, f.do(dam.Admin, "POST", "/api/libraries/none/archive", ""))
		f.want(200, f.do(dam.Admin, "POST", "/api/libraries/shoes/archive", ""))

		f.want(200, f.do("", "GET", "/r/"+a.ID+"/thumb", ""))
		f.want(200, shoes("GET", "/api/assets/"+a.ID, ""))
		f.want(200, shoes("GET", "/api/assets/"+a.ID+"/download", ""))
		for _, x := range []struct{ method, path, body string }{
			{"PATCH", "/api/assets/" + a.ID, `{"title": {"en": "x"}}`}, {"DELETE", "/api/assets/" + a.ID, ""},
			{"POST", "/api/assets/" + a.ID + "/reject", `{"comment": "no"}`}, {"POST", "/api/collections", `{"name": "x"}`},
			{"PUT", "/api/presets/x", `{}`}, {"POST", "/api/campaigns", `{"name": "x"}`},
			{"POST", "/api/publications", `{}`}, {"POST", "/api/assets/bulk", `{}`}, {"PUT", "/api/fields", `{}`},
		} {
			p := f.want(403, shoes(x.method, x.path, x.body)).problem()
			if p.ReasonCode != "library_archived" {
				t.Errorf("%s %s: %+v", x.method, x.path, p)
			}
		}
		f.want(403, f.upload(dam.Admin, "/api/assets", "more.jpg", photo(t, 8), as))
		f.want(403, shoes("PATCH", "/api/libraries/shoes", `{"name": "x"}`))
		f.want(409, f.do(dam.Admin, "PATCH", "/api/libraries/shoes", `{"name": "x"}`))
		f.want(200, f.do(dam.Admin, "GET", "/api/libraries/main", ""))
		f.want(201, f.upload(dam.Admin, "/api/assets", "ours.jpg", photo(t, 9), nil)) // another library is as it was
		f.want(200, shoes("POST", "/api/assets/"+a.ID+"/recall", `{"reason": "wrong"}`))
		f.want(200, f.do(dam.Admin, "POST", "/api/libraries/shoes/restore", ""))
		f.want(200, shoes("PATCH", "/api/assets/"+a.ID, `{"title": {"en": "x"}}`))
	})
}

// A host name is one library's; a server that runs follows at once, on every node.
func TestLibraryHosts(t *testing.T) {
	f := start(t, catalogtest.SQLite(t))
	shoes := f.second()
	for _, bad := range []string{"https://x.example", "x.example:80", "*.example", "é.example", "", " "} {
		f.want(422, f.do(dam.Admin, "PATCH", "/api/libraries/shoes", `{"hosts": ["`+bad+`"]}`))
	}
	for _, library := range []string{"main", "shoes"} {
		a := into[uploaded](f, f.want(201, f.upload(dam.Admin, "/api/assets", library+".jpg",
			photo(t, uint8(len(library))), map[string]string{"Vitrine-Library": library}))).Asset
		f.want(200, f.do(dam.Admin, "POST", "/api/assets/"+a.ID+"/approve", "", "Vitrine-Library", library))
		f.want(201, f.do(dam.Admin, "POST", "/api/products", `{"sku": "S1", "names": {"en": "`+library+`"}}`,
			"Vitrine-Library", library))
		f.want(200, f.do(dam.Admin, "PUT", "/api/products/S1/slots/hero/1", `{"asset": "`+a.ID+`"}`, "Vitrine-Library",
			library))
	}
	asks := func(host string) string {
		r, err := http.NewRequestWithContext(f.Context(), "GET", f.url+"/p/S1.json", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Host = host
		return string(f.send(r).body)
	}
	f.until("main's product is out", func() bool { return strings.Contains(asks("boots.example.com"), `"library":"main"`) })
	l := into[dam.Library](f, f.want(200, shoes("PATCH", "/api/libraries/shoes", `{"hosts": ["Boots.Example.com."]}`)))
	if fmt.Sprint(l.Hosts) != "[boots.example.com]" {
		t.Errorf("%+v", l.Hosts)
	}
	f.until("the host means the other library", func() bool {
		return strings.Contains(asks("boots.example.com:8443"), `"library":"shoes"`)
	})
	if !strings.Contains(asks("other.example.com"), `"library":"main"`) {
		t.Error("every host means it")
	}
	f.want(409, f.do(dam.Admin, "PATCH", "/api/libraries/main", `{"hosts": ["boots.example.com"]}`))
	f.want(200, shoes("PATCH", "/api/libraries/shoes", `{"hosts": []}`))
	f.until("it no longer does", func() bool { return strings.Contains(asks("boots.example.com"), `"library":"main"`) })
}

// A quota counts every version and the bin, refuses what is over it with figures, and ends with the purge.
func TestLibraryQuota(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, c *catalog.Catalog) {
		f := start(t, c)
		shoes := f.second()
		as := map[string]string{"Vitrine-Library": "shoes"}
		file := photo(t, 7)
		size := int64(len(file))
		a := into[uploaded](f, f.want(201, f.upload(dam.Admin, "/api/assets", "shoe.jpg", file, as))).Asset
		used := func() int64 {
			return into[dam.Library](f, f.want(200, shoes("GET", "/api/libraries/shoes", ""))).Used
		}
		if used() != size {
			t.Fatalf("%d bytes of %d", used(), size)
		}
		next := photo(t, 8)
		f.want(422, f.do(dam.Admin, "PATCH", "/api/libraries/shoes", `{"quota": -1}`))
		f.want(200, f.do(dam.Admin, "PATCH", "/api/libraries/shoes",
			fmt.Sprintf(`{"quota": %d}`, size+int64(len(next)))))
		f.want(204, shoes("DELETE", "/api/assets/"+a.ID, "")) // in the bin
		b := into[uploaded](f, f.want(201, f.upload(dam.Admin, "/api/assets", "next.jpg", next, as))).Asset
		for path, data := range map[string][]byte{"/api/assets": photo(t, 9),
			"/api/assets/" + b.ID + "/versions": photo(t, 10)} {
			p := f.want(507, f.upload(dam.Admin, path, "more.jpg", data, as)).problem()
			if p.ReasonCode != "library_quota_reached" || fmt.Sprint(p.Params["used"]) == "" {
				t.Errorf("%+v", p)
			}
		}
		f.want(507, shoes("POST", "/api/uploads", "", "Tus-Resumable", "1.0.0", "Upload-Length", "100",
			"Upload-Metadata", "filename eC5qcGc="))
		f.want(201, f.upload(dam.Admin, "/api/assets", "ours.jpg", photo(t, 11), nil)) // another library has its own
		if err := f.app.Library.Assets.Purge(f.Context(), "shoes", a.ID); err != nil {
			t.Fatal(err)
		}
		if n := used(); n != int64(len(next)) {
			t.Errorf("%d bytes after the purge, want %d", n, len(next))
		}
	})
}

// Uploads at once don't get past a quota together.
func TestLibraryQuotaAtOnce(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, c *catalog.Catalog) {
		f := start(t, c)
		f.second()
		size := len(photo(t, 1))
		f.want(200, f.do(dam.Admin, "PATCH", "/api/libraries/shoes", fmt.Sprintf(`{"quota": %d}`, 3*size+size/2)))
		results := make(chan int, 8)
		for i := range 8 {
			go func() {
				results <- f.upload(dam.Admin, "/api/assets", fmt.Sprintf("%d.jpg", i), photo(t, uint8(i+1)),
					map[string]string{"Vitrine-Library": "shoes"}).StatusCode
			}()
		}
		made := 0
		for range 8 {
			if <-results == 201 {
				made++
			}
		}
		l := into[dam.Library](f, f.want(200, f.do(dam.Admin, "GET", "/api/libraries/shoes", "")))
		if made == 0 || l.Used > l.Quota {
			t.Errorf("%d were taken: %d bytes of %d", made, l.Used, l.Quota)
		}
	})
}

// Who manages the installation is asked once what the first library is called, unless the settings say so.
func TestFirstLibrary(t *testing.T) {
	first := func(settings ...string) (*fixture, dam.Library) {
		f := startWith(t, catalogtest.SQLite(t), settings)
		return f, into[struct{ Library dam.Library }](f, f.want(200, f.do(dam.Admin, "GET", "/api/me", ""))).Library
	}
	f, l := first()
	if !l.SetupDue || l.Zone != "UTC" {
		t.Errorf("%+v", l)
	}
	f.want(403, f.do(dam.Editor, "PATCH", "/api/libraries/main", `{"setup_due": false}`))
	l = into[dam.Library](f, f.want(200, f.do(dam.Admin, "PATCH", "/api/libraries/main", `{"setup_due": false}`)))
	if l.SetupDue || l.Name != "Main library" {
		t.Errorf("%+v", l)
	}
	if _, l = first("--library-name", "Chez Ana", "--locale", "fr-ca", "--zone", "America/Toronto"); l.SetupDue ||
		l.Name != "Chez Ana" || l.Locale != "fr-CA" || l.Zone != "America/Toronto" {
		t.Errorf("%+v", l)
	}
}

// Somebody of one library joins another under the same address, by who administers both, and keeps the password.
func TestJoinLibrary(t *testing.T) {
	f := start(t, catalogtest.SQLite(t))
	shoes := f.second()
	editor := f.users[dam.Editor]
	body := `{"email": "` + strings.ToUpper(editor.Email) + `", "name": "x", "role": "viewer"}`
	f.want(409, f.member(dam.Admin)("POST", "/api/users", body)) // of main they know nothing
	made := into[struct {
		User     dam.User
		Password string
	}](f, f.want(201, shoes("POST", "/api/users", body)))
	if made.User.ID != editor.ID || made.Password != "" || made.User.Grants["shoes"] != dam.Viewer ||
		made.User.Grants["main"] != editor.Grants["main"] || made.User.Name != editor.Name {
		t.Errorf("%+v", made)
	}
	f.want(409, shoes("POST", "/api/users", body))
	f.want(200, f.do("", "POST", "/api/login", `{"email": "`+editor.Email+`", "password": "`+password+`"}`))
}
