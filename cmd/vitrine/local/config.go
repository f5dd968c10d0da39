package local

import (
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"vitrine/cmd/vitrine/config"
)

func configCommand() *cobra.Command {
	var list strings.Builder
	for _, s := range config.Settings() {
		_, _ = fmt.Fprintf(&list, "  %-17s %-26s %s\n", s.Key, s.Variable, s.Help)
	}
	cmd := &cobra.Command{
		Use:   "config",
		Short: "Print the effective settings and where each came from; secrets stay hidden",
		Long: "Print the effective settings and where each came from, as YAML that `--config` takes again.\n\n" +
			"A flag wins over the environment, the environment over the file, the file over the default.\n" +
			"Secrets come from the environment or the file only, and are never printed.\n\nSettings:\n" + list.String(),
		Example: "  vitrine config --config /etc/vitrine/vitrine.yaml\n  VITRINE_LISTEN=:80 vitrine config",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := config.Load(cmd.Flags(), os.Environ())
			if err != nil {
				return err
			}
			warn(cmd.ErrOrStderr(), c)
			return c.Print(cmd.OutOrStdout())
		},
	}
	config.AddFlags(cmd.Flags(), config.Keys()...)
	return cmd
}

func warn(w io.Writer, c config.Config) {
	for _, line := range c.Warnings {
		_, _ = fmt.Fprintln(w, "vitrine: warning:", line)
	}
}
