package catalog_test

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/catalog/catalogtest"
)

func note(t *testing.T, c *catalog.Catalog, n int) {
	t.Helper()
	for range n {
		if err := c.Write(catalogtest.Context(t), func(tx *catalog.Tx) error {
			tx.Emit(dam.Event{Type: dam.AssetUpdated, Subject: "x"})
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	}
}

func position(t *testing.T, c *catalog.Catalog) dam.LogPosition {
	t.Helper()
	p, err := c.Epochs().Position(catalogtest.Context(t))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func confirms(t *testing.T, c *catalog.Catalog, p dam.LogPosition) bool {
	t.Helper()
	ok, err := c.Epochs().Confirms(catalogtest.Context(t), p)
	if err != nil {
		t.Fatal(err)
	}
	return ok
}

// A log confirms only positions it has had: no seq beyond its head, no other event at a seq, no unknown epoch.
func TestConfirms(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, c *catalog.Catalog) {
		empty := position(t, c)
		if !dam.IsID(dam.EpochPrefix, empty.Epoch) || empty.Seq != 0 || !confirms(t, c, empty) {
			t.Fatalf("an empty log is at %+v", empty)
		}
		note(t, c, 3)
		third := position(t, c)
		note(t, c, 2)
		for name, p := range map[string]struct {
			at   dam.LogPosition
			want bool
		}{
			"the newest":              {position(t, c), true},
			"one before":              {third, true},
			"beyond the head":         {dam.LogPosition{Epoch: third.Epoch, Seq: 6, Event: third.Event}, false},
			"another event at a seq":  {dam.LogPosition{Epoch: third.Epoch, Seq: 3, Event: "e_other"}, false},
			"another epoch":           {dam.LogPosition{Epoch: dam.NewID(dam.EpochPrefix), Seq: 1}, false},
			"the beginning, unnamed":  {dam.LogPosition{Epoch: third.Epoch}, true},
			"a seq without its event": {dam.LogPosition{Epoch: third.Epoch, Seq: 3}, true},
		} {
			if got := confirms(t, c, p.at); got != p.want {
				t.Errorf("%s: %v", name, got)
			}
		}
		// Retention removes old events, but never the one that confirms the newest position.
		newest := position(t, c)
		if err := c.Write(catalogtest.Context(t),
			func(tx *catalog.Tx) error { return tx.Log().Trim(catalogtest.Context(t), 5) }); err != nil {
			t.Fatal(err)
		}
		if !confirms(t, c, third) || !confirms(t, c, newest) || position(t, c) != newest {
			t.Error("a trimmed log doesn't confirm its past")
		}
		newest.Event = "e_other"
		if confirms(t, c, newest) {
			t.Error("a trimmed log confirms another event at its head")
		}
	})
}

// Of several nodes that find the same fault one begins the epoch; all hold until a person releases the hold, once.
func TestBeginEpoch(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, c *catalog.Catalog) {
		ctx := catalogtest.Context(t)
		note(t, c, 2)
		before := position(t, c)
		if h, err := c.Epochs().Hold(ctx); h != nil || err != nil {
			t.Fatalf("a new installation holds: %+v %v", h, err)
		}
		taken := time.Now().Add(-time.Hour).UTC().Truncate(time.Microsecond)
		var began atomic.Int32
		var wg sync.WaitGroup
		for range 6 {
			wg.Go(func() {
				yes, err := c.BeginEpoch(ctx, catalog.EpochStart{Expected: before.Epoch, Reason: dam.EpochRestored,
					BackupAt: &taken, Home: "here"})
				if err != nil {
					t.Error(err)
				}
				if yes {
					began.Add(1)
				}
			})
		}
		wg.Wait()
		after := position(t, c)
		if began.Load() != 1 || after.Epoch == before.Epoch || after.Seq != before.Seq+1 {
			t.Fatalf("%d began; %+v became %+v", began.Load(), before, after)
		}
		if !confirms(t, c, before) {
			t.Error("the past of the epoch before is not known any more")
		}
		e, err := c.Epochs().Epoch(ctx)
		if err != nil || e.ID != after.Epoch || e.From != before.Seq || e.Reason != dam.EpochRestored ||
			e.BackupAt == nil || !e.BackupAt.Equal(taken) {
			t.Errorf("epoch %+v %v", e, err)
		}
		if list, err := c.Log().Events(ctx, dam.DefaultLibrary, before.Seq, 10); err != nil || len(list) != 1 ||
			list[0].Type != dam.EpochBegan || list[0].Subject != e.ID {
			t.Errorf("the log tells %+v %v", list, err)
		}
		h, err := c.Epochs().Hold(ctx)
		if err != nil || h == nil || h.Epoch != e.ID || h.BackupAt == nil || !h.BackupAt.Equal(taken) {
			t.Fatalf("hold %+v %v", h, err)
		}
		if known, _, _, err := c.Database().Home(ctx); err != nil || known != "here" && !c.Postgres() {
			t.Errorf("home %q %v", known, err)
		}
		release := func(epoch string) error {
			return c.Write(ctx, func(tx *catalog.Tx) error { return tx.Epochs().ReleaseHold(ctx, epoch) })
		}
		if err := release(before.Epoch); dam.CodeOf(err) != dam.Conflict {
			t.Errorf("released for another epoch: %v", err)
		}
		if err := release(e.ID); err != nil {
			t.Error(err)
		}
		if err := release(e.ID); dam.CodeOf(err) != dam.Conflict {
			t.Errorf("released twice: %v", err)
		}
		if _, err := c.BeginEpoch(ctx, catalog.EpochStart{Reason: dam.EpochDeclared, By: "Ana",
			Note: "Friday's machine"}); err != nil {
			t.Fatal(err)
		}
		note(t, c, 2)
		if h, err := c.Epochs().Hold(ctx); err != nil || h == nil || h.By != "Ana" || h.Note != "Friday's machine" ||
			h.Words() != "was declared restored by hand by Ana (Friday's machine)" {
			t.Errorf("declared: %+v %v", h, err)
		}
	})
}

