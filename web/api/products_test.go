package api_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"vitrine/dam"
	"vitrine/dam/assets"
	"vitrine/dam/catalog"
	"vitrine/dam/catalog/catalogtest"
	"vitrine/dam/products"
	"vitrine/dam/reasons"
	"vitrine/web/api"
)

func (f *fixture) product(sku string) dam.Product {
	f.Helper()
	return into[dam.Product](f, f.want(200, f.do(dam.Viewer, "GET", "/api/products/"+url.PathEscape(sku), "")))
}

// imports sends a file and returns how the import ended.
func (f *fixture) imports(query, media, body string) catalog.Import {
	f.Helper()
	i := into[catalog.Import](f, f.want(202, f.do(dam.Editor, "POST", "/api/products/import"+query, body,
		"Content-Type", media)))
	f.until("the import has ended", func() bool {
		i = into[catalog.Import](f, f.want(200, f.do(dam.Editor, "GET", "/api/products/imports/"+i.ID, "")))
		return i.Finished != nil
	})
	return i
}

// told returns the data of the product events after a seq.
func (f *fixture) told(after int64) (list []dam.Event) {
	f.Helper()
	events, err := f.catalog.Log().Events(f.Context(), dam.DefaultLibrary, after, 1000)
	if err != nil {
		f.Fatal(err)
	}
	return slices.DeleteFunc(events, func(e dam.Event) bool { return e.Type != dam.ProductChanged })
}

func (f *fixture) head() int64 {
	f.Helper()
	n, err := f.catalog.Log().Head(f.Context())
	if err != nil {
		f.Fatal(err)
	}
	return n
}

