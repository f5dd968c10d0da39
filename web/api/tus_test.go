package api_test

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/catalog/catalogtest"
	"vitrine/dam/ingest"
	"vitrine/dam/people"
	"vitrine/web/api"
)

const tusVersion = "Tus-Resumable"

// meta is an Upload-Metadata header of names and values in pairs.
func meta(pairs ...string) string {
	var out []string
	for i := 0; i+1 < len(pairs); i += 2 {
		out = append(out, pairs[i]+" "+base64.StdEncoding.EncodeToString([]byte(pairs[i+1])))
	}
	return strings.Join(out, ",")
}

func (f *fixture) begin(as dam.Role, size int, metadata string, headers ...string) answer {
	f.Helper()
	return f.do(as, "POST", "/api/uploads", "",
		append([]string{tusVersion, "1.0.0", "Upload-Length", fmt.Sprint(size), "Upload-Metadata", metadata},
			headers...)...)
}

func (f *fixture) part(as dam.Role, url string, from int, data []byte, headers ...string) answer {
	f.Helper()
	return f.do(as, "PATCH", url, string(data),
		append([]string{tusVersion, "1.0.0", "Upload-Offset", fmt.Sprint(from), "Content-Type",
			"application/offset+octet-stream"}, headers...)...)
}

// What an upload's metadata says is read once: nothing in it can be checked as one thing and done as another.
func TestTusMetadataIsReadOnce(t *testing.T) {
	f := start(t, catalogtest.SQLite(t))
	own, theirs := f.photograph(dam.Contributor, 1), f.photograph(dam.Editor, 2)
	data := photo(t, 3)
	for what, header := range map[string]string{
		"a name twice":            meta("filename", "x.jpg", "asset", own.ID, "asset", theirs.ID),
		"a name twice, spaced":    meta("filename", "x.jpg", "asset", own.ID) + " , " + meta("asset", theirs.ID),
		"the first unreadable":    "filename eA==,asset !!!," + meta("asset", theirs.ID),
		"a value of two words":    "filename eA==,asset " + "eA== eA==",
		"other capitals":          meta("filename", "x.jpg", "asset", own.ID, "Asset", theirs.ID),
		"a control character":     meta("filename", "x.jpg", "asset", own.ID+"\x00"),
		"a tab before the value":  "filename eA==,asset\teA==",
		"base64 without its end":  "filename eA",
		"not UTF-8":               meta("filename", "x.jpg", "on_duplicate", "\xff"),
		"more names than any use": "filename eA==" + strings.Repeat(",x", 200),
	} {
		a := f.begin(dam.Contributor, len(data), header)
		p := a.problem()
		if a.StatusCode != 422 || len(p.Errors) != 1 || !strings.HasPrefix(p.Errors[0].Location, "Upload-Metadata") ||
			p.Remedy == "" {
			t.Errorf("%s: %d %s", what, a.StatusCode, a.body)
		}
	}
	r, err := http.NewRequestWithContext(t.Context(), "POST", f.url+"/api/uploads", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header = http.Header{"Authorization": {"Bearer " + f.tokens[dam.Contributor]}, tusVersion: {"1.0.0"},
		"Upload-Length":   {fmt.Sprint(len(data))},
		"Upload-Metadata": {meta("filename", "x.jpg", "asset", own.ID), meta("asset", theirs.ID)}}
	f.want(422, f.send(r))
	f.want(403, f.begin(dam.Contributor, len(data), meta("filename", "x.jpg", "asset", theirs.ID)))
	url := f.want(201, f.begin(dam.Contributor, len(data), meta("filename", "x.jpg", "filetype", "image/jpeg", "asset",
		own.ID))).Header.Get("Location")
	if got := f.want(204, f.part(dam.Contributor, url, 0, data)).Header.Get("Vitrine-Asset"); got != own.ID {
		t.Errorf("the version went to %s, not to %s", got, own.ID)
	}
	if a := into[dam.Asset](f, f.want(200, f.do(dam.Editor, "GET", "/api/assets/"+theirs.ID, ""))); a.Latest.N != 1 {
		t.Errorf("somebody else's asset is at version %d", a.Latest.N)
	}
}

// Who may do it is asked again when the last byte is there.
func TestTusRightsAtTheEnd(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, c *catalog.Catalog) {
		f := start(t, c)
		theirs := f.photograph(dam.Editor, 1)
		data := photo(t, 2)
		u := f.users[dam.Editor]
		secret, _, err := f.people.StartSession(catalogtest.Context(t), u.ID)
		if err != nil {
			t.Fatal(err)
		}
		as := []string{"Cookie", "vitrine_session=" + secret}
		url := f.want(201, f.begin("", len(data), meta("filename", "x.jpg", "asset", theirs.ID),
			as...)).Header.Get("Location")
		f.want(204, f.part("", url, 0, data[:100], as...))
		contributor, viewer := dam.Contributor, dam.Viewer
		demote := func(role *dam.Role) {
			t.Helper()
			if _, err := f.people.UpdateUser(catalogtest.Context(t), dam.DefaultLibrary, u.ID,
				people.UserPatch{Role: role}); err != nil {
				t.Fatal(err)
			}
		}
		demote(&contributor)
		f.want(403, f.part("", url, 100, data[100:], as...))
		f.want(403, f.do("", "GET", url+"/result", "", as...))
		f.want(403, f.do("", "POST", url+"/resolve", `{"choice": "new_version", "asset": "`+theirs.ID+`"}`, as...))
		demote(&viewer)
		f.want(403, f.do("", "GET", url+"/result", "", as...))
		if a := into[dam.Asset](f,
			f.want(200, f.do(dam.Editor, "GET", "/api/assets/"+theirs.ID, ""))); a.Latest.N != 1 {
			t.Errorf("the asset is at version %d", a.Latest.N)
		}
	})
}

