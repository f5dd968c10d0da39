package remote

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"vitrine/cmd/vitrine/config"
	"vitrine/cmd/vitrine/server"
	"vitrine/dam"
	"vitrine/dam/reasons"
	"vitrine/publishers"
	"vitrine/publishers/accounts"
)

// targetsCommand lists the places that a channel's account may publish to, and chooses one.
func (r *connection) targetsCommand() *cobra.Command {
	var asJSON bool
	var choose string
	cmd := &cobra.Command{
		Use:   "targets CHANNEL",
		Short: "List the pages, boards or playlists that a channel may publish to, or choose one",
		Example: `  vitrine channel targets Board
  vitrine channel targets Board --choose 549755885175`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := r.channel(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			path := "/api/channels/" + url.PathEscape(id)
			var list struct {
				Items []dam.ChannelTarget `json:"items"`
			}
			if err := r.object(cmd.Context(), http.MethodGet, path+"/targets", nil, &list); err != nil {
				return err
			}
			if choose != "" {
				return r.choose(cmd, path, choose, list.Items)
			}
			if asJSON {
				return printJSON(cmd.OutOrStdout(), list)
			}
			if len(list.Items) == 0 {
				_, err := fmt.Fprintln(cmd.ErrOrStderr(), "there is nothing to choose")
				return err
			}
			w := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 4, 2, ' ', 0)
			_, _ = fmt.Fprintln(w, "SETTING\tVALUE\tCHOSEN\tTITLE\tDETAIL") // Flush reports
			for _, t := range list.Items {
				chosen := ""
				if t.Chosen {
					chosen = "yes"
				}
				_, _ = fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", t.Setting, t.Value, chosen, t.Title, t.Detail)
			}
			return w.Flush()
		}}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the list as JSON")
	cmd.Flags().StringVar(&choose, "choose", "", "the value of the place to publish to from now on")
	return cmd
}

// choose makes a channel publish to one of its targets.
func (r *connection) choose(cmd *cobra.Command, path, value string, list []dam.ChannelTarget) error {
	i := slices.IndexFunc(list, func(t dam.ChannelTarget) bool { return t.Value == value })
	if i < 0 {
		return dam.InvalidInput("--choose", reasons.NoSuchTarget(value))
	}
	var ch dam.Channel
	if err := r.object(cmd.Context(), http.MethodGet, path, nil, &ch); err != nil {
		return err
	}
	k, ok := publishers.ByName(server.ChannelKinds(config.Config{}, nil))[ch.Kind]
	if !ok {
		return &dam.Error{Code: dam.Conflict, Reason: reasons.ChannelKindUnknownHere(ch.Kind)}
	}
	settings, err := k.With(ch.Config, list[i].Setting, value)
	if err != nil {
		return err
	}
	if err := r.object(cmd.Context(), http.MethodPatch, path, accounts.ChannelPatch{Config: settings},
		&ch); err != nil {
		return err
	}
	_, err = fmt.Fprintln(cmd.OutOrStdout(), ch.ID, ch.Health, list[i].Title)
	return err
}
