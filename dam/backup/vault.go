package backup

import (
	"context"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"time"

	"vitrine/dam/catalog"
	"vitrine/storage"
	"vitrine/storage/disk"
)

// vault holds objects by the SHA-256 of their bytes. A file's modification time is when its bytes were last read and
// found intact, so that no other record of the checks is needed.
type vault struct {
	root  *os.Root // the store's
	store *disk.Store
	key   *Key
}

// The states of an object in the vault.
type state int

const (
	absent state = iota
	present
	suspect // stored with a size that can't be right, or a link or pipe has its name
)

func contentKey(sha256 string) (string, error) {
	if b, err := hex.DecodeString(sha256); err != nil || len(b) != 32 || strings.ToLower(sha256) != sha256 {
		return "", fmt.Errorf("%w: the catalogue's record of its SHA-256 is no SHA-256", storage.ErrChecksum)
	}
	return sha256[:2] + "/" + sha256[2:4] + "/" + sha256, nil
}

// state returns the state of an object without reading it. If a backup of the old format has the object under the
// store's key, state renames it to its hash without verifying it.
func (v *vault) state(ctx context.Context, b catalog.Blob) (state, time.Time, error) {
	key, err := contentKey(b.SHA256)
	if err != nil {
		return absent, time.Time{}, err
	}
	info, err := v.store.Stat(ctx, key)
	if errors.Is(err, storage.ErrNotFound) && v.key == nil && v.takeUp(b.Key, key) {
		info, err = v.store.Stat(ctx, key)
	}
	if err != nil {
		if other, e := v.root.Lstat(key); e == nil && !other.Mode().IsRegular() && !other.IsDir() {
			return suspect, time.Time{}, nil
		}
	}
	switch {
	case errors.Is(err, storage.ErrNotFound):
		return absent, time.Time{}, nil
	case err != nil:
		return absent, time.Time{}, err
	case info.Size != v.key.stored(b.Size):
		return suspect, info.ModTime, nil
	}
	return present, info.ModTime, nil
}

func (v *vault) takeUp(old, key string) bool {
	if storage.ValidKey(old) != nil {
		return false
	}
	if info, err := v.root.Lstat(old); err != nil || !info.Mode().IsRegular() {
		return false
	}
	err := v.root.MkdirAll(filepath.Dir(key), 0o750)
	if err == nil {
		err = v.root.Rename(old, key)
	}
	return err == nil && v.root.Chtimes(key, time.Unix(0, 0), time.Unix(0, 0)) == nil
}

// due reports whether an object has to be read again: between age/2 and age after it was last read, depending on its
// hash, so that not all are due on the same day.
func due(sha256 string, checked, now time.Time, age time.Duration) bool {
	b, err := hex.DecodeString(sha256[:4])
	if err != nil {
		return true
	}
	part := float64(binary.BigEndian.Uint16(b)) / (1 << 16)
	return now.Sub(checked) > age/2+time.Duration(part*float64(age/2))
}

// open returns an object of the vault by its hash, or by the key that it has in a backup of the old format.
func (v *vault) open(ctx context.Context, b catalog.Blob) (storage.Object, error) {
	if b.SHA256 == "" && v.key == nil { // old format, without a catalogue
		return v.file(ctx, b.Key)
	}
	key, err := contentKey(b.SHA256)
	if err != nil {
		return nil, err
	}
	o, err := v.file(ctx, key)
	if errors.Is(err, storage.ErrNotFound) && v.key == nil && storage.ValidKey(b.Key) == nil {
		o, err = v.file(ctx, b.Key)
	}
	if err != nil || v.key == nil {
		return o, err
	}
	section, err := v.key.reader(o, o.Info().Size)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("%w: %w", storage.ErrChecksum, err), o.Close())
	}
	return &decrypted{section, o, storage.Info{Key: b.Key, Size: section.Size(), ModTime: o.Info().ModTime}}, nil
}

// file opens an object in its stored form. Anything but a regular file counts as not stored: opening a pipe would block
// forever.
func (v *vault) file(ctx context.Context, key string) (storage.Object, error) {
	if _, err := v.store.Stat(ctx, key); err != nil {
		return nil, err
	}
	return v.store.Open(ctx, key)
}

// decrypted is an object whose chunks are decrypted, and thereby verified, as they are read.
type decrypted struct {
	*io.SectionReader
	stored storage.Object
	info   storage.Info
}

// Read implements io.Reader. Bytes that can't be decrypted are damaged.
func (d *decrypted) Read(p []byte) (int, error) {
	n, err := d.SectionReader.Read(p)
	return n, undecryptable(err)
}

