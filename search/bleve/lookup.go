package bleve

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/RoaringBitmap/roaring/v2"
	segment "github.com/blevesearch/scorch_segment_api/v2"

	"vitrine/dam"
	"vitrine/dam/reasons"
	"vitrine/search"
)

// Weights of a word found in the title, in its exact form, and by its stem.
const (
	titleBoost = 3.0
	exactBoost = 1.0
	stemBoost  = 0.5
	// A synonym counts less than what was typed, however it is found.
	synonymBoost = 0.5
)

// usualNorm is the length norm of a field that stores none, and of entries of several words: that of about 16 words.
const usualNorm = 0.25

// The frequency of a word in a document, and the document's length, are ignored if reading them for every document with
// the word would take longer than everything else and decide little: if more documents than common times those found
// have the word, since rarer words then decide, or if more than broad have it. Whether the word is in a title still
// counts.
const (
	common = 128
	broad  = 1 << 16
)

// maxResolved is the maximum number of words of the index that one query may visit because they begin like one of its
// own. A letter and a star match a fifth of a large library's words, and a query may have hundreds of them.
const maxResolved = 2_000_000

// resolve counts a visited word, and returns an error if a query takes too long or visits too many.
func (l *lookup) resolve() error {
	if l.resolved++; l.resolved > maxResolved {
		return &dam.Error{Code: dam.Invalid, Field: "q", Reason: reasons.TooManyPrefixWords()}
	}
	if l.resolved%256 == 0 {
		return l.ctx.Err()
	}
	return nil
}

// lookup finds the words of one query.
type lookup struct {
	ctx          context.Context
	s            *snapshot
	scored       bool
	total        uint64 // documents
	dictionaries map[string][]segment.TermDictionary
	entries      []*entry // the entries that contribute to scores
	resolved     int      // words visited because they begin, or are spelt, like one of the query
	scratch      segment.PostingsIterator
}

func (s *snapshot) lookup(ctx context.Context, scored bool) (*lookup, error) {
	total, err := s.reader.DocCount()
	if err != nil {
		return nil, fmt.Errorf("counting documents: %w", err)
	}
	return &lookup{ctx: ctx, s: s, scored: scored, total: total, dictionaries: map[string][]segment.TermDictionary{}},
		nil
}

// clause is a part of a query: the documents of a segment that match it, including deleted ones. The bitmap belongs to
// the index.
type clause interface{ docs(seg int) *roaring.Bitmap }

type (
	both   []clause
	either []clause
)

func (c both) docs(seg int) *roaring.Bitmap {
	found := c[0].docs(seg)
	for _, more := range c[1:] {
		if found.IsEmpty() {
			break
		}
		found = roaring.And(found, more.docs(seg))
	}
	return found
}

func (c either) docs(seg int) *roaring.Bitmap {
	list := make([]*roaring.Bitmap, 0, len(c))
	for _, one := range c {
		if b := one.docs(seg); !b.IsEmpty() {
			list = append(list, b)
		}
	}
	if len(list) == 1 {
		return list[0]
	}
	return roaring.FastOr(list...)
}

// entry is a word in a field, or several words that count as one.
type entry struct {
	found []*roaring.Bitmap // by segment
	// lists has the word's frequency in each document, and the field's length. Without it every document scores the
	// same.
	lists []segment.PostingsList
	count int     // documents, including deleted ones
	boost float64 // relative to other words
	total uint64
}

func (e *entry) docs(seg int) *roaring.Bitmap { return e.found[seg] }

// weight is the weight of TF-IDF: the rarity of the word counts for the document and for the query.
func (e *entry) weight() float64 {
	idf := 1 + math.Log(float64(e.total)/float64(e.count+1))
	return e.boost * idf * idf
}

