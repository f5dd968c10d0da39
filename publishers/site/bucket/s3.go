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

func (t *s3) put(ctx context.Context, key string, r io.Reader, size int64, o object) error {
	info, err := t.client.PutObject(ctx, t.bucket, key, r, size, minio.PutObjectOptions{ContentType: o.mediaType,
		CacheControl: o.cacheControl})
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
	if err := t.put(ctx, probe, bytes.NewReader(nil), 0, object{mediaType: "text/plain"}); err != nil {
		return err
	}
	return t.remove(ctx, probe)
}

// failure is what a server's error means: the setting that it is about, and the reason. ok is false for errors that
// pass or that no setting can mend. The names are those of the S3 API reference, "Error responses", read in November
// 2026; MinIO and versitygw use the same.
func failure(r minio.ErrorResponse) (field string, why reasons.Reason, ok bool) {
	switch r.Code {
	case "NoSuchBucket":
		return "bucket", reasons.BucketMissing(), true
	case "AccessDenied", "AllAccessDisabled", "AccountProblem":
		return "access_key", reasons.BucketKeyMayNot(), true
	case "InvalidAccessKeyId":
		return "access_key", reasons.BucketKeyUnknown(), true
	case "SignatureDoesNotMatch":
		return "secret_key", reasons.BucketSecretWrong(), true
	case "InvalidToken", "ExpiredToken":
		return "secret_key", reasons.BucketRefusesKey(), true
	case "AuthorizationHeaderMalformed", "PermanentRedirect", "InvalidRegion", "IllegalLocationConstraintException":
		if r.Region != "" {
			return "region", reasons.BucketInRegion(r.Region), true
		}
		return "region", reasons.BucketRegionWrong(), true
	}
	return "", reasons.Reason{}, false
}

// settings returns the error of an account's check with the setting that has to be changed.
func settings(err error) error {
	field, why, ok := failure(minio.ToErrorResponse(err))
	switch {
	case !ok:
		return class(err)
	case field == "bucket" || field == "region":
		return &dam.Error{Code: dam.Invalid, Field: "config." + field, Reason: why, Err: err}
	}
	return &dam.Error{Code: dam.Forbidden, Field: "config." + field, Reason: why, Err: err}
}
