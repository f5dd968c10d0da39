package remote

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"vitrine/dam"
)

// duplicateGroup is a group as the server reports it.
type duplicateGroup struct {
	Items []struct {
		Asset    dam.Asset `json:"asset"`
		Score    float64   `json:"score"`
		Distance int       `json:"distance"`
	} `json:"items"`
	Total int `json:"total"`
}

func duplicatesCommand() *cobra.Command {
	r := &connection{}
	var least float64
	var query string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "duplicates",
		Short: "List groups of pictures that look alike",
		Long: `List groups of pictures, and of videos, that look alike: the same picture in another size, compressed
again, cropped or retouched a little. The first of a group is the best to keep. Nothing is changed.`,
		Example: `  vitrine duplicates
  vitrine duplicates --min 0.95 --query 'uploaded:7d'
  vitrine duplicates --json | jq -r '.items[1:][].asset.id'`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			list := printGroup
			if asJSON {
				list = func(w io.Writer, raw json.RawMessage) error {
					_, err := fmt.Fprintf(w, "%s\n", raw)
					return err
				}
			}
			return r.duplicates(cmd, least, query, asJSON, list)
		},
	}
	r.flags(cmd)
	cmd.Flags().Float64Var(&least, "min", 0.9, "least score, 0.75 to 1")
	cmd.Flags().StringVar(&query, "query", "", "only among what this query finds")
	cmd.Flags().BoolVar(&asJSON, "json", false, "one JSON object a line for each group")
	return cmd
}

func (r *connection) duplicates(cmd *cobra.Command, least float64, query string, quiet bool,
	list func(io.Writer, json.RawMessage) error) error {
	after := ""
	for {
		ask := url.Values{"min": {strconv.FormatFloat(least, 'g', -1, 64)}, "q": {query}, "after": {after},
			"limit": {"200"}}
		var page struct {
			Items  []json.RawMessage `json:"items"`
			Total  int               `json:"total"`
			Assets int               `json:"assets"`
			Next   string            `json:"next"`
		}
		if err := r.object(cmd.Context(), http.MethodGet, "/api/duplicates?"+ask.Encode(), nil, &page); err != nil {
			return err
		}
		for _, raw := range page.Items {
			if err := list(cmd.OutOrStdout(), raw); err != nil {
				return err
			}
		}
		if after = page.Next; after != "" {
			continue
		}
		if quiet {
			return nil
		}
		_, err := fmt.Fprintf(cmd.OutOrStdout(), "%d groups, %d assets\n", page.Total, page.Assets)
		return err
	}
}

func printGroup(out io.Writer, raw json.RawMessage) error {
	var g duplicateGroup
	if err := json.Unmarshal(raw, &g); err != nil {
		return err
	}
	w := tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)
	for i, item := range g.Items {
		score := "keep"
		if i > 0 {
			score = strconv.FormatFloat(item.Score, 'f', 2, 64)
		}
		v := item.Asset.Latest
		// Flush reports
		_, _ = fmt.Fprintf(w, "%s\t%s\t%d×%d\t%s\t%s\n", score, item.Asset.ID, v.Width, v.Height, v.FileName,
			item.Asset.Latest.Status)
	}
	if more := g.Total - len(g.Items); more > 0 {
		_, _ = fmt.Fprintf(w, "\tand %d more\n", more)
	}
	_, _ = fmt.Fprintln(w)
	return w.Flush()
}
