package integrity

import (
	"bytes"
	"context"
	"errors"
	"io"
	"time"

	"golang.org/x/time/rate"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/jobs"
	"vitrine/dam/reasons"
	"vitrine/storage"
)

const (
	// ScrubEvery is how often the scrub starts or continues. A slice ends with the first object that finishes after 50
	// seconds, so a large object prolongs it.
	ScrubEvery = time.Minute
	slice      = 50 * time.Second
	// ScrubTimeout is the timeout of the job: enough for one object of 12 TB at 20 MiB/s.
	ScrubTimeout = 7 * 24 * time.Hour
	page         = 100
	// saveEvery is how often the round's progress is saved.
	saveEvery = 5 * time.Second
	// keepRepairs is how long the record of a repaired damage is kept.
	keepRepairs = 90 * 24 * time.Hour
	// LeftFor is the age at which the remains of an unfinished write are removed.
	LeftFor = 24 * time.Hour

	defaultWithin = 30 * 24 * time.Hour
)

// ScrubArgs are the arguments of the job that reads stored objects again, from where it stopped; one job runs at a time
// over all nodes.
type ScrubArgs struct{}

// Kind implements jobs.Args.
func (ScrubArgs) Kind() string { return "integrity.scrub" }

// within returns the longest time between two reads of an object. A round begins half of it after the last round began;
// as long as a round takes no more than half of it, the limit is kept.
func (s *Service) within() time.Duration {
	if s.Within > 0 {
		return s.Within
	}
	return defaultWithin
}

// Status is the state of the scrub.
type Status struct {
	catalog.ScrubRound
	// Last is the last complete round, nil before the first.
	Last *catalog.ScrubRound `json:"last,omitempty"`
	// Running is whether a round is in progress.
	Running   bool  `json:"running"`
	Uncovered int64 `json:"uncovered" doc:"Objects without checksums of their blocks: they are served unverified until the scrub has read them"`
	Originals int   `json:"damaged_originals" doc:"Known damages of originals"`
	Others    int   `json:"damaged_others" doc:"Known damages of renditions and copies"`
	Erasures  int   `json:"lost_erasures" doc:"Records of erasures that can't be read: what they erased may be back after a restore"`
	Rate      int64 `json:"rate" doc:"Bytes a second at most; 0 when the scrub is switched off"`
	Days      int   `json:"days" doc:"An object is to be read again within so many days"`
	// Slow is whether the last round, or the current one so far, took longer than half of that: the rate is too low for
	// so many bytes.
	Slow bool `json:"slow"`
}

// Check returns an error with the code dam.Damaged for /readyz while objects are known to be damaged. The server is
// ready nevertheless.
func (s *Service) Check(ctx context.Context) error {
	originals, others, err := s.Catalog.Objects().DamageCounts(ctx)
	if err != nil {
		return err
	}
	e := &dam.Error{Code: dam.Damaged}
	switch n := s.lostErasures(); {
	case originals+others > 0 && n > 0:
		e.Reason = reasons.ObjectsDamagedRecordsLost(originals, others, n)
	case originals+others > 0:
		e.Reason = reasons.ObjectsDamaged(originals, others)
	case n > 0:
		e.Reason = reasons.ErasureRecordsLost(n)
	default:
		return nil
	}
	return e
}

func (s *Service) lostErasures() int {
	if s.LostErasures == nil {
		return 0
	}
	return s.LostErasures()
}

// Damages returns up to limit damages in a state ("" for any) with a key above after, ordered by key.
func (s *Service) Damages(ctx context.Context, state dam.DamageState, after string, limit int) ([]dam.Damage, error) {
	return s.Catalog.Objects().Damages(ctx, state, after, limit)
}

// AssetDamages returns the open damages of the objects that an asset needs.
func (s *Service) AssetDamages(ctx context.Context, asset string) ([]dam.Damage, error) {
	return s.Catalog.Objects().AssetDamages(ctx, asset)
}

// Status returns the state of the scrub.
func (s *Service) Status(ctx context.Context) (Status, error) {
	st, err := s.Catalog.Objects().Scrub(ctx)
	if err != nil {
		return Status{}, err
	}
	out := Status{ScrubRound: st.ScrubRound, Last: st.Last, Erasures: s.lostErasures(), Running: st.StartedAt != nil &&
		st.FinishedAt == nil, Rate: s.Rate, Days: int(s.within() / (24 * time.Hour))}
	if out.Originals, out.Others, err = s.Catalog.Objects().DamageCounts(ctx); err != nil {
		return out, err
	}
	out.Uncovered, err = s.Catalog.Objects().Uncovered(ctx)
	longest := s.within() / 2
	if out.Last != nil {
		out.Slow = out.Last.FinishedAt.Sub(*out.Last.StartedAt) > longest
	}
	if out.Running {
		out.Slow = out.Slow || time.Since(*out.StartedAt) > longest
	}
	return out, err
}

