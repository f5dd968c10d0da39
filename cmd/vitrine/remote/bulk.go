package remote

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"vitrine/cmd/vitrine/cli"
	"vitrine/dam"
	"vitrine/dam/bulk"
	"vitrine/dam/reasons"
)

func bulkCommand() *cobra.Command {
	r := &connection{}
	var in bulk.Request
	var set []string
	var collection, out string
	actions := map[string]*bool{}
	cmd := &cobra.Command{
		Use:   "bulk FILTER",
		Short: "Change every asset that a search finds, as one job",
		Long: `Change every asset that a search finds, as one job of the server, and show how far it is. The search is exact:
no typing error is forgiven. Interrupting the command leaves the job running; see vitrine bulk cancel. What a job
has changed can be put back for ten minutes with vitrine bulk undo.

With --read-metadata the job reads the metadata of the stored files again, such as those that an earlier version read
less of, and changes the fields that nobody has edited since. With --dry-run it reads just as much, changes nothing and
prints what would change: how many assets by field, and the first of them.

The exit status is 1 when an asset was left as it was; the reasons are printed.`,
		Example: `  vitrine bulk 'tag:summer -is:live' --tag archive --untag summer --dry-run
  vitrine bulk 'collection:"Spring 2026"' --set title.fr='Printemps' --set rights.until=2026-12-31
  vitrine bulk 'status:in_review uploaded:today' --approve
  vitrine bulk 'uploaded:<2026-11-29' --read-metadata --dry-run
  vitrine bulk undo b_06h0…`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			in.Filter.Q = args[0]
			var err error
			if in.Change.Set, err = fields(set); err != nil {
				return err
			}
			for name, chosen := range actions {
				if !*chosen {
					continue
				}
				if in.Change.Action != "" {
					return cli.Usage(fmt.Errorf("bulk: --%s and --%s exclude each other", in.Change.Action, name))
				}
				in.Change.Action = dam.BulkAction(strings.ReplaceAll(name, "-", "_"))
			}
			for _, c := range []struct {
				name string
				id   *string
			}{{collection, &in.Change.AddCollection}, {out, &in.Change.RemoveCollection}} {
				if c.name != "" {
					found, err := r.collection(cmd.Context(), c.name)
					if err != nil {
						return err
					}
					*c.id = found.ID
				}
			}
			var b dam.Bulk
			if err := r.object(cmd.Context(), http.MethodPost, "/api/assets/bulk", in, &b); err != nil {
				return err
			}
			if in.DryRun && b.ID == "" {
				_, err := fmt.Fprintln(cmd.OutOrStdout(), b.Total, "assets would be changed")
				return err
			}
			return r.follow(cmd, b)
		}}
	r.flags(cmd)
	f := cmd.Flags()
	f.StringSliceVar(&in.Change.AddTags, "tag", nil, "tag to add (repeatable)")
	f.StringSliceVar(&in.Change.RemoveTags, "untag", nil, "tag to take away (repeatable)")
	f.StringArrayVar(&set, "set", nil,
		"FIELD=VALUE: title, title.fr, creator, rating, rights.until, …; an empty value clears (repeatable)")
	f.StringVar(&collection, "collect", "", "collection to put the assets into, by name, path or id")
	f.StringVar(&out, "uncollect", "", "collection to take the assets out of, by name or id")
	f.BoolVar(&in.Filter.Bin, "bin", false, "look in the bin instead")
	f.StringSliceVar(&in.Except, "except", nil, "id of an asset to leave alone (repeatable)")
	f.StringVar(&in.Change.Comment, "comment", "", "kept with the decision; needed to reject")
	f.BoolVar(&in.DryRun, "dry-run", false, "change nothing: only count or, with --read-metadata, read and report")
	for name, usage := range map[string]string{"submit": "submit for review", "approve": "approve the newest version",
		"reject": "reject the newest version", "archive": "take out of use",
		"restore": "bring back what was archived", "delete": "move to the bin", "undelete": "take back from the bin",
		"read-metadata": "read the files' metadata again, and change what nobody has edited"} {
		actions[name] = f.Bool(name, false, usage)
	}
	cmd.AddCommand(r.bulkListCommand(),
		r.bulkActCommand("status", "Show how far a job is, and what failed", http.MethodGet, "", true),
		r.bulkActCommand("cancel", "Stop a job; what is done stays", http.MethodPost, "/cancel", false),
		r.bulkActCommand("retry", "Run what failed, or was not reached, again", http.MethodPost, "/retry", true),
		r.bulkActCommand("undo", "Put back what a job changed, within ten minutes", http.MethodPost, "/undo", true))
	return cmd
}

// fields makes a merge patch of FIELD=VALUE; a dot leads into a field.
func fields(list []string) (map[string]json.RawMessage, error) {
	patch := map[string]any{}
	for _, s := range list {
		path, v, found := strings.Cut(s, "=")
		if !found || path == "" {
			return nil, cli.Usage(errors.New("bulk: --set takes FIELD=VALUE, such as --set title.fr=Chaise"))
		}
		var value any
		switch name, _, _ := strings.Cut(path, "."); {
		case v == "": // null clears
		case name == "rating" || name == "focal" || name == "place" || strings.HasPrefix(v, "[") ||
			strings.HasPrefix(v, "{"):
			if err := json.Unmarshal([]byte(v), &value); err != nil {
				return nil, dam.InvalidInput("--set "+path, reasons.ValueNotOfFieldType(v))
			}
		case name == "tags" || name == "skus" || path == "rights.territories":
			value = strings.Split(v, ",")
		default:
			value = v
		}
		at := patch
		names := strings.Split(path, ".")
		for _, n := range names[:len(names)-1] {
			next, ok := at[n].(map[string]any)
			if !ok {
				next = map[string]any{}
				at[n] = next
			}
			at = next
		}
		at[names[len(names)-1]] = value
	}
	out := make(map[string]json.RawMessage, len(patch))
	for k, v := range patch {
		raw, err := json.Marshal(v)
		if err != nil {
			return nil, err
		}
		out[k] = raw
	}
	return out, nil
}

