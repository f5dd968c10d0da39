package server

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"vitrine/cmd/vitrine/config"
	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/reasons"
	"vitrine/storage"
	"vitrine/storage/disk"
	"vitrine/storage/s3"
)

// Store is a storage.Store that has to be closed, because it holds connections or locks.
type Store interface {
	storage.Store
	io.Closer
}

// OpenStore opens the store at a location. It knows all storage drivers.
func OpenStore(ctx context.Context, location string, c s3.Credentials) (Store, error) {
	u, err := storage.Locate(location)
	if err != nil {
		return nil, dam.InvalidInput("storage", reasons.AddressNotUnderstood(err.Error()))
	}
	switch u.Scheme {
	case "disk":
		return disk.Open(u.Path)
	case "s3":
		return s3.Open(ctx, u, c)
	}
	return nil, dam.InvalidInput("storage", reasons.UnknownStoreKind(u.Scheme))
}

// storeName returns the location of a store as its String would, without opening it.
func storeName(location string) (string, error) {
	u, err := storage.Locate(location)
	if err != nil {
		return "", dam.InvalidInput("storage_mirror", reasons.AddressNotUnderstood(err.Error()))
	}
	if u.Scheme == "disk" {
		path, err := filepath.Abs(u.Path)
		return "disk:" + path, err
	}
	return location, nil
}

// OpenCatalog opens the catalogue for a command. It never changes existing tables, because the server of another
// release may be using them. It creates missing ones.
func OpenCatalog(ctx context.Context, c config.Config) (*catalog.Catalog, error) {
	return openSchema(ctx, c, func(s catalog.Schema) (bool, error) {
		if s.Have == 0 {
			return true, nil
		}
		return false, s.Current()
	})
}

// OpenExisting opens the catalogue of a server for a command, and refuses where there is none: a mistyped folder must
// not become a server of its own, whose tokens no other one knows.
func OpenExisting(ctx context.Context, c config.Config) (*catalog.Catalog, error) {
	if err := Existing(c); err != nil {
		return nil, err
	}
	return openSchema(ctx, c, func(s catalog.Schema) (bool, error) {
		if s.Have == 0 {
			return false, &dam.Error{Code: dam.Conflict, Field: "database",
				Reason: reasons.NoCatalogAtPath(config.HidePassword(c.Database))}
		}
		return false, s.Current()
	})
}

// UpgradeCatalog opens the catalogue and upgrades its tables, unless they are newer than this program.
func UpgradeCatalog(ctx context.Context, c config.Config) (*catalog.Catalog, error) {
	return openSchema(ctx, c, func(s catalog.Schema) (bool, error) { return s.Due(), s.Newer() })
}

func openSchema(ctx context.Context, c config.Config, decide func(catalog.Schema) (migrate bool,
	err error)) (*catalog.Catalog, error) {
	cat, err := catalog.Open(ctx, c.Database)
	if err != nil {
		return nil, fmt.Errorf("database %s: %w", config.HidePassword(c.Database), err)
	}
	s, err := cat.Database().Schema(ctx)
	migrate := false
	if err == nil {
		migrate, err = decide(s)
	}
	if err == nil && migrate {
		err = cat.Migrate(ctx)
	}
	if err != nil {
		if dam.CodeOf(err) != dam.Conflict {
			err = fmt.Errorf("database %s: %w", config.HidePassword(c.Database), err)
		}
		return nil, errors.Join(err, cat.Close())
	}
	if c.KeepTokens {
		cat.KeepTokens()
	}
	return cat, nil
}

// Existing refuses a SQLite file that doesn't exist: a command that reads a catalogue must not create an empty one
// because of a mistyped folder.
func Existing(c config.Config) error {
	path, ok := strings.CutPrefix(c.Database, "sqlite:")
	if !ok {
		return nil
	}
	if _, err := os.Stat(path); err != nil {
		return dam.InvalidInput("database", reasons.NoCatalogAtPath(path))
	}
	return nil
}
