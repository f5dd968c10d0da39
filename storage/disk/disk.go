// Package disk stores objects as files of one folder.
//
// Layout: an object's key is its path below the folder. Unfinished files are in .tmp below it, which List never shows.
// Those older than 24 hours were left by a crash, and Open removes them. Delete removes folders that it leaves empty.
//
// An object is written to .tmp, synced, hard-linked to its name, which can only succeed once, and its folder synced. So
// the folder must be on one file system with hard links, and the process must own it: files are 0640, folders 0750.
// Symbolic links that lead out of the folder are not followed.
package disk

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"vitrine/storage"
)

const (
	temporary = ".tmp"
	stale     = 24 * time.Hour
)

// Store is a storage.Store in a folder.
type Store struct {
	path string
	root *os.Root

	// folders is held while a folder is created or removed, so that the name of every existing folder is synced.
	folders sync.Mutex
	// owner becomes the owner of what root writes, so that a command run by root leaves nothing that the server can't
	// read. It is nil if the process isn't root's, or the folder is.
	owner *syscall.Stat_t
}

var _ storage.Store = (*Store)(nil)

// Open opens the store in the folder at path, which it creates if it is missing, and removes what a crash left. Close
// the store after use.
func Open(path string) (*Store, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("disk store: %w", err)
	}
	if err := makeOwn(path); err != nil {
		return nil, fmt.Errorf("disk store: %w", err)
	}
	root, err := os.OpenRoot(path)
	if err != nil {
		return nil, fmt.Errorf("disk store: %w", err)
	}
	return In(root)
}

// In is Open for a folder that is already open. Close closes the folder, and so does an error.
func In(root *os.Root) (*Store, error) {
	s := &Store{path: root.Name(), root: root, owner: foreignOwner(root.Name())}
	if err := s.prepare(); err != nil {
		_ = root.Close()
		return nil, fmt.Errorf("%s: %w", s, err)
	}
	return s, nil
}

// makeOwn creates the store's folder if it is missing. If root does, the folder gets the owner of its parent.
func makeOwn(path string) error {
	_, err := os.Stat(path)
	if made := os.MkdirAll(path, 0o750); made != nil || err == nil {
		return made
	}
	if owner := foreignOwner(filepath.Dir(path)); owner != nil {
		return os.Lchown(path, int(owner.Uid), int(owner.Gid))
	}
	return nil
}

// foreignOwner returns the owner of a folder in which root works for another user, otherwise nil.
func foreignOwner(path string) *syscall.Stat_t {
	var st syscall.Stat_t
	if os.Geteuid() != 0 || syscall.Stat(path, &st) != nil || st.Uid == 0 {
		return nil
	}
	return &st
}

// give changes the owner of a new file or folder to the store's owner.
func (s *Store) give(name string) error {
	if s.owner == nil {
		return nil
	}
	return s.root.Lchown(name, int(s.owner.Uid), int(s.owner.Gid))
}

func (s *Store) prepare() error {
	if err := s.makeFolder(temporary); err != nil {
		return err
	}
	_, err := s.cleanTemporary(time.Now().Add(-stale))
	if errors.Is(err, syscall.EROFS) {
		return nil // the store can still be read
	}
	return err
}

// Close releases the folder. Open objects stay readable.
func (s *Store) Close() error { return s.root.Close() }

// String implements storage.Store: disk: and the absolute path.
func (s *Store) String() string { return "disk:" + s.path }

// Put implements storage.Store.
func (s *Store) Put(ctx context.Context, key string, r io.Reader, o storage.PutOptions) error {
	if err := s.put(ctx, key, r, o); err != nil {
		return fmt.Errorf("disk put %s: %w", key, err)
	}
	return nil
}

func (s *Store) put(ctx context.Context, key string, r io.Reader, o storage.PutOptions) error {
	if err := storage.ValidKey(key); err != nil {
		return err
	}
	if err := s.free(key); err != nil {
		return err
	}
	return s.store(ctx, key, r, o, s.link)
}

// Replace implements storage.Store.
func (s *Store) Replace(ctx context.Context, key string, r io.Reader, o storage.PutOptions) error {
	err := storage.ValidKey(key)
	if err == nil {
		if err = s.free(key); errors.Is(err, storage.ErrExists) {
			err = nil
		}
	}
	if err == nil {
		err = s.store(ctx, key, r, o, s.rename)
	}
	if err != nil {
		return fmt.Errorf("disk replace %s: %w", key, err)
	}
	return nil
}

// store writes a temporary file and calls publish to give it its name.
func (s *Store) store(ctx context.Context, key string, r io.Reader, o storage.PutOptions,
	publish func(name, key string) error) error {
	verified, err := storage.NewVerifier(ctx, r, o)
	if err != nil {
		return err
	}
	name, err := s.spool(verified)
	if err != nil {
		return err
	}
	// Removes the temporary name, whether or not the file was published.
	defer func() { _ = s.root.Remove(name) }()
	if err := ctx.Err(); err != nil {
		return err
	}
	return publish(name, key)
}

