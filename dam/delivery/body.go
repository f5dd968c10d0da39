package delivery

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"slices"
	"time"

	"vitrine/dam"
	"vitrine/dam/reasons"
	"vitrine/storage"
)

// Whole reports whether Body can give the variant; otherwise use Open.
func (s *Service) Whole(v *Variant) bool { return v.Size <= s.opt.MaxBody }

// Body returns the variant's bytes, from memory or, once for all who ask at the same
// time, from storage. They are not to be changed. Bytes that don't have the
// catalogue's hash are never given: dam.Unavailable, and the log says what is wrong.
func (s *Service) Body(ctx context.Context, v *Variant, admit RateCheck) ([]byte, error) {
	if b, ok := s.bodies.GetIfPresent(v.body()); ok { // before anything is allocated for a miss
		s.counts.bodyHits.Add(1)
		return b, nil
	}
	return s.body(ctx, v, admit, loadLimit, func(ctx context.Context) ([]byte, error) { return s.fetch(ctx, v) })
}

func (v *Variant) body() bodyKey { return bodyKey{v.Asset, v.Hash, v.Format.Ext()} }

// body returns what is in memory, or what get gives, once for all who ask meanwhile.
func (s *Service) body(ctx context.Context, v *Variant, admit RateCheck, limit time.Duration,
	get func(context.Context) ([]byte, error)) ([]byte, error) {
	k := v.body()
	if b, ok := s.bodies.GetIfPresent(k); ok {
		s.counts.bodyHits.Add(1)
		return b, nil
	}
	s.counts.bodyMisses.Add(1)
	if err := admit(); err != nil {
		return nil, err
	}
	// As in launch, the read is no request's own.
	result := s.reads.DoChan(k.asset+k.hash+k.ext, func() (any, error) {
		ctx, cancel := context.WithTimeout(public(context.Background()), limit)
		defer cancel()
		b, err := get(ctx)
		if err == nil {
			s.bodies.Set(k, b)
			return b, nil
		}
		var told *dam.Error
		if errors.As(err, &told) { // by an engine, about the original
			return nil, err
		}
		s.opt.Log.Error("delivery: a rendition can't be read", "key", v.key, "error", err)
		if lost(err) {
			s.drop(v.Asset) // made anew, perhaps, by a change whose event is still on its way
			return nil, errRemade(err)
		}
		return nil, errOut(err)
	})
	select {
	case r := <-result:
		if r.Err != nil {
			return nil, r.Err
		}
		return r.Val.([]byte), nil
	case <-ctx.Done():
		return nil, errOut(ctx.Err())
	}
}

// fetch reads a body from the node's disk or from storage, and checks it.
func (s *Service) fetch(ctx context.Context, v *Variant) ([]byte, error) {
	want, err := hex.DecodeString(v.sha256)
	if err != nil {
		return nil, err
	}
	right := func(b []byte) bool { sum := sha256.Sum256(b); return bytes.Equal(sum[:], want) }
	if s.disk != nil {
		if b := s.disk.get(v.body(), v.Size); b != nil && right(b) {
			s.counts.diskHits.Add(1)
			return b, nil
		}
		s.disk.remove(v.body().file()) // if it was there, it was damaged
	}
	b, err := storage.ReadWhole(ctx, s.store, v.key, storage.Sums{Size: v.Size, SHA256: v.sha256})
	if err != nil {
		return nil, err
	}
	s.counts.bodyBytes.Add(v.Size)
	if s.disk != nil {
		if err := s.disk.put(v.body(), b); err != nil {
			s.opt.Log.Warn("delivery: the disk cache can't be written", "error", err)
		}
	}
	return b, nil
}

// Open opens a variant that is too large for memory. ctx must live as long as the
// object is read; the caller closes it.
func (s *Service) Open(ctx context.Context, v *Variant, admit RateCheck) (storage.Object, error) {
	if err := admit(); err != nil {
		return nil, err
	}
	o, err := s.store.Open(public(ctx), v.key)
	if err != nil {
		s.opt.Log.Error("delivery: a rendition can't be opened", "key", v.key, "error", err)
		if lost(err) {
			return nil, errRemade(err)
		}
		return nil, errOut(err)
	}
	if o.Info().Size != v.Size {
		_ = o.Close()
		s.opt.Log.Error("delivery: a rendition has another size than the catalogue's", "key", v.key, "size",
			o.Info().Size)
		return nil, &dam.Error{Code: dam.Unavailable, Reason: reasons.NotAnswerableNow()}
	}
	return o, nil
}

// lost: the object is not there or not right, as the store has told its record, which has it made again.
func lost(err error) bool {
	return errors.Is(err, storage.ErrNotFound) || errors.Is(err, storage.ErrDamaged)
}

func errRemade(cause error) error {
	return &dam.Error{Code: dam.Unavailable, Reason: reasons.StoredFileBeingRemade(), Err: cause}
}

// Unreadable is what a request ends with whose open object could not be read, before a byte of it was sent.
func Unreadable(cause error) error {
	if lost(cause) {
		return errRemade(cause)
	}
	return errOut(cause)
}

// forget takes an asset's bodies out of memory and off the node's disk: an erased asset is nowhere.
func (s *Service) forget(asset string) {
	if s.disk != nil {
		s.disk.forget(asset)
	}
	for k := range s.bodies.Keys() {
		if k.asset == asset {
			s.bodies.Invalidate(k)
		}
	}
}

// sweep takes bodies off the node's disk whose assets were erased while the node was away.
func (s *Service) sweep(ctx context.Context) error {
	if s.disk == nil {
		return nil
	}
	for ids := range slices.Chunk(s.disk.assets(), 500) {
		there, err := s.cat.Public().Existing(ctx, ids)
		if err != nil {
			return err
		}
		for _, id := range ids {
			if !slices.Contains(there, id) {
				s.disk.forget(id)
			}
		}
	}
	return nil
}
