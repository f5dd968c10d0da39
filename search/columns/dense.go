package columns

import (
	"cmp"
	"math"
	"math/bits"
	"slices"
	"sync/atomic"

	"github.com/RoaringBitmap/roaring/v2"
)

// A dense set is a plain bitmap, one word per 64 rows. A chunk is a whole number of words.
const chunkWords = chunkRows / 64

// dense returns a set as a plain bitmap of whole chunks; nil if the set has so few rows that visiting them one by one
// is faster.
func (v *View) dense(s *Set) []uint64 {
	if s.IsEmpty() || s.GetCardinality()*32 < uint64(v.Bound()) {
		return nil
	}
	chunks := int(s.Maximum()/chunkRows) + 1
	words := make([]uint64, chunks*chunkWords)
	s.WriteDenseTo(words)
	return words
}

// bounds are the least and the greatest number of a chunk. If it has none, least is MaxInt64 and greatest is Missing.
type bounds struct {
	least, greatest int64
	missing         bool // some rows have none
	// planes are the numbers minus the least one, as one bitmap per bit, so that 64 rows are compared at once; the last
	// plane marks the rows that have a number. planes is nil if the numbers are too far apart.
	planes [][chunkWords]uint64
}

// maxPlanes limits the memory that a chunk's planes take beside its numbers.
const maxPlanes = 28

// bounded caches the bounds of a chunk once they have been computed.
type bounded = atomic.Pointer[bounds]

func (b *bounds) slice(c *numberChunk) {
	n := bits.Len64(uint64(b.greatest) - uint64(b.least))
	if b.least > b.greatest || n > maxPlanes {
		return
	}
	b.planes = make([][chunkWords]uint64, n+1)
	for row := range chunkRows {
		x := c.at(uint32(row))
		if x == Missing {
			continue
		}
		w, bit := row/64, uint64(1)<<(row%64)
		b.planes[n][w] |= bit
		for u := uint64(x) - uint64(b.least); u != 0; u &= u - 1 {
			b.planes[bits.TrailingZeros64(u)][w] |= bit
		}
	}
}

// cut clears the bits of the rows whose number, minus the least, is not in lo..hi.
func (b *bounds) cut(lo, hi uint64, rows []uint64) {
	n := len(b.planes) - 1
	rows = rows[:chunkWords]
	var above, below [chunkWords]uint64 // decided by the planes so far
	evenLo, evenHi := b.planes[n], b.planes[n]
	for j := n - 1; j >= 0; j-- {
		p := &b.planes[j]
		if lo>>j&1 == 0 {
			for w, x := range p {
				above[w] |= evenLo[w] & x
				evenLo[w] &^= x
			}
		} else {
			for w, x := range p {
				evenLo[w] &= x
			}
		}
		if hi>>j&1 == 1 {
			for w, x := range p {
				below[w] |= evenHi[w] &^ x
				evenHi[w] &= x
			}
		} else {
			for w, x := range p {
				evenHi[w] &^= x
			}
		}
	}
	for w := range rows {
		rows[w] &= (above[w] | evenLo[w]) & (below[w] | evenHi[w])
	}
}

// cut is bounds.cut for a chunk without planes.
func (c *numberChunk) cut(lo, hi int64, rows []uint64) {
	// x is in lo..hi if and only if x-lo, as an unsigned number, is at most hi-lo.
	width := uint64(hi) - uint64(lo)
	for w := range rows {
		if rows[w] == 0 {
			continue
		}
		kept := uint64(0)
		for j := range 64 {
			_, out := bits.Sub64(width, uint64(c.at(uint32(w*64+j)))-uint64(lo), 0)
			kept |= (1 - out) << j
		}
		rows[w] &= kept
	}
}

// of returns the bounds. Chunks of a View are immutable, so the bounds are computed once.
func (c *numberChunk) of() *bounds {
	if c == nil {
		return &bounds{least: math.MaxInt64, greatest: Missing, missing: true}
	}
	if b := c.bounds.Load(); b != nil {
		return b
	}
	b := &bounds{least: math.MaxInt64, greatest: Missing}
	for row := range chunkRows {
		x := c.at(uint32(row))
		if x == Missing {
			b.missing = true
			continue
		}
		b.least, b.greatest = min(b.least, x), max(b.greatest, x)
	}
	b.slice(c)
	c.bounds.Store(b)
	return b
}

