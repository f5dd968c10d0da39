package bucket

import (
	"context"
	"encoding/json"
	"maps"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"vitrine/dam"
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

func TestS3(t *testing.T) {
	server := storagetest.MinIO(t)
	client, err := minio.New(server.Endpoint,
		&minio.Options{Creds: credentials.NewStaticV4(server.AccessKey, server.SecretKey, ""), Region: server.Region})
	if err != nil {
		t.Fatal(err)
	}
	if err := client.MakeBucket(t.Context(), "site", minio.MakeBucketOptions{Region: server.Region}); err != nil {
		t.Fatal(err)
	}
	publishertest.Run(t, func(t *testing.T) publishertest.Harness {
		config, err := json.Marshal(map[string]any{"endpoint": server.Endpoint, "bucket": "site",
			"region": server.Region, "plain": true, "prefix": dam.NewID("x") + "/", "access_key": server.AccessKey,
			"secret_key": server.SecretKey})
		if err != nil {
			t.Fatal(err)
		}
		return harness(t, Kind(Options{Transport: http.DefaultTransport}), string(config))
	})
}

// harness counts manifests: a bucket shows an asset once or not at all, and a manifest whose files are not exactly
// those next to it is an error.
func harness(t *testing.T, k publishers.Kind, settings string) publishertest.Harness {
	p := k.Publisher.(*publisher)
	var secret struct {
		SecretKey string `json:"secret_key"`
		Password  string `json:"password"`
	}
	if err := json.Unmarshal([]byte(settings), &secret); err != nil {
		t.Fatal(err)
	}
	account := publishers.Account{Config: json.RawMessage(settings),
		Secrets: map[string]string{"secret_key": secret.SecretKey, "password": secret.Password}}
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
