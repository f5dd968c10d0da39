package retention_test

import (
	"testing"
	"time"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/reasons"
)

// What a reprocessing found goes with its file: with the quarantine's record, with the asset, and after the end.
func TestReprocessingItemsGo(t *testing.T) {
	w := newWorld(t)
	a := w.asset()
	var held [3]dam.Quarantined // one that stays, one that a person lets go of, one that expires
	job := catalog.ReprocessingRow{Reprocessing: dam.Reprocessing{ID: dam.NewID(dam.ReprocessingPrefix),
		Library: dam.DefaultLibrary, Revision: 2, State: dam.ReprocessingReady, Total: 5}}
	item := func(tx *catalog.Tx, action dam.ReprocessingAction, subject, asset string, n int) {
		t.Helper()
		x := catalog.ReprocessingItemRow{ReprocessingItem: dam.ReprocessingItem{N: n, Action: action, Subject: subject,
			Asset: asset, FileName: "Ann.tif", State: "pending"}}
		if _, err := tx.Uploads().Reprocessings().AddItem(w.Context(), job.ID, &x); err != nil {
			t.Fatal(err)
		}
	}
	w.write(func(tx *catalog.Tx) error {
		if err := tx.Uploads().Reprocessings().Insert(w.Context(), &job); err != nil {
			return err
		}
		for i := range held {
			held[i] = dam.Quarantined{ID: dam.NewID("q"), Library: dam.DefaultLibrary, FileName: "Ann.tif"}
			held[i].Reason, held[i].Reasons = reasons.Note(reasons.FileEmpty())
			if err := tx.Uploads().Quarantine(w.Context(), &held[i], ""); err != nil {
				return err
			}
			item(tx, dam.ReprocessTakeIn, held[i].ID, "", i+1)
		}
		item(tx, dam.ReprocessRerender, a.Latest.ID, a.ID, 4)
		item(tx, dam.ReprocessTakeIn, "taken", a.ID, 5)
		return nil
	})
	expect := func(when string, items, total int) {
		t.Helper()
		list, err := w.cat.Uploads().Reprocessings().Items(w.Context(), job.ID, "", 0, 100)
		if err != nil {
			t.Fatal(err)
		}
		x, err := w.cat.Uploads().Reprocessings().Get(w.Context(), "", job.ID)
		if err != nil || len(list) != items || x.Total != total {
			t.Fatalf("%s: %d items, a total of %d, %v; want %d and %d", when, len(list), x.Total, err, items, total)
		}
	}
	w.write(func(tx *catalog.Tx) error { return tx.Uploads().Unquarantine(w.Context(), "main", held[1].ID) })
	expect("after a file was let go of", 4, 4)
	w.write(func(tx *catalog.Tx) error {
		_, err := tx.SQLite().ExecContext(w.Context(), `UPDATE quarantine SET at=1 WHERE id=$1`, held[2].ID)
		return err
	})
	w.run()
	expect("after one expired", 3, 3)
	w.write(func(tx *catalog.Tx) error { return tx.Assets().DeleteAsset(w.Context(), a.ID) })
	expect("after the asset was purged", 1, 3)
	w.write(func(tx *catalog.Tx) error {
		long := tx.Now().Add(-31 * 24 * time.Hour)
		job.State, job.FinishedAt = dam.ReprocessingCancelled, &long
		return tx.Uploads().Reprocessings().Update(w.Context(), &job)
	})
	w.run()
	if list, err := w.cat.Uploads().Reprocessings().Items(w.Context(), job.ID, "", 0, 100); err != nil ||
		len(list) > 0 {
		t.Errorf("31 days after the end there are %v, %v", list, err)
	}
}
