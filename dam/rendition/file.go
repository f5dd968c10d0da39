package rendition

import (
	"context"
	"errors"
	"io"
	"os"
)

// File returns the open file that src is, every byte of which may be read by another process: src itself, or what a
// storage.Filer hands out. It is src's, and closed with it. The error wraps errors.ErrUnsupported when src must be
// copied.
func File(ctx context.Context, src io.ReadSeeker) (*os.File, error) {
	switch f := src.(type) {
	case *os.File:
		return f, nil
	case interface {
		Whole(ctx context.Context) (*os.File, error)
	}:
		return f.Whole(ctx)
	}
	return nil, errors.ErrUnsupported
}

// Spool copies src, from its start, into a file for another process to read. room, unless nil, is asked first whether
// that many bytes may be written, and its refusal is the error.
func Spool(f *os.File, src io.ReadSeeker, room func(bytes int64) error) error {
	size, err := src.Seek(0, io.SeekEnd)
	if err == nil && room != nil {
		err = room(size)
	}
	if err == nil {
		_, err = src.Seek(0, io.SeekStart)
	}
	if err == nil {
		_, err = io.Copy(f, src)
	}
	return err
}
