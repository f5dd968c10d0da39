package catalog_test

import (
	"testing"
	"time"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/catalog/catalogtest"
)

// Schema detects another version without changing the tables.
func TestSchemaVersions(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, c *catalog.Catalog) {
		s, err := c.Database().Schema(catalogtest.Context(t))
		if err != nil || s.Have != s.Want || s.Want < 15 || s.Current() != nil || s.Newer() != nil {
			t.Fatalf("fresh tables: %+v, %v", s, err)
		}
		newer, older := catalog.Schema{Have: s.Want + 1, Want: s.Want}, catalog.Schema{Have: s.Want - 1, Want: s.Want}
		if dam.CodeOf(newer.Newer()) != dam.Conflict || dam.CodeOf(newer.Current()) != dam.Conflict {
			t.Error("newer tables are taken")
		}
		if older.Newer() != nil || dam.CodeOf(older.Current()) != dam.Conflict {
			t.Error("older tables: only a start brings them up to date")
		}
	})
}

// A transaction's instant is the database's, even if this machine's clock differs.
func TestClockOfTheDatabase(t *testing.T) {
	c := catalogtest.Postgres(t)
	c.Database().SetLocalClock(func() time.Time { return time.Now().Add(time.Hour) })
	var at time.Time
	if err := c.Write(catalogtest.Context(t), func(tx *catalog.Tx) error { at = tx.Now(); return nil }); err != nil {
		t.Fatal(err)
	}
	if d := time.Since(at).Abs(); d > time.Minute {
		t.Errorf("the transaction's instant is %s off the database's", d)
	}
	if off := c.Database().ClockOff(); off < 59*time.Minute || off > 61*time.Minute {
		t.Errorf("a clock an hour ahead is said to be %s off", off)
	}
}
