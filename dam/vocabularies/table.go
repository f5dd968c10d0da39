package vocabularies

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"io"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/reasons"
)

// MaxTable is how large a table of terms may be, in bytes.
const MaxTable = 64 << 20

// Imported is what an import of terms did, or in a dry run would do.
type Imported struct {
	Rows      int        `json:"rows"`
	Created   int        `json:"created"`
	Changed   int        `json:"changed"`
	Unchanged int        `json:"unchanged"`
	Failed    int        `json:"failed" doc:"Rows with an error; with any, nothing is imported"`
	Errors    []RowError `json:"errors" nullable:"false" doc:"The first 100"`
	DryRun    bool       `json:"dry_run"`
}

// RowError is what is wrong with one row.
type RowError struct {
	Line    int      `json:"line" doc:"From 1, the heading"`
	Field   string   `json:"field,omitempty"`
	Code    dam.Code `json:"code"`
	Message string   `json:"message"`
	Remedy  string   `json:"remedy,omitempty"`
	reasons.Reason
}

const maxRowErrors = 100

func (i *Imported) refuse(line int, err error) {
	i.Failed++
	var e *dam.Error
	if len(i.Errors) < maxRowErrors && errors.As(err, &e) {
		r := RowError{Line: line, Field: e.Field, Code: e.Code, Reason: e.Why()}
		reasons.Complete(&r.Reason, &r.Message, &r.Remedy)
		i.Errors = append(i.Errors, r)
	}
}

// Export writes the terms of a vocabulary as CSV: id, parent, archived, a column label:LOCALE and one synonyms:LOCALE
// for each locale in use, parents before what is below them.
func (s *Service) Export(ctx context.Context, library, vocabulary string, open func() io.Writer) error {
	if _, err := s.Get(ctx, library, vocabulary); err != nil {
		return err
	}
	list, err := s.Catalog.Libraries().Vocabularies().Whole(ctx, vocabulary)
	if err != nil {
		return err
	}
	below := map[string][]*dam.Term{}
	labels, synonyms := map[string]bool{}, map[string]bool{}
	for i := range list {
		t := &list[i]
		if t.Merged != "" {
			continue
		}
		below[t.Parent] = append(below[t.Parent], t)
		for l := range t.Labels {
			labels[l] = true
		}
		for l := range t.Synonyms {
			synonyms[l] = true
		}
	}
	w := csv.NewWriter(open())
	heading := []string{"id", "parent", "archived"}
	for _, l := range sorted(labels) {
		heading = append(heading, "label:"+l)
	}
	for _, l := range sorted(synonyms) {
		heading = append(heading, "synonyms:"+l)
	}
	if err := w.Write(heading); err != nil {
		return err
	}
	var write func(parent string) error
	write = func(parent string) error {
		for _, t := range below[parent] {
			row := []string{t.ID, t.Parent, map[bool]string{true: "yes"}[t.Archived]}
			for _, l := range sorted(labels) {
				row = append(row, cell(t.Labels[l]))
			}
			for _, l := range sorted(synonyms) {
				row = append(row, cell(join(t.Synonyms[l])))
			}
			if err := w.Write(row); err != nil {
				return err
			}
			if err := write(t.ID); err != nil {
				return err
			}
		}
		return nil
	}
	if err := write(""); err != nil {
		return err
	}
	w.Flush()
	return w.Error()
}

// cell keeps spreadsheets from running a text as a formula; uncell takes that back.
func cell(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}

// join writes synonyms into one cell, and split reads them; a ; of their own has a \ in front.
func join(list []string) string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = strings.ReplaceAll(s, ";", `\;`)
	}
	return strings.Join(out, "; ")
}

func split(s string) []string {
	const kept = "\x00"
	list := strings.Split(strings.ReplaceAll(s, `\;`, kept), ";")
	for i := range list {
		list[i] = strings.ReplaceAll(list[i], kept, ";")
	}
	return list
}

func uncell(s string) string {
	if rest, ok := strings.CutPrefix(s, "'"); ok && cell(rest) == s {
		return rest
	}
	return s
}

func sorted(set map[string]bool) []string { return slices.Sorted(maps.Keys(set)) }

// column says what a column of a table holds.
type column struct{ kind, locale string }

