package local

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

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

// fieldFlags are what a field is described by on the command line.
type fieldFlags struct {
	kind, pattern, unit, required, standard string
	vocabulary                              string
	choices, kinds, collections             []string
	seenBy, editedBy                        []string
	label, help, group                      map[string]string
	multi                                   bool
}

func (o *fieldFlags) add(f *pflag.FlagSet) {
	var types []string
	for _, t := range dam.FieldTypes() {
		types = append(types, string(t))
	}
	f.StringVar(&o.kind, "type", "", strings.Join(types, ", "))
	f.StringSliceVar(&o.choices, "choices", nil, "what a choice is made from, by comma")
	f.StringVar(&o.vocabulary, "vocabulary", "", "of a tree: id of the vocabulary that its terms are of")
	f.StringToStringVar(&o.label, "label", nil, "what people see, as LOCALE=TEXT; may be given several times")
	f.BoolVar(&o.multi, "multi", false, "hold a list of values (text, choice, tree, person, asset, product and url)")
	f.StringToStringVar(&o.help, "explain", nil,
		"what people read below it, as LOCALE=TEXT; may be given several times")
	f.StringToStringVar(&o.group, "group", nil, "the heading that it stands under, as LOCALE=TEXT")
	f.StringVar(&o.standard, "default", "", "value of new assets, as JSON or as a text")
	f.StringVar(&o.pattern, "pattern", "", "regular expression that the whole of a text or URL must match")
	f.StringVar(&o.unit, "unit", "", "of a number: cm, kg, EUR")
	f.StringVar(&o.required, "required", "", "from when on it must be filled in: save, submit or publish")
	f.StringSliceVar(&o.kinds, "kinds", nil, "only assets of these kinds have it: image, video, audio, document, other")
	f.StringSliceVar(&o.collections, "collections", nil, "only assets in one of these collections have it, by id")
	f.StringSliceVar(&o.seenBy, "seen-by", nil, "only who has one of these roles sees it")
	f.StringSliceVar(&o.editedBy, "edited-by", nil, "only who has one of these roles edits it, of those who see it")
}

func (o *fieldFlags) field(key string) dam.CustomField {
	f := dam.CustomField{Key: key, Type: dam.FieldType(o.kind), Label: o.label, Choices: o.choices, Multi: o.multi,
		Vocabulary: o.vocabulary,
		Help:       o.help, Group: o.group, Pattern: o.pattern, Unit: o.unit, Require: dam.FieldStage(o.required),
		Collections: o.collections}
	for _, k := range o.kinds {
		f.Kinds = append(f.Kinds, dam.Kind(k))
	}
	for _, r := range o.seenBy {
		f.SeenBy = append(f.SeenBy, dam.Role(r))
	}
	for _, r := range o.editedBy {
		f.EditedBy = append(f.EditedBy, dam.Role(r))
	}
	if o.standard != "" {
		if json.Unmarshal([]byte(o.standard), &f.Default) != nil {
			f.Default = o.standard
		}
	}
	return f
}

func fieldCommand() *cobra.Command {
	var library string
	var dry bool
	var flags fieldFlags
	add := &cobra.Command{
		Use:   "add KEY --type TYPE",
		Short: "Add a metadata field, or change the definition of one",
		Example: `  vitrine field add season --type choice --choices spring,summer,autumn,winter --label en=Season --label fr=Saison
  vitrine field add length --type number --unit cm --kinds image
  vitrine field add job --type text --pattern '[A-Z]+-[0-9]+' --required submit
  vitrine field add price --type number --unit EUR --seen-by publisher,buyer --edited-by buyer`,
		Args: cobra.ExactArgs(1),
		RunE: withFields(func(cmd *cobra.Command, args []string, s *assets.Service) error {
			if !dry {
				return s.AddField(cmd.Context(), library, flags.field(args[0]))
			}
			raw, err := json.Marshal(flags.field(args[0]))
			if err != nil {
				return err
			}
			patch := map[string]any{"choices": nil, "pattern": nil, "required": nil, "kinds": nil, "collections": nil,
				"seen_by": nil, "edited_by": nil}
			if err := json.Unmarshal(raw, &patch); err != nil {
				return err
			}
			i, err := s.ChangeField(cmd.Context(), library, args[0], patch, true)
			return printImpact(cmd, i, err)
		}),
	}
	flags.add(add.Flags())
	add.Flags().BoolVar(&dry, "dry-run", false, "of a field that is there: change nothing, count what would break")
	cli.Require(add, "type")

	list := &cobra.Command{
		Use: "list", Short: "List the metadata fields a library has added", Args: cobra.NoArgs,
		RunE: withFields(func(cmd *cobra.Command, _ []string, s *assets.Service) error {
			fields, err := s.Fields(cmd.Context(), library)
			if err != nil {
				return err
			}
			return cli.Table(cmd, "KEY\tTYPE\tLIST\tREQUIRED\tLABEL\tCHOICES", len(fields), func(i int) string {
				f := fields[i]
				return fmt.Sprintf("%s\t%s\t%s\t%s\t%s\t%s", f.Key, f.Type,
					map[bool]string{true: "yes", false: "no"}[f.Multi], f.Require, f.Label.Get("", ""),
					strings.Join(f.Choices, ", "))
			})
		}),
	}
	remove := &cobra.Command{
		Use: "remove KEY", Short: "Remove a metadata field; what assets hold under it stays with them, unseen",
		Args: cobra.ExactArgs(1),
		RunE: withFields(func(cmd *cobra.Command, args []string, s *assets.Service) error {
			if !dry {
				return s.RemoveField(cmd.Context(), library, args[0])
			}
			i, err := s.DropField(cmd.Context(), library, args[0], true)
			return printImpact(cmd, i, err)
		}),
	}
	remove.Flags().BoolVar(&dry, "dry-run", false, "change nothing: count the assets that hold a value")
	cmds := []*cobra.Command{add, list, remove}
	for _, c := range cmds {
		config.AddFlags(c.Flags(), "data", "database")
		c.Flags().StringVar(&library, "library", dam.DefaultLibrary, "the library that has the fields")
	}
	return cli.Group("field", "Add, list and remove metadata fields of a library's own", cmds...)
}

// printImpact says what a change of a field would break.
func printImpact(cmd *cobra.Command, i dam.FieldImpact, err error) error {
	if err != nil {
		return err
	}
	out := cmd.OutOrStdout()
	for _, e := range i.Examples {
		if _, err := fmt.Fprintf(out, "%s  %v: %s\n", e.Asset, e.Value, e.Message); err != nil {
			return err
		}
	}
	note := ""
	if !i.Complete {
		note = ", at least"
	}
	_, err = fmt.Fprintf(out, "%d assets hold a value; %d would no longer be taken, %d would be missing%s\n", i.Values,
		i.Invalid, i.Missing, note)
	return err
}
