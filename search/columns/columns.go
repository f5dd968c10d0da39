// Package columns keeps what is filtered, sorted and counted in memory, by asset number: a bitmap per keyword value and
// an array per column.
//
// A View is immutable, so queries read it without a lock. An Edit copies only what it changes (chunks of rows, bitmaps
// of values) and results in the next View. There is one writer at a time.
package columns

import (
	"cmp"
	"context"
	"math"
	"slices"
	"strings"

	"github.com/RoaringBitmap/roaring/v2"
)

// Set is a set of asset numbers. Sets that come from a View are shared: clone
// before changing one.
type Set = roaring.Bitmap

// NewSet returns a set of the given numbers.
func NewSet(numbers ...uint32) *Set { return roaring.BitmapOf(numbers...) }

// Missing stands for "no value" in a number column.
const Missing = math.MinInt64

// Shape is the number of columns of each type; a column is identified by its index.
type Shape struct{ Keywords, Numbers, Strings int }

// Row is one asset. The lengths match the Shape; a keyword column may hold
// several values, or none.
type Row struct {
	Number   uint32
	Keywords [][]Value
	Numbers  []int64
	Strings  []string
}

type keywordColumn struct {
	dict     *dict
	values   values
	rows     []*keywordChunk
	postings []*postingChunk
}

// View is the state of all columns at one moment.
type View struct {
	shape    Shape
	epoch    uint64 // of the edit that created it
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
		v.keywords[i].dict = newDict()
	}
	return v
}

// Extend returns the view with empty columns appended to those of each type.
func (v *View) Extend(shape Shape) *View {
	c, more := *v, New(shape)
	c.shape = shape
	c.keywords = append(slices.Clone(v.keywords), more.keywords[len(v.keywords):]...)
	c.numbers = append(slices.Clone(v.numbers), more.numbers[len(v.numbers):]...)
	c.strings = append(slices.Clone(v.strings), more.strings[len(v.strings):]...)
	return &c
}

// All returns the set of all rows.
func (v *View) All() *Set { return v.all }

// Bound returns one more than the highest number; 0 if the view is empty.
func (v *View) Bound() uint32 {
	if v.all.IsEmpty() {
		return 0
	}
	return v.all.Maximum() + 1
}

// Number returns a cell; Missing if the row or the value is absent.
func (v *View) Number(col int, n uint32) int64 {
	c := v.numbers[col]
	if i := int(n / chunkRows); i < len(c) && c[i] != nil {
		return c[i].at(n % chunkRows)
	}
	return Missing
}

// String returns a cell; "" if the row is absent.
func (v *View) String(col int, n uint32) string {
	c := v.strings[col]
	if i := int(n / chunkRows); i < len(c) && c[i] != nil {
		return c[i].at(n % chunkRows)
	}
	return ""
}

// row appends the ids of a row's values, in order.
func (k *keywordColumn) row(n uint32, out []uint32) []uint32 {
	if i := int(n / chunkRows); i < len(k.rows) && k.rows[i] != nil {
		return k.rows[i].ids(n%chunkRows, out)
	}
	return out
}

func (k *keywordColumn) posting(id uint32) posting {
	if i := int(id / chunkPostings); i < len(k.postings) && k.postings[i] != nil {
		return k.postings[i].v[id%chunkPostings]
	}
	return posting{}
}

// Equal returns the rows that have the value.
func (v *View) Equal(col int, key string) *Set {
	k := &v.keywords[col]
	id, ok := k.dict.id(key, &k.values)
	if !ok {
		return NewSet()
	}
	return k.posting(id).set()
}

// Where returns the rows that have a value whose key passes the test.
func (v *View) Where(col int, test func(key string) bool) *Set {
	k := &v.keywords[col]
	out := NewSet()
	for id := range uint32(k.values.len()) {
		if test(k.values.key(id)) {
			k.posting(id).addTo(out)
		}
	}
	return out
}

// Range returns the rows of within whose number is in lo..hi, both inclusive. A missing value is in no range.
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
			if x := chunks[i].at(row % chunkRows); x >= lo && x <= hi {
				kept = append(kept, row)
			}
		}
		out.AddMany(kept)
	}
}

// Select returns the rows of within that pass the test. When ctx ends it stops within 4096 rows and returns ctx's
// error.
func (v *View) Select(ctx context.Context, within *Set, test func(number uint32) bool) (*Set, error) {
	out := NewSet()
	buf := make([]uint32, 4096)
	for it := within.ManyIterator(); ; {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		n := it.NextMany(buf)
		if n == 0 {
			return out, nil
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

// Count is a value and the number of rows that have it.
type Count struct {
	Value
	N int
}

// Counts counts the values of a column over the rows of within. It returns the limit most frequent (all if 0) of those
// whose key passes the test (all if nil), most frequent first, then by key.
func (v *View) Counts(col int, within *Set, limit int, test func(key string) bool) []Count {
	k := &v.keywords[col]
	n := make([]int32, k.values.len())
	if len(n) <= 64 {
		for id := range n {
			if p := k.posting(uint32(id)); !p.empty() {
				n[id] = int32(within.AndCardinality(p.set()))
			}
		}
	} else {
		k.tally(within, n)
	}
	// There may be very many, so they have no pointers; only what is returned becomes a Count.
	type tallied struct{ id, n uint32 }
	var list []tallied
	for id, c := range n {
		if c > 0 && (test == nil || test(k.values.key(uint32(id)))) {
			list = append(list, tallied{uint32(id), uint32(c)})
		}
	}
	order := func(a, b tallied) int {
		if a.n != b.n {
			return cmp.Compare(b.n, a.n)
		}
		return strings.Compare(k.values.key(a.id), k.values.key(b.id))
	}
	if limit > 0 && len(list) > limit {
		selectFirst(list, limit, order)
		list = list[:limit]
	}
	slices.SortFunc(list, order)
	out := make([]Count, len(list))
	for i, t := range list {
		out[i] = Count{k.values.value(t.id), int(t.n)}
	}
	return out
}

// tally counts row by row, which is faster if there are many values.
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
			k.rows[i].each(row%chunkRows, func(id uint32) { n[id]++ })
		}
	}
}

// Intersect returns the numbers in both sets, as a new set.
func Intersect(a, b *Set) *Set { return roaring.And(a, b) }

// Union returns the numbers in either set, as a new set.
func Union(a, b *Set) *Set { return roaring.Or(a, b) }

// Minus returns the numbers in a that are not in b, as a new set.
func Minus(a, b *Set) *Set { return roaring.AndNot(a, b) }
