package api

import (
	"context"

	"vitrine/dam"
	"vitrine/dam/collections"
	"vitrine/dam/reasons"
)

// Collections is the part of collections.Service that has addresses.
type Collections interface {
	List(ctx context.Context, library string, p collections.Page) ([]dam.Collection, string, error)
	Get(ctx context.Context, library, id string, seq int64) (dam.Collection, error)
	Collection(ctx context.Context, library, id string) (dam.Collection, error)
	Create(ctx context.Context, library string, n collections.New) (dam.Collection, error)
	Change(ctx context.Context, library, id string, ifMatch int64, e collections.Edit) (dam.Collection, error)
	Move(ctx context.Context, library, id string, ifMatch int64, parent, before string) (dam.Collection, error)
	Deletion(ctx context.Context, library, id string) (dam.CollectionDeletion, error)
	Delete(ctx context.Context, library, id string, ifMatch int64, below bool) error
	Deleted(ctx context.Context, library string) ([]dam.Collection, error)
	Undelete(ctx context.Context, library, id string) (dam.Collection, error)
	Collect(ctx context.Context, library, id string, assets []string, in bool) (dam.Collection, error)
	Arrange(ctx context.Context, library, id string, assets []string, before string) (dam.Collection, error)
	Exceptions(ctx context.Context, library, id string) (dam.CollectionExceptions, error)
	Forget(ctx context.Context, library, id string, assets []string) (dam.Collection, error)
	Star(ctx context.Context, library, id string, on bool) error
}

// collectionAnswer is a collection with what a search counts.
func (s *API) collectionAnswer(ctx context.Context, c dam.Collection, err error) (*tagged[dam.Collection], error) {
	if err != nil {
		return nil, err
	}
	list := []dam.Collection{c}
	if x, err := s.Collections.Get(ctx, c.Library, c.ID, 0); err == nil {
		list[0] = x
	} else if dam.CodeOf(err) != dam.NotFound { // who is limited to collections doesn't see a new one
		return nil, err
	}
	return &tagged[dam.Collection]{etag(list[0].Revision), list[0]}, nil
}

type listCollectionsIn struct {
	Parent     string `query:"parent" maxLength:"64" doc:"Those directly in this one, in their order; top is the top of the tree. Without it all, by name"`
	Q          string `query:"q" maxLength:"200" doc:"A part of their names"`
	Favourites bool   `query:"favourites" doc:"One's own favourites only"`
	Below      bool   `query:"below" doc:"Count what is below each, too"`
	Limit      int    `query:"limit" minimum:"1" maximum:"500" doc:"Without it all, with parent, q or favourites 100"`
	After      string `query:"after" maxLength:"200" doc:"next of the page before"`
	Wait       int64  `query:"wait" minimum:"0" doc:"Wait until the index has reached this seq before counting"`
}

type collectionsOut struct {
	Body struct {
		Items []dam.Collection `json:"items" nullable:"false"`
		Next  string           `json:"next,omitempty" doc:"Cursor of the next page; absent at the end"`
	}
}

func (s *API) listCollections(ctx context.Context, in *listCollectionsIn) (*collectionsOut, error) {
	p := collections.Page{Parent: in.Parent, Q: in.Q, Favourites: in.Favourites, Below: in.Below, Limit: in.Limit,
		After: in.After, Seq: in.Wait}
	if p.Limit == 0 && (p.Parent != "" || p.Q != "" || p.Favourites) {
		p.Limit = 100
	}
	list, next, err := s.Collections.List(ctx, requestOf(ctx).library, p)
	if err != nil {
		return nil, err
	}
	out := &collectionsOut{}
	out.Body.Items, out.Body.Next = list, next
	return out, nil
}

type getCollectionIn struct {
	ByID
	Wait int64 `query:"wait" minimum:"0" doc:"Wait until the index has reached this seq before counting"`
}

func (s *API) getCollection(ctx context.Context, in *getCollectionIn) (*tagged[dam.Collection], error) {
	c, err := s.Collections.Get(ctx, requestOf(ctx).library, in.ID, in.Wait)
	if err != nil {
		return nil, err
	}
	return &tagged[dam.Collection]{etag(c.Revision), c}, nil
}

type createCollectionIn struct{ Body collections.New }

func (s *API) createCollection(ctx context.Context, in *createCollectionIn) (*tagged[dam.Collection], error) {
	c, err := s.Collections.Create(ctx, requestOf(ctx).library, in.Body)
	return s.collectionAnswer(ctx, c, err)
}

type changeCollectionIn struct {
	Edit
	Body collections.Edit
}

