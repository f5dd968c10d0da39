package rendition

import (
	"context"
	"errors"
	"fmt"
	"os"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/jobs"
	"vitrine/dam/reasons"
	"vitrine/storage"
)

// original is a version's file while a rendition is made of it.
type original struct {
	storage.Object
	err error
}

func (s *Service) openOriginal(ctx context.Context, v *dam.Version) (*original, error) {
	o, err := s.Store.Open(ctx, dam.OriginalKey(v.SHA256))
	if err != nil {
		return nil, fmt.Errorf("original of %s: %w", v.ID, err)
	}
	return &original{Object: o}, nil
}

// Read implements io.Reader. What the storage lost is not the picture's fault.
func (o *original) Read(p []byte) (int, error) {
	n, err := o.Object.Read(p)
	if lost(err) {
		o.err = err
	}
	return n, err
}

// Whole implements storage.Filer.
func (o *original) Whole(ctx context.Context) (*os.File, error) {
	below, ok := o.Object.(storage.Filer)
	if !ok {
		return nil, errors.ErrUnsupported
	}
	f, err := below.Whole(ctx)
	if lost(err) {
		o.err = err
	}
	return f, err
}

// blame returns the storage's error in the place of an engine's about the same file.
func (o *original) blame(err error) error {
	if err != nil && o.err != nil {
		return o.err
	}
	return err
}

func lost(err error) bool {
	return errors.Is(err, storage.ErrDamaged) || errors.Is(err, storage.ErrNotFound)
}

// awaitOriginal ends a job whose original is lost or damaged: OriginalBack begins it anew. Renditions that were made
// before stay.
func (s *Service) awaitOriginal(ctx context.Context, v *dam.Version, cause error) error {
	if v.Renditions == dam.RenditionsReady {
		return jobs.Park(cause)
	}
	return errors.Join(s.refuse(ctx, v.ID, reasons.OriginalLostRenditionsWait()), jobs.Park(cause))
}

// OriginalBack makes the renditions that could not be made while an original was lost or damaged.
func (s *Service) OriginalBack(ctx context.Context, tx *catalog.Tx, sha256 string) error {
	ids, err := tx.Versions().VersionsThatFailed(ctx, sha256, reasons.OriginalLostRenditionsWait())
	if err != nil {
		return err
	}
	for _, id := range ids {
		_, v, err := lockVersion(ctx, tx, id)
		if err != nil {
			return err
		}
		v.Renditions = dam.RenditionsPending
		v.NoteRenditions()
		if err := tx.Versions().UpdateVersion(ctx, v); err != nil {
			return err
		}
		if err := s.PlanVersion(ctx, tx, id); err != nil {
			return err
		}
	}
	return nil
}

// Remake makes one stored rendition again, which is lost or damaged, from its original. It is false when its recipe is
// not what the version should have any more: then the version's renditions are brought up to date instead.
func (s *Service) Remake(ctx context.Context, key string) (bool, error) {
	row, found, err := s.Catalog.Renditions().RenditionByKey(ctx, key)
	if err != nil || !found {
		return false, err
	}
	v, err := s.Catalog.Versions().Version(ctx, row.Version)
	if err != nil {
		return false, err
	}
	a, err := s.Catalog.Assets().Asset(ctx, "", v.Asset)
	if err != nil {
		return false, err
	}
	have, err := s.Catalog.Renditions().List(ctx, v.ID)
	if err != nil {
		return false, err
	}
	want, err := recipes(ctx, s.Catalog, &a, &v, have)
	if err != nil {
		return false, err
	}
	for _, r := range want {
		if r.Name == row.Preset && r.Format == row.Format && r.hash == row.Hash {
			return true, s.remake(ctx, &v, r)
		}
	}
	return false, s.Catalog.Write(ctx, func(tx *catalog.Tx) error {
		return s.Jobs.Enqueue(ctx, tx, MakeArgs{Version: v.ID}, jobs.Options{Unique: true})
	})
}

func (s *Service) remake(ctx context.Context, v *dam.Version, r recipe) error {
	record := func(ctx context.Context, f finished) error {
		return s.Catalog.Write(ctx, func(tx *catalog.Tx) error { return tx.Objects().Attach(ctx, f.blob()) })
	}
	if r.Format.IsVideo() {
		engine, ok := s.Engine.(VideoMaker)
		if !ok {
			return &dam.Error{Code: dam.Unsupported, Reason: reasons.ServerMakesNoVideo()}
		}
		return s.videoTo(ctx, engine, v, r, func(float64) {}, record)
	}
	made, err := s.renderAll(ctx, v, []recipe{r})
	if err != nil {
		return err
	}
	for _, f := range made {
		if err := record(ctx, f); err != nil {
			return err
		}
	}
	return nil
}
