package api

import (
	"context"
	"time"

	"vitrine/dam"
	"vitrine/publishers"
)

// Publishing is the part of publishers.Service that has addresses.
type Publishing interface {
	ChannelKinds() []dam.ChannelKind
	Channels(ctx context.Context, library string) ([]dam.Channel, error)
	Channel(ctx context.Context, library, id string) (dam.Channel, error)
	CreateChannel(ctx context.Context, library string, in publishers.ChannelInput) (dam.Channel, error)
	UpdateChannel(ctx context.Context, library, id string, ifMatch int64, p publishers.ChannelPatch) (dam.Channel, error)
	DeleteChannel(ctx context.Context, library, id string, ifMatch int64) error
	TestChannel(ctx context.Context, library, id string) (dam.Channel, error)
	PauseChannel(ctx context.Context, library, id string) (dam.Channel, error)
	ResumeChannel(ctx context.Context, library, id string) (dam.Channel, error)
	Publications(ctx context.Context, library string, f dam.PublicationFilter) (items []dam.Publication, next string, err error)
	Publication(ctx context.Context, library, id string) (dam.Publication, error)
	PublishAll(ctx context.Context, library string, in publishers.PublishInput) ([]dam.Publication, error)
	EditPublication(ctx context.Context, library, id string, ifMatch int64, e publishers.PublicationPatch) (dam.Publication, error)
	Recall(ctx context.Context, library, id, reason string) (dam.Publication, error)
	RecallAsset(ctx context.Context, library, asset, reason string) ([]dam.Publication, error)
	Retry(ctx context.Context, library, id string) (dam.Publication, error)
	Confirm(ctx context.Context, library, id string, c publishers.Confirmation) (dam.Publication, error)
	Scheduling
	Holding
}

// publishing returns the service, or why there is none.
func (s *API) publishing() (Publishing, error) {
	if s.Publishing == nil {
		return nil, missing("publishing")
	}
	return s.Publishing, nil
}

func channelAnswer(c dam.Channel, err error) (*tagged[dam.Channel], error) {
	if err != nil {
		return nil, err
	}
	return &tagged[dam.Channel]{etag(c.Revision), c}, nil
}

func publicationAnswer(p dam.Publication, err error) (*tagged[dam.Publication], error) {
	if err != nil {
		return nil, err
	}
	return &tagged[dam.Publication]{etag(p.Revision), p}, nil
}

func (s *API) listChannels(ctx context.Context, _ *nothing) (*items[dam.Channel], error) {
	p, err := s.publishing()
	if err != nil {
		return nil, err
	}
	return listOf(p.Channels(ctx, requestOf(ctx).library))
}

func (s *API) channelKinds(context.Context, *nothing) (*items[dam.ChannelKind], error) {
	p, err := s.publishing()
	if err != nil {
		return nil, err
	}
	return listOf(p.ChannelKinds(), nil)
}

func (s *API) getChannel(ctx context.Context, in *ByID) (*tagged[dam.Channel], error) {
	return s.onChannel(Publishing.Channel)(ctx, in)
}

func (s *API) testChannel(ctx context.Context, in *ByID) (*tagged[dam.Channel], error) {
	return s.onChannel(Publishing.TestChannel)(ctx, in)
}

func (s *API) pauseChannel(ctx context.Context, in *ByID) (*tagged[dam.Channel], error) {
	return s.onChannel(Publishing.PauseChannel)(ctx, in)
}

func (s *API) resumeChannel(ctx context.Context, in *ByID) (*tagged[dam.Channel], error) {
	return s.onChannel(Publishing.ResumeChannel)(ctx, in)
}

// onChannel binds a method that takes a channel's id.
func (s *API) onChannel(fn func(Publishing, context.Context, string, string) (dam.Channel, error)) func(context.Context, *ByID) (*tagged[dam.Channel], error) {
	return func(ctx context.Context, in *ByID) (*tagged[dam.Channel], error) {
		p, err := s.publishing()
		if err != nil {
			return nil, err
		}
		return channelAnswer(fn(p, ctx, requestOf(ctx).library, in.ID))
	}
}

type createChannelIn struct {
	Body publishers.ChannelInput
}

func (s *API) createChannel(ctx context.Context, in *createChannelIn) (*tagged[dam.Channel], error) {
	p, err := s.publishing()
	if err != nil {
		return nil, err
	}
	return channelAnswer(p.CreateChannel(ctx, requestOf(ctx).library, in.Body))
}

type patchChannelIn struct {
	Edit
	Body publishers.ChannelPatch
}

func (s *API) patchChannel(ctx context.Context, in *patchChannelIn) (*tagged[dam.Channel], error) {
	p, err := s.publishing()
	if err != nil {
		return nil, err
	}
	rev, err := revision(in.IfMatch)
	if err != nil {
		return nil, err
	}
	return channelAnswer(p.UpdateChannel(ctx, requestOf(ctx).library, in.ID, rev, in.Body))
}

