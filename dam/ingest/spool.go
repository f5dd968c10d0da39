package ingest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"os"

	"vitrine/dam"
	"vitrine/dam/reasons"
)

// Spooled is a complete file on the local disk.
type Spooled struct {
	Path   string
	Size   int64
	SHA256 string
}

// Remove deletes the file.
func (f Spooled) Remove() error { return os.Remove(f.Path) }

// CheckRoom refuses a file of n bytes that would leave a disk with less than its
// floor; 0 asks whether anything is taken at all. The error is a dam.Error, NoSpace.
func (s *Service) CheckRoom(n int64) error {
	if s.Room == nil {
		return nil
	}
	return s.Room(n)
}

// Spool copies r to the local disk while hashing it. The caller removes the file.
// What the disk refuses is a dam.Error; what r says is returned as it is.
func (s *Service) Spool(ctx context.Context, r io.Reader) (Spooled, error) {
	if err := s.CheckRoom(0); err != nil {
		return Spooled{}, err
	}
	f, err := os.CreateTemp(s.Dir, "spool-")
	if err != nil {
		return Spooled{}, spoolError(err)
	}
	h := sha256.New()
	var src io.Reader = ctxReader{ctx, r}
	if s.MaxSize > 0 {
		src = io.LimitReader(src, s.MaxSize+1)
	}
	n, err := io.Copy(io.MultiWriter(&spoolWriter{s: s, w: f}, h), src)
	if err == nil && s.MaxSize > 0 && n > s.MaxSize {
		err = s.tooLarge()
	}
	if closeErr := f.Close(); closeErr != nil {
		err = errors.Join(err, spoolError(closeErr))
	}
	if err != nil {
		return Spooled{}, errors.Join(err, os.Remove(f.Name()))
	}
	return Spooled{f.Name(), n, hex.EncodeToString(h.Sum(nil))}, nil
}

// spoolWriter writes to the spool and stops while there is still room for the
// database: the length of an upload may be unknown, and several come in at once.
type spoolWriter struct {
	s       *Service
	w       io.Writer
	checked int64 // bytes written since the room was looked at
}

const checkEvery = 16 << 20 // bytes

func (w *spoolWriter) Write(p []byte) (int, error) {
	if w.checked += int64(len(p)); w.checked >= checkEvery {
		w.checked = 0
		if err := w.s.CheckRoom(0); err != nil {
			return 0, err
		}
	}
	n, err := w.w.Write(p)
	if err != nil {
		err = spoolError(err)
	}
	return n, err
}

// spoolError says that the spool failed, and not the sender.
func spoolError(err error) error {
	if e := dam.SystemError(err); e != nil {
		return e
	}
	return &dam.Error{Code: dam.Unavailable, Reason: reasons.FileNotKept(), Err: err}
}

func (s *Service) tooLarge() *dam.Error {
	return &dam.Error{Code: dam.TooLarge, Field: "file", Reason: reasons.LargerThanServerTakes(s.MaxSize)}
}

type ctxReader struct {
	ctx context.Context
	r   io.Reader
}

func (c ctxReader) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.Read(p)
}

// hashFile describes a file that is on the disk already.
func hashFile(ctx context.Context, name string) (Spooled, error) {
	f, err := os.Open(name)
	if err != nil {
		return Spooled{}, err
	}
	defer func() { _ = f.Close() }()
	h := sha256.New()
	n, err := io.Copy(h, ctxReader{ctx, f})
	return Spooled{name, n, hex.EncodeToString(h.Sum(nil))}, err
}
