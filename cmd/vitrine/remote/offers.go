package remote

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"vitrine/cmd/vitrine/cli"
	"vitrine/dam"
)

// placePrice reads "19.90 EUR", with days as in "15 EUR 2026-06-01..2026-06-30", either of which may be left out.
func placePrice(text string) (p dam.PlacePrice, err error) {
	parts := strings.Fields(text)
	if len(parts) != 2 && len(parts) != 3 {
		return p, cli.Usage(fmt.Errorf("%q is no price: write 19.90 EUR, or 19.90 EUR 2026-06-01..2026-06-30", text))
	}
	p.Currency = strings.ToUpper(parts[1])
	if p.Amount, err = dam.MinorUnits("price", parts[0], p.Currency); err != nil {
		return p, cli.Usage(err)
	}
	if len(parts) == 3 {
		from, until, _ := strings.Cut(parts[2], "..")
		p.From, p.Until = dam.Date(from), dam.Date(until)
	}
	return p, nil
}

func (r *connection) productsPriceCommand() *cobra.Command {
	return &cobra.Command{
		Use: "price SKU PLACE [PRICE…]", Short: "Set a product's prices at a place",
		Long: `Set a product's prices at a place: all that it has there. Without a price it has none there any more.

A price is an amount and a currency, and may have a first and a last day.`,
		Example: `  vitrine products price CHR-1 paris "19.90 EUR"
  vitrine products price CHR-1 b2b "19.90 EUR ..2026-05-31" "15 EUR 2026-06-01.." "21 USD"`,
		Args: cobra.MinimumNArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			list := []dam.PlacePrice{}
			for _, text := range args[2:] {
				p, err := placePrice(text)
				if err != nil {
					return err
				}
				list = append(list, p)
			}
			return r.object(cmd.Context(), http.MethodPatch, productPath(args[0]),
				map[string]any{"prices": map[string]any{args[1]: list}}, nil)
		}}
}

func (r *connection) productsStockCommand() *cobra.Command {
	return &cobra.Command{
		Use: "stock SKU PLACE [N]", Short: "Set a product's stock at a place; without a number it is unknown",
		Example: "  vitrine products stock CHR-1 paris 12", Args: cobra.RangeArgs(2, 3),
		RunE: func(cmd *cobra.Command, args []string) error {
			var stock *int64
			if len(args) > 2 {
				n, err := strconv.ParseInt(args[2], 10, 64)
				if err != nil {
					return cli.Usage(fmt.Errorf("%s is no whole number", args[2]))
				}
				stock = &n
			}
			return r.object(cmd.Context(), http.MethodPatch, productPath(args[0]),
				map[string]any{"stocks": map[string]any{args[1]: stock}}, nil)
		}}
}

func (r *connection) productsOffersCommand() *cobra.Command {
	return &cobra.Command{
		Use: "offers SKU", Short: "List the prices and stocks by place that a product has and had",
		Example: "  vitrine products offers CHR-1", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			var list struct{ Items []dam.Offer }
			if err := r.object(cmd.Context(), http.MethodGet, productPath(args[0])+"/offers", nil, &list); err != nil {
				return err
			}
			return cli.Table(cmd, "PLACE\tWHAT\tDAYS\tSINCE\tENDED\tBY", len(list.Items), func(i int) string {
				o, what, days, ended := list.Items[i], "", "", "now"
				if o.Stock != nil {
					what = strconv.FormatInt(*o.Stock, 10) + " pieces"
				}
				if p := o.Price; p != nil {
					what = p.Decimal() + " " + p.Currency
					if p.From != "" || p.Until != "" {
						days = string(p.From) + ".." + string(p.Until)
					}
				}
				if o.Ended != nil {
					ended = o.Ended.Format(time.DateTime)
				}
				return strings.Join([]string{o.Place, what, days, o.Since.Format(time.DateTime), ended, o.By}, "\t")
			})
		}}
}
