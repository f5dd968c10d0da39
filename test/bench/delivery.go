package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"vitrine/cmd/vitrine/config"
	vitrine "vitrine/cmd/vitrine/server"
	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/delivery"
	"vitrine/dam/review"
	"vitrine/storage"
	"vitrine/test/ports"
	web "vitrine/web/delivery"
)

const (
	bodySize       = 40_000 // bytes, a product picture of 1,280 pixels as WebP
	deliveryRounds = 5
	connections    = "64"
	roundSeconds   = "3s"
	purges         = 60
)

// deliveryHot compares a rendition in memory, behind the router, with the same bytes served by nginx
// from the page cache with sendfile. wrk loads both in turn, with 64 connections; a round's ratio compares
// neighbours in time, and the median of the rounds counts.
func deliveryHot(ctx context.Context, b *bench) (rows []row, err error) {
	for _, program := range []string{"nginx", "wrk"} {
		if _, err := exec.LookPath(program); err != nil {
			return nil, fmt.Errorf("%s is not installed: apt-get install nginx-light wrk", program)
		}
	}
	site, err := newPublicSite(ctx, b.dir)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, site.Close(ctx)) }()
	node, err := site.node(ctx)
	if err != nil {
		return nil, err
	}
	ours, stop, err := site.serve(ctx, node)
	if err != nil {
		return nil, err
	}
	defer stop()
	rival, end, err := startNginx(b.dir, site.body)
	if err != nil {
		return nil, err
	}
	defer end()
	for _, url := range []string{ours, rival} {
		if err := answers(ctx, url, site.body); err != nil {
			return nil, err
		}
	}
	var rate, tail []float64
	for range deliveryRounds {
		a, err := load(ctx, ours)
		if err != nil {
			return nil, err
		}
		n, err := load(ctx, rival)
		if err != nil {
			return nil, err
		}
		fmt.Printf("  %8.0f/s p99 %-10s nginx %8.0f/s p99 %s\n", a.rate, a.p99, n.rate, n.p99)
		rate = append(rate, a.rate/n.rate)
		tail = append(tail, a.p99.Seconds()/n.p99.Seconds())
	}
	return []row{
		{Name: "delivery.hot", Value: middle(rate), Unit: "× nginx", Target: 0.6, Op: ">="},
		{Name: "delivery.hot_p99", Value: middle(tail), Unit: "× nginx", Target: 3, Op: "<="},
	}, nil
}

// deliveryPurge measures how long after the commit of a decision the server still answers as before. (Two nodes share
// PostgreSQL, which tells the others; see TestTwoNodes.)
func deliveryPurge(ctx context.Context, b *bench) (rows []row, err error) {
	site, err := newPublicSite(ctx, b.dir)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, site.Close(ctx)) }()
	node, err := site.node(ctx)
	if err != nil {
		return nil, err
	}
	url, stop, err := site.serve(ctx, node)
	if err != nil {
		return nil, err
	}
	defer stop()
	var took []time.Duration
	for i := range purges {
		action, want := dam.Archive, http.StatusGone
		if i%2 == 1 {
			action, want = dam.Restore, http.StatusOK
		}
		if _, err := node.Library.Review.Decide(ctx, dam.DefaultLibrary, site.asset,
			review.Step{Action: action}); err != nil {
			return nil, err
		}
		began := time.Now()
		for status := 0; status != want; {
			if time.Since(began) > time.Minute {
				return nil, fmt.Errorf("after %s the server still answers %d", action, status)
			}
			if status, _, err = get(ctx, url); err != nil {
				return nil, err
			}
		}
		took = append(took, time.Since(began))
	}
	slices.Sort(took)
	worst := took[len(took)*99/100]
	return []row{
		{Name: "delivery.purge", Value: median(took).Seconds() * 1000, Unit: "ms", Target: 100, Op: "<="},
		{Name: "delivery.purge_p99", Value: worst.Seconds() * 1000, Unit: "ms", Target: 1000, Op: "<="},
	}, nil
}

// publicSite is an installation with one approved picture.
type publicSite struct {
	*vitrine.Server
	dir   string
	nodes int
	asset string
	body  []byte
}

func newPublicSite(ctx context.Context, dir string) (*publicSite, error) {
	s := &publicSite{dir: dir, body: make([]byte, bodySize)}
	var err error
	if s.Server, err = s.node(ctx); err != nil {
		return nil, err
	}
	_, _ = rand.Read(s.body) // never fails
	if err := s.publish(ctx); err != nil {
		return nil, errors.Join(err, s.Close(ctx))
	}
	return s, nil
}

// node is another server on the same database and store.
func (s *publicSite) node(ctx context.Context) (*vitrine.Server, error) {
	s.nodes++
	data := filepath.Join(s.dir, fmt.Sprint("node", s.nodes))
	if err := os.MkdirAll(data, 0o750); err != nil {
		return nil, err
	}
	c, err := config.Parse([]string{"--data", data, "--storage", "disk:" + filepath.Join(s.dir, "objects")},
		[]string{"VITRINE_DATABASE=sqlite:" + filepath.Join(s.dir, "catalog.db"),
			"VITRINE_SECRET_KEY=a key that all nodes of the benchmark have"})
	if err != nil {
		return nil, err
	}
	return vitrine.New(ctx, c, vitrine.Options{Log: slog.New(slog.DiscardHandler), Notice: io.Discard})
}

