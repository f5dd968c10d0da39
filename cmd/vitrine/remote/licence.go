package remote

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"vitrine/cmd/vitrine/cli"
	"vitrine/dam"
	"vitrine/dam/reasons"
	"vitrine/dam/rights"
)

func licenceCommand() *cobra.Command {
	r := &connection{}
	cmd := &cobra.Command{Use: "licence", Short: "List, enter, link and import licences"}
	r.flags(cmd)
	cmd.AddCommand(r.licenceListCommand(), r.licenceCreateCommand(),
		r.linkCommand("licence", true), r.linkCommand("licence", false), r.licenceImportCommand(), r.bindsCommand())
	return cmd
}

func consentCommand() *cobra.Command {
	r := &connection{}
	cmd := &cobra.Command{Use: "consent", Short: "List, enter, link and take back the consents of people who are shown"}
	r.flags(cmd)
	cmd.AddCommand(r.consentListCommand(), r.consentCreateCommand(), r.linkCommand("consent", true),
		r.linkCommand("consent", false), r.withdrawCommand(), r.consentImportCommand())
	return cmd
}

// pages reads a whole list of licences or consents.
func pages[T any](cmd *cobra.Command, r *connection, path, q string, archived bool) (all []T, err error) {
	for after := ""; ; {
		query := url.Values{"q": {q}, "limit": {"200"}, "after": {after}, "archived": {strconv.FormatBool(archived)}}
		var page struct {
			Items []T    `json:"items"`
			Next  string `json:"next"`
		}
		if err := r.object(cmd.Context(), http.MethodGet, path+"?"+query.Encode(), nil, &page); err != nil {
			return nil, err
		}
		all = append(all, page.Items...)
		if after = page.Next; after == "" {
			return all, nil
		}
	}
}

func (r *connection) licenceListCommand() *cobra.Command {
	var q string
	var archived bool
	cmd := &cobra.Command{
		Use: "list", Short: "List licences, newest first", Args: cobra.NoArgs,
		Example: "  vitrine licence list --q getty",
		RunE: func(cmd *cobra.Command, _ []string) error {
			list, err := pages[dam.Licence](cmd, r, "/api/licences", q, archived)
			if err != nil {
				return err
			}
			return cli.Table(cmd, "ID\tNUMBER\tLICENSOR\tFROM\tUNTIL\tASSETS", len(list), func(i int) string {
				x := list[i]
				return fmt.Sprintf("%s\t%s\t%s\t%s\t%s\t%d", x.ID, cli.Visible(x.Number), cli.Visible(x.Licensor),
					x.Terms.From, x.Terms.Until, x.Assets)
			})
		}}
	cmd.Flags().StringVar(&q, "q", "", "parts of the licensor's name or the number")
	cmd.Flags().BoolVar(&archived, "archived", false, "those that are archived instead")
	return cmd
}

func (r *connection) consentListCommand() *cobra.Command {
	var q string
	var archived bool
	cmd := &cobra.Command{
		Use: "list", Short: "List consents, newest first", Args: cobra.NoArgs,
		Example: "  vitrine consent list",
		RunE: func(cmd *cobra.Command, _ []string) error {
			list, err := pages[dam.Consent](cmd, r, "/api/consents", q, archived)
			if err != nil {
				return err
			}
			return cli.Table(cmd, "ID\tNUMBER\tPERSON\tUNTIL\tWITHDRAWN\tASSETS", len(list), func(i int) string {
				x := list[i]
				return fmt.Sprintf("%s\t%s\t%s\t%s\t%s\t%d", x.ID, cli.Visible(x.Number), cli.Visible(x.Person),
					x.Terms.Until, cli.When(x.WithdrawnAt), x.Assets)
			})
		}}
	cmd.Flags().StringVar(&q, "q", "", "parts of the person's name or the number")
	cmd.Flags().BoolVar(&archived, "archived", false, "those that are archived instead")
	return cmd
}

// recordFlags are the flags of what licences and consents have in common.
type recordFlags struct {
	number, from, until, note    string
	territories, media, channels []string
}

