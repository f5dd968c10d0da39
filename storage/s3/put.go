package s3

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/minio/minio-go/v7"

	"vitrine/storage"
)

const (
	// maxBuffers bounds the memory of all Puts of a store together: further ones wait.
	maxBuffers = 3
	// Objects smaller than small get a buffer of their own size.
	small = 1 << 20

	maxParts  = 10_000 // limit of S3
	aftercare = 15 * time.Second

	conflictPause = 10 * time.Millisecond // doubled each time
	conflictLimit = time.Second
	deniedLimit   = 100 * time.Millisecond
)

// errConflict means that the server stored nothing because of a concurrent change to the key, or to a folder of it. A
// retry helps.
var errConflict = errors.New("conflict with another request")

const (
	headerSHA256    = "X-Amz-Checksum-Sha256"
	headerAlgorithm = "X-Amz-Checksum-Algorithm"
)

// parts lends buffers of the part size.
type parts struct {
	size int
	lent chan struct{}
	pool *sync.Pool // frees them when no Put runs
}

func newParts(size int) parts {
	return parts{size, make(chan struct{}, maxBuffers), &sync.Pool{New: func() any {
		b := make([]byte, size)
		return &b
	}}}
}

func (p parts) borrow(ctx context.Context) (*[]byte, error) {
	select {
	case p.lent <- struct{}{}:
		return p.pool.Get().(*[]byte), nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (p parts) giveBack(b *[]byte) {
	p.pool.Put(b)
	<-p.lent
}

// Put implements storage.Store. It has at most one part in memory, and waits while three other Puts of this store have
// one each. It sends the object once it is known to be complete: in one request if it is smaller than a part, otherwise
// in parts that only the last request makes visible.
func (s *Store) Put(ctx context.Context, key string, r io.Reader, o storage.PutOptions) error {
	if err := s.put(ctx, key, r, o, false); err != nil {
		return fmt.Errorf("s3 put %s: %w", key, err)
	}
	return nil
}

// Replace implements storage.Store; see Put for its memory.
func (s *Store) Replace(ctx context.Context, key string, r io.Reader, o storage.PutOptions) error {
	if err := s.put(ctx, key, r, o, true); err != nil {
		return fmt.Errorf("s3 replace %s: %w", key, err)
	}
	return nil
}

func (s *Store) put(ctx context.Context, key string, r io.Reader, o storage.PutOptions, replace bool) error {
	if err := storage.ValidKey(key); err != nil {
		return err
	}
	if limit := int64(s.parts.size) * maxParts; o.Size > limit {
		return fmt.Errorf("%d bytes are more than %d parts: raise part= in the store's location", o.Size, maxParts)
	}
	verified, err := storage.NewVerifier(ctx, r, o)
	if err != nil {
		return err
	}
	u := upload{
		Store: s, key: key, id: rand.Text(),
		meta: map[string]string{},
		kind: o.ContentType, replace: replace,
	}
	u.meta[metaPut] = u.id
	if o.SHA256 != "" {
		u.meta[metaSHA256] = o.SHA256
	}

	var buffer []byte
	if 0 <= o.Size && o.Size < small {
		buffer = make([]byte, o.Size+1) // the extra byte detects the end
	} else {
		lent, err := s.parts.borrow(ctx)
		if err != nil {
			return err
		}
		defer s.parts.giveBack(lent)
		buffer = *lent
	}
	n, whole, err := fill(verified, buffer)
	if err != nil {
		return err
	}
	if whole {
		return s.fullness(ctx, u.single(ctx, buffer[:n]))
	}
	return s.fullness(ctx, u.multipart(ctx, verified, buffer))
}

// fullness asks a server that failed whether it is full: MinIO reports it for small objects only, and returns an
// internal error if it can't write a part.
func (s *Store) fullness(ctx context.Context, err error) error {
	var answer minio.ErrorResponse
	if !errors.As(err, &answer) || answer.StatusCode < http.StatusInternalServerError ||
		errors.Is(err, syscall.ENOSPC) {
		return err
	}
	if probe := s.Check(ctx); errors.Is(probe, syscall.ENOSPC) {
		return storage.Full(err)
	}
	return err
}

// fill reads until the buffer is full or the reader ends. Unlike io.ReadFull it keeps an error that comes with the last
// bytes.
func fill(r io.Reader, buffer []byte) (n int, ended bool, err error) {
	for n < len(buffer) {
		k, err := r.Read(buffer[n:])
		n += k
		if err == io.EOF {
			return n, true, nil
		}
		if err != nil {
			return n, false, err
		}
	}
	return n, false, nil
}

// upload is one Put.
type upload struct {
	*Store
	key  string
	id   string // distinguishes this Put's object from another's
	meta map[string]string
	kind string
	// replace allows the upload to overwrite an object.
	replace bool
}

// condition sets the precondition of the request that makes the object visible.
func (u upload) condition(o *minio.PutObjectOptions) {
	if !u.replace {
		o.SetMatchETagExcept("*")
	}
}

func (u upload) single(ctx context.Context, data []byte) error {
	sum := sha256.Sum256(data)
	u.meta[metaSHA256] = hex.EncodeToString(sum[:])
	o := minio.PutObjectOptions{ContentType: u.kind, UserMetadata: u.meta}
	u.condition(&o)
	answer, err := u.putObject(ctx, u.name(u.key), data, sum, o)
	for pause := conflictPause; err != nil; pause *= 2 {
		// MinIO also denies access to a folder that a concurrent Delete has just emptied and removed.
		retry := pause <= deniedLimit && minio.ToErrorResponse(err).Code == minio.AccessDenied
		if err = u.finish(ctx, err); err == nil || !retry && (pause > conflictLimit || !errors.Is(err, errConflict)) {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause):
		}
		answer, err = u.putObject(ctx, u.name(u.key), data, sum, o)
	}
	if differs(answer.ChecksumSHA256, encode(sum)) {
		return u.spoiled(ctx)
	}
	return nil
}

// putObject sends data in one request. The hash is signed, so the server refuses any other bytes.
func (s *Store) putObject(ctx context.Context, name string, data []byte, sum [sha256.Size]byte,
	o minio.PutObjectOptions) (minio.UploadInfo, error) {
	o.DisableContentSha256 = true // sign the hash given here instead of chunks
	if o.UserMetadata == nil {
		o.UserMetadata = map[string]string{}
	}
	o.UserMetadata[headerSHA256] = encode(sum)
	return s.client.PutObject(ctx, s.location.bucket, name, bytes.NewReader(data), int64(len(data)), "",
		hex.EncodeToString(sum[:]), o)
}

// multipart sends the full buffer and the rest of r. The precondition is part of the request that completes the upload,
// the only one that can overwrite.
func (u upload) multipart(ctx context.Context, r io.Reader, buffer []byte) error {
	if _, err := u.stat(ctx, u.key); !errors.Is(err, storage.ErrNotFound) && (!u.replace || err != nil) {
		if err == nil {
			err = storage.ErrExists
		}
		return err
	}
	u.meta[headerAlgorithm] = "SHA256"
	id, err := u.client.NewMultipartUpload(ctx, u.location.bucket, u.name(u.key), minio.PutObjectOptions{
		ContentType: u.kind, UserMetadata: u.meta,
	})
	if err != nil {
		return plain(err)
	}
	done, all, err := u.sendParts(ctx, id, r, buffer)
	if err != nil {
		return errors.Join(err, u.abort(ctx, id))
	}
	o := minio.PutObjectOptions{}
	u.condition(&o)
	answer, err := u.client.CompleteMultipartUpload(ctx, u.location.bucket, u.name(u.key), id, done, o)
	if err != nil {
		if err = u.finish(ctx, err); err != nil {
			err = errors.Join(err, u.abort(ctx, id))
		}
		return err
	}
	if strings.Contains(answer.ChecksumSHA256, "-") && differs(answer.ChecksumSHA256, all) {
		return u.spoiled(ctx)
	}
	return nil
}

// sendParts also returns the checksum that S3 computes for the whole object: the hash of the parts' hashes, and their
// number.
func (u upload) sendParts(ctx context.Context, id string, r io.Reader, buffer []byte) (done []minio.CompletePart,
	all string, err error) {
	sums := sha256.New()
	for n, ended := len(buffer), false; n > 0; {
		if len(done) == maxParts {
			return nil, "", fmt.Errorf("more than %d parts of %d bytes: raise part= in the store's location", maxParts,
				len(buffer))
		}
		part, sum, err := u.sendPart(ctx, id, len(done)+1, buffer[:n])
		if err != nil {
			return nil, "", plain(err)
		}
		sums.Write(sum[:])
		done = append(done, part)
		if ended {
			break
		}
		if n, ended, err = fill(r, buffer); err != nil {
			return nil, "", err
		}
	}
	return done, fmt.Sprintf("%s-%d", base64.StdEncoding.EncodeToString(sums.Sum(nil)), len(done)), nil
}

func (u upload) sendPart(ctx context.Context, id string, number int, data []byte) (minio.CompletePart,
	[sha256.Size]byte, error) {
	sum := sha256.Sum256(data)
	answer, err := u.client.PutObjectPart(ctx, u.location.bucket, u.name(u.key), id, number, bytes.NewReader(data),
		int64(len(data)),
		minio.PutObjectPartOptions{
			Sha256Hex:            hex.EncodeToString(sum[:]),
			DisableContentSha256: true,
			CustomHeader:         http.Header{headerSHA256: {encode(sum)}},
		})
	if err == nil && differs(answer.ChecksumSHA256, encode(sum)) {
		err = fmt.Errorf("%w: the server has other bytes of part %d", storage.ErrChecksum, number)
	}
	return minio.CompletePart{PartNumber: number, ETag: answer.ETag, ChecksumSHA256: answer.ChecksumSHA256}, sum, err
}

// differs compares a checksum that the server may have left out.
func differs(given, want string) bool { return given != "" && given != want }

// finish finds out what an error of the request that makes the object visible means. A failed precondition may be this
// upload's own success, because the client repeats a request whose answer was lost.
func (u upload) finish(ctx context.Context, cause error) error {
	answer := minio.ToErrorResponse(cause)
	conflict := answer.StatusCode == http.StatusPreconditionFailed || answer.StatusCode == http.StatusConflict
	if 400 <= answer.StatusCode && answer.StatusCode < 500 && !conflict && answer.StatusCode != http.StatusNotFound {
		return plain(cause)
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), aftercare)
	defer cancel()
	info, err := u.stat(ctx, u.key)
	switch {
	case err == nil && info.UserMetadata[metaPut] == u.id:
		return nil
	case !u.replace && (answer.StatusCode == http.StatusPreconditionFailed || conflict && err == nil):
		return storage.ErrExists
	case conflict:
		return fmt.Errorf("%w: %w", errConflict, plain(cause))
	}
	return plain(cause)
}

// spoiled removes an object that the server stored with other bytes.
func (u upload) spoiled(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), aftercare)
	defer cancel()
	return errors.Join(fmt.Errorf("%w: the server has other bytes", storage.ErrChecksum), u.Delete(ctx, u.key))
}

// abort frees the parts, even if ctx is what failed.
func (u upload) abort(ctx context.Context, id string) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), aftercare)
	defer cancel()
	err := u.client.AbortMultipartUpload(ctx, u.location.bucket, u.name(u.key), id)
	if minio.ToErrorResponse(err).Code == minio.NoSuchUpload {
		return nil
	}
	return err
}
