package api_test

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/catalog/catalogtest"
	"vitrine/search"
	"vitrine/web/api"
)

// From the file to the approved, downloadable asset, as an integrator does it.
func TestAnAssetsLife(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, c *catalog.Catalog) {
		f := start(t, c)
		bytesOf := photo(t, 1)
		up := f.want(201, f.upload(dam.Contributor, "/api/assets", `dir/Été "1".jpg`, bytesOf, nil, "title",
			"Blue chair"))
		first := into[uploaded](f, up)
		id := first.Asset.ID
		if first.Status != "created" || up.Header.Get("ETag") != `"1"` || first.Asset.Title["en"] != "Blue chair" ||
			first.Asset.CreatedBy == "" {
			t.Errorf("uploaded: %s %v", up.body, up.Header)
		}
		seq := up.Header.Get("X-Vitrine-Seq")
		if seq == "" || seq == "0" {
			t.Fatalf("the upload's seq is %q", seq)
		}

		found := into[struct {
			Items []dam.Asset
			Total int
			Next  string
			Seq   int64
		}](f, f.want(200, f.do(dam.Viewer, "GET", "/api/assets?q=blue&type=image,video&status=draft&wait="+seq, "")))
		if found.Total != 1 || len(found.Items) != 1 || found.Items[0].ID != id || fmt.Sprint(found.Seq) < seq {
			t.Errorf("search after the write: %+v", found)
		}

		known := into[struct {
			Items []dam.Asset
		}](f, f.want(200, f.do(dam.Viewer, "GET", "/api/assets?sha256="+first.Asset.Latest.SHA256, "")))
		if len(known.Items) != 1 || known.Items[0].ID != id {
			t.Errorf("asked for by its bytes: %+v", known.Items)
		}
		f.want(422, f.do(dam.Viewer, "GET", "/api/assets?sha256=x", ""))

		// The same bytes: a choice, not a copy.
		dup := f.want(409, f.upload(dam.Contributor, "/api/assets", "again.jpg", bytesOf, nil)).problem()
		if dup.Code != dam.Duplicate || dup.Duplicate == nil || dup.Duplicate.Asset != id ||
			len(dup.Duplicate.Choices) != 3 || dup.Remedy == "" {
			t.Errorf("duplicate: %+v", dup)
		}
		f.want(201, f.upload(dam.Contributor, "/api/assets", "again.jpg", bytesOf, nil, "on_duplicate", "keep"))

		// Edits carry the revision; a lost race is told apart from everything else.
		edited := f.want(200, f.do(dam.Editor, "PATCH", "/api/assets/"+id,
			`{"title": {"fr": "Chaise bleue"}, "tags": ["oak"]}`, "If-Match", up.Header.Get("ETag"), "Content-Type",
			"application/merge-patch+json"))
		if edited.Header.Get("ETag") != `"2"` || edited.Header.Get("X-Vitrine-Seq") == "" {
			t.Errorf("edited: %v", edited.Header)
		}
		counted := into[struct {
			Facets map[string][]search.FacetCount
		}](f,
			f.want(200, f.do(dam.Viewer, "GET", "/api/assets?facets=tag,type&wait="+edited.Header.Get("X-Vitrine-Seq"),
				"")))
		if tags := counted.Facets["tag"]; len(tags) != 1 || tags[0] != (search.FacetCount{Value: "oak", Count: 1}) ||
			len(counted.Facets["type"]) != 1 {
			t.Errorf("facets: %+v", counted.Facets)
		}
		typed := into[struct {
			Items []search.Suggestion
		}](f, f.want(200, f.do(dam.Viewer, "GET", "/api/suggest?q=oa", "")))
		if len(typed.Items) == 0 || typed.Items[0].Field != "tag" || typed.Items[0].Value != "oak" {
			t.Errorf("suggestions for oa: %+v", typed.Items)
		}
		lost := f.want(412, f.do(dam.Editor, "PATCH", "/api/assets/"+id, `{"rating": 3}`, "If-Match", `"1"`)).problem()
		if lost.Code != dam.Stale || lost.Instance == "" || len(lost.Errors) != 1 ||
			lost.Errors[0].Location != "If-Match" {
			t.Errorf("a lost race: %+v", lost)
		}
		f.want(412, f.do(dam.Editor, "DELETE", "/api/assets/"+id, "", "If-Match", `"0"`))

		// Contributors edit what is theirs; this is the token's upload, not the person's.
		theirs := f.photograph(dam.Editor, 2)
		f.want(200, f.do(dam.Contributor, "PATCH", "/api/assets/"+id, `{"rating": 4}`))
		for method, path := range map[string]string{"PATCH": "/api/assets/" + theirs.ID,
			"POST": "/api/assets/" + theirs.ID + "/submit"} {
			f.want(403, f.do(dam.Contributor, method, path, `{}`))
		}
		f.want(403, f.upload(dam.Contributor, "/api/assets/"+theirs.ID+"/versions", "v2.jpg", photo(t, 3), nil))
		f.want(403, f.upload(dam.Contributor, "/api/assets", "x.jpg", photo(t, 4), nil, "approve", "true"))

		// Review.
		f.want(200, f.do(dam.Contributor, "POST", "/api/assets/"+id+"/submit", ""))
		if p := f.want(422, f.do(dam.Publisher, "POST", "/api/assets/"+id+"/reject",
			`{}`)).problem(); p.Errors[0].Location != "comment" {
			t.Errorf("a rejection without a comment: %+v", p)
		}
		approved := into[dam.Asset](f,
			f.want(200, f.do(dam.Publisher, "POST", "/api/assets/"+id+"/approve", `{"comment": "lovely"}`)))
		if approved.Live != first.Version || approved.Latest.Status != dam.Approved {
			t.Errorf("approved: %+v", approved)
		}
		f.want(409, f.do(dam.Publisher, "POST", "/api/assets/"+id+"/approve", ""))
		at := into[uploaded](f, f.want(201, f.upload(dam.Publisher, "/api/assets", "x.jpg", photo(t, 4), nil, "approve",
			"true")))
		if at.Asset.Latest.Status != dam.Approved {
			t.Errorf("approved at upload: %+v", at.Asset.Latest)
		}

		// A second version, and the first one's bytes as a third.
		v2 := into[dam.Asset](f, f.want(201, f.upload(dam.Contributor, "/api/assets/"+id+"/versions", "v2.jpg",
			photo(t, 5), nil)))
		if v2.Latest.N != 2 || v2.Live != first.Version {
			t.Errorf("second version: %+v", v2)
		}
		v3 := into[dam.Asset](f,
			f.want(200, f.do(dam.Editor, "POST", "/api/assets/"+id+"/versions/"+first.Version+"/restore", "")))
		versions := into[struct {
			Items []dam.Version
		}](f, f.want(200, f.do(dam.Viewer, "GET", "/api/assets/"+id+"/versions", "")))
		if v3.Latest.SHA256 != first.SHA256 || len(versions.Items) != 3 || versions.Items[0].N != 3 {
			t.Errorf("third version: %+v", versions)
		}

		// The history names people and says what changed.
		history := into[struct {
			Items []struct {
				Type      dam.EventType
				ActorName string `json:"actor_name"`
				Changes   []dam.Change
			}
		}](f, f.want(200, f.do(dam.Viewer, "GET", "/api/assets/"+id+"/events?limit=200", "")))
		var update bool
		for _, e := range history.Items {
			if e.Type == dam.AssetUpdated && e.ActorName == "editor" && len(e.Changes) == 2 {
				update = true
			}
		}
		if !update || history.Items[len(history.Items)-1].Type != dam.AssetCreated {
			t.Errorf("history: %+v", history.Items)
		}

		// Bin and back.
		f.want(204, f.do(dam.Editor, "DELETE", "/api/assets/"+id, ""))
		back := into[dam.Asset](f, f.want(200, f.do(dam.Editor, "POST", "/api/assets/"+id+"/undelete", "")))
		if back.DeletedAt != nil {
			t.Errorf("back from the bin: %+v", back.DeletedAt)
		}
	})
}

