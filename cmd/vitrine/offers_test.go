package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Prices and stocks by place are set from the command line, and what they were before is listed.
func TestOffersCommand(t *testing.T) {
	h := newHouse(t)
	run := func(code int, args ...string) string {
		t.Helper()
		got, out, diag := vitrine(t.Context(), append(args, "--server", h.server.URL, "--token", h.token)...)
		if got != code {
			t.Fatalf("%v: %d %s%s", args, got, out, diag)
		}
		return out + diag
	}
	file := filepath.Join(h.data, "products.csv")
	if err := os.WriteFile(file, []byte("sku,stock:lyon\nCHR-1,2\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	run(0, "products", "import", file)
	run(0, "products", "price", "CHR-1", "paris", "19.90 EUR")
	run(0, "products", "price", "CHR-1", "paris", "21 eur ..2026-05-31", "18.5 EUR 2026-06-01..", "3000 JPY")
	run(0, "products", "stock", "CHR-1", "lyon", "4")
	run(0, "products", "stock", "CHR-1", "lyon")
	for _, bad := range []string{"19.999 EUR", "19.90", "x EUR"} {
		run(2, "products", "price", "CHR-1", "paris", bad)
	}
	out := run(0, "products", "offers", "CHR-1")
	for _, line := range []string{"19.90 EUR", "18.50 EUR", "2026-06-01..", "3000 JPY", "4 pieces", "2 pieces"} {
		if !strings.Contains(out, line) {
			t.Errorf("no %s in\n%s", line, out)
		}
	}
	if n := strings.Count(out, " now "); n != 3 {
		t.Errorf("%d are so now:\n%s", n, out)
	}
	if out := run(0, "products", "show", "CHR-1"); !strings.Contains(out, `"amount": 1850`) {
		t.Errorf("shown is %s", out)
	}
}
