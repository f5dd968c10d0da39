package search

import (
	"context"
	"time"

	"vitrine/dam"
	"vitrine/dam/reasons"
)

// eachBlock is how many assets Each passes at once.
const eachBlock = 5000

// Each passes all results of a search to block, in order and in blocks, from one state of the index: concurrent changes
// neither add, repeat nor drop an asset. It never tolerates typing errors. It first calls begin with the number of
// assets and the log position that they reflect. Limit, After, Offset and Facets of the request are ignored. Errors are
// those of Query, begin and block.
func (x *Index) Each(ctx context.Context, r Request, begin func(total int, seq int64) error,
	block func(ids []string) error) error {
	if r.Library == "" {
		return dam.InvalidInput("library", reasons.SearchNeedsLibrary())
	}
	r.Facets, r.Exact = nil, true
	st, err := x.acquire(ctx, r.WaitSeq, false)
	if err != nil {
		return err
	}
	e, order, sel, err := x.everything(ctx, st, &r)
	st.text.release() // only the columns are needed from here on
	if err != nil {
		return err
	}
	if err := begin(int(sel.found.GetCardinality()), st.seq); err != nil {
		return err
	}
	for after := (*cursor)(nil); ; {
		numbers, next := e.page(sel.found, order, after, 0, eachBlock)
		ids := make([]string, len(numbers))
		for i, n := range numbers {
			ids[i] = st.view.String(stringID, n)
		}
		if len(ids) > 0 {
			if err := block(ids); err != nil {
				return err
			}
		}
		if next == "" {
			return ctx.Err()
		}
		if after, err = decodeCursor(next, order); err != nil {
			return err
		}
	}
}

// everything evaluates a request on one state of the index, without paging.
func (x *Index) everything(ctx context.Context, st *state, r *Request) (*evaluation, sorting, *selection, error) {
	tree, err := x.read(st.schema, r)
	if err != nil {
		return nil, sorting{}, nil, err
	}
	order, err := st.schema.sorting(r, hasWords(tree))
	if err != nil {
		return nil, order, nil, err
	}
	e := &evaluation{ctx: ctx, index: x, schema: st.schema, view: st.view, text: st.text.snapshot,
		scored: order.relevance}
	sel, err := e.selection(tree, r)
	return e, order, sel, err
}

// read parses the request's query for its library.
func (x *Index) read(s *schema, r *Request) (Node, error) {
	env := x.env(r)
	tree, err := s.parse(r.Q, env)
	if err != nil {
		return nil, err
	}
	tree = s.synonyms[r.Library].expand(tree)
	if r.Collection == "" || r.Collections == nil {
		return tree, nil
	}
	p := &parser{schema: s, env: env}
	n, keys, err := p.collectionValue(value{s: r.Collection})
	if err != nil {
		return nil, err
	}
	if n == nil {
		n = &Match{Field: s.collection, Values: keys}
	}
	if top, ok := tree.(And); ok {
		return append(And{n}, top...), nil
	}
	return And{n, tree}, nil
}

// env is what the meaning of a request's query depends on.
func (x *Index) env(r *Request) Env {
	zone := r.Zone
	if zone == nil {
		zone = time.UTC
	}
	return Env{Now: x.now(), AnyDay: r.AnyDay, Zone: zone, Resolve: r.Resolve, Collections: r.Collections,
		Library: r.Library, Own: r.Own}
}
