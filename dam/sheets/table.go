package sheets

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"vitrine/dam"
	"vitrine/dam/canon"
	"vitrine/dam/reasons"
)

// read returns the rows of a file, the heading first.
func (s *Service) read(r io.Reader, format string) ([][]string, error) {
	raw, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	if len(raw) > MaxSize {
		return nil, &dam.Error{Code: dam.TooLarge, Field: "body", Reason: reasons.ImportTooLarge()}
	}
	var rows [][]string
	switch format {
	case "csv":
		rows, err = readCSV(bytes.TrimPrefix(raw, []byte("\ufeff")))
	case "xlsx":
		rows, err = s.XLSX(raw, MaxSize)
	default:
		return nil, dam.InvalidInput("format", reasons.NoSheetFormat(dam.Cut(format, 20)))
	}
	switch {
	case err != nil || len(rows) == 0:
		return nil, dam.InvalidInput("body", reasons.SheetUnreadable())
	case len(rows)-1 > maxRows:
		return nil, dam.InvalidInput("body", reasons.SheetTooLong(maxRows))
	}
	return rows, nil
}

func readCSV(raw []byte) ([][]string, error) {
	if !utf8.Valid(raw) {
		return nil, errors.New("no UTF-8")
	}
	r := csv.NewReader(bytes.NewReader(raw))
	head, _, _ := bytes.Cut(raw, []byte("\n"))
	for _, c := range ";\t" {
		if bytes.Count(head, []byte(string(c))) > bytes.Count(head, []byte(string(r.Comma))) {
			r.Comma = c
		}
	}
	r.FieldsPerRecord = -1
	return r.ReadAll()
}

// unchangeable are columns of exports that say what can't be edited here, and are passed over.
var unchangeable = []string{"id", "type", "status", "live", "file_name", "media_type", "size", "width", "height",
	"collections", "version", "sha256", "uploaded", "updated", "sku", "allowed_from", "allowed_until",
	"allowed_territories"}

// table reads rows by a heading.
type table struct {
	by      string
	at      int // of what rows are found by
	columns []string
	fields  map[string]dam.CustomField
	locale  string
}

func newTable(heading []string, fields []dam.CustomField, by string) (*table, error) {
	t := &table{by: by, fields: map[string]dam.CustomField{}, at: -1}
	for _, f := range fields {
		t.fields[f.Key] = f
	}
	for _, h := range heading {
		h = strings.TrimSpace(h)
		if h != "" && slices.Contains(t.columns, h) || !t.known(h) {
			return nil, dam.InvalidInput("body", reasons.SheetColumn(dam.Cut(h, 100)))
		}
		t.columns = append(t.columns, h)
	}
	if by != "" && !slices.Contains(keys, by) {
		return nil, dam.InvalidInput("by", reasons.NoSheetKey(dam.Cut(by, 20), strings.Join(keys, ", ")))
	}
	for _, k := range keys {
		if i := slices.Index(t.columns, k); i >= 0 && t.at < 0 && (by == "" || by == k) {
			t.by, t.at = k, i
		}
	}
	if i := slices.Index(t.columns, "skus"); by == "sku" && t.at < 0 && i >= 0 {
		t.at = i
	}
	if t.at < 0 {
		return nil, dam.InvalidInput("body", reasons.NoSheetKey(t.by, strings.Join(keys, ", ")))
	}
	return t, nil
}

var (
	localized = []string{"title", "description", "alt", "caption"}
	others    = []string{"tags", "skus", "rating", "taken", "latitude", "longitude", "rights_from", "rights_until",
		"territories", ""}
)

func (t *table) known(column string) bool {
	name, _, dotted := strings.Cut(column, ".")
	switch {
	case slices.Contains(unchangeable, column) || slices.Contains(others, column), slices.Contains(localized, name):
		return true
	case name == "custom" && dotted:
		_, ok := t.fields[customKey(column)]
		return ok
	}
	return slices.ContainsFunc(dam.TextFields(), func(f dam.TextField) bool { return f.Name == column })
}

func customKey(column string) string {
	key, _, _ := strings.Cut(strings.TrimPrefix(column, "custom."), ".")
	return key
}

// cell is a text as it was before an export protected it from being run as a formula.
func cell(cells []string, i int) string {
	if i >= len(cells) {
		return ""
	}
	s := cells[i]
	if rest, ok := strings.CutPrefix(s, "'"); ok {
		bare := strings.TrimLeftFunc(rest, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) })
		if bare != "" && strings.ContainsRune("=+-@＝＋－＠", []rune(bare)[0]) {
			s = rest
		}
	}
	return strings.TrimSpace(s)
}

