package delivery_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"vitrine/dam"
	"vitrine/dam/assets"
	"vitrine/dam/catalog"
	"vitrine/dam/catalog/catalogtest"
	"vitrine/dam/delivery"
	"vitrine/dam/reasons"
	"vitrine/dam/review"
	"vitrine/storage"
	"vitrine/storage/disk"
	web "vitrine/web/delivery"
)

// site is an installation: a real catalogue, a real store, and nodes that use them.
type site struct {
	*testing.T
	cat    *catalog.Catalog
	store  *disk.Store
	review review.Service
	assets assets.Service
}

// Context returns a context with the system as actor.
func (s *site) Context() context.Context { return catalogtest.Context(s.T) }

func newSite(t *testing.T, cat *catalog.Catalog) *site {
	t.Helper()
	store, err := disk.Open(filepath.Join(t.TempDir(), "objects"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	return &site{t, cat, store, review.Service{Catalog: cat}, assets.Service{Catalog: cat}}
}

// clock is a clock that moves only when set.
type clock struct{ t atomic.Int64 }

func newClock(at time.Time) *clock {
	c := &clock{}
	c.t.Store(at.UnixNano())
	return c
}
func (c *clock) now() time.Time       { return time.Unix(0, c.t.Load()) }
func (c *clock) move(d time.Duration) { c.t.Add(int64(d)) }

// node is the delivery of one server process.
type node struct {
	*testing.T
	service *delivery.Service
	handler *web.Handler
}

func (s *site) node(store storage.Store, so delivery.Options, wo web.Options) *node {
	s.Helper()
	if store == nil {
		store = s.store
	}
	service, err := delivery.New(s.cat, store, so)
	if err != nil {
		s.Fatal(err)
	}
	wo.Now = so.Now
	handler, err := web.New(service, wo)
	if err != nil {
		s.Fatal(err)
	}
	service.Start()
	s.Cleanup(service.Stop)
	return &node{s.T, service, handler}
}

func (n *node) get(path string, header ...string) *httptest.ResponseRecorder {
	n.Helper()
	return n.do(http.MethodGet, path, header...)
}

func (n *node) do(method, path string, header ...string) *httptest.ResponseRecorder {
	n.Helper()
	r := httptest.NewRequest(method, path, nil)
	for i := 0; i < len(header); i += 2 {
		r.Header.Add(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	n.handler.ServeHTTP(w, r)
	return w
}

// has waits until the node has applied what the site has committed so far.
func (n *node) has(s *site) {
	n.Helper()
	head, err := s.cat.Log().Head(s.Context())
	if err != nil {
		n.Fatal(err)
	}
	n.until("the node is up to date", func() bool { return n.service.Stats().Seq >= head })
}

func (n *node) until(what string, ok func() bool) {
	n.Helper()
	for end := time.Now().Add(20 * time.Second); !ok(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(end) {
			n.Fatalf("in vain: %s; %+v", what, n.service.Stats())
		}
	}
}

func (n *node) wants(path string, status int) {
	n.Helper()
	if w := n.get(path); w.Code != status {
		n.Errorf("%s answers %d, want %d: %s", path, w.Code, status, w.Body)
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func sum(b []byte) string {
	h := sha256.Sum256(b)
	return hex.EncodeToString(h[:])
}

// asset adds a draft whose first version has no renditions yet.
func (s *site) asset(rights dam.Rights) dam.Asset { return s.assetIn(dam.DefaultLibrary, rights) }

func (s *site) assetIn(library string, rights dam.Rights) dam.Asset {
	s.Helper()
	a := dam.Asset{ID: dam.NewID(dam.AssetPrefix), Library: library, Kind: dam.KindImage, Rights: rights}
	a.Latest = s.version(a.ID)
	a.Latest.N = 1
	s.write(func(tx *catalog.Tx) error {
		if err := tx.Assets().InsertAsset(s.Context(), &a, dam.Metadata{}); err != nil {
			return err
		}
		tx.Emit(dam.Event{Type: dam.AssetCreated, Subject: a.ID, Asset: a.ID, Number: a.Number})
		return nil
	})
	return a
}

func (s *site) version(asset string) dam.Version {
	id := dam.NewID(dam.VersionPrefix)
	return dam.Version{ID: id, Asset: asset, SHA256: sum([]byte(id)), Size: 1, FileName: "x.jpg",
		MediaType: "image/jpeg",
		Width:     1000, Height: 1000, Frames: 1, Status: dam.Draft, Renditions: dam.RenditionsPending}
}

// second adds a newer draft version.
func (s *site) second(id string) dam.Version {
	s.Helper()
	v := s.version(id)
	s.write(func(tx *catalog.Tx) error {
		a, err := tx.Assets().LockAsset(s.Context(), "", id)
		if err != nil {
			return err
		}
		if err := tx.Versions().AddVersion(s.Context(), &a, v, dam.Metadata{}); err != nil {
			return err
		}
		v = a.Latest
		tx.Emit(dam.Event{Type: dam.AssetVersionAdded, Subject: id, Asset: id, Number: a.Number})
		return nil
	})
	return v
}

func (s *site) write(fn func(tx *catalog.Tx) error) {
	s.Helper()
	if err := s.cat.Write(s.Context(), fn); err != nil {
		s.Fatal(err)
	}
}

// render stores pictures of the preset in the formats, as the rendition service would. recipe stands for everything
// that affects their bytes.
func (s *site) render(v dam.Version, recipe, preset string, formats ...dam.Format) []dam.Rendition {
	s.Helper()
	var list []dam.Rendition
	for _, f := range formats {
		body := bytes.Repeat([]byte(fmt.Sprintf("%s %s %s %s\n", v.SHA256, recipe, preset, f)), 20*(1+len(list)))
		x := dam.Rendition{Version: v.ID, Preset: preset, Format: f,
			Hash:   sum([]byte(v.SHA256 + recipe + preset + string(f)))[:24],
			SHA256: sum(body), Size: int64(len(body)), Width: 320, Height: 320, MediaType: f.MediaType()}
		key := dam.RenditionKey(v.SHA256, x.Hash, f)
		if err := s.cat.Pin(s.Context(), time.Hour, catalog.Blob{Key: key, SHA256: x.SHA256,
			Size: x.Size}); err != nil {
			s.Fatal(err)
		}
		if err := s.store.Put(s.Context(), key, bytes.NewReader(body),
			storage.PutOptions{Size: x.Size, SHA256: x.SHA256}); err != nil {
			s.Fatal(err)
		}
		s.write(func(tx *catalog.Tx) error { return tx.Renditions().PutRendition(s.Context(), x, key) })
		list = append(list, x)
	}
	return list
}

// rendered sets the state of the version's renditions.
func (s *site) rendered(v dam.Version, state dam.RenditionState) {
	s.Helper()
	s.write(func(tx *catalog.Tx) error {
		v, err := tx.Versions().Version(s.Context(), v.ID)
		if err != nil {
			return err
		}
		v.Renditions = state
		tx.Emit(dam.Event{Type: dam.RenditionsMade, Subject: v.Asset, Asset: v.Asset})
		return tx.Versions().UpdateVersion(s.Context(), v)
	})
}

func (s *site) decide(asset string, a dam.Action) {
	s.Helper()
	if _, err := s.review.Decide(s.Context(), dam.DefaultLibrary, asset,
		review.Step{Action: a, Comment: "because"}); err != nil {
		s.Fatal(err)
	}
}

// recall recalls an asset, as publishers.RecallAsset does.
func (s *site) recall(asset string) {
	s.Helper()
	s.write(func(tx *catalog.Tx) error {
		tx.Emit(dam.Event{Type: dam.AssetRecalled, Subject: asset, Asset: asset})
		return tx.Assets().RecallAsset(s.Context(), asset, reasons.RecalledEverywhereFor("wrong price"))
	})
}

func (s *site) patch(asset, patch string) {
	s.Helper()
	p, err := assets.ParsePatch([]byte(patch))
	if err == nil {
		_, err = s.assets.Patch(s.Context(), dam.DefaultLibrary, asset, 0, p)
	}
	if err != nil {
		s.Fatal(err)
	}
}

// public adds an approved asset with a thumb in JPEG and WebP.
func (s *site) public(rights dam.Rights) (dam.Asset, []dam.Rendition) {
	s.Helper()
	a := s.asset(rights)
	list := s.render(a.Latest, "1", "thumb", dam.JPEG, dam.WebP)
	s.rendered(a.Latest, dam.RenditionsReady)
	s.decide(a.ID, dam.Approve)
	return a, list
}

func live(a dam.Asset) string { return "/r/" + a.ID + "/thumb" }

func exact(a dam.Asset, r dam.Rendition) string { return delivery.NewURLs("").Exact(a.ID, r) }

func (s *site) bytes(v dam.Version, r dam.Rendition) []byte {
	s.Helper()
	o, err := s.store.Open(s.Context(), dam.RenditionKey(v.SHA256, r.Hash, r.Format))
	if err != nil {
		s.Fatal(err)
	}
	defer func() { _ = o.Close() }()
	return must(io.ReadAll(o))
}
