package search

import (
	"strings"
	"sync"

	"github.com/RoaringBitmap/roaring/v2"

	"vitrine/dam"
	"vitrine/search/columns"
)

// limit removes what the context's actor may not see. It is applied before everything else, so that it holds for hits,
// totals, facets, suggestions and spellings.
func (e *evaluation) limit(base *columns.Set, library string) error {
	actor := dam.ActorOf(e.ctx)
	if !actor.Filtered(library) {
		return nil
	}
	e.filtered = true
	sight := actor.Sight(library)
	if !sight.Member {
		base.Clear()
		return nil
	}
	seen, err := e.index.sights.get(e, actor.ID, &sight)
	if err == nil {
		base.And(seen)
	}
	return err
}

// seen is dam.Sight as a set, of all libraries at once.
func (e *evaluation) seen(id string, sight *dam.Sight) (*columns.Set, error) {
	in := func(all bool, collections []string) *columns.Set {
		if all {
			return e.view.All()
		}
		sets := make([]*columns.Set, len(collections))
		for i, c := range collections {
			sets[i] = e.view.Equal(e.schema.collection.col, Fold(c))
		}
		return roaring.FastOr(sets...)
	}
	within, unapproved := in(sight.All, sight.Within), in(sight.AllUnapproved, sight.Unapproved)
	out := columns.Intersect(within, unapproved)
	if rest := columns.Minus(within, unapproved); !rest.IsEmpty() {
		p := &parser{schema: e.schema, env: Env{Now: e.index.now(), Zone: sight.Zone}}
		public, err := e.find(p.public(e.schema.live, "yes"), rest)
		if err != nil {
			return nil, err
		}
		out.Or(public)
	}
	out.Or(e.view.Equal(e.schema.uploader.col, Fold(id)))
	return out, nil
}

// sights keeps what people see of the newest view, so that many grants are put together once and not for every query.
type sights struct {
	mu   sync.Mutex
	view *columns.View
	sets map[string]*columns.Set
}

// maxSights bounds how many people's sets are kept.
const maxSights = 128

// get returns what somebody sees; nobody may change the set.
func (s *sights) get(e *evaluation, id string, sight *dam.Sight) (*columns.Set, error) {
	key := s.key(e, id, sight)
	s.mu.Lock()
	if s.view == e.view && s.sets[key] != nil {
		defer s.mu.Unlock()
		return s.sets[key], nil
	}
	s.mu.Unlock()
	set, err := e.seen(id, sight)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.view != e.view || len(s.sets) >= maxSights {
		s.view, s.sets = e.view, map[string]*columns.Set{}
	}
	s.sets[key] = set
	return set, nil
}

// key says everything that a set depends on beside the view. What the public sees depends on the minute.
func (s *sights) key(e *evaluation, id string, sight *dam.Sight) string {
	flag := func(b bool) string { return map[bool]string{true: "*", false: "-"}[b] }
	parts := []string{id, flag(sight.All), flag(sight.AllUnapproved),
		e.index.now().In(sight.Zone).Format(dam.MinuteLayout), sight.Zone.String(), ""}
	parts = append(append(append(parts, sight.Within...), ""), sight.Unapproved...)
	return strings.Join(parts, " ")
}

// shown returns a test for the values of a field's facet that the actor may see; nil allows all.
func (e *evaluation) shown(f *Field, library string) func(key string) bool {
	actor := dam.ActorOf(e.ctx)
	if f != e.schema.collection || !actor.Restricted(library) {
		return nil
	}
	known := map[string]bool{}
	for _, c := range actor.Sight(library).Within {
		known[Fold(c)] = true
	}
	return func(key string) bool { return known[key] }
}
