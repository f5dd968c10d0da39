// Package columns keeps what is filtered, sorted and counted in memory, by asset
// number: a bitmap per keyword value and an array per column.
//
// A View never changes, so a query reads one without a lock; an Edit copies only
// what it touches (chunks of rows, bitmaps of values) and ends in the next View.
// There is one writer at a time.
package columns

import (
	"math"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/RoaringBitmap/roaring/v2"
)

// Set is a set of asset numbers. Sets that come from a View are shared: clone
// before changing one.
type Set = roaring.Bitmap

// NewSet returns a set of the given numbers.
func NewSet(numbers ...uint32) *Set { return roaring.BitmapOf(numbers...) }

// Missing stands for "no value" in a number column.
const Missing = math.MinInt64

// Shape is how many columns of each family there are; columns are named by their place.
type Shape struct{ Keywords, Numbers, Strings int }

// Value is a keyword: Key is compared, Label is what people see.
type Value struct{ Key, Label string }

// Row is one asset. The lengths match the Shape; a keyword column may hold
// several values, or none.
type Row struct {
	Number   uint32
	Keywords [][]Value
	Numbers  []int64
	Strings  []string
}

// Rows are stored in chunks so that an edit copies a few kilobytes, not a column.
// The epoch says which edit made the chunk: that edit may write to it, a later one
// copies it first.
const chunkRows = 1024

type numberChunk struct {
	epoch  uint64
	v      [chunkRows]int64
	bounds atomic.Pointer[bounds] // once asked for
}

type stringChunk struct {
	epoch uint64
	v     [chunkRows]string
}

// A keyword cell is 0 for none, the value's id + 1, or, with the top bit set, an
// index into multi.
type keywordChunk struct {
	epoch uint64
	v     [chunkRows]uint32
	multi [][]uint32
}

const multiBit = 1 << 31

func (c *keywordChunk) get(i uint32, buf *[1]uint32) []uint32 {
	x := c.v[i]
	switch {
	case x == 0:
		return nil
	case x&multiBit != 0:
		return c.multi[x&^multiBit]
	}
	buf[0] = x - 1
	return buf[:]
}

// A posting lists the rows of a value: a sorted slice while short, a bitmap after.
type posting struct {
	epoch uint64
	small []uint32
	big   *Set
}

const (
	maxSmall      = 32
	chunkPostings = 128
)

type postingChunk struct {
	epoch uint64
	v     [chunkPostings]posting
}

// dict numbers the values of a column. It only grows, so a View reads the labels
// up to its own length without a lock.
type dict struct {
	mu  sync.RWMutex
	ids map[string]uint32
}

func (d *dict) id(key string) (uint32, bool) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	id, ok := d.ids[key]
	return id, ok
}

type keywordColumn struct {
	dict     *dict
	values   []Value
	rows     []*keywordChunk
	postings []*postingChunk
}

// View is the state of all columns at one moment.
type View struct {
	shape    Shape
	epoch    uint64 // of the edit that made it
	all      *Set
	keywords []keywordColumn
	numbers  [][]*numberChunk
	strings  [][]*stringChunk
}

// New returns an empty view.
func New(shape Shape) *View {
	v := &View{shape: shape, all: NewSet(), keywords: make([]keywordColumn, shape.Keywords),
		numbers: make([][]*numberChunk, shape.Numbers), strings: make([][]*stringChunk, shape.Strings)}
	for i := range v.keywords {
		v.keywords[i].dict = &dict{ids: map[string]uint32{}}
	}
	return v
}

// Extend returns the view with more columns behind the ones of each family, all empty.
func (v *View) Extend(shape Shape) *View {
	c, more := *v, New(shape)
	c.shape = shape
	c.keywords = append(slices.Clone(v.keywords), more.keywords[len(v.keywords):]...)
	c.numbers = append(slices.Clone(v.numbers), more.numbers[len(v.numbers):]...)
	c.strings = append(slices.Clone(v.strings), more.strings[len(v.strings):]...)
	return &c
}

// All is the set of every row.
func (v *View) All() *Set { return v.all }

// Bound is one more than the highest number; 0 when empty.
func (v *View) Bound() uint32 {
	if v.all.IsEmpty() {
		return 0
	}
	return v.all.Maximum() + 1
}

// Number returns a cell; Missing when the row or the value is absent.
func (v *View) Number(col int, n uint32) int64 {
	c := v.numbers[col]
	if i := int(n / chunkRows); i < len(c) && c[i] != nil {
		return c[i].v[n%chunkRows]
	}
	return Missing
}

// String returns a cell; "" when the row is absent.
func (v *View) String(col int, n uint32) string {
	c := v.strings[col]
	if i := int(n / chunkRows); i < len(c) && c[i] != nil {
		return c[i].v[n%chunkRows]
	}
	return ""
}

