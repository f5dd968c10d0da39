package ingest_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"image/png"
	"io"
	"log/slog"
	"sync"
	"testing"
	"time"

	"vitrine/cmd/vitrine/server/servertest"
	"vitrine/dam"
	"vitrine/dam/assets"
	"vitrine/dam/catalog"
	"vitrine/dam/catalog/catalogtest"
	"vitrine/dam/ingest"
	"vitrine/dam/jobs"
	"vitrine/dam/retention"
	"vitrine/storage"
)

func TestMain(m *testing.M) { servertest.Main(m) }

// house is the part of a server that files go through.
type house struct {
	*testing.T
	cat     *catalog.Catalog
	store   storage.Store
	ingest  *ingest.Service
	assets  *assets.Service
	collect *retention.Service
	erasure *retention.Eraser
}

// Context is one in which the system acts.
func (h *house) Context() context.Context { return catalogtest.Context(h.T) }

func open(t *testing.T, cat *catalog.Catalog, settings ...string) *house {
	t.Helper()
	app := servertest.On(t, catalogtest.URL(cat), append([]string{"--engine", "imaging"}, settings...)...)
	store, log := app.Objects.Store, slog.New(slog.DiscardHandler)
	return &house{t, app.Data.Catalog, store, app.Library.Ingest, app.Library.Assets,
		&retention.Service{Catalog: app.Data.Catalog, Store: store, Assets: app.Library.Assets, Log: log,
			Tombstone: -time.Hour},
		&retention.Eraser{Catalog: app.Data.Catalog, Store: store}}
}

func (h *house) take(data []byte, up ingest.Upload) (ingest.Result, error) {
	h.Helper()
	f, err := h.ingest.Spool(h.Context(), bytes.NewReader(data))
	if err != nil {
		h.Fatal(err)
	}
	defer func() {
		if err := f.Remove(); err != nil {
			h.Error(err)
		}
	}()
	if up.Library == "" {
		up.Library = dam.DefaultLibrary
	}
	return h.ingest.Ingest(h.Context(), f, up)
}

func (h *house) must(data []byte, up ingest.Upload) ingest.Result {
	h.Helper()
	r, err := h.take(data, up)
	if err != nil {
		h.Fatal(err)
	}
	return r
}

func (h *house) settle(version string) dam.Version {
	h.Helper()
	for end := time.Now().Add(30 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		v, err := h.cat.Versions().Version(h.Context(), version)
		if err != nil {
			h.Fatal(err)
		}
		if v.Renditions != dam.RenditionsPending {
			return v
		}
		if time.Now().After(end) {
			h.Fatal("renditions never ended")
		}
	}
}

// made waits until renditions have been made n times.
func (h *house) made(asset string, n int) {
	h.Helper()
	for end := time.Now().Add(30 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		ev, err := h.cat.Log().AssetEvents(h.Context(), asset, 0, 50)
		if err != nil {
			h.Fatal(err)
		}
		got := 0
		for _, e := range ev {
			if e.Type == dam.RenditionsMade {
				got++
			}
		}
		if got >= n {
			return
		}
		if time.Now().After(end) {
			h.Fatalf("renditions made %d times, want %d", got, n)
		}
	}
}

// objects counts what is stored of assets, and the records of erasures.
func (h *house) objects() int {
	h.Helper()
	n := 0
	for _, prefix := range []string{"originals/", "renditions/", "quarantine/", "erasures/"} {
		for _, err := range h.store.List(h.Context(), prefix) {
			if err != nil {
				h.Fatal(err)
			}
			n++
		}
	}
	return n
}

// bomb is a small PNG that claims to have more pixels than a server takes.
func bomb(t *testing.T) []byte {
	t.Helper()
	b := picture(t, red, 1, 1)
	const header = 12 // of the chunk IHDR: its name, then 13 bytes, then their checksum
	binary.BigEndian.PutUint32(b[header+4:], 60_000)
	binary.BigEndian.PutUint32(b[header+8:], 60_000)
	binary.BigEndian.PutUint32(b[header+17:], crc32.ChecksumIEEE(b[header:header+17]))
	return b
}

func picture(t *testing.T, c color.Color, w, h int) []byte {
	t.Helper()
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			m.Set(x, y, c)
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

var red, blue = color.RGBA{200, 0, 0, 255}, color.RGBA{0, 0, 200, 255}

func TestUploadBecomesAnAssetWithRenditions(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, cat *catalog.Catalog) {
		h := open(t, cat)
		data := picture(t, red, 400, 200)
		r := h.must(data, ingest.Upload{FileName: `C:\photos\Red chair.png`})
		if r.Status != "created" || r.Asset.Title["en"] != "Red chair" || r.Asset.Latest.FileName != "Red chair.png" ||
			r.Asset.Latest.Width != 400 || r.Asset.Latest.MediaType != "image/png" {
			t.Errorf("result %+v", r)
		}
		if v := h.settle(r.Version); v.Renditions != dam.RenditionsReady {
			t.Fatalf("renditions %s: %s", v.Renditions, v.RenditionNote)
		}
		list, err := cat.Renditions().List(catalogtest.Context(t), r.Version)
		if err != nil || len(list) != 12 {
			t.Fatalf("%d renditions %v, want 6 presets × 2 formats", len(list), err)
		}
		for _, x := range list {
			o, err := h.store.Open(catalogtest.Context(t), dam.RenditionKey(r.SHA256, x.Hash, x.Format))
			if err != nil {
				t.Fatal(err)
			}
			if b, err := io.ReadAll(o); err != nil || int64(len(b)) != x.Size || x.Width > 400 {
				t.Errorf("%s %s: %d bytes %v, row %+v", x.Preset, x.Format, len(b), err, x)
			}
			if err := o.Close(); err != nil {
				t.Error(err)
			}
		}
		// The original is kept bit for bit.
		o, err := h.store.Open(catalogtest.Context(t), dam.OriginalKey(r.SHA256))
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = o.Close() }()
		if b, err := io.ReadAll(o); err != nil || !bytes.Equal(b, data) {
			t.Error("the original was altered")
		}
	})
}