func (t *table) key(cells []string) string {
	s := cell(cells, t.at)
	switch t.by {
	case "sha256":
		return strings.ToLower(s)
	case "file_name":
		return canon.Key(s)
	case "sku":
		return canon.ProductKey(s)
	}
	return s
}

// members are those of patch, as JSON.
func (t *table) members(cells []string) (map[string]json.RawMessage, error) {
	patch, err := t.patch(cells)
	if err != nil {
		return nil, err
	}
	out := make(map[string]json.RawMessage, len(patch))
	for name, v := range patch {
		if out[name], err = json.Marshal(v); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// patch is the change that a row asks for: a merge patch of an asset.
func (t *table) patch(cells []string) (map[string]any, error) {
	patch := map[string]any{}
	into := func(name string) map[string]any {
		m, _ := patch[name].(map[string]any)
		if m == nil {
			m = map[string]any{}
			patch[name] = m
		}
		return m
	}
	for i, column := range t.columns {
		if slices.Contains(unchangeable, column) || column == "" || i == t.at {
			continue
		}
		s := cell(cells, i)
		name, locale, _ := strings.Cut(column, ".")
		switch {
		case name == "custom":
			if err := t.custom(into("custom"), column, s); err != nil {
				return nil, err
			}
		case slices.Contains(localized, name):
			if locale == "" {
				locale = t.locale
			}
			into(name)[locale] = text(s)
		case column == "tags" || column == "skus":
			patch[column] = list(s)
		case column == "rights_from" || column == "rights_until":
			into("rights")[strings.TrimPrefix(column, "rights_")] = text(s)
		case column == "territories":
			into("rights")["territories"] = nil
			if s != "" {
				into("rights")["territories"] = list(s)
			}
		case column == "rating":
			n, err := number(column, s)
			if err != nil {
				return nil, err
			}
			patch["rating"] = n
		case column == "taken":
			patch["captured"] = nil
			if s != "" {
				patch["captured"] = taken(s)
			}
		case column == "latitude" || column == "longitude":
			if err := t.place(patch, cells); err != nil {
				return nil, err
			}
		default:
			patch[column] = s
		}
	}
	return patch, nil
}

// place reads both coordinates; one without the other is none.
func (t *table) place(patch map[string]any, cells []string) error {
	var at [2]any
	for i, name := range []string{"latitude", "longitude"} {
		c := slices.Index(t.columns, name)
		if c < 0 {
			return dam.InvalidInput(name, reasons.SheetColumn(name))
		}
		n, err := number(name, cell(cells, c))
		if err != nil {
			return err
		}
		at[i] = n
	}
	if patch["place"] = nil; at[0] != nil && at[1] != nil {
		patch["place"] = map[string]any{"lat": at[0], "lon": at[1]}
	}
	return nil
}

func (t *table) custom(custom map[string]any, column, s string) error {
	key := customKey(column)
	f := t.fields[key]
	if f.Type == dam.FieldLocalized {
		locale := strings.TrimPrefix(strings.TrimPrefix(column, "custom."+key), ".")
		if locale == "" {
			locale = t.locale
		}
		texts, _ := custom[key].(map[string]any)
		if texts == nil {
			texts = map[string]any{}
			custom[key] = texts
		}
		texts[locale] = text(s)
		return nil
	}
	switch {
	case s == "":
		custom[key] = nil
	case f.Multi:
		custom[key] = list(s)
	case f.Type == dam.FieldNumber:
		n, err := number(column, s)
		if err != nil {
			return err
		}
		custom[key] = n
	case f.Type == dam.FieldBoolean:
		switch strings.ToLower(s) {
		case "true", "yes", "1", "oui", "x":
			custom[key] = true
		case "false", "no", "0", "non":
			custom[key] = false
		default:
			return dam.InvalidInput(column, reasons.NotAFieldBoolean())
		}
	default:
		custom[key] = s
	}
	return nil
}

// text is a text as a patch has it: nil takes it away.
func text(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func list(s string) []any {
	out := []any{}
	for part := range strings.SplitSeq(s, ";") {
		if part = strings.TrimSpace(part); part != "" {
			out = append(out, part)
		}
	}
	return out
}

func number(column, s string) (any, error) {
	if s == "" {
		return nil, nil
	}
	n, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return nil, dam.InvalidInput(column, reasons.NotAFieldNumber())
	}
	return n, nil
}

// taken splits the wall clock of a camera from its zone.
func taken(s string) map[string]any {
	out := map[string]any{"wall": s}
	if len(s) > 19 {
		out["wall"], out["offset"] = s[:19], s[19:]
	}
	return out
}
