package delivery_test

import (
	"bytes"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/catalog/catalogtest"
	"vitrine/dam/delivery"
	"vitrine/storage"
	web "vitrine/web/delivery"
)

func TestHeaders(t *testing.T) {
	s := newSite(t, catalogtest.SQLite(t))
	n := s.node(nil, delivery.Options{}, web.Options{})
	a, list := s.public(dam.Rights{})
	n.has(s)
	for path, cache := range map[string]string{
		live(a):           "public, max-age=30, stale-while-revalidate=60",
		exact(a, list[0]): "public, max-age=31536000, immutable",
	} {
		get, head := n.get(path), n.do(http.MethodHead, path)
		if !bytes.Equal(get.Body.Bytes(), s.bytes(a.Latest, list[0])) {
			t.Errorf("%s: other bytes", path)
		}
		for name, want := range map[string]string{
			"Cache-Control": cache, "Content-Type": "image/jpeg", "Content-Length": strconv.Itoa(get.Body.Len()),
			"Etag": `"` + list[0].Hash + `.jpg"`, "X-Content-Type-Options": "nosniff",
			"Access-Control-Allow-Origin": "*",
			"Vary":                        map[bool]string{true: "Accept"}[path == live(a)],
		} {
			if got := get.Header().Get(name); got != want {
				t.Errorf("%s: %s: %q, want %q", path, name, got, want)
			}
			if got := head.Header().Get(name); got != want {
				t.Errorf("HEAD %s: %s: %q, want %q", path, name, got, want)
			}
		}
		if get.Code != 200 || head.Code != 200 || head.Body.Len() != 0 {
			t.Errorf("%s: GET %d, HEAD %d with %d bytes", path, get.Code, head.Code, head.Body.Len())
		}
	}
	for _, method := range []string{http.MethodPost, http.MethodPut, http.MethodDelete} {
		if w := n.do(method, live(a)); w.Code != 405 || w.Header().Get("Allow") == "" {
			t.Errorf("%s: %d", method, w.Code)
		}
	}
	if w := n.do(http.MethodOptions, live(a)); w.Code != 204 ||
		w.Header().Get("Access-Control-Allow-Methods") != "GET, HEAD" {
		t.Errorf("OPTIONS: %d %v", w.Code, w.Header())
	}
	if w := n.do(http.MethodHead, "/r/nonsense/thumb"); w.Code != 404 || w.Body.Len() != 0 {
		t.Errorf("HEAD of nothing: %d, %d bytes", w.Code, w.Body.Len())
	}
}

func TestConditional(t *testing.T) {
	s := newSite(t, catalogtest.SQLite(t))
	n := s.node(nil, delivery.Options{}, web.Options{})
	a, _ := s.public(dam.Rights{})
	n.has(s)
	jpeg := n.get(live(a)).Header().Get("ETag")
	webp := n.get(live(a), "Accept", "image/webp").Header().Get("ETag")
	if jpeg == webp {
		t.Fatal("two formats share an entity tag")
	}
	for header, status := range map[string]int{
		jpeg: 304, "W/" + jpeg: 304, `"x", ` + jpeg: 304, "*": 304,
		webp: 200, `"x"`: 200, strings.Trim(jpeg, `"`): 200, "": 200,
	} {
		for _, method := range []string{http.MethodGet, http.MethodHead} {
			w := n.do(method, live(a), "If-None-Match", header)
			if w.Code != status {
				t.Errorf("%s, If-None-Match: %s: %d, want %d", method, header, w.Code, status)
			}
			if w.Code == 304 && (w.Body.Len() > 0 || w.Header().Get("ETag") != jpeg ||
				w.Header().Get("Cache-Control") == "" || w.Header().Get("Vary") != "Accept") {
				t.Errorf("304 with %d bytes and %v", w.Body.Len(), w.Header())
			}
		}
	}
}

