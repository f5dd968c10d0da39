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

// A command requests a rebuild of the search index with a file, because only the process that has the index open can do
// it: the server renames reindex.asked to reindex.running, and removes it when the new index is in use.
const (
	reindexAsked   = "reindex.asked"
	reindexRunning = "reindex.running"
	reindexCheck   = 500 * time.Millisecond
	reindexPatient = 3 * time.Second // for a server to notice the request
)

// AskReindex requests a rebuild of the index from the server of a data folder, and waits for it. rebuilt is false if no
// server runs there: the index is then rebuilt at its next start.
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

// serveReindex answers the requests of AskReindex until ctx ends. It repeats a rebuild that a crash interrupted.
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