func (f *recordFlags) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.number, "number", "", "the number that people know it by")
	flags.StringVar(&f.from, "from", "", "first day, such as 2026-12-01, or a minute: 2026-12-01T18:00")
	flags.StringVar(&f.until, "until", "", "last day, or the minute at which it ends")
	flags.StringVar(&f.note, "note", "", "a note")
	flags.StringSliceVar(&f.territories, "territories", nil, "countries, such as FR,BE; none means everywhere")
	flags.StringSliceVar(&f.media, "media", nil, "web, store, social, screen, print, email, ads, other; none means all")
	flags.StringSliceVar(&f.channels, "channels", nil,
		"ids of channels, and public for the public addresses; none means all")
}

func (f *recordFlags) edit() rights.RecordEdit {
	from, until, media := dam.Moment(f.from), dam.Moment(f.until), []dam.Medium{}
	for _, m := range f.media {
		media = append(media, dam.Medium(m))
	}
	return rights.RecordEdit{Number: &f.number, Remark: &f.note, Terms: &rights.TermsEdit{From: &from, Until: &until,
		Territories: &f.territories, Media: &media, Channels: &f.channels}}
}

func (r *connection) licenceCreateCommand() *cobra.Command {
	var f recordFlags
	var file, cost string
	var exclusive bool
	cmd := &cobra.Command{
		Use: "create LICENSOR", Short: "Enter a licence", Args: cobra.ExactArgs(1),
		Example: "  vitrine licence create 'Getty Images' --number G-1042 --until 2027-06-30 --media web",
		RunE: func(cmd *cobra.Command, args []string) error {
			e := rights.LicenceEdit{RecordEdit: f.edit(), Licensor: &args[0], File: &file, Exclusive: &exclusive}
			if cost != "" {
				amount, currency, _ := strings.Cut(cost, " ")
				e.Cost = &dam.Price{Amount: amount, Currency: currency}
			}
			var x dam.Licence
			if err := r.object(cmd.Context(), http.MethodPost, "/api/licences", e, &x); err != nil {
				return err
			}
			_, err := fmt.Fprintln(cmd.OutOrStdout(), x.ID)
			return err
		}}
	f.add(cmd)
	cmd.Flags().StringVar(&file, "file", "", "id of the asset that is the contract")
	cmd.Flags().StringVar(&cost, "cost", "", "what it costs, such as '120.00 EUR'")
	cmd.Flags().BoolVar(&exclusive, "exclusive", false, "nobody else has it")
	return cmd
}

func (r *connection) consentCreateCommand() *cobra.Command {
	var f recordFlags
	var scope, release string
	cmd := &cobra.Command{
		Use: "create PERSON", Short: "Enter a consent", Args: cobra.ExactArgs(1),
		Example: "  vitrine consent create 'Ana Martin' --scope 'spring campaign' --until 2028-12-31",
		RunE: func(cmd *cobra.Command, args []string) error {
			var x dam.Consent
			err := r.object(cmd.Context(), http.MethodPost, "/api/consents", rights.ConsentEdit{RecordEdit: f.edit(),
				Person: &args[0], Scope: &scope, Release: &release}, &x)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintln(cmd.OutOrStdout(), x.ID)
			return err
		}}
	f.add(cmd)
	cmd.Flags().StringVar(&scope, "scope", "", "what for, in words")
	cmd.Flags().StringVar(&release, "release", "", "id of the asset that is the signed release")
	return cmd
}

