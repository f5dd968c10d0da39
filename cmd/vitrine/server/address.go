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

// The running server writes its address into the data folder, so that commands beside it speak to that server and not
// to whatever listens on the usual port. The lock on the folder says whether the file is of a server that still runs.

func addressFile(c config.Config) string { return filepath.Join(c.Data, "server.address") }

// Announce writes the address. A folder that takes no file holds none: a wrong one would be worse.
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

// Withdraw removes the address: the server ends.
func Withdraw(c config.Config) error {
	if err := os.Remove(addressFile(c)); !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}

// Running reports whether a server has the data folder, and where it listens; "" when it could not say so.
func Running(c config.Config) (address string, yes bool) {
	f, err := os.Open(filepath.Join(c.Data, "server.lock"))
	if err != nil {
		return "", false
	}
	defer func() { _ = f.Close() }()
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_SH|syscall.LOCK_NB); err == nil {
		return "", false // nobody holds it; closing gives it back
	}
	b, err := os.ReadFile(addressFile(c))
	if err != nil {
		return "", true
	}
	return strings.TrimSpace(string(b)), true
}
