package local

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"vitrine/cmd/vitrine/cli"
	"vitrine/cmd/vitrine/config"
	"vitrine/cmd/vitrine/server"
	"vitrine/dam/backup"
	"vitrine/dam/catalog"
)

func backupCommand() *cobra.Command {
	var keep keepFlags
	var check, asJSON bool
	cmd := &cobra.Command{
		Use:   "backup DIR",
		Short: "Back the catalogue and the objects up to a folder, beside the running server",
		Long: `Make a generation in a folder of backups: a consistent snapshot of the catalogue, and every object that it refers to.
Objects with the same bytes, of one generation or of several, are one file of the backup, so a second generation takes what
is new. It may run beside the server, be interrupted and run again.

An object that is damaged, missing or can't be read doesn't end it: it is named here and in the generation's report.json,
everything else is saved, and the exit status is 3. Objects of the backup are read again at least every 30 days, all of
them with --check, and what rotted is replaced from the store.

With VITRINE_BACKUP_KEY (vitrine backup key makes one) a new backup is encrypted. WITHOUT THAT KEY IT CAN'T BE READ: keep
copies of it elsewhere. The key file of the data folder (secret.key) is in no backup: keep it elsewhere too.

On PostgreSQL run pg_dump --format=custom first, then this command, which copies the objects only.`,
		Example: `  vitrine backup --data /var/lib/vitrine /mnt/backup/vitrine
  vitrine backup --data /var/lib/vitrine --keep 7 --keep-within 30d /mnt/backup/vitrine`,
		Args: cobra.ExactArgs(1),
		RunE: withNode(func(cmd *cobra.Command, args []string, n *server.Installation) error {
			o := backup.Options{Keep: keep.keep()}
			if check {
				o.CheckAge = -1
			}
			return runBackup(cmd, n, args[0], o, asJSON)
		}),
	}
	keep.add(cmd)
	cmd.Flags().BoolVar(&check, "check", false, "read every object that the backup has, and replace what rotted")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the result as JSON")
	config.AddFlags(cmd.Flags(), "data", "database", "storage")
	cmd.AddCommand(backupListCommand(), backupPruneCommand(), backupKeyCommand())
	return cmd
}

// keepFlags are the flags that say which generations stay.
type keepFlags struct {
	last   int
	within days
}

func (k *keepFlags) add(cmd *cobra.Command) {
	cmd.Flags().IntVar(&k.last, "keep", 0, "keep the newest N generations, and remove older ones")
	cmd.Flags().Var(&k.within, "keep-within", "keep all generations younger than this, such as 30d or 12h")
}

func (k *keepFlags) keep() backup.Keep {
	return backup.Keep{Last: k.last, Within: time.Duration(k.within)}
}

// days is a duration that also understands 30d.
type days time.Duration

func (d *days) String() string {
	if *d == 0 {
		return ""
	}
	return time.Duration(*d).String()
}

func (d *days) Type() string { return "duration" }

func (d *days) Set(v string) error {
	if n, ok := strings.CutSuffix(v, "d"); ok {
		if whole, err := strconv.Atoi(n); err == nil && whole > 0 && whole < 1<<16 {
			*d = days(time.Duration(whole) * 24 * time.Hour)
			return nil
		}
	} else if t, err := time.ParseDuration(v); err == nil && t > 0 {
		*d = days(t)
		return nil
	}
	return errors.New("write days or hours, such as 30d or 12h")
}

// openBackup opens an existing folder of backups with the configured key.
func openBackup(c config.Config, dir string) (*backup.Repository, error) {
	key, err := backupKey(c)
	if err != nil {
		return nil, err
	}
	return backup.Open(dir, key)
}

// withBackup runs a command's body on the folder of backups that its argument names.
func withBackup(body func(cmd *cobra.Command, r *backup.Repository) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) (err error) {
		c, err := LoadConfig(cmd)
		if err != nil {
			return err
		}
		r, err := openBackup(c, args[0])
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, r.Close()) }()
		return body(cmd, r)
	}
}

// backupKey is nil when none is configured.
func backupKey(c config.Config) (*backup.Key, error) {
	if c.BackupKey == "" {
		return nil, nil
	}
	return backup.ParseKey(c.BackupKey)
}

