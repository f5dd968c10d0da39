package remote

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"vitrine/cmd/vitrine/cli"
	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/products"
	"vitrine/dam/reasons"
)

func productsCommand() *cobra.Command {
	r := &connection{}
	cmd := &cobra.Command{Use: "products", Short: "Import, list and show products, and try file-name rules out"}
	r.flags(cmd)
	rule := &cobra.Command{Use: "rule", Short: "What file names mean"}
	rule.AddCommand(r.ruleTestCommand())
	cmd.AddCommand(r.productsImportCommand(), r.productsListCommand(), r.productsShowCommand(), r.productsLinkCommand(),
		r.productsUnlinkCommand(), r.productsPriceCommand(), r.productsStockCommand(), r.productsOffersCommand(), rule,
		r.familyCommand())
	return cmd
}

func (r *connection) productsImportCommand() *cobra.Command {
	var dry, asJSON bool
	var encoding string
	cmd := &cobra.Command{
		Use: "import FILE", Short: "Import products from CSV or JSON lines",
		Long: `Import products from CSV or JSON lines (*.jsonl, *.ndjson). Products that are there are edited, others added.

The first line of a CSV file names its columns: sku, gtin, name_en, name_fr (any locale), stock, price, currency, family,
parent, brand, category, launch, end, price:PLACE, stock:PLACE; every other column is an attribute of that name, and so is attribute:NAME, whatever
the name. A row's parent may stand after it. The separator is a comma, a semicolon, a tab or a bar; a line "sep=;" may come first. An empty
cell clears; a column that is not there is left alone. Where the separator is no comma, a price may have one (19,90).

The file is UTF-8 or UTF-16. For another encoding, as a spreadsheet writes it, name it: --encoding windows-1252.

The server runs the import as one job. Rows with an error are listed with their line, the others are stored all the same. The
exit status is 1 when a row had an error or the import failed. --json prints the import as GET /api/products/imports/{id} gives it.`,
		Example: `  vitrine products import --dry-run catalogue.csv
  vitrine products import --json catalogue.csv | jq .created`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			i, err := r.startImport(cmd, args[0], encoding, dry)
			if err != nil {
				return err
			}
			if i, err = r.followImport(cmd, i); err != nil {
				return err
			}
			return printImport(cmd.OutOrStdout(), i, asJSON)
		}}
	cmd.Flags().BoolVar(&dry, "dry-run", false, "store nothing; say what would be")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the import as JSON")
	cmd.Flags().StringVar(&encoding, "encoding", "",
		"what the file is written in, such as windows-1252; UTF-8 or UTF-16 "+
			"when left out")
	return cmd
}

func (r *connection) startImport(cmd *cobra.Command, name, encoding string, dry bool) (i catalog.Import, err error) {
	c, err := r.client()
	if err != nil {
		return i, err
	}
	f, err := os.Open(name)
	if err != nil {
		return i, err
	}
	defer func() { _ = f.Close() }()
	info, err := f.Stat()
	if err != nil {
		return i, err
	}
	media := "text/csv"
	switch strings.ToLower(filepath.Ext(name)) {
	case ".jsonl", ".ndjson":
		media = "application/jsonl"
	}
	res, err := c.Call(cmd.Context(), http.MethodPost, "/api/products/import?dry_run="+strconv.FormatBool(dry)+
		"&encoding="+url.QueryEscape(encoding),
		http.Header{"Content-Type": {media}}, f, info.Size())
	if err != nil {
		return i, err
	}
	defer func() { _ = res.Body.Close() }()
	return i, json.NewDecoder(res.Body).Decode(&i)
}

func (r *connection) followImport(cmd *cobra.Command, i catalog.Import) (catalog.Import, error) {
	ctx, line := cmd.Context(), cli.NewStatus(cmd.ErrOrStderr())
	defer line.Aside(func() {})
	for i.Finished == nil {
		select {
		case <-ctx.Done():
			return i, ctx.Err()
		case <-time.After(200 * time.Millisecond):
		}
		if err := r.object(ctx, http.MethodGet, "/api/products/imports/"+i.ID, nil, &i); err != nil {
			return i, err
		}
		line.Say("%s: %d %%, %d rows", i.State, i.Done*100/max(i.Size, 1), i.Rows)
	}
	return i, nil
}

func printImport(w io.Writer, i catalog.Import, asJSON bool) error {
	if asJSON {
		if err := json.NewEncoder(w).Encode(i); err != nil {
			return err
		}
	} else {
		for _, e := range i.Errors {
			if _, err := fmt.Fprintf(w, "line %d: %s%s (%s)\n", e.Line, prefixed(e.Field), e.Message,
				e.Remedy); err != nil {
				return err
			}
		}
		if more := i.Failed - int64(len(i.Errors)); more > 0 {
			if _, err := fmt.Fprintf(w, "… and %d more\n", more); err != nil {
				return err
			}
		}
		would := ""
		if i.DryRun {
			would = " (dry run: nothing was stored)"
		}
		if _, err := fmt.Fprintf(w, "%d rows: %d created, %d updated, %d unchanged, %d with an error%s\n", i.Rows,
			i.Created, i.Updated, i.Same, i.Failed, would); err != nil {
			return err
		}
	}
	switch {
	case i.State == "failed":
		return &dam.Error{Code: dam.Invalid, Reason: reasons.ImportFailed(i.Problem)}
	case i.Failed > 0:
		return cli.ErrReported
	}
	return nil
}