func TestRange(t *testing.T) {
	s := newSite(t, catalogtest.SQLite(t))
	a, list := s.public(dam.Rights{})
	whole := string(s.bytes(a.Latest, list[0]))
	for name, opt := range map[string]delivery.Options{"from memory": {}, "from storage": {MaxBody: 1}} {
		n := s.node(nil, opt, web.Options{})
		n.has(s)
		etag := n.get(live(a)).Header().Get("ETag")
		for _, c := range []struct {
			ranges, ifRange string
			status          int
			body            string
		}{
			{"", "", 200, whole},
			{"bytes=0-9", "", 206, whole[:10]},
			{"bytes=5-", "", 206, whole[5:]},
			{"bytes=-7", "", 206, whole[len(whole)-7:]},
			{"bytes=0-9", etag, 206, whole[:10]},
			{"bytes=0-9", `"other"`, 200, whole},
			{"bytes=99999999-", "", 416, ""},
			{"lines=1-2", "", 200, whole},
		} {
			header := []string{}
			if c.ranges != "" {
				header = append(header, "Range", c.ranges)
			}
			if c.ifRange != "" {
				header = append(header, "If-Range", c.ifRange)
			}
			w := n.get(live(a), header...)
			if w.Code != c.status || c.status != 416 && w.Body.String() != c.body {
				t.Errorf("%s: %v: %d with %d bytes, want %d with %d", name, header, w.Code, w.Body.Len(), c.status,
					len(c.body))
			}
			if c.status != 416 && w.Header().Get("Content-Type") != "image/jpeg" {
				t.Errorf("%s: %v: as %s", name, header, w.Header().Get("Content-Type"))
			}
			if c.status == 416 && (w.Header().Get("Content-Type") != "application/problem+json" ||
				!strings.Contains(w.Body.String(), `"type":"urn:vitrine:problem:invalid"`)) {
				t.Errorf("%s: %v: refused with %s: %s", name, header, w.Header().Get("Content-Type"), w.Body)
			}
		}
	}
}

func TestNegotiation(t *testing.T) {
	s := newSite(t, catalogtest.SQLite(t))
	n := s.node(nil, delivery.Options{}, web.Options{})
	a := s.asset(dam.Rights{})
	s.render(a.Latest, "1", "all", dam.JPEG, dam.PNG, dam.WebP, "avif") // each larger than the one before
	s.render(a.Latest, "1", "photo", dam.JPEG, dam.WebP)
	s.render(a.Latest, "1", "modern", dam.WebP)
	s.rendered(a.Latest, dam.RenditionsReady)
	s.decide(a.ID, dam.Approve)
	n.has(s)
	for _, c := range []struct{ accept, all, photo string }{
		{"", "jpeg", "jpeg"},
		{"*/*", "jpeg", "jpeg"},
		{"image/*", "jpeg", "jpeg"},
		{"text/html", "jpeg", "jpeg"},
		{"image/webp", "webp", "webp"},
		{"IMAGE/WEBP , */*", "webp", "webp"},
		{"image/png", "png", "jpeg"},
		// Chrome
		{"image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8", "avif", "webp"},
		// Firefox
		{"image/avif,image/webp,image/png,image/svg+xml,image/*;q=0.8,*/*;q=0.5", "avif", "webp"},
		// Safari
		{"image/webp,image/avif,image/jxl,image/heic,video/*;q=0.8,image/png,image/svg+xml,image/*;q=0.8,*/*;q=0.5",
			"avif", "webp"},
		// Safari 13
		{"image/png,image/svg+xml,image/*;q=0.8,video/*;q=0.8,*/*;q=0.5", "jpeg", "jpeg"},
		{"image/webp;q=0, image/avif;q=0, */*", "jpeg", "jpeg"},
		{"image/webp;q=0.5, image/jpeg", "jpeg", "jpeg"},
		{"image/avif;q=0.1, image/webp;q=0.9, image/jpeg;q=0.2", "webp", "webp"},
		{"image/jpeg;q=nonsense", "jpeg", "jpeg"},
		{"image/*;q=0", "jpeg", "jpeg"},
	} {
		for preset, want := range map[string]string{"all": c.all, "photo": c.photo, "modern": "webp"} {
			w := n.get("/r/"+a.ID+"/"+preset, "Accept", c.accept)
			if got := w.Header().Get("Content-Type"); got != "image/"+want || w.Header().Get("Vary") != "Accept" {
				t.Errorf("Accept: %s: %s is sent as %s, want %s", c.accept, preset, got, want)
			}
		}
	}
}

