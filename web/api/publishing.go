package api

import (
	"context"
	"time"

	"vitrine/dam"
	"vitrine/publishers/accounts"
	"vitrine/publishers/planning"
)

// Channels is the part of accounts.Service that has addresses.
type Channels interface {
	ChannelKinds(ctx context.Context, library string) ([]dam.ChannelKind, error)
	Channels(ctx context.Context, library string) ([]dam.Channel, error)
	Channel(ctx context.Context, library, id string) (dam.Channel, error)
	CreateChannel(ctx context.Context, library string, in accounts.ChannelInput) (dam.Channel, error)
	UpdateChannel(ctx context.Context, library, id string, ifMatch int64, p accounts.ChannelPatch) (dam.Channel, error)
	DeleteChannel(ctx context.Context, library, id string, ifMatch int64) error
	TestChannel(ctx context.Context, library, id string) (dam.Channel, error)
	Targets(ctx context.Context, library, id string) ([]dam.ChannelTarget, error)
	PauseChannel(ctx context.Context, library, id string) (dam.Channel, error)
	ResumeChannel(ctx context.Context, library, id string) (dam.Channel, error)
	Connect(ctx context.Context, library, channel string) (accounts.ConnectStart, error)
	Connected(ctx context.Context, state, code, failure string) (dam.Channel, error)
}

// Publications is the part of planning.Service that has addresses.
type Publications interface {
	Publications(ctx context.Context, library string, f dam.PublicationFilter) (items []dam.Publication, next string,
		err error)
	Publication(ctx context.Context, library, id string) (dam.Publication, error)
	PublishAll(ctx context.Context, library string, in planning.PublishInput) ([]dam.Publication, error)
	EditPublication(ctx context.Context, library, id string, ifMatch int64,
		e planning.PublicationPatch) (dam.Publication, error)
	Recall(ctx context.Context, library, id, reason string) (dam.Publication, error)
	RecallAsset(ctx context.Context, library, asset, reason string) ([]dam.Publication, error)
	Retry(ctx context.Context, library, id string) (dam.Publication, error)
	Confirm(ctx context.Context, library, id string, c planning.Confirmation) (dam.Publication, error)
	CheckPublish(ctx context.Context, library string, in planning.PublishInput) ([]planning.PublishCheck, error)
	LiveOf(ctx context.Context, library, asset string) ([]planning.Live, error)
	Slots(ctx context.Context, library, channel string, from, until time.Time) ([]planning.SlotTime, error)
	Campaigns(ctx context.Context, library string) ([]dam.Campaign, error)
	CreateCampaign(ctx context.Context, library, name string) (dam.Campaign, error)
	RenameCampaign(ctx context.Context, library, id string, ifMatch int64, name string) (dam.Campaign, error)
	DeleteCampaign(ctx context.Context, library, id string) error
	HoldCampaign(ctx context.Context, library, id string) (dam.Campaign, error)
	ResumeCampaign(ctx context.Context, library, id string) (dam.Campaign, error)
	SeriesList(ctx context.Context, library string) ([]dam.Series, error)
	Series(ctx context.Context, library, id string) (dam.Series, error)
	CreateSeries(ctx context.Context, library string, in planning.SeriesInput) (dam.Series, error)
	EndSeries(ctx context.Context, library, id string) (dam.Series, error)
	Holding
}

// Drafts is planning.Drafts.
type Drafts interface {
	Create(ctx context.Context, library string, in planning.PublishInput) (planning.Draft, error)
	Get(ctx context.Context, library, id string) (planning.Draft, error)
	List(ctx context.Context, library string, state dam.DraftState, after string, limit int) (list []planning.Draft,
		next string, err error)
	Save(ctx context.Context, library, id string, ifMatch int64, in planning.PublishInput) (planning.Draft, error)
	Delete(ctx context.Context, library, id string, ifMatch int64) (planning.Draft, error)
	Restore(ctx context.Context, library, id string) (planning.Draft, error)
	History(ctx context.Context, library, id string) ([]planning.DraftRevision, error)
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
	return listOf(s.Channels.Channels(ctx, requestOf(ctx).library))
}

func (s *API) channelKinds(ctx context.Context, _ *nothing) (*items[dam.ChannelKind], error) {
	return listOf(s.Channels.ChannelKinds(ctx, requestOf(ctx).library))
}

func (s *API) getChannel(ctx context.Context, in *ByID) (*tagged[dam.Channel], error) {
	return s.onChannel(Channels.Channel)(ctx, in)
}

func (s *API) testChannel(ctx context.Context, in *ByID) (*tagged[dam.Channel], error) {
	return s.onChannel(Channels.TestChannel)(ctx, in)
}

func (s *API) channelTargets(ctx context.Context, in *ByID) (*items[dam.ChannelTarget], error) {
	return listOf(s.Channels.Targets(ctx, requestOf(ctx).library, in.ID))
}

func (s *API) pauseChannel(ctx context.Context, in *ByID) (*tagged[dam.Channel], error) {
	return s.onChannel(Channels.PauseChannel)(ctx, in)
}

