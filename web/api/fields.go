package api

import (
	"context"

	"vitrine/dam"
)

func (s *API) listFields(ctx context.Context, _ *nothing) (*items[dam.CustomField], error) {
	return listOf(s.Assets.Fields(ctx, requestOf(ctx).library))
}

type putFieldsIn struct {
	Body struct {
		Items []dam.CustomField `json:"items" nullable:"false" maxItems:"100" doc:"All fields, in their order; what is left out is removed"`
	}
}

func (s *API) putFields(ctx context.Context, in *putFieldsIn) (*items[dam.CustomField], error) {
	return listOf(s.Assets.SetFields(ctx, requestOf(ctx).library, in.Body.Items))
}
