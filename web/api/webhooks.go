package api

import (
	"context"

	"vitrine/dam"
	"vitrine/dam/webhooks"
)

// Webhooks is the part of webhooks.Service that has addresses.
type Webhooks interface {
	Webhooks(ctx context.Context, library string) ([]dam.Webhook, error)
	Webhook(ctx context.Context, library, id string) (dam.Webhook, error)
	Create(ctx context.Context, library string, in webhooks.Input) (dam.Webhook, string, error)
	Update(ctx context.Context, library, id string, ifMatch int64, p webhooks.Patch) (dam.Webhook, error)
	Rotate(ctx context.Context, library, id string) (dam.Webhook, string, error)
	Delete(ctx context.Context, library, id string, ifMatch int64) error
	Test(ctx context.Context, library, id string) (dam.WebhookDelivery, error)
	Deliveries(ctx context.Context, library, webhook string, state dam.DeliveryState, before string,
		limit int) ([]dam.WebhookDelivery, error)
	Replay(ctx context.Context, library, webhook, delivery string) (dam.WebhookDelivery, error)
}

func (s *API) listWebhooks(ctx context.Context, _ *nothing) (*items[dam.Webhook], error) {
	return listOf(s.Webhooks.Webhooks(ctx, requestOf(ctx).library))
}

type createWebhookIn struct {
	Body webhooks.Input
}

type createdWebhook struct {
	Webhook dam.Webhook `json:"webhook"`
	Secret  string      `json:"secret" doc:"For verifying signatures; shown once"`
}

func (s *API) createWebhook(ctx context.Context, in *createWebhookIn) (*tagged[createdWebhook], error) {
	hook, secret, err := s.Webhooks.Create(ctx, requestOf(ctx).library, in.Body)
	return &tagged[createdWebhook]{etag(hook.Revision), createdWebhook{hook, secret}}, err
}

type patchWebhookIn struct {
	Edit
	Body webhooks.Patch
}

func (s *API) patchWebhook(ctx context.Context, in *patchWebhookIn) (*tagged[dam.Webhook], error) {
	rev, err := revision(in.IfMatch)
	if err != nil {
		return nil, err
	}
	hook, err := s.Webhooks.Update(ctx, requestOf(ctx).library, in.ID, rev, in.Body)
	return &tagged[dam.Webhook]{etag(hook.Revision), hook}, err
}

func (s *API) getWebhook(ctx context.Context, in *ByID) (*tagged[dam.Webhook], error) {
	hook, err := s.Webhooks.Webhook(ctx, requestOf(ctx).library, in.ID)
	return &tagged[dam.Webhook]{etag(hook.Revision), hook}, err
}

func (s *API) rotateWebhook(ctx context.Context, in *ByID) (*tagged[createdWebhook], error) {
	hook, secret, err := s.Webhooks.Rotate(ctx, requestOf(ctx).library, in.ID)
	return &tagged[createdWebhook]{etag(hook.Revision), createdWebhook{hook, secret}}, err
}

func (s *API) deleteWebhook(ctx context.Context, in *Edit) (*nothing, error) {
	rev, err := revision(in.IfMatch)
	if err != nil {
		return nil, err
	}
	return done(s.Webhooks.Delete(ctx, requestOf(ctx).library, in.ID, rev))
}

func (s *API) testWebhook(ctx context.Context, in *ByID) (*body[dam.WebhookDelivery], error) {
	d, err := s.Webhooks.Test(ctx, requestOf(ctx).library, in.ID)
	return &body[dam.WebhookDelivery]{d}, err
}

type deliveriesIn struct {
	ByID
	State  string `query:"state" maxLength:"40" enum:"waiting,delivered,dead"`
	Before string `query:"before" maxLength:"64" doc:"Id of the last one of the page before"`
	Limit  int    `query:"limit" minimum:"1" maximum:"200" default:"50"`
}

func (s *API) listDeliveries(ctx context.Context, in *deliveriesIn) (*items[dam.WebhookDelivery], error) {
	return listOf(s.Webhooks.Deliveries(ctx, requestOf(ctx).library, in.ID, dam.DeliveryState(in.State), in.Before,
		in.Limit))
}

type replayIn struct {
	ByID
	Delivery string `path:"delivery" maxLength:"64"`
}

func (s *API) replayDelivery(ctx context.Context, in *replayIn) (*body[dam.WebhookDelivery], error) {
	d, err := s.Webhooks.Replay(ctx, requestOf(ctx).library, in.ID, in.Delivery)
	return &body[dam.WebhookDelivery]{d}, err
}