func (s *publicSite) publish(ctx context.Context) error {
	h := sha256.Sum256(s.body)
	sum := hex.EncodeToString(h[:])
	a := dam.Asset{ID: dam.NewID(dam.AssetPrefix), Library: dam.DefaultLibrary, Kind: dam.KindImage}
	a.Latest = dam.Version{ID: dam.NewID(dam.VersionPrefix), Asset: a.ID, N: 1, SHA256: sum, Size: bodySize,
		MediaType: "image/webp", Status: dam.Draft, Renditions: dam.RenditionsReady}
	r := dam.Rendition{Version: a.Latest.ID, Preset: "medium", Format: dam.WebP, Hash: sum[:24], SHA256: sum,
		Size: bodySize, Width: 1280, Height: 853, MediaType: "image/webp"}
	key := dam.RenditionKey(sum, r.Hash, r.Format)
	if err := s.Objects.Store.Put(ctx, key, bytes.NewReader(s.body),
		storage.PutOptions{Size: bodySize, SHA256: sum}); err != nil {
		return err
	}
	if err := s.Data.Catalog.Write(ctx, func(tx *catalog.Tx) error {
		if err := tx.Assets().InsertAsset(ctx, &a, dam.Metadata{}); err != nil {
			return err
		}
		return tx.Renditions().PutRendition(ctx, r, key)
	}); err != nil {
		return err
	}
	s.asset = a.ID
	_, err := s.Library.Review.Decide(ctx, dam.DefaultLibrary, a.ID, review.Step{Action: dam.Approve})
	return err
}

// serve starts a node and returns the picture's URL there.
func (s *publicSite) serve(ctx context.Context, node *vitrine.Server) (url string, stop func(), err error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err == nil {
		err = node.Start(ctx)
	}
	if err != nil {
		return "", nil, errors.Join(err, node.Close(ctx))
	}
	front := &http.Server{Handler: node.Handler, ConnContext: web.ConnContext, ReadHeaderTimeout: time.Minute}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = front.Serve(web.Listen(l)) // ends when it is closed
	}()
	stop = func() {
		_ = front.Close()
		<-done
		if err := node.Close(ctx); err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
	}
	return delivery.NewURLs("http://"+l.Addr().String()).Live(s.asset, "medium"), stop, nil
}

// startNginx serves the body as a static file.
func startNginx(dir string, body []byte) (url string, stop func(), err error) {
	address, release, err := ports.Hold()
	if err != nil {
		return "", nil, err
	}
	root := filepath.Join(dir, "static")
	config := filepath.Join(dir, "nginx.conf")
	text := fmt.Sprintf(`worker_processes auto; daemon off; user root; pid %[1]s/nginx.pid; error_log %[1]s/nginx.log;
events { worker_connections 1024; }
http { access_log off; sendfile on; tcp_nopush on; keepalive_requests 100000000; types { image/webp webp; }
  server { listen %[2]s; root %[3]s; etag on; add_header Cache-Control "public, max-age=30"; } }
`, dir, address, root)
	if err := errors.Join(os.MkdirAll(root, 0o755), os.WriteFile(filepath.Join(root, "medium.webp"), body, 0o644),
		os.WriteFile(config, []byte(text), 0o644)); err != nil {
		return "", nil, err
	}
	cmd := exec.Command("nginx", "-c", config)
	cmd.Stderr = os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM}
	if err := cmd.Start(); err != nil {
		return "", nil, err
	}
	return "http://" + address + "/medium.webp", func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		_ = cmd.Wait() // it ends by the signal
		release()
	}, nil
}

// answers waits until the URL gives the body: both sides must do the same work.
func answers(ctx context.Context, url string, body []byte) error {
	var status int
	var got []byte
	var err error
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if status, got, err = get(ctx, url); err == nil && status == http.StatusOK {
			break
		}
	}
	if err == nil && (status != http.StatusOK || !bytes.Equal(got, body)) {
		err = fmt.Errorf("%s answers %d with %d bytes", url, status, len(got))
	}
	return err
}

func get(ctx context.Context, url string) (status int, body []byte, err error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return 0, nil, err
	}
	w, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, nil, err
	}
	body, err = io.ReadAll(w.Body)
	return w.StatusCode, body, errors.Join(err, w.Body.Close())
}

// loaded is what wrk saw.
type loaded struct {
	rate float64 // answers a second
	p99  time.Duration
}

func load(ctx context.Context, url string) (l loaded, err error) {
	out, err := exec.CommandContext(ctx, "wrk", "-t1", "-c"+connections, "-d"+roundSeconds, "--latency",
		url).CombinedOutput()
	if err != nil {
		return l, fmt.Errorf("wrk: %w: %s", err, out)
	}
	for line := range strings.Lines(string(out)) {
		switch f := strings.Fields(line); {
		case len(f) == 2 && f[0] == "Requests/sec:":
			l.rate, err = strconv.ParseFloat(f[1], 64)
		case len(f) == 2 && f[0] == "99%":
			l.p99, err = time.ParseDuration(f[1])
		case strings.Contains(line, "Non-2xx"), strings.Contains(line, "Socket errors"):
			err = errors.New(strings.TrimSpace(line))
		}
		if err != nil {
			return l, fmt.Errorf("wrk on %s: %w", url, err)
		}
	}
	if l.rate == 0 || l.p99 == 0 {
		return l, fmt.Errorf("wrk said nothing of use: %s", out)
	}
	return l, nil
}

// middle is the median.
func middle(list []float64) float64 {
	s := slices.Sorted(slices.Values(list))
	return s[len(s)/2]
}