func (s *API) changeCollection(ctx context.Context, in *changeCollectionIn) (*tagged[dam.Collection], error) {
	rev, err := revision(in.IfMatch)
	if err != nil {
		return nil, err
	}
	c, err := s.Collections.Change(ctx, requestOf(ctx).library, in.ID, rev, in.Body)
	return s.collectionAnswer(ctx, c, err)
}

type moveCollectionIn struct {
	Edit
	Body struct {
		Parent string `json:"parent" maxLength:"64" doc:"Id of the collection that it goes into; empty: the top"`
		Before string `json:"before,omitempty" maxLength:"64" doc:"Id of the sibling that it stands before; without it behind all"`
	}
}

func (s *API) moveCollection(ctx context.Context, in *moveCollectionIn) (*tagged[dam.Collection], error) {
	rev, err := revision(in.IfMatch)
	if err != nil {
		return nil, err
	}
	c, err := s.Collections.Move(ctx, requestOf(ctx).library, in.ID, rev, in.Body.Parent, in.Body.Before)
	return s.collectionAnswer(ctx, c, err)
}

func (s *API) collectionDeletion(ctx context.Context, in *ByID) (*body[dam.CollectionDeletion], error) {
	d, err := s.Collections.Deletion(ctx, requestOf(ctx).library, in.ID)
	if err != nil {
		return nil, err
	}
	return &body[dam.CollectionDeletion]{d}, nil
}

type deleteCollectionIn struct {
	Edit
	Below bool `query:"below" doc:"Needed for one with others below it: they go to the bin, too"`
}

func (s *API) deleteCollection(ctx context.Context, in *deleteCollectionIn) (*nothing, error) {
	rev, err := revision(in.IfMatch)
	if err != nil {
		return nil, err
	}
	return done(s.Collections.Delete(ctx, requestOf(ctx).library, in.ID, rev, in.Below))
}

func (s *API) deletedCollections(ctx context.Context, _ *nothing) (*items[dam.Collection], error) {
	return listOf(s.Collections.Deleted(ctx, requestOf(ctx).library))
}

func (s *API) undeleteCollection(ctx context.Context, in *ByID) (*tagged[dam.Collection], error) {
	c, err := s.Collections.Undelete(ctx, requestOf(ctx).library, in.ID)
	return s.collectionAnswer(ctx, c, err)
}

type collectIn struct {
	ByID
	Body struct {
		Assets []string `json:"assets" minItems:"1" maxItems:"1000" nullable:"false" doc:"Ids"`
	}
}

// collect puts assets in, or takes them out.
func (s *API) collect(in bool) func(context.Context, *collectIn) (*tagged[dam.Collection], error) {
	return func(ctx context.Context, c *collectIn) (*tagged[dam.Collection], error) {
		x, err := s.Collections.Collect(ctx, requestOf(ctx).library, c.ID, c.Body.Assets, in)
		return s.collectionAnswer(ctx, x, err)
	}
}

type arrangeIn struct {
	ByID
	Body struct {
		Assets []string `json:"assets" minItems:"1" maxItems:"1000" nullable:"false" doc:"Ids, in the order in which they are to stand"`
		Before string   `json:"before,omitempty" maxLength:"64" doc:"Id of the asset that they stand before; without it behind all"`
	}
}

func (s *API) arrangeCollection(ctx context.Context, in *arrangeIn) (*tagged[dam.Collection], error) {
	c, err := s.Collections.Arrange(ctx, requestOf(ctx).library, in.ID, in.Body.Assets, in.Body.Before)
	return s.collectionAnswer(ctx, c, err)
}

func (s *API) collectionExceptions(ctx context.Context, in *ByID) (*body[dam.CollectionExceptions], error) {
	req := requestOf(ctx)
	if req.principal.Restricted(req.library) { // they would tell of the query
		return nil, &dam.Error{Code: dam.Forbidden, Reason: reasons.WholeLibraryNeeded()}
	}
	x, err := s.Collections.Exceptions(ctx, req.library, in.ID)
	if err != nil {
		return nil, err
	}
	return &body[dam.CollectionExceptions]{x}, nil
}

func (s *API) forgetExceptions(ctx context.Context, in *collectIn) (*tagged[dam.Collection], error) {
	c, err := s.Collections.Forget(ctx, requestOf(ctx).library, in.ID, in.Body.Assets)
	return s.collectionAnswer(ctx, c, err)
}

// starCollection makes a collection a favourite of the actor, or no longer.
func (s *API) starCollection(on bool) func(context.Context, *ByID) (*nothing, error) {
	return func(ctx context.Context, in *ByID) (*nothing, error) {
		return done(s.Collections.Star(ctx, requestOf(ctx).library, in.ID, on))
	}
}

func (s *API) listQuarantine(ctx context.Context, _ *nothing) (*items[dam.Quarantined], error) {
	return listOf(s.Ingest.Quarantined(ctx, requestOf(ctx).library))
}
