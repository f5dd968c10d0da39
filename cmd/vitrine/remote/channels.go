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
	"os"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"vitrine/cmd/vitrine/cli"
	"vitrine/cmd/vitrine/client"
	"vitrine/dam"
	"vitrine/dam/canon"
	"vitrine/dam/reasons"
	"vitrine/publishers/accounts"
	"vitrine/publishers/planning"
)

// connection is a command's connection to a server.
type connection struct{ server, token string }

func (r *connection) flags(cmd *cobra.Command) {
	cmd.PersistentFlags().StringVar(&r.server, "server", "",
		"the server's address [VITRINE_SERVER, else http://127.0.0.1:8080]")
	cmd.PersistentFlags().StringVar(&r.token, "token", "", "an API token, see vitrine token create [VITRINE_TOKEN]")
}

func (r *connection) client() (*client.Client, error) {
	return client.New(cmp.Or(r.server, os.Getenv("VITRINE_SERVER"), "http://127.0.0.1:8080"),
		cmp.Or(r.token, os.Getenv("VITRINE_TOKEN")), 0)
}

func (r *connection) object(ctx context.Context, method, path string, in, out any) error {
	c, err := r.client()
	if err != nil {
		return err
	}
	return c.Object(ctx, method, path, in, out)
}

func channelCommand() *cobra.Command {
	r := &connection{}
	cmd := &cobra.Command{Use: "channel", Short: "Add, list, test, pause and remove the places assets are published to"}
	r.flags(cmd)
	act := func(use, short, method, suffix, done string) *cobra.Command {
		return &cobra.Command{Use: use + " CHANNEL", Short: short, Args: cobra.ExactArgs(1),
			RunE: func(cmd *cobra.Command, args []string) error {
				id, err := r.channel(cmd.Context(), args[0])
				if err != nil {
					return err
				}
				if err := r.object(cmd.Context(), method, "/api/channels/"+id+suffix, nil, nil); err != nil {
					return err
				}
				_, err = fmt.Fprintln(cmd.OutOrStdout(), done)
				return err
			}}
	}
	cmd.AddCommand(r.kindsCommand(), r.addCommand(), r.listCommand(),
		r.testCommand(), r.proveCommand(), r.targetsCommand(), r.scheduleCommand(), r.playlistCommand(),
		r.screensCommand(),
		act("pause", "Hold a channel; recalls still run", http.MethodPost, "/pause", "held"),
		act("resume", "Let a channel go on", http.MethodPost, "/resume", "goes on"),
		r.removeCommand())
	return cmd
}

// removeCommand says what is removed, and asks.
func (r *connection) removeCommand() *cobra.Command {
	var yes bool
	cmd := &cobra.Command{Use: "remove CHANNEL", Short: "Remove a channel on which nothing is planned or out",
		Long: `Remove a channel on which nothing is planned or out: what is must be cancelled or recalled first.
Its credentials are deleted. What was published there, and taken back, stays in the histories of the assets.`,
		Example: "  vitrine channel remove Site --yes", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := r.channel(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			var c dam.Channel
			if err := r.object(cmd.Context(), http.MethodGet, "/api/channels/"+id, nil, &c); err != nil {
				return err
			}
			if !yes {
				account := ""
				if c.Identity != nil {
					account = ", " + c.Identity.Name
				}
				question := fmt.Sprintf("This removes %s (%s, %s%s) with its credentials and its rule. Go on? [y/N] ",
					c.Name, c.ID, c.Kind, account)
				if ok, err := agreed(cmd, "channel remove", question, "nothing was removed"); err != nil || !ok {
					return err
				}
			}
			if err := r.object(cmd.Context(), http.MethodDelete, "/api/channels/"+id, nil, nil); err != nil {
				return err
			}
			_, err = fmt.Fprintln(cmd.OutOrStdout(), "removed")
			return err
		}}
	cmd.Flags().BoolVar(&yes, "yes", false, "don't ask")
	return cmd
}