func prefixed(field string) string {
	if field == "" {
		return ""
	}
	return field + ": "
}

func (r *connection) productsListCommand() *cobra.Command {
	var asJSON bool
	var limit int
	var parent, family string
	cmd := &cobra.Command{
		Use: "list [WORDS]", Short: "List products whose SKU, GTIN or names hold the words",
		Example: "  vitrine products list blue chair",
		RunE: func(cmd *cobra.Command, args []string) error {
			w := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 4, 2, ' ', 0)
			if !asJSON {
				_, _ = fmt.Fprintln(w, "SKU\tGTIN\tNAME\tSTOCK\tPRICE\tSLOTS\tVARIANT OF") // Flush reports
			}
			for after, left := "", limit; left > 0; {
				var page products.Page
				query := url.Values{"q": {strings.Join(args, " ")}, "after": {after}, "parent": {parent},
					"family": {family}, "limit": {strconv.Itoa(min(left, 200))}}
				if err := r.object(cmd.Context(), http.MethodGet, "/api/products?"+query.Encode(), nil,
					&page); err != nil {
					return err
				}
				for _, p := range page.Items {
					if asJSON {
						if err := json.NewEncoder(cmd.OutOrStdout()).Encode(p); err != nil {
							return err
						}
						continue
					}
					_, _ = fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%d\t%s\n", p.SKU, p.GTIN, p.Names.Get("en", "en"),
						stockText(p.Stock), priceText(p.Price), len(p.Effective().Slots), p.Parent)
				}
				left -= len(page.Items)
				if after = page.Next; after == "" {
					break
				}
			}
			return w.Flush()
		}}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object a line")
	cmd.Flags().IntVar(&limit, "limit", 1000, "at most so many")
	cmd.Flags().StringVar(&parent, "parent", "", "only the variants of this SKU")
	cmd.Flags().StringVar(&family, "family", "", "only products that name this family")
	return cmd
}

func stockText(n *int64) string {
	if n == nil {
		return "-"
	}
	return strconv.FormatInt(*n, 10)
}

func priceText(p *dam.Price) string {
	if p == nil {
		return "-"
	}
	return p.Amount + " " + p.Currency
}

func productPath(sku string) string { return "/api/products/" + url.PathEscape(sku) }

func (r *connection) productsShowCommand() *cobra.Command {
	return &cobra.Command{
		Use: "show SKU", Short: "Show a product with its slots, as JSON", Example: "  vitrine products show CHR-1",
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			var p dam.Product
			if err := r.object(cmd.Context(), http.MethodGet, productPath(args[0]), nil, &p); err != nil {
				return err
			}
			return cli.PrintIndented(cmd.OutOrStdout(), p)
		}}
}

func slotPath(args []string) (string, error) {
	n := "1"
	if len(args) > 2 {
		n = args[2]
	}
	if _, err := strconv.Atoi(n); err != nil {
		return "", cli.Usage(fmt.Errorf("%s is no position: give a number from 1", n))
	}
	return productPath(args[0]) + "/slots/" + url.PathEscape(args[1]) + "/" + n, nil
}

func (r *connection) productsLinkCommand() *cobra.Command {
	return &cobra.Command{
		Use: "link ASSET SKU SLOT [N]", Short: "Put an asset into a product's slot",
		Example: "  vitrine products link a_06h0… CHR-1 hero", Args: cobra.RangeArgs(3, 4),
		RunE: func(cmd *cobra.Command, args []string) error {
			path, err := slotPath(args[1:])
			if err != nil {
				return err
			}
			return r.object(cmd.Context(), http.MethodPut, path, map[string]string{"asset": args[0]}, nil)
		}}
}

func (r *connection) productsUnlinkCommand() *cobra.Command {
	return &cobra.Command{
		Use: "unlink SKU SLOT [N]", Short: "Empty a product's slot", Example: "  vitrine products unlink CHR-1 hero",
		Args: cobra.RangeArgs(2, 3),
		RunE: func(cmd *cobra.Command, args []string) error {
			path, err := slotPath(args)
			if err != nil {
				return err
			}
			return r.object(cmd.Context(), http.MethodDelete, path, nil, nil)
		}}
}

func (r *connection) ruleTestCommand() *cobra.Command {
	return &cobra.Command{
		Use: "test NAME…", Short: "Say what file names mean; the exit status is 1 when one means nothing",
		Example: "  vitrine products rule test CHR-1_hero_1.jpg", Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			missed := false
			for _, name := range args {
				var t products.Trial
				if err := r.object(cmd.Context(), http.MethodPost, "/api/products/rules/test",
					map[string]string{"name": name}, &t); err != nil {
					return err
				}
				line := fmt.Sprintf("SKU %s, slot %s, position %d: %s", t.SKU, t.Slot, t.N,
					cmp.Or(t.Product, "waits for the product"))
				switch {
				case !t.Matches:
					missed, line = true, t.Reason
				case t.Taken != "":
					line += ", where " + t.Taken + " is already"
				}
				if _, err := fmt.Fprintf(cmd.OutOrStdout(), "%s: %s\n", name, line); err != nil {
					return err
				}
			}
			if missed {
				return cli.ErrReported
			}
			return nil
		}}
}
