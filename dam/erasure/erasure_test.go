package erasure_test

import (
	"bytes"
	"testing"

	"vitrine/dam/catalog/catalogtest"
	"vitrine/dam/erasure"
	"vitrine/storage"
	"vitrine/storage/disk"
)

// A record that can't be read is passed over when the catalogue knows it, read from the second store when that has it, and
// told of otherwise; the others are applied.
func TestReplayPastDamage(t *testing.T) {
	t.Parallel()
	open := func() storage.Store {
		s, err := disk.Open(t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.Close() })
		return s
	}
	put := func(s storage.Store, id, body string) {
		t.Helper()
		if err := s.Put(t.Context(), "erasures/"+id+".json", bytes.NewReader([]byte(body)), storage.PutOptions{Size: int64(len(body))}); err != nil {
			t.Fatal(err)
		}
	}
	record := func(id string) string { return `{"id":"` + id + `","kind":"person","subject":"u_` + id + `"}` }
	first, second := open(), open()
	put(first, "x_1", record("x_1"))
	put(second, "x_1", record("x_1"))
	cat := catalogtest.SQLite(t)
	var lost []string
	s := &erasure.Service{Catalog: cat, Store: first, Lost: func(key string, _ error) { lost = append(lost, key) }}
	if n, err := s.Replay(t.Context()); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	if err := first.Delete(t.Context(), "erasures/x_1.json"); err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"x_1", "x_2", "x_3"} {
		put(first, id, `{"id":"x`)
	}
	put(first, "x_4", record("x_9")) // another's
	put(first, "x_5", record("x_5"))
	put(second, "x_2", record("x_2"))
	s.Second = second
	if n, err := s.Replay(t.Context()); n != 2 || err != nil || len(lost) != 2 || lost[0] != "erasures/x_3.json" || lost[1] != "erasures/x_4.json" {
		t.Errorf("%d applied, lost %v, %v", n, lost, err)
	}
	if s.LostRecords() != 2 {
		t.Errorf("%d records are lost", s.LostRecords())
	}
	// One that only the second store has is applied too, and what is put back is lost no longer.
	put(second, "x_6", record("x_6"))
	put(second, "x_3", record("x_3"))
	put(second, "x_4", record("x_4"))
	if n, err := s.Replay(t.Context()); n != 3 || err != nil || s.LostRecords() != 0 {
		t.Errorf("%d applied, %d lost, %v", n, s.LostRecords(), err)
	}
	put(first, "x_7", "torn")
	if err := s.Look(t.Context()); err != nil || s.LostRecords() != 1 {
		t.Errorf("looked: %d lost, %v", s.LostRecords(), err)
	}
	s.Lost = nil
	if _, err := s.Replay(t.Context()); err == nil {
		t.Error("a lost record is nobody's business")
	}
}
