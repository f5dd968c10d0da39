// Package collections edits the tree of collections and what is in each: by hand, or by a query with exceptions.
//
// What a smart collection's query finds is not stored: it is found whenever somebody asks, in the search's columns, so
// that it follows every edit at once and nobody is shown more than they may see. See docs/collections.md.
package collections

import (
	"context"
	"encoding/json"

	"vitrine/dam"
	"vitrine/dam/canon"
	"vitrine/dam/catalog"
	"vitrine/dam/reasons"
)

// Catalog is what this package reads and changes of the catalogue.
type Catalog interface {
	catalog.Writer
	Assets() catalog.Assets
}

// Search finds what the queries of smart collections mean.
type Search interface {
	// Readable returns an error if a smart collection can't have the query, and else the ids of the collections that it
	// names.
	Readable(ctx context.Context, library, query string) (named []string, err error)
	// Members returns the assets that a smart collection has now, in their order, whoever asks, up to a maximum; more
	// than that are an error.
	Members(ctx context.Context, library, id string, most int) (ids []string, err error)
	// Found returns the numbers of the assets that a query finds now, whoever asks, as a Roaring bitmap.
	Found(ctx context.Context, library, query string) ([]byte, error)
	// Count counts, of each set of collections, the assets outside the bin that the actor may see, each once. The index
	// must have reached the seq.
	Count(ctx context.Context, library string, sets [][]string, seq int64) ([]dam.Counted, error)
}

// Service changes collections. Every method works inside one library.
type Service struct {
	Catalog Catalog
	Tree    *Tree
	Search  Search
}

// New is a collection to be made.
type New struct {
	Name        string   `json:"name" minLength:"1" maxLength:"200"`
	Parent      string   `json:"parent,omitempty" maxLength:"64" doc:"Id of the collection that it goes into; without it the top"`
	Before      string   `json:"before,omitempty" maxLength:"64" doc:"Id of the sibling that it stands before; without it behind all"`
	Description string   `json:"description,omitempty" maxLength:"4000"`
	Cover       string   `json:"cover,omitempty" maxLength:"64" doc:"Id of an asset"`
	Query       string   `json:"query,omitempty" maxLength:"2000" doc:"Makes it a smart one, which has what this finds"`
	Assets      []string `json:"assets,omitempty" maxItems:"1000" doc:"Ids of assets to put into it at once"`
}

// Edit is a change of a collection; what it leaves out stays.
type Edit struct {
	Name        *string `json:"name,omitempty" minLength:"1" maxLength:"200"`
	Description *string `json:"description,omitempty" maxLength:"4000"`
	Cover       *string `json:"cover,omitempty" maxLength:"64" doc:"Id of an asset; empty: none"`
	Query       *string `json:"query,omitempty" maxLength:"2000" doc:"Of a smart one; empty makes it a plain one with the assets that it has now"`
	Frozen      *bool   `json:"frozen,omitempty" doc:"Whether a smart one keeps the assets that it has now"`
}

// MaxKept is how many assets a smart collection may have when it becomes a plain one.
const MaxKept = 10_000

// Create makes a collection.
func (s *Service) Create(ctx context.Context, library string, n New) (dam.Collection, error) {
	if n.Query != "" {
		if _, err := s.Search.Readable(ctx, library, n.Query); err != nil {
			return dam.Collection{}, err
		}
	}
	return catalog.Do(ctx, s.Catalog, func(tx *catalog.Tx) (dam.Collection, error) {
		c := dam.Collection{ID: dam.NewID(dam.CollectionPrefix), Library: library, Parent: n.Parent, Query: n.Query}
		if err := tx.Assets().Collections().LockTree(ctx, library); err != nil {
			return c, err
		}
		if err := s.describe(ctx, tx, &c, Edit{Name: &n.Name, Description: &n.Description,
			Cover: &n.Cover}); err != nil {
			return c, err
		}
		if err := s.place(ctx, tx, &c, n.Before); err != nil {
			return c, err
		}
		tx.Emit(dam.Event{Type: dam.CollectionCreated, Library: library, Subject: c.ID})
		if err := tx.Assets().Collections().PutCollection(ctx, &c); err != nil {
			return c, err
		}
		if len(n.Assets) > 0 {
			if _, err := s.CollectIn(ctx, tx, library, c.ID, n.Assets, true); err != nil {
				return c, err
			}
		}
		return s.answer(ctx, tx, c)
	})
}

// answer returns a collection as its reader sees it.
func (s *Service) answer(ctx context.Context, tx *catalog.Tx, c dam.Collection) (dam.Collection, error) {
	x, err := tx.Assets().Collections().Collection(ctx, c.Library, c.ID)
	if dam.CodeOf(err) == dam.NotFound { // whoever is limited to collections doesn't see a new one
		return c, nil
	}
	return x, err
}

