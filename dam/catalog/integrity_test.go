package catalog_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"vitrine/dam/catalog"
	"vitrine/dam/catalog/catalogtest"
)

// filled returns a closed catalogue file with tables, indexes, overflow pages and a free list of several pages.
func filled(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "catalog.db")
	cat, err := catalog.Open(catalogtest.Context(t), "sqlite:"+path)
	if err != nil {
		t.Fatal(err)
	}
	if err := cat.Migrate(catalogtest.Context(t)); err != nil {
		t.Fatal(err)
	}
	ctx := catalogtest.Context(t)
	fill := func(from, to int) {
		t.Helper()
		if err := cat.Write(ctx, func(tx *catalog.Tx) error {
			for i := from; i < to; i++ {
				// Some are longer than a page and need overflow pages.
				id := fmt.Sprintf("x_%06d", i) + strings.Repeat("y", i%7/6*9000)
				if err := tx.Maintenance().RecordErasure(ctx, id, "asset", "a_1", time.Now()); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	}
	fill(0, 400)
	if _, err := cat.Database().Writer().ExecContext(ctx, `DELETE FROM erasures WHERE id>'x_000200'`); err != nil {
		t.Fatal(err)
	}
	if _, err := cat.Database().Writer().ExecContext(ctx, `PRAGMA wal_checkpoint(TRUNCATE)`); err != nil {
		t.Fatal(err)
	}
	if err := cat.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

func check(t *testing.T, path string) []string {
	t.Helper()
	cat, err := catalog.OpenSnapshot(catalogtest.Context(t), path)
	if err != nil {
		return []string{err.Error()}
	}
	defer func() { _ = cat.Close() }()
	found, err := cat.Database().Integrity(context.WithoutCancel(catalogtest.Context(t)), false)
	if err != nil {
		t.Fatal(err)
	}
	return found.Problems
}

// Each page in use is damaged in each way that a disk damages pages, and every damage is found.
func TestIntegrityFindsDamagedPages(t *testing.T) {
	t.Parallel()
	path := filled(t)
	if found := check(t, path); len(found) != 0 {
		t.Fatalf("a whole file: %v", found)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	const size = 4096
	pages, unread := len(whole)/size, freeLeaves(whole, size)
	kinds := map[string]int{}
	r := rand.New(rand.NewPCG(1, 2))
	damaged := filepath.Join(t.TempDir(), "damaged.db")
	for n := 1; n < pages; n += max(1, pages/40) { // page 1 is the header's
		kind := kindOf(whole[n*size : (n+1)*size])
		if unread[n+1] {
			kind = "free leaf"
		}
		kinds[kind]++
		for way, spoil := range map[string]func([]byte){
			"zeroed": func(p []byte) { clear(p) },
			"garbage": func(p []byte) {
				for i := range p {
					p[i] = byte(r.IntN(256))
				}
			},
			"torn": func(p []byte) { copy(p[:size/2], whole[size:]); clear(p[size/2:]) },
		} {
			b := append([]byte(nil), whole...)
			spoil(b[n*size : (n+1)*size])
			if err := os.WriteFile(damaged, b, 0o600); err != nil {
				t.Fatal(err)
			}
			// Nothing reads the content of a leaf of the free list.
			if found := check(t, damaged); len(found) == 0 && kind != "free leaf" && !bytes.Equal(b, whole) {
				t.Errorf("page %d (%s) %s: nothing found", n+1, kind, way)
			}
		}
	}
	if kinds["table leaf"] == 0 || kinds["index leaf"] == 0 || kinds["overflow"] == 0 || len(unread) == 0 {
		t.Errorf("the file has no variety: %v", kinds)
	}
}

// freeLeaves returns the numbers of the pages that the trunk pages of the free list name.
func freeLeaves(file []byte, size int) map[int]bool {
	out := map[int]bool{}
	word := func(at int) int { return int(binary.BigEndian.Uint32(file[at:])) }
	for trunk := word(32); trunk != 0; trunk = word((trunk - 1) * size) {
		at := (trunk - 1) * size
		for i := range word(at + 4) {
			out[word(at+8+4*i)] = true
		}
	}
	return out
}

func kindOf(page []byte) string {
	switch page[0] {
	case 13:
		return "table leaf"
	case 5:
		return "table"
	case 10:
		return "index leaf"
	case 2:
		return "index"
	}
	return "overflow"
}
