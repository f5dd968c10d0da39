package delivery_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/catalog/catalogtest"
	"vitrine/dam/delivery"
	"vitrine/dam/jobs"
	"vitrine/dam/products"
	"vitrine/dam/review"
	web "vitrine/web/delivery"
)

// shop is a site with product data.
func (s *site) shop() *products.Service {
	s.Helper()
	queue, err := jobs.New(s.cat, "n1", slog.New(slog.DiscardHandler))
	if err != nil {
		s.Fatal(err)
	}
	if err := queue.Migrate(s.Context()); err != nil {
		s.Fatal(err)
	}
	return &products.Service{Catalog: s.cat, Store: s.store, Jobs: queue, Log: slog.New(slog.DiscardHandler),
		Dir: s.TempDir()}
}

func (s *site) product(goods *products.Service, library, line string) dam.Product {
	s.Helper()
	c, err := products.ParseChange([]byte(line), "en")
	if err != nil {
		s.Fatal(err)
	}
	return must(goods.Create(s.Context(), library, c))
}

func (s *site) link(goods *products.Service, sku, slot string, n int, a dam.Asset) {
	s.Helper()
	if _, err := goods.Link(s.Context(), a.Library, sku, dam.Slot{Slot: slot, N: n, Asset: a.ID}, 0); err != nil {
		s.Fatal(err)
	}
}

// What a slot shows follows its asset's state by the rules of /r/, on every node at once.
func TestSlot(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, cat *catalog.Catalog) {
		s := newSite(t, cat)
		goods := s.shop()
		nodes := []*node{s.node(nil, delivery.Options{}, web.Options{}), s.node(nil, delivery.Options{}, web.Options{})}
		a, list := s.public(dam.Rights{})
		b, other := s.public(dam.Rights{})
		both := func(path string, status int, etag string) {
			t.Helper()
			for i, n := range nodes {
				n.has(s)
				w := n.get(path)
				if w.Code != status || status == 200 && !strings.Contains(w.Header().Get("ETag"), etag) {
					t.Errorf("node %d: %s answers %d %s, want %d %s", i+1, path, w.Code, w.Header().Get("ETag"),
						status, etag)
				}
			}
		}
		both("/p/CHR%201/hero/thumb", 404, "") // before anything is there
		s.product(goods, dam.DefaultLibrary, `{"sku":"CHR 1"}`)
		both("/p/CHR%201/hero/thumb", 404, "")
		s.link(goods, "CHR 1", "hero", 2, a)
		both("/p/chr%201/hero/thumb", 200, list[0].Hash) // the first picture of the slot
		both("/p/CHR%201/hero/2/thumb", 200, list[0].Hash)
		both("/p/~main/CHR%201/hero/thumb", 200, list[0].Hash)
		for _, path := range []string{"/p/CHR%201/hero/1/thumb", "/p/CHR%201/hero/02/thumb", "/p/CHR%201/hero/2/none",
			"/p/CHR%201/hero", "/p/CHR%201", "/p/~other/CHR%201/hero/thumb", "/p/CHR%201/Hero/thumb", "/p//hero/thumb",
			"/p/CHR%201/hero/1000/thumb"} {
			both(path, 404, "")
		}
		s.link(goods, "CHR 1", "hero", 1, b)
		both("/p/CHR%201/hero/thumb", 200, other[0].Hash)
		s.link(goods, "CHR 1", "hero", 1, a)
		both("/p/CHR%201/hero/thumb", 200, list[0].Hash)
		s.decide(a.ID, dam.Archive)
		both("/p/CHR%201/hero/thumb", 410, "")
		s.patch(a.ID, `{"rights":{"successor":"`+b.ID+`"}}`)
		both("/p/CHR%201/hero/thumb", 200, other[0].Hash)
		s.decide(a.ID, dam.Restore)
		both("/p/CHR%201/hero/thumb", 200, list[0].Hash)
		s.render(a.Latest, "moved focal point", "thumb", dam.JPEG)
		s.rendered(a.Latest, dam.RenditionsReady)
		w := nodes[0]
		w.has(s)
		if got := w.get("/p/CHR%201/hero/thumb").Header().Get("ETag"); got == "" ||
			strings.Contains(got, list[0].Hash) {
			t.Errorf("after a new focal point: %s", got)
		}
		if _, err := goods.Unlink(catalogtest.Context(t), dam.DefaultLibrary, "CHR 1", "hero", 1, 0); err != nil {
			t.Fatal(err)
		}
		both("/p/CHR%201/hero/1/thumb", 410, "") // it has shown something
		draft := s.asset(dam.Rights{})
		s.link(goods, "CHR 1", "back", 1, draft)
		both("/p/CHR%201/back/thumb", 404, "")
		if err := goods.Delete(catalogtest.Context(t), dam.DefaultLibrary, "chr 1", 0); err != nil {
			t.Fatal(err)
		}
		both("/p/CHR%201/hero/thumb", 404, "")
	})
}