func (k *keywordColumn) row(n uint32, buf *[1]uint32) []uint32 {
	if i := int(n / chunkRows); i < len(k.rows) && k.rows[i] != nil {
		return k.rows[i].get(n%chunkRows, buf)
	}
	return nil
}

func (k *keywordColumn) posting(id uint32) posting {
	if i := int(id / chunkPostings); i < len(k.postings) && k.postings[i] != nil {
		return k.postings[i].v[id%chunkPostings]
	}
	return posting{}
}

func (p posting) set() *Set {
	if p.big != nil {
		return p.big
	}
	return NewSet(p.small...)
}

func (p posting) empty() bool { return p.big == nil && len(p.small) == 0 }

// Equal is the set of rows that hold the value.
func (v *View) Equal(col int, key string) *Set {
	k := &v.keywords[col]
	id, ok := k.dict.id(key)
	if !ok {
		return NewSet()
	}
	return k.posting(id).set()
}

// Where is the set of rows that hold a value whose key satisfies the test.
func (v *View) Where(col int, test func(key string) bool) *Set {
	k := &v.keywords[col]
	out := NewSet()
	for id := range k.values {
		if !test(k.values[id].Key) {
			continue
		}
		if p := k.posting(uint32(id)); p.big != nil {
			out.Or(p.big)
		} else {
			out.AddMany(p.small)
		}
	}
	return out
}

// Range is the subset of within whose number lies in lo..hi, both inclusive. A
// missing value lies nowhere.
func (v *View) Range(col int, lo, hi int64, within *Set) *Set {
	chunks := v.numbers[col]
	lo = max(lo, Missing+1)
	if lo > hi {
		return NewSet()
	}
	if words := v.dense(within); words != nil {
		return rangeDense(chunks, lo, hi, words)
	}
	out := NewSet()
	buf := make([]uint32, 4096)
	for it := within.ManyIterator(); ; {
		n := it.NextMany(buf)
		if n == 0 {
			return out
		}
		kept := buf[:0]
		for _, row := range buf[:n] {
			i := int(row / chunkRows)
			if i >= len(chunks) || chunks[i] == nil {
				continue
			}
			if x := chunks[i].v[row%chunkRows]; x >= lo && x <= hi {
				kept = append(kept, row)
			}
		}
		out.AddMany(kept)
	}
}

// Select is the subset of within that satisfies the test.
func (v *View) Select(within *Set, test func(number uint32) bool) *Set {
	out := NewSet()
	buf := make([]uint32, 4096)
	for it := within.ManyIterator(); ; {
		n := it.NextMany(buf)
		if n == 0 {
			return out
		}
		kept := buf[:0]
		for _, x := range buf[:n] {
			if test(x) {
				kept = append(kept, x)
			}
		}
		out.AddMany(kept)
	}
}

// Count is how many rows hold a value.
type Count struct {
	Value
	N int
}

// Counts counts the values of a column over the rows of within: the limit most
// frequent (all when 0) of those that pass the test (all when nil), most frequent
// first, then by key.
func (v *View) Counts(col int, within *Set, limit int, test func(key string) bool) []Count {
	k := &v.keywords[col]
	n := make([]int32, len(k.values))
	if len(k.values) <= 64 {
		for id := range n {
			if p := k.posting(uint32(id)); !p.empty() {
				n[id] = int32(within.AndCardinality(p.set()))
			}
		}
	} else {
		k.tally(within, n)
	}
	var out []Count
	for id, c := range n {
		if c > 0 && (test == nil || test(k.values[id].Key)) {
			out = append(out, Count{k.values[id], int(c)})
		}
	}
	order := func(a, b Count) int {
		if a.N != b.N {
			return b.N - a.N
		}
		return strings.Compare(a.Key, b.Key)
	}
	if limit > 0 && len(out) > limit {
		selectFirst(out, limit, order)
		out = out[:limit]
	}
	slices.SortFunc(out, order)
	return out
}

// tally counts row by row: the better way when there are many values.
func (k *keywordColumn) tally(within *Set, n []int32) {
	buf := make([]uint32, 4096)
	for it := within.ManyIterator(); ; {
		got := it.NextMany(buf)
		if got == 0 {
			return
		}
		for _, row := range buf[:got] {
			i := int(row / chunkRows)
			if i >= len(k.rows) || k.rows[i] == nil {
				continue
			}
			c := k.rows[i]
			switch x := c.v[row%chunkRows]; {
			case x == 0:
			case x&multiBit != 0:
				for _, id := range c.multi[x&^multiBit] {
					n[id]++
				}
			default:
				n[x-1]++
			}
		}
	}
}

// Intersect returns the numbers in both sets, as a new set.
func Intersect(a, b *Set) *Set { return roaring.And(a, b) }

// Union returns the numbers in either set, as a new set.
func Union(a, b *Set) *Set { return roaring.Or(a, b) }

// Minus returns the numbers in a that are not in b, as a new set.
func Minus(a, b *Set) *Set { return roaring.AndNot(a, b) }
