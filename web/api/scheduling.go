package api

import (
	"context"
	"time"

	"vitrine/dam"
	"vitrine/publishers/planning"
)

func (s *API) checkPublish(ctx context.Context, in *publishIn) (*items[planning.PublishCheck], error) {
	return listOf(s.Publications.CheckPublish(ctx, requestOf(ctx).library, in.Body))
}

func (s *API) assetLive(ctx context.Context, in *ByID) (*items[planning.Live], error) {
	return listOf(s.Publications.LiveOf(ctx, requestOf(ctx).library, in.ID))
}

type slotsIn struct {
	ByID
	From  time.Time `query:"from" doc:"Now when left out"`
	Until time.Time `query:"until" doc:"Four weeks later when left out; at most a year"`
}

func (s *API) channelSlots(ctx context.Context, in *slotsIn) (*items[planning.SlotTime], error) {
	return listOf(s.Publications.Slots(ctx, requestOf(ctx).library, in.ID, in.From, in.Until))
}

func (s *API) listCampaigns(ctx context.Context, _ *nothing) (*items[dam.Campaign], error) {
	return listOf(s.Publications.Campaigns(ctx, requestOf(ctx).library))
}

func campaignAnswer(c dam.Campaign, err error) (*tagged[dam.Campaign], error) {
	if err != nil {
		return nil, err
	}
	return &tagged[dam.Campaign]{etag(c.Revision), c}, nil
}

type campaignName struct {
	Name string `json:"name" minLength:"1" maxLength:"200"`
}

type createCampaignIn struct{ Body campaignName }

func (s *API) createCampaign(ctx context.Context, in *createCampaignIn) (*tagged[dam.Campaign], error) {
	return campaignAnswer(s.Publications.CreateCampaign(ctx, requestOf(ctx).library, in.Body.Name))
}

type patchCampaignIn struct {
	Edit
	Body campaignName
}

func (s *API) patchCampaign(ctx context.Context, in *patchCampaignIn) (*tagged[dam.Campaign], error) {
	rev, err := revision(in.IfMatch)
	if err != nil {
		return nil, err
	}
	return campaignAnswer(s.Publications.RenameCampaign(ctx, requestOf(ctx).library, in.ID, rev, in.Body.Name))
}

func (s *API) deleteCampaign(ctx context.Context, in *ByID) (*nothing, error) {
	return done(s.Publications.DeleteCampaign(ctx, requestOf(ctx).library, in.ID))
}

func (s *API) holdCampaign(ctx context.Context, in *ByID) (*tagged[dam.Campaign], error) {
	return campaignAnswer(s.Publications.HoldCampaign(ctx, requestOf(ctx).library, in.ID))
}

func (s *API) resumeCampaign(ctx context.Context, in *ByID) (*tagged[dam.Campaign], error) {
	return campaignAnswer(s.Publications.ResumeCampaign(ctx, requestOf(ctx).library, in.ID))
}

func (s *API) listSeries(ctx context.Context, _ *nothing) (*items[dam.Series], error) {
	return listOf(s.Publications.SeriesList(ctx, requestOf(ctx).library))
}

func seriesAnswer(x dam.Series, err error) (*tagged[dam.Series], error) {
	if err != nil {
		return nil, err
	}
	return &tagged[dam.Series]{etag(x.Revision), x}, nil
}

type createSeriesIn struct{ Body planning.SeriesInput }

func (s *API) createSeries(ctx context.Context, in *createSeriesIn) (*tagged[dam.Series], error) {
	return seriesAnswer(s.Publications.CreateSeries(ctx, requestOf(ctx).library, in.Body))
}

func (s *API) getSeries(ctx context.Context, in *ByID) (*tagged[dam.Series], error) {
	return seriesAnswer(s.Publications.Series(ctx, requestOf(ctx).library, in.ID))
}

func (s *API) endSeries(ctx context.Context, in *ByID) (*tagged[dam.Series], error) {
	return seriesAnswer(s.Publications.EndSeries(ctx, requestOf(ctx).library, in.ID))
}
