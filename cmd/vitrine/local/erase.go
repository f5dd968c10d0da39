package local

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"vitrine/cmd/vitrine/cli"
	"vitrine/cmd/vitrine/config"
	"vitrine/cmd/vitrine/server"
	"vitrine/dam"
	"vitrine/dam/jobs"
	"vitrine/dam/people"
	"vitrine/dam/reasons"
	"vitrine/dam/retention"
	"vitrine/dam/rights"
)

func eraseCommand() *cobra.Command {
	var library string
	var yes, duringHold bool
	sure := func(what string) error {
		if yes {
			return nil
		}
		return dam.InvalidInput("--yes", reasons.ErasureNeedsYes(what))
	}
	asset := &cobra.Command{
		Use:     "asset ID",
		Short:   "Erase an asset: every version, its history's values, and the objects only it had",
		Example: "  vitrine erase asset a_06a1b2… --yes",
		Args:    cobra.ExactArgs(1),
		RunE: withNode(func(cmd *cobra.Command, args []string, n *server.Installation) error {
			a, err := n.Catalog.Assets().Asset(cmd.Context(), library, args[0])
			if err != nil {
				return err
			}
			if err := sure(fmt.Sprintf("%s (%s)", a.ID, a.Latest.FileName)); err != nil {
				return err
			}
			e := &retention.Eraser{Catalog: n.Catalog, Store: n.Store, DuringHold: duringHold}
			if err := e.Asset(cmd.Context(), library, a.ID); err != nil {
				return err
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s is erased; copies in browsers, CDNs and old backups are not\n",
				a.ID)
			return err
		}),
	}
	user := &cobra.Command{
		Use:     "user EMAIL",
		Short:   "Erase a user: the account, the name and the address; what they did stays under a bare id",
		Example: "  vitrine erase user ana@example.com --yes",
		Args:    cobra.ExactArgs(1),
		RunE: withNode(func(cmd *cobra.Command, args []string, n *server.Installation) error {
			id := args[0]
			if strings.Contains(id, "@") {
				u, err := people.New(n.Catalog, nil).UserByEmail(cmd.Context(), id)
				if err != nil {
					return err
				}
				id = u.ID
			}
			if err := sure(args[0]); err != nil {
				return err
			}
			e := &retention.Eraser{Catalog: n.Catalog, Store: n.Store, DuringHold: duringHold}
			if err := e.Person(cmd.Context(), id); err != nil {
				return err
			}
			_, err := fmt.Fprintf(cmd.OutOrStdout(), "%s is erased\n", id)
			return err
		}),
	}
	consent := &cobra.Command{
		Use:   "consent ID",
		Short: "Erase who gave a consent: the name, the number, the scope and the notes; it is taken back by that",
		Long: `Erase who gave a consent: the name, the number, the scope and the notes. The consent is taken back by that, for nobody can
show it any more: nothing that it binds is shown from then on. Without --yes nothing is changed, and it says what that
would touch.`,
		Example: "  vitrine erase consent co_06a1b2…\n  vitrine erase consent co_06a1b2… --yes",
		Args:    cobra.ExactArgs(1),
		RunE: withNode(func(cmd *cobra.Command, args []string, n *server.Installation) error {
			x, err := n.Catalog.Assets().Rights().Record(cmd.Context(), library, dam.ConsentRecord, args[0])
			if err != nil {
				return err
			}
			s := &rights.Service{Catalog: n.Catalog}
			if !yes && x.WithdrawnAt == nil {
				would, err := s.Withdraw(cmd.Context(), library, x.ID, 0, true)
				if err != nil {
					return err
				}
				i := would.Impact
				_, err = fmt.Fprintf(cmd.OutOrStdout(), "%d assets get less; the public would lose %d, "+
					"%d slots of products would be empty, %d publications would end\n",
					i.Narrower, i.HiddenCount, i.SlotsCount, i.Published)
				if err != nil {
					return err
				}
			}
			if err := sure(x.ID); err != nil {
				return err
			}
			e := &retention.Eraser{Catalog: n.Catalog, Store: n.Store, DuringHold: duringHold}
			if err := e.Consent(cmd.Context(), x.ID); err != nil {
				return err
			}
			if err := s.Apply(cmd.Context(), rights.ApplyArgs{Record: x.ID}, jobs.Info{}); err != nil {
				return err
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(),
				"%s is erased; a release that was uploaded is an asset of its own\n", x.ID)
			return err
		}),
	}
	cmds := []*cobra.Command{asset, user, consent}
	for _, c := range cmds {
		c.Flags().BoolVar(&yes, "yes", false, "really do it")
		c.Flags().BoolVar(&duringHold, "during-hold", false, "erase although the catalogue was restored or copied: "+
			"another server on the same store erases it too, when it next starts")
		config.AddFlags(c.Flags(), "data", "database", "storage")
	}
	asset.Flags().StringVar(&library, "library", dam.DefaultLibrary, "the asset's library")
	consent.Flags().StringVar(&library, "library", dam.DefaultLibrary, "the consent's library")
	return cli.Group("erase", "Forget an asset or a person for good", cmds...)
}
