package api

import (
	"context"

	"vitrine/dam"
	"vitrine/dam/integrity"
)

type integrityIn struct {
	State dam.DamageState `query:"state" enum:"damaged,repaired" default:"damaged" doc:"Which damages to list; repaired ones are kept for 90 days"`
	After string          `query:"after" maxLength:"600" doc:"The last key of the page before"`
	Limit int             `query:"limit" minimum:"1" maximum:"1000" default:"100"`
}

type integrityView struct {
	Scrub integrity.Status `json:"scrub" doc:"The background job that reads every stored object again"`
	Items []dam.Damage     `json:"items" nullable:"false" doc:"By key"`
}

// getIntegrity tells administrators what is damaged, and how far the scrub is.
func (s *API) getIntegrity(ctx context.Context, in *integrityIn) (*body[integrityView], error) {
	var out integrityView
	var err error
	if out.Scrub, err = s.Integrity.Status(ctx); err != nil {
		return nil, err
	}
	out.Items, err = s.Integrity.Damages(ctx, in.State, in.After, in.Limit)
	return &body[integrityView]{out}, err
}

type namesIn struct {
	After int64 `query:"after" minimum:"0" doc:"The n of the last entry of the page before"`
	Limit int   `query:"limit" minimum:"1" maximum:"1000" default:"100"`
}

// listNames tells administrators which spellings of names an upgrade replaced, and what became one.
func (s *API) listNames(ctx context.Context, in *namesIn) (*body[integrity.Names], error) {
	found, err := s.Integrity.Names(ctx, in.After, in.Limit)
	return &body[integrity.Names]{found}, err
}

type assetDamage struct {
	Items []dam.Damage `json:"items" nullable:"false"`
}

// assetDamage tells what of an asset can't be given out.
func (s *API) assetDamage(ctx context.Context, in *ByID) (*body[assetDamage], error) {
	a, _, err := s.version(ctx, in.ID, "")
	if err != nil {
		return nil, err
	}
	list, err := s.Integrity.AssetDamages(ctx, a.ID)
	for i := range list {
		list[i].Assets = []string{a.ID}
	}
	return &body[assetDamage]{assetDamage{list}}, err
}
