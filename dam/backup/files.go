package backup

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// openRegular opens a regular file of the backup's folder and refuses anything else: a link may name another file, and
// a pipe may block its reader forever.
func openRegular(root *os.Root, name string, flag int) (*os.File, error) {
	if info, err := root.Lstat(name); err == nil && !info.Mode().IsRegular() {
		return nil, irregular(name)
	} else if err != nil && (flag&os.O_CREATE == 0 || !errors.Is(err, fs.ErrNotExist)) {
		return nil, err
	}
	f, err := root.OpenFile(name, flag|syscall.O_NONBLOCK, 0o600)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = irregular(name)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

func irregular(name string) error {
	return fmt.Errorf("%q is a link or something else that no backup has there", name)
}

// writeFile writes a file, encrypted if there is a key. The file appears under its name whole and synced, or not at
// all.
func writeFile(root *os.Root, dir, name string, key *Key, fill func(io.Writer) error) (f File, err error) {
	f.Name = name + key.suffix()
	if err := root.MkdirAll(dir, 0o750); err != nil {
		return f, err
	}
	fresh := filepath.Join(dir, ".new-"+rand.Text())
	tmp, err := root.OpenFile(fresh, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return f, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, tmp.Close(), root.Remove(fresh))
		}
	}()
	hash := sha256.New()
	counted := &counter{w: io.MultiWriter(tmp, hash)}
	sealed, err := key.writer(counted)
	if err != nil {
		return f, err
	}
	if err = fill(sealed); err != nil {
		return f, err
	}
	if err = sealed.Close(); err != nil {
		return f, err
	}
	if err = tmp.Sync(); err != nil {
		return f, err
	}
	if err = root.Rename(fresh, filepath.Join(dir, f.Name)); err != nil {
		return f, err
	}
	f.Size, f.SHA256 = counted.n, hex.EncodeToString(hash.Sum(nil))
	return f, errors.Join(tmp.Close(), syncDir(root.Open(dir)))
}

type counter struct {
	w io.Writer
	n int64
}

func (c *counter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.n += int64(n)
	return n, err
}

func writeJSON(root *os.Root, dir, name string, key *Key, v any) (File, error) {
	return writeFile(root, dir, name, key, func(w io.Writer) error {
		e := json.NewEncoder(w)
		e.SetIndent("", "  ")
		return e.Encode(v)
	})
}

// openFile opens and decrypts a file; name is without .age.
func openFile(root *os.Root, dir, name string, key *Key) (*io.SectionReader, io.Closer, error) {
	f, err := openRegular(root, filepath.Join(dir, name+key.suffix()), os.O_RDONLY)
	if err != nil {
		return nil, nil, err
	}
	info, err := f.Stat()
	if err != nil {
		return nil, nil, errors.Join(err, f.Close())
	}
	r, err := key.reader(f, info.Size())
	if err != nil {
		return nil, nil, errors.Join(fmt.Errorf("%s: %w", name, err), f.Close())
	}
	return r, f, nil
}

func readJSON(root *os.Root, dir, name string, key *Key, v any) error {
	r, f, err := openFile(root, dir, name, key)
	if err != nil {
		return err
	}
	return errors.Join(json.NewDecoder(r).Decode(v), f.Close())
}

// intact compares a stored file with its entry in the manifest.
func (f File) intact(root *os.Root, dir string) error {
	file, err := openRegular(root, filepath.Join(dir, f.Name), os.O_RDONLY)
	if err != nil {
		return err
	}
	hash := sha256.New()
	n, err := io.Copy(hash, file)
	if err := errors.Join(err, file.Close()); err != nil {
		return err
	}
	if n != f.Size || hex.EncodeToString(hash.Sum(nil)) != f.SHA256 {
		return fmt.Errorf("%s has other bytes than its manifest says", f.Name)
	}
	return nil
}

// syncDir makes the names in a folder durable; its arguments are the results of opening the folder.
func syncDir(d *os.File, err error) error {
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
