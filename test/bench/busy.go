package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

const (
	busyApprovals = 40
	// busyEvery is the pace of the import: 50 photographs a minute.
	busyEvery = time.Minute / 50
)

// publishBusy approves an asset a second while photographs of 12 megapixels are imported, 50 a minute, and measures
// how long after each approval its webhook has arrived and its manifest is in the channel's folder.
func publishBusy(ctx context.Context, b *bench) (rows []row, err error) {
	told := make(chan string, busyApprovals)
	endpoint := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		var e struct{ Subject string }
		if json.NewDecoder(r.Body).Decode(&e) == nil {
			told <- e.Subject
		}
	}))
	defer endpoint.Close()
	s, err := startServer(ctx, b.dir)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.stop()) }()
	ready, err := s.drafts(ctx, b.dir, busyApprovals)
	if err != nil {
		return nil, err
	}
	if _, err := s.run(ctx, "channel", "add", "Site", "--kind", "bucket", "--config", `{"folder":"site"}`, "--query",
		"type:image", "--preset", "large"); err != nil {
		return nil, err
	}
	hook := fmt.Sprintf(`{"url":%q,"types":["asset.approved"]}`, endpoint.URL)
	if status, err := s.call(ctx, http.MethodPost, s.base+"/api/webhooks", "application/json", strings.NewReader(hook),
		nil); err != nil || status/100 != 2 {
		return nil, fmt.Errorf("the webhook was answered with %d: %w", status, err)
	}

	var photographs []string
	for i := range int(busyApprovals*time.Second/busyEvery) + 5 {
		path := filepath.Join(b.dir, fmt.Sprintf("photograph-%d.jpg", i))
		if err := writePhotograph(path, 4000, 3000, uint32(1000+i)); err != nil {
			return nil, err
		}
		photographs = append(photographs, path)
	}
	importing, stop := context.WithCancel(ctx)
	defer stop()
	imported := make(chan int, 1)
	go func() { imported <- s.importSteadily(importing, photographs) }()
	var hooks, manifests []time.Duration
	for _, id := range ready {
		next := time.After(time.Second)
		began := time.Now()
		if status, err := s.call(ctx, http.MethodPost, s.base+"/api/assets/"+id+"/approve", "application/json",
			strings.NewReader("{}"), nil); err != nil || status != http.StatusOK {
			return nil, fmt.Errorf("an approval was answered with %d: %w", status, err)
		}
		there := make(chan time.Duration, 1)
		go func() {
			for ctx.Err() == nil && time.Since(began) < time.Minute {
				if _, err := os.Stat(filepath.Join(s.data, "published", "site", id, "manifest.json")); err == nil {
					break
				}
				time.Sleep(time.Millisecond)
			}
			there <- time.Since(began)
		}()
		select {
		case subject := <-told:
			if subject != id {
				return nil, fmt.Errorf("told of %s, not of %s", subject, id)
			}
			hooks = append(hooks, time.Since(began))
		case <-time.After(time.Minute):
			return nil, errors.New("a webhook did not come for a minute")
		}
		manifests = append(manifests, <-there)
		<-next
	}
	stop()
	n := <-imported
	fmt.Printf("  %d photographs were imported meanwhile\n", n)
	if n < 30 {
		return nil, errors.New("too few photographs were imported while approvals were measured")
	}
	p99 := func(list []time.Duration) float64 {
		slices.Sort(list)
		return list[len(list)*99/100].Seconds() * 1000
	}
	return []row{{Name: "publish.busy_webhook_p99", Value: p99(hooks), Unit: "ms", Target: 1000, Op: "<="},
		{Name: "publish.busy_bucket_p99", Value: p99(manifests), Unit: "ms", Target: 2000, Op: "<="}}, nil
}

// drafts uploads pictures, waits for their renditions and returns their ids.
func (s *server) drafts(ctx context.Context, dir string, n int) (ids []string, err error) {
	folder := filepath.Join(dir, "drafts")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, err
	}
	for i := range n {
		if err := writePhotograph(filepath.Join(folder, fmt.Sprintf("draft-%d.jpg", i)), 1600, 1200,
			uint32(100+i)); err != nil {
			return nil, err
		}
	}
	if _, err := s.run(ctx, "import", folder); err != nil {
		return nil, err
	}
	for end := time.Now().Add(2 * time.Minute); time.Now().Before(end) &&
		ctx.Err() == nil; time.Sleep(200 * time.Millisecond) {
		var page struct {
			Items []struct {
				ID     string
				Latest struct{ Renditions string }
			}
		}
		if _, err := s.call(ctx, http.MethodGet, s.base+"/api/assets?limit=100", "", nil, &page); err != nil {
			return nil, err
		}
		ids = nil
		for _, a := range page.Items {
			if a.Latest.Renditions == "ready" {
				ids = append(ids, a.ID)
			}
		}
		if len(ids) == n {
			return ids, nil
		}
	}
	return nil, fmt.Errorf("only %d of %d pictures are ready after two minutes", len(ids), n)
}

// importSteadily imports a photograph at each turn of the pace until ctx ends, and returns how many.
func (s *server) importSteadily(ctx context.Context, paths []string) (n int) {
	tick := time.NewTicker(busyEvery)
	defer tick.Stop()
	for _, path := range paths {
		select {
		case <-ctx.Done():
			return n
		case <-tick.C:
		}
		if _, err := s.run(ctx, "import", path); err == nil {
			n++
		}
	}
	return n
}
