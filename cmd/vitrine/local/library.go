package local

import (
	"errors"
	"fmt"
	"strings"

	"github.com/dustin/go-humanize"
	"github.com/spf13/cobra"

	"vitrine/cmd/vitrine/cli"
	"vitrine/cmd/vitrine/config"
	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/libraries"
	"vitrine/dam/people"
	"vitrine/dam/reasons"
	"vitrine/dam/rendition"
)

// withLibraries opens what the commands about libraries need.
func withLibraries(body func(cmd *cobra.Command, args []string, s *libraries.Service, cat *catalog.Catalog) error) func(
	*cobra.Command, []string) error {
	return withCatalog(func(cmd *cobra.Command, args []string, _ config.Config, cat *catalog.Catalog) error {
		return body(cmd, args, &libraries.Service{Catalog: cat, Presets: &rendition.Service{Catalog: cat}}, cat)
	})
}

func libraryCommand() *cobra.Command {
	cmds := []*cobra.Command{listLibraries(), createLibrary(), setLibrary(), archiveLibrary(), restoreLibrary()}
	for _, c := range cmds {
		config.AddFlags(c.Flags(), "data", "database")
	}
	return cli.Group("library", "List, make, change and archive libraries", cmds...)
}

func listLibraries() *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "List the libraries, with what they hold and may hold", Args: cobra.NoArgs,
		RunE: withLibraries(func(cmd *cobra.Command, _ []string, s *libraries.Service, _ *catalog.Catalog) error {
			list, err := s.List(cmd.Context())
			if err != nil {
				return err
			}
			const columns = "ID\tNAME\tLOCALES\tZONE\tUSED\tQUOTA\tHOSTS\tARCHIVED"
			return cli.Table(cmd, columns, len(list), func(i int) string {
				l := list[i]
				quota := "none"
				if l.Quota > 0 {
					quota = cli.Bytes(l.Quota)
				}
				return fmt.Sprintf("%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s", l.ID, cli.Visible(l.Name),
					strings.Join(append([]string{l.Locale}, l.Locales...), " "), l.Zone, cli.Bytes(l.Used), quota,
					strings.Join(l.Hosts, " "), cli.When(l.ArchivedAt))
			})
		}),
	}
}

func createLibrary() *cobra.Command {
	var n libraries.NewLibrary
	var admin string
	cmd := &cobra.Command{
		Use: "create ID --name NAME --admin EMAIL", Short: "Make a library with the ready-made presets",
		Long: `Make a library with the ready-made presets. Its id stands in addresses and can't be changed later. The person
becomes its administrator, beside what they are elsewhere. A server that runs knows it at once.`,
		Example: "  vitrine library create shoes --name Shoes --locale fr --zone Europe/Paris --admin ana@example.com",
		Args:    cobra.ExactArgs(1),
		RunE: withLibraries(func(cmd *cobra.Command, args []string, s *libraries.Service, cat *catalog.Catalog) error {
			u, err := people.New(cat, nil).UserByEmail(cmd.Context(), admin)
			if err != nil {
				return err
			}
			n.ID, n.Administrator = args[0], u.ID
			l, err := s.Create(cmd.Context(), n)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s  %s, %s, %s\n", l.ID, l.Name, l.Locale, l.Zone)
			return err
		}),
	}
	f := cmd.Flags()
	f.StringVar(&n.Name, "name", "", "what the library is called")
	f.StringVar(&n.Locale, "locale", "", "default locale of texts, such as fr; that of the library main when left out")
	f.StringVar(&n.Zone, "zone", "", "IANA time zone in which days begin; that of the library main when left out")
	f.StringVar(&admin, "admin", "", "e-mail of the person who becomes its administrator")
	cli.Require(cmd, "name", "admin")
	return cmd
}

// libraryFlags are the settings that vitrine library set takes.
type libraryFlags struct {
	name, locale, zone, accent, background, logo, quota string
	locales, hosts                                      []string
	brands, categories                                  string
	dryRun, yes                                         bool
}

