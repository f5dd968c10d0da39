package local

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"vitrine/cmd/vitrine/config"
	"vitrine/cmd/vitrine/server"
	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/jobs"
	"vitrine/dam/reasons"
)

func migrateCommand() *cobra.Command {
	var yes bool
	cmd := &cobra.Command{
		Use:   "migrate",
		Short: "Bring the database's tables up to this version, with every server stopped",
		Long: `Bring the database's tables up to this version. A starting server does the same; this is for those who upgrade the
database in a step of its own. It refuses while a server runs on the database. There is no way back but a backup.`,
		Example: "  vitrine migrate --data /var/lib/vitrine          # says what would be done\n  vitrine migrate " +
			"--data /var/lib/vitrine --yes",
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
			if s.Have == s.Want {
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
			return err
		},
	}
	cmd.Flags().BoolVar(&yes, "yes", false, "do it")
	config.AddFlags(cmd.Flags(), "data", "database")
	return cmd
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
