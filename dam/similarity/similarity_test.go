package similarity_test

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/catalog/catalogtest"
	"vitrine/dam/jobs"
	"vitrine/dam/similarity"
	"vitrine/storage"
	"vitrine/storage/disk"
)

type world struct {
	*testing.T
	cat   *catalog.Catalog
	store storage.Store
	s     *similarity.Service
	n     int
}

// Context is one in which the system acts.
func (w *world) Context() context.Context { return catalogtest.Context(w.T) }

func newWorld(t *testing.T, cat *catalog.Catalog) *world {
	t.Helper()
	store, err := disk.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	queue, err := jobs.New(cat, "n1", slog.New(slog.DiscardHandler))
	if err == nil {
		err = queue.Migrate(catalogtest.Context(t))
	}
	if err != nil {
		t.Fatal(err)
	}
	return &world{T: t, cat: cat, store: store, s: &similarity.Service{Catalog: cat, Store: store, Jobs: queue,
		Analyser: similarity.Analyser{Revision: 1, Read: firstPixel}}}
}

// firstPixel is an analysis that says which picture was read.
func firstPixel(r io.ReadSeeker) (dam.Analysis, error) {
	m, err := png.Decode(r)
	if err != nil {
		return dam.Analysis{}, &dam.Error{Code: dam.Unsupported, Err: err}
	}
	c := color.NRGBAModel.Convert(m.At(0, 0)).(color.NRGBA)
	return dam.Analysis{PHash: "0", Colors: []dam.Color{{Hex: fmt.Sprintf("#%02x%02x%02x", c.R, c.G, c.B)}}}, nil
}

func (w *world) write(fn func(tx *catalog.Tx) error) {
	w.Helper()
	if err := w.cat.Write(w.Context(), fn); err != nil {
		w.Fatal(err)
	}
}

// add adds an asset with a picture of 200 × 100 pixels whose renditions are made.
func (w *world) add(change func(a *dam.Asset)) dam.Asset {
	w.Helper()
	w.n++
	a := dam.Asset{ID: dam.NewID(dam.AssetPrefix), Library: dam.DefaultLibrary, Kind: dam.KindImage}
	a.Latest = dam.Version{ID: dam.NewID(dam.VersionPrefix), Asset: a.ID, N: 1, SHA256: fmt.Sprintf("%064x", w.n),
		Width: 200, Height: 100, Status: dam.Draft, Renditions: dam.RenditionsReady}
	if change != nil {
		change(&a)
	}
	w.write(func(tx *catalog.Tx) error { return tx.Assets().InsertAsset(w.Context(), &a, dam.Metadata{}) })
	return a
}

// rendition stores a picture of one colour for a preset.
func (w *world) rendition(a dam.Asset, preset string, width, height int, fill color.Color) {
	w.Helper()
	m := image.NewRGBA(image.Rect(0, 0, width, height))
	for i := range width * height {
		m.Set(i%width, i/width, fill)
	}
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		w.Fatal(err)
	}
	r := dam.Rendition{Version: a.Latest.ID, Preset: preset, Format: dam.PNG, Hash: preset + a.ID, Width: width,
		Height: height, MediaType: "image/png"}
	key := dam.RenditionKey(a.Latest.SHA256, r.Hash, r.Format)
	if err := w.store.Put(w.Context(), key, &b, storage.PutOptions{Size: int64(b.Len())}); err != nil {
		w.Fatal(err)
	}
	w.write(func(tx *catalog.Tx) error { return tx.Renditions().PutRendition(w.Context(), r, key) })
}

func (w *world) asset(id string) dam.Asset {
	w.Helper()
	a, err := w.cat.Assets().Asset(w.Context(), dam.DefaultLibrary, id)
	if err != nil {
		w.Fatal(err)
	}
	return a
}

