package columns

import "slices"

// A posting lists the rows of a value: a single row in one, a sorted slice while short, a bitmap otherwise.
type posting struct {
	one  uint32
	some bool // one is a row
	more *rows
}

type rows struct {
	epoch uint64 // the edit that created it and may write to it
	small []uint32
	big   *Set
}

const (
	maxSmall      = 32
	chunkPostings = 128
)

// postingChunk belongs to the edit of its epoch; a later edit copies it first.
type postingChunk struct {
	epoch uint64
	v     [chunkPostings]posting
}

func (p posting) empty() bool { return !p.some && p.more == nil }

func (p posting) set() *Set {
	switch {
	case p.some:
		return NewSet(p.one)
	case p.more == nil:
		return NewSet()
	case p.more.big != nil:
		return p.more.big
	}
	return NewSet(p.more.small...)
}

func (p posting) addTo(out *Set) {
	switch {
	case p.some:
		out.Add(p.one)
	case p.more == nil:
	case p.more.big != nil:
		out.Or(p.more.big)
	default:
		out.AddMany(p.more.small)
	}
}

// own makes the rows private to an edit.
func (p *posting) own(epoch uint64) *rows {
	switch m := p.more; {
	case m == nil:
		p.more = &rows{epoch: epoch}
		if p.some {
			p.more.small = []uint32{p.one}
		}
	case m.epoch == epoch:
	case m.big != nil:
		p.more = &rows{epoch: epoch, big: m.big.Clone()}
	default:
		p.more = &rows{epoch: epoch, small: slices.Clone(m.small)}
	}
	p.some = false
	return p.more
}

func (p *posting) add(n uint32, epoch uint64) {
	if p.empty() {
		p.one, p.some = n, true
		return
	}
	if p.some && p.one == n {
		return
	}
	m := p.own(epoch)
	if m.big != nil {
		m.big.Add(n)
		return
	}
	if i, found := slices.BinarySearch(m.small, n); !found {
		m.small = slices.Insert(m.small, i, n)
	}
	if len(m.small) > maxSmall {
		m.big, m.small = NewSet(m.small...), nil
	}
}

func (p *posting) remove(n uint32, epoch uint64) {
	if p.some {
		p.some = p.one != n
		return
	}
	if p.more == nil {
		return
	}
	m := p.own(epoch)
	if m.big != nil {
		if m.big.Remove(n); m.big.GetCardinality() <= maxSmall/2 {
			m.small, m.big = m.big.ToArray(), nil
		}
		return
	}
	if i, found := slices.BinarySearch(m.small, n); found {
		m.small = slices.Delete(m.small, i, i+1)
	}
	switch len(m.small) {
	case 0:
		p.more = nil
	case 1:
		*p = posting{one: m.small[0], some: true}
	}
}

// fit releases the spare capacity that a column got while it was filled.
func (k *keywordColumn) fit() {
	k.values.text, k.values.ends = slices.Clone(k.values.text), slices.Clone(k.values.ends)
	for _, c := range k.postings {
		for i := range c.v {
			if m := c.v[i].more; m != nil && m.big != nil {
				m.big.RunOptimize()
				m.big = m.big.Clone()
			}
		}
	}
}
