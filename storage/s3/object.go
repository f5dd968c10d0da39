package s3

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"sync/atomic"

	"github.com/minio/minio-go/v7"

	"vitrine/storage"
)

// object reads an object with ranged requests: one from the current position to the end for Read, which is dropped by a
// Seek to another position, and one per ReadAt.
type object struct {
	ctx    context.Context
	store  *Store
	info   storage.Info
	etag   string
	closed atomic.Bool

	pos    int64         // the position of the next Read
	body   io.ReadCloser // nil before the first Read and after a Seek
	at     int64         // the position of body
	proven bool          // body has returned bytes, so a retry may help
}

// Open implements storage.Store with one HEAD request.
func (s *Store) Open(ctx context.Context, key string) (storage.Object, error) {
	info, err := s.stat(ctx, key)
	if err != nil {
		return nil, fmt.Errorf("s3 open %s: %w", key, err)
	}
	return &object{ctx: ctx, store: s, info: s.describe(info), etag: info.ETag}, nil
}

func (o *object) Info() storage.Info { return o.info }

// fetch requests the bytes from..to, both inclusive, of the very object that was opened and not of a later one with
// that name.
func (o *object) fetch(from, to int64) (io.ReadCloser, error) {
	var options minio.GetObjectOptions
	err := options.SetRange(from, to)
	if err == nil {
		err = options.SetMatchETag(o.etag)
	}
	var body io.ReadCloser
	if err == nil {
		body, _, _, err = o.store.client.GetObject(o.ctx, o.store.location.bucket, o.store.name(o.info.Key), options)
	}
	if err != nil {
		return nil, fmt.Errorf("s3 read %s: %w", o.info.Key, plain(err))
	}
	return body, nil
}

func (o *object) Read(p []byte) (int, error) {
	if o.closed.Load() {
		return 0, fs.ErrClosed
	}
	if len(p) == 0 {
		return 0, nil
	}
	if o.body != nil && o.at != o.pos {
		o.drop()
	}
	for o.pos < o.info.Size {
		if o.body == nil {
			body, err := o.fetch(o.pos, o.info.Size-1)
			if err != nil {
				return 0, err
			}
			o.body, o.at, o.proven = body, o.pos, false
		}
		n, err := o.body.Read(p[:min(int64(len(p)), o.info.Size-o.pos)])
		o.pos += int64(n)
		o.at = o.pos
		o.proven = o.proven || n > 0
		if err == nil || n > 0 {
			return n, nil // a lasting error will be returned again
		}
		// Long downloads are cut from time to time: continue at the current position, unless the last request returned
		// nothing at all.
		retry := o.proven && o.ctx.Err() == nil
		o.drop()
		if !retry {
			if errors.Is(err, io.EOF) {
				err = io.ErrUnexpectedEOF
			}
			return 0, fmt.Errorf("s3 read %s: %w", o.info.Key, err)
		}
	}
	return 0, io.EOF
}

func (o *object) drop() {
	if o.body != nil {
		_ = o.body.Close() // its remaining bytes are not needed
		o.body = nil
	}
}

func (o *object) Seek(offset int64, whence int) (int64, error) {
	if o.closed.Load() {
		return 0, fs.ErrClosed
	}
	at, err := storage.Offset(o.info.Key, o.pos, o.info.Size, offset, whence)
	if err != nil {
		return 0, fmt.Errorf("s3: %w", err)
	}
	o.pos = at
	return at, nil
}

func (o *object) ReadAt(p []byte, offset int64) (n int, err error) {
	switch {
	case o.closed.Load():
		return 0, fs.ErrClosed
	case offset < 0:
		return 0, fmt.Errorf("s3 read %s: %d is before the start", o.info.Key, offset)
	case len(p) == 0:
		return 0, nil
	case offset >= o.info.Size:
		return 0, io.EOF
	}
	want := min(int64(len(p)), o.info.Size-offset)
	body, err := o.fetch(offset, offset+want-1)
	if err != nil {
		return 0, err
	}
	defer func() { _ = body.Close() }()
	n, err = io.ReadFull(body, p[:want])
	switch {
	case errors.Is(err, io.EOF):
		err = io.ErrUnexpectedEOF
	case err == nil && want < int64(len(p)):
		err = io.EOF
	}
	if err != nil && err != io.EOF {
		err = fmt.Errorf("s3 read %s: %w", o.info.Key, err)
	}
	return n, err
}

func (o *object) Close() error {
	if o.closed.Swap(true) {
		return fs.ErrClosed
	}
	o.drop()
	return nil
}
