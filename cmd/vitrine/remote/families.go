package remote

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"

	"github.com/spf13/cobra"

	"vitrine/cmd/vitrine/cli"
	"vitrine/dam"
	"vitrine/dam/products"
)

func (r *connection) familyCommand() *cobra.Command {
	return cli.Group("family", "Families: which attributes and slots products have", r.familyListCommand(),
		r.familyShowCommand(), r.familySetCommand(), r.familyDeleteCommand())
}

func familyPath(key string) string { return "/api/families/" + url.PathEscape(key) }

func (r *connection) familyListCommand() *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "List families", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			var list struct {
				Items []dam.Family `json:"items"`
			}
			if err := r.object(cmd.Context(), http.MethodGet, "/api/families", nil, &list); err != nil {
				return err
			}
			return cli.Table(cmd, "KEY\tNAME\tATTRIBUTES\tPRODUCTS", len(list.Items), func(i int) string {
				f := list.Items[i]
				return fmt.Sprintf("%s\t%s\t%d\t%d", f.Key, cli.Visible(f.Labels.Get("en", "en")), len(f.Attributes),
					f.Products)
			})
		}}
}

func (r *connection) familyShowCommand() *cobra.Command {
	return &cobra.Command{
		Use: "show KEY", Short: "Show a family, as JSON", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			var f dam.Family
			if err := r.object(cmd.Context(), http.MethodGet, familyPath(args[0]), nil, &f); err != nil {
				return err
			}
			return cli.PrintIndented(cmd.OutOrStdout(), f)
		}}
}

func (r *connection) familySetCommand() *cobra.Command {
	return &cobra.Command{
		Use: "set KEY FILE", Short: "Add a family, or change what one is described by",
		Long: `Add a family, or change what one is described by: FILE is JSON with labels, attributes and slots, as "family show"
prints it; - is the standard input. No product changes by it; "products show" says where one isn't as its family has it.`,
		Example: "  vitrine products family set chairs chairs.json", Args: cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			var raw []byte
			var err error
			if args[1] == "-" {
				raw, err = io.ReadAll(cmd.InOrStdin())
			} else {
				raw, err = os.ReadFile(args[1])
			}
			if err != nil {
				return err
			}
			var in products.FamilyFields
			if err := json.Unmarshal(raw, &in); err != nil {
				return cli.Usage(fmt.Errorf("%s is no family: %w", args[1], err))
			}
			var f dam.Family
			err = r.object(cmd.Context(), http.MethodPut, familyPath(args[0]), in, &f)
			if dam.CodeOf(err) == dam.NotFound {
				err = r.object(cmd.Context(), http.MethodPost, "/api/families", struct {
					Key string `json:"key"`
					products.FamilyFields
				}{args[0], in}, &f)
			}
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s: %d attributes, %d products\n", f.Key, len(f.Attributes),
				f.Products)
			return err
		}}
}

func (r *connection) familyDeleteCommand() *cobra.Command {
	return &cobra.Command{
		Use: "delete KEY", Short: "Delete a family that no product names", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return r.object(cmd.Context(), http.MethodDelete, familyPath(args[0]), nil, nil)
		}}
}
