package remote

import (
	"cmp"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"vitrine/cmd/vitrine/cli"
	"vitrine/dam"
	"vitrine/dam/canon"
	"vitrine/dam/reasons"
	"vitrine/publishers/accounts"
	"vitrine/publishers/planning"
)

// scheduleCommand gives a channel its slots, its policy and its limits.
func (r *connection) scheduleCommand() *cobra.Command {
	var slots, rates []string
	var x dam.Schedule
	var catchUp string
	var noSlots, noRates bool
	cmd := &cobra.Command{
		Use: "schedule CHANNEL", Short: "Give a channel weekly slots, limits, and a policy for what comes too late",
		Long: `Give a channel weekly slots, limits, and a policy for what comes too late, and print the schedule. What no
flag names stays as it is; without flags the schedule is printed only. --slot and --rate replace all slots and all limits.`,
		Example: `  vitrine channel schedule X --zone Europe/Paris --slot mon@09:00 --slot thu@18:30
  vitrine channel schedule X --catch-up ask --grace 30 --rate 25/1440
  vitrine channel schedule X --no-slots`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := r.channel(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			path := "/api/channels/" + id
			var ch dam.Channel
			if err := r.object(cmd.Context(), http.MethodGet, path, nil, &ch); err != nil {
				return err
			}
			for _, s := range slots {
				day, at, _ := strings.Cut(s, "@")
				x.Slots = append(x.Slots, dam.QueueSlot{Day: day, At: at})
			}
			for _, s := range rates {
				var l dam.Rate
				if _, err := fmt.Sscanf(s, "%d/%d", &l.Max, &l.Minutes); err != nil {
					return dam.InvalidInput("--rate", reasons.NotARate(s))
				}
				x.Rates = append(x.Rates, l)
			}
			now, changes := ch.Schedule, false
			for flag, take := range map[string]func(){"zone": func() { now.Zone = x.Zone },
				"slot": func() { now.Slots = x.Slots }, "no-slots": func() { now.Slots = nil },
				"catch-up": func() { now.CatchUp = dam.CatchUp(catchUp) },
				"grace":    func() { now.GraceMinutes = x.GraceMinutes },
				"rate":     func() { now.Rates = x.Rates }, "no-rates": func() { now.Rates = nil }} {
				if cmd.Flags().Changed(flag) {
					take()
					changes = true
				}
			}
			if !changes {
				return printSchedule(cmd.OutOrStdout(), ch.Schedule)
			}
			if err := now.Validate(); err != nil {
				return err
			}
			var changed dam.Channel
			if err := r.object(cmd.Context(), http.MethodPatch, path, accounts.ChannelPatch{Schedule: &now},
				&changed); err != nil {
				return err
			}
			return printSchedule(cmd.OutOrStdout(), changed.Schedule)
		}}
	f := cmd.Flags()
	f.StringVar(&x.Zone, "zone", "", "IANA zone of the slots; the library's when left out")
	f.StringArrayVar(&slots, "slot", nil, "weekly slot DAY@HH:MM, for example mon@09:00 (repeatable)")
	f.StringVar(&catchUp, "catch-up", "late", "what becomes of a post that missed its time: late, skip or ask")
	f.IntVar(&x.GraceMinutes, "grace", 0, "minutes that still count as in time; 15 when left out")
	f.StringArrayVar(&rates, "rate", nil, "at most so many in so many minutes, MAX/MINUTES (repeatable)")
	f.BoolVar(&noSlots, "no-slots", false, "take all slots away")
	f.BoolVar(&noRates, "no-rates", false, "take all limits away")
	cmd.MarkFlagsMutuallyExclusive("slot", "no-slots")
	cmd.MarkFlagsMutuallyExclusive("rate", "no-rates")
	return cmd
}

func printSchedule(w io.Writer, s dam.Schedule) error {
	var slots, rates []string
	for _, x := range s.Slots {
		slots = append(slots, x.Day+"@"+x.At)
	}
	for _, x := range s.Rates {
		rates = append(rates, fmt.Sprintf("%d/%d", x.Max, x.Minutes))
	}
	_, err := fmt.Fprintf(w, "slots     %s\nzone      %s\ncatch-up  %s\ngrace     %d minutes\nlimits    %s\n",
		cmp.Or(strings.Join(slots, " "), "none"), cmp.Or(s.Zone, "the library's"), cmp.Or(string(s.CatchUp), "late"),
		cmp.Or(s.GraceMinutes, 15), cmp.Or(strings.Join(rates, " "), "none"))
	return err
}

func campaignCommand() *cobra.Command {
	r := &connection{}
	cmd := &cobra.Command{Use: "campaign", Short: "List campaigns, hold them and let them go on"}
	r.flags(cmd)
	list := func(cmd *cobra.Command) ([]dam.Campaign, error) {
		var page struct {
			Items []dam.Campaign `json:"items"`
		}
		err := r.object(cmd.Context(), http.MethodGet, "/api/campaigns", nil, &page)
		return page.Items, err
	}
	act := func(use, short string) *cobra.Command {
		return &cobra.Command{Use: use + " CAMPAIGN", Short: short, Args: cobra.ExactArgs(1),
			Example: "  vitrine campaign " + use + " Spring", RunE: func(cmd *cobra.Command, args []string) error {
				all, err := list(cmd)
				if err != nil {
					return err
				}
				for _, c := range all {
					if c.ID == args[0] || canon.Same(c.Name, args[0]) {
						return r.object(cmd.Context(), http.MethodPost, "/api/campaigns/"+url.PathEscape(c.ID)+"/"+use,
							nil,
							nil)
					}
				}
				return &dam.Error{Code: dam.NotFound, Reason: reasons.NoCampaignNamed(args[0])}
			}}
	}
	cmd.AddCommand(&cobra.Command{Use: "list", Short: "List campaigns", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			all, err := list(cmd)
			if err != nil {
				return err
			}
			return cli.Table(cmd, "ID\tNAME\tHELD", len(all), func(i int) string {
				return fmt.Sprintf("%s\t%s\t%v", all[i].ID, all[i].Name, all[i].Held)
			})
		}}, act("hold", "Hold everything of a campaign that is planned"), act("resume", "Let a campaign go on"))
	return cmd
}

