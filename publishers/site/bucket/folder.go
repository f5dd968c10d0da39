package bucket

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"

	"vitrine/dam"
)

// folder is a target in the file system. os.Root keeps every path, symbolic links included, inside it.
type folder struct{ root *os.Root }

// temporary is the suffix of files that are being written. A crash leaves them; list returns them, so that the next
// commit or recall deletes them.
const temporary = ".part"

func openFolder(dir string) (*folder, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	return &folder{root}, nil
}

func (f *folder) put(ctx context.Context, key string, r io.Reader, size int64, _ object) (err error) {
	if dir := path.Dir(key); dir != "." {
		if err := f.root.MkdirAll(dir, 0o755); err != nil {
			return err
		}
	}
	// A unique name, so that two writers of the same key don't mix their bytes.
	part := path.Join(path.Dir(key), "."+dam.NewID("x")+temporary)
	w, err := f.root.OpenFile(part, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	n, err := io.Copy(w, contextReader{ctx, r})
	if err == nil && n != size {
		err = io.ErrUnexpectedEOF
	}
	if err = errors.Join(err, w.Sync(), w.Close()); err == nil {
		err = f.root.Rename(part, key)
	}
	if err != nil {
		return errors.Join(err, f.root.Remove(part))
	}
	return f.sync(path.Dir(key))
}

// sync makes a rename survive a power cut.
func (f *folder) sync(dir string) error {
	d, err := f.root.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

func (f *folder) get(_ context.Context, key string, limit int64) ([]byte, error) {
	r, err := f.root.Open(key)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, errAbsent
	}
	if err != nil {
		return nil, err
	}
	b, err := io.ReadAll(io.LimitReader(r, limit))
	return b, errors.Join(err, r.Close())
}

func (f *folder) remove(_ context.Context, key string) error {
	err := f.root.Remove(key)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	_ = f.root.Remove(path.Dir(key)) // removes the asset's folder if it is empty, otherwise fails
	return nil
}

func (f *folder) list(_ context.Context, prefix string) (map[string]int64, error) {
	out := map[string]int64{}
	err := fs.WalkDir(f.root.FS(), strings.TrimSuffix(prefix, "/"), func(name string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err == nil {
			out[name] = info.Size()
		}
		return err
	})
	return out, err
}

func (f *folder) check(ctx context.Context, prefix string) error {
	probe := prefix + ".vitrine-" + dam.NewID("x")
	if err := f.put(ctx, probe, bytes.NewReader(nil), 0, object{}); err != nil {
		return err
	}
	return f.remove(ctx, probe)
}

// contextReader ends a copy when the context ends.
type contextReader struct {
	ctx context.Context
	r   io.Reader
}

func (c contextReader) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.Read(p)
}
