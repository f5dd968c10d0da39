package api

import (
	"context"

	"vitrine/dam"
	"vitrine/dam/bulk"
)

// Bulk is the part of bulk.Service that has addresses.
type Bulk interface {
	Start(ctx context.Context, library string, r bulk.Request) (dam.Bulk, error)
	Get(ctx context.Context, library, id string) (dam.Bulk, error)
	List(ctx context.Context, library string, limit int) ([]dam.Bulk, error)
	Failures(ctx context.Context, library, id string, limit int) ([]dam.BulkFailure, error)
	Cancel(ctx context.Context, library, id string) (dam.Bulk, error)
	Retry(ctx context.Context, library, id string) (dam.Bulk, error)
	Undo(ctx context.Context, library, id string) (dam.Bulk, error)
}

// shownBulk answers with a job, without what who asks doesn't see.
func shownBulk(ctx context.Context) func(dam.Bulk, error) (*body[dam.Bulk], error) {
	return func(b dam.Bulk, err error) (*body[dam.Bulk], error) {
		dam.ActorOf(ctx).ShowBulk(&b)
		return &body[dam.Bulk]{b}, err
	}
}

type startBulkIn struct {
	Body bulk.Request
}

func (s *API) startBulk(ctx context.Context, in *startBulkIn) (*body[dam.Bulk], error) {
	return shownBulk(ctx)(s.Bulk.Start(ctx, requestOf(ctx).library, in.Body))
}

type bulksIn struct {
	Limit int `query:"limit" minimum:"1" maximum:"200" default:"20"`
}

func (s *API) listBulks(ctx context.Context, in *bulksIn) (*items[dam.Bulk], error) {
	list, err := s.Bulk.List(ctx, requestOf(ctx).library, in.Limit)
	for i := range list {
		dam.ActorOf(ctx).ShowBulk(&list[i])
	}
	return listOf(list, err)
}

func (s *API) getBulk(ctx context.Context, in *ByID) (*body[dam.Bulk], error) {
	return shownBulk(ctx)(s.Bulk.Get(ctx, requestOf(ctx).library, in.ID))
}

type bulkFailuresIn struct {
	ByID
	Limit int `query:"limit" minimum:"1" maximum:"10000" default:"200"`
}

func (s *API) bulkFailures(ctx context.Context, in *bulkFailuresIn) (*items[dam.BulkFailure], error) {
	library := requestOf(ctx).library
	list, err := s.Bulk.Failures(ctx, library, in.ID, in.Limit)
	for i := range list {
		dam.ActorOf(ctx).ShowFailure(library, &list[i])
	}
	return listOf(list, err)
}

// steerBulk is one thing that people do with a job. Its answer is the job that goes on.
func (s *API) steerBulk(what func(Bulk, context.Context, string, string) (dam.Bulk, error)) func(context.Context,
	*ByID) (*body[dam.Bulk], error) {
	return func(ctx context.Context, in *ByID) (*body[dam.Bulk], error) {
		return shownBulk(ctx)(what(s.Bulk, ctx, requestOf(ctx).library, in.ID))
	}
}
