package remote

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/user"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"vitrine/cmd/vitrine/cli"
	"vitrine/cmd/vitrine/config"
	"vitrine/cmd/vitrine/local"
	"vitrine/cmd/vitrine/server"
	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/reasons"
	"vitrine/publishers/planning"
)

// heldState is what GET /api/system/hold answers.
type heldState struct {
	Hold  *dam.Hold `json:"hold"`
	Epoch dam.Epoch `json:"epoch"`
	Held  *struct {
		planning.Held
		Mail   int `json:"mail"`
		Purges int `json:"purges"`
	} `json:"held,omitempty"`
}

func holdCommand() *cobra.Command {
	r := &connection{}
	cmd := &cobra.Command{
		Use:   "hold",
		Short: "See, answer and release what a restored catalogue holds back",
		Long: `A catalogue that was restored from a backup, failed over or copied sends nothing by itself: no publications,
webhooks, mail or cache purges, until an administrator says go. What was due since the backup may have been
sent already: each of these publications waits for an answer, also after the release.`,
		Example: `  vitrine hold status
  vitrine hold answer p_06h0… --sent
  vitrine hold answer --channel Site --send
  vitrine hold release --yes`,
	}
	r.flags(cmd)
	cmd.AddCommand(r.holdStatus(), r.holdAnswer(), r.holdRelease(), holdBegin())
	return cmd
}

func (r *connection) held(ctx context.Context) (h heldState, err error) {
	err = r.object(ctx, http.MethodGet, "/api/system/hold", nil, &h)
	return h, err
}

// asked returns the publications that wait for an answer because the catalogue was restored; an empty channel means
// all.
func (r *connection) asked(ctx context.Context, channel string) (out []dam.Publication, err error) {
	for after := ""; ; {
		var page struct {
			Items []dam.Publication `json:"items"`
			Next  string            `json:"next"`
		}
		if err := r.object(ctx, http.MethodGet, "/api/publications?state=unconfirmed&limit=200&channel="+
			url.QueryEscape(channel)+"&after="+url.QueryEscape(after), nil, &page); err != nil {
			return nil, err
		}
		for _, p := range page.Items {
			if p.Problem != nil && p.Problem.Class == planning.ProblemRestored {
				out = append(out, p)
			}
		}
		if after = page.Next; after == "" {
			return out, nil
		}
	}
}

func (r *connection) holdStatus() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{Use: "status",
		Short: "Say whether the server holds, what a release will touch, and what waits for an answer",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			h, err := r.held(cmd.Context())
			if err != nil {
				return err
			}
			asked, err := r.asked(cmd.Context(), "")
			if err != nil {
				return err
			}
			out := cmd.OutOrStdout()
			if asJSON {
				return json.NewEncoder(out).Encode(struct {
					heldState
					Asked []dam.Publication `json:"asked"`
				}{h, asked})
			}
			if h.Hold == nil {
				if _, err := fmt.Fprintln(out, "nothing is held"); err != nil {
					return err
				}
			} else if err := reportHold(out, h); err != nil {
				return err
			}
			if len(asked) == 0 {
				return nil
			}
			w := tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)
			// Flush reports
			_, _ = fmt.Fprintf(w, "\nmay have been sent already (vitrine hold answer ID --sent, --send or "+
				"--cancel):\nID\tDUE\tCHANNEL\tASSET\tTEXT\n")
			for _, p := range asked {
				text := []rune(p.Caption)
				_, _ = fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", p.ID, p.At.Format(time.RFC3339), p.Channel, p.Asset,
					string(text[:min(len(text), 60)]))
			}
			return w.Flush()
		}}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

// reportHold says why the server holds, and what a release will touch.
func reportHold(out io.Writer, h heldState) error {
	w := tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)
	_, _ = fmt.Fprintf(w, "held since %s: the catalogue %s\n", h.Hold.Since.Local().Format(time.RFC3339),
		cli.Visible(h.Hold.Words()))
	if h.Hold.BackupAt != nil {
		_, _ = fmt.Fprintf(w, "it is as of about %s\n", h.Hold.BackupAt.Local().Format(time.RFC3339))
	}
	if h.Held != nil {
		if len(h.Held.Channels) > 0 {
			_, _ = fmt.Fprint(w, "\nCHANNEL\tWAIT FOR AN ANSWER\tGO OUT WITH THE RELEASE\tGO OUT LATER\tTAKEN "+
				"BACK\tSENT TWICE\n")
		}
		for _, c := range h.Held.Channels {
			twice := "posts twice"
			if c.Once {
				twice = "makes no second post"
			}
			_, _ = fmt.Fprintf(w, "%s\t%d\t%d\t%d\t%d\t%s\n", c.Name, c.Asked, c.Now, c.Later, c.Recalls, twice)
		}
		_, _ = fmt.Fprintf(w, "\nalso with the release: %d webhook deliveries, %d mails, %d cache purges\n",
			h.Held.Webhooks, h.Held.Mail, h.Held.Purges)
	}
	return w.Flush()
}

