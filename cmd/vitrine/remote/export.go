package remote

import (
	"io"
	"net/http"
	"net/url"

	"github.com/spf13/cobra"
)

func exportCommand() *cobra.Command {
	r := &connection{}
	var format, fields, sort string
	var bom bool
	cmd := &cobra.Command{
		Use: "export QUERY", Short: "Write what a search finds to standard output, as CSV, XLSX or JSON lines",
		Long: `Write what a search finds to standard output, as CSV, XLSX or JSON lines. The search is exact: no typing error is
forgiven. In CSV, texts that a spreadsheet would take for formulas get an apostrophe in front; --bom marks it as UTF-8 for
Excel.`,
		Example: `  vitrine export 'tag:summer' > summer.csv
  vitrine export 'type:image expires:30d' --format xlsx --fields id,file_name,title,rights_until --sort expires > expiring.xlsx`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := r.client()
			if err != nil {
				return err
			}
			q := url.Values{"q": {args[0]}, "format": {format}}
			if bom {
				q.Set("bom", "true")
			}
			for name, v := range map[string]string{"fields": fields, "sort": sort} {
				if v != "" {
					q.Set(name, v)
				}
			}
			answer, err := c.Call(cmd.Context(), http.MethodGet, "/api/assets/export?"+q.Encode(), nil, nil, 0)
			if err != nil {
				return err
			}
			defer func() { _ = answer.Body.Close() }()
			_, err = io.Copy(cmd.OutOrStdout(), answer.Body)
			return err
		}}
	r.flags(cmd)
	f := cmd.Flags()
	f.StringVar(&format, "format", "csv", "csv, xlsx or jsonl")
	f.BoolVar(&bom, "bom", false, "begin CSV with a byte order mark, so that Excel takes it for UTF-8")
	f.StringVar(&fields, "fields", "", "columns by comma, such as id,title.fr,tags; all when left out")
	f.StringVar(&sort, "sort", "", "as in a search: -created, title, taken, …")
	return cmd
}
