package bucket

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"vitrine/dam"
	"vitrine/dam/reasons"
	"vitrine/publishers"
	"vitrine/publishers/publishertest"
	"vitrine/storage/storagetest"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
)

// TestMain makes this binary a node if TestKill starts it as one. The folder comes from the environment, because a node
// has limits set by its operator.
func TestMain(m *testing.M) {
	publishertest.Main(m, Kind(Options{Folders: []string{os.Getenv(nodeFolder)}}), SFTP(new(net.Dialer).DialContext))
}

const nodeFolder = "VITRINE_TEST_BUCKET_FOLDER"

func TestKill(t *testing.T) {
	dir := t.TempDir()
	t.Setenv(nodeFolder, dir)
	publishertest.Kill(t, 20, harness(t, Kind(Options{Folders: []string{dir}}), `{"folder": "."}`))
}

func TestFolder(t *testing.T) {
	publishertest.RunEmbedded(t, func(t *testing.T) publishertest.Harness {
		dir := t.TempDir()
		k := Kind(Options{Folders: []string{dir}})
		return harness(t, k, `{"folder": ".", "prefix": "media/", "url": "https://cdn.example.com"}`)
	})
}

// bucketServer is MinIO with a bucket named site.
func bucketServer(t *testing.T) (storagetest.S3Config, *minio.Client) {
	server := storagetest.MinIO(t)
	client, err := minio.New(server.Endpoint,
		&minio.Options{Creds: credentials.NewStaticV4(server.AccessKey, server.SecretKey, ""), Region: server.Region})
	if err != nil {
		t.Fatal(err)
	}
	if err := client.MakeBucket(t.Context(), "site", minio.MakeBucketOptions{Region: server.Region}); err != nil {
		t.Fatal(err)
	}
	return server, client
}

func bucketConfig(server storagetest.S3Config, change map[string]any) string {
	c := map[string]any{"endpoint": server.Endpoint, "bucket": "site", "region": server.Region, "plain": true,
		"prefix": dam.NewID("x") + "/", "access_key": server.AccessKey, "secret_key": server.SecretKey}
	maps.Copy(c, change)
	raw, _ := json.Marshal(c) // texts always marshal
	return string(raw)
}

func TestS3(t *testing.T) {
	server, client := bucketServer(t)
	kind := Kind(Options{Transport: http.DefaultTransport})
	t.Run("headers", func(t *testing.T) { headers(t, server, client) })
	t.Run("refusals", func(t *testing.T) { refusals(t, server) })
	publishertest.RunEmbedded(t, func(t *testing.T) publishertest.Harness {
		return harness(t, kind, bucketConfig(server, nil))
	})
}

// headers tests what a site's visitors get with an object.
func headers(t *testing.T, server storagetest.S3Config, client *minio.Client) {
	for name, c := range map[string]struct {
		settings        map[string]any
		files, manifest string
	}{
		"default": {nil, "public, max-age=31536000, immutable", "public, max-age=60"},
		"said": {map[string]any{"cache_control": "max-age=3600", "manifest_cache_control": "no-cache"}, "max-age=3600",
			"no-cache"},
	} {
		raw := bucketConfig(server, c.settings)
		a := publishers.Account{Config: json.RawMessage(raw),
			Secrets: map[string]string{"secret_key": server.SecretKey}}
		in := publishers.Intent{ID: "p_1", Account: a, Content: publishers.Content{Asset: "a_1",
			Media: []publishers.Media{{Preset: "web", Format: dam.WebP, MediaType: "image/webp",
				SHA256: strings.Repeat("ab", 32), Size: 4}}},
			Open: func(context.Context, publishers.Media) (io.ReadCloser, error) {
				return io.NopCloser(strings.NewReader("webp")), nil
			}}
		p := Kind(Options{Transport: http.DefaultTransport}).Publisher
		if _, err := p.Prepare(t.Context(), in, nil); err != nil {
			t.Fatal(err)
		}
		r, err := p.Commit(t.Context(), in, nil)
		if err != nil {
			t.Fatal(err)
		}
		for key, want := range map[string][2]string{r.Remote: {"application/json", c.manifest},
			path.Dir(r.Remote) + "/" + fileName(in.Content.Media[0]): {"image/webp", c.files}} {
			o, err := client.StatObject(t.Context(), "site", key, minio.StatObjectOptions{})
			if err != nil || o.ContentType != want[0] || o.Metadata.Get("Cache-Control") != want[1] {
				t.Errorf("%s: %s has %q %q, want %q (%v)", name, key, o.ContentType, o.Metadata.Get("Cache-Control"),
					want,
					err)
			}
		}
	}
}

