package remote

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"text/tabwriter"
	"time"

	"vitrine/cmd/vitrine/cli"

	"github.com/spf13/cobra"
)

// lookedUp is what GET /api/lookup answers, as far as it is printed.
type lookedUp struct {
	Items []struct {
		Slot           string     `json:"slot"`
		N              int        `json:"n"`
		Linked         string     `json:"linked"`
		State          string     `json:"state"`
		Reason         string     `json:"reason"`
		Asset          string     `json:"asset"`
		ApprovedAt     *time.Time `json:"approved_at"`
		ApprovedBy     string     `json:"approved_by"`
		ApprovedByName string     `json:"approved_by_name"`
		Renditions     []struct {
			Preset string `json:"preset"`
			Format string `json:"format"`
			Hash   string `json:"hash"`
		} `json:"renditions"`
	} `json:"items"`
}

func lookupCommand() *cobra.Command {
	r := &connection{}
	var sku, address, at string
	var asJSON bool
	cmd := &cobra.Command{
		Use: "lookup --sku SKU | --url URL", Short: "Say what customers saw, now or at a time",
		Long: `Say what customers saw of a product or under a public URL: slots, the pictures' exact hashes, who had approved them and when.
Copies in browsers and CDNs may have been up to 90 seconds older.`,
		Example: `  vitrine lookup --sku CHR-1 --at 2026-11-23T14:30:00+01:00
  vitrine lookup --url https://media.example.com/r/a_06h0…/large --json`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if (sku == "") == (address == "") {
				return cli.Usage(errors.New("lookup: name either --sku or --url"))
			}
			query := url.Values{}
			for name, v := range map[string]string{"sku": sku, "url": address, "at": at} {
				if v != "" {
					query.Set(name, v)
				}
			}
			var raw json.RawMessage
			if err := r.object(cmd.Context(), http.MethodGet, "/api/lookup?"+query.Encode(), nil, &raw); err != nil {
				return err
			}
			if asJSON {
				return cli.PrintIndented(cmd.OutOrStdout(), raw)
			}
			var found lookedUp
			if err := json.Unmarshal(raw, &found); err != nil {
				return err
			}
			w := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 4, 2, ' ', 0)
			for _, x := range found.Items { // Flush reports
				if x.Slot != "" {
					_, _ = fmt.Fprintf(w, "%s %d\t", x.Slot, x.N)
				}
				_, _ = fmt.Fprintf(w, "%s\t%s\t%s\n", x.State, cmp.Or(x.Asset, x.Linked), x.Reason)
				if x.ApprovedAt != nil {
					_, _ = fmt.Fprintf(w, "\tapproved %s by %s\n", x.ApprovedAt.Format(time.RFC3339),
						cmp.Or(x.ApprovedByName, x.ApprovedBy))
				}
				for _, p := range x.Renditions {
					_, _ = fmt.Fprintf(w, "\t%s\t%s\t%s\n", p.Preset, p.Format, p.Hash)
				}
			}
			return w.Flush()
		}}
	r.flags(cmd)
	cmd.Flags().StringVar(&sku, "sku", "", "a product")
	cmd.Flags().StringVar(&address, "url", "", "a public URL, /r/… or /p/…")
	cmd.Flags().StringVar(&at, "at", "", "RFC 3339; now when left out")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the whole answer as JSON")
	return cmd
}
