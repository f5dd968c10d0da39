package delivery_test

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/color"
	"image/jpeg"
	"io"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/catalog/catalogtest"
	"vitrine/dam/delivery"
	"vitrine/dam/rendition"
	"vitrine/dam/rendition/imaging"
	"vitrine/storage"
	web "vitrine/web/delivery"
)

// renderer is the pure-Go engine, and counts its calls.
type renderer struct{ made atomic.Int64 }

func (r *renderer) Render(ctx context.Context, original io.ReadSeeker, t delivery.Transform) ([]byte, error) {
	r.made.Add(1)
	spec := rendition.Spec{Name: "ad-hoc", Width: t.Width, Height: t.Height, Fit: t.Fit, Format: t.Format,
		Quality: t.Quality, Background: t.Background, Focal: dam.Point{X: .5, Y: .5}}
	if t.Focal != nil {
		spec.Focal = *t.Focal
	}
	var picture []byte
	err := imaging.New().Render(ctx, original, []rendition.Spec{spec}, rendition.Options{},
		func(o rendition.Output) error {
			picture = o.Bytes
			return nil
		})
	if err == nil && picture == nil {
		err = errors.New("the engine made nothing")
	}
	return picture, err
}

func (s *site) photograph(w, h int) dam.Asset {
	s.Helper()
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	for x := range w {
		for y := range h {
			m.Set(x, y, color.RGBA{byte(x), byte(y), 128, 255})
		}
	}
	var file bytes.Buffer
	if err := jpeg.Encode(&file, m, nil); err != nil {
		s.Fatal(err)
	}
	a := dam.Asset{ID: dam.NewID(dam.AssetPrefix), Library: dam.DefaultLibrary, Kind: dam.KindImage}
	a.Latest = s.version(a.ID)
	a.Latest.N, a.Latest.SHA256 = 1, sum(file.Bytes())
	if err := s.store.Put(s.Context(), dam.OriginalKey(a.Latest.SHA256), &file,
		storage.PutOptions{Size: int64(file.Len())}); err != nil {
		s.Fatal(err)
	}
	s.write(func(tx *catalog.Tx) error { return tx.Assets().InsertAsset(s.Context(), &a, dam.Metadata{}) })
	return a
}

func TestAdHoc(t *testing.T) {
	s := newSite(t, catalogtest.SQLite(t))
	c := newClock(time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC))
	old, current := []byte("an old key of 16"), []byte("a new key, of 16")
	engine := &renderer{}
	n := s.node(nil, delivery.Options{Now: c.now, Keys: delivery.Keys{current, old}, Renderer: engine}, web.Options{})
	a := s.photograph(400, 300)
	unsigned := func(operations string) string { return "/t/" + a.Latest.ID + operations + "/" + a.ID + ".jpg" }
	sign := func(key []byte, operations string) string {
		return must(delivery.Keys{key}.SignPath(unsigned(operations)))
	}
	n.wants(sign(current, ",w_100"), 404) // a draft
	s.decide(a.ID, dam.Approve)
	n.has(s)

	w := n.get(sign(current, ",w_100,h_100,fit_cover"))
	if w.Code != 200 || w.Header().Get("Cache-Control") != "public, max-age=86400" {
		t.Fatalf("%d %v %s", w.Code, w.Header(), w.Body)
	}
	picture, format, err := image.DecodeConfig(w.Body)
	if err != nil || format != "jpeg" || picture.Width != 100 || picture.Height != 100 ||
		w.Header().Get("Content-Type") != "image/jpeg" {
		t.Errorf("%s of %d × %d, %v", format, picture.Width, picture.Height, err)
	}
	n.wants(sign(old, ",w_100,h_100,fit_cover"), 200)
	if w := n.get(sign(old, ",w_100,h_100,fit_cover"), "If-None-Match", w.Header().Get("ETag")); w.Code != 304 {
		t.Errorf("a client that has it: %d", w.Code)
	}
	if w := n.get(sign(old, ",w_100,h_100,fit_cover"), "Range", "bytes=0-1"); w.Code != 206 ||
		w.Body.String() != "\xff\xd8" {
		t.Errorf("a part of it: %d, % x", w.Code, w.Body.Bytes())
	}
	if got := engine.made.Load(); got != 1 {
		t.Errorf("made %d times", got)
	}
	other := s.node(nil, delivery.Options{Now: c.now, Keys: delivery.Keys{current}, Renderer: engine}, web.Options{})
	other.wants(sign(current, ",w_100,h_100,fit_cover"), 200)
	if got := engine.made.Load(); got != 1 {
		t.Errorf("another node made what was stored: %d", got)
	}
	other.wants(sign(old, ",w_100,h_100,fit_cover"), 403) // the old key was removed there

	signed := sign(current, ",w_100")
	signature := strings.Split(signed, "/")[2]
	for what, path := range map[string]string{
		"another width":        strings.Replace(signed, "w_100", "w_101", 1),
		"another format":       strings.Replace(signed, ".jpg", ".png", 1),
		"another asset":        strings.Replace(signed, a.ID, dam.NewID(dam.AssetPrefix), 1),
		"no real signature":    strings.Replace(signed, signature, "x", 1),
		"a signature cut":      strings.Replace(signed, signature, signature[:20], 1),
		"a stranger's key":     sign([]byte("0123456789abcdef"), ",w_100"),
		"another's signature":  strings.Replace(sign(current, ",w_102"), "w_102", "w_103", 1),
		"operations like none": "/t/" + signature + "/nonsense/" + a.ID + ".jpg",
	} {
		if w := n.get(path); w.Code != 403 || w.Header().Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %d", what, w.Code)
		}
	}
	nonsense := "/t/" + (delivery.Keys{current}).Sign("spin_1", a.ID, "jpg") + "/spin_1/" + a.ID + ".jpg"
	n.wants(nonsense, 400)

	soon := c.now().Add(10 * time.Second)
	expiring := sign(current, ",w_100,exp_"+strconv.FormatInt(soon.Unix(), 10))
	if w := n.get(expiring); w.Code != 200 || w.Header().Get("Cache-Control") != "public, max-age=10" {
		t.Errorf("a URL that ends: %d %v", w.Code, w.Header())
	}
	c.move(10 * time.Second)
	n.wants(expiring, 410)
	n.wants(sign(current, ",w_100"), 200)
	s.decide(a.ID, dam.Archive)
	n.has(s)
	n.wants(sign(current, ",w_100"), 410)
}

func TestAdHocOfAFileThatIsNoPicture(t *testing.T) {
	s := newSite(t, catalogtest.SQLite(t))
	keys := delivery.Keys{[]byte("0123456789abcdef")}
	n := s.node(nil, delivery.Options{Keys: keys, Renderer: &renderer{}}, web.Options{})
	a, _ := s.public(dam.Rights{})
	if err := s.store.Put(catalogtest.Context(t), dam.OriginalKey(a.Latest.SHA256), strings.NewReader("words"),
		storage.PutOptions{Size: 5}); err != nil {
		t.Fatal(err)
	}
	n.has(s)
	n.wants(must(keys.SignPath("/t/"+a.Latest.ID+",w_10/"+a.ID+".webp")), 422)
	if _, err := delivery.New(s.cat, s.store, delivery.Options{Keys: delivery.Keys{[]byte("short")}}); dam.CodeOf(
		err) != dam.Invalid {
		t.Errorf("a key anybody can guess: %v", err)
	}
}