// linkCommand links a licence or a consent to assets, or takes it from them.
func (r *connection) linkCommand(noun string, in bool) *cobra.Command {
	use, short, method := "link", "Link a "+noun+" to assets: what a search finds, or assets by id", http.MethodPut
	if !in {
		use, short, method = "unlink", "Take a "+noun+" from assets", http.MethodDelete
	}
	var dry bool
	cmd := &cobra.Command{
		Use: use + " ID QUERY | ID ASSET…", Short: short, Args: cobra.MinimumNArgs(2),
		Long: short + `. --dry-run says what that would touch: assets that the public would not see any more, slots of
products, and what is planned or out on channels.`,
		Example: "  vitrine " + noun + " " + use + " " + map[string]string{"licence": "l", "consent": "co"}[noun] +
			"_06a1b2… 'tag:spring' --dry-run",
		RunE: func(cmd *cobra.Command, args []string) error {
			body := struct {
				Filter dam.BulkFilter `json:"filter"`
				DryRun bool           `json:"dry_run,omitempty"`
			}{DryRun: dry}
			if strings.HasPrefix(args[1], dam.AssetPrefix+"_") {
				body.Filter.Assets = args[1:]
			} else if len(args) == 2 {
				body.Filter.Q = args[1]
			} else {
				return dam.InvalidInput("QUERY", reasons.NoAssetsNamed())
			}
			var x rights.Linked
			path := "/api/" + noun + "s/" + url.PathEscape(args[0]) + "/assets"
			if err := r.object(cmd.Context(), method, path, body, &x); err != nil {
				return err
			}
			if _, err := fmt.Fprintf(cmd.OutOrStdout(), "%d assets\n", x.Assets); err != nil {
				return err
			}
			if x.Applying > 0 {
				_, err := fmt.Fprintf(cmd.OutOrStdout(), "the server brings %d of them in line\n", x.Applying)
				return err
			}
			return printImpact(cmd.OutOrStdout(), x.Impact)
		}}
	cmd.Flags().BoolVar(&dry, "dry-run", false, "change nothing; say what it would touch")
	return cmd
}

func printImpact(w io.Writer, i *dam.RightsImpact) error {
	if i == nil {
		return nil
	}
	_, err := fmt.Fprintf(w, "%d get less, %d more; the public would lose %d, %d slots of products would be empty, "+
		"%d publications would end\n", i.Narrower, i.Wider, i.HiddenCount, i.SlotsCount,
		i.Published)
	for _, id := range i.Hidden {
		_, _ = fmt.Fprintln(w, "hidden      ", id) // the last line reports
	}
	for _, s := range i.Slots {
		_, _ = fmt.Fprintln(w, "slot        ", cli.Visible(s.SKU), s.Slot, s.N, s.Asset)
	}
	for _, p := range i.Publications {
		_, err = fmt.Fprintln(w, "publication ", p.ID, p.State, p.Asset)
	}
	return err
}

// bindsCommand lists what binds an asset.
func (r *connection) bindsCommand() *cobra.Command {
	return &cobra.Command{Use: "of ASSET",
		Short:   "List the licences and consents that bind an asset, also inherited ones",
		Example: "  vitrine licence of a_06h0…", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			var x dam.AssetRights
			path := "/api/assets/" + url.PathEscape(args[0]) + "/rights"
			if err := r.object(cmd.Context(), http.MethodGet, path, nil, &x); err != nil {
				return err
			}
			return cli.Table(cmd, "ID\tNUMBER\tNAME\tFROM\tUNTIL\tINHERITED\tSOURCE", len(x.Records),
				func(i int) string {
					x, inherited := x.Records[i], "no"
					if x.Inherited {
						inherited = "yes"
					}
					return fmt.Sprintf("%s\t%s\t%s\t%s\t%s\t%s\t%s", x.ID, cli.Visible(x.Number), cli.Visible(x.Name),
						x.Terms.From, x.Terms.Until, inherited, x.From)
				})
		}}
}

func (r *connection) withdrawCommand() *cobra.Command {
	var yes bool
	cmd := &cobra.Command{
		Use: "withdraw ID", Short: "Note that somebody took their consent back; this can't be undone",
		Long: `Note that somebody took their consent back. No asset that it is linked to is shown any more, and what is out on channels
is taken back. This can't be undone. Without --yes nothing is changed, and what it would touch is said.`,
		Example: "  vitrine consent withdraw co_06a1b2…\n  vitrine consent withdraw co_06a1b2… --yes",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			var x struct {
				Impact *dam.RightsImpact `json:"impact"`
			}
			err := r.object(cmd.Context(), http.MethodPost, "/api/consents/"+url.PathEscape(args[0])+"/withdraw",
				map[string]bool{"dry_run": !yes}, &x)
			if err != nil {
				return err
			}
			if !yes {
				return printImpact(cmd.OutOrStdout(), x.Impact)
			}
			_, err = fmt.Fprintln(cmd.OutOrStdout(), args[0], "is taken back")
			return err
		}}
	cmd.Flags().BoolVar(&yes, "yes", false, "really do it")
	return cmd
}
