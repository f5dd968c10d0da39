package collections

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/reasons"
)

// Top is what stands for the top of the tree where a parent is asked for.
const Top = "top"

// Page says which collections are asked for. Without Parent they are in the order of their names.
type Page struct {
	// Parent is the id of the collection whose children are listed, in their order, or Top; "" is the whole tree.
	Parent string
	// Q is a part of their names.
	Q string
	// Favourites are those of the actor only.
	Favourites bool
	// Limit is how many; 0 is all.
	Limit int
	// After is what List returned as next.
	After string
	// Seq is how far the index must have read the log before it counts.
	Seq int64
	// Below counts what is below each, too.
	Below bool
}

// List returns a page of a library's collections that the actor may know of, and where the next begins: "" at the end.
func (s *Service) List(ctx context.Context, library string, p Page) (list []dam.Collection, next string, err error) {
	if p.Parent == "" && p.Q == "" && !p.Favourites && p.Limit == 0 {
		if list, err = s.Catalog.Assets().Collections().List(ctx, library); err == nil {
			err = s.count(ctx, library, list, p.Seq, p.Below)
		}
		return list, "", err
	}
	x, err := s.Tree.of(ctx, library)
	if err != nil {
		return nil, "", err
	}
	ids, err := s.ids(ctx, library, x, p)
	if err != nil {
		return nil, "", err
	}
	if ids, next, err = cut(ids, p); err != nil {
		return nil, "", err
	}
	if list, err = s.Catalog.Assets().Collections().ByID(ctx, library, ids); err == nil {
		err = s.count(ctx, library, list, p.Seq, p.Below)
	}
	return list, next, err
}

// ids returns the ids of everything that a page is a part of, in its order.
func (s *Service) ids(ctx context.Context, library string, x *tree, p Page) ([]string, error) {
	visible := visibleTo(ctx, library)
	var out []string
	switch {
	case p.Favourites:
		starred, err := s.Catalog.Assets().Collections().Favourites(ctx)
		if err != nil {
			return nil, err
		}
		out = slices.DeleteFunc(starred, func(id string) bool { return x.nodes[id] == nil })
	case p.Parent == Top && dam.ActorOf(ctx).Restricted(library):
		// What they see of the tree has its tops where they don't see what is above.
		for _, n := range x.sorted {
			if visible(n.ID) && !visible(n.Parent) {
				out = append(out, n.ID)
			}
		}
	case p.Parent == Top:
		out = x.tops
	case p.Parent != "":
		n := x.nodes[p.Parent]
		if n == nil || !visible(n.ID) {
			return nil, &dam.Error{Code: dam.NotFound, Reason: reasons.NotFound("collection", p.Parent)}
		}
		out = n.children
	default:
		for _, n := range x.sorted {
			out = append(out, n.ID)
		}
	}
	key := s.Tree.Fold(strings.TrimSpace(p.Q))
	kept := make([]string, 0, len(out))
	for _, id := range out {
		if visible(id) && strings.Contains(x.nodes[id].folded, key) {
			kept = append(kept, id)
		}
	}
	return kept, nil
}

// cursor is where a page ended: an id, and its place in case the collection is gone.
type cursor struct {
	ID string `json:"i"`
	At int    `json:"n"`
}

// cut returns the part of the ids that a page has.
func cut(ids []string, p Page) ([]string, string, error) {
	start := 0
	if p.After != "" {
		var c cursor
		b, err := base64.RawURLEncoding.DecodeString(p.After)
		if err == nil {
			err = json.Unmarshal(b, &c)
		}
		if err != nil || c.At < 0 {
			return nil, "", dam.InvalidInput("after", reasons.NotAPageCursor())
		}
		start = min(c.At, len(ids))
		if i := slices.Index(ids, c.ID); i >= 0 {
			start = i + 1
		}
	}
	if p.Limit == 0 || len(ids)-start <= p.Limit {
		return ids[start:], "", nil
	}
	end := start + p.Limit
	b, err := json.Marshal(cursor{ids[end-1], end})
	return ids[start:end], base64.RawURLEncoding.EncodeToString(b), err
}