// Change edits a collection; ifMatch is the revision the caller has seen, 0 for any.
func (s *Service) Change(ctx context.Context, library, id string, ifMatch int64, e Edit) (dam.Collection, error) {
	before, err := s.Catalog.Assets().Collections().Collection(ctx, library, id)
	if err != nil {
		return before, err
	}
	if err := match(&before, ifMatch); err != nil {
		return before, err
	}
	// What a query finds in the whole library comes into the collection, and with it the rights that people have there.
	if actor := dam.ActorOf(ctx); (e.Query != nil || e.Frozen != nil) &&
		(!actor.CanEverywhere(library, dam.MayManageCollections) || actor.Filtered(library)) {
		return before, &dam.Error{Code: dam.Forbidden, Field: "query", Reason: reasons.WholeLibraryNeeded()}
	}
	p, err := s.prepare(ctx, &before, e)
	if err != nil {
		return before, err
	}
	return catalog.Do(ctx, s.Catalog, func(tx *catalog.Tx) (dam.Collection, error) {
		c, err := locked(ctx, tx, library, id, ifMatch)
		if err == nil && p.searched && c.Revision != before.Revision {
			err = stale() // what was found is of another query
		}
		if err != nil {
			return c, err
		}
		was := c
		if err := s.describe(ctx, tx, &c, e); err != nil {
			return c, err
		}
		if err := p.apply(ctx, s, tx, &c); err != nil {
			return c, err
		}
		changed := changedFields(&was, &c)
		if len(changed) == 0 {
			return s.answer(ctx, tx, c)
		}
		emit(tx, &c, changed...)
		if err := tx.Assets().Collections().PutCollection(ctx, &c); err != nil {
			return c, err
		}
		if p.frozen != nil {
			if err := tx.Assets().Collections().Freeze(ctx, c.ID, p.frozen); err != nil {
				return c, err
			}
		}
		return s.answer(ctx, tx, c)
	})
}

// prepared is what a change needs that a search finds, which takes time that a transaction must not.
type prepared struct {
	searched bool
	query    *string
	kept     []string // put in by hand, because the collection becomes a plain one
	frozen   []byte
	thawed   bool
}

func (s *Service) prepare(ctx context.Context, c *dam.Collection, e Edit) (p prepared, err error) {
	freeze := e.Frozen != nil && *e.Frozen && c.FrozenAt == nil
	p.thawed = e.Frozen != nil && !*e.Frozen && c.FrozenAt != nil
	query := c.Query
	if e.Query != nil && *e.Query != c.Query {
		query, p.query = *e.Query, e.Query
	}
	switch {
	case freeze && query == "":
		return p, dam.InvalidInput("frozen", reasons.PlainCollectionNotFrozen())
	case p.query != nil && query != "" && c.FrozenAt != nil && !p.thawed:
		return p, &dam.Error{Code: dam.Conflict, Field: "query", Reason: reasons.CollectionFrozen()}
	case p.query != nil && query == "":
		p.searched = true
		if c.FrozenAt == nil {
			err = s.readable(ctx, c, c.Query)
		}
		if err != nil {
			return p, err
		}
		if p.kept, err = s.Search.Members(ctx, c.Library, c.ID, MaxKept); err != nil {
			return p, err
		}
	case p.query != nil:
		if err = s.queryFor(ctx, c, query); err != nil {
			return p, err
		}
	}
	if freeze {
		p.searched = true
		if err = s.readable(ctx, c, query); err != nil {
			return p, err
		}
		p.frozen, err = s.Search.Found(ctx, c.Library, query)
	}
	return p, err
}

// readable refuses to keep what a query finds, whoever asks, for somebody who can't ask it: it may name fields that
// they don't see.
func (s *Service) readable(ctx context.Context, c *dam.Collection, query string) error {
	if dam.ActorOf(ctx).HiddenFields(c.Library) == nil {
		return nil
	}
	if _, err := s.Search.Readable(ctx, c.Library, query); err != nil { // which says what the query is
		return dam.InvalidInput("query", reasons.SmartCollectionUnreadable(c.Name))
	}
	return nil
}