func (s *API) deleteChannel(ctx context.Context, in *Edit) (*nothing, error) {
	p, err := s.publishing()
	if err != nil {
		return nil, err
	}
	rev, err := revision(in.IfMatch)
	if err != nil {
		return nil, err
	}
	return done(p.DeleteChannel(ctx, requestOf(ctx).library, in.ID, rev))
}

type publicationsIn struct {
	Asset    string    `query:"asset" maxLength:"64"`
	Channel  string    `query:"channel" maxLength:"64"`
	State    string    `query:"state" maxLength:"40"`
	Campaign string    `query:"campaign" maxLength:"64"`
	Series   string    `query:"series" maxLength:"64"`
	From     time.Time `query:"from" doc:"Due at this instant or later"`
	Until    time.Time `query:"until" doc:"Due before this instant"`
	Limit    int       `query:"limit" minimum:"1" maximum:"200" default:"50"`
	After    string    `query:"after" maxLength:"64" doc:"next of the page before"`
}

type publicationsOut struct {
	Body struct {
		Items []dam.Publication `json:"items" nullable:"false"`
		Next  string            `json:"next" doc:"Cursor of the next page; empty at the end"`
	}
}

func (s *API) listPublications(ctx context.Context, in *publicationsIn) (*publicationsOut, error) {
	p, err := s.publishing()
	if err != nil {
		return nil, err
	}
	out := &publicationsOut{}
	out.Body.Items, out.Body.Next, err = p.Publications(ctx, requestOf(ctx).library,
		dam.PublicationFilter{Asset: in.Asset, Channel: in.Channel, State: dam.PublicationState(in.State),
			Campaign: in.Campaign, Series: in.Series, From: in.From, Until: in.Until, Limit: in.Limit, After: in.After})
	return out, err
}

func (s *API) assetPublications(ctx context.Context, in *ByID) (*publicationsOut, error) {
	if _, err := s.Assets.Get(ctx, requestOf(ctx).library, in.ID); err != nil {
		return nil, err
	}
	return s.listPublications(ctx, &publicationsIn{Asset: in.ID, Limit: 200})
}

type publishIn struct {
	Body publishers.PublishInput
}

// published is the first publication that was planned, and all of them.
type published struct {
	dam.Publication
	Items []dam.Publication `json:"items" nullable:"false" doc:"One for each channel"`
}

func (s *API) publish(ctx context.Context, in *publishIn) (*tagged[published], error) {
	p, err := s.publishing()
	if err != nil {
		return nil, err
	}
	list, err := p.PublishAll(ctx, requestOf(ctx).library, in.Body)
	if err != nil {
		return nil, err
	}
	return &tagged[published]{etag(list[0].Revision), published{list[0], list}}, nil
}

func (s *API) getPublication(ctx context.Context, in *ByID) (*tagged[dam.Publication], error) {
	p, err := s.publishing()
	if err != nil {
		return nil, err
	}
	return publicationAnswer(p.Publication(ctx, requestOf(ctx).library, in.ID))
}

type patchPublicationIn struct {
	Edit
	Body publishers.PublicationPatch
}

func (s *API) patchPublication(ctx context.Context, in *patchPublicationIn) (*tagged[dam.Publication], error) {
	p, err := s.publishing()
	if err != nil {
		return nil, err
	}
	rev, err := revision(in.IfMatch)
	if err != nil {
		return nil, err
	}
	return publicationAnswer(p.EditPublication(ctx, requestOf(ctx).library, in.ID, rev, in.Body))
}

type recallIn struct {
	ByID
	Body *struct {
		Reason string `json:"reason,omitempty" maxLength:"1000"`
	}
}

func (in *recallIn) reason() string {
	if in.Body == nil {
		return ""
	}
	return in.Body.Reason
}

func (s *API) recallPublication(ctx context.Context, in *recallIn) (*tagged[dam.Publication], error) {
	p, err := s.publishing()
	if err != nil {
		return nil, err
	}
	return publicationAnswer(p.Recall(ctx, requestOf(ctx).library, in.ID, in.reason()))
}

func (s *API) recallAsset(ctx context.Context, in *recallIn) (*items[dam.Publication], error) {
	p, err := s.publishing()
	if err != nil {
		return nil, err
	}
	return listOf(p.RecallAsset(ctx, requestOf(ctx).library, in.ID, in.reason()))
}

func (s *API) retryPublication(ctx context.Context, in *ByID) (*tagged[dam.Publication], error) {
	p, err := s.publishing()
	if err != nil {
		return nil, err
	}
	return publicationAnswer(p.Retry(ctx, requestOf(ctx).library, in.ID))
}

type confirmIn struct {
	ByID
	Body publishers.Confirmation
}

func (s *API) confirmPublication(ctx context.Context, in *confirmIn) (*tagged[dam.Publication], error) {
	p, err := s.publishing()
	if err != nil {
		return nil, err
	}
	return publicationAnswer(p.Confirm(ctx, requestOf(ctx).library, in.ID, in.Body))
}
