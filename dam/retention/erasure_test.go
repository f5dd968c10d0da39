package retention_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"vitrine/dam"
	"vitrine/dam/catalog/catalogtest"
	"vitrine/dam/retention"
	"vitrine/storage"
	"vitrine/storage/disk"
)

// A record that can't be read is passed over when the catalogue knows it, read from the second store when that has it,
// and told of otherwise; the others are applied.
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
		if err := s.Put(catalogtest.Context(t), "erasures/"+id+".json", bytes.NewReader([]byte(body)),
			storage.PutOptions{Size: int64(len(body))}); err != nil {
			t.Fatal(err)
		}
	}
	record := func(id string) string { return `{"id":"` + id + `","kind":"person","subject":"u_` + id + `"}` }
	first, second := open(), open()
	put(first, "x_1", record("x_1"))
	put(second, "x_1", record("x_1"))
	cat := catalogtest.SQLite(t)
	var lost []string
	s := &retention.Eraser{Catalog: cat, Store: first, Lost: func(key string, _ error) { lost = append(lost, key) }}
	if n, err := s.Replay(catalogtest.Context(t)); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	if err := first.Delete(catalogtest.Context(t), "erasures/x_1.json"); err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"x_1", "x_2", "x_3"} {
		put(first, id, `{"id":"x`)
	}
	put(first, "x_4", record("x_9")) // another's
	put(first, "x_5", record("x_5"))
	put(second, "x_2", record("x_2"))
	s.Second = second
	if n, err := s.Replay(catalogtest.Context(t)); n != 2 || err != nil || len(lost) != 2 ||
		lost[0] != "erasures/x_3.json" || lost[1] != "erasures/x_4.json" {
		t.Errorf("%d applied, lost %v, %v", n, lost, err)
	}
	if s.LostRecords() != 2 {
		t.Errorf("%d records are lost", s.LostRecords())
	}
	// One that only the second store has is applied too, and what is put back is lost no longer.
	put(second, "x_6", record("x_6"))
	put(second, "x_3", record("x_3"))
	put(second, "x_4", record("x_4"))
	if n, err := s.Replay(catalogtest.Context(t)); n != 3 || err != nil || s.LostRecords() != 0 {
		t.Errorf("%d applied, %d lost, %v", n, s.LostRecords(), err)
	}
	put(first, "x_7", "torn")
	if err := s.Check(catalogtest.Context(t)); err != nil || s.LostRecords() != 1 {
		t.Errorf("looked: %d lost, %v", s.LostRecords(), err)
	}
	s.Lost = nil
	if _, err := s.Replay(catalogtest.Context(t)); err == nil {
		t.Error("a lost record is nobody's business")
	}
}

// What somebody plants in a store, who can write to it, is told of and applied to nothing.
func TestPlantedRecords(t *testing.T) {
	for name, body := range map[string]string{
		"a NUL":          `{"id":"x_1","kind":"asset","subject":"a_b\u0000c"}`,
		"no id":          `{"id":"x_1","kind":"asset","subject":"everything"}`,
		"another kind":   `{"id":"x_1","kind":"person","subject":"a_1"}`,
		"a path":         `{"id":"x_1","kind":"asset","subject":"a_/../u_1"}`,
		"a long one":     `{"id":"x_1","kind":"asset","subject":"a_` + strings.Repeat("x", 100) + `"}`,
		"nobody":         `{"id":"x_1","kind":"person","subject":""}`,
		"another's":      `{"id":"x_2","kind":"person","subject":"u_1"}`,
		"no kind at all": `{"id":"x_1","kind":"library","subject":"a_1"}`,
	} {
		if r, err := retention.ParseErasure("erasures/x_1.json", []byte(body)); !errors.Is(err, storage.ErrChecksum) {
			t.Errorf("%s: %+v, %v", name, r, err)
		}
	}
	if _, err := retention.ParseErasure("erasures/x_1.json",
		[]byte(`{"id":"x_1","kind":"person","subject":"`+dam.NewID(dam.UserPrefix)+`"}`)); err != nil {
		t.Error(err)
	}
}
