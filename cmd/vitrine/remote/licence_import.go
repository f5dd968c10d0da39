package remote

import (
	"bytes"
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
			rows, err := licenceRows(raw)
			if err != nil {
				return err
			}
			var all rights.LicencesImported
			for part := range slices.Chunk(rows, rights.MaxRows) {
				var x rights.LicencesImported
				err := r.object(cmd.Context(), http.MethodPost, "/api/licences/import",
					map[string]any{"rows": part, "dry_run": dry}, &x)
				if err != nil {
					return err
				}
				all.Created, all.Updated, all.Linked = all.Created+x.Created, all.Updated+x.Updated, all.Linked+x.Linked
				all.Errors = append(all.Errors, x.Errors...)
			}
			return printImported(cmd.OutOrStdout(), all)
		}}
	cmd.Flags().BoolVar(&dry, "dry-run", false, "change nothing; say what would be done")
	return cmd
}

func printImported(w io.Writer, x rights.LicencesImported) error {
	_, err := fmt.Fprintf(w, "%d licences entered, %d changed, %d links added\n", x.Created, x.Updated, x.Linked)
	for _, e := range x.Errors {
		_, err = fmt.Fprintf(w, "line %d: %s: %s\n", e.Line, e.Field, cli.Visible(e.Message))
	}
	if err == nil && len(x.Errors) > 0 {
		err = dam.InvalidInput("", reasons.RightsRowsLeftOut(len(x.Errors)))
	}
	return err
}

// licenceColumns are what a file may have.
var licenceColumns = []string{"number", "licensor", "from", "until", "territories", "media", "channels", "exclusive",
	"cost", "currency", "note", "contract", "asset", "file_name", "sku", "sha256"}

func licenceRows(raw []byte) ([]rights.LicenceRow, error) {
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
		if head[i] = strings.ToLower(strings.TrimSpace(head[i])); !slices.Contains(licenceColumns, head[i]) {
			return nil, dam.InvalidInput("FILE", reasons.NoExportColumn(head[i], strings.Join(licenceColumns, ", ")))
		}
	}
	var out []rights.LicenceRow
	for {
		cells, err := in.Read()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return nil, dam.InvalidInput("FILE", reasons.CsvQuote(err))
		}
		line, _ := in.FieldPos(0)
		row := rights.LicenceRow{Line: line}
		terms := &rights.TermsEdit{}
		for i, name := range head {
			if v := strings.TrimSpace(cells[i]); v != "" {
				licenceCell(&row, terms, name, v)
			}
		}
		row.Licence.Terms = terms
		if c := row.Licence.Cost; c != nil && c.Amount == "" { // an empty cell changes nothing
			row.Licence.Cost = nil
		}
		out = append(out, row)
	}
}

// licenceCell puts a cell into a row.
func licenceCell(row *rights.LicenceRow, terms *rights.TermsEdit, name, v string) {
	e, words := &row.Licence, strings.Fields(v)
	price := func() *dam.Price {
		if e.Cost == nil {
			e.Cost = &dam.Price{}
		}
		return e.Cost
	}
	switch name {
	case "number":
		e.Number = &v
	case "licensor":
		e.Licensor = &v
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
	case "exclusive":
		yes := slices.Contains([]string{"yes", "true", "1", "oui"}, strings.ToLower(v))
		e.Exclusive = &yes
	case "cost":
		price().Amount = v
	case "currency":
		price().Currency = v
	case "note":
		e.Remark = &v
	case "contract":
		e.File = &v
	case "asset":
		row.Asset.ID = v
	case "file_name":
		row.Asset.FileName = v
	case "sku":
		row.Asset.SKU = v
	case "sha256":
		row.Asset.SHA256 = v
	}
}