func TestProducts(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, cat *catalog.Catalog) {
		f := start(t, cat)
		res := f.want(201, f.do(dam.Editor, "POST", "/api/products",
			`{"sku":"CHR-1 B","gtin":"3-0176 20422003","names":{"en":"Blue chair","fr":"Chaise été"},"attributes":{"colour":"blue"},"stock":4,"price":{"amount":19.90,"currency":"EUR"}}`))
		p := into[dam.Product](f, res)
		if p.GTIN != "3017620422003" || *p.Stock != 4 || *p.Price != (dam.Price{Amount: "19.90", Currency: "EUR"}) ||
			res.Header.Get("ETag") != `"1"` || p.Slots == nil {
			t.Errorf("%+v, %s", p, res.Header)
		}
		for body, field := range map[string]string{
			`{"sku":"chr-1 b"}`:                  "sku",
			`{"names":{"en":"x"}}`:               "sku",
			`{"sku":"a/b"}`:                      "sku",
			`{"sku":"import"}`:                   "sku",
			`{"sku":"x","gtin":"3017620422004"}`: "gtin",
			`{"sku":"x","gtin":"123"}`:           "gtin",
			`{"sku":"x","price":{"amount":"1,5","currency":"EUR"}}`:  "price",
			`{"sku":"x","price":{"amount":"1.5","currency":"euro"}}`: "price.currency",
			`{"sku":"x","stock":1.5}`:                                "stock",
			`{"sku":"x","colour":"blue"}`:                            "colour",
		} {
			a := f.do(dam.Editor, "POST", "/api/products", body)
			if p := a.problem(); a.StatusCode != 422 && a.StatusCode != 409 || len(p.Errors) != 1 ||
				p.Errors[0].Location != field || p.Remedy == "" {
				t.Errorf("%s: %d %s", body, a.StatusCode, a.body)
			}
		}
		at := f.head()
		p = into[dam.Product](f,
			f.want(200, f.do(dam.Editor, "PATCH", "/api/products/CHR-1%20b",
				`{"names":{"en":null,"de":"Stuhl"},"attributes":{"colour":null,"legs":"4"},"stock":null}`, "If-Match",
				`"1"`)))
		if p.Revision != 2 || p.Names["en"] != "" || p.Names["de"] != "Stuhl" || p.Names["fr"] == "" ||
			fmt.Sprint(p.Attributes) != "map[legs:4]" || p.Stock != nil || p.Price == nil {
			t.Errorf("patched: %+v", p)
		}
		// changes nothing
		f.want(200, f.do(dam.Editor, "PATCH", "/api/products/CHR-1%20B", `{"attributes":{"legs":"4"}}`))
		if list := f.told(at); len(list) != 1 || list[0].Subject != "CHR-1 B" || !strings.Contains(string(list[0].Data),
			`"fields":["names","attributes","stock"]`) {
			t.Errorf("events: %+v", list)
		}
		f.want(412, f.do(dam.Editor, "PATCH", "/api/products/CHR-1%20B", `{"stock":1}`, "If-Match", `"1"`))
		for i := range 5 {
			f.want(201, f.do(dam.Editor, "POST", "/api/products", fmt.Sprintf(`{"sku":"T-%d","names":"Tisch_%d 100%%"}`,
				i, i)))
		}
		for q, want := range map[string]int{"": 6, "ETE chaise": 1, "chr": 1, "3017620422003": 1, "tisch_3": 1,
			"h_2": 1, "100%": 5, "h%2 %": 0, "nothing": 0} {
			page := into[products.Page](f,
				f.want(200, f.do(dam.Viewer, "GET", "/api/products?q="+url.QueryEscape(q), "")))
			if page.Total != want || len(page.Items) != want {
				t.Errorf("%q finds %d, want %d", q, page.Total, want)
			}
		}
		var seen []string
		for after, more := "", true; more; {
			page := into[products.Page](f,
				f.want(200, f.do(dam.Viewer, "GET", "/api/products?limit=4&after="+url.QueryEscape(after), "")))
			for _, p := range page.Items {
				seen = append(seen, p.SKU)
			}
			after, more = page.Next, page.Next != ""
		}
		if strings.Join(seen, ",") != "CHR-1 B,T-0,T-1,T-2,T-3,T-4" {
			t.Errorf("pages: %v", seen)
		}
		f.want(204, f.do(dam.Editor, "DELETE", "/api/products/t-0", ""))
		f.want(404, f.do(dam.Viewer, "GET", "/api/products/T-0", ""))
		f.want(404, f.do(dam.Editor, "DELETE", "/api/products/T-0", ""))
	})
}

