package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/storage"
	"vitrine/storage/disk"
)

const (
	backupCatalog = "vitrine.db"
	backupObjects = "objects"
)

func backupCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "backup DIR",
		Short: "Copy the catalogue and the objects to a folder; run it again to bring it up to date",
		Long: `Copy the catalogue and the objects it refers to into a folder, beside the running server.

The folder gets vitrine.db, a consistent snapshot that replaces the one of the run before, and
objects/, which only grows: a second run copies what is new. The key file (secret.key in the data
folder) is left out on purpose: keep it somewhere else, credentials of channels can't be read without.

On PostgreSQL run pg_dump --format=custom first, then this command, which copies the objects only.`,
		Example: "  vitrine backup --data /var/lib/vitrine /mnt/backup/vitrine",
		Args:    cobra.ExactArgs(1),
		RunE: withNode(func(cmd *cobra.Command, args []string, n *node) error {
			target, err := disk.Open(filepath.Join(args[0], backupObjects))
			if err != nil {
				return err
			}
			if n.cat.Postgres() {
				_, _ = fmt.Fprintln(cmd.ErrOrStderr(), "vitrine: the catalogue is in PostgreSQL; this copies the objects only. Run pg_dump before, not after.")
				return errors.Join(copyObjects(cmd, snapshot{n.store, n.cat}, target), target.Close())
			}
			err = backupSQLite(cmd, n, args[0], target)
			return errors.Join(err, target.Close())
		}),
	}
	addSettings(cmd.Flags(), "data", "database", "storage")
	return cmd
}

// backupSQLite copies first the catalogue, then the objects: none of those it refers to goes within the next day.
// The snapshot gets its name last, so that a folder with vitrine.db has all the objects of it.
func backupSQLite(cmd *cobra.Command, n *node, dir string, target storage.Store) (err error) {
	fresh := filepath.Join(dir, backupCatalog+".new")
	if err := os.Remove(fresh); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := n.cat.Backup(cmd.Context(), fresh); err != nil {
		return err
	}
	copied, err := catalog.Open(cmd.Context(), "sqlite:"+fresh)
	if err != nil {
		return err
	}
	err = copyObjects(cmd, snapshot{n.store, copied}, target)
	if err := errors.Join(err, copied.Close()); err != nil {
		return err
	}
	for _, rest := range []string{"-wal", "-shm"} {
		if err := os.Remove(fresh + rest); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	if err := os.Rename(fresh, filepath.Join(dir, backupCatalog)); err != nil {
		return err
	}
	return syncDir(dir)
}

// snapshot is a store that lists only what a catalogue refers to, and the records of erasures.
type snapshot struct {
	storage.Store
	cat *catalog.Catalog
}

// List implements storage.Store. The catalogue's own order may differ from that of bytes, which a copy relies on: so
// the store's list is filtered.
func (s snapshot) List(ctx context.Context, prefix string) iter.Seq2[storage.Info, error] {
	return func(yield func(storage.Info, error) bool) {
		for info, err := range s.Store.List(ctx, prefix) {
			if err == nil && !strings.HasPrefix(info.Key, erasures) {
				var referenced bool
				if _, referenced, err = s.cat.BlobState(ctx, info.Key); err == nil && !referenced {
					continue
				}
			}
			if !yield(info, err) || err != nil {
				return
			}
		}
	}
}

func restoreCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "restore DIR",
		Short: "Put a backup into an empty data folder",
		Long: `Put a backup made by vitrine backup into a data folder or store that has no catalogue yet. Nothing is
overwritten. Put the key file (secret.key) into the data folder too, start the server, then run
vitrine verify.

On PostgreSQL restore the dump with pg_restore first; this command then copies the objects only.`,
		Example: "  vitrine restore --data /var/lib/vitrine /mnt/backup/vitrine",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			c, err := loadFor(cmd)
			if err != nil {
				return err
			}
			return runRestore(cmd, c, args[0])
		},
	}
	addSettings(cmd.Flags(), "data", "database", "storage")
	return cmd
}

func runRestore(cmd *cobra.Command, c Config, dir string) (err error) {
	objects := filepath.Join(dir, backupObjects)
	if _, err := os.Stat(objects); err != nil {
		return dam.InvalidField(dir, "this is no backup: it has no folder "+backupObjects, "name the folder that vitrine backup wrote to")
	}
	path, lite := strings.CutPrefix(c.Database, "sqlite:")
	if lite {
		if _, err := os.Stat(path); err == nil {
			return dam.InvalidField("database", "there is a catalogue at "+path+" already", "restore into an empty --data folder, or move that file away")
		}
	}
	from, err := disk.Open(objects)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, from.Close()) }()
	to, err := openStore(cmd.Context(), c.Storage, c.S3)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, to.Close()) }()
	began := time.Now()
	// The catalogue comes last: with it the folder is complete.
	if err := copyObjects(cmd, from, to); err != nil {
		return err
	}
	if lite {
		if err := copyFile(filepath.Join(dir, backupCatalog), path); err != nil {
			return err
		}
	}
	_, err = fmt.Fprintf(cmd.OutOrStdout(), "restored in %s; next: put secret.key into %s, start the server, run vitrine verify\n", time.Since(began).Round(time.Second), c.Data)
	return err
}

// copyFile copies a file so that the new name has all of it or doesn't exist.
func copyFile(from, to string) (err error) {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }()
	if err := os.MkdirAll(filepath.Dir(to), 0o750); err != nil {
		return err
	}
	out, err := os.OpenFile(to+".new", os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	if err := errors.Join(err, out.Sync(), out.Close()); err != nil {
		return err
	}
	if err := os.Rename(to+".new", to); err != nil {
		return err
	}
	return syncDir(filepath.Dir(to))
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
