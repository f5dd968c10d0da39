package local

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"vitrine/cmd/vitrine/cli"
	"vitrine/cmd/vitrine/config"
	"vitrine/cmd/vitrine/server"
	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/epoch"
	"vitrine/storage"
)

const (
	verifyPage    = 500         // catalogue rows read at a time
	verifyReaders = 4           // objects hashed at a time
	erasures      = "erasures/" // what was erased, kept beside the objects so that a restored backup forgets again
)

// Finding is an object that is not as the catalogue says.
type Finding struct {
	Problem string `json:"problem"` // database, missing, altered, unreadable or orphaned
	Key     string `json:"key"`
	Detail  string `json:"detail"`
}

// Verification is the sum of a run.
type Verification struct {
	Objects    int   `json:"objects"` // hashed
	Bytes      int64 `json:"bytes"`
	Database   int   `json:"database"`
	Missing    int   `json:"missing"`
	Altered    int   `json:"altered"`
	Unreadable int   `json:"unreadable"`
	Orphaned   int   `json:"orphaned"`
}

func (v Verification) clean() bool {
	return v.Database+v.Missing+v.Altered+v.Unreadable+v.Orphaned == 0
}

func verifyCommand() *cobra.Command {
	var asJSON bool
	var generations []string
	cmd := &cobra.Command{
		Use:   "verify [BACKUP]",
		Short: "Read every object again and compare it with the catalogue",
		Long: `Read every object again and compare its SHA-256 with the catalogue, and have the database check its own pages. It may
run beside the server. With the folder of a backup it reads that instead, without its server: the catalogue and the
objects of every generation, or of those that --generation names.

database    the database found damage in its own pages
missing     the catalogue refers to an object that isn't stored
altered     the bytes are not those the catalogue recorded
unreadable  the store gives an error while the object is read
orphaned    an object is stored that the catalogue doesn't know
unneeded    an object is in the backup that no generation refers to: no damage

The exit status is 3 when anything is wrong. --json prints a line per finding and a last one with the sums.`,
		Example: `  vitrine verify --data /var/lib/vitrine
  vitrine verify /mnt/backup/vitrine`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 1 {
				return verifyBackup(cmd, args[0], generations, asJSON)
			}
			if len(generations) > 0 {
				return cli.Usage(errors.New("verify: --generation belongs to a backup: name its folder"))
			}
			return verifyLive(cmd, args, asJSON)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON lines")
	cmd.Flags().StringSliceVar(&generations, "generation", nil, "with a backup: only these generations")
	config.AddFlags(cmd.Flags(), "data", "database", "storage")
	return cmd
}

// verifyLive compares the server's own store with its catalogue.
func verifyLive(cmd *cobra.Command, args []string, asJSON bool) error {
	return withNode(func(cmd *cobra.Command, _ []string, n *server.Installation) error {
		status := cli.NewStatus(cmd.ErrOrStderr())
		v := &verifier{Installation: n, status: status, notes: cmd.ErrOrStderr(), found: func(f Finding) {
			status.Aside(func() {
				if asJSON {
					cli.PrintJSON(cmd.OutOrStdout(), f)
				} else {
					printFinding(cmd.OutOrStdout(), f.Problem, f.Key, f.Detail)
				}
			})
		}}
		sum, err := v.run(cmd.Context())
		status.Aside(func() {})
		if err != nil {
			return err
		}
		if asJSON {
			cli.PrintJSON(cmd.OutOrStdout(), sum)
		} else {
			_, _ = fmt.Fprintf(cmd.OutOrStdout(), "%d objects, %s: %d damages of the database, %d missing, %d "+
				"altered, %d unreadable, %d orphaned\n",
				sum.Objects, cli.Bytes(sum.Bytes), sum.Database, sum.Missing, sum.Altered, sum.Unreadable, sum.Orphaned)
		}
		if !sum.clean() {
			return cli.ErrDamage
		}
		return nil
	})(cmd, args)
}

// verifier compares a store with a catalogue while both are in use. Whatever looks wrong is looked at again in the
// catalogue: an object may be pinned and not yet written, or collected since its row was read.
type verifier struct {
	*server.Installation
	found  func(Finding)
	status *cli.Status
	notes  io.Writer

	mu  sync.Mutex
	sum Verification
}

func (v *verifier) run(ctx context.Context) (Verification, error) {
	for _, pass := range []func(context.Context) error{v.database, v.objects, v.versions, v.orphans} {
		err := pass(ctx)
		if catalog.Corrupt(err) { // what can still be read is compared
			v.report(Finding{"database", v.Catalog.Database().Path(), err.Error()})
		} else if err != nil {
			return v.sum, err
		}
	}
	return v.sum, nil
}

// database has the database check its own pages.
func (v *verifier) database(ctx context.Context) error {
	v.status.Say("the database checks its pages")
	found, err := v.Catalog.Database().Integrity(ctx, false)
	for _, p := range found.Problems {
		v.report(Finding{"database", v.DatabaseName(), p})
	}
	if found.Unchecked != "" && err == nil {
		v.status.Aside(func() { _, _ = fmt.Fprintln(v.notes, "vitrine:", found.Unchecked) })
	}
	return err
}

func (v *verifier) report(f Finding) {
	v.mu.Lock()
	defer v.mu.Unlock()
	switch f.Problem {
	case "database":
		v.sum.Database++
	case "missing":
		v.sum.Missing++
	case "altered":
		v.sum.Altered++
	case "unreadable":
		v.sum.Unreadable++
	case "orphaned":
		v.sum.Orphaned++
	}
	v.found(f)
}

// objects hashes all that the catalogue has recorded.
func (v *verifier) objects(ctx context.Context) error {
	g, work := errgroup.WithContext(ctx)
	g.SetLimit(verifyReaders)
	after := ""
	for work.Err() == nil {
		page, err := v.Catalog.Objects().Blobs(work, after, verifyPage)
		if err != nil {
			return errors.Join(err, g.Wait())
		}
		if len(page) == 0 {
			break
		}
		after = page[len(page)-1].Key
		for _, b := range page {
			g.Go(func() error { return v.object(work, b) })
		}
	}
	if err := g.Wait(); err != nil {
		return err
	}
	return ctx.Err()
}

func (v *verifier) object(ctx context.Context, b catalog.Blob) error {
	n, err := readWhole(ctx, v.Store, b)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	f := Finding{Key: b.Key}
	switch {
	case err == nil:
		v.mu.Lock()
		v.sum.Objects++
		v.sum.Bytes += n
		v.status.Say("%d objects, %s read", v.sum.Objects, cli.Bytes(v.sum.Bytes))
		v.mu.Unlock()
		return nil
	case errors.Is(err, storage.ErrNotFound):
		known, referenced, err := v.Catalog.Objects().BlobState(ctx, b.Key)
		if err != nil || !known || !referenced {
			return err // not written yet, or on its way out
		}
		f.Problem, f.Detail = "missing", "the catalogue refers to it"
	case errors.Is(err, storage.ErrChecksum):
		f.Problem, f.Detail = "altered", err.Error()
	default:
		f.Problem, f.Detail = "unreadable", err.Error()
	}
	v.report(f)
	return nil
}

func readWhole(ctx context.Context, s storage.Store, b catalog.Blob) (int64, error) {
	o, err := s.Open(ctx, b.Key)
	if err != nil {
		return 0, err
	}
	defer func() { _ = o.Close() }()
	r, err := storage.NewVerifier(ctx, o, storage.PutOptions{Size: b.Size, SHA256: b.SHA256})
	if err != nil {
		return 0, err
	}
	return io.Copy(io.Discard, r)
}

// versions finds versions whose original has no row: nothing would ever look for those.
func (v *verifier) versions(ctx context.Context) error {
	for after := uint32(0); ; {
		page, err := v.Catalog.Assets().Scan(ctx, after, verifyPage)
		if err != nil || len(page) == 0 {
			return err
		}
		for _, a := range page {
			after = max(after, a.Number)
			if err := v.originals(ctx, a); err != nil {
				return err
			}
		}
	}
}

func (v *verifier) originals(ctx context.Context, a dam.Asset) error {
	versions, err := v.Catalog.Versions().List(ctx, a.ID)
	if err != nil {
		return err
	}
	for _, x := range versions {
		key := dam.OriginalKey(x.SHA256)
		known, _, err := v.Catalog.Objects().BlobState(ctx, key)
		if err != nil {
			return err
		}
		if known {
			continue
		}
		if _, err := v.Catalog.Versions().Version(ctx, x.ID); dam.CodeOf(err) == dam.NotFound {
			continue // purged meanwhile
		} else if err != nil {
			return err
		}
		v.report(Finding{"missing", key, fmt.Sprintf("version %d of asset %s has no record of its object", x.N, a.ID)})
	}
	return nil
}

// orphans finds what is stored and unknown. The row is committed before an object is written and goes after it, so
// an object without a row is either gone by now or nobody's.
func (v *verifier) orphans(ctx context.Context) error {
	n := 0
	for info, err := range v.Store.List(ctx, "") {
		if err != nil {
			return err
		}
		n++
		v.status.Say("%d stored objects compared with the catalogue", n)
		if strings.HasPrefix(info.Key, erasures) || strings.HasPrefix(info.Key, epoch.Prefix) {
			continue
		}
		known, _, err := v.Catalog.Objects().BlobState(ctx, info.Key)
		if err != nil {
			return err
		}
		if known {
			continue
		}
		_, err = v.Store.Stat(ctx, info.Key)
		if errors.Is(err, storage.ErrNotFound) {
			continue
		}
		if err != nil {
			return err
		}
		v.report(Finding{"orphaned", info.Key, fmt.Sprintf("%d bytes that the catalogue doesn't know", info.Size)})
	}
	return nil
}
