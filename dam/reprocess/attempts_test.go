package reprocess_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/catalog/catalogtest"
	"vitrine/dam/jobs"
	"vitrine/dam/reprocess"
)

// confirmed holds some files, and has a reprocessing of them confirmed; the test calls its job.
func confirmed(t *testing.T, files int) (w *world, id string, held []string) {
	t.Helper()
	w = newWorld(t, catalogtest.SQLite(t))
	for i := range files {
		held = append(held, w.hold("held.tif", labTIFF(uint8(90+i))))
	}
	x, err := w.Reprocessing.Begin(w.ctx, dam.DefaultLibrary)
	w.ok(err)
	w.ok(w.run(x.ID))
	_, err = w.Reprocessing.Confirm(w.ctx, dam.DefaultLibrary, x.ID)
	w.ok(err)
	return w, x.ID, held
}

// run calls the job as its last attempt.
func (w *world) run(id string) error {
	return w.Reprocessing.Run(w.ctx, reprocess.RunArgs{Reprocessing: id}, jobs.Info{Attempt: 5, Max: 5})
}

func (w *world) expect(id string, state dam.ReprocessingState, done, failed int) {
	w.Helper()
	x, err := w.Reprocessing.Get(w.ctx, dam.DefaultLibrary, id)
	if w.ok(err); x.State != state || x.Done != done || x.Failed != failed {
		w.Fatalf("it is %s with %d done and %d failed, want %s, %d, %d", x.State, x.Done, x.Failed, state, done, failed)
	}
}

// While the store doesn't answer, however long that lasts, no file counts as failed.
func TestOutageFailsNothing(t *testing.T) {
	w, id, _ := confirmed(t, 2)
	dir := filepath.Join(w.Config.Data, "objects", "quarantine")
	w.ok(os.Rename(dir, dir+".away"))
	w.ok(os.Symlink("quarantine", dir)) // a loop: neither opened nor missing
	for range 2 * catalog.ReprocessingAttempts {
		if err := w.run(id); err == nil {
			t.Fatal("the job ends during an outage")
		}
	}
	w.expect(id, dam.ReprocessingRunning, 0, 0)
	w.ok(os.Remove(dir))
	w.ok(os.Rename(dir+".away", dir))
	w.ok(w.run(id))
	w.expect(id, dam.ReprocessingDone, 2, 0)
}

// killer is a file that ends the server before anything about it is written down.
type killer struct{}

func (killer) TakeIn(context.Context, string, string) (string, error) { panic("killed") }

// A file that kills the server each time is given up after some attempts, and the others are done.
func TestKillerIsGivenUp(t *testing.T) {
	w, id, _ := confirmed(t, 1)
	uploads := w.Reprocessing.Uploads
	w.Reprocessing.Uploads = killer{}
	for range catalog.ReprocessingAttempts {
		func() {
			defer func() {
				if recover() == nil {
					t.Error("the killer did not kill")
				}
			}()
			_ = w.run(id)
		}()
	}
	w.Reprocessing.Uploads = uploads
	w.ok(w.run(id))
	w.expect(id, dam.ReprocessingDone, 0, 1)
	again, err := w.Reprocessing.Begin(w.ctx, dam.DefaultLibrary)
	w.ok(err)
	w.ok(w.run(again.ID))
	if x, err := w.Reprocessing.Get(w.ctx, dam.DefaultLibrary, again.ID); err != nil || x.Total != 1 {
		t.Errorf("the next examination finds %d, %v", x.Total, err)
	}
}

// A reprocessing whose job was lost goes on when a node starts.
func TestLostJobIsEnqueuedAgain(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, cat *catalog.Catalog) {
		w := newWorld(t, cat)
		w.hold("held.tif", labTIFF(90))
		x, err := w.Reprocessing.Begin(w.ctx, dam.DefaultLibrary)
		w.ok(err)
		w.write(func(tx *catalog.Tx) (err error) {
			if pg := tx.PG(); pg != nil {
				_, err = pg.Exec(w.ctx, `DELETE FROM river_job WHERE kind='reprocessing.run'`)
			} else {
				_, err = tx.SQLite().ExecContext(w.ctx, `DELETE FROM river_job WHERE kind='reprocessing.run'`)
			}
			return err
		})
		w.Begin(t)
		w.ok(w.Reprocessing.BeginAll(w.ctx))
		w.until(x.ID, dam.ReprocessingReady)
	})
}

// A file that a person let go of is not taken in, says so, and is not counted as done.
func TestGoneFromQuarantine(t *testing.T) {
	w, id, held := confirmed(t, 2)
	w.ok(w.Library.Ingest.Unquarantine(w.ctx, dam.DefaultLibrary, held[0]))
	w.ok(w.run(id))
	w.expect(id, dam.ReprocessingDone, 1, 1)
	items, err := w.Reprocessing.Items(w.ctx, dam.DefaultLibrary, id, "failed", 0, 10)
	if w.ok(err); len(items) != 1 || items[0].Note == "" {
		t.Errorf("what failed is %+v", items)
	}
}
