package local

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"vitrine/cmd/vitrine/config"
	"vitrine/cmd/vitrine/server"
)

func reindexCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "reindex",
		Short: "Rebuild the search index of this node from the catalogue, while the server answers",
		Long: `Rebuild the search index of this node from the catalogue. A running server keeps answering from the old
index until the new one is complete; the command waits for that. Without a running server the index
is rebuilt at the next start. Each node has its own index: run it on every node whose index is in doubt.`,
		Example: "  vitrine reindex --data /var/lib/vitrine",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := LoadConfig(cmd)
			if err != nil {
				return err
			}
			if _, err := os.Stat(c.Data); err != nil {
				return fmt.Errorf("the data folder can't be read: %w\n  name the server's folder with --data", err)
			}
			rebuilt, err := server.AskReindex(cmd.Context(), c.Data)
			if err != nil {
				return err
			}
			said := "the index was rebuilt"
			if !rebuilt {
				said = "no server is running on this data folder: the index is rebuilt at its next start"
			}
			_, err = fmt.Fprintln(cmd.OutOrStdout(), said)
			return err
		},
	}
	config.AddFlags(cmd.Flags(), "data")
	return cmd
}
