// Package export writes what a search finds as a table: CSV, XLSX or JSON lines. It
// reads in blocks, so memory does not grow with the result.
package export

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"time"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/reasons"
)

// Finder hands over what a filter finds (see searches.Service.Each).
type Finder interface {
	Each(ctx context.Context, library string, s dam.Selection, begin func(total int, seq int64) error,
		block func(ids []string) error) error
}

// Catalog is what this package reads and changes of the catalogue.
type Catalog interface {
	Assets() catalog.Assets
	Libraries() catalog.Libraries
}

// Service exports.
type Service struct {
	Catalog Catalog
	Find    Finder
}

// Format is a kind of file.
type Format string

const (
	CSV       Format = "csv"
	XLSX      Format = "xlsx"
	JSONLines Format = "jsonl"
)

// Request says what is exported.
type Request struct {
	Filter dam.BulkFilter
	Sort   string
	// Fields names the columns, in order; none means all. A localised text makes a
	// column per locale in use (title.en, title.fr); title.fr is that one alone. A field of
	// the library's own is custom.KEY.
	Fields []string
	Format Format
	// BOM puts a byte order mark before CSV, without which some spreadsheets take UTF-8 for another encoding.
	BOM bool
}

// File names what an export will be.
type File struct {
	Name, MediaType string
	Rows            int
}

// maxXLSX is how many rows a sheet holds below its heading.
const maxXLSX = 1<<20 - 1

// Write exports. open is told what comes once nothing can be refused any more, and
// returns where it goes. The search is exact; what the context's actor may not see is left out.
func (s *Service) Write(ctx context.Context, library string, r Request, open func(File) (io.Writer, error)) error {
	media, ok := map[Format]string{CSV: "text/csv; charset=utf-8",
		XLSX:      "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
		JSONLines: "application/jsonl"}[r.Format]
	if !ok {
		return dam.InvalidInput("format", reasons.NoExportFormat(string(r.Format)))
	}
	own, err := s.Catalog.Libraries().ShownFields(ctx, library)
	if err != nil {
		return err
	}
	lib, err := s.Catalog.Libraries().Library(ctx, library)
	if err != nil {
		return err
	}
	terms := terms{in: s.Catalog.Libraries().Vocabularies(), locale: lib.Locale, paths: map[string]string{}}
	wanted, err := choose(r.Fields, own, func(f dam.CustomField, id string) string { return terms.path(ctx, f, id) })
	if err != nil {
		return err
	}
	if wanted, err = s.locales(ctx, library, r, wanted); err != nil {
		return err
	}
	names, err := s.collections(ctx, library)
	if err != nil {
		return err
	}
	var out table
	begin := func(total int, _ int64) error {
		if r.Format == XLSX && total > maxXLSX {
			return dam.InvalidInput("format", reasons.SheetTooSmall())
		}
		w, err := open(File{Name: "vitrine-" + safe(library) + "-" + time.Now().UTC().Format("2006-01-02") + "." +
			string(r.Format), MediaType: media, Rows: total})
		if err != nil {
			return err
		}
		if r.BOM && r.Format == CSV {
			if _, err := io.WriteString(w, "\ufeff"); err != nil {
				return err
			}
		}
		out, err = newTable(r.Format, w, wanted, len(r.Fields) == 0)
		return err
	}
	err = s.Find.Each(ctx, library, dam.Selection{Filter: r.Filter, Sort: r.Sort}, begin, func(ids []string) error {
		return s.rows(ctx, library, ids, func(a *dam.Asset) error {
			for i, c := range a.Collections {
				if n := names[c]; n != "" {
					a.Collections[i] = n
				}
			}
			return out.row(a)
		})
	})
	if err = errors.Join(err, terms.err); err != nil {
		return err
	}
	return out.end()
}

// terms says what terms are called, with those above them, in the library's language.
type terms struct {
	in     catalog.Vocabularies
	locale string
	paths  map[string]string
	err    error
}

func (t *terms) path(ctx context.Context, f dam.CustomField, id string) string {
	key := f.Vocabulary + " " + id
	if p, ok := t.paths[key]; ok || t.err != nil {
		return p
	}
	list, err := t.in.Terms(ctx, f.Vocabulary, []string{id})
	t.err = err
	if t.paths[key] = id; len(list) > 0 {
		t.paths[key] = list[0].Label(t.locale, "")
	}
	return t.paths[key]
}

// readSize is how many assets are read at once.
const readSize = 500

func (s *Service) rows(ctx context.Context, library string, ids []string, row func(*dam.Asset) error) error {
	for chunk := range slices.Chunk(ids, readSize) {
		list, err := s.Catalog.Assets().List(ctx, chunk)
		if err != nil {
			return err
		}
		for _, a := range catalog.Visible(ctx, list) {
			if a.Library != library {
				continue
			}
			if err := row(&a); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *Service) collections(ctx context.Context, library string) (map[string]string, error) {
	list, err := s.Catalog.Assets().Collections().Nodes(ctx, library)
	out := make(map[string]string, len(list))
	for _, c := range list {
		if len(catalog.Shown(catalog.ActorOf(ctx), library, []string{c.ID})) > 0 {
			out[c.ID] = c.Name
		}
	}
	return out, err
}

// locales replaces each localised text by a column per locale that the result uses:
// the heading comes before the rows, so the result is read once for it.
func (s *Service) locales(ctx context.Context, library string, r Request, wanted []column) ([]column, error) {
	open := slices.ContainsFunc(wanted, func(c column) bool { return c.text != nil && c.locale == "" })
	if !open || r.Format == JSONLines {
		return wanted, nil
	}
	used := map[string]map[string]bool{}
	err := s.Find.Each(ctx, library, dam.Selection{Filter: r.Filter, Sort: "created"},
		func(int, int64) error { return nil }, func(ids []string) error {
			return s.rows(ctx, library, ids, func(a *dam.Asset) error {
				for _, c := range wanted {
					if c.text == nil || c.locale != "" {
						continue
					}
					if used[c.name] == nil {
						used[c.name] = map[string]bool{}
					}
					for l := range c.text(a) {
						used[c.name][l] = true
					}
				}
				return nil
			})
		})
	if err != nil {
		return nil, err
	}
	var out []column
	for _, c := range wanted {
		if c.text == nil || c.locale != "" {
			out = append(out, c)
			continue
		}
		for _, l := range sorted(used[c.name]) {
			out = append(out, c.in(l))
		}
	}
	return out, nil
}

func sorted(set map[string]bool) []string {
	out := make([]string, 0, len(set))
	for s := range set {
		out = append(out, s)
	}
	slices.Sort(out)
	return out
}

// safe keeps of a name what every file system and header takes.
func safe(name string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' {
			return r
		}
		return '_'
	}, name)
}
