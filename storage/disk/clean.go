package disk

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"time"

	"vitrine/storage"
)

// Clean implements storage.Store. Temporary files have no prefix, so every call removes those that are old enough.
func (s *Store) Clean(ctx context.Context, prefix string, before time.Time) (int, error) {
	n, err := s.clean(ctx, prefix, before)
	if err != nil {
		return n, fmt.Errorf("disk clean %s: %w", prefix, err)
	}
	return n, nil
}

func (s *Store) clean(ctx context.Context, prefix string, before time.Time) (int, error) {
	if err := storage.ValidPrefix(prefix); err != nil {
		return 0, err
	}
	n, err := s.cleanTemporary(before)
	if err != nil || prefix == "" || !strings.HasSuffix(prefix, "/") {
		return n, err
	}
	k, _, err := s.cleanFolder(ctx, strings.TrimSuffix(prefix, "/"), before)
	return n + k, err
}

// cleanTemporary removes temporary files that no Put is writing any more.
func (s *Store) cleanTemporary(before time.Time) (n int, err error) {
	entries, err := fs.ReadDir(s.root.FS(), temporary)
	if err != nil {
		return 0, err
	}
	for _, entry := range entries {
		info, err := entry.Info()
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return n, err
		}
		if !info.ModTime().Before(before) {
			continue
		}
		err = s.root.Remove(path.Join(temporary, entry.Name()))
		if err == nil {
			n++
		} else if !errors.Is(err, fs.ErrNotExist) {
			return n, err
		}
	}
	return n, nil
}

// cleanFolder removes a folder if it is empty, or has only empty folders, since before an instant.
func (s *Store) cleanFolder(ctx context.Context, name string, before time.Time) (n int, empty bool, err error) {
	if err := ctx.Err(); err != nil {
		return 0, false, err
	}
	info, err := s.root.Lstat(name)
	if err != nil || !info.IsDir() {
		if err != nil && gone(err) {
			err = nil
		}
		return 0, false, err
	}
	entries, err := fs.ReadDir(s.root.FS(), name)
	if err != nil {
		if gone(err) {
			err = nil
		}
		return 0, false, err
	}
	empty = true
	for _, e := range entries {
		below := false
		if e.IsDir() {
			var k int
			if k, below, err = s.cleanFolder(ctx, name+"/"+e.Name(), before); err != nil {
				return n, false, err
			}
			n += k
		}
		empty = empty && below
	}
	// The modification time was read before this call removed anything from the folder.
	if !empty || !info.ModTime().Before(before) {
		return n, false, nil
	}
	s.folders.Lock()
	defer s.folders.Unlock()
	if s.root.Remove(name) != nil {
		return n, false, nil // in use by now
	}
	return n + 1, true, nil
}
