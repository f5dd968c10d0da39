package api

import (
	"context"

	"vitrine/dam"
)

// Reprocessing does again what earlier versions of the program did wrongly or not at all (see reprocess.Service).
type Reprocessing interface {
	Begin(ctx context.Context, library string) (dam.Reprocessing, error)
	List(ctx context.Context, library string) ([]dam.Reprocessing, error)
	Get(ctx context.Context, library, id string) (dam.Reprocessing, error)
	Items(ctx context.Context, library, id, state string, after, limit int) ([]dam.ReprocessingItem, error)
	Delivered(ctx context.Context, library, id, after string, limit int) ([]dam.Publication, error)
	Confirm(ctx context.Context, library, id string) (dam.Reprocessing, error)
	Cancel(ctx context.Context, library, id string) (dam.Reprocessing, error)
}

func (s *API) beginReprocessing(ctx context.Context, _ *nothing) (*body[dam.Reprocessing], error) {
	r, err := s.Reprocessing.Begin(ctx, requestOf(ctx).library)
	return &body[dam.Reprocessing]{r}, err
}

func (s *API) listReprocessings(ctx context.Context, _ *nothing) (*items[dam.Reprocessing], error) {
	return listOf(s.Reprocessing.List(ctx, requestOf(ctx).library))
}

func (s *API) getReprocessing(ctx context.Context, in *ByID) (*body[dam.Reprocessing], error) {
	r, err := s.Reprocessing.Get(ctx, requestOf(ctx).library, in.ID)
	return &body[dam.Reprocessing]{r}, err
}

type reprocessingItemsIn struct {
	ByID
	State string `query:"state" enum:"pending,done,failed" doc:"Only those in this state"`
	After int    `query:"after" minimum:"0" doc:"The number n of the last item seen"`
	Limit int    `query:"limit" minimum:"1" maximum:"1000" default:"100"`
}

func (s *API) reprocessingItems(ctx context.Context, in *reprocessingItemsIn) (*items[dam.ReprocessingItem], error) {
	return listOf(s.Reprocessing.Items(ctx, requestOf(ctx).library, in.ID, in.State, in.After, in.Limit))
}

type reprocessingPublicationsIn struct {
	ByID
	After string `query:"after" maxLength:"64" doc:"The id of the last publication seen"`
	Limit int    `query:"limit" minimum:"1" maximum:"200" default:"50"`
}

func (s *API) reprocessingPublications(ctx context.Context, in *reprocessingPublicationsIn) (*items[dam.Publication],
	error) {
	return listOf(s.Reprocessing.Delivered(ctx, requestOf(ctx).library, in.ID, in.After, in.Limit))
}

func (s *API) confirmReprocessing(ctx context.Context, in *ByID) (*body[dam.Reprocessing], error) {
	r, err := s.Reprocessing.Confirm(ctx, requestOf(ctx).library, in.ID)
	return &body[dam.Reprocessing]{r}, err
}

func (s *API) cancelReprocessing(ctx context.Context, in *ByID) (*body[dam.Reprocessing], error) {
	r, err := s.Reprocessing.Cancel(ctx, requestOf(ctx).library, in.ID)
	return &body[dam.Reprocessing]{r}, err
}
