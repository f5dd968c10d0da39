package local

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"vitrine/cmd/vitrine/cli"
	"vitrine/cmd/vitrine/config"
	"vitrine/cmd/vitrine/server"
	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/integrity"
	"vitrine/dam/jobs"
	"vitrine/dam/reasons"
	"vitrine/storage"
	"vitrine/storage/s3"
)

// What became of a damaged or orphaned object.
const (
	Repaired = "repaired"
	Queued   = "queued" // the server makes it again
	Lost     = "lost"
	Orphaned = "orphaned"
	Adopted  = "adopted"
	Removed  = "removed"
)

func repairCommand() *cobra.Command {
	r := &repairer{}
	cmd := &cobra.Command{
		Use:   "repair",
		Short: "Find damaged objects and bring them back",
		Long: `Read every object, compare it with the catalogue, and bring back what is missing or damaged. It may run beside the
server, and be interrupted and run again.

Originals come from --from: another store (disk:PATH, s3://BUCKET?…) or the folder of a backup, of which every generation
is looked through, the newest first. Each copy is compared with the catalogue's hash before it takes the place of the
damaged object. Renditions come from there too, or are made again by the server, at once or when it next starts.
Downloads with metadata are made again when somebody asks for them.

repaired  the object is whole again
queued    the server makes it again
lost      nothing has the right bytes: give another --from, or upload the same file again

--orphans looks for stored objects that the catalogue doesn't know, as after restoring an older catalogue:
list names them; adopt makes a draft asset of every orphaned original, for somebody to review, in the library that
--library names when there are several; remove deletes them for good, after saying how many, and only with --yes.

What unfinished writes left more than a day ago is removed: temporary files, unfinished uploads to S3, empty folders.

While the server holds after a restore, its store may be another server's too: repair only says then what it would do, and
exits with 1 when there is anything. With --during-hold it replaces damaged objects by copies with the catalogue's hash and
adopts orphans, after saying which store it changes. Nothing is ever deleted during a hold.

The exit status is 0 when nothing is damaged any more, 1 for an error, 2 for a command that can't be understood, and 3
when objects are lost. --dry-run changes nothing and says what would be done. --json prints a line per object and a last
one with the sums. Credentials of a bucket given by --from: VITRINE_FROM_S3_ACCESS_KEY and VITRINE_FROM_S3_SECRET_KEY
when they differ from VITRINE_S3_ACCESS_KEY and VITRINE_S3_SECRET_KEY.`,
		Example: `  vitrine repair --data /var/lib/vitrine --from /mnt/backup/vitrine --dry-run
  vitrine repair --data /var/lib/vitrine --from 's3://media-copy?region=eu-west-1'
  vitrine repair --data /var/lib/vitrine --orphans adopt
  vitrine repair --data /var/lib/vitrine --from /mnt/backup/vitrine --during-hold`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if !slices.Contains([]string{"", "list", "adopt", "remove"}, r.orphans) {
				return cli.Usage(errors.New("repair: --orphans is list, adopt or remove"))
			}
			return withNode(r.run)(cmd, args)
		},
	}
	f := cmd.Flags()
	f.StringVar(&r.from, "from", "", "where whole copies are: a backup's folder, disk:PATH or s3://BUCKET?…")
	f.BoolVar(&r.sum.DryRun, "dry-run", false, "say what would be done and change nothing")
	f.BoolVar(&r.known, "known", false, "only what is known to be damaged, without reading every object")
	f.StringVar(&r.orphans, "orphans", "", "list, adopt or remove objects that the catalogue doesn't know")
	f.StringVar(&r.library, "library", "",
		"with --orphans adopt: the library that gets them; needed when there are several")
	f.BoolVar(&r.sure, "yes", false, "with --orphans remove: really delete them")
	f.BoolVar(&r.duringHold, "during-hold", false,
		"change the store although the catalogue was restored or copied, and another server may use it")
	f.BoolVar(&r.asJSON, "json", false, "print JSON lines")
	config.AddFlags(f, "data", "database", "storage")
	return cmd
}

