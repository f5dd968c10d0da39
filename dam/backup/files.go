package backup

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// writeFile writes a file, encrypted when there is a key, that appears under its name whole and synced or not at all.
func writeFile(dir, name string, key *Key, fill func(io.Writer) error) (f File, err error) {
	f.Name = name + key.suffix()
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return f, err
	}
	tmp, err := os.CreateTemp(dir, ".new-*")
	if err != nil {
		return f, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, tmp.Close(), os.Remove(tmp.Name()))
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
	if err = os.Rename(tmp.Name(), filepath.Join(dir, f.Name)); err != nil {
		return f, err
	}
	f.Size, f.SHA256 = counted.n, hex.EncodeToString(hash.Sum(nil))
	return f, errors.Join(tmp.Close(), syncDir(dir))
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

func writeJSON(dir, name string, key *Key, v any) (File, error) {
	return writeFile(dir, name, key, func(w io.Writer) error {
		e := json.NewEncoder(w)
		e.SetIndent("", "  ")
		return e.Encode(v)
	})
}

// openFile opens a file and decrypts it; name is without .age.
func openFile(dir, name string, key *Key) (*io.SectionReader, io.Closer, error) {
	f, err := os.Open(filepath.Join(dir, name+key.suffix()))
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

func readJSON(dir, name string, key *Key, v any) error {
	r, f, err := openFile(dir, name, key)
	if err != nil {
		return err
	}
	return errors.Join(json.NewDecoder(r).Decode(v), f.Close())
}

// intact compares a stored file with its record.
func (f File) intact(dir string) error {
	file, err := os.Open(filepath.Join(dir, f.Name))
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

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
