package reprocess_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"vitrine/cmd/vitrine/server/servertest"
	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/catalog/catalogtest"
	"vitrine/dam/ingest"
	"vitrine/dam/reasons"
	"vitrine/storage"
)

func TestMain(m *testing.M) { servertest.Main(m) }

const key = "VITRINE_SECRET_KEY=a-key-for-tests-of-at-least-32-characters"

// labTIFF is a small picture in L*a*b*, whose light tells it from others.
func labTIFF(light uint8) []byte {
	const side = 16
	var b bytes.Buffer
	le := binary.LittleEndian
	b.WriteString("II*\x00")
	_ = binary.Write(&b, le, uint32(8))
	fields := [][3]uint32{{256, 3, side}, {257, 3, side}, {258, 3, 8}, {259, 3, 1}, {262, 3, 8}, {273, 4, 0},
		{277, 3, 3},
		{278, 3, side}, {279, 4, 3 * side * side}}
	end := uint32(8 + 2 + 12*len(fields) + 4)
	_ = binary.Write(&b, le, uint16(len(fields)))
	for _, f := range fields {
		count, value := uint32(1), f[2]
		switch f[0] {
		case 258: // of three samples: behind the directory
			count, value = 3, end
		case 273:
			value = end + 6
		}
		_ = binary.Write(&b, le, []uint16{uint16(f[0]), uint16(f[1])})
		_ = binary.Write(&b, le, []uint32{count, value})
	}
	_ = binary.Write(&b, le, uint32(0))
	_ = binary.Write(&b, le, []uint16{8, 8, 8})
	for range side * side {
		b.Write([]byte{light, 40, 20})
	}
	return b.Bytes()
}

// world is a server whose background work begins with start.
type world struct {
	*testing.T
	*servertest.App
	ctx context.Context
}

func newWorld(t *testing.T, cat *catalog.Catalog) *world {
	t.Helper()
	return &world{t, servertest.New(t, catalogtest.URL(cat), "--engine", "imaging", key), catalogtest.Context(t)}
}