func runBackup(cmd *cobra.Command, n *server.Installation, dir string, o backup.Options, asJSON bool) (err error) {
	key, err := backupKey(n.Config)
	if err != nil {
		return err
	}
	r, err := backup.Create(dir, key)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	r.Temp = n.Data
	if n.Catalog.Postgres() {
		_, _ = fmt.Fprintln(cmd.ErrOrStderr(), "vitrine: the catalogue is in PostgreSQL; this copies the objects "+
			"only. Run pg_dump before, not after.")
	}
	status := cli.NewStatus(cmd.ErrOrStderr())
	o.Progress = func(p backup.Progress) {
		status.Say("%d objects: %d files copied, %s; %d read again", p.Done, p.Copied, cli.Bytes(p.Bytes), p.Checked)
	}
	out, err := r.Run(cmd.Context(), backup.Source{Catalog: n.Catalog, Store: n.Store, Vitrine: cli.BuildVersion()}, o)
	status.Aside(func() {})
	if err != nil {
		return err
	}
	if err := recordBackup(cmd.Context(), n.Catalog, r.Dir(), out, o.CheckAge < 0); err != nil {
		return err
	}
	printBackup(cmd.OutOrStdout(), cmd.ErrOrStderr(), out, asJSON)
	if !out.Good() || len(out.Unforgotten) > 0 {
		return cli.ErrDamage
	}
	return nil
}

// recordBackup tells the server, whose metrics and portal show when the last good backup was made.
func recordBackup(ctx context.Context, cat *catalog.Catalog, dir string, out backup.Result, checked bool) error {
	b := catalog.BackupRecord{Target: config.HostName() + ":" + dir, Generation: out.Generation, Ended: time.Now(),
		Objects: out.Objects, Bytes: out.Bytes, Damaged: int64(len(out.Lost))}
	if out.Good() {
		b.Good = &out.At
		if checked {
			b.Verified = &b.Ended
		}
	}
	return cat.Write(ctx, func(tx *catalog.Tx) error { return tx.Maintenance().RecordBackup(ctx, b) })
}

func printBackup(out, diagnostics io.Writer, r backup.Result, asJSON bool) {
	if asJSON {
		cli.PrintJSON(out, r)
		return
	}
	printDamage(diagnostics, r.CatalogDamage, r.Lost)
	for _, key := range r.Healed {
		_, _ = fmt.Fprintf(diagnostics, "healed     %s: damaged in the backup, replaced from the store\n",
			cli.Visible(key))
	}
	for _, name := range r.Unforgotten {
		_, _ = fmt.Fprintf(diagnostics, "unerased   generation %s: its catalogue is damaged, so that erasures can't "+
			"be applied to it; remove it with vitrine backup prune\n", cli.Visible(name))
	}
	printRemoved(out, r.Removed, "removed")
	_, _ = fmt.Fprintf(out,
		"generation %s: %d objects, %s; %d files copied, %s; %d files read again; %d healed; %d lost\n",
		r.Generation, r.Objects, cli.Bytes(r.Bytes), r.Copied, cli.Bytes(r.CopiedBytes), r.Checked, len(r.Healed),
		len(r.Lost))
}

func printDamage(w io.Writer, catalogue []string, lost []backup.Damage) {
	for _, p := range catalogue {
		_, _ = fmt.Fprintf(w, "catalogue  %s\n", cli.Visible(p))
	}
	for _, d := range lost {
		printFinding(w, d.Problem, d.Key, d.Detail)
	}
}

// printFinding prints what was found about an object or file. The words may come from a folder that others write to.
func printFinding(w io.Writer, problem, key, detail string) {
	_, _ = fmt.Fprintf(w, "%-10s %s: %s\n", problem, cli.Visible(key), cli.Visible(detail))
}

func printRemoved(w io.Writer, r backup.Removed, verb string) {
	if len(r.Generations) > 0 || r.Files > 0 {
		_, _ = fmt.Fprintf(w, "%s: %d generations (%s), %d files, %s\n", verb, len(r.Generations),
			cli.Visible(strings.Join(r.Generations, ", ")), r.Files, cli.Bytes(r.Bytes))
	}
	if r.Withheld != "" {
		_, _ = fmt.Fprintf(w, "no files were %s: %s\n", verb, cli.Visible(r.Withheld))
	}
}

func backupListCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:     "list DIR",
		Short:   "List the generations of a backup, the newest first",
		Example: "  vitrine backup list /mnt/backup/vitrine",
		Args:    cobra.ExactArgs(1),
		RunE: withBackup(func(cmd *cobra.Command, r *backup.Repository) error {
			list, err := r.Generations()
			if err != nil {
				return err
			}
			if asJSON {
				cli.PrintJSON(cmd.OutOrStdout(), list)
				return nil
			}
			w := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
			_, _ = fmt.Fprintln(w, "GENERATION\tOBJECTS\tSIZE\tCATALOGUE\tLOST\tVERSION")
			for _, g := range list {
				_, _ = fmt.Fprintf(w, "%s\t%d\t%s\t%s\t%d\t%s\n", cli.Visible(g.Name), g.Objects, cli.Bytes(g.Bytes),
					cli.Visible(catalogueState(g)), len(g.Lost), cli.Visible(g.Vitrine))
			}
			return w.Flush()
		}),
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the manifests as JSON")
	config.AddFlags(cmd.Flags())
	return cmd
}

func catalogueState(g backup.Generation) string {
	switch {
	case g.Damage != "":
		return g.Damage
	case g.Catalog == nil:
		return "PostgreSQL's own"
	case !g.Whole():
		return "damaged"
	}
	return cli.Bytes(g.Catalog.Size)
}

func backupPruneCommand() *cobra.Command {
	var keep keepFlags
	var sure, asJSON bool
	cmd := &cobra.Command{
		Use:   "prune DIR",
		Short: "Remove old generations, and the files that no other needs",
		Long: `Remove old generations, and the files that no other generation needs, and apply erasures to those that stay.
Without --yes it only says what would go. The newest generation whose catalogue is whole always stays; without --keep and
--keep-within all do, and only files that nothing needs go.`,
		Example: "  vitrine backup prune --keep 7 --keep-within 30d --yes /mnt/backup/vitrine",
		Args:    cobra.ExactArgs(1),
		RunE: withBackup(func(cmd *cobra.Command, r *backup.Repository) error {
			out, err := r.Prune(cmd.Context(), keep.keep(), !sure)
			if err != nil {
				return err
			}
			switch {
			case asJSON:
				cli.PrintJSON(cmd.OutOrStdout(), out)
			case sure:
				printRemoved(cmd.OutOrStdout(), out, "removed")
			default:
				printRemoved(cmd.OutOrStdout(), out, "would be removed")
			}
			if !sure && len(out.Generations)+int(out.Files) > 0 {
				return errors.New("nothing was removed\n  add --yes to do it")
			}
			return nil
		}),
	}
	keep.add(cmd)
	cmd.Flags().BoolVar(&sure, "yes", false, "do it")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print what goes as JSON")
	config.AddFlags(cmd.Flags())
	return cmd
}

func backupKeyCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "key",
		Short: "Make a key that encrypts backups",
		Long: `Make a key (an age identity) and print it. Put it into VITRINE_BACKUP_KEY or, as backup_key, into the configuration
file, and keep copies of it elsewhere: without it an encrypted backup can't be read by anybody.`,
		Example: "  echo VITRINE_BACKUP_KEY=$(vitrine backup key) >> /etc/vitrine/environment",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			text, err := backup.NewKey()
			if err != nil {
				return err
			}
			_, err = fmt.Fprintln(cmd.OutOrStdout(), text)
			return err
		},
	}
}

// verifyBackup reads a backup whole, without its server.
func verifyBackup(cmd *cobra.Command, dir string, generations []string, asJSON bool) (err error) {
	c, err := LoadConfig(cmd)
	if err != nil {
		return err
	}
	r, err := openBackup(c, dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	status := cli.NewStatus(cmd.ErrOrStderr())
	sum, err := r.Verify(cmd.Context(), slices.DeleteFunc(generations, func(g string) bool { return g == "" }),
		func(d backup.Damage) {
			status.Aside(func() {
				if asJSON {
					cli.PrintJSON(cmd.OutOrStdout(), d)
				} else {
					printFinding(cmd.OutOrStdout(), d.Problem, d.Key, d.Detail)
				}
			})
		}, func(v backup.Verification) { status.Say("%d files, %s read", v.Files, cli.Bytes(v.Bytes)) })
	status.Aside(func() {})
	if err != nil {
		return err
	}
	if asJSON {
		cli.PrintJSON(cmd.OutOrStdout(), sum)
	} else {
		_, _ = fmt.Fprintf(cmd.OutOrStdout(), "%d generations, %d objects in %d files, %s: %d missing, %d altered, "+
			"%d unreadable, %d unneeded\n",
			sum.Generations, sum.Objects, sum.Files, cli.Bytes(sum.Bytes), sum.Missing, sum.Altered, sum.Unreadable,
			sum.Unneeded)
	}
	if !sum.Clean() {
		return cli.ErrDamage
	}
	return nil
}
