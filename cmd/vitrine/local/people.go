package local

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"vitrine/cmd/vitrine/cli"
	"vitrine/cmd/vitrine/config"
	"vitrine/cmd/vitrine/server"
	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/people"
)

// withPeople opens what the commands about people need. They act as the system: who can open the database decides.
func withPeople(body func(cmd *cobra.Command, args []string, p *people.Service) error) func(*cobra.Command,
	[]string) error {
	return withCatalog(func(cmd *cobra.Command, args []string, c config.Config, cat *catalog.Catalog) error {
		box, err := server.OpenKeys(cmd.Context(), c, cat)
		if err != nil {
			return err
		}
		return body(cmd, args, people.New(cat, box))
	})
}

const roleHelp = "viewer, contributor, editor, publisher, admin, a role of the library, or none"

// peopleCommand gives a command the flags that name the catalogue and the library.
func peopleCommand(cmd *cobra.Command, library *string) *cobra.Command {
	config.AddFlags(cmd.Flags(), "data", "database")
	cmd.Flags().StringVar(library, "library", dam.DefaultLibrary, "the library that the role is for")
	return cmd
}

func tokenCommand() *cobra.Command {
	var library, role, name string
	var limit []string
	var expires time.Duration
	create := &cobra.Command{
		Use:   "create --role ROLE --name NAME",
		Short: "Make an API token and print only it",
		Example: `  vitrine token create --data /var/lib/vitrine --role editor --name importer
  VITRINE_TOKEN=$(vitrine token create --role contributor --name nightly --expires 720h)
  vitrine token create --role viewer --name agency --collections c_01k5t0w6xq3m8f2b7d9hjn4rsv`,
		Args: cobra.NoArgs,
		RunE: withPeople(func(cmd *cobra.Command, _ []string, p *people.Service) error {
			n := people.NewToken{Name: name, Role: dam.Role(role), Collections: limit}
			if expires != 0 {
				at := time.Now().Add(expires)
				n.ExpiresAt = &at
			}
			_, secret, err := p.CreateToken(cmd.Context(), library, n)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintln(cmd.OutOrStdout(), secret)
			return err
		}),
	}
	create.Flags().StringVar(&role, "role", "", roleHelp)
	create.Flags().StringVar(&name, "name", "", "what the token is for; shown in histories")
	create.Flags().DurationVar(&expires, "expires", 0,
		"how long it is valid, for example 720h; without it until revoked")
	limitFlag(create, &limit)
	cli.Require(create, "role", "name")

	list := &cobra.Command{
		Use: "list", Short: "List the tokens that are not revoked", Args: cobra.NoArgs,
		RunE: withPeople(func(cmd *cobra.Command, _ []string, p *people.Service) error {
			tokens, err := p.Tokens(cmd.Context(), library)
			if err != nil {
				return err
			}
			return cli.Table(cmd, "ID\tNAME\tROLE\tLAST USED\tEXPIRES", len(tokens), func(i int) string {
				t := tokens[i]
				return fmt.Sprintf("%s\t%s\t%s\t%s\t%s", t.ID, t.Name, t.Grants[library], cli.When(t.LastUsed),
					cli.When(t.ExpiresAt))
			})
		}),
	}
	revoke := &cobra.Command{
		Use: "revoke ID", Short: "End a token for good", Args: cobra.ExactArgs(1),
		RunE: withPeople(func(cmd *cobra.Command, args []string, p *people.Service) error {
			return p.RevokeToken(cmd.Context(), library, args[0])
		}),
	}
	return cli.Group("token", "Make, list and revoke API tokens", peopleCommand(create, &library),
		peopleCommand(list, &library), peopleCommand(revoke, &library))
}

// limitFlag is what a user or token is limited to.
func limitFlag(cmd *cobra.Command, limit *[]string) {
	cmd.Flags().StringSliceVar(limit, "collections", nil,
		"ids of the collections it is limited to, by comma; without it the whole library")
}

