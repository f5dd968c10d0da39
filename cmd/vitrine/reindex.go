package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"
)

// A rebuild of the search index is asked for by a file, because only the process that has the index open can do it:
// reindex.asked is renamed to reindex.running by the server, and removed when the new index is in use.
const (
	reindexAsked   = "reindex.asked"
	reindexRunning = "reindex.running"
	reindexLook    = 500 * time.Millisecond
	reindexPatient = 3 * time.Second
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
			c, err := loadFor(cmd)
			if err != nil {
				return err
			}
			if _, err := os.Stat(c.Data); err != nil {
				return fmt.Errorf("the data folder can't be read: %w\n  name the server's folder with --data", err)
			}
			return askReindex(cmd, c.Data)
		},
	}
	addSettings(cmd.Flags(), "data")
	return cmd
}

func askReindex(cmd *cobra.Command, data string) error {
	asked, running := filepath.Join(data, reindexAsked), filepath.Join(data, reindexRunning)
	if err := os.WriteFile(asked, nil, 0o600); err != nil {
		return err
	}
	patience := time.After(reindexPatient)
	tick := time.NewTicker(reindexLook / 5)
	defer tick.Stop()
	for {
		select {
		case <-cmd.Context().Done():
			return errors.New("interrupted; the server goes on rebuilding")
		case <-patience:
			if there(asked) && !there(running) {
				_, err := fmt.Fprintln(cmd.OutOrStdout(), "no server is running on this data folder: the index is rebuilt at its next start")
				return err
			}
		case <-tick.C:
			if !there(asked) && !there(running) {
				_, err := fmt.Fprintln(cmd.OutOrStdout(), "the index was rebuilt")
				return err
			}
		}
	}
}

func there(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// serveReindex answers askReindex until ctx ends. A rebuild that a crash cut off is done again.
func serveReindex(ctx context.Context, data string, rebuild func(context.Context) error, log *slog.Logger) {
	asked, running := filepath.Join(data, reindexAsked), filepath.Join(data, reindexRunning)
	tick := time.NewTicker(reindexLook)
	defer tick.Stop()
	for {
		err := os.Rename(asked, running)
		if err == nil || errors.Is(err, fs.ErrNotExist) && there(running) {
			log.Info("reindex asked for")
			if err = rebuild(ctx); err == nil {
				err = os.Remove(running)
			}
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) && ctx.Err() == nil {
			log.Error("reindex", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}