// Stock and price from the back office: one event for a change, whoever listens.
func TestStockAndPrice(t *testing.T) {
	f := start(t, catalogtest.SQLite(t))
	for _, sku := range []string{"A", "B", "C"} {
		f.want(201, f.do(dam.Editor, "POST", "/api/products", `{"sku":"`+sku+`"}`))
	}
	at := f.head()
	p := into[dam.Product](f, f.want(200, f.do(dam.Editor, "PATCH", "/api/products/A/stock", `{"stock":12}`)))
	f.want(200, f.do(dam.Editor, "PATCH", "/api/products/A/stock", `{"stock":12}`))
	p2 := into[dam.Product](f,
		f.want(200, f.do(dam.Editor, "PATCH", "/api/products/A/price", `{"amount":"5.00","currency":"EUR"}`)))
	if *p.Stock != 12 || p2.Price.Amount != "5.00" || p2.Revision != 3 {
		t.Errorf("%+v", p2)
	}
	page := into[struct {
		Items []dam.Event
	}](f, f.want(200, f.do(dam.Viewer, "GET", fmt.Sprintf("/api/events?after=%d&wait=5", at), "")))
	if len(page.Items) != 2 || page.Items[0].Type != dam.ProductChanged ||
		string(page.Items[0].Data) != `{"skus":["A"],"fields":["stock"]}` || page.Items[1].Subject != "A" {
		t.Errorf("%+v", page.Items)
	}
	values, err := f.catalog.Log().Changes(catalogtest.Context(t), page.Items[0].Seq)
	if err != nil || len(values) != 1 || values[0].Before != nil || values[0].After != 12. {
		t.Errorf("%v %v", values, err)
	}

	at = f.head()
	r := into[products.BulkResult](f,
		f.want(200, f.do(dam.Editor, "PATCH", "/api/products/stock",
			`{"items":[{"sku":"a","stock":12},{"sku":"B","stock":3},{"sku":"none","stock":1},{"sku":"C","stock":-2},{"sku":"C","stock":9}]}`)))
	if r.Changed != 3 || r.Unchanged != 1 || len(r.Errors) != 1 || r.Errors[0].Index != 2 ||
		r.Errors[0].SKU != "none" || r.Errors[0].Remedy == "" {
		t.Errorf("%+v", r)
	}
	if got := f.product("C"); *got.Stock != 9 {
		t.Errorf("%+v", got)
	}
	if list := f.told(at); len(list) != 1 || list[0].Subject != "*" ||
		string(list[0].Data) != `{"skus":["B","C"],"fields":["stock"]}` {
		t.Errorf("%+v", list)
	}
	r = into[products.BulkResult](f,
		f.want(200, f.do(dam.Editor, "PATCH", "/api/products/price",
			`{"items":[{"sku":"B","price":{"amount":"x","currency":"EUR"}},{"sku":"A","price":{"amount":"6","currency":"USD"}}]}`)))
	if r.Changed != 1 || len(r.Errors) != 1 || r.Errors[0].Field != "price.amount" {
		t.Errorf("%+v", r)
	}
	f.want(422, f.do(dam.Editor, "PATCH", "/api/products/A/stock", `{}`))
	f.want(403, f.do(dam.Contributor, "PATCH", "/api/products/A/stock", `{"stock":1}`))
	// The same key again is the same change, not another.
	f.want(200, f.do(dam.Editor, "PATCH", "/api/products/A/stock", `{"stock":1}`, "Idempotency-Key", "k1"))
	f.want(200, f.do(dam.Editor, "PATCH", "/api/products/A/stock", `{"stock":2}`))
	f.want(200, f.do(dam.Editor, "PATCH", "/api/products/A/stock", `{"stock":1}`, "Idempotency-Key", "k1"))
	if got := f.product("A"); *got.Stock != 2 {
		t.Errorf("a repeat was a change: %+v", got)
	}
}

