package rendition_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"image"
	"image/png"
	"testing"
	"time"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/catalog/catalogtest"
	"vitrine/dam/jobs"
	"vitrine/storage"
)

// One person's single picture is ready long before another's two hundred, which were uploaded first.
func TestASinglePictureBehindABacklog(t *testing.T) {
	cat := catalogtest.SQLite(t)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	s, store, queue := service(t, cat)
	jobs.Handle(queue, time.Minute, s.Make)

	var file bytes.Buffer
	must(png.Encode(&file, image.NewNRGBA(image.Rect(0, 0, 60, 40))))
	sum := sha256.Sum256(file.Bytes())
	hash, size := hex.EncodeToString(sum[:]), int64(file.Len())
	must(store.Put(catalogtest.Context(t), dam.OriginalKey(hash), &file, storage.PutOptions{Size: size, SHA256: hash}))
	upload := func(who string, n int) (versions []string) {
		t.Helper()
		ctx := dam.WithActor(catalogtest.Context(t), dam.Principal{ID: who})
		must(cat.Write(ctx, func(tx *catalog.Tx) error {
			if err := tx.Presets().SetPreset(ctx, dam.DefaultLibrary, 0, dam.Preset{Name: "small", Width: 20,
				Fit: dam.FitContain, Formats: []dam.PresetFormat{{Format: dam.PNG}}}); err != nil {
				return err
			}
			for range n {
				a := dam.Asset{ID: dam.NewID(dam.AssetPrefix), Library: dam.DefaultLibrary, Kind: dam.KindImage}
				a.Latest = dam.Version{ID: dam.NewID(dam.VersionPrefix), Asset: a.ID, N: 1, SHA256: hash, Size: size,
					MediaType: "image/png",
					Width:     60, Height: 40, Status: dam.Draft, Renditions: dam.RenditionsPending}
				if err := tx.Assets().InsertAsset(ctx, &a, dam.Metadata{}); err != nil {
					return err
				}
				if err := s.PlanVersion(ctx, tx, a.Latest.ID); err != nil {
					return err
				}
				versions = append(versions, a.Latest.ID)
			}
			return nil
		}))
		return versions
	}
	backlog := upload("many", 200)
	single := upload("single", 1)[0]
	ready := func(version string) bool {
		t.Helper()
		v, err := cat.Versions().Version(catalogtest.Context(t), version)
		must(err)
		return v.Renditions == dam.RenditionsReady
	}
	must(queue.Start(catalogtest.Context(t), map[string]int{"": 2}))
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		must(queue.Stop(ctx))
	})
	for end := time.Now().Add(time.Minute); !ready(single); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("the single picture is not ready")
		}
	}
	done := 0
	for _, v := range backlog {
		if ready(v) {
			done++
		}
	}
	if done > 100 {
		t.Errorf("%d of 200 were ready before it", done)
	}
}
