package catalog_test

import (
	"strings"
	"testing"
	"time"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/catalog/catalogtest"
)

// A damage is reported once, to every asset that needs the object, and ends when the bytes are stored again.
func TestDamageLife(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, c *catalog.Catalog) {
		ctx := catalogtest.Context(t)
		sha := strings.Repeat("ab", 32)
		b := catalog.Blob{Key: dam.OriginalKey(sha), SHA256: sha, Size: 3}
		first, second := insert(ctx, t, c, sha), insert(ctx, t, c, sha)
		write := func(f func(tx *catalog.Tx) error) {
			t.Helper()
			if err := c.Write(ctx, f); err != nil {
				t.Fatal(err)
			}
		}
		record := func(key string, p dam.ObjectProblem) (news bool) {
			t.Helper()
			write(func(tx *catalog.Tx) (err error) {
				news, err = tx.Objects().RecordDamage(ctx, dam.Damage{Key: key, Problem: p, Detail: "block 1 of 3",
					FoundBy: dam.FoundByRead})
				return err
			})
			return news
		}
		counts := func(originals, others int) {
			t.Helper()
			if a, b, err := c.Objects().DamageCounts(ctx); err != nil || a != originals || b != others {
				t.Errorf("%d originals and %d others damaged, %v; want %d and %d", a, b, err, originals, others)
			}
		}
		if record(b.Key, dam.ObjectMissing) {
			t.Error("an object that the catalogue doesn't know is damaged")
		}
		if err := c.Pin(ctx, time.Hour, b, catalog.Blob{Key: "renditions/x", SHA256: sha}); err != nil {
			t.Fatal(err)
		}
		if record("renditions/x", dam.ObjectMissing) {
			t.Error("an object that was not yet written is damaged")
		}
		if n, err := c.Objects().Uncovered(ctx); err != nil || n != 2 {
			t.Errorf("%d uncovered, %v", n, err)
		}
		before, err := c.Log().Head(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if !record(b.Key, dam.ObjectAltered) || record(b.Key, dam.ObjectAltered) {
			t.Error("a damage is news once")
		}
		if !record("renditions/x", dam.ObjectAltered) {
			t.Error("other bytes are a damage, referred to or not")
		}
		counts(1, 1)
		list, err := c.Objects().Damages(ctx, dam.DamageOpen, "", 10)
		if err != nil || len(list) != 2 || list[0].Key != b.Key || list[0].SHA256 != sha || list[0].Size != 3 ||
			len(list[0].Assets) != 2 || list[0].FoundBy != dam.FoundByRead {
			t.Errorf("damages: %+v, %v", list, err)
		}
		if mine, err := c.Objects().AssetDamages(ctx, second.ID); err != nil || len(mine) != 1 || mine[0].Key != b.Key {
			t.Errorf("of an asset: %+v, %v", mine, err)
		}
		// Attaching without checksums does not end the damage: the bytes have not been read.
		write(func(tx *catalog.Tx) error { return tx.Objects().Attach(ctx, b) })
		counts(1, 1)
		b.Sums = []byte{1, 2, 3, 4}
		write(func(tx *catalog.Tx) error { return tx.Objects().Attach(ctx, b) })
		counts(0, 1)
		if d, found, err := c.Objects().Damage(ctx, b.Key); err != nil || !found || d.State != dam.DamageRepaired ||
			d.RepairedAt == nil || d.Source != dam.RepairedByUpload {
			t.Errorf("after repair: %+v, %v, %v", d, found, err)
		}
		b.Sums = nil
		write(func(tx *catalog.Tx) error { return tx.Objects().Attach(ctx, b) })
		if got, err := c.Objects().BlobByKey(ctx, b.Key); err != nil || len(got.Sums) != 4 {
			t.Errorf("the checksums were lost: %+v, %v", got, err)
		}
		events, err := c.Log().Events(ctx, "", before, 100)
		if err != nil {
			t.Fatal(err)
		}
		var told []string
		for _, e := range events {
			told = append(told, string(e.Type)+" "+e.Asset)
		}
		ids := []string{first.ID, second.ID}
		if ids[0] > ids[1] {
			ids[0], ids[1] = ids[1], ids[0]
		}
		want := []string{"object.damaged " + ids[0], "object.damaged " + ids[1], "object.damaged ",
			"object.repaired " + ids[0], "object.repaired " + ids[1]}
		if strings.Join(told, "\n") != strings.Join(want, "\n") {
			t.Errorf("the log has\n%s\nwant\n%s", strings.Join(told, "\n"), strings.Join(want, "\n"))
		}
		if !record(b.Key, dam.ObjectMissing) {
			t.Error("damaged again is news")
		}
		// Attaching another hash under a key discards the previous checksums.
		write(func(tx *catalog.Tx) error {
			return tx.Objects().Attach(ctx, catalog.Blob{Key: b.Key, SHA256: strings.Repeat("cd", 32), Size: 4})
		})
		if got, err := c.Objects().BlobByKey(ctx, b.Key); err != nil || got.Sums != nil {
			t.Errorf("old checksums: %+v, %v", got, err)
		}
		b.Sums = []byte{1, 2, 3, 4}
		write(func(tx *catalog.Tx) error {
			if ok, err := tx.Objects().Cover(ctx, b); err != nil || ok {
				t.Errorf("another object was covered: %v", err)
			}
			return tx.Objects().Attach(ctx, b)
		})
		write(func(tx *catalog.Tx) error { return tx.Objects().ForgetRepairs(ctx, time.Now().Add(time.Hour)) })
		if _, found, err := c.Objects().Damage(ctx, b.Key); err != nil || found {
			t.Errorf("an old repair is kept: %v", err)
		}
		counts(0, 1)
	})
}