func TestSlotAnswersLikeARendition(t *testing.T) {
	s := newSite(t, catalogtest.SQLite(t))
	goods := s.shop()
	c := newClock(time.Now())
	n := s.node(nil, delivery.Options{Now: c.now}, web.Options{TagHeader: "Surrogate-Key"})
	a, _ := s.public(dam.Rights{})
	s.product(goods, dam.DefaultLibrary, `{"sku":"A,B"}`)
	s.link(goods, "A,B", "hero", 1, a)
	n.has(s)
	w := n.get("/p/A,B/hero/thumb", "Accept", "image/webp")
	hd := w.Header()
	if w.Code != 200 || hd.Get("Content-Type") != "image/webp" || hd.Get("Vary") != "Accept" ||
		!strings.Contains(hd.Get("Cache-Control"), "max-age=30") || hd.Get("Surrogate-Key") != a.ID+" p:main:a%2Cb" {
		t.Errorf("%d %v", w.Code, hd)
	}
	if w := n.get("/p/A,B/hero/thumb", "Accept", "image/webp", "If-None-Match", hd.Get("ETag")); w.Code != 304 ||
		w.Body.Len() > 0 {
		t.Errorf("%d with %d bytes", w.Code, w.Body.Len())
	}
	if w := n.get("/p/A,B/hero/thumb", "Range", "bytes=0-3"); w.Code != 206 || w.Body.Len() != 4 {
		t.Errorf("%d with %d bytes", w.Code, w.Body.Len())
	}
	before := n.service.Stats()
	for range 20 {
		n.wants("/p/A,B/hero/thumb", 200)
	}
	if after := n.service.Stats(); after.RecordMisses != before.RecordMisses {
		t.Errorf("%d look-ups for what is known", after.RecordMisses-before.RecordMisses)
	}
}

