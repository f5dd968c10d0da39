package epoch_test

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/catalog/catalogtest"
	"vitrine/dam/epoch"
	"vitrine/storage"
	"vitrine/storage/disk"
)

// site is a data folder with a catalogue and a store.
type site struct {
	*testing.T
	dir, database string
	store         storage.Store
}

// Context returns a context with the system as actor.
func (s *site) Context() context.Context { return catalogtest.Context(s.T) }

func newSite(t *testing.T) *site {
	t.Helper()
	dir := t.TempDir()
	s, err := disk.Open(filepath.Join(dir, "objects"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return &site{t, dir, filepath.Join(dir, "vitrine.db"), s}
}

// serve runs a server's watch of the site: it starts, the log grows by n events, it stops.
func (s *site) serve(n int) *dam.Hold {
	s.Helper()
	c := s.open()
	defer s.close(c)
	w := &epoch.Service{Catalog: c, Store: s.store, Dir: s.dir}
	if err := w.Open(s.Context()); err != nil {
		s.Fatal(err)
	}
	s.grow(c, n)
	ended, cancel := context.WithCancel(s.Context())
	cancel() // it records where the log ended
	if err := w.Run(ended); err != nil {
		s.Error(err)
	}
	h, err := c.Epochs().Hold(s.Context())
	if err != nil {
		s.Fatal(err)
	}
	return h
}

func (s *site) open() *catalog.Catalog {
	s.Helper()
	c, err := catalog.Open(s.Context(), "sqlite:"+s.database)
	if err == nil {
		err = c.Migrate(s.Context())
	}
	if err != nil {
		s.Fatal(err)
	}
	return c
}

func (s *site) close(c *catalog.Catalog) {
	if err := c.Close(); err != nil {
		s.Error(err)
	}
}

func (s *site) grow(c *catalog.Catalog, n int) {
	s.Helper()
	for range n {
		if err := c.Write(s.Context(), func(tx *catalog.Tx) error {
			tx.Emit(dam.Event{Type: dam.AssetUpdated, Subject: "x"})
			return nil
		}); err != nil {
			s.Fatal(err)
		}
	}
}

// over copies the content of a file into another one, which remains the same file.
func over(t *testing.T, from, to string) {
	t.Helper()
	in, err := os.Open(from)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = in.Close() }()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
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

func (s *site) expect(when string, h *dam.Hold, want dam.EpochReason) {
	s.Helper()
	got := dam.EpochReason("")
	if h != nil {
		got = h.Reason
	}
	if got != want {
		s.Errorf("%s: held because %q, want %q", when, got, want)
	}
}

// A server that is started repeatedly on its own folder never holds; neither does one whose folder was renamed.
func TestOwnFolder(t *testing.T) {
	s := newSite(t)
	for range 3 {
		s.expect("started again", s.serve(2), "")
	}
	moved := s.dir + " moved"
	if err := os.Rename(s.dir, moved); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(moved) })
	s.dir, s.database = moved, filepath.Join(moved, "vitrine.db")
	store, err := disk.Open(filepath.Join(moved, "objects"))
	if err != nil {
		t.Fatal(err)
	}
	s.store = store
	t.Cleanup(func() { _ = store.Close() })
	s.expect("renamed", s.serve(1), "")
}

// Each witness alone detects an older catalogue: the identity of the file, the data folder, the store, the mark of a
// backup.
func TestOlderCatalogue(t *testing.T) {
	for name, back := range map[string]struct {
		put    func(s *site, old string)
		reason dam.EpochReason
	}{
		"copied to the place of the file": {func(s *site, old string) {
			if err := os.Remove(s.database); err != nil {
				s.Fatal(err)
			}
			over(s.T, old, s.database)
		}, dam.EpochCopied},
		"copied into the file": {func(s *site, old string) { over(s.T, old, s.database) }, dam.EpochDiverged},
		"copied into the file, and only the store remembers": {func(s *site, old string) {
			over(s.T, old, s.database)
			if err := os.Remove(filepath.Join(s.dir, "log.json")); err != nil {
				s.Fatal(err)
			}
		}, dam.EpochDiverged},
		"copied elsewhere": {func(s *site, old string) {
			s.dir = s.TempDir()
			s.database = filepath.Join(s.dir, "vitrine.db")
			over(s.T, old, s.database)
		}, dam.EpochCopied},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSite(t)
			s.serve(3)
			old := filepath.Join(t.TempDir(), "old.db")
			over(t, s.database, old)
			s.serve(3)
			back.put(s, old)
			s.expect("put back", s.serve(0), back.reason)
			c := s.open()
			first, err := c.Epochs().EpochOf(catalogtest.Context(t))
			s.close(c)
			if err != nil {
				t.Fatal(err)
			}
			s.expect("started again", s.serve(4), back.reason)
			c = s.open()
			if again, err := c.Epochs().EpochOf(catalogtest.Context(t)); err != nil || again != first {
				t.Errorf("it began another epoch: %v", err)
			}
			s.close(c)
		})
	}
}