func TestFiles(t *testing.T) {
	f := start(t, catalogtest.SQLite(t))
	original := photo(t, 1)
	first := into[uploaded](f, f.want(201, f.upload(dam.Editor, "/api/assets", `Été "1".jpg`, original, nil)))
	base := "/api/assets/" + first.Asset.ID

	list := func() (out struct {
		Items []struct {
			dam.Rendition
			URL      string `json:"url"`
			ExactURL string `json:"exact_url"`
		}
		State dam.RenditionState
	}) {
		return into[struct {
			Items []struct {
				dam.Rendition
				URL      string `json:"url"`
				ExactURL string `json:"exact_url"`
			}
			State dam.RenditionState
		}](f, f.want(200, f.do(dam.Viewer, "GET", base+"/renditions", "")))
	}
	f.until("renditions", func() bool { return list().State == dam.RenditionsReady })
	r := list().Items[0]
	if r.URL != f.app.Config.PublicURL+"/r/"+first.Asset.ID+"/"+r.Preset || !strings.Contains(r.ExactURL, r.Hash) {
		t.Errorf("addresses: %+v", r)
	}

	for accept, want := range map[string]string{"image/avif,image/webp,*/*;q=0.8": "image/webp",
		"image/*": "image/jpeg", "": "image/jpeg", "image/webp;q=0, */*": "image/jpeg", "text/html": "image/jpeg"} {
		a := f.want(200, f.do(dam.Viewer, "GET", base+"/preview/thumb", "", "Accept", accept))
		if a.Header.Get("Content-Type") != want || a.Header.Get("Vary") != "Accept" || len(a.body) == 0 {
			t.Errorf("Accept %q: %v", accept, a.Header)
		}
		if again := f.do(dam.Viewer, "GET", base+"/preview/thumb", "", "Accept", accept, "If-None-Match",
			a.Header.Get("ETag")); again.StatusCode != 304 {
			t.Errorf("revalidation: %d", again.StatusCode)
		}
	}
	if a := f.want(200, f.do(dam.Viewer, "GET", base+"/preview/thumb?f=&version="+first.Version,
		"")); a.Header.Get("Cache-Control") != "private, no-cache" {
		t.Errorf("without a focal point in the address: %v", a.Header)
	}
	if a := f.want(200, f.do(dam.Viewer, "GET", base+"/preview/thumb?f=0.5,0.5&version="+first.Version,
		"")); !strings.Contains(a.Header.Get("Cache-Control"), "max-age=3600") {
		t.Errorf("an address that names version and focal point: %v", a.Header)
	}
	if p := f.want(404, f.do(dam.Viewer, "GET", base+"/preview/thmb", "")).problem(); !strings.Contains(p.Remedy,
		"thumb") {
		t.Errorf("an unknown preset: %+v", p)
	}

	whole := f.want(200, f.do(dam.Viewer, "GET", base+"/download", ""))
	h := whole.Header
	if !bytes.Equal(whole.body, original) ||
		h.Get(
			"Content-Disposition") != `attachment; filename="_t_ _1_.jpg"; filename*=UTF-8''%C3%89t%C3%A9%20%221%22.jpg` ||
		!strings.HasPrefix(h.Get("Content-Security-Policy"), "sandbox") ||
		h.Get("X-Content-Type-Options") != "nosniff" || h.Get("ETag") != `"`+first.SHA256+`"` {
		t.Errorf("download: %d bytes, %v", len(whole.body), h)
	}
	part := f.want(206, f.do(dam.Viewer, "GET", base+"/download", "", "Range", "bytes=10-19"))
	if !bytes.Equal(part.body, original[10:20]) {
		t.Errorf("a range: %d bytes", len(part.body))
	}
	if a := f.want(200, f.do(dam.Viewer, "HEAD", base+"/download", "")); a.ContentLength != int64(len(original)) ||
		len(a.body) != 0 {
		t.Errorf("HEAD: %d", a.ContentLength)
	}

	// An SVG is kept, never shown, and only an attachment.
	svg := into[uploaded](f,
		f.want(201, f.upload(dam.Editor, "/api/assets", "logo.svg",
			[]byte(`<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`), nil)))
	a := f.want(200, f.do(dam.Viewer, "GET", "/api/assets/"+svg.Asset.ID+"/download", ""))
	if !strings.HasPrefix(a.Header.Get("Content-Disposition"), "attachment;") ||
		!strings.HasPrefix(a.Header.Get("Content-Security-Policy"), "sandbox") {
		t.Errorf("an active type: %v", a.Header)
	}
	if p := f.want(404, f.do(dam.Viewer, "GET", "/api/assets/"+svg.Asset.ID+"/preview/thumb",
		"")).problem(); p.Code != dam.NotFound || p.Detail == "" || p.Remedy == "" {
		t.Errorf("no picture: %+v", p)
	}
}

