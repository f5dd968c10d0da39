package api_test

import (
	"fmt"
	"net/url"
	"slices"
	"testing"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/catalog/catalogtest"
	"vitrine/dam/integrity"
	"vitrine/dam/products"
)

const (
	decomposed = "CHAISE-E\u03012" // as macOS writes CHAISE-É2
	composed   = "CHAISE-É2"
	hidden     = "\ufeffCHAISE-\u00adÉ2\u200b"
)

// A name is one name however it is spelled, wherever it comes in.
func TestSpellingsOfOneName(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, c *catalog.Catalog) {
		f := start(t, c)
		testSpelledSKUs(f)
		testSpelledTags(f)
		testSpelledNames(f)
		testSpelledLocales(f)
		if n := into[integrity.Names](f,
			f.want(200, f.do(dam.Admin, "GET", "/api/system/names", ""))); n.Changed != 0 ||
			n.Items == nil {
			t.Errorf("an upgrade that was none changed names: %+v", n)
		}
		f.want(403, f.do(dam.Editor, "GET", "/api/system/names", ""))
	})
}

func testSpelledSKUs(f *fixture) {
	f.Helper()
	early := f.named(1, decomposed+"_hero_1.jpg") // before its product
	f.imports("", "text/csv", "sku,name_FR_fr,Matie\u0300re\n"+decomposed+",Chaise,bois\n")
	i := f.imports("", "text/csv", "\u00adsku,name_fr-FR,Matière\n"+composed+",Chaise,bois\n"+hidden+",Chaise,bois\n")
	if i.Created != 0 || i.Updated != 0 || i.Same != 2 {
		f.Errorf("the same product in other spellings: %+v", i)
	}
	late := f.named(2, composed+"_back_1.jpg")
	third := f.named(3, hidden+"_detail_1.jpg")
	for _, sku := range []string{decomposed, composed, hidden, "chaise-é2"} {
		p := f.product(sku)
		if p.SKU != composed || p.Names["fr-FR"] != "Chaise" || p.Attributes["Matière"] != "bois" || len(p.Slots) != 3 {
			f.Errorf("%+q: %+v", sku, p)
		}
	}
	for _, a := range []dam.Asset{early, late, third} {
		if got := f.asset(a.ID).SKUs; !slices.Equal(got, []string{composed}) {
			f.Errorf("%+q", got)
		}
	}
	f.want(409, f.do(dam.Editor, "POST", "/api/products", `{"sku":"`+hidden+`"}`))
	f.want(200, f.do(dam.Editor, "PATCH", "/api/products/"+url.PathEscape(hidden),
		`{"sku":"`+decomposed+`","stock":2}`))
	r := into[products.BulkResult](f, f.want(200, f.do(dam.Editor, "PATCH", "/api/products/stock",
		`{"items":[{"sku":"`+decomposed+`","stock":7}]}`)))
	if r.Changed != 1 || *f.product(composed).Stock != 7 || f.product(composed).SKU != composed {
		f.Errorf("%+v", r)
	}
	p := f.want(422, f.do(dam.Editor, "PATCH", "/api/products/"+url.PathEscape(composed),
		`{"attributes":{"Matière":"a","Matie`+"\u0300"+`re":"b"}}`)).problem()
	if len(p.Errors) != 1 || p.Errors[0].Location != "attributes" || p.Remedy == "" {
		f.Errorf("one attribute twice: %+v", p)
	}
	for _, sku := range []string{decomposed, hidden} {
		if got := f.find("sku:\""+sku+"\"", ""); got.Total != 3 {
			f.Errorf("sku:%+q finds %d", sku, got.Total)
		}
	}
	page := into[products.Page](f, f.want(200, f.do(dam.Viewer, "GET", "/api/products?q="+url.QueryEscape(hidden), "")))
	if page.Total != 1 {
		f.Errorf("the words %+q find %d products", hidden, page.Total)
	}
	// A pattern that was typed on a Mac reads a name that was not.
	f.want(200, f.do(dam.Admin, "PUT", "/api/products/rules",
		`{"patterns":["Pie`+"\u0300"+`ce_{sku}_{slot}_{n}.{ext}"],"slots":["hero"]}`, "If-Match", `"0"`))
	trial := into[products.Trial](f, f.want(200, f.do(dam.Editor, "POST", "/api/products/rules/test",
		`{"name":"Pi\u200bèce_`+decomposed+`_hero_1.jpg"}`)))
	if !trial.Matches || trial.SKU != composed || trial.Product != composed {
		f.Errorf("%+v", trial)
	}
}

