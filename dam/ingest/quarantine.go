package ingest

import (
	"context"

	"vitrine/dam"
	"vitrine/dam/catalog"
)

// quarantineShown is how many files in quarantine are listed.
const quarantineShown = 1000

// Quarantined returns the files that a library has refused and keeps for a while.
func (s *Service) Quarantined(ctx context.Context, library string) ([]dam.Quarantined, error) {
	return s.Catalog.Uploads().Quarantined(ctx, library, quarantineShown)
}

// Unquarantine lets go of a file in quarantine.
func (s *Service) Unquarantine(ctx context.Context, library, id string) error {
	return s.Catalog.Write(ctx, func(tx *catalog.Tx) error { return tx.Uploads().Unquarantine(ctx, library, id) })
}