func TestImport(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, cat *catalog.Catalog) {
		f := start(t, cat)
		file := "\ufeffSKU;GTIN;name_en;name_fr-ca;colour;stock;price;currency\n" +
			"C-1;3017620422003;Chair;Chaise;blue;5;19.90;EUR\n" +
			"C-2;3017620422004;Bad digit;;;;;\n" +
			"\n" +
			"C-3;;\"Two\nlines; one cell\";;red;;;\n" +
			";;No SKU;;;;;\n" +
			"C-4;;x\n" +
			"C-5;;Price;;;;abc;EUR\n" +
			"C-1;3017620422003;Chair again;Chaise;blue;5;19.90;EUR\n" +
			"C-6;;bare\"quote;;;;;\n" +
			"C-7;;Last;;;;;\n"
		wrong := map[int64]string{3: "gtin", 7: "sku", 8: "row", 9: "price.amount", 11: "row"}
		check := func(i catalog.Import, created, updated, same int64) {
			t.Helper()
			if i.State != "done" || i.Rows != 9 || i.Created != created || i.Updated != updated || i.Same != same ||
				i.Failed != 5 || len(i.Errors) != 5 || i.Done != i.Size {
				t.Fatalf("%+v", i)
			}
			for _, e := range i.Errors {
				if wrong[e.Line] != e.Field || e.Message == "" || e.Remedy == "" {
					t.Errorf("%+v", e)
				}
			}
		}
		at := f.head()
		check(f.imports("?dry_run=true", "text/csv", file), 3, 1, 0)
		if len(f.told(at)) > 0 || into[products.Page](f, f.do(dam.Viewer, "GET", "/api/products", "")).Total != 0 {
			t.Fatal("a dry run leaves something behind")
		}
		check(f.imports("", "text/csv; charset=utf-8", file), 3, 1, 0)
		if list := f.told(at); len(list) != 1 || !strings.Contains(string(list[0].Data),
			`"skus":["C-1","C-3","C-7"]`) || list[0].Actor == "system" {
			t.Errorf("%+v", list)
		}
		p := f.product("c-1")
		if p.Names["en"] != "Chair again" || p.Names["fr-CA"] != "Chaise" || p.Attributes["colour"] != "blue" ||
			*p.Stock != 5 || p.Price.Currency != "EUR" || p.Revision != 1 {
			t.Errorf("%+v", p)
		}
		if p := f.product("C-3"); p.Names["en"] != "Two\nlines; one cell" || p.Stock != nil {
			t.Errorf("%+v", p)
		}
		check(f.imports("", "text/csv", file), 0, 2, 2) // C-1 twice: there and back
		i := f.imports("", "application/jsonl", `{"sku":"C-1","stock":6}`+"\n\n"+`{"sku":"C-8","names":"Bare text"}`+
			"\nnonsense\n"+`{"sku":"C-3","color":"x"}`+"\n")
		if i.Created != 1 || i.Updated != 1 || i.Failed != 2 || i.Errors[0].Line != 4 || i.Errors[1].Line != 5 ||
			i.Errors[1].Field != "color" || i.Errors[1].SKU != "C-3" {
			t.Errorf("%+v", i)
		}
		if p := f.product("C-1"); *p.Stock != 6 || p.Price == nil || f.product("C-8").Names["en"] != "Bare text" {
			t.Errorf("%+v", p)
		}
		for body, word := range map[string]string{"name,gtin\nx,y\n": "column sku", "sku,sku\nx,y\n": "two columns",
			"sku,a\nx,\"" + strings.Repeat("y", 2<<20): "mebibyte"} {
			if i := f.imports("", "text/csv", body); i.State != "failed" || !strings.Contains(i.Problem, word) {
				t.Errorf("%s: %+v", word, i)
			}
		}
		f.want(415, f.do(dam.Editor, "POST", "/api/products/import", "x", "Content-Type", "image/png"))
		f.want(422, f.do(dam.Editor, "POST", "/api/products/import", "", "Content-Type", "text/csv"))
		f.want(422, f.do(dam.Editor, "POST", "/api/products/import?dry_run=perhaps", "x", "Content-Type", "text/csv"))
		first := into[catalog.Import](f, f.want(202, f.do(dam.Editor, "POST", "/api/products/import", "sku\nX\n",
			"Content-Type", "text/csv", "Idempotency-Key", "i1")))
		again := into[catalog.Import](f, f.want(202, f.do(dam.Editor, "POST", "/api/products/import", "sku\nX\n",
			"Content-Type", "text/csv", "Idempotency-Key", "i1")))
		if first.ID != again.ID {
			t.Error("a repeated import is another import")
		}
	})
}

func (f *fixture) named(seed uint8, name string) dam.Asset {
	f.Helper()
	return into[uploaded](f, f.want(201, f.upload(dam.Contributor, "/api/assets", name, photo(f.T, seed), nil))).Asset
}

func slotsOf(p dam.Product) string {
	var list []string
	for _, s := range p.Slots {
		list = append(list, fmt.Sprintf("%s-%d=%s/%s", s.Slot, s.N, s.Asset, s.Origin))
	}
	return strings.Join(list, " ")
}

func (f *fixture) asset(id string) dam.Asset {
	f.Helper()
	return into[dam.Asset](f, f.want(200, f.do(dam.Viewer, "GET", "/api/assets/"+id, "")))
}

