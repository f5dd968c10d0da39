package columns

import (
	"hash/maphash"
	"sync"
	"unsafe"
)

// Value is a keyword: Key is compared, Label is what people see.
type Value struct{ Key, Label string }

// values are the values of a column by id. They only grow: a View reads the values that existed when it was made,
// without a lock, while the writer appends after them.
type values struct {
	text []byte
	ends []uint32 // the ends of each value's key and label in text; a label equal to its key is not stored again
}

func (v *values) len() int { return len(v.ends) / 2 }

func (v *values) key(id uint32) string {
	start := uint32(0)
	if id > 0 {
		start = v.ends[2*id-1]
	}
	return v.cut(start, v.ends[2*id])
}

func (v *values) value(id uint32) Value {
	key := v.key(id)
	if start, end := v.ends[2*id], v.ends[2*id+1]; start < end {
		return Value{key, v.cut(start, end)}
	}
	return Value{key, key}
}

// cut returns a part of the text, whose bytes are never written again.
func (v *values) cut(start, end uint32) string {
	if start == end {
		return ""
	}
	return unsafe.String(&v.text[start], end-start)
}

func (v *values) add(val Value) {
	v.text = append(v.text, val.Key...)
	end := uint32(len(v.text))
	if val.Label != val.Key {
		v.text = append(v.text, val.Label...)
	}
	v.ends = append(v.ends, end, uint32(len(v.text)))
}

// dict finds the ids of keys. It is a hash table of ids; the keys themselves are in values. All Views share it.
type dict struct {
	mu    sync.RWMutex
	seed  maphash.Seed
	slots []uint32 // id + 1; the length is a power of two
	used  int
}

func newDict() *dict { return &dict{seed: maphash.MakeSeed(), slots: make([]uint32, 8)} }

// id finds a key among the given values; it ignores newer ones.
func (d *dict) id(key string, among *values) (uint32, bool) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	for i := maphash.String(d.seed, key); ; i++ {
		slot := d.slots[i&uint64(len(d.slots)-1)]
		if slot == 0 {
			return 0, false
		}
		if id := slot - 1; int(id) < among.len() && among.key(id) == key {
			return id, true
		}
	}
}

// add adds the last of all values, whose key is new.
func (d *dict) add(all *values) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.used++; d.used*4 > len(d.slots)*3 {
		// Rebuild the table, which drops the ids of an abandoned edit.
		d.slots, d.used = make([]uint32, 2*len(d.slots)), all.len()
		for id := range all.len() {
			d.put(uint32(id), all)
		}
		return
	}
	d.put(uint32(all.len()-1), all)
}

func (d *dict) put(id uint32, all *values) {
	for i := maphash.String(d.seed, all.key(id)); ; i++ {
		if slot := &d.slots[i&uint64(len(d.slots)-1)]; *slot == 0 {
			*slot = id + 1
			return
		}
	}
}
