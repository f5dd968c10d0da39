package integrity

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/jobs"
	"vitrine/dam/reasons"
	"vitrine/storage"
)

// RepairArgs are the arguments of a job that repairs one object if possible.
type RepairArgs struct {
	Key string `json:"key" river:"unique"`
}

// Kind implements jobs.Args.
func (RepairArgs) Kind() string { return "integrity.repair" }

// Renditions remakes pictures and videos.
type Renditions interface {
	// Remake makes a stored rendition again; it returns false if that is impossible because the recipe has changed.
	Remake(ctx context.Context, key string) (bool, error)
	// OriginalBack makes the renditions that could not be made while an original was damaged.
	OriginalBack(ctx context.Context, tx *catalog.Tx, sha256 string) error
}

// Service finds and repairs damage.
type Service struct {
	*Record
	// Store is the store itself, not the verifying one: this package verifies everything.
	Store storage.Store
	// Sources have copies of objects under the same keys: a mirror, a backup.
	Sources []storage.Store
	// Second is the mirror of Store, written only by the mirror's own service: the scrub reads it too, and queues what
	// is wrong to be written again. It is nil if there is none.
	Second     storage.Store
	Renditions Renditions
	// LostErasures returns how many records of erasures can't be read (see erasure.Service.LostRecords); nil for none.
	LostErasures func() int
	// Rate bounds how fast the scrub reads, in bytes per second; 0 switches it off.
	Rate int64
	// Within is the longest time between two reads of an object; 30 days when zero.
	Within time.Duration

	clock clock // the scrub's clock; nil means the machine's
}

const (
	// repairTries is enough attempts for a day, in case a source is unreachable.
	repairTries = 10
	// heldFor is how long a repair waits before it checks again whether the server still holds.
	heldFor = time.Minute
)

// repairOptions returns the options of the repair job.
func repairOptions() jobs.Options { return jobs.Options{Unique: true, Max: repairTries} }

// ErrNoSource means that the object is still damaged, because no source has its bytes.
var ErrNoSource = errors.New("no source has the right bytes")

// Repair runs the job. What can't be repaired stays recorded as damaged. It waits for the release of a hold, because
// until then the store may also be another server's.
func (s *Service) Repair(ctx context.Context, args RepairArgs, _ jobs.Info) error {
	if hold, err := s.Catalog.Epochs().Hold(ctx); err != nil {
		return err
	} else if hold != nil {
		return jobs.Snooze(heldFor)
	}
	d, found, err := s.Catalog.Objects().Damage(ctx, args.Key)
	if err != nil || !found || d.State != dam.DamageOpen {
		return err
	}
	from, err := s.RepairObject(ctx, args.Key)
	switch {
	case dam.CodeOf(err) == dam.Unavailable:
		return err // tried again
	case errors.Is(err, ErrNoSource):
		s.Log.WarnContext(ctx, "a damaged object can't be repaired from here", "key", args.Key, "remedy",
			"vitrine repair --from a backup or another store, or upload the same file again")
		return nil
	case err == nil:
		s.Log.InfoContext(ctx, "a damaged object was repaired", "key", args.Key, "from", from)
		return nil
	}
	var refused *dam.Error
	if errors.As(err, &refused) {
		return jobs.Park(err)
	}
	return err
}

// RepairObject restores the object that the catalogue expects under a key, and returns where it came from:
// dam.RepairedByItself if it is intact. The error is ErrNoSource if it can't be repaired, and also dam.Unavailable if a
// source that may have it is unreachable.
func (s *Service) RepairObject(ctx context.Context, key string) (from string, err error) {
	b, err := s.Catalog.Objects().BlobByKey(ctx, key)
	if dam.CodeOf(err) == dam.NotFound {
		return "", nil // collected meanwhile
	}
	if err != nil {
		return "", err
	}
	if there, err := storage.SumObject(ctx, s.Store, key); err == nil && there.SHA256 == b.SHA256 {
		b.Sums = there.Blocks
		return dam.RepairedByItself, s.ended(ctx, b, dam.RepairedByItself)
	} else if ctx.Err() != nil {
		return "", ctx.Err()
	}
	var silent []error
	for _, source := range s.Sources {
		b, err := s.copyFrom(ctx, source, b)
		if err == nil {
			return source.String(), s.ended(ctx, b, source.String())
		}
		if ctx.Err() != nil {
			return "", ctx.Err()
		}
		if errors.Is(err, dam.ErrHeld) {
			return "", err
		}
		if !errors.Is(err, storage.ErrNotFound) && !errors.Is(err, storage.ErrChecksum) &&
			!errors.Is(err, storage.ErrDamaged) {
			s.Log.WarnContext(ctx, "a source could not be read", "source", source.String(), "key", key, "err", err)
			silent = append(silent, err)
		}
	}
	from, err = s.makeAgain(ctx, key)
	if errors.Is(err, ErrNoSource) && silent != nil {
		err = &dam.Error{Code: dam.Unavailable,
			Reason: reasons.RepairSourceUnreadable(), Err: errors.Join(append(silent, err)...)}
	}
	return from, err
}

// makeAgain remakes an object that no source has.
func (s *Service) makeAgain(ctx context.Context, key string) (from string, err error) {
	switch {
	case strings.HasPrefix(key, "renditions/") && s.Renditions != nil:
		done, err := s.Renditions.Remake(ctx, key)
		if err != nil {
			if errors.Is(err, storage.ErrDamaged) || errors.Is(err, storage.ErrNotFound) {
				return "", fmt.Errorf("%w: its original is damaged too", ErrNoSource)
			}
			return "", err
		}
		if !done {
			return "", fmt.Errorf("%w: its preset has changed since", ErrNoSource)
		}
		return dam.RepairedByRendering, nil
	case strings.HasPrefix(key, "copies/"):
		// Made again when it is requested.
		return dam.RepairedByRendering,
			s.Catalog.Write(ctx, func(tx *catalog.Tx) error { return tx.Renditions().ForgetCopy(ctx, key) })
	}
	return "", ErrNoSource
}

// copyFrom replaces an object by a source's, verifying every byte.
func (s *Service) copyFrom(ctx context.Context, source storage.Store, b catalog.Blob) (catalog.Blob, error) {
	o, err := source.Open(ctx, b.Key)
	if err != nil {
		return b, err
	}
	defer func() { _ = o.Close() }()
	var sums storage.Sums
	err = s.Store.Replace(ctx, b.Key, o, storage.PutOptions{Size: b.Size, SHA256: b.SHA256, Sums: &sums})
	b.Sums = sums.Blocks
	return b, err
}

// ended records that an object was found intact or has been repaired.
func (s *Service) ended(ctx context.Context, b catalog.Blob, source string) error {
	return s.Catalog.Write(catalog.WithoutIdempotencyKey(ctx), func(tx *catalog.Tx) error {
		if _, err := tx.Objects().Cover(ctx, b); err != nil {
			return err
		}
		was, err := tx.Objects().EndDamage(ctx, b, source)
		if err != nil || !was || s.Renditions == nil || !strings.HasPrefix(b.Key, "originals/") {
			return err
		}
		return s.Renditions.OriginalBack(ctx, tx, b.SHA256)
	})
}