// repairer is one run of the command.
type repairer struct {
	from, orphans       string
	library             string // of what is adopted
	known, sure, asJSON bool
	duringHold, unsure  bool // unsure: nothing was removed, for want of --yes
	hold                *dam.Hold
	asked               bool // --dry-run was given

	n           *server.Installation
	out         io.Writer
	diagnostics io.Writer
	status      *cli.Status
	service     *integrity.Service
	queue       *jobs.Queue
	sum         RepairSum
}

func (r *repairer) run(cmd *cobra.Command, _ []string, n *server.Installation) (err error) {
	ctx := cmd.Context()
	log := slog.New(slog.NewTextHandler(cmd.ErrOrStderr(), &slog.HandlerOptions{Level: slog.LevelWarn}))
	quiet := slog.New(slog.DiscardHandler) // the lines say it
	r.n, r.out, r.diagnostics, r.status = n, cmd.OutOrStdout(), cmd.ErrOrStderr(), cli.NewStatus(cmd.ErrOrStderr())
	r.service = &integrity.Service{Record: &integrity.Record{Catalog: n.Catalog, Log: quiet}, Store: n.Store}
	if err := r.held(ctx); err != nil {
		return err
	}
	if err := r.adopts(ctx); err != nil {
		return err
	}
	if r.queue, err = jobs.New(n.Catalog, "repair", log); err != nil {
		return err
	}
	if err := r.queue.Migrate(ctx); err != nil {
		return err
	}
	if r.from != "" {
		closeSources, err := r.sources(ctx)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, closeSources()) }()
	}
	steps := []func(context.Context) error{r.damages, r.strays}
	if !r.sum.DryRun {
		steps = append(steps, r.clean)
	}
	for _, step := range steps {
		if err := step(ctx); err != nil {
			r.status.Aside(func() {})
			return err
		}
	}
	r.status.Aside(func() {})
	r.printSum()
	switch {
	case r.hold != nil && !r.duringHold && !r.asked && r.undone() > 0:
		return r.refusal()
	case r.unsure:
		return cli.ErrReported
	case r.sum.Lost > 0:
		return cli.ErrDamage
	}
	return nil
}

// adopts settles which library gets the adopted: nobody can tell of an object which one it was of.
func (r *repairer) adopts(ctx context.Context) error {
	if r.orphans != "adopt" {
		return nil
	}
	list, err := r.n.Catalog.Libraries().List(ctx)
	if err != nil {
		return err
	}
	var ids []string
	for _, l := range list {
		ids = append(ids, l.ID)
	}
	switch {
	case r.library == "" && len(ids) == 1:
		r.library = ids[0]
	case r.library == "":
		return dam.InvalidInput("--library", reasons.LibraryNeededForDrafts(strings.Join(ids, ", ")))
	case !slices.Contains(ids, r.library):
		return dam.InvalidInput("--library", reasons.NoLibraryNamed(cli.Visible(r.library), strings.Join(ids, ", ")))
	}
	return nil
}

// held looks whether the server holds. Then the run is a rehearsal, unless it was asked for: it says what it changes.
func (r *repairer) held(ctx context.Context) (err error) {
	r.asked = r.sum.DryRun
	if r.hold, err = r.n.Catalog.Epochs().Hold(ctx); err != nil || r.hold == nil {
		return err
	}
	if !r.duringHold {
		r.sum.DryRun = true
		return nil
	}
	if r.sum.DryRun {
		return nil
	}
	_, err = fmt.Fprintf(r.diagnostics, "vitrine: the catalogue %s. This replaces damaged objects in %s, which "+
		"another server may use, by copies with the catalogue's hash%s; it deletes nothing.\n",
		r.hold.Words(), r.n.Store,
		map[bool]string{true: ", and adds what adopted originals need"}[r.orphans == "adopt"])
	r.service.Store = r.n.Store.Store // not guarded
	return err
}

// undone is how much a rehearsal would have changed in the store.
func (r *repairer) undone() int {
	n := r.sum.Repaired
	if r.orphans == "adopt" || r.orphans == "remove" {
		n += r.sum.Orphaned
	}
	return n
}

// refusal says why a run during a hold has changed nothing.
func (r *repairer) refusal() error {
	e := &dam.Error{Code: dam.Conflict, Reason: reasons.HeldStoreUnchanged(r.hold.Why(), r.n.Store)}
	if r.orphans == "remove" {
		e.Reason = reasons.HeldOrphansStay(r.hold.Why(), r.n.Store)
	}
	return e
}

