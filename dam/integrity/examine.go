package integrity

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/storage"
)

// readers is how many objects Examine reads at once.
const readers = 4

// Examine reads every object that the catalogue has recorded, at full speed, and records what it finds, as the scrub
// does. If look is set, it records nothing. bad is called for each damaged object, one at a time; progress after each
// object.
func (s *Service) Examine(ctx context.Context, look bool, progress func(objects int, bytes int64),
	bad func(catalog.Blob, dam.ObjectProblem) error) error {
	g, work := errgroup.WithContext(ctx)
	g.SetLimit(readers)
	var mu sync.Mutex
	objects, bytes := 0, int64(0)
	after := ""
	for work.Err() == nil {
		list, err := s.Catalog.Objects().Blobs(work, after, page)
		if err != nil {
			return errors.Join(err, g.Wait())
		}
		if len(list) == 0 {
			break
		}
		after = list[len(list)-1].Key
		for _, b := range list {
			g.Go(func() error {
				var f finding
				if err := dam.Protect("examining an object", func() (err error) {
					f, err = s.check(work, b, nil, dam.FoundByRepair, look)
					return err
				}); err != nil {
					return err
				}
				mu.Lock()
				defer mu.Unlock()
				objects++
				bytes += f.read
				progress(objects, bytes)
				if f.problem == "" {
					return nil
				}
				return bad(b, f.problem)
			})
		}
	}
	if err := g.Wait(); err != nil {
		return err
	}
	return ctx.Err()
}

// Source returns the source that has an object's right bytes, or nil if there is none.
func (s *Service) Source(ctx context.Context, b catalog.Blob) (storage.Store, error) {
	for _, source := range s.Sources {
		sums, err := storage.SumObject(ctx, source, b.Key)
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if err == nil && sums.SHA256 == b.SHA256 {
			return source, nil
		}
	}
	return nil, nil
}

// Ask makes the server repair an object that only the server can repair: a rendition.
func (s *Service) Ask(ctx context.Context, queue Enqueuer, key string) error {
	return s.Catalog.Write(ctx, func(tx *catalog.Tx) error {
		return queue.Enqueue(ctx, tx, RepairArgs{Key: key}, repairOptions())
	})
}

// Orphans finds objects of this server's layout that the catalogue doesn't know. An object's row is committed before
// the object is written and deleted after it, so an object without a row has either been deleted by now or belongs to
// nobody.
func (s *Service) Orphans(ctx context.Context, found func(storage.Info) error) error {
	for _, prefix := range layout {
		if slices.Contains(rowless[:], prefix) {
			continue
		}
		for info, err := range s.Store.List(ctx, prefix) {
			if err != nil {
				return err
			}
			known, _, err := s.Catalog.Objects().BlobState(ctx, info.Key)
			if err != nil {
				return err
			}
			if known {
				continue
			}
			if _, err := s.Store.Stat(ctx, info.Key); errors.Is(err, storage.ErrNotFound) {
				continue
			} else if err != nil {
				return err
			}
			if err := found(info); err != nil {
				return err
			}
		}
	}
	return nil
}

// RemoveOrphan deletes an object that the catalogue doesn't know as the collector does, so that a concurrent write of
// the same object wins. It returns false if the object is needed by now. During a hold the error is dam.Conflict: the
// server that this catalogue is a copy of may need the object.
func (s *Service) RemoveOrphan(ctx context.Context, info storage.Info) (bool, error) {
	return s.Catalog.CollectOrphan(ctx, catalog.Blob{Key: info.Key, SHA256: storage.KeySHA256(info.Key),
		Size: info.Size}, s.Store.Delete)
}

// Claim records an original that versions refer to but that has lost its row.
func (s *Service) Claim(ctx context.Context, key string) error {
	sums, err := storage.SumObject(ctx, s.Store, key)
	if err != nil {
		return err
	}
	if sums.SHA256 != storage.KeySHA256(key) {
		return errAltered(sums, catalog.Blob{Key: key, SHA256: storage.KeySHA256(key)})
	}
	b := catalog.Blob{Key: key, SHA256: sums.SHA256, Size: sums.Size, Sums: sums.Blocks}
	if err := s.Catalog.Pin(ctx, time.Hour, b); err != nil {
		return err
	}
	return s.Catalog.Write(ctx, func(tx *catalog.Tx) error { return tx.Objects().Attach(ctx, b) })
}

// Original reports whether a key is an original's.
func Original(key string) bool { return strings.HasPrefix(key, "originals/") }