// score adds the entry's share to the scores of documents of a segment, which must be sorted. If flat is set, the share
// is the same for all documents that have the word.
func (e *entry) score(seg int, docs []uint32, scores []float32, flat bool) error {
	if e.found[seg].IsEmpty() {
		return nil
	}
	weight := e.weight()
	if flat || e.lists == nil {
		it := e.found[seg].Iterator()
		for i, d := range docs {
			if it.AdvanceIfNeeded(d); !it.HasNext() {
				return nil
			}
			if it.PeekNext() == d {
				scores[i] += float32(usualNorm * weight)
			}
		}
		return nil
	}
	it := e.lists[seg].Iterator(true, true, false, nil)
	var at segment.Posting
	for i, d := range docs {
		if at == nil || at.Number() < uint64(d) {
			var err error
			if at, err = it.Advance(uint64(d)); err != nil {
				return fmt.Errorf("reading a word of the text index: %w", err)
			}
			if at == nil {
				return nil
			}
		}
		if at.Number() == uint64(d) {
			scores[i] += float32(math.Sqrt(float64(at.Frequency())) * at.Norm() * weight)
		}
	}
	return nil
}

// prepare finds all the words of a tree.
func (l *lookup) prepare(n search.Node) (clause, error) {
	if err := l.ctx.Err(); err != nil {
		return nil, err
	}
	many := func(list []search.Node) ([]clause, error) {
		out := make([]clause, len(list))
		for i, c := range list {
			var err error
			if out[i], err = l.prepare(c); err != nil {
				return nil, err
			}
		}
		return out, nil
	}
	switch n := n.(type) {
	case search.And:
		list, err := many(n)
		return both(list), err
	case search.Or:
		list, err := many(n)
		return either(list), err
	case *search.Words:
		return l.words(n)
	}
	return nil, fmt.Errorf("the text index cannot answer %T", n)
}

func (l *lookup) words(w *search.Words) (clause, error) {
	fields := fieldNames(w.Field)
	weight := 1.0
	if w.Synonym {
		weight = synonymBoost
	}
	first := w.Terms[0]
	var list either
	var failed error
	add := func(p *entry, err error) {
		if err != nil {
			failed = err
			return
		}
		list, l.entries = append(list, p), append(l.entries, p)
	}
	switch {
	case w.Prefix:
		for _, field := range fields {
			add(l.beginning(field, first, exactBoost*weight))
		}
	case len(w.Terms) > 1:
		for _, field := range fields {
			add(l.phrase(field, w.Terms, exactBoost*weight))
		}
	case w.Field == search.TextTyped:
		start := beginning(first)
		add(l.term(fieldTyped, start, exactBoost))
		if start != first {
			var rest either
			for _, field := range fieldNames(search.TextAll) {
				found, err := l.beginning(field, first, exactBoost)
				if err != nil || failed != nil {
					return nil, errors.Join(failed, err)
				}
				rest = append(rest, found)
			}
			return both{list[0], rest}, nil
		}
	default:
		for _, field := range fields {
			add(l.term(field, first, exactBoost*weight))
		}
		if w.Field == search.TextAll || w.Field == search.TextOwn {
			if l.scored {
				add(l.term(fieldTitle, first, titleBoost*weight))
			}
			for _, of := range stems {
				s := Stem(of.code, first)
				if s == "" || w.Quoted {
					continue
				}
				add(l.flat(of.field, []string{s}, stemBoost*weight))
				if w.Field == search.TextAll {
					add(l.flat(of.product, []string{s}, stemBoost*weight))
				}
			}
		}
		for _, field := range fields {
			if !w.Fuzzy {
				break
			}
			similar, err := l.s.similar(field, first)
			if err != nil {
				return nil, err
			}
			add(l.flat(field, similar, stemBoost))
		}
	}
	return list, failed
}

// dictionary returns the dictionary of a field in each segment.
func (l *lookup) dictionary(field string) ([]segment.TermDictionary, error) {
	list, ok := l.dictionaries[field]
	if ok {
		return list, nil
	}
	for _, seg := range l.s.numbers.segments {
		d, err := seg.Segment().Dictionary(field)
		if err != nil {
			return nil, fmt.Errorf("reading the words of the text index: %w", err)
		}
		list = append(list, d)
	}
	l.dictionaries[field] = list
	return list, nil
}

