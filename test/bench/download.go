package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"vitrine/dam"
)

const (
	archiveFiles  = 40
	archiveSize   = 50 << 20 // bytes of each file: 2 GB together
	archiveRounds = 3
)

// downloadArchive compares fetching an archive of 2 GB with fetching the same files one by one over one connection, and
// says how much memory the server takes for it.
func downloadArchive(ctx context.Context, b *bench) (rows []row, err error) {
	s, err := startServer(ctx, b.dir)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.stop()) }()
	ids, err := s.fill(ctx, b.dir)
	if err != nil {
		return nil, err
	}
	request, err := json.Marshal(map[string]any{"filter": map[string]any{"assets": ids}})
	if err != nil {
		return nil, err
	}
	var d dam.Download
	status, err := s.call(ctx, http.MethodPost, s.base+"/api/downloads", "application/json", bytes.NewReader(request),
		&d)
	if err != nil || status != http.StatusCreated {
		return nil, fmt.Errorf("the download is answered with %d: %w", status, err)
	}
	fetch := func(path string) (int64, error) {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, s.base+path, nil)
		if err != nil {
			return 0, err
		}
		r.Header.Set("Authorization", "Bearer "+s.token)
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			return 0, err
		}
		defer func() { _ = answer.Body.Close() }()
		if answer.StatusCode != http.StatusOK {
			return 0, fmt.Errorf("%s answers %d", path, answer.StatusCode)
		}
		return io.Copy(io.Discard, answer.Body)
	}
	before, err := s.peak()
	if err != nil {
		return nil, err
	}
	var whole, single []time.Duration
	for range archiveRounds { // alternating, so that both see the same machine
		began := time.Now()
		n, err := fetch(d.Link)
		if err != nil || n < archiveFiles*archiveSize {
			return nil, fmt.Errorf("the archive has %d bytes: %w", n, err)
		}
		whole = append(whole, time.Since(began))
		began = time.Now()
		for _, id := range ids {
			if _, err := fetch("/api/assets/" + id + "/download"); err != nil {
				return nil, err
			}
		}
		single = append(single, time.Since(began))
	}
	after, err := s.peak()
	if err != nil {
		return nil, err
	}
	return []row{
		{Name: "download.archive", Value: median(single).Seconds() / median(whole).Seconds(),
			Unit: "× fetching the same 2 GB file by file", Target: 0.8, Op: ">="},
		{Name: "download.archive_rate", Value: float64(d.Bytes) / 1e6 / median(whole).Seconds(), Unit: "MB/s",
			Target: 0,
			Op:     ">="},
		{Name: "download.archive_memory", Value: after - before, Unit: "MB more at most", Target: 64, Op: "<="},
	}, nil
}

// fill imports files of which a small picture is shown, and returns the ids of their assets.
func (s *server) fill(ctx context.Context, dir string) ([]string, error) {
	var picture bytes.Buffer
	if err := jpeg.Encode(&picture, image.NewGray(image.Rect(0, 0, 320, 240)), nil); err != nil {
		return nil, err
	}
	var ids []string
	for i := range archiveFiles {
		data := make([]byte, archiveSize)
		_, _ = rand.Read(data[copy(data, picture.Bytes()):]) // never fails
		name := filepath.Join(dir, fmt.Sprintf("photograph-%d.jpg", i))
		if err := os.WriteFile(name, data, 0o600); err != nil {
			return nil, err
		}
		out, err := s.run(ctx, "import", "--json", name)
		if err != nil {
			return nil, err
		}
		var line struct{ Asset string }
		if err := json.Unmarshal([]byte(strings.SplitN(string(out), "\n", 2)[0]), &line); err != nil {
			return nil, fmt.Errorf("import: %w: %s", err, out)
		}
		ids = append(ids, line.Asset)
		if err := os.Remove(name); err != nil {
			return nil, err
		}
	}
	return ids, nil
}
