package dam

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// TempDir makes a temporary folder below parent whose name begins with prefix; remove deletes it. The folder stays
// locked while its process lives, so that RemoveTemp deletes only folders of dead processes.
func TempDir(parent, prefix string) (dir string, remove func() error, err error) {
	if dir, err = os.MkdirTemp(parent, prefix); err != nil {
		return "", nil, err
	}
	lock, err := lockDir(dir)
	if err != nil {
		return "", nil, errors.Join(err, os.RemoveAll(dir))
	}
	return dir, func() error { return errors.Join(os.RemoveAll(dir), lock.Close()) }, nil
}

// RemoveTemp deletes the folders below parent that dead processes left, and returns how many.
func RemoveTemp(parent string, prefixes ...string) (n int, err error) {
	entries, err := os.ReadDir(parent)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return 0, err
	}
	var errs []error
	for _, e := range entries {
		for _, prefix := range prefixes {
			if !e.IsDir() || !strings.HasPrefix(e.Name(), prefix) {
				continue
			}
			dir := filepath.Join(parent, e.Name())
			lock, err := lockDir(dir)
			if errors.Is(err, syscall.EWOULDBLOCK) || errors.Is(err, fs.ErrNotExist) {
				continue // in use, or already gone
			}
			if err == nil {
				err = errors.Join(os.RemoveAll(dir), lock.Close())
				n++
			}
			errs = append(errs, err)
		}
	}
	return n, errors.Join(errs...)
}

func lockDir(dir string) (*os.File, error) {
	f, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}
