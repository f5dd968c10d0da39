package columns

import "slices"

// Edit is a change in progress. The View that it started from does not change.
type Edit struct {
	view   *View
	epoch  uint64
	allOwn bool
	// Which spines (slices of chunk pointers) have already been copied.
	ownRows, ownPostings, ownNumbers, ownStrings []bool
	drafts                                       []interface{ freeze() }
	old                                          []uint32 // scratch
}

// Edit starts a change.
func (v *View) Edit() *Edit {
	c := *v
	c.epoch++
	c.keywords = slices.Clone(v.keywords)
	c.numbers = slices.Clone(v.numbers)
	c.strings = slices.Clone(v.strings)
	return &Edit{view: &c, epoch: c.epoch, ownRows: make([]bool, v.shape.Keywords),
		ownPostings: make([]bool, v.shape.Keywords),
		ownNumbers:  make([]bool, v.shape.Numbers), ownStrings: make([]bool, v.shape.Strings)}
}

// View ends the edit and returns the new state. The Edit must not be used afterwards.
func (e *Edit) View() *View {
	e.freeze()
	return e.view
}

// freeze packs what was changed so far.
func (e *Edit) freeze() {
	for _, d := range e.drafts {
		d.freeze()
	}
	e.drafts = nil
}

func (e *Edit) ownAll() *Set {
	if !e.allOwn {
		e.view.all, e.allOwn = e.view.all.Clone(), true
	}
	return e.view.all
}

// own makes the spine private to the edit and long enough for index i.
func own[C any](spine *[]*C, owned *bool, i int) {
	if !*owned {
		*spine, *owned = slices.Clone(*spine), true
	}
	for len(*spine) <= i {
		*spine = append(*spine, nil)
	}
}

type chunk[C any] interface {
	*C
	frozen() bool
	thaw() *C
	freeze()
}

// draft makes chunk i private to the edit, and writable.
func draft[C any, P chunk[C]](e *Edit, spine *[]*C, owned *bool, i int) *C {
	own(spine, owned, i)
	c := P((*spine)[i])
	if c == nil || c.frozen() {
		c = c.thaw()
		(*spine)[i] = c
		e.drafts = append(e.drafts, c)
	}
	return c
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

// Remove removes a row; an absent row is not an error.
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
	c := draft(e, &e.view.numbers[col], &e.ownNumbers[col], int(n/chunkRows))
	c.draft[n%chunkRows] = x
}

func (e *Edit) putString(col int, n uint32, s string) {
	if e.view.String(col, n) == s {
		return
	}
	c := draft(e, &e.view.strings[col], &e.ownStrings[col], int(n/chunkRows))
	c.draft[n%chunkRows] = s
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

// putIDs stores ids, which must be sorted and without repetition.
func (e *Edit) putIDs(col int, n uint32, ids []uint32) {
	k := &e.view.keywords[col]
	e.old = k.row(n, e.old[:0])
	if slices.Equal(e.old, ids) {
		return
	}
	for _, id := range e.old {
		if !slices.Contains(ids, id) {
			e.post(col, id).remove(n, e.epoch)
		}
	}
	for _, id := range ids {
		if !slices.Contains(e.old, id) {
			e.post(col, id).add(n, e.epoch)
		}
	}
	c := draft(e, &k.rows, &e.ownRows[col], int(n/chunkRows))
	c.draft.set(n%chunkRows, ids)
}

// intern returns the id of a value, adding the value if it is new. The first label of a key is kept.
func (k *keywordColumn) intern(v Value) uint32 {
	if id, ok := k.dict.id(v.Key, &k.values); ok {
		return id
	}
	k.values.add(v)
	k.dict.add(&k.values)
	return uint32(k.values.len() - 1)
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
	return &k.postings[i].v[id%chunkPostings]
}
