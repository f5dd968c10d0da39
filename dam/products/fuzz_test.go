package products

import (
	"errors"
	"io"
	"strings"
	"testing"

	"vitrine/dam"
)

// Reading a table ends, whatever is in it; each row is a product that may be stored, or an error about that row.
func FuzzCSV(f *testing.F) {
	for _, s := range []string{"sku,name_en,stock,price,currency\nCHR-1,Blue chair,12,19.90,EUR\n",
		"sku;name;ean\n\"a\"\"b\";x;4006381333931\n", "\ufeffsku\tcolour\r\nA\tblue\r\n", "sku,sku\n", "sku\n\"",
		"sku,name\nA\n", ",\n,", "sku,name_en\n\xff,\xfe\n"} {
		f.Add(s, false)
	}
	f.Add(`{"sku":"A","names":{"en":"Chair"},"stock":null,"price":{"amount":1.5,"currency":"EUR"}}`+"\n{}\n[]", true)
	f.Fuzz(func(t *testing.T, text string, lines bool) {
		r, err := newReader(map[bool]string{true: "jsonl", false: "csv"}[lines], strings.NewReader(text), "en")
		if err != nil {
			if dam.CodeOf(err) != dam.Invalid {
				t.Errorf("the file is refused with %v", err)
			}
			return
		}
		for range len(text) + 2 {
			c, line, err := r.next()
			var wrong *rowError
			switch {
			case errors.Is(err, io.EOF):
				return
			case errors.As(err, &wrong):
				if dam.CodeOf(err) != dam.Invalid {
					t.Errorf("row %d is refused with %v", line, err)
				}
			case err != nil:
				return // about the file
			case dam.CheckSKU(c.SKU) != nil:
				t.Errorf("row %d has the SKU %q", line, c.SKU)
			}
		}
		t.Errorf("%d bytes have more rows than bytes", len(text))
	})
}

// A change of a product is refused or can be read.
func FuzzChange(f *testing.F) {
	for _, s := range []string{`{"sku":"A"}`, `{"names":"x","stock":12,"price":{"amount":"1","currency":"EUR"}}`,
		`{"attributes":{"a":null}}`, `{"price":{"amount":1e400}}`, `null`, `{"sku":{}}`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		if _, err := ParseChange([]byte(raw), "en"); err != nil && dam.CodeOf(err) != dam.Invalid {
			t.Errorf("refused with %v", err)
		}
	})
}
