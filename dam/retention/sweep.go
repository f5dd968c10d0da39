// Package retention removes what has expired, and what may not be kept. A sweep empties the bin after 30 days, deletes
// objects a day after the last reference to them went, and removes quarantine, old log entries, spent idempotency keys
// and downloads with metadata. An erasure removes an asset or a person for good, from catalogue, history, index, caches
// and objects, and leaves a record in the store (ids only), so that a restored backup erases again what had been
// erased.
package retention

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/events"
	"vitrine/dam/jobs"
	"vitrine/storage"
)

// SweepArgs is the job that does one round of everything.
type SweepArgs struct{}

// Kind names the job in the queue.
func (SweepArgs) Kind() string { return "collect.sweep" }

// Purger removes an asset from the bin for good.
type Purger interface {
	Purge(ctx context.Context, library, id string) error
}

// Catalog is what this package reads and changes of the catalogue.
type Catalog interface {
	events.Log
	Assets() catalog.Assets
	Epochs() catalog.Epochs
	Objects() catalog.Objects
	Now() time.Time
	// Collect removes an object that nothing refers to any more.
	Collect(ctx context.Context, key string, before time.Time, remove func(context.Context, string) error) (bool, error)
	Tombstone(ctx context.Context) (int64, error)
}

// Service holds the periods; zero means the default.
type Service struct {
	Catalog Catalog
	Store   storage.Store
	Assets  Purger
	Log     *slog.Logger

	Bin        time.Duration // 30 days in the bin
	Tombstone  time.Duration // 24 hours between the last reference and the deletion
	Quarantine time.Duration // 30 days
	Events     time.Duration // 400 days of log
	Keys       time.Duration // 48 hours of idempotency keys
	// Publications is 3 years after the end, Runs 90 days after that of an import or a run of renditions.
	Publications, Runs time.Duration
	Copies             time.Duration // 7 days of downloads with metadata; they are made again when asked for
}

func or(d, fallback time.Duration) time.Duration {
	if d == 0 {
		return fallback
	}
	return d
}

const day = 24 * time.Hour

// Sweep is the job.
func (s *Service) Sweep(ctx context.Context, _ SweepArgs, _ jobs.Info) error {
	now := s.Catalog.Now() // the rows are of many nodes
	return errors.Join(
		s.emptyBin(ctx, now.Add(-or(s.Bin, 30*day))),
		s.Catalog.Write(ctx, func(tx *catalog.Tx) error {
			if err := tx.Uploads().ExpireQuarantine(ctx, now.Add(-or(s.Quarantine, 30*day))); err != nil {
				return err
			}
			if err := tx.Uploads().Reprocessings().Sweep(ctx, now.Add(-or(s.Quarantine, 30*day))); err != nil {
				return err
			}
			if _, err := tx.Assets().Collections().PurgeDeleted(ctx, now.Add(-or(s.Bin, 30*day))); err != nil {
				return err
			}
			if err := tx.Schedule().Drafts().ExpireDrafts(ctx, now.Add(-or(s.Bin, 30*day))); err != nil {
				return err
			}
			if err := tx.Renditions().ExpireMetadataCopies(ctx, now.Add(-or(s.Copies, 7*day))); err != nil {
				return err
			}
			publications, runs, tokens := s.records()
			if err := tx.Maintenance().ExpireRecords(ctx, catalog.RecordPeriods{Publications: publications, Runs: runs,
				Tokens: tokens}); err != nil {
				return err
			}
			return tx.Uploads().Sweep(ctx, now.Add(-or(s.Keys, 2*day)))
		}),
		s.Objects(ctx),
		events.Retain(ctx, s.Catalog, or(s.Events, keepEvents)),
	)
}

func (s *Service) emptyBin(ctx context.Context, before time.Time) error {
	for {
		ids, err := s.Catalog.Assets().Binned(ctx, before.UnixMicro(), 100)
		if err != nil || len(ids) == 0 {
			return err
		}
		for _, id := range ids {
			a, err := s.Catalog.Assets().Asset(ctx, "", id)
			if err == nil {
				err = s.Assets.Purge(ctx, a.Library, id)
			}
			if err != nil && dam.CodeOf(err) != dam.NotFound {
				return err
			}
		}
	}
}

// Objects tombstones what nothing refers to, and deletes what has been
// tombstoned long enough and still is not referred to. While the server holds, it does neither.
func (s *Service) Objects(ctx context.Context) error {
	if hold, err := s.Catalog.Epochs().Hold(ctx); err != nil || hold != nil {
		return err
	}
	n, err := s.Catalog.Tombstone(ctx)
	if n > 0 {
		s.Log.Info("objects tombstoned", "objects", n)
	}
	if err != nil {
		return err
	}
	before := s.Catalog.Now().Add(-or(s.Tombstone, day))
	for first := ""; ; {
		keys, err := s.Catalog.Objects().Tombstoned(ctx, before, 200)
		if err != nil || len(keys) == 0 || keys[0] == first { // which stays where it is: a hold has begun meanwhile
			return err
		}
		first = keys[0]
		for _, k := range keys {
			done, err := s.Catalog.Collect(ctx, k, before, s.Store.Delete)
			if err != nil {
				return err
			}
			if done {
				s.Log.Info("object deleted", "key", k)
			}
		}
	}
}
