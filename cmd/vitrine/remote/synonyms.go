package remote

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"vitrine/dam"
)

func synonymsCommand() *cobra.Command {
	r := &connection{}
	cmd := &cobra.Command{
		Use: "synonyms", Short: "Show and change the words that find each other",
		Long: `Show and change the words of a library that find each other. One line per meaning:

  # a comment; of the next line, each finds what the others find
  sofa, couch, canapé
  # the left side also finds the right one, not the reverse
  gsm => mobile phone

Accents, capitals and plurals never matter. Changes count at once, without a reindex.`,
	}
	r.flags(cmd)
	cmd.AddCommand(
		&cobra.Command{Use: "list", Short: "Print the synonyms, as set takes them",
			Example: "  vitrine synonyms list > synonyms.txt", Args: cobra.NoArgs,
			RunE: func(cmd *cobra.Command, _ []string) error {
				var s dam.Synonyms
				if err := r.object(cmd.Context(), http.MethodGet, "/api/synonyms", nil, &s); err != nil {
					return err
				}
				for _, l := range s.Lines {
					if _, err := fmt.Fprintln(cmd.OutOrStdout(), l); err != nil {
						return err
					}
				}
				return nil
			}},
		&cobra.Command{Use: "set FILE", Short: "Replace the synonyms by the lines of a file; - is the standard input",
			Args:    cobra.ExactArgs(1),
			Example: "  vitrine synonyms set synonyms.txt\n  echo 'sofa, couch, canapé' | vitrine synonyms set -",
			RunE: func(cmd *cobra.Command, args []string) error {
				b, err := read(cmd, args[0])
				if err != nil {
					return err
				}
				s := dam.Synonyms{Lines: []string{}}
				for l := range strings.Lines(strings.TrimPrefix(string(b), "\ufeff")) {
					s.Lines = append(s.Lines, strings.TrimSpace(l))
				}
				return r.object(cmd.Context(), http.MethodPut, "/api/synonyms", map[string]any{"lines": s.Lines}, &s)
			}})
	return cmd
}

func read(cmd *cobra.Command, file string) ([]byte, error) {
	if file == "-" {
		return io.ReadAll(cmd.InOrStdin())
	}
	return os.ReadFile(file)
}