// The smallest rendition that shows the whole picture unmarked is analysed; crops and thumbnails too small to say
// anything are passed over.
func TestAnalysis(t *testing.T) {
	t.Parallel()
	w := newWorld(t, catalogtest.SQLite(t))
	mark := &dam.Watermark{Asset: "a_logo"}
	w.write(func(tx *catalog.Tx) error {
		for i, p := range []dam.Preset{{Name: "crop", Fit: dam.FitCover}, {Name: "tiny", Fit: dam.FitContain},
			{Name: "marked", Fit: dam.FitContain, Watermark: mark}, {Name: "web", Fit: dam.FitContain},
			{Name: "large", Fit: dam.FitContain}} {
			if err := tx.Presets().SetPreset(w.Context(), dam.DefaultLibrary, 100+i, p); err != nil {
				return err
			}
		}
		return nil
	})
	a := w.add(nil)
	red, blue := color.RGBA{255, 0, 0, 255}, color.RGBA{0, 0, 255, 255}
	w.rendition(a, "crop", 100, 100, blue)
	w.rendition(a, "tiny", 40, 20, blue)
	w.rendition(a, "marked", 140, 70, blue)
	w.rendition(a, "web", 160, 80, red)
	w.rendition(a, "large", 200, 100, blue)
	before, err := w.cat.Log().Head(w.Context())
	if err != nil {
		t.Fatal(err)
	}
	for range 2 { // the job may run twice
		if err := w.s.Analyze(w.Context(), similarity.AnalyzeArgs{Version: a.Latest.ID}, jobs.Info{}); err != nil {
			t.Fatal(err)
		}
	}
	found := w.asset(a.ID).Latest.Analysis
	if found == nil || len(found.Colors) != 1 || found.Colors[0].Hex != "#ff0000" {
		t.Errorf("analysis: %+v", found)
	}
	list, err := w.cat.Log().Events(w.Context(), dam.DefaultLibrary, before, 10)
	if err != nil || len(list) != 1 || list[0].Type != dam.AssetAnalysed {
		t.Errorf("events: %+v, %v", list, err)
	}
}

// The sweep takes up what was never analysed; what can't be is recorded as such, and comes up at a new revision only.
func TestSweep(t *testing.T) {
	t.Parallel()
	w := newWorld(t, catalogtest.SQLite(t))
	lost, document := w.add(nil), w.add(func(a *dam.Asset) { a.Kind = dam.KindDocument })
	picture := w.add(nil)
	put := func(a dam.Asset, body string) {
		t.Helper()
		if err := w.store.Put(w.Context(), dam.OriginalKey(a.Latest.SHA256), strings.NewReader(body),
			storage.PutOptions{Size: int64(len(body))}); err != nil {
			t.Fatal(err)
		}
	}
	put(picture, "not a picture")
	var made int
	w.s.Small = func(_ context.Context, original io.ReadSeeker) ([]byte, error) {
		made++
		return io.ReadAll(original)
	}
	sweep := func(revision int, left ...string) {
		t.Helper()
		w.s.Analyser.Revision = revision
		if err := w.s.Sweep(w.Context(), similarity.SweepArgs{}, jobs.Info{}); err != nil {
			t.Fatal(err)
		}
		slices.Sort(left)
		if got, err := w.cat.Similarity().Unanalysed(w.Context(), revision, "", 10); err != nil ||
			!slices.Equal(got, left) {
			t.Errorf("revision %d leaves %v, want %v; %v", revision, got, left, err)
		}
	}
	sweep(1, lost.Latest.ID) // its original can't be read now: it is asked for again
	sweep(1, lost.Latest.ID)
	if made != 1 {
		t.Errorf("a picture that no decoder reads was tried %d times", made)
	}
	sweep(2, lost.Latest.ID)
	if made != 2 {
		t.Error("a new revision did not try again")
	}
	if done, err := w.s.Analysed(w.Context(), document.Latest.ID); err != nil || !done {
		t.Errorf("a document is analysed again and again: %v", err)
	}
	if err := w.s.Analyze(w.Context(), similarity.AnalyzeArgs{Version: "v_purged"}, jobs.Info{}); err != nil {
		t.Errorf("purged meanwhile: %v", err)
	}
}