// A rejected file is in quarantine with the reason.
func TestQuarantine(t *testing.T) {
	f := start(t, catalogtest.SQLite(t))
	p := f.want(422, f.upload(dam.Contributor, "/api/assets", "empty.jpg", nil, nil)).problem()
	if p.Quarantine == "" || p.Errors[0].Location != "file" {
		t.Fatalf("an empty file: %+v", p)
	}
	if p := f.want(413, f.upload(dam.Contributor, "/api/assets", "big.jpg", make([]byte, 8<<20+1),
		nil)).problem(); p.Code != dam.TooLarge {
		t.Errorf("too large: %+v", p)
	}
	list := into[struct{ Items []dam.Quarantined }](f, f.want(200, f.do(dam.Editor, "GET", "/api/quarantine", "")))
	if len(list.Items) != 1 || list.Items[0].ID != p.Quarantine || list.Items[0].FileName != "empty.jpg" {
		t.Errorf("quarantine: %+v", list)
	}
	f.want(204, f.do(dam.Editor, "DELETE", "/api/quarantine/"+p.Quarantine, ""))
	f.want(404, f.do(dam.Editor, "DELETE", "/api/quarantine/"+p.Quarantine, ""))
}

func TestResumableUpload(t *testing.T) {
	f := start(t, catalogtest.SQLite(t))
	data := photo(t, 9)
	meta := "filename " + base64.StdEncoding.EncodeToString([]byte("tus.jpg"))
	begin := func(as dam.Role, meta string) answer {
		return f.do(as, "POST", "/api/uploads", "", "Tus-Resumable", "1.0.0", "Upload-Length", fmt.Sprint(len(data)),
			"Upload-Metadata", meta)
	}
	send := func(url string, from int, part []byte) answer {
		return f.do(dam.Contributor, "PATCH", url, string(part), "Tus-Resumable", "1.0.0", "Upload-Offset",
			fmt.Sprint(from), "Content-Type", "application/offset+octet-stream")
	}
	url := f.want(201, begin(dam.Contributor, meta)).Header.Get("Location")
	if !strings.HasPrefix(url, "/api/uploads/up_") {
		t.Fatalf("Location %q: want a path", url)
	}
	f.want(204, send(url, 0, data[:100]))
	if a := f.want(200, f.do(dam.Contributor, "HEAD", url, "", "Tus-Resumable",
		"1.0.0")); a.Header.Get("Upload-Offset") != "100" {
		t.Errorf("offset: %v", a.Header)
	}
	f.want(409, send(url, 7, data[7:]))
	end := f.want(204, send(url, 100, data[100:]))
	id := end.Header.Get("Vitrine-Asset")
	if id == "" || end.Header.Get("Vitrine-Status") != "created" || end.Header.Get("X-Vitrine-Seq") == "" {
		t.Fatalf("the last answer: %v", end.Header)
	}
	a := into[dam.Asset](f, f.want(200, f.do(dam.Viewer, "GET", "/api/assets/"+id, "")))
	if a.Latest.FileName != "tus.jpg" || a.CreatedBy == "system" {
		t.Errorf("%+v", a)
	}
	if r := into[struct {
		Status, Asset string
	}](f, f.want(200, f.do(dam.Contributor, "GET", url+"/result", ""))); r.Status != "created" || r.Asset != id {
		t.Errorf("result: %+v", r)
	}

	// The same bytes again: 409 with the choices, then keep both.
	url = f.want(201, begin(dam.Contributor, meta)).Header.Get("Location")
	refused := f.want(409, send(url, 0, data))
	if p := refused.problem(); p.Code != dam.Duplicate || p.Duplicate == nil || p.Duplicate.Asset != id ||
		refused.Header.Get("Content-Type") != "application/problem+json" {
		t.Errorf("duplicate: %s %v", refused.body, refused.Header)
	}
	if p := f.want(422, f.do(dam.Contributor, "POST", url+"/resolve",
		`{"choice": "both"}`)).problem(); p.Errors[0].Location != "choice" {
		t.Errorf("an unknown choice: %+v", p)
	}
	kept := into[struct {
		Asset dam.Asset
	}](f, f.want(201, f.do(dam.Contributor, "POST", url+"/resolve", `{"choice": "keep_both"}`)))
	if kept.Asset.ID == id || kept.Asset.Latest.SHA256 != a.Latest.SHA256 {
		t.Errorf("kept: %+v", kept)
	}

	// Somebody else's asset gets no version from a contributor, and bad metadata is named.
	theirs := f.photograph(dam.Editor, 10)
	f.want(403, begin(dam.Contributor, meta+",asset "+base64.StdEncoding.EncodeToString([]byte(theirs.ID))))
	f.want(404, f.do(dam.Contributor, "HEAD", "/api/uploads/up_none", "", "Tus-Resumable", "1.0.0"))
	if p := f.want(422, begin(dam.Contributor, "")).problem(); !strings.Contains(p.Errors[0].Location, "filename") {
		t.Errorf("no file name: %+v", p)
	}
}