func TestProductCard(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, cat *catalog.Catalog) {
		s := newSite(t, cat)
		goods := s.shop()
		c := newClock(time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC))
		n := s.node(nil, delivery.Options{Now: c.now}, web.Options{URLs: delivery.NewURLs("https://media.example.com")})
		s.product(goods, dam.DefaultLibrary,
			`{"sku":"CHR 1","names":{"en":"Chair","fr":"Chaise"},"stock":7,"price":{"amount":"1","currency":"EUR"}}`)
		a, _ := s.public(dam.Rights{Until: "2026-05-01"})
		size := func(v dam.Version, preset string, w, h int) {
			for _, r := range s.render(v, "1", preset, dam.JPEG, dam.WebP) {
				r.Width, r.Height = w, h
				s.write(func(tx *catalog.Tx) error {
					return tx.Renditions().PutRendition(catalogtest.Context(t), r,
						dam.RenditionKey(v.SHA256, r.Hash, r.Format))
				})
			}
		}
		size(a.Latest, "small", 640, 480)
		size(a.Latest, "large", 2048, 1536)
		s.rendered(a.Latest, dam.RenditionsReady)
		s.write(func(tx *catalog.Tx) error {
			return tx.Similarity().SetAnalysis(catalogtest.Context(t), a.Latest.ID,
				&dam.Analysis{Blurhash: "LEHV6nWB2yk8pyo0adR*.7kCMdnj"}, 1)
		})
		s.patch(a.ID, `{"alt":{"en":"A blue chair","fr":"Une chaise bleue"}}`)
		s.link(goods, "CHR 1", "hero", 1, a)
		hidden := s.asset(dam.Rights{})
		s.link(goods, "CHR 1", "back", 1, hidden)
		n.has(s)
		w := n.get("/p/chr%201.json")
		var card delivery.ProductEmbedInfo
		if err := json.Unmarshal(w.Body.Bytes(), &card); err != nil || w.Code != 200 ||
			w.Header().Get("Content-Type") != "application/json" ||
			w.Header().Get("Access-Control-Allow-Origin") != "*" {
			t.Fatalf("%d %v %v %s", w.Code, err, w.Header(), w.Body)
		}
		if card.SKU != "CHR 1" || card.Names["fr"] != "Chaise" || len(card.Slots) != 1 ||
			strings.Contains(w.Body.String(), "stock") || strings.Contains(w.Body.String(), "price") {
			t.Fatalf("%s", w.Body)
		}
		x := card.Slots[0]
		base := "https://media.example.com/p/CHR%201/hero/1/"
		if x.Slot != "hero" || x.N != 1 || x.Asset != a.ID || x.Alt["fr"] != "Une chaise bleue" || x.Width != 2048 ||
			x.Height != 1536 || x.Src != base+"large" ||
			x.SrcSet != base+"small 640w, "+base+"large 2048w" || x.Sizes == "" ||
			x.Blurhash != "LEHV6nWB2yk8pyo0adR*.7kCMdnj" || len(x.Presets) != 3 || len(x.Presets[0].Types) != 2 {
			t.Errorf("%+v", x)
		}
		etag := w.Header().Get("ETag")
		if w := n.get("/p/CHR%201.json", "If-None-Match", etag); w.Code != 304 || w.Body.Len() > 0 {
			t.Errorf("%d with %d bytes", w.Code, w.Body.Len())
		}
		if w := n.do(http.MethodHead, "/p/CHR%201.json"); w.Code != 200 || w.Body.Len() > 0 ||
			w.Header().Get("ETag") != etag {
			t.Errorf("HEAD: %d %v", w.Code, w.Header())
		}
		s.decide(hidden.ID, dam.Approve)
		s.render(hidden.Latest, "1", "thumb", dam.JPEG)
		s.rendered(hidden.Latest, dam.RenditionsReady)
		n.has(s)
		if w := n.get("/p/CHR%201.json"); w.Header().Get("ETag") == etag ||
			!strings.Contains(w.Body.String(), `"slot":"back"`) {
			t.Errorf("after an approval: %s", w.Body)
		}
		c.move(12*time.Hour - 10*time.Second)
		if got := n.get("/p/CHR%201.json").Header().Get("Cache-Control"); got != "public, max-age=10" {
			t.Errorf("before the rights end: %s", got)
		}
		c.move(10 * time.Second)
		if w := n.get("/p/CHR%201.json"); strings.Contains(w.Body.String(), `"slot":"hero"`) {
			t.Errorf("after the rights' end: %s", w.Body)
		}
		n.wants("/p/none.json", 404)
		n.wants("/p/CHR%201.xml", 404)
	})
}

// A product's name and languages are not public until one of its pictures is.
func TestProductBeforeItIsShown(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, cat *catalog.Catalog) {
		s := newSite(t, cat)
		goods := s.shop()
		n := s.node(nil, delivery.Options{}, web.Options{})
		status := func(want int, when string) {
			t.Helper()
			n.has(s)
			if w := n.get("/p/NEW-1.json"); w.Code != want || want == 404 && strings.Contains(w.Body.String(),
				"Unreleased") {
				t.Errorf("%s: %d %s, want %d", when, w.Code, w.Body, want)
			}
		}
		s.product(goods, dam.DefaultLibrary, `{"sku":"NEW-1","names":{"en":"Unreleased chair"}}`)
		status(404, "without a picture")
		draft := s.asset(dam.Rights{})
		s.link(goods, "NEW-1", "hero", 1, draft)
		status(404, "with a draft")
		held := s.asset(dam.Rights{From: "2999-01-01"})
		s.render(held.Latest, "1", "thumb", dam.JPEG)
		s.rendered(held.Latest, dam.RenditionsReady)
		s.decide(held.ID, dam.Approve)
		s.link(goods, "NEW-1", "back", 1, held)
		status(404, "under embargo")
		s.render(draft.Latest, "1", "thumb", dam.JPEG)
		s.rendered(draft.Latest, dam.RenditionsReady)
		s.decide(draft.ID, dam.Approve)
		status(200, "with an approved picture")
		s.decide(draft.ID, dam.Archive)
		status(200, "after it has been public")
		if _, err := goods.Unlink(catalogtest.Context(t), dam.DefaultLibrary, "NEW-1", "hero", 1, 0); err != nil {
			t.Fatal(err)
		}
		status(200, "after its picture has left")
		for _, path := range []string{"/p/NEW-1%00.json", "/p/%00.json", "/p/~a%00b/x.json", "/p/~main/NEW%0a.json",
			"/r/a%00/thumb", "/p/%ff.json", "/p/NEW-1/he%00ro/thumb"} {
			if w := n.get(path); w.Code != 404 {
				t.Errorf("%s: %d %s", path, w.Code, w.Body)
			}
		}
	})
}

