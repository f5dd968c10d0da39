package api

import (
	"context"

	"vitrine/dam"
	"vitrine/dam/signage"
)

// Signage is the part of signage.Service that people reach: playlists and screens.
type Signage interface {
	Playlist(ctx context.Context, library, channel string) (signage.Playlist, error)
	Move(ctx context.Context, library, channel, publication, before string) error
	Screens(ctx context.Context, library, channel string) ([]dam.Screen, error)
	AddScreen(ctx context.Context, library, channel, name string) (dam.Screen, error)
	RemoveScreen(ctx context.Context, library, channel, id string) error
	Preview(ctx context.Context, library, channel string) (string, error)
}

func (s *API) getPlaylist(ctx context.Context, in *ByID) (*body[signage.Playlist], error) {
	p, err := s.Signage.Playlist(ctx, requestOf(ctx).library, in.ID)
	return &body[signage.Playlist]{p}, err
}

type moveIn struct {
	ByID
	Body struct {
		Publication string `json:"publication" maxLength:"64"`
		Before      string `json:"before,omitempty" maxLength:"64" doc:"Publication it is put in front of; last when left out"`
	}
}

func (s *API) moveEntry(ctx context.Context, in *moveIn) (*nothing, error) {
	return done(s.Signage.Move(ctx, requestOf(ctx).library, in.ID, in.Body.Publication, in.Body.Before))
}

func (s *API) listScreens(ctx context.Context, in *ByID) (*items[dam.Screen], error) {
	return listOf(s.Signage.Screens(ctx, requestOf(ctx).library, in.ID))
}

type addScreenIn struct {
	ByID
	Body struct {
		Name string `json:"name" minLength:"1" maxLength:"200"`
	}
}

func (s *API) addScreen(ctx context.Context, in *addScreenIn) (*body[dam.Screen], error) {
	x, err := s.Signage.AddScreen(ctx, requestOf(ctx).library, in.ID, in.Body.Name)
	return &body[dam.Screen]{x}, err
}

type screenIn struct {
	ByID
	Screen string `path:"screen" maxLength:"64"`
}

func (s *API) removeScreen(ctx context.Context, in *screenIn) (*nothing, error) {
	return done(s.Signage.RemoveScreen(ctx, requestOf(ctx).library, in.ID, in.Screen))
}

// address is where a browser is to go.
type address struct {
	URL string `json:"url"`
}

func (s *API) previewScreens(ctx context.Context, in *ByID) (*body[address], error) {
	u, err := s.Signage.Preview(ctx, requestOf(ctx).library, in.ID)
	return &body[address]{address{u}}, err
}