// File names fill slots: at upload, when the product comes after the photograph, and when the rules change.
func TestSlotsByFileName(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, cat *catalog.Catalog) {
		f := start(t, cat)
		early := f.named(1, "CHR_1_hero_1.jpg") // no product is there yet
		late := f.named(2, `folder\chr_1_HERO_01.JPG`)
		byCode := f.named(3, "3017620422003_back_2.jpg")
		other := f.named(4, "CHR_1_photo_1.jpg")
		if len(early.SKUs) > 0 || len(other.SKUs) > 0 {
			t.Errorf("%v %v", early.SKUs, other.SKUs)
		}
		at := f.head()
		f.imports("", "text/csv", "sku,gtin\nCHR_1,3017620422003\n")
		p := f.product("CHR_1")
		if want := "back-2=" + byCode.ID + "/rule hero-1=" + early.ID + "/rule"; slotsOf(p) != want {
			t.Errorf("%s, want %s", slotsOf(p), want)
		}
		if len(p.Waiting) != 1 || p.Waiting[0].Asset != late.ID {
			t.Errorf("a slot that is taken: %+v", p.Waiting)
		}
		for _, a := range []string{early.ID, late.ID, byCode.ID} {
			if got := f.asset(a).SKUs; !slices.Equal(got, []string{"CHR_1"}) {
				t.Errorf("%s has %v", a, got)
			}
		}
		if list := f.told(at); len(list) != 3 || !strings.Contains(string(list[1].Data)+string(list[2].Data),
			`"slots":[{"sku":"CHR_1","slot":"hero","n":1,"asset":"`+early.ID) {
			t.Errorf("%+v", list)
		}
		next := f.named(5, "chr_1_detail_1.jpg")
		if !slices.Equal(next.SKUs, []string{"CHR_1"}) || !strings.Contains(slotsOf(f.product("CHR_1")),
			"detail-1="+next.ID) {
			t.Errorf("at upload: %v, %s", next.SKUs, slotsOf(f.product("CHR_1")))
		}
		head := f.head()
		f.until("sku: finds them", func() bool {
			page := into[struct {
				Total int
			}](f, f.want(200, f.do(dam.Viewer, "GET", fmt.Sprintf("/api/assets?q=sku:chr_1&wait=%d", head), "")))
			return page.Total == 4
		})

		for name, want := range map[string]products.Trial{
			"CHR_1_hero_1.jpg": {Match: products.Match{Matches: true, SKU: "CHR_1", Slot: "hero", N: 1},
				Product: "CHR_1", Taken: early.ID},
			"3017620422003_hero_9.": {},
			"X_Y_detail_12.png":     {Match: products.Match{Matches: true, SKU: "X_Y", Slot: "detail", N: 12}},
			"X_hero_0.png":          {},
			"X_photo_1.png":         {},
		} {
			body, _ := json.Marshal(map[string]string{"name": name})
			got := into[products.Trial](f,
				f.want(200, f.do(dam.Viewer, "POST", "/api/products/rules/test", string(body))))
			if got.Matches != want.Matches || got.Matches && (got.SKU != want.SKU || got.Slot != want.Slot ||
				got.N != want.N || got.Product != want.Product || got.Taken != want.Taken) || !got.Matches &&
				got.Reason == "" {
				t.Errorf("%s: %+v", name, got)
			}
		}
		res := f.want(200, f.do(dam.Viewer, "GET", "/api/products/rules", ""))
		if r := into[products.Rules](f, res); res.Header.Get("ETag") != `"0"` ||
			r.Patterns[0] != "{sku}_{slot}_{n}.{ext}" {
			t.Errorf("%+v", r)
		}
		f.want(403, f.do(dam.Publisher, "PUT", "/api/products/rules", `{"patterns":[],"slots":["hero"]}`))
		for _, bad := range []string{`{"patterns":["{slot}.{ext}"],"slots":["hero"]}`,
			`{"patterns":["{sku}{size}"],"slots":["hero"]}`, `{"patterns":["{sku}_{sku}"],"slots":["hero"]}`,
			`{"patterns":["{sku}"],"slots":[]}`, `{"patterns":["{sku}"],"slots":["Hero!"]}`} {
			f.want(422, f.do(dam.Admin, "PUT", "/api/products/rules", bad))
		}
		f.want(200, f.do(dam.Admin, "PUT", "/api/products/rules",
			`{"patterns":["{sku}_{slot}_{n}.{ext}","{*}({sku}).{ext}"],"slots":["hero","photo"]}`, "If-Match", `"0"`))
		f.want(412, f.do(dam.Admin, "PUT", "/api/products/rules", `{"patterns":["{sku}"],"slots":["hero"]}`, "If-Match",
			`"0"`))
		f.until("the photograph is linked by the new rules", func() bool {
			return strings.Contains(slotsOf(f.product("CHR_1")), "photo-1="+other.ID+"/rule")
		})
		if got := slotsOf(f.product("CHR_1")); !strings.Contains(got, "detail-1="+next.ID) {
			t.Errorf("new rules undid a link: %s", got)
		}
	})
}

