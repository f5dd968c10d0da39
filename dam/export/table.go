package export

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"io"
	"strconv"
	"strings"
	"unicode"

	"github.com/xuri/excelize/v2"
	"vitrine/dam"
)

// table is a file being written.
type table interface {
	row(a *dam.Asset) error
	end() error
}

// newTable starts a file; whole: all columns were asked for.
func newTable(f Format, w io.Writer, columns []column, whole bool) (table, error) {
	headings := make([]any, len(columns))
	for i, c := range columns {
		headings[i] = c.heading()
	}
	switch f {
	case XLSX:
		file := excelize.NewFile()
		sheet, err := file.NewStreamWriter("Sheet1")
		if err != nil {
			return nil, errors.Join(err, file.Close())
		}
		t := &xlsxTable{w: w, file: file, sheet: sheet, columns: columns}
		return t, t.write(headings)
	case JSONLines:
		return &jsonTable{json.NewEncoder(w), columns, whole}, nil
	}
	t := &csvTable{csv.NewWriter(w), columns}
	return t, t.write(headings)
}

type csvTable struct {
	w       *csv.Writer
	columns []column
}

func (t *csvTable) row(a *dam.Asset) error {
	values := make([]any, len(t.columns))
	for i, c := range t.columns {
		values[i] = c.of(a)
	}
	return t.write(values)
}

func (t *csvTable) write(values []any) error {
	cells := make([]string, len(values))
	for i, v := range values {
		switch v := v.(type) {
		case nil:
		case int64:
			cells[i] = strconv.FormatInt(v, 10)
		case float64:
			cells[i] = strconv.FormatFloat(v, 'f', -1, 64)
		case bool:
			cells[i] = strconv.FormatBool(v)
		default:
			cells[i] = harmless(words(v))
		}
	}
	return t.w.Write(cells)
}

func (t *csvTable) end() error {
	t.w.Flush()
	return t.w.Error()
}

// words is a text or a list of texts as one text.
func words(v any) string {
	if list, ok := v.([]string); ok {
		return strings.Join(list, "; ")
	}
	s, _ := v.(string)
	return s
}

// harmless puts an apostrophe before what a spreadsheet would take for a formula.
func harmless(s string) string {
	rest := strings.TrimLeftFunc(s, func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsControl(r) || r == '\ufeff'
	})
	if rest != "" && strings.ContainsRune("=+-@＝＋－＠", []rune(rest)[0]) || s != "" && strings.ContainsRune("\t\r\n",
		rune(s[0])) {
		return "'" + s
	}
	return s
}

type xlsxTable struct {
	w       io.Writer
	file    *excelize.File
	sheet   *excelize.StreamWriter
	columns []column
	n       int
}

func (t *xlsxTable) row(a *dam.Asset) error {
	values := make([]any, len(t.columns))
	for i, c := range t.columns {
		values[i] = c.of(a)
	}
	return t.write(values)
}

// write: texts are stored as texts, which no spreadsheet takes for a formula.
func (t *xlsxTable) write(values []any) error {
	for i, v := range values {
		switch v.(type) {
		case nil, int64, float64, bool:
		default:
			values[i] = words(v)
		}
	}
	t.n++
	return t.sheet.SetRow("A"+strconv.Itoa(t.n), values)
}

func (t *xlsxTable) end() error {
	err := t.sheet.Flush()
	if err == nil {
		_, err = t.file.WriteTo(t.w)
	}
	return errors.Join(err, t.file.Close()) // which removes what was spilled to disk
}

type jsonTable struct {
	enc     *json.Encoder
	columns []column
	whole   bool
}

func (t *jsonTable) row(a *dam.Asset) error {
	if t.whole {
		return t.enc.Encode(a)
	}
	line := make(map[string]any, len(t.columns))
	for _, c := range t.columns {
		line[c.heading()] = c.of(a)
	}
	return t.enc.Encode(line)
}

func (t *jsonTable) end() error { return nil }