func (s *API) resumeChannel(ctx context.Context, in *ByID) (*tagged[dam.Channel], error) {
	return s.onChannel(Channels.ResumeChannel)(ctx, in)
}

// onChannel binds a method that takes a channel's id.
func (s *API) onChannel(fn func(Channels, context.Context, string, string) (dam.Channel, error)) func(context.Context,
	*ByID) (*tagged[dam.Channel], error) {
	return func(ctx context.Context, in *ByID) (*tagged[dam.Channel], error) {
		return channelAnswer(fn(s.Channels, ctx, requestOf(ctx).library, in.ID))
	}
}

type createChannelIn struct {
	Body accounts.ChannelInput
}

func (s *API) createChannel(ctx context.Context, in *createChannelIn) (*tagged[dam.Channel], error) {
	return channelAnswer(s.Channels.CreateChannel(ctx, requestOf(ctx).library, in.Body))
}

type patchChannelIn struct {
	Edit
	Body accounts.ChannelPatch
}

func (s *API) patchChannel(ctx context.Context, in *patchChannelIn) (*tagged[dam.Channel], error) {
	rev, err := revision(in.IfMatch)
	if err != nil {
		return nil, err
	}
	return channelAnswer(s.Channels.UpdateChannel(ctx, requestOf(ctx).library, in.ID, rev, in.Body))
}

func (s *API) deleteChannel(ctx context.Context, in *Edit) (*nothing, error) {
	rev, err := revision(in.IfMatch)
	if err != nil {
		return nil, err
	}
	return done(s.Channels.DeleteChannel(ctx, requestOf(ctx).library, in.ID, rev))
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
	out := &publicationsOut{}
	var err error
	out.Body.Items, out.Body.Next, err = s.Publications.Publications(ctx, requestOf(ctx).library,
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
	Body planning.PublishInput
}

// published is the first publication that was planned, and all of them; or else the draft that is kept, of which the
// publication says what it can.
type published struct {
	dam.Publication
	Draft *planning.Draft   `json:"draft,omitempty" doc:"The draft that is kept, when it was to be one: id, state and revision are the draft's then"`
	Items []dam.Publication `json:"items" nullable:"false" doc:"One for each channel; none of a draft"`
}

func (s *API) publish(ctx context.Context, in *publishIn) (*tagged[published], error) {
	if in.Body.Draft {
		d, err := s.Drafts.Create(ctx, requestOf(ctx).library, in.Body)
		if err != nil {
			return nil, err
		}
		p := dam.Publication{ID: d.ID, Library: d.Library, Asset: d.Post.Asset, Channel: d.Post.Channel,
			Files: append([]dam.PostFile{}, d.Post.Files...), Locale: d.Post.Locale, Approval: "draft",
			Revision: d.Revision, State: dam.PublicationState(d.State), Origin: "hand", Presets: []string{},
			Caption: d.Post.Caption, Post: d.Post.Post, At: d.UpdatedAt, CreatedAt: d.CreatedAt,
			CreatedBy: d.CreatedBy, UpdatedAt: d.UpdatedAt}
		return &tagged[published]{etag(d.Revision), published{p, &d, []dam.Publication{}}}, nil
	}
	list, err := s.Publications.PublishAll(ctx, requestOf(ctx).library, in.Body)
	if err != nil {
		return nil, err
	}
	return &tagged[published]{etag(list[0].Revision), published{Publication: list[0], Items: list}}, nil
}

func (s *API) getPublication(ctx context.Context, in *ByID) (*tagged[dam.Publication], error) {
	return publicationAnswer(s.Publications.Publication(ctx, requestOf(ctx).library, in.ID))
}

type patchPublicationIn struct {
	Edit
	Body planning.PublicationPatch
}

func (s *API) patchPublication(ctx context.Context, in *patchPublicationIn) (*tagged[dam.Publication], error) {
	rev, err := revision(in.IfMatch)
	if err != nil {
		return nil, err
	}
	return publicationAnswer(s.Publications.EditPublication(ctx, requestOf(ctx).library, in.ID, rev, in.Body))
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
	return publicationAnswer(s.Publications.Recall(ctx, requestOf(ctx).library, in.ID, in.reason()))
}

func (s *API) recallAsset(ctx context.Context, in *recallIn) (*items[dam.Publication], error) {
	return listOf(s.Publications.RecallAsset(ctx, requestOf(ctx).library, in.ID, in.reason()))
}

func (s *API) retryPublication(ctx context.Context, in *ByID) (*tagged[dam.Publication], error) {
	return publicationAnswer(s.Publications.Retry(ctx, requestOf(ctx).library, in.ID))
}

type confirmIn struct {
	ByID
	Body planning.Confirmation
}

func (s *API) confirmPublication(ctx context.Context, in *confirmIn) (*tagged[dam.Publication], error) {
	return publicationAnswer(s.Publications.Confirm(ctx, requestOf(ctx).library, in.ID, in.Body))
}
