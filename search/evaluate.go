package search

import (
	"context"
	"math"
	"strings"
	"sync"

	"vitrine/search/columns"
)

// evaluation evaluates one query tree on one state: text from the snapshot, everything else from the columns.
type evaluation struct {
	ctx    context.Context
	index  *Index
	schema *schema
	view   *columns.View
	text   TextSnapshot
	// scores are by asset number, if scored; allocated on first use.
	scored bool
	scores []float32
	// visible is everything the actor may see here, whatever the query; set if the query names another asset.
	visible *columns.Set
	// filtered means that there may be assets that the actor doesn't see: they are not told what is stale, by whose
	// source that may be.
	filtered bool
}

// find returns the assets of within that match the tree, as a new set.
func (e *evaluation) find(n Node, within *columns.Set) (*columns.Set, error) {
	if err := e.ctx.Err(); err != nil {
		return nil, err
	}
	if textOnly(n) {
		return e.findText(n, within)
	}
	switch n := n.(type) {
	case And:
		return e.findAll(n, within)
	case Or:
		out := columns.NewSet()
		var texts Or
		for _, c := range n {
			if textOnly(c) {
				texts = append(texts, c)
				continue
			}
			s, err := e.find(c, within)
			if err != nil {
				return nil, err
			}
			out.Or(s)
		}
		if texts != nil {
			s, err := e.findText(texts, within)
			if err != nil {
				return nil, err
			}
			out.Or(s)
		}
		return out, nil
	case Not:
		scored := e.scored
		e.scored = false // what is excluded does not affect the rank
		s, err := e.find(n.Node, within)
		e.scored = scored
		if err != nil {
			return nil, err
		}
		return columns.Minus(within, s), nil
	case *Match:
		return e.match(n, within)
	case *Members:
		scored := e.scored
		e.scored = false // what a collection has does not affect the rank
		s, err := e.find(n.Node, within)
		e.scored = scored
		return s, err
	case *Numbers:
		return columns.Intersect(within, n.Set), nil
	case *Range:
		return e.view.Range(n.Field.col, n.Lo, n.Hi, within), nil
	case *Near:
		return e.near(n, within)
	case *Area:
		return e.area(n, within), nil
	case *ColorNear:
		return e.colorNear(n, within)
	case *Similar:
		return e.similarTo(n, within)
	}
	return columns.NewSet(), nil
}

// findAll narrows the set step by step: bitmaps first, then all text at once, then the conditions that must check every
// remaining row.
func (e *evaluation) findAll(list And, within *columns.Set) (*columns.Set, error) {
	cost := func(n Node) int {
		switch n.(type) {
		case *Match, *Numbers:
			return 0
		case *Range, *Near, *Area, *ColorNear, *Similar:
			return 3
		}
		return 2
	}
	var texts And
	var steps [4][]Node
	for _, c := range list {
		if textOnly(c) {
			texts = append(texts, c)
		} else {
			k := cost(c)
			steps[k] = append(steps[k], c)
		}
	}
	if texts != nil {
		steps[1] = []Node{texts}
	}
	cur := within
	for _, step := range steps {
		for _, c := range step {
			next, err := e.find(c, cur)
			if err != nil {
				return nil, err
			}
			cur = next
		}
	}
	if cur == within {
		return within.Clone(), nil
	}
	return cur, nil
}

// textOnly reports whether the text index can evaluate the whole tree.
func textOnly(n Node) bool {
	var children []Node
	switch n := n.(type) {
	case *Words:
		return true
	case And:
		children = n
	case Or:
		children = n
	default:
		return false
	}
	for _, c := range children {
		if !textOnly(c) {
			return false
		}
	}
	return len(children) > 0
}