func TestCollections(t *testing.T) {
	f := start(t, catalogtest.SQLite(t))
	a := f.photograph(dam.Editor, 1)
	made := f.want(201, f.do(dam.Editor, "POST", "/api/collections", `{"name": "Spring"}`))
	c := into[dam.Collection](f, made)
	f.want(409, f.do(dam.Editor, "POST", "/api/collections", `{"name": "spring"}`))
	f.want(200, f.do(dam.Editor, "PATCH", "/api/collections/"+c.ID, `{"name": "Summer"}`, "If-Match",
		made.Header.Get("ETag")))
	f.want(412, f.do(dam.Editor, "PATCH", "/api/collections/"+c.ID, `{"name": "Autumn"}`, "If-Match",
		made.Header.Get("ETag")))
	if c := into[dam.Collection](f,
		f.want(200, f.do(dam.Editor, "PUT", "/api/collections/"+c.ID+"/assets",
			`{"assets": ["`+a.ID+`"]}`))); c.Count != 1 {
		t.Errorf("%+v", c)
	}
	if p := f.want(422, f.do(dam.Editor, "PUT", "/api/collections/"+c.ID+"/assets",
		`{"assets": ["a_none"]}`)).problem(); p.Errors[0].Location != "assets[0]" {
		t.Errorf("%+v", p)
	}
	seq := f.want(200, f.do(dam.Editor, "DELETE", "/api/collections/"+c.ID+"/assets",
		`{"assets": ["`+a.ID+`"]}`)).Header.Get("X-Vitrine-Seq")
	if r := into[struct {
		Total int
	}](f, f.want(200, f.do(dam.Viewer, "GET", "/api/assets?collection="+c.ID+"&wait="+seq, ""))); r.Total != 0 {
		t.Errorf("taken out, but found: %+v", r)
	}
	f.want(204, f.do(dam.Editor, "DELETE", "/api/collections/"+c.ID, ""))
	if list := into[struct {
		Items []dam.Collection
	}](f, f.want(200, f.do(dam.Viewer, "GET", "/api/collections", ""))); list.Items == nil || len(list.Items) != 0 {
		t.Errorf("%+v", list)
	}
}

