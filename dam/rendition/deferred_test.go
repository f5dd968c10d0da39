package rendition_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"image"
	"image/png"
	"log/slog"
	"slices"
	"testing"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/catalog/catalogtest"
	"vitrine/dam/jobs"
	"vitrine/dam/rendition"
	"vitrine/dam/rendition/imaging"
	"vitrine/storage"
	"vitrine/storage/disk"
)

// service is the one of a catalogue, in this process, on a disk store. Its queue is not started.
func service(t *testing.T, cat *catalog.Catalog) (*rendition.Service, storage.Store, *jobs.Queue) {
	t.Helper()
	store, err := disk.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	queue, err := jobs.New(cat, "n1", slog.New(slog.DiscardHandler))
	if err == nil {
		err = queue.Migrate(catalogtest.Context(t))
	}
	if err != nil {
		t.Fatal(err)
	}
	return &rendition.Service{Catalog: cat, Store: store, Engine: imaging.New(), Jobs: queue}, store, queue
}

// AVIF comes after the other formats of its preset, and goes when the others show another crop.
func TestAVIFIsMadeLate(t *testing.T) {
	cat := catalogtest.SQLite(t)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	s, store, queue := service(t, cat) // its queue is never started: what it is asked for shows

	var file bytes.Buffer
	must(png.Encode(&file, image.NewNRGBA(image.Rect(0, 0, 60, 40))))
	sum := sha256.Sum256(file.Bytes())
	a := dam.Asset{ID: dam.NewID(dam.AssetPrefix), Library: dam.DefaultLibrary, Kind: dam.KindImage}
	a.Latest = dam.Version{ID: dam.NewID(dam.VersionPrefix), Asset: a.ID, N: 1, SHA256: hex.EncodeToString(sum[:]),
		Size: int64(file.Len()), MediaType: "image/png",
		Width: 60, Height: 40, Status: dam.Draft, Renditions: dam.RenditionsPending}
	v := a.Latest.ID
	must(store.Put(catalogtest.Context(t), dam.OriginalKey(a.Latest.SHA256), &file,
		storage.PutOptions{Size: a.Latest.Size, SHA256: a.Latest.SHA256}))
	must(cat.Write(catalogtest.Context(t), func(tx *catalog.Tx) error {
		if err := tx.Presets().SetPreset(catalogtest.Context(t), a.Library, 0, dam.Preset{Name: "square", Width: 20,
			Height: 20, Fit: dam.FitCover,
			Formats: []dam.PresetFormat{{Format: dam.AVIF, Quality: 60, Effort: 1},
				{Format: dam.JPEG, Quality: 80}}}); err != nil {
			return err
		}
		if err := tx.Presets().SetPreset(catalogtest.Context(t), a.Library, 1,
			dam.Preset{Name: "only", Width: 20, Fit: dam.FitContain,
				Formats: []dam.PresetFormat{{Format: dam.AVIF, Quality: 60, Effort: 1}}}); err != nil {
			return err
		}
		return tx.Assets().InsertAsset(catalogtest.Context(t), &a, dam.Metadata{})
	}))
	asked := func() int {
		t.Helper()
		list, err := queue.List(catalogtest.Context(t), jobs.Waiting, 100)
		must(err)
		return len(list)
	}
	made := func(late bool, wantJobs int, want ...string) {
		t.Helper()
		must(s.Make(catalogtest.Context(t), rendition.MakeArgs{Version: v, Deferred: late},
			jobs.Info{Attempt: 1, Max: 5}))
		rows, err := cat.Renditions().List(catalogtest.Context(t), v)
		must(err)
		var have []string
		for _, r := range rows {
			have = append(have, r.Preset+"."+string(r.Format))
		}
		slices.Sort(have)
		if !slices.Equal(have, want) {
			t.Errorf("late %v: %v, want %v", late, have, want)
		}
		if n := asked(); n != wantJobs {
			t.Errorf("late %v: %d jobs wait, want %d", late, n, wantJobs)
		}
		if now, err := cat.Versions().Version(catalogtest.Context(t), v); err != nil ||
			now.Renditions != dam.RenditionsReady {
			t.Errorf("late %v: %s %v", late, now.Renditions, err)
		}
	}
	made(false, 1, "only.avif", "square.jpeg")
	made(true, 1, "only.avif", "square.avif", "square.jpeg")
	must(cat.Write(catalogtest.Context(t), func(tx *catalog.Tx) error {
		a, err := tx.Assets().LockAsset(catalogtest.Context(t), a.Library, a.ID)
		if err != nil {
			return err
		}
		a.Focal = &dam.Point{X: 1, Y: .5}
		return tx.Assets().UpdateAsset(catalogtest.Context(t), &a)
	}))
	made(false, 2, "only.avif", "square.jpeg")
	made(true, 2, "only.avif", "square.avif", "square.jpeg")
}
