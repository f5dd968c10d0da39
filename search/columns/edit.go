package columns

import "slices"

// Edit is a change in the making. The View it started from stays as it was.
type Edit struct {
	view   *View
	epoch  uint64
	allOwn bool
	// Which spines (slices of chunk pointers) are already copies.
	ownRows, ownPostings, ownNumbers, ownStrings []bool
}

// Edit starts a change.
func (v *View) Edit() *Edit {
	c := *v
	c.epoch++
	c.keywords = slices.Clone(v.keywords)
	c.numbers = slices.Clone(v.numbers)
	c.strings = slices.Clone(v.strings)
	return &Edit{view: &c, epoch: c.epoch, ownRows: make([]bool, v.shape.Keywords), ownPostings: make([]bool, v.shape.Keywords),
		ownNumbers: make([]bool, v.shape.Numbers), ownStrings: make([]bool, v.shape.Strings)}
}

// View ends the edit and returns the new state. The Edit must not be used afterwards.
func (e *Edit) View() *View { return e.view }

func (e *Edit) ownAll() *Set {
	if !e.allOwn {
		e.view.all, e.allOwn = e.view.all.Clone(), true
	}
	return e.view.all
}

// own makes the spine private and long enough for index i.
func own[C any](spine *[]*C, owned *bool, i int) {
	if !*owned {
		*spine, *owned = slices.Clone(*spine), true
	}
	for len(*spine) <= i {
		*spine = append(*spine, nil)
	}
}

// Put adds a row, or replaces the one with the same number.
func (e *Edit) Put(r Row) {
	v := e.view
	if !v.all.Contains(r.Number) {
		e.ownAll().Add(r.Number)
	}
	for col, vals := range r.Keywords {
		e.putKeywords(col, r.Number, vals)
	}
	for col, x := range r.Numbers {
		e.putNumber(col, r.Number, x)
	}
	for col, s := range r.Strings {
		e.putString(col, r.Number, s)
	}
}

// Remove takes a row away; an absent row is no error.
func (e *Edit) Remove(n uint32) {
	v := e.view
	if !v.all.Contains(n) {
		return
	}
	e.ownAll().Remove(n)
	for col := range v.keywords {
		e.putKeywords(col, n, nil)
	}
	for col := range v.numbers {
		e.putNumber(col, n, Missing)
	}
	for col := range v.strings {
		e.putString(col, n, "")
	}
}

func (e *Edit) putNumber(col int, n uint32, x int64) {
	if e.view.Number(col, n) == x {
		return
	}
	i := int(n / chunkRows)
	own(&e.view.numbers[col], &e.ownNumbers[col], i)
	spine := e.view.numbers[col]
	switch c := spine[i]; {
	case c == nil:
		spine[i] = &numberChunk{epoch: e.epoch}
		for j := range spine[i].v {
			spine[i].v[j] = Missing
		}
	case c.epoch != e.epoch:
		spine[i] = &numberChunk{epoch: e.epoch, v: c.v}
	}
	spine[i].v[n%chunkRows] = x
	spine[i].bounds.Store(nil)
}

func (e *Edit) putString(col int, n uint32, s string) {
	if e.view.String(col, n) == s {
		return
	}
	i := int(n / chunkRows)
	own(&e.view.strings[col], &e.ownStrings[col], i)
	spine := e.view.strings[col]
	switch c := spine[i]; {
	case c == nil:
		spine[i] = &stringChunk{epoch: e.epoch}
	case c.epoch != e.epoch:
		spine[i] = &stringChunk{epoch: e.epoch, v: c.v}
	}
	spine[i].v[n%chunkRows] = s
}

func (e *Edit) putKeywords(col int, n uint32, vals []Value) {
	k := &e.view.keywords[col]
	ids := make([]uint32, 0, len(vals))
	for _, val := range vals {
		ids = append(ids, k.intern(val))
	}
	slices.Sort(ids)
	e.putIDs(col, n, slices.Compact(ids))
}

// putIDs takes ids in order, without repetition.
func (e *Edit) putIDs(col int, n uint32, ids []uint32) {
	k := &e.view.keywords[col]
	var buf [1]uint32
	old := k.row(n, &buf)
	if slices.Equal(old, ids) {
		return
	}
	for _, id := range old {
		if !slices.Contains(ids, id) {
			e.post(col, id).remove(n)
		}
	}
	for _, id := range ids {
		if !slices.Contains(old, id) {
			e.post(col, id).add(n)
		}
	}
	i := int(n / chunkRows)
	own(&k.rows, &e.ownRows[col], i)
	switch c := k.rows[i]; {
	case c == nil:
		k.rows[i] = &keywordChunk{epoch: e.epoch}
	case c.epoch != e.epoch:
		k.rows[i] = &keywordChunk{epoch: e.epoch, v: c.v, multi: slices.Clone(c.multi)}
	}
	k.rows[i].set(n%chunkRows, ids)
}

func (c *keywordChunk) set(i uint32, ids []uint32) {
	old := c.v[i]
	switch {
	case len(ids) > 1 && old&multiBit != 0:
		c.multi[old&^multiBit] = ids // the cell's slot is reused
	case len(ids) > 1:
		c.v[i] = multiBit | uint32(len(c.multi))
		c.multi = append(c.multi, ids)
	case len(ids) == 1:
		c.v[i] = ids[0] + 1
	default:
		c.v[i] = 0
	}
	// Slots of cells that became short are garbage; drop them when they pile up.
	if len(c.multi) > 2*chunkRows {
		var multi [][]uint32
		for j, x := range c.v {
			if x&multiBit != 0 {
				c.v[j] = multiBit | uint32(len(multi))
				multi = append(multi, c.multi[x&^multiBit])
			}
		}
		c.multi = multi
	}
}

// intern numbers a value. The first label seen stays.
func (k *keywordColumn) intern(v Value) uint32 {
	if id, ok := k.dict.id(v.Key); ok {
		return id
	}
	id := uint32(len(k.values))
	k.values = append(k.values, v)
	k.dict.mu.Lock()
	k.dict.ids[v.Key] = id
	k.dict.mu.Unlock()
	return id
}

func (e *Edit) post(col int, id uint32) *posting {
	k := &e.view.keywords[col]
	i := int(id / chunkPostings)
	own(&k.postings, &e.ownPostings[col], i)
	switch c := k.postings[i]; {
	case c == nil:
		k.postings[i] = &postingChunk{epoch: e.epoch}
	case c.epoch != e.epoch:
		k.postings[i] = &postingChunk{epoch: e.epoch, v: c.v}
	}
	p := &k.postings[i].v[id%chunkPostings]
	if p.epoch != e.epoch {
		if p.big != nil {
			p.big = p.big.Clone()
		} else {
			p.small = slices.Clone(p.small)
		}
		p.epoch = e.epoch
	}
	return p
}

func (p *posting) add(n uint32) {
	if p.big != nil {
		p.big.Add(n)
		return
	}
	if i, found := slices.BinarySearch(p.small, n); !found {
		p.small = slices.Insert(p.small, i, n)
	}
	if len(p.small) > maxSmall {
		p.big, p.small = NewSet(p.small...), nil
	}
}

func (p *posting) remove(n uint32) {
	if p.big == nil {
		if i, found := slices.BinarySearch(p.small, n); found {
			p.small = slices.Delete(p.small, i, i+1)
		}
		return
	}
	p.big.Remove(n)
	if p.big.GetCardinality() <= maxSmall/2 {
		p.small, p.big = p.big.ToArray(), nil
	}
}
