package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/spf13/cobra"
)

// Group returns a command that only has subcommands.
func Group(use, short string, cmds ...*cobra.Command) *cobra.Command {
	g := &cobra.Command{Use: use, Short: short, Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() }}
	g.AddCommand(cmds...)
	return g
}

// Require marks flags as required.
func Require(cmd *cobra.Command, names ...string) {
	for _, n := range names {
		if err := cmd.MarkFlagRequired(n); err != nil {
			panic(err) // the flag was defined just before
		}
	}
}

// Table writes a heading and n lines as aligned columns; tabs separate the cells. Without lines it says "none".
func Table(cmd *cobra.Command, head string, n int, line func(int) string) error {
	if n == 0 {
		_, err := fmt.Fprintln(cmd.OutOrStdout(), "none")
		return err
	}
	w := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 4, 2, ' ', 0)
	_, _ = fmt.Fprintln(w, head) // Flush returns the error
	for i := range n {
		_, _ = fmt.Fprintln(w, line(i))
	}
	return w.Flush()
}

// When formats an instant in local time; "never" for nil.
func When(t *time.Time) string {
	if t == nil {
		return "never"
	}
	return t.Local().Format("2006-01-02 15:04")
}

// PrintJSON writes v as one line of JSON.
func PrintJSON(w io.Writer, v any) {
	b, err := json.Marshal(v)
	if err == nil {
		_, _ = fmt.Fprintf(w, "%s\n", b)
	}
}

// PrintIndented writes v as JSON on several lines.
func PrintIndented(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(v)
}

// Bytes formats a size for people: 3.1 MB.
func Bytes(n int64) string { return humanize.Bytes(uint64(max(n, 0))) }