// A repeat with the same Idempotency-Key is answered with the first answer and changes nothing.
func TestIdempotency(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, c *catalog.Catalog) {
		f := start(t, c)
		twice := func(what string, do func() answer) {
			t.Helper()
			one := do()
			before, err := c.Log().Head(catalogtest.Context(t))
			if err != nil {
				t.Fatal(err)
			}
			two := do()
			after, err := c.Log().Head(catalogtest.Context(t))
			if err != nil {
				t.Fatal(err)
			}
			// Jobs may write events of their own, so the bodies are what counts; the head only where nothing runs.
			if one.StatusCode/100 != 2 || two.StatusCode != one.StatusCode || !bytes.Equal(one.body, two.body) {
				t.Errorf("%s: %d %s\nthen %d %s", what, one.StatusCode, one.body, two.StatusCode, two.body)
			}
			if what != "upload" && before != after {
				t.Errorf("%s: the repeat wrote %d events", what, after-before)
			}
		}
		key := func(k string) []string { return []string{"Idempotency-Key", k} }
		twice("collection", func() answer {
			return f.do(dam.Editor, "POST", "/api/collections", `{"name": "Spring"}`, key("k1")...)
		})
		twice("user", func() answer {
			return f.do(dam.Admin, "POST", "/api/users",
				`{"email": "new@example.com", "name": "New", "role": "viewer"}`, key("k2")...)
		})
		twice("token", func() answer {
			return f.do(dam.Admin, "POST", "/api/tokens", `{"name": "t", "role": "viewer"}`, key("k3")...)
		})
		twice("upload", func() answer {
			return f.upload(dam.Editor, "/api/assets", "k.jpg", photo(t, 1), map[string]string{"Idempotency-Key": "k4"})
		})
		p := f.want(422, f.do(dam.Editor, "POST", "/api/collections", `{"name": "Summer"}`, key("k1")...)).problem()
		if p.Errors[0].Location != "Idempotency-Key" {
			t.Errorf("the key for another request: %+v", p)
		}
		// keys are a principal's own
		f.want(201, f.do(dam.Publisher, "POST", "/api/collections", `{"name": "Autumn"}`, key("k1")...))
		f.want(422, f.do(dam.Editor, "POST", "/api/collections", `{"name": "Winter"}`, key("a key")...))
		f.want(422, f.do(dam.Editor, "POST", "/api/collections", `{"name": "Winter"}`,
			key(strings.Repeat("k", 256))...))
	})
}

