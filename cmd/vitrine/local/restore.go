package local

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"vitrine/cmd/vitrine/cli"
	"vitrine/cmd/vitrine/config"
	"vitrine/cmd/vitrine/server"
	"vitrine/dam"
	"vitrine/dam/backup"
	"vitrine/dam/catalog"
	"vitrine/dam/epoch"
	"vitrine/dam/reasons"
)

func restoreCommand() *cobra.Command {
	var generation string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "restore DIR",
		Short: "Put a backup into an empty data folder",
		Long: `Put a generation of a backup into a data folder or store that has no catalogue yet: the newest whose catalogue is
whole, or the one that --generation names (vitrine backup list shows them). Objects that the store has already are read,
and replaced when they are something else. Put the key file (secret.key) into the data folder too, start the server, then
run vitrine verify. The server sends nothing by itself before you have released it: see vitrine hold.

What is damaged or missing in the backup is named here and in restore-report.json in the data folder, everything else is
restored, and the exit status is 3. What was erased stays erased: its objects are left out, whether the backup, the store or
the second store knows of it, and the server erases the rest when it starts.

On PostgreSQL restore the dump with pg_restore first; this command then copies the objects only.`,
		Example: "  vitrine restore --data /var/lib/vitrine /mnt/backup/vitrine",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			c, err := LoadConfig(cmd)
			if err != nil {
				return err
			}
			return runRestore(cmd, c, args[0], generation, asJSON)
		},
	}
	cmd.Flags().StringVar(&generation, "generation", "",
		"the generation to restore; the newest whole one when left out")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the result as JSON")
	config.AddFlags(cmd.Flags(), "data", "database", "storage")
	return cmd
}

func runRestore(cmd *cobra.Command, c config.Config, dir, generation string, asJSON bool) (err error) {
	path, lite := strings.CutPrefix(c.Database, "sqlite:")
	if lite {
		if _, err := os.Stat(path); err == nil {
			return dam.InvalidInput("database", reasons.CatalogExistsAlready(path))
		}
	} else {
		path = ""
	}
	r, err := openBackup(c, dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	g, err := r.Find(cmd.Context(), generation)
	if err != nil {
		return err
	}
	to, err := server.OpenStore(cmd.Context(), c.Storage, c.S3)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, to.Close()) }()
	o := backup.Restore{Store: to, Database: path, Landing: landing(c)}
	second, err := server.OpenMirror(c)
	if err != nil {
		return err
	}
	if second != nil {
		defer func() { err = errors.Join(err, second.Close()) }()
		o.Second = second
	}
	if !lite {
		if o.Catalog, err = catalog.Open(cmd.Context(), c.Database); err != nil {
			return fmt.Errorf("database %s: %w", config.HidePassword(c.Database), err)
		}
		defer func() { err = errors.Join(err, o.Catalog.Close()) }()
	}
	began, status := time.Now(), cli.NewStatus(cmd.ErrOrStderr())
	o.Progress = func(p backup.Progress) {
		status.Say("%d objects: %d copied, %s", p.Done, p.Copied, cli.Bytes(p.Bytes))
	}
	out, err := r.Restore(cmd.Context(), g, o)
	status.Aside(func() {})
	if err != nil {
		return err
	}
	if err := reportRestore(c, out); err != nil {
		return err
	}
	if asJSON {
		cli.PrintJSON(cmd.OutOrStdout(), out)
	} else {
		printDamage(cmd.ErrOrStderr(), out.CatalogDamage, out.Lost)
		if out.Erased > 0 {
			_, _ = fmt.Fprintf(cmd.OutOrStdout(), "%d erasures hold: %d objects were left out\n", out.Erased,
				out.LeftOut)
		}
		_, err = fmt.Fprintf(cmd.OutOrStdout(), "generation %s restored in %s: %d objects copied, %s; %d were there; "+
			"%d lost\nnext: put secret.key into %s, start the server, run vitrine verify; it sends nothing until "+
			"vitrine hold release\n",
			out.Generation, time.Since(began).Round(time.Second), out.Copied, cli.Bytes(out.Bytes), out.Present,
			len(out.Lost), c.Data)
	}
	if err == nil && !out.Good() {
		return cli.ErrDamage
	}
	return err
}

// landing has a restored catalogue hold before it gets its name: whatever ends the restore, no server may start on one
// that sends what was due. Into a damaged file nothing is written: the folder says it instead.
func landing(c config.Config) func(context.Context, string, bool) error {
	return func(ctx context.Context, path string, damaged bool) error {
		if damaged {
			return epoch.MarkRestored(c.Data)
		}
		fresh := c
		fresh.Database = "sqlite:" + path
		return BeginEpoch(ctx, fresh, catalog.EpochStart{Reason: dam.EpochRestored})
	}
}

// BeginEpoch begins a new epoch in a catalogue that was restored, unless its own mark does when a server starts on it;
// what was declared begins anyway.
func BeginEpoch(ctx context.Context, c config.Config, start catalog.EpochStart) (err error) {
	open := server.UpgradeCatalog // no server has it yet, and the backup may be of an older version
	declared := start.Reason == dam.EpochDeclared
	if declared {
		open = server.OpenCatalog
	}
	cat, err := open(ctx, c)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, cat.Close()) }()
	_, _, marked, err := cat.Database().Home(ctx)
	if err != nil || marked != nil && !declared {
		return err
	}
	if start.BackupAt, err = cat.Epochs().LastActive(ctx); err != nil {
		return err
	}
	_, err = cat.BeginEpoch(ctx, start)
	return err
}

// reportRestore leaves what is lost beside the catalogue, for whoever looks for it later.
func reportRestore(c config.Config, out backup.Restored) error {
	if out.Good() {
		return nil
	}
	if err := os.MkdirAll(c.Data, 0o750); err != nil {
		return err
	}
	f, err := os.OpenFile(filepath.Join(c.Data, "restore-report.json"), os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	cli.PrintJSON(f, out)
	return errors.Join(f.Close(), dam.GiveToFolder(f.Name()))
}
