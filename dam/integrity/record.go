// Package integrity protects stored objects from damage: it tells the verifying store what to expect, records damage,
// repairs what it can, and reads everything again within a month (the scrub).
package integrity

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/jobs"
	"vitrine/storage"
)

// Enqueuer adds a job to a transaction.
type Enqueuer interface {
	Enqueue(ctx context.Context, tx *catalog.Tx, args jobs.Args, o jobs.Options) error
}

// Catalog is the part of the catalogue that this package reads and changes.
type Catalog interface {
	catalog.Writer
	Epochs() catalog.Epochs
	Maintenance() catalog.Maintenance
	Mirror() catalog.Mirror
	Objects() catalog.Objects
	// Pin protects objects from the collector for a while although nothing refers to them.
	Pin(ctx context.Context, d time.Duration, blobs ...catalog.Blob) error
	CollectOrphan(ctx context.Context, b catalog.Blob, remove func(context.Context, string) error) (bool, error)
}

// Record is the catalogue in the form that storage.Verified needs.
type Record struct {
	Catalog Catalog
	Log     *slog.Logger
	// Jobs gets a RepairArgs for every damage; nil if no jobs are run.
	Jobs Enqueuer

	mu       sync.Mutex
	reported map[string]time.Time
}

var _ storage.Record = (*Record)(nil)

// Expect implements storage.Record.
func (r *Record) Expect(ctx context.Context, key string) (storage.Sums, bool, error) {
	b, err := r.Catalog.Objects().BlobByKey(ctx, key)
	if dam.CodeOf(err) == dam.NotFound {
		return storage.Sums{}, false, nil
	}
	return sumsOf(b), err == nil, err
}

func sumsOf(b catalog.Blob) storage.Sums {
	return storage.Sums{Size: b.Size, SHA256: b.SHA256, Blocks: b.Sums}
}

// sayAgain is how long a repeated damage is not recorded again.
const sayAgain = time.Minute

// Damaged implements storage.Record: it records damage found by a request.
func (r *Record) Damaged(ctx context.Context, key string, cause error) {
	now := time.Now()
	r.mu.Lock()
	if now.Sub(r.reported[key]) < sayAgain {
		r.mu.Unlock()
		return
	}
	if r.reported == nil || len(r.reported) > 10_000 {
		r.reported = map[string]time.Time{}
	}
	r.reported[key] = now
	r.mu.Unlock()
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	if _, err := r.note(ctx, key, dam.FoundByRead, cause); err != nil {
		r.Log.ErrorContext(ctx, "damage could not be recorded", "key", key, "damage", cause, "err", err)
		r.mu.Lock()
		delete(r.reported, key)
		r.mu.Unlock()
	}
}

// note records a damage and requests its repair. news is false if it is known already or is none. If it is known and
// still there, its repair is requested again, because the last one may have failed for lack of a source; but not if a
// reader found it.
func (r *Record) note(ctx context.Context, key, by string, cause error) (news bool, err error) {
	d := dam.Damage{Key: key, Problem: problemOf(cause), Detail: cause.Error(), FoundBy: by}
	news, err = catalog.Do(catalog.WithoutIdempotencyKey(ctx), r.Catalog, func(tx *catalog.Tx) (bool, error) {
		news, err := tx.Objects().RecordDamage(ctx, d)
		if err != nil || r.Jobs == nil {
			return news, err
		}
		again := false
		if !news && by != dam.FoundByRead {
			known, found, err := tx.Objects().Damage(ctx, key)
			if err != nil {
				return news, err
			}
			again = found && known.State == dam.DamageOpen
		}
		if news || again {
			err = r.Jobs.Enqueue(ctx, tx, RepairArgs{Key: key}, repairOptions())
		}
		return news, err
	})
	if news {
		r.Log.ErrorContext(ctx, "a stored object is damaged", "key", key, "problem", d.Problem, "found_by", by,
			"err", cause)
	}
	return news, err
}

func errAltered(there storage.Sums, b catalog.Blob) error {
	return fmt.Errorf("%w: %d bytes with the SHA-256 %s instead of %d with %s", storage.ErrDamaged, there.Size,
		there.SHA256, b.Size, b.SHA256)
}

func problemOf(cause error) dam.ObjectProblem {
	switch {
	case errors.Is(cause, storage.ErrNotFound):
		return dam.ObjectMissing
	case errors.Is(cause, storage.ErrDamaged), errors.Is(cause, storage.ErrChecksum):
		return dam.ObjectAltered
	}
	return dam.ObjectUnreadable
}