func (r *connection) addCommand() *cobra.Command {
	var in accounts.ChannelInput
	var config string
	var everything bool
	cmd := &cobra.Command{
		Use: "add NAME --kind KIND --config JSON", Short: "Add a channel, after it has been verified",
		Long: `Add a channel, after it has been verified; one whose account is connected in the browser waits for that.

With --query or --everything it publishes by itself what is approved and matches, in the presets named, from now on and what is there
already: how much that is, is printed. Otherwise it publishes by hand only, and --preset names what is sent when a post names none.`,
		Example: `  vitrine channel add Site --kind bucket --config '{"folder":"site"}' --query type:image --preset large --preset thumb`,
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			in.Name, in.Config = args[0], json.RawMessage(config)
			if config == "-" { // secrets belong neither into the history of a shell nor into a list of processes
				b, err := io.ReadAll(cmd.InOrStdin())
				if err != nil {
					return err
				}
				in.Config = b
			}
			if !json.Valid(in.Config) {
				return dam.InvalidInput("--config", reasons.SettingsNotJson())
			}
			if everything && in.Rule.Query != "" {
				return cli.Usage(errors.New("channel add: --query and --everything exclude each other"))
			}
			in.Rule.Enabled = everything || in.Rule.Query != ""
			if in.Rule.Enabled {
				if err := r.foretell(cmd, in.Rule.Query); err != nil {
					return err
				}
			}
			var out dam.Channel
			if err := r.object(cmd.Context(), http.MethodPost, "/api/channels", in, &out); err != nil {
				return err
			}
			_, err := fmt.Fprintln(cmd.OutOrStdout(), out.ID)
			return err
		}}
	f := cmd.Flags()
	f.StringVar(&in.Kind, "kind", "", "see vitrine channel kinds")
	cli.Require(cmd, "kind")
	f.StringVar(&config, "config", "{}", "the kind's settings as JSON; - reads them from standard input")
	f.StringVar(&in.Rule.Query, "query", "",
		"publish by itself, once approved, what matches this query")
	f.BoolVar(&everything, "everything", false, "publish by itself everything that is approved")
	f.StringArrayVar(&in.Rule.Presets, "preset", nil, "preset to send, by rule and by hand (repeatable)")
	f.StringSliceVar(&in.Territories, "territories", nil, "countries the channel reaches; none means everywhere")
	return cmd
}

// within puts a query into parentheses, so that it stays one beside others.
func within(query string) string {
	if query == "" {
		return ""
	}
	return "(" + query + ")"
}

// foretell prints how much a rule would publish at once.
func (r *connection) foretell(cmd *cobra.Command, query string) error {
	var found struct {
		Total int `json:"total"`
	}
	if err := r.object(cmd.Context(), http.MethodGet, "/api/assets?limit=1&q="+
		url.QueryEscape("is:live "+within(query)), nil, &found); err != nil {
		return err
	}
	_, err := fmt.Fprintf(cmd.ErrOrStderr(), "publishes by itself: %s, %d assets now\n",
		cmp.Or(query, "everything approved"), found.Total)
	return err
}

func (r *connection) list(ctx context.Context) ([]dam.Channel, error) {
	var page struct {
		Items []dam.Channel `json:"items"`
	}
	err := r.object(ctx, http.MethodGet, "/api/channels", nil, &page)
	return page.Items, err
}

func (r *connection) listCommand() *cobra.Command {
	return &cobra.Command{Use: "list", Short: "List channels and how they are", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			list, err := r.list(cmd.Context())
			if err != nil {
				return err
			}
			w := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 4, 2, ' ', 0)
			_, _ = fmt.Fprintln(w, "ID\tNAME\tKIND\tHEALTH\tRULE") // Flush reports
			for _, c := range list {
				rule := "by hand"
				if c.Rule.Enabled {
					rule = strings.Join(c.Rule.Presets, ", ") + " of " + cmp.Or(c.Rule.Query, "everything")
				}
				_, _ = fmt.Fprintf(w, "%s\t%s\t%s\t%s %s\t%s\n", c.ID, c.Name, c.Kind, c.Health,
					strings.TrimSpace(c.HealthNote+" "+c.Notice), rule)
			}
			return w.Flush()
		}}
}