// If something in the database removes the hold, BeginEpoch fails and no epoch begins.
func TestHoldStays(t *testing.T) {
	t.Parallel()
	c, err := catalog.Open(catalogtest.Context(t), "sqlite:"+filepath.Join(t.TempDir(), "vitrine.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	if err := c.Migrate(catalogtest.Context(t)); err != nil {
		t.Fatal(err)
	}
	if err := c.Database().OnlyData(catalogtest.Context(t)); err != nil {
		t.Errorf("a catalogue of ours: %v", err)
	}
	before := position(t, c)
	if _, err := c.Database().Writer().ExecContext(catalogtest.Context(t),
		`CREATE TRIGGER evil AFTER INSERT ON hold BEGIN DELETE FROM hold; END`); err != nil {
		t.Fatal(err)
	}
	if err := c.Database().OnlyData(catalogtest.Context(t)); dam.CodeOf(err) != dam.Conflict {
		t.Errorf("a catalogue with a trigger: %v", err)
	}
	if began, err := c.BeginEpoch(catalogtest.Context(t), catalog.EpochStart{Reason: dam.EpochRestored}); began ||
		dam.CodeOf(err) != dam.Conflict {
		t.Errorf("began %v, %v", began, err)
	}
	if after := position(t, c); after != before {
		t.Errorf("%+v became %+v", before, after)
	}
}

// A database's identity stays the same while it is used and after a restart; a copy of the file has another identity,
// and a backup has a mark that the live catalogue never gets.
func TestHomeOfACopy(t *testing.T) {
	ctx, dir := catalogtest.Context(t), t.TempDir()
	path := filepath.Join(dir, "catalog.db")
	open := func(path string) *catalog.Catalog {
		t.Helper()
		c, err := catalog.Open(ctx, "sqlite:"+path)
		if err == nil {
			err = c.Migrate(ctx)
		}
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	c := open(path)
	note(t, c, 1)
	home := func(c *catalog.Catalog) (string, string, *time.Time) {
		t.Helper()
		known, now, at, err := c.Database().Home(ctx)
		if err != nil {
			t.Fatal(err)
		}
		return known, now, at
	}
	known, now, at := home(c)
	if known != "" || now == "" || at != nil {
		t.Fatalf("a new file: %q %q %v (the folder of this test must be on a file system that keeps birth times)",
			known, now, at)
	}
	if err := c.Database().SetHome(ctx, now); err != nil {
		t.Fatal(err)
	}
	backup := filepath.Join(dir, "backup.db")
	if err := c.Database().Backup(ctx, backup); err != nil {
		t.Fatal(err)
	}
	if known, again, at := home(c); known != now || again != now || at != nil {
		t.Errorf("after use and a backup: %q %q %v, want %q", known, again, at, now)
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	copied := filepath.Join(dir, "copy.db")
	copyTo(t, path, copied)
	for file, marked := range map[string]bool{path: false, copied: false, backup: true} {
		c := open(file)
		known, is, at := home(c)
		if known != now || (is == now) != (file == path) || (at != nil) != marked {
			t.Errorf("%s: %q %q %v", filepath.Base(file), known, is, at)
		}
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	}
	if _, err := os.Stat(backup + "-journal"); err == nil {
		t.Error("the backup left a journal")
	}
}

func copyTo(t *testing.T, from, to string) {
	t.Helper()
	in, err := os.Open(from)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = in.Close() }()
	out, err := os.Create(to)
	if err == nil {
		_, err = io.Copy(out, in)
	}
	if err == nil {
		err = out.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
}

// A PostgreSQL database is identified by its cluster, its table and its timeline, without any privilege; one whose
// recorded identity differs holds from its first transaction.
func TestHomeOfPostgres(t *testing.T) {
	c := catalogtest.Postgres(t)
	ctx := catalogtest.Context(t)
	_, now, _, err := c.Database().Home(ctx)
	if err != nil || now == "" {
		t.Fatal(now, err)
	}
	hold := func(home string) *dam.Hold {
		t.Helper()
		if _, err := c.Database().Pool().Exec(ctx, `UPDATE log_head SET home=$1`, home); err != nil {
			t.Fatal(err)
		}
		h, err := c.Epochs().Hold(ctx)
		if err != nil {
			t.Fatal(err)
		}
		return h
	}
	if h := hold(now); h != nil {
		t.Errorf("at home: %+v", h)
	}
	if h := hold(now[:len(now)-1] + "9"); h == nil || h.Reason != dam.EpochFailover {
		t.Errorf("on another timeline: %+v", h)
	}
	// An ordinary role reads the same identity; a role that is denied one part still reads the others, and recognizes
	// the database.
	hold(now)
	role := "plain_" + dam.NewID("r")[2:]
	for _, q := range []string{`CREATE ROLE ` + role + ` LOGIN`, `GRANT SELECT ON log_head, hold TO ` + role} {
		if _, err := c.Database().Pool().Exec(ctx, q); err != nil {
			t.Fatal(err)
		}
	}
	at := *c.Database().Pool().Config().ConnConfig
	url := fmt.Sprintf("postgres://%s@%s:%d/%s", role, at.Host, at.Port, at.Database)
	for refused, q := range []string{`SELECT 1`, `REVOKE EXECUTE ON FUNCTION pg_control_system() FROM PUBLIC`} {
		if _, err := c.Database().Pool().Exec(ctx, q); err != nil {
			t.Fatal(err)
		}
		p, err := catalog.Open(ctx, url)
		if err != nil {
			t.Fatal(err)
		}
		known, is, _, err := p.Database().Home(ctx)
		if same, _ := catalog.SameHome(known, is); err != nil || !same || (is == now) != (refused == 0) {
			t.Errorf("refused %d parts: %q %v", refused, is, err)
		}
		if h, err := p.Epochs().Hold(ctx); h != nil || err != nil {
			t.Errorf("refused %d parts, it holds: %+v %v", refused, h, err)
		}
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	}
}
