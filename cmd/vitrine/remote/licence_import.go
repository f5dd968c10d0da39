package remote

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"vitrine/cmd/vitrine/cli"
	"vitrine/dam"
	"vitrine/dam/reasons"
	"vitrine/dam/rights"
)

func (r *connection) licenceImportCommand() *cobra.Command {
	var dry bool
	cmd := &cobra.Command{
		Use: "import FILE", Short: "Enter licences from a CSV file, and link them to assets",
		Long: `Enter licences from a CSV file in UTF-8, and link them to assets. A licence with the number of a row is edited, and one that
isn't there is entered. A licence may have several rows, one for each asset.

The first line names the columns: number, licensor, from, until, territories, media, channels, exclusive, cost, currency, note,
contract (the id of an asset), and, for what it is linked to, one of asset (an id), file_name, sku, sha256. Lists have spaces
between their entries. An empty cell changes nothing. The separator is a comma, a semicolon or a tab.

Rows with an error are listed with their line, the others count all the same; the exit status is then 1.`,
		Example: "  vitrine licence import --dry-run licences.csv",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			raw, err := read(cmd, args[0])
			if err != nil {
				return err
			}
			rows, err := recordRows(raw, licenceColumns, func(row *rights.LicenceRow, cells record) {
				row.Line = cells.line
				e := &row.Licence
				cells.fill(&e.RecordEdit, &row.Asset, func(name, v string) { licenceCell(e, name, v) })
				if e.Cost != nil && e.Cost.Amount == "" { // an empty cell changes nothing
					e.Cost = nil
				}
			})
			if err != nil {
				return err
			}
			return importRecords(cmd, r, "licences", rows, dry)
		}}
	cmd.Flags().BoolVar(&dry, "dry-run", false, "change nothing; say what would be done")
	return cmd
}

func (r *connection) consentImportCommand() *cobra.Command {
	var dry bool
	cmd := &cobra.Command{
		Use: "import FILE", Short: "Enter consents from a CSV file, and link them to assets",
		Long: `Enter consents from a CSV file in UTF-8, and link them to assets, as "vitrine licence import" does with licences. The columns
are number, person, from, until, territories, media, channels, scope, note, release (the id of an asset), and one of asset,
file_name, sku, sha256.`,
		Example: "  vitrine consent import --dry-run consents.csv",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			raw, err := read(cmd, args[0])
			if err != nil {
				return err
			}
			rows, err := recordRows(raw, consentColumns, func(row *rights.ConsentRow, cells record) {
				row.Line = cells.line
				cells.fill(&row.Consent.RecordEdit, &row.Asset, func(name, v string) {
					switch name {
					case "person":
						row.Consent.Person = &v
					case "scope":
						row.Consent.Scope = &v
					case "release":
						row.Consent.Release = &v
					}
				})
			})
			if err != nil {
				return err
			}
			return importRecords(cmd, r, "consents", rows, dry)
		}}
	cmd.Flags().BoolVar(&dry, "dry-run", false, "change nothing; say what would be done")
	return cmd
}

// importRecords sends the rows of a file in parts.
func importRecords[T any](cmd *cobra.Command, r *connection, noun string, rows []T, dry bool) error {
	var all rights.RecordsImported
	for part := range slices.Chunk(rows, rights.MaxRows) {
		var x rights.RecordsImported
		err := r.object(cmd.Context(), http.MethodPost, "/api/"+noun+"/import",
			map[string]any{"rows": part, "dry_run": dry}, &x)
		if err != nil { // the parts before are stored
			return errors.Join(printImported(cmd.OutOrStdout(), noun, all), err)
		}
		if i := x.Impact; i != nil {
			all.Impact = cmp.Or(all.Impact, &dam.RightsImpact{})
			all.Impact.Narrower += i.Narrower
			all.Impact.HiddenCount += i.HiddenCount
			all.Impact.SlotsCount += i.SlotsCount
			all.Impact.Published += i.Published
		}
		all.Created, all.Updated, all.Linked = all.Created+x.Created, all.Updated+x.Updated, all.Linked+x.Linked
		all.Errors = append(all.Errors, x.Errors...)
	}
	return printImported(cmd.OutOrStdout(), noun, all)
}

