package s3_test

import (
	"net/url"
	"testing"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"vitrine/storage"
	"vitrine/storage/s3"
	"vitrine/storage/storagetest"
)

func open(t *testing.T, server storagetest.S3Config, location url.URL) *s3.Store {
	t.Helper()
	s, err := s3.Open(t.Context(), location, s3.Credentials{AccessKey: server.AccessKey, SecretKey: server.SecretKey})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func client(t *testing.T, server storagetest.S3Config) minio.Core {
	t.Helper()
	c, err := minio.NewCore(server.Endpoint, &minio.Options{
		Creds: credentials.NewStaticV4(server.AccessKey, server.SecretKey, ""), Region: server.Region,
	})
	if err != nil {
		t.Fatal(err)
	}
	return *c
}

// MinIO lists unfinished uploads by their whole name only, and removes those older than a day itself.
func TestMinIO(t *testing.T) { conforms(t, storagetest.MinIO(t), nil, "part=5") }

func TestVersityGW(t *testing.T) {
	server := storagetest.VersityGW(t)
	abandon := func(t *testing.T, s storage.Store, key string) {
		u, err := storage.Locate(s.String())
		if err != nil {
			t.Fatal(err)
		}
		key = u.Query().Get("prefix") + "/" + key
		if _, err := client(t, server).NewMultipartUpload(t.Context(), u.Host, key,
			minio.PutObjectOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	conforms(t, server, abandon, "part=5", "prefix=team/vitrine")
}

func conforms(t *testing.T, server storagetest.S3Config, abandon func(*testing.T, storage.Store, string),
	options ...string) {
	storagetest.Run(t, func(t *testing.T) storage.Store {
		return open(t, server, server.Location(options...))
	}, storagetest.Options{
		Many: 1100, Abandon: abandon,
		Leftovers: func(t *testing.T, s storage.Store, key string) []string {
			return uploads(t, server, s, key)
		},
	})
}

// uploads lists the unfinished multipart uploads of a key.
func uploads(t *testing.T, server storagetest.S3Config, s storage.Store, key string) (names []string) {
	t.Helper()
	u, err := storage.Locate(s.String())
	if err != nil {
		t.Fatal(err)
	}
	if prefix := u.Query().Get("prefix"); prefix != "" {
		key = prefix + "/" + key
	}
	answer, err := client(t, server).ListMultipartUploads(t.Context(), u.Host, key, "", "", "", 100)
	if err != nil {
		t.Fatal(err)
	}
	for _, upload := range answer.Uploads {
		names = append(names, "upload of "+upload.Key)
	}
	return names
}
