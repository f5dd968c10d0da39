package local

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"vitrine/cmd/vitrine/config"
	"vitrine/dam"
	"vitrine/dam/reasons"
)

func healthCommand() *cobra.Command {
	var ready bool
	cmd := &cobra.Command{
		Use:     "health",
		Short:   "Ask the server on this machine whether it is alive, for container health checks",
		Example: "  vitrine health --listen :8080\n  vitrine health --ready",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := LoadConfig(cmd)
			if err != nil {
				return err
			}
			path := "/healthz"
			if ready {
				path = "/readyz"
			}
			r, err := http.NewRequestWithContext(cmd.Context(), http.MethodGet,
				"http://"+config.Loopback(c.Listen)+path, nil)
			if err != nil {
				return err
			}
			answer, err := (&http.Client{Timeout: 5 * time.Second}).Do(r)
			if err != nil {
				return &dam.Error{Code: dam.Unavailable, Reason: reasons.NoServerAnswers(c.Listen), Err: err}
			}
			defer func() { _ = answer.Body.Close() }()
			body, err := io.ReadAll(io.LimitReader(answer.Body, 1<<16))
			if err != nil {
				return err
			}
			if answer.StatusCode != http.StatusOK {
				return fmt.Errorf("%s: %s", answer.Status, strings.TrimSpace(string(body)))
			}
			_, err = fmt.Fprintln(cmd.OutOrStdout(), strings.TrimSpace(string(body)))
			return err
		},
	}
	cmd.Flags().BoolVar(&ready, "ready", false, "ask whether it is ready for work, not only alive")
	config.AddFlags(cmd.Flags(), "listen")
	return cmd
}
