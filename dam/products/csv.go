package products

import (
	"bufio"
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"vitrine/dam"
	"vitrine/dam/canon"
	"vitrine/dam/reasons"
)

const (
	// maxRow bounds what one row may take in memory, in bytes.
	maxRow     = 1 << 20
	maxColumns = 500
)

// reader gives the rows of an import one by one.
type reader interface {
	// next returns a row and its line from 1. A *rowError is about that row only; io.EOF ends; any other error is about
	// the file.
	next() (Change, int64, error)
}

// rowError is what is wrong with one row.
type rowError struct {
	sku string
	error
}

func (e *rowError) Unwrap() error { return e.error }

func newReader(format string, r io.Reader, locale string) (reader, error) {
	if format == "jsonl" {
		s := bufio.NewScanner(r)
		s.Buffer(make([]byte, 0, 64<<10), maxRow)
		return &lines{s: s, locale: locale}, nil
	}
	return newTable(r, locale)
}

// lines reads a product of each line of JSON.
type lines struct {
	s      *bufio.Scanner
	locale string
	line   int64
}

func (l *lines) next() (Change, int64, error) {
	for l.s.Scan() {
		l.line++
		text := strings.TrimSpace(strings.TrimPrefix(l.s.Text(), "\ufeff"))
		if text == "" {
			continue
		}
		if !utf8.ValidString(text) { // JSON would put replacement characters in
			return Change{}, l.line, &rowError{"", dam.InvalidInput("row", reasons.RowNotUtf8())}
		}
		c, err := ParseChange([]byte(text), l.locale)
		if err == nil {
			err = dam.CheckSKU(c.SKU)
		}
		if err != nil {
			return c, l.line, &rowError{c.SKU, err}
		}
		return c, l.line, nil
	}
	err := l.s.Err()
	switch {
	case err == nil:
		err = io.EOF
	case errors.Is(err, bufio.ErrTooLong):
		err = dam.InvalidInput("body", reasons.ImportLineTooLong(l.line+1))
	}
	return Change{}, l.line, err
}

// column says where a table's cell belongs.
type column struct{ field, name string }

// table reads a product of each row of a CSV file. The columns' cells are the truth: an empty one clears.
type table struct {
	dialect
	csv     *csv.Reader
	guard   *guard
	columns []column
	first   int // the line of the file that the table begins at, from 0
}

// guard ends a row that has no end, as after an unclosed quote, before it fills the memory.
type guard struct {
	r    io.Reader
	left int
}

var errLongRow = dam.InvalidInput("body", reasons.ImportRowTooLong())

func (g *guard) Read(p []byte) (int, error) {
	if g.left <= 0 {
		return 0, errLongRow
	}
	n, err := g.r.Read(p)
	g.left -= n
	return n, err
}

func newTable(r io.Reader, locale string) (*table, error) {
	head := bufio.NewReaderSize(r, headSize)
	d, first := dialectOf(head)
	g := &guard{r: head, left: maxRow}
	t := &table{dialect: d, csv: d.reader(g), guard: g, first: first}
	names, err := t.csv.Read()
	if errors.Is(err, io.EOF) {
		return nil, dam.InvalidInput("body", reasons.ImportWithoutHeader())
	}
	if err != nil {
		return nil, dam.InvalidInput("body", reasons.ImportHeaderUnreadable(err.Error()))
	}
	for len(names) > 0 && strings.TrimSpace(names[len(names)-1]) == "" {
		names = names[:len(names)-1] // a spreadsheet's column that was used once
	}
	if len(names) == 0 {
		return nil, dam.InvalidInput("body", reasons.ImportWithoutHeader())
	}
	if len(names) > maxColumns {
		return nil, dam.InvalidInput("body", reasons.TooManyColumns())
	}
	names[0] = strings.TrimPrefix(names[0], "\ufeff") // of a file received before
	for i, name := range names {
		name = canon.Name(name)
		if err := dam.CheckLine("body", name); err != nil {
			return nil, dam.InvalidInput("body", reasons.ColumnNameNotText())
		}
		if name == "" {
			return nil, dam.InvalidInput("body", reasons.ColumnWithoutName(i+1))
		}
		c := columnOf(name, locale)
		if slices.Contains(t.columns, c) {
			return nil, dam.InvalidInput("body", reasons.ColumnTwice(name))
		}
		t.columns = append(t.columns, c)
	}
	if !slices.Contains(t.columns, column{field: "sku"}) {
		return nil, dam.InvalidInput("body", reasons.NoSkuColumn())
	}
	return t, nil
}

// attributePrefix stands before a column that is an attribute whatever it is called.
const attributePrefix = "attribute:"

