// Package mirror keeps a second store like the first, behind its back: what is stored or deleted is put into a queue in
// the transaction that refers to it, so that an upload waits for nothing, and one node at a time works it off. Reading
// from the second store is storage.Verified's part.
package mirror

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/storage"
)

const (
	pollEvery = 2 * time.Second
	// A lease is renewed at a third of it while work goes on.
	defaultLease = time.Minute
	page         = 100
	fillPage     = 500
	copiers      = 4
	// A failed object is tried again after a time that doubles up to maxWait; a damaged one waits for its repair.
	minWait = 2 * time.Second
	maxWait = 10 * time.Minute

	erasures = "erasures/"
)

// Catalog is what this package reads and changes of the catalogue.
type Catalog interface {
	Epochs() catalog.Epochs
	Mirror() catalog.Mirror
	Objects() catalog.Objects
	Now() time.Time
}

// Service works the queue off.
type Service struct {
	Catalog Catalog
	// First is the store itself, not the one that verifies; Second follows it.
	First, Second storage.Store
	// Record is told of objects that are damaged in First; nil tells nobody.
	Record storage.Record
	Node   string
	Log    *slog.Logger
	// Lease is for how long a node that doesn't answer keeps others from its work; a minute when 0.
	Lease time.Duration
}

// Start takes the second store into use. What it lacks is found out by Run: the store itself may be away.
func (s *Service) Start(ctx context.Context) error {
	return s.Catalog.Mirror().UseMirror(ctx, s.Second.String())
}