// sources opens what --from names.
func (r *repairer) sources(ctx context.Context) (func() error, error) {
	if !strings.HasPrefix(r.from, "disk:") && !strings.Contains(r.from, "://") {
		b, err := openBackup(r.n.Config, r.from)
		if err != nil {
			return nil, err
		}
		list, err := b.Generations()
		if err != nil {
			return nil, errors.Join(err, b.Close())
		}
		for _, g := range list {
			s, err := b.Store(ctx, g)
			if err != nil {
				return nil, errors.Join(err, b.Close())
			}
			r.service.Sources = append(r.service.Sources, s)
		}
		return b.Close, nil
	}
	credentials := r.n.S3
	if key := os.Getenv("VITRINE_FROM_S3_ACCESS_KEY"); key != "" {
		credentials = s3.Credentials{AccessKey: key, SecretKey: os.Getenv("VITRINE_FROM_S3_SECRET_KEY")}
	}
	if path, ok := strings.CutPrefix(r.from, "disk:"); ok {
		if _, err := os.Stat(path); err != nil { // opening would make an empty one
			return nil, dam.InvalidInput("--from", reasons.NoFolderAtPath(path))
		}
	}
	s, err := server.OpenStore(ctx, r.from, credentials)
	if err != nil {
		return nil, err
	}
	if s.String() == r.n.Store.String() {
		return nil, errors.Join(dam.InvalidInput("--from", reasons.RepairFromItself()), s.Close())
	}
	r.service.Sources = []storage.Store{s}
	return s.Close, nil
}

// damages finds what is damaged, then repairs it.
func (r *repairer) damages(ctx context.Context) error {
	if !r.known {
		err := r.service.Examine(ctx, r.sum.DryRun, func(objects int, bytes int64) {
			r.sum.Objects, r.sum.Bytes = objects, bytes
			r.status.Say("%d objects, %s read", objects, cli.Bytes(bytes))
		}, func(b catalog.Blob, p dam.ObjectProblem) error {
			if !r.sum.DryRun {
				return nil // it is recorded
			}
			return r.would(ctx, b, p)
		})
		if err != nil {
			return err
		}
	}
	if r.sum.DryRun && !r.known {
		return nil
	}
	for after := ""; ; {
		list, err := r.n.Catalog.Objects().Damages(ctx, dam.DamageOpen, after, 100)
		if err != nil || len(list) == 0 {
			return err
		}
		for _, d := range list {
			after = d.Key
			if r.sum.DryRun {
				err = r.would(ctx, catalog.Blob{Key: d.Key, SHA256: d.SHA256, Size: d.Size}, d.Problem)
			} else {
				err = r.repair(ctx, d)
			}
			if err != nil {
				return err
			}
		}
	}
}

// would says what would become of a damaged object.
func (r *repairer) would(ctx context.Context, b catalog.Blob, p dam.ObjectProblem) error {
	l := RepairLine{Action: Lost, Key: b.Key, Problem: p}
	source, err := r.service.Source(ctx, b)
	switch {
	case err != nil:
		return err
	case source != nil:
		l.Action, l.Source = Repaired, source.String()
	case strings.HasPrefix(b.Key, "renditions/"):
		l.Action = Queued
	case strings.HasPrefix(b.Key, "copies/"):
		l.Action, l.Source = Repaired, dam.RepairedByRendering
	}
	r.print(l)
	return nil
}

func (r *repairer) repair(ctx context.Context, d dam.Damage) error {
	l := RepairLine{Action: Repaired, Key: d.Key, Problem: d.Problem, Assets: d.Assets}
	var err error
	l.Source, err = r.service.RepairObject(ctx, d.Key)
	switch {
	case errors.Is(err, integrity.ErrNoSource) && strings.HasPrefix(d.Key, "renditions/"):
		l.Action = Queued
		if err := r.service.Ask(ctx, r.queue, d.Key); err != nil {
			return err
		}
	case errors.Is(err, integrity.ErrNoSource):
		l.Action, l.Detail = Lost, "give another --from, or upload the same file again"
		if dam.CodeOf(err) == dam.Unavailable {
			l.Detail = "a source could not be read, so run it again; or " + l.Detail
		}
	case err != nil:
		return err
	}
	r.print(l)
	return nil
}
