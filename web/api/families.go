package api

import (
	"context"

	"vitrine/dam"
	"vitrine/dam/products"
)

func familyAnswer(f dam.Family, err error) (*tagged[dam.Family], error) {
	if err != nil {
		return nil, err
	}
	return &tagged[dam.Family]{etag(f.Revision), f}, nil
}

func (s *API) listFamilies(ctx context.Context, _ *nothing) (*items[dam.Family], error) {
	return listOf(s.Products.Families(ctx, requestOf(ctx).library))
}

type createFamilyIn struct {
	Body struct {
		Key string `json:"key" minLength:"1" maxLength:"40" doc:"Lower-case letters, digits and hyphens; it can't be changed later"`
		products.FamilyFields
	}
}

func (s *API) createFamily(ctx context.Context, in *createFamilyIn) (*tagged[dam.Family], error) {
	return familyAnswer(s.Products.CreateFamily(ctx, requestOf(ctx).library, in.Body.Key, in.Body.FamilyFields))
}

// ByFamily names one family in the path, with the revision seen.
type ByFamily struct {
	Key     string `path:"key" maxLength:"40"`
	IfMatch string `header:"If-Match" doc:"ETag of the state this is based on; 412 when it has changed"`
}

func (s *API) getFamily(ctx context.Context, in *ByFamily) (*tagged[dam.Family], error) {
	return familyAnswer(s.Products.Family(ctx, requestOf(ctx).library, in.Key))
}

type putFamilyIn struct {
	ByFamily
	Body products.FamilyFields
}

func (s *API) putFamily(ctx context.Context, in *putFamilyIn) (*tagged[dam.Family], error) {
	rev, err := revision(in.IfMatch)
	if err != nil {
		return nil, err
	}
	return familyAnswer(s.Products.ChangeFamily(ctx, requestOf(ctx).library, in.Key, rev, in.Body))
}

func (s *API) deleteFamily(ctx context.Context, in *ByFamily) (*nothing, error) {
	rev, err := revision(in.IfMatch)
	if err != nil {
		return nil, err
	}
	return done(s.Products.DeleteFamily(ctx, requestOf(ctx).library, in.Key, rev))
}