func seriesCommand() *cobra.Command {
	r := &connection{}
	cmd := &cobra.Command{Use: "series", Short: "Publish an asset again and again"}
	r.flags(cmd)
	var in planning.SeriesInput
	add := &cobra.Command{
		Use: "add ASSET --channel CHANNEL --start TIME --every day|week|month", Short: "Start a series",
		Example: `  vitrine series add a_06h0… --channel X --start 2027-01-04T09:00 --zone Europe/Paris --every week --day mon --day thu --count 12`,
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := r.channel(cmd.Context(), in.Channel)
			if err != nil {
				return err
			}
			in.Asset, in.Channel = args[0], id
			var out dam.Series
			if err := r.object(cmd.Context(), http.MethodPost, "/api/series", in, &out); err != nil {
				return err
			}
			_, err = fmt.Fprintln(cmd.OutOrStdout(), out.ID, out.Planned, "planned")
			return err
		}}
	f := add.Flags()
	f.StringVar(&in.Channel, "channel", "", "the channel's name or id")
	f.StringVar(&in.Caption, "caption", "", "the posts' text")
	f.StringVar(&in.Language, "language", "", "language of the posts' texts; the library's when left out")
	f.StringVar(&in.Campaign, "campaign", "", "the campaign's name or id")
	f.StringArrayVar(&in.Presets, "preset", nil, "presets to send (repeatable)")
	f.StringVar(&in.Repeat.Start, "start", "", "wall-clock time of the first")
	f.StringVar(&in.Repeat.Zone, "zone", "", "IANA zone; the library's when left out")
	f.StringVar(&in.Repeat.Every, "every", "week", "day, week or month")
	f.IntVar(&in.Repeat.Step, "step", 1, "every so many days, weeks or months")
	f.StringArrayVar(&in.Repeat.Days, "day", nil, "for weeks: mon, tue, … (repeatable)")
	f.StringVar(&in.Repeat.Until, "until", "", "the last day")
	f.IntVar(&in.Repeat.Count, "count", 0, "at most so many")
	cmd.AddCommand(add, &cobra.Command{Use: "list", Short: "List series", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			var page struct {
				Items []dam.Series `json:"items"`
			}
			if err := r.object(cmd.Context(), http.MethodGet, "/api/series", nil, &page); err != nil {
				return err
			}
			const head = "ID\tASSET\tCHANNEL\tSTART\tEVERY\tPLANNED\tENDED\tNOTE"
			return cli.Table(cmd, head, len(page.Items), func(i int) string {
				x := page.Items[i]
				return fmt.Sprintf("%s\t%s\t%s\t%s %s\t%d %s\t%d\t%v\t%s", x.ID, x.Asset, x.Channel, x.Repeat.Start,
					x.Repeat.Zone, max(x.Repeat.Step, 1), x.Repeat.Every, x.Planned, x.Ended, x.Note)
			})
		}}, &cobra.Command{Use: "end SERIES", Short: "End a series and cancel what it planned",
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return r.object(cmd.Context(), http.MethodPost, "/api/series/"+url.PathEscape(args[0])+"/end", nil, nil)
		}})
	return cmd
}

func liveCommand() *cobra.Command {
	r := &connection{}
	cmd := &cobra.Command{Use: "live ASSET", Short: "Print where an asset is out in the world",
		Example: "  vitrine live a_06h0…", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			var page struct {
				Items []planning.Live `json:"items"`
			}
			if err := r.object(cmd.Context(), http.MethodGet, "/api/assets/"+url.PathEscape(args[0])+"/live", nil,
				&page); err != nil {
				return err
			}
			w := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 4, 2, ' ', 0)
			_, _ = fmt.Fprintln(w, "CHANNEL\tSTATE\tSEEN BY\tSINCE\tURL\tFIRST COMMENT") // Flush reports
			for _, l := range page.Items {
				since := ""
				if l.Since != nil {
					since = l.Since.Format(time.RFC3339)
				}
				_, _ = fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", l.Name, l.State, seenBy(l.PostStatus), since, l.URL,
					commented(l.Comment))
			}
			return w.Flush()
		}}
	r.flags(cmd)
	return cmd
}

// seenBy is who could see a post when it was sent.
func seenBy(r dam.PostStatus) string {
	switch r {
	case dam.PostDraft:
		return "nobody: a draft"
	case dam.PostScheduled:
		return "nobody: scheduled there"
	case dam.PostPrivate:
		return "the account"
	case dam.PostLimited:
		return "some"
	}
	return "everybody"
}

// commented is what became of the first comment of a post.
func commented(c *dam.SentComment) string {
	switch {
	case c == nil:
		return ""
	case c.Remote != "":
		return c.Remote
	case c.Problem != "":
		return "not there: " + c.Problem
	}
	return "may be there"
}