func columnOf(name, locale string) column {
	lower := strings.ToLower(name)
	switch lower {
	case "sku", "gtin", "stock", "price", "currency", "family", "parent", "brand", "category", "launch", "end":
		return column{field: lower}
	case "ean", "upc":
		return column{field: "gtin"}
	case "name":
		return column{"name", locale}
	}
	if l, ok := strings.CutPrefix(lower, "name_"); ok && l != "" {
		return column{"name", dam.Locale(strings.ReplaceAll(l, "_", "-"))}
	}
	for _, field := range []string{"price", "stock"} {
		if place, ok := strings.CutPrefix(lower, field+":"); ok && place != "" {
			return column{field + ":", place}
		}
	}
	if rest := name[len(name)-len(strings.TrimPrefix(lower, attributePrefix)):]; len(rest) < len(name) && rest != "" {
		return column{"attribute", canon.Name(rest)}
	}
	return column{"attribute", name}
}

func (t *table) next() (Change, int64, error) {
	for {
		t.guard.left = maxRow
		cells, err := t.csv.Read()
		var wrong *csv.ParseError
		switch {
		case errors.As(err, &wrong) && !errors.Is(err, errLongRow):
			return Change{}, int64(wrong.StartLine + t.first), &rowError{"", dam.InvalidInput("row",
				reasons.CsvQuote(wrong.Err.Error()))}
		case err != nil:
			return Change{}, 0, err
		}
		line, _ := t.csv.FieldPos(0)
		line += t.first
		if !slices.ContainsFunc(cells, func(s string) bool { return strings.TrimSpace(s) != "" }) {
			continue
		}
		c, err := t.row(cells)
		if err == nil {
			err = dam.CheckSKU(c.SKU)
		}
		if err != nil {
			return c, int64(line), &rowError{c.SKU, err}
		}
		return c, int64(line), nil
	}
}

func (t *table) row(cells []string) (c Change, err error) {
	for len(cells) > len(t.columns) && strings.TrimSpace(cells[len(cells)-1]) == "" {
		cells = cells[:len(cells)-1]
	}
	if len(cells) != len(t.columns) {
		return c, dam.InvalidInput("row", reasons.RowCellsDiffer(len(cells), len(t.columns)))
	}
	for i, cell := range cells {
		if !utf8.ValidString(cell) {
			return c, dam.InvalidInput("row", reasons.RowNotUtf8())
		}
		cell = strings.Clone(strings.TrimSpace(cell))
		switch col := t.columns[i]; col.field {
		case "sku":
			c.SKU = canon.SKU(cell)
		case "gtin":
			c.gtin = &cell
		case "stock":
			c.stock.set = true
			if cell == "" {
				break
			}
			n, err := pieces("stock", cell)
			if err != nil {
				return c, err
			}
			c.stock.v = &n
		case "price":
			c.price.set = true
			if cell != "" {
				amount, ok := t.amount(cell)
				if !ok {
					return c, dam.InvalidInput("price", reasons.AmountTwofold(cell))
				}
				c.price.v = &dam.Price{Amount: amount}
			}
		case "price:", "stock:":
			if err := t.place(&c, col, cell); err != nil {
				return c, err
			}
		case "currency":
			c.currency = cell
		case "family", "parent", "brand", "category", "launch", "end":
			c.relate(col.field, cell)
		case "name":
			if c.names == nil {
				c.names = dam.Text{}
			}
			c.names[col.name] = cell
		default:
			if c.attributes == nil {
				c.attributes = map[string]string{}
			}
			c.attributes[col.name] = cell
		}
	}
	return c, c.check()
}

// place reads a cell of a column price:PLACE or stock:PLACE.
func (t *table) place(c *Change, col column, cell string) error {
	if col.field == "stock:" {
		if c.stocks == nil {
			c.stocks = map[string]*int64{}
		}
		if c.stocks[col.name] = nil; cell == "" {
			return nil
		}
		n, err := pieces("stocks."+col.name, cell)
		c.stocks[col.name] = &n
		return err
	}
	if c.cells == nil {
		c.cells = map[string]string{}
	}
	if c.cells[col.name] = ""; cell == "" {
		return nil
	}
	amount, ok := t.amount(cell)
	if !ok {
		return dam.InvalidInput("prices."+col.name, reasons.AmountTwofold(dam.Cut(cell, maxKey)))
	}
	c.cells[col.name] = amount
	return nil
}

func pieces(field, cell string) (int64, error) {
	n, err := strconv.ParseInt(cell, 10, 64)
	if err != nil {
		return 0, dam.InvalidInput(field, reasons.NotAWholeNumber(cell))
	}
	return n, nil
}