// An upload is there for who began it, and for nobody else; nor in another library.
func TestTusUploadsAreOnesOwn(t *testing.T) {
	f := start(t, catalogtest.SQLite(t))
	data := photo(t, 1)
	url := f.want(201, f.begin(dam.Contributor, len(data), meta("filename", "x.jpg"))).Header.Get("Location")
	others := func(when string) {
		t.Helper()
		for _, role := range []dam.Role{dam.Editor, dam.Publisher, dam.Admin} {
			for what, a := range map[string]answer{
				"HEAD": f.do(role, "HEAD", url, "", tusVersion, "1.0.0"), "PATCH": f.part(role, url, 0, data[:10]),
				"DELETE": f.do(role, "DELETE", url, "", tusVersion, "1.0.0"),
				"DELETE in disguise": f.do(role, "PATCH", url, "", tusVersion, "1.0.0",
					"X-HTTP-Method-Override", "DELETE"),
				"POST that says DELETE": f.do(role, "POST", "/api/uploads", "", tusVersion, "1.0.0",
					"X-HTTP-Method-Override", "DELETE", "Upload-Length", "5"),
				"result":                        f.do(role, "GET", url+"/result", ""),
				"resolve":                       f.do(role, "POST", url+"/resolve", `{"choice": "keep_both"}`),
				"the record beside the content": f.do(role, "HEAD", url+".info", "", tusVersion, "1.0.0"),
				"a way up": f.do(role, "HEAD", "/api/uploads/..%2f..%2fetc%2fpasswd", "",
					tusVersion, "1.0.0"),
			} {
				if want := map[bool]int{true: 422, false: 404}[what == "POST that says DELETE"]; a.StatusCode != want {
					t.Errorf("%s, %s by %s: %d %s", when, what, role, a.StatusCode, a.body)
				}
			}
		}
	}
	others("begun")
	// a stranger's header: an upload like any other
	f.want(201, f.begin(dam.Contributor, 10, meta("filename", "a.jpg"), "Upload-Concat", "partial"))
	f.want(204, f.part(dam.Contributor, url, 0, data))
	others("ended")
	f.want(200, f.do(dam.Contributor, "GET", url+"/result", ""))
	url = f.want(201, f.begin(dam.Contributor, len(data), meta("filename", "x.jpg"))).Header.Get("Location")
	f.want(409, f.part(dam.Contributor, url, 0, data))
	others("waiting for a choice")
	f.want(204, f.do(dam.Contributor, "DELETE", url, "", tusVersion, "1.0.0"))
}

