package api

import (
	"context"

	"vitrine/dam"
	"vitrine/dam/relations"
)

// Relations is the part of relations.Service that has addresses.
type Relations interface {
	Of(ctx context.Context, library, asset string) ([]dam.Related, error)
	Add(ctx context.Context, library, asset string, n relations.NewRelation) (dam.Related, error)
	WouldAdd(ctx context.Context, library, asset string, n relations.NewRelation) (dam.Related, *dam.RightsImpact,
		error)
	Remove(ctx context.Context, library, asset, id string) error
	Confirm(ctx context.Context, library, asset, id string, version *int) (dam.Related, error)
}

// listRelations answers with at most dam.MaxRelations.
func (s *API) listRelations(ctx context.Context, in *ByID) (*items[dam.Related], error) {
	return listOf(s.Relations.Of(ctx, requestOf(ctx).library, in.ID))
}

type addRelationIn struct {
	ByID
	Body struct {
		relations.NewRelation
		DryRun bool `json:"dry_run,omitempty" doc:"Change nothing: answer with what licences and consents that bind more assets by this would touch"`
	}
}

// AddedRelation is a relation that was added, or that a dry run would add.
type AddedRelation struct {
	dam.Related
	Impacted
}

func (s *API) addRelation(ctx context.Context, in *addRelationIn) (*body[AddedRelation], error) {
	library, n := requestOf(ctx).library, in.Body.NewRelation
	var out AddedRelation
	var err error
	if in.Body.DryRun {
		out.Related, out.Impact, err = s.Relations.WouldAdd(ctx, library, in.ID, n)
	} else {
		out.Related, err = s.Relations.Add(ctx, library, in.ID, n)
	}
	if err != nil {
		return nil, err
	}
	return &body[AddedRelation]{out}, nil
}

func related(x dam.Related, err error) (*body[dam.Related], error) {
	if err != nil {
		return nil, err
	}
	return &body[dam.Related]{x}, nil
}

type relationIn struct {
	ByID
	Relation string `path:"relation" maxLength:"64"`
}

func (s *API) removeRelation(ctx context.Context, in *relationIn) (*nothing, error) {
	return done(s.Relations.Remove(ctx, requestOf(ctx).library, in.ID, in.Relation))
}

type confirmRelationIn struct {
	ByID
	Relation string `path:"relation" maxLength:"64"`
	Body     struct {
		Version *int `json:"version,omitempty" minimum:"0" doc:"Number of the source's version that the asset is right for, or was made from; the newest if absent"`
	}
}

func (s *API) confirmRelation(ctx context.Context, in *confirmRelationIn) (*body[dam.Related], error) {
	return related(s.Relations.Confirm(ctx, requestOf(ctx).library, in.ID, in.Relation, in.Body.Version))
}
