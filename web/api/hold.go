package api

import (
	"context"

	"vitrine/dam"
	"vitrine/dam/delivery"
	"vitrine/dam/notifications"
	"vitrine/publishers/planning"
)

// Holding is the part of planning.Service that shows and ends a hold.
type Holding interface {
	Held(ctx context.Context, library string) (planning.Held, error)
	ReleaseHold(ctx context.Context, epoch string) error
}

type heldView struct {
	planning.Held
	Mail   int `json:"mail" doc:"Notices that are mailed with the release"`
	Purges int `json:"purges" doc:"Calls of the cache in front that go out with the release"`
}

type holdView struct {
	// Hold is nil when everything goes on.
	Hold  *dam.Hold `json:"hold,omitempty" doc:"Why nothing leaves the server; left out when everything goes on"`
	Epoch dam.Epoch `json:"epoch" doc:"The log's present epoch"`
	// Held is for those who publish.
	Held *heldView `json:"held,omitempty" doc:"What a release will touch, for publishers while the server holds"`
}

func (s *API) getHold(ctx context.Context, _ *nothing) (*body[holdView], error) {
	req := requestOf(ctx)
	var out holdView
	var err error
	if out.Hold, err = s.Events.Hold(ctx); err != nil {
		return nil, err
	}
	if out.Epoch, err = s.Events.Epoch(ctx); err != nil {
		return nil, err
	}
	if out.Hold != nil && s.Publications != nil && req.principal.CanEverywhere(req.library, dam.MayPublish) &&
		!req.principal.Restricted(req.library) {
		if out.Held, err = s.held(ctx, req.library); err != nil {
			return nil, err
		}
	}
	return &body[holdView]{out}, nil
}

func (s *API) held(ctx context.Context, library string) (*heldView, error) {
	h, err := s.Publications.Held(ctx, library)
	out := &heldView{Held: h}
	if err != nil || s.Jobs == nil {
		return out, err
	}
	if out.Mail, err = s.Jobs.Held(ctx, notifications.MailArgs{}.Kind()); err != nil {
		return nil, err
	}
	out.Purges, err = s.Jobs.Held(ctx, delivery.PurgeArgs{}.Kind())
	return out, err
}

type releaseIn struct {
	Body struct {
		Epoch string `json:"epoch" maxLength:"64" doc:"epoch of the hold that you have looked at"`
	}
}

func (s *API) releaseHold(ctx context.Context, in *releaseIn) (*body[holdView], error) {
	if err := s.Publications.ReleaseHold(ctx, in.Body.Epoch); err != nil {
		return nil, err
	}
	return s.getHold(ctx, nil)
}
