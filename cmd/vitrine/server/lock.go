package server

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"

	"vitrine/cmd/vitrine/config"
	"vitrine/dam"
	"vitrine/dam/reasons"
)

// LockData locks the data folder for this process: two servers with the same SQLite file or search index would destroy
// each other's work. The lock ends with the process.
func LockData(c config.Config) (release func() error, err error) {
	path := filepath.Join(c.Data, "server.lock")
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if errors.Is(err, syscall.EROFS) {
		f, err = os.Open(path) // a read-only file can be locked too
	}
	if err != nil {
		return nil, fmt.Errorf("data folder: %w", err)
	}
	if err := dam.GiveToFolder(path); err != nil && !errors.Is(err, syscall.EROFS) {
		return nil, errors.Join(fmt.Errorf("data folder: %w", err), f.Close())
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return nil, errors.Join(&dam.Error{Code: dam.Conflict, Field: "data",
			Reason: reasons.FolderInUse(c.Data)}, f.Close())
	}
	return f.Close, nil
}
