package api

import (
	"context"

	"vitrine/dam"
)

// WebhookPatch changes what is not nil.
type WebhookPatch struct {
	URL         *string          `json:"url,omitempty" maxLength:"2000"`
	Types       *[]dam.EventType `json:"types,omitempty" maxItems:"100"`
	Description *string          `json:"description,omitempty" maxLength:"500"`
	Disabled    *bool            `json:"disabled,omitempty"`
}

// Webhooks keeps endpoints and delivers events to them.
type Webhooks interface {
	List(ctx context.Context, library string) ([]dam.Webhook, error)
	// Create returns the signing secret, which is shown once.
	Create(ctx context.Context, library, url string, types []dam.EventType, description string) (w dam.Webhook, secret string, err error)
	Update(ctx context.Context, library, id string, ifMatch int64, p WebhookPatch) (dam.Webhook, error)
	Delete(ctx context.Context, library, id string) error
	Test(ctx context.Context, library, id string) (dam.WebhookDelivery, error)
	Deliveries(ctx context.Context, library, id string, state dam.DeliveryState, after string, limit int) ([]dam.WebhookDelivery, error)
	Replay(ctx context.Context, library, id, delivery string) (dam.WebhookDelivery, error)
}

func (s *API) webhooks() (Webhooks, error) {
	if s.Webhooks == nil {
		return nil, missing("sending webhooks")
	}
	return s.Webhooks, nil
}

func (s *API) listWebhooks(ctx context.Context, _ *nothing) (*items[dam.Webhook], error) {
	w, err := s.webhooks()
	if err != nil {
		return nil, err
	}
	return listOf(w.List(ctx, requestOf(ctx).library))
}

type createWebhookIn struct {
	Body struct {
		URL         string          `json:"url" minLength:"1" maxLength:"2000"`
		Types       []dam.EventType `json:"types,omitempty" maxItems:"100" doc:"Event types, or prefixes such as asset.*; none means all"`
		Description string          `json:"description,omitempty" maxLength:"500"`
	}
}

type createdWebhook struct {
	Webhook dam.Webhook `json:"webhook"`
	Secret  string      `json:"secret" doc:"For verifying signatures; shown once"`
}

func (s *API) createWebhook(ctx context.Context, in *createWebhookIn) (*tagged[createdWebhook], error) {
	w, err := s.webhooks()
	if err != nil {
		return nil, err
	}
	hook, secret, err := w.Create(ctx, requestOf(ctx).library, in.Body.URL, in.Body.Types, in.Body.Description)
	return &tagged[createdWebhook]{etag(hook.Revision), createdWebhook{hook, secret}}, err
}

type patchWebhookIn struct {
	edit
	Body WebhookPatch
}

func (s *API) patchWebhook(ctx context.Context, in *patchWebhookIn) (*tagged[dam.Webhook], error) {
	w, err := s.webhooks()
	if err != nil {
		return nil, err
	}
	rev, err := revision(in.IfMatch)
	if err != nil {
		return nil, err
	}
	hook, err := w.Update(ctx, requestOf(ctx).library, in.ID, rev, in.Body)
	return &tagged[dam.Webhook]{etag(hook.Revision), hook}, err
}

func (s *API) deleteWebhook(ctx context.Context, in *byID) (*nothing, error) {
	w, err := s.webhooks()
	if err != nil {
		return nil, err
	}
	return done(w.Delete(ctx, requestOf(ctx).library, in.ID))
}

func (s *API) testWebhook(ctx context.Context, in *byID) (*body[dam.WebhookDelivery], error) {
	w, err := s.webhooks()
	if err != nil {
		return nil, err
	}
	d, err := w.Test(ctx, requestOf(ctx).library, in.ID)
	return &body[dam.WebhookDelivery]{d}, err
}

type deliveriesIn struct {
	byID
	State string `query:"state" maxLength:"40" enum:"waiting,delivered,dead"`
	After string `query:"after" maxLength:"64" doc:"Id of the last one of the page before"`
	Limit int    `query:"limit" minimum:"1" maximum:"200" default:"50"`
}

func (s *API) listDeliveries(ctx context.Context, in *deliveriesIn) (*items[dam.WebhookDelivery], error) {
	w, err := s.webhooks()
	if err != nil {
		return nil, err
	}
	return listOf(w.Deliveries(ctx, requestOf(ctx).library, in.ID, dam.DeliveryState(in.State), in.After, in.Limit))
}

type replayIn struct {
	byID
	Delivery string `path:"delivery" maxLength:"64"`
}

func (s *API) replayDelivery(ctx context.Context, in *replayIn) (*body[dam.WebhookDelivery], error) {
	w, err := s.webhooks()
	if err != nil {
		return nil, err
	}
	d, err := w.Replay(ctx, requestOf(ctx).library, in.ID, in.Delivery)
	return &body[dam.WebhookDelivery]{d}, err
}