// What becomes of near duplicates, all of it or nothing.
func TestResolve(t *testing.T) {
	t.Parallel()
	w := newWorld(t, catalogtest.SQLite(t))
	keep := w.add(func(a *dam.Asset) { a.Tags, a.SKUs = []string{"sky"}, []string{"A-1"} })
	other := w.add(func(a *dam.Asset) { a.Tags, a.SKUs = []string{"Sky", "light"}, []string{"a-1", "B-2"} })
	third := w.add(nil)
	spring := dam.Collection{ID: dam.NewID("c"), Library: dam.DefaultLibrary, Name: "Spring"}
	w.write(func(tx *catalog.Tx) error { return tx.Assets().Collections().PutCollection(w.Context(), &spring) })
	resolve := func(action, collection string, others ...string) (similarity.Resolved, error) {
		return w.s.Resolve(w.Context(), dam.DefaultLibrary, similarity.Resolution{Keep: keep.ID, Others: others,
			Action: action, Collection: collection})
	}
	for what, x := range map[string]struct {
		action, collection string
		others             []string
		want               dam.Code
	}{
		"the kept one among the others":  {"bin", "", []string{keep.ID}, dam.Invalid},
		"no others":                      {"bin", "", nil, dam.Invalid},
		"collect without a collection":   {"collect", "", []string{other.ID}, dam.Invalid},
		"a collection that is not there": {"collect", "c_x", []string{other.ID}, dam.Invalid},
		"another action":                 {"burn", "", []string{other.ID}, dam.Invalid},
		"one that is not there":          {"bin", "", []string{other.ID, "a_x"}, dam.NotFound},
	} {
		if _, err := resolve(x.action, x.collection, x.others...); dam.CodeOf(err) != x.want {
			t.Errorf("%s: %v, want %s", what, err, x.want)
		}
	}
	if w.asset(other.ID).DeletedAt != nil {
		t.Error("half a resolution was carried out")
	}
	r, err := resolve("collect", spring.ID, other.ID, third.ID, other.ID)
	if slices.Sort(r.Changed); err != nil || len(r.Changed) != 2 || !slices.Equal(r.Keep.Collections,
		[]string{spring.ID}) {
		t.Errorf("collected: %+v, %v", r, err)
	}
	r, err = resolve("bin", "", other.ID)
	if err != nil || !slices.Equal(r.Keep.Tags, []string{"sky", "light"}) ||
		!slices.Equal(r.Keep.SKUs, []string{"A-1", "B-2"}) || w.asset(other.ID).DeletedAt == nil {
		t.Errorf("to the bin: %+v, %v", r, err)
	}
	if _, err := resolve("bin", "", other.ID); dam.CodeOf(err) != dam.Conflict {
		t.Errorf("one in the bin: %v", err)
	}
}

// Assets that were found distinct are no duplicates of each other; of others they may still be.
func TestDistinct(t *testing.T) {
	t.Parallel()
	w := newWorld(t, catalogtest.SQLite(t))
	var ids []string
	for range 4 {
		ids = append(ids, w.add(nil).ID)
	}
	if _, err := w.s.Resolve(w.Context(), dam.DefaultLibrary, similarity.Resolution{Keep: ids[0], Others: ids[1:3],
		Action: "distinct"}); err != nil {
		t.Fatal(err)
	}
	d, err := w.s.Distinct(w.Context(), dam.DefaultLibrary)
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range []struct{ group, want []string }{
		{ids[:2], nil},
		{ids[1:3], nil}, // all that were named, not only against the kept one
		{[]string{ids[0], ids[3]}, []string{ids[0], ids[3]}},
		{ids, []string{ids[0], ids[3]}},
		{[]string{ids[3], ids[0], ids[1]}, []string{ids[3], ids[0], ids[1]}},
	} {
		if got := d.Open(x.group); !slices.Equal(got, x.want) {
			t.Errorf("%v leaves %v, want %v", x.group, got, x.want)
		}
	}
}