// sweep puts what the second store has and the catalogue doesn't know into the queue.
func (s *Service) sweep(ctx context.Context) error {
	for _, prefix := range []string{"originals/", "renditions/", "copies/"} {
		for info, err := range s.Second.List(ctx, prefix) {
			if err != nil {
				return fmt.Errorf("the second store: %w", err)
			}
			known, _, err := s.Catalog.Objects().BlobState(ctx, info.Key)
			if err == nil && !known {
				err = s.Catalog.Mirror().QueueMirror(ctx, info.Key)
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// Run works until ctx ends.
func (s *Service) Run(ctx context.Context) error {
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	for {
		if err := s.Sync(ctx); err != nil && ctx.Err() == nil {
			s.Log.WarnContext(ctx, "the second store is not followed", "again_in", maxWait/10, "err", err)
			select {
			case <-ctx.Done():
			case <-time.After(maxWait / 10):
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// Sync works off what is due, unless another node does or the catalogue holds what would leave the server: a restored
// one must not touch a store that the original may still follow. What fails stays in the queue; an error is the
// catalogue's, or one of listing a store.
func (s *Service) Sync(ctx context.Context) error {
	for {
		if hold, err := s.Catalog.Epochs().Hold(ctx); err != nil || hold != nil {
			return err
		}
		items, err := s.Catalog.Mirror().MirrorDue(ctx, s.Catalog.Now(), page)
		if err != nil {
			return err
		}
		lag, err := s.Catalog.Mirror().MirrorLag(ctx)
		if err != nil || lag == nil || len(items) == 0 && !lag.Filling {
			return err
		}
		mine, err := s.leased(ctx, func(ctx context.Context) error {
			if len(items) == 0 {
				return s.fill(ctx, lag.Resumed)
			}
			return s.work(ctx, items)
		})
		if err != nil || !mine {
			return err
		}
	}
}

// leased does something while this node has the lease; it is cancelled when another takes that. mine is false when
// this node didn't have it, or not until the end.
func (s *Service) leased(ctx context.Context, do func(context.Context) error) (mine bool, err error) {
	lease := s.Lease
	if lease == 0 {
		lease = defaultLease
	}
	if mine, err = s.Catalog.Mirror().LeaseMirror(ctx, s.Node, lease); err != nil || !mine {
		return false, err
	}
	work, cancel := context.WithCancelCause(ctx)
	var group errgroup.Group
	group.Go(func() error {
		return dam.Protect("second store's lease", func() error {
			end := time.Now().Add(lease)
			tick := time.NewTicker(lease / 3)
			defer tick.Stop()
			for {
				select {
				case <-work.Done():
					return nil
				case <-tick.C:
				}
				began := time.Now()
				mine, err := s.Catalog.Mirror().LeaseMirror(work, s.Node, lease)
				switch {
				case err == nil && mine:
					end = began.Add(lease)
				case err == nil || time.Until(end) < lease/3: // a database that fails once has more tries
					cancel(errLost)
				}
			}
		})
	})
	err = dam.Protect("second store", func() error { return do(work) })
	lost := errors.Is(context.Cause(work), errLost)
	cancel(nil)
	_ = group.Wait()
	if lost {
		s.Log.WarnContext(ctx, "another node has taken the second store over")
		return false, nil
	}
	return true, err
}

var errLost = errors.New("another node has the lease")

// fill queues the next of what was stored before, the records of erasures last.
func (s *Service) fill(ctx context.Context, resumed bool) error {
	if resumed {
		if err := s.sweep(ctx); err != nil {
			return err
		}
		return s.Catalog.Mirror().MirrorSwept(ctx)
	}
	more, err := s.Catalog.Mirror().FillMirror(ctx, fillPage)
	if err != nil || more {
		return err
	}
	for info, err := range s.First.List(ctx, erasures) {
		if err == nil {
			err = s.Catalog.Mirror().QueueMirror(ctx, info.Key)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) work(ctx context.Context, items []catalog.MirrorItem) error {
	failures := make([]error, len(items))
	group, work := errgroup.WithContext(ctx)
	group.SetLimit(copiers)
	for i, item := range items {
		group.Go(func() error {
			failures[i] = dam.Protect("second store", func() error { return s.one(work, item.Key) })
			return work.Err()
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	var done []catalog.MirrorItem
	for i, item := range items {
		if failures[i] == nil {
			done = append(done, item)
			continue
		}
		if errors.Is(failures[i], dam.ErrHeld) { // it began meanwhile; due as it was
			continue
		}
		wait := min(minWait<<min(item.Tries, 20), maxWait)
		if item.Tries == 0 {
			s.Log.WarnContext(ctx, "the second store lacks an object", "key", item.Key, "again_in", wait, "err",
				failures[i])
		}
		if err := s.Catalog.Mirror().MirrorFailed(ctx, item, s.Catalog.Now().Add(wait),
			failures[i].Error()); err != nil {
			return err
		}
	}
	return s.Catalog.Mirror().MirrorDone(ctx, done...)
}

// one makes the second store like the first for one key.
func (s *Service) one(ctx context.Context, key string) error {
	if err := s.Catalog.Epochs().RefuseHeld(ctx); err != nil {
		return err
	}
	if strings.HasPrefix(key, erasures) {
		return s.copy(ctx, key, catalog.Blob{Key: key, Size: -1})
	}
	b, err := s.Catalog.Objects().BlobByKey(ctx, key)
	if dam.CodeOf(err) == dam.NotFound {
		// The catalogue's word is needed, not the first store's: that may have lost it.
		return s.Second.Delete(ctx, key)
	}
	if err != nil {
		return err
	}
	if err := s.copy(ctx, key, b); err != nil {
		return err
	}
	// Deleted meanwhile, perhaps by a node that has taken the work over: nobody would look at it again.
	if _, err := s.Catalog.Objects().BlobByKey(ctx, key); dam.CodeOf(err) == dam.NotFound {
		return s.Second.Delete(ctx, key)
	} else if err != nil {
		return err
	}
	return nil
}

func (s *Service) copy(ctx context.Context, key string, b catalog.Blob) error {
	promise := storage.PutOptions{Size: b.Size, SHA256: b.SHA256}
	err := s.give(ctx, key, promise, s.Second.Put)
	if !errors.Is(err, storage.ErrExists) || b.SHA256 == "" { // the record of an erasure never changes
		return ignore(err, storage.ErrExists)
	}
	if there, err := storage.SumObject(ctx, s.Second, key); err == nil && there.SHA256 == b.SHA256 {
		return nil
	}
	return s.give(ctx, key, promise, s.Second.Replace)
}

func ignore(err, what error) error {
	if errors.Is(err, what) {
		return nil
	}
	return err
}

// give has the second store take an object of the first. Damage of the first goes to the record, never to the second.
func (s *Service) give(ctx context.Context, key string, promise storage.PutOptions,
	write func(context.Context, string, io.Reader, storage.PutOptions) error) error {
	from, err := s.First.Open(ctx, key)
	if err != nil {
		s.damaged(ctx, key, err)
		return err
	}
	defer func() { _ = from.Close() }()
	verified, err := storage.NewVerifier(ctx, from, promise)
	if err != nil {
		return err
	}
	r := &source{Reader: verified}
	err = write(ctx, key, r, promise)
	if r.err != nil {
		s.damaged(ctx, key, r.err)
	}
	return err
}

// damaged records what is wrong with the object itself. A store that is away or slow says nothing about its objects.
func (s *Service) damaged(ctx context.Context, key string, err error) {
	if s.Record != nil && ctx.Err() == nil && (errors.Is(err, storage.ErrDamaged) ||
		errors.Is(err, storage.ErrChecksum) || errors.Is(err, storage.ErrNotFound)) {
		s.Record.Damaged(ctx, key, err)
	}
}

// source remembers the error of what it reads, to tell it from that of the store it is written to.
type source struct {
	io.Reader
	err error
}

func (s *source) Read(p []byte) (int, error) {
	n, err := s.Reader.Read(p)
	if err != nil && err != io.EOF {
		s.err = err
	}
	return n, err
}
