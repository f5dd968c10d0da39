// Package s3 stores objects in a bucket of Amazon S3 or of a server with the same protocol.
//
// Layout: an object's key is its name in the bucket, after the location's prefix. Check uses the name .vitrine-check
// below the prefix. Objects carry two metadata fields, vitrine-sha256 and vitrine-put (the id of the call that stored
// it). The content type is set for people who look into the bucket.
//
// The server must honour If-None-Match: * on PutObject and on CompleteMultipartUpload (Amazon S3, MinIO, versitygw,
// Ceph and R2 do), and should keep SHA-256 checksums of parts. Uploads cut off by a crash stay as unfinished multipart
// uploads: give the bucket a lifecycle rule that aborts them after a day. On a versioned bucket Delete leaves the old
// version, so give it a rule that expires noncurrent versions too, or don't version it.
//
// Permissions the access key needs, on the bucket: s3:ListBucket, and s3:CreateBucket with create=true; on its objects:
// s3:GetObject, s3:PutObject, s3:DeleteObject, s3:AbortMultipartUpload.
package s3

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"net/url"
	"strings"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"vitrine/storage"
)

// Credentials sign requests. The zero value means those of the machine: the AWS_* environment variables, the AWS
// credentials file, or the instance's role.
type Credentials struct {
	AccessKey, SecretKey string
	SessionToken         string // only for temporary credentials
}

// Store is a storage.Store in a bucket.
type Store struct {
	client    minio.Core
	transport *http.Transport
	location  location
	parts     parts
}

var _ storage.Store = (*Store)(nil)

const (
	checkName   = ".vitrine-check"
	metaSHA256  = "Vitrine-Sha256"
	metaPut     = "Vitrine-Put"
	maxAttempts = 4
)

// Open opens a store in the bucket at location:
//
//	s3://BUCKET?endpoint=HOST:PORT&region=REGION&tls=true&prefix=PREFIX&part=16&create=false
//
// endpoint defaults to s3.amazonaws.com, region to us-east-1, tls to true, prefix to none. part is the part size in
// MiB, 5 to 1024: the limit above which an object is sent in parts, and a ten-thousandth of the largest object. A
// missing bucket is an error unless create=true. Close the store after use.
func Open(ctx context.Context, location url.URL, c Credentials) (*Store, error) {
	p, err := parse(location)
	if err != nil {
		return nil, err
	}
	creds, err := c.provider()
	if err != nil {
		return nil, err
	}
	transport, err := minio.DefaultTransport(p.tls)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", p, err)
	}
	client, err := minio.NewCore(p.endpoint, &minio.Options{
		Creds: creds, Secure: p.tls, Region: p.region, Transport: transport, MaxRetries: maxAttempts,
	})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", p, err)
	}
	s := &Store{client: *client, transport: transport, location: p, parts: newParts(p.part)}
	if err := s.bucket(ctx); err != nil {
		_ = s.Close()
		return nil, fmt.Errorf("%s: %w", p, err)
	}
	return s, nil
}

func (c Credentials) provider() (*credentials.Credentials, error) {
	switch {
	case c == Credentials{}:
		return credentials.NewChainCredentials([]credentials.Provider{
			&credentials.EnvAWS{}, &credentials.FileAWSCredentials{}, &credentials.IAM{},
		}), nil
	case c.AccessKey == "" || c.SecretKey == "":
		return nil, errors.New("S3 credentials: give both the access key and the secret key, or neither to use the " +
			"machine's own")
	}
	return credentials.NewStaticV4(c.AccessKey, c.SecretKey, c.SessionToken), nil
}

func (s *Store) bucket(ctx context.Context) error {
	found, err := s.client.BucketExists(ctx, s.location.bucket)
	if err != nil || found {
		return err
	}
	if !s.location.create {
		return errors.New("the bucket doesn't exist: create it, or add create=true to the location")
	}
	err = s.client.MakeBucket(ctx, s.location.bucket, minio.MakeBucketOptions{Region: s.location.region})
	if minio.ToErrorResponse(err).Code == minio.BucketAlreadyOwnedByYou {
		return nil // another node created it at the same time
	}
	return err
}

// Close releases idle connections.
func (s *Store) Close() error {
	s.transport.CloseIdleConnections()
	return nil
}

// String implements storage.Store.
func (s *Store) String() string { return s.location.String() }

// name returns the key's name in the bucket.
func (s *Store) name(key string) string { return s.location.prefix + key }

