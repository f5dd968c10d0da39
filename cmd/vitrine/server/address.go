package server

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"vitrine/cmd/vitrine/config"
	"vitrine/dam"
)

// The running server writes its address into the data folder, so that commands on the same machine talk to that server
// and not to another one on the default port. The lock on the folder shows whether the server of the file still runs.

func addressFile(c config.Config) string { return filepath.Join(c.Data, "server.address") }

// Announce writes the address. If it can't be written, the file is removed: a wrong address would be worse than none.
func Announce(c config.Config, address string) error {
	path := addressFile(c)
	err := os.WriteFile(path+".new", []byte(address+"\n"), 0o600)
	if err == nil {
		err = dam.GiveToFolder(path + ".new")
	}
	if err == nil {
		err = os.Rename(path+".new", path)
	}
	if err != nil {
		return errors.Join(err, Withdraw(c))
	}
	return nil
}

// Withdraw removes the address when the server stops.
func Withdraw(c config.Config) error {
	if err := os.Remove(addressFile(c)); !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}

// Running reports whether a server has locked the data folder, and its address; "" if it could not write it.
func Running(c config.Config) (address string, yes bool) {
	f, err := os.Open(filepath.Join(c.Data, "server.lock"))
	if err != nil {
		return "", false
	}
	defer func() { _ = f.Close() }()
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_SH|syscall.LOCK_NB); err == nil {
		return "", false // not locked; closing the file releases the lock
	}
	b, err := os.ReadFile(addressFile(c))
	if err != nil {
		return "", true
	}
	return strings.TrimSpace(string(b)), true
}
