package remote

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"vitrine/cmd/vitrine/cli"
	"vitrine/dam/sheets"
)

func metadataCommand() *cobra.Command {
	r := &connection{}
	cmd := &cobra.Command{Use: "metadata", Short: "Change the metadata of assets by a table"}
	r.flags(cmd)
	cmd.AddCommand(r.metadataImport())
	return cmd
}

func (r *connection) metadataImport() *cobra.Command {
	var by string
	var dry bool
	cmd := &cobra.Command{Use: "import FILE", Short: "Change assets as the rows of a CSV or XLSX table say",
		Long: `Change assets as the rows of a CSV or XLSX table say. The table has the columns of an export: title.en, tags, custom.KEY, …;
what can't be edited (status, width, …) is passed over. A column that is not there leaves what it is about alone, an empty cell
clears, and a cell with several values has ; between them.

Rows are found by the column id, sha256, file_name or sku, the first of these that the table has; --by names another. A SKU is of
all pictures of the product. A row with an error is printed and left out, the others are done all the same.

The changes are one bulk job, which vitrine bulk undo takes back for ten minutes. --dry-run tries every row and changes nothing.`,
		Example: `  vitrine export 'tag:summer' --fields id,title.en,custom.season > summer.csv
  vitrine metadata import summer.csv --dry-run
  vitrine metadata import from-the-agency.xlsx --by file_name`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			f, err := os.Open(args[0])
			if err != nil {
				return err
			}
			defer func() { _ = f.Close() }()
			info, err := f.Stat()
			if err != nil {
				return err
			}
			format := "csv"
			if strings.EqualFold(filepath.Ext(args[0]), ".xlsx") {
				format = "xlsx"
			}
			c, err := r.client()
			if err != nil {
				return err
			}
			res, err := c.Call(cmd.Context(), http.MethodPost, "/api/assets/import?format="+format+"&by="+
				url.QueryEscape(by)+"&dry_run="+strconv.FormatBool(dry), http.Header{"Content-Type": {"text/csv"}}, f,
				info.Size())
			if err != nil {
				return err
			}
			defer func() { _ = res.Body.Close() }()
			var out sheets.SheetResult
			if err := json.NewDecoder(res.Body).Decode(&out); err != nil {
				return err
			}
			return r.printSheet(cmd, out)
		}}
	cmd.Flags().StringVar(&by, "by", "", "the column that rows are found by: id, sha256, file_name or sku")
	cmd.Flags().BoolVar(&dry, "dry-run", false, "change nothing: try every row, and say what would change")
	return cmd
}

func (r *connection) printSheet(cmd *cobra.Command, out sheets.SheetResult) error {
	w := cmd.OutOrStdout()
	for _, e := range out.Errors {
		if _, err := fmt.Fprintf(w, "row %d: %s%s (%s)\n", e.Row, prefixed(e.Field), e.Message, e.Remedy); err != nil {
			return err
		}
	}
	if _, err := fmt.Fprintf(w, "%d rows, %d assets found by %s, %d rows with an error\n", out.Rows, out.Assets, out.By,
		out.Failed); err != nil {
		return err
	}
	if out.Bulk != nil {
		if err := r.follow(cmd, *out.Bulk); err != nil {
			return err
		}
	}
	if out.Failed > 0 {
		return cli.ErrReported
	}
	return nil
}
