package retention_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"vitrine/dam"
	"vitrine/dam/assets"
	"vitrine/dam/catalog"
	"vitrine/dam/catalog/catalogtest"
	"vitrine/dam/jobs"
	"vitrine/dam/reasons"
	"vitrine/dam/retention"
	"vitrine/storage"
	"vitrine/storage/disk"
)

// world is a catalogue with a store, and what keeps both clean.
type world struct {
	*testing.T
	cat   *catalog.Catalog
	store *disk.Store
	sweep *retention.Service
	n     int
}

// Context is one in which the system acts.
func (s *world) Context() context.Context { return catalogtest.Context(s.T) }

func newWorld(t *testing.T) *world {
	t.Helper()
	cat := catalogtest.SQLite(t)
	store, err := disk.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	return &world{T: t, cat: cat, store: store, sweep: &retention.Service{Catalog: cat, Store: store,
		Assets: &assets.Service{Catalog: cat}, Log: slog.New(slog.DiscardHandler)}}
}

func (s *world) write(fn func(tx *catalog.Tx) error) {
	s.Helper()
	if err := s.cat.Write(s.Context(), fn); err != nil {
		s.Fatal(err)
	}
}

// object stores an object that nothing refers to yet; the pin that protected its upload has ended.
func (s *world) object(key, sha256 string) {
	s.Helper()
	err := s.store.Put(s.Context(), key, bytes.NewReader([]byte(key)), storage.PutOptions{Size: int64(len(key))})
	if err == nil {
		err = s.cat.Pin(s.Context(), -time.Hour, catalog.Blob{Key: key, SHA256: sha256, Size: int64(len(key))})
	}
	if err != nil {
		s.Fatal(err)
	}
}

// asset adds one with its original.
func (s *world) asset() dam.Asset {
	s.Helper()
	s.n++
	a := dam.Asset{ID: dam.NewID(dam.AssetPrefix), Library: dam.DefaultLibrary, Kind: dam.KindImage,
		Title: dam.Text{"en": "Ann's portrait"}}
	a.Latest = dam.Version{ID: dam.NewID(dam.VersionPrefix), Asset: a.ID, N: 1, Status: dam.Draft,
		SHA256: fmt.Sprintf("%064x", s.n)}
	s.object(dam.OriginalKey(a.Latest.SHA256), a.Latest.SHA256)
	s.write(func(tx *catalog.Tx) error {
		if err := tx.Assets().InsertAsset(s.Context(), &a, dam.Metadata{}); err != nil {
			return err
		}
		tx.EmitAsset(dam.AssetCreated, &a, map[string]any{}, dam.Change{Field: "title", After: a.Title})
		return nil
	})
	return a
}

// bin puts an asset into the bin, as of some time ago.
func (s *world) bin(a dam.Asset, ago time.Duration) {
	s.Helper()
	s.write(func(tx *catalog.Tx) error {
		a, err := tx.Assets().LockAsset(s.Context(), a.Library, a.ID)
		if err != nil {
			return err
		}
		at := tx.Now().Add(-ago)
		a.DeletedAt = &at
		return tx.Assets().UpdateAsset(s.Context(), &a)
	})
}

func (s *world) run() {
	s.Helper()
	if err := s.sweep.Sweep(s.Context(), retention.SweepArgs{}, jobs.Info{}); err != nil {
		s.Fatal(err)
	}
}

// stored are the keys in the store.
func (s *world) stored() (keys []string) {
	s.Helper()
	for info, err := range s.store.List(s.Context(), "") {
		if err != nil {
			s.Fatal(err)
		}
		keys = append(keys, info.Key)
	}
	return keys
}

func (s *world) known(a dam.Asset) bool {
	s.Helper()
	_, err := s.cat.Assets().Asset(s.Context(), a.Library, a.ID)
	if err != nil && dam.CodeOf(err) != dam.NotFound {
		s.Fatal(err)
	}
	return err == nil
}

// The bin is emptied after its period; objects stay for another day, and for as long as something refers to them.
func TestSweep(t *testing.T) {
	t.Parallel()
	s := newWorld(t)
	old, recent, kept := s.asset(), s.asset(), s.asset()
	s.bin(old, 31*24*time.Hour)
	s.bin(recent, 29*24*time.Hour)
	s.object("originals/refused", "refused")
	s.write(func(tx *catalog.Tx) error {
		return tx.Uploads().Quarantine(s.Context(), &dam.Quarantined{ID: "q_1", Library: dam.DefaultLibrary,
			Reasons: []reasons.Reason{reasons.ImportEmpty()}}, "originals/refused")
	})
	s.run()
	if s.known(old) || !s.known(recent) || !s.known(kept) {
		t.Errorf("after 30 days: %v %v %v", s.known(old), s.known(recent), s.known(kept))
	}
	if n := len(s.stored()); n != 4 {
		t.Errorf("%d objects on the day of the purge: %v", n, s.stored())
	}
	// A day later, and with no period for what was refused: the objects go that nothing refers to.
	s.sweep.Tombstone, s.sweep.Quarantine = -time.Hour, -time.Hour
	s.run()
	want := []string{dam.OriginalKey(kept.Latest.SHA256), dam.OriginalKey(recent.Latest.SHA256)}
	slices.Sort(want)
	if got := s.stored(); !slices.Equal(slices.Sorted(slices.Values(got)), want) {
		t.Errorf("left %v, want %v", got, want)
	}
	if list, err := s.cat.Uploads().Quarantined(s.Context(), dam.DefaultLibrary, 10); err != nil || len(list) != 0 {
		t.Errorf("still in quarantine: %+v, %v", list, err)
	}
}

