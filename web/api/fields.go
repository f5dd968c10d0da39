package api

import (
	"context"

	"vitrine/dam"
)

// shownField is a field as who asks has it.
type shownField struct {
	dam.CustomField
	ReadOnly bool `json:"read_only,omitempty" doc:"Who asks doesn't edit it"`
}

func (s *API) listFields(ctx context.Context, _ *nothing) (*items[shownField], error) {
	library := requestOf(ctx).library
	list, err := s.Assets.Fields(ctx, library)
	out := make([]shownField, len(list))
	for i, f := range list {
		_, edits := dam.ActorOf(ctx).DecideField(library, f.Key)
		out[i] = shownField{f, !edits}
	}
	return listOf(out, err)
}

type putFieldsIn struct {
	Body struct {
		Items []dam.CustomField `json:"items" nullable:"false" maxItems:"100" doc:"All fields, in their order; what is left out is removed"`
	}
}

func (s *API) putFields(ctx context.Context, in *putFieldsIn) (*items[dam.CustomField], error) {
	return listOf(s.Assets.SetFields(ctx, requestOf(ctx).library, in.Body.Items))
}

// ByField names a field of the library's own. (It is exported for huma, which binds no unexported members.)
type ByField struct {
	Name   string `path:"name" maxLength:"40"`
	DryRun bool   `query:"dry_run" doc:"Change nothing: only count"`
}

type patchFieldIn struct {
	ByField
	Body map[string]any `doc:"Members of the field; what is left out stays, null clears"`
}

func (s *API) patchField(ctx context.Context, in *patchFieldIn) (*body[dam.FieldImpact], error) {
	i, err := s.Assets.ChangeField(ctx, requestOf(ctx).library, in.Name, in.Body, in.DryRun)
	if err != nil {
		return nil, err
	}
	return &body[dam.FieldImpact]{i}, nil
}

func (s *API) removeField(ctx context.Context, in *ByField) (*body[dam.FieldImpact], error) {
	i, err := s.Assets.DropField(ctx, requestOf(ctx).library, in.Name, in.DryRun)
	if err != nil {
		return nil, err
	}
	return &body[dam.FieldImpact]{i}, nil
}
