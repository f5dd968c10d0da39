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

// RepairArgs is the job that repairs one object, if it can be.
type RepairArgs struct {
	Key string `json:"key" river:"unique"`
}

// Kind implements jobs.Args.
func (RepairArgs) Kind() string { return "integrity.repair" }

// Renditions makes pictures and videos again.
type Renditions interface {
	// Remake makes a stored rendition again; false when it can't, because its recipe has changed.
	Remake(ctx context.Context, key string) (bool, error)
	// OriginalBack makes what could not be made while an original was damaged.
	OriginalBack(ctx context.Context, tx *catalog.Tx, sha256 string) error
}

// Service finds and repairs damage.
type Service struct {
	*Record
	// Store is the store itself, not the one that verifies: everything is compared here.
	Store storage.Store
	// Sources have copies of objects under the same keys: a second store, a backup.
	Sources []storage.Store
	// Second follows Store, and is written to by its own service alone: the scrub reads it too, and has what is wrong
	// written again; nil for none.
	Second     storage.Store
	Renditions Renditions
	// LostErasures tells how many records of erasures can't be read (see erasure.Service.LostRecords); nil for none.
	LostErasures func() int
	// Rate bounds how fast the scrub reads, in bytes a second; 0 reads nothing.
	Rate int64
	// Within is how long after one reading of an object the next comes, at the latest; 30 days when zero.
	Within time.Duration

	clock clock // of the scrub; nil is the machine's
}

const (
	// repairTries are a day's worth of a job's attempts, for a source that is away.
	repairTries = 10
	// heldFor is how long a repair waits before it looks again whether the server still holds.
	heldFor = time.Minute
)

// repairOptions are those of the job.
func repairOptions() jobs.Options { return jobs.Options{Unique: true, Max: repairTries} }

// ErrNoSource says that the object is damaged still, because nothing has its bytes.
var ErrNoSource = errors.New("no source has the right bytes")

// Repair is the job. What can't be repaired stays recorded as damaged. It waits for the release of a hold: until then
// the store may be another server's too.
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

// RepairObject brings back what the catalogue says is stored under a key, and says from where: dam.RepairedByItself
// when nothing is wrong with it. The error is ErrNoSource when that can't be, and dam.Unavailable too when a source did
// not answer that may have it.
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

// makeAgain is the way back of an object that no source has.
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
		// Made again when somebody asks for it.
		return dam.RepairedByRendering,
			s.Catalog.Write(ctx, func(tx *catalog.Tx) error { return tx.Renditions().ForgetCopy(ctx, key) })
	}
	return "", ErrNoSource
}

// copyFrom replaces an object by a source's, whose every byte is compared on the way.
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

// ended records that an object was found right, or made so.
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
