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
	TextAll     TextField = iota // every text of the asset, and what the products say that show it
	TextOwn                      // every text of the asset
	TextProduct                  // what the products say that show it
	TextTitle                    // titles only
	TextFile                     // the newest version's file name only
	// beginnings, of 2 letters or more, of the words of suggestible texts; each term is such a beginning
	TextTyped
)

// everything reports whether the field is that of words outside a field.
func (f TextField) everything() bool { return f == TextAll || f == TextOwn }

// TextPart is one text of an asset.
type TextPart struct {
	Field TextField // TextAll, a field besides it, or TextProduct
	// Lang is "fr", "en" or "" for texts in no known language, which count as both.
	Lang string
	Text string
	// Suggest means that the text is suggested when its beginning is typed.
	Suggest bool
}

// TextDoc is an asset as the text index has it. Phrases do not match across parts.
type TextDoc struct {
	Number uint32
	Parts  []TextPart
}

// textDoc returns the texts of an asset.
func (s *schema) textDoc(a *dam.Asset) TextDoc {
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
		if len(s.unworded) > 0 && slices.Contains(s.unworded, a.Library+"/"+key) {
			continue
		}
		if text, ok := a.Custom[key].(map[string]any); ok {
			for _, locale := range slices.Sorted(maps.Keys(text)) {
				s, _ := text[locale].(string)
				d.Parts = append(d.Parts, TextPart{Field: TextAll, Lang: language(locale), Text: s})
			}
			continue
		}
		plain(TextAll, false, customTexts(a.Custom[key])...)
	}
	if a.Products != nil {
		for _, w := range a.Products.Words {
			d.Parts = append(d.Parts,
				TextPart{Field: TextProduct, Lang: language(w.Locale), Text: w.Text, Suggest: w.Suggest})
		}
	}
	return d
}

// language reduces a BCP 47 locale to one of the languages that have stemmers; "" for any other.
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

// Cursor is how far a text index has read: it has everything up to Seq of the log but, while it is first being filled,
// only of the assets up to Number.
type Cursor struct {
	Seq     int64  `json:"seq"`
	Number  uint32 `json:"number"`
	Filling bool   `json:"filling"`
	// From is the seq at which filling began: of what was written before it, only assets up to Number are in the index.
	From int64 `json:"from"`
	// Epoch is the epoch of the log that Seq is of; "" in an index from before epochs.
	Epoch string `json:"epoch,omitempty"`
	// Sweeps are what events up to Seq touch beside what is in the index.
	Sweeps []dam.Sweep `json:"sweeps,omitempty"`
	// Unworded lists, by space, the libraries' own fields whose words the index leaves out.
	Unworded string `json:"unworded,omitempty"`
}

// unset reports whether nothing was ever applied.
func (c Cursor) unset() bool {
	return c.Seq == 0 && c.Number == 0 && !c.Filling && c.From == 0 && c.Epoch == ""
}

// TextBatch is a change to the text index. The cursor is stored with it.
type TextBatch struct {
	Put    []TextDoc
	Remove []uint32
	Cursor Cursor
}

// Text is a text index on disk. One writer calls Apply; snapshots may be taken at any time.
type Text interface {
	// Cursor returns what the last applied batch stored; the zero cursor for a new index.
	Cursor() (Cursor, error)
	// Apply makes the whole batch durable. The cursor is never stored before the rest. After an error or a crash, some
	// or all of the rest may be stored, at once or later. The same batch may be applied again.
	Apply(context.Context, TextBatch) error
	// Snapshot returns the state after the last applied batch. The caller must close it. It stays readable after later
	// batches, but not after the index is closed.
	Snapshot() (TextSnapshot, error)
	// Check reports damage that shows later only, such as deleted files.
	Check() error
	// Outdated reports whether an earlier revision of the analysis wrote the index. It answers and takes batches, but
	// should be replaced.
	Outdated() bool
	Close() error
}

// TextSnapshot answers text queries on one state of the index.
type TextSnapshot interface {
	// Match finds the assets that match a tree of And, Or and Words, in any order. It computes scores if scored is
	// true; higher is better.
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

// ErrInUse means that another process has the text index open.
var ErrInUse = errors.New("the text index is in use by another process")

// TextEngine opens text indexes. It creates dir if it does not exist. An index that cannot be read, or was written by
// an unknown revision of the analysis, is an error, never an empty index. The error is ErrInUse if another process has
// the index open.
type TextEngine interface {
	Open(dir string) (Text, error)
	// Stem returns the stem of a folded word in "fr" or "en", the same for texts and queries; "" for a word without
	// one.
	Stem(lang, word string) string
}
