package s3_test

import (
	"strings"
	"testing"

	"vitrine/storage"
	"vitrine/storage/s3"
	"vitrine/storage/storagetest"
)

func TestOpenRefuses(t *testing.T) {
	pair := s3.Credentials{AccessKey: "a", SecretKey: "hidden"}
	for _, test := range []struct {
		location string
		c        s3.Credentials
		want     string
	}{
		{"s3://b?endpoint=http://h", pair, "tls=true"},
		{"s3://b?colour=red", pair, "unknown parameter"},
		{"s3://b?region=a&region=b", pair, "twice"},
		{"s3://b/folder", pair, "prefix=FOLDER"},
		{"s3://b?prefix=../up", pair, "dot"},
		{"s3://b?part=4", pair, "5 to 1024"},
		{"s3://b?part=x", pair, "part=x"},
		{"s3://b?tls=maybe", pair, "tls=maybe"},
		{"s3://b", s3.Credentials{AccessKey: "a"}, "both"},
		{"s3://b", s3.Credentials{SecretKey: "hidden"}, "both"},
		{"http://b", pair, "s3://BUCKET"},
	} {
		u, err := storage.Locate(test.location)
		if err != nil {
			t.Fatal(err)
		}
		s, err := s3.Open(t.Context(), u, test.c)
		if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "hidden") {
			t.Errorf("%s: %v, %v; want an error that says %q and no secret", test.location, s, err, test.want)
		}
	}
}

func TestBucket(t *testing.T) {
	server := storagetest.MinIO(t)
	u := server.Location()
	u.RawQuery = strings.Replace(u.RawQuery, "create=true", "create=false", 1)
	c := s3.Credentials{AccessKey: server.AccessKey, SecretKey: server.SecretKey}
	if _, err := s3.Open(t.Context(), u, c); err == nil || !strings.Contains(err.Error(), "create=true") {
		t.Errorf("without create: %v, want the remedy", err)
	}
	u.RawQuery = strings.Replace(u.RawQuery, "create=false", "create=true", 1)
	s := open(t, server, u)
	if strings.Contains(s.String(), server.SecretKey) || strings.Contains(s.String(), server.AccessKey) {
		t.Errorf("String is %s", s)
	}
	// The location that String returns opens the same store.
	again, err := storage.Locate(s.String())
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Put(t.Context(), "k", strings.NewReader("x"), storage.PutOptions{Size: 1}); err != nil {
		t.Fatal(err)
	}
	if _, err := open(t, server, again).Stat(t.Context(), "k"); err != nil {
		t.Error(err)
	}
	c.SecretKey = "wrong"
	if _, err := s3.Open(t.Context(), again, c); err == nil || strings.Contains(err.Error(), "wrong") {
		t.Errorf("with a wrong secret: %v", err)
	}
	// Check detects that the bucket is gone.
	admin := client(t, server)
	if err := s.Delete(t.Context(), "k"); err != nil {
		t.Fatal(err)
	}
	if err := admin.RemoveBucket(t.Context(), again.Host); err != nil {
		t.Fatal(err)
	}
	if err := s.Check(t.Context()); err == nil {
		t.Error("Check is content without the bucket")
	}
}
