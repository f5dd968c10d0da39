package rendition

import (
	"context"

	"vitrine/dam"
)

// Presets returns a library's presets.
func (s *Service) Presets(ctx context.Context, library string) ([]dam.Preset, error) {
	return s.Catalog.Presets().List(ctx, library)
}

// Renditions returns what has been made of a version.
func (s *Service) Renditions(ctx context.Context, version string) ([]dam.Rendition, error) {
	return s.Catalog.Renditions().List(ctx, version)
}

// Videos returns the video renditions of a version, also those that are being made.
func (s *Service) Videos(ctx context.Context, version string) ([]dam.VideoRendition, error) {
	return s.Catalog.Renditions().Videos(ctx, version)
}
