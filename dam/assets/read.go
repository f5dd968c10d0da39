package assets

import (
	"context"
	"slices"

	"vitrine/dam"
	"vitrine/dam/reasons"
)

// Get returns an asset of a library that the actor sees.
func (s *Service) Get(ctx context.Context, library, id string) (dam.Asset, error) {
	return s.Catalog.Assets().Asset(ctx, library, id)
}

// List returns assets by id, of any library; those that no longer exist are absent.
func (s *Service) List(ctx context.Context, ids []string) ([]dam.Asset, error) {
	return s.Catalog.Assets().List(ctx, ids)
}

// WithBytes returns the id of the asset whose file has a SHA-256, "" when there is none.
func (s *Service) WithBytes(ctx context.Context, library, sha256 string) (string, error) {
	return s.Catalog.Assets().AssetWithBytes(ctx, library, sha256)
}

// Scan returns assets of all libraries by number, starting behind a number, with those in the bin. Fewer than limit
// means the end.
func (s *Service) Scan(ctx context.Context, after uint32, limit int) ([]dam.Asset, error) {
	return s.Catalog.Assets().Scan(ctx, after, limit)
}

// Versions returns an asset's versions that the actor sees, the newest first.
func (s *Service) Versions(ctx context.Context, asset string) ([]dam.Version, error) {
	list, err := s.Catalog.Versions().List(ctx, asset)
	if err != nil || len(list) == 0 {
		return list, err
	}
	a, err := s.Catalog.Assets().Asset(ctx, "", asset)
	if err != nil || dam.ActorOf(ctx).SeesUnapproved(&a) {
		return list, err
	}
	return slices.DeleteFunc(list, func(v dam.Version) bool { return v.ID != a.Live }), nil
}

// Version returns one version, if the actor sees it.
func (s *Service) Version(ctx context.Context, id string) (dam.Version, error) {
	v, err := s.Catalog.Versions().Version(ctx, id)
	if err != nil {
		return v, err
	}
	a, err := s.Catalog.Assets().Asset(ctx, "", v.Asset)
	if err == nil && v.ID != a.Live && !dam.ActorOf(ctx).SeesUnapproved(&a) {
		err = &dam.Error{Code: dam.NotFound, Reason: reasons.NotFound("version", id)}
	}
	return v, err
}