func TestDuplicatesAndVersions(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, cat *catalog.Catalog) {
		h := open(t, cat)
		one := h.must(picture(t, red, 40, 20), ingest.Upload{FileName: "a.png"})
		var dup *ingest.DuplicateError
		if _, err := h.take(picture(t, red, 40, 20), ingest.Upload{FileName: "b.png"}); !errors.As(err, &dup) ||
			dup.Asset != one.Asset.ID || dam.CodeOf(err) != dam.Duplicate {
			t.Errorf("a duplicate: %v", err)
		}
		if two := h.must(picture(t, red, 40, 20),
			ingest.Upload{FileName: "b.png", OnDuplicate: ingest.Keep}); two.Asset.ID == one.Asset.ID {
			t.Error("keep both made no second asset")
		}
		v2 := h.must(picture(t, blue, 40, 20), ingest.Upload{FileName: "c.png", Asset: one.Asset.ID})
		if v2.Asset.ID != one.Asset.ID || v2.Asset.Latest.N != 2 {
			t.Errorf("new version: %+v", v2.Asset.Latest)
		}
		if _, err := h.take(picture(t, blue, 40, 20),
			ingest.Upload{FileName: "c.png", Asset: one.Asset.ID}); !errors.As(err, &dup) {
			t.Errorf("the same version again: %v", err)
		}
		a, err := h.ingest.RestoreVersion(catalogtest.Context(t), dam.DefaultLibrary, one.Asset.ID, 0, one.Version)
		if err != nil || a.Latest.N != 3 || a.Latest.SHA256 != one.SHA256 {
			t.Errorf("restored: %+v %v", a.Latest, err)
		}
		if list, err := cat.Versions().List(catalogtest.Context(t), one.Asset.ID); err != nil || len(list) != 3 {
			t.Errorf("history: %v %v", list, err)
		}
		// The same bytes from many senders at once make one asset.
		data := picture(t, color.White, 30, 30)
		var wg sync.WaitGroup
		var mu sync.Mutex
		created := 0
		for range 8 {
			wg.Go(func() {
				_, err := h.take(data, ingest.Upload{FileName: "race.png"})
				mu.Lock()
				defer mu.Unlock()
				if err == nil {
					created++
				} else if !errors.As(err, new(*ingest.DuplicateError)) {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if created != 1 {
			t.Errorf("%d assets from one file sent 8 times at once", created)
		}
	})
}

func TestRejectedFilesGoToQuarantine(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, cat *catalog.Catalog) {
		h := open(t, cat)
		h.ingest.MaxSize = 1 << 20
		for name, data := range map[string][]byte{"empty.jpg": nil,
			"torn.png": picture(t, red, 20, 20)[:12]} {
			_, err := h.take(data, ingest.Upload{FileName: name})
			var rej *ingest.RejectedError
			if !errors.As(err, &rej) || rej.Quarantine == "" {
				t.Errorf("%s: %v, want a rejection", name, err)
			}
		}
		list, err := cat.Uploads().Quarantined(catalogtest.Context(t), dam.DefaultLibrary, 10)
		if err != nil || len(list) != 2 || list[0].Reason == "" {
			t.Errorf("quarantine: %+v %v", list, err)
		}
		if _, err := h.ingest.Spool(catalogtest.Context(t),
			bytes.NewReader(make([]byte, 1<<20+1))); dam.CodeOf(err) != dam.TooLarge {
			t.Errorf("an oversized file: %v", err)
		}
		// A picture over the limit is kept, and says so.
		bombed := h.must(bomb(t), ingest.Upload{FileName: "bomb.png"})
		if v := h.settle(bombed.Version); v.Renditions != dam.RenditionsFailed || v.RenditionNote == "" {
			t.Errorf("a picture over the limit: %+v", v)
		}
		// Anything that is no picture is kept, with a plain sentence.
		r := h.must([]byte("just words"), ingest.Upload{FileName: "notes.jpg"})
		if r.Asset.Latest.Renditions != dam.RenditionsNone || r.Asset.Latest.RenditionNote == "" {
			t.Errorf("a text file: %+v", r.Asset.Latest)
		}
		// A picture that breaks in the middle is kept, and says why it has no renditions.
		torn := picture(t, blue, 300, 300)
		r = h.must(torn[:len(torn)-len(torn)/3], ingest.Upload{FileName: "torn.png"})
		if v := h.settle(r.Version); v.Renditions != dam.RenditionsFailed || v.RenditionNote == "" {
			t.Errorf("a torn picture: %+v", v)
		}
	})
}