func (w *world) ok(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

func (w *world) write(fn func(tx *catalog.Tx) error) {
	w.Helper()
	w.ok(w.Data.Catalog.Write(w.ctx, fn))
}

func (w *world) upload(name string, data []byte) dam.Asset {
	w.Helper()
	f, err := w.Library.Ingest.Spool(w.ctx, bytes.NewReader(data))
	w.ok(err)
	r, err := w.Library.Ingest.Ingest(w.ctx, f, ingest.Upload{Library: dam.DefaultLibrary, FileName: name})
	w.ok(errors.Join(err, f.Remove()))
	return r.Asset
}

// hold puts a file into quarantine, as an earlier version did.
func (w *world) hold(name string, data []byte) (id string) {
	w.Helper()
	sum := sha256.Sum256(data)
	hash := hex.EncodeToString(sum[:])
	b := catalog.Blob{Key: "quarantine/" + hash, SHA256: hash, Size: int64(len(data))}
	w.ok(w.Data.Catalog.Pin(w.ctx, time.Hour, b))
	_, err := storage.Save(w.ctx, w.Objects.Store, b.Key, bytes.NewReader(data), storage.PutOptions{Size: b.Size,
		SHA256: hash}, nil)
	w.ok(err)
	q := dam.Quarantined{ID: dam.NewID("q"), Library: dam.DefaultLibrary, FileName: name, Size: b.Size, SHA256: hash}
	q.Reason, q.Reasons = reasons.Note(reasons.FileEmpty())
	w.write(func(tx *catalog.Tx) error {
		return errors.Join(tx.Objects().Attach(w.ctx, b), tx.Uploads().Quarantine(w.ctx, &q, b.Key))
	})
	return q.ID
}

// until waits for a reprocessing's state.
func (w *world) until(id string, state dam.ReprocessingState) dam.Reprocessing {
	w.Helper()
	for end := time.Now().Add(30 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		x, err := w.Reprocessing.Get(w.ctx, dam.DefaultLibrary, id)
		w.ok(err)
		if x.State == state {
			return x
		}
		if time.Now().After(end) || x.Ended() {
			w.Fatalf("it is %s, want %s: %+v", x.State, state, x)
		}
	}
}

func (w *world) ready(id string) dam.Version {
	w.Helper()
	for end := time.Now().Add(30 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		a, err := w.Data.Catalog.Assets().Asset(w.ctx, "", id)
		w.ok(err)
		if a.Latest.Renditions != dam.RenditionsPending {
			return a.Latest
		}
		if time.Now().After(end) {
			w.Fatal("its renditions are not made")
		}
	}
}

// renditions returns a version's renditions by preset and format.
func (w *world) renditions(version string) map[string]string {
	w.Helper()
	list, err := w.Data.Catalog.Renditions().List(w.ctx, version)
	w.ok(err)
	out := map[string]string{}
	for _, r := range list {
		out[r.Preset+"."+string(r.Format)] = r.Hash
	}
	return out
}

// A version that was rendered by an earlier recipe, one that had failed, and files in quarantine are put right; a file
// whose bytes are an asset leaves quarantine; what is cancelled stays as it was; a lost original fails alone.
func TestReprocessing(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, cat *catalog.Catalog) {
		w := newWorld(t, cat)
		w.Begin(t)
		wrong := w.ready(w.upload("wrong.tif", labTIFF(90)).ID)
		failed := w.ready(w.upload("failed.tif", labTIFF(120)).ID)
		lost := w.ready(w.upload("lost.tif", labTIFF(150)).ID)
		today := w.renditions(wrong.ID)
		for _, v := range []*dam.Version{&wrong, &lost} {
			if v.Recipe != 2 || len(today) == 0 {
				t.Fatalf("an upload of today is of recipe %d, with %d renditions", v.Recipe, len(today))
			}
			v.Recipe = 1
			w.write(func(tx *catalog.Tx) error { return tx.Versions().SetFacts(w.ctx, *v) })
			_, err := w.Media.Renditions.Retry(w.ctx, dam.DefaultLibrary, v.Asset)
			w.ok(err)
			w.ready(v.Asset)
		}
		earlier := w.renditions(wrong.ID)
		if fmt.Sprint(earlier) == fmt.Sprint(today) {
			t.Fatal("an earlier recipe has the same names")
		}
		failed.Renditions = dam.RenditionsFailed
		failed.NoteRenditions(reasons.RenditionsFailed())
		w.write(func(tx *catalog.Tx) error { return tx.Versions().UpdateVersion(w.ctx, failed) })
		held := w.hold("held.tif", labTIFF(180))
		twin := w.hold("twin.tif", labTIFF(90))
		w.hold("broken.jpg", append([]byte{0xff, 0xd8, 0xff, 0xe0}, make([]byte, 300)...))

		first, err := w.Reprocessing.Begin(w.ctx, dam.DefaultLibrary)
		w.ok(err)
		found := w.until(first.ID, dam.ReprocessingReady)
		if found.Total != 5 || found.Examined != 6 || fmt.Sprint(w.renditions(wrong.ID)) != fmt.Sprint(earlier) {
			t.Fatalf("found %+v", found)
		}
		if _, err := w.Reprocessing.Cancel(w.ctx, dam.DefaultLibrary, first.ID); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Reprocessing.Confirm(w.ctx, dam.DefaultLibrary, first.ID); dam.CodeOf(err) != dam.Conflict {
			t.Errorf("one that was cancelled is confirmed: %v", err)
		}

		w.ok(os.Remove(filepath.Join(w.Config.Data, "objects", filepath.FromSlash(dam.OriginalKey(lost.SHA256)))))
		second, err := w.Reprocessing.Begin(w.ctx, dam.DefaultLibrary)
		w.ok(err)
		if found = w.until(second.ID, dam.ReprocessingReady); found.Total != 4 {
			t.Fatalf("with a lost original: %+v", found)
		}
		_, err = w.Reprocessing.Confirm(w.ctx, dam.DefaultLibrary, second.ID)
		w.ok(err)
		if done := w.until(second.ID, dam.ReprocessingDone); done.Done != 4 || done.Failed != 0 {
			t.Fatalf("%+v", done)
		}
		if now := w.renditions(wrong.ID); fmt.Sprint(now) != fmt.Sprint(today) {
			t.Errorf("the wrong one has %v, an upload of today %v", now, today)
		}
		if v := w.ready(failed.Asset); v.Renditions != dam.RenditionsReady {
			t.Errorf("what had failed is %s: %s", v.Renditions, v.RenditionNote)
		}
		items, err := w.Reprocessing.Items(w.ctx, dam.DefaultLibrary, second.ID, "done", 0, 100)
		w.ok(err)
		for _, i := range items {
			if i.Subject == twin && i.Asset != wrong.Asset || i.Subject == held && i.Asset == "" {
				t.Errorf("%s became %q", i.FileName, i.Asset)
			}
		}
		left, err := w.Library.Ingest.Quarantined(w.ctx, dam.DefaultLibrary)
		if w.ok(err); len(left) != 1 || left[0].FileName != "broken.jpg" {
			t.Errorf("in quarantine are %v", left)
		}
		third, err := w.Reprocessing.Begin(w.ctx, dam.DefaultLibrary)
		w.ok(err)
		if again := w.until(third.ID, dam.ReprocessingDone); again.Total != 0 {
			t.Errorf("there is something left: %+v", again)
		}
	})
}
