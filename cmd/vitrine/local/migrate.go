package local

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"vitrine/cmd/vitrine/cli"
	"vitrine/cmd/vitrine/config"
	"vitrine/cmd/vitrine/server"
	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/jobs"
	"vitrine/dam/reasons"
)

func migrateCommand() *cobra.Command {
	var yes, changes, asJSON bool
	cmd := &cobra.Command{
		Use:   "migrate",
		Short: "Bring the database's tables up to this version, with every server stopped",
		Long: `Bring the database's tables up to this version. A starting server does the same; this is for those who upgrade the
database in a step of its own. It refuses while a server runs on the database. There is no way back but a backup.

--changes lists what an upgrade did to names: SKUs, tags, names of collections and locales that were stored in another
spelling of the same characters, and which of them became one. It may run beside a server.`,
		Example: `  vitrine migrate --data /var/lib/vitrine            # says what would be done
  vitrine migrate --data /var/lib/vitrine --yes
  vitrine migrate --data /var/lib/vitrine --changes`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			c, err := LoadConfig(cmd)
			if err != nil {
				return err
			}
			ctx := cmd.Context()
			if err := server.Existing(c); err != nil {
				return err
			}
			if changes {
				return nameChanges(cmd, c, asJSON)
			}
			cat, err := catalog.Open(ctx, c.Database)
			if err != nil {
				return fmt.Errorf("database %s: %w", config.HidePassword(c.Database), err)
			}
			defer func() { err = errors.Join(err, cat.Close()) }()
			s, err := cat.Database().Schema(ctx)
			if err == nil {
				err = s.Newer()
			}
			if err != nil {
				return err
			}
			if !s.Due() {
				_, err = fmt.Fprintf(cmd.OutOrStdout(), "the tables are up to date (schema %d)\n", s.Have)
				return err
			}
			if cat.Postgres() {
				err = noNode(cmd, cat, s)
			} else {
				var release func() error
				if release, err = server.LockData(c); err == nil {
					defer func() { err = errors.Join(err, release()) }()
				}
			}
			if err != nil {
				return err
			}
			if !yes {
				return dam.InvalidInput("--yes", reasons.MigrationNeedsYes(s.Have, s.Want))
			}
			if err := cat.Migrate(ctx); err != nil {
				return err
			}
			queue, err := jobs.New(cat, "migrate", slog.New(slog.DiscardHandler))
			if err == nil {
				err = queue.Migrate(ctx)
			}
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "schema %d → %d\n", s.Have, s.Want)
			if err == nil {
				err = countNameChanges(cmd, cat)
			}
			return err
		},
	}
	cmd.Flags().BoolVar(&yes, "yes", false, "do it")
	cmd.Flags().BoolVar(&changes, "changes", false, "list the spellings of names that an upgrade replaced")
	cmd.Flags().BoolVar(&asJSON, "json", false, "with --changes: one JSON object per line")
	config.AddFlags(cmd.Flags(), "data", "database")
	return cmd
}

// countNameChanges says what the upgrade did to names, if anything.
func countNameChanges(cmd *cobra.Command, cat *catalog.Catalog) error {
	changed, merged, err := cat.Maintenance().CountNameChanges(cmd.Context())
	if err == nil && changed > 0 {
		_, err = fmt.Fprintf(cmd.OutOrStdout(), "names: %d spellings replaced, %d of them merged with another; "+
			"vitrine migrate --changes lists them\n", changed, merged)
	}
	return err
}

// nameChanges lists the spellings that an upgrade replaced.
func nameChanges(cmd *cobra.Command, c config.Config, asJSON bool) (err error) {
	cat, err := server.OpenExisting(cmd.Context(), c)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, cat.Close()) }()
	var list []dam.NameChange
	for after := int64(0); ; {
		page, err := cat.Maintenance().NameChanges(cmd.Context(), after, 1000)
		if err != nil {
			return err
		}
		if len(page) == 0 {
			break
		}
		list, after = append(list, page...), page[len(page)-1].N
	}
	if asJSON {
		for _, n := range list {
			cli.PrintJSON(cmd.OutOrStdout(), n)
		}
		return nil
	}
	return cli.Table(cmd, "LIBRARY\tKIND\tBEFORE\tNOW\tPLACES\tMERGED\tEXAMPLE", len(list), func(i int) string {
		n := list[i]
		return fmt.Sprintf("%s\t%s\t%s\t%s\t%d\t%d\t%s", n.Library, n.Kind, n.Shown, n.After, n.Places, n.Merged,
			n.Example)
	})
}

// aliveFor is how long a node's heartbeat counts; it beats every two seconds.
const aliveFor = 15 * time.Second

// noNode refuses while nodes work on a shared database.
func noNode(cmd *cobra.Command, cat *catalog.Catalog, s catalog.Schema) error {
	if s.Have == 0 {
		return nil
	}
	nodes, err := cat.Jobs().Nodes(cmd.Context())
	if err != nil {
		return err
	}
	now, err := cat.Database().DatabaseTime(cmd.Context())
	if err != nil {
		return err
	}
	var alive []string
	for name, at := range nodes {
		if now.Sub(at) < aliveFor {
			alive = append(alive, name)
		}
	}
	if alive == nil {
		return nil
	}
	return &dam.Error{Code: dam.Conflict, Field: "database",
		Reason: reasons.ServersUseDatabase(strings.Join(alive, ", "))}
}
