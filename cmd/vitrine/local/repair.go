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
	"time"

	"github.com/spf13/cobra"

	"vitrine/cmd/vitrine/cli"
	"vitrine/cmd/vitrine/config"
	"vitrine/cmd/vitrine/server"
	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/ingest"
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

// RepairLine is one object as vitrine repair tells it.
type RepairLine struct {
	// repaired, queued, lost, orphaned, adopted or removed; with DryRun what would become of it
	Action  string            `json:"action"`
	Key     string            `json:"key"`
	Problem dam.ObjectProblem `json:"problem,omitempty"`
	Source  string            `json:"source,omitempty"`
	Assets  []string          `json:"assets,omitempty"`
	Detail  string            `json:"detail,omitempty"`
	DryRun  bool              `json:"dry_run,omitempty"`
}

// RepairSum is the sum of a run.
type RepairSum struct {
	Objects  int   `json:"objects"` // read
	Bytes    int64 `json:"bytes"`
	Repaired int   `json:"repaired"`
	Queued   int   `json:"queued"`
	Lost     int   `json:"lost"`
	Orphaned int   `json:"orphaned"`
	Adopted  int   `json:"adopted"`
	Removed  int   `json:"removed"`
	Cleaned  int   `json:"cleaned"` // unfinished uploads, temporary files, empty folders
	DryRun   bool  `json:"dry_run"`
}

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

func (r *repairer) print(l RepairLine) {
	switch l.Action {
	case Repaired:
		r.sum.Repaired++
	case Queued:
		r.sum.Queued++
	case Lost:
		r.sum.Lost++
	case Orphaned:
		r.sum.Orphaned++
	case Adopted:
		r.sum.Adopted++
	case Removed:
		r.sum.Removed++
	}
	l.DryRun = r.sum.DryRun
	r.status.Aside(func() {
		if r.asJSON {
			cli.PrintJSON(r.out, l)
			return
		}
		text := l.Action
		if r.sum.DryRun && (l.Action == Repaired || l.Action == Queued) {
			text = "would be " + l.Action
		}
		_, _ = fmt.Fprintf(r.out, "%-9s %s", text, l.Key)
		if l.Problem != "" {
			_, _ = fmt.Fprintf(r.out, " was %s", l.Problem)
		}
		if l.Source != "" {
			_, _ = fmt.Fprintf(r.out, "; from %s", l.Source)
		}
		if l.Detail != "" {
			_, _ = fmt.Fprintf(r.out, ": %s", l.Detail)
		}
		if len(l.Assets) > 0 {
			_, _ = fmt.Fprintf(r.out, " (%s)", strings.Join(l.Assets, ", "))
		}
		_, _ = fmt.Fprintln(r.out)
	})
}

