package local

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"vitrine/cmd/vitrine/cli"
	"vitrine/dam"
	"vitrine/dam/people"
)

func roleCommand() *cobra.Command {
	var library, title string
	var allowed []string
	list := &cobra.Command{
		Use: "list", Short: "List the roles with what they allow", Args: cobra.NoArgs,
		RunE: withPeople(func(cmd *cobra.Command, _ []string, p *people.Service) error {
			own, err := p.Roles(cmd.Context(), library)
			if err != nil {
				return err
			}
			for i := len(dam.Roles) - 1; i >= 0; i-- {
				r := dam.Roles[i]
				own = append([]dam.CustomRole{{Name: r, Title: "(ready-made)", Permissions: r.Permissions()}}, own...)
			}
			return cli.Table(cmd, "NAME\tTITLE\tPERMISSIONS", len(own), func(i int) string {
				return fmt.Sprintf("%s\t%s\t%s", own[i].Name, own[i].Title, words(own[i].Permissions))
			})
		}),
	}
	create := &cobra.Command{
		Use: "create NAME --permissions LIST", Short: "Make a role", Args: cobra.ExactArgs(1),
		Example: "  vitrine role create photographer --permissions see,upload,edit_own --title Photographer",
		RunE: withPeople(func(cmd *cobra.Command, args []string, p *people.Service) error {
			_, err := p.CreateRole(cmd.Context(), library, roleInput(cmd, args[0], &title, allowed))
			return err
		}),
	}
	set := &cobra.Command{
		Use: "set NAME", Short: "Change a role that the library has made, for all who have it",
		Args:    cobra.ExactArgs(1),
		Example: "  vitrine role set photographer --permissions see,see_unapproved,upload,edit_own",
		RunE: withPeople(func(cmd *cobra.Command, args []string, p *people.Service) error {
			_, err := p.UpdateRole(cmd.Context(), library, 0, roleInput(cmd, args[0], &title, allowed))
			return err
		}),
	}
	for _, c := range []*cobra.Command{create, set} {
		c.Flags().StringSliceVar(&allowed, "permissions", nil, "what it allows, by comma; vitrine role list shows all")
		c.Flags().StringVar(&title, "title", "", "the role's name as people see it")
	}
	cli.Require(create, "permissions")
	remove := &cobra.Command{
		Use: "delete NAME", Short: "Remove a role; one that somebody has stays, and the answer says who",
		Args: cobra.ExactArgs(1),
		RunE: withPeople(func(cmd *cobra.Command, args []string, p *people.Service) error {
			return p.DeleteRole(cmd.Context(), library, dam.Role(args[0]))
		}),
	}
	cmds := []*cobra.Command{list, create, set, remove}
	cmds = append(cmds, grantCommands(&library)...)
	for _, c := range cmds {
		peopleCommand(c, &library)
	}
	return cli.Group("role", "List, make, change, remove and grant roles", cmds...)
}

func words(list []dam.Permission) string {
	out := make([]string, len(list))
	for i, p := range list {
		out[i] = string(p)
	}
	return strings.Join(out, " ")
}

// roleInput reads a role's flags; those not given leave things as they are.
func roleInput(cmd *cobra.Command, name string, title *string, allowed []string) people.RoleInput {
	in := people.RoleInput{Name: dam.Role(name)}
	if cmd.Flags().Changed("title") {
		in.Title = title
	}
	if cmd.Flags().Changed("permissions") {
		list := make([]dam.Permission, len(allowed))
		for i, p := range allowed {
			list[i] = dam.Permission(strings.TrimSpace(p))
		}
		in.Permissions = &list
	}
	return in
}

// grantCommands are those that give a role beside the one that everybody has.
func grantCommands(library *string) []*cobra.Command {
	var collection string
	grant := &cobra.Command{
		Use:   "grant NAME HOLDER",
		Short: "Grant a role to a person (e-mail or id), a token or a group (id): in the library, or on a collection",
		Args:  cobra.ExactArgs(2),
		Example: `  vitrine role grant editor agency@example.com --collection c_01k5t0w6xq3m8f2b7d9hjn4rsv
  vitrine role grant publisher g_01k5t0w6xq3m8f2b7d9hjn4rsv`,
		RunE: withPeople(func(cmd *cobra.Command, args []string, p *people.Service) error {
			holder, err := holderOf(cmd.Context(), p, args[1])
			if err != nil {
				return err
			}
			x, err := p.GrantRole(cmd.Context(), *library, people.NewGrant{Holder: holder, Role: dam.Role(args[0]),
				Collection: collection})
			if err != nil {
				return err
			}
			_, err = fmt.Fprintln(cmd.OutOrStdout(), x.ID)
			return err
		}),
	}
	grant.Flags().StringVar(&collection, "collection", "",
		"id of a collection: the role holds for what is in there and below; without it for the whole library")
	grants := &cobra.Command{
		Use: "grants", Short: "List what was granted beside the one role of each person and token", Args: cobra.NoArgs,
		RunE: withPeople(func(cmd *cobra.Command, _ []string, p *people.Service) error {
			list, err := p.FurtherGrants(cmd.Context(), *library)
			if err != nil {
				return err
			}
			return cli.Table(cmd, "ID\tROLE\tHOLDER\tCOLLECTION", len(list), func(i int) string {
				x := list[i]
				return fmt.Sprintf("%s\t%s\t%s\t%s", x.ID, x.Role, x.Holder, x.Collection)
			})
		}),
	}
	revoke := &cobra.Command{
		Use: "revoke ID", Short: "Take a grant back; vitrine role grants shows the ids", Args: cobra.ExactArgs(1),
		RunE: withPeople(func(cmd *cobra.Command, args []string, p *people.Service) error {
			return p.RevokeGrant(cmd.Context(), *library, args[0])
		}),
	}
	return []*cobra.Command{grant, grants, revoke}
}

