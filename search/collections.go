package search

import (
	"context"
	"strings"

	"vitrine/dam"
	"vitrine/dam/reasons"
	"vitrine/search/columns"
)

// Collection is one that a query names, with what says which assets a smart one has. What people put into a collection
// is in the index.
type Collection struct {
	ID, Name string
	// Query is that of a smart collection; "" if it is a plain one.
	Query string
	// Frozen is what a frozen one has instead of what its query finds: the result of Index.Found.
	Frozen []byte
	// Never are the numbers of the assets that it doesn't have, whatever its query finds.
	Never []uint32
}

// Members matches the assets of collections, of which at least one is smart.
type Members struct {
	Field *Field
	Node  Node
}

// Numbers matches assets by number.
type Numbers struct{ Set *columns.Set }

func (*Members) node() {}
func (*Numbers) node() {}

// maxSmart is how many smart collections one condition may name: each is a search of its own.
const maxSmart = 200

// collectionValue reads a value of collection: by what Env.Collections makes of it.
func (p *parser) collectionValue(v value) (Node, []Keyword, error) {
	list, known, err := p.env.Collections(v.s)
	if err != nil {
		return nil, nil, err
	}
	if !known {
		return nil, []Keyword{{Key: strings.TrimSpace(Fold(v.s))}}, nil
	}
	return p.members(list, v)
}

// members returns what matches the assets of collections: the keywords of those that people put in and, if any is
// smart, a node for what queries find. The query of a smart collection counts only what people put in. Among several,
// one whose query names a field that is hidden from who asks has only what people put in.
func (p *parser) members(list []Collection, v value) (Node, []Keyword, error) {
	keys := make([]Keyword, len(list))
	var either Or
	for i, c := range list {
		keys[i] = Keyword{Key: Fold(c.ID)}
		if c.Query == "" || p.byHand {
			continue
		}
		if len(either) == maxSmart {
			return nil, nil, p.fail(v.at, len(v.s), reasons.TooManySmartCollections(maxSmart))
		}
		found, err := p.smart(c)
		if err != nil && len(list) > 1 && p.hidden(c) {
			continue
		}
		if err != nil {
			return nil, nil, p.fail(v.at, len(v.s), reasons.SmartCollectionUnreadable(c.Name))
		}
		if len(c.Never) > 0 {
			found = And{found, Not{&Numbers{columns.NewSet(c.Never...)}}}
		}
		either = append(either, found)
	}
	if either == nil {
		return nil, keys, nil
	}
	f := p.schema.collection
	return &Members{f, append(either, &Match{Field: f, Values: keys})}, nil, nil
}

// hidden reports whether a smart collection is unreadable only because of fields that who asks doesn't see.
func (p *parser) hidden(c Collection) bool {
	if p.schema.whole == nil {
		return false
	}
	all := *p
	all.schema = p.schema.whole
	_, err := all.smart(c)
	return err == nil
}

// smart returns what matches the assets that a smart collection's query finds, or found when it was frozen.
func (p *parser) smart(c Collection) (Node, error) {
	if c.Frozen != nil {
		set := columns.NewSet()
		_, err := set.FromBuffer(c.Frozen)
		return &Numbers{set}, err
	}
	inner := parser{schema: p.schema, env: p.env, q: c.Query, byHand: true}
	found, err := inner.all()
	if err != nil {
		return nil, err
	}
	return p.schema.synonyms[p.env.Library].expand(found), nil
}

// Named returns the ids of the collections that a query names, and whether it names other assets, or an error if it
// can't be read.
func (x *Index) Named(ctx context.Context, r Request) (collections []string, assets bool, err error) {
	st, err := x.acquire(ctx, 0, true)
	if err != nil {
		return nil, false, err
	}
	defer st.text.release()
	of := r.Collections
	r.Collections = func(written string) ([]Collection, bool, error) {
		list, known, err := of(written)
		for _, c := range list {
			collections = append(collections, c.ID)
		}
		return list, known, err
	}
	tree, err := x.read(st.schema, &r)
	return collections, err == nil && namesAsset(tree), err
}

// Found returns the numbers of all assets that a request finds, as a Roaring bitmap; Limit, After, Offset and Facets
// are ignored.
func (x *Index) Found(ctx context.Context, r Request) ([]byte, error) {
	r.Facets, r.Exact = nil, true
	st, err := x.acquire(ctx, r.WaitSeq, false)
	if err != nil {
		return nil, err
	}
	defer st.text.release()
	e, _, sel, err := x.everything(ctx, st, &r)
	if err != nil {
		return nil, err
	}
	e.release()
	return sel.found.ToBytes()
}

// Count counts, of each set of collections, the assets of the request's library outside the bin that the actor of ctx
// may see, each once.
func (x *Index) Count(ctx context.Context, r Request, sets [][]Collection) ([]dam.Counted, error) {
	if r.Library == "" {
		return nil, dam.InvalidInput("library", reasons.SearchNeedsLibrary())
	}
	st, err := x.acquire(ctx, r.WaitSeq, true)
	if err != nil {
		return nil, err
	}
	defer st.text.release()
	e := &evaluation{ctx: ctx, index: x, schema: st.schema, view: st.view, text: st.text.snapshot}
	base, err := e.base(&r)
	if err != nil {
		return nil, err
	}
	p := &parser{schema: st.schema, env: x.env(&r)}
	out := make([]dam.Counted, len(sets))
	for i, set := range sets {
		n, keys, err := p.members(set, value{})
		if err == nil {
			if n == nil {
				n = &Match{Field: st.schema.collection, Values: keys}
			}
			var found *columns.Set
			if found, err = e.find(n, base); err == nil {
				out[i].N = int(found.GetCardinality())
			}
		}
		if out[i].Err = err; ctx.Err() != nil {
			return nil, ctx.Err()
		}
	}
	return out, nil
}