// term finds a word whose frequencies count.
func (l *lookup) term(field, word string, boost float64) (*entry, error) {
	dictionaries, err := l.dictionary(field)
	if err != nil {
		return nil, err
	}
	p := &entry{boost: boost, total: l.total, found: make([]*roaring.Bitmap, len(dictionaries)),
		lists: make([]segment.PostingsList, len(dictionaries))}
	for i, d := range dictionaries {
		if p.lists[i], err = d.PostingsList([]byte(word), nil, nil); err != nil {
			return nil, fmt.Errorf("finding a word in the text index: %w", err)
		}
		p.found[i] = l.documents(p.lists[i])
		p.count += int(p.found[i].GetCardinality())
	}
	return p, nil
}

// flat finds several words as one; their frequencies do not count.
func (l *lookup) flat(field string, words []string, boost float64) (*entry, error) {
	return l.together(field, boost, func(_ segment.TermDictionary, add func(term string) error) error {
		for _, w := range words {
			if err := add(w); err != nil {
				return err
			}
		}
		return nil
	})
}

// beginning finds the words that begin with start.
func (l *lookup) beginning(field, start string, boost float64) (*entry, error) {
	return l.together(field, boost, func(d segment.TermDictionary, add func(term string) error) error {
		it := d.AutomatonIterator(nil, []byte(start), after(start))
		for {
			e, err := it.Next()
			if err != nil || e == nil {
				return err
			}
			if err := add(e.Term); err != nil {
				return err
			}
		}
	})
}

func (l *lookup) together(field string, boost float64,
	each func(d segment.TermDictionary, add func(term string) error) error) (*entry, error) {
	dictionaries, err := l.dictionary(field)
	if err != nil {
		return nil, err
	}
	p := &entry{boost: boost, total: l.total}
	for _, d := range dictionaries {
		var list []*roaring.Bitmap
		if err := each(d, func(term string) error {
			if err := l.resolve(); err != nil {
				return err
			}
			postings, err := d.PostingsList([]byte(term), nil, nil)
			if err == nil {
				list = append(list, l.documents(postings))
			}
			if len(list) == joinAfter { // bounds the memory held
				list = append(list[:0], roaring.FastOr(list...))
			}
			return err
		}); err != nil {
			return nil, fmt.Errorf("finding words in the text index: %w", err)
		}
		p.take(list...)
	}
	return p, nil
}

// joinAfter is how many words' bitmaps are held before they are joined.
const joinAfter = 4096

func (e *entry) take(list ...*roaring.Bitmap) {
	found := none
	if len(list) == 1 {
		found = list[0]
	} else if len(list) > 1 {
		found = roaring.FastOr(list...)
	}
	e.found, e.count = append(e.found, found), e.count+int(found.GetCardinality())
}

func (l *lookup) phrase(field string, terms []string, boost float64) (*entry, error) {
	docs, err := l.s.phrase(l.ctx, terms, field)
	if err != nil {
		return nil, err
	}
	p := &entry{boost: boost, total: l.total}
	for i, offset := range l.s.numbers.offsets {
		b := roaring.New()
		for len(docs) > 0 && (i+1 == len(l.s.numbers.offsets) || docs[0] < l.s.numbers.offsets[i+1]) {
			b.Add(uint32(docs[0] - offset))
			docs = docs[1:]
		}
		p.take(b)
	}
	return p, nil
}

var none = roaring.New()

// documents returns the bitmap of a list; it belongs to the index.
func (l *lookup) documents(list segment.PostingsList) *roaring.Bitmap {
	l.scratch = list.Iterator(false, false, false, l.scratch)
	it, ok := l.scratch.(segment.OptimizablePostingsIterator)
	if !ok {
		return none
	}
	if n, only := it.DocNum1Hit(); only {
		return roaring.BitmapOf(uint32(n))
	}
	if b := it.ActualBitmap(); b != nil {
		return b
	}
	return none
}

// beginning cuts a word to the longest beginning that is indexed.
func beginning(s string) string {
	n := 0
	for i := range s {
		if n == maxBeginning {
			return s[:i]
		}
		n++
	}
	return s
}

// after returns the first possible word after those that begin with start; nil is the end.
func after(start string) []byte {
	b := []byte(start)
	for i := len(b) - 1; i >= 0; i-- {
		if b[i]++; b[i] != 0 {
			return b[:i+1]
		}
	}
	return nil
}
