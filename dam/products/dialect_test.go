package products

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"vitrine/dam"
	"vitrine/dam/reasons"
)

// imported reads a file as an import does; errors about rows are in wrong.
func imported(t *testing.T, file, encoding string) (rows []Change, wrong []error, err error) {
	t.Helper()
	text, err := decoded(strings.NewReader(file), encoding)
	if err != nil {
		return nil, nil, err
	}
	stored, err := io.ReadAll(text)
	if err != nil {
		return nil, nil, err
	}
	r, err := newReader("csv", bytes.NewReader(stored), "fr")
	if err != nil {
		return nil, nil, err
	}
	for {
		c, _, err := r.next()
		var row *rowError
		switch {
		case errors.Is(err, io.EOF):
			return rows, wrong, nil
		case errors.As(err, &row):
			wrong = append(wrong, err)
		case err != nil:
			return rows, wrong, err
		default:
			rows = append(rows, c)
		}
	}
}

// Spreadsheets write the same table in many ways.
func TestDialects(t *testing.T) {
	const table = "sku;name_fr;matière;price;currency\r\nB-26;Chaise bleutée;bois;1.234,50;EUR\r\n"
	encoded := func(e encoding.Encoding, text string) string {
		out, err := e.NewEncoder().String(text)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	for name, c := range map[string]struct{ file, encoding string }{
		"UTF-8":                      {table, ""},
		"byte order mark":            {"\ufeff" + table, ""},
		"UTF-8 by name, with a mark": {"\ufeff" + table, "UTF-8"},
		"UTF-16, little end first":   {encoded(unicode.UTF16(unicode.LittleEndian, unicode.UseBOM), table), ""},
		"UTF-16, big end first":      {encoded(unicode.UTF16(unicode.BigEndian, unicode.UseBOM), table), ""},
		"UTF-16 without a mark":      {encoded(unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM), table), ""},
		"Windows-1252":               {encoded(charmap.Windows1252, table), "windows-1252"},
		"Macintosh":                  {encoded(charmap.Macintosh, table), "macintosh"},
		"UTF-16, named otherwise":    {encoded(unicode.UTF16(unicode.BigEndian, unicode.UseBOM), table), "utf-16"},
		"UTF-16 without a mark, named": {encoded(unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM), table),
			"UTF-16BE"},
		"UTF-8 by another label":      {"\ufeff" + table, "unicode-1-1-utf-8"},
		"carriage returns":            {strings.ReplaceAll(table, "\r\n", "\r"), ""},
		"line feeds":                  {strings.ReplaceAll(table, "\r\n", "\n"), ""},
		"no end of the last line":     {strings.TrimSuffix(table, "\r\n"), ""},
		"sep line":                    {"sep=;\r\n" + table, ""},
		"sep line, carriage returns":  {"SEP=;\r" + strings.ReplaceAll(table, "\r\n", "\r"), ""},
		"tab":                         {strings.ReplaceAll(table, ";", "\t"), ""},
		"bar":                         {strings.ReplaceAll(table, ";", "|"), ""},
		"nameless columns at the end": {strings.ReplaceAll(table, "\r\n", ";;\r\n"), ""},
		"empty cells at a row's end":  {strings.Replace(table, "EUR", "EUR;; ", 1), ""},
		"separator in a quoted name":  {strings.Replace(table, "name_fr", `"name_fr"`, 1), ""},
		"comma, number with a point": {"sku,name_fr,matière,price,currency\nB-26,Chaise bleutée,bois,1234.50,EUR\n",
			""},
		"spaces between thousands": {strings.Replace(table, "1.234,50", "1\u202f234,50", 1), ""},
		"apostrophes":              {strings.Replace(table, "1.234,50", "1'234.50", 1), ""},
	} {
		t.Run(name, func(t *testing.T) {
			rows, wrong, err := imported(t, c.file, c.encoding)
			if err != nil || len(wrong) > 0 || len(rows) != 1 {
				t.Fatalf("%d rows, %v, %v", len(rows), wrong, err)
			}
			r := rows[0]
			if r.SKU != "B-26" || r.names["fr"] != "Chaise bleutée" || r.attributes["matière"] != "bois" ||
				r.price.v == nil || r.price.v.Amount != "1234.50" || r.currency != "EUR" {
				t.Errorf("%q %v %v %v %q", r.SKU, r.names, r.attributes, r.price.v, r.currency)
			}
		})
	}
}

