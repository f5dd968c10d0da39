package api_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/catalog/catalogtest"
	"vitrine/search"
)

type page struct {
	Total  int
	Items  []dam.Asset
	Facets map[string][]search.FacetCount
}

// find asks once the index has everything that was written.
func (f *fixture) find(q, more string) page {
	f.Helper()
	head, err := f.catalog.Log().Head(f.Context())
	if err != nil {
		f.Fatal(err)
	}
	return into[page](f,
		f.want(200, f.do(dam.Viewer, "GET", fmt.Sprintf("/api/assets?q=%s&wait=%d&%s", url.QueryEscape(q), head, more),
			"")))
}

// A library's own fields: defined, filled in, searched, sorted by and counted while the server runs.
func TestOwnFields(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, c *catalog.Catalog) {
		f := start(t, c)
		a, b := f.photograph(dam.Editor, 1), f.photograph(dam.Editor, 2)
		patch := func(id, body string) answer { return f.do(dam.Editor, "PATCH", "/api/assets/"+id, body) }
		fields :=
			`{"items": [{"key": "season", "type": "choice", "label": {"en": "Season", "fr": "Saison"}, "choices": ["spring", "summer"]},
			{"key": "models", "type": "text", "multi": true}, {"key": "price", "type": "number"}, {"key": "shot_on", "type": "date"}, {"key": "retouched", "type": "boolean"}]}`
		if p := f.want(422,
			patch(a.ID, `{"custom": {"season": "summer"}}`)).problem(); p.Errors[0].Location != "custom.season" ||
			p.Remedy == "" {
			t.Errorf("a field that is not there: %+v", p)
		}
		f.want(403, f.do(dam.Publisher, "PUT", "/api/fields", fields))
		f.want(200, f.do(dam.Admin, "PUT", "/api/fields", fields))
		if got := into[struct {
			Items []dam.CustomField
		}](f, f.want(200, f.do(dam.Viewer, "GET", "/api/fields", ""))).Items; len(got) != 5 ||
			got[0].Label["fr"] != "Saison" || !got[1].Multi {
			t.Errorf("%+v", got)
		}
		set := into[dam.Asset](f,
			f.want(200,
				patch(a.ID,
					`{"custom": {"season": "summer", "models": ["Julie", " Julie ", "Ann"], "price": 12.5, "shot_on": "2026-03-01", "retouched": true}}`)))
		if m, _ := set.Custom["models"].([]any); len(m) != 2 || set.Custom["price"] != 12.5 {
			t.Errorf("kept: %+v", set.Custom)
		}
		f.want(200, patch(b.ID, `{"custom": {"season": "spring", "price": 8}}`))
		got := f.find("season:summer retouched:yes shot_on:2026-03", "facets=season,price")
		if got.Total != 1 || got.Items[0].ID != a.ID || len(got.Facets["season"]) != 1 ||
			got.Facets["price"][0].Value != "12.5" {
			t.Errorf("%+v", got)
		}
		if got := f.find("price:8..12.5", "sort=-price&facets=season"); got.Total != 2 || got.Items[0].ID != a.ID ||
			len(got.Facets["season"]) != 2 {
			t.Errorf("by price: %+v", got)
		}
		// A merge patch leaves other keys alone; null and an empty list clear.
		kept := into[dam.Asset](f, f.want(200, patch(a.ID, `{"custom": {"price": null, "models": []}}`)))
		if len(kept.Custom) != 3 || kept.Custom["season"] != "summer" {
			t.Errorf("after clearing: %+v", kept.Custom)
		}
		if got := f.find("missing:price", ""); got.Total != 1 || got.Items[0].ID != a.ID {
			t.Errorf("missing: %+v", got)
		}
		for body, at := range map[string]string{
			`{"season": "winter"}`: "custom.season", `{"price": "8"}`: "custom.price",
			`{"price": 1.23456}`: "custom.price", `{"shot_on": "soon"}`: "custom.shot_on",
			`{"retouched": "yes"}`: "custom.retouched", `{"season": ["summer"]}`: "custom.season",
			`{"models": [1]}`: "custom.models", `{"nothing": 1}`: "custom.nothing",
		} {
			if p := f.want(422, patch(a.ID, `{"custom": `+body+`}`)).problem(); p.Errors[0].Location != at ||
				p.Remedy == "" {
				t.Errorf("%s: %+v", body, p)
			}
		}
		for body, status := range map[string]int{
			`[{"key": "Season", "type": "text"}]`: 422, `[{"key": "tag", "type": "text"}]`: 422,
			`[{"key": "x", "type": "choice"}]`: 422, `[{"key": "x", "type": "date", "multi": true}]`: 422,
			`[{"key": "x", "type": "text"}, {"key": "x", "type": "text"}]`: 422,
			`[{"key": "season", "type": "text"}]`:                          409,
		} {
			f.want(status, f.do(dam.Admin, "PUT", "/api/fields", `{"items": `+body+`}`))
		}
		// A field that goes takes its meaning with it, not what was typed.
		f.want(200, f.do(dam.Admin, "PUT", "/api/fields", `{"items": []}`))
		head, err := c.Log().Head(catalogtest.Context(t))
		if err != nil {
			t.Fatal(err)
		}
		f.want(422, f.do(dam.Viewer, "GET", fmt.Sprintf("/api/assets?q=season:summer&wait=%d", head), ""))
		f.want(200, f.do(dam.Admin, "PUT", "/api/fields", strings.ReplaceAll(fields, `"summer"]`,
			`"summer", "autumn"]`)))
		if got := f.find("season:summer", ""); got.Total != 1 {
			t.Errorf("brought back: %+v", got)
		}
	})
}

