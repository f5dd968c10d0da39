package columns

import (
	"encoding/binary"
	"math"
	"strings"
)

// cells are numbers, stored relative to the least of them in as few bytes each as possible. They are immutable.
type cells struct {
	least int64
	// At most one of these is set; none if all are Missing. In the first three, 0 is Missing.
	one   []uint8
	two   []uint16
	four  []uint32
	eight []int64
}

func pack(v []int64) cells {
	c := cells{least: math.MaxInt64}
	greatest := int64(Missing)
	for _, x := range v {
		if x != Missing {
			c.least, greatest = min(c.least, x), max(greatest, x)
		}
	}
	if c.least > greatest {
		return cells{}
	}
	switch spread := uint64(greatest) - uint64(c.least); {
	case spread < math.MaxUint8:
		c.one = narrow[uint8](v, c.least)
	case spread < math.MaxUint16:
		c.two = narrow[uint16](v, c.least)
	case spread < math.MaxUint32:
		c.four = narrow[uint32](v, c.least)
	default:
		c.eight = append([]int64(nil), v...)
	}
	return c
}

func narrow[N uint8 | uint16 | uint32](v []int64, least int64) []N {
	out := make([]N, len(v))
	for i, x := range v {
		if x != Missing {
			out[i] = N(uint64(x)-uint64(least)) + 1
		}
	}
	return out
}

func (c *cells) at(i uint32) int64 {
	var x int64
	switch {
	case c.one != nil:
		x = int64(c.one[i])
	case c.two != nil:
		x = int64(c.two[i])
	case c.four != nil:
		x = int64(c.four[i])
	case c.eight != nil:
		return c.eight[i]
	}
	if x == 0 {
		return Missing
	}
	return c.least + x - 1
}

// chunkRows is the number of rows in a chunk. Rows are stored in chunks so that an edit copies a few kilobytes and not
// a column. An edit unpacks a chunk into a draft of its own, and packs it when it ends. The chunks of a View have no
// draft and are immutable.
const chunkRows = 1024

type numberChunk struct {
	cells
	draft  *[chunkRows]int64
	bounds bounded
}

func (c *numberChunk) at(i uint32) int64 {
	if c.draft != nil {
		return c.draft[i]
	}
	return c.cells.at(i)
}

// thaw returns a copy of the chunk that may be changed.
func (c *numberChunk) thaw() *numberChunk {
	out := &numberChunk{draft: new([chunkRows]int64)}
	for i := range out.draft {
		out.draft[i] = Missing
		if c != nil {
			out.draft[i] = c.cells.at(uint32(i))
		}
	}
	return out
}

func (c *numberChunk) frozen() bool { return c.draft == nil }

func (c *numberChunk) freeze() { c.cells, c.draft = pack(c.draft[:]), nil }

type stringChunk struct {
	text  string
	ends  cells // the end of each row's value in text
	draft *[chunkRows]string
}

func (c *stringChunk) at(i uint32) string {
	if c.draft != nil {
		return c.draft[i]
	}
	start := int64(0)
	if i > 0 {
		start = c.ends.at(i - 1)
	}
	return c.text[start:c.ends.at(i)]
}

func (c *stringChunk) thaw() *stringChunk {
	out := &stringChunk{draft: new([chunkRows]string)}
	for i := range out.draft {
		if c != nil {
			out.draft[i] = c.at(uint32(i))
		}
	}
	return out
}

func (c *stringChunk) frozen() bool { return c.draft == nil }

func (c *stringChunk) freeze() {
	var ends [chunkRows]int64
	end := 0
	for i, s := range c.draft {
		end += len(s)
		ends[i] = int64(end)
	}
	var b strings.Builder
	b.Grow(end)
	for _, s := range c.draft {
		b.WriteString(s)
	}
	*c = stringChunk{text: b.String(), ends: pack(ends[:])}
}

// A keywordChunk has a code for each row: Missing for no value, twice the id for a single value, or twice a position in
// lists, plus one. At that position is the number of values, and then their ids. Rows with the same values share a
// list.
type keywordChunk struct {
	codes cells
	lists cells
	draft *keywordDraft
}

type keywordDraft struct {
	codes [chunkRows]int64
	lists []int64
}

// each calls see with the ids of a row's values, in order.
func (c *keywordChunk) each(i uint32, see func(id uint32)) {
	code := c.codes.at(i)
	switch {
	case code == Missing:
	case code&1 == 0:
		see(uint32(code >> 1))
	default:
		at := uint32(code >> 1)
		for n := uint32(c.lists.at(at)); n > 0; n-- {
			at++
			see(uint32(c.lists.at(at)))
		}
	}
}

// ids appends the ids of a row's values, in order.
func (c *keywordChunk) ids(i uint32, out []uint32) []uint32 {
	if c.draft == nil {
		c.each(i, func(id uint32) { out = append(out, id) })
		return out
	}
	switch code := c.draft.codes[i]; {
	case code == Missing:
	case code&1 == 0:
		out = append(out, uint32(code>>1))
	default:
		at := code >> 1
		for _, id := range c.draft.lists[at+1 : at+1+c.draft.lists[at]] {
			out = append(out, uint32(id))
		}
	}
	return out
}

func (c *keywordChunk) thaw() *keywordChunk {
	d := &keywordDraft{}
	out := &keywordChunk{draft: d}
	var ids []uint32
	for i := range d.codes {
		d.codes[i] = Missing
		if c != nil {
			ids = c.ids(uint32(i), ids[:0])
			d.set(uint32(i), ids)
		}
	}
	return out
}

func (d *keywordDraft) set(i uint32, ids []uint32) {
	switch len(ids) {
	case 0:
		d.codes[i] = Missing
	case 1:
		d.codes[i] = int64(ids[0]) << 1
	default:
		d.codes[i] = int64(len(d.lists))<<1 | 1
		d.lists = append(d.lists, int64(len(ids)))
		for _, id := range ids {
			d.lists = append(d.lists, int64(id))
		}
	}
}

func (c *keywordChunk) frozen() bool { return c.draft == nil }

func (c *keywordChunk) freeze() {
	d := c.draft
	var lists []int64
	var key []byte
	places := map[string]int64{}
	for i, code := range d.codes {
		if code == Missing || code&1 == 0 {
			continue
		}
		at := code >> 1
		list := d.lists[at : at+1+d.lists[at]]
		key = key[:0]
		for _, x := range list {
			key = binary.AppendUvarint(key, uint64(x))
		}
		place, ok := places[string(key)]
		if !ok {
			place = int64(len(lists))
			places[string(key)] = place
			lists = append(lists, list...)
		}
		d.codes[i] = place<<1 | 1
	}
	*c = keywordChunk{codes: pack(d.codes[:]), lists: pack(lists)}
}
