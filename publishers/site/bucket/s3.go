package bucket

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
	"vitrine/dam"
	"vitrine/dam/reasons"
)

// s3 is a target in a bucket of an S3 server.
type s3 struct {
	client *minio.Client
	bucket string
}

func openS3(c config, secret string, transport http.RoundTripper) (*s3, error) {
	if transport == nil {
		return nil, dam.InvalidInput("config.bucket", reasons.NoBucketPublishing())
	}
	client, err := minio.New(c.Endpoint, &minio.Options{Creds: credentials.NewStaticV4(c.AccessKey, secret, ""),
		Secure: !c.Plain, Region: c.Region, Transport: transport, MaxRetries: 1})
	if err != nil {
		return nil, err
	}
	return &s3{client, c.Bucket}, nil
}

func (t *s3) put(ctx context.Context, key string, r io.Reader, size int64, mediaType string) error {
	info, err := t.client.PutObject(ctx, t.bucket, key, r, size, minio.PutObjectOptions{ContentType: mediaType})
	if err == nil && info.Size != size {
		err = fmt.Errorf("%d of %d bytes stored", info.Size, size)
	}
	return err
}

func (t *s3) get(ctx context.Context, key string, limit int64) ([]byte, error) {
	o, err := t.client.GetObject(ctx, t.bucket, key, minio.GetObjectOptions{})
	if err != nil {
		return nil, err
	}
	defer func() { _ = o.Close() }() // read only
	b, err := io.ReadAll(io.LimitReader(o, limit))
	if minio.ToErrorResponse(err).Code == minio.NoSuchKey {
		err = errAbsent
	}
	return b, err
}

func (t *s3) remove(ctx context.Context, key string) error {
	return t.client.RemoveObject(ctx, t.bucket, key, minio.RemoveObjectOptions{})
}

func (t *s3) list(ctx context.Context, prefix string) (map[string]int64, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	out := map[string]int64{}
	for o := range t.client.ListObjects(ctx, t.bucket, minio.ListObjectsOptions{Prefix: prefix, Recursive: true}) {
		if o.Err != nil {
			return nil, o.Err
		}
		out[o.Key] = o.Size
	}
	return out, nil
}

func (t *s3) check(ctx context.Context, prefix string) error {
	probe := prefix + ".vitrine-" + dam.NewID("x")
	if err := t.put(ctx, probe, bytes.NewReader(nil), 0, "text/plain"); err != nil {
		return err
	}
	return t.remove(ctx, probe)
}
