package remote

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"vitrine/cmd/vitrine/cli"
	"vitrine/dam"
)

func reprocessCommand() *cobra.Command {
	r := &connection{}
	cmd := &cobra.Command{
		Use:   "reprocess",
		Short: "Do again what earlier versions did wrongly: files refused, not shown, or shown wrongly",
		Long: `After an upgrade the server reads every file that an earlier version refused, could not show, or may have shown
wrongly, and says what it can do better. Nothing changes before that is confirmed: then quarantined files become
assets, and renditions are made or replaced. What is on channels stays as it is; those publications are listed.`,
		Example: `  vitrine reprocess show
  vitrine reprocess confirm
  vitrine reprocess publications
  vitrine reprocess examine`,
	}
	r.flags(cmd)
	cmd.AddCommand(r.reprocessShow(),
		r.reprocessAct("examine", "Examine the files again, for example after installing a missing program", false),
		r.reprocessAct("confirm", "Do what was found, and show how far it is", true),
		r.reprocessAct("cancel", "End it; what is done stays", true),
		r.reprocessFiles(), r.reprocessPublications())
	return cmd
}

const reprocessingPath = "/api/reprocessing"

// reprocessing returns the one that args name, or the newest.
func (r *connection) reprocessing(ctx context.Context, args []string) (x dam.Reprocessing, err error) {
	id := ""
	if len(args) > 0 {
		id = args[0]
	} else {
		var page struct {
			Items []dam.Reprocessing `json:"items"`
		}
		if err := r.object(ctx, http.MethodGet, reprocessingPath, nil, &page); err != nil {
			return x, err
		}
		if len(page.Items) == 0 {
			return x, errors.New("reprocess: no files have been examined; see vitrine reprocess examine")
		}
		id = page.Items[0].ID
	}
	err = r.object(ctx, http.MethodGet, reprocessingPath+"/"+url.PathEscape(id), nil, &x)
	return x, err
}

func (r *connection) reprocessShow() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{Use: "show [ID]",
		Short: "Say what was found: counts by action, reason and type, with examples",
		Args:  cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			x, err := r.reprocessing(cmd.Context(), args)
			if err != nil {
				return err
			}
			if asJSON {
				return json.NewEncoder(cmd.OutOrStdout()).Encode(x)
			}
			return reportReprocessing(cmd.OutOrStdout(), x)
		}}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

// reportReprocessing prints what a reprocessing has found, and what to do next.
func reportReprocessing(out io.Writer, x dam.Reprocessing) error {
	w := tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)
	_, _ = fmt.Fprintf(w, "%s: %s, %d files read, %d to reprocess, %d done, %d failed %s\n", x.ID, x.State, x.Examined,
		x.Total, x.Done, x.Failed, x.Note) // Flush reports
	if len(x.Groups) > 0 {
		_, _ = fmt.Fprintln(w, "\nACTION\tTYPE\tFILES\tWHY")
	}
	for _, g := range x.Groups {
		_, _ = fmt.Fprintf(w, "%s\t%s\t%d\t%s\n", g.Action, g.MediaType, g.Count, g.Reason)
		for _, e := range g.Examples {
			_, _ = fmt.Fprintf(w, "\t\t\t  %s %s\n", e.FileName, e.Asset)
		}
	}
	if x.Publications > 0 {
		_, _ = fmt.Fprintf(w,
			"\n%d publications show a wrong picture; none is sent again by itself. See: vitrine reprocess "+
				"publications %s\n", x.Publications, x.ID)
	}
	if x.State == dam.ReprocessingReady {
		_, _ = fmt.Fprintf(w, "\nNothing has been changed yet. Go on with: vitrine reprocess confirm %s\n", x.ID)
	}
	return w.Flush()
}

func (r *connection) reprocessAct(use, short string, one bool) *cobra.Command {
	cmd := &cobra.Command{Use: use, Short: short, Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			path := reprocessingPath
			if one {
				x, err := r.reprocessing(cmd.Context(), args)
				if err != nil {
					return err
				}
				path += "/" + url.PathEscape(x.ID) + "/" + use
			}
			var x dam.Reprocessing
			if err := r.object(cmd.Context(), http.MethodPost, path, nil, &x); err != nil {
				return err
			}
			return r.followReprocessing(cmd, x)
		}}
	if one {
		cmd.Use, cmd.Args = use+" [ID]", cobra.MaximumNArgs(1)
	}
	return cmd
}

