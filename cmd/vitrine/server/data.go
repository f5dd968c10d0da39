package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/storage"
	"vitrine/storage/disk"
	"vitrine/storage/s3"
)

// store is a storage.Store that holds connections or locks.
type store interface {
	storage.Store
	io.Closer
}

// openStore names the storage drivers.
func openStore(ctx context.Context, location string, c s3.Credentials) (store, error) {
	u, err := storage.Locate(location)
	if err != nil {
		return nil, dam.InvalidField("storage", err.Error(), "see vitrine config --help")
	}
	switch u.Scheme {
	case "disk":
		return disk.Open(u.Path)
	case "s3":
		return s3.Open(ctx, u, c)
	}
	return nil, dam.InvalidField("storage", "there is no store of the kind "+u.Scheme, "use disk:PATH or s3://BUCKET")
}

// storeName is the location of a store as the store itself would give it, without opening it.
func storeName(location string) (string, error) {
	u, err := storage.Locate(location)
	if err != nil {
		return "", dam.InvalidField("storage_mirror", err.Error(), "see vitrine config --help")
	}
	if u.Scheme == "disk" {
		path, err := filepath.Abs(u.Path)
		return "disk:" + path, err
	}
	return location, nil
}

// openCatalog opens the catalogue for a command. It never changes tables that are there: the server of another version
// may be running on them. Where there are none it makes them.
func openCatalog(ctx context.Context, c Config) (*catalog.Catalog, error) {
	return openSchema(ctx, c, func(s catalog.Schema) (bool, error) {
		if s.Have == 0 {
			return true, nil
		}
		return false, s.Current()
	})
}

// upgradeCatalog opens the catalogue and brings its tables up to date, unless they are newer than this program.
func upgradeCatalog(ctx context.Context, c Config) (*catalog.Catalog, error) {
	return openSchema(ctx, c, func(s catalog.Schema) (bool, error) { return s.Have != s.Want, s.Newer() })
}

func openSchema(ctx context.Context, c Config, decide func(catalog.Schema) (migrate bool, err error)) (*catalog.Catalog, error) {
	cat, err := catalog.Open(ctx, c.Database)
	if err != nil {
		return nil, fmt.Errorf("database %s: %w", hidePassword(c.Database), err)
	}
	s, err := cat.Schema(ctx)
	migrate := false
	if err == nil {
		migrate, err = decide(s)
	}
	if err == nil && migrate {
		err = cat.Migrate(ctx)
	}
	if err != nil {
		if dam.CodeOf(err) != dam.Conflict {
			err = fmt.Errorf("database %s: %w", hidePassword(c.Database), err)
		}
		return nil, errors.Join(err, cat.Close())
	}
	if c.KeepTokens {
		cat.KeepTokens()
	}
	return cat, nil
}

// existing refuses a SQLite file that isn't there: a command that looks at a catalogue must not make an empty one
// because of a mistyped folder.
func existing(c Config) error {
	path, ok := strings.CutPrefix(c.Database, "sqlite:")
	if !ok {
		return nil
	}
	if _, err := os.Stat(path); err != nil {
		return dam.InvalidField("database", "there is no catalogue at "+path, "name the server's folder with --data, or its database with --database")
	}
	return nil
}

// node is what the commands that work beside a server have open.
type node struct {
	Config
	cat *catalog.Catalog
	// store changes nothing that is stored while the catalogue holds.
	store *storage.Guarded
	close func() error
}

// openNode opens the existing catalogue and store that a command's flags name.
func openNode(cmd *cobra.Command) (*node, error) {
	c, err := loadFor(cmd)
	if err != nil {
		return nil, err
	}
	if err := existing(c); err != nil {
		return nil, err
	}
	cat, err := openCatalog(cmd.Context(), c)
	if err != nil {
		return nil, err
	}
	s, err := openStore(cmd.Context(), c.Storage, c.S3)
	if err != nil {
		return nil, errors.Join(err, cat.Close())
	}
	return &node{c, cat, storage.Guard(s, cat.RefuseHeld), func() error { return errors.Join(s.Close(), cat.Close()) }}, nil
}

// loadFor is the configuration of a command, its warnings printed.
func loadFor(cmd *cobra.Command) (Config, error) {
	c, err := load(cmd.Flags(), os.Environ())
	if err == nil {
		warn(cmd.ErrOrStderr(), c)
	}
	return c, err
}

// withNode runs a command's body between opening and closing.
func withNode(body func(cmd *cobra.Command, args []string, n *node) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) (err error) {
		n, err := openNode(cmd)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, n.close()) }()
		return body(cmd, args, n)
	}
}

// withCatalog is withNode for a command that needs no objects, and may be the first to use the data folder.
func withCatalog(body func(cmd *cobra.Command, args []string, c Config, cat *catalog.Catalog) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) (err error) {
		c, err := loadFor(cmd)
		if err != nil {
			return err
		}
		cat, err := openCatalog(cmd.Context(), c)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, cat.Close()) }()
		return body(cmd, args, c, cat)
	}
}

// indexDir is where this node keeps its search index.
func (c Config) indexDir() string { return filepath.Join(c.Data, "index") }
