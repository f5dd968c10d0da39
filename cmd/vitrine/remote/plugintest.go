package remote

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"vitrine/dam"
	"vitrine/dam/reasons"
	"vitrine/dam/webhooks"
	"vitrine/publishers"
	"vitrine/publishers/plugin"
)

// testCommand proves a channel that is set up, or holds a plug-in against the contract.
func (r *connection) testCommand() *cobra.Command {
	var secret, settings string
	cmd := &cobra.Command{
		Use: "test CHANNEL|URL", Short: "Prove that a channel works, or hold a plug-in against the contract",
		Long: `With a channel's name or id, the server proves that it works, leaving nothing visible.
With a URL, this command itself talks to the plug-in there: it publishes a test picture,
repeats every step, takes it back, and prints a line per case.`,
		Example: `  vitrine channel test Site
  VITRINE_PLUGIN_SECRET=whsec_… vitrine channel test http://127.0.0.1:9000`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if strings.HasPrefix(args[0], "http://") || strings.HasPrefix(args[0], "https://") {
				return runPluginTest(cmd.Context(), cmd.OutOrStdout(), args[0],
					cmp.Or(secret, os.Getenv("VITRINE_PLUGIN_SECRET")), settings)
			}
			id, err := r.channel(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			if err := r.object(cmd.Context(), http.MethodPost, "/api/channels/"+id+"/test", nil, nil); err != nil {
				return err
			}
			_, err = fmt.Fprintln(cmd.OutOrStdout(), "the channel works")
			return err
		}}
	cmd.Flags().StringVar(&secret, "secret", "", "the plug-in's secret, whsec_… [VITRINE_PLUGIN_SECRET]")
	cmd.Flags().StringVar(&settings, "settings", "", "the channel's settings, as JSON")
	return cmd
}

func runPluginTest(ctx context.Context, w io.Writer, url, secret, settings string) error {
	if secret == "" {
		return dam.InvalidInput("--secret", reasons.PluginSecretNeeded())
	}
	config := map[string]any{"url": url}
	if settings != "" {
		config["settings"] = json.RawMessage(settings)
	}
	raw, err := json.Marshal(config)
	if err != nil {
		return dam.InvalidInput("--settings", reasons.NotAJsonObject())
	}
	// The address is this command's own argument, so that private ones are fine.
	o := plugin.Options{Client: &http.Client{Timeout: time.Minute}, Sign: webhooks.Sign}
	a := publishers.Account{Config: raw, Secrets: map[string]string{"secret": secret}}
	if plugin.Check(ctx, o, a, func(f plugin.Finding) {
		switch {
		case f.Skipped != "":
			_, _ = fmt.Fprintf(w, "skip  %s: %s\n", f.Case, f.Skipped)
		case f.Err != nil:
			_, _ = fmt.Fprintf(w, "FAIL  %s: %v\n", f.Case, f.Err)
		default:
			_, _ = fmt.Fprintf(w, "ok    %s\n", f.Case)
		}
	}) {
		return nil
	}
	return errors.New("the plug-in does not keep the contract; see docs/publishing.md")
}
