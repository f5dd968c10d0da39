package remote

import (
	"fmt"
	"net/http"
	"net/url"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"vitrine/dam"
)

func renditionsCommand() *cobra.Command {
	r := &connection{}
	var cancel string
	var retry bool
	cmd := &cobra.Command{Use: "renditions ASSET",
		Short: "Print an asset's renditions and how far its videos are; stop one, or try again",
		Args:  cobra.ExactArgs(1),
		Example: "  vitrine renditions a_06h0…\n  vitrine renditions a_06h0… --cancel video-vertical\n  vitrine " +
			"renditions a_06h0… --retry",
		RunE: func(cmd *cobra.Command, args []string) error {
			base := "/api/assets/" + url.PathEscape(args[0]) + "/renditions"
			switch {
			case cancel != "":
				return r.object(cmd.Context(), http.MethodPost, base+"/"+url.PathEscape(cancel)+"/cancel", nil, nil)
			case retry:
				return r.object(cmd.Context(), http.MethodPost, base+"/retry", nil, nil)
			}
			var page struct {
				Items []struct {
					dam.Rendition
					URL string `json:"url"`
				} `json:"items"`
				Films []dam.VideoRendition `json:"films"`
			}
			if err := r.object(cmd.Context(), http.MethodGet, base, nil, &page); err != nil {
				return err
			}
			w := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 4, 2, ' ', 0)
			_, _ = fmt.Fprintln(w, "PRESET\tFORMAT\tSIZE\tBYTES\tSECONDS\tSTATE\tURL") // Flush reports
			for _, x := range page.Items {
				seconds := ""
				if x.Duration > 0 {
					seconds = fmt.Sprintf("%.1f", x.Duration)
				}
				_, _ = fmt.Fprintf(w, "%s\t%s\t%d × %d\t%d\t%s\tready\t%s\n", x.Preset, x.Format, x.Width, x.Height,
					x.Size, seconds, x.URL)
			}
			for _, f := range page.Films {
				state := string(f.State)
				switch {
				case f.State == dam.VideoRunning:
					state = fmt.Sprintf("%.0f %%", f.Progress*100)
				case f.Note != "":
					state += ": " + f.Note
				}
				_, _ = fmt.Fprintf(w, "%s\t%s\t\t\t\t%s\t\n", f.Preset, f.Format, state)
			}
			return w.Flush()
		}}
	r.flags(cmd)
	cmd.Flags().StringVar(&cancel, "cancel", "", "stop the making of a preset's video")
	cmd.Flags().BoolVar(&retry, "retry", false, "make again what failed or was cancelled")
	cmd.MarkFlagsMutuallyExclusive("cancel", "retry")
	return cmd
}
