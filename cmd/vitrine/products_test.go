package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/catalog/catalogtest"
)

// More rows than any buffer holds, from the command line through the job into the catalogue, and a picture into a slot.
func TestProductsCommand(t *testing.T) {
	h := newHouse(t)
	remote := func(args ...string) (int, string, string) {
		return vitrine(t.Context(), append(args, "--server", h.server.URL, "--token", h.token)...)
	}
	const rows = 20_000
	file := filepath.Join(h.data, "catalogue.csv")
	f, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := fmt.Fprintln(f, "sku,name_en,colour"); err != nil {
		t.Fatal(err)
	}
	for i := range rows {
		sku := fmt.Sprintf("SKU-%05d", i)
		if i == 12_345 {
			sku = "bad/sku"
		}
		if _, err := fmt.Fprintf(f, "%s,Product %d,blue\n", sku, i); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	code, out, diag := remote("products", "import", file, "--json")
	var i catalog.Import
	if err := json.Unmarshal([]byte(out), &i); err != nil || code != 1 || i.State != "done" || i.Rows != rows ||
		i.Created != rows-1 || len(i.Errors) != 1 || i.Errors[0].Line != 12_347 {
		t.Fatalf("%d %v %s %s", code, err, out, diag)
	}
	if _, total, err := h.cat.Products().List(catalogtest.Context(t), dam.DefaultLibrary,
		catalog.ProductQuery{Limit: 1}); err != nil || total != rows-1 {
		t.Errorf("%d products, %v", total, err)
	}
	if code, out, _ := remote("products", "import", "--dry-run", file); code != 1 ||
		!strings.Contains(out, "line 12347: sku: ") ||
		!strings.Contains(out, "0 created, 0 updated, 19999 unchanged, 1 with an error (dry run") {
		t.Errorf("%d %s", code, out)
	}
	if code, out, _ := remote("products", "list", "product", "19998"); code != 0 || strings.Count(out, "\n") != 2 ||
		!strings.Contains(out, "SKU-19998") {
		t.Errorf("%d %s", code, out)
	}
	if code, out, _ := remote("products", "rule", "test", "SKU-00001_hero_1.jpg", "holiday.jpg"); code != 1 ||
		!strings.Contains(out, "SKU SKU-00001, slot hero, position 1: SKU-00001") ||
		!strings.Contains(out, "holiday.jpg: no pattern") {
		t.Errorf("%d %s", code, out)
	}
	if code, out, _ := remote("lookup", "--sku", "SKU-00001"); code != 0 || out != "" {
		t.Errorf("%d %s", code, out)
	}
	if code, _, _ := remote("lookup"); code != 2 {
		t.Errorf("lookup without a question: %d", code)
	}
}
