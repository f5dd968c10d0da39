package remote

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"vitrine/cmd/vitrine/cli"
	"vitrine/dam"
	"vitrine/publishers/planning"
)

func draftCommand() *cobra.Command {
	r := &connection{}
	cmd := &cobra.Command{Use: "draft", Short: "List drafts of publications, read, plan, delete and restore them"}
	r.flags(cmd)
	const drafts = "/api/publications/drafts"
	state := "draft"
	list := &cobra.Command{Use: "list", Short: "List drafts, newest first", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			var all []planning.Draft
			for after := ""; ; {
				var page struct {
					Items []planning.Draft `json:"items"`
					Next  string           `json:"next"`
				}
				if err := r.object(cmd.Context(), http.MethodGet, drafts+"?limit=200&state="+url.QueryEscape(state)+
					"&after="+url.QueryEscape(after), nil, &page); err != nil {
					return err
				}
				all = append(all, page.Items...)
				if after = page.Next; after == "" {
					break
				}
			}
			return cli.Table(cmd, "ID\tCHANGED\tBY\tASSET\tCHANNELS\tTEXT", len(all), func(i int) string {
				d := all[i]
				return fmt.Sprintf("%s\t%s\t%s\t%s\t%d\t%s", d.ID, d.UpdatedAt.Format(time.RFC3339), d.UpdatedBy,
					d.Post.Asset, len(d.Post.Channels)+min(len(d.Post.Channel), 1), firstLine(d.Post.Caption))
			})
		}}
	list.Flags().StringVar(&state, "state", "draft", "draft, deleted or planned")
	one := func(use, short, method, suffix string) *cobra.Command {
		return &cobra.Command{Use: use + " DRAFT", Short: short, Args: cobra.ExactArgs(1),
			RunE: func(cmd *cobra.Command, args []string) error {
				var d json.RawMessage
				if err := r.object(cmd.Context(), method, drafts+"/"+url.PathEscape(args[0])+suffix, nil,
					&d); err != nil {
					return err
				}
				enc := json.NewEncoder(cmd.OutOrStdout())
				enc.SetIndent("", "  ")
				return enc.Encode(d)
			}}
	}
	plan := &cobra.Command{Use: "plan DRAFT", Short: "Plan what a draft says: it is a draft no longer",
		Example: "  vitrine draft plan dr_06h0…", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			var d planning.Draft
			if err := r.object(cmd.Context(), http.MethodGet, drafts+"/"+url.PathEscape(args[0]), nil,
				&d); err != nil {
				return err
			}
			in := d.Post
			in.FromDraft, in.DraftRevision = d.ID, d.Revision
			var out struct {
				Items []dam.Publication `json:"items"`
			}
			if err := r.object(cmd.Context(), http.MethodPost, "/api/publications", in, &out); err != nil {
				return err
			}
			for _, p := range out.Items {
				if _, err := fmt.Fprintln(cmd.OutOrStdout(), p.ID, p.State, p.At.Format(time.RFC3339)); err != nil {
					return err
				}
			}
			return nil
		}}
	cmd.AddCommand(list, one("show", "Print a draft as JSON", http.MethodGet, ""),
		one("history", "Print who changed a draft, when, and what it was", http.MethodGet, "/history"), plan,
		one("delete", "Delete a draft; restore brings it back for 30 days", http.MethodDelete, ""),
		one("restore", "Bring a deleted draft back", http.MethodPost, "/restore"))
	return cmd
}

// firstLine is the beginning of a text, for tables.
func firstLine(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	if runes := []rune(line); len(runes) > 60 {
		line = string(runes[:59]) + "…"
	}
	return cmp.Or(line, "–")
}