// While the server holds, another one may be using the same store: nothing is removed from it, and nothing erased.
func TestSweepDuringAHold(t *testing.T) {
	t.Parallel()
	s := newWorld(t)
	a := s.asset()
	s.object("originals/orphan", "orphan")
	if _, err := s.cat.BeginEpoch(s.Context(), catalog.EpochStart{Reason: dam.EpochRestored}); err != nil {
		t.Fatal(err)
	}
	s.sweep.Tombstone = -time.Hour
	s.run()
	eraser := &retention.Eraser{Catalog: s.cat, Store: s.store}
	if err := eraser.Asset(s.Context(), a.Library, a.ID); dam.CodeOf(err) != dam.Conflict || !s.known(a) {
		t.Errorf("erased during a hold: %v", err)
	}
	if n := len(s.stored()); n != 2 {
		t.Errorf("%d objects during the hold, want 2", n)
	}
	hold, err := s.cat.Epochs().Hold(s.Context())
	if err != nil || hold == nil {
		t.Fatal(hold, err)
	}
	s.write(func(tx *catalog.Tx) error { return tx.Epochs().ReleaseHold(s.Context(), hold.Epoch) })
	s.run()
	if got := s.stored(); len(got) != 1 || got[0] != dam.OriginalKey(a.Latest.SHA256) {
		t.Errorf("after the hold: %v", got)
	}
}

// holdAfter begins a hold when the first object has been deleted.
type holdAfter struct {
	slog.Handler
	begin func()
}

func (h *holdAfter) Enabled(context.Context, slog.Level) bool { return true }

func (h *holdAfter) Handle(_ context.Context, r slog.Record) error {
	if r.Message == "object deleted" && h.begin != nil {
		h.begin()
		h.begin = nil
	}
	return nil
}

// A hold that begins in the middle of a sweep ends the sweep.
func TestSweepEndsWithAHold(t *testing.T) {
	t.Parallel()
	s := newWorld(t)
	s.object("originals/one", "one")
	s.object("originals/two", "two")
	s.sweep.Tombstone = -time.Hour
	s.sweep.Log = slog.New(&holdAfter{slog.DiscardHandler, func() {
		if _, err := s.cat.BeginEpoch(s.Context(), catalog.EpochStart{Reason: dam.EpochRestored}); err != nil {
			t.Error(err)
		}
	}})
	ctx, cancel := context.WithTimeout(s.Context(), 20*time.Second)
	defer cancel()
	if err := s.sweep.Objects(ctx); err != nil {
		t.Error(err)
	}
	if n := len(s.stored()); n != 1 {
		t.Errorf("%d objects, want 1", n)
	}
}

// An erased asset leaves a record that names it by id alone; a logo that presets draw has to be taken out of them
// first.
func TestEraseAsset(t *testing.T) {
	t.Parallel()
	s := newWorld(t)
	a, other, logo := s.asset(), s.asset(), s.asset()
	s.write(func(tx *catalog.Tx) error {
		return tx.Presets().SetPreset(s.Context(), dam.DefaultLibrary, 100, dam.Preset{Name: "marked",
			Fit: dam.FitContain, Watermark: &dam.Watermark{Asset: logo.ID, SHA256: logo.Latest.SHA256}})
	})
	eraser := &retention.Eraser{Catalog: s.cat, Store: s.store}
	if err := eraser.Asset(s.Context(), logo.Library, logo.ID); dam.CodeOf(err) != dam.Conflict || !s.known(logo) {
		t.Errorf("a watermark was erased: %v", err)
	}
	if err := eraser.Asset(s.Context(), a.Library, a.ID); err != nil || s.known(a) || !s.known(other) {
		t.Fatalf("erased: %v, others: %v; %v", !s.known(a), s.known(other), err)
	}
	events, err := s.cat.Log().AssetEvents(s.Context(), a.ID, 0, 10)
	if err != nil || len(events) == 0 || events[0].Type != dam.AssetErased {
		t.Fatalf("%+v, %v", events, err)
	}
	for _, e := range events {
		if values, err := s.cat.Log().Changes(s.Context(), e.Seq); err != nil || len(values) > 0 {
			t.Errorf("the values of %s survived: %+v, %v", e.Type, values, err)
		}
	}
	var records int
	for _, key := range s.stored() {
		if key == dam.OriginalKey(a.Latest.SHA256) {
			t.Error("its original is still there")
		}
		if !strings.HasPrefix(key, "erasures/") {
			continue
		}
		records++
		o, err := s.store.Open(s.Context(), key)
		if err != nil {
			t.Fatal(err)
		}
		var body bytes.Buffer
		_, err = body.ReadFrom(o)
		if err = errors.Join(err, o.Close()); err != nil {
			t.Fatal(err)
		}
		if r, err := retention.ParseErasure(key, body.Bytes()); err != nil || r.Subject != a.ID ||
			strings.Contains(body.String(), "Ann") {
			t.Errorf("%s, %v", &body, err)
		}
	}
	if records != 1 {
		t.Errorf("%d records of the erasure", records)
	}
}
