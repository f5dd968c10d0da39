package delivery_test

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"sync"
	"testing"
	"time"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/catalog/catalogtest"
	"vitrine/dam/delivery"
	"vitrine/storage"
	web "vitrine/web/delivery"
)

// A change made on one node reaches every node, and what a request read before the change is never cached after it.
// Clients send requests to both nodes throughout.
func TestChangesReachEveryNode(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, cat *catalog.Catalog) {
		s := newSite(t, cat)
		nodes := []*node{s.node(nil, delivery.Options{}, web.Options{MissRate: -1}),
			s.node(nil, delivery.Options{}, web.Options{MissRate: -1})}
		a, _ := s.public(dam.Rights{})
		stop := make(chan struct{})
		var clients sync.WaitGroup
		for _, n := range nodes {
			clients.Go(func() {
				for {
					select {
					case <-stop:
						return
					default:
						if code := n.get(live(a)).Code; code != 200 && code != 404 && code != 410 {
							t.Errorf("an answer in between: %d", code)
						}
					}
				}
			})
		}
		for range 8 {
			for _, step := range []struct {
				action dam.Action
				want   int
			}{{dam.Archive, 410}, {dam.Restore, 200}} {
				s.decide(a.ID, step.action)
				for i, n := range nodes {
					n.has(s)
					if code := n.get(live(a)).Code; code != step.want {
						t.Errorf("node %d answers %d after %s", i+1, code, step.action)
					}
				}
			}
		}
		close(stop)
		clients.Wait()
	})
}

// down is a real store that can be disconnected.
type down struct {
	storage.Store
	mu   sync.Mutex
	cut  bool
	gate chan struct{} // when set, Open waits for it
}

func (d *down) Open(ctx context.Context, key string) (storage.Object, error) {
	d.mu.Lock()
	cut, gate := d.cut, d.gate
	d.mu.Unlock()
	if gate != nil {
		<-gate
	}
	if cut {
		return nil, errors.New("connection refused")
	}
	return d.Store.Open(ctx, key)
}

func TestOutage(t *testing.T) {
	cat, err := catalog.Open(catalogtest.Context(t), "sqlite:"+t.TempDir()+"/catalog.db")
	if err != nil {
		t.Fatal(err)
	}
	if err := cat.Migrate(catalogtest.Context(t)); err != nil {
		t.Fatal(err)
	}
	s := newSite(t, cat)
	store := &down{Store: s.store}
	c := newClock(time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC))
	n := s.node(store, delivery.Options{Now: c.now}, web.Options{})
	known, _ := s.public(dam.Rights{Until: "2026-05-01"})
	ending, _ := s.public(dam.Rights{})
	unknown, _ := s.public(dam.Rights{})
	n.has(s)
	n.wants(live(known), 200)
	n.wants(live(ending), 200)

	store.mu.Lock()
	store.cut = true
	store.mu.Unlock()
	n.wants(live(known), 200)
	n.wants(live(unknown), 503)

	if err := cat.Close(); err != nil {
		t.Fatal(err)
	}
	c.move(14 * time.Minute)
	n.wants(live(ending), 200)
	if w := n.get(live(s.missing()), "Accept", "image/webp"); w.Code != 503 || w.Header().Get("Retry-After") == "" {
		t.Errorf("what was never asked for: %d", w.Code)
	}
	c.move(61 * time.Second)
	n.wants(live(ending), 503)
	n.wants(live(known), 503)
}

// missing returns an asset that does not exist.
func (s *site) missing() dam.Asset { return dam.Asset{ID: dam.NewID(dam.AssetPrefix)} }

// The rights end on time even if the catalogue is unreachable.
func TestRightsEndDuringAnOutage(t *testing.T) {
	cat, err := catalog.Open(catalogtest.Context(t), "sqlite:"+t.TempDir()+"/catalog.db")
	if err != nil {
		t.Fatal(err)
	}
	if err := cat.Migrate(catalogtest.Context(t)); err != nil {
		t.Fatal(err)
	}
	s := newSite(t, cat)
	c := newClock(time.Date(2026, 5, 1, 23, 55, 0, 0, time.UTC))
	n := s.node(nil, delivery.Options{Now: c.now}, web.Options{})
	a, _ := s.public(dam.Rights{Until: "2026-05-01"})
	n.has(s)
	n.wants(live(a), 200)
	if err := cat.Close(); err != nil {
		t.Fatal(err)
	}
	c.move(5*time.Minute - time.Millisecond)
	n.wants(live(a), 200)
	c.move(time.Millisecond)
	n.wants(live(a), 410)
}

// A hundred concurrent requests for the same picture cause one read.
func TestCoalescing(t *testing.T) {
	s := newSite(t, catalogtest.SQLite(t))
	store := &down{Store: s.store, gate: make(chan struct{})}
	n := s.node(store, delivery.Options{}, web.Options{})
	a, list := s.public(dam.Rights{})
	n.has(s)
	var clients sync.WaitGroup
	for range 100 {
		clients.Go(func() { n.wants(live(a), 200) })
	}
	n.until("all wait for the body", func() bool { return n.service.Stats().BodyMisses == 100 })
	close(store.gate)
	clients.Wait()
	if got := n.service.Stats().ReadBytes; got != list[0].Size {
		t.Errorf("%d bytes read for a picture of %d", got, list[0].Size)
	}
}