// ReadAt implements io.ReaderAt.
func (d *decrypted) ReadAt(p []byte, off int64) (int, error) {
	n, err := d.SectionReader.ReadAt(p, off)
	return n, undecryptable(err)
}

// WriteTo replaces the section reader's method, which would bypass Read.
func (d *decrypted) WriteTo(w io.Writer) (int64, error) { return io.Copy(w, struct{ io.Reader }{d}) }

func undecryptable(err error) error {
	if err == nil || err == io.EOF {
		return err
	}
	return fmt.Errorf("%w: %w", storage.ErrChecksum, err)
}

func (d *decrypted) Info() storage.Info { return d.info }
func (d *decrypted) Close() error       { return d.stored.Close() }

// check reads an object whole and marks it as intact.
func (v *vault) check(ctx context.Context, b catalog.Blob) error {
	o, err := v.open(ctx, b)
	if err != nil {
		return err
	}
	err = verify(ctx, o, b)
	if err := errors.Join(err, o.Close()); err != nil {
		return err
	}
	key, err := contentKey(b.SHA256)
	if err != nil {
		return err
	}
	// A backup on read-only media, or of the old format, is not marked.
	now := time.Now()
	_ = v.root.Chtimes(key, now, now)
	return nil
}

// verify reads to the end and verifies size and hash.
func verify(ctx context.Context, r io.Reader, b catalog.Blob) error {
	verified, err := storage.NewVerifier(ctx, r, storage.PutOptions{Size: b.Size, SHA256: b.SHA256})
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, verified)
	return err
}

// errSource marks an error in reading what is backed up.
var errSource = errors.New("can't be read")

// tracked remembers the error of a source, to distinguish it from the target's.
type tracked struct {
	io.Reader
	err error
}

func (t *tracked) Read(p []byte) (int, error) {
	n, err := t.Reader.Read(p)
	if err != nil && err != io.EOF {
		t.err = err
	}
	return n, err
}

// put copies an object from a store into the vault, and stores only the bytes that the catalogue recorded. With over it
// replaces a damaged object, which stays if the source is damaged too. own reports whether the error is the object's;
// any other is the vault's.
func (v *vault) put(ctx context.Context, from storage.Store, b catalog.Blob, over bool) error {
	write := v.store.Put
	if over {
		write = v.store.Replace
	}
	key, err := contentKey(b.SHA256)
	if err != nil {
		return err
	}
	o, err := from.Open(ctx, b.Key)
	if err != nil {
		return asSource(err)
	}
	defer func() { _ = o.Close() }()
	source := &tracked{Reader: o}
	verified, err := storage.NewVerifier(ctx, source, storage.PutOptions{Size: b.Size, SHA256: b.SHA256})
	if err != nil {
		return err
	}
	if v.key == nil {
		err = write(ctx, key, verified, storage.PutOptions{Size: b.Size})
	} else {
		err = v.encrypt(verified, func(r io.Reader) error { return write(ctx, key, r, storage.PutOptions{Size: -1}) })
	}
	if source.err != nil {
		return asSource(source.err)
	}
	if errors.Is(err, storage.ErrExists) { // another process stored it; it may not be a regular file
		_, err = v.store.Stat(ctx, key)
	}
	return err
}

// encrypt calls write with the encrypted content of plain.
func (v *vault) encrypt(plain io.Reader, write func(io.Reader) error) error {
	r, w := io.Pipe()
	done := make(chan struct{})
	go func() {
		defer close(done)
		sealed, err := v.key.writer(w)
		if err == nil {
			_, err = io.Copy(sealed, plain)
		}
		if err == nil {
			err = sealed.Close()
		}
		w.CloseWithError(err)
	}()
	err := write(r)
	_ = r.CloseWithError(errors.New("the target has stopped"))
	<-done
	return err
}

func asSource(err error) error {
	if own(err) {
		return err
	}
	return fmt.Errorf("%w: %w", errSource, err)
}

// own reports whether an error is the object's rather than the vault's.
func own(err error) bool {
	return errors.Is(err, errSource) || errors.Is(err, storage.ErrNotFound) || errors.Is(err, storage.ErrKey) ||
		damaged(err)
}

// list yields everything stored, ordered by name.
func (v *vault) list(ctx context.Context) iter.Seq2[storage.Info, error] {
	return v.store.List(ctx, "")
}

// isContent reports whether a name is of this format rather than of the old one.
func isContent(key string) bool {
	want, err := contentKey(filepath.Base(key))
	return err == nil && want == key
}

func damaged(err error) bool {
	return errors.Is(err, storage.ErrChecksum) || errors.Is(err, storage.ErrDamaged)
}
