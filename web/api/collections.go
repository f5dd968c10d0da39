package api

import (
	"context"

	"vitrine/dam"
)

func collectionAnswer(c dam.Collection, err error) (*tagged[dam.Collection], error) {
	if err != nil {
		return nil, err
	}
	return &tagged[dam.Collection]{etag(c.Revision), c}, nil
}

func (s *API) listCollections(ctx context.Context, _ *nothing) (*items[dam.Collection], error) {
	return listOf(s.Assets.Collections(ctx, requestOf(ctx).library))
}

type createCollectionIn struct {
	Body struct {
		Name string `json:"name" minLength:"1" maxLength:"200"`
	}
}

func (s *API) createCollection(ctx context.Context, in *createCollectionIn) (*tagged[dam.Collection], error) {
	return collectionAnswer(s.Assets.CreateCollection(ctx, requestOf(ctx).library, in.Body.Name))
}

type renameCollectionIn struct {
	Edit
	Body struct {
		Name string `json:"name" minLength:"1" maxLength:"200"`
	}
}

func (s *API) renameCollection(ctx context.Context, in *renameCollectionIn) (*tagged[dam.Collection], error) {
	rev, err := revision(in.IfMatch)
	if err != nil {
		return nil, err
	}
	return collectionAnswer(s.Assets.RenameCollection(ctx, requestOf(ctx).library, in.ID, rev, in.Body.Name))
}

func (s *API) deleteCollection(ctx context.Context, in *ByID) (*nothing, error) {
	return done(s.Assets.DeleteCollection(ctx, requestOf(ctx).library, in.ID))
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
		return collectionAnswer(s.Assets.Collect(ctx, requestOf(ctx).library, c.ID, c.Body.Assets, in))
	}
}

func (s *API) listQuarantine(ctx context.Context, _ *nothing) (*items[dam.Quarantined], error) {
	return listOf(s.Ingest.Quarantined(ctx, requestOf(ctx).library))
}