// One asset shows many products; its SKUs follow its slots, and its slots follow its SKUs.
func TestSlotsByHand(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, cat *catalog.Catalog) {
		f := start(t, cat)
		a, b := f.photograph(dam.Editor, 1), f.photograph(dam.Editor, 2)
		for _, sku := range []string{"A", "B"} {
			f.want(201, f.do(dam.Editor, "POST", "/api/products", `{"sku":"`+sku+`"}`))
		}
		link := func(path, asset string) answer {
			return f.do(dam.Editor, "PUT", "/api/products/"+path, `{"asset":"`+asset+`"}`)
		}
		skus := func(a dam.Asset, want ...string) {
			t.Helper()
			if got := f.asset(a.ID).SKUs; !slices.Equal(got, want) {
				t.Errorf("SKUs %v, want %v", got, want)
			}
		}
		f.want(200, link("A/slots/hero/1", a.ID))
		f.want(200, link("A/slots/my-own/3", a.ID))
		f.want(200, link("B/slots/hero/1", a.ID))
		skus(a, "A", "B")
		if page := into[products.Page](f,
			f.want(200, f.do(dam.Viewer, "GET", "/api/products?asset="+a.ID, ""))); page.Total != 2 {
			t.Errorf("%+v", page)
		}
		at := f.head()
		res := f.want(200, link("A/slots/hero/1", a.ID)) // it is there
		if list := f.told(at); len(list) > 0 {
			t.Errorf("nothing changed, and yet: %+v", list)
		}
		f.want(412, f.do(dam.Editor, "PUT", "/api/products/A/slots/hero/1", `{"asset":"`+b.ID+`"}`, "If-Match", `"1"`))
		f.want(200, f.do(dam.Editor, "PUT", "/api/products/A/slots/hero/1", `{"asset":"`+b.ID+`"}`, "If-Match",
			res.Header.Get("ETag")))
		skus(a, "A", "B") // my-own is left
		skus(b, "A")
		f.want(200, f.do(dam.Editor, "DELETE", "/api/products/A/slots/my-own/3", ""))
		skus(a, "B")
		f.want(200, f.do(dam.Editor, "DELETE", "/api/products/A/slots/my-own/3", ""))
		for path, status := range map[string]int{"A/slots/Über/1": 422, "A/slots/hero/0": 422, "A/slots/hero/1000": 422,
			"none/slots/hero/1": 404} {
			f.want(status, link(path, a.ID))
		}
		f.want(422, link("A/slots/hero/2", "a_none"))

		// The list of SKUs edited by hand.
		at = f.head()
		f.want(200, f.do(dam.Editor, "PATCH", "/api/assets/"+a.ID, `{"skus":["Z"]}`))
		if got := slotsOf(f.product("B")); got != "" {
			t.Errorf("a SKU was taken away, and the slot stays: %s", got)
		}
		if list := f.told(at); len(list) != 1 || !strings.Contains(string(list[0].Data), `"before":"`+a.ID) {
			t.Errorf("%+v", list)
		}
		f.want(204, f.do(dam.Editor, "DELETE", "/api/products/A", ""))
		skus(b)
		f.want(200, link("B/slots/hero/1", b.ID))
		f.want(204, f.do(dam.Editor, "DELETE", "/api/assets/"+b.ID, ""))
		f.want(409, link("B/slots/hero/2", b.ID))
		if err := f.purge(b.ID); err != nil {
			t.Fatal(err)
		}
		if got := slotsOf(f.product("B")); got != "" {
			t.Errorf("a purged asset is in a slot: %s", got)
		}
	})
}

