package bleve_test

import (
	"errors"
	"path/filepath"
	"reflect"
	"testing"

	"vitrine/search"
	"vitrine/search/bleve"
	"vitrine/search/searchtest"
)

func TestBleve(t *testing.T) {
	searchtest.Run(t, bleve.Engine{})
}

func TestFullVolume(t *testing.T) { searchtest.Full(t, bleve.Engine{}) }

func TestReadOnlyVolume(t *testing.T) { searchtest.ReadOnly(t, bleve.Engine{}) }

func TestFullText(t *testing.T) { searchtest.FullText(t, bleve.Engine{}) }

// A large batch becomes several segments at once: all of it is found, and the cursor is stored after it.
func TestLargeBatch(t *testing.T) {
	ix, err := bleve.Engine{}.Open(filepath.Join(t.TempDir(), "text"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = ix.Close() }()
	const n = 2500
	batch := search.TextBatch{Cursor: search.Cursor{Seq: 7, Number: n}}
	for i := range uint32(n) {
		batch.Put = append(batch.Put, search.TextDoc{Number: i + 1, Parts: []search.TextPart{{Text: "everywhere"}}})
	}
	for range 2 { // a crash in the middle: the batch is applied again
		if err := ix.Apply(t.Context(), batch); err != nil {
			t.Fatal(err)
		}
		if c, err := ix.Cursor(); err != nil || !reflect.DeepEqual(c, batch.Cursor) {
			t.Fatalf("cursor %v (%v), want %v", c, err, batch.Cursor)
		}
		s, err := ix.Snapshot()
		if err != nil {
			t.Fatal(err)
		}
		tree, err := search.Parse("everywhere", search.Env{})
		if err != nil {
			t.Fatal(err)
		}
		hits, err := s.Match(t.Context(), tree, false)
		if err != nil || len(hits.Numbers) != n {
			t.Errorf("%d assets are found (%v), want %d", len(hits.Numbers), err, n)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}

// An irregular plural is found by its singular, and the other way round.
func TestIrregularPlurals(t *testing.T) {
	for lang, pairs := range map[string][][2]string{
		"en": {{"child", "children"}, {"woman", "women"}, {"shelf", "shelves"}, {"foot", "feet"}, {"chair", "chairs"}},
		"fr": {{"oeil", "yeux"}, {"travail", "travaux"}, {"cheval", "chevaux"}, {"chaise", "chaises"}},
	} {
		for _, p := range pairs {
			if a, b := bleve.Stem(lang, p[0]), bleve.Stem(lang, p[1]); a == "" || a != b {
				t.Errorf("%s: %s has the stem %q, %s has %q", lang, p[0], a, p[1], b)
			}
		}
	}
}

// An index of an earlier format is opened, and says that it is outdated; one of an unknown format is not opened.
func TestFormats(t *testing.T) {
	for format, want := range map[string]struct {
		opens, outdated bool
	}{"4": {true, false}, "3": {true, true}, "2": {true, true}, "1": {true, true}, "0": {}} {
		dir := filepath.Join(t.TempDir(), "text")
		ix, err := bleve.Engine{}.Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(bleve.SetFormat(ix, format), ix.Close()); err != nil {
			t.Fatal(err)
		}
		ix, err = bleve.Engine{}.Open(dir)
		if (err == nil) != want.opens || err == nil && ix.Outdated() != want.outdated {
			t.Errorf("format %s: %v", format, err)
		}
		if err == nil {
			if err := ix.Close(); err != nil {
				t.Error(err)
			}
		}
	}
}