func (r *repairer) printSum() {
	if r.asJSON {
		cli.PrintJSON(r.out, r.sum)
		return
	}
	would := ""
	if r.sum.DryRun {
		would = "would be "
	}
	_, _ = fmt.Fprintf(r.out, "%d objects read, %s: %d %srepaired, %d %squeued, %d lost", r.sum.Objects,
		cli.Bytes(r.sum.Bytes), r.sum.Repaired, would, r.sum.Queued, would, r.sum.Lost)
	if r.orphans != "" {
		_, _ = fmt.Fprintf(r.out, "; %d orphaned, %d adopted, %d removed", r.sum.Orphaned, r.sum.Adopted, r.sum.Removed)
	}
	if r.sum.Cleaned > 0 {
		_, _ = fmt.Fprintf(r.out, "; %d left by unfinished writes removed", r.sum.Cleaned)
	}
	if r.sum.DryRun {
		_, _ = fmt.Fprint(r.out, "; nothing was changed")
	}
	_, _ = fmt.Fprintln(r.out)
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

// strays deals with objects that the catalogue doesn't know.
func (r *repairer) strays(ctx context.Context) error {
	if r.orphans == "" {
		return nil
	}
	remove := r.orphans == "remove" && r.sure && !r.sum.DryRun
	adopt := func(context.Context, storage.Info) (RepairLine, error) { return RepairLine{}, nil }
	if r.orphans == "adopt" && !r.sum.DryRun {
		a, err := r.adopter()
		if err != nil {
			return err
		}
		defer a.close()
		adopt = a.adopt
	}
	var bytes int64
	err := r.service.Orphans(ctx, func(info storage.Info) error {
		l := RepairLine{Action: Orphaned, Key: info.Key, Detail: cli.Bytes(info.Size)}
		bytes += info.Size
		var err error
		switch {
		case remove:
			var done bool
			if done, err = r.service.RemoveOrphan(ctx, info); done {
				l.Action = Removed
			}
		case r.orphans == "adopt" && !r.sum.DryRun && integrity.Original(info.Key):
			l, err = adopt(ctx, info)
		}
		if err == nil {
			r.print(l)
		}
		return err
	})
	if err == nil && r.orphans == "remove" && !r.sure && r.sum.Orphaned > 0 {
		r.unsure = !r.sum.DryRun
		r.status.Aside(func() {
			_, _ = fmt.Fprintf(r.diagnostics, "vitrine: %d objects, %s, would be deleted for good. An older "+
				"catalogue doesn't know what was stored after it: be sure that this\n  is the newest, or adopt them "+
				"instead. Add --yes to delete them.\n", r.sum.Orphaned, cli.Bytes(bytes))
		})
	}
	return err
}

// adopter makes draft assets of orphaned originals.
type adopter struct {
	*repairer
	uploads *ingest.Service
	close   func()
}

func (r *repairer) adopter() (*adopter, error) {
	// The server's own folder for work is emptied when it starts; this one is nobody else's.
	dir, remove, err := dam.TempDir(r.n.Data, server.AdoptPrefix)
	if err != nil {
		return nil, err
	}
	intake, end := r.n.Uploads(r.service.Store, r.queue, dir)
	return &adopter{repairer: r, uploads: intake, close: func() { _ = errors.Join(end(), remove()) }}, nil
}

func (a *adopter) adopt(ctx context.Context, info storage.Info) (RepairLine, error) {
	l := RepairLine{Action: Orphaned, Key: info.Key}
	o, err := a.n.Store.Open(ctx, info.Key)
	if err != nil {
		return l, err
	}
	defer func() { _ = o.Close() }()
	f, err := a.uploads.Spool(ctx, o)
	if err != nil {
		return l, err
	}
	defer func() { _ = f.Remove() }()
	want := storage.KeySHA256(info.Key)
	if f.SHA256 != want {
		l.Detail = "its bytes are not those that its name says; it is left as it is"
		return l, nil
	}
	name := "recovered-" + want[:12]
	made, err := a.uploads.Ingest(ctx, f, ingest.Upload{Library: a.library, FileName: name})
	var refused *ingest.RejectedError
	switch {
	case errors.As(err, new(*ingest.DuplicateError)): // a version has it, only the row was lost
		l.Action = Adopted
		return l, a.service.Claim(ctx, info.Key)
	case errors.As(err, &refused):
		l.Detail = refused.Reason.Text()
		return l, nil
	case err != nil:
		return l, err
	}
	l.Action, l.Assets = Adopted, []string{made.Asset.ID}
	return l, nil
}

// clean removes what unfinished writes left. A store that does not allow it is as whole as before.
func (r *repairer) clean(ctx context.Context) (err error) {
	r.sum.Cleaned, err = r.service.Clean(ctx, time.Now().Add(-integrity.LeftFor))
	n, e := server.RemoveTemp(r.n.Config)
	r.sum.Cleaned, err = r.sum.Cleaned+n, errors.Join(err, e)
	if err == nil || ctx.Err() != nil {
		return ctx.Err()
	}
	r.status.Aside(func() {
		_, _ = fmt.Fprintln(r.diagnostics, "vitrine: what unfinished writes left could not be removed:", err)
	})
	return nil
}
