package search

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"vitrine/dam"
	"vitrine/dam/reasons"
	"vitrine/search/columns"
)

// FacetCount is a value of a field and the number of found assets that have it.
type FacetCount struct {
	Value string `json:"value" doc:"Of the field; for place: the cell as area: takes it"`
	Count int    `json:"count"`
	// Label is what a term is called, of a field whose values are terms; the index leaves it out.
	Label *dam.Text `json:"label,omitempty" doc:"What the term is called, of a field whose values are terms"`
	// Lat and Lon are the centre of the counted assets, for the facet place only.
	Lat *float64 `json:"lat,omitempty"`
	Lon *float64 `json:"lon,omitempty"`
	// Swatch is the colour that a named colour is shown as.
	Swatch string `json:"swatch,omitempty" doc:"#rrggbb, of colours"`
	// Below is true for a tag with more tags below it, if tags are counted by level.
	Below bool `json:"below,omitempty" doc:"Of tag:BRANCH: more hangs on this one"`
}

// selection is the result of a query in the parts that facets need: each field's own filters apart from the rest of the
// query.
type selection struct {
	rest *columns.Set
	own  map[*Field]*columns.Set // per field: the assets that its own filters allow
	// found is rest restricted to all of own.
	found *columns.Set
}

// selection evaluates the request. Filters on a field are kept apart from the rest if they are required: plain filters
// of the request, and top-level terms of the query.
func (e *evaluation) selection(tree Node, r *Request) (*selection, error) {
	s := &selection{own: map[*Field]*columns.Set{}}
	base, err := e.base(r)
	if err != nil {
		return nil, err
	}
	if namesAsset(tree) {
		e.visible = base.Clone()
	}
	if r.Numbers != nil {
		base.And(columns.NewSet(r.Numbers...))
	}
	narrow := func(f *Field, set *columns.Set) {
		if prev := s.own[f]; prev != nil {
			set.And(prev)
		}
		s.own[f] = set
	}
	plain := func(f *Field, values []string) {
		if len(values) == 0 {
			return
		}
		set := columns.NewSet()
		for _, v := range values {
			set.Or(e.keyword(f, Keyword{Key: Fold(v)}))
		}
		set.And(base)
		narrow(f, set)
	}
	plain(e.schema.status, r.Status)
	plain(e.schema.kind, r.Kind)
	if r.Collection != "" && r.Collections == nil { // otherwise it is a part of the tree
		plain(e.schema.collection, []string{r.Collection})
	}
	top, ok := tree.(And)
	if !ok {
		top = And{tree}
	}
	var rest And
	counted := e.countedFields(r)
	for _, n := range top {
		f := e.schema.about(n)
		if f == nil || !slices.Contains(counted, f) {
			rest = append(rest, n)
			continue
		}
		set, err := e.find(n, base)
		if err != nil {
			return nil, err
		}
		narrow(f, set)
	}
	// Filters on fields that are not counted are applied to the rest at once.
	for f, set := range s.own {
		if !slices.Contains(counted, f) {
			base.And(set)
			delete(s.own, f)
		}
	}
	within := base
	if len(r.Facets) == 0 {
		within = s.allowed(base, nil)
	}
	if s.rest, err = e.find(rest, within); err != nil {
		return nil, err
	}
	s.found = s.allowed(s.rest, nil)
	return s, nil
}

// base returns everything that the actor may see in the request's library, in the bin or outside it.
func (e *evaluation) base(r *Request) (*columns.Set, error) {
	base := columns.Intersect(e.view.Equal(e.schema.library.col, r.Library), e.view.All())
	if bin := e.view.Equal(e.schema.bin.col, "bin"); r.Bin {
		base.And(bin)
	} else {
		base.AndNot(bin)
	}
	return base, e.limit(base, r.Library)
}

// allowed restricts a set by the own filters of every field except one.
func (s *selection) allowed(set *columns.Set, but *Field) *columns.Set {
	for f, own := range s.own {
		if f != but {
			set = columns.Intersect(set, own)
		}
	}
	return set
}