// free refuses a key that is taken, before the bytes are read.
func (s *Store) free(key string) error {
	info, err := s.root.Lstat(key)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case errors.Is(err, syscall.ENOTDIR):
		return fmt.Errorf("%w: a leading part of it is an object", storage.ErrKey)
	case err != nil:
		return err
	case info.IsDir():
		return fmt.Errorf("%w: other objects' keys begin with it and a slash", storage.ErrKey)
	}
	return storage.ErrExists
}

// spool writes and syncs a temporary file and returns its name.
func (s *Store) spool(r io.Reader) (name string, err error) {
	name = path.Join(temporary, rand.Text())
	f, err := s.root.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return "", err
	}
	if err = s.give(name); err == nil {
		_, err = io.Copy(f, r)
	}
	if err == nil {
		err = f.Sync()
	}
	if e := f.Close(); err == nil {
		err = e
	}
	if err != nil {
		return "", errors.Join(err, s.root.Remove(name))
	}
	return name, nil
}

// link gives the temporary file the key as its name, unless the key is taken.
func (s *Store) link(name, key string) error {
	err := s.inFolder(key, func() error { return s.root.Link(name, key) })
	if errors.Is(err, fs.ErrExist) {
		if taken := s.free(key); taken != nil {
			return taken
		}
		return storage.ErrExists
	}
	if err != nil {
		return err
	}
	if err := s.sync(path.Dir(key)); err != nil {
		// What isn't durable isn't acknowledged, and must not be visible either.
		return errors.Join(err, s.root.Remove(key))
	}
	return nil
}

// rename gives the temporary file the key as its name, replacing any other.
func (s *Store) rename(name, key string) error {
	if err := s.inFolder(key, func() error { return s.root.Rename(name, key) }); err != nil {
		return err
	}
	return s.sync(path.Dir(key))
}

// inFolder calls do with the key's folder created, again as long as a concurrent Delete removes the folder because it
// is empty.
func (s *Store) inFolder(key string, do func() error) error {
	for range 100 {
		if err := s.makeFolder(path.Dir(key)); err != nil {
			return err
		}
		if err := do(); !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return errors.New("its folder keeps being removed")
}

// makeFolder creates a folder and its parents, and syncs their names.
func (s *Store) makeFolder(name string) error {
	s.folders.Lock()
	defer s.folders.Unlock()
	return s.makeFolderLocked(name)
}

func (s *Store) makeFolderLocked(name string) error {
	if name == "." {
		return nil
	}
	info, err := s.root.Lstat(name)
	switch {
	case err == nil && info.IsDir():
		return nil
	case err == nil, errors.Is(err, syscall.ENOTDIR):
		return fmt.Errorf("%w: %s is an object, not a folder", storage.ErrKey, name)
	case !errors.Is(err, fs.ErrNotExist):
		return err
	}
	above := path.Dir(name)
	if err := s.makeFolderLocked(above); err != nil {
		return err
	}
	// Another process may create it at the same time.
	if err := s.root.Mkdir(name, 0o750); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	} else if err == nil {
		if err := s.give(name); err != nil {
			return err
		}
	}
	return s.sync(above)
}

func (s *Store) sync(folder string) error {
	f, err := s.root.Open(folder)
	if err != nil {
		return err
	}
	err = f.Sync()
	if e := f.Close(); err == nil {
		err = e
	}
	return err
}

// Delete implements storage.Store.
func (s *Store) Delete(ctx context.Context, key string) error {
	if err := s.delete(ctx, key); err != nil {
		return fmt.Errorf("disk delete %s: %w", key, err)
	}
	return nil
}

func (s *Store) delete(ctx context.Context, key string) error {
	if err := storage.ValidKey(key); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if _, err := s.stat(key); err != nil {
		if errors.Is(err, storage.ErrNotFound) {
			return nil
		}
		return err
	}
	if err := s.root.Remove(key); err != nil {
		if gone(err) {
			return nil
		}
		return err
	}
	if err := s.sync(path.Dir(key)); err != nil && !gone(err) {
		return err
	}
	s.prune(path.Dir(key))
	return nil
}

// prune removes the folder and its parents while they are empty. One that stays is harmless: it is never listed.
func (s *Store) prune(folder string) {
	s.folders.Lock()
	defer s.folders.Unlock()
	for ; folder != "."; folder = path.Dir(folder) {
		if s.root.Remove(folder) != nil {
			return
		}
	}
}

// Check implements storage.Store. It also verifies that the file system has hard links.
func (s *Store) Check(ctx context.Context) error {
	if err := s.check(ctx); err != nil {
		return fmt.Errorf("%s isn't writable: %w", s, err)
	}
	return nil
}

func (s *Store) check(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	probe := path.Join(temporary, rand.Text())
	f, err := s.root.OpenFile(probe, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.WriteString("probe")
	if e := f.Close(); err == nil {
		err = e
	}
	if err == nil {
		twin := path.Join(temporary, rand.Text())
		if err = s.root.Link(probe, twin); err == nil {
			err = s.root.Remove(twin)
		}
	}
	if e := s.root.Remove(probe); err == nil {
		err = e
	}
	return err
}

// gone reports whether an error means that a path has no object, and not that it can't be read.
func gone(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR)
}