// A SKU belongs to one library, which the path or the host name identifies.
func TestProductOfALibrary(t *testing.T) {
	s := newSite(t, catalogtest.SQLite(t))
	goods := s.shop()
	s.write(func(tx *catalog.Tx) error {
		return tx.Libraries().PutLibrary(catalogtest.Context(t), dam.Library{ID: "shoes", Name: "Shoes", Locale: "en",
			Zone: "UTC"})
	})
	n := s.node(nil, delivery.Options{},
		web.Options{Hosts: map[string]string{"shoes.example.com": "shoes", "2001:db8::1": "shoes"}})
	for _, library := range []string{dam.DefaultLibrary, "shoes"} {
		s.product(goods, library, `{"sku":"A","names":{"en":"`+library+`"}}`)
		a := s.assetIn(library, dam.Rights{})
		s.render(a.Latest, "1", "thumb", dam.JPEG)
		s.rendered(a.Latest, dam.RenditionsReady)
		must(s.review.Decide(catalogtest.Context(t), library, a.ID, review.Step{Action: dam.Approve}))
		s.link(goods, "A", "hero", 1, a)
	}
	n.has(s)
	for _, c := range []struct{ host, path, want string }{
		{"", "/p/A.json", "main"}, {"shop.example.com", "/p/A.json", "main"},
		{"shoes.example.com", "/p/A.json", "shoes"}, {"Shoes.Example.com:8443", "/p/A.json", "shoes"},
		{"shoes.example.com.", "/p/A.json", "shoes"}, {"shoes.example.com.:80", "/p/A.json", "shoes"},
		{"[2001:db8::1]", "/p/A.json", "shoes"}, {"[2001:DB8::1]:80", "/p/A.json", "shoes"},
		{"", "/p/~shoes/A.json", "shoes"}, {"shoes.example.com", "/p/~main/A.json", "main"},
	} {
		r := httptest.NewRequest(http.MethodGet, c.path, nil)
		if c.host != "" {
			r.Host = c.host
		}
		w := httptest.NewRecorder()
		n.handler.ServeHTTP(w, r)
		if !strings.Contains(w.Body.String(), `"en":"`+c.want+`"`) {
			t.Errorf("%s%s: %d %s, want the product of %s", c.host, c.path, w.Code, w.Body, c.want)
		}
	}
}

// The exact URL of a replaced rendition redirects to its replacement for good, even after its object has been
// collected.
func TestFormerRenditionRedirectsForGood(t *testing.T) {
	s := newSite(t, catalogtest.SQLite(t))
	n := s.node(nil, delivery.Options{}, web.Options{})
	a, list := s.public(dam.Rights{})
	n.has(s)
	old := exact(a, list[0])
	n.wants(old, 200)
	fresh := s.render(a.Latest, "2", "thumb", dam.JPEG)[0]
	s.rendered(a.Latest, dam.RenditionsReady)
	key := dam.RenditionKey(a.Latest.SHA256, list[0].Hash, dam.JPEG)
	s.write(func(tx *catalog.Tx) error { return tx.Products().Unpin(catalogtest.Context(t), key) })
	if _, err := s.cat.Tombstone(catalogtest.Context(t)); err != nil {
		t.Fatal(err)
	}
	if done, err := s.cat.Collect(catalogtest.Context(t), key, time.Now().Add(time.Minute),
		s.store.Delete); err != nil || !done {
		t.Fatalf("collected: %v %v", done, err)
	}
	n.has(s)
	if w := n.get(old); w.Code != 302 || !strings.Contains(w.Header().Get("Location"), fresh.Hash) {
		t.Errorf("%d %s", w.Code, w.Header().Get("Location"))
	}
	n.wants(strings.Replace(old, list[0].Hash, strings.Repeat("0", len(list[0].Hash)), 1), 404)
}