// about returns the only field that a term of the query refers to; nil if it has words or several fields. near: and
// area: refer to the place.
func (s *schema) about(n Node) *Field {
	var list []Node
	switch n := n.(type) {
	case *Match:
		return n.Field
	case *Members:
		return n.Field
	case *Range:
		return n.Field
	case *Near, *Area:
		return s.near
	case Or:
		list = n
	case And:
		list = n
	}
	var f *Field
	for i, c := range list {
		g := s.about(c)
		if i > 0 && f != g || g == nil {
			return nil
		}
		f = g
	}
	return f
}

// maxFacets is the maximum number of facets of one search: each one walks over everything found.
const maxFacets = 50

// facet parses "field" or "field:option" in a library; f is nil if there is no such facet.
func (s *schema) facet(library, written string) (f *Field, option string) {
	name, option, _ := strings.Cut(written, ":")
	if name == "place" {
		return s.near, option
	}
	if f = s.lookup(library, name); f == nil || !f.countable() {
		return nil, ""
	}
	return f, option
}

// countable reports whether a field can be a facet.
func (f *Field) countable() bool {
	return f.Facet || f.Kind == KindWall || f.Kind == KindInstant || f.library != ""
}

func (e *evaluation) countedFields(r *Request) []*Field {
	var out []*Field
	for _, written := range r.Facets {
		if f, _ := e.schema.facet(r.Library, written); f != nil {
			out = append(out, f)
		}
	}
	return out
}