// What is delivered on a channel is found by the channel's name, until it is taken back.
func TestChannelField(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, c *catalog.Catalog) {
		f := start(t, c)
		a := f.photograph(dam.Editor, 1)
		f.photograph(dam.Editor, 2)
		f.want(200, f.do(dam.Publisher, "POST", "/api/assets/"+a.ID+"/approve", `{}`))
		ch := into[dam.Channel](f, f.want(201, f.do(dam.Admin, "POST", "/api/channels",
			`{"name": "Web shop", "kind": "bucket", "config": {"folder": "shop"}, "rule": {"query": "", "presets": [], "enabled": false}}`)))
		pub := into[dam.Publication](f,
			f.want(201, f.do(dam.Publisher, "POST", "/api/publications",
				fmt.Sprintf(`{"asset": %q, "channel": %q, "presets": ["thumb"], "at": "2100-01-01T09:00:00Z"}`,
					a.ID, ch.ID))))
		reach := func(state dam.PublicationState, method, action, body string) {
			f.want(200, f.do(dam.Publisher, method, "/api/publications/"+pub.ID+action, body))
			f.until("the publication is "+string(state), func() bool {
				return into[dam.Publication](f,
					f.want(200, f.do(dam.Viewer, "GET", "/api/publications/"+pub.ID, ""))).State == state
			})
		}
		if got := f.find(`channel:"web shop"`, ""); got.Total != 0 {
			t.Errorf("planned: %+v", got)
		}
		reach(dam.PubDelivered, "PATCH", "", fmt.Sprintf(`{"at": %q}`, time.Now().Format(time.RFC3339)))
		if got := f.find(`channel:"web shop"`, "facets=channel"); got.Total != 1 || got.Items[0].ID != a.ID ||
			got.Facets["channel"][0].Value != ch.ID || got.Items[0].Channels[0] != ch.ID {
			t.Errorf("delivered: %+v", got)
		}
		// A job over a query knows the channel by its name as well.
		if dry := into[dam.Bulk](f,
			f.want(202, f.do(dam.Editor, "POST", "/api/assets/bulk",
				`{"filter": {"q": "channel:\"web shop\""}, "change": {"add_tags": ["seen"]}, "dry_run": true}`))); dry.Total != 1 {
			t.Errorf("a job: %+v", dry)
		}
		reach(dam.PubRecalled, "POST", "/recall", `{"reason": "a test"}`)
		if got := f.find(`channel:"web shop"`, ""); got.Total != 0 {
			t.Errorf("recalled: %+v", got)
		}
	})
}
