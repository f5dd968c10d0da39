package api

import (
	"context"

	"vitrine/dam"
	"vitrine/dam/libraries"
)

func (s *API) listLibraries(ctx context.Context, _ *nothing) (*items[dam.Library], error) {
	return listOf(s.Libraries.List(ctx))
}

func libraryAnswer(l dam.Library, err error) (*tagged[dam.Library], error) {
	if err != nil {
		return nil, err
	}
	return &tagged[dam.Library]{etag(l.Revision), l}, nil
}

func (s *API) getLibrary(ctx context.Context, in *ByID) (*tagged[dam.Library], error) {
	return libraryAnswer(s.Libraries.Get(ctx, in.ID))
}

type createLibraryIn struct{ Body libraries.NewLibrary }

func (s *API) createLibrary(ctx context.Context, in *createLibraryIn) (*tagged[dam.Library], error) {
	return libraryAnswer(s.Libraries.Create(ctx, in.Body))
}

type patchLibraryIn struct {
	Edit
	Body libraries.LibraryEdit
}

func (s *API) patchLibrary(ctx context.Context, in *patchLibraryIn) (*tagged[dam.Library], error) {
	rev, err := revision(in.IfMatch)
	if err != nil {
		return nil, err
	}
	return libraryAnswer(s.Libraries.Update(ctx, in.ID, rev, in.Body))
}

type libraryZoneIn struct {
	ByID
	To string `query:"to" required:"true" maxLength:"64" doc:"IANA time zone"`
}

func (s *API) libraryZone(ctx context.Context, in *libraryZoneIn) (*body[dam.ZoneChange], error) {
	z, err := s.Libraries.ZoneChange(ctx, in.ID, in.To)
	return &body[dam.ZoneChange]{z}, err
}

func (s *API) libraryArchival(ctx context.Context, in *ByID) (*body[dam.LibraryArchival], error) {
	a, err := s.Libraries.Archival(ctx, in.ID)
	return &body[dam.LibraryArchival]{a}, err
}

func (s *API) archiveLibrary(archived bool) func(context.Context, *ByID) (*tagged[dam.Library], error) {
	return func(ctx context.Context, in *ByID) (*tagged[dam.Library], error) {
		return libraryAnswer(s.Libraries.Archive(ctx, in.ID, archived))
	}
}
