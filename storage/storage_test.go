package storage_test

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"vitrine/storage"
)

func TestOriginalKey(t *testing.T) {
	sum := "ab" + "cd" + strings.Repeat("0", 60)
	key := storage.OriginalKey(sum)
	if key != "originals/ab/cd/"+sum {
		t.Errorf("key is %s", key)
	}
	if err := storage.ValidKey(key); err != nil {
		t.Error(err)
	}
	if got := storage.KeySHA256(key); got != sum {
		t.Errorf("hash is %q", got)
	}
	for _, bad := range []string{"", "ab", strings.ToUpper(sum), sum + "00", strings.Repeat("x", 64), "../" + sum[3:]} {
		if key := storage.OriginalKey(bad); storage.ValidKey(key) == nil {
			t.Errorf("OriginalKey(%q) is %q, want a key that is refused", bad, key)
		}
	}
	for _, other := range []string{"", "x", sum, "renditions/ab/cd/" + sum, "originals/ab/ce/" + sum, key + ".jpg",
		"x/" + key} {
		if got := storage.KeySHA256(other); got != "" {
			t.Errorf("KeySHA256(%q) is %q, want none", other, got)
		}
	}
}

func TestLocate(t *testing.T) {
	for _, test := range []struct{ location, scheme, host, path string }{
		{"disk:/var/lib/vitrine", "disk", "", "/var/lib/vitrine"},
		{"disk:data/objects 100%", "disk", "", "data/objects 100%"},
		{"s3://media?endpoint=localhost:9000&tls=false", "s3", "media", ""},
	} {
		u, err := storage.Locate(test.location)
		if err != nil || u.Scheme != test.scheme || u.Host != test.host || u.Path != test.path {
			t.Errorf("%s: %#v, %v", test.location, u, err)
		}
	}
	for location, want := range map[string]string{
		"":                                "disk:PATH",
		"/var/lib/vitrine":                "disk:PATH",
		"disk:":                           "disk:PATH",
		"disk:///data":                    "disk:PATH",
		"s3://":                           "s3://BUCKET",
		"s3://user:hidden@media":          "before the @",
		"s3://user@media":                 "before the @",
		"s3://media?secretKey=hidden":     `"secretKey"`,
		"s3://media?access_key=hidden":    `"access_key"`,
		"s3://media?X-Amz-Token=hidden":   `"X-Amz-Token"`,
		"s3://user:hidden%zz@media":       "storage location",
		"s3://user:hidden@media:notaport": "storage location",
		"s3://media?a=%zz&secret=hidden":  "can't be parsed",
	} {
		_, err := storage.Locate(location)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "hidden") {
			t.Errorf("%s: %v; want an error that says %q and no secret", location, err, want)
		}
	}
}

// A driver that trusts io.EOF must never get it for other bytes than expected, however the source returns its last
// bytes.
func TestVerifier(t *testing.T) {
	const text = "hello"
	const sum = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"
	shapes := map[string]func(io.Reader) io.Reader{
		"plain": func(r io.Reader) io.Reader {
			return r
		}, "bytewise": iotest.OneByteReader, "eof with data": iotest.DataErrReader,
	}
	for name, shape := range shapes {
		for _, o := range []storage.PutOptions{{Size: 5, SHA256: sum}, {Size: -1, SHA256: sum}, {Size: 5}, {Size: -1}} {
			v, err := storage.NewVerifier(t.Context(), shape(strings.NewReader(text)), o)
			if err != nil {
				t.Fatal(err)
			}
			var got bytes.Buffer
			if _, err := io.Copy(&got, v); err != nil || got.String() != text || v.SHA256() != sum || v.Size() != 5 {
				t.Errorf("%s %+v: %q, %v, %s, %d", name, o, got.String(), err, v.SHA256(), v.Size())
			}
		}
		for _, o := range []storage.PutOptions{{}, {Size: 4, SHA256: sum}, {Size: 6, SHA256: sum},
			{Size: 5, SHA256: strings.Repeat("0", 64)}} {
			v, err := storage.NewVerifier(t.Context(), shape(strings.NewReader(text)), o)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := io.Copy(io.Discard, v); !errors.Is(err, storage.ErrChecksum) {
				t.Errorf("%s %+v: %v, want ErrChecksum", name, o, err)
			}
			if _, err := v.Read(make([]byte, 1)); !errors.Is(err, storage.ErrChecksum) {
				t.Errorf("%s %+v: read again gives %v, want the same error", name, o, err)
			}
		}
	}
}