// Scrub runs the job: one slice of a round. It rests during a hold, because the server that this catalogue is a copy of
// may have replaced what the catalogue expects; real damage is still found after the release.
func (s *Service) Scrub(ctx context.Context, _ ScrubArgs, _ jobs.Info) error {
	if s.Rate <= 0 {
		return nil
	}
	if hold, err := s.Catalog.Epochs().Hold(ctx); err != nil || hold != nil {
		return err
	}
	st, err := s.Catalog.Objects().Scrub(ctx)
	if err != nil {
		return err
	}
	now := time.Now().UTC()
	if st.StartedAt == nil || st.FinishedAt != nil {
		if st.StartedAt != nil && now.Sub(*st.StartedAt) < s.within()/2 {
			return nil
		}
		st = catalog.ScrubState{ScrubRound: catalog.ScrubRound{StartedAt: &now}, Last: st.Last}
		if err := s.tidy(ctx, now); err != nil {
			return err
		}
	}
	err = s.round(ctx, &st)
	// However the slice ended, the next continues where it stopped.
	save, end := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer end()
	if ctx.Err() != nil {
		err = nil
	}
	return errors.Join(err, s.save(save, st))
}

func (s *Service) save(ctx context.Context, st catalog.ScrubState) error {
	return s.Catalog.Write(ctx, func(tx *catalog.Tx) error { return tx.Objects().PutScrub(ctx, st) })
}

// round reads objects in the order of their keys until there are no more or the slice is over. It stops between two
// objects, never within one, because a large one would be started again and again.
func (s *Service) round(ctx context.Context, st *catalog.ScrubState) error {
	limit := &throttle{clock: s.clock, limit: rate.NewLimiter(rate.Limit(s.Rate), storage.BlockSize)}
	if limit.clock == nil {
		limit.clock = machine{}
	}
	end := limit.Now().Add(slice)
	saved := time.Now()
	for {
		blobs, err := s.Catalog.Objects().Blobs(ctx, st.Cursor, page)
		if err != nil {
			return err
		}
		if len(blobs) == 0 {
			now := time.Now().UTC()
			st.FinishedAt = &now
			done := st.ScrubRound
			st.Cursor, st.Last = "", &done
			s.Log.InfoContext(ctx, "scrub: every object was read", "objects", done.Objects, "bytes", done.Bytes,
				"damaged", done.Damaged, "took", done.FinishedAt.Sub(*done.StartedAt))
			return nil
		}
		for _, b := range blobs {
			if !limit.Now().Before(end) {
				return nil
			}
			// PostgreSQL may be promoted while the server runs
			if hold, err := s.Catalog.Epochs().Hold(ctx); err != nil || hold != nil {
				return err
			}
			found, err := s.check(ctx, b, limit, dam.FoundByScrub, false)
			if err == nil {
				err = s.checkSecond(ctx, b, limit)
			}
			if err != nil {
				return err
			}
			st.Cursor = b.Key
			st.Objects++
			st.Bytes += found.read
			if found.covered {
				st.Covered++
			}
			if found.problem != "" {
				st.Damaged++
			}
			if time.Since(saved) > saveEvery {
				saved = time.Now()
				if err := s.save(ctx, *st); err != nil {
					return err
				}
			}
		}
	}
}

// finding is the result of checking one object.
type finding struct {
	read    int64
	covered bool              // whether its checksums were unknown before
	problem dam.ObjectProblem // "" if there is none
	news    bool              // whether the problem was unknown before
}

// check reads one object and compares it with its row. If look is set, it records nothing. The error is one of the
// store or the database, not of the object.
func (s *Service) check(ctx context.Context, b catalog.Blob, limit *throttle, by string, look bool) (f finding,
	err error) {
	there, err := sum(ctx, s.Store, b.Key, limit)
	if ctx.Err() != nil {
		return f, ctx.Err()
	}
	f.read = there.Size
	if err == nil && there.SHA256 != b.SHA256 {
		// It may have been replaced since its row was read.
		now, gone := s.Catalog.Objects().BlobByKey(ctx, b.Key)
		if dam.CodeOf(gone) == dam.NotFound || gone == nil && now.SHA256 == there.SHA256 {
			return f, nil
		}
		if gone != nil {
			return f, gone
		}
		err = errAltered(there, b)
	}
	if err != nil {
		return s.bad(ctx, b, by, look, f, err)
	}
	d, known, err := s.Catalog.Objects().Damage(ctx, b.Key)
	if err != nil {
		return f, err
	}
	f.covered = !sumsOf(b).Covered()
	if look || !f.covered && bytes.Equal(b.Sums, there.Blocks) && (!known || d.State != dam.DamageOpen) {
		return f, nil
	}
	b.Sums = there.Blocks
	return f, s.ended(ctx, b, dam.RepairedByItself)
}

