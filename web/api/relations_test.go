package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/catalog/catalogtest"
)

type relationsAnswer struct {
	Items []dam.Related
}

func (f *fixture) relations(as dam.Role, id string) []dam.Related {
	f.Helper()
	return into[relationsAnswer](f, f.want(200, f.do(as, "GET", "/api/assets/"+id+"/relations", ""))).Items
}

// Relations are made, seen from both sides, confirmed and ended by who may edit the asset that is made of another one.
func TestRelations(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, c *catalog.Catalog) {
		f := start(t, c)
		source, derived := f.photograph(dam.Editor, 1), f.photograph(dam.Contributor, 2)
		path := "/api/assets/" + derived.ID + "/relations"
		body := `{"kind": "derived_from", "to": "` + source.ID + `"}`
		f.want(403, f.do(dam.Viewer, "POST", "/api/assets/"+source.ID+"/relations", body))
		f.want(403, f.do(dam.Contributor, "POST", "/api/assets/"+source.ID+"/relations",
			`{"kind": "part_of", "to": "`+derived.ID+`"}`))
		f.want(404, f.do(dam.Editor, "POST", path, `{"kind": "derived_from", "to": "a_none"}`))
		for _, wrong := range []string{`{"kind": "sibling_of", "to": "` + source.ID + `"}`,
			`{"kind": "part_of", "to": ""}`, `{"kind": "part_of", "to": "` + derived.ID + `"}`,
			`{"kind": "part_of", "to": "` + source.ID + `", "version": -1}`,
			`{"kind": "part_of", "to": "` + strings.Repeat("é", 65) + `"}`} {
			f.want(422, f.do(dam.Editor, "POST", path, wrong))
		}
		made := into[dam.Related](f, f.want(201, f.do(dam.Contributor, "POST", path, body)))
		if made.Version != 1 || made.Stale || made.Asset.ID != source.ID {
			t.Errorf("made: %+v", made)
		}
		f.want(409, f.do(dam.Editor, "POST", "/api/assets/"+source.ID+"/relations",
			`{"kind": "variant_of", "to": "`+derived.ID+`"}`))
		f.want(201, f.upload(dam.Editor, "/api/assets/"+source.ID+"/versions", "2.jpg", photo(t, 3), nil))
		if list := f.relations(dam.Editor, source.ID); len(list) != 1 || !list[0].Stale || list[0].Latest != 2 ||
			list[0].Direction != dam.DirectionFrom || !list[0].Asset.Stale {
			t.Errorf("from the source: %+v", list)
		}
		f.until("a search for it", func() bool {
			n, ids := f.found(func(method, path, body string, headers ...string) answer {
				return f.do(dam.Editor, method, path, body, headers...)
			}, "is:stale")
			return n == 1 && strings.Contains(ids, derived.ID)
		})
		// Who doesn't see everything isn't told: the version may be a draft of what they don't see.
		f.want(200, f.do(dam.Publisher, "POST", "/api/assets/"+derived.ID+"/approve", ""))
		_, viewer := f.person(dam.Viewer)
		f.until("the viewer sees the derivative", func() bool {
			n, _ := f.found(viewer, "is:live")
			return n == 1
		})
		if n, _ := f.found(viewer, "is:stale"); n != 0 {
			t.Error("a viewer finds what is stale")
		}
		if a := f.want(200, viewer("GET", "/api/assets/"+derived.ID+"/events", "")); strings.Contains(
			string(a.body), "source_changed") {
			t.Error("a viewer reads that the source has changed")
		}
		one := "/api/assets/" + source.ID + "/relations/" + made.ID
		f.want(404, f.do(dam.Editor, "POST", path+"/re_none/confirm", `{}`))
		if x := into[dam.Related](f, f.want(200, f.do(dam.Editor, "POST", one+"/confirm", `{"version": 2}`))); x.Stale {
			t.Errorf("confirmed: %+v", x)
		}
		f.want(403, f.do(dam.Viewer, "DELETE", one, ""))
		f.want(204, f.do(dam.Contributor, "DELETE", one, ""))
		f.want(404, f.do(dam.Contributor, "DELETE", one, ""))
		if list := f.relations(dam.Editor, derived.ID); len(list) != 0 {
			t.Errorf("after the end: %+v", list)
		}
	})
}