func (e *evaluation) findText(n Node, within *columns.Set) (*columns.Set, error) {
	if within.IsEmpty() {
		return columns.NewSet(), nil
	}
	hits, err := e.text.Match(e.ctx, n, e.scored)
	if err != nil {
		return nil, err
	}
	if e.scored {
		if e.scores == nil {
			e.scores = takeScores(int(e.view.Bound()))
		}
		for i, number := range hits.Numbers {
			if int(number) < len(e.scores) {
				e.scores[number] += hits.Scores[i]
			}
		}
	}
	out := columns.NewSet()
	out.AddMany(hits.Numbers)
	out.And(within)
	return out, nil
}

// scorePool reuses arrays of scores between queries: at four bytes an asset they would be most of the garbage.
var scorePool sync.Pool

func takeScores(n int) []float32 {
	if p, ok := scorePool.Get().(*[]float32); ok && cap(*p) >= n {
		s := (*p)[:n]
		clear(s)
		return s
	}
	return make([]float32, n, n+n/8)
}

// release returns the scores to the pool.
func (e *evaluation) release() {
	if e.scores != nil {
		s := e.scores
		e.scores = nil
		scorePool.Put(&s)
	}
}

func (e *evaluation) match(m *Match, within *columns.Set) (*columns.Set, error) {
	out := columns.NewSet()
	for _, k := range m.Values {
		if m.Field.Kind == KindID {
			s, err := e.byID(k.Key, within)
			if err != nil {
				return nil, err
			}
			out.Or(s)
			continue
		}
		out.Or(e.keyword(m.Field, k))
	}
	out.And(within)
	return out, nil
}

// byID checks every row: ids have no postings.
func (e *evaluation) byID(id string, within *columns.Set) (*columns.Set, error) {
	return e.view.Select(e.ctx, within, func(n uint32) bool { return e.view.String(stringID, n) == id })
}

func (e *evaluation) keyword(f *Field, k Keyword) *columns.Set {
	v := e.view
	switch {
	case e.filtered && f == e.schema.is:
		return v.Where(f.col, func(key string) bool {
			return key != stale && (key == k.Key || k.Prefix && strings.HasPrefix(key, k.Key))
		})
	case k.Prefix:
		return v.Where(f.col, func(key string) bool { return strings.HasPrefix(key, k.Key) })
	case f.Kind == KindName:
		want := " " + strings.Join(plainTerms(k.Key), " ") + " "
		return v.Where(f.col, func(key string) bool {
			return key == k.Key || want != "  " && strings.Contains(" "+strings.Join(plainTerms(key), " ")+" ", want)
		})
	}
	return v.Equal(f.col, k.Key)
}

func (e *evaluation) near(n *Near, within *columns.Set) (*columns.Set, error) {
	v, lat, lon := e.view, e.schema.lat.col, e.schema.lon.col
	return v.Select(e.ctx, within, func(row uint32) bool {
		a, b := v.Number(lat, row), v.Number(lon, row)
		return a != columns.Missing && b != columns.Missing &&
			distance(n.Lat, n.Lon, float64(a)/1e6, float64(b)/1e6) <= n.Metres
	})
}

func (e *evaluation) area(n *Area, within *columns.Set) *columns.Set {
	micro := func(x float64) int64 { return int64(math.Round(x * 1e6)) }
	v := e.view
	rows := v.Range(e.schema.lat.col, micro(n.South), micro(n.North), within)
	if n.West <= n.East {
		return v.Range(e.schema.lon.col, micro(n.West), micro(n.East), rows)
	}
	return columns.Union(v.Range(e.schema.lon.col, micro(n.West), micro(180), rows),
		v.Range(e.schema.lon.col, micro(-180), micro(n.East), rows))
}

// distance returns the great-circle distance in metres (haversine, mean Earth radius).
func distance(lat1, lon1, lat2, lon2 float64) float64 {
	rad := math.Pi / 180
	dLat, dLon := (lat2-lat1)*rad/2, (lon2-lon1)*rad/2
	h := math.Sin(dLat)*math.Sin(dLat) + math.Cos(lat1*rad)*math.Cos(lat2*rad)*math.Sin(dLon)*math.Sin(dLon)
	return 2 * 6371008.8 * math.Asin(math.Min(1, math.Sqrt(h)))
}