// bad distinguishes a failure of the object from one of the store, and records the former.
func (s *Service) bad(ctx context.Context, b catalog.Blob, by string, look bool, f finding, cause error) (finding,
	error) {
	problem := problemOf(cause)
	switch problem {
	case dam.ObjectMissing:
		// It may not have been written yet, or is being deleted.
		if _, referenced, err := s.Catalog.Objects().BlobState(ctx, b.Key); err != nil || !referenced {
			return f, err
		}
	case dam.ObjectUnreadable:
		if down := s.Store.Check(ctx); down != nil {
			return f, down
		}
	}
	f.problem = problem
	if look {
		return f, nil
	}
	var err error
	f.news, err = s.note(ctx, b.Key, by, cause)
	return f, err
}

// checkSecond reads an object's copy in the mirror. A missing or damaged copy is queued: the mirror's service compares
// it again and rewrites it. That service also reports an unreachable mirror.
func (s *Service) checkSecond(ctx context.Context, b catalog.Blob, limit *throttle) error {
	if s.Second == nil {
		return nil
	}
	there, err := sum(ctx, s.Second, b.Key, limit)
	if ctx.Err() != nil || err == nil && there.SHA256 == b.SHA256 {
		return ctx.Err()
	}
	if err != nil && s.Second.Check(ctx) != nil { // on a disk that isn't mounted everything is missing
		return nil
	}
	if !errors.Is(err, storage.ErrNotFound) { // a missing one may only be late
		s.Log.WarnContext(ctx, "scrub: a copy in the second store is damaged, and is written again", "key", b.Key,
			"err", err)
	}
	return s.Catalog.Mirror().QueueMirror(ctx, b.Key)
}

// sum reads an object no faster than limit; nil means no limit.
func sum(ctx context.Context, from storage.Store, key string, limit *throttle) (storage.Sums, error) {
	o, err := from.Open(ctx, key)
	if err != nil {
		return storage.Sums{}, err
	}
	defer func() { _ = o.Close() }()
	summer := storage.NewSummer()
	buf := make([]byte, storage.BlockSize)
	for {
		n, err := o.Read(buf)
		_, _ = summer.Write(buf[:n]) // a hash never fails
		if err == io.EOF {
			return summer.Sums(), nil
		}
		if err == nil && limit != nil {
			err = limit.wait(ctx, n)
		}
		if err != nil {
			return storage.Sums{Size: summer.Size()}, err
		}
	}
}

// tidy removes the remains of unfinished writes, and the records of old repairs. If the store denies the former, as a
// bucket whose policy lacks s3:ListBucketMultipartUploads does, the scrub runs nevertheless.
func (s *Service) tidy(ctx context.Context, now time.Time) error {
	n, err := s.Clean(ctx, now.Add(-LeftFor))
	if n > 0 {
		s.Log.InfoContext(ctx, "scrub: what unfinished writes had left was removed", "items", n)
	}
	if err != nil {
		s.Log.WarnContext(ctx, "scrub: what unfinished writes left could not be removed", "err", err)
	}
	return s.Catalog.Write(ctx, func(tx *catalog.Tx) error {
		return tx.Objects().ForgetRepairs(ctx, now.Add(-keepRepairs))
	})
}

// layout are the key prefixes that belong to this server; other objects in the same bucket are not touched.
var layout = [...]string{"originals/", "renditions/", "copies/", "quarantine/", "imports/", "erasures/", "epochs/"}

// rowless are the prefixes of objects that have no rows in the catalogue, which are therefore no orphans.
var rowless = [...]string{"erasures/", "epochs/"}

// Clean removes the remains of writes that were interrupted before an instant, and returns how many. During a hold it
// removes nothing, because the store may also be another server's.
func (s *Service) Clean(ctx context.Context, before time.Time) (n int, err error) {
	if hold, err := s.Catalog.Epochs().Hold(ctx); err != nil || hold != nil {
		return 0, err
	}
	for _, prefix := range layout {
		k, err := s.Store.Clean(ctx, prefix, before)
		if n += k; err != nil {
			return n, err
		}
	}
	return n, nil
}
