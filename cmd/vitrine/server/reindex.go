package server

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"vitrine/dam"
)

// A rebuild of the search index is asked for by a file, because only the process that has the index open can do it:
// reindex.asked is renamed to reindex.running by the server, and removed when the new index is in use.
const (
	reindexAsked   = "reindex.asked"
	reindexRunning = "reindex.running"
	reindexCheck   = 500 * time.Millisecond
	reindexPatient = 3 * time.Second // for a server to notice
)

// AskReindex has the server of a data folder rebuild its index, and waits for that. rebuilt is false when no server
// runs there: the index is rebuilt at its next start.
func AskReindex(ctx context.Context, data string) (rebuilt bool, err error) {
	asked, running := filepath.Join(data, reindexAsked), filepath.Join(data, reindexRunning)
	if err := os.WriteFile(asked, nil, 0o600); err != nil {
		return false, err
	}
	if err := dam.GiveToFolder(asked); err != nil {
		return false, err
	}
	patience := time.After(reindexPatient)
	tick := time.NewTicker(reindexCheck / 5)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return false, errors.New("interrupted; the server goes on rebuilding")
		case <-patience:
			if exists(asked) && !exists(running) {
				return false, nil
			}
		case <-tick.C:
			if !exists(asked) && !exists(running) {
				return true, nil
			}
		}
	}
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// serveReindex answers askReindex until ctx ends. A rebuild that a crash cut off is done again.
func serveReindex(ctx context.Context, data string, rebuild func(context.Context) error, log *slog.Logger) {
	asked, running := filepath.Join(data, reindexAsked), filepath.Join(data, reindexRunning)
	tick := time.NewTicker(reindexCheck)
	defer tick.Stop()
	for {
		err := os.Rename(asked, running)
		if err == nil || errors.Is(err, fs.ErrNotExist) && exists(running) {
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
