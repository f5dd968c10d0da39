package bleve

import (
	"fmt"
	"sort"
	"sync"
	"sync/atomic"

	"github.com/blevesearch/bleve/v2/index/scorch"
	index "github.com/blevesearch/bleve_index_api"
)

// numberCache caches the asset number of each document of each segment: reading it from the index costs more than
// finding the document. Segments are immutable, so entries stay valid; a persisted segment keeps its id and its order.
type numberCache struct {
	mu       sync.Mutex
	segments map[uint64][]atomic.Uint32 // by segment id; 0 is unknown
}

// numbers translates the document numbers of one snapshot.
type numbers struct {
	offsets  []uint64 // first document number of each segment
	segments []*scorch.SegmentSnapshot
	known    [][]atomic.Uint32
	at       int // the segment of the last document requested
}

// snapshot returns the numbers of a snapshot and drops the cached segments that no longer exist.
func (c *numberCache) snapshot(r index.IndexReader) (numbers, error) {
	s, ok := r.(*scorch.IndexSnapshot)
	if !ok {
		return numbers{}, fmt.Errorf("the text index is of an unknown kind: %T", r)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	next := make(map[uint64][]atomic.Uint32, len(s.Segments()))
	var n numbers
	offset := uint64(0)
	for _, seg := range s.Segments() {
		size := uint64(seg.FullSize())
		known, ok := c.segments[seg.Id()]
		if !ok || uint64(len(known)) != size {
			known = make([]atomic.Uint32, size)
		}
		next[seg.Id()] = known
		n.offsets = append(n.offsets, offset)
		n.segments = append(n.segments, seg)
		n.known = append(n.known, known)
		offset += size
	}
	c.segments = next
	return n, nil
}

// of returns the asset number of a document. Each query has its own copy of the receiver.
func (n *numbers) of(doc uint64) (uint32, error) {
	if doc < n.offsets[n.at] || n.at+1 < len(n.offsets) && doc >= n.offsets[n.at+1] {
		n.at = sort.Search(len(n.offsets), func(i int) bool { return n.offsets[i] > doc }) - 1
	}
	cell := &n.known[n.at][doc-n.offsets[n.at]]
	if number := cell.Load(); number != 0 {
		return number, nil
	}
	id, err := n.segments[n.at].DocID(doc - n.offsets[n.at])
	if err != nil {
		return 0, fmt.Errorf("reading the id of a document: %w", err)
	}
	number, err := numberOf(id)
	if err == nil {
		cell.Store(number)
	}
	return number, err
}