// What is begun and not ended has a bound, in number and in size, for each principal.
func TestTusUnfinishedAreBounded(t *testing.T) {
	var dir string
	f := start(t, catalogtest.SQLite(t), func(c *api.Config) {
		dir = filepath.Join(c.Ingest.Dir, "tus")
		c.Ingest.Unfinished = ingest.Unfinished{Number: 3, Size: 4 << 20}
	})
	code := func(status int, a answer) {
		t.Helper()
		if p := f.want(status, a).problem(); p.Remedy == "" ||
			a.Header.Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s", a.body)
		}
	}
	first := f.want(201, f.begin(dam.Contributor, 1<<20, meta("filename", "a.jpg"))).Header.Get("Location")
	code(413, f.begin(dam.Contributor, 4<<20, meta("filename", "b.jpg")))
	f.want(201, f.begin(dam.Contributor, 1<<20, meta("filename", "b.jpg")))
	f.want(201, f.begin(dam.Contributor, 1<<20, meta("filename", "c.jpg")))
	code(429, f.begin(dam.Contributor, 1, meta("filename", "d.jpg")))
	f.want(201, f.begin(dam.Editor, 1<<20, meta("filename", "a.jpg"))) // each has their own
	f.want(204, f.do(dam.Contributor, "DELETE", first, "", tusVersion, "1.0.0"))
	data := photo(t, 1)
	url := f.want(201, f.begin(dam.Contributor, len(data), meta("filename", "d.jpg"))).Header.Get("Location")
	code(429, f.begin(dam.Contributor, 1, meta("filename", "e.jpg")))
	f.want(204, f.part(dam.Contributor, url, 0, data)) // what has ended counts no more
	f.want(201, f.begin(dam.Contributor, 1, meta("filename", "e.jpg")))

	// A server that starts again counts what it finds.
	again := &ingest.Service{Dir: filepath.Dir(dir), Unfinished: ingest.Unfinished{Number: 3, Size: 4 << 20}}
	tus, err := ingest.NewTus(again, "/api/uploads", api.RenderProblem)
	if err != nil {
		t.Fatal(err)
	}
	who, err := f.people.Token(catalogtest.Context(t), f.tokens[dam.Contributor])
	if err != nil {
		t.Fatal(err)
	}
	number, size := tus.Pending(who.ID)
	if number != 3 || size != 2<<20+1 {
		t.Errorf("after a start: %d uploads of %d bytes", number, size)
	}
	code(422, f.do(dam.Contributor, "POST", "/api/uploads", "", tusVersion, "1.0.0", "Upload-Defer-Length", "1",
		"Upload-Metadata", meta("filename", "a.jpg")))
	code(413, f.begin(dam.Contributor, 1<<62, meta("filename", "a.jpg")))
}

// Every refusal has the one shape, also those of the upload protocol itself.
func TestTusProblems(t *testing.T) {
	f := start(t, catalogtest.SQLite(t))
	data := photo(t, 1)
	url := f.want(201, f.begin(dam.Contributor, len(data), meta("filename", "x.jpg"))).Header.Get("Location")
	for what, x := range map[string]struct {
		status int
		answer answer
	}{
		"a wrong offset": {409, f.part(dam.Contributor, url, 7, data)},
		"no version": {412, f.do(dam.Contributor, "PATCH", url, "x", "Upload-Offset", "0", "Content-Type",
			"application/offset+octet-stream")},
		"no offset": {400, f.do(dam.Contributor, "PATCH", url, "x", tusVersion, "1.0.0", "Content-Type",
			"application/offset+octet-stream")},
		"another type": {400, f.do(dam.Contributor, "PATCH", url, "x", tusVersion, "1.0.0", "Upload-Offset", "0",
			"Content-Type", "text/plain")},
		"no length": {400, f.do(dam.Contributor, "POST", "/api/uploads", "", tusVersion, "1.0.0",
			"Upload-Metadata", meta("filename", "x"))},
		"a bad length": {400, f.do(dam.Contributor, "POST", "/api/uploads", "", tusVersion, "1.0.0",
			"Upload-Length", "-1", "Upload-Metadata", meta("filename", "x"))},
		"too large":       {413, f.begin(dam.Contributor, 9<<20, meta("filename", "x"))},
		"too much":        {413, f.part(dam.Contributor, url, 0, append(data, 0))},
		"not there":       {404, f.part(dam.Contributor, "/api/uploads/"+dam.NewID(dam.UploadPrefix), 0, data)},
		"nothing of ours": {404, f.part(dam.Contributor, "/api/uploads/up_x", 0, data)},
		"an unknown place": {404, f.do(dam.Contributor, "DELETE", "/api/uploads/"+dam.NewID(dam.UploadPrefix), "",
			tusVersion, "1.0.0")},
	} {
		p := x.answer.problem()
		if x.answer.StatusCode != x.status || x.answer.Header.Get("Content-Type") != "application/problem+json" ||
			p.Status != x.status || p.Code == "" || p.Detail == "" || p.Remedy == "" || p.Instance == "" {
			t.Errorf("%s: %d %v %s", what, x.answer.StatusCode, x.answer.Header, x.answer.body)
		}
	}
	if a := f.do(dam.Contributor, "HEAD", "/api/uploads/"+dam.NewID(dam.UploadPrefix), "", tusVersion,
		"1.0.0"); a.StatusCode != 404 || len(a.body) != 0 {
		t.Errorf("HEAD: %d %s", a.StatusCode, a.body)
	}
}