func (r *connection) holdAnswer() *cobra.Command {
	var channel string
	var sent, send, cancel bool
	cmd := &cobra.Command{
		Use: "answer PUBLICATION… | --channel CHANNEL", Short: "Say of publications whether they had been sent",
		Long: `Say of publications that were due when the catalogue was restored whether they had been sent: --sent when they are at
the channel, --send when they are not and shall be, --cancel when they are not and need not be.`,
		Example: "  vitrine hold answer p_06h0… p_06h1… --sent\n  vitrine hold answer --channel Site --send",
		RunE: func(cmd *cobra.Command, args []string) error {
			outcome := map[bool]string{sent: "delivered", send: "resend", cancel: "abandon"}[true]
			if len(args) == 0 && channel != "" {
				id, err := r.channel(cmd.Context(), channel)
				if err != nil {
					return err
				}
				list, err := r.asked(cmd.Context(), id)
				if err != nil {
					return err
				}
				if len(list) == 0 {
					_, err := fmt.Fprintf(cmd.OutOrStdout(), "nothing of the channel %s waits for an answer\n", channel)
					return err
				}
				for _, p := range list {
					args = append(args, p.ID)
				}
			} else if len(args) == 0 {
				return cli.Usage(fmt.Errorf("hold answer: name publications, or a --channel"))
			}
			for _, id := range args {
				var p dam.Publication
				if err := r.object(cmd.Context(), http.MethodPost, "/api/publications/"+url.PathEscape(id)+"/confirm",
					planning.Confirmation{Outcome: outcome}, &p); err != nil {
					return fmt.Errorf("%s: %w", id, err)
				}
				if _, err := fmt.Fprintln(cmd.OutOrStdout(), p.ID, p.State); err != nil {
					return err
				}
			}
			return nil
		}}
	f := cmd.Flags()
	f.StringVar(&channel, "channel", "", "all that wait of one channel, by its name or id")
	f.BoolVar(&sent, "sent", false, "it is there already")
	f.BoolVar(&send, "send", false, "it is not there: send it, with the release")
	f.BoolVar(&cancel, "cancel", false, "it is not there, and need not be")
	cmd.MarkFlagsMutuallyExclusive("sent", "send", "cancel")
	cmd.MarkFlagsOneRequired("sent", "send", "cancel")
	return cmd
}

// holdBegin is for what no server can tell: a machine that was put back whole, with its folder and its store.
func holdBegin() *cobra.Command {
	var by, note string
	cmd := &cobra.Command{
		Use: "begin", Short: "Say that the catalogue was put back, where the server can't tell", Args: cobra.NoArgs,
		Long: `Begin a new epoch and hold, in the catalogue of a data folder or database. A server does so by itself when it can tell that its
catalogue was restored; it can't when a snapshot of the whole machine was put back, the data folder and the store with it.
Run this before the server starts, or beside it. Everybody who sees the hold sees who began it (--by) and why (--note).`,
		Example: "  vitrine hold begin --data /var/lib/vitrine --note 'the machine was put back to Friday'",
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := local.LoadConfig(cmd)
			if err != nil {
				return err
			}
			if err := server.Existing(c); err != nil {
				return err
			}
			for flag, text := range map[string]string{"--by": by, "--note": note} {
				if err := dam.CheckLine(flag, text); err != nil {
					return err
				}
				if len([]rune(text)) > maxNote {
					return dam.InvalidInput(flag, reasons.NoteTooLong(maxNote))
				}
			}
			if err := local.BeginEpoch(cmd.Context(), c, catalog.EpochStart{Reason: dam.EpochDeclared,
				By: cmp.Or(by, whoami()), Note: note}); err != nil {
				return err
			}
			_, err = fmt.Fprintln(cmd.OutOrStdout(),
				"a new epoch has begun, and nothing leaves the server until vitrine hold release")
			return err
		}}
	cmd.Flags().StringVar(&by, "by", "", "who begins it; your user's name and the machine's when left out")
	cmd.Flags().StringVar(&note, "note", "", "why, in a line")
	config.AddFlags(cmd.Flags(), "data", "database")
	return cmd
}

const maxNote = 200

// whoami is the person at the terminal, also behind sudo, and the machine.
func whoami() string {
	name := os.Getenv("SUDO_USER")
	if u, err := user.Current(); err == nil && name == "" {
		name = u.Username
	}
	return cmp.Or(name, "somebody") + " on " + config.HostName()
}

func (r *connection) holdRelease() *cobra.Command {
	var yes bool
	cmd := &cobra.Command{
		Use: "release", Short: "Let publications, webhooks and mail go on; says what that touches", Args: cobra.NoArgs,
		Long: "Let publications, webhooks, mail and cache purges go on. Without --yes it only says what that " +
			"touches. What waits for an answer goes on waiting.",
		Example: "  vitrine hold release\n  vitrine hold release --yes",
		RunE: func(cmd *cobra.Command, _ []string) error {
			h, err := r.held(cmd.Context())
			if err != nil {
				return err
			}
			if h.Hold == nil {
				_, err := fmt.Fprintln(cmd.OutOrStdout(), "nothing is held")
				return err
			}
			if err := reportHold(cmd.OutOrStdout(), h); err != nil {
				return err
			}
			if !yes {
				return dam.InvalidInput("--yes", reasons.ReleaseNeedsYes())
			}
			if err := r.object(cmd.Context(), http.MethodPost, "/api/system/hold/release",
				map[string]string{"epoch": h.Hold.Epoch}, nil); err != nil {
				return err
			}
			_, err = fmt.Fprintln(cmd.OutOrStdout(), "released")
			return err
		}}
	cmd.Flags().BoolVar(&yes, "yes", false, "release it")
	return cmd
}
