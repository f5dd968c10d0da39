package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// The running server writes its address into the data folder, so that commands beside it speak to that server and not
// to whatever listens on the usual port. The lock on the folder says whether the file is of a server that still runs.

func (c Config) addressFile() string { return filepath.Join(c.Data, "server.address") }

// announce writes the address. A folder that takes no file holds none: a wrong one would be worse.
func (c Config) announce(address string) error {
	path := c.addressFile()
	err := os.WriteFile(path+".new", []byte(address+"\n"), 0o600)
	if err == nil {
		err = os.Rename(path+".new", path)
	}
	if err != nil {
		return errors.Join(err, c.withdraw())
	}
	return nil
}

func (c Config) withdraw() error {
	if err := os.Remove(c.addressFile()); !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}

// running reports whether a server has the data folder, and where it listens; "" when it could not say so.
func (c Config) running() (address string, yes bool) {
	f, err := os.Open(filepath.Join(c.Data, "server.lock"))
	if err != nil {
		return "", false
	}
	defer func() { _ = f.Close() }()
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_SH|syscall.LOCK_NB); err == nil {
		return "", false // nobody holds it; closing gives it back
	}
	b, err := os.ReadFile(c.addressFile())
	if err != nil {
		return "", true
	}
	return strings.TrimSpace(string(b)), true
}

// from says what set a setting: "default", a file, a variable or a flag.
func (c Config) from(key string) string {
	for _, v := range c.values {
		if v.key == key {
			return v.from
		}
	}
	return ""
}