// facets counts the values of the requested fields, each without the field's own filters.
func (e *evaluation) facets(s *selection, r *Request) (map[string][]FacetCount, error) {
	if len(r.Facets) == 0 {
		return nil, nil
	}
	if len(r.Facets) > maxFacets {
		return nil, dam.InvalidInput("facets", reasons.TooManyFacets(maxFacets))
	}
	out := map[string][]FacetCount{}
	for _, written := range r.Facets {
		if err := e.ctx.Err(); err != nil {
			return nil, err
		}
		if _, twice := out[written]; twice {
			continue
		}
		f, option := e.schema.facet(r.Library, written)
		if f == nil {
			return nil, dam.InvalidInput("facets",
				reasons.CannotCountBy(written, strings.Join(e.schema.facetNames(r.Library), ", ")))
		}
		within := s.allowed(s.rest, f)
		var err error
		switch {
		case f == e.schema.near:
			out[written], err = e.places(within, option, r.FacetLimit)
		case f.Facet && (option == "" || f.Kind == KindPath):
			out[written] = e.values(f, within, option, r)
		case f.Kind == KindWall || f.Kind == KindInstant || f.Kind == KindDay:
			out[written], err = e.periods(f, within, option, r.Zone)
		case option == "" && f.Kind == KindDecimal:
			out[written] = e.decimals(f, within, r.FacetLimit)
		default:
			err = dam.InvalidInput("facets", reasons.FacetTakesNothing(f.Name))
		}
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (s *schema) facetNames(library string) []string {
	var out []string
	for _, f := range s.all(library) {
		if f.countable() {
			out = append(out, f.Name)
		}
	}
	return append(out, "place")
}

// values counts keywords. With a branch of a tree as the option it counts only the tags directly below the branch, and
// with "/" the topmost tags.
func (e *evaluation) values(f *Field, within *columns.Set, branch string, r *Request) []FacetCount {
	test := e.shown(f, r.Library)
	parents := map[string]bool{}
	if branch != "" {
		stem := Fold(strings.Trim(branch, "/"))
		if stem != "" {
			stem += "/"
		}
		test = func(key string) bool {
			rest, ok := strings.CutPrefix(key, stem)
			name, _, deeper := strings.Cut(rest, "/")
			if ok && deeper {
				parents[stem+name] = true
			}
			return ok && rest != "" && !deeper
		}
	}
	counts := e.view.Counts(f.col, within, r.FacetLimit, test)
	list := make([]FacetCount, len(counts))
	for i, c := range counts {
		list[i] = FacetCount{Value: c.Label, Count: c.N, Below: parents[c.Key]}
	}
	if f == e.schema.color {
		swatches(list)
	}
	return list
}

// decimals counts the distinct values of a number, most frequent first.
func (e *evaluation) decimals(f *Field, within *columns.Set, limit int) []FacetCount {
	counts := map[int64]int{}
	for it := within.Iterator(); it.HasNext(); {
		if x := e.view.Number(f.col, it.Next()); x != columns.Missing {
			counts[x]++
		}
	}
	values := slices.SortedFunc(maps.Keys(counts), func(a, b int64) int {
		return cmp.Or(counts[b]-counts[a], cmp.Compare(a, b))
	})
	out := []FacetCount{}
	for _, x := range values[:min(limit, len(values))] {
		out = append(out, FacetCount{Value: formatDecimal(x), Count: counts[x]})
	}
	return out
}

const (
	maxZoom     = 20
	defaultZoom = 6
)

// places counts by the cells of a grid, the fullest first. The world is 2^zoom cells wide and half as many high.
func (e *evaluation) places(within *columns.Set, option string, limit int) ([]FacetCount, error) {
	zoom := defaultZoom
	if option != "" {
		var err error
		if zoom, err = strconv.Atoi(option); err != nil || zoom < 0 || zoom > maxZoom {
			return nil, dam.InvalidInput("facets", reasons.NotAZoom(option, maxZoom))
		}
	}
	size := 360e6 / float64(int64(1)<<zoom) // microdegrees
	type sum struct{ n, lat, lon int64 }
	cells := map[[2]int32]*sum{}
	for it := within.Iterator(); it.HasNext(); {
		row := it.Next()
		lat, lon := e.view.Number(e.schema.lat.col, row), e.view.Number(e.schema.lon.col, row)
		if lat == columns.Missing || lon == columns.Missing {
			continue
		}
		at := [2]int32{int32(float64(lat+90e6) / size), int32(float64(lon+180e6) / size)}
		c := cells[at]
		if c == nil {
			c = &sum{}
			cells[at] = c
		}
		c.n, c.lat, c.lon = c.n+1, c.lat+lat, c.lon+lon
	}
	order := slices.SortedFunc(maps.Keys(cells), func(a, b [2]int32) int {
		return cmp.Or(cmp.Compare(cells[b].n, cells[a].n), slices.Compare(a[:], b[:]))
	})
	out := []FacetCount{}
	for _, at := range order[:min(limit, len(order))] {
		c := cells[at]
		// The next cell begins where this one ends, so this one excludes its last millionth of a degree.
		edge := func(i int32, from float64) (lo, hi float64) {
			lo, hi = math.Ceil(float64(i)*size), math.Ceil(float64(i+1)*size)-1
			return (lo + from) / 1e6, min(hi+from, -from) / 1e6
		}
		south, north := edge(at[0], -90e6)
		west, east := edge(at[1], -180e6)
		lat, lon := math.Round(float64(c.lat)/float64(c.n))/1e6, math.Round(float64(c.lon)/float64(c.n))/1e6
		out = append(out, FacetCount{Value: fmt.Sprintf("%.6f,%.6f,%.6f,%.6f", south, west, north, east),
			Count: int(c.n), Lat: &lat, Lon: &lon})
	}
	return out, nil
}

// periods counts by calendar month, "2024-03", or by year or day, in chronological order.
func (e *evaluation) periods(f *Field, found *columns.Set, unit string, zone *time.Location) ([]FacetCount, error) {
	layout, ok := map[string]string{"": "2006-01", "month": "2006-01", "year": "2006", "day": time.DateOnly}[unit]
	if !ok {
		return nil, dam.InvalidInput("facets", reasons.NotADateUnit(unit, f.Name))
	}
	if zone == nil || f.Kind != KindInstant {
		zone = time.UTC
	}
	const hour = int64(time.Hour / time.Millisecond) // zone offsets are whole quarter hours: see below
	byQuarter := map[int64]*int{}
	byPeriod := map[string]*int{}
	for it := found.Iterator(); it.HasNext(); {
		x := e.view.Number(f.col, it.Next())
		if x == columns.Missing {
			continue
		}
		q := (x - ((x%(hour/4))+hour/4)%(hour/4)) / (hour / 4)
		n := byQuarter[q]
		if n == nil {
			// A quarter of an hour never spans two days in any zone in use.
			period := time.UnixMilli(x).In(zone).Format(layout)
			if n = byPeriod[period]; n == nil {
				n = new(int)
				byPeriod[period] = n
			}
			byQuarter[q] = n
		}
		*n++
	}
	out := []FacetCount{}
	for period, n := range byPeriod {
		out = append(out, FacetCount{Value: period, Count: *n})
	}
	slices.SortFunc(out, func(a, b FacetCount) int { return strings.Compare(a.Value, b.Value) })
	return out, nil
}
