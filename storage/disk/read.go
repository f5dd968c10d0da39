package disk

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"slices"
	"strings"

	"vitrine/storage"
)

// object is an open file, as a storage.Filer. It embeds *os.File because net/http can then send it without copying it
// through the process.
type object struct {
	*os.File
	info storage.Info
}

func (o object) Info() storage.Info { return o.info }

// Whole implements storage.Filer. It doesn't verify the content.
func (o object) Whole(context.Context) (*os.File, error) {
	_, err := o.Seek(0, io.SeekStart)
	return o.File, err
}

// Open implements storage.Store.
func (s *Store) Open(ctx context.Context, key string) (storage.Object, error) {
	o, err := s.open(ctx, key)
	if err != nil {
		return nil, fmt.Errorf("disk open %s: %w", key, err)
	}
	return o, nil
}

func (s *Store) open(ctx context.Context, key string) (storage.Object, error) {
	if err := storage.ValidKey(key); err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	f, err := s.root.Open(key)
	if err != nil {
		if gone(err) {
			return nil, storage.ErrNotFound
		}
		return nil, err
	}
	file, err := f.Stat()
	if err == nil && !file.Mode().IsRegular() {
		err = storage.ErrNotFound
	}
	if err != nil {
		_ = f.Close()
		return nil, err
	}
	return object{f, describe(key, file)}, nil
}

// Stat implements storage.Store. SHA256 is always "".
func (s *Store) Stat(ctx context.Context, key string) (storage.Info, error) {
	err := storage.ValidKey(key)
	if err == nil {
		err = ctx.Err()
	}
	var info storage.Info
	if err == nil {
		info, err = s.stat(key)
	}
	if err != nil {
		return storage.Info{}, fmt.Errorf("disk stat %s: %w", key, err)
	}
	return info, nil
}

func (s *Store) stat(key string) (storage.Info, error) {
	file, err := s.root.Stat(key)
	if err != nil {
		if gone(err) {
			return storage.Info{}, storage.ErrNotFound
		}
		return storage.Info{}, err
	}
	if !file.Mode().IsRegular() {
		return storage.Info{}, storage.ErrNotFound
	}
	return describe(key, file), nil
}

func describe(key string, file fs.FileInfo) storage.Info {
	return storage.Info{Key: key, Size: file.Size(), ModTime: file.ModTime()}
}

// List implements storage.Store. It has the names of one folder per level in memory.
func (s *Store) List(ctx context.Context, prefix string) iter.Seq2[storage.Info, error] {
	return func(yield func(storage.Info, error) bool) {
		if err := storage.ValidPrefix(prefix); err != nil {
			yield(storage.Info{}, fmt.Errorf("disk list: %w", err))
			return
		}
		w := walk{ctx: ctx, fsys: s.root.FS(), prefix: prefix, yield: yield}
		// Folders that the prefix names completely need no search.
		start := "."
		if i := strings.LastIndexByte(prefix, '/'); i >= 0 {
			start = prefix[:i]
		}
		if err := w.folder(start); err != nil && !errors.Is(err, errStop) {
			yield(storage.Info{}, fmt.Errorf("disk list %s: %w", prefix, err))
		}
	}
}

// errStop means that the caller left the loop.
var errStop = errors.New("stop")

type walk struct {
	ctx    context.Context
	fsys   fs.FS
	prefix string
	yield  func(storage.Info, error) bool
}

func (w walk) folder(name string) error {
	if err := w.ctx.Err(); err != nil {
		return err
	}
	entries, err := fs.ReadDir(w.fsys, name)
	if err != nil {
		if gone(err) {
			return nil
		}
		return err
	}
	// "a-b" comes before "a/b": a folder is sorted by its name with the slash.
	slices.SortFunc(entries, func(a, b fs.DirEntry) int {
		return strings.Compare(sortName(a), sortName(b))
	})
	for _, entry := range entries {
		if err := w.entry(name, entry); err != nil {
			return err
		}
	}
	return nil
}

func sortName(e fs.DirEntry) string {
	if e.IsDir() {
		return e.Name() + "/"
	}
	return e.Name()
}

func (w walk) entry(folder string, entry fs.DirEntry) error {
	key := entry.Name()
	if folder != "." {
		key = folder + "/" + key
	}
	// Names that are not keys are the driver's (.tmp) or the file system's (lost+found).
	if storage.ValidKey(key) != nil {
		return nil
	}
	if entry.IsDir() {
		if below := key + "/"; strings.HasPrefix(below, w.prefix) || strings.HasPrefix(w.prefix, below) {
			return w.folder(key)
		}
		return nil
	}
	if !entry.Type().IsRegular() || !strings.HasPrefix(key, w.prefix) {
		return nil
	}
	if err := w.ctx.Err(); err != nil {
		return err
	}
	file, err := entry.Info()
	if err != nil {
		if gone(err) {
			return nil
		}
		return err
	}
	if !w.yield(describe(key, file), nil) {
		return errStop
	}
	return nil
}