func TestQueryMakesNoEntries(t *testing.T) {
	s := newSite(t, catalogtest.SQLite(t))
	n := s.node(nil, delivery.Options{}, web.Options{})
	a, _ := s.public(dam.Rights{})
	n.has(s)
	n.get(live(a))
	before := n.service.Stats()
	for i := range 50 {
		n.wants(live(a)+"?bust="+strconv.Itoa(i), 200)
	}
	if after := n.service.Stats(); after.BodyMisses != before.BodyMisses || after.RecordMisses != before.RecordMisses {
		t.Errorf("parameters cost: %+v, before %+v", after, before)
	}
}

func TestAlteredBytesAreNeverSent(t *testing.T) {
	s := newSite(t, catalogtest.SQLite(t))
	n := s.node(nil, delivery.Options{}, web.Options{})
	a := s.asset(dam.Rights{})
	r := s.render(a.Latest, "1", "thumb", dam.JPEG)[0]
	key := dam.RenditionKey(a.Latest.SHA256, r.Hash, r.Format)
	replace := func(b []byte) {
		t.Helper()
		if err := s.store.Delete(catalogtest.Context(t), key); err != nil {
			t.Fatal(err)
		}
		if err := s.store.Put(catalogtest.Context(t), key, bytes.NewReader(b),
			storage.PutOptions{Size: int64(len(b))}); err != nil {
			t.Fatal(err)
		}
	}
	good := s.bytes(a.Latest, r)
	s.rendered(a.Latest, dam.RenditionsReady)
	s.decide(a.ID, dam.Approve)
	n.has(s)
	bad := bytes.Clone(good)
	bad[10] ^= 1
	for what, b := range map[string][]byte{"a flipped bit": bad, "a short object": good[:20], "an empty object": {}} {
		replace(b)
		if w := n.get(live(a)); w.Code != 503 || w.Header().Get("Retry-After") == "" || w.Header().Get("ETag") != "" {
			t.Errorf("%s: %d %v", what, w.Code, w.Header())
		}
	}
	replace(good)
	n.wants(live(a), 200)
}

func TestMetrics(t *testing.T) {
	s := newSite(t, catalogtest.SQLite(t))
	n := s.node(nil, delivery.Options{}, web.Options{})
	a, list := s.public(dam.Rights{})
	n.has(s)
	n.get(live(a))
	n.get(live(a))
	n.get("/r/x/y")
	registry := prometheus.NewRegistry()
	registry.MustRegister(n.handler.Collectors()...)
	families := must(registry.Gather())
	value := func(name string, labels ...string) float64 {
		for _, f := range families {
			for _, m := range f.GetMetric() {
				var got []string
				for _, l := range m.GetLabel() {
					got = append(got, l.GetValue())
				}
				if f.GetName() == "vitrine_delivery_"+name && strings.Join(got, " ") == strings.Join(labels, " ") {
					return m.GetCounter().GetValue() + m.GetGauge().GetValue()
				}
			}
		}
		t.Fatalf("there is no %s %v", name, labels)
		return 0
	}
	if hits, misses := value("cache_total", "body", "hit"), value("cache_total", "body", "miss"); hits != 1 ||
		misses != 1 {
		t.Errorf("%v hits, %v misses", hits, misses)
	}
	if sent := value("sent_bytes_total"); sent != 2*float64(list[0].Size) {
		t.Errorf("%v bytes sent of twice %d", sent, list[0].Size)
	}
	if ok, bad := value("answers_total", "2xx"), value("answers_total", "4xx"); ok != 2 || bad != 1 {
		t.Errorf("%v good answers, %v others", ok, bad)
	}
	if behind := value("log_behind_events"); behind != 0 {
		t.Errorf("%v events behind", behind)
	}
}

// An asset that is deleted for good is removed from memory, too.
func TestPurgedAssetLeavesMemory(t *testing.T) {
	s := newSite(t, catalogtest.SQLite(t))
	n := s.node(nil, delivery.Options{}, web.Options{})
	a, _ := s.public(dam.Rights{})
	kept, _ := s.public(dam.Rights{})
	n.has(s)
	n.wants(live(a), 200)
	n.wants(live(kept), 200)
	s.write(func(tx *catalog.Tx) error {
		tx.Emit(dam.Event{Type: dam.AssetErased, Subject: a.ID, Asset: a.ID})
		return tx.Assets().DeleteAsset(catalogtest.Context(t), a.ID)
	})
	n.has(s)
	n.wants(live(a), 404)
	if got := n.service.Stats().Bodies; got != 1 {
		t.Errorf("%d bodies in memory, want the other asset's only", got)
	}
}
