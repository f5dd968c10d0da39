package ingest

import (
	"context"
	"errors"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/reasons"
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

// TakeIn makes a quarantined file an asset, which a later version of the program may be able to, and returns the
// asset's id. The same bytes may have become an asset meanwhile: then that is the one, and the file is let go of. The
// error is NotFound for a file that is no longer in quarantine, and for one whose bytes were not kept.
func (s *Service) TakeIn(ctx context.Context, library, id string) (asset string, err error) {
	held, err := s.Catalog.Uploads().HeldFile(ctx, library, id)
	if err == nil && held.Key == "" {
		err = &dam.Error{Code: dam.NotFound, Reason: reasons.BytesNotKept()}
	}
	if err != nil {
		return "", err
	}
	o, err := s.Store.Open(ctx, held.Key)
	if err != nil {
		return "", err
	}
	defer func() { _ = o.Close() }()
	f, err := s.Spool(ctx, o)
	if err != nil {
		return "", err
	}
	defer func() { _ = f.Remove() }()
	r, err := s.Ingest(ctx, f, Upload{Library: library, FileName: held.FileName, Quarantine: id})
	var twin *DuplicateError
	if errors.As(err, &twin) {
		err = s.Unquarantine(ctx, library, id)
		r.Asset.ID = twin.Asset
	}
	return r.Asset.ID, err
}