// What can't be read is refused with what to do; nothing is stored with replacement characters.
func TestDialectsThatAreRefused(t *testing.T) {
	for name, c := range map[string]struct{ file, encoding, code, param string }{
		"Windows-1252":         {"sku;Mati\xe8re\r\nB;bois\r\n", "", reasons.CodeImportNotUtf8, "windows-1252"},
		"Windows-1252 in rows": {"sku;name\nA;\xe9t\xe9\nB;\xe8\n", "", reasons.CodeImportNotUtf8, "windows-1252"},
		"Macintosh":            {"sku;Mati\x8fre\rB;bois\r", "", reasons.CodeImportNotUtf8, "macintosh"},
		"no character in it":   {"sku;name\nA\x82;x\n", "shift_jis", reasons.CodeImportNotInEncoding, "shift_jis"},
		"half a UTF-16 pair": {"\xff\xfes\x00k\x00u\x00\n\x00\x00\xd8\n\x00", "", reasons.CodeImportNotInEncoding,
			"utf-16le"},
		"unknown encoding":      {"sku\nA\n", "klingon", reasons.CodeNoEncoding, ""},
		"nameless column":       {"sku,,name\nA,,x\n", "", reasons.CodeColumnWithoutName, ""},
		"marks and nothing":     {"sep=;\n", "", reasons.CodeImportWithoutHeader, ""},
		"only separators":       {";;;\n", "", reasons.CodeImportWithoutHeader, ""},
		"a zero byte in a name": {"sku,na\x00me\nA,x\n", "", reasons.CodeColumnNameNotText, ""},
	} {
		_, _, err := imported(t, c.file, c.encoding)
		var e *dam.Error
		if !errors.As(err, &e) || e.Why().ReasonCode != c.code || c.param != "" &&
			e.Why().Params["encoding"] != c.param {
			t.Errorf("%s: %v", name, err)
		}
	}
	rows, wrong, err := imported(t, "sku,name\nA,x\nB,\xff\nC,a\x00b\nD,y\n", "")
	if err != nil || len(rows) != 2 || len(wrong) != 2 {
		t.Errorf("one bad row: %d rows, %v, %v", len(rows), wrong, err)
	}
}

// A long first line may be cut within a character where its encoding is told.
func TestLongFirstLines(t *testing.T) {
	for name, c := range map[string]struct{ format, file string }{
		"carriage returns": {"csv", "sku;name_fr\r" + strings.Repeat("A;é\r", headSize)},
		"one line of JSON": {"jsonl", `{"sku":"A","attributes":{"a":"` + strings.Repeat("é", maxAttribute-1) +
			`","b":"` +
			strings.Repeat("é", maxAttribute-1) + `","c":"` + strings.Repeat("é", maxAttribute-1) + `","d":"` +
			strings.Repeat("é", maxAttribute-1) + `"}}` + "\n"},
	} {
		for _, before := range []string{"", " "} { // one of them cuts a character
			text, err := decoded(strings.NewReader(before+c.file), "")
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			if got, err := io.ReadAll(text); err != nil || string(got) != before+c.file {
				t.Errorf("%s: %d bytes, %v", name, len(got), err)
			}
		}
	}
	r, err := newReader("jsonl", strings.NewReader("{\"sku\":\"A\"}\n{\"sku\":\"B\",\"names\":\"\xe9\"}\n"), "fr")
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := r.next(); err != nil {
		t.Error(err)
	}
	if _, line, err := r.next(); !errors.As(err, new(*rowError)) || line != 2 {
		t.Errorf("line %d: %v", line, err)
	}
}

func TestAmounts(t *testing.T) {
	for cell, want := range map[string][2]string{ // where columns are separated by ; and by ,
		"19,90":          {"19.90", "19,90"},
		"19.90":          {"19.90", "19.90"},
		"1,5":            {"1.5", "1,5"},
		"1,234":          {"", ""}, // a thousand or one: nobody knows
		"1.234":          {"", "1.234"},
		"0.125":          {"0.125", "0.125"},
		"0,125":          {"0.125", "0,125"},
		"1 234 56":       {"1 234 56", "1 234 56"},
		"1 234 567,89":   {"1234567.89", "1234567,89"},
		"1.234,56":       {"1234.56", "1234.56"},
		"1,234.56":       {"1234.56", "1234.56"},
		"1.234.567,8":    {"1234567.8", "1234567.8"},
		"12.34,56":       {"12.34,56", "12.34,56"},
		"1 234,56":       {"1234.56", "1234,56"},
		"1\u00a0234":     {"1234", "1234"},
		"19,90 €":        {"19,90 €", "19,90 €"},
		"":               {"", ""},
		"-1'000'000.5":   {"-1000000.5", "-1000000.5"},
		"1,2,3":          {"1,2,3", "1,2,3"},
		"12 monkeys":     {"12 monkeys", "12 monkeys"},
		"1,234,567.89":   {"1234567.89", "1234567.89"},
		"1.234.567,89,1": {"1.234.567,89,1", "1.234.567,89,1"},
	} {
		for i, d := range []dialect{{comma: ';', decimalComma: true}, {comma: ','}} {
			got, ok := d.amount(cell)
			if !ok {
				got = ""
			}
			if got != want[i] {
				t.Errorf("%q in a table by %c: %q, want %q", cell, d.comma, got, want[i])
			}
		}
	}
}
