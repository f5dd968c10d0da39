package columns

import (
	"cmp"
	"math"
	"slices"
)

// Entry is a row with the key it is sorted by.
type Entry[K cmp.Ordered] struct {
	Key    K
	Number uint32
}

// NumberKey returns the sort key of a number column; missing values sort last
// in both directions.
func (v *View) NumberKey(col int, desc bool) func(uint32) int64 {
	return func(n uint32) int64 {
		x := v.Number(col, n)
		if x == Missing && !desc {
			return math.MaxInt64
		}
		return x
	}
}

// StringKey is NumberKey for a string column; the empty string is missing.
func (v *View) StringKey(col int, desc bool) func(uint32) string {
	return func(n uint32) string {
		s := v.String(col, n)
		if s == "" && !desc {
			return "\U0010ffff" // sorts after every text, and is still valid UTF-8 for cursors
		}
		return s
	}
}

// KeywordKey is StringKey for a keyword column: a row sorts by the first of its values.
func (v *View) KeywordKey(col int, desc bool) func(uint32) string {
	k := &v.keywords[col]
	var ids []uint32
	return func(n uint32) string {
		ids = k.row(n, ids[:0])
		first := ""
		for i, id := range ids {
			if key := k.values.key(id); i == 0 || key < first {
				first = key
			}
		}
		if first == "" && !desc {
			return "\U0010ffff"
		}
		return first
	}
}

// Top returns the entries of within at positions skip..skip+limit in the order of key, ties by number; desc reverses
// both, so that the order is exactly mirrored. With after set, positions count from behind that entry.
func Top[K cmp.Ordered](within *Set, key func(uint32) K, desc bool, after *Entry[K], skip, limit int) []Entry[K] {
	p := newPile(desc, after, skip, limit)
	if p.keep <= 0 {
		return nil
	}
	buf := make([]uint32, 4096)
	next := within.ManyIterator().NextMany
	if desc {
		// The newest assets have the highest numbers. Read from that end, the first pile is usually the final one, and
		// each further asset costs one comparison.
		next = fromTheEnd(within)
	}
	for n := next(buf); n > 0; n = next(buf) {
		for _, row := range buf[:n] {
			p.add(Entry[K]{key(row), row})
		}
	}
	return p.page(skip)
}

// pile keeps the first of the entries added, in linear time at any depth: it collects twice as many as it keeps, then
// drops the worse half.
type pile[K cmp.Ordered] struct {
	desc  bool
	after *Entry[K]
	keep  int
	list  []Entry[K]
	worst *Entry[K] // entries behind it are dropped; nil while any entry is kept
}

func newPile[K cmp.Ordered](desc bool, after *Entry[K], skip, limit int) pile[K] {
	if limit <= 0 {
		return pile[K]{}
	}
	return pile[K]{desc: desc, after: after, keep: skip + limit}
}

func (p *pile[K]) order(a, b Entry[K]) int {
	c := cmp.Compare(a.Key, b.Key)
	if c == 0 {
		c = cmp.Compare(a.Number, b.Number)
	}
	if p.desc {
		return -c
	}
	return c
}

func (p *pile[K]) add(e Entry[K]) {
	if p.after != nil && p.order(e, *p.after) <= 0 || p.worst != nil && p.order(e, *p.worst) >= 0 {
		return
	}
	p.list = append(p.list, e)
	if len(p.list) >= 2*p.keep+64 {
		p.cut()
	}
}

func (p *pile[K]) cut() {
	selectFirst(p.list, p.keep, p.order)
	p.list = p.list[:p.keep]
	w := slices.MaxFunc(p.list, p.order)
	p.worst = &w
}

// page returns the kept entries, in order, without the first skip.
func (p *pile[K]) page(skip int) []Entry[K] {
	if len(p.list) > p.keep {
		selectFirst(p.list, p.keep, p.order)
		p.list = p.list[:p.keep]
	}
	if skip >= len(p.list) {
		return nil
	}
	if skip > 0 {
		selectFirst(p.list, skip, p.order)
	}
	page := p.list[skip:]
	slices.SortFunc(page, p.order)
	return page
}

// fromTheEnd reads a set in descending order, with the signature of ManyIterator's NextMany.
func fromTheEnd(s *Set) func([]uint32) int {
	it := s.ReverseIterator()
	return func(buf []uint32) int {
		n := 0
		for ; n < len(buf) && it.HasNext(); n++ {
			buf[n] = it.Next()
		}
		return n
	}
}

// selectFirst moves the k first entries, in any order, to the front (quickselect).
func selectFirst[E any](s []E, k int, order func(a, b E) int) {
	lo, hi := 0, len(s)-1
	for lo < hi {
		p := medianOf3(s[lo], s[lo+(hi-lo)/2], s[hi], order)
		i, j := lo, hi
		for i <= j {
			for order(s[i], p) < 0 {
				i++
			}
			for order(s[j], p) > 0 {
				j--
			}
			if i <= j {
				s[i], s[j] = s[j], s[i]
				i++
				j--
			}
		}
		switch {
		case k-1 <= j:
			hi = j
		case k-1 >= i:
			lo = i
		default:
			return
		}
	}
}

func medianOf3[E any](a, b, c E, order func(a, b E) int) E {
	if order(a, b) > 0 {
		a, b = b, a
	}
	if order(b, c) > 0 {
		b = c
	}
	if order(a, b) > 0 {
		return a
	}
	return b
}