func userCommand() *cobra.Command {
	var library, role, name string
	var limit []string
	add := &cobra.Command{
		Use:     "add EMAIL --role ROLE",
		Short:   "Add a user and print a one-time password",
		Example: "  vitrine user add ana@example.com --role publisher --name 'Ana Silva'",
		Args:    cobra.ExactArgs(1),
		RunE: withPeople(func(cmd *cobra.Command, args []string, p *people.Service) error {
			if name == "" {
				name = args[0]
			}
			u, password, err := p.CreateUser(cmd.Context(), library, people.NewUser{Email: args[0], Name: name,
				Role: dam.Role(role), Collections: limit})
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s  %s\npassword: %s\n", u.ID, u.Email, password)
			return err
		}),
	}
	add.Flags().StringVar(&role, "role", "", roleHelp)
	add.Flags().StringVar(&name, "name", "", "the person's name; the e-mail without it")
	limitFlag(add, &limit)
	cli.Require(add, "role")

	list := &cobra.Command{
		Use: "list", Short: "List the users of a library", Args: cobra.NoArgs,
		RunE: withPeople(func(cmd *cobra.Command, _ []string, p *people.Service) error {
			users, err := p.Users(cmd.Context(), library)
			if err != nil {
				return err
			}
			return cli.Table(cmd, "ID\tE-MAIL\tNAME\tROLE\tLAST SIGN-IN\tSTATE", len(users), func(i int) string {
				u := users[i]
				state := "active"
				if u.Disabled {
					state = "disabled"
				}
				return fmt.Sprintf("%s\t%s\t%s\t%s\t%s\t%s", u.ID, u.Email, u.Name, u.Grants[library],
					cli.When(u.LastLogin), state)
			})
		}),
	}
	able := func(use, short string, disabled bool) *cobra.Command {
		return &cobra.Command{
			Use: use, Short: short, Args: cobra.ExactArgs(1),
			RunE: withPeople(func(cmd *cobra.Command, args []string, p *people.Service) error {
				u, err := p.UserByEmail(cmd.Context(), args[0])
				if err == nil {
					_, err = p.UpdateUser(cmd.Context(), library, u.ID, people.UserPatch{Disabled: &disabled})
				}
				return err
			}),
		}
	}
	passwd := &cobra.Command{
		Use: "passwd EMAIL", Short: "Give a user a new one-time password, print it, and end their sessions",
		Args: cobra.ExactArgs(1),
		RunE: withPeople(func(cmd *cobra.Command, args []string, p *people.Service) error {
			u, err := p.UserByEmail(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			password, err := p.SetPassword(cmd.Context(), library, u.ID, "")
			if err != nil {
				return err
			}
			_, err = fmt.Fprintln(cmd.OutOrStdout(), password)
			return err
		}),
	}
	var within []string
	restrict := &cobra.Command{
		Use: "limit EMAIL", Short: "Limit a user to collections, or lift the limit (without --collections)",
		Args: cobra.ExactArgs(1),
		Example: `  vitrine user limit agency@example.com --collections c_01k5t0w6xq3m8f2b7d9hjn4rsv
  vitrine user limit agency@example.com`,
		RunE: withPeople(func(cmd *cobra.Command, args []string, p *people.Service) error {
			u, err := p.UserByEmail(cmd.Context(), args[0])
			if err == nil {
				_, err = p.UpdateUser(cmd.Context(), library, u.ID, people.UserPatch{Collections: &within})
			}
			return err
		}),
	}
	limitFlag(restrict, &within)
	cmds := []*cobra.Command{add, list, restrict, accessCommand(&library),
		able("disable EMAIL", "Lock a user out at once", true),
		able("enable EMAIL", "Let a disabled user in again", false), passwd}
	for _, c := range cmds {
		peopleCommand(c, &library)
	}
	return cli.Group("user", "Add, list, limit, disable users and reset passwords", cmds...)
}