func setLibrary() *cobra.Command {
	var in libraryFlags
	cmd := &cobra.Command{
		Use: "set ID", Short: "Change a library's name, locales, zone, colours, host names, quota or product terms",
		Long: `Change a library. Another zone keeps every day of rights as it is written: the day begins and ends by the clock of
the new zone. What that changes in public at once is listed first: it is done with --yes, and with --dry-run nothing is changed.`,
		Example: `  vitrine library set main --zone Europe/Paris --dry-run
  vitrine library set shoes --hosts shoes.example.com,shoes.example.fr --quota 2TiB`,
		Args: cobra.ExactArgs(1),
		RunE: withLibraries(func(cmd *cobra.Command, args []string, s *libraries.Service, _ *catalog.Catalog) error {
			e, err := in.edit(cmd)
			if err != nil {
				return err
			}
			if e.Colors != nil {
				l, err := s.Get(cmd.Context(), args[0])
				if err != nil {
					return err
				}
				if !cmd.Flags().Changed("accent") {
					e.Colors.Accent = l.Colors.Accent
				}
				if !cmd.Flags().Changed("background") {
					e.Colors.Background = l.Colors.Background
				}
			}
			if e.Zone != nil {
				z, err := s.ZoneChange(cmd.Context(), args[0], *e.Zone)
				if err != nil {
					return err
				}
				if err := printZoneChange(cmd, z); err != nil {
					return err
				}
				if z.Shown+z.Hidden > 0 && !in.dryRun && !in.yes {
					return errors.New("nothing was changed\n  add --yes to do it")
				}
			}
			if cmd.Flags().Changed("brands") || cmd.Flags().Changed("categories") {
				l, err := s.Get(cmd.Context(), args[0])
				if err != nil {
					return err
				}
				e.ProductTerms = &l.ProductTerms
				if cmd.Flags().Changed("brands") {
					e.ProductTerms.Brand = in.brands
				}
				if cmd.Flags().Changed("categories") {
					e.ProductTerms.Category = in.categories
				}
			}
			if in.dryRun {
				return nil
			}
			_, err = s.Update(cmd.Context(), args[0], 0, e)
			return err
		}),
	}
	f := cmd.Flags()
	f.StringVar(&in.name, "name", "", "what the library is called")
	f.StringVar(&in.locale, "locale", "", "default locale of texts, such as fr")
	f.StringSliceVar(&in.locales, "locales", nil, "further locales, by comma")
	f.StringVar(&in.zone, "zone", "", "IANA time zone in which days begin, such as Europe/Paris")
	f.StringVar(&in.accent, "accent", "", "colour of buttons and links, #rrggbb; empty for none")
	f.StringVar(&in.background, "background", "", "colour behind pictures on pages for others, #rrggbb; empty for none")
	f.StringVar(&in.logo, "logo", "", "id of an asset of the library that is its logo; empty for none")
	f.StringSliceVar(&in.hosts, "hosts", nil, "all host names of product URLs, by comma")
	f.StringVar(&in.quota, "quota", "", "how much the files of all versions may have, such as 2TiB; 0 for no limit")
	f.BoolVar(&in.yes, "yes", false, "change the zone, although the public sees more or less at once")
	f.StringVar(&in.brands, "brands", "",
		"id of the vocabulary that brands of products are taken from; empty for any text")
	f.StringVar(&in.categories, "categories", "",
		"id of the vocabulary that categories of products are taken from; empty for any text")
	f.BoolVar(&in.dryRun, "dry-run", false, "only say what another zone changes in public")
	return cmd
}

// edit reads the flags; those not given leave things as they are.
func (in *libraryFlags) edit(cmd *cobra.Command) (e libraries.LibraryEdit, err error) {
	given := cmd.Flags().Changed
	for name, to := range map[string]struct {
		at **string
		v  *string
	}{"name": {&e.Name, &in.name}, "locale": {&e.Locale, &in.locale}, "zone": {&e.Zone, &in.zone},
		"logo": {&e.Logo, &in.logo}} {
		if given(name) {
			*to.at = to.v
		}
	}
	if given("locales") {
		e.Locales = &in.locales
	}
	if given("hosts") {
		e.Hosts = &in.hosts
	}
	if given("accent") || given("background") {
		e.Colors = &dam.LibraryColors{Accent: in.accent, Background: in.background}
	}
	if given("quota") {
		n, err := humanize.ParseBytes(in.quota)
		if err != nil || n > dam.MaxQuota {
			return e, dam.InvalidInput("--quota", reasons.QuotaForm())
		}
		bytes := int64(n)
		e.Quota = &bytes
	}
	return e, nil
}

func printZoneChange(cmd *cobra.Command, z dam.ZoneChange) error {
	out := cmd.OutOrStdout()
	_, err := fmt.Fprintf(out, "%s instead of %s: %d assets have rights that begin or end at other instants.\n"+
		"The public sees %d assets more and %d fewer at once.\n", z.To, z.From, z.Dated, z.Shown, z.Hidden)
	for _, a := range z.Assets {
		what := "hidden"
		if a.Shown {
			what = "shown"
		}
		_, one := fmt.Fprintf(out, "  %s  %s  %s – %s\n", what, a.ID, a.Rights.From, a.Rights.Until)
		err = errors.Join(err, one)
	}
	return err
}

func archiveLibrary() *cobra.Command {
	var dryRun bool
	cmd := &cobra.Command{
		Use: "archive ID", Short: "Archive a library: nothing in it changes any more, what is public stays public",
		Args: cobra.ExactArgs(1),
		RunE: withLibraries(func(cmd *cobra.Command, args []string, s *libraries.Service, _ *catalog.Catalog) error {
			a, err := s.Archival(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			if _, err := fmt.Fprintf(cmd.OutOrStdout(),
				"%d assets, of which the public goes on seeing %d; %d in the bin\n"+
					"%d channels send nothing more; %d planned publications wait\n", a.Assets, a.Public, a.Binned,
				len(a.Channels), a.Planned); err != nil || dryRun {
				return err
			}
			_, err = s.Archive(cmd.Context(), args[0], true)
			return err
		}),
	}
	cmd.Flags().BoolVar(&dryRun, "dry-run", false, "only say what it touches")
	return cmd
}

func restoreLibrary() *cobra.Command {
	return &cobra.Command{
		Use: "restore ID", Short: "End the archiving of a library", Args: cobra.ExactArgs(1),
		RunE: withLibraries(func(cmd *cobra.Command, args []string, s *libraries.Service, _ *catalog.Catalog) error {
			_, err := s.Archive(cmd.Context(), args[0], false)
			return err
		}),
	}
}