// followReprocessing shows one until it waits or has ended, then what was found.
func (r *connection) followReprocessing(cmd *cobra.Command, x dam.Reprocessing) error {
	ctx, path := cmd.Context(), reprocessingPath+"/"+url.PathEscape(x.ID)
	line := cli.NewStatus(cmd.ErrOrStderr())
	for x.State == dam.ReprocessingExamining || x.State == dam.ReprocessingRunning {
		line.Say("%s  %d files read, %d of %d done, %d failed", x.State, x.Examined, x.Done, x.Total, x.Failed)
		select {
		case <-ctx.Done():
			return fmt.Errorf("it goes on at the server; end it with: vitrine reprocess cancel %s", x.ID)
		case <-time.After(200 * time.Millisecond):
		}
		if err := r.object(ctx, http.MethodGet, path, nil, &x); err != nil {
			return err
		}
	}
	line.Aside(func() {})
	if err := r.object(ctx, http.MethodGet, path, nil, &x); err != nil {
		return err
	}
	if err := reportReprocessing(cmd.OutOrStdout(), x); err != nil {
		return err
	}
	if x.State == dam.ReprocessingFailed || x.Failed > 0 {
		return cli.ErrReported
	}
	return nil
}

func (r *connection) reprocessFiles() *cobra.Command {
	var state string
	cmd := &cobra.Command{Use: "files [ID]", Short: "List the files, with what became of each",
		Args: cobra.MaximumNArgs(1), Example: "  vitrine reprocess files --state failed",
		RunE: func(cmd *cobra.Command, args []string) error {
			x, err := r.reprocessing(cmd.Context(), args)
			if err != nil {
				return err
			}
			var all []dam.ReprocessingItem
			for after := 0; ; after = all[len(all)-1].N {
				var page struct {
					Items []dam.ReprocessingItem `json:"items"`
				}
				if err := r.object(cmd.Context(), http.MethodGet,
					fmt.Sprintf("%s/%s/items?limit=1000&after=%d&state=%s",
						reprocessingPath, url.PathEscape(x.ID), after, url.QueryEscape(state)), nil,
					&page); err != nil {
					return err
				}
				if len(page.Items) == 0 {
					break
				}
				all = append(all, page.Items...)
			}
			return cli.Table(cmd, "ACTION\tTYPE\tSTATE\tASSET\tFILE\tWHY", len(all), func(i int) string {
				x := all[i]
				return fmt.Sprintf("%s\t%s\t%s\t%s\t%s\t%s", x.Action, x.MediaType, x.State, x.Asset, x.FileName,
					cmp.Or(x.Note, x.Reason))
			})
		}}
	cmd.Flags().StringVar(&state, "state", "", "only those pending, done or failed")
	return cmd
}

func (r *connection) reprocessPublications() *cobra.Command {
	return &cobra.Command{Use: "publications [ID]",
		Short: "List the publications whose channel has a wrong picture; none is sent again by itself",
		Args:  cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			x, err := r.reprocessing(cmd.Context(), args)
			if err != nil {
				return err
			}
			var all []dam.Publication
			for after := ""; ; after = all[len(all)-1].ID {
				var page struct {
					Items []dam.Publication `json:"items"`
				}
				if err := r.object(cmd.Context(), http.MethodGet, reprocessingPath+"/"+url.PathEscape(x.ID)+
					"/publications?limit=200&after="+url.QueryEscape(after), nil, &page); err != nil {
					return err
				}
				if len(page.Items) == 0 {
					break
				}
				all = append(all, page.Items...)
			}
			return cli.Table(cmd, "ID\tCHANNEL\tASSET\tURL", len(all), func(i int) string {
				p, at := all[i], ""
				if p.Receipt != nil {
					at = p.Receipt.URL
				}
				return fmt.Sprintf("%s\t%s\t%s\t%s", p.ID, p.Channel, p.Asset, at)
			})
		}}
}
