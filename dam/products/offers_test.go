package products_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/catalog/catalogtest"
)

// offered is what a product costs and how many there are, by place.
func offered(p dam.Product) string {
	var out []string
	for _, place := range p.Places() {
		for _, x := range p.Prices[place] {
			out = append(out, strings.TrimSpace(fmt.Sprintf("%s=%s %s %s", place, x.Decimal(), x.Currency, x.From)))
		}
		if n, there := p.Stocks[place]; there {
			out = append(out, fmt.Sprintf("%s:%d", place, n))
		}
	}
	return strings.Join(out, ", ")
}

func (w *world) offered(sku, want string) {
	w.Helper()
	if got := offered(w.product(sku)); got != want {
		w.Errorf("%s is offered at %q, not %q", sku, got, want)
	}
}

// A product has prices and stocks by place. An edit of one place leaves the others alone, and what was so is kept.
func TestOffers(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, cat *catalog.Catalog) {
		w := newWorld(t, cat)
		w.create(`{"sku":"CH","names":"Chair","stocks":{"paris":3},
			"prices":{"paris":[{"amount":1990,"currency":"EUR"}]}}`)
		w.offered("CH", "paris=19.90 EUR, paris:3")
		edit := func(raw string) {
			t.Helper()
			if _, err := w.patch("CH", raw); err != nil {
				t.Fatal(err)
			}
		}
		edit(`{"names":{"en":"Seat"},"stock":4}`) // of something else
		w.offered("CH", "paris=19.90 EUR, paris:3")
		edit(`{"stocks":{"lyon":0},"prices":{"b2b":[{"amount":1500,"currency":"JPY"},
			{"amount":1000,"currency":"EUR","from":"2026-06-01"},
			{"amount":1200,"currency":"EUR","until":"2026-05-31"}]}}`)
		w.offered("CH", "b2b=12.00 EUR, b2b=10.00 EUR 2026-06-01, b2b=1500 JPY, lyon:0, paris=19.90 EUR, paris:3")
		edit(`{"stocks":{"paris":2,"lyon":null},"prices":{"b2b":null}}`)
		w.offered("CH", "paris=19.90 EUR, paris:2")
		before := w.product("CH").Revision
		edit(`{"stocks":{"paris":2},"prices":{"paris":[{"currency":"EUR","amount":1990}]}}`)
		if now := w.product("CH").Revision; now != before {
			t.Errorf("an edit that changes nothing leads to revision %d from %d", now, before)
		}

		for field, raw := range map[string]string{
			"prices.x": `{"prices":{"x":[{"amount":1,"currency":"EUR"},{"amount":2,"currency":"EUR"}]}}`,
			"prices.y": `{"prices":{"y":[{"amount":-1,"currency":"EUR"}]}}`,
			"prices.z": `{"prices":{"z":[{"amount":1,"currency":"euro"}]}}`,
			"prices.d": `{"prices":{"d":[{"amount":1,"currency":"EUR","from":"2026-02-30"}]}}`,
			"prices.e": `{"prices":{"e":[{"amount":1,"currency":"EUR","from":"2026-02-02","until":"2026-02-01"}]}}`,
		} {
			_, err := w.patch("CH", raw)
			w.refused(err, dam.Invalid, field)
		}
		w.offered("CH", "paris=19.90 EUR, paris:2")

		list, err := w.s.Offers(w.Context(), dam.DefaultLibrary, "ch")
		if err != nil {
			t.Fatal(err)
		}
		var was []string
		for _, o := range list {
			if o.Stock != nil {
				was = append(was, fmt.Sprintf("%s:%d %t", o.Place, *o.Stock, o.Ended == nil))
			}
			if o.By == "" || (o.Ended == nil) != (o.EndedBy == "") {
				t.Errorf("%+v", o)
			}
		}
		slices.Sort(was)
		if got := strings.Join(was, ", "); got != "lyon:0 false, paris:2 true, paris:3 false" {
			t.Errorf("stocks were %s", got)
		}
		if err := w.s.Delete(w.Context(), dam.DefaultLibrary, "CH", 0); err != nil {
			t.Fatal(err)
		}
		w.create(`{"sku":"CH"}`)
		w.offered("CH", "")
		if list, err = w.s.Offers(w.Context(), dam.DefaultLibrary, "CH"); err != nil || len(list) != 7 ||
			slices.ContainsFunc(list, func(o dam.Offer) bool { return o.Ended == nil }) {
			t.Errorf("%d were offered before: %v", len(list), err)
		}
	})
}

