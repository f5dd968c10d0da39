package main

import (
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"go.yaml.in/yaml/v3"
)

func configCommand() *cobra.Command {
	var list strings.Builder
	for _, s := range settings() {
		_, _ = fmt.Fprintf(&list, "  %-17s %-26s %s\n", s.key, s.env(), s.help)
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
			c, err := load(cmd.Flags(), os.Environ())
			if err != nil {
				return err
			}
			warn(cmd.ErrOrStderr(), c)
			return printConfig(cmd.OutOrStdout(), c)
		},
	}
	addSettings(cmd.Flags(), keys()...)
	return cmd
}

func warn(w io.Writer, c Config) {
	for _, line := range c.Warnings {
		_, _ = fmt.Fprintln(w, "vitrine: warning:", line)
	}
}

func printConfig(w io.Writer, c Config) error {
	for _, v := range c.values {
		line, err := v.line()
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintln(w, line); err != nil {
			return err
		}
	}
	return nil
}

// line is a setting as YAML; what is hidden or not set is a comment.
func (v value) line() (string, error) {
	switch {
	case v.text == "":
		return fmt.Sprintf("# %s: not set", v.key), nil
	case v.secret:
		return fmt.Sprintf("# %s: (hidden)  # from %s", v.key, v.from), nil
	case hidePassword(v.text) != v.text:
		return fmt.Sprintf("# %s: %s  # from %s", v.key, hidePassword(v.text), v.from), nil
	}
	b, err := yaml.Marshal(map[string]string{v.key: v.text})
	return fmt.Sprintf("%-40s  # from %s", strings.TrimSpace(string(b)), v.from), err
}