// Get returns a collection with its counts.
func (s *Service) Get(ctx context.Context, library, id string, seq int64) (dam.Collection, error) {
	c, err := s.Catalog.Assets().Collections().Collection(ctx, library, id)
	if err != nil {
		return c, err
	}
	list := []dam.Collection{c}
	err = s.count(ctx, library, list, seq, true)
	return list[0], err
}

// Collection returns a collection of a library that the actor may know of, as the catalogue has it: a smart one without
// what its query finds.
func (s *Service) Collection(ctx context.Context, library, id string) (dam.Collection, error) {
	return s.Catalog.Assets().Collections().Collection(ctx, library, id)
}

// Deleted returns the collections in the bin.
func (s *Service) Deleted(ctx context.Context, library string) ([]dam.Collection, error) {
	list, err := s.Catalog.Assets().Collections().Deleted(ctx, library)
	showQueries(ctx, library, list)
	return list, err
}

// showQueries takes out the queries that name fields which the actor doesn't see.
func showQueries(ctx context.Context, library string, list []dam.Collection) {
	actor := dam.ActorOf(ctx)
	if actor.HiddenFields(library) == nil {
		return
	}
	for i := range list {
		if !actor.ShowsQuery(library, list[i].Query) {
			list[i].Query = ""
		}
	}
}

// maxCounted is how many smart collections may be below one for what is below it to be counted: each is a search.
const maxCounted = 200

// count fills in what a search counts, and hides covers and queries that the actor may not see.
func (s *Service) count(ctx context.Context, library string, list []dam.Collection, seq int64, below bool) error {
	showQueries(ctx, library, list)
	if err := s.covers(ctx, library, list); err != nil || s.Search == nil {
		return err
	}
	var sets [][]string
	var into []func(dam.Counted)
	var x *tree
	var err error
	if below {
		if x, err = s.Tree.of(ctx, library); err != nil {
			return err
		}
	}
	visible := visibleTo(ctx, library)
	for i := range list {
		c := &list[i]
		if c.Smart {
			sets = append(sets, []string{c.ID})
			into = append(into, func(n dam.Counted) {
				if c.Count = n.N; n.Err != nil {
					c.Problem = reasonOf(n.Err)
				}
			})
		}
		if !below {
			continue
		}
		ids := slices.DeleteFunc(x.below(c.ID), func(id string) bool { return !visible(id) })
		smart := 0
		for _, id := range ids {
			if x.nodes[id].Smart {
				smart++
			}
		}
		if smart > maxCounted {
			continue
		}
		sets = append(sets, ids)
		into = append(into, func(n dam.Counted) {
			if n.Err == nil {
				c.Below = &n.N
			}
		})
	}
	if len(sets) == 0 {
		return nil
	}
	counts, err := s.Search.Count(ctx, library, sets, seq)
	if dam.CodeOf(err) == dam.Unavailable { // the tree can be read while the index is built
		for i := range list {
			if list[i].Smart {
				list[i].Problem = reasonOf(err)
			}
		}
		return nil
	}
	for i, n := range counts {
		into[i](n)
	}
	return err
}

// covers hides the covers that the actor may not see, and those that are gone or in the bin.
func (s *Service) covers(ctx context.Context, library string, list []dam.Collection) error {
	var ids []string
	for _, c := range list {
		if c.Cover != "" {
			ids = append(ids, c.Cover)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	found, err := s.Catalog.Assets().List(ctx, ids)
	if err != nil {
		return err
	}
	seen := map[string]bool{}
	for _, a := range catalog.Visible(ctx, found) {
		seen[a.ID] = a.Library == library && a.DeletedAt == nil
	}
	for i := range list {
		if !seen[list[i].Cover] {
			list[i].Cover = ""
		}
	}
	return nil
}

func reasonOf(err error) *reasons.Reason {
	var e *dam.Error
	if !errors.As(err, &e) {
		return nil
	}
	return &e.Reason
}