// Channel finds a channel by its id or name.
func (r *connection) channel(ctx context.Context, name string) (string, error) {
	list, err := r.list(ctx)
	if err != nil {
		return "", err
	}
	var named []string
	for _, c := range list {
		if c.ID == name {
			return c.ID, nil
		}
		if canon.Same(c.Name, name) {
			named = append(named, c.ID)
		}
	}
	switch len(named) {
	case 0:
		return "", &dam.Error{Code: dam.NotFound, Reason: reasons.NoChannelNamed(name)}
	case 1:
		return named[0], nil
	}
	return "", fmt.Errorf("%d channels are called %s: give the id, %s", len(named), name, strings.Join(named, " or "))
}

func publishCommand() *cobra.Command {
	r := &connection{}
	var in planning.PublishInput
	var wait time.Duration
	var options []string
	var each bool
	cmd := &cobra.Command{
		Use: "publish ASSET… --channel CHANNEL", Short: "Publish approved assets on a channel, now or at a time",
		Long: `Publish approved assets on a channel, now or at a time. Several assets are one post, in their order, where the
channel takes several pictures (vitrine channel kinds), and a post each where it takes one, or with --each.`,
		Example: `  vitrine publish a_06h0… --channel Site
  vitrine publish a_06h0… --channel X --at 2026-12-01T09:00 --zone Europe/Paris --caption 'New in store'
  vitrine publish a_06h0… a_06h1… a_06h2… --channel Mastodon --caption 'The spring collection'
  vitrine publish a_06h0… --channel Mastodon --language fr-CA --caption 'Nouveau en magasin'
  vitrine publish a_06h0… --channel Windows --option day_parts='mon-fri 08:00-12:00' --option seconds=8
  vitrine publish a_06h0… --channel Blog --option slug=spring --option tags='Shoes, Sale' --option status=draft
  vitrine publish a_06h0… --channel Blog --update latest --caption 'Now in blue, too'`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := r.channel(cmd.Context(), in.Channel)
			if err != nil {
				return err
			}
			if in.Options, err = parseOptions(options); err != nil {
				return err
			}
			undelivered := false
			posts, err := r.postsOf(cmd.Context(), id, args, each)
			if err != nil {
				return err
			}
			for _, files := range posts {
				one, a := in, files[0]
				one.Asset, one.Channel = a, id
				if len(files) > 1 {
					one = ofFiles(one, files)
				}
				if !one.Draft {
					if err := r.warn(cmd, one); err != nil {
						return err
					}
				}
				var out dam.Publication
				if err := r.object(cmd.Context(), http.MethodPost, "/api/publications", one, &out); err != nil {
					return fmt.Errorf("%s: %w", a, err)
				}
				if one.Draft {
					if _, err := fmt.Fprintln(cmd.OutOrStdout(), out.ID, out.State); err != nil {
						return err
					}
					continue
				}
				if out, err = r.finished(cmd.Context(), out, wait); err != nil {
					return err
				}
				if _, err := fmt.Fprintln(cmd.OutOrStdout(), out.ID, out.State,
					out.At.Format(time.RFC3339)); err != nil {
					return err
				}
				if wait > 0 && out.State != dam.PubDelivered {
					undelivered = true
					if err := told(cmd.ErrOrStderr(), out); err != nil {
						return err
					}
				}
			}
			if undelivered {
				return cli.ErrReported
			}
			return nil
		}}
	r.flags(cmd)
	f := cmd.Flags()
	f.StringVar(&in.Channel, "channel", "", "the channel's name or id")
	f.StringVar(&in.At, "at", "", "RFC 3339, a wall-clock time in --zone, or next-slot; now when left out")
	f.StringVar(&in.Link, "link", "", "where the post leads")
	f.StringVar(&in.FirstComment, "first-comment", "", "put under the post by channels that can")
	f.StringVar(&in.Alt, "alt", "", "in the place of the asset's alt text")
	f.StringVar(&in.Language, "language", "",
		"language of the post's texts, such as fr-CA; the library's when left out")
	f.StringVar(&in.Campaign, "campaign", "", "the campaign's name or id; a new name makes one")
	f.StringVar(&in.Zone, "zone", "", "IANA zone of --at; the library's when left out")
	f.StringVar(&in.Ends, "ends", "", "when it is taken down, as --at; never when left out")
	f.StringVar(&in.Caption, "caption", "", "the post's text")
	f.StringVar(&in.Update, "update", "", "change this post of the asset there instead of making another one: "+
		"its publication's id, its id or URL at the remote, or latest")
	f.StringArrayVar(&in.Presets, "preset", nil,
		"presets to send; those of the channel's rule when left out (repeatable)")
	f.StringArrayVar(&options, "option", nil,
		"what the channel lets one say about a single publication, NAME=VALUE (repeatable)")
	f.BoolVar(&each, "each", false, "several assets are a post each, whatever the channel takes")
	f.BoolVar(&in.Draft, "draft", false, "keep it as a draft, which vitrine draft plan plans")
	f.DurationVar(&wait, "wait", 0, "wait this long for it to be delivered; what is not then exits with 1")
	return cmd
}