func TestJobsAndSystem(t *testing.T) {
	f := start(t, catalogtest.SQLite(t), func(c *api.Config) {
		c.Followers = func() map[string]int64 { return map[string]int64{"search": 0} }
		c.System.Storage = "disk:/srv/objects"
		c.Building = func() (int, bool) { return 41, true }
	})
	f.photograph(dam.Editor, 1)
	f.until("the jobs are done", func() bool {
		j := into[struct {
			Items  []struct{ Kind, Subject string }
			Counts map[string]int
		}](f, f.want(200, f.do(dam.Admin, "GET", "/api/jobs?state=done", "")))
		kinds := map[string]bool{}
		for _, x := range j.Items {
			kinds[x.Kind] = strings.HasPrefix(x.Subject, "v_")
		}
		return kinds["rendition.make"] && kinds["analysis.look"] && j.Counts["done"] >= 2
	})
	f.want(404, f.do(dam.Editor, "POST", "/api/jobs/999/retry", ""))
	s := into[struct {
		Version   string
		Followers []struct {
			Name     string
			Seq, Lag int64
		}
		Jobs  map[string]int
		Tools []any
		Built int `json:"index_building"`
	}](f, f.want(200, f.do(dam.Editor, "GET", "/api/system", "")))
	if s.Version != "test" || s.Jobs["done"] < 2 || s.Tools == nil || s.Built != 41 {
		t.Errorf("%+v", s)
	}
	behind := false
	for _, w := range s.Followers {
		behind = behind || w.Name == "search" && w.Seq == 0 && w.Lag > 0
	}
	if !behind {
		t.Errorf("the search is at 0, and told is %+v", s.Followers)
	}
	// What others do in the installation is not told to those who don't run a library.
	for _, role := range []dam.Role{dam.Viewer, dam.Contributor} {
		a := f.want(200, f.do(role, "GET", "/api/system", ""))
		if !strings.Contains(string(a.body), `"followers":[]`) || strings.Contains(string(a.body), `"head"`) ||
			!strings.Contains(string(a.body), `"version":"test"`) {
			t.Errorf("a %s sees %s", role, a.body)
		}
	}
	for role, want := range map[dam.Role]string{dam.Viewer: "", dam.Admin: "disk:/srv/objects"} {
		if s := into[api.System](f, f.want(200, f.do(role, "GET", "/api/system", ""))); s.Storage != want {
			t.Errorf("%s sees the storage %q, want %q", role, s.Storage, want)
		}
	}
}
