package remote

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/spf13/cobra"

	"vitrine/cmd/vitrine/cli"
	"vitrine/dam"
	"vitrine/dam/signage"
)

// playlistCommand shows what a group of screens plays, and changes the order.
func (r *connection) playlistCommand() *cobra.Command {
	var move, before string
	cmd := &cobra.Command{
		Use: "playlist CHANNEL", Short: "Print what the screens of a signage channel play, or move an entry",
		Example: `  vitrine channel playlist Windows
  vitrine channel playlist Windows --move p_06h1… --before p_06h0…`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := r.channel(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			path := "/api/channels/" + url.PathEscape(id) + "/playlist"
			if move != "" {
				if err := r.object(cmd.Context(), http.MethodPost, path+"/move", map[string]string{"publication": move,
					"before": before}, nil); err != nil {
					return err
				}
				_, err = fmt.Fprintln(cmd.OutOrStdout(), "moved; the screens hear of it at once")
				return err
			}
			var list signage.Playlist
			if err := r.object(cmd.Context(), http.MethodGet, path, nil, &list); err != nil {
				return err
			}
			const head = "PUBLICATION\tNOW\tSECONDS\tDATES\tDAY-PARTS\tTITLE"
			return cli.Table(cmd, head, len(list.Items), func(i int) string {
				e, dates := list.Items[i], ""
				if s := e.Showing; s.From+s.Until != "" {
					dates = string(s.From) + "…" + string(s.Until)
				}
				return fmt.Sprintf("%s\t%s\t%d\t%s\t%s\t%s", e.Publication, e.Now,
					cmp.Or(e.Showing.Seconds, list.Group.Seconds), cmp.Or(dates, "always"),
					cmp.Or(e.Showing.DayParts, "always"), e.Title)
			})
		}}
	cmd.Flags().StringVar(&move, "move", "", "the publication to move")
	cmd.Flags().StringVar(&before, "before", "", "the publication it is put in front of; last when left out")
	return cmd
}

// screensCommand lists the screens of a group, adds and removes them.
func (r *connection) screensCommand() *cobra.Command {
	var add, drop string
	var preview bool
	cmd := &cobra.Command{
		Use: "screens CHANNEL", Short: "List the screens of a signage channel and what they show; add, remove, preview",
		Example: `  vitrine channel screens Windows
  vitrine channel screens Windows --add 'Lyon, left window'   # prints the address to open on it, once
  vitrine channel screens Windows --preview`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := r.channel(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			path := "/api/channels/" + url.PathEscape(id) + "/screens"
			switch {
			case add != "":
				var s dam.Screen
				if err := r.object(cmd.Context(), http.MethodPost, path, map[string]string{"name": add},
					&s); err != nil {
					return err
				}
				_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s\n%s\n", s.ID, s.URL)
				return err
			case drop != "":
				return r.object(cmd.Context(), http.MethodDelete, path+"/"+url.PathEscape(drop), nil, nil)
			case preview:
				var at struct {
					URL string `json:"url"`
				}
				if err := r.object(cmd.Context(), http.MethodPost, path+"/preview", nil, &at); err != nil {
					return err
				}
				_, err = fmt.Fprintln(cmd.OutOrStdout(), at.URL)
				return err
			}
			var page struct {
				Items []dam.Screen `json:"items"`
			}
			if err := r.object(cmd.Context(), http.MethodGet, path, nil, &page); err != nil {
				return err
			}
			return cli.Table(cmd, "ID\tNAME\tSTATE\tLAST SEEN\tSHOWS", len(page.Items), func(i int) string {
				s, seen := page.Items[i], "never"
				if s.LastSeen != nil {
					seen = s.LastSeen.Format(time.RFC3339)
				}
				return fmt.Sprintf("%s\t%s\t%s\t%s\t%s", s.ID, s.Name, s.State, seen, s.Title)
			})
		}}
	f := cmd.Flags()
	f.StringVar(&add, "add", "", "add a screen of this name")
	f.StringVar(&drop, "remove", "", "remove the screen with this id")
	f.BoolVar(&preview, "preview", false, "print an address that shows what the screens show, for half an hour")
	cmd.MarkFlagsMutuallyExclusive("add", "remove", "preview")
	return cmd
}
