package api_test

import (
	"strings"
	"testing"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/catalog/catalogtest"
	"vitrine/dam/rights"
)

// Licences are entered, linked and shortened by who may edit rights; readers are told the terms, and no names. What a
// library requires is asked for at every approval, in bulk as well.
func TestLicences(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, c *catalog.Catalog) {
		f := start(t, c)
		a := f.photograph(dam.Editor, 1)
		path := "/api/assets/" + a.ID
		f.want(403, f.do(dam.Editor, "PUT", "/api/rights/requirements", `{"licence": true, "consent": false}`))
		f.want(200, f.do(dam.Admin, "PUT", "/api/rights/requirements", `{"licence": true, "consent": false}`))
		f.want(200, f.do(dam.Editor, "POST", path+"/submit", `{}`))
		if p := f.want(409, f.do(dam.Publisher, "POST", path+"/approve", `{}`)).problem(); p.Remedy == "" {
			t.Errorf("approved without a licence: %+v", p)
		}
		body := `{"licensor": "Agency", "number": "G-1", "cost": {"amount": "10.00", "currency": "EUR"},
			"terms": {"territories": ["FR"], "media": ["web"]}}`
		f.want(403, f.do(dam.Editor, "POST", "/api/licences", body))
		f.want(403, f.do(dam.Viewer, "GET", "/api/licences", ""))
		l := into[dam.Licence](f, f.want(201, f.do(dam.Publisher, "POST", "/api/licences", body)))
		f.want(409, f.do(dam.Publisher, "POST", "/api/licences", body))
		f.want(422, f.do(dam.Publisher, "POST", "/api/licences",
			`{"licensor": "`+strings.Repeat("x", 201)+`"}`))
		link := `{"filter": {"assets": ["` + a.ID + `"]}}`
		linked := into[rights.Linked](f, f.want(200, f.do(dam.Publisher, "PUT", "/api/licences/"+l.ID+"/assets", link)))
		if linked.Assets != 1 {
			t.Errorf("%+v", linked)
		}
		f.want(404, f.do(dam.Publisher, "PUT", "/api/licences/"+l.ID+"/assets", `{"filter": {"assets": ["a_none"]}}`))
		f.want(404, f.do(dam.Publisher, "GET", "/api/consents/"+l.ID, ""))
		f.want(200, f.do(dam.Publisher, "POST", path+"/approve", `{}`))

		read := into[dam.AssetRights](f, f.want(200, f.do(dam.Viewer, "GET", path+"/rights", "")))
		if len(read.Records) != 1 || read.Records[0].Name != "" || len(read.Allowed.Territories) != 1 {
			t.Errorf("a reader is told %+v", read)
		}
		read = into[dam.AssetRights](f, f.want(200, f.do(dam.Publisher, "GET", path+"/rights", "")))
		if read.Records[0].Name != "Agency" || read.Records[0].Number != "G-1" {
			t.Errorf("a publisher is told %+v", read)
		}
		would := into[struct {
			Impact dam.RightsImpact
		}](f, f.want(200, f.do(dam.Publisher, "PATCH", "/api/licences/"+l.ID,
			`{"terms": {"until": "2020-01-01"}, "dry_run": true}`)))
		if would.Impact.HiddenCount != 1 {
			t.Errorf("it would touch %+v", would.Impact)
		}
		f.want(200, f.do(dam.Viewer, "GET", path, ""))
		f.want(412, f.do(dam.Publisher, "PATCH", "/api/licences/"+l.ID, `{"note": "x"}`, "If-Match", `"9"`))
		f.want(200, f.do(dam.Publisher, "PATCH", "/api/licences/"+l.ID, `{"terms": {"until": "2020-01-01"}}`,
			"If-Match", `"1"`))
		seen := into[dam.Asset](f, f.want(200, f.do(dam.Publisher, "GET", path, "")))
		if seen.Public.Status != dam.StatusExpired || seen.Rights.Until != "" || seen.Limits.Until != "2020-01-01" {
			t.Errorf("the asset is %+v %+v", seen.Public, seen.Limits)
		}
		f.want(200, f.do(dam.Publisher, "DELETE", "/api/licences/"+l.ID+"/assets", link))
		f.want(200, f.do(dam.Viewer, "GET", path, ""))
	})
}