func TestIdempotentUpload(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, cat *catalog.Catalog) {
		h := open(t, cat)
		f, err := h.ingest.Spool(catalogtest.Context(t), bytes.NewReader(picture(t, red, 20, 20)))
		if err != nil {
			t.Fatal(err)
		}
		ctx := catalog.WithIdempotencyKey(catalogtest.Context(t), catalog.IdempotencyKey{Key: "k"})
		first, err := h.ingest.Ingest(ctx, f, ingest.Upload{Library: dam.DefaultLibrary, FileName: "a.png"})
		if err != nil {
			t.Fatal(err)
		}
		again, err := h.ingest.Ingest(ctx, f, ingest.Upload{Library: dam.DefaultLibrary, FileName: "a.png"})
		if err != nil || again.Asset.ID != first.Asset.ID {
			t.Errorf("a repeat: %+v %v, want the first answer", again, err)
		}
	})
}

// Deleting goes through the bin; objects go later, never those another asset shares.
func TestObjectsGoWithTheirLastAsset(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, cat *catalog.Catalog) {
		h := open(t, cat)
		data := picture(t, red, 50, 50)
		one := h.must(data, ingest.Upload{FileName: "a.png"})
		two := h.must(data, ingest.Upload{FileName: "b.png", OnDuplicate: ingest.Keep})
		h.settle(one.Version)
		h.settle(two.Version)
		full := h.objects()
		gone := func(id string) {
			t.Helper()
			if _, err := h.assets.Delete(catalogtest.Context(t), dam.DefaultLibrary, id, 0); err != nil {
				t.Fatal(err)
			}
			h.collect.Bin = -time.Hour
			// Pins outlive the upload by an hour; the clock of this test is the pin's end.
			if err := cat.Write(catalogtest.Context(t),
				func(tx *catalog.Tx) error { return unpin(catalogtest.Context(t), tx) }); err != nil {
				t.Fatal(err)
			}
			if err := h.collect.Sweep(catalogtest.Context(t), retention.SweepArgs{}, jobs.Info{}); err != nil {
				t.Fatal(err)
			}
		}
		gone(one.Asset.ID)
		if n := h.objects(); n != full {
			t.Errorf("%d of %d objects left, though another asset shares them", n, full)
		}
		gone(two.Asset.ID)
		if n := h.objects(); n != 0 {
			t.Errorf("%d objects left of nothing", n)
		}
	})
}

func TestErasure(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, cat *catalog.Catalog) {
		h := open(t, cat)
		r := h.must(picture(t, red, 50, 50), ingest.Upload{FileName: "face.png"})
		h.settle(r.Version)
		p, err := assets.ParsePatch([]byte(`{"creator": "Ada"}`))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := h.assets.Patch(catalogtest.Context(t), dam.DefaultLibrary, r.Asset.ID, 0, p); err != nil {
			t.Fatal(err)
		}
		h.made(r.Asset.ID, 2) // the credit is in the files
		if err := h.erasure.Asset(catalogtest.Context(t), dam.DefaultLibrary, r.Asset.ID); err != nil {
			t.Fatal(err)
		}
		ev, err := cat.Log().AssetEvents(catalogtest.Context(t), r.Asset.ID, 0, 50)
		if err != nil || ev[0].Type != dam.AssetErased {
			t.Fatalf("log: %+v %v", ev, err)
		}
		for _, e := range ev {
			if ch, err := cat.Log().Changes(catalogtest.Context(t), e.Seq); err != nil || len(ch) > 0 {
				t.Errorf("values of %s survived: %+v %v", e.Type, ch, err)
			}
		}
		if n := h.objects(); n != 1 {
			t.Errorf("%d objects left, want the erasure's record alone", n)
		}
		// A backup from before, restored: the erasure is replayed.
		restored := h.must(picture(t, red, 50, 50), ingest.Upload{FileName: "face.png"})
		h.settle(restored.Version)
		other := &retention.Eraser{Catalog: catalogtest.SQLite(t), Store: h.store}
		if n, err := other.Replay(catalogtest.Context(t)); err != nil || n != 1 {
			t.Errorf("replay: %d %v", n, err)
		}
		if n, err := other.Replay(catalogtest.Context(t)); err != nil || n != 0 {
			t.Errorf("a second replay: %d %v", n, err)
		}
	})
}

// unpin lets the pins' hour pass.
func unpin(ctx context.Context, tx *catalog.Tx) (err error) {
	const q = `UPDATE blobs SET pinned_until=0`
	if pg := tx.PG(); pg != nil {
		_, err = pg.Exec(ctx, q)
	} else {
		_, err = tx.SQLite().ExecContext(ctx, q)
	}
	return err
}