func testSpelledTags(f *fixture) {
	f.Helper()
	a := f.photograph(dam.Editor, 4)
	path := "/api/assets/" + a.ID
	f.want(200, f.do(dam.Editor, "PATCH", path, `{"tags":["e`+"\u0301te\u0301"+`","Été","می`+"\u200c"+
		`خواهم","\u200b oak"],
		"skus":["`+decomposed+`","`+hidden+`"]}`))
	got := f.asset(a.ID)
	if !slices.Equal(got.Tags, []string{"été", "می\u200cخواهم", "oak"}) || !slices.Equal(got.SKUs, []string{composed}) {
		f.Errorf("%+q %+q", got.Tags, got.SKUs)
	}
	p := f.want(422, f.do(dam.Editor, "PATCH", path, `{"tags":["\u200b\u00ad"]}`)).problem()
	if len(p.Errors) != 1 || p.Errors[0].Location != "tags[0]" {
		f.Errorf("a tag that nobody sees: %+v", p)
	}
	job := into[dam.Bulk](f, f.want(202, f.do(dam.Editor, "POST", "/api/assets/bulk",
		fmt.Sprintf(`{"filter":{"assets":[%q]},"change":{"add_tags":["o\u2060ak"],"remove_tags":["E\u0301te\u0301"]}}`,
			a.ID))))
	f.until("the job ends", func() bool {
		b := into[dam.Bulk](f, f.want(200, f.do(dam.Editor, "GET", "/api/bulk/"+job.ID, "")))
		return b.Ended()
	})
	if got := f.asset(a.ID).Tags; !slices.Equal(got, []string{"می\u200cخواهم", "oak"}) {
		f.Errorf("after the job %+q", got)
	}
	for _, q := range []string{`tag:"o` + "\u200b" + `ak"`, "tag:می\u200cخواهم", "tag:میخواهم"} {
		if got := f.find(q, ""); got.Total != 1 {
			f.Errorf("%+q finds %d", q, got.Total)
		}
	}
}

func testSpelledNames(f *fixture) {
	f.Helper()
	x := into[dam.Collection](f,
		f.want(201, f.do(dam.Editor, "POST", "/api/collections", `{"name":" E\u0301te\u0301\u200b "}`)))
	if x.Name != "Été" {
		f.Errorf("%+q", x.Name)
	}
	f.want(409, f.do(dam.Editor, "POST", "/api/collections", `{"name":"\u00adété"}`))
	a := f.photograph(dam.Editor, 5)
	f.want(200, f.do(dam.Admin, "PUT", "/api/fields",
		`{"items":[{"key":"season","type":"choice","multi":true,"label":{"fr-fr":"Saison"},"choices":["E\u0301te\u0301","Hiver"]}]}`))
	f.want(200, f.do(dam.Editor, "PATCH", "/api/assets/"+a.ID, `{"custom":{"season":["Été","E\u0301t\u00adé"]}}`))
	if got := f.asset(a.ID).Custom["season"]; fmt.Sprint(got) != "[Été]" {
		f.Errorf("%+q", got)
	}
	p := f.want(422, f.do(dam.Admin, "PUT", "/api/fields",
		`{"items":[{"key":"season","type":"choice","multi":true,"choices":["Été","E\u0301te\u0301"]}]}`)).problem()
	if len(p.Errors) != 1 || p.Errors[0].Location != "items[0].choices[1]" {
		f.Errorf("one choice twice: %+v", p)
	}
	if got := f.find(`season:"E`+"\u0301te\u0301"+`"`, ""); got.Total != 1 {
		f.Errorf("the choice finds %d", got.Total)
	}
}

func testSpelledLocales(f *fixture) {
	f.Helper()
	a := f.photograph(dam.Editor, 6)
	path := "/api/assets/" + a.ID
	f.want(200, f.do(dam.Editor, "PATCH", path, `{"title":{"FR-fr":"Chaise","zh-hant-tw":"椅子"}}`))
	f.want(200, f.do(dam.Editor, "PATCH", path, `{"title":{"fr-fr":"Fauteuil","ZH-Hant-TW":null}}`))
	if got := f.asset(a.ID).Title; got["fr-FR"] != "Fauteuil" || got["fr-fr"] != "" || got["zh-Hant-TW"] != "" {
		f.Errorf("%v", got)
	}
	p := f.want(422, f.do(dam.Editor, "PATCH", path, `{"title":{"fr-FR":"a","FR-FR":"b"}}`)).problem()
	if len(p.Errors) != 1 || p.Errors[0].Location != "title" || p.Remedy == "" {
		f.Errorf("one locale twice: %+v", p)
	}
	if got := f.find("fauteuil", ""); got.Total != 1 {
		f.Errorf("the title finds %d", got.Total)
	}
	export := f.want(200, f.do(dam.Viewer, "GET", "/api/assets/export?format=csv&fields=title.FR-fr&q=fauteuil", ""))
	if got := string(export.body); got != "title.fr-FR\r\nFauteuil\r\n" && got != "title.fr-FR\nFauteuil\n" {
		f.Errorf("%q", got)
	}
	f.want(200, f.do(dam.Editor, "PATCH", "/api/products/"+url.PathEscape(composed),
		`{"names":{"fr-fr":null,"DE":"Stuhl"}}`))
	if got := f.product(composed).Names; got["fr-FR"] != "" || got["de"] != "Stuhl" {
		f.Errorf("%v", got)
	}
	f.want(422, f.do(dam.Editor, "PATCH", "/api/products/"+url.PathEscape(composed), `{"names":{"de":"a","DE":"b"}}`))
	made := into[struct{ User dam.User }](f, f.want(201, f.do(dam.Admin, "POST", "/api/users",
		`{"email":"zoe@example.com","name":"Zoë","role":"viewer","locale":"FR-fr"}`)))
	if made.User.Locale != "fr-FR" {
		f.Errorf("a person's locale is %q", made.User.Locale)
	}
}