// postsOf groups assets by the posts that they are on a channel.
func (r *connection) postsOf(ctx context.Context, channel string, assets []string, each bool) ([][]string, error) {
	if len(assets) > 1 && !each {
		var ch dam.Channel
		var kinds struct{ Items []dam.ChannelKind }
		if err := errors.Join(r.object(ctx, http.MethodGet, "/api/channels/"+url.PathEscape(channel), nil, &ch),
			r.object(ctx, http.MethodGet, "/api/channels/kinds", nil, &kinds)); err != nil {
			return nil, err
		}
		if slices.ContainsFunc(kinds.Items, func(k dam.ChannelKind) bool {
			return k.Kind == ch.Kind && k.Files.Pictures > 1
		}) {
			return [][]string{assets}, nil
		}
	}
	return slices.Collect(slices.Chunk(assets, 1)), nil
}

// ofFiles makes what is said of one asset a post of several.
func ofFiles(in planning.PublishInput, assets []string) planning.PublishInput {
	preset := ""
	if len(in.Presets) == 1 {
		preset, in.Presets = in.Presets[0], nil
	}
	for _, a := range assets {
		in.Files = append(in.Files, dam.PostFile{Asset: a, Preset: preset})
	}
	return in
}

// warn prints what doesn't stand in the way of a publication but may not be meant. What does is said by planning it.
func (r *connection) warn(cmd *cobra.Command, in planning.PublishInput) error {
	var checks struct {
		Items []struct {
			Warnings []dam.Problem `json:"warnings"`
		} `json:"items"`
	}
	if err := r.object(cmd.Context(), http.MethodPost, "/api/publications/check", in, &checks); err != nil {
		return nil //nolint:nilerr // planning it says the same
	}
	for _, c := range checks.Items {
		for _, w := range c.Warnings {
			if _, err := fmt.Fprintf(cmd.ErrOrStderr(), "%s: warning: %s\n", in.Asset, w.Message); err != nil {
				return err
			}
		}
	}
	return nil
}

// told prints why a publication is not delivered, and what to do.
func told(w io.Writer, p dam.Publication) error {
	why := "not delivered within the time of --wait; it goes on at the server"
	if p.Problem != nil {
		why = strings.TrimSpace(reasons.Sentence(p.Problem.Message) + " " + reasons.Sentence(p.Problem.Remedy))
	}
	_, err := fmt.Fprintf(w, "%s: %s\n", p.ID, why)
	return err
}

