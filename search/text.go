package search

import (
	"context"
	"errors"
	"maps"
	"slices"

	"vitrine/dam"
)

// TextField is a field of the text index.
type TextField uint8

const (
	TextAll   TextField = iota // every text of the asset
	TextTitle                  // titles only
	TextFile                   // the newest version's file name only
	// beginnings, of 2 letters or more, of the words of suggestible texts: a term is a beginning
	TextTyped
)

// TextPart is one text of an asset.
type TextPart struct {
	Field TextField // what it is, besides a part of TextAll
	// Lang is "fr", "en" or "" for texts in no known language, which count as both.
	Lang string
	Text string
	// Suggest: typing its beginning proposes it.
	Suggest bool
}

// TextDoc is an asset as the text index sees it. Phrases do not reach from one part to the next.
type TextDoc struct {
	Number uint32
	Parts  []TextPart
}

// textDoc lists the texts of an asset.
func textDoc(a *dam.Asset) TextDoc {
	d := TextDoc{Number: a.Number}
	localised := func(t dam.Text, f TextField, suggest bool) {
		for locale, s := range t {
			d.Parts = append(d.Parts, TextPart{Field: f, Lang: language(locale), Text: s, Suggest: suggest})
		}
	}
	plain := func(f TextField, suggest bool, texts ...string) {
		for _, s := range texts {
			d.Parts = append(d.Parts, TextPart{Field: f, Text: s, Suggest: suggest})
		}
	}
	localised(a.Title, TextTitle, true)
	localised(a.Description, TextAll, false)
	localised(a.Alt, TextAll, false)
	localised(a.Caption, TextAll, false)
	plain(TextAll, true, a.Tags...)
	plain(TextAll, true, a.SKUs...)
	for _, f := range dam.TextFields() {
		plain(TextAll, f.Suggest, *f.Of(a))
	}
	plain(TextFile, false, a.Latest.FileName)
	for _, key := range slices.Sorted(maps.Keys(a.Custom)) {
		plain(TextAll, false, customTexts(a.Custom[key])...)
	}
	return d
}

// language reduces a BCP 47 locale to the languages that have stems here.
func language(locale string) string {
	if len(locale) < 2 || len(locale) > 2 && locale[2] != '-' {
		return ""
	}
	switch l := Fold(locale[:2]); l {
	case "fr", "en":
		return l
	}
	return ""
}

// Cursor says how far a text index is: everything up to Seq of the log is in it
// and, while it is being filled for the first time, the assets up to Number only.
type Cursor struct {
	Seq     int64  `json:"seq"`
	Number  uint32 `json:"number"`
	Filling bool   `json:"filling"`
	// From is the seq at which filling began: of what was written until then, only
	// assets up to Number are there.
	From int64 `json:"from"`
	// Epoch is the log's epoch that Seq counts in; "" in an index from before epochs.
	Epoch string `json:"epoch,omitempty"`
}

// TextBatch is a change of the text index. The cursor is stored with it.
type TextBatch struct {
	Put    []TextDoc
	Remove []uint32
	Cursor Cursor
}

// Text is a text index on disk. One writer calls Apply; snapshots may be taken at any time.
type Text interface {
	// Cursor returns what the last applied batch stored; the zero cursor for a new index.
	Cursor() (Cursor, error)
	// Apply makes the whole batch durable. The cursor never is before all else: after an error
	// or a crash some or all of the rest may be, or become so later. The same batch may be applied again.
	Apply(context.Context, TextBatch) error
	// Snapshot is the state after the last applied batch. It must be closed, and stays
	// readable after later batches, not after the index is closed.
	Snapshot() (TextSnapshot, error)
	// Check reports damage that only shows later, such as files deleted underneath.
	Check() error
	Close() error
}

// TextSnapshot answers text queries on one state of the index.
type TextSnapshot interface {
	// Match finds the assets that a tree of And, Or and Words matches, in any order.
	// Scores are given when asked for; higher is better.
	Match(ctx context.Context, tree Node, scored bool) (Hits, error)
	// Similar lists the words of a field within one edit of the term.
	Similar(field TextField, term string, yield func(term string, assets int) bool) error
	Close() error
}

// Hits are the assets found; Scores is nil or as long as Numbers.
type Hits struct {
	Numbers []uint32
	Scores  []float32
}

// ErrInUse says that another process has the text index open.
var ErrInUse = errors.New("the text index is in use by another process")

// TextEngine opens text indexes. dir is created when absent; an index that cannot
// be read, or was written by another revision of the analysis, is an error, never an
// empty index; ErrInUse when another process has it.
type TextEngine interface {
	Open(dir string) (Text, error)
	// Stem reduces a folded word in "fr" or "en", as texts and queries are; "" for a word
	// that has no stem.
	Stem(lang, word string) string
}