// A backup's snapshot is recognized wherever it is put, and its hold says when it was made. The original doesn't hold.
func TestBackup(t *testing.T) {
	s := newSite(t)
	s.serve(2)
	c := s.open()
	backup, before := filepath.Join(t.TempDir(), "backup.db"), time.Now().Add(-time.Second)
	if err := c.Database().Backup(catalogtest.Context(t), backup); err != nil {
		t.Fatal(err)
	}
	s.close(c)
	s.expect("the original", s.serve(2), "")
	r := newSite(t)
	over(t, backup, r.database)
	h := r.serve(0)
	r.expect("the backup", h, dam.EpochRestored)
	if h != nil && (h.BackupAt == nil || h.BackupAt.Before(before) || h.BackupAt.After(time.Now())) {
		t.Errorf("taken at %v", h.BackupAt)
	}
	r.expect("started again", r.serve(1), dam.EpochRestored)
}

// A copy that is started with the same store leaves the store's memory of the original alone: the original never holds
// because of it.
func TestCopyBesideTheOriginal(t *testing.T) {
	s := newSite(t)
	s.serve(3)
	drill := *s
	drill.dir = t.TempDir()
	drill.database = filepath.Join(drill.dir, "vitrine.db")
	over(t, s.database, drill.database)
	s.serve(3)
	drill.expect("the copy", drill.serve(5), dam.EpochCopied)
	s.expect("the original", s.serve(3), "")
	n := 0
	for info, err := range s.store.List(catalogtest.Context(t), epoch.Prefix) {
		if err != nil {
			t.Fatal(err)
		}
		if n++; !strings.Contains(info.Key, "-e_") {
			t.Errorf("object %s", info.Key)
		}
	}
	if n != 2 {
		t.Errorf("%d objects, want one for each epoch", n)
	}
}

// The log is rolled back under a running server, which notices from its own memory. On PostgreSQL a changed timeline is
// a failover, even if nothing is missing.
func TestRunning(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, c *catalog.Catalog) {
		s := newSite(t)
		w := &epoch.Service{Catalog: c, Store: s.store, Dir: s.dir}
		s.grow(c, 3)
		if err := w.Open(catalogtest.Context(t)); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(catalogtest.Context(t))
		done := make(chan error, 1)
		go func() { done <- w.Run(ctx) }()
		defer func() {
			cancel()
			if err := <-done; err != nil {
				t.Error(err)
			}
		}()
		roll := func(sql ...string) {
			t.Helper()
			if err := c.Write(catalogtest.Context(t), func(tx *catalog.Tx) error {
				for _, q := range sql {
					var err error
					if tx.PG() != nil {
						_, err = tx.PG().Exec(catalogtest.Context(t), q)
					} else {
						_, err = tx.SQLite().ExecContext(catalogtest.Context(t), q)
					}
					if err != nil {
						return err
					}
				}
				return nil
			}); err != nil {
				t.Fatal(err)
			}
		}
		until := func(want dam.EpochReason) {
			t.Helper()
			for end := time.Now().Add(20 * time.Second); ; time.Sleep(10 * time.Millisecond) {
				h, err := c.Epochs().Hold(catalogtest.Context(t))
				if err != nil {
					t.Fatal(err)
				}
				e, err := c.Epochs().Epoch(catalogtest.Context(t))
				if err != nil {
					t.Fatal(err)
				}
				if h != nil && h.Reason == want && e.Reason == want {
					return
				}
				if time.Now().After(end) {
					t.Fatalf("hold %+v, want %s", h, want)
				}
			}
		}
		roll(`DELETE FROM events WHERE seq>1`, `UPDATE log_head SET seq=1 WHERE id=1`)
		until(dam.EpochDiverged)
		if c.Postgres() {
			roll(`DELETE FROM hold`, `UPDATE log_head SET home=substr(home,1,length(home)-1) || '9' WHERE id=1`)
			until(dam.EpochFailover)
		}
	})
}

// A damaged catalogue that was restored has no mark; the file in the folder replaces it, once.
func TestMarked(t *testing.T) {
	s := newSite(t)
	s.expect("before", s.serve(2), "")
	if err := epoch.MarkRestored(s.dir); err != nil {
		t.Fatal(err)
	}
	s.expect("marked", s.serve(1), dam.EpochRestored)
	c := s.open()
	first, err := c.Epochs().EpochOf(catalogtest.Context(t))
	if err != nil {
		t.Fatal(err)
	}
	s.close(c)
	s.expect("started again", s.serve(1), dam.EpochRestored)
	c = s.open()
	defer s.close(c)
	if again, err := c.Epochs().EpochOf(catalogtest.Context(t)); again != first || err != nil {
		t.Errorf("another epoch, %v", err)
	}
}
