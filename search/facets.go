package search

import (
	"slices"
	"strings"
	"time"

	"vitrine/dam"
	"vitrine/search/columns"
)

// FacetCount is a value of a field and how many of the assets found have it.
type FacetCount struct {
	Value string `json:"value"`
	Count int    `json:"count"`
}

// selection is the answer of a query, kept in the parts that facets need: the rest
// of the query without what was asked of each facet's own field.
type selection struct {
	rest *columns.Set
	own  map[*Field]*columns.Set // per field: what its own filters allow
	// found is rest within all of own.
	found *columns.Set
}

// selection answers the request. Filters on a field stand apart from the rest when
// they are required: plain filters of the request, and top-level terms of the query.
func (e *evaluation) selection(tree Node, r *Request) (*selection, error) {
	s := &selection{own: map[*Field]*columns.Set{}}
	base := columns.Intersect(e.view.Equal(e.schema.library.col, r.Library), e.view.All())
	if bin := e.view.Equal(e.schema.bin.col, "bin"); r.Bin {
		base.And(bin)
	} else {
		base.AndNot(bin)
	}
	e.limit(base, r.Library)
	if r.Numbers != nil {
		base.And(columns.NewSet(r.Numbers...))
	}
	narrow := func(m *Match) {
		set := e.match(m, base)
		if prev := s.own[m.Field]; prev != nil {
			set.And(prev)
		}
		s.own[m.Field] = set
	}
	plain := func(f *Field, values []string) {
		if len(values) == 0 {
			return
		}
		m := &Match{Field: f}
		for _, v := range values {
			m.Values = append(m.Values, Keyword{Key: Fold(v)})
		}
		narrow(m)
	}
	plain(e.schema.status, r.Status)
	plain(e.schema.kind, r.Kind)
	if r.Collection != "" {
		plain(e.schema.collection, []string{r.Collection})
	}
	top, ok := tree.(And)
	if !ok {
		top = And{tree}
	}
	var rest And
	for _, n := range top {
		if m, ok := n.(*Match); ok && m.Field.Facet {
			narrow(m)
		} else {
			rest = append(rest, n)
		}
	}
	// Fields whose counts nobody wants narrow at once.
	for f, set := range s.own {
		if !slices.ContainsFunc(r.Facets, func(name string) bool { return e.schema.byName[name] == f }) {
			base.And(set)
			delete(s.own, f)
		}
	}
	within := base
	if len(r.Facets) == 0 {
		within = s.allowed(base, nil)
	}
	var err error
	if s.rest, err = e.find(rest, within); err != nil {
		return nil, err
	}
	s.found = s.allowed(s.rest, nil)
	return s, nil
}

// limit takes away what the context's actor may not see. It comes before everything
// else, so hits, totals, facets, suggestions and spellings all keep to it.
func (e *evaluation) limit(base *columns.Set, library string) {
	actor := dam.ActorOf(e.ctx)
	if !actor.Limited(library) {
		return
	}
	seen := columns.Intersect(base, e.view.Equal(e.schema.uploader.col, Fold(actor.ID)))
	for _, c := range actor.Collections[library] {
		seen.Or(e.view.Equal(e.schema.collection.col, Fold(c)))
	}
	base.And(seen)
}

// shown tells which values of a field's facet the actor may see: nil is all.
func (e *evaluation) shown(f *Field, library string) func(key string) bool {
	actor := dam.ActorOf(e.ctx)
	if f != e.schema.collection || !actor.Limited(library) {
		return nil
	}
	return func(key string) bool {
		return slices.ContainsFunc(actor.Collections[library], func(c string) bool { return Fold(c) == key })
	}
}

// allowed narrows a set by every field's own filters but one's.
func (s *selection) allowed(set *columns.Set, but *Field) *columns.Set {
	for f, own := range s.own {
		if f != but {
			set = columns.Intersect(set, own)
		}
	}
	return set
}

// facets counts the values of the fields asked for.
func (e *evaluation) facets(s *selection, r *Request) (map[string][]FacetCount, error) {
	if len(r.Facets) == 0 {
		return nil, nil
	}
	out := map[string][]FacetCount{}
	for _, name := range r.Facets {
		f := e.schema.byName[name]
		switch {
		case f != nil && f.Facet:
			counts := e.view.Counts(f.col, s.allowed(s.rest, f), r.FacetLimit, e.shown(f, r.Library))
			list := make([]FacetCount, len(counts))
			for i, c := range counts {
				list[i] = FacetCount{c.Label, c.N}
			}
			out[name] = list
		case f != nil && (f.Kind == KindWall || f.Kind == KindInstant):
			out[name] = e.months(f, s.found, r.Zone)
		default:
			return nil, dam.InvalidField("facets", "cannot count by “"+name+"”", "use "+strings.Join(e.schema.facetNames(), ", "))
		}
	}
	return out, nil
}

func (s *schema) facetNames() []string {
	var out []string
	for _, f := range s.fields {
		if f.Facet || f.Kind == KindWall || f.Kind == KindInstant {
			out = append(out, f.Name)
		}
	}
	return out
}

// months counts by calendar month, "2024-03", in order of time.
func (e *evaluation) months(f *Field, found *columns.Set, zone *time.Location) []FacetCount {
	if zone == nil || f.Kind == KindWall {
		zone = time.UTC
	}
	const hour = int64(time.Hour / time.Millisecond) // offsets of zones are whole quarters: see below
	byQuarter := map[int64]*int{}
	byMonth := map[string]*int{}
	for it := found.Iterator(); it.HasNext(); {
		x := e.view.Number(f.col, it.Next())
		if x == columns.Missing {
			continue
		}
		q := x / (hour / 4)
		n := byQuarter[q]
		if n == nil {
			// A quarter of an hour never spans two months in any zone in use.
			month := time.UnixMilli(x).In(zone).Format("2006-01")
			if n = byMonth[month]; n == nil {
				n = new(int)
				byMonth[month] = n
			}
			byQuarter[q] = n
		}
		*n++
	}
	var out []FacetCount
	for month, n := range byMonth {
		out = append(out, FacetCount{month, *n})
	}
	slices.SortFunc(out, func(a, b FacetCount) int { return strings.Compare(a.Value, b.Value) })
	return out
}