// parseOptions reads NAME=VALUE: numbers, true and false as such, everything else as text.
func parseOptions(list []string) (json.RawMessage, error) {
	if len(list) == 0 {
		return nil, nil
	}
	options := map[string]any{}
	for _, o := range list {
		name, value, ok := strings.Cut(o, "=")
		if !ok || name == "" {
			return nil, dam.InvalidInput("--option", reasons.OptionNotNameValue(o))
		}
		var plain any
		if err := json.Unmarshal([]byte(value), &plain); err == nil {
			switch plain.(type) {
			case float64, bool:
				options[name] = plain
				continue
			}
		}
		options[name] = value
	}
	return json.Marshal(options)
}

// finished waits until a publication is delivered, has failed or needs a person.
func (r *connection) finished(ctx context.Context, p dam.Publication, wait time.Duration) (dam.Publication, error) {
	end := time.Now().Add(wait)
	for p.State != dam.PubDelivered && p.State != dam.PubFailed && p.State != dam.PubUnconfirmed &&
		time.Now().Before(end) {
		select {
		case <-ctx.Done():
			return p, ctx.Err()
		case <-time.After(200 * time.Millisecond):
		}
		if err := r.object(ctx, http.MethodGet, "/api/publications/"+url.PathEscape(p.ID), nil, &p); err != nil {
			return p, err
		}
	}
	return p, nil
}

func reinstateCommand() *cobra.Command {
	r := &connection{}
	var reason string
	cmd := &cobra.Command{
		Use:   "reinstate ASSET --reason TEXT",
		Short: "End a recall: show an asset again, and bring its publications back", Args: cobra.ExactArgs(1),
		Long: `End a recall: show an asset again.

Its public addresses answer again at once. Channels where sending the same twice makes no second post get its publications back; on the others
new posts are proposed, and wait for somebody to send them.`,
		Example: `  vitrine reinstate a_01hz… --reason 'the price has been put right'`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if !dam.IsID(dam.AssetPrefix, args[0]) {
				return cli.Usage(errors.New("reinstate: name an asset (a_…)"))
			}
			var a dam.Asset
			if err := r.object(cmd.Context(), http.MethodPost, "/api/assets/"+args[0]+"/reinstate",
				map[string]string{"reason": reason}, &a); err != nil {
				return err
			}
			status := dam.PublicStatus("")
			if a.Public != nil {
				status = a.Public.Status
			}
			_, err := fmt.Fprintln(cmd.OutOrStdout(), a.ID, status)
			return err
		}}
	r.flags(cmd)
	cmd.Flags().StringVar(&reason, "reason", "", "why the public may see it again, kept in the asset's history")
	cli.Require(cmd, "reason")
	return cmd
}

func recallCommand() *cobra.Command {
	r := &connection{}
	var reason string
	cmd := &cobra.Command{
		Use: "recall ASSET|PUBLICATION", Short: "Take an asset back from every channel, or one publication",
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			body := map[string]string{"reason": reason}
			var list []dam.Publication
			switch id := args[0]; {
			case dam.IsID(dam.PublicationPrefix, id):
				var p dam.Publication
				if err := r.object(cmd.Context(), http.MethodPost, "/api/publications/"+id+"/recall", body,
					&p); err != nil {
					return err
				}
				list = []dam.Publication{p}
			case dam.IsID(dam.AssetPrefix, id):
				var page struct {
					Items []dam.Publication `json:"items"`
				}
				if err := r.object(cmd.Context(), http.MethodPost, "/api/assets/"+id+"/recall", body,
					&page); err != nil {
					return err
				}
				list = page.Items
			default:
				return cli.Usage(errors.New("recall: name an asset (a_…) or a publication (p_…)"))
			}
			for _, p := range list {
				if _, err := fmt.Fprintln(cmd.OutOrStdout(), p.ID, p.Channel, p.State); err != nil {
					return err
				}
			}
			return nil
		}}
	r.flags(cmd)
	cmd.Flags().StringVar(&reason, "reason", "", "kept with the recall")
	return cmd
}