// Duplicates give the one that is kept their relations, licences and consents; where these would take something from
// what is live, nothing is resolved.
func TestDuplicatesKeepWhatBindsThem(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, c *catalog.Catalog) {
		f := start(t, c)
		keep, dup, other := f.photograph(dam.Editor, 1), f.photograph(dam.Editor, 2), f.photograph(dam.Editor, 3)
		f.want(201, f.do(dam.Editor, "POST", "/api/assets/"+dup.ID+"/relations",
			`{"kind": "derived_from", "to": "`+other.ID+`"}`))
		link := func(noun, body, asset string) string {
			id := into[struct{ ID string }](f, f.want(201, f.do(dam.Publisher, "POST", "/api/"+noun, body))).ID
			f.want(200, f.do(dam.Publisher, "PUT", "/api/"+noun+"/"+id+"/assets",
				`{"filter": {"assets": ["`+asset+`"]}}`))
			return id
		}
		licence := link("licences", `{"licensor": "Agency", "terms": {"territories": ["FR"]}}`, dup.ID)
		consent := link("consents", `{"person": "Ana"}`, dup.ID)
		shared := link("licences", `{"licensor": "Other"}`, dup.ID)
		f.want(200, f.do(dam.Publisher, "PUT", "/api/licences/"+shared+"/assets",
			`{"filter": {"assets": ["`+keep.ID+`"]}}`))
		resolve := fmt.Sprintf(`{"keep": %q, "others": [%q], "action": "bin"}`, keep.ID, dup.ID)

		f.want(200, f.do(dam.Publisher, "POST", "/api/assets/"+keep.ID+"/approve", `{}`))
		f.want(403, f.do(dam.Editor, "POST", "/api/duplicates/resolve", resolve)) // it would link records
		p := f.want(http.StatusConflict, f.do(dam.Publisher, "POST", "/api/duplicates/resolve", resolve)).problem()
		if !strings.Contains(p.Detail, licence) || p.Remedy == "" || strings.Contains(p.Detail, "Agency") {
			t.Errorf("refused with %+v", p)
		}
		if got := f.asset(dup.ID); got.DeletedAt != nil {
			t.Error("half a resolution was carried out")
		}
		// A person links it, having been told what that touches; then nothing is taken by the merge.
		f.want(200, f.do(dam.Publisher, "PUT", "/api/licences/"+licence+"/assets",
			`{"filter": {"assets": ["`+keep.ID+`"]}}`))
		f.want(200, f.do(dam.Publisher, "POST", "/api/duplicates/resolve", resolve))
		read := into[dam.AssetRights](f, f.want(200, f.do(dam.Publisher, "GET", "/api/assets/"+keep.ID+"/rights", "")))
		ids := map[string]bool{}
		for _, r := range read.Records {
			ids[r.ID] = true
		}
		if len(read.Records) != 3 || !ids[licence] || !ids[consent] || !ids[shared] ||
			len(read.Limits.Territories) != 1 || read.Limits.Consents != 1 {
			t.Errorf("the asset that stays is bound by %+v", read)
		}
		if list := f.relations(dam.Editor, keep.ID); len(list) != 1 || list[0].Asset.ID != other.ID {
			t.Errorf("the asset that stays is related to %+v", list)
		}
		// One that is not live takes over what narrows it: nobody loses anything.
		draft, twin := f.photograph(dam.Editor, 4), f.photograph(dam.Editor, 5)
		narrow := link("licences", `{"licensor": "Third", "terms": {"media": ["print"]}}`, twin.ID)
		f.want(200, f.do(dam.Publisher, "POST", "/api/duplicates/resolve",
			fmt.Sprintf(`{"keep": %q, "others": [%q], "action": "bin"}`, draft.ID, twin.ID)))
		if got := f.asset(draft.ID); got.Limits == nil || len(got.Limits.Media) != 1 {
			t.Errorf("the limits are %+v, without %s", got.Limits, narrow)
		}
	})
}