// AVIF is made after the other formats. Until then its old exact URL redirects to the format that every client reads,
// and the live URL returns it as soon as it is made.
func TestAVIFComesLater(t *testing.T) {
	s := newSite(t, catalogtest.SQLite(t))
	n := s.node(nil, delivery.Options{}, web.Options{})
	a, list := s.public(dam.Rights{})
	old := s.render(a.Latest, "1", "thumb", dam.AVIF)[0]
	s.rendered(a.Latest, dam.RenditionsReady)
	n.has(s)
	live := "/r/" + a.ID + "/thumb"
	asks := func(want string) {
		t.Helper()
		r := httptest.NewRequest(http.MethodGet, live, nil)
		r.Header.Set("Accept", "image/avif,image/*;q=0.8")
		w := httptest.NewRecorder()
		n.handler.ServeHTTP(w, r)
		if w.Code != 200 || w.Header().Get("Content-Type") != want {
			t.Errorf("%d %s, want %s", w.Code, w.Header().Get("Content-Type"), want)
		}
	}
	asks("image/avif")
	keep := map[string]bool{}
	for _, r := range list {
		keep[r.Preset+"/"+string(r.Format)] = true
	}
	s.write(func(tx *catalog.Tx) error {
		return tx.Renditions().DeleteRenditions(catalogtest.Context(t), a.Latest.ID, keep)
	})
	s.rendered(a.Latest, dam.RenditionsReady)
	n.has(s)
	asks("image/jpeg")
	if w := n.get(exact(a, old)); w.Code != 302 || !strings.HasSuffix(w.Header().Get("Location"), ".jpg") {
		t.Errorf("the exact URL: %d %s", w.Code, w.Header().Get("Location"))
	}
	s.render(a.Latest, "2", "thumb", dam.AVIF)
	s.rendered(a.Latest, dam.RenditionsReady)
	n.has(s)
	asks("image/avif")
}

// A variant shows its parent's pictures in the slots in which it has none, and its answers carry the parent's tag.
func TestVariants(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, cat *catalog.Catalog) {
		s := newSite(t, cat)
		goods := s.shop()
		n := s.node(nil, delivery.Options{}, web.Options{TagHeader: "Cache-Tag"})
		a, theirs := s.public(dam.Rights{})
		b, own := s.public(dam.Rights{})
		s.product(goods, dam.DefaultLibrary, `{"sku":"P"}`)
		s.product(goods, dam.DefaultLibrary, `{"sku":"V","parent":"P"}`)
		slots := func(want string) {
			t.Helper()
			n.has(s)
			w := n.get("/p/V.json")
			var card delivery.ProductEmbedInfo
			_ = json.Unmarshal(w.Body.Bytes(), &card)
			got := fmt.Sprint(w.Code)
			for _, x := range card.Slots {
				got += fmt.Sprint(" ", x.Slot, " ", map[string]string{a.ID: "theirs", b.ID: "own"}[x.Asset])
			}
			if got != want || w.Code == 200 && !strings.Contains(w.Header().Get("Cache-Tag"), "p:main:p") {
				t.Errorf("%s, want %s; tags %s", got, want, w.Header().Get("Cache-Tag"))
			}
		}
		slots("404")
		s.link(goods, "P", "hero", 1, a)
		s.link(goods, "P", "back", 1, a)
		slots("200 back theirs hero theirs")
		// Not approved: whoever uploads takes nothing from the public.
		s.link(goods, "V", "hero", 1, s.asset(dam.Rights{}))
		slots("200 back theirs hero theirs")
		if w := n.get("/p/V/hero/thumb"); w.Code != 200 || !strings.Contains(w.Header().Get("ETag"), theirs[0].Hash) {
			t.Errorf("beside what is not approved: %d %s", w.Code, w.Header().Get("ETag"))
		}
		s.link(goods, "V", "hero", 2, b)
		slots("200 back theirs hero own")
		for path, hash := range map[string]string{"/p/V/hero/thumb": own[0].Hash, "/p/V/back/thumb": theirs[0].Hash} {
			if w := n.get(path); w.Code != 200 || !strings.Contains(w.Header().Get("ETag"), hash) ||
				!strings.Contains(w.Header().Get("Cache-Tag"), "p:main:p") {
				t.Errorf("%s: %d %s %s", path, w.Code, w.Header().Get("ETag"), w.Header().Get("Cache-Tag"))
			}
		}
		if _, err := goods.Unlink(s.Context(), dam.DefaultLibrary, "P", "back", 1, 0); err != nil {
			t.Fatal(err)
		}
		slots("200 hero own")
		if _, err := goods.Unlink(s.Context(), dam.DefaultLibrary, "V", "hero", 2, 0); err != nil {
			t.Fatal(err)
		}
		slots("200 hero theirs")
	})
}
