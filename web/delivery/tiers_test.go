package delivery_test

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/catalog/catalogtest"
	"vitrine/dam/delivery"
	"vitrine/dam/events"
	"vitrine/dam/jobs"
	web "vitrine/web/delivery"
)

// files returns the files below a folder.
func files(t *testing.T, folder string) (names []string) {
	t.Helper()
	err := filepath.WalkDir(folder, func(path string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			names = append(names, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// Bodies on a node's disk survive a restart and an outage of the store; a damaged file is never sent, and the files of
// an asset that was erased while the node was down are removed.
func TestDiskTier(t *testing.T) {
	s := newSite(t, catalogtest.SQLite(t))
	folder := filepath.Join(t.TempDir(), "cache")
	options := delivery.Options{Disk: folder, DiskSize: 1 << 20}
	a, list := s.public(dam.Rights{})
	erased, _ := s.public(dam.Rights{})
	first := s.node(nil, options, web.Options{})
	first.has(s)
	first.wants(live(a), 200)
	first.wants(live(erased), 200)
	first.service.Stop()
	if got := len(files(t, folder)); got != 2 {
		t.Fatalf("%d files", got)
	}
	s.write(func(tx *catalog.Tx) error {
		tx.Emit(dam.Event{Type: dam.AssetErased, Subject: erased.ID, Asset: erased.ID})
		return tx.Assets().DeleteAsset(catalogtest.Context(t), erased.ID)
	})
	if err := os.WriteFile(filepath.Join(folder, ".partial-LEFT"), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}

	store := &down{Store: s.store, cut: true}
	second := s.node(store, options, web.Options{})
	second.has(s)
	left := files(t, folder)
	if len(left) != 1 || !strings.Contains(left[0], a.ID) {
		t.Errorf("after the restart there is %v", left)
	}
	if w := second.get(live(a)); w.Code != 200 || w.Body.String() != string(s.bytes(a.Latest, list[0])) {
		t.Errorf("from disk, without the store: %d", w.Code)
	}
	if st := second.service.Stats(); st.DiskHits != 1 || st.DiskBytes != list[0].Size {
		t.Errorf("%+v", st)
	}
	second.wants(exact(a, list[1]), 503) // not on disk

	b := must(os.ReadFile(left[0]))
	b[0] ^= 1
	if err := os.WriteFile(left[0], b, 0o600); err != nil {
		t.Fatal(err)
	}
	third := s.node(nil, options, web.Options{})
	third.has(s)
	if w := third.get(live(a)); w.Code != 200 || w.Body.String() != string(s.bytes(a.Latest, list[0])) {
		t.Errorf("a damaged file: %d, or other bytes", w.Code)
	}
	s.write(func(tx *catalog.Tx) error {
		tx.Emit(dam.Event{Type: dam.AssetErased, Subject: a.ID, Asset: a.ID})
		return tx.Assets().DeleteAsset(catalogtest.Context(t), a.ID)
	})
	third.has(s)
	if left := files(t, folder); len(left) != 0 {
		t.Errorf("erased, and still there: %v", left)
	}
}

func TestDiskIsBounded(t *testing.T) {
	s := newSite(t, catalogtest.SQLite(t))
	folder := t.TempDir()
	var all []dam.Asset
	var size int64
	for range 8 {
		a, list := s.public(dam.Rights{})
		all, size = append(all, a), list[0].Size
	}
	n := s.node(nil, delivery.Options{Disk: folder, DiskSize: 3 * size}, web.Options{})
	n.has(s)
	for _, a := range all {
		n.wants(live(a), 200)
	}
	left := strings.Join(files(t, folder), " ")
	if got := n.service.Stats().DiskBytes; got != 3*size || strings.Count(left, ".jpg") != 3 ||
		!strings.Contains(left, all[7].ID) {
		t.Errorf("%d bytes of %d, in %s", got, 3*size, left)
	}
}

func TestTagsForCDNs(t *testing.T) {
	s := newSite(t, catalogtest.SQLite(t))
	next, list := s.public(dam.Rights{})
	old, _ := s.public(dam.Rights{Until: "2001-01-01", Successor: next.ID})
	for header, want := range map[string]string{"Surrogate-Key": old.ID + " " + next.ID, "xkey": old.ID + " " + next.ID,
		"Cache-Tag": old.ID + "," + next.ID} {
		n := s.node(nil, delivery.Options{}, web.Options{TagHeader: header})
		n.has(s)
		if got := n.get(live(old)).Header().Get(header); got != want {
			t.Errorf("%s: %q, want %q", header, got, want)
		}
		if got := n.get(exact(next, list[0])).Header().Get(header); got != next.ID {
			t.Errorf("exact %s: %q", header, got)
		}
	}
}

// A change reaches the CDN's hook, even if the hook fails at first.
func TestPurgeHook(t *testing.T) {
	s := newSite(t, catalogtest.SQLite(t))
	var mu sync.Mutex
	var calls []*http.Request
	var bodies []delivery.PurgeArgs
	cdn := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var args delivery.PurgeArgs
		if err := json.NewDecoder(r.Body).Decode(&args); err != nil {
			t.Error(err)
		}
		mu.Lock()
		defer mu.Unlock()
		calls, bodies = append(calls, r), append(bodies, args)
		if len(calls) == 1 {
			http.Error(w, "try later", http.StatusServiceUnavailable)
		}
	}))
	defer cdn.Close()

	log := slog.New(slog.DiscardHandler)
	q, err := jobs.New(s.cat, "node", log)
	if err != nil {
		t.Fatal(err)
	}
	if err := q.Migrate(catalogtest.Context(t)); err != nil {
		t.Fatal(err)
	}
	p := &delivery.Purger{Catalog: s.cat, Jobs: q, Log: log,
		Hook: delivery.Hook{URL: cdn.URL, Header: map[string]string{"Fastly-Key": "secret"}}}
	jobs.Handle(q, time.Minute, p.Purge)
	if err := q.Start(catalogtest.Context(t), map[string]int{"": 2}); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(catalogtest.Context(t))
	followed := make(chan error)
	if err := events.Register(ctx, s.cat, "delivery.cdn"); err != nil {
		t.Fatal(err)
	}
	go func() { followed <- p.Follow(ctx) }()
	defer func() {
		stop()
		if err := <-followed; !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
		end, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := q.Stop(end); err != nil {
			t.Error(err)
		}
	}()
	n := s.node(nil, delivery.Options{}, web.Options{})
	a := s.asset(dam.Rights{})
	s.decide(a.ID, dam.Approve)
	n.until("the hook was called again after its failure", func() bool {
		mu.Lock()
		defer mu.Unlock()
		return len(calls) >= 2
	})
	mu.Lock()
	defer mu.Unlock()
	r := calls[1]
	if len(bodies[1].Tags) != 1 || bodies[1].Tags[0] != a.ID || r.Header.Get("Surrogate-Key") != a.ID ||
		r.Header.Get("xkey-purge") != a.ID ||
		r.Header.Get("Cache-Tag") != a.ID || r.Header.Get("Fastly-Key") != "secret" || r.Method != http.MethodPost {
		t.Errorf("%s %v %v", r.Method, r.Header, bodies[1])
	}
}

func TestHotlinks(t *testing.T) {
	s := newSite(t, catalogtest.SQLite(t))
	n := s.node(nil, delivery.Options{}, web.Options{Referers: []string{"shop.example.com", "*.example.org"}})
	a, list := s.public(dam.Rights{})
	n.has(s)
	for referer, want := range map[string]int{
		"": 200, "https://shop.example.com/shoes?x=1": 200, "https://SHOP.example.com:8443": 200,
		"https://www.example.org/": 200, "https://a.b.example.org/": 200,
		"https://example.org/": 403, "https://evil-example.org/": 403, "https://shop.example.com.evil.net/": 403,
		"https://evil.net/shop.example.com": 403, "::": 403,
	} {
		for _, path := range []string{live(a), exact(a, list[0])} {
			if w := n.get(path, "Referer", referer); w.Code != want {
				t.Errorf("from %q: %d, want %d", referer, w.Code, want)
			}
		}
	}
}