// refusals tests that each way in which a bucket can be entered wrongly has its own name, when the channel is tested
// and when something is sent.
func refusals(t *testing.T, server storagetest.S3Config) {
	kind := Kind(Options{Transport: http.DefaultTransport})
	for name, c := range map[string]struct {
		change      map[string]any
		field, code string
	}{
		"no such bucket": {map[string]any{"bucket": "nowhere"}, "config.bucket", reasons.CodeBucketMissing},
		"unknown key":    {map[string]any{"access_key": "nobody"}, "config.access_key", reasons.CodeBucketKeyUnknown},
		"wrong secret":   {map[string]any{"secret_key": "wrong"}, "config.secret_key", reasons.CodeBucketSecretWrong},
		"may not": {map[string]any{"access_key": "", "secret_key": ""}, "config.access_key",
			reasons.CodeBucketKeyMayNot},
		"wrong region": {map[string]any{"region": "mars-1"}, "config.region", reasons.CodeBucketInRegion},
	} {
		raw := bucketConfig(server, c.change)
		var said map[string]any
		if err := json.Unmarshal([]byte(raw), &said); err != nil {
			t.Fatal(err)
		}
		a := publishers.Account{Config: json.RawMessage(raw),
			Secrets: map[string]string{"secret_key": said["secret_key"].(string)}}
		_, err := kind.Publisher.Verify(t.Context(), a)
		var d *dam.Error
		if !errors.As(err, &d) || d.Field != c.field || d.Reason.ReasonCode != c.code || d.Reason.Advice() == "" {
			t.Errorf("%s: %v, want %s %s", name, err, c.field, c.code)
		}
		_, err = kind.Publisher.Commit(t.Context(), publishers.Intent{ID: "p_1", Account: a,
			Content: publishers.Content{Asset: "a_1"}}, nil)
		var e *publishers.Error
		if !errors.As(err, &e) || e.Class != publishers.ClassDisconnected || e.Reason.ReasonCode != c.code {
			t.Errorf("%s: sending gives %v, want disconnected %s", name, err, c.code)
		}
	}
	away := publishers.Account{Config: json.RawMessage(bucketConfig(server, map[string]any{"endpoint": "127.0.0.1:1"}))}
	if _, err := kind.Publisher.Verify(t.Context(), away); publishers.ClassOf(err, "") != publishers.ClassRetry {
		t.Errorf("a server that does not answer: %v", err)
	}
}

// harness counts manifests: a bucket shows an asset once or not at all, and a manifest whose files are not exactly
// those next to it is an error.
func harness(t *testing.T, k publishers.Kind, settings string) publishertest.Harness {
	p := k.Publisher.(*publisher)
	account := publishers.Account{Config: json.RawMessage(settings), Secrets: map[string]string{}}
	var said map[string]any
	if err := json.Unmarshal([]byte(settings), &said); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"secret_key", "password", "private_key", "passphrase"} {
		if v, ok := said[name].(string); ok {
			account.Secrets[name] = v
		}
	}
	ever := map[string]bool{}
	ctx := context.Background()
	left := func(asset string) []string {
		at, err := p.at(account, asset)
		if err != nil {
			t.Fatal(err)
		}
		have, err := at.list(ctx, at.dir)
		if err != nil {
			t.Fatal(err)
		}
		return slices.Collect(maps.Keys(have))
	}
	live := func(asset string) int {
		at, err := p.at(account, asset)
		if err != nil {
			t.Fatal(err)
		}
		have, err := at.list(ctx, at.dir)
		if err != nil {
			t.Fatal(err)
		}
		m, err := at.manifest(ctx)
		if err != nil {
			return 0
		}
		if len(m.Files)+1 != len(have) {
			t.Errorf("%d files next to a manifest of %d", len(have), len(m.Files))
		}
		for _, f := range m.Files {
			if have[at.dir+f.Path] != f.Size {
				t.Errorf("file %s is missing or short", f.Path)
			}
		}
		ever[asset] = true
		return 1
	}
	posts := func(asset string) int {
		if live(asset); ever[asset] {
			return 1
		}
		return 0
	}
	return publishertest.Harness{Kind: k, Config: json.RawMessage(settings), Posts: posts, Live: live, Left: left}
}

func TestFolderStaysInside(t *testing.T) {
	allowed, outside := t.TempDir(), t.TempDir()
	if err := os.Symlink(outside, filepath.Join(allowed, "link")); err != nil {
		t.Fatal(err)
	}
	k := Kind(Options{Folders: []string{allowed}})
	for _, config := range []string{
		`{"folder": "` + outside + `"}`,
		`{"folder": "../x"}`,
		`{"folder": "link"}`,
		`{"folder": ".", "prefix": "../x/"}`,
		`{"folder": ".", "prefix": "/etc/"}`,
		`{"folder": ".", "prefix": "link/"}`,
		`{"folder": "x", "bucket": "y", "endpoint": "z"}`,
		`{}`,
	} {
		if _, err := k.Publisher.Verify(t.Context(), publishers.Account{Config: json.RawMessage(config)}); err == nil {
			t.Errorf("%s was accepted", config)
		}
	}
	if list, err := os.ReadDir(outside); err != nil || len(list) > 0 {
		t.Fatalf("written outside: %v %v", list, err)
	}
	if _, err := Kind(Options{}).Publisher.Verify(t.Context(),
		publishers.Account{Config: json.RawMessage(`{"folder": "x"}`)}); err == nil {
		t.Error("a folder on a server that allows none")
	}
}

func TestLeftoversGo(t *testing.T) {
	dir := t.TempDir()
	p := Kind(Options{Folders: []string{dir}}).Publisher
	in := publishers.Intent{ID: "p", Account: publishers.Account{Config: json.RawMessage(`{"folder": "."}`)},
		Content: publishers.Content{Asset: "a_1"}}
	half := filepath.Join(dir, "a_1", ".x"+temporary)
	for range 2 {
		if err := os.MkdirAll(filepath.Dir(half), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(half, []byte("half"), 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := p.Commit(t.Context(), in, nil); err != nil {
			t.Fatal(err)
		}
		if _, err := os.Stat(half); !os.IsNotExist(err) {
			t.Errorf("a half-written file stays after a commit: %v", err)
		}
	}
	if _, err := p.Recall(t.Context(), in, nil); err != nil {
		t.Fatal(err)
	}
	if list, err := os.ReadDir(dir); err != nil || len(list) > 0 {
		t.Errorf("after the recall: %v %v", list, err)
	}
}