// queryFor checks a query that a collection is to have.
func (s *Service) queryFor(ctx context.Context, c *dam.Collection, query string) error {
	if _, err := s.Search.Readable(ctx, c.Library, query); err != nil {
		return err
	}
	if c.Smart {
		return nil
	}
	// A query counts only what people put into the collections that it names, so one that is named stays a plain one.
	smart, err := s.Catalog.Assets().Collections().Smart(ctx, c.Library)
	if err != nil {
		return err
	}
	for _, o := range smart {
		named, err := s.Search.Readable(ctx, c.Library, o.Query)
		if err != nil {
			continue // it can't be read any more, whatever it names
		}
		for _, id := range named {
			if id == c.ID {
				return &dam.Error{Code: dam.Conflict, Field: "query", Reason: reasons.CollectionNamedByQuery(o.Name)}
			}
		}
	}
	return nil
}

// apply makes the changes that a search was needed for.
func (p *prepared) apply(ctx context.Context, s *Service, tx *catalog.Tx, c *dam.Collection) error {
	if p.thawed {
		c.FrozenAt = nil
	}
	if p.frozen != nil {
		now := tx.Now()
		c.FrozenAt = &now
	}
	if p.query == nil {
		return nil
	}
	c.Query = *p.query
	if c.Query != "" {
		return nil
	}
	c.FrozenAt, c.Smart = nil, false
	if err := tx.Assets().Collections().ClearExclusions(ctx, c.ID); err != nil {
		return err
	}
	if len(p.kept) == 0 {
		return nil
	}
	_, err := s.collect(ctx, tx, c, p.kept, true)
	return err
}

// describe sets what a person writes about a collection.
func (s *Service) describe(ctx context.Context, tx *catalog.Tx, c *dam.Collection, e Edit) error {
	if e.Name != nil {
		name := canon.Name(*e.Name)
		if name == "" || len([]rune(name)) > 200 {
			return dam.InvalidInput("name", reasons.CollectionNameLength())
		}
		if err := dam.CheckLine("name", name); err != nil {
			return err
		}
		c.Name = name
		if err := s.nameFree(ctx, tx, c); err != nil {
			return err
		}
	}
	if e.Description != nil {
		if err := dam.CheckText("description", *e.Description); err != nil {
			return err
		}
		c.Description = *e.Description
	}
	if e.Cover != nil && *e.Cover != c.Cover {
		if *e.Cover != "" {
			if _, err := tx.Assets().Asset(ctx, c.Library, *e.Cover); err != nil {
				return dam.InvalidInput("cover", reasons.NoAssetInList(*e.Cover))
			}
		}
		c.Cover = *e.Cover
	}
	return nil
}

// nameFree returns an error if a sibling has the collection's name.
func (s *Service) nameFree(ctx context.Context, tx *catalog.Tx, c *dam.Collection) error {
	siblings, err := tx.Assets().Collections().Siblings(ctx, c.Library, c.Parent)
	for _, o := range siblings {
		if o.ID != c.ID && canon.Same(o.Name, c.Name) {
			return &dam.Error{Code: dam.Conflict, Field: "name", Reason: reasons.CollectionNameTaken()}
		}
	}
	return err
}

// locked returns a collection as it is stored, with the tree locked; ifMatch is the revision the caller has seen, 0 for
// any.
func locked(ctx context.Context, tx *catalog.Tx, library, id string, ifMatch int64) (dam.Collection, error) {
	if err := tx.Assets().Collections().LockTree(ctx, library); err != nil {
		return dam.Collection{}, err
	}
	c, err := tx.Assets().Collections().ForChange(ctx, library, id)
	if err == nil {
		err = match(&c, ifMatch)
	}
	return c, err
}

func match(c *dam.Collection, revision int64) error {
	if revision != 0 && revision != c.Revision {
		return stale()
	}
	return nil
}

func stale() error {
	return &dam.Error{Code: dam.Stale, Field: "If-Match", Reason: reasons.CollectionChangedMeanwhile()}
}

func changedFields(a, b *dam.Collection) (out []string) {
	for _, f := range []struct {
		name    string
		changed bool
	}{
		{"name", a.Name != b.Name}, {"description", a.Description != b.Description}, {"cover", a.Cover != b.Cover},
		{"query", a.Query != b.Query}, {"frozen", (a.FrozenAt == nil) != (b.FrozenAt == nil)},
		{"parent", a.Parent != b.Parent}, {"position", a.Position != b.Position},
	} {
		if f.changed {
			out = append(out, f.name)
		}
	}
	return out
}

// emit tells followers which fields of a collection changed.
func emit(tx *catalog.Tx, c *dam.Collection, fields ...string) {
	raw, err := json.Marshal(map[string]any{"fields": fields})
	if err != nil {
		panic(err) // always plain values
	}
	tx.Emit(dam.Event{Type: dam.CollectionUpdated, Library: c.Library, Subject: c.ID, Data: raw})
}