func printImported(w io.Writer, noun string, x rights.RecordsImported) error {
	_, err := fmt.Fprintf(w, "%d %s entered, %d changed, %d links added\n", x.Created, noun, x.Updated, x.Linked)
	if i := x.Impact; i != nil && i.Narrower > 0 {
		_, err = fmt.Fprintf(w, "%d assets get less; the public would lose %d, %d slots of products would be empty, "+
			"%d publications would end\n", i.Narrower, i.HiddenCount, i.SlotsCount, i.Published)
	}
	for _, e := range x.Errors {
		_, err = fmt.Fprintf(w, "line %d: %s: %s\n", e.Line, e.Field, cli.Visible(e.Message))
	}
	if err == nil && len(x.Errors) > 0 {
		err = dam.InvalidInput("", reasons.RightsRowsLeftOut(len(x.Errors)))
	}
	return err
}

// licenceColumns and consentColumns are what a file may have.
var (
	licenceColumns = []string{"number", "licensor", "from", "until", "territories", "media", "channels", "exclusive",
		"cost", "currency", "note", "contract", "asset", "file_name", "sku", "sha256"}
	consentColumns = []string{"number", "person", "from", "until", "territories", "media", "channels", "scope", "note",
		"release", "asset", "file_name", "sku", "sha256"}
)

// record is a line of a file: its cells that have a value, by column.
type record struct {
	line  int
	cells map[string]string
}

func recordRows[T any](raw []byte, columns []string, of func(*T, record)) ([]T, error) {
	raw = bytes.TrimPrefix(raw, []byte("\ufeff"))
	in := csv.NewReader(bytes.NewReader(raw))
	first, _, _ := bytes.Cut(raw, []byte("\n"))
	for _, separator := range ";\t" {
		if strings.Count(string(first), string(separator)) > strings.Count(string(first), string(in.Comma)) {
			in.Comma = separator
		}
	}
	head, err := in.Read()
	if err != nil {
		return nil, dam.InvalidInput("FILE", reasons.CsvQuote(err))
	}
	for i := range head {
		if head[i] = strings.ToLower(strings.TrimSpace(head[i])); !slices.Contains(columns, head[i]) {
			return nil, dam.InvalidInput("FILE", reasons.NoExportColumn(head[i], strings.Join(columns, ", ")))
		}
	}
	var out []T
	for {
		cells, err := in.Read()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return nil, dam.InvalidInput("FILE", reasons.CsvQuote(err))
		}
		x := record{cells: map[string]string{}}
		x.line, _ = in.FieldPos(0)
		for i, name := range head {
			if v := strings.TrimSpace(cells[i]); v != "" {
				x.cells[name] = v
			}
		}
		var row T
		of(&row, x)
		out = append(out, row)
	}
}

// fill puts the cells into what licences and consents have in common; rest gets the others.
func (x record) fill(e *rights.RecordEdit, asset *rights.AssetRef, rest func(name, v string)) {
	terms := &rights.TermsEdit{}
	e.Terms = terms
	for name, v := range x.cells {
		words := strings.Fields(v)
		switch name {
		case "number":
			e.Number = &v
		case "from":
			terms.From = (*dam.Moment)(&v)
		case "until":
			terms.Until = (*dam.Moment)(&v)
		case "territories":
			terms.Territories = &words
		case "media":
			media := make([]dam.Medium, len(words))
			for i, w := range words {
				media[i] = dam.Medium(w)
			}
			terms.Media = &media
		case "channels":
			terms.Channels = &words
		case "note":
			e.Remark = &v
		case "asset":
			asset.ID = v
		case "file_name":
			asset.FileName = v
		case "sku":
			asset.SKU = v
		case "sha256":
			asset.SHA256 = v
		default:
			rest(name, v)
		}
	}
}

// licenceCell puts a cell that only licences have into one.
func licenceCell(e *rights.LicenceEdit, name, v string) {
	price := func() *dam.Price {
		if e.Cost == nil {
			e.Cost = &dam.Price{}
		}
		return e.Cost
	}
	switch name {
	case "licensor":
		e.Licensor = &v
	case "exclusive":
		yes := slices.Contains([]string{"yes", "true", "1", "oui"}, strings.ToLower(v))
		e.Exclusive = &yes
	case "cost":
		price().Amount = v
	case "currency":
		price().Currency = v
	case "contract":
		e.File = &v
	}
}