// A row of a table that changes only stock or prices touches no picture, whatever the rows beside it change.
func TestImportTouches(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, cat *catalog.Catalog) {
		w := newWorld(t, cat)
		w.create(`{"sku":"A","names":{"en":"Chair"}}`)
		w.create(`{"sku":"B","names":{"en":"Table"}}`)
		renamed := w.upload("A_hero_1.jpg").ID
		w.upload("B_hero_1.jpg")
		head, err := cat.Log().Head(w.Context())
		if err != nil {
			t.Fatal(err)
		}
		if i := w.imported("csv", "sku,name,stock,stock:paris\nA,Seat,1,1\nB,Table,2,2\n", false); i.Updated != 2 {
			t.Fatalf("%+v", i)
		}
		touched, err := cat.SearchSource().Changed(w.Context(), head, 100)
		if err != nil || !slices.Equal(touched.Assets, []string{renamed}) {
			t.Errorf("%v are touched, not %s: %v", touched.Assets, renamed, err)
		}
	})
}

// A table may bring many prices and stocks for many products at once.
func TestImportManyOffers(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, cat *catalog.Catalog) {
		w := newWorld(t, cat)
		const rows, places = 50, 60
		head, row := "sku,currency", ",EUR"
		for i := range places {
			head += fmt.Sprintf(",price:p%d", i)
			row += ",1"
		}
		table := head + "\n"
		for i := range rows {
			table += fmt.Sprintf("CH-%d%s\n", i, row)
		}
		if i := w.imported("csv", table, false); i.Created != rows || i.Failed != 0 {
			t.Fatalf("%+v", i)
		}
		if n := len(w.product("CH-49").Prices); n != places {
			t.Errorf("prices at %d places", n)
		}
	})
}

// A table's price without days stands beside one with a first day, which goes before it.
func TestImportBasePrice(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, cat *catalog.Catalog) {
		w := newWorld(t, cat)
		w.create(`{"sku":"A","prices":{"paris":[{"amount":1500,"currency":"EUR","from":"2026-06-01"}]}}`)
		if i := w.imported("csv", "sku,currency,price:paris,stock:paris\nA,EUR,20,3\n", false); i.Updated != 1 {
			t.Fatalf("%+v", i)
		}
		w.offered("A", "paris=20.00 EUR, paris=15.00 EUR 2026-06-01, paris:3")
		for _, raw := range []string{
			`{"amount":1,"currency":"EUR","until":"2026-05-31"}`, `{"amount":1,"currency":"EUR"}`} {
			_, err := w.patch("A", `{"prices":{"paris":[{"amount":2,"currency":"EUR"},`+raw+`]}}`)
			w.refused(err, dam.Invalid, "prices.paris")
		}
	})
}

// Columns price:PLACE and stock:PLACE of a table change the price without days and the stock of that place.
func TestImportOffers(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, cat *catalog.Catalog) {
		w := newWorld(t, cat)
		w.create(`{"sku":"B","prices":{"paris":[{"amount":500,"currency":"EUR"},{"amount":9,"currency":"USD"}]}}`)
		table := "sku;price:Paris;currency;stock:paris;stock:lyon\nA;19,90;EUR;3;\nB;;;0;1\nC;5;;;\nD;1,999;EUR;;\n" +
			"E;1;EUR;x;\n"
		for _, dry := range []bool{true, false} {
			i := w.imported("csv", table, dry)
			if i.Created != 1 || i.Updated != 1 || i.Failed != 3 || i.Errors[0].Field != "prices.paris" {
				t.Fatalf("%+v", i)
			}
		}
		w.offered("A", "paris=19.90 EUR, paris:3")
		w.offered("B", "lyon:1, paris:0")
		w.imported("csv", "sku,price:paris\nA,21\n", false) // in its currency
		w.offered("A", "paris=21.00 EUR, paris:3")
		w.imported("csv", "sku,stock:lyon\nA,7\nA,8\n", false)
		w.offered("A", "lyon:8, paris=21.00 EUR, paris:3")
		w.imported("jsonl", `{"sku":"A","stocks":{"lyon":null}}`, false)
		w.offered("A", "paris=21.00 EUR, paris:3")
	})
}

// Amounts of every currency are read and written with the digits that it has.
func TestMinorUnits(t *testing.T) {
	for _, x := range []struct {
		text, currency string
		want           int64
	}{{"19.9", "EUR", 1990}, {"19", "EUR", 1900}, {"0.05", "EUR", 5}, {"1500", "JPY", 1500}, {"1500.0", "JPY", 1500},
		{"1.234", "KWD", 1234}, {"19.999", "EUR", -1}, {"1.5", "JPY", -1}, {"1", "eur", -1}, {"-1", "EUR", -1},
		{"1e3", "EUR", -1}} {
		got, err := dam.MinorUnits("price", x.text, x.currency)
		if (err != nil) != (x.want < 0) || err == nil && got != x.want {
			t.Errorf("%s %s is %d (%v), not %d", x.text, x.currency, got, err, x.want)
		}
	}
	if got := (dam.PlacePrice{Amount: 5, Currency: "EUR"}).Decimal(); got != "0.05" {
		t.Errorf("five cents are %s", got)
	}
}
