package e2e

import (
	"fmt"
	"net/http"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/catalog/catalogtest"
	"vitrine/dam/integrity"
	"vitrine/test/upgrade"
)

// An older build has stored a product twice, in two spellings of its SKU. The first start of this one makes it one
// product: its public addresses answer in either spelling, search finds its pictures, and a list says what was merged.
func TestUpgradeNames(t *testing.T) {
	const typed, composed = "CHR-E\u03013", "CHR-É3"
	for _, database := range []string{"sqlite", "postgres"} {
		t.Run(database, func(t *testing.T) {
			t.Parallel()
			s, was := older(t, database)
			dsn := s.database
			if dsn == "" {
				dsn = "sqlite:" + filepath.Join(s.dir, "vitrine.db")
			}
			ctx := catalogtest.Context(t)
			c, err := catalog.Open(ctx, dsn)
			if err != nil {
				t.Fatal(err)
			}
			remote := upgrade.NewRemote(false)
			t.Cleanup(remote.Close)
			asRecorded(t, c, was, remote.URL)
			for _, q := range []string{
				"UPDATE products SET key='" + strings.ToLower(typed) + "', sku='" + typed + "' WHERE key='chr-3'",
				"UPDATE product_slots SET key='" + strings.ToLower(typed) + "', sku='" + typed + "' WHERE key='chr-3'",
				"UPDATE assets SET skus=replace(skus,'CHR-3','" + typed + "')",
				"INSERT INTO products(library,key,sku,gtin,names,attributes,stock,price,words,revision,created_at," +
					"created_by,updated_at) SELECT library,'chr-é3','" + composed +
					"',gtin,names,'{\"later\":\"yes\"}',77," +
					"price,words,1,created_at+1,created_by,updated_at+1 FROM products WHERE sku='" + typed + "'",
			} {
				if err := upgrade.Exec(ctx, c, q); err != nil {
					t.Fatalf("%s: %v", q, err)
				}
			}
			if err := c.Close(); err != nil {
				t.Fatal(err)
			}
			x := start(t, s)
			var shown []string
			for _, sku := range []string{typed, composed} {
				a, err := upgrade.Ask(x.url, "/p/"+url.PathEscape(sku)+".json", "")
				if err != nil || a.Status != http.StatusOK {
					x.Errorf("%+q: %+v %v", sku, a, err)
				}
				shown = append(shown, a.SHA256)
				var p dam.Product
				x.do(http.StatusOK, "GET", "/api/products/"+url.PathEscape(sku), nil, &p)
				if p.SKU != composed || p.Attributes["later"] != "yes" || p.Stock != nil && *p.Stock == 77 ||
					len(p.Slots) == 0 {
					x.Errorf("%+q is %+v", sku, p)
					continue
				}
				if got := x.asset(p.Slots[0].Asset).SKUs; !slices.Contains(got, composed) {
					x.Errorf("its picture has the SKUs %+q", got)
				}
			}
			if shown[0] != shown[1] {
				x.Errorf("the two spellings show %q", shown)
			}
			var names integrity.Names
			x.do(http.StatusOK, "GET", "/api/system/names", nil, &names)
			i := slices.IndexFunc(names.Items, func(n dam.NameChange) bool { return n.Before == typed })
			if i < 0 || names.Items[i].After != composed || names.Items[i].Merged != 1 || names.Merged != 1 {
				x.Fatalf("%+v", names)
			}
			if out, err := vitrine(t, s, "migrate", "--changes").Output(); err != nil ||
				!strings.Contains(string(out), "CHR-E‹U+0301›3") {
				x.Errorf("%v %s\n%s", err, stderr(err), out)
			}
			var system struct{ Head int64 }
			x.do(http.StatusOK, "GET", "/api/system", nil, &system)
			for _, sku := range []string{typed, composed} {
				var page struct{ Total int }
				x.do(http.StatusOK, "GET", fmt.Sprintf("/api/assets?q=%s&wait=%d", url.QueryEscape("sku:"+sku),
					system.Head),
					nil, &page)
				if page.Total == 0 {
					x.Errorf("search finds nothing by %+q", sku)
				}
			}
		})
	}
}