// Import reads a table as Export writes it. Rows are found by their ids; one without an id is a new term. A column that
// is not there leaves what it is about alone, an empty cell clears, and terms that are not in the table stay. The
// import is done whole or, if a row has an error, not at all.
func (s *Service) Import(ctx context.Context, library, vocabulary string, table io.Reader, dry bool) (Imported, error) {
	raw, err := io.ReadAll(io.LimitReader(table, MaxTable+1))
	if err != nil {
		return Imported{}, err
	}
	columns, rows, err := readTable(raw)
	if err != nil {
		return Imported{}, err
	}
	lib, err := s.Catalog.Libraries().Library(ctx, library)
	if err != nil {
		return Imported{}, err
	}
	return catalog.Do(ctx, s.Catalog, func(tx *catalog.Tx) (Imported, error) {
		in := tx.Libraries().Vocabularies()
		if _, err := in.LockVocabulary(ctx, library, vocabulary); err != nil {
			return Imported{}, err
		}
		list, err := in.Whole(ctx, vocabulary)
		if err != nil {
			return Imported{}, err
		}
		im := newImporter(list, columns, lib.Locale)
		for i, row := range rows {
			im.row(i+2, row)
		}
		im.check()
		im.out.DryRun = dry
		if dry || im.out.Failed > 0 {
			return im.out, nil
		}
		changed := im.changed()
		if len(changed) == 0 {
			return im.out, nil
		}
		emit(tx, library, vocabulary, "imported")
		return im.out, in.PutTerms(ctx, vocabulary, changed)
	})
}

func readTable(raw []byte) ([]column, [][]string, error) {
	bad := dam.InvalidInput("body", reasons.TermTableUnreadable())
	raw = bytes.TrimPrefix(raw, []byte("\ufeff"))
	if len(raw) > MaxTable || !utf8.Valid(raw) {
		return nil, nil, bad
	}
	r := csv.NewReader(bytes.NewReader(raw))
	if head, _, _ := bytes.Cut(raw, []byte("\n")); bytes.Count(head, []byte(";")) > bytes.Count(head, []byte(",")) {
		r.Comma = ';'
	}
	r.FieldsPerRecord = -1
	rows, err := r.ReadAll()
	if err != nil || len(rows) == 0 {
		return nil, nil, bad
	}
	var columns []column
	for _, name := range rows[0] {
		kind, locale, _ := strings.Cut(strings.ToLower(strings.TrimSpace(name)), ":")
		switch {
		case (kind == "id" || kind == "parent" || kind == "archived") && locale == "":
		case (kind == "label" || kind == "synonyms") && locale != "":
			locale = dam.Locale(locale)
		default:
			return nil, nil, dam.InvalidInput("body", reasons.TermColumns(dam.Cut(name, 100)))
		}
		c := column{kind, locale}
		if slices.Contains(columns, c) {
			return nil, nil, dam.InvalidInput("body", reasons.TermColumns(dam.Cut(name, 100)))
		}
		columns = append(columns, c)
	}
	if len(rows)-1 > dam.MaxTerms {
		return nil, nil, dam.InvalidInput("body", reasons.TooManyTerms(dam.MaxTerms))
	}
	return columns, rows[1:], nil
}

// importer applies the rows of a table to the terms of a vocabulary.
type importer struct {
	columns []column
	locale  string
	terms   map[string]*dam.Term
	before  map[string]dam.Term
	order   []string       // the ids of the rows
	lines   map[string]int // of the ids
	last    map[string]int64
	out     Imported
}

func newImporter(list []dam.Term, columns []column, locale string) *importer {
	im := &importer{columns: columns, locale: locale, terms: map[string]*dam.Term{}, before: map[string]dam.Term{},
		lines: map[string]int{}, last: map[string]int64{}, out: Imported{Errors: []RowError{}}}
	for _, t := range list {
		im.before[t.ID] = t
		mine := t
		mine.Labels = maps.Clone(t.Labels)
		mine.Synonyms = maps.Clone(t.Synonyms)
		im.terms[t.ID] = &mine
		im.last[t.Parent] = max(im.last[t.Parent], t.Position)
	}
	return im
}

