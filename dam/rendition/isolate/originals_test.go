package isolate_test

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/png"
	"log/slog"
	"os"
	"sync/atomic"
	"testing"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/catalog/catalogtest"
	"vitrine/dam/jobs"
	"vitrine/dam/reasons"
	"vitrine/dam/rendition"
	"vitrine/dam/rendition/isolate"
	"vitrine/storage"
	"vitrine/storage/disk"
	"vitrine/storage/s3"
	"vitrine/storage/storagetest"
)

// oneObject is a record of one object.
type oneObject struct {
	sums storage.Sums
	told atomic.Int64
}

func (r *oneObject) Expect(context.Context, string) (storage.Sums, bool, error) {
	return r.sums, true, nil
}

func (r *oneObject) Damaged(context.Context, string, error) { r.told.Add(1) }

// A store whose objects are files hands them to the worker; another's are copied, for which room is asked, and the job
// waits for that. What is damaged is rendered by neither.
func TestOriginalsOfAVerifiedStore(t *testing.T) {
	onDisk, err := disk.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	server := storagetest.VersityGW(t)
	remote, err := s3.Open(catalogtest.Context(t), server.Location(), s3.Credentials{AccessKey: server.AccessKey,
		SecretKey: server.SecretKey})
	if err != nil {
		t.Fatal(err)
	}
	for name, store := range map[string]storage.Store{"disk": onDisk, "S3": remote} {
		t.Run(name, func(t *testing.T) { originals(t, store, name == "S3") })
	}
	if err := errors.Join(onDisk.Close(), remote.Close()); err != nil {
		t.Error(err)
	}
}

func originals(t *testing.T, below storage.Store, copied bool) {
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	var picture bytes.Buffer
	must((&png.Encoder{CompressionLevel: png.NoCompression}).Encode(&picture,
		image.NewNRGBA(image.Rect(0, 0, 400, 300))))
	record := &oneObject{}
	sum := storage.NewSummer()
	_, _ = sum.Write(picture.Bytes())
	record.sums = sum.Sums()
	v := dam.Version{ID: dam.NewID(dam.VersionPrefix), N: 1, SHA256: sum.SHA256(), Size: sum.Size(),
		MediaType: "image/png", Width: 400, Height: 300, Status: dam.Draft, Renditions: dam.RenditionsPending}
	key := dam.OriginalKey(v.SHA256)
	must(below.Put(catalogtest.Context(t), key, bytes.NewReader(picture.Bytes()), storage.PutOptions{Size: v.Size}))

	var full atomic.Bool
	var asked atomic.Int64
	folder := t.TempDir()
	pool := newPool(t, "imaging", isolate.Options{Temp: folder, Room: func(n int64) error {
		asked.Store(n)
		if full.Load() {
			return &dam.Error{Code: dam.NoSpace, Reason: reasons.ServerDiskFull()}
		}
		return nil
	}})
	cat := catalogtest.SQLite(t)
	queue, err := jobs.New(cat, "n1", slog.New(slog.DiscardHandler))
	must(err)
	must(queue.Migrate(catalogtest.Context(t)))
	renditions := &rendition.Service{Catalog: cat, Store: storage.NewVerified(below, nil, record), Engine: pool,
		Jobs: queue}
	a := dam.Asset{ID: dam.NewID(dam.AssetPrefix), Library: dam.DefaultLibrary, Kind: dam.KindImage}
	v.Asset = a.ID
	a.Latest = v
	must(cat.Write(catalogtest.Context(t), func(tx *catalog.Tx) error {
		if err := tx.Presets().SetPreset(catalogtest.Context(t), a.Library, 0, dam.Preset{Name: "small", Width: 20,
			Fit: dam.FitContain, Formats: []dam.PresetFormat{{Format: dam.PNG}}}); err != nil {
			return err
		}
		return tx.Assets().InsertAsset(catalogtest.Context(t), &a, dam.Metadata{})
	}))
	// The last attempt: only what is no failure keeps the picture waiting.
	render := func() (dam.Version, error) {
		t.Helper()
		err := renditions.Make(catalogtest.Context(t), rendition.MakeArgs{Version: v.ID}, jobs.Info{Attempt: 5, Max: 5})
		now, other := cat.Versions().Version(catalogtest.Context(t), v.ID)
		must(other)
		return now, err
	}

	full.Store(true)
	now, err := render()
	if copied && (!dam.OutOfRoom(err) || asked.Load() != v.Size || now.Renditions != dam.RenditionsPending) {
		t.Fatalf("without room: %v, asked for %d of %d bytes, %s", err, asked.Load(), v.Size, now.Renditions)
	}
	if copied {
		full.Store(false)
		now, err = render()
	}
	if err != nil || now.Renditions != dam.RenditionsReady || asked.Load() > 0 != copied {
		t.Fatalf("%v, %s, asked for %d bytes", err, now.Renditions, asked.Load())
	}
	if left, err := os.ReadDir(folder); err != nil || len(left) > 0 {
		t.Errorf("%v is left, %v", left, err)
	}

	rotten := bytes.Clone(picture.Bytes())
	rotten[len(rotten)*2/3] ^= 1
	must(below.Replace(catalogtest.Context(t), key, bytes.NewReader(rotten), storage.PutOptions{Size: v.Size}))
	must(cat.Write(catalogtest.Context(t), func(tx *catalog.Tx) error {
		now.Renditions = dam.RenditionsPending
		if err := tx.Renditions().DeleteRenditions(catalogtest.Context(t), v.ID, nil); err != nil {
			return err
		}
		return tx.Versions().UpdateVersion(catalogtest.Context(t), now)
	}))
	now, err = render()
	if !errors.Is(err, storage.ErrDamaged) || now.Renditions != dam.RenditionsFailed || record.told.Load() == 0 {
		t.Errorf("of a damaged original: %v, %s, told %d times", err, now.Renditions, record.told.Load())
	}
	if rows, err := cat.Renditions().List(catalogtest.Context(t), v.ID); err != nil || len(rows) > 0 {
		t.Errorf("%d renditions of a damaged original, %v", len(rows), err)
	}
}