// If the first client disconnects, the others still get the picture.
func TestLeavingClient(t *testing.T) {
	s := newSite(t, catalogtest.SQLite(t))
	store := &down{Store: s.store, gate: make(chan struct{})}
	n := s.node(store, delivery.Options{}, web.Options{})
	a, _ := s.public(dam.Rights{})
	n.has(s)
	ctx, leave := context.WithCancel(catalogtest.Context(t))
	var clients sync.WaitGroup
	clients.Go(func() {
		w := httptest.NewRecorder()
		n.handler.ServeHTTP(w, httptest.NewRequestWithContext(ctx, http.MethodGet, live(a), nil))
		if w.Code != 503 {
			t.Errorf("a client that left got %d", w.Code)
		}
	})
	n.until("the first waits", func() bool { return n.service.Stats().BodyMisses == 1 })
	clients.Go(func() { n.wants(live(a), 200) })
	n.until("the second waits", func() bool { return n.service.Stats().BodyMisses == 2 })
	leave()
	close(store.gate)
	clients.Wait()
}

func TestMemoryIsBounded(t *testing.T) {
	s := newSite(t, catalogtest.SQLite(t))
	const limit = 64 << 10
	n := s.node(nil, delivery.Options{Memory: limit}, web.Options{MissRate: -1})
	body := bytes.Repeat([]byte("x"), 4000)
	a := s.asset(dam.Rights{})
	for i := range 40 {
		preset := "p" + string(rune('a'+i/26)) + string(rune('a'+i%26))
		body[0] = byte(i)
		x := dam.Rendition{Version: a.Latest.ID, Preset: preset, Format: dam.JPEG, Hash: sum(body)[:24],
			SHA256: sum(body), Size: int64(len(body)), MediaType: "image/jpeg"}
		key := dam.RenditionKey(a.Latest.SHA256, x.Hash, x.Format)
		if err := s.store.Put(catalogtest.Context(t), key, bytes.NewReader(body),
			storage.PutOptions{Size: x.Size}); err != nil {
			t.Fatal(err)
		}
		s.write(func(tx *catalog.Tx) error { return tx.Renditions().PutRendition(catalogtest.Context(t), x, key) })
	}
	s.rendered(a.Latest, dam.RenditionsReady)
	s.decide(a.ID, dam.Approve)
	n.has(s)
	for i := range 40 {
		n.wants("/r/"+a.ID+"/p"+string(rune('a'+i/26))+string(rune('a'+i%26)), 200)
	}
	n.until("memory is within its bound", func() bool {
		st := n.service.Stats()
		return st.Bodies > 0 && st.MemoryBytes <= limit
	})
}

func TestLimitCountsMissesOnly(t *testing.T) {
	s := newSite(t, catalogtest.SQLite(t))
	c := newClock(time.Now())
	n := s.node(nil, delivery.Options{Now: c.now}, web.Options{MissRate: 1, MissBurst: 3,
		TrustedProxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}})
	a, _ := s.public(dam.Rights{})
	n.has(s)
	from := func(peer, forwarded, path string) int {
		r := httptest.NewRequest(http.MethodGet, path, nil)
		r.RemoteAddr = peer
		if forwarded != "" {
			r.Header.Set("X-Forwarded-For", forwarded)
		}
		w := httptest.NewRecorder()
		n.handler.ServeHTTP(w, r)
		if w.Code == 429 && (w.Header().Get("Retry-After") == "" || w.Header().Get("Cache-Control") != "no-store") {
			t.Errorf("429 with %v", w.Header())
		}
		return w.Code
	}
	cold := func() string { return live(s.missing()) }
	if code := from("192.0.2.1:1000", "", live(a)); code != 200 { // the record and the body count as one of three
		t.Fatalf("the first request: %d", code)
	}
	for i, want := range []int{404, 404, 429, 429} {
		if code := from("192.0.2.1:1000", "", cold()); code != want {
			t.Errorf("miss %d: %d, want %d", i+1, code, want)
		}
	}
	for range 20 {
		if code := from("192.0.2.1:1001", "", live(a)); code != 200 {
			t.Fatalf("a hit is limited: %d", code)
		}
	}
	for _, x := range []struct {
		peer, forwarded string
		want            int
		why             string
	}{
		{"192.0.2.1:1000", "198.51.100.7", 429, "a client may not name itself"},
		{"192.0.2.2:1000", "", 404, "another client"},
		{"10.1.1.1:1000", "192.0.2.1", 429, "the same client behind a proxy"},
		{"10.1.1.1:1000", "198.51.100.8, 10.9.9.9", 404, "another client behind two proxies"},
		{"127.0.0.1:1000", "192.0.2.1", 429, "the same client behind a proxy on this machine"},
		{"10.1.1.1:1000", "198.51.100.9, 192.0.2.1", 429, "what the proxy saw counts, not what the client claims"},
	} {
		if code := from(x.peer, x.forwarded, cold()); code != x.want {
			t.Errorf("%s: %d, want %d", x.why, code, x.want)
		}
	}
	for range 10 {
		if code := from("127.0.0.1:1000", "", cold()) + from("[::1]:1000", "", cold()); code != 2*404 {
			t.Errorf("a tool on this machine: %d", code)
		}
	}
	for _, addr := range []string{"[2001:db8::1]:1", "[2001:db8::2]:1", "[2001:db8::3:1]:1"} {
		if code := from(addr, "", cold()); code != 404 {
			t.Errorf("%s: %d", addr, code)
		}
	}
	if code := from("[2001:db8:0:0:9::9]:1", "", cold()); code != 429 {
		t.Errorf("a fourth address of the same IPv6 network: %d", code)
	}
	c.move(time.Second)
	if code := from("192.0.2.1:1000", "", cold()); code != 404 {
		t.Errorf("a second later: %d", code)
	}
}