// rangeDense is Range on a dense set, which it modifies.
func rangeDense(chunks []*numberChunk, lo, hi int64, words []uint64) *Set {
	for i := 0; i < len(words); i += chunkWords {
		part := words[i : i+chunkWords]
		k := i / chunkWords
		if k >= len(chunks) || chunks[k] == nil {
			clear(part)
			continue
		}
		c := chunks[k]
		switch b := c.of(); {
		case b.greatest < lo || b.least > hi:
			clear(part)
			continue
		case b.least >= lo && b.greatest <= hi && !b.missing:
			continue
		}
		b := c.of()
		if b.planes == nil {
			c.cut(lo, hi, part)
			continue
		}
		b.cut(uint64(max(lo, b.least)-b.least), uint64(min(hi, b.greatest)-b.least), part)
	}
	return roaring.FromDense(words, false)
}

// hasMissing reports whether one of the rows of a chunk has no number.
func hasMissing(c *numberChunk, rows []uint64) bool {
	for w, word := range rows {
		for ; word != 0; word &= word - 1 {
			if c == nil || c.at(uint32(w*64+bits.TrailingZeros64(word))) == Missing {
				return true
			}
		}
	}
	return false
}

// TopNumbers is Top by a number column; missing values come last in both directions. It visits the chunks with the best
// values first and stops when no better one can follow. An order close to that of asset numbers, such as by age, costs
// a page and not the whole set.
func (v *View) TopNumbers(col int, within *Set, desc bool, after *Entry[int64], skip, limit int) []Entry[int64] {
	words := v.dense(within)
	if words == nil || limit <= 0 || skip+limit < 0 {
		return Top(within, v.NumberKey(col, desc), desc, after, skip, limit)
	}
	type span struct {
		chunk       int
		first, last int64 // keys: no row of the chunk comes before first or after last
	}
	spans := make([]span, 0, len(words)/chunkWords)
	for i := range len(words) / chunkWords {
		var c *numberChunk
		if i < len(v.numbers[col]) {
			c = v.numbers[col][i]
		}
		b := c.of()
		missing := b.missing && hasMissing(c, words[i*chunkWords:(i+1)*chunkWords])
		s := span{i, b.least, b.greatest}
		if missing {
			s.last = math.MaxInt64
		}
		if desc {
			s.first, s.last = b.greatest, b.least
			if missing {
				s.last = Missing
			}
		}
		spans = append(spans, s)
	}
	before := func(a, b int64) bool { return a < b }
	if desc {
		before = func(a, b int64) bool { return a > b }
	}
	slices.SortFunc(spans, func(a, b span) int {
		c := cmp.Or(cmp.Compare(a.first, b.first), cmp.Compare(a.chunk, b.chunk))
		if desc {
			return -c
		}
		return c
	})
	key := v.NumberKey(col, desc)
	passed := 0 // entries skipped so far, in whole chunks
	p := newPile(desc, after, skip, limit)
	for i, s := range spans {
		if p.worst == nil && len(p.list) >= p.keep {
			p.cut()
		}
		if p.worst != nil && before(p.worst.Key, s.first) {
			break
		}
		if after != nil && before(s.last, after.Key) {
			continue
		}
		part := words[s.chunk*chunkWords : (s.chunk+1)*chunkWords]
		// A chunk that comes entirely before all following ones, and is skipped entirely, need not be sorted.
		if len(p.list) == 0 && (after == nil || before(after.Key, s.first)) &&
			(i+1 == len(spans) || before(s.last, spans[i+1].first)) {
			n := 0
			for _, w := range part {
				n += bits.OnesCount64(w)
			}
			if passed+n <= skip {
				passed += n
				p.keep = skip - passed + limit
				continue
			}
		}
		for w, word := range part {
			for ; word != 0; word &= word - 1 {
				row := uint32(s.chunk*chunkRows + w*64 + bits.TrailingZeros64(word))
				p.add(Entry[int64]{key(row), row})
			}
		}
	}
	return p.page(skip - passed)
}