func (f *fixture) purge(id string) error {
	s := assets.Service{Catalog: f.catalog}
	return s.Purge(f.Context(), dam.DefaultLibrary, id)
}

// A file in another encoding is refused before anything is stored, with the encoding it looks like; named, it is read.
func TestImportEncodings(t *testing.T) {
	f := start(t, catalogtest.SQLite(t))
	const file = "sku;Mati\xe8re\r\nE-1;ch\xeane\r\n"
	post := func(query string) answer {
		return f.do(dam.Editor, "POST", "/api/products/import"+query, file, "Content-Type", "text/csv")
	}
	p := into[api.Problem](f, f.want(422, post("")))
	if len(p.Errors) != 1 || p.Errors[0].Location != "encoding" || p.ReasonCode != reasons.CodeImportNotUtf8 ||
		p.Params["encoding"] != "windows-1252" {
		t.Errorf("%+v", p)
	}
	f.want(422, post("?encoding=klingon"))
	if i := f.imports("?encoding=windows-1252", "text/csv", file); i.State != "done" || i.Created != 1 {
		t.Errorf("%+v", i)
	}
	if got := f.product("E-1").Attributes["Matière"]; got != "chêne" {
		t.Errorf("the attribute is %q", got)
	}
	for media, empty := range map[string]string{"text/csv": "sku;name\r\n", "application/jsonl": "\n\n"} {
		if i := f.imports("", media, empty); i.State != "failed" ||
			i.ProblemReasons[0].ReasonCode != reasons.CodeImportRefused {
			t.Errorf("%s without rows: %+v", media, i)
		}
	}
}

// A row with a control character is refused as itself, the same on both databases; the others are stored.
func TestImportRefusesControlCharacters(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, c *catalog.Catalog) {
		f := start(t, c)
		i := f.imports("", "text/csv",
			"sku,name_en,colour\nN-1,Chair,blue\nN-2,Ta\x00ble,red\nN\x00-3,Sofa,green\nN-4,Lamp,a\x1bb"+
				"\nN-5,Shelf,oak\nN-6,B\xffd,x\n")
		fields := map[int64]string{}
		for _, e := range i.Errors {
			fields[e.Line] = e.Field
		}
		if i.State != "done" || i.Created != 2 || i.Failed != 4 || fields[3] != "names.en" || fields[4] != "sku" ||
			fields[5] != "attributes.colour" || fields[7] != "row" {
			t.Errorf("%+v", i)
		}
		i = f.imports("", "application/jsonl", `{"sku":"N-7","names":"a\u0000b"}`+"\n"+`{"sku":"N-8","names":"Stool"}`+
			"\n")
		if i.State != "done" || i.Created != 1 || i.Failed != 1 || i.Errors[0].Field != "names.en" {
			t.Errorf("%+v", i)
		}
		if i = f.imports("", "text/csv", "sku,na\x00me\nX,y\n"); i.State != "failed" ||
			!strings.Contains(i.Problem, "column") {
			t.Errorf("%+v", i)
		}
		f.product("N-1")
		f.product("N-8")
	})
}