func (im *importer) row(line int, cells []string) {
	if !slices.ContainsFunc(cells, func(c string) bool { return strings.TrimSpace(c) != "" }) {
		return
	}
	im.out.Rows++
	at := func(kind string) (string, bool) {
		i := slices.IndexFunc(im.columns, func(c column) bool { return c.kind == kind })
		if i < 0 || i >= len(cells) {
			return "", false
		}
		return strings.TrimSpace(cells[i]), true
	}
	id, _ := at("id")
	if id = strings.ToLower(id); id == "" {
		id = dam.NewID(dam.TermPrefix)
	}
	if im.lines[id] > 0 {
		im.out.refuse(line, dam.InvalidInput("id", reasons.TermExists(dam.Cut(id, 100))))
		return
	}
	im.lines[id] = line
	t := im.terms[id]
	if t == nil {
		t = &dam.Term{ID: id, Labels: dam.Text{}, Synonyms: map[string][]string{}, Position: -1}
		im.terms[id] = t
	} else if t.Merged != "" {
		im.out.refuse(line, dam.InvalidInput("id", reasons.TermMerged(t.Merged)))
		return
	}
	if t.Synonyms == nil {
		t.Synonyms = map[string][]string{}
	}
	im.order = append(im.order, id)
	if parent, ok := at("parent"); ok {
		if parent = strings.ToLower(parent); parent != t.Parent || t.Position < 0 {
			t.Parent, t.Position = parent, -1
		}
	}
	if archived, ok := at("archived"); ok {
		t.Archived = slices.Contains([]string{"yes", "true", "1", "x", "oui"}, strings.ToLower(archived))
	}
	for i, c := range im.columns {
		if i >= len(cells) {
			break
		}
		switch text := uncell(strings.TrimSpace(cells[i])); c.kind {
		case "label":
			t.Labels[c.locale] = text
		case "synonyms":
			t.Synonyms[c.locale] = split(text)
		}
	}
	if err := canonical(t, im.locale); err != nil {
		im.out.refuse(line, err)
	}
}

// check refuses rows that make no tree, places new and moved terms behind what is there, and counts.
func (im *importer) check() {
	live := 0
	for _, t := range im.terms {
		if t.Merged == "" {
			live++
		}
	}
	if live > dam.MaxTerms {
		im.out.refuse(1, dam.InvalidInput("body", reasons.TooManyTerms(dam.MaxTerms)))
	}
	for _, id := range sorted(im.others()) { // what is below a term that moves
		if err := im.placed(im.terms[id]); err != nil {
			im.out.refuse(1, err)
		}
	}
	for _, id := range im.order {
		t := im.terms[id]
		if err := im.placed(t); err != nil {
			im.out.refuse(im.lines[id], err)
			continue
		}
		if t.Position < 0 {
			im.last[t.Parent] += 65536
			t.Position = im.last[t.Parent]
		}
		switch was, there := im.before[id]; {
		case !there:
			im.out.Created++
		case same(&was, t):
			im.out.Unchanged++
		default:
			im.out.Changed++
		}
	}
}

// others are the terms that the table doesn't name.
func (im *importer) others() map[string]bool {
	out := map[string]bool{}
	for id, t := range im.terms {
		if im.lines[id] == 0 && t.Merged == "" {
			out[id] = true
		}
	}
	return out
}

// placed returns an error if a term can't be below its parent.
func (im *importer) placed(t *dam.Term) error {
	level := 1
	for at := t.Parent; at != ""; level++ {
		p := im.terms[at]
		switch {
		case p == nil || p.Merged != "":
			return dam.InvalidInput("parent", reasons.NoTermAbove(dam.Cut(at, 100)))
		case at == t.ID:
			return dam.InvalidInput("parent", reasons.TermInItself())
		case level >= dam.MaxTermDepth:
			return dam.InvalidInput("parent", reasons.TermTooDeep(dam.MaxTermDepth))
		}
		at = p.Parent
	}
	return nil
}

func same(a, b *dam.Term) bool {
	return a.Parent == b.Parent && a.Position == b.Position && a.Archived == b.Archived &&
		maps.Equal(a.Labels, b.Labels) && maps.EqualFunc(a.Synonyms, b.Synonyms, slices.Equal)
}

// changed returns what is to be stored.
func (im *importer) changed() []dam.Term {
	var out []dam.Term
	for _, id := range im.order {
		t := im.terms[id]
		if was, there := im.before[id]; !there || !same(&was, t) {
			out = append(out, *t)
		}
	}
	return out
}
