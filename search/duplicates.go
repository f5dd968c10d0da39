package search

import (
	"cmp"
	"context"
	"math/bits"
	"slices"
	"strconv"

	"vitrine/dam"
	"vitrine/dam/reasons"
	"vitrine/dam/similarity/visual"
	"vitrine/search/columns"
)

// LeastDuplicate is the lowest score that a report of near duplicates accepts: below it nearly everything is similar.
const LeastDuplicate = 0.75

// Group is a group of near duplicates.
type Group struct {
	// Number is the number of the first asset. Groups are ordered by it, the highest first.
	Number uint32
	// IDs are the assets of the group. The first is the best one to keep: public before not public, then more pixels,
	// then older. Every other asset has at least the requested score with it.
	IDs []string
}

// Duplicates reports all groups of pictures, or of videos, that score at least least with the first of their group, and
// the log position of the answer. It uses Library, Q, Zone, Resolve and WaitSeq of the request. Its errors are those of
// Query.
func (x *Index) Duplicates(ctx context.Context, r Request, least float64) ([]Group, int64, error) {
	if !(least >= LeastDuplicate && least <= 1) {
		return nil, 0, dam.InvalidInput("min",
			reasons.ScoreOutOfRange(strconv.FormatFloat(LeastDuplicate, 'g', -1, 64)))
	}
	st, err := x.acquire(ctx, r.WaitSeq, false)
	if err != nil {
		return nil, 0, err
	}
	defer st.text.release()
	tree, err := x.read(st.schema, &r)
	if err != nil {
		return nil, 0, err
	}
	e := &evaluation{ctx: ctx, index: x, schema: st.schema, view: st.view, text: st.text.snapshot}
	sel, err := e.selection(tree, &r)
	if err != nil {
		return nil, 0, err
	}
	groups, err := x.reported.report(e, sel.found, least)
	if err != nil {
		return nil, 0, err
	}
	out := make([]Group, len(groups))
	for i, g := range groups {
		out[i] = Group{Number: g[0], IDs: make([]string, len(g))}
		for j, n := range g {
			out[i].IDs[j] = st.view.String(stringID, n)
		}
	}
	return out, st.seq, nil
}

// lastReport keeps the newest report, so that reading it page by page is cheap. Its lock also makes concurrent callers
// wait for a report that is being made instead of making it again.
type lastReport struct {
	busy   chan struct{}
	view   *columns.View
	within *columns.Set
	least  float64
	groups [][]uint32
}

func newReport() *lastReport { return &lastReport{busy: make(chan struct{}, 1)} }

func (l *lastReport) report(e *evaluation, within *columns.Set, least float64) ([][]uint32, error) {
	select {
	case l.busy <- struct{}{}:
		defer func() { <-l.busy }()
	case <-e.ctx.Done():
		return nil, &dam.Error{Code: dam.Unavailable, Reason: reasons.ReportInMaking(), Err: e.ctx.Err()}
	}
	if l.view == e.view && l.least == least && l.within.Equals(within) {
		return l.groups, nil
	}
	groups, err := e.groups(within, least)
	if err == nil {
		l.view, l.within, l.least, l.groups = e.view, within, least, groups
	}
	return groups, err
}

// candidate is a picture that a report compares.
type candidate struct {
	visual.Signature
	number uint32
	live   bool
	pixels int64
	taken  bool // already in a group
}

// groups puts the best of the remaining pictures first in a group until none is left. Pictures and videos are compared
// separately, because a video is not a duplicate of its poster.
func (e *evaluation) groups(within *columns.Set, least float64) ([][]uint32, error) {
	var out [][]uint32
	for _, kind := range []dam.Kind{dam.KindImage, dam.KindVideo} {
		list := e.candidates(columns.Intersect(within, e.view.Equal(e.schema.kind.col, string(kind))))
		slices.SortFunc(list, func(a, b candidate) int {
			if a.live != b.live {
				return cmp.Compare(b2i(b.live), b2i(a.live))
			}
			return cmp.Or(cmp.Compare(b.pixels, a.pixels), cmp.Compare(a.number, b.number))
		})
		found, err := gather(e.ctx, list, least)
		if err != nil {
			return nil, err
		}
		out = append(out, found...)
	}
	slices.SortFunc(out, func(a, b []uint32) int { return cmp.Compare(b[0], a[0]) })
	return out, nil
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

func (e *evaluation) candidates(within *columns.Set) []candidate {
	s, v := e.schema, e.view
	live := v.Equal(s.is.col, "live")
	width, height := s.byName["width"].col, s.byName["height"].col
	var list []candidate
	for it := within.Iterator(); it.HasNext(); {
		n := it.Next()
		if sig, ok := s.signature(v, n); ok {
			list = append(list, candidate{Signature: sig, number: n, live: live.Contains(n),
				pixels: max(0, v.Number(width, n)) * max(0, v.Number(height, n))})
		}
	}
	return list
}

// gather compares exactly without comparing every pair. Hashes that differ in few bits must be nearly equal in at least
// one of four parts, so it looks up the values of the parts instead.
func gather(ctx context.Context, list []candidate, least float64) ([][]uint32, error) {
	far := visual.MaxDistance(least)
	var parts [hashParts]partIndex
	for p := range parts {
		parts[p] = indexPart(list, p)
	}
	flips := within16(far / hashParts)
	var out [][]uint32
	for i := range list {
		if i%256 == 0 && ctx.Err() != nil {
			return nil, &dam.Error{Code: dam.Unavailable, Reason: reasons.ReportTakesTooLong(), Err: ctx.Err()}
		}
		best := &list[i]
		if best.taken {
			continue
		}
		best.taken = true
		group := []uint32{best.number}
		ref := best.Reference()
		for p := range parts {
			own := part(best.Hash, p)
			for _, flip := range flips {
				for _, e := range parts[p].rows(own ^ flip) {
					if bits.OnesCount64(best.Hash^e.hash) > far {
						continue
					}
					if c := &list[e.at]; !c.taken && ref.Score(c.Signature) >= least {
						c.taken = true
						group = append(group, c.number)
					}
				}
			}
		}
		if len(group) > 1 {
			slices.Sort(group[1:])
			out = append(out, group)
		}
	}
	return out, nil
}

const hashParts = 4

func part(hash uint64, p int) uint16 { return uint16(hash >> (16 * p)) }

// partIndex lists the candidates by one part of their hashes. It has the whole hashes beside them, because fetching
// them from the candidates would cost far more than comparing them.
type partIndex struct {
	starts []uint32 // of the rows of each value; one more at the end
	list   []entry
}

type entry struct {
	hash uint64
	at   uint32
}

func indexPart(list []candidate, p int) partIndex {
	x := partIndex{starts: make([]uint32, 1<<16+1), list: make([]entry, len(list))}
	for i := range list {
		x.starts[int(part(list[i].Hash, p))+1]++
	}
	for v := range 1 << 16 {
		x.starts[v+1] += x.starts[v]
	}
	next := slices.Clone(x.starts)
	for i := range list {
		v := part(list[i].Hash, p)
		x.list[next[v]] = entry{list[i].Hash, uint32(i)}
		next[v]++
	}
	return x
}

func (x *partIndex) rows(v uint16) []entry { return x.list[x.starts[v]:x.starts[int(v)+1]] }

// within16 lists every 16-bit value with at most n bits.
func within16(n int) []uint16 {
	var out []uint16
	for v := range 1 << 16 {
		if bits.OnesCount(uint(v)) <= n {
			out = append(out, uint16(v))
		}
	}
	return out
}