// Stat implements storage.Store. SHA256 is set for objects whose hash was known before they were sent.
func (s *Store) Stat(ctx context.Context, key string) (storage.Info, error) {
	info, err := s.stat(ctx, key)
	if err != nil {
		return storage.Info{}, fmt.Errorf("s3 stat %s: %w", key, err)
	}
	return s.describe(info), nil
}

func (s *Store) stat(ctx context.Context, key string) (minio.ObjectInfo, error) {
	if err := storage.ValidKey(key); err != nil {
		return minio.ObjectInfo{}, err
	}
	info, err := s.client.StatObject(ctx, s.location.bucket, s.name(key), minio.StatObjectOptions{})
	return info, plain(err)
}

func (s *Store) describe(o minio.ObjectInfo) storage.Info {
	return storage.Info{
		Key:     strings.TrimPrefix(o.Key, s.location.prefix),
		Size:    o.Size,
		SHA256:  o.UserMetadata[metaSHA256],
		ModTime: o.LastModified,
	}
}

// Delete implements storage.Store.
func (s *Store) Delete(ctx context.Context, key string) error {
	err := storage.ValidKey(key)
	if err == nil {
		err = plain(s.client.RemoveObject(ctx, s.location.bucket, s.name(key), minio.RemoveObjectOptions{}))
	}
	if err != nil && !errors.Is(err, storage.ErrNotFound) {
		return fmt.Errorf("s3 delete %s: %w", key, err)
	}
	return nil
}

// List implements storage.Store. SHA256 is always "". It requests a thousand objects at a time.
func (s *Store) List(ctx context.Context, prefix string) iter.Seq2[storage.Info, error] {
	return func(yield func(storage.Info, error) bool) {
		fail := func(err error) { yield(storage.Info{}, fmt.Errorf("s3 list %s: %w", prefix, err)) }
		if err := storage.ValidPrefix(prefix); err != nil {
			fail(err)
			return
		}
		// The client ends its sequence without an error when ctx is cancelled.
		for o := range s.client.ListObjectsIter(ctx, s.location.bucket, minio.ListObjectsOptions{Prefix: s.name(prefix),
			Recursive: true}) {
			if err := cmp.Or(ctx.Err(), plain(o.Err)); err != nil {
				fail(err)
				return
			}
			info := s.describe(o)
			if storage.ValidKey(info.Key) != nil {
				continue // not an object: .vitrine-check, or stored by someone else
			}
			info.SHA256 = ""
			if !yield(info, nil) {
				return
			}
		}
		if err := ctx.Err(); err != nil {
			fail(err)
		}
	}
}

// Check implements storage.Store with one small PUT and one DELETE.
func (s *Store) Check(ctx context.Context) error {
	probe := []byte("probe")
	sum := sha256.Sum256(probe)
	_, err := s.putObject(ctx, s.name(checkName), probe, sum, minio.PutObjectOptions{})
	if err == nil {
		err = s.client.RemoveObject(ctx, s.location.bucket, s.name(checkName), minio.RemoveObjectOptions{})
	}
	if err != nil {
		return fmt.Errorf("%s isn't writable: %w", s, plain(err))
	}
	return nil
}

// plain converts a server's error into one of the storage package.
func plain(err error) error {
	if err == nil {
		return nil
	}
	answer := minio.ToErrorResponse(err)
	switch answer.Code {
	case minio.NoSuchKey:
		return storage.ErrNotFound
	case "BadDigest", "XAmzContentSHA256Mismatch", "XAmzContentChecksumMismatch", "InvalidDigest":
		return fmt.Errorf("%w: %w", storage.ErrChecksum, err)
	}
	if full(answer) {
		return storage.Full(err)
	}
	return err
}

// full reports whether the store is out of space: a status of WebDAV (RFC 4918, 11.5) that MinIO and others send, or a
// quota code. MinIO's codes are in cmd/api-errors.go, Ceph's in src/rgw/rgw_common.cc, versitygw's in s3err/s3err.go,
// which reports a full disk as a quota too.
func full(answer minio.ErrorResponse) bool {
	if answer.StatusCode == http.StatusInsufficientStorage {
		return true
	}
	switch answer.Code {
	case "XMinioStorageFull", "XMinioAdminBucketQuotaExceeded", "QuotaExceeded", "InsufficientStorage":
		return true
	}
	return false
}

// encode returns a digest as S3's checksum headers have it.
func encode(sum [sha256.Size]byte) string { return base64.StdEncoding.EncodeToString(sum[:]) }
