package s3

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/minio/minio-go/v7"

	"vitrine/storage"
)

// Clean implements storage.Store: it aborts unfinished multipart uploads.
func (s *Store) Clean(ctx context.Context, prefix string, before time.Time) (n int, err error) {
	if err := storage.ValidPrefix(prefix); err != nil {
		return 0, fmt.Errorf("s3 clean %s: %w", prefix, err)
	}
	// An unread channel would leak its goroutine.
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	for u := range s.client.ListIncompleteUploads(ctx, s.location.bucket, s.name(prefix), true) {
		if u.Err != nil {
			return n, fmt.Errorf("s3 clean %s: %w", prefix, u.Err)
		}
		if !u.Initiated.Before(before) || storage.ValidKey(strings.TrimPrefix(u.Key, s.location.prefix)) != nil {
			continue
		}
		err := s.client.AbortMultipartUpload(ctx, s.location.bucket, u.Key, u.UploadID)
		if err != nil && minio.ToErrorResponse(err).Code != minio.NoSuchUpload {
			return n, fmt.Errorf("s3 clean %s: %w", prefix, err)
		}
		n++
	}
	return n, ctx.Err()
}
