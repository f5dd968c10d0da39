package local

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"vitrine/cmd/vitrine/cli"
	"vitrine/cmd/vitrine/config"
	"vitrine/dam"
	"vitrine/dam/assets"
	"vitrine/dam/catalog"
	"vitrine/search"
)

// withFields opens what the commands about custom fields need; a running server follows by itself.
func withFields(body func(cmd *cobra.Command, args []string, s *assets.Service) error) func(*cobra.Command,
	[]string) error {
	return withCatalog(func(cmd *cobra.Command, args []string, _ config.Config, cat *catalog.Catalog) error {
		return body(cmd, args, &assets.Service{Catalog: cat, Reserved: search.Reserved()})
	})
}

func fieldCommand() *cobra.Command {
	var library, kind string
	var choices []string
	var label map[string]string
	var multi bool
	add := &cobra.Command{
		Use:   "add KEY --type TYPE",
		Short: "Add a metadata field, or change the labels and choices of one",
		Example: `  vitrine field add season --type choice --choices spring,summer,autumn,winter --label en=Season --label fr=Saison
  vitrine field add shot_number --type number
  vitrine field add models --type text --multi`,
		Args: cobra.ExactArgs(1),
		RunE: withFields(func(cmd *cobra.Command, args []string, s *assets.Service) error {
			return s.AddField(cmd.Context(), library, dam.CustomField{Key: args[0], Type: dam.FieldType(kind),
				Label: label, Choices: choices, Multi: multi})
		}),
	}
	add.Flags().StringVar(&kind, "type", "", "text, number, date, choice or boolean")
	add.Flags().StringSliceVar(&choices, "choices", nil, "what a choice is made from, by comma")
	add.Flags().StringToStringVar(&label, "label", nil, "what people see, as LOCALE=TEXT; may be given several times")
	add.Flags().BoolVar(&multi, "multi", false, "hold a list of values (text and choice)")
	cli.Require(add, "type")

	list := &cobra.Command{
		Use: "list", Short: "List the metadata fields a library has added", Args: cobra.NoArgs,
		RunE: withFields(func(cmd *cobra.Command, _ []string, s *assets.Service) error {
			fields, err := s.Fields(cmd.Context(), library)
			if err != nil {
				return err
			}
			return cli.Table(cmd, "KEY\tTYPE\tLIST\tLABEL\tCHOICES", len(fields), func(i int) string {
				f := fields[i]
				return fmt.Sprintf("%s\t%s\t%s\t%s\t%s", f.Key, f.Type,
					map[bool]string{true: "yes", false: "no"}[f.Multi], f.Label.Get("", ""),
					strings.Join(f.Choices, ", "))
			})
		}),
	}
	remove := &cobra.Command{
		Use: "remove KEY", Short: "Remove a metadata field; what assets hold under it stays with them, unseen",
		Args: cobra.ExactArgs(1),
		RunE: withFields(func(cmd *cobra.Command, args []string, s *assets.Service) error {
			return s.RemoveField(cmd.Context(), library, args[0])
		}),
	}
	cmds := []*cobra.Command{add, list, remove}
	for _, c := range cmds {
		config.AddFlags(c.Flags(), "data", "database")
		c.Flags().StringVar(&library, "library", dam.DefaultLibrary, "the library that has the fields")
	}
	return cli.Group("field", "Add, list and remove metadata fields of a library's own", cmds...)
}