// follow shows a job until it has ended, then what failed.
func (r *connection) follow(cmd *cobra.Command, b dam.Bulk) error {
	ctx, path := cmd.Context(), "/api/bulk/"+url.PathEscape(b.ID)
	line := cli.NewStatus(cmd.ErrOrStderr())
	for !b.Ended() {
		line.Say("%s  %d of %d, %d failed", b.State, b.Done, b.Total, b.Failed)
		select {
		case <-ctx.Done():
			return fmt.Errorf("the job goes on at the server; stop it with: vitrine bulk cancel %s", b.ID)
		case <-time.After(200 * time.Millisecond):
		}
		if err := r.object(ctx, http.MethodGet, path, nil, &b); err != nil {
			return err
		}
	}
	line.Aside(func() {})
	return r.outcome(cmd, b)
}

// outcome prints how a job has ended.
func (r *connection) outcome(cmd *cobra.Command, b dam.Bulk) error {
	did := "changed,"
	if b.DryRun {
		did = map[bool]string{true: "tried,", false: "read,"}[b.Change.Action == dam.BulkImport]
	}
	if _, err := fmt.Fprintln(cmd.OutOrStdout(), b.ID, b.State, b.Done, "of", b.Total, did, b.Failed, "failed",
		b.Note); err != nil {
		return err
	}
	if err := printReport(cmd.OutOrStdout(), b); err != nil {
		return err
	}
	if b.Failed == 0 {
		if b.State == dam.BulkFailed {
			return cli.ErrReported
		}
		return nil
	}
	var page struct {
		Items []dam.BulkFailure `json:"items"`
	}
	if err := r.object(cmd.Context(), http.MethodGet, "/api/bulk/"+url.PathEscape(b.ID)+"/failures", nil,
		&page); err != nil {
		return err
	}
	for _, f := range page.Items {
		row := ""
		if f.Row > 0 {
			row = fmt.Sprintf("row %d: %s", f.Row, prefixed(f.Field))
		}
		if _, err := fmt.Fprintf(cmd.ErrOrStderr(), "%s  %s%s (%s)\n", f.Asset, row, f.Message,
			f.Remedy); err != nil {
			return err
		}
	}
	return cli.ErrReported
}

// printReport says what reading metadata again has found.
func printReport(out io.Writer, b dam.Bulk) error {
	r := b.Report
	if r == nil {
		return nil
	}
	verb := "changed"
	if b.DryRun {
		verb = "would change"
	}
	w := tabwriter.NewWriter(out, 0, 4, 2, ' ', 0) // Flush reports
	if b.Change.Action == dam.BulkImport {
		_, _ = fmt.Fprintf(w, "%d assets %s\n", r.Changed, verb)
	} else {
		_, _ = fmt.Fprintf(w, "%d assets %s, %d files can't be read whole\n", r.Changed, verb, r.Incomplete)
	}
	names := map[string]bool{}
	for _, counts := range []map[string]int{r.Fields, r.Kept} {
		for name := range counts {
			names[name] = true
		}
	}
	if len(names) > 0 {
		_, _ = fmt.Fprintln(w, "FIELD\tCHANGES\tEDITED AND KEPT")
	}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		_, _ = fmt.Fprintf(w, "%s\t%d\t%d\n", name, r.Fields[name], r.Kept[name])
	}
	for _, e := range r.Examples {
		_, _ = fmt.Fprintf(w, "%s\t%s\t%s → %s\n", e.Asset, e.Field, shown(e.Before), shown(e.After))
	}
	return w.Flush()
}

// shown is a field's value on a line.
func shown(v any) string {
	b, err := json.Marshal(v)
	if v == nil || err != nil {
		return "–"
	}
	return dam.Cut(string(b), 100)
}

func (r *connection) bulkActCommand(use, short, method, suffix string, follow bool) *cobra.Command {
	return &cobra.Command{Use: use + " JOB", Short: short, Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			var b dam.Bulk
			if err := r.object(cmd.Context(), method, "/api/bulk/"+url.PathEscape(args[0])+suffix, nil,
				&b); err != nil {
				return err
			}
			if !follow {
				return r.outcome(cmd, b)
			}
			return r.follow(cmd, b)
		}}
}

func (r *connection) bulkListCommand() *cobra.Command {
	return &cobra.Command{Use: "list", Short: "List bulk jobs, newest first", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			var page struct {
				Items []dam.Bulk `json:"items"`
			}
			if err := r.object(cmd.Context(), http.MethodGet, "/api/bulk", nil, &page); err != nil {
				return err
			}
			return cli.Table(cmd, "ID\tAT\tSTATE\tDONE\tFAILED\tFILTER", len(page.Items), func(i int) string {
				b, state := page.Items[i], string(page.Items[i].State)
				if b.DryRun {
					state += " (dry run)"
				}
				return fmt.Sprintf("%s\t%s\t%s\t%d/%d\t%d\t%s", b.ID, b.CreatedAt.Local().Format(time.DateTime), state,
					b.Done, b.Total, b.Failed, cmp.Or(b.Filter.Q, "-"))
			})
		}}
}
