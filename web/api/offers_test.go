package api_test

import (
	"net/url"
	"strings"
	"testing"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/catalog/catalogtest"
)

// Prices and stocks by place are a part of the product, those of before are listed, and who may not manage products
// changes none.
func TestOffers(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, cat *catalog.Catalog) {
		f := start(t, cat)
		f.want(201, f.do(dam.Editor, "POST", "/api/products", `{"sku":"CHR-1"}`))
		edit := `{"stocks":{"paris":3},"prices":{"paris":[{"amount":1990,"currency":"EUR","until":"2026-12-31"}]}}`
		f.want(403, f.do(dam.Contributor, "PATCH", "/api/products/CHR-1", edit))
		before := f.head()
		f.want(200, f.do(dam.Editor, "PATCH", "/api/products/CHR-1", edit))
		told := f.told(before)
		if len(told) != 1 || !strings.Contains(string(told[0].Data), `"prices","stocks"`) {
			t.Errorf("told are %v", told)
		}
		f.want(200, f.do(dam.Editor, "PATCH", "/api/products/CHR-1", `{"stocks":{"paris":null}}`))
		p := f.product("CHR-1")
		if len(p.Stocks) != 0 || len(p.Prices["paris"]) != 1 || p.Prices["paris"][0].Amount != 1990 {
			t.Errorf("the product is %+v", p)
		}
		list := into[struct{ Items []dam.Offer }](f, f.want(200, f.do(dam.Viewer, "GET", "/api/products/chr-1/offers",
			""))).Items
		if len(list) != 2 || (list[0].Stock == nil) == (list[1].Stock == nil) {
			t.Errorf("offers are %+v", list)
		}
		f.want(404, f.do(dam.Viewer, "GET", "/api/products/CHR-2/offers", ""))
		for _, bad := range []string{`{"prices":null}`, `{"stocks":{"paris":"many"}}`, `{"stocks":{"No place":1}}`,
			`{"prices":{"paris":[{"amount":1.5,"currency":"EUR"}]}}`,
			`{"prices":{"paris":[{"amount":1,"currency":"EUR","vat":20}]}}`,
			`{"prices":{"` + strings.Repeat("p", 41) + `":[]}}`} {
			f.want(422, f.do(dam.Editor, "PATCH", "/api/products/CHR-1", bad))
		}
	})
}

// Assets are found and counted by what their products say, with the labels of families.
func TestSearchByProducts(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, cat *catalog.Catalog) {
		f := start(t, cat)
		f.want(201, f.do(dam.Admin, "POST", "/api/families", `{"key":"chairs","labels":{"en":"Chairs","fr":"Chaises"}}`))
		f.want(201, f.do(dam.Editor, "POST", "/api/products",
			`{"sku":"CHR-1","names":{"en":"Blue chair","fr":"Chaise bleue"},"brand":"Acme","family":"chairs"}`))
		id := f.photograph(dam.Editor, 1).ID
		f.want(200, f.do(dam.Editor, "PUT", "/api/products/CHR-1/slots/hero/1", `{"asset":"`+id+`"}`))
		for _, q := range []string{"chaise bleue", "blue chairs", "brand:acme", "family:chaises"} {
			f.until(q, func() bool {
				res := f.want(200, f.do(dam.Editor, "GET", "/api/assets?facets=family,brand&q="+url.QueryEscape(q), ""))
				return strings.Contains(string(res.body), id) && strings.Contains(string(res.body), `"Chaises"`)
			})
		}
	})
}
