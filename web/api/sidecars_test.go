package api_test

import (
	"strings"
	"testing"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/catalog/catalogtest"
	"vitrine/dam/reasons"
	"vitrine/web/api"
)

// xmp is a sidecar that says a title and who made the picture.
func xmp(title string) string {
	return `<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
		<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:creator><rdf:Seq><rdf:li>Zoë</rdf:li>
		</rdf:Seq></dc:creator><dc:title><rdf:Alt><rdf:li xml:lang="x-default">` + title +
		`</rdf:li></rdf:Alt></dc:title></rdf:Description></rdf:RDF></x:xmpmeta>`
}

type withSidecar struct {
	uploaded
	Problem *api.Problem `json:"sidecar_problem"`
}

// A sidecar is kept with its version, read, replaced and removed; what somebody has edited stays.
func TestSidecars(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, c *catalog.Catalog) {
		f := start(t, c)
		a := f.photograph(dam.Contributor, 1)
		path := "/api/assets/" + a.ID + "/sidecar"
		f.want(404, f.do(dam.Viewer, "GET", path, ""))
		f.want(403, f.do(dam.Viewer, "PUT", path, xmp("Chair")))
		f.want(200, f.do(dam.Contributor, "PATCH", "/api/assets/"+a.ID, `{"creator": "Mine"}`))
		f.want(422, f.do(dam.Contributor, "PUT", path, "<!DOCTYPE x>"+xmp("Chair")))
		f.want(413, f.do(dam.Contributor, "PUT", path, strings.Repeat(" ", dam.MaxSidecar+1)))

		put := f.want(200, f.do(dam.Contributor, "PUT", path+"?file_name=photo-1.jpg.xmp", xmp("Chair")))
		a = into[dam.Asset](f, put)
		if s := a.Latest.Sidecar; s == nil || s.FileName != "photo-1.jpg.xmp" || s.Size != int64(len(xmp("Chair"))) ||
			a.Title["en"] != "Chair" || a.Creator != "Mine" || put.Header.Get("ETag") == "" {
			t.Fatalf("%+v", a)
		}
		again := into[dam.Asset](f, f.want(200, f.do(dam.Contributor, "PUT", path+"?file_name=photo-1.jpg.xmp",
			xmp("Chair"))))
		if again.Revision != a.Revision {
			t.Errorf("the same again made revision %d of %d", again.Revision, a.Revision)
		}
		got := f.want(200, f.do(dam.Viewer, "GET", path, ""))
		if string(got.body) != xmp("Chair") || !strings.Contains(got.Header.Get("Content-Disposition"),
			"photo-1.jpg.xmp") ||
			!strings.HasPrefix(got.Header.Get("Content-Type"), "application/rdf+xml") {
			t.Errorf("%v %q", got.Header, got.body)
		}
		// An older version made new again brings its sidecar along.
		f.want(201, f.upload(dam.Contributor, "/api/assets/"+a.ID+"/versions", "b.jpg", photo(t, 9), nil))
		f.want(404, f.do(dam.Viewer, "GET", path, ""))
		restored := into[dam.Asset](f, f.want(200, f.do(dam.Editor, "POST",
			"/api/assets/"+a.ID+"/versions/"+a.Latest.ID+"/restore", "")))
		if s := restored.Latest.Sidecar; s == nil || s.SHA256 != a.Latest.Sidecar.SHA256 {
			t.Errorf("restored with %+v", s)
		}
		first := "?version=" + a.Latest.ID
		a = into[dam.Asset](f, f.want(200, f.do(dam.Contributor, "DELETE", path+first, "")))
		if a.Title["en"] != "photo-1" || a.Creator != "Mine" {
			t.Errorf("without its sidecar: %+v", a)
		}
		f.want(404, f.do(dam.Viewer, "GET", path+first, ""))
		f.want(404, f.do(dam.Contributor, "DELETE", path+first, ""))
	})
}

// Sidecars come with their file, or after it by its name; alone, or with several that they could belong to, they are
// refused and nothing of them is kept.
func TestSidecarsOfUploads(t *testing.T) {
	f := start(t, catalogtest.SQLite(t))
	both := into[withSidecar](f, f.want(201, f.upload(dam.Contributor, "/api/assets", "IMG_1.jpg", photo(t, 1), nil,
		"sidecar", xmp("Together"))))
	if both.Asset.Title["en"] != "Together" || both.Asset.Latest.Sidecar == nil || both.Problem != nil {
		t.Errorf("together: %+v", both)
	}
	bad := into[withSidecar](f, f.want(201, f.upload(dam.Contributor, "/api/assets", "IMG_2.jpg", photo(t, 2), nil,
		"sidecar", "<x")))
	if bad.Asset.ID == "" || bad.Problem == nil || bad.Problem.ReasonCode != reasons.CodeSidecarNotXmp {
		t.Errorf("with a broken one: %+v", bad)
	}
	send := func(name, packet string) answer {
		t.Helper()
		url := f.want(201, f.begin(dam.Contributor, len(packet), meta("filename", name))).Header.Get("Location")
		return f.part(dam.Contributor, url, 0, []byte(packet))
	}
	after := f.want(204, send("img_2.XMP", xmp("After")))
	if after.Header.Get("Vitrine-Status") != "sidecar" || after.Header.Get("Vitrine-Asset") != bad.Asset.ID {
		t.Errorf("after its picture: %v", after.Header)
	}
	if a := into[dam.Asset](f, f.want(200, f.do(dam.Viewer, "GET", "/api/assets/"+bad.Asset.ID,
		""))); a.Title["en"] != "After" {
		t.Errorf("after its picture: %+v", a)
	}
	for name, code := range map[string]string{"IMG_3.xmp": reasons.CodeSidecarWithoutPicture,
		"IMG_1.xmp": reasons.CodeSidecarOfSeveral} {
		if code == reasons.CodeSidecarOfSeveral {
			f.want(201, f.upload(dam.Contributor, "/api/assets", "IMG_1.jpg", photo(t, 4), nil))
		}
		p := f.want(415, send(name, xmp("Alone"))).problem()
		if p.ReasonCode != code || p.Remedy == "" || p.Quarantine != "" {
			t.Errorf("%s: %+v", name, p)
		}
	}
	f.want(413, f.begin(dam.Contributor, dam.MaxSidecar+1, meta("filename", "a.xmp")))
	f.want(415, f.upload(dam.Editor, "/api/assets", "IMG_2.xmp", []byte(xmp("Another's")), nil))
	if n, err := f.catalog.Assets().CountAssets(catalogtest.Context(t), dam.DefaultLibrary); err != nil || n != 3 {
		t.Errorf("%d assets: %v", n, err)
	}
}