// holderOf returns the id that an e-mail address or an id stands for.
func holderOf(ctx context.Context, p *people.Service, written string) (string, error) {
	if !strings.Contains(written, "@") {
		return written, nil
	}
	u, err := p.UserByEmail(ctx, written)
	return u.ID, err
}

func groupCommand() *cobra.Command {
	var library, name string
	var members []string
	input := func(cmd *cobra.Command, p *people.Service) (in people.GroupInput, err error) {
		if cmd.Flags().Changed("name") {
			in.Name = &name
		}
		if cmd.Flags().Changed("members") {
			ids := make([]string, len(members))
			for i, m := range members {
				if ids[i], err = holderOf(cmd.Context(), p, strings.TrimSpace(m)); err != nil {
					return in, err
				}
			}
			in.Members = &ids
		}
		return in, nil
	}
	list := &cobra.Command{
		Use: "list", Short: "List groups with their members", Args: cobra.NoArgs,
		RunE: withPeople(func(cmd *cobra.Command, _ []string, p *people.Service) error {
			groups, err := p.Groups(cmd.Context(), library)
			if err != nil {
				return err
			}
			return cli.Table(cmd, "ID\tNAME\tMEMBERS", len(groups), func(i int) string {
				return fmt.Sprintf("%s\t%s\t%s", groups[i].ID, groups[i].Name, strings.Join(groups[i].Members, " "))
			})
		}),
	}
	create := &cobra.Command{
		Use: "create --name NAME", Short: "Make a group and print its id", Args: cobra.NoArgs,
		Example: "  vitrine group create --name Press --members ana@example.com,ben@example.com",
		RunE: withPeople(func(cmd *cobra.Command, _ []string, p *people.Service) error {
			in, err := input(cmd, p)
			if err != nil {
				return err
			}
			g, err := p.CreateGroup(cmd.Context(), library, in)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintln(cmd.OutOrStdout(), g.ID)
			return err
		}),
	}
	set := &cobra.Command{
		Use: "set ID", Short: "Rename a group, or set who is in it", Args: cobra.ExactArgs(1),
		RunE: withPeople(func(cmd *cobra.Command, args []string, p *people.Service) error {
			in, err := input(cmd, p)
			if err == nil {
				_, err = p.UpdateGroup(cmd.Context(), library, args[0], 0, in)
			}
			return err
		}),
	}
	for _, c := range []*cobra.Command{create, set} {
		c.Flags().StringVar(&name, "name", "", "the group's name")
		c.Flags().StringSliceVar(&members, "members", nil, "all who are in it, by comma: e-mails or ids, tokens by id")
	}
	cli.Require(create, "name")
	remove := &cobra.Command{
		Use: "delete ID", Short: "Remove a group that is empty and has no grants", Args: cobra.ExactArgs(1),
		RunE: withPeople(func(cmd *cobra.Command, args []string, p *people.Service) error {
			return p.DeleteGroup(cmd.Context(), library, args[0])
		}),
	}
	cmds := []*cobra.Command{list, create, set, remove}
	for _, c := range cmds {
		peopleCommand(c, &library)
	}
	return cli.Group("group", "List, make, change and remove groups of people and tokens", cmds...)
}

// accessCommand says why somebody can, or can't, see an asset.
func accessCommand(library *string) *cobra.Command {
	return &cobra.Command{
		Use: "access EMAIL ASSET", Args: cobra.ExactArgs(2),
		Short:   "Say why a user (e-mail or id) or a token (id) can, or can't, see an asset and do something to it",
		Example: "  vitrine user access agency@example.com a_01k5t0w6xq3m8f2b7d9hjn4rsv",
		RunE: withPeople(func(cmd *cobra.Command, args []string, p *people.Service) error {
			holder, err := holderOf(cmd.Context(), p, args[0])
			if err != nil {
				return err
			}
			x, err := p.Explain(cmd.Context(), *library, args[1], holder)
			if err != nil {
				return err
			}
			return cli.Table(cmd, "PERMISSION\tALLOWED\tWHY", len(x.Permissions), func(i int) string {
				d := x.Permissions[i]
				return fmt.Sprintf("%s\t%s\t%s", d.Permission, map[bool]string{true: "yes", false: "no"}[d.Allowed],
					d.Text)
			})
		}),
	}
}
