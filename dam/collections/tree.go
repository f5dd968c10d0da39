package collections

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"sync"

	"vitrine/dam"
	"vitrine/dam/catalog"
)

// Tree finds collections by name and by what they are below of. It keeps the tree of each library in memory, for as
// long as nobody changes it.
type Tree struct {
	Catalog interface{ Assets() catalog.Assets }
	// Fold is the form in which names are compared.
	Fold func(string) string

	mu        sync.Mutex
	libraries map[string]*tree
}

// tree is the tree of one library at one version.
type tree struct {
	version int64
	nodes   map[string]*node
	tops    []string
	byName  map[string][]string // by folded name
	sorted  []*node             // by folded name, then id
}

type node struct {
	catalog.CollectionNode
	folded   string
	children []string
}

// of returns a library's tree as it is now.
func (t *Tree) of(ctx context.Context, library string) (*tree, error) {
	version, err := t.Catalog.Assets().Collections().TreeVersion(ctx, library)
	if err != nil {
		return nil, err
	}
	t.mu.Lock()
	kept := t.libraries[library]
	t.mu.Unlock()
	if kept != nil && kept.version == version {
		return kept, nil
	}
	list, err := t.Catalog.Assets().Collections().Nodes(ctx, library)
	if err != nil {
		return nil, err
	}
	// What was read is of this version or of a later one, which is then read again.
	x := &tree{version: version, nodes: make(map[string]*node, len(list)), byName: make(map[string][]string, len(list)),
		sorted: make([]*node, 0, len(list))}
	for _, n := range list {
		x.nodes[n.ID] = &node{CollectionNode: n, folded: t.Fold(n.Name)}
	}
	for _, n := range list {
		x.byName[x.nodes[n.ID].folded] = append(x.byName[x.nodes[n.ID].folded], n.ID)
		x.sorted = append(x.sorted, x.nodes[n.ID])
		if p := x.nodes[n.Parent]; p != nil {
			p.children = append(p.children, n.ID)
		} else {
			x.tops = append(x.tops, n.ID)
		}
	}
	slices.SortFunc(x.sorted, func(a, b *node) int {
		return cmp.Or(strings.Compare(a.folded, b.folded), strings.Compare(a.ID, b.ID))
	})
	t.mu.Lock()
	if t.libraries == nil {
		t.libraries = map[string]*tree{}
	}
	t.libraries[library] = x
	t.mu.Unlock()
	return x, nil
}

// below returns a collection and everything below it.
func (x *tree) below(id string) []string {
	if x.nodes[id] == nil {
		return nil
	}
	out := []string{id}
	for i := 0; i < len(out); i++ {
		out = append(out, x.nodes[out[i]].children...)
	}
	return out
}

// Everything is written behind a collection to mean those below it too.
const Everything = "/*"

// Named returns the ids of the collections that somebody means by an id, a name or the end of a path ("2026/Summer"),
// with those below them if "/*" is behind it; known is false if the library has none that the actor may know of.
func (t *Tree) Named(ctx context.Context, library, written string) (ids []string, known bool, err error) {
	x, err := t.of(ctx, library)
	if err != nil {
		return nil, false, err
	}
	visible := visibleTo(ctx, library)
	name, below := strings.CutSuffix(written, Everything)
	found := x.named(strings.TrimSpace(name), t.Fold)
	if found == nil && below { // a name may end like that
		found, below = x.named(strings.TrimSpace(written), t.Fold), false
	}
	for _, id := range found {
		if !visible(id) {
			continue
		}
		known = true
		if !below {
			ids = append(ids, id)
			continue
		}
		for _, b := range x.below(id) {
			if visible(b) {
				ids = append(ids, b)
			}
		}
	}
	return ids, known, nil
}

func (x *tree) named(name string, fold func(string) string) []string {
	if x.nodes[name] != nil {
		return []string{name}
	}
	key := fold(name)
	if found := x.byName[key]; found != nil {
		return found
	}
	var out []string
	parts := strings.Split(key, "/")
	for _, id := range x.byName[strings.TrimSpace(parts[len(parts)-1])] {
		at := x.nodes[id]
		for i := len(parts) - 2; i >= 0 && at != nil; i-- {
			if at = x.nodes[at.Parent]; at != nil && at.folded != strings.TrimSpace(parts[i]) {
				at = nil
			}
		}
		if at != nil {
			out = append(out, id)
		}
	}
	return out
}

// visibleTo returns which collections the actor may know of.
func visibleTo(ctx context.Context, library string) func(id string) bool {
	p := dam.ActorOf(ctx)
	if !p.Restricted(library) {
		return func(string) bool { return true }
	}
	within := p.Sight(library).Within
	seen := make(map[string]bool, len(within))
	for _, id := range within {
		seen[id] = true
	}
	return func(id string) bool { return seen[id] }
}
